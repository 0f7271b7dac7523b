)
"serve*2.21.0

zZipTransformx