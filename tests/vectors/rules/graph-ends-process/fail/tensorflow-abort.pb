
"serve*2.21.0


aAbort