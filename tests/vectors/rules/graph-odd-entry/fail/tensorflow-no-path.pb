/
"serve*2.21.0


cConst

sSaveV2c