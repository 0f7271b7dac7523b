"""What answers over HTTP: bounded requests, bounded time, a bounded number of those who ask at once."""
