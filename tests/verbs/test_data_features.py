"""Feature views: what training saw, what serving sees, and who may change it."""

import json
import os
import pwd
import random
import sqlite3

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.dataset.as_of import as_of, newest
from hauberk.edge import online
from hauberk.errors import Exceeded, Malformed, Misconfigured, Unavailable
from hauberk.verbs.data_features import check_view

HOUR = 3600
NOW = 1_800_000_000
ME = pwd.getpwuid(os.getuid()).pw_name
VIEW = f"""\
schema: urn:hauberk:feature-view:v1
name: week
entity: who
time: at
features: [{{name: spend, tolerance: 0.01}}, {{name: land}}]
offline: offline.parquet
online: sqlite:online.db
training: {{path: train.parquet, time: paid}}
max_age_hours: 48
writers: [{ME}]
"""


def stamp(hours):
    return pa.array([(NOW - hour * HOUR) * 1_000_000 for hour in hours], pa.int64()).cast(pa.timestamp("us", "UTC"))


def offline():
    return pa.table(
        {
            "who": ["a", "b", "a", "c", "a"],
            "at": stamp([100, 90, 50, 40, 10]),
            "spend": [1.0, 2.0, 3.0, None, 4.0],
            "land": ["AT", "CH", "AT", "DE", "CH"],
        }
    )


def train(spend=(1.0, 3.0, None, 2.0, None), land=("AT", "AT", None, "CH", "DE")):
    who, paid = ["a", "a", "b", "b", "c"], stamp([100, 11, 91, 1, 1])
    return pa.table(
        {"who": who, "paid": paid, "spend": pa.array(spend, pa.float64()), "land": pa.array(land, pa.string())}
    )


ONLINE = (("a", 10, 4.0, "CH"), ("b", 20, 2.0, "CH"), ("c", 40, None, "DE"))


def fill(path, rows=ONLINE, time=lambda hours: NOW - hours * HOUR):
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE week (who TEXT, at, spend REAL, land TEXT)")
        database.executemany("INSERT INTO week VALUES (?, ?, ?, ?)", [(w, time(h), s, d) for w, h, s, d in rows])
    path.chmod(0o600)


@pytest.fixture
def world(tmp_path):
    """A view in which all is well."""
    folder = tmp_path / "views"
    folder.mkdir(mode=0o700)
    (folder / "week.yaml").write_text(VIEW)
    pq.write_table(offline(), folder / "offline.parquet")
    pq.write_table(train(), folder / "train.parquet")
    fill(folder / "online.db")
    return folder


def found(world):
    return [(one.rule, one.saw) for one in check_view(world / "week.yaml", now=NOW).findings]


def test_a_view_in_which_all_is_well_has_no_finding(world):
    seen = check_view(world / "week.yaml", now=NOW)
    assert seen.findings == ()
    assert [(one.part, one.rows) for one in seen.sources] == [("offline", 5), ("training", 5), ("online", 3)]
    assert {result for _, result in seen.answers} == {"pass"}
    assert len(seen.answers) == 5


def test_the_digest_is_of_the_definition_however_it_is_laid_out(world):
    before = check_view(world / "week.yaml", now=NOW).digest
    (world / "week.yaml").write_text("# a comment\n" + VIEW.replace("who\n", '"who"\n'))
    assert check_view(world / "week.yaml", now=NOW).digest == before
    (world / "week.yaml").write_text(VIEW.replace("0.01", "0.02"))
    assert check_view(world / "week.yaml", now=NOW).digest != before


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (
            train(spend=(1.0, 4.0, None, 2.0, None)),
            "spend: 1 of 5 training rows have not the newest value at their event, 1 of them one from after it; the first is row 1",
        ),
        (
            train(spend=(3.0, 4.0, 2.0, 2.0, None)),
            "spend: 3 of 5 training rows have not the newest value at their event, 3 of them one from after it; the first is row 0",
        ),
        (
            train(spend=(1.0, 1.0, None, 2.0, None)),
            "spend: 1 of 5 training rows have not the newest value at their event; the first is row 1",
        ),
        (
            train(spend=(1.0, 3.02, None, 2.0, None)),
            "spend: 1 of 5 training rows have not the newest value at their event; the first is row 1",
        ),
        (
            train(land=("AT", "CH", None, "CH", "DE")),
            "land: 1 of 5 training rows have not the newest value at their event, 1 of them one from after it; the first is row 1",
        ),
    ],
    ids=["from after", "all from after", "stale", "beyond the tolerance", "text"],
)
def test_a_training_row_with_another_value_is_found(table, says, world):
    pq.write_table(table, world / "train.parquet")
    assert found(world) == [("feature-point-in-time", says)]


