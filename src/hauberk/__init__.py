"""Hauberk: one chain of signed evidence for a machine-learning model.

    report = hauberk.scan("model/")
    model = hauberk.open_model("model/", policy="policy.yaml", trust="trust.json", evidence="t.passport")

The names below are imported when they are first used: `import hauberk` costs next to nothing.
"""

TYPE_CHECKING = False  # what type checkers take for true, without the cost of importing `typing`
if TYPE_CHECKING:
    from hauberk.errors import HauberkError as HauberkError

_HOMES = {
    "HauberkError": "hauberk.errors",
}

__all__ = ("HauberkError",)


def __getattr__(name: str) -> object:
    """Import a public name from the module that defines it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'hauberk' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - nothing is imported before it is needed

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
