"""Feature views whose online store is a real Redis: values, keys, ages, and who may write by its own rules."""

import json
import os
import shutil
import socket
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge.redis import Access, Redis
from hauberk.errors import HauberkError, Misconfigured
from hauberk.verbs.data_features import check_view

pytestmark = pytest.mark.services
HOUR, NOW = 3600, 1_800_000_000
ADMIN, READER = "admin-password-for-tests", "reader-password-for-tests"
VIEW = """\
schema: urn:hauberk:feature-view:v1
name: week
entity: who
time: at
features: [{name: spend, tolerance: 0.01}, {name: land}, {name: count}]
offline: offline.parquet
online: URL/3
login: {user: reader, password: env:REDIS_PASSWORD}
max_age_hours: 48
writers: [feature-job, admin]
"""
READS = ["+@read", "+select", "+acl|list", "+acl|cat", "-@dangerous", "+acl|list"]


FEAST = Path(__file__).parents[1] / "vectors" / "written" / "feast"
FEAST_VIEW = """\
schema: urn:hauberk:feature-view:v1
name: customer_week
feast: registry.db#customer_week
online: feast-URL/3#bank
login: {user: reader, password: env:REDIS_PASSWORD}
max_age_hours: 200
writers: [admin, feature-job]
"""
FEAST_NOW = 1_794_250_000
KEY = bytes.fromhex("0100000002000000" + "08000000") + b"customer" + bytes.fromhex("0200000001000000")


class Server:
    """Asks as an administrator, by another hand than the one that is tested."""

    def __init__(self, url):
        host, _, port = url.removeprefix("redis://").partition(":")
        self.line = socket.create_connection((host, int(port)), timeout=20)
        self.replies = self.line.makefile("rb")

    def do(self, *words):
        data = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        parts = b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in data)
        self.line.sendall(b"*%d\r\n%b" % (len(words), parts))
        reply = self.replies.readline()
        assert not reply.startswith(b"-"), reply
        return reply

    def rule(self, name, *rules):
        self.do("ACL", "SETUSER", name, "reset", *rules)


@pytest.fixture
def admin(redis_server):
    """A store with a job that fills it and a user that reads, and nobody else."""
    server = Server(redis_server.url)
    server.rule("admin", "on", f">{ADMIN}", "~*", "&*", "+@all")
    server.do("AUTH", "admin", ADMIN)
    server.rule("default", "off")
    server.rule("reader", "on", f">{READER}", "~week:*", *READS)
    server.rule("feature-job", "on", ">a-password-of-the-job", "~week:*", "+@hash", "+del")
    server.do("SELECT", "3")
    for who, hours, spend, land, count in (
        ("a", 10, 4.0, "CH", 2**60 + 1),
        ("b", 20, 2.0, "CH", 7),
        ("ü", 40, None, "DE", 1),
    ):
        fill(server, who, hours, spend, land, count)
    yield server
    server.do("FLUSHALL")
    server.rule("default", "on", "nopass", "~*", "&*", "+@all")
    for name in ("reader", "feature-job", "guest"):
        server.do("ACL", "DELUSER", name)
    server.replies.close()
    server.line.close()


def fill(server, who, hours, spend, land, count):
    server.do("DEL", f"week:{who}")
    fields = ["at", NOW - hours * HOUR, "land", land, "count", count, *([] if spend is None else ["spend", spend])]
    server.do("HSET", f"week:{who}", *fields)


@pytest.fixture
def world(tmp_path, redis_server, admin, monkeypatch):
    monkeypatch.setenv("REDIS_PASSWORD", READER)
    table = {"who": ["a", "b", "ü"], "at": [NOW - hours * HOUR for hours in (10, 20, 40)], "spend": [4.0, 2.0, None]}
    table |= {"land": ["CH", "CH", "DE"], "count": [2**60 + 1, 7, 1]}
    pq.write_table(pa.table(table), tmp_path / "offline.parquet")
    (tmp_path / "week.yaml").write_text(VIEW.replace("URL", redis_server.url))
    return tmp_path


