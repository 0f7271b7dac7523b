"""With which salt each row is hashed: that of the set, or that of the person whose row it is."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pyarrow as pa

from hauberk.dataset.rows import KEY, PERSON_KEY, PERSON_ROW, ROW, Person, start_of
from hauberk.errors import Malformed, NotVerified
from hauberk.formats.table import encoding
from hauberk.formats.table.logical import logical_type
from hauberk.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from hashlib import _Hash

    from hauberk.edge.persons import PersonStore

_REMEMBERED = 1 << 18  # salts, of some 250 bytes each with all that is around them


class Starts(NamedTuple):
    """What the hash of each row of a batch, and of its key, begins with."""

    rows: Iterable[_Hash]
    keys: Iterable[_Hash]


class Salts(Protocol):
    """Where the salts of rows come from."""

    @property
    def salt(self) -> bytes | None:
        """Return the set's salt."""

    @property
    def person(self) -> Person | None:
        """Whose salts they are; None: of the whole set."""

    def starts(self, batch: Any) -> Starts:
        """Return what the rows of a batch are hashed after."""


class SetSalts:
    """One salt for all rows, or none."""

    person = None

    def __init__(self, salt: bytes | None) -> None:
        self.salt = salt
        self._starts = start_of(salt, ROW), start_of(salt, KEY)

    def starts(self, _: Any) -> Starts:
        """Return the same for each row."""
        return Starts(*map(repeat, self._starts))


class PersonSalts:
    """A salt for each person that a column names, and the set's for rows whose cell there is null."""

    def __init__(self, salt: bytes, column: str, store: PersonStore, *, create: bool) -> None:
        """Read salts of a store; where `create` is false, a person without one is not verified."""
        self.salt = salt
        self.person = Person(column, store.id)
        self._none = start_of(salt, ROW), start_of(salt, KEY)
        self._store = store
        self._create = create
        self._known: dict[str, bytes] = {}

    def starts(self, batch: Any) -> Starts:
        """Return what each row's person has.

        Raises:
            Malformed: the column does not name persons.
            NotVerified: a person has no salt, and none is to be made.
        """
        texts = persons_of(batch, self.person.column).dictionary_encode()
        persons = texts.dictionary.to_pylist()
        self._learn(persons)
        codes, last = texts.indices.to_pylist(), len(persons)

        def each(mark: bytes, nobody: _Hash) -> Iterator[_Hash]:
            known = [*(start_of(self._known[one], mark) for one in persons), nobody]
            yield from (known[last if code is None else code] for code in codes)

        return Starts(each(PERSON_ROW, self._none[0]), each(PERSON_KEY, self._none[1]))

    def _learn(self, persons: Sequence[str]) -> None:
        if len(self._known) > _REMEMBERED:
            self._known.clear()  # those of this batch are read again
        unknown = [one for one in persons if one not in self._known]
        salts = self._store.made(unknown) if self._create else self._store.known(unknown)
        if missing := sum(one not in salts for one in unknown):
            raise NotVerified(
                f"rows of {counted(missing, 'person')} without a salt are here",
                "they were erased and are still in the data, or they are new",
            )
        self._known |= salts


def persons_of(batch: Any, column: str) -> Any:
    """Return who each row is about, as text; raise `Malformed` where the column is not one of texts or integers."""
    values = encoding.plain(batch.column(column))
    if logical_type(values.type) not in ("string", "int", "null"):
        raise Malformed(f"the column {column!r} names no persons", "name a column of texts or integers")
    return values.cast(pa.string())
