"""Write docs/rules.md from the rules themselves: each rule's docstring is its manual page."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.checks.model.registry import RULES

if TYPE_CHECKING:
    from hauberk.rule import Rule

PAGE = Path(__file__).parents[1] / "docs" / "rules.md"
HEAD = """# Rules

What `hauberk scan` looks for. This page is made from the rules by `make docs`; to change it, change them.

| rule | severity | title |
|---|---|---|
"""


def page(rules: tuple[Rule, ...] = RULES) -> str:
    """Return the text of the page."""
    rows = "".join(f"| [{rule.id}](#{rule.id}) | {rule.severity} | {rule.title} |\n" for rule in rules)
    return HEAD + rows + "".join(f"\n{section(rule)}" for rule in rules)


def section(rule: Rule) -> str:
    """Return one rule's section."""
    references = ", ".join(rule.references)
    return (
        f"## {rule.id}\n\n{inspect.cleandoc(rule.page)}\n\nSeverity: {rule.severity}\n\n"
        f"What to do: {rule.remedy}\n\nReferences: {references}\n"
    )


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"{PAGE}: {len(RULES)} rules")
