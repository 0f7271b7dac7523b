"""Arithmetic: numbers in, numbers out. Knows no file, no format and no model."""
