"""What a Redis server says: replies, rules of access, and addresses of it; half of it is refused."""

import io
import tracemalloc

import pytest

from hauberk.errors import Exceeded, Malformed, Misconfigured
from hauberk.formats.text.redis_acl import fits_some, parse_user
from hauberk.formats.text.redis_address import RedisAddress, parse_address
from hauberk.formats.wire.resp import Budget, ErrorReply, parse_reply

CATEGORIES = {
    "write": frozenset({"hset", "set", "del", "flushall", "xgroup|create"}),
    "read": frozenset({"hget", "get"}),
    "hash": frozenset({"hset", "hget"}),
    "admin": frozenset({"config|set", "config|get", "debug", "acl|setuser"}),
    "slow": frozenset({"config", "acl"}),
}


def user(rules):
    return parse_user(f"user guest on #00 {rules}", prefix="week:", categories=CATEGORIES)


def reply(data, *, values=100, size=8000):
    return parse_reply(io.BytesIO(data), Budget(values, size))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"+OK\r\n", b"OK"),
        (b":-7\r\n", -7),
        (b"$5\r\na\r\nbc\r\n", b"a\r\nbc"),
        (b"$-1\r\n", None),
        (b"*-1\r\n", None),
        (b"*3\r\n$1\r\na\r\n:1\r\n*1\r\n$-1\r\n", [b"a", 1, [None]]),
        (b"-NOPERM no\r\n", ErrorReply("NOPERM no")),
    ],
)
def test_a_reply_is_read(data, expected):
    assert reply(data) == expected


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Malformed),
        (b"HTTP/1.1 400 Bad Request\r\n", Malformed),
        (b"+OK\n", Malformed),
        (b"$5\r\nabc", Malformed),
        (b"$3\r\nabcde\r\n", Malformed),
        (b"$-2\r\n", Malformed),
        (b":1_0\r\n", Malformed),
        (b"*2\r\n+OK\r\n", Malformed),
        (b"*1\r\n" * 6 + b"+OK\r\n", Malformed),
        (b"+" + b"a" * 5000 + b"\r\n", Malformed),
        (b"$99999999999\r\n", Exceeded),
        (b"*99999999999\r\n", Exceeded),
        (b"*60\r\n" + b"*1\r\n:1\r\n" * 60, Exceeded),
        (b"*99\r\n" + b"$100\r\n" * 99, Malformed),
        (b"$8001\r\n", Exceeded),
    ],
)
def test_what_is_no_reply_or_too_large_is_refused(data, error):
    with pytest.raises(error):
        reply(data)


def test_a_text_is_not_asked_for_before_it_is_known_to_fit():
    class Stream(io.BytesIO):
        def read(self, size=-1):
            raise AssertionError

    with pytest.raises(Exceeded):
        parse_reply(Stream(b"$2000000\r\n"), Budget(10, 1 << 40))


def test_a_list_that_is_too_long_is_refused_before_any_of_it_is_read():
    with pytest.raises(Exceeded, match="a list of 1048577 values"):
        reply(b"*1048577\r\n", values=1 << 31, size=4 << 30)


def keep_all(kept, data, budget):
    while True:
        data.seek(0)
        kept.append(parse_reply(data, budget))


def test_short_values_cost_no_more_memory_than_the_budget():
    kept, budget = [], Budget(1 << 31, 2 << 20)
    data = io.BytesIO(b"*1000\r\n" + b"$3\r\nabc\r\n" * 1000)
    tracemalloc.start()
    try:
        with pytest.raises(Exceeded):
            keep_all(kept, data, budget)
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("*", True), ("week:*", True), ("w*", True), ("*:*", True), ("week:", True), ("????????", True), ("*x", True),
        ("[a-z]eek:1", True), ("[^a]eek:1", True), ("\\week:1", True), ("[z-a]eek:1", True), ("w[\\e]ek:*", True),
        ("week", False), ("month:*", False), ("[^w]*", False), ("[a-c]eek:*", False), ("week?", True), ("weekx*", False),
        ("\\*", False), ("WEEK:*", False), ("", False),
    ],
)  # fmt: skip
def test_a_pattern_fits_some_key_or_none(pattern, fits):
    assert fits_some(pattern, "week:") is fits


def test_many_stars_cost_little():
    assert fits_some("*?" * 20_000 + "*", "week:" * 12)


