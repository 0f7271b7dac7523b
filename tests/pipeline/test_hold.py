"""A server that holds a permit is told of a revocation by another process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from functools import partial
from types import SimpleNamespace

import pytest

import hauberk
from hauberk.cli.main import main
from hauberk.edge import clock
from hauberk.edge.sources import digest_path
from hauberk.errors import Refused, Unavailable
from hauberk.ledger.log import Log
from hauberk.pipeline.hold import Held
from hauberk.pipeline.reading import EVERY_SECONDS
from projects import go, small_project

SERVER = """
import os, hauberk
def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
with hauberk.hold("model", on_refused=lambda error: say("called:", error.message)) as held:
    say(hauberk.load("model", permit=held.permit)["mean"])
    try:
        while not held.wait(120):
            say("waited too long")
        held.check()
    except hauberk.HauberkError as error:
        say("stopped:", type(error).__name__)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = small_project(tmp_path_factory.mktemp("hold") / "small")
    go(folder)
    return folder


def kept(not_after=4_000_000_000):
    permit = SimpleNamespace(not_after=not_after)
    return SimpleNamespace(permit=permit, watch=lambda _log, _now: None, is_due=lambda _now: False, patience_seconds=90)


def test_the_interval_leaves_room_for_the_look_within_a_second():
    assert EVERY_SECONDS <= 0.25


def test_a_permit_is_held_while_the_model_is_used(project):
    with hauberk.hold(project / "model", project=project) as held:
        assert hauberk.load(project / "model", permit=held.permit) == {"mean": 2.0}
        assert not held.wait(0)


def test_a_model_that_is_not_the_one_of_the_evidence_gets_no_permit(project, tmp_path):
    (tmp_path / "other").write_bytes(b"x")
    with pytest.raises(Refused, match="is denied"):
        hauberk.hold(tmp_path / "other", project=project)


def test_a_project_without_a_ledger_gives_none(tmp_path):
    with pytest.raises(hauberk.HauberkError):
        hauberk.hold(tmp_path, project=tmp_path)


def test_a_permit_that_ended_and_was_not_renewed_is_refused(project):
    held = Held(kept(not_after=1), partial(Log.open, project / ".hauberk" / "ledger", read_only=True), None)
    with pytest.raises(Refused, match="ended at 1970-01-01T00:00:01Z and was not renewed"):
        held.check()


def test_a_ledger_that_nobody_could_read_for_long_is_no_permission(project, monkeypatch):
    held = Held(kept(), partial(Log.open, project / ".hauberk" / "ledger", read_only=True), None)
    assert held.check()
    now = clock.stopwatch()
    monkeypatch.setattr(clock, "stopwatch", lambda: now + 91)
    with pytest.raises(Unavailable, match="nobody could look at the ledger"):
        held.check()


def test_a_permit_does_not_last_longer_because_the_clock_was_set_back(project, monkeypatch):
    now, passed = clock.now(), clock.stopwatch()
    asked = []
    watched = kept(not_after=now + 60)
    watched.renew = lambda _log, at: asked.append(at)
    held = Held(watched, partial(Log.open, project / ".hauberk" / "ledger", read_only=True), None)
    monkeypatch.setattr(clock, "now", lambda: now - 7200)
    monkeypatch.setattr(clock, "stopwatch", lambda: passed + 59)
    assert held.check()
    monkeypatch.setattr(clock, "stopwatch", lambda: passed + 62)
    with pytest.raises(Refused, match="and was not renewed"):
        held.check()
    with held:
        until(lambda: asked == [now - 7200])
    watched.permit = SimpleNamespace(not_after=now - 7200 + 60)
    assert held._is_over(watched.permit) is False


def until(holds):
    """Wait for something that another thread does; how long that takes is no question here."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def test_a_ledger_that_was_away_for_a_moment_ends_nothing(project):
    place, elsewhere = project / ".hauberk" / "ledger", project / "elsewhere"
    with hauberk.hold(project / "model", project=project) as held:
        place.rename(elsewhere)
        until(lambda: held._unread is not None)
        assert held.check()
        elsewhere.rename(place)
        until(lambda: held._unread is None)
        assert held.check()


def test_who_leaves_does_not_wait_for_a_look_that_a_slow_service_draws_out(project, monkeypatch):
    monkeypatch.setattr("hauberk.pipeline.hold._LEAVING_SECONDS", 0.01)
    looking, answered = threading.Event(), threading.Event()

    def slowly():
        looking.set()
        answered.wait()
        return Log.open(project / ".hauberk" / "ledger", read_only=True)

    held = Held(kept(), slowly, None)
    with held:
        looking.wait()
    assert held._thread.is_alive()
    answered.set()
    held._thread.join()


def test_where_the_thread_is_not_there_is_no_permission_however_long_the_policy_waits(project):
    """As after a fork, which leaves the thread in the other process."""
    held = Held(kept(), partial(Log.open, project / ".hauberk" / "ledger", read_only=True), None)
    with held:
        assert held.check()
    with pytest.raises(Unavailable, match="nobody looks at the ledger in this process"):
        held.check()


def test_what_ended_it_is_raised_each_time(project):
    told = []
    held = Held(kept(), partial(Log.open, project / ".hauberk" / "ledger", read_only=True), told.append)
    held._end(Refused("revoked", "stop"))
    for _ in range(2):
        with pytest.raises(Refused, match="revoked"):
            held.check()
    assert [error.message for error in told] == ["revoked"]
    assert held.wait(0)


def test_a_server_in_another_process_is_told_of_a_revocation(project, capsys):
    """No time: the revocation is written, the server says why it stops, and both have ended."""
    command = [sys.executable, "-c", SERVER]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    server = subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout.readline() == "2.0\n"
        data = str(digest_path(project / "data" / "train.csv"))
        words = ["gate", "revoke", data, "--reason", "a wrong export", "--project", str(project)]
        assert main(words) == 0
        assert re.search(r"stop within a second; .* until 20\d\d-.*Z at the latest", capsys.readouterr().out)
        said, _ = server.communicate(timeout=120)
    finally:
        server.kill()
    first, second = sorted(said.splitlines())  # two threads say them, each its line at once
    assert first.startswith(f"called: {data}, on which model/small")
    assert first.endswith(": a wrong export")
    assert second == "stopped: Refused"


def test_after_a_revocation_nobody_gets_a_permit(project, capsys):
    assert main(["gate", "hold", str(project / "model"), "--project", str(project)]) == 1
    assert "is revoked" in capsys.readouterr().err
