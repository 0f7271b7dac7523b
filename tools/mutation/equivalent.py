"""Mutants that do what the original does, so that no test can tell them apart: by name, each with its reason."""

EQUIVALENT: dict[str, str] = {}
