-
"serve*2.21.0

dDatasetFromGraphg