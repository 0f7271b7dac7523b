"""Feature views out of a registry that Feast wrote, and its online store; half of it is refused."""

import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk.checks.features.document import Feature, View
from hauberk.errors import HauberkError, Malformed, Misconfigured
from hauberk.formats.table.feast import parse_registry
from hauberk.formats.table.feast_redis import field_of, parse_time, time_field
from hauberk.formats.table.feast_values import parse_entity_key, parse_value
from hauberk.verbs.data_feature_online import _Feast
from hauberk.verbs.data_features import check_view
from hauberk.verbs.feature_view import read_view
from hauberk.view import BytesView

WRITTEN = Path(__file__).parents[1] / "vectors" / "written" / "feast"
NOW = 1_794_250_000  # a day after the last values
VIEW = """\
schema: urn:hauberk:feature-view:v1
name: customer_week
feast: registry.db#customer_week
features: [{name: spend, tolerance: 0.001}]
online: feast-sqlite:online.db#bank_customer_week
training: {path: training.parquet, time: paid_at}
"""


@pytest.fixture
def world(tmp_path):
    folder = tmp_path / "views"
    folder.mkdir(mode=0o700)
    for path in WRITTEN.iterdir():
        shutil.copyfile(path, folder / path.name)
        (folder / path.name).chmod(0o600)
    (folder / "week.yaml").write_text(VIEW)
    return folder


def change(world, old, new):
    assert old in VIEW
    (world / "week.yaml").write_text(VIEW.replace(old, new))


def found(world, now=NOW):
    return [(one.rule, one.saw) for one in check_view(world / "week.yaml", now=now).findings]


def entered(world, sql, *values):
    with sqlite3.connect(world / "online.db") as database:
        assert database.execute(sql, values).rowcount


def registry():
    return (WRITTEN / "registry.db").read_bytes()


def message(*fields):
    """Return a message of fields that are bytes, shorter than 128."""
    return b"".join(bytes([number << 3 | 2, len(data)]) + data for number, data in fields)


def test_what_feast_says_of_a_view_is_taken(world):
    view = read_view(world / "week.yaml")
    assert (view.entity, view.time, view.offline) == ("customer", "computed_at", "offline.parquet")
    assert [(one.name, one.tolerance) for one in view.features] == [("payments", 0), ("spend", 0.001), ("land", 0)]
    assert (view.ttl_hours, view.max_age_hours) == (48, 48)


def test_a_view_of_a_stream_is_read_by_the_numbers_of_its_own_kind(world):
    change(world, "registry.db#customer_week", "registry.db#customer_stream")
    view = read_view(world / "week.yaml")
    assert (view.entity, view.time, view.offline, view.ttl_hours) == ("customer", "computed_at", "offline.parquet", 24)
    assert {one.name for one in view.features} == {"payments", "spend", "land"}
    assert {one.name for one in parse_registry(BytesView(registry()))} > {"customer_week", "customer_stream"}


def test_training_rows_that_feast_joined_and_values_that_it_put_online_are_right(world):
    change(world, "online:", "max_age_hours: 200\nonline:")
    seen = check_view(world / "week.yaml", now=NOW)
    assert [(one.part, one.rows) for one in seen.sources] == [("offline", 6), ("training", 9), ("online", 3)]
    assert (seen.findings, seen.unchecked) == ((), ())


def test_values_that_are_older_than_their_ttl_are_found(world):
    assert found(world) == [("feature-stale", "1 of 3 entities have values older than 48 hours, the oldest 110.8")]


def test_the_digest_of_a_view_is_of_what_the_registry_says_too(world):
    before = check_view(world / "week.yaml", now=NOW).digest
    data = registry()
    table = pq.read_table(world / "offline.parquet")
    names = ["computed_xt" if name == "computed_at" else name for name in table.column_names]
    pq.write_table(table.rename_columns(names), world / "offline.parquet")
    (world / "registry.db").write_bytes(data.replace(b"computed_at", b"computed_xt"))
    assert check_view(world / "week.yaml", now=NOW).digest != before


