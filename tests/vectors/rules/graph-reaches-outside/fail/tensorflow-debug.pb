K
"serve*2.21.08
6
dDebugIdentityx*

debug_urls
grpc://evil:1