"""Hauberk: one chain of signed evidence for a machine-learning model."""
