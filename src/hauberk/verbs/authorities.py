"""Who vouches for roots and trusts in a log: no grant names these, so they are held against the roots themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.errors import HauberkError, NotVerified
from hauberk.evidence.predicates import ROOT
from hauberk.evidence.trust import Root, Trust
from hauberk.gate.standing import standing
from hauberk.signature import dsse

if TYPE_CHECKING:
    from hauberk.evidence.trust import RootKeys
    from hauberk.evidence.verify import Realm
    from hauberk.ledger.log import Log
    from hauberk.statement import Envelope


def verified_realm(log: Log, anchor: RootKeys) -> Realm:
    """Return the realm of a log; raise `NotVerified` where its roots do not hold, or do not begin with the anchor."""
    realm = standing(log).realm
    first = realm.roots[0]
    if set(first.keys) != {key.keyid for key in anchor.keys} or first.threshold != anchor.threshold:
        raise NotVerified("the ledger does not begin with the root of this project", "is it the right ledger?")
    return realm


def doubt_of_authority(envelope: Envelope, realm: Realm) -> str:
    """Return why a root or a trust does not hold, or nothing where it does: it may be one that another one followed."""
    statement = dsse.decode_statement(envelope.payload)
    try:
        if statement.subjects != (realm.subject,):
            return f"it is of another realm than {realm.subject.label}"
        if statement.predicate_type == ROOT.type:
            return "" if Root.of(statement.predicate) in realm.roots else "it is no root of this ledger"
        trust = Trust.of(statement.predicate)
        root = next((root for root in realm.roots if root.version == trust.root_version), None)
        if root is None:
            return f"there is no root version {trust.root_version}"
        root.check_signed(dsse.verify(envelope, root.keys.get), f"trust version {trust.version}")
    except HauberkError as error:
        return error.message
    return ""
