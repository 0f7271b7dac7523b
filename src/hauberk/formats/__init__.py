"""Bytes to records: what a file is, and what is in it. Nothing here executes what it reads."""
