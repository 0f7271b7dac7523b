"""A pod takes for an answer of the ledger's service only what can be one, and a refusal for what it says it is."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hauberk.edge.keys import generate_key
from hauberk.edge.remote.line import Patience
from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified, Refused, Unavailable
from hauberk.ledger.service_client import APPEND, LedgerClient
from hauberk.limits import DEFAULT_LIMITS
from hauberk.signature.key import KeyKind
from ledger_world import START
from signers import SeedSigner
from web_server import Said, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.signature.key import Signer
    from web_server import Asked

POD = SeedSigner("pod")
TWO = [b'{"one":1}', b'{"two":2}']
FOR_EVER = threading.Event()


def client(url: str, signer: Signer | None = POD) -> LedgerClient:
    return LedgerClient(url, "example.com/log", signer, lambda: START)


def answer(value: Any, status: int = 200) -> Said:
    return Said(status, {}, json.dumps(value).encode())


def refusal(status: int, kind: str, message: str = "not this", hint: str = "another") -> Said:
    return answer({"error": {"kind": kind, "message": message, "hint": hint}}, status)


def appended(said: Said, envelopes: list[bytes] = TWO) -> list[int]:
    with serving({APPEND: said}) as service:
        return client(service.url).append(envelopes)


def read(said: Said) -> bytes:
    with serving({"/checkpoint": said}) as service:
        return client(service.url).read("/checkpoint")


def test_what_is_appended_is_where_the_service_says_and_also_at_the_beginning() -> None:
    assert appended(answer({"durable": True, "entries": [0, 1]})) == [0, 1]
    assert appended(answer({"durable": True, "entries": [7, 0, 7]}), [TWO[0], TWO[1], TWO[0]]) == [7, 0, 7]


@pytest.mark.parametrize("entries", [[3], [3, 3], [3, -1], [3, True], [3, 4.0], [3, "4"], [3, 4, 5], {}, None])
def test_entries_that_cannot_be_are_no_answer(entries: Any) -> None:
    with pytest.raises(Unavailable, match="does not say where"):
        appended(answer({"durable": True, "entries": entries}))


@pytest.mark.parametrize("durable", [False, None, 1, "true"])
def test_what_is_not_durable_is_not_appended(durable: Any) -> None:
    with pytest.raises(Unavailable, match="does not say where"):
        appended(answer({"durable": durable, "entries": [3, 4]}))


@pytest.mark.parametrize("value", [[3, 4], "durable", 3, None, {}, {"entries": [3, 4]}])
def test_an_answer_of_another_form_says_not_where_anything_is(value: Any) -> None:
    with pytest.raises(Unavailable, match="does not say where"):
        appended(answer(value))


@pytest.mark.parametrize("body", [b"", b"<html>welcome</html>", b'{"durable"', b"\xff\xfe\xfd", b"[" * 100_000])
def test_a_server_that_is_no_service_of_a_ledger_is_known_by_its_answer(body: bytes) -> None:
    with pytest.raises(Unavailable, match="does not answer with JSON") as caught:
        appended(Said(200, {}, body))
    assert "ledger's service" in caught.value.hint


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Malformed),
        (401, NotVerified),
        (403, Refused),
        (413, Exceeded),
        (422, NotVerified),
        (500, Misconfigured),
        (503, Unavailable),
    ],
)
def test_what_a_service_refuses_is_refused_here_by_the_same_kind(status: int, kind: type[HauberkError]) -> None:
    for ask in (appended, read):
        with pytest.raises(HauberkError, match=r"127.*: not this$") as caught:
            ask(refusal(status, kind.__name__))
        assert (type(caught.value), caught.value.hint) == (kind, "another")


@pytest.mark.parametrize("kind", ["HauberkError", "KeyboardInterrupt", "", "malformed"])
def test_a_refusal_of_a_kind_that_there_is_not_says_that_the_service_is_away(kind: str) -> None:
    with pytest.raises(Unavailable, match="not this"):
        read(refusal(400, kind))


@pytest.mark.parametrize(
    "said",
    [b"", b"<html>", b"[]", b"{}", b'{"error": "no"}', b'{"error": {"kind": "Refused"}}', b"\xff", b"[" * 100_000],
)
def test_a_refusal_that_nobody_can_read_says_what_to_look_at(said: bytes) -> None:
    for status, hint in ((404, "is its url right"), (403, "try again later"), (503, "try again later")):
        with pytest.raises(Unavailable, match=f"the service answers {status}") as caught:
            read(Said(status, {}, said))
        assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize("status", [200, 503])
def test_an_answer_that_would_fill_the_memory_as_json_is_none(status: int) -> None:
    refused = {"error": {"kind": "Refused", "message": "no", "hint": ""}, "durable": True, "entries": [3, 4]}
    with pytest.raises(Unavailable, match=r"does not answer with JSON|the service answers 503"):
        appended(answer(refused | {"more": [[]] * 30_000}, status))


def test_what_a_service_says_has_64_kib_at_most() -> None:
    said = json.dumps({"durable": True, "entries": [3, 4]}).encode()
    assert appended(Said(200, {}, said.ljust(64 << 10))) == [3, 4]
    with pytest.raises(Unavailable, match="does not answer with JSON"):
        appended(Said(200, {}, said.ljust((64 << 10) + 1)))


def test_a_body_that_a_proxy_does_not_take_is_too_long_and_not_away() -> None:
    with pytest.raises(Exceeded, match="the service answers 413") as caught:
        appended(Said(413, {}, b"<html><h1>413 Request Entity Too Large</h1></html>"))
    assert "a proxy before it takes less than the 16 MiB" in caught.value.hint


@pytest.mark.parametrize("more", ["", "x", "\x1b[2J", "\n" * 5000])
def test_a_refusal_is_told_up_to_a_length(more: str) -> None:
    with pytest.raises(Refused) as caught:
        read(refusal(403, "Refused", "m" * 1000 + more, "h" * 300 + more))
    assert caught.value.message.endswith("/checkpoint: " + "m" * 1000)
    assert caught.value.hint == "h" * 300


def test_a_refusal_drives_no_terminal() -> None:
    with pytest.raises(Refused, match=r"x1b\[2Jgone$") as caught:
        read(refusal(403, "Refused", "\x1b[2Jgone", "\x07\udcff"))
    assert caught.value.hint == r"\x07\udcff"


def test_a_service_that_is_busy_is_asked_once_and_said_to_be_away() -> None:
    """Whoever asks decides whether to ask again: a gate answers as its policy says, an outbox keeps what it has."""
    for status in (429, 502):
        with serving({APPEND: Said(status), "/checkpoint": Said(status)}) as service:
            for ask in (lambda one: one.append(TWO), lambda one: one.read("/checkpoint")):
                with pytest.raises(Unavailable, match=f"answers {status}"):
                    ask(client(service.url))
            assert [asked.method for asked in service.log] == ["POST", "GET"]


def hangs(_: Asked) -> Said:
    FOR_EVER.wait(60)
    return Said(200)


def drips(_: Asked) -> Said:
    return Said(200, {}, (b"x" for _ in iter(lambda: FOR_EVER.wait(0.05), True)))


@pytest.mark.parametrize("route", [hangs, drips])
def test_a_service_that_does_not_come_to_an_end_is_away(route: Callable[[Asked], Said]) -> None:
    quick = Patience(silence_seconds=0.1, grace_seconds=0.1, longest_seconds=0.1, retries=0)
    with serving({APPEND: route, "/checkpoint": route}) as service:
        impatient = replace(client(service.url), patience=quick)
        for ask in (lambda: impatient.append(TWO), lambda: impatient.read("/checkpoint")):
            with pytest.raises(Unavailable, match="too slow"):
                ask()


def test_an_answer_may_hold_the_longest_envelope_of_a_log_and_is_not_taken_without_an_end() -> None:
    longest = DEFAULT_LIMITS.max_document_bytes + (2 << 20)  # behind as many others as a service puts into one answer
    with pytest.raises(Unavailable, match=f"ended {longest - 1} bytes early"):
        read(Said(200, {}, b"x", length=longest))
    with pytest.raises(Exceeded, match="longer than"):
        read(Said(200, {}, b"x", length=2 * longest))


def test_a_key_that_signs_no_requests_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(Misconfigured, match="requests are signed by Ed25519 keys, this is") as caught:
        client("http://127.0.0.1:1", generate_key(KeyKind.ECDSA_P256))
    assert "trust lists" in caught.value.hint


def test_without_a_key_what_is_open_is_read_and_nothing_is_appended() -> None:
    with serving({"/checkpoint": b"a checkpoint", APPEND: answer({"durable": True, "entries": [3, 4]})}) as service:
        anybody = client(service.url, None)
        assert anybody.read("/checkpoint") == b"a checkpoint"
        with pytest.raises(Misconfigured, match="no key signs what"):
            anybody.append(TWO)
        assert [(asked.path, "signature" in asked.headers) for asked in service.log] == [("/checkpoint", False)]


def test_a_signed_request_goes_nowhere_else() -> None:
    with serving({"/checkpoint": b"x", APPEND: b"x"}) as elsewhere, serving() as leading:
        for path in ("/checkpoint", APPEND):
            leading.routes[path] = Said(307, {"Location": f"{elsewhere.url}{path}"})
        with pytest.raises(Unavailable, match="307"):
            client(leading.url).read("/checkpoint")
        with pytest.raises(Unavailable, match="307"):
            client(leading.url).append(TWO)
        assert [asked.path for asked in leading.log] == ["/checkpoint", APPEND]
        assert not elsewhere.log
