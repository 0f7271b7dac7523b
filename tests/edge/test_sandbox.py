"""The sandbox's filter, as the kernel would run it, and the refusal where there is no sandbox."""

import runpy
import struct
import sys

import pytest

from hauberk.edge.sandbox import bubblewrap, seccomp
from hauberk.errors import Unavailable
from hauberk.verbs import detonate

ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
TOKENS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def answer(program: bytes, token: int, number: int, first: int = 0) -> int:
    """Run a filter as the kernel's classic BPF machine does: load, compare, jump, return."""
    steps = list(struct.iter_unpack("=HBBI", program))
    held, at = 0, 0
    while True:
        code, when, otherwise, value = steps[at]
        at += 1
        if code == 0x20:
            held = {0: number, 4: token, 16: first}[value]
        elif code == 0x15:
            at += when if held == value else otherwise
        elif code == 0x35:
            at += when if held >= value else otherwise
        elif code == 0x45:
            at += when if held & value else otherwise
        else:
            return value


@pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])
def test_every_denied_call_is_refused(machine, column):
    program = seccomp.program(machine)
    numbers = [
        row[column] for row in (*seccomp.DENIED.values(), *seccomp.UNCOUNTED.values()) if row[column] is not None
    ]
    assert {answer(program, TOKENS[machine], number) for number in numbers} == {EPERM}


@pytest.mark.parametrize("number", [0, 1, 56, 59, 257, 434])
def test_other_calls_are_let_through(number):
    assert answer(seccomp.program("x86_64"), TOKENS["x86_64"], number) == ALLOW


@pytest.mark.parametrize(("machine", "number"), [("x86_64", 56), ("aarch64", 220)])
@pytest.mark.parametrize(
    ("flags", "expected"), [(0x11, ALLOW), (0x3D0F00, ALLOW), (0x10000011, EPERM), (1 << 30, EPERM), (0x800011, EPERM)]
)
def test_a_process_is_made_but_no_namespace(machine, number, flags, expected):
    assert answer(seccomp.program(machine), TOKENS[machine], number, flags) == expected


@pytest.mark.parametrize(("machine", "number"), [("x86_64", 41), ("aarch64", 198)])
@pytest.mark.parametrize(
    ("family", "expected"), [(1, ALLOW), (2, ALLOW), (10, ALLOW), (16, EPERM), (17, EPERM), (38, EPERM), (40, EPERM)]
)
def test_sockets_are_local_or_of_the_internet(machine, number, family, expected):
    assert answer(seccomp.program(machine), TOKENS[machine], number, family) == expected


def test_memory_that_nothing_counts_may_be_let():
    assert answer(seccomp.program("x86_64", counted=False), TOKENS["x86_64"], 319) == ALLOW


@pytest.mark.parametrize("number", [435, 463, 500])
def test_calls_that_no_filter_can_judge_are_not_there(number):
    assert answer(seccomp.program("x86_64"), TOKENS["x86_64"], number) == ENOSYS


def test_calls_of_another_architecture_end_the_process():
    assert answer(seccomp.program("x86_64"), 0x40000003, 101) == KILL


def test_calls_by_their_x32_number_end_the_process():
    assert answer(seccomp.program("x86_64"), TOKENS["x86_64"], 0x40000000 + 521) == KILL


def test_there_is_no_filter_for_a_machine_whose_numbers_are_not_known():
    with pytest.raises(Unavailable, match="riscv64"):
        seccomp.program("riscv64")


def test_without_its_parts_there_is_no_sandbox(monkeypatch):
    monkeypatch.setattr(bubblewrap.os, "defpath", "/nonexistent")
    with pytest.raises(Unavailable, match="bwrap and strace not found") as refused:
        bubblewrap.check()
    assert "apt-get install bubblewrap strace" in refused.value.hint


def test_a_sandbox_is_not_taken_from_the_path_of_the_caller(monkeypatch, tmp_path):
    for name in ("bwrap", "strace"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 0\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(bubblewrap.os, "defpath", "/nonexistent")
    with pytest.raises(Unavailable, match="bwrap and strace not found"):
        bubblewrap.check()


def test_a_sandbox_that_lets_anything_through_is_none(monkeypatch):
    loose = bubblewrap.Ran({"able": ["read a file of the host"]}, "", "")
    monkeypatch.setattr(bubblewrap, "program", lambda _: "/usr/bin/true")
    monkeypatch.setattr(bubblewrap, "_run", lambda *_: loose)
    with pytest.raises(Unavailable, match="not tight: inside, one can read a file of the host"):
        bubblewrap.check()


def test_a_sandbox_that_does_not_start_is_none(monkeypatch):
    monkeypatch.setattr(bubblewrap, "program", lambda _: "/usr/bin/true")
    monkeypatch.setattr(bubblewrap, "_run", lambda *_: bubblewrap.Ran(None, "", "it ended with 1: no namespaces"))
    with pytest.raises(Unavailable, match="no namespaces"):
        bubblewrap.check()


def test_an_environment_that_lies_under_the_empty_folder_is_seen_inside(tmp_path):
    words = bubblewrap.walls(tmp_path, 3, bubblewrap.Budget())
    assert all(words.index(prefix) > words.index("--tmpfs") for prefix in (sys.base_prefix, sys.prefix))


def test_of_proc_only_what_is_known_is_left_uncovered():
    words = bubblewrap._covers()
    assert "/proc/sys" in words
    assert not {"/proc/meminfo", "/proc/self"} & set(words)


def test_an_answer_that_nests_without_end_is_none():
    assert bubblewrap.decoded(b"[" * 200_000) is None


def test_who_asks_and_who_opens_name_the_same_forms_and_packages():
    """The opener is a program that nothing imports, so its tables stand twice; this holds them alike."""
    space = runpy.run_path(str(bubblewrap.OPENER))
    assert space["NEEDS"] == detonate._NEEDS
    assert set(space["OPENERS"]) == set(detonate.FORMS)
