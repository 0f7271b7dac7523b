"""An alias moves for the permit of its gate only; what else is asked of a move is asked in the ledger."""

import pytest

from hauberk.digest import sha256
from hauberk.enforce.promote import promote
from hauberk.errors import Refused
from hauberk.subject import Subject
from hauberk.verdict import Permit

NOW = 1_790_000_000


def permit(**changes):
    facts = {"gate": "register", "policy": sha256(b"policy"), "checkpoint_size": 10, "not_after": NOW + 60}
    return Permit(**(facts | {"subject": Subject("model", "tumour", sha256(b"model"))} | changes))


WRONG = {
    "none": (None, "there is no permit"),
    "for another gate": (permit(gate="load"), "is for the gate load, not for register"),
    "that has ended": (permit(not_after=NOW - 1), "the permit ended"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_nothing_moves_for_a_permit(wrong):
    """It is refused before the ledger is touched: there is none here."""
    given, said = WRONG[wrong]
    with pytest.raises(Refused, match=said):
        promote(None, given, gate="register", environment="production", origin=None, signer=None, now=NOW)
