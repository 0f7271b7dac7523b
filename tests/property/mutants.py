"""Pickles that are nearly real: the instructions of real ones, with some replaced, repeated, left out or moved."""

from __future__ import annotations

import pickletools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random


def instructions(data: bytes) -> list[bytes]:
    """Return the bytes of each instruction; frames are left out, since the lengths would no longer fit."""
    places = [(opcode.name, position) for opcode, _, position in pickletools.genops(data)]
    ends = [position for _, position in places[1:]] + [len(data)]
    return [
        data[at:end] for (name, at), end in zip(places, ends, strict=True) if name not in ("FRAME", "PROTO", "STOP")
    ]


class Mutants:
    """Makes mutants of some pickles; what replaces an instruction comes from any of them."""

    def __init__(self, seeds: list[bytes], chance: random.Random) -> None:
        self._chance = chance
        self._seeds = [instructions(seed) for seed in seeds]
        self._pool: dict[int, list[bytes]] = {}
        for one in {one for seed in self._seeds for one in seed}:
            self._pool.setdefault(one[0], []).append(one)
        self._all = sorted(one for group in self._pool.values() for one in group)
        for group in self._pool.values():
            group.sort()

    def one(self) -> bytes:
        """Return the next mutant."""
        chance = self._chance
        stream = list(chance.choice(self._seeds))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(stream))
            match chance.randrange(5):
                case 0 | 1:
                    stream[at] = chance.choice(self._pool[stream[at][0]])
                case 2:
                    stream[at] = chance.choice(self._all)
                case 3:
                    stream.insert(at, chance.choice(self._all))
                case _:
                    end = min(len(stream), at + chance.randint(1, 8))
                    stream[at:at] = stream[at:end]
        return b"\x80\x05" + b"".join(stream) + b"."
