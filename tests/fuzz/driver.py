"""Run the fuzz targets: on mutations that are the same in every run, or guided by coverage with atheris.

A target is a file `fuzz_<parser>.py` here with `one_input(data)`, which raises nothing but our own errors and asserts
its bounds, and `seeds()`, inputs that reach deep into the parser.

    python tests/fuzz/driver.py                       # every target, 2,000 mutations each
    python tests/fuzz/driver.py pickle --inputs 50000
    python tests/fuzz/driver.py --atheris --seconds 60
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from hauberk.errors import HauberkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
KEPT = HERE.parents[1] / "build" / "fuzz"
MAX_INPUT_BYTES = 1 << 16


class Target(Protocol):
    """What a file `fuzz_<parser>.py` holds."""

    def one_input(self, data: bytes) -> None: ...
    def seeds(self) -> list[bytes]: ...


def names() -> list[str]:
    """Return the name of every target, `pickle` for `fuzz_pickle.py`."""
    return sorted(path.stem.removeprefix("fuzz_") for path in HERE.glob("fuzz_*.py"))


def load(name: str) -> Target:
    """Import a target by its name."""
    spec = importlib.util.spec_from_file_location(f"fuzz_{name}", HERE / f"fuzz_{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return cast("Target", module)


def inputs(name: str, seeds: list[bytes], count: int) -> Iterator[bytes]:
    """Return every seed and `count` mutations, the same ones for the same name, seeds and count."""
    yield from seeds
    chance = random.Random(name)
    for _ in range(count):
        data = chance.choice(seeds)
        for _ in range(chance.randint(1, 3)):
            data = chance.choice(MUTATIONS)(data, seeds, chance)[:MAX_INPUT_BYTES]
        yield data


def feed(target: Target, data: bytes) -> None:
    """Give one input to a target; our own errors are answers, anything else is a find."""
    with contextlib.suppress(HauberkError):
        target.one_input(data)


def _flip_a_bit(data: bytes, _seeds: list[bytes], chance: random.Random) -> bytes:
    if not data:
        return b"\x00"
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def _truncate(data: bytes, _seeds: list[bytes], chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _delete_a_slice(data: bytes, _seeds: list[bytes], chance: random.Random) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + data[start + chance.randint(1, 16) :]


def _repeat_a_slice(data: bytes, _seeds: list[bytes], chance: random.Random) -> bytes:
    start = chance.randrange(len(data) + 1)
    piece = data[start : start + chance.randint(1, 32)]
    return data[:start] + piece * chance.randint(2, 9) + data[start:]


def _splice(data: bytes, seeds: list[bytes], chance: random.Random) -> bytes:
    other = chance.choice(seeds)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def _insert_noise(data: bytes, _seeds: list[bytes], chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.randbytes(chance.randint(1, 8)) + data[at:]


def _edit_a_length(data: bytes, _seeds: list[bytes], chance: random.Random) -> bytes:
    """Overwrite what may be a length with a value at the edge of its width, or one off from what it was."""
    width = chance.choice((1, 2, 4, 8))
    order = chance.choice(("little", "big"))
    at = chance.randrange(len(data) + 1)
    old = int.from_bytes(data[at : at + width], order)
    top = (1 << 8 * width) - 1
    new = chance.choice((0, 1, top, top >> 1, (top >> 1) + 1, old + 1, old - 1)) & top
    return data[:at] + new.to_bytes(width, order) + data[at + width :]


MUTATIONS: tuple[Callable[[bytes, list[bytes], random.Random], bytes], ...] = (
    _flip_a_bit,
    _truncate,
    _delete_a_slice,
    _repeat_a_slice,
    _splice,
    _insert_noise,
    _edit_a_length,
)


def run_mutations(name: str, count: int) -> None:
    """Run one target on its mutations; keep the input that it fails on."""
    target, began, done = load(name), time.monotonic(), 0
    for data in inputs(name, target.seeds(), count):
        try:
            feed(target, data)
        except BaseException:
            KEPT.mkdir(parents=True, exist_ok=True)
            (KEPT / f"{name}-crash").write_bytes(data)
            print(f"{name}: failed on input {done}, kept as {KEPT / name}-crash")
            raise
        done += 1
    print(f"{name:<14} {done:>8} inputs  {time.monotonic() - began:6.1f} s  no failure")


def run_guided(name: str, seconds: int) -> int:
    """Run one target under atheris in a process of its own, for a time; return its exit status."""
    KEPT.mkdir(parents=True, exist_ok=True)
    log = KEPT / f"{name}.log"
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(load(name).seeds()):
            Path(corpus, f"seed-{number}").write_bytes(seed)
        limits = [f"-max_total_time={seconds}", f"-max_len={MAX_INPUT_BYTES}", "-timeout=20", "-rss_limit_mb=2048"]
        told = [f"-artifact_prefix={KEPT}/{name}-", "-print_final_stats=1"]
        with log.open("wb") as file:
            command = [sys.executable, __file__, "--guided", name, *limits, *told, corpus]
            status = subprocess.run(command, check=False, stdout=file, stderr=file).returncode
    counted = re.search(r"number_of_executed_units: (\d+)", log.read_text(errors="replace"))
    done = counted[1] if counted else "?"
    print(f"{name:<14} {done:>8} inputs  {seconds:6.1f} s  {'FAILED' if status else 'no failure'}, see {log}")
    return status


def guided(name: str, arguments: list[str]) -> None:
    """Become the fuzzer of one target; never returns."""
    import atheris  # noqa: PLC0415 - only `make fuzz` installs it

    with atheris.instrument_imports(include=["hauberk"]):
        target = load(name)
    atheris.Setup([sys.argv[0], *arguments], lambda data: feed(target, data))
    atheris.Fuzz()


def main() -> int:
    """Run the targets that the command line names, or all."""
    sys.path.insert(0, str(HERE.parent))  # as under pytest: targets share keys and worlds with the tests
    if sys.argv[1:2] == ["--guided"]:
        guided(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="target", help=", ".join(names()))
    parser.add_argument("--inputs", type=int, default=2_000)
    parser.add_argument("--atheris", action="store_true")
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    targets = options.targets or names()
    if options.atheris:
        return max((run_guided(name, options.seconds) for name in targets), default=0)
    for name in targets:
        run_mutations(name, options.inputs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