@pytest.mark.parametrize(("hours", "value", "is_right"), [(48, 4, True), (49, 4, False), (49, None, True)])
def test_a_value_holds_as_long_as_its_ttl(world, hours, value, is_right):
    begin = 1_793_491_200 + 24 * 3600  # the second value of a
    row = {"customer": ["a"], "paid_at": [begin + hours * 3600], "payments": pa.array([value], pa.int64())}
    row |= {"spend": pa.array([None if value is None else 2.5]), "land": pa.array([None if value is None else "CH"])}
    pq.write_table(pa.table(row), world / "training.parquet")
    assert ("feature-point-in-time" in [rule for rule, _ in found(world)]) is not is_right


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (b" \x07", "payments: 1 of 3 entities have another value online, a share of 0.3333"),
        (b"", "payments: 1 of 3 entities have another value online, a share of 0.3333"),
        (None, "payments: 1 of 3 entities have another value online, a share of 0.3333"),
    ],
    ids=["number", "nothing", "null"],
)
def test_a_value_that_somebody_wrote_is_found(value, says, world):
    key = b"\x01\0\0\0\x02\0\0\0\x08\0\0\0customer\x02\0\0\0\x01\0\0\0b"
    sql = "UPDATE bank_customer_week SET value = ? WHERE entity_key = ? AND feature_name = 'payments'"
    entered(world, sql, value, key)
    assert says in [saw for _, saw in found(world)]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("#customer_week", "#customer_month", "the registry has 0 views 'customer_month'"),
        ("#customer_week", "#both", "the entity of both has 2 columns"),
        ("#customer_week", "#renaming", "the source of renaming renames columns"),
        ("#customer_week", "#lists", "the feature payments of lists is neither number nor text"),
        ("#customer_week", "", "feast is 'registry.db'"),
        (
            "#bank_customer_week",
            "#my_bank_customer_week",
            "of the project bank, and the store that is named is of another",
        ),
        ("sqlite:online.db#bank_customer_week", "redis://localhost#my_bank", "of the project bank, and the store"),
        ("sqlite:online.db#bank_customer_week", "redis://localhost#bank_customer_week", "of the project bank, and the"),
        ("#bank_customer_week", "", "the table or project of Feast's store is not named"),
        ("feast: registry.db", "entity: customer\nfeast: registry.db", "are the registry's to say"),
        ("spend, tol", "amount, tol", "has no feature 'amount'"),
        ("feast: registry.db#customer_week\n", "", "names its entity, time, features and offline table"),
    ],
)
def test_a_view_that_cannot_be_followed_is_refused(old, new, says, world):
    change(world, old, new)
    with pytest.raises(Misconfigured, match=says):
        read_view(world / "week.yaml")


def test_a_feature_of_bytes_is_refused_by_name(world):
    before, after = b"\n\x04land\x10\x02", b"\n\x04land\x10\x01"
    assert before in registry()
    (world / "registry.db").write_bytes(registry().replace(before, after))
    with pytest.raises(Misconfigured, match="the feature land of customer_week is neither number nor text"):
        read_view(world / "week.yaml")


@pytest.mark.parametrize(
    ("sql", "values", "says"),
    [
        ("UPDATE bank_customer_week SET entity_key = ? WHERE rowid = 1", (b"\x02\0\0\0",), "a key of 2 columns"),
        ("UPDATE bank_customer_week SET entity_key = ? WHERE rowid = 1", ("a",), "is none of Feast"),
        ("UPDATE bank_customer_week SET value = ?", (b"\x62\x00",), "neither number nor text"),
        ("UPDATE bank_customer_week SET value = ?", (7,), "is none of Feast"),
        ("UPDATE bank_customer_week SET value = ? WHERE rowid = 1", (b"\x12\1x",), "values of several types"),
        ("UPDATE bank_customer_week SET event_ts = ? WHERE feature_name = 'land'", ("x",), "times of several types"),
        ("UPDATE bank_customer_week SET event_ts = ?", (None,), "has no time"),
    ],
)  # fmt: skip
def test_a_store_that_is_none_of_feast_is_refused(sql, values, says, world):
    entered(world, sql, *values)
    with pytest.raises(Malformed, match=says):
        found(world)


def test_a_view_of_sqlite_in_a_table_s_place_is_refused(world):
    entered(world, "ALTER TABLE bank_customer_week RENAME TO kept")
    entered(world, "CREATE VIEW bank_customer_week AS SELECT * FROM kept")
    with pytest.raises(Malformed, match="no plain table"):
        found(world)


