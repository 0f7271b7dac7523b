"""What became of the mutants of each module: kept in `tools/mutation/results`, with the digest of what was tried.

A result whose module has changed since is told apart, and so is a module that was never tried.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from equivalent import ALIVE, EQUIVALENT
from killing import BY_CLOCK, KILLED, OUT_OF_TIME, SURVIVED, name_of
from lines import PACKAGE, ROOT
from mutants import Module

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

KEPT = ROOT / "tools" / "mutation" / "results"
FOLDERS = ("policy", "gate", "evidence", "ledger")
BAR = 95  # percent
BEGIN, END = "<!-- numbers: mutation -->", "<!-- end of numbers -->"
_HOW = {SURVIVED: "", OUT_OF_TIME: "the tests of the time that a mutant has did not notice"}


def modules_of(folder: str) -> list[Path]:
    """Return the modules of a folder, by name."""
    return [path for path in sorted((PACKAGE / folder).glob("*.py")) if path.name != "__init__.py"]


def digest_of(path: Path) -> str:
    """Return the digest of a module as it is now."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass
class Result:
    """What became of the mutants of one module.

    `by_clock` counts those of the killed that were ended because they took far too long; `survived` has how, if not
    simply because every test passed.
    """

    module: str
    digest: str
    date: str
    killed: int = 0
    by_clock: int = 0
    survived: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, ended: int) -> str:
        """Count how the process of a mutant has ended; return what to say of it, if it lives."""
        if ended in (KILLED, BY_CLOCK):
            self.killed += 1
            self.by_clock += ended == BY_CLOCK
            return ""
        self.survived[name] = _HOW.get(ended, "was not tried")
        return self.survived[name] or "survived"

    @property
    def total(self) -> int:
        """Return how many there are."""
        return self.killed + len(self.survived)

    @property
    def equivalent(self) -> list[str]:
        """Return the survivors that no test could tell from the original."""
        return [name for name in self.survived if name in EQUIVALENT]

    @property
    def alive(self) -> list[str]:
        """Return the other survivors."""
        return [name for name in self.survived if name not in EQUIVALENT]

    def save(self) -> None:
        """Keep it."""
        file = KEPT / f"{self.module}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def read(path: Path) -> Result | None:
    """Return the kept result of a module, if there is one."""
    kept = KEPT / f"{name_of(path)}.json"
    return Result(**json.loads(kept.read_text())) if kept.exists() else None


def of_now(path: Path) -> Result | None:
    """Return the kept result of a module as it is now."""
    result = read(path)
    return result if result and result.digest == digest_of(path) else None


def share(results: Iterable[Result]) -> float:
    """Return the percentage killed of those that a test could kill."""
    results = list(results)
    return 100 * sum(one.killed for one in results) / max(1, sum(one.total - len(one.equivalent) for one in results))


def join() -> tuple[str, bool]:
    """Return the tables of what is kept, and whether all of it is there, of today's code, and over the bar."""
    lines = [
        "| folder | modules | mutants | like the original | killed of the others | by the clock | |",
        "|---|" + "---|" * 6,
    ]
    whole, every, left = True, [], []
    for folder in FOLDERS:
        paths = modules_of(folder)
        results = [result for path in paths if (result := of_now(path))]
        every += results
        lines.append(_row(f"`{folder}`", results))
        unknown = [path for path in paths if not of_now(path)]
        left += [_left(path) for path in unknown]
        whole = whole and not unknown and share(results) >= BAR
    lines.append(_row("**all**", every))
    lines += ["", *(left or ["Every module was tried as it is now."]), "", *_alive(every)]
    return "\n".join(lines), whole


def _left(path: Path) -> str:
    """Say of a module why it is not counted."""
    then = read(path)
    if then is None:
        return f"- `{name_of(path)}` was not tried: {_count(path)} mutants"
    others = then.total - len(then.equivalent)
    return f"- `{name_of(path)}` has changed since it was tried, and is not counted: then {then.killed} of {others}"


def _row(name: str, results: Sequence[Result]) -> str:
    killed, equivalent = sum(one.killed for one in results), sum(len(one.equivalent) for one in results)
    total, clock = sum(one.total for one in results), sum(one.by_clock for one in results)
    dates = sorted({one.date for one in results}) or ["never"]
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return (
        f"| {name} | {len(results)} | {total} | {equivalent} | "
        f"{killed} of {total - equivalent}, {share(results):.1f} % | {clock} | {when} |"
    )


def _count(path: Path) -> int:
    return len(Module(name_of(path), path.read_text(), str(path)).mutants)


def _alive(results: Sequence[Result]) -> list[str]:
    alive = [(name, how) for one in results for name, how in one.survived.items() if name not in EQUIVALENT]
    if not alive:
        return ["Alive: none."]
    rows = [f"| {_cell(f'`{name}`')} | {_cell(ALIVE.get(name, how))} |" for name, how in sorted(alive)]
    return ["Alive:", "", "| mutant | why it lives |", "|---|---|", *rows]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def out_of_date() -> list[str]:
    """Return the names in `equivalent.py` that no kept result of today's code has among its survivors."""
    kept = [result for folder in FOLDERS for path in modules_of(folder) if (result := of_now(path))]
    tried, survived = {one.module for one in kept}, {name for one in kept for name in one.survived}
    return [name for name in (*EQUIVALENT, *ALIVE) if name.partition("::")[0] in tried and name not in survived]


def write(page: Path) -> bool:
    """Put the tables between the markers of a page; say what `join` says."""
    text, (table, whole) = page.read_text(), join()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has not both of {BEGIN} and {END}")
    page.write_text(f"{before}{begin}\n{table}\n{end}{after}")
    return whole
