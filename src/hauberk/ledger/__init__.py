"""The ledger: an append-only log of statements, and the proofs that it is one. It knows bytes only."""
