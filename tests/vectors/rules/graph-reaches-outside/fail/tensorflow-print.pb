M
"serve*2.21.0:
8
pPrintV2x*'
output_streamfile:///root/.bashrc