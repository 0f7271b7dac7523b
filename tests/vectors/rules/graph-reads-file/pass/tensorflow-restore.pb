8
"serve*2.21.0%

pPlaceholder

r	RestoreV2p