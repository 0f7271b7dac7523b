"""Encodings that several formats of models are written in."""
