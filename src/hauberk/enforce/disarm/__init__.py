"""Disarm: what a pickle holds besides code, without running any of it, in formats that hold no code."""
