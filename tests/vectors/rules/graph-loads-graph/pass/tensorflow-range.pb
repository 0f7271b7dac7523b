/
"serve*2.21.0

dRangeDatasetabc