"""The documentation says what is there: every verb, option, exit code and rule, and no link leads nowhere."""

import argparse
import importlib
import re

import pytest

from docs.pages import PAGES, REPOSITORY, keeps, links, promises
from hauberk.cli.catalogue import VERBS
from hauberk.cli.dispatch import Parser
from hauberk.cli.exits import EXITS, Exit

DOCS = REPOSITORY / "docs"
PAGE_OF = {
    "scan": "scan.md",
    "intake": "intake.md",
    "detonate": "detonate.md",
    "disarm": "disarm.md",
    "weights": "weights.md",
    "weights invert": "weights.md",
    "scan learn": "own-tables.md",
    "scan approve": "own-tables.md",
    "explain": "scan.md",
    "sign": "sign-and-verify.md",
    "verify": "sign-and-verify.md",
    "gate": "gate.md",
    "passport": "passport.md",
    "ledger": "ledger.md",
    "publish": "publish.md",
    "pull": "publish.md",
    "promote": "publish.md",
    "data manifest": "data.md",
    "data diff": "data.md",
    "data publish": "data.md",
    "data check-store": "data.md",
    "data check": "data-checks.md",
    "data approve": "data-checks.md",
    "data checks-from": "data-checks.md",
    "data erase": "data.md",
    "data features": "features.md",
    "data verify-erased": "data.md",
    "train": "train.md",
    "derive": "train.md",
    "init": "pipeline.md",
    "trust": "keys.md",
    "key": "keys.md",
    "run": "pipeline.md",
}
ACTIONS = {
    "gate": {
        *("load", "train", "hold", "approve", "revoke"),
        *("excuse", "grandfather", "break-glass", "risk", "cosign", "append", "exceptions"),
    },
    "ledger": {
        *("head", "prove", "verify", "where", "deployed", "export", "rebuild", "backup", "restore"),
        *("witness", "serve", "tiles", "send", "outbox", "anchor"),
    },
    "passport": {"export", "verify"},
    "trust": {"edit", "sign", "append"},
    "key": {"new", "rotate", "revoke"},
}


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """Return the long options of a parser and of those under it."""
    found: set[str] = set()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                found |= options_of(inner)
        found |= {option for option in action.option_strings if option.startswith("--")}
    return found - {"--help"}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_a_verb_has_a_page_that_names_each_of_its_options(verb):
    text = (DOCS / PAGE_OF[verb.name]).read_text()
    parser = Parser(prog=f"hauberk {verb.name}")
    importlib.import_module(f"hauberk.cli.{verb.module}").configure(parser)
    assert f"hauberk {verb.name}" in text
    assert {option for option in options_of(parser) if not re.search(rf"{option}\b", text)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_leads_nowhere(page):
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


def test_the_page_of_exit_codes_is_the_table():
    text = (DOCS / "exit-codes.md").read_text()
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert codes == {int(code) for code in Exit}
    rows = dict(re.findall(r"^\| `(\w+)` \| (\d) \|", text, re.MULTILINE))
    assert rows == {error.__name__: str(int(code)) for error, code in EXITS.items()}


def test_the_readme_is_short_but_for_its_numbers():
    before, _, rest = (REPOSITORY / "README.md").read_text().partition("<!-- numbers: make bench -->")
    assert rest.count("<!-- end of numbers -->") == 1
    assert len((before + rest.partition("<!-- end of numbers -->")[2]).split()) <= 500


def test_the_readme_begins_with_what_the_program_does():
    first = [command for command, _ in promises(REPOSITORY / "README.md")]
    assert first[0].startswith("hauberk scan")
    assert any(command.startswith("hauberk verify") for command in first)


def test_each_number_of_the_readme_names_a_script_that_measures_it():
    text = (REPOSITORY / "README.md").read_text()
    table = text[text.index("<!-- numbers: make bench -->") : text.index("<!-- end of numbers -->")]
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]
    scripts = [re.search(r"`python (benchmarks/[\w/]+\.py)`", row) for row in rows]
    assert rows
    assert all(script and (REPOSITORY / script[1]).is_file() for script in scripts)


@pytest.mark.parametrize(
    ("promised", "printed", "kept"),
    [
        ("a line", "a line", True),
        ("took … s", "took 0.01 s", True),
        ("took … s", "took 0.01 ms", False),
        ("a.line", "a line", False),
    ],
)
def test_a_promise_is_kept_to_the_letter(promised, printed, kept):
    assert keeps(promised, printed) is kept


@pytest.mark.parametrize("path", [*PAGES, *sorted((REPOSITORY / "src").rglob("*.py"))], ids=lambda path: path.name)
def test_a_command_that_is_named_exists(path):
    named = re.findall(r"`hauberk ([a-z]+)(?: (?:--[^`]*|([a-z]+(?:-[a-z]+)*)))?", path.read_text())
    verbs = {verb.name.partition(" ")[0] for verb in VERBS}
    second = {verb: {v.name.partition(" ")[2] for v in VERBS if v.name.startswith(f"{verb} ")} for verb in verbs}
    assert [verb for verb, _ in named if verb not in verbs] == []
    assert [
        f"{verb} {action}"
        for verb, action in named
        if action and action not in ACTIONS.get(verb, second[verb] or {action})
    ] == []
