"""A passport of a thousand statements: how long a stranger takes to verify it, on one core.

python benchmarks/passport.py           # a thousand statements
python benchmarks/passport.py 100       # fewer
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

from row import Row, show

from hauberk.gate.prove import verify_passport
from hauberk.verdict import Answer

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from simulator import HOLDOUT, LOCK, MEASURE, SCRIPT, Chain, named

STATEMENTS, TIMES = 1_000, 7


def chain_of(statements: int) -> Chain:
    """Return a published good chain of so many statements: the model was made from as many data sets as that takes."""
    chain = Chain().found()
    sets = [named(f"dataset/train-{n}", b"%d" % n) for n in range(statements - 12)]
    for thing in (*sets, HOLDOUT):
        chain.manifest(thing)
    for thing in (SCRIPT, MEASURE):
        chain.boundary(thing, "source")
    chain.boundary(LOCK, "environment")
    chain.provenance(dependencies=(*sets, SCRIPT, LOCK))
    chain.scan()
    chain.evaluation()
    chain.artefact()
    return chain.publish()


def measure(statements: int = STATEMENTS) -> list[Row]:
    """Return the rows of this benchmark."""
    chain = chain_of(statements)
    data = chain.passport()
    took = []
    for _ in range(TIMES):
        began = time.process_time()
        answer = verify_passport(data, root=chain.root_keys)
        took.append(time.process_time() - began)
        assert answer.verdict.result is Answer.ALLOW
        assert len(answer.proven.passport.items) == statements
    what = f"a passport of {statements:,} statements"
    return [
        Row(f"verifying {what}, one core", median(took), "s", "passport", 0.6),
        Row(what, len(data) / 1e6, "MB", "passport"),
    ]


if __name__ == "__main__":
    show(measure(*map(int, sys.argv[1:])))
