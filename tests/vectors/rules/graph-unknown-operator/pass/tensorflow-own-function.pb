F
"serve*2.21.03

zminex#
!

mine
x
yIdentityx