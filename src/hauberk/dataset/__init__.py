"""Data sets: what they hold, the tree over their rows, and what changed between two of them."""
