"""Records to text, JSON and SARIF; pure functions that return a string."""
