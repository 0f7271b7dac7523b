"""Tables: which type a column has, and the bytes that a row is, whoever wrote it down."""
