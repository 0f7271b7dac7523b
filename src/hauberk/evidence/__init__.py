"""Evidence: what statements say, who may say it, and which of them hold. Pure."""
