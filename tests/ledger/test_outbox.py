"""What waits in an outbox survives, is delivered in its order, and gets into a log exactly once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import hauberk
from hauberk.cli.main import main
from hauberk.digest import sha256
from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger.outbox import DATABASE, Outbox
from hauberk.signature import dsse
from hauberk.statement import Statement
from ledger_world import statement, verified

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Append = Callable[[Sequence[bytes]], list[int]]


def envelope(name: str) -> bytes:
    return dsse.encode_envelope(verified(name).envelope)


class FakeLog:
    """Takes an envelope once, and answers, or not, as it is told."""

    def __init__(self, *, refuses: bytes = b"", loses_answers: int = 0, away: bool = False) -> None:
        self.entries: list[bytes] = []
        self.asked: list[int] = []
        self.refuses, self.loses, self.away = refuses, loses_answers, away

    def append(self, several: Sequence[bytes]) -> list[int]:
        self.asked.append(len(several))
        if self.away:
            raise Unavailable("no answer")
        if self.refuses in several:
            raise NotVerified("may not say this", "")
        self.entries += [one for one in several if one not in self.entries]
        if self.loses:
            self.loses -= 1
            raise Unavailable("the answer was lost")
        return [self.entries.index(one) for one in several]


def test_what_waits_is_delivered_in_its_order_and_dropped(tmp_path: Path) -> None:
    log = FakeLog()
    several = [envelope(name) for name in "cab"]
    with Outbox(tmp_path) as outbox:
        outbox.add(several)
        delivered = list(outbox.deliver(log.append))
        assert [(one.envelope, entry) for one, entry in delivered] == list(zip(several, range(3), strict=True))
        assert (len(outbox), log.entries) == (0, several)
        assert list(outbox.deliver(log.append)) == []


def test_what_waits_outlives_the_process(tmp_path: Path) -> None:
    paths = [str(Path(hauberk.__file__).parents[1]), str(Path(__file__).parents[1])]
    script = f"""
import os, sys; sys.path[:0] = {paths!r}
from ledger.test_outbox import Outbox, envelope
outbox = Outbox({str(tmp_path)!r})
outbox.add([envelope("a"), envelope("b")])
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    with Outbox(tmp_path) as outbox:
        assert [one.envelope for one in outbox.waiting()] == [envelope("a"), envelope("b")]


def test_a_service_that_is_away_changes_nothing(tmp_path: Path) -> None:
    with Outbox(tmp_path) as outbox:
        outbox.add([envelope("a"), envelope("b")])
        with pytest.raises(Unavailable, match="no answer"):
            list(outbox.deliver(FakeLog(away=True).append))
        assert [one.number for one in outbox.waiting()] == [1, 2]


def test_an_answer_that_was_lost_makes_no_second_entry(tmp_path: Path) -> None:
    log = FakeLog(loses_answers=2)
    with Outbox(tmp_path) as outbox:
        outbox.add([envelope("a"), envelope("b")])
        for _ in range(2):
            with pytest.raises(Unavailable, match="lost"):
                list(outbox.deliver(log.append))
        assert [entry for _, entry in outbox.deliver(log.append)] == [0, 1]
    assert log.entries == [envelope("a"), envelope("b")]


def test_a_process_that_ends_before_it_drops_makes_no_second_entry(tmp_path: Path) -> None:
    log = FakeLog()

    def dies_then(several: Sequence[bytes]) -> list[int]:
        log.append(several)
        raise KeyboardInterrupt

    with Outbox(tmp_path) as outbox:
        outbox.add([envelope("a")])
        with pytest.raises(KeyboardInterrupt):
            list(outbox.deliver(dies_then))
        assert [entry for _, entry in outbox.deliver(log.append)] == [0]
    assert log.entries == [envelope("a")]


def test_the_same_envelope_waits_once(tmp_path: Path) -> None:
    with Outbox(tmp_path) as outbox:
        outbox.add([envelope("a"), envelope("b")])
        outbox.add([envelope("b"), envelope("a"), envelope("c")])
        assert [one.envelope for one in outbox.waiting()] == [envelope(name) for name in "abc"]


