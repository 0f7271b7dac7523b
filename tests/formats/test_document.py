"""Documents: the data that YAML gives, and the records that data becomes. What is refused as YAML are vectors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import pytest

from hauberk.errors import Malformed, Misconfigured
from hauberk.formats.document import LARGEST_BYTES, decode, read_yaml


class Mode(StrEnum):
    WARN = "warn"
    ENFORCE = "enforce"


@dataclass(frozen=True)
class Bound:
    min: float | None = None

    def __post_init__(self):
        if self.min is not None and self.min < 0:
            raise Malformed("a bound below nothing", "write a positive number")


@dataclass(frozen=True)
class Gate:
    mode: Mode
    max_age_days: int
    bounds: dict[str, Bound] | None = None
    groups: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Policy:
    schema: Literal["urn:policy:v1"]
    gates: dict[str, Gate]
    strict: bool = False
    ratio: float = 1.0


GATE = {"mode": "warn", "max_age_days": 3}
PLAIN = {"schema": "urn:policy:v1", "gates": {"load": GATE}}


def with_gate(**changes):
    return {**PLAIN, "gates": {"load": {**GATE, **changes}}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a", "a"),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("2026-01-01", "2026-01-01"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-17", -17),
        ("+4", 4),
        ("0x10", 16),
        ("0o17", 15),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("'1'", "1"),
        ('"true"', "true"),
        ("'010'", "010"),
        ("[]", []),
        ("{}", {}),
        ("{b: {c: [d]}}", {"b": {"c": ["d"]}}),
        ("|\n  one\n  two", "one\ntwo\n"),
        ("<<", "<<"),
        ("9007199254740991", 2**53 - 1),
    ],
)
def test_a_scalar_is_read_by_the_core_schema_of_yaml_1_2(text, value):
    found = read_yaml(f"key: {text}\n".encode(), what="file")["key"]
    assert (found, type(found)) == (value, type(value))


def test_a_byte_order_mark_is_no_text():
    assert read_yaml(b"\xef\xbb\xbfa: 1\n", what="file") == {"a": 1}


def test_a_long_file_is_refused_before_it_is_read():
    with pytest.raises(Misconfigured, match=f"{LARGEST_BYTES} is the most"):
        read_yaml(b"#" * (LARGEST_BYTES + 1), what="file")


@pytest.mark.parametrize("escape", ["\\UFFFFFFFF", "\\U00110000", "\\xzz", "\\q"])
def test_an_escape_beyond_unicode_is_refused(escape):
    with pytest.raises(Misconfigured):
        read_yaml(f'key: "{escape}"\n'.encode(), what="file")


def test_a_document_becomes_a_record():
    data = {
        **PLAIN,
        "gates": {"load": {**GATE, "bounds": {"recall": {"min": 1}}, "groups": [["a", "b"], []]}},
        "strict": True,
    }
    gate = Gate(Mode.WARN, 3, {"recall": Bound(1.0)}, (("a", "b"), ()))
    assert decode(data, Policy, what="policy") == Policy("urn:policy:v1", {"load": gate}, strict=True)


def test_what_may_be_absent_gets_its_default():
    assert decode(PLAIN, Policy, what="policy").gates["load"].bounds is None


def test_a_whole_number_will_do_for_a_number():
    decoded = decode({**PLAIN, "ratio": 2}, Policy, what="policy")
    assert (decoded.ratio, type(decoded.ratio)) == (2.0, float)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "policy: a list, where keys and values belong"),
        (None, "policy: nothing, where keys and values belong"),
        ({**PLAIN, "schema": "urn:policy:v2"}, "policy: schema: 'urn:policy:v2' is not one of: urn:policy:v1"),
        ({"gates": {}}, "policy: the key 'schema' is missing"),
        ({**PLAIN, "gates": []}, "policy: gates: a list, where keys and values belong"),
        ({**PLAIN, "strict": 1}, "policy: strict: 1, where true or false belongs"),
        ({**PLAIN, "ratio": True}, "policy: ratio: True, where a number belongs"),
        ({**PLAIN, "gates": {1: GATE}}, "policy: gates: the key 1 is not a string"),
        ({**PLAIN, "gates": {"a b": 1}}, "policy: gates.'a b': 1, where keys and values belong"),
        (with_gate(mode="wran"), "policy: gates.load.mode: 'wran' is not one of: warn, enforce"),
        (with_gate(max_age_days=True), "policy: gates.load.max_age_days: True, where a whole number belongs"),
        (with_gate(max_age_days=1.0), "policy: gates.load.max_age_days: 1.0, where a whole number belongs"),
        (with_gate(max_age_days=None), "policy: gates.load.max_age_days: nothing, where a whole number belongs"),
        (with_gate(groups="ab"), "policy: gates.load.groups: 'ab', where a list belongs"),
        (with_gate(groups=[["a", 1]]), "policy: gates.load.groups[0][1]: 1, where text belongs"),
        (with_gate(max_age_day=3), "policy: gates.load.max_age_day: an unknown key"),
        (with_gate(bounds={"x": {"min": "1"}}), "policy: gates.load.bounds.x.min: '1', where a number belongs"),
        (with_gate(bounds={"x": {"min": -1}}), "policy: gates.load.bounds.x: a bound below nothing"),
    ],
)
def test_data_that_does_not_fit_is_refused_and_placed(data, message):
    with pytest.raises(Misconfigured) as refused:
        decode(data, Policy, what="policy")
    assert refused.value.message == message
    assert refused.value.hint, "what to do next"


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (with_gate(max_age_day=3), "did you mean max_age_days?"),
        (with_gate(nothing_like_it=3), "known are: mode, max_age_days, bounds, groups"),
        (with_gate(mode="wran"), "did you mean warn?"),
        ("https://ledger.example", "write `key: value`, one a line; the keys are: schema, gates, strict, ratio"),
        ({**PLAIN, "gates": []}, "write `key: value`, one a line"),
        ({"gates": {}}, "write `schema: …`"),
        ({**PLAIN, "strict": "yes"}, "write true or false, without quotes"),
        (with_gate(max_age_days="3"), "write it in digits, without quotes"),
        (with_gate(groups="ab"), "write [ONE, OTHER], or each on a line after a dash"),
        (with_gate(bounds={"x": {"min": -1}}), "write a positive number"),
    ],
)
def test_a_hint_names_what_was_probably_meant(data, hint):
    with pytest.raises(Misconfigured) as refused:
        decode(data, Policy, what="policy")
    assert refused.value.hint == hint


@pytest.mark.parametrize("kind", [list[str], int | str, tuple[int, int], dict[int, str], object])
def test_a_record_of_a_type_that_documents_do_not_have_is_our_own_mistake(kind):
    wrong = dataclass(type("Wrong", (), {"__annotations__": {"field": kind}}))
    with pytest.raises(TypeError):
        decode({"field": []}, wrong, what="file")