def test_a_value_within_the_tolerance_is_the_same(world):
    pq.write_table(train(spend=(1.009, 2.991, float("nan"), 2.0, None)), world / "train.parquet")
    assert found(world) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            (("a", 10, 4.5, "CH"), *ONLINE[1:]),
            [("feature-skew", "spend: 1 of 3 entities have another value online, a share of 0.3333")],
        ),
        (
            (("a", 10, 4.0, "AT"), *ONLINE[1:]),
            [("feature-skew", "land: 1 of 3 entities have another value online, a share of 0.3333")],
        ),
        (
            (("a", 10, None, "CH"), *ONLINE[1:]),
            [("feature-skew", "spend: 1 of 3 entities have another value online, a share of 0.3333")],
        ),
        (ONLINE[1:], [("feature-keys", "1 of 3 entities are not online")]),
        ((*ONLINE, ("d", 1, 1.0, "AT")), [("feature-keys", "1 entities are online and not in the offline table")]),
        (
            (("a", 49, 4.0, "CH"), *ONLINE[1:]),
            [("feature-stale", "1 of 3 entities have values older than 48 hours, the oldest 49.0")],
        ),
        ((("a", -1, 4.0, "CH"), *ONLINE[1:]), [("feature-stale", "1 of 3 entities have values from the future")]),
        ((), [("feature-keys", "3 of 3 entities are not online")]),
    ],
    ids=["number", "text", "null", "missing", "unknown", "old", "future", "empty"],
)
def test_an_online_store_that_says_something_else_is_found(rows, expected, world):
    fill(world / "online.db", rows)
    assert found(world) == expected


def test_a_share_of_skew_is_borne_where_the_view_says_so(world):
    fill(world / "online.db", (("a", 10, 4.5, "CH"), *ONLINE[1:]))
    (world / "week.yaml").write_text(VIEW + "max_skew: 0.34\n")
    assert found(world) == []


def test_times_may_be_texts(world):
    fill(world / "online.db", time=lambda hours: str(np.datetime64(NOW - hours * HOUR, "s")) + "Z")
    assert found(world) == []


@pytest.mark.parametrize(
    ("place", "mode", "who"),
    [
        ("online.db", 0o660, "its group"),
        ("online.db", 0o602, "everybody"),
        (".", 0o770, "its group"),
        (".", 0o707, "everybody"),
    ],
)
def test_who_else_may_write_is_found(place, mode, who, world):
    (world / place).chmod(mode)
    ((rule, saw),) = found(world)
    assert rule == "feature-writers"
    assert saw.endswith(f" may be written to by {who}")
    (world / place).chmod(0o700)


@pytest.mark.parametrize("place", ["real", "between"])
def test_who_may_write_where_a_link_leads_is_found(place, world):
    for folder in ("real", "between"):
        (world / folder).mkdir(mode=0o700)
    (world / "online.db").rename(world / "real/online.db")
    (world / "between/link.db").symlink_to("../real/online.db")
    (world / "online.db").symlink_to("between/link.db")
    assert found(world) == []
    (world / place).chmod(0o770)
    ((rule, saw),) = found(world)
    assert rule == "feature-writers"
    assert saw == f"{world / place} may be written to by its group"


def test_a_folder_under_two_names_is_told_once(world):
    (world / "again").symlink_to(world)
    assert len(online.writers_of(world / "again/online.db", ())) == 2


def test_an_owner_who_is_not_named_is_found(world):
    (world / "week.yaml").write_text(VIEW.replace(f"[{ME}]", "[feature-job]"))
    assert [saw.rpartition(" by ")[2] for _, saw in found(world)] == [f"its owner {ME}"] * 2


def test_large_whole_numbers_are_compared_in_full(world):
    table = pa.table({"who": ["a"], "at": stamp([10]), "spend": [2**60], "land": ["AT"]})
    pq.write_table(table, world / "offline.parquet")
    later = table.rename_columns(["who", "paid", "spend", "land"]).set_column(2, "spend", pa.array([2**60 + 1]))
    pq.write_table(later, world / "train.parquet")
    (world / "week.yaml").write_text(
        VIEW.replace(", tolerance: 0.01", "").partition("max_age")[0].replace("online: sqlite:online.db\n", "")
    )
    assert [rule for rule, _ in found(world)] == ["feature-point-in-time"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("view:v1", "view:v2", "schema"),
        ("name: week", "name: 'week\"; DROP'", "no name of a column"),
        ("time: at", "time: who", "each named once"),
        ("sqlite:online.db", "memcached://localhost", "no online store is read"),
        ("max_age_hours: 48", "max_age_hours: 0", "over 0"),
        ("0.01", "-1", "at least 0"),
        ("max_age_hours", "max_age_hour", "max_age_hour"),
        ("online: sqlite:online.db\n", "", "about an online store"),
        ("[{name: spend, tolerance: 0.01}, {name: land}]", "[]", "at least three"),
    ],
)
def test_what_is_no_view_is_refused(old, new, says, world):
    assert old in VIEW
    (world / "week.yaml").write_text(VIEW.replace(old, new, 1))
    with pytest.raises(Misconfigured, match=says):
        check_view(world / "week.yaml", now=NOW)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (offline().drop_columns(["land"]), "no column 'land'"),
        (offline().set_column(0, "who", pa.array(["a", None, "b", "c", "d"])), "about nobody"),
        (offline().set_column(1, "at", pa.array([None, *stamp([4, 3, 2, 1])])), "have no time"),
        (offline().set_column(1, "at", pa.array([b"x"] * 5)), "times cannot be read"),
        (offline().set_column(1, "at", pa.array(["yesterday"] * 5)), "times cannot be read"),
        (offline().set_column(2, "spend", pa.array([[1.0]] * 5)), "is nested"),
    ],
    ids=["column", "nobody", "no time", "bytes", "words", "nested"],
)
def test_an_offline_table_that_is_none_is_refused(table, says, world):
    pq.write_table(table, world / "offline.parquet")
    with pytest.raises(Malformed, match=says):
        check_view(world / "week.yaml", now=NOW)


