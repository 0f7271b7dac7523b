"""What became of the mutants of each module: kept in `tools/mutation/results`, with a digest of each function tried.

A function that has changed since is told apart: its mutants count as not tried. So does a module that never was.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from equivalent import ALIVE, EQUIVALENT
from killing import BY_CLOCK, KILLED, OUT_OF_TIME, SURVIVED, name_of
from lines import PACKAGE, ROOT
from mutants import Module, Mutant

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


def module_of(path: Path) -> Module:
    """Return a module with its mutants."""
    return Module(name_of(path), path.read_text(), str(path))


@dataclass
class Result:
    """What became of the mutants of one module; those that are in neither list were killed by a test.

    Attributes:
        units: the digests of what was tried, as `Module.units`.
        survived: how a mutant survived, if not simply because every test passed.
        by_clock: mutants that were ended because they took far too long, which counts as killed.
    """

    module: str
    units: dict[str, str]
    date: str
    survived: dict[str, str] = field(default_factory=dict)
    by_clock: list[str] = field(default_factory=list)

    def add(self, name: str, ended: int) -> str:
        """Note how the process of a mutant has ended; return what to say of it, if it lives."""
        if ended == BY_CLOCK:
            self.by_clock.append(name)
        if ended in (KILLED, BY_CLOCK):
            return ""
        self.survived[name] = _HOW.get(ended, "was not tried")
        return self.survived[name] or "survived"

    def save(self) -> None:
        """Keep it."""
        file = KEPT / f"{self.module}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False, sort_keys=True) + "\n")


@dataclass(frozen=True)
class Known:
    """What is known of a module as it is now: of the mutants in what has not changed since they were tried."""

    module: Module
    tried: tuple[Mutant, ...]
    untried: tuple[Mutant, ...]
    result: Result

    @classmethod
    def of(cls, path: Path) -> Known:
        """Return what the kept result of a module says of it."""
        module = module_of(path)
        kept = KEPT / f"{module.name}.json"
        result = Result(**json.loads(kept.read_text())) if kept.exists() else Result(module.name, {}, "never")
        same = {unit for unit, digest in module.units.items() if result.units.get(unit) == digest}
        tried = tuple(mutant for mutant in module.mutants if module.unit_of(mutant) in same)
        untried = tuple(mutant for mutant in module.mutants if module.unit_of(mutant) not in same)
        return cls(module, tried, untried, result)

    @property
    def survivors(self) -> list[str]:
        """Return the names of the mutants that live."""
        return [mutant.name for mutant in self.tried if mutant.name in self.result.survived]

    @property
    def equivalent(self) -> list[str]:
        """Return the survivors that no test could tell from the original."""
        return [name for name in self.survivors if name in EQUIVALENT]

    @property
    def alive(self) -> list[str]:
        """Return the other survivors."""
        return [name for name in self.survivors if name not in EQUIVALENT]

    @property
    def killed(self) -> int:
        """Return how many were killed."""
        return len(self.tried) - len(self.survivors)

    @property
    def by_clock(self) -> int:
        """Return how many of the killed were ended by the clock."""
        return sum(mutant.name in self.result.by_clock for mutant in self.tried)

    def begin(self, date: str, *, again: bool) -> tuple[Result, list[Mutant]]:
        """Return a result to go on with, and the mutants that are to be tried: all, or those that live or are new.

        Again, those that are said to be like the original are taken for that.
        """
        if not again:
            return Result(self.module.name, self.module.units, date), self.module.mutants
        known = [mutant.name for mutant in self.untried if mutant.name in EQUIVALENT]
        wanted = [mutant for mutant in self.untried if mutant.name not in EQUIVALENT]
        wanted += [mutant for mutant in self.tried if mutant.name in self.alive]
        left = {mutant.name for mutant in self.module.mutants} - {mutant.name for mutant in wanted}
        survived = {name: how for name, how in self.result.survived.items() if name in left} | dict.fromkeys(known, "")
        by_clock = [name for name in self.result.by_clock if name in left]
        return Result(self.module.name, self.module.units, date, survived, by_clock), wanted

    def without(self, result: Result, left: Sequence[Mutant]) -> Result:
        """Return a result that was begun, without what is left to be tried: as it was before, or not tried."""
        before = {mutant.name for mutant in self.tried}
        result.survived |= {
            mutant.name: self.result.survived[mutant.name] for mutant in left if mutant.name in self.alive
        }
        unknown = {self.module.unit_of(mutant) for mutant in left if mutant.name not in before}
        result.units = {unit: digest for unit, digest in result.units.items() if unit not in unknown}
        return result


def share(known: Iterable[Known]) -> float:
    """Return the percentage killed of those that a test could kill."""
    known = list(known)
    return 100 * sum(one.killed for one in known) / max(1, sum(len(one.tried) - len(one.equivalent) for one in known))


def join() -> tuple[str, bool]:
    """Return the tables of what is kept, and whether all of it is there, of today's code, and over the bar."""
    lines = [
        "| folder | modules | mutants | not tried | like the original | killed of the others | by the clock | |",
        "|---|" + "---|" * 7,
    ]
    folders = {folder: [Known.of(path) for path in modules_of(folder)] for folder in FOLDERS}
    every = [one for known in folders.values() for one in known]
    lines += [_row(f"`{folder}`", known) for folder, known in folders.items()]
    lines += [_row("**all**", every), ""]
    left = [_left(one) for one in every if one.untried]
    lines += [*(left or ["Every mutant of today's code was tried."]), "", *_alive(every)]
    whole = not left and all(share(known) >= BAR for known in folders.values())
    return "\n".join(lines), whole


