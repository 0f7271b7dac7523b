"""Text that an unpickler would run: it is a pickle to the scan as well, however late it begins to act."""

from __future__ import annotations

import bz2

import pytest

from attack_streams import is_passed, report_of, rules_broken

PAYLOAD = b"cposix\nsystem\n(S'echo hauberk'\ntR."
LONG = 1 << 20


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(b"N0" * 300_000 + PAYLOAD, id="more instructions than an attempt follows"),
        pytest.param(b"I010\n0S'" + b"a" * LONG + b"'\n0" + PAYLOAD, id="a number that the readers disagree about"),
        pytest.param(b"I010\n0" * 100 + PAYLOAD.replace(b"(S", b"N0" * 99 + b"(S"), id="more doubts than are noted"),
        pytest.param(b"S'" + b"a" * LONG + b"'\n0" + PAYLOAD, id="text longer than the first MiB"),
        pytest.param(b"V" + b"a" * LONG + b"\n0" + PAYLOAD + b" and so on", id="a broken tail"),
        pytest.param(b"cposix\nsystem\n." * 12_000, id="more streams than are followed"),
        pytest.param(b"N." + PAYLOAD, id="a second stream"),
    ],
)
def test_text_that_acts_late_is_not_inert(stream: bytes) -> None:
    assert report_of(stream).format == "pickle"
    assert not is_passed(stream)


def test_text_that_imports_from_the_standard_library_and_breaks_is_a_pickle() -> None:
    assert rules_broken(b"cunittest.__main__\nmain\nand then some text\n")
    assert rules_broken(b"cthis\ns\nand then some text\n")


def test_text_whose_first_stream_is_whole_and_imports_is_a_pickle() -> None:
    assert not is_passed(b"cevil\nrun\n.and then some text\n")


@pytest.mark.parametrize(
    "text",
    [
        b"cat\ndog\nbird\n",
        b"person\ncar\n",
        b"N. B.\n",
        b"import os\nos.system('x')\n",
        b"config.json\nmodel\n",
        b"I\n",
    ],
)
def test_words_in_lines_are_text(text: bytes) -> None:
    assert report_of(text).format == "text"
    assert is_passed(text)


@pytest.mark.parametrize("length", [b"0x1a".ljust(19), b"1a".rjust(19), b"1_a".ljust(19), b"0X1A".ljust(19)])
def test_text_that_joblib_would_inflate_is_not_inert(length: bytes) -> None:
    assert report_of(b"ZF" + length + b"x^and letters only").format == "joblib-zfile"


def test_a_bzip2_file_that_begins_with_an_empty_stream_is_one() -> None:
    assert report_of(bz2.compress(b"") + bz2.compress(PAYLOAD)).format == "bzip2"
