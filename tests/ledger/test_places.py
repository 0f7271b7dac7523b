"""Where a ledger is: a file, or a server that a file names; what names neither is refused before anybody is asked."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import psycopg
import pytest

from hauberk.edge import postgres
from hauberk.errors import HauberkError, Malformed, Misconfigured, Unavailable
from hauberk.ledger.log import Log
from hauberk.ledger.places import is_there, place_in

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "postgresql://owner:secret@127.0.0.1:1/ledger"


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    place = folder / "ledger.postgresql"
    place.write_text(text)
    place.chmod(mode)
    return place


def test_a_ledger_is_a_file_where_no_server_is_named(tmp_path: Path) -> None:
    assert place_in(tmp_path) == tmp_path / "ledger.sqlite"
    assert not is_there(tmp_path)
    Log.create(tmp_path).close()
    assert is_there(tmp_path)


def test_a_file_and_a_server_are_two_ledgers(tmp_path: Path) -> None:
    Log.create(tmp_path).close()
    write(tmp_path, ADDRESS)
    for use in (Log.open, Log.create, is_there):
        with pytest.raises(Misconfigured, match="two ledgers"):
            use(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "env:",
        "127.0.0.1",
        "mysql://127.0.0.1/ledger",
        f"{ADDRESS} {ADDRESS}",
        "postgresql://127.0.0.1/ledger?colour=secret",
        "postgresql://[::1/ledger:secret",
    ],
)
def test_a_text_that_names_no_server_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    with pytest.raises(Misconfigured, match=r"names no server|names the variable") as refused:
        Log.open(tmp_path)
    assert "secret" not in str(refused.value)


def test_a_variable_that_is_not_set_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUR_LEDGER", raising=False)
    write(tmp_path, "env:OUR_LEDGER")
    with pytest.raises(Misconfigured, match="the variable OUR_LEDGER, which is not set"):
        Log.open(tmp_path)


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o666])
def test_a_password_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    write(tmp_path, ADDRESS, mode)
    with pytest.raises(Misconfigured, match="holds a password and can be read by others"):
        Log.open(tmp_path)


def test_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    write(tmp_path, ADDRESS)
    for use in (Log.open, Log.create, is_there):
        with pytest.raises(
            Unavailable, match=r"postgresql://127\.0\.0\.1/ledger: no connection to the server"
        ) as refused:
            use(tmp_path)
        assert "secret" not in str(refused.value)


def test_without_the_package_a_server_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, ADDRESS)
    monkeypatch.setattr("hauberk.edge.extras.find_spec", lambda name: None if name == "psycopg" else importlib.util)
    with pytest.raises(Unavailable, match="needs psycopg, which is not installed") as refused:
        Log.open(tmp_path)
    assert refused.value.hint == "pip install 'hauberk[postgres]'"


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (psycopg.errors.DiskFull, Unavailable, "the server's disk is full"),
        (psycopg.errors.LockNotAvailable, Unavailable, "it is locked"),
        (psycopg.errors.AdminShutdown, Unavailable, "the connection was lost"),
        (psycopg.errors.IdleInTransactionSessionTimeout, Unavailable, "the write lock was lost"),
        (psycopg.errors.ReadOnlySqlTransaction, Unavailable, "it can only be read here"),
        (psycopg.errors.InsufficientPrivilege, Unavailable, "not permitted"),
        (psycopg.errors.UniqueViolation, Unavailable, "somebody appends without the lock"),
        (psycopg.errors.DataCorrupted, Malformed, "is not an intact ledger"),
        (psycopg.errors.IndexCorrupted, Malformed, "is not an intact ledger"),
        (psycopg.errors.UndefinedTable, Malformed, "is not an intact ledger"),
        (psycopg.errors.ConnectionFailure, Unavailable, "no connection to the server"),
        (psycopg.OperationalError, Unavailable, "no connection to the server"),
        (psycopg.errors.OutOfMemory, Unavailable, "what it said"),
    ],
)
def test_each_error_of_a_server_has_a_name(error: type[psycopg.Error], kind: type[HauberkError], said: str) -> None:
    named = postgres._named("postgresql://here/ledger", error("what it said"))
    assert type(named) is kind
    assert said in named.message
    assert "postgresql://here/ledger" in named.message
    assert named.hint


@pytest.mark.parametrize(
    ("address", "mode"),
    [
        ("postgresql://db.example/ledger", "verify-full"),
        ("postgresql://127.0.0.1,db.example/ledger", "verify-full"),
        ("postgresql://db.example/ledger?sslmode=require", "require"),
        ("postgresql://127.0.0.1/ledger", None),
        ("postgresql:///ledger?host=/run/postgresql", None),
        ("postgresql:///ledger", None),
    ],
)
def test_a_server_elsewhere_has_to_show_a_certificate(
    address: str, mode: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGHOST", raising=False)
    monkeypatch.delenv("PGSSLMODE", raising=False)
    assert postgres._settings(address, "a file").get("sslmode") == mode
