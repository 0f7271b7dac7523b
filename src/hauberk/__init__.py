"""Hauberk: one chain of signed evidence for a machine-learning model.

    scan = hauberk.scan("model/")
    model = hauberk.open_model("model/", policy="policy.yaml", trust="trust.json", evidence="t.passport")

docs/python.md has an example of each name below. They are imported when they are first used: `import hauberk` costs
next to nothing.
"""

TYPE_CHECKING = False  # what type checkers take for true, without the cost of importing `typing`
if TYPE_CHECKING:
    from hauberk.edge.keys import open_signer as open_signer
    from hauberk.edge.keys import read_public_key as read_public_key
    from hauberk.enforce.load import load as load
    from hauberk.enforce.seatbelt import seat_belt as seat_belt
    from hauberk.errors import HauberkError as HauberkError
    from hauberk.gate.decide import decide as decide
    from hauberk.pipeline.hold import hold as hold
    from hauberk.verbs.assert_clean import assert_clean as assert_clean
    from hauberk.verbs.open_model import open_model as open_model
    from hauberk.verbs.scan import scan as scan
    from hauberk.verbs.sign import sign as sign
    from hauberk.verbs.verify import verify as verify

    __version__: str

_HOMES = {
    "HauberkError": "hauberk.errors",
    "assert_clean": "hauberk.verbs.assert_clean",
    "decide": "hauberk.gate.decide",
    "hold": "hauberk.pipeline.hold",
    "load": "hauberk.enforce.load",
    "open_model": "hauberk.verbs.open_model",
    "open_signer": "hauberk.edge.keys",
    "read_public_key": "hauberk.edge.keys",
    "scan": "hauberk.verbs.scan",
    "seat_belt": "hauberk.enforce.seatbelt",
    "sign": "hauberk.verbs.sign",
    "verify": "hauberk.verbs.verify",
}

__all__ = (
    "HauberkError",
    "assert_clean",
    "decide",
    "hold",
    "load",
    "open_model",
    "open_signer",
    "read_public_key",
    "scan",
    "seat_belt",
    "sign",
    "verify",
)


def __getattr__(name: str) -> object:
    """Import a public name from the module that defines it (PEP 562)."""
    if name == "__version__":
        from hauberk.version import VERSION  # noqa: PLC0415 - nothing is imported before it is needed

        return VERSION
    if name not in _HOMES:
        raise AttributeError(f"module 'hauberk' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - nothing is imported before it is needed

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
