*
"serve*2.21.0

rMatchingFilesp