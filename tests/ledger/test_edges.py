"""The table of what rests on what: asked in both directions, thrown away at will, never another program's file."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from deployer import OTHER, Deployer
from hauberk.errors import Exceeded, Malformed, Unavailable
from hauberk.ledger import edges as module
from hauberk.ledger.edges import DATABASE, Edges
from simulator import TRAIN, named


@pytest.fixture
def chain() -> Deployer:
    return Deployer().good()


def test_the_table_takes_in_a_large_log_in_pieces(chain, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_AT_ONCE", 3)
    with chain.inquiry(tmp_path) as inquiry:
        assert inquiry.entries == chain.log.size > 6


def test_a_killed_reader_leaves_a_table_that_goes_on(chain, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_AT_ONCE", 3)
    envelope, asked = chain.log.envelope, []

    def killed(number: int) -> bytes:
        asked.append(number)
        if number == 5:
            raise KeyboardInterrupt
        return envelope(number)

    chain.log.envelope = killed
    with pytest.raises(KeyboardInterrupt), chain.inquiry(tmp_path):
        pass
    chain.log.envelope = lambda number: asked.append(number) or envelope(number)
    with chain.inquiry(tmp_path) as inquiry:
        assert inquiry.entries == chain.log.size
    assert asked[:7] == [0, 1, 2, 3, 4, 5, 3]


def test_something_that_rests_on_too_much_is_refused(chain, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_WALKED", 2)
    chain.deploy()
    with chain.inquiry(tmp_path) as inquiry, pytest.raises(Exceeded, match="rests on more than 2 things"):
        inquiry.where(TRAIN.digests[0])


def test_something_that_is_spoken_of_together_with_too_much_is_refused(chain, tmp_path, monkeypatch):
    things = tuple(named(f"model/{n}", b"%d" % n) for n in range(5))
    chain.say("producer", "urn:test:joint", things, {})
    with chain.inquiry(tmp_path), Edges.open(tmp_path) as edges:
        assert len(edges.above(things[0].digests[0])) == 6  # and the key
        monkeypatch.setattr(module, "MAX_WALKED", 7)  # and the statement
        assert len(edges.above(things[0].digests[0])) == 6
        monkeypatch.setattr(module, "MAX_WALKED", 6)
        with pytest.raises(Exceeded, match="rests on more than 6 things"):
            edges.above(things[0].digests[0])


@pytest.mark.parametrize("more", [0, 1, -1])
def test_a_table_of_another_log_is_made_again(chain, tmp_path, more):
    chain.deploy()
    with chain.inquiry(tmp_path):
        pass
    other = Deployer(now=chain.now).good()
    for number in range(1 + more):
        other.deploy(thing=named("model/tumour", b"other %d" % number))
    assert other.log.size == chain.log.size + more
    with other.inquiry(tmp_path) as inquiry:
        assert inquiry.entries == other.log.size
        assert len(inquiry.everything()) == 1 + more


def test_a_table_of_another_log_that_ends_with_the_same_entry_is_made_again(chain, tmp_path):
    other = Deployer(keys=chain.keys).good()
    chain.deploy(thing=named("model/tumour", b"what nobody logged"))
    other.deploy()
    for one in (chain, other):
        one.deploy(OTHER)
    assert chain.log.entry(chain.log.size - 1) == other.log.entry(other.log.size - 1)
    for one, places in ((chain, [1, 1]), (other, [2])):
        with one.inquiry(tmp_path) as inquiry:
            assert [len(live.runs) for live in inquiry.everything()] == places


def test_a_ring_of_derivations_is_walked_once(chain, tmp_path):
    one, two = named("model/tumour", b"one"), named("model/tumour", b"two")
    chain.derive(one, two)
    chain.derive(two, one)
    chain.deploy(thing=one)
    with chain.inquiry(tmp_path) as inquiry:
        assert [found.digest for found in inquiry.where(two.digests[0]).live] == list(one.digests)


def test_the_file_of_another_program_stays_as_it_is(tmp_path):
    database = sqlite3.connect(tmp_path / DATABASE)
    with database:
        database.execute("CREATE TABLE precious (x)")
    database.close()
    with pytest.raises(Malformed, match="no table of edges"):
        Edges.open(tmp_path)
    database = sqlite3.connect(tmp_path / DATABASE)
    assert database.execute("SELECT name FROM sqlite_schema").fetchall() == [("precious",)]
    database.close()


def test_a_table_closes_its_file(tmp_path):
    with Edges.open(tmp_path) as edges:
        assert edges.deployed() == []
    with pytest.raises(Unavailable):
        edges.deployed()


def test_the_file_says_whose_it_is_and_of_which_form(chain, tmp_path):
    with chain.inquiry(tmp_path):
        pass
    database = sqlite3.connect(tmp_path / DATABASE)
    assert database.execute("PRAGMA application_id").fetchone() == (int.from_bytes(b"HBKE", "big"),)
    assert database.execute("PRAGMA user_version").fetchone() == (3,)
    database.close()


def test_a_table_of_another_version_is_made_again(chain, tmp_path):
    with chain.inquiry(tmp_path):
        pass
    database = sqlite3.connect(tmp_path / DATABASE)
    with database:
        database.execute("PRAGMA user_version = 9")
    database.close()
    with chain.inquiry(tmp_path) as inquiry:
        assert inquiry.entries == chain.log.size


def test_what_is_no_database_is_refused(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"precious")
    with pytest.raises(Malformed) as refused:
        Edges.open(tmp_path)
    assert refused.value.hint == "move it away: it is made again"  # and not from a copy


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Unavailable):
        Edges.open(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "change", ["DELETE FROM state", "INSERT INTO state VALUES (3, x'00')", "UPDATE state SET size = -1"]
)
def test_a_table_that_does_not_say_how_much_it_has_is_made_again(chain, tmp_path, change):
    chain.deploy()
    with chain.inquiry(tmp_path) as inquiry:
        honest = [one.digest for one in inquiry.everything()]
    with closing(sqlite3.connect(tmp_path / DATABASE, isolation_level=None)) as database:
        database.execute(change)
    with chain.inquiry(tmp_path) as inquiry:
        assert inquiry.entries == chain.log.size
        assert [one.digest for one in inquiry.everything()] == honest


def test_a_table_that_names_no_entry_is_refused(chain, tmp_path):
    chain.deploy()
    with chain.inquiry(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / DATABASE, isolation_level=None)) as database:
        database.execute("UPDATE deployed SET entry = 1 << 62")
    with chain.inquiry(tmp_path) as inquiry, pytest.raises(Malformed, match="as an entry") as refused:
        inquiry.everything()
    assert refused.value.hint == "move it away: it is made again"
