:
"serve*2.21.0'%
#


f
x
runEagerPyFuncx