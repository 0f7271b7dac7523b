"""Writes docs/rules.md from the rules' own words: `python tools/make_rule_pages.py`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from hauberk.checks.model.registry import RULES

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
HEAD = """# Rules

What a scan asks of a model file, worst first within each family. The page is made from the rules themselves by
`tools/make_rule_pages.py`. A finding of severity critical or high makes a file malicious, medium makes it suspicious;
either keeps `hauberk.load` from opening it.

| rule | severity | in short |
|---|---|---|
"""


def page() -> str:
    """Return the whole page."""
    rows = [f"| [{rule.id}](#{rule.id}) | {rule.severity} | {rule.title} |\n" for rule in RULES]
    parts = [
        f"\n## {rule.id}\n\n*{rule.severity}*: {rule.title}.\n\n{_body(rule.page)}\n\n**What to do.** {rule.remedy}\n\n"
        f"**References.** {', '.join(rule.references)}.\n"
        for rule in RULES
    ]
    return HEAD + "".join(rows) + "".join(parts)


def _body(text: str) -> str:
    """Return a docstring without its first line, which says what the title says."""
    return text.strip().partition("\n\n")[2]


if __name__ == "__main__":
    PAGE.write_text(page())
