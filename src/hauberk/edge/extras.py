"""What a capability needs beyond the core, asked for before it is imported."""

from __future__ import annotations

from importlib.util import find_spec

from hauberk.errors import Unavailable


def require_extra(extra: str, *packages: str) -> None:
    """Raise `Unavailable` with the command that installs an extra, unless all its packages are there."""
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise Unavailable(
            f"this needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed",
            f"pip install 'hauberk[{extra}]'",
        )
