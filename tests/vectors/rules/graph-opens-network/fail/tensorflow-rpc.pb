&
"serve*2.21.0

r	RpcClientp