4
"serve*2.21.0!

wCreateSummaryFileWriterp