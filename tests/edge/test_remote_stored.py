"""What stores say of what they keep: of other forms, it is no claim."""

from email.message import Message

import pytest

from hauberk.edge.remote.aws_login import _lease
from hauberk.edge.remote.gcs import stored_of
from hauberk.edge.remote.stored import Stored, instant_of, seconds_of
from hauberk.errors import Unavailable

HOSTILE = ("9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-23:59", "2027-01-01", "", "x")


@pytest.mark.parametrize("text", HOSTILE)
def test_an_instant_that_no_clock_reaches_is_none(text):
    assert seconds_of(text) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-01-01T00:00:00Z", 1_798_761_600),
        ("2027-01-01T01:00:00.9+01:00", 1_798_761_600),
        ("1960-01-01T00:00:00Z", 0),
    ],
)
def test_an_instant_is_its_second(text, expected):
    assert seconds_of(text) == expected


def test_an_instant_is_written_as_it_is_read():
    assert (instant_of(1_798_761_600), seconds_of(instant_of(1_798_761_600))) == ("2027-01-01T00:00:00Z", 1_798_761_600)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_lock_until_then_is_none(text):
    headers = Message()
    headers["x-amz-object-lock-mode"] = "COMPLIANCE"
    headers["x-amz-object-lock-retain-until-date"] = text
    entry = {"name": "a", "generation": "7", "retention": {"mode": "Locked", "retainUntilTime": text}}
    for seen in (Stored.of(headers), stored_of(entry)):
        assert (seen.mode, seen.until) == ("", 0)


@pytest.mark.parametrize("mode", [{}, [], 5, None, "locked"])
def test_a_lock_of_no_mode_is_none(mode):
    entry = {"name": "a", "generation": "7", "retention": {"mode": mode, "retainUntilTime": "2027-01-01T00:00:00Z"}}
    assert (stored_of(entry).mode, stored_of(entry).until) == ("", 0)


@pytest.mark.parametrize("text", [one for one in HOSTILE if one])
def test_keys_until_then_are_none(text):
    said = {"AccessKeyId": "a", "SecretAccessKey": "b", "Token": "c", "Expiration": text}
    with pytest.raises(Unavailable, match="names no end of the keys"):
        _lease(said, "Token", "the agent", "")
