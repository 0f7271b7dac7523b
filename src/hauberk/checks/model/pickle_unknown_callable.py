"""The pickle uses a callable that no table holds.

Nobody has shown that it is harmless, and nobody has shown that it is not. The tables hold value types of the standard
library, NumPy, SciPy, pandas, scikit-learn, joblib, PyTorch and its modules, XGBoost, LightGBM, CatBoost, transformers
and ultralytics, each proved by loading real states under an audit hook; what is missing from them may be a class of
your own, another library, or a function that an attacker found first. Such a file is suspicious and cannot be opened by
`hauberk.load`. Calling a value that the stream itself made, or changing one of a class that cannot be told, is reported
here too.

Example: `my_package.layers.Attention.__new__()`.

Fix: keep only arrays and estimators in the file, or save weights as safetensors. If you know the callable, read its
code with this question: what happens when anyone can choose its arguments?
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.judgement import Tier
from hauberk.checks.model.judged import origin, sightings, unsafe
from hauberk.finding import Severity
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.rule import Rule
from hauberk.symbol import Global, Registered, Unknown, Use

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from hauberk.checks.model.judged import Judged
    from hauberk.rule import Sighting
    from hauberk.symbol import Symbol


def look(description: PickleDescription) -> Iterator[Sighting]:
    """Yield unknown names; a result is left out where what it goes back to is reported already."""
    found = [pair for pair in unsafe(description) if pair[1].tier is Tier.UNKNOWN]
    reported = {
        effect.callable
        for effect, _ in unsafe(description)
        if effect.use in (Use.IMPORT, Use.PERSISTENT) and isinstance(effect.callable, Global | Registered | Unknown)
    }
    yield from sightings(pair for pair in found if _is_news(pair, reported))


def _is_news(pair: Judged, reported: AbstractSet[Symbol]) -> bool:
    effect = pair[0]
    if isinstance(effect.callable, Global):
        return True
    start = origin(effect.callable)
    return not isinstance(start, Global | Registered | Unknown) or start not in reported


RULE: Final = Rule(
    id="pickle-unknown-callable",
    title="the pickle uses a callable that no table holds",
    severity=Severity.MEDIUM,
    remedy="Find out what it does before you load it, or ask for a file without it.",
    references=("CWE-502", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=PickleDescription,
    look=look,
    page=__doc__ or "",
)