def check(world, old="", new=""):
    text = (world / "week.yaml").read_text()
    assert old in text
    (world / "week.yaml").write_text(text.replace(old, new))
    return check_view(world / "week.yaml", now=NOW)


def found(world, old="", new=""):
    seen = check(world, old, new)
    assert seen.unchecked == ()
    return [(one.rule, one.saw.partition(" may be written to ")[2] or one.saw) for one in seen.findings]


def refused(world, old="", new=""):
    with pytest.raises(HauberkError) as caught:
        check(world, old, new)
    return caught.value.message


def test_a_store_in_which_all_is_well_has_no_finding(world):
    seen = check(world)
    assert (seen.findings, seen.unchecked, seen.source("online").rows) == ((), (), 3)
    assert dict(seen.answers)["feature-writers"] == "pass"
    assert check(world).source("online").digest == seen.source("online").digest


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("a", 10, 4.5, "CH", 2**60 + 1), "spend: 1 of 3 entities have another value online, a share of 0.3333"),
        (("a", 10, "much", "CH", 2**60 + 1), "spend: 1 of 3 entities have another value online, a share of 0.3333"),
        (("a", 10, None, "CH", 2**60 + 1), "spend: 1 of 3 entities have another value online, a share of 0.3333"),
        (("a", 10, 4.0, "AT", 2**60 + 1), "land: 1 of 3 entities have another value online, a share of 0.3333"),
        (("a", 10, 4.0, "CH", 2**60), "count: 1 of 3 entities have another value online, a share of 0.3333"),
        (("a", 60, 4.0, "CH", 2**60 + 1), "1 of 3 entities have values older than 48 hours, the oldest 60.0"),
        (("a", -1, 4.0, "CH", 2**60 + 1), "1 of 3 entities have values from the future"),
        (("z", 10, 4.0, "CH", 1), "1 entities are online and not in the offline table"),
    ],
    ids=["number", "no number", "null", "text", "large number", "old", "future", "unknown"],
)
def test_a_value_that_somebody_wrote_is_found(row, says, world, admin):
    fill(admin, *row)
    assert [saw for _, saw in found(world)] == [says]


def test_an_entity_that_is_not_online_is_found(world, admin):
    admin.do("DEL", "week:b")
    assert found(world) == [("feature-keys", "1 of 3 entities are not online")]


def test_ten_thousand_entities_among_others_are_read_once_each(world, admin):
    admin.do("DEL", "week:a", "week:b", "week:ü")
    for number in range(10_000):
        fill(admin, number, 1, number, "AT", number)
        admin.do("SET", f"other:{number}", "x")
    columns = {"who": map(str, range(10_000)), "at": [NOW - HOUR] * 10_000, "spend": range(10_000)}
    columns |= {"land": ["AT"] * 10_000, "count": range(10_000)}
    pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), world / "offline.parquet")
    assert found(world) == []


@pytest.mark.parametrize(
    ("rules", "who"),
    [
        (["on", "nopass", "~*", "+@all"], "by the user guest, who needs no password"),
        (["on", ">x", "~*", "+@write"], "by the user guest"),
        (["on", ">x", "~w*", "+hset"], "by the user guest"),
        (["on", ">x", "~[v-x]eek:?*", "-@all", "+@hash", "-hset"], "by the user guest"),
        (["on", ">x", "%W~week:a", "+set"], "by the user guest"),
        (["on", ">x", "+flushall"], "by the user guest"),
        (["on", ">x", "+acl|setuser"], "by the user guest"),
        (["on", ">x", "~*", "+@all", "-@write"], "by the user guest"),
        (["on", ">x", "~other:*", "+@read", "(~week:* +del)"], "by the user guest"),
    ],
    ids=["open", "write", "one command", "class", "one key", "flush", "rules", "all but write", "selector"],
)
def test_a_user_who_may_write_is_found(rules, who, world, admin):
    admin.rule("guest", *rules)
    assert found(world) == [("feature-writers", who)]


