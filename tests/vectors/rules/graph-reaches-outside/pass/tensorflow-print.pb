?
"serve*2.21.0,
*
pPrintV2x*
output_streamstderr