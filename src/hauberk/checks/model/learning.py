"""What trusted files use that no table holds: seen by a rule of its own, put together, and written as a proposal.

A proposal is a table of callables that nobody has signed. What is known to be dangerous is never in it, nor a use with
arguments that the plain rules refuse, nor anything of the standard library, which our own table judges.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hauberk.callables.arguments.registry import PLAIN_RULES
from hauberk.callables.judge import judge
from hauberk.callables.judgement import Tier
from hauberk.callables.own import reconstructed
from hauberk.callables.table import product_of
from hauberk.checks.model.expression import expression
from hauberk.checks.model.judged import unsafe
from hauberk.finding import Location, Severity
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.render.words import counted, place, visible
from hauberk.rule import Rule, Sighting
from hauberk.symbol import Effect, Global, Made, Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hauberk.callables.judgement import Judgement
    from hauberk.finding import Scan

NOT_READ: Final = "not read yet"
HEAD: Final = "# Proposed by `hauberk scan learn`"
_ORDER: Final = ("import", "call", "new", "build", "extend")


@dataclass(slots=True)
class Seen:
    """One name: how often each use was met, in which files, with what, an example, and what speaks against it."""

    uses: Counter[str] = field(default_factory=Counter)
    files: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    example: str = ""
    against: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What is proposed by module and name, what is not by its name, and how many files were looked at."""

    proposed: dict[str, dict[str, Seen]]
    refused: dict[str, Seen]
    files: int


def look(description: PickleDescription) -> Iterator[Sighting]:
    """Yield each different use of a name that is not safe, as a record for `learnt`."""
    met: set[str] = set()
    for effect, judgement in unsafe(description):
        fact = json.dumps(_fact(effect, judgement), sort_keys=True)
        if fact not in met:
            met.add(fact)
            yield Sighting(Location(offset=effect.offset), fact)


LEARNING: Final = Rule(
    id="learn",
    title="a use of a name that no table holds",
    severity=Severity.INFO,
    remedy="",
    references=(),
    reads=PickleDescription,
    look=look,
    page=__doc__ or "",
)


def learnt(scan: Scan) -> Learnt:
    """Return what a scan by the rule `LEARNING` alone amounts to."""
    names: dict[tuple[str, str], Seen] = defaultdict(Seen)
    for report in scan.reports:
        for finding in report.findings:
            where = " ".join(part for part in (visible(report.path), place(finding.location)) if part)
            _add(names, json.loads(finding.saw), report.path, where)
    proposed: dict[str, dict[str, Seen]] = defaultdict(dict)
    refused: dict[str, Seen] = {}
    for (module, name), seen in sorted(names.items()):
        if module and not seen.against:
            proposed[module][name] = seen
        if seen.against:
            refused[f"{module}.{name}" if module else name] = seen
    return Learnt(dict(proposed), refused, len(scan.reports))


def proposal(found: Learnt, *, source: str) -> str:
    """Return what was learnt as a table that nobody has signed, with what speaks for and against each row."""
    lines = [
        f"{HEAD} from {counted(found.files, 'file')}. Nothing here counts before somebody signs it.",
        "# Read the code of each with this question: what happens when anyone can choose its arguments? Take out what",
        "# you would not let a stranger call, write why the rest is safe, then: hauberk scan approve FILE --key KEY",
        "schema: urn:hauberk:callables:v1",
        f"source: {source}",
        'release: "1"',
        "rows:" if found.proposed else "rows: {}",
    ]
    for module, names in found.proposed.items():
        lines.append(f"  {module}:")
        for name, seen in names.items():
            uses = ", ".join(use for use in _ORDER if use in seen.uses)
            lines.append(f"    # {_evidence(seen)}")
            lines.append(f"    {name}: {{uses: [{uses}], why: {NOT_READ}}}")
    if not found.proposed:
        lines.append(f"# {nothing_new(found)}")
    if found.refused:
        lines.append("# Not proposed:")
        lines += [f"#   {visible(name)}: {why}" for name, seen in found.refused.items() for why in seen.against]
    return "\n".join(lines) + "\n"


def nothing_new(found: Learnt) -> str:
    """Say why a proposal has no rows."""
    if found.refused:
        return "Nothing is proposed: what these files use and no table holds is what no table may hold."
    return "There is nothing to learn: the tables hold every name that these files use."


def _fact(effect: Effect, judgement: Judgement) -> dict[str, Any]:
    made = reconstructed(effect) if judgement.tier is Tier.SAFE_WITH_ARGUMENTS else None
    if made is not None:
        effect = Effect(Use.NEW, made, (), effect.offset)
        judgement = judge(effect)
    name = _about(effect)
    plain = PLAIN_RULES.get(effect.use)
    against = ""
    if judgement.tier is Tier.DANGEROUS:
        against = f"dangerous ({judgement.capability}): {judgement.why}"
    elif name is None or judgement.tier is Tier.SAFE_WITH_ARGUMENTS:
        against = judgement.why
    elif name.module.partition(".")[0] in sys.stdlib_module_names:
        against = "of the standard library, which our own table judges"
    elif not _is_exact(name):
        against = "not a name that a table can hold"
    elif plain is not None and (odd := plain(effect)):
        against = f"{effect.use.value}: the plain rule refuses its arguments: it {odd}"
    return {
        "module": name.module if name else "",
        "name": name.name if name else judgement.name,
        "use": effect.use.value,
        "kinds": sorted({type(argument).__name__.lower() for argument in effect.arguments}),
        "shown": expression(effect),
        "against": against,
    }


def _about(effect: Effect) -> Global | None:
    """Return the name that a row would have to hold for an effect to be safe."""
    target = effect.callable
    if isinstance(target, Global):
        return None if effect.use in (Use.BUILD, Use.EXTEND) else target
    if effect.use not in (Use.BUILD, Use.EXTEND):
        return None
    product = product_of(target)
    if product is None and isinstance(target, Made) and isinstance(target.callable, Global):
        return target.callable
    return product


def _is_exact(name: Global) -> bool:
    return all(part.isidentifier() for part in (*name.module.split("."), name.name))


def _add(names: dict[tuple[str, str], Seen], fact: dict[str, Any], path: str, where: str) -> None:
    seen = names[fact["module"], fact["name"]]
    seen.files.add(path)
    if fact["against"]:
        seen.against[f"{visible(fact['against'])}; in {where}: {fact['shown']}"] = None
        return
    seen.uses[fact["use"]] += 1
    seen.kinds |= set(fact["kinds"])
    if not seen.example or fact["use"] != Use.IMPORT.value:
        seen.example = f"{where}: {fact['shown']}"


def _evidence(seen: Seen) -> str:
    kinds = f", with {_listed(seen.kinds)}" if seen.kinds else ""
    return f"{counted(len(seen.files), 'file')}{kinds}; in {seen.example}"


def _listed(kinds: Iterable[str]) -> str:
    return ", ".join(sorted(kinds))