@pytest.mark.parametrize(
    "rules",
    [
        ["off", "nopass", "~*", "+@all"],
        ["on", ">x", "~*", "+@read"],
        ["on", ">x", "~month:*", "+@write", "-@dangerous"],
        ["on", ">x", "%R~week:*", "+@hash"],
        ["on", ">x", "~*", "+@all", "-@write", "-@admin", "-@dangerous"],
        ["on", ">x", "~other:*", "+hset", "(~week:* +hget)"],
        ["on", ">x", "~*", "+config|get", "+acl|list"],
        ["on", ">x", "~[^w]*", "+set"],
    ],
    ids=["off", "read", "other keys", "read keys", "no writes", "selector", "parts", "negated class"],
)
def test_a_user_who_may_not_write_is_none(rules, world, admin):
    admin.rule("guest", *rules)
    assert found(world) == []


def test_the_default_user_without_a_password_is_found_although_nobody_is_named(world, admin):
    admin.rule("default", "on", "nopass", "~*", "&*", "+@all")
    expected = [("feature-writers", "by the user default, who needs no password")]
    assert found(world, "writers: [feature-job, admin]\n") == expected
    assert found(world, "login: {user: reader, password: env:REDIS_PASSWORD}\n") == expected


def test_without_the_right_to_see_the_rules_who_may_write_is_not_checked(world, admin):
    admin.rule("reader", "on", f">{READER}", "~week:*", "+@read", "+select")
    seen = check(world)
    assert seen.findings == ()
    assert dict(seen.answers)["feature-writers"] == "incomplete"
    assert "the server refuses ACL and says: NOPERM" in seen.unchecked[0].detail
    assert dispatch(["data", "features", str(world / "week.yaml")]) == 1  # what is stale by today
    assert seen.result == "incomplete"


def test_over_tls_the_authority_is_named(world, redis_server):
    (world / "authority.pem").write_bytes(redis_server.authority.read_bytes())
    assert "its certificate does not hold" in refused(world, redis_server.url, redis_server.tls)
    assert found(world, "REDIS_PASSWORD}", "REDIS_PASSWORD, ca: authority.pem}") == []


def test_a_wrong_password_is_not_repeated(world, monkeypatch):
    monkeypatch.setenv("REDIS_PASSWORD", "not-the-password")
    said = refused(world)
    assert "the server refuses AUTH and says: WRONGPASS" in said
    assert "not-the-password" not in said


def test_a_password_that_is_not_there_is_said(world, monkeypatch):
    monkeypatch.delenv("REDIS_PASSWORD")
    assert refused(world) == "the variable REDIS_PASSWORD is not set"


def test_a_password_may_come_from_a_file(world):
    (world / "secret").write_text(READER + "\n")
    assert found(world, "env:REDIS_PASSWORD", "file:secret") == []


@pytest.mark.parametrize(
    ("commands", "says"),
    [
        ([("SET", "week:a", "4.0")], "week:a is no hash"),
        ([("HDEL", "week:a", "at")], "1 rows have no time"),
        ([("HSET", "week:a", "at", "yesterday")], "its times cannot be read"),
        ([("DEL", "week:a"), ("HSET", "week:a", "other", "1")], "1 rows have no time"),
    ],
    ids=["text", "no time", "words", "other fields"],
)
def test_keys_that_are_none_of_the_view_are_refused(commands, says, world, admin):
    for command in commands:
        admin.do(*command)
    assert says in refused(world)


def test_a_database_that_is_not_there_is_refused(world):
    assert "the server refuses SELECT and says: ERR DB index is out of range" in refused(world, "/3", "/999")


def test_the_verb_says_it_as_data_and_holds_no_password(world, capsys):
    dispatch(["data", "features", str(world / "week.yaml"), "--format", "json"])
    said = capsys.readouterr().out
    assert [one["part"] for one in json.loads(said)["sources"]] == ["offline", "online"]
    assert READER not in said


