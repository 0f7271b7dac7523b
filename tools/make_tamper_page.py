"""Write docs/tampering.md: every way to tamper that tests/tamper tries, who finds it, and in which words."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from tamper.ledger_cases import LEDGER  # noqa: E402 - the tests are found now
from tamper.passport_cases import PASSPORT  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamper.case import Case

PAGE = ROOT / "docs" / "tampering.md"
HEAD = """\
# Tampering

What somebody can do to a ledger or a passport behind its owner's back, who finds it, and what is said then. Each row is
a test, on a real ledger on disk and a real passport; `tools/make_tamper_page.py` writes this page from their tables.

A denial is an answer too: where `denied: …` stands, the file holds and the gate says no, by these rules. A warning is
one thing only: a checkpoint that is missing, which publishing that was interrupted leaves behind as well.

What none of these finds is a history that was rewritten together with all checkpoints, by somebody who has the keys of
log and witnesses and the witnesses' memory. For that, keep a checkpoint elsewhere: [the ledger](ledger.md).
"""


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for title, cases in (("A ledger", LEDGER), ("A passport", PASSPORT)):
        parts += [f"## {title}: {len(cases)} ways\n", *_table(cases)]
    return "\n".join(parts) + "\n"


def _table(cases: Iterable[Case]) -> list[str]:
    rows = [f"| {case.name} | {_cell(case.how)} | {case.found_by} | {_cell(case.told)} |" for case in cases]
    return ["| | how | found by | told |", "|---|---|---|---|", *rows, ""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page().rstrip("\n") + "\n")
