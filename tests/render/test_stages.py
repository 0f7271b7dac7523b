"""A run as lines: one a stage, which never drives the terminal."""

import pytest

from hauberk.render.stages import command_line, notice_line, stage_line


@pytest.mark.parametrize(("how", "icon"), [("ran", "✓"), ("unchanged", "·"), ("denied", "✗"), ("failed", "✗")])
def test_a_stage_is_one_line_with_icon_word_and_seconds(how, icon):
    line = stage_line("train", how, "dirHash:0123", seconds=2.04, colour=False, width=60)
    assert line.split() == [icon, "train", how, "dirHash:0123", "2.0", "s"]
    assert len(line) == 60


def test_a_long_word_is_never_cut():
    assert "x" * 200 in stage_line("train", "ran", "x" * 200, seconds=0, colour=False, width=60)


def test_many_words_are_wrapped_and_the_seconds_stay_in_their_column():
    first, *more = stage_line("train", "ran", "word " * 30, seconds=2.04, colour=False, width=80).splitlines()
    assert (first[-5:], len(first)) == ("2.0 s", 80)
    assert more
    assert max(map(len, more)) <= 80


def test_a_long_failure_is_one_line_because_it_is_told_again():
    line = stage_line("gate", "failed", "word " * 90, seconds=2.04, colour=False, width=80)
    assert len(line) == 80
    assert "…" in line


@pytest.mark.parametrize(
    "line",
    [
        stage_line("train", "failed", "\x1b[2J", seconds=0, colour=False, width=60),
        command_line("train", ("python", "\x1b[2J"), colour=False),
        notice_line("\x1b[2J", colour=False),
    ],
)
def test_no_line_drives_the_terminal(line):
    assert "\x1b" not in line
