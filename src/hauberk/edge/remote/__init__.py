"""Files on other machines, read in part: addresses, the connection, listings, and views over ranges."""
