"""Rules: which questions are asked of a description, and what breaks them."""
