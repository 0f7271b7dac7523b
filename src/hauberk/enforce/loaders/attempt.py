"""What every loader does around other people's code: import it, call it, and make what it raises an error of ours."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, TypeVar

from hauberk.errors import Exceeded, Malformed, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable


def imported(module: str, package: str = "") -> Any:
    """Return a module; what is missing is `Unavailable`, with what to install (`package`, where it is named otherwise).

    Raises:
        Unavailable: it, or a package that it needs, is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = (error.name or module).partition(".")[0]
        wanted = package if package and missing == module.partition(".")[0] else missing
        raise Unavailable(f"the model needs {missing}, which is not installed", f"pip install {wanted}") from None


T = TypeVar("T")


def opened(read: Callable[[], T]) -> T:
    """Run a loader; whatever the code of other people raises while an object is rebuilt is one error of ours.

    Raises:
        Malformed: it raised something.
    """
    try:
        return read()
    except (Exceeded, Malformed, Refused, Unavailable):
        raise
    except Exception as error:
        raise Malformed(
            f"the model cannot be rebuilt: {type(error).__name__}: {error}",
            "install the versions of the model's lock file",
        ) from error