def _left(one: Known) -> str:
    name, count, total = one.module.name, len(one.untried), len(one.module.mutants)
    if not one.tried:
        return f"- `{name}` was not tried: {count} mutants"
    where = ", ".join(f"`{unit or 'its constants'}`" for unit in dict.fromkeys(map(one.module.unit_of, one.untried)))
    return f"- `{name}` has changed since it was tried, {count} of {total} mutants: {where}"


def _row(name: str, known: Sequence[Known]) -> str:
    killed, equivalent = sum(one.killed for one in known), sum(len(one.equivalent) for one in known)
    tried, untried = sum(len(one.tried) for one in known), sum(len(one.untried) for one in known)
    dates = sorted({one.result.date for one in known if one.tried}) or ["never"]
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return (
        f"| {name} | {len(known)} | {tried + untried} | {untried} | {equivalent} | "
        f"{killed} of {tried - equivalent}, {share(known):.1f} % | {sum(one.by_clock for one in known)} | {when} |"
    )


def _alive(known: Sequence[Known]) -> list[str]:
    alive = [(name, one.result.survived[name]) for one in known for name in one.alive]
    if not alive:
        return ["Alive: none."]
    rows = [f"| {_cell(f'`{name}`')} | {_cell(ALIVE.get(name, how))} |" for name, how in sorted(alive)]
    return ["Alive:", "", "| mutant | why it lives |", "|---|---|", *rows]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def out_of_date() -> list[str]:
    """Return the names in `equivalent.py` that are of no mutant, or of one that is known to be dead."""
    known = {one.module.name: one for folder in FOLDERS for one in map(Known.of, modules_of(folder))}
    found = []
    for name in (*EQUIVALENT, *ALIVE):
        one = known.get(name.partition("::")[0])
        mutants = {mutant.name for mutant in one.module.mutants} if one else set()
        dead = {mutant.name for mutant in one.tried} - set(one.survivors) if one else set()
        if name not in mutants or name in dead:
            found.append(name)
    return found


def write(page: Path) -> bool:
    """Put the tables between the markers of a page; say what `join` says."""
    text, (table, whole) = page.read_text(), join()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has not both of {BEGIN} and {END}")
    page.write_text(f"{before}{begin}\n{table}\n{end}{after}")
    return whole
