"""Which tests may kill the mutants of a module, by their place in `tests/`: a folder, or a file without its ending.

A folder of code is tried with its own tests, and those of the floor that asks it most: what only the test of something
larger notices, nobody would find the place of. Some modules have no other tests; they are named below, with the reason.
"""

from __future__ import annotations

TESTS = {
    "policy": ("policy",),
    "gate": ("gate", "tamper"),
    "evidence": ("evidence", "policy"),
    "ledger": ("ledger", "tamper"),
}
_SERVED = (("serve/test_ledger_service",), "it speaks with a ledger's service, which a larger floor serves")
MORE: dict[str, tuple[tuple[str, ...], str]] = {
    "ledger/edges": (("verbs/test_live",), "what lives and what it rests on is asked of this table"),
    "ledger/service_client": _SERVED,
    "ledger/mirror": _SERVED,
    "ledger/served": (("pipeline/test_pod",), "a pod reads by it, and what a service can do is tried there"),
}
LEFT_OUT = ("ledger/test_durability",)  # kills processes: minutes a mutant, and its children run the code as it was


def tests_of(module: str) -> tuple[str, ...]:
    """Return the places of the tests of a module."""
    more, _ = MORE.get(module, ((), ""))
    return (*TESTS[module.partition("/")[0]], *more)


def counts(test: str, module: str) -> bool:
    """Say whether a test, by its id, may kill mutants of a module."""
    return any(test.startswith((f"tests/{place}/", f"tests/{place}.py::")) for place in tests_of(module))
