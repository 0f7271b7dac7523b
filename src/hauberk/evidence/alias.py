"""Aliases: what a model is called in an environment, `model/tumour@production`, which signed statements move.

A statement about an alias names it as a subject with a digest of its own, so that the ledger's index proves which
statements there are. That digest is the SHA-256 of `urn:hauberk:alias:v1`, LF, and the alias.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hauberk.digest import Digest, sha256
from hauberk.errors import Malformed
from hauberk.statement import Named, Statement
from hauberk.subject import check_label

_ENVIRONMENT = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_MAX_ENVIRONMENT = 64


@dataclass(frozen=True, slots=True)
class Alias:
    """The name of a thing, `kind/name`, in an environment: one lowercase word, as in `production`."""

    label: str
    environment: str

    def __post_init__(self) -> None:
        check_label(self.label)
        if not _ENVIRONMENT.fullmatch(self.environment) or len(self.environment) > _MAX_ENVIRONMENT:
            raise Malformed(f"not an environment: {self.environment[:80]!r}", "one lowercase word, as in production")
        check_label(f"alias/{self}")

    def __str__(self) -> str:
        return f"{self.label}@{self.environment}"

    @classmethod
    def parse(cls, text: str) -> Alias:
        """Read `kind/name@environment`; raise `Malformed` for anything else."""
        label, _, environment = text.rpartition("@")
        return cls(label, environment)

    @property
    def thing(self) -> Named:
        """Return the alias as statements name it."""
        return Named(f"alias/{self}", (sha256(f"urn:hauberk:alias:v1\n{self}".encode()),))

    @property
    def digest(self) -> Digest:
        """Return the digest under which the ledger's index lists it."""
        return self.thing.digests[0]


@dataclass(frozen=True, slots=True)
class Move:
    """That an alias is to name a digest.

    Attributes:
        alias: that moves.
        digest: of the thing that it names from then on.
        origin: the environment that the thing comes from; None for none.
        previous: the statement that moved the alias before this one; None for the first.
        policy: by which the gate let it pass.
        reason: for people; empty for none.
    """

    alias: Alias
    digest: Digest
    origin: str | None
    previous: Digest | None
    policy: Digest
    reason: str = ""

    @property
    def subjects(self) -> tuple[Named, ...]:
        """Return what the statement is about: the alias, and the thing."""
        return self.alias.thing, Named(self.alias.label, (self.digest,))

    def statement(self, predicate_type: str) -> Statement:
        """Return the statement that says so."""
        body = {
            "name": self.alias.label,
            "from": self.origin,
            "to": self.alias.environment,
            "digest": str(self.digest),
            "previous": None if self.previous is None else str(self.previous),
            "policy": str(self.policy),
        }
        return Statement(self.subjects, predicate_type, body | ({"reason": self.reason} if self.reason else {}))

    @classmethod
    def of(cls, statement: Statement) -> Move:
        """Return what a statement of the right shape says; raise `Malformed` where its subjects are others."""
        body = statement.predicate
        previous = body["previous"]
        move = cls(
            Alias(body["name"], body["to"]),
            Digest.parse(body["digest"]),
            body["from"],
            None if previous is None else Digest.parse(previous),
            Digest.parse(body["policy"]),
            body.get("reason", ""),
        )
        if move.origin is not None:
            Alias(move.alias.label, move.origin)
        if statement.subjects != move.subjects:
            raise Malformed(f"the subjects of a promotion are not {move.alias} and {move.digest}")
        return move
