"""The tables of a ledger that are computed: from all entries, from nothing else, and read in their order only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hauberk.digest import sha256
from hauberk.errors import NotVerified
from hauberk.ledger.schema import listed_leaves
from ledger.two_publications import change
from ledger_world import START, World, verified

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Answers:
    """A database that has these answers and then no more."""

    def __init__(self, *answers: list[Any]) -> None:
        self._answers = iter(answers)

    def ask(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        assert query.startswith("SELECT leaf FROM about")
        assert len(values) == 2
        return [(leaf,) for leaf in next(self._answers, [])]


def test_the_table_of_digests_is_read_to_its_end() -> None:
    database = Answers([b"a", b"b"], [b"c"])
    assert list(listed_leaves(database)) == [b"a", b"b", b"c"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "answers",
    [
        ([b"b", b"a"],),
        ([b"a", b"a"],),
        ([b"b"], [b"a"]),
        ([b"b"], [b"b"]),
        ([b"a", "b"],),
        (["a"],),
        ([None],),
    ],
    ids=["turned", "twice", "turned later", "twice later", "a text behind", "a text", "nothing"],
)
def test_a_table_of_digests_that_is_out_of_its_order_is_not_read(answers: tuple[list[Any], ...]) -> None:
    with pytest.raises(NotVerified, match="that of digests is not in its order"):
        list(listed_leaves(Answers(*answers)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("number", "missing"), [(200, 5), (-200, 0)])
def test_nothing_is_computed_of_entries_with_a_gap_among_them(world: World, number: int, missing: int) -> None:
    change(world, "INSERT INTO entries SELECT ?, record, 'another' FROM entries WHERE number = 0", number)
    with world.open() as log, pytest.raises(NotVerified, match=f"missing entry: number {missing}"):
        log.rebuild()


def test_the_tree_is_computed_again_over_all_entries(tmp_path: Path) -> None:
    with World(tmp_path).create() as log:
        log.append_many([verified(str(number)) for number in range(110)], START)
        root = log.tree().root()
        log.rebuild()
        log.check_totals()
        log.check_tree(0, log.records())
        assert (log.tree().root(), log.listed) == (root, 110)


def test_an_entry_that_is_none_any_more_is_named_when_it_is_listed(world: World) -> None:
    with world.open() as log:
        log.append_many([verified("d")], START + 4)
    change(world, "UPDATE entries SET record = x'7b7d' WHERE number = 5")
    with world.open() as log:
        for totals_or_tables in (lambda: log.index_totals([6]), log.rebuild):
            with pytest.raises(NotVerified, match="rewritten entry: number 5 is no entry"):
                totals_or_tables()


def test_before_a_checkpoint_who_speaks_of_what_is_read_from_the_entries(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.create() as log:
        log.append_many([verified("a"), verified("b")], START)
        log.rebuild()
        assert log.listed == 2
    change(world, "DELETE FROM about")
    with world.open(read_only=True) as log:
        assert [log.entries_about(sha256(name)) for name in (b"a", b"b")] == [[0], [1]]
