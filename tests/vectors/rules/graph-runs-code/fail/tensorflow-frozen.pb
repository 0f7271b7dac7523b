

xPlaceholder

yIdentityx

runPyFuncStateless