"""Run as a program: says what the machine that it finds says of every vector, of mutants, and of any instructions.

One line a stream and reader: all facts of the description, each symbol once, in the order in which it is met.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import streams
from hauberk.formats.model.joblib import describe as describe_joblib
from hauberk.formats.model.pickle.description import PickleDescription, describe
from hauberk.formats.model.pickle.loop import COMPILED
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.symbol import Effect, Items, Made
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Iterator

VECTORS = Path(__file__).parent / "vectors"
LONGEST = 100_000
SMALL = Limits(max_pickle_effects=50, max_pickle_kept_items=200, max_pickle_streams=5, max_pickle_text_bytes=16)


def flat(description: PickleDescription) -> str:
    """Return everything in a description as one line; what is met again is named by its number."""
    seen: dict[int, int] = {}
    told: list[object] = [
        description.streams,
        description.unchecked,
        description.arrays,
        description.renamed,
        (description.opcodes, description.largest, description.deepest),
        (description.trailing, description.forgot, description.inline),
    ]
    waiting: list[object] = [*description.effects, *description.beside][::-1]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Effect):
            told.append((one.use, one.offset, len(one.arguments)))
            waiting += [*one.arguments[::-1], one.callable]
        elif isinstance(one, Made | Items) and id(one) in seen:
            told.append(seen[id(one)])
        elif isinstance(one, Made):
            seen[id(one)] = len(seen)
            told.append((one.use, one.offset, len(one.arguments), one.changed))
            waiting += [one.state, *one.arguments[::-1], one.callable]
        elif isinstance(one, Items):
            seen[id(one)] = len(seen)
            told.append((one.kind, len(one.items), one.cut, one.count, one.changed))
            waiting += one.items[::-1]
        else:
            told.append(one)
    return repr(told)


def cases(count: int) -> Iterator[bytes]:
    """Yield the streams that are compared."""
    vectors = [path.read_bytes() for path in sorted(VECTORS.rglob("*")) if path.is_file()]
    seeds = [vector for vector in vectors if 0 < len(vector) < LONGEST] + streams.seeds()
    yield from seeds
    chance = random.Random(count)
    for number in range(count):
        yield streams.mutant(seeds, chance) if number % 2 else streams.any_instructions(chance)


def main() -> None:
    """Print whether the machine is compiled, then a line for each stream and reader."""
    sys.stderr.write("compiled" if COMPILED else "python")
    for stream in cases(int(sys.argv[1])):
        view = BytesView(stream)
        for described in (describe(view), describe(view, SMALL), describe_joblib(view, DEFAULT_LIMITS)):
            sys.stdout.write(flat(described).encode("unicode-escape").decode() + "\n")


if __name__ == "__main__":
    main()
