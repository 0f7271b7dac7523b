"""The six stages. Each asks the ledger whether it is done, does what is missing, and records it."""
