"""Where a ledger is: a file, or a server that a file names; what names neither is refused before anybody is asked."""

from __future__ import annotations

import importlib.util
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from hauberk.edge import postgres, postgres_link
from hauberk.edge.postgres_address import read_address
from hauberk.edge.postgres_link import LinkError
from hauberk.errors import HauberkError, Malformed, Misconfigured, Unavailable
from hauberk.ledger.log import Log
from hauberk.ledger.places import is_there, open_place, place_in, service_in

if TYPE_CHECKING:
    from collections.abc import Iterator
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


def test_a_ledger_that_is_not_there_is_made_only_where_that_is_asked(tmp_path: Path) -> None:
    for read_only in (False, True):
        with pytest.raises(Unavailable):
            open_place(place_in(tmp_path), read_only=read_only)
    assert list(tmp_path.iterdir()) == []
    open_place(place_in(tmp_path), create=True).close()
    assert place_in(tmp_path).exists()


def test_a_file_and_a_server_are_two_ledgers(tmp_path: Path) -> None:
    Log.create(tmp_path).close()
    write(tmp_path, ADDRESS)
    for use in (Log.open, Log.create, is_there):
        with pytest.raises(Misconfigured, match="two ledgers"):
            use(tmp_path)


def test_a_ledger_on_another_machine_is_none_here(tmp_path: Path) -> None:
    assert service_in(tmp_path) is None
    (tmp_path / "ledger.service").write_text("")
    assert service_in(tmp_path) == tmp_path / "ledger.service"
    for use in (Log.open, Log.create, is_there, place_in):
        with pytest.raises(Misconfigured, match="is there: the ledger is on another machine"):
            use(tmp_path)


@pytest.mark.parametrize("other", ["ledger.sqlite", "ledger.postgresql"])
def test_a_service_and_a_ledger_are_two_ledgers(tmp_path: Path, other: str) -> None:
    (tmp_path / "ledger.service").write_text("")
    (tmp_path / other).write_text("")
    for use in (place_in, service_in):
        with pytest.raises(Misconfigured, match=f"has {other} and ledger.service: two ledgers"):
            use(tmp_path)


def test_a_server_is_asked_whether_a_ledger_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Served:
        empty, closed, asked = True, 0, ()

        def is_empty(self) -> bool:
            return self.empty

        def close(self) -> None:
            self.closed += 1

    made, place = Served(), write(tmp_path, ADDRESS)
    monkeypatch.setattr(
        postgres, "PostgresDatabase", lambda path, *, read_only: setattr(made, "asked", (path, read_only)) or made
    )
    assert not is_there(tmp_path)
    made.empty = False
    assert is_there(tmp_path)
    assert (made.closed, made.asked) == (2, (place, True))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "env:",
        "127.0.0.1",
        "mysql://127.0.0.1/ledger",
        f"{ADDRESS} {ADDRESS}",
        f"{ADDRESS}?colour=secret",
        "postgresql://owner@[::1/ledger:secret",
        "postgresql://owner:pa?secret@127.0.0.1/ledger",
        "postgresql://owner:pa#secret@127.0.0.1/ledger",
        "postgresql://owner:secret%00@127.0.0.1/ledger",
        "postgresql://:secret@127.0.0.1/ledger",
        "postgresql://owner:secret@127.0.0.1/",
        "postgresql://owner:secret@127.0.0.1:70000/ledger",
        "postgresql://owner:secret@127.0.0.1:secret/ledger",
        "postgresql://owner:secret@127.0.0.1,db.example/ledger",
        f"{ADDRESS}?password=secret2",
        f"{ADDRESS}?host=secret",
        f"{ADDRESS}?options=-csearch_path%3Dsecret",
        f"{ADDRESS}?service=secret",
        f"{ADDRESS}?sslmode=require",
        f"{ADDRESS}?sslmode=prefer",
        f"{ADDRESS}?sslmode=verify-ca",
        f"{ADDRESS}?sslmode=disable&sslrootcert=secret",
        f"{ADDRESS}?sslmode=disable&sslmode=verify-full",
        "postgresql://owner@/ledger?host=/secret&sslmode=verify-full",
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
    monkeypatch.setattr("hauberk.edge.extras.find_spec", lambda name: None if name == "pg8000" else importlib.util)
    with pytest.raises(Unavailable, match="needs pg8000, which is not installed") as refused:
        Log.open(tmp_path)
    assert refused.value.hint == "pip install 'hauberk[postgres]'"


@pytest.mark.parametrize(
    ("state", "kind", "said"),
    [
        ("53100", Unavailable, "the server's disk is full"),
        ("55P03", Unavailable, "it is locked"),
        ("57P01", Unavailable, "the connection was lost"),
        ("57014", Unavailable, "a limit such as statement_timeout"),
        ("25P03", Unavailable, "the write lock was lost"),
        ("25006", Unavailable, "it can only be read here"),
        ("42501", Unavailable, "not permitted"),
        ("23505", Unavailable, "somebody appends without the lock"),
        ("XX001", Malformed, "is not an intact ledger"),
        ("XX002", Malformed, "is not an intact ledger"),
        ("42P01", Malformed, "is not an intact ledger"),
        ("42883", Malformed, "is not an intact ledger"),
        ("08006", Unavailable, "no connection to the server"),
        ("28P01", Unavailable, "the password is wrong"),
        ("", Unavailable, "no connection to the server"),
        ("53200", Unavailable, "what it said"),
    ],
)
def test_each_error_of_a_server_has_a_name(state: str, kind: type[HauberkError], said: str) -> None:
    named = postgres._named("postgresql://here/ledger", LinkError("what it said", state))
    assert type(named) is kind
    assert said in named.message
    assert "postgresql://here/ledger" in named.message
    assert named.hint


