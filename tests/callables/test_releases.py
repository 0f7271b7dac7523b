"""The tables as statements name them: which, proved against what, and which rows exactly."""

from hauberk.callables.releases import CONDEMNED, digest_of, releases
from hauberk.callables.table import SOURCES


def test_every_table_is_there_with_its_releases_and_rows():
    found = {table.name: table for table in releases()}
    assert set(found) == {source.__name__.rpartition(".")[2] for source in SOURCES} | {CONDEMNED}
    assert found["torch"].releases == ("torch 2.13.0",)
    assert all(table.rows and table.digest.startswith("sha256:") for table in releases())
    assert len({table.digest for table in releases()}) == len(releases())


def test_a_digest_is_of_all_that_a_table_says_in_any_order():
    row = ("import", "", "", "a constant")
    table = {"a": {"b": row}, "c": {"d": row}}
    assert digest_of(table) == digest_of({"c": {"d": row}, "a": {"b": row}})
    for other in ({"a": {"b": row}}, {"a": {"b": row}, "c": {"e": row}}, {"ab": {"": row}, "c": {"d": row}}):
        assert digest_of(other) != digest_of(table)
    for place in range(4):
        changed = (*row[:place], "other", *row[place + 1 :])
        assert digest_of({"a": {"b": row}, "c": {"d": changed}}) != digest_of(table)
