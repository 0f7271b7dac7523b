"""A sealed place to run what is not trusted: namespaces, a system call filter, limits, and a trace of what it did."""
