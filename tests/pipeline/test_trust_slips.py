"""What goes wrong between the people who draft, sign and append a trust: it is said, and nothing is lost by it."""

import json
from pathlib import Path

from hauberk.cli.dispatch import dispatch
from hauberk.gate.standing import standing
from hauberk.ledger.log import Log
from hauberk.pipeline.project import open_project

ROOT = ".hauberk/keys/root.pem"


def edited(change=lambda body: None):
    """Draft the next trust and let a person change the file."""
    Path("next-trust.json").unlink(missing_ok=True)
    assert dispatch(["trust", "edit"]) == 0
    body = json.loads(Path("next-trust.json").read_text())
    change(body)
    Path("next-trust.json").write_text(json.dumps(body))


def signed(*words, draft="next-trust.json"):
    return dispatch(["trust", "sign", draft, "--key", ROOT, *words])


def test_whose_trust_it_is_is_told_where_the_difference_is_to_anothers(fresh, capsys):
    with Log.open(open_project(".").ledger, read_only=True) as log:
        (own,) = standing(log).realm.subject.digests
    other = f"sha256:{'0' * 64}"
    for realm in (str(own), other):
        edited(lambda body, realm=realm: body.update(realm=realm))
        capsys.readouterr()
        assert signed("--since", "trust.json") == 0
        assert realm in capsys.readouterr().out.splitlines()[0]