@pytest.mark.parametrize(
    ("address", "mode"),
    [
        ("postgresql://owner@db.example/ledger", "verify-full"),
        ("postgresql://owner@127.0.0.2/ledger", "verify-full"),
        ("postgresql://owner@localhost.example/ledger", "verify-full"),
        ("postgresql://owner@db.example/ledger?sslmode=disable", "disable"),
        ("postgresql://owner@127.0.0.1/ledger", "disable"),
        ("postgresql://owner@[::1]/ledger", "disable"),
        ("postgresql://owner@127.0.0.1/ledger?sslmode=verify-full", "verify-full"),
        ("postgresql://owner@127.0.0.1/ledger?sslrootcert=/a", "verify-full"),
        ("postgresql://owner@/ledger?host=/run/postgresql", "disable"),
        ("postgresql://owner@/ledger", "disable"),
    ],
)
def test_a_server_elsewhere_has_to_show_a_certificate(address: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "elsewhere.example")  # says nothing
    monkeypatch.setenv("PGSSLMODE", "disable")
    assert read_address(address, "a file").sslmode == mode


def test_each_part_of_an_address_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    read = read_address(
        "postgres://an%40owner:a%2Fb+c%3F@db.example:5433/our%20ledger?sslrootcert=/etc/a%26b", "a file"
    )
    assert (read.host, read.port, read.user, read.dbname) == ("db.example", 5433, "an@owner", "our ledger")
    assert (read.secret, read.sslrootcert) == ("a/b+c?", "/etc/a&b")
    assert "a/b+c?" not in repr(read)
    same = "postgresql:///?host=db.example&port=5433&user=an%40owner&dbname=our%20ledger&password=a/b%2Bc?"
    assert read_address(same, "a file").secret == "a/b+c?"
    assert read_address("postgresql://o@h/d", "a file").secret == ""
    monkeypatch.setenv("PGPASSWORD", "other")
    assert read_address("postgresql://o@h/d", "a file").secret == "other"
    assert read.secret == "a/b+c?"


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("no certificate")
    for file in ("absent.pem", "none.pem"):
        write(tmp_path, f"postgresql://owner@127.0.0.1:1/ledger?sslrootcert={tmp_path / file}")
        with pytest.raises(Misconfigured, match=f"the certificates in .*{file}. cannot be used"):
            Log.open(tmp_path)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (b"", "network error"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no connection"),
        (b"R\x00\x00\x00\x08\x00\x00\x00\x03", "no password supplied"),
        (b"R\x00\x00\x00\x08\x00\x00\x00\x0a", "no password supplied"),
        (b"R\x00\x00\x00\x08\x00\x00\x00\x07", "not supported"),
        (b"E\x00\x00\x00\x17SFATAL\x00C53300\x00Mfull\x00\x00", "no connection to the server: full"),
    ],
)
def test_what_is_no_server_or_takes_nobody_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: bytes, said: str
) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    with one_answer(answers) as port:
        write(tmp_path, f"postgresql://owner@127.0.0.1:{port}/ledger")
        with pytest.raises(Unavailable, match=said):
            Log.open(tmp_path)


def test_a_server_without_tls_is_not_talked_to_where_it_has_to_show_a_certificate(tmp_path: Path) -> None:
    with one_answer(b"N") as port:
        write(tmp_path, f"postgresql://owner:secret@127.0.0.1:{port}/ledger?sslmode=verify-full")
        with pytest.raises(Unavailable, match="Server refuses SSL"):
            Log.open(tmp_path)


def test_a_password_is_not_sent_in_the_clear(tmp_path: Path) -> None:
    heard: list[bytes] = []
    with one_answer(b"R\x00\x00\x00\x08\x00\x00\x00\x03", heard) as port:
        write(tmp_path, f"postgresql://owner:secret@127.0.0.1:{port}/ledger")
        with pytest.raises(Unavailable, match="asks for the password in the clear, which was not sent"):
            Log.open(tmp_path)
    assert b"owner" in heard[0]
    assert b"secret" not in b"".join(heard)


def test_a_server_that_falls_silent_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_link, "_SILENT_SECONDS", 0.1)
    with one_answer(b"R\x00\x00\x00\x08\x00\x00\x00\x00Z\x00\x00\x00\x05I", hangs_up=False) as port:
        write(tmp_path, f"postgresql://owner:secret@127.0.0.1:{port}/ledger")
        with pytest.raises(Unavailable, match="no connection to the server: it has been silent for") as refused:
            Log.open(tmp_path)
    assert refused.value.hint.startswith("see whether the server is up")  # nobody has appended


def test_a_server_that_never_ends_its_last_words_is_left(tmp_path: Path) -> None:
    ready = b"Z\x00\x00\x00\x05I"
    with one_answer(b"R\x00\x00\x00\x08\x00\x00\x00\x00" + ready + b"?\x00\x00\x00\x04" + ready * 99) as port:
        write(tmp_path, f"postgresql://owner:secret@127.0.0.1:{port}/ledger")
        with pytest.raises(Unavailable, match="no connection to the server"):
            Log.open(tmp_path)


@contextmanager
def one_answer(answer: bytes, heard: list[bytes] | None = None, *, hangs_up: bool = True) -> Iterator[int]:
    """Return the port of a server that answers the first message with this and hangs up, or says nothing more."""
    heard = [] if heard is None else heard
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            taken, _ = server.accept()
            with taken:
                heard.append(taken.recv(4096))
                taken.sendall(answer)
                if hangs_up:
                    taken.shutdown(socket.SHUT_WR)
                while more := taken.recv(4096):
                    heard.append(more)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            thread.join(10)
            assert not thread.is_alive()  # whoever refused it has ended the connection
