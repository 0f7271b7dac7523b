"""Tables of callables that somebody else writes and signs: how they are written, and when they count.

One form for two things: the classes of a team, proposed by `hauberk scan learn`, and a newer release of a table of
ours. The file is signed beside it: a DSSE envelope over an in-toto statement whose subject is the file's SHA-256.
"""

from __future__ import annotations

import difflib
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from hauberk.callables.arguments.registry import ARGUMENT_RULES
from hauberk.callables.judge import judge_name
from hauberk.callables.judgement import Tier
from hauberk.callables.own import OwnRows
from hauberk.callables.table import BUILT_IN
from hauberk.checks.model.learning import NOT_READ
from hauberk.digest import sha256
from hauberk.errors import Malformed, Misconfigured, NotVerified
from hauberk.finding import TableUsed
from hauberk.formats.document import decode, read_yaml
from hauberk.signature import dsse
from hauberk.statement import Named, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.callables.table import Row
    from hauberk.signature.key import PublicKey, Signer

TYPE: Final = "urn:hauberk:callables:v1"
SUFFIX: Final = ".sig"
_SOURCE: Final = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*", re.ASCII)
_DOTTED: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_STANDARD: Final = "stdlib"


@dataclass(frozen=True, slots=True)
class Entry:
    """One callable: the uses that files may make of it, the rule of its arguments, what it makes, and why it is safe.

    Attributes:
        uses: import is among them.
        why: what somebody found who read its code.
        arguments: a rule of this release by name; empty is the plain one: constants, and a state of known keys.
        makes: empty where a call makes an instance of it, `0` where of its first argument, else `module:name`.
    """

    uses: tuple[Literal["import", "call", "new", "build", "extend"], ...]
    why: str
    arguments: str = ""
    makes: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The file, member by member.

    Attributes:
        source: whose callables these are, or the framework.
        release: of the framework, or of the file.
        rows: by module and name, both exact.
        replaces: a table of ours whose rows count no more.
    """

    schema: Literal["urn:hauberk:callables:v1"]
    source: str
    release: str
    rows: dict[str, dict[str, Entry]]
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class OwnTable:
    """A file of rows that was read; nothing of it counts before its signature was verified."""

    used: TableUsed
    rows: dict[str, dict[str, Row]]
    replaces: str | None


def table_of(data: bytes, *, what: str) -> OwnTable:
    """Return the table that a file holds.

    Raises:
        Misconfigured: not of the form, a name that is known to be dangerous or not exact, or a rule that is not here.
    """
    document: Document = decode(read_yaml(data, what=what), Document, what=what)
    for name, text in (("source", document.source), ("release", document.release)):
        if not _SOURCE.fullmatch(text):
            raise Misconfigured(f"{what}: {name} is {text!r:.80}", "write words as in our-team or 2.14.0")
    if document.replaces is not None and document.replaces not in BUILT_IN:
        raise Misconfigured(f"{what}: replaces {document.replaces!r:.80}", f"one of {', '.join(BUILT_IN)}")
    rows = {
        module: {
            name: _row(f"{what}: rows.{module}.{name}", module, name, entry, document) for name, entry in of.items()
        }
        for module, of in document.rows.items()
    }
    return OwnTable(TableUsed(document.source, document.release, sha256(data)), rows, document.replaces)


def merged(tables: Iterable[OwnTable]) -> OwnRows:
    """Return the rows of several tables as one; raise `Misconfigured` where two hold one name."""
    rows: dict[str, dict[str, Row]] = {}
    replaced = set()
    for table in tables:
        for module, of in table.rows.items():
            known = rows.setdefault(module, {})
            if both := sorted(known.keys() & of.keys()):
                raise Misconfigured(f"two tables hold {module}.{both[0]}", "take it out of one of them")
            known.update(of)
        replaced |= {table.replaces} - {None}
    return OwnRows(rows, frozenset(one for one in replaced if one is not None))


def approve(table: OwnTable, signer: Signer) -> bytes:
    """Return the signature of a table, as it stands beside the file."""
    return dsse.encode_envelope(dsse.sign(_statement(table.used), (signer,)))


def check_approved(table: OwnTable, signature: bytes, keys: Iterable[PublicKey]) -> None:
    """Raise `NotVerified` or `Malformed` unless one of these keys signed exactly this file."""
    envelope = dsse.decode_envelope(signature)
    known = {key.keyid: key for key in keys}
    dsse.verify(envelope, known.get)
    if dsse.decode_statement(envelope.payload) != _statement(table.used):
        raise NotVerified(
            f"the signature is of another file than {table.used.digest}",
            "have this version approved: hauberk scan approve",
        )


def is_approval(data: bytes) -> bool:
    """Say whether bytes are the signature of a table."""
    try:
        return dsse.decode_statement(dsse.decode_envelope(data).payload).predicate_type == TYPE
    except Malformed:
        return False


def _statement(used: TableUsed) -> Statement:
    subject = Named(f"callables/{used.source}", (used.digest,))
    return Statement((subject,), TYPE, {"source": used.source, "release": used.release})


def _row(what: str, module: str, name: str, entry: Entry, document: Document) -> Row:
    if not _DOTTED.fullmatch(module) or not _DOTTED.fullmatch(name):
        raise Misconfigured(f"{what}: not an exact name", "write a module, and under it a name; there are no patterns")
    judgement = judge_name(module, name)
    if judgement.tier is Tier.DANGEROUS:
        raise Misconfigured(f"{what}: {judgement.why}", "no table makes a dangerous callable safe: take it out")
    if module.partition(".")[0] in sys.stdlib_module_names and document.replaces != _STANDARD:
        raise Misconfigured(f"{what}: the standard library is judged by our own table", "take it out")
    if "import" not in entry.uses:
        raise Misconfigured(f"{what}: uses lacks import", "what is used is imported first")
    if entry.arguments and entry.arguments not in ARGUMENT_RULES:
        near = difflib.get_close_matches(entry.arguments, ARGUMENT_RULES, n=1)
        hint = f"did you mean {near[0]}?" if near else "leave it out for the plain rule, or update hauberk"
        raise Misconfigured(f"{what}: no rule is called {entry.arguments!r:.80}", hint)
    if entry.makes not in ("", "0") and not all(map(_DOTTED.fullmatch, entry.makes.split(":"))):
        raise Misconfigured(f"{what}: makes {entry.makes!r:.80}", "leave it out, or write 0 or module:name")
    if entry.why == NOT_READ:
        raise Misconfigured(f"{what}: nobody has read it yet", "read its code, then write in `why` what makes it safe")
    if not entry.why.strip() or not entry.why.isprintable():
        raise Misconfigured(f"{what}: why is {entry.why!r:.80}", "say in one line why it is safe")
    return " ".join(dict.fromkeys(entry.uses)), entry.arguments, entry.makes, entry.why
