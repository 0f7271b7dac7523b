"
"serve*2.21.0

runPyFunc