"""One command line: what is said, where, and with which exit code."""

import argparse
import sys
from types import SimpleNamespace

import pytest

from hauberk.cli import dispatch as door
from hauberk.cli.catalogue import VERBS, Verb
from hauberk.cli.main import main
from hauberk.errors import Malformed, Misconfigured, NotVerified
from hauberk.version import VERSION


@pytest.fixture
def verb(monkeypatch):
    """Put a verb `probe` in the catalogue that does what the test gives it to do."""

    def put(call):
        def configure(parser: argparse.ArgumentParser) -> None:
            parser.add_argument("--size", type=int)
            parser.set_defaults(call=call)

        monkeypatch.setitem(sys.modules, "hauberk.cli.probe", SimpleNamespace(configure=configure))
        monkeypatch.setattr(door, "VERBS", (*VERBS, Verb("probe", "probe", "a verb of this test")))

    return put


def raising(error):
    def call(_options):
        raise error

    return call


def test_the_version_is_one_line(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"hauberk {VERSION}\n"


def test_help_lists_every_verb_with_its_summary(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {verb.name} " in shown and verb.summary in shown for verb in VERBS)


def test_no_verb_at_all_is_wrong_usage(capsys):
    assert main([]) == 2
    assert "usage: hauberk" in capsys.readouterr().out


def test_a_misspelt_verb_is_answered_with_the_nearest(capsys):
    assert main(["scna"]) == 2
    assert capsys.readouterr().err == "hauberk: no such verb: scna\n  next: did you mean `hauberk scan`?\n"


def test_a_verb_far_from_every_other_is_answered_with_the_help(capsys):
    assert main(["xylophone"]) == 2
    assert "see `hauberk --help`" in capsys.readouterr().err


def test_what_a_verb_returns_is_the_exit_code(verb):
    verb(lambda _options: 3)
    assert main(["probe"]) == 3


def test_a_verbs_own_help_is_no_failure(verb, capsys):
    verb(raising(AssertionError("help does not run the verb")))
    assert main(["probe", "--help"]) == 0
    assert "a verb of this test" in capsys.readouterr().out


def test_an_option_that_does_not_exist_is_wrong_usage(verb, capsys):
    verb(lambda _options: 0)
    assert main(["probe", "--xylophone", "3"]) == 2
    assert "see `hauberk probe --help`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        (["probe", "--sise", "3"], "--size"),
        (["scan", "--formt", "json", "f"], "--format"),
        (["scan", "--format", "jsn", "f"], "json"),
        (["gate", "lod"], "load"),
        (["gate", "load", "m", "--projekt=x"], "--project"),
    ],
    ids=" ".join,
)
def test_a_misspelt_word_is_answered_with_the_nearest(verb, capsys, line, meant):
    verb(lambda _options: 0)
    assert main(line) == 2
    assert capsys.readouterr().err.endswith(f"\n  next: did you mean `{meant}`?\n")


def test_an_abbreviated_option_is_wrong_usage(verb):
    verb(lambda _options: 0)
    assert main(["probe", "--siz", "3"]) == 2


def test_a_value_of_the_wrong_type_is_wrong_usage(verb, capsys):
    verb(lambda _options: 0)
    assert main(["probe", "--size", "many"]) == 2
    assert "many" in capsys.readouterr().err


def test_an_error_is_a_sentence_and_the_next_thing_to_do(verb, capsys):
    verb(raising(NotVerified("the signature does not hold", "ask the producer")))
    assert main(["probe"]) == 1
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err == "hauberk: the signature does not hold\n  next: ask the producer\n"


def test_what_a_file_says_cannot_drive_the_terminal(verb, capsys):
    verb(raising(Malformed("odd name \x1b[2J\n\u202e\udce9")))
    assert main(["probe"]) == 1
    assert capsys.readouterr().err == "hauberk: odd name \\x1b[2J\\n\\u202e\\udce9\n"


def test_a_fault_of_ours_is_short(verb, capsys):
    verb(raising(ZeroDivisionError("division by zero")))
    assert main(["probe"]) == 4
    written = capsys.readouterr().err
    assert written.startswith("hauberk: our own fault: ZeroDivisionError: division by zero\n  next: ")
    assert "Traceback" not in written


def test_a_verb_that_ends_the_program_is_a_fault_and_no_pass(verb):
    verb(raising(SystemExit(0)))
    assert main(["probe"]) == 4


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), Misconfigured("x")])
def test_debug_shows_the_traceback(verb, capsys, error):
    verb(raising(error))
    main(["probe", "--debug"])
    assert "Traceback" in capsys.readouterr().err


def test_a_person_who_interrupts_gets_the_shells_code(verb, capsys):
    verb(raising(KeyboardInterrupt()))
    assert main(["probe"]) == 130
    assert capsys.readouterr().err == "hauberk: interrupted\n"


def test_no_line_of_help_is_wider_than_80_columns(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    for line in (["gate"], ["ledger"], ["key"], ["trust"], ["passport"], ["promote"], ["pull"], ["publish"]):
        assert main([*line, "--help"]) == 0
        assert max(map(len, capsys.readouterr().out.splitlines())) <= 80, line
