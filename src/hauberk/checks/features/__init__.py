"""What is asked of a feature view: that training saw what serving sees, and nothing from the future."""
