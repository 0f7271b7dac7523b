"""A passport cannot be changed: no bit, no length, no member, no order, no part of another one."""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from gate.edits import arrays, at, edited, objects, opened, replaced, scalars
from hauberk.errors import HauberkError, Malformed, NotVerified
from hauberk.gate import passport
from hauberk.gate.prove import verify_passport
from hauberk.ledger.checkpoint import attest
from hauberk.ledger.entry import Entry
from hauberk.ledger.merkle import verify_inclusion
from hauberk.signature import jcs
from hauberk.verdict import Answer
from simulator import Chain, good_passport, keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SAMPLE = 5_000


def refusal(data: bytes, chain: Chain | None = None) -> str | None:
    """Return the type of the refusal of a passport, or None where it verifies; any other error is a failure."""
    try:
        verify_passport(data, root=(chain or good_passport()[0]).root_keys)
    except HauberkError as error:
        return type(error).__name__
    return None


def accepted(changes: Iterable[tuple[Any, bytes]]) -> list[Any]:
    """Return the names of those changed passports that verify."""
    return [name for name, data in changes if refusal(data) is None]


def flipped(data: bytes, position: int) -> bytes:
    changed = bytearray(data)
    changed[position // 8] ^= 1 << position % 8
    return bytes(changed)


def refused(reads: Callable[[bytes], object], data: bytes) -> bool:
    try:
        reads(data)
    except HauberkError:
        return True
    return False


def test_the_unchanged_passport_allows():
    chain, data = good_passport()
    answer = verify_passport(data, root=chain.root_keys)
    assert answer.verdict.result is Answer.ALLOW
    assert answer.notes == ()
    assert passport.encode(passport.decode(data)) == data


# bits and lengths


def test_every_flipped_bit_is_refused():
    _, data = good_passport()
    assert len(data) > 16_384
    positions = random.Random(1).sample(range(len(data) * 8), SAMPLE)
    types = {n: refusal(flipped(data, n)) for n in positions}
    assert [n for n, refused_by in types.items() if refused_by is None] == []
    assert set(types.values()) <= {"Malformed", "NotVerified", "Exceeded"}


def test_every_truncation_is_refused():
    _, data = good_passport()
    lengths = [*range(200), *random.Random(2).sample(range(len(data)), 300), len(data) - 1]
    assert [n for n in lengths if refusal(data[:n]) != "Malformed"] == []


@pytest.mark.parametrize("more", [b"\n", b" ", b"\x00", b"{}", b"\xff"])
def test_a_byte_more_at_either_end_is_refused(more: bytes):
    _, data = good_passport()
    assert refusal(data + more) == "Malformed"
    assert refusal(more + data) == "Malformed"


def test_every_flipped_bit_of_the_checkpoint_is_refused():
    chain, data = good_passport()
    note = opened(data)["checkpoint"].encode()
    trust = chain.trust

    def reads(changed: bytes) -> object:
        text = changed.decode("utf-8", "surrogateescape")
        return attest(text, log=trust.log, witnesses=trust.witnesses, quorum=trust.quorum, strict=True)

    assert reads(note)
    assert [n for n in range(len(note) * 8) if not refused(reads, flipped(note, n))] == []


def test_every_flipped_bit_of_a_log_record_is_refused():
    chain, _ = good_passport()
    tree, size = chain.tree(), chain.log.size
    record, proof, root = chain.log.entry(3).encode(), tree.inclusion_proof(3), tree.root()

    def reads(changed: bytes) -> object:
        return verify_inclusion(Entry.decode(changed).leaf_hash, 3, size, proof, root)

    assert not refused(reads, record)
    assert [n for n in range(len(record) * 8) if not refused(reads, flipped(record, n))] == []


# members


def test_an_unknown_member_in_any_object_is_refused():
    _, data = good_passport()
    paths = list(objects(opened(data)))
    assert len(paths) > 100
    changed = [(path, edited(data, lambda whole, path=path: at(whole, path).update(spare=1))) for path in paths]  # type: ignore[misc]
    assert accepted(changed) == []


def test_a_missing_member_in_any_object_is_refused():
    _, data = good_passport()
    whole = opened(data)
    names = [(*path, name) for path in objects(whole) for name in at(whole, path)]
    changed = [(path, edited(data, lambda v, path=path: at(v, path[:-1]).pop(path[-1]))) for path in names]  # type: ignore[misc]
    assert accepted(random.Random(3).sample(changed, 250)) == []


def test_another_value_in_place_of_any_scalar_is_refused():
    _, data = good_passport()
    whole, chance = opened(data), random.Random(4)
    values = [None, True, 0, 1, -1, 2**53 - 1, "", "x", [], {}]
    changed = [(path, replaced(data, path, chance.choice(_others(values, at(whole, path))))) for path in scalars(whole)]
    assert accepted(chance.sample(changed, 300)) == []


def _others(values: list[Any], value: Any) -> list[Any]:
    return [other for other in values if jcs.encode(other) != jcs.encode(value)]


@pytest.mark.parametrize("name", ["gate", "trust", "verdict", "statements", "checkpoint", "schema"])
def test_a_member_written_twice_is_refused(name: str):
    _, data = good_passport()
    value = jcs.encode(opened(data)[name])
    twice = data.replace(b'"%s":' % name.encode(), b'"%s":%s,"%s":' % (name.encode(), value, name.encode()), 1)
    with pytest.raises(Malformed, match="twice"):
        verify_passport(twice, root=good_passport()[0].root_keys)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b'"trust":1', b'"trust":1.0'),
        lambda data: data.replace(b'"trust":1', b'"trust":01'),
        lambda data: data.replace(b'"trust":1', b'"trust":1e0'),
        lambda data: data.replace(b'"trust":1', b'"trust": 1'),
        lambda data: data.replace(b'"trust":1', b'"trust":true'),
        lambda data: data.replace(b'"gate":"load"', b'"gate":"\\u006coad"'),
        lambda data: data.replace(b'"gate"', b'"g\\u0061te"'),
        lambda data: data.replace(b'"gate":"load",', b"")[:-1] + b',"gate":"load"}',
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.decode().encode("utf-16"),
        lambda data: b"[" + data + b"]",
    ],
)
def test_the_same_value_in_another_text_is_refused(change: Any):
    _, data = good_passport()
    changed = change(data)
    assert changed != data
    with pytest.raises(Malformed):
        verify_passport(changed, root=good_passport()[0].root_keys)