def test_an_online_store_that_is_none_is_refused(world):
    path = world / "online.db"
    fill(path, (*ONLINE, ONLINE[0]))
    with pytest.raises(Malformed, match="online twice"):
        found(world)
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE week RENAME TO month")
    with pytest.raises(Malformed, match="there is no table week"):
        found(world)
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE week (at, spend, land)")
    with pytest.raises(Malformed, match="has no column who"):
        found(world)
    path.write_bytes(b"no database" * 100)
    with pytest.raises(Malformed, match="not an intact SQLite"):
        found(world)
    path.unlink()
    with pytest.raises(Unavailable):
        found(world)


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS who, 1 AS at, 1 AS spend, 1 AS land FROM n"


@pytest.mark.parametrize(
    ("sql", "error", "says"),
    [
        (f"CREATE VIEW week AS {ENDLESS}", Malformed, "no plain table"),
        (f"CREATE VIEW WEEK AS {ENDLESS}", Malformed, "no plain table"),
        ("CREATE VIEW week AS SELECT 'a' AS who, 1 AS at, zeroblob(900000000) AS spend, 1 AS land", Malformed, "plain"),
        ("CREATE VIRTUAL TABLE week USING fts5(who, at, spend, land)", Malformed, "no plain table"),
        ("CREATE TABLE week (who, at, land, spend AS (zeroblob(900000000)))", Malformed, "no column spend"),
        ("CREATE TABLE week (who, at, land, spend DEFAULT (zeroblob(2000000)))", Exceeded, "more than 1048576 bytes"),
    ],
    ids=["view", "another case", "long view", "virtual", "generated", "long"],
)
def test_a_store_that_computes_or_is_long_is_refused(sql, error, says, world):
    path = world / "online.db"
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute(sql)
        if sql.startswith("CREATE TABLE"):
            database.execute("INSERT INTO week (who, at, land) VALUES ('a', 1, 'x')")
    with pytest.raises(error, match=says):
        found(world)


@pytest.mark.parametrize(
    ("limit", "value", "error", "says"),
    [
        ("MAX_ROWS", 2, Exceeded, "more than 2 rows"),
        ("MAX_BYTES", 700, Exceeded, "or than 700 bytes"),
        ("MAX_SECONDS", -1, Unavailable, "not read after -1 s"),
    ],
)
def test_a_store_costs_no_more_than_its_limits(limit, value, error, says, world, monkeypatch):
    monkeypatch.setattr(online, limit, value)
    monkeypatch.setattr(online, "_STEPS", 1)
    with pytest.raises(error, match=says):
        found(world)


def test_the_verb_says_it_in_words_and_as_data(world, capsys, monkeypatch):
    monkeypatch.setattr("hauberk.edge.clock.now", lambda: NOW)
    assert dispatch(["data", "features", str(world / "week.yaml")]) == 0
    assert "online: sqlite:online.db: 3 rows" in capsys.readouterr().out
    fill(world / "online.db", ONLINE[1:])
    assert dispatch(["data", "features", str(world / "week.yaml"), "--format", "json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert [one["rule"] for one in said["findings"]] == ["feature-keys"]
    assert dispatch(["data", "features", str(world / "absent.yaml")]) == 3
    assert dispatch(["explain", "feature-keys"]) == 0


@pytest.mark.parametrize("seed", range(20))
def test_the_join_is_what_a_loop_gives(seed):
    lots = random.Random(seed)
    rows = [(lots.randrange(4), lots.randrange(8)) for _ in range(lots.randrange(30))]
    events = [(lots.randrange(5), lots.randrange(-1, 9)) for _ in range(lots.randrange(1, 30))]
    columns = [np.array(values, "i8").reshape(-1, 2).T for values in (rows, events)]
    held, following = as_of(*columns[0], *columns[1])
    for event, (who, when) in enumerate(events):
        mine = [(time, number) for number, (one, time) in enumerate(rows) if one == who]
        assert held[event] == max((one for one in mine if one[0] <= when), default=(0, -1))[1]
        assert following[event] == min((one for one in mine if one[0] > when), default=(0, -1))[1]
    last = [
        max((time, number) for number, (one, time) in enumerate(rows) if one == who)[1]
        for who in sorted({who for who, _ in rows})
    ]
    assert newest(*columns[0]).tolist() == last
