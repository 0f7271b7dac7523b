"""An allowing verdict in few lines: one for each requirement, one for all inputs, one for everything else.

Each line fits the terminal; what does not is cut, because the whole table is one command away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.render.verdict import answer_line, basis_line, in_words
from hauberk.render.words import counted, visible
from hauberk.verdict import Way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.verdict import Reason, Verdict

_PRESENT, _INPUT = ".present", ".input"
_BORNE = tuple(f".{way}" for way in Way)
_NARROWEST = 60

# Select Graphic Rendition codes (ECMA-48 8.3.117).
_GREEN, _FAINT = "32", "2"


def compact_table(verdict: Verdict, *, colour: bool, width: int) -> str:
    """Return an allowing verdict as text, its reasons joined into one row a requirement.

    Args:
        verdict: what the gate said; all its reasons hold.
        colour: whether to write colours.
        width: columns, which no row exceeds.
    """
    rows = _rows(verdict.reasons)
    column = max(len(name) for name, _ in rows)
    lines = [
        answer_line(verdict, colour=colour),
        *(f"  {_paint(fact, colour=colour)}" for fact in (str(verdict.subject.digest), basis_line(verdict))),
        "",
    ]
    mark = f"\x1b[{_GREEN}m✓\x1b[0m" if colour else "✓"
    for name, what in rows:
        text = f"{name:<{column}}  {what}"
        lines.append(f"{mark} {_cut(text, max(width, _NARROWEST) - 2)}")
    rules = counted(len(verdict.reasons), "rule")
    lines.append(f"  {_paint(f'{rules} hold; `hauberk gate {visible(verdict.gate)}` shows each', colour=colour)}")
    return "\n".join(lines)


def _rows(reasons: Sequence[Reason]) -> list[tuple[str, str]]:
    """Return a row for each requirement, in their order, and the two that join the rest."""
    rules = map(_unborne, (reason.rule for reason in reasons))
    required = [rule.removesuffix(_PRESENT) for rule in rules if rule.endswith(_PRESENT)]
    groups: dict[str, list[Reason]] = {name: [] for name in required}
    inputs, others = 0, []
    for reason in reasons:
        name = next((name for name in required if reason.rule.startswith(f"{name}.")), None)
        if name is not None:
            groups[name].append(reason)
        elif _unborne(reason.rule).endswith(_INPUT):
            inputs += 1
        else:
            others.append(visible(reason.rule.partition(".")[0]))
    rows = [_row(name, group) for name, group in groups.items()]
    if inputs:
        rows.append(("inputs", f"{inputs} with passing evidence or an allowed boundary"))
    return [*rows, ("also", ", ".join(dict.fromkeys(others)) or "nothing else was asked")]


def _unborne(rule: str) -> str:
    """Return a rule's name without the way by which it is borne."""
    return next((rule.removesuffix(way) for way in _BORNE if rule.endswith(way)), rule)


def _row(name: str, group: Sequence[Reason]) -> tuple[str, str]:
    """Return a requirement's row: its predicate, the input that it is about if it is not the model, what was seen."""
    said, none = [], []
    for reason in group:
        aspect, seen = visible(reason.rule.removeprefix(f"{name}.")), in_words(reason.seen)
        if aspect in ("present", "current"):
            said.append(seen)
        elif aspect.endswith(_BORNE):
            said.append(f"{aspect}: {in_words(reason.wanted)}")
        elif reason.seen == 0 and reason.wanted == {"max": 0}:
            none.append(aspect)
        elif aspect != "result":  # that it passed goes without saying
            said.append(f"{aspect} {seen}")
    if none:
        said.append(f"no {'/'.join(dict.fromkeys(none))}")
    thing, _, predicate = visible(name).rpartition(" ")
    what = ", ".join(dict.fromkeys(said))
    return predicate, f"{thing}: {what}" if thing else what


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _paint(text: str, *, colour: bool) -> str:
    return f"\x1b[{_FAINT}m{text}\x1b[0m" if colour else text
