"""`ledger.service`: where a ledger's service is, strictly read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hauberk.errors import Exceeded, HauberkError, Misconfigured, Unavailable
from hauberk.ledger.service_file import SCHEMA, Document, read_service_file

if TYPE_CHECKING:
    from pathlib import Path

GOOD = f"schema: {SCHEMA}\nurl: https://ledger.example/prefix\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "ledger.service"
    path.write_text(text)
    return path


def test_an_address_is_enough(tmp_path: Path) -> None:
    found = read_service_file(written(tmp_path, GOOD))
    assert found == Document(SCHEMA, "https://ledger.example/prefix")
    assert (found.key, found.ca, found.tls_certificate, found.tls_key, found.every_seconds) == (None,) * 4 + (2,)


def test_every_member_is_read(tmp_path: Path) -> None:
    text = GOOD + "key: k.pem\nca: ca.pem\ntls_certificate: c.pem\ntls_key: t.pem\nevery_seconds: 5\n"
    assert read_service_file(written(tmp_path, text)) == Document(
        SCHEMA, "https://ledger.example/prefix", "k.pem", "ca.pem", "c.pem", "t.pem", 5
    )
    assert read_service_file(written(tmp_path, GOOD + "every_seconds: 1\n")).every_seconds == 1


@pytest.mark.parametrize(
    "url",
    [
        "ledger.example",
        "ftp://ledger.example",
        "https://",
        "https://us:secret@ledger.example",
        "https://ledger.example/?a",
        "https://ledger.example/#a",
        "https://ledger.example/a b",
        "https://ledger.example/é",
        "https://" + "a" * 2001,
        "https://[::1",
        "https://:443/ledger",
        "https://ledger.example:0",
        "https://ledger.example:99999",
        "https://ledger.example:port",
        "https://ledger.example\\\\.example",
    ],
)
def test_what_is_no_address_of_a_service_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(Misconfigured, match="the url is no address of a service"):
        read_service_file(written(tmp_path, f'schema: {SCHEMA}\nurl: "{url}"\n'))


@pytest.mark.parametrize("url", ["https://ledger.example:1", "http://127.0.0.1:65535/a/b", "https://[::1]:8443"])
def test_an_address_may_name_any_port_that_there_is(tmp_path: Path, url: str) -> None:
    assert read_service_file(written(tmp_path, f'schema: {SCHEMA}\nurl: "{url}"\n')).url == url


@pytest.mark.parametrize("seconds", [-1, 0, 6])
def test_a_ledger_is_looked_at_before_it_counts_as_away(tmp_path: Path, seconds: int) -> None:
    with pytest.raises(Misconfigured, match=f"every_seconds is {seconds}"):
        read_service_file(written(tmp_path, f"{GOOD}every_seconds: {seconds}\n"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (GOOD.replace("v1", "v2"), Misconfigured),
        (f"schema: {SCHEMA}\n", Misconfigured),
        (GOOD + "password: x\n", Misconfigured),
        ("[", HauberkError),
        (GOOD + "#" * (64 << 10), Exceeded),
    ],
)
def test_what_nobody_can_have_meant_is_refused(tmp_path: Path, text: str, kind: type[HauberkError]) -> None:
    with pytest.raises(kind):
        read_service_file(written(tmp_path, text))


def test_a_file_as_long_as_may_be_is_read(tmp_path: Path) -> None:
    text = GOOD + "#" * ((64 << 10) - len(GOOD))
    assert len(text) == 64 << 10
    assert read_service_file(written(tmp_path, text)).url == "https://ledger.example/prefix"


def test_a_file_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        read_service_file(tmp_path / "ledger.service")