# arrays


def test_an_element_taken_out_of_any_array_is_refused():
    _, data = good_passport()
    whole = opened(data)
    places = [(*path, n) for path in arrays(whole) for n in range(len(at(whole, path)))]
    changed = [(path, edited(data, lambda v, path=path: at(v, path[:-1]).pop(path[-1]))) for path in places]  # type: ignore[misc]
    assert len(changed) > 200
    assert accepted(changed) == []


def test_an_element_written_twice_in_any_array_is_refused():
    _, data = good_passport()
    whole = opened(data)
    places = [path for path in arrays(whole) if at(whole, path)]
    changed = [(path, edited(data, lambda v, path=path: at(v, path).append(at(v, path)[0]))) for path in places]  # type: ignore[misc]
    assert accepted(changed) == []


def test_any_array_in_another_order_is_refused():
    _, data = good_passport()
    whole = opened(data)
    places = [path for path in arrays(whole) if len(at(whole, path)) > 1]
    changed = [(path, edited(data, lambda v, path=path: at(v, path).reverse())) for path in places]  # type: ignore[misc]
    assert len(changed) > 30
    assert accepted(changed) == []


def test_an_emptied_array_is_refused():
    _, data = good_passport()
    places = [path for path in arrays(opened(data)) if at(opened(data), path)]
    changed = [(path, edited(data, lambda v, path=path: at(v, path).clear())) for path in places]  # type: ignore[misc]
    assert accepted(changed) == []


# parts of another passport


@cache
def second() -> bytes:
    """Return the passport of another model in another log of the same people."""
    return Chain(files={"model.joblib": b"other weights"}).good().publish().passport()


@cache
def of_another_realm() -> bytes:
    return Chain(keys=keys(1)).good().publish().passport()


@cache
def later() -> bytes:
    """Return the passport of the same model, from the same log, one scan later."""
    chain = Chain().good()
    chain.scan()
    return chain.publish().passport()


@pytest.mark.parametrize("other", [second, of_another_realm, later])
@pytest.mark.parametrize(
    "member", ["checkpoint", "index", "policies", "roots", "statements", "subject", "trust", "verdict"]
)
def test_a_member_of_another_good_passport_is_refused(other: Callable[[], bytes], member: str):
    _, data = good_passport()
    theirs = opened(other())[member]
    changed = replaced(data, (member,), theirs)
    assert (changed == data) or refusal(changed) is not None


@pytest.mark.parametrize("part", ["record", "proof", "envelope"])
@pytest.mark.parametrize("number", range(13))
def test_a_part_of_another_passports_statement_is_refused(part: str, number: int):
    _, data = good_passport()
    changed = replaced(data, ("statements", number, part), opened(second())["statements"][number][part])
    assert (changed == data) or refusal(changed) is not None


@pytest.mark.parametrize("number", range(12))
def test_parts_of_two_statements_do_not_change_places(number: int):
    _, data = good_passport()

    def swap(part: str) -> bytes:
        one, two = (opened(data)["statements"][n][part] for n in (number, number + 1))
        return replaced(replaced(data, ("statements", number, part), two), ("statements", number + 1, part), one)

    assert accepted([(part, swap(part)) for part in ("entry", "record", "proof", "envelope")]) == []


