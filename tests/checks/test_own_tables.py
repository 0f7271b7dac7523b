"""Rows that somebody else signed: they say more about exact names, and nothing about what is dangerous."""

import pickle
import zipfile
from collections import OrderedDict

import pytest

from hauberk.callables.own import NO_ROWS
from hauberk.checks.model.examine import examine
from hauberk.checks.own_tables import approve, check_approved, is_approval, merged, table_of
from hauberk.errors import Malformed, Misconfigured, NotVerified
from hauberk.finding import Outcome
from hauberk.signature import dsse
from hauberk.view import BytesView
from shape.sources import modules
from signers import SeedSigner

ADA, EVE = SeedSigner("ada"), SeedSigner("eve")
TABLE = """\
schema: urn:hauberk:callables:v1
source: our-team
release: "1"
rows:
  ourteam.layers:
    Net: {uses: [import, new, build], why: weights and nothing else}
    Bag: {uses: [import, new, extend], why: a list}
"""
NET = b"\x80\x04\x8c\x0eourteam.layers\x8c\x03%s\x93)\x81"
STATE = b"}\x8c\x01wG?\xf0\x00\x00\x00\x00\x00\x00sb."
SYSTEM = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R."
ARRAY = pickle.dumps({"a": [1.0]}, protocol=4)


def own(text=TABLE):
    return merged([table_of(text.encode(), what="t")])


def findings(stream, rows=NO_ROWS):
    return [(one.rule, one.severity.value) for one in examine(BytesView(stream), "m", own=rows).report.findings]


def outcome(stream, rows=NO_ROWS):
    return examine(BytesView(stream), "m", own=rows).report.outcome


def test_a_class_that_a_table_holds_is_clean_and_without_it_is_not():
    stream = NET % b"Net" + STATE
    assert outcome(stream) is Outcome.SUSPICIOUS
    assert outcome(stream, own()) is Outcome.CLEAN


def test_the_way_of_protocol_0_is_the_same_class():
    stream = b"ccopy_reg\n_reconstructor\n(courteam.layers\nNet\nc__builtin__\nobject\nNtR(dVw\nF1.0\nsb."
    assert outcome(stream) is not Outcome.CLEAN
    assert outcome(stream, own()) is Outcome.CLEAN


@pytest.mark.parametrize("name", [b"Nat", b"net"])
def test_no_other_name_is(name):
    assert outcome(NET % name + STATE, own()) is Outcome.SUSPICIOUS


@pytest.mark.parametrize(
    "stream",
    [
        b"\x80\x04\x8c\x0eourteam.layers\x8c\x03Net\x93\x8c\x01x\x85R.",
        b"\x80\x04\x8c\x0eourteam.layers\x8c\x03Net\x93(\x8c\x0eourteam.layers\x8c\x03Net\x93t\x81.",
        NET % b"Net" + b"}\x8c\x0c__setstate__K\x01sb.",
        NET % b"Net" + b"](K\x01e\x8c\x01x\x8c\x01ysb.",
        NET % b"Bag" + STATE,
    ],
    ids=["called", "argument", "state that acts", "items", "other use"],
)
def test_a_use_that_the_row_does_not_allow_is_as_suspicious_as_before_and_no_worse(stream):
    assert outcome(stream, own()) is not Outcome.CLEAN
    assert set(findings(stream, own())) <= set(findings(stream))


def test_nothing_dangerous_becomes_safe():
    assert findings(SYSTEM, own()) == findings(SYSTEM)
    assert outcome(SYSTEM, own()) is Outcome.MALICIOUS


def test_a_member_of_an_archive_is_judged_with_the_same_rows(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner.pkl", NET % b"Net" + STATE)
    seen = examine(BytesView(path.read_bytes()), "a.zip", own=own()).report
    assert seen.findings == ()


@pytest.mark.parametrize("floor", ["enforce", "gate", "pipeline"])
def test_what_is_loaded_or_signed_never_believes_own_rows(floor):
    """A class of one's own opens nowhere, whoever signed what: only the scanner's report takes rows."""
    asked = [module.name for module in modules() if module.floor == floor and "own=" in module.path.read_text()]
    assert asked == []


def test_where_a_table_replaces_ours_a_name_that_it_lacks_is_unknown():
    stream = pickle.dumps(OrderedDict(a=1), protocol=4)
    assert outcome(stream) is Outcome.CLEAN
    emptied = own('schema: urn:hauberk:callables:v1\nsource: python\nrelease: "3.15"\nrows: {}\nreplaces: stdlib\n')
    assert outcome(stream, emptied) is Outcome.SUSPICIOUS
    assert outcome(ARRAY, emptied) is Outcome.CLEAN


def test_two_tables_that_hold_one_name_are_refused():
    with pytest.raises(Misconfigured, match=r"two tables hold ourteam\.layers\.Bag"):
        merged([table_of(TABLE.encode(), what="a"), table_of(TABLE.encode(), what="b")])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("ourteam.layers:", "os:", "no table makes a dangerous callable safe"),
        ("ourteam.layers:", "collections:", "standard library"),
        ("ourteam.layers:", '"ourteam.*":', "not an exact name"),
        ("Net: {", '"Net.*": {', "not an exact name"),
        ("Net: {", "Net.__globals__: {", "dangerous"),
        ("[import, new, build]", "[new]", "lacks import"),
        ("[import, new, build]", "[import, run]", "is not one of"),
        ("why: weights and nothing else", "why: not read yet", "nobody has read it"),
        ("why: weights and nothing else", 'why: " "', "say in one line"),
        ("why: weights", "arguments: partal, why: weights", "did you mean partial"),
        ("why: weights", "makes: 'a b', why: weights", "makes"),
        ("source: our-team", "source: Our Team", "write words"),
        ("rows:", "replaces: pytorch\nrows:", "one of stdlib"),
        ("rows:", "trusted: true\nrows:", "unknown key"),
    ],
)
def test_a_slip_in_the_file_is_refused(old, new, says):
    assert old in TABLE
    with pytest.raises(Misconfigured) as refusal:
        own(TABLE.replace(old, new, 1))
    assert says in f"{refusal.value.message} {refusal.value.hint}"


def test_what_an_approver_signed_holds():
    table = table_of(TABLE.encode(), what="t")
    signature = approve(table, ADA)
    check_approved(table, signature, [EVE.public, ADA.public])
    assert is_approval(signature)


def test_another_key_or_another_file_does_not():
    table = table_of(TABLE.encode(), what="t")
    with pytest.raises(NotVerified):
        check_approved(table, approve(table, EVE), [ADA.public])
    changed = table_of(TABLE.replace("Bag:", "Bug:").encode(), what="t")
    with pytest.raises(NotVerified, match="another file"):
        check_approved(changed, approve(table, ADA), [ADA.public])


def test_a_statement_of_another_kind_is_no_approval():
    table = table_of(TABLE.encode(), what="t")
    statement = dsse.decode_statement(dsse.decode_envelope(approve(table, ADA)).payload)
    other = type(statement)(statement.subjects, "urn:hauberk:policy:v1", statement.predicate)
    with pytest.raises(NotVerified):
        check_approved(table, dsse.encode_envelope(dsse.sign(other, [ADA])), [ADA.public])


def test_no_bit_of_a_signature_can_be_flipped():
    table = table_of(TABLE.encode(), what="t")
    signature = approve(table, ADA)
    for index in range(len(signature)):
        broken = signature[:index] + bytes([signature[index] ^ 1]) + signature[index + 1 :]
        with pytest.raises((NotVerified, Malformed)):
            check_approved(table, broken, [ADA.public])