@pytest.mark.parametrize(
    "rules",
    [
        "~* &* +@all",
        "~* -@all +set",
        "allkeys allcommands",
        "~week:7 +@hash",
        "%RW~* +del",
        "%W~week:* +@write",
        "-@all +flushall",
        "-@all +acl",
        "-@all +config|set",
        "+@all -@write",
        "~* -@all +@of-a-module",
        "~* -@all +set|first",
        "%R~* +@read (~week:* -@all +hset)",
        "~other:* +@all -@admin -@slow (%W~* +set)",
    ],
)
def test_who_may_write(rules):
    assert user(rules).may_write


@pytest.mark.parametrize(
    "rules",
    [
        "",
        "~* -@all",
        "~* -@all +@read",
        "%R~week:* +@all -@admin -flushall",
        "~month:* -@all +@write -flushall",
        "~* +@all -@write -@admin",
        "~* -@all +config|get",
        "~* resetkeys -@all +set",
        "~* -@all +hset -hset",
        "~month:* -@all +set (%R~week:* -@all +hset) (~week:* -@all +hget)",
    ],
)
def test_who_may_not(rules):
    assert not user(rules).may_write


@pytest.mark.parametrize("blank", ["\xa0", "\x85", "\x1c", "\x1d", "\x1e", "\x1f"])
def test_a_byte_that_is_a_blank_elsewhere_ends_no_word(blank):
    assert user(f"~week:*{blank}resetkeys -@all +set").may_write
    assert user(f"~* -@all +set ~{blank} ~x{blank}-@all{blank}resetkeys").may_write
    assert parse_user(f"user a{blank}b on ~* +@all", prefix="w:", categories=CATEGORIES).name == f"a{blank}b"


@pytest.mark.parametrize(
    ("rules", "may"),
    [
        ("+config|set", True), ("+acl|setuser", True), ("+module|load", True), ("+cluster|meet", True), ("+config", True),
        ("+cluster", True), ("+failover", True), ("+@admin", True), ("+config|get", False), ("+cluster|slots", False),
        ("+acl|list", False), ("+@admin -config -acl -module -cluster -failover", False),
    ],
)  # fmt: skip
def test_a_server_that_lists_no_parts_of_commands_allows_them(rules, may):
    admin = frozenset({"config", "acl", "module", "cluster", "failover"})
    categories = {"write": frozenset({"set"}), "admin": admin}
    assert parse_user(f"user a on #00 -@all {rules}", prefix="w:", categories=categories).may_write is may


@pytest.mark.parametrize("rule", ["failover", "cluster|replicate", "cluster|meet", "cluster|reset"])
def test_who_gives_the_server_another_masters_data_may_write(rule):
    categories = {**CATEGORIES, "admin": frozenset({rule, "cluster|slots"})}
    assert parse_user(f"user a on #00 -@all +{rule}", prefix="w:", categories=categories).may_write
    assert parse_user("user a on #00 -@all +@admin", prefix="w:", categories=categories).may_write
    assert not parse_user("user a on #00 -@all +cluster|slots", prefix="w:", categories=categories).may_write


def test_a_user_that_is_off_or_open_is_told():
    line = "user default off nopass sanitize-payload ~* &* +@all"
    seen = parse_user(line, prefix="w:", categories=CATEGORIES)
    assert (seen.name, seen.is_on, seen.is_open) == ("default", False, True)


@pytest.mark.parametrize("line", ["", "user", "user a", "default on nopass", "user a on " + "~a " * 30_000])
def test_a_line_that_is_none_is_refused(line):
    with pytest.raises(Malformed):
        parse_user(line, prefix="w:", categories=CATEGORIES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis://localhost", RedisAddress("localhost", 6379, 0, tls=False)),
        ("redis://127.0.0.1:7000/3", RedisAddress("127.0.0.1", 7000, 3, tls=False)),
        ("rediss://[::1]:7000/", RedisAddress("::1", 7000, 0, tls=True)),
    ],
)
def test_an_address_is_read(text, expected):
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "redis://:hunter2@localhost", "redis://u:hunter2@h/0", "redis://localhost:0", "redis://h:hunter2", "redis://",
        "redis://h/hunter2", "redis://h:70000", "unix:///hunter2", "redis://h/0?password=hunter2", "redis://h\n",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_and_not_repeated(text):
    with pytest.raises(Misconfigured) as caught:
        parse_address(text)
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"
