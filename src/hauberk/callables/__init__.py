"""Which callables are safe to load, which are not, and why."""
