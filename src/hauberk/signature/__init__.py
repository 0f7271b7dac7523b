"""Signatures and the encodings that they cover."""