def test_a_table_of_another_entity_or_none_is_refused(world):
    change(world, "#bank_customer_week", "#bank_terminal_day")
    with pytest.raises(Malformed, match="there is no table bank_terminal_day"):
        found(world)
    change(world, "#bank_customer_week", '#x"; DROP TABLE bank_customer_week')
    with pytest.raises(HauberkError):
        found(world)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no registry"),
        (b"SQLite format 3\0" + bytes(100), "registry|byte"),
        (message((6, b"")), "says nothing"),
        (message((3, b"1"), (6, b"")), "says nothing"),
        (message((6, message((1, message((1, b"a"), (1, b"b"))))), (3, b"1")), "twice"),
        (message((6, message((1, b""), (1, b""))), (3, b"1")), "twice"),
        (message((1, b"")), "says nothing"),
        (message((3, b"1"), (6, message((1, message((4, message((1, b"a"), (2, b"b")))))))), "no number"),
        (registry()[:-7], "are left"),
        (registry() + b"\x30\x01", "no message"),
    ],
)
def test_what_is_no_registry_is_refused(data, says):
    with pytest.raises(Malformed, match=says):
        parse_registry(BytesView(data))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x12\x02CH", "CH"), (b" \x04", 4), (b" \xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", -1), (b"", None),
        (b")\x00\x00\x00\x00\x00\x00\x04@", 2.5), (b"5\x00\x00 @", 2.5), (b"8\x01", 1), (b"\x98\x01\x00", None),
    ],
)  # fmt: skip
def test_a_value_is_read(data, expected):
    assert parse_value(data) == expected


def test_a_field_of_redis_is_named_as_feast_names_it():
    names = {field_of("customer_week", name).hex() for name in ("payments", "spend", "land")}
    (row, *_) = json.loads((WRITTEN / "redis.json").read_text()).values()
    assert names | {time_field("customer_week").hex()} == row.keys()


@pytest.mark.parametrize(("data", "expected"), [(b"\x08\x05", 5), (b"", 0), (b"\x08\x05\x10\x80\xca\xb5\xee\x01", 5.5)])
def test_a_time_is_read(data, expected):
    assert parse_time(data) == expected


@pytest.mark.parametrize("data", [b"\x12\x00", b"\x18\x01", b"\x08", b"x"])
def test_what_is_no_time_is_refused(data):
    with pytest.raises(Malformed):
        parse_time(data)


@pytest.mark.parametrize("data", [b"\x0a\x01x", b" \x04 \x04", b"\x12\x05x", b"\x12\x01\xff", b"\x21\x00", b"\x62\x00"])
def test_what_is_no_value_is_refused(data):
    with pytest.raises(Malformed):
        parse_value(data)


def test_keys_of_a_project_whose_name_ends_as_ours_does_are_not_ours():
    view = View("urn:hauberk:feature-view:v1", "w", feast="registry.db#week#2", features=(Feature("x"),))
    layout = _Feast(replace(view, entity="k"), "bank")
    key = b"\1\0\0\0\2\0\0\0\1\0\0\0k\2\0\0\0\1\0\0\0x"
    assert [layout.is_ours(key + end) for end in (b"bank", b"my_bank", b"xbank", b"")] == [True, False, False, False]
    assert (layout.entity(key + b"bank"), layout.fields[0]) == ("x", b"_ts:week#2")
    with pytest.raises(Malformed):
        layout.entity(key[:-1])


def test_a_key_of_a_number_is_read():
    assert parse_entity_key(b"\1\0\0\0\2\0\0\0\1\0\0\0k\4\0\0\0\x08\0\0\0" + b"\xfe" + b"\xff" * 7) == ("k", "-2")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\1\0\0\0", b"\2\0\0\0k", b"\1\0\0\0\2\0\0\0\xff\xff\xff\xffk", b"\1\0\0\0\3\0\0\0\1\0\0\0k\2\0\0\0\0\0\0\0",
        b"\1\0\0\0\2\0\0\0\1\0\0\0k\1\0\0\0\1\0\0\0x", b"\1\0\0\0\2\0\0\0\1\0\0\0k\2\0\0\0\1\0\0\0xy",
    ],
)  # fmt: skip
def test_what_is_no_key_is_refused(data):
    with pytest.raises(Malformed):
        parse_entity_key(data)
