"""The formats that models are stored in."""