def test_one_that_is_refused_is_named_and_holds_up_those_behind_it(tmp_path: Path) -> None:
    log = FakeLog(refuses=envelope("c"))
    with Outbox(tmp_path) as outbox:
        outbox.add([envelope(name) for name in "abcd"])
        delivered = []
        with pytest.raises(NotVerified, match="envelope 3 of the outbox: may not say this"):
            delivered.extend(outbox.deliver(log.append))
        assert log.entries == [envelope("a"), envelope("b")]
        assert [one.number for one in outbox.waiting()] == [3, 4]
        assert outbox.drop(3).envelope == envelope("c")
        assert [entry for _, entry in outbox.deliver(log.append)] == [2]
    assert log.entries == [envelope(name) for name in "abd"]


def test_what_is_refused_for_another_reason_keeps_its_kind(tmp_path: Path) -> None:
    def too_long(_: Sequence[bytes]) -> list[int]:
        raise Exceeded("too long")

    with Outbox(tmp_path) as outbox:
        outbox.add([envelope("a")])
        with pytest.raises(HauberkError) as caught:
            list(outbox.deliver(too_long))
    assert type(caught.value) is Exceeded


def test_what_is_too_long_together_is_delivered_one_by_one(tmp_path: Path) -> None:
    taken: list[bytes] = []

    def one_at_a_time(envelopes: Sequence[bytes]) -> list[int]:
        if len(envelopes) > 1:
            raise Exceeded("the service answers 413")
        taken.extend(envelopes)
        return [len(taken) - 1]

    with Outbox(tmp_path) as outbox:
        outbox.add([envelope(name) for name in "abc"])
        assert [entry for _, entry in outbox.deliver(one_at_a_time)] == [0, 1, 2]
    assert taken == [envelope(name) for name in "abc"]


def test_one_that_is_not_there_cannot_be_taken_out(tmp_path: Path) -> None:
    with Outbox(tmp_path) as outbox:
        outbox.add([envelope("a")])
        for number in (2, 0, -1, 2**63, 2**80):
            with pytest.raises(Misconfigured, match=f"no envelope {number} waits"):
                outbox.drop(number)
        outbox.drop(1)
        outbox.add([envelope("b")])
        assert [one.number for one in outbox.waiting()] == [2]  # a number is used once


@pytest.mark.parametrize("line", [b"", b"{}", b"x", envelope("a") + b" ", envelope("a")[:-1]])
def test_what_no_service_would_take_does_not_get_in(tmp_path: Path, line: bytes) -> None:
    with Outbox(tmp_path) as outbox:
        with pytest.raises(Malformed):
            outbox.add([envelope("b"), line])
        assert len(outbox) == 0


def test_many_are_delivered_in_requests_of_a_thousand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hauberk.ledger.outbox.MOST_ENVELOPES", 4)
    log = FakeLog()
    with Outbox(tmp_path) as outbox:
        outbox.add([envelope(str(number)) for number in range(10)])
        assert [entry for _, entry in outbox.deliver(log.append)] == list(range(10))
    assert log.asked == [4, 4, 2]


def test_long_ones_are_delivered_in_several_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hauberk.ledger.outbox.MAX_BODY_BYTES", 2 * len(envelope("0")) + 2)
    log = FakeLog()
    with Outbox(tmp_path) as outbox:
        outbox.add([envelope(str(number)) for number in range(5)])
        assert len(list(outbox.deliver(log.append))) == 5
    assert log.asked == [2, 2, 1]


def test_another_database_is_no_outbox(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / DATABASE)
    database.execute("CREATE TABLE other (x)")
    database.close()
    with pytest.raises(Malformed, match="no outbox"):
        Outbox(tmp_path)


def test_an_outbox_of_a_later_release_is_left_alone(tmp_path: Path) -> None:
    Outbox(tmp_path).__exit__()
    database = sqlite3.connect(tmp_path / DATABASE)
    database.execute("PRAGMA user_version = 2")
    database.close()
    with pytest.raises(Unavailable, match="format 2"):
        Outbox(tmp_path)


def forged(place: Path, *commands: str) -> None:
    """Write into an outbox with one envelope what somebody else wants there."""
    with Outbox(place) as outbox:
        outbox.add([envelope("a")])
    database = sqlite3.connect(place / DATABASE)
    for command in commands:
        database.execute(command)
    database.commit()
    database.close()


UNTYPED = ("DROP TABLE waiting", "CREATE TABLE waiting (number, digest, envelope)")


