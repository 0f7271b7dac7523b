"""A witness on another machine is believed in nothing but its own cosignature, and none of its answers hangs us."""

from __future__ import annotations

import threading
from itertools import repeat
from typing import TYPE_CHECKING

import pytest

from hauberk.edge.listen.request import Asked, Head
from hauberk.edge.remote.line import Patience
from hauberk.errors import HauberkError, NotVerified, Unavailable
from hauberk.ledger.publish import publish
from hauberk.ledger.remote_witness import RemoteWitness
from hauberk.ledger.witness import Witness
from hauberk.ledger.witness_http import PATH, SIZE, Service
from hauberk.signature import note
from hauberk.signature.note import Note
from ledger_world import LOG, MODEL, START, WITNESS, World, verified
from signers import SeedSigner, witness_key
from web_server import Said, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import web_server
    from hauberk.ledger.log import Log
    from hauberk.ledger.publish import Published

    Route = Callable[[web_server.Asked], Said] | Said

SECOND = SeedSigner("example.com/second")
THIRD = SeedSigner("example.com/third")
PATIENT = Patience(retries=0)
QUICK = Patience(silence_seconds=0.1, grace_seconds=0.1, longest_seconds=0.1, retries=0)
FOR_EVER = threading.Event()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def log(world: World) -> Iterator[Log]:
    with world.create() as opened:
        opened.append_many([verified("a", MODEL), verified("b")], START)
        yield opened


def honest(world: World, signer: SeedSigner = WITNESS, *, now: int = START) -> Route:
    """Return what a true witness answers."""
    state = world.folder / signer.name.replace("/", "-")
    witness = Witness(state, world.key, world.log_folder, witness_key(signer), signer)
    service = Service({LOG.name: witness}, lambda: now, lambda _: None)

    def answer(asked: web_server.Asked) -> Said:
        said = service.answer(Asked(Head("POST", asked.path, "", {}, len(asked.body), keeps=True), asked.body))
        return Said(said.status, {"Content-Type": said.kind}, said.body)

    return answer


def ask(url: str, signer: SeedSigner = WITNESS, *, patience: Patience = PATIENT) -> RemoteWitness:
    return RemoteWitness(f"{url}/{signer.name}", witness_key(signer), lambda: START, patience)


def routes(**named: Route) -> dict[str, Route]:
    signers = {"first": WITNESS, "second": SECOND, "third": THIRD}
    return {f"/{signers[name].name}{PATH}": route for name, route in named.items()}


def published(world: World, log: Log, route: Route, patience: Patience = PATIENT) -> Published:
    with serving({f"/{WITNESS.name}{PATH}": route}) as server:
        return world.publish(log, START, witnesses=[ask(server.url, patience=patience)])


def without_prefix(route: Callable[[web_server.Asked], Said]) -> Route:
    def answer(asked: web_server.Asked) -> Said:
        asked.path = PATH
        return route(asked)

    return answer


def test_a_checkpoint_is_published_by_a_witness_elsewhere(world: World, log: Log) -> None:
    route = without_prefix(honest(world))  # type: ignore[arg-type]
    assert published(world, log, route).attested.checkpoint.size == 3
    log.append_many([verified("c")], START)
    assert published(world, log, route).attested.checkpoint.size == 5


def test_a_witness_that_is_behind_is_asked_again_from_where_it_is(world: World, log: Log) -> None:
    world.publish(log, START, witnesses=[world.witness(START, signer=SECOND)], others=(SECOND,))
    route = without_prefix(honest(world))  # type: ignore[arg-type]
    log.append_many([verified("c")], START)
    with serving({f"/{WITNESS.name}{PATH}": route}) as server:
        assert world.publish(log, START, witnesses=[ask(server.url)]).attested.checkpoint.size == 5
        assert [asked.body.split(b"\n")[0] for asked in server.log] == [b"old 3", b"old 0"]


def line_by(signer: SeedSigner, at: int = START, *, named: str | None = None) -> Route:
    """Return a witness that signs whatever it is asked."""

    def answer(asked: web_server.Asked) -> Said:
        text = Note.parse(asked.body.decode().partition("\n\n")[2]).text
        return Said(200, {}, f"{note.cosign(text, signer, named or signer.name, at).format()}\n".encode())

    return answer


def size(number: int) -> Said:
    return Said(409, {"Content-Type": SIZE}, b"%d\n" % number)


