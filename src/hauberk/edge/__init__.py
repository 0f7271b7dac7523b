"""The edge: the only floor that opens, writes, sends and spawns."""
