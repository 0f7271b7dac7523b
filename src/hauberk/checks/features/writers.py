"""Somebody else than the named users may write to the online store.

Who may write to the store decides what the model is told. Of a SQLite file these are its owner, who may change its
mode, the group and all others where the mode lets them, and whoever may write to its folder, who can put another file
in its place. `writers` names the users who may own both; without it only group and others are judged. Access control
lists of the file system and the administrator are not looked at.

Of a Redis server these are the users of its access control list who can log in, and may run a command that writes on
some key of the view, or on all keys, or that lets them change the rules, the configuration, or where data come from.
`writers` names those who may; without it, and of those too, whoever needs no password is found. What the reader may not
see (`ACL LIST`, `ACL CAT`) is unchecked.

Example: `online.db` has the mode 664, so that each member of the group can write to it. Or: the `default` user of Redis
is on, with `nopass ~* +@all`, as it is where nobody has changed it.

Fix: `chmod 600`, in a folder that only the job which fills the store may write to; `ACL SETUSER default off`, and a
user with a password and the keys of its views for each job.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.features.facts import WriterFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: WriterFacts) -> Iterator[Sighting]:
    """Yield each place that others may write to."""
    if facts.others:
        yield Sighting(Location(pointer=facts.place), f"{facts.place} may be written to by {', '.join(facts.others)}")


RULE: Final = Rule(
    id="feature-writers",
    title="others may write to the online store",
    severity=Severity.HIGH,
    remedy="Let only the job that fills the store write to it and to its folder.",
    references=("CWE-732", "MITRE ATLAS AML.T0020"),
    reads=WriterFacts,
    look=look,
    page=__doc__ or "",
)
