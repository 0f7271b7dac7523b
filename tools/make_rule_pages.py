"""Writes the pages of rules in docs from the rules' own words: `python tools/make_rule_pages.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from hauberk.checks.data.registry import RULES as DATA_RULES
from hauberk.checks.features.registry import RULES as FEATURE_RULES
from hauberk.checks.model.registry import RULES

if TYPE_CHECKING:
    from hauberk.rule import Rule

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
DATA_PAGE = PAGE.with_name("data-rules.md")
FEATURE_PAGE = PAGE.with_name("feature-rules.md")
HEAD = """# Rules

What a scan asks of a model file, worst first within each family. The page is made from the rules themselves by
`tools/make_rule_pages.py`. A finding of severity critical or high makes a file malicious, medium makes it suspicious;
either keeps `hauberk.load` from opening it.

| rule | severity | in short |
|---|---|---|
"""


DATA_HEAD = """# Rules about data

What `hauberk data check` asks of a data set; [checks.yaml](data-checks.md) says of which columns. The page is made from
the rules themselves by `tools/make_rule_pages.py`. Any finding makes a check fail.

| rule | severity | in short |
|---|---|---|
"""


FEATURE_HEAD = """# Rules about feature views

What `hauberk data features` asks of a [feature view](features.md). The page is made from the rules themselves by
`tools/make_rule_pages.py`. Any finding makes the exit code 1.

| rule | severity | in short |
|---|---|---|
"""


def page() -> str:
    """Return the whole page of the rules about models."""
    return _page(HEAD, RULES)


def data_page() -> str:
    """Return the whole page of the rules about data."""
    return _page(DATA_HEAD, DATA_RULES)


def feature_page() -> str:
    """Return the whole page of the rules about feature views."""
    return _page(FEATURE_HEAD, FEATURE_RULES)


def _page(head: str, rules: tuple[Rule, ...]) -> str:
    rows = [f"| [{rule.id}](#{rule.id}) | {rule.severity} | {rule.title} |\n" for rule in rules]
    parts = [
        f"\n## {rule.id}\n\n*{rule.severity}*: {rule.title}.\n\n{_body(rule.page)}\n\n**What to do.** {rule.remedy}\n\n"
        f"**References.** {', '.join(rule.references)}.\n"
        for rule in rules
    ]
    return head + "".join(rows) + "".join(parts)


def _body(text: str) -> str:
    """Return a docstring without its first line, which says what the title says."""
    return text.strip().partition("\n\n")[2]


if __name__ == "__main__":
    PAGE.write_text(page())
    DATA_PAGE.write_text(data_page())
    FEATURE_PAGE.write_text(feature_page())
