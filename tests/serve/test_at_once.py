"""Requests that share a commit: each enters after the one before it, as if they had come one by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from hauberk.errors import HauberkError, NotVerified
from hauberk.evidence.alias import Alias
from hauberk.evidence.predicates import TRUST
from hauberk.gate.moves import moves_in
from hauberk.ledger.log import Log
from hauberk.signature import dsse
from serve.test_ledger_service import Registry, founded, moved, said, scan, served
from simulator import DAY, START

if TYPE_CHECKING:
    from pathlib import Path

    from hauberk.evidence.predicates import Predicate

GATHER_SECONDS = 60  # a group is closed by its last one, not by the clock


@pytest.fixture
def chain(tmp_path: Path) -> Registry:
    made = Registry()
    founded(tmp_path / "log", made)
    return made


def at_once(
    folder: Path, chain: Registry, monkeypatch: pytest.MonkeyPatch, *brought: tuple[str, list[bytes]]
) -> list[Any]:
    """Append what several callers bring by a request each, all in one commit; return what each is told, sorted."""
    monkeypatch.setattr("hauberk.ledger.appender._MOST", sum(len(envelopes) for _, envelopes in brought))

    def bring(role: str, envelopes: list[bytes]) -> Any:
        try:
            return running.by(role).append(envelopes)
        except HauberkError as error:
            return type(error)

    with (
        served(folder / "log", chain, gather_seconds=GATHER_SECONDS) as running,
        ThreadPoolExecutor(len(brought)) as threads,
    ):
        return sorted(threads.map(bring, *zip(*brought, strict=True)), key=str)


def of_the_realm(chain: Registry, role: str, predicate: Predicate, body: dict[str, Any]) -> list[bytes]:
    return [dsse.encode_envelope(said(chain, role, predicate, body))]


def test_of_two_who_move_an_alias_at_once_one_is_refused(
    tmp_path: Path, chain: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [("gate", [moved(chain, content)]) for content in (b"one", b"two")]
    assert at_once(tmp_path, chain, monkeypatch, *both) == [NotVerified, [3]]
    with Log.open(tmp_path / "log", read_only=True) as log:
        assert len(moves_in(log, Alias("model/tumour", "production"))) == 1  # it raises where one does not follow


def test_of_two_trusts_of_one_version_at_once_one_is_refused(
    tmp_path: Path, chain: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain.trust_version = 2
    until = [{"approver": START + days * DAY} for days in (100, 200)]
    both = [("gate", of_the_realm(chain, "root", TRUST, chain.make_trust(not_after=one))) for one in until]
    assert at_once(tmp_path, chain, monkeypatch, *both) == [NotVerified, [3]]


def test_who_is_in_nobody_s_way_enters_beside_a_move(
    tmp_path: Path, chain: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = ("gate", [moved(chain, b"one")]), ("scanner", [scan(chain, 1), scan(chain, 2)])
    assert at_once(tmp_path, chain, monkeypatch, *several) in ([[3], [4, 5]], [[3, 4], [5]])
