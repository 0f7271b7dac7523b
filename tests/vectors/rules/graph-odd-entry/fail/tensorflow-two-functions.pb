C
"serve*2.21.00.



f
x



f
x
yIdentityx