@pytest.mark.parametrize(
    "commands",
    [
        ("UPDATE waiting SET envelope = x'fffe'",),
        ("UPDATE waiting SET envelope = CAST(envelope || x'0a7b7d' AS BLOB)",),
        ("UPDATE waiting SET digest = 'sha256:' || hex(zeroblob(32))",),
        (*UNTYPED, "INSERT INTO waiting VALUES (1, 'x', NULL)"),
        (*UNTYPED, "INSERT INTO waiting VALUES ('one', 'x', 'text')"),
    ],
    ids=["no text", "two lines", "another digest", "nothing", "of other types"],
)
def test_what_somebody_else_put_there_is_not_sent(tmp_path: Path, commands: tuple[str, ...]) -> None:
    forged(tmp_path, *commands)
    log = FakeLog()
    with Outbox(tmp_path) as outbox, pytest.raises(Malformed, match="is not what was put there"):
        list(outbox.deliver(log.append))
    assert log.asked == []


def test_what_is_no_envelope_any_more_can_be_taken_out(tmp_path: Path) -> None:
    forged(tmp_path, "UPDATE waiting SET envelope = x'fffe'")
    with Outbox(tmp_path) as outbox:
        assert outbox.drop(1).envelope == b"\xff\xfe"
        assert len(outbox) == 0


def test_what_waits_drives_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = statement("a")
    odd = Statement(plain.subjects, "urn:\x1b]0;evil\x07", {})
    with Outbox(tmp_path) as outbox:
        outbox.add([dsse.encode_envelope(verified("a", said=odd).envelope)])
    assert main(["ledger", "outbox", "--outbox", str(tmp_path)]) == 3
    assert "urn:\\x1b]0;evil\\x07" in capsys.readouterr().out


def test_an_outbox_that_takes_out_what_is_put_in_is_not_used(tmp_path: Path) -> None:
    forged(tmp_path, "CREATE TRIGGER t AFTER INSERT ON waiting BEGIN DELETE FROM waiting; END")
    with pytest.raises(Malformed, match="has a trigger"):
        Outbox(tmp_path)


def test_an_outbox_makes_its_folder_and_closes_its_file(tmp_path: Path) -> None:
    with Outbox(tmp_path / "new" / "folder") as outbox:
        assert len(outbox) == 0
    with pytest.raises(Unavailable):
        len(outbox)


def test_what_waits_is_called_by_the_id_of_its_statement(tmp_path: Path) -> None:
    with Outbox(tmp_path) as outbox:
        outbox.add([envelope("a")])
        (one,) = outbox.waiting()
    assert one.id == verified("a").id


def test_numbers_go_on_and_one_that_no_file_could_hold_is_refused_by_name(tmp_path: Path) -> None:
    with Outbox(tmp_path) as outbox:
        outbox.add([envelope("a")])
    database = sqlite3.connect(tmp_path / DATABASE)
    with database:
        database.execute("UPDATE sqlite_sequence SET seq = ?", (2**63 - 2,))
    database.close()
    with Outbox(tmp_path) as outbox:
        outbox.add([envelope("b")])
        for number in (-1, 0, 2, 2**63, 2**64):
            with pytest.raises(Misconfigured, match=f"no envelope {number} waits"):
                outbox.drop(number)
        assert outbox.drop(2**63 - 1).envelope == envelope("b")
        assert outbox.drop(1).envelope == envelope("a")


@pytest.mark.parametrize(("room", "groups"), [(0, [2, 1]), (-1, [1, 1, 1])])
def test_a_request_is_as_long_as_may_be_with_its_line_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, groups: list[int]
) -> None:
    log, several = FakeLog(), [envelope(name) for name in "abc"]
    assert len({len(one) for one in several}) == 1
    monkeypatch.setattr("hauberk.ledger.outbox.MAX_BODY_BYTES", 2 * (len(several[0]) + 1) + room)
    with Outbox(tmp_path) as outbox:
        outbox.add(several)
        assert len(list(outbox.deliver(log.append))) == 3
    assert log.asked == groups


def test_what_somebody_put_there_under_its_own_digest_is_no_envelope_all_the_same(tmp_path: Path) -> None:
    with Outbox(tmp_path):
        pass
    database = sqlite3.connect(tmp_path / DATABASE)
    with database:
        row = (str(sha256(b"{}")), b"{}")
        database.execute("INSERT INTO waiting (digest, envelope) VALUES (?, ?)", row)
    database.close()
    with Outbox(tmp_path) as outbox, pytest.raises(Malformed, match="is not what was put there"):
        outbox.waiting()