def test_a_server_without_keys_has_no_row(world, admin, redis_server):
    admin.do("FLUSHDB")
    with Redis(Access(f"{redis_server.url}/3", "reader", os.environ["REDIS_PASSWORD"])) as server:
        assert server.hashes([b"at"], prefix=b"week:").keys == []
    assert check(world).result == "fail"


@pytest.fixture
def feast(world, admin, redis_server):
    """A store as Feast filled it, with its registry and offline table."""
    for name in ("registry.db", "offline.parquet"):
        shutil.copyfile(FEAST / name, world / name)
    admin.do("FLUSHDB")
    admin.rule("reader", "on", f">{READER}", "~*", *READS)
    for key, fields in json.loads((FEAST / "redis.json").read_text()).items():
        admin.do("HSET", bytes.fromhex(key), *(bytes.fromhex(one) for pair in fields.items() for one in pair))
    (world / "week.yaml").write_text(FEAST_VIEW.replace("URL", redis_server.url))
    return world


def found_in_feast(world):
    return [one.saw for one in check_view(world / "week.yaml", now=FEAST_NOW).findings]


def test_a_store_that_feast_filled_is_read(feast):
    seen = check_view(feast / "week.yaml", now=FEAST_NOW)
    assert (seen.findings, seen.unchecked, seen.source("online").rows) == ((), (), 3)


def test_the_hash_of_another_view_or_project_is_left_out(feast, admin):
    admin.do("HSET", KEY + b"xbank", "_ts:terminal_day", b"\x08\x01")
    admin.do("HSET", KEY + b"aretail", "_ts:customer_week", b"\x08\x01")
    admin.do("HSET", KEY + b"amy_bank", "_ts:customer_week", b"\x08\x01")
    admin.do("HSET", KEY + b"zmy_bank", "_ts:customer_week", b"\x08\x01", bytes.fromhex("95d3039f"), b"x")
    assert found_in_feast(feast) == []


def test_a_store_of_another_project_than_the_registrys_is_refused(feast):
    text = (feast / "week.yaml").read_text()
    (feast / "week.yaml").write_text(text.replace("#bank", "#my_bank"))
    with pytest.raises(Misconfigured, match="of the project bank, and the store that is named is of another"):
        found_in_feast(feast)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("95d3039f", "2006", "payments: 1 of 3 entities have another value online, a share of 0.3333"),
        ("dac58c5c", "12024154", "land: 1 of 3 entities have another value online, a share of 0.3333"),
        ("5f74733a637573746f6d65725f7765656b", "0801", "1 of 3 entities have values older than 200 hours"),
    ],
)
def test_a_value_that_somebody_wrote_into_a_store_of_feast_is_found(field, value, says, feast, admin):
    admin.do("HSET", KEY + b"abank", bytes.fromhex(field), bytes.fromhex(value))
    assert [saw[: len(says)] for saw in found_in_feast(feast)] == [says]


@pytest.mark.parametrize(
    ("key", "field", "value", "says"),
    [
        (KEY + b"abank", "95d3039f", "62020801", "neither number nor text"),
        (KEY + b"abank", "95d3039f", "ff", "number without end"),
        (KEY + b"abank", "5f74733a637573746f6d65725f7765656b", "1201", "byte"),
        (KEY[:-4] + b"\xff\0\0\0abank", "95d3039f", "2005", "is cut short"),
        (KEY[:-8] + b"\1\0\0\0\1\0\0\0abank", "95d3039f", "2005", "neither number nor text"),
    ],
)
def test_what_is_none_of_feast_is_refused(key, field, value, says, feast, admin):
    admin.do("HSET", key, bytes.fromhex(field), bytes.fromhex(value))
    with pytest.raises(HauberkError, match=says):
        check_view(feast / "week.yaml", now=FEAST_NOW)


def test_who_may_write_to_a_store_of_feast_is_found(feast, admin):
    admin.rule("guest", "on", ">x", b"~\x01*", "+hset")
    (saw,) = found_in_feast(feast)
    assert saw.endswith("may be written to by the user guest")
    admin.rule("guest", "on", ">x", "~customer*", "+hset")
    assert found_in_feast(feast) == []
