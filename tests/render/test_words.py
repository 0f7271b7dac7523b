"""Sentences on a terminal: between words, no wider than it, commands whole; and one line each for a program."""

import pytest

from hauberk.render.words import sentences

DIGEST = "dirHash:" + "0" * 64
SAID = (
    "trust version 1 -> 2, valid until 2026-12-26T12:47:59Z",
    f"exception: model/small {DIGEST}; until 2026-12-31T23:59:59Z, 29 days left; Grace answers for it: it runs",
    "written: next-trust.json; edit it, then sign it by `hauberk trust sign next-trust.json --key ROOT_KEY`",
)


@pytest.mark.parametrize("width", [80, 100, 200])
def test_no_line_is_wider_than_the_terminal_and_no_word_is_broken(width):
    lines = sentences(SAID, width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert " ".join(" ".join(lines).split()) == " ".join(SAID)


def test_what_belongs_to_a_sentence_is_indented_below_it():
    first, second, *more = sentences(SAID, width=80).splitlines()
    assert first == SAID[0]
    assert second.startswith("exception:")
    assert [line.startswith("    ") for line in more].count(False) == 1, "the third sentence"


def test_a_command_stays_on_one_line_to_be_copied():
    assert "`hauberk trust sign next-trust.json --key ROOT_KEY`" in sentences(SAID, width=80)


def test_a_program_gets_a_line_for_each_sentence():
    assert sentences(SAID, width=None).splitlines() == list(SAID)


@pytest.mark.parametrize("width", [80, None])
def test_what_comes_from_outside_drives_no_terminal_and_makes_no_line(width):
    assert sentences(["a\x1b[2Jb\nc\0d"], width=width) == "a\\x1b[2Jb\\nc\\x00d"


def test_a_word_that_is_wider_than_the_terminal_stays_whole():
    assert f"{DIGEST}{DIGEST}" in sentences([f"a {DIGEST}{DIGEST} b"], width=80)