@pytest.mark.parametrize(
    ("route", "why"),
    [
        (line_by(SECOND), f"somebody else's cosignature: {SECOND.name}"),
        (line_by(SECOND, named=WITNESS.name), "somebody else's cosignature"),
        (line_by(WITNESS, START + 3600), "from the future"),
        (line_by(WITNESS, START - 3600), "behind the log's last entry"),
        (Said(200, {}, b""), "does not end in a newline"),
        (Said(200, {}, b"\xff\n"), "not UTF-8"),
        (Said(200, {}, b"3\n"), "not a signature line"),
        (Said(200, {}, b"<html>\n"), "not a signature line"),
        (size(99), "rollback: the witness has seen 99 entries"),
        (size(0), "fork: the witness has another history of 0 entries"),
        (size(2), "another size each time"),
        (Said(409, {}, b"2\n"), "fork"),
        (Said(409, {"Content-Type": SIZE}, b"-1\n"), "not a decimal number"),
        (Said(403, {}, b"who are you\n"), "403.*who are you"),
        (Said(404, {}, b"\x1b[2Jgone\n"), r"does not know this log.*x1b\[2Jgone"),
        (Said(422, {}, b"lying index\n"), "422.*lying index"),
        (Said(400, {}, b"what?\n"), "400.*what"),
        (Said(500, {}, b""), "answers 500"),
        (Said(307, {"Location": "http://127.0.0.1:1/"}, b""), "answers 307"),
        (Said(200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"), "packs its answer"),
        (Said(200, {}, repeat(b"x" * 65536)), "longer than"),
        (Said(200, {}, b"x", 10), "ended 9 bytes early"),
    ],
)
def test_a_witness_that_lies_is_refused_by_name(world: World, log: Log, route: Route, why: str) -> None:
    with pytest.raises(Unavailable, match=f"(?s)not published: .*{why}"):
        published(world, log, route)
    assert log.latest_checkpoint() is None


def test_a_cosignature_of_something_else_is_none(world: World, log: Log) -> None:
    body = f"{LOG.name}\n3\n{'A' * 43}=\n"
    line = note.cosign(body, WITNESS, WITNESS.name, START)
    with pytest.raises(Unavailable, match="does not hold"):
        published(world, log, Said(200, {}, f"{line.format()}\n".encode()))


def test_lines_of_others_beside_its_own_are_ignored(world: World, log: Log) -> None:
    def both(asked: web_server.Asked) -> Said:
        mine, other = (line_by(signer)(asked).body for signer in (WITNESS, SECOND))  # type: ignore[operator]
        return Said(200, {}, other + mine)

    assert len(Note.parse(published(world, log, both).note).signatures) == 2


def hangs(_: web_server.Asked) -> Said:
    FOR_EVER.wait(60)
    return Said(200)


def drips(_: web_server.Asked) -> Said:
    return Said(200, {}, (b"x" for _ in iter(lambda: FOR_EVER.wait(0.05), True)))


@pytest.mark.parametrize("route", [hangs, drips])
def test_a_witness_that_hangs_costs_a_time_out_and_is_named(world: World, log: Log, route: Route) -> None:
    with pytest.raises(Unavailable, match=f"{WITNESS.name}: .*too slow"):
        published(world, log, route, QUICK)


def test_a_witness_that_is_away_is_named(world: World, log: Log) -> None:
    with serving() as server:
        gone = server.url
    with pytest.raises(Unavailable, match=f"{WITNESS.name}: .*refused"):
        world.publish(log, START, witnesses=[ask(gone)])


def test_plain_http_to_another_machine_is_not_asked(world: World, log: Log) -> None:
    with pytest.raises(Unavailable, match="plain HTTP"):
        world.publish(log, START, witnesses=[ask("http://192.0.2.1")])


def test_a_quorum_of_two_stands_where_the_third_lies_and_hangs(world: World, log: Log) -> None:
    others = (SECOND, THIRD)
    told = routes(
        first=without_prefix(honest(world)),  # type: ignore[arg-type]
        second=without_prefix(honest(world, SECOND)),  # type: ignore[arg-type]
        third=hangs,
    )
    with serving(told) as server:
        asked = [ask(server.url), ask(server.url, SECOND), ask(server.url, THIRD, patience=QUICK)]
        done = publish(
            log,
            signer=LOG,
            key=world.key,
            witnesses=asked,
            witness_keys=(*world.witness_keys, *map(witness_key, others)),
            quorum=2,
            now=START,
        )
    assert [line.name for line in Note.parse(done.note).signatures[1:]] == [SECOND.name, WITNESS.name]
    assert [refusal.partition(":")[0] for refusal in done.refusals] == [THIRD.name]


def test_one_of_two_is_no_quorum(world: World, log: Log) -> None:
    told = routes(first=without_prefix(honest(world)), second=Said(404))  # type: ignore[arg-type]
    with serving(told) as server, pytest.raises(Unavailable, match="does not know this log"):
        world.publish(log, START, witnesses=[ask(server.url), ask(server.url, SECOND)], others=(SECOND,), quorum=2)
    assert log.latest_checkpoint() is None


def test_an_error_keeps_its_kind(world: World) -> None:
    with serving({f"/{WITNESS.name}{PATH}": Said(403)}) as server, pytest.raises(HauberkError) as caught:
        ask(server.url)(b"old 0\n\n")
    assert type(caught.value) is NotVerified


@pytest.mark.parametrize(("seconds", "connecting"), [(3, 3), (5, 5), (60, 5)])
def test_a_witness_is_asked_once_and_for_so_long(seconds: int, connecting: int) -> None:
    made = RemoteWitness.at("https://w.example", witness_key(WITNESS), lambda: START, timeout_seconds=seconds)
    assert (made.url, made.key, made.clock()) == ("https://w.example", witness_key(WITNESS), START)
    assert made.patience == Patience(
        connect_seconds=connecting, silence_seconds=seconds, grace_seconds=seconds, longest_seconds=seconds, retries=0
    )


@pytest.mark.parametrize(("ahead", "holds"), [(5, True), (6, False)])
def test_a_witness_whose_clock_runs_ahead_is_borne_for_five_seconds(
    world: World, log: Log, ahead: int, holds: bool
) -> None:
    route = without_prefix(honest(world, now=START + ahead))  # type: ignore[arg-type]
    with serving({f"/{WITNESS.name}{PATH}": route}) as server:
        one = ask(server.url)
        if holds:
            assert publish(
                log, signer=LOG, key=world.key, witnesses=[one], witness_keys=world.witness_keys, quorum=1, now=START
            )
        else:
            with pytest.raises(HauberkError, match="from the future"):
                publish(
                    log,
                    signer=LOG,
                    key=world.key,
                    witnesses=[one],
                    witness_keys=world.witness_keys,
                    quorum=1,
                    now=START,
                )
