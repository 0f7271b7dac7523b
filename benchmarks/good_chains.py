"""A thousand good chains of many shapes: how many of them their gate denies or their passport's reader refuses.

python benchmarks/good_chains.py        # a thousand: about a minute
python benchmarks/good_chains.py 100    # fewer
"""

from __future__ import annotations

import sys
from pathlib import Path

from row import Row, show

from hauberk.errors import HauberkError

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from property.good_chains import answer, grow

CHAINS = 1_000


def alarm(seed: int) -> str:
    """Return why a good chain was not allowed, or nothing."""
    try:
        return answer(grow(seed))
    except HauberkError as error:
        return error.message


def measure(chains: int = CHAINS) -> list[Row]:
    """Return the row of this benchmark; what was denied or refused is printed."""
    alarms = {seed: why for seed, why in ((seed, alarm(seed)) for seed in range(chains)) if why}
    for seed, why in alarms.items():
        print(f"chain {seed}: {why}", file=sys.stderr)
    return [Row(f"false alarms on {chains:,} good chains", len(alarms), "chains", "good_chains", 0)]


if __name__ == "__main__":
    show(measure(*map(int, sys.argv[1:])))
