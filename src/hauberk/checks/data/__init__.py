"""What is asked of a data set: checks as data, one rule each."""
