"""Terminal output: the same facts, good to look at, and nothing from a file reaches the terminal as control."""

import re

import pytest

from hauberk.digest import sha256
from hauberk.finding import Finding, Location, Report, Scan, Severity
from hauberk.render.text import render
from hauberk.render.words import visible
from render import scans

COLOURS = re.compile(r"\x1b\[\d+m")


def shown(scan, **arguments):
    return render(scan, **{"rules": scans.RULES, "colour": False, "width": 80, **arguments})


@pytest.mark.parametrize("name", scans.ALL)
def test_the_page_is_the_golden_one(name, golden):
    golden(f"{name}.txt", shown(scans.ALL[name]) + "\n")


@pytest.mark.parametrize("name", scans.ALL)
def test_colour_changes_nothing_but_colour(name):
    assert COLOURS.sub("", shown(scans.ALL[name], colour=True)) == shown(scans.ALL[name])


@pytest.mark.parametrize("name", scans.ALL)
@pytest.mark.parametrize("colour", [False, True])
def test_of_control_characters_only_our_colours_and_line_ends_are_left(name, colour):
    text = COLOURS.sub("", shown(scans.ALL[name], colour=colour)).replace("\n", "")
    assert text.isprintable()


@pytest.mark.parametrize("name", ["mixed", "unread", "hostile"])
def test_what_is_incomplete_is_never_called_clean(name):
    lines = [line for line in shown(scans.ALL[name]).splitlines() if line.startswith("✓")]
    assert [line.split()[2] for line in lines] == ["model/d.npy"] * len(lines)


def test_the_remedy_of_a_rule_is_told_once_for_a_file():
    findings = tuple(Finding("pickle-shell", Severity.CRITICAL, Location(offset=n), "calls x") for n in range(5))
    text = shown(Scan((), (Report("a.pkl", sha256(b""), "pickle", findings=findings),)))
    assert (text.count("saw: calls x"), text.count("fix: ")) == (5, 1)


def test_of_very_many_places_the_count_is_told():
    findings = tuple(Finding("pickle-shell", Severity.CRITICAL, Location(offset=n), "calls x") for n in range(1000))
    text = shown(Scan((), (Report("a.pkl", sha256(b""), "pickle", findings=findings),)))
    assert "and 988 more places; --format json has all" in text
    assert text.count("saw:") == 12


def test_places_that_a_rule_only_counted_are_told_as_such():
    listed = [Finding("pickle-shell", Severity.CRITICAL, Location(offset=n), "calls x") for n in range(100)]
    counted = Finding("pickle-shell", Severity.CRITICAL, Location(offset=100), "and 900 more, from here on")
    text = shown(Scan((), (Report("a.pkl", sha256(b""), "pickle", findings=(*listed, counted)),)))
    assert "and 988 more places; --format json has the first 100, the rest is only counted" in " ".join(text.split())
    assert text.count("saw:") == 12


def test_a_fact_of_a_megabyte_is_cut():
    finding = Finding("pickle-shell", Severity.CRITICAL, Location(), "x" * 1_000_000)
    assert len(shown(Scan((), (Report("a.pkl", sha256(b""), "pickle", findings=(finding,)),)))) < 2000


def test_the_worst_comes_first():
    mild = Finding("aaa-mild", Severity.LOW, Location(offset=0), "mild")
    text = shown(Scan((), (Report("a.pkl", sha256(b""), "pickle", findings=(mild, scans.SHELL)),)))
    assert text.index("pickle-shell") < text.index("aaa-mild")


@pytest.mark.parametrize("width", [1, 40, 60, 200])
def test_text_keeps_to_the_width(width):
    wrapped = [line for line in shown(scans.MIXED, width=width).splitlines() if line.startswith(" " * 15)]
    assert max(map(len, wrapped)) <= max(width, 40)


def test_the_worst_file_comes_first_and_what_was_not_read_before_what_is_clean():
    marks = [line[:1] for name in ("mixed", "unread") for line in shown(scans.ALL[name]).splitlines()]
    assert [mark for mark in marks if mark in tuple("✗!?✓")] == ["✗", "!", "?", "✓", "?", "✓"]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_summary_keeps_to_the_width_and_counts_each_file_once(width):
    summary = shown(scans.MIXED, width=width).rpartition("\n\n")[2]
    assert max(map(len, summary.splitlines())) <= width
    assert "1 malicious, 1 suspicious, 1 unchecked, 1 clean" in " ".join(summary.split())


def test_thousands_of_files_are_counted_alike():
    many = tuple(Report(f"{n}", sha256(b""), "pickle") for n in range(2000))
    assert shown(Scan((), many)).endswith("2,000 files, 0 B, 0.00 s: 2,000 clean")


def test_no_file_is_said_to_be_nothing():
    assert shown(Scan((), ())).endswith("nothing to read")


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain é 漢", "plain é 漢"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b", "\\x9b"),
        ("\u202e", "\\u202e"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_does_not_print_as_itself_is_an_escape(text, safe):
    assert visible(text) == safe