@pytest.mark.parametrize("number", range(11))
def test_parts_of_two_ranges_do_not_change_places(number: int):
    _, data = good_passport()

    def swap(part: str) -> bytes:
        one, two = (opened(data)["index"]["ranges"][n][part] for n in (number, number + 1))
        here = ("index", "ranges")
        return replaced(replaced(data, (*here, number, part), two), (*here, number + 1, part), one)

    changed = [(part, swap(part)) for part in ("digest", "leaves", "left", "right")]
    assert accepted([(part, other) for part, other in changed if other != data]) == []


def test_a_range_that_nothing_leads_to_is_refused():
    _, data = good_passport()
    chain = Chain().good().publish()
    stray = chain.index_tree().range(chain.key_digest("stranger")).to_json()

    def change(whole: Any) -> None:
        ranges = whole["index"]["ranges"]
        ranges.append(stray)
        ranges.sort(key=lambda found: found["digest"])

    changed = edited(data, change)
    with pytest.raises(NotVerified, match=r"nothing in it leads to|does not lead to the root"):
        verify_passport(changed, root=good_passport()[0].root_keys)


def test_any_two_statements_out_of_order_are_malformed():
    _, data = good_passport()
    changed = edited(data, lambda whole: whole["statements"].insert(0, whole["statements"].pop()))
    with pytest.raises(Malformed, match="statements are not sorted and unique"):
        verify_passport(changed, root=good_passport()[0].root_keys)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("schema",), "urn:hauberk:passport:v2", "schema is not one of"),
        (("gate",), "load\n", "gate is 'load"),
        (("subject", "kind"), "model/tumour", "not a kind"),
        (("subject", "name"), "*", "not a subject"),
        (("subject", "digest"), "dirHash:00", "does not match"),
        (("roots",), [], "not a list of 1"),
        (("roots",), [0, 0], "roots are not sorted and unique"),
        (("roots",), [99], "points at entry 99"),
        (("trust",), 99, "points at entry 99"),
        (("policies",), [99], "points at entry 99"),
        (("policies",), [2, 2], "policies are not sorted and unique"),
        (("index", "statement"), 99, "points at entry 99"),
        (("trust",), -1, "not an integer from 0"),
        (("trust",), 2**53, "canonical|representable|not an integer"),
        (("verdict", "result"), "maybe", "not one of allow, deny"),
        (("verdict", "at"), "now", "does not match"),
        (("verdict", "reasons", 0, "rule"), "a\nb", "does not match"),
        (("verdict", "reasons", 0, "evidence"), "sha256:0", "does not match"),
        (("statements", 0, "envelope", "payloadType"), "text/plain", "payload is not application"),
        (("statements", 0, "envelope", "signatures"), [], "no signature"),
        (("statements", 0, "proof", 0), "AA==", "32 bytes"),
        (("statements", 0, "proof"), ["A" * 43 + "="] * 65, "longer than that of any tree"),
        (("statements", 0, "record", "time"), True, "time"),
        (("statements", 0, "record", "subjects"), [], "commits another|subjects"),
    ],
)
def test_a_passport_of_another_shape_is_malformed(path: Any, value: Any, message: str):
    _, data = good_passport()
    with pytest.raises(HauberkError, match=message):
        passport.decode(
            replaced(data, path, value) if value != 2**53 else data.replace(b'"trust":1', b'"trust":%d' % value)
        )


def test_what_is_a_passport_may_be_replaced_by_a_newer_one_and_nothing_else():
    _, data = good_passport()
    assert passport.is_passport(data) is True
    assert passport.is_passport(data[:-1]) is False
    assert passport.is_passport(b"precious") is False


def test_a_passport_of_one_range_and_one_statement_is_read_and_proves_nothing():
    _, data = good_passport()
    small = replaced(data, ("index", "ranges"), opened(data)["index"]["ranges"][:1])
    small = replaced(small, ("statements",), opened(data)["statements"][:1])
    for path in (("trust",), ("index", "statement")):
        small = replaced(small, path, 0)
    small = replaced(replaced(small, ("roots",), [0]), ("policies",), [])
    assert len(passport.decode(small).items) == len(passport.decode(small).ranges) == 1
    assert refusal(small) == "NotVerified"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"passport"',
        b"[" * 100_000,
        b'{"a":' * 70 + b"1" + b"}" * 70,
        b"1" * 10_000,
        b"\x00",
    ],
)
def test_bytes_that_are_no_passport_are_refused(data: bytes):
    with pytest.raises(HauberkError):
        passport.decode(data)
