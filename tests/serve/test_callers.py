"""Who is let in: keys of trust, with what their grants give, once for each request, in its time."""

from __future__ import annotations

from typing import Any

import pytest

from hauberk.edge.listen.request import Head
from hauberk.errors import HauberkError, NotVerified, Refused, Unavailable
from hauberk.evidence.predicates import REVOCATION
from hauberk.evidence.trust import Trust
from hauberk.serve.callers import WINDOW_SECONDS, Door, Role, role_for, roles_of
from hauberk.signature.request import sign_request
from simulator import DAY, START, Chain

NOW = START + 60


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain()


@pytest.fixture(scope="module")
def trust(chain: Chain) -> Trust:
    return Trust.of(chain.trust_predicate)


def head(
    chain: Chain, role: str = "scanner", *, created: int = NOW, origin: str = "", nonce: bytes = b"n" * 16
) -> Head:
    given = sign_request(
        "GET",
        "/checkpoint",
        body=b"",
        signer=chain.keys[role],
        origin=origin or Trust.of(chain.trust_predicate).log.name,
        created=created,
        nonce=nonce,
    )
    return Head("GET", "/checkpoint", "", {name.lower(): value for name, value in given.items()}, 0, keeps=True)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("scanner", {Role.READ, Role.APPEND}),
        ("approver", {Role.READ, Role.APPEND, Role.REVOKE}),
        ("gate", {Role.READ}),
    ],
)
def test_a_key_has_the_roles_that_its_grants_give(chain: Chain, trust: Trust, role: str, may: set[Role]) -> None:
    caller = Door(START).admit(head(chain, role), trust, NOW)
    assert (caller.name, caller.roles) == (role, may)
    for missing in set(Role) - may:
        with pytest.raises(Refused, match=f"the key of {role} may not {missing}"):
            caller.require(missing)


def test_a_grant_that_ended_gives_nothing_but_reading(chain: Chain) -> None:
    ended = Trust.of(chain.make_trust(not_after={"scanner": START}))
    keyid = chain.keys["scanner"].public.keyid
    assert roles_of(ended, keyid, NOW) == {Role.READ}
    assert roles_of(ended, keyid, START) == {Role.READ, Role.APPEND}


def test_one_that_has_not_begun_neither(chain: Chain, trust: Trust) -> None:
    assert roles_of(trust, chain.keys["scanner"].public.keyid, START - 2 * DAY) == {Role.READ}


def test_a_revocation_takes_a_role_of_its_own() -> None:
    assert role_for(REVOCATION.type) is Role.REVOKE
    assert role_for("urn:hauberk:model-scan:v1") is Role.APPEND


def test_the_same_request_is_let_in_once(chain: Chain, trust: Trust) -> None:
    door, asked = Door(START), head(chain)
    door.admit(asked, trust, NOW)
    for later in (NOW, NOW + WINDOW_SECONDS):
        with pytest.raises(NotVerified, match="replay"):
            door.admit(asked, trust, later)
    assert door.admit(head(chain, nonce=b"m" * 16), trust, NOW).name == "scanner"
    assert door.admit(head(chain, "gate"), trust, NOW).name == "gate"


@pytest.mark.parametrize(
    ("asked", "kind", "why"),
    [
        ({"role": "root"}, NotVerified, "lists no Ed25519 key"),
        ({"role": "log"}, NotVerified, "lists no Ed25519 key"),
        ({"origin": "example.com/other"}, NotVerified, "another log"),
        ({"created": NOW - WINDOW_SECONDS - 1}, NotVerified, "is 121 s behind this service"),
        ({"created": NOW + WINDOW_SECONDS + 1}, NotVerified, "is 121 s ahead of this service"),
        ({"created": START - 1}, NotVerified, "before this service began"),
    ],
)
def test_whoever_is_not_known_now_is_not_let_in(
    chain: Chain, trust: Trust, asked: dict[str, Any], kind: type[HauberkError], why: str
) -> None:
    with pytest.raises(kind, match=why):
        Door(START).admit(head(chain, **asked), trust, NOW)


def test_a_key_of_another_kind_signs_no_requests(chain: Chain, trust: Trust) -> None:
    given = head(chain)
    scanner, producer = (chain.keys[role].public.keyid for role in ("scanner", "producer"))
    swapped = {name: value.replace(scanner, producer) for name, value in given.headers.items()}
    with pytest.raises(NotVerified, match="lists no Ed25519 key"):
        Door(START).admit(Head("GET", "/checkpoint", "", swapped, 0, keeps=True), trust, NOW)


def test_a_signature_by_another_key_of_trust_is_refused(chain: Chain, trust: Trust) -> None:
    given = head(chain)
    scanner, gate = (chain.keys[role].public.keyid for role in ("scanner", "gate"))
    swapped = {name: value.replace(scanner, gate) for name, value in given.headers.items()}
    with pytest.raises(NotVerified, match="does not hold"):
        Door(START).admit(Head("GET", "/checkpoint", "", swapped, 0, keeps=True), trust, NOW)


def test_a_key_that_is_revoked_is_not_let_in_and_fills_no_memory(chain: Chain, trust: Trust) -> None:
    door, scanner = Door(START, most_nonces=1), chain.keys["scanner"].public.keyid
    with pytest.raises(NotVerified, match="the key of scanner is revoked"):
        door.admit(head(chain), trust, NOW, revoked={scanner})
    assert door.admit(head(chain, "gate"), trust, NOW, revoked={scanner}).name == "gate"


def test_a_stranger_fills_no_memory(chain: Chain, trust: Trust) -> None:
    door = Door(START, most_nonces=1)
    for number in range(3):
        with pytest.raises(NotVerified):
            door.admit(head(chain, "root", nonce=bytes([number]) * 16), trust, NOW)
    assert door.admit(head(chain), trust, NOW).name == "scanner"


def test_more_requests_than_can_be_remembered_are_refused_until_some_are_over(chain: Chain, trust: Trust) -> None:
    door = Door(START, most_nonces=2)
    for number in range(2):
        door.admit(head(chain, nonce=bytes([number]) * 16), trust, NOW)
    with pytest.raises(Unavailable, match="remembered"):
        door.admit(head(chain), trust, NOW)
    later = NOW + WINDOW_SECONDS + 1
    assert door.admit(head(chain, created=later), trust, later).name == "scanner"
