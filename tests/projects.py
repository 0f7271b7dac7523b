"""Projects for tests: a small one whose scripts start fast, and the example itself. Real keys, ledger and witness."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from hauberk.cli.main import main
from hauberk.edge import clock
from hauberk.edge.keys import generate_key, open_signer, write_private_key
from hauberk.evidence.predicates import BREAK_GLASS, GRANDFATHERING, PROVENANCE, REFUSAL, RISK_DECISION, TRUST
from hauberk.gate.standing import append, standing
from hauberk.ledger.log import Log
from hauberk.pipeline.project import open_project
from hauberk.pipeline.run import run
from hauberk.signature import base64, dsse
from hauberk.signature.key import KeyKind
from hauberk.statement import Statement
from hauberk.verbs.init import ROLES

EXAMPLE = Path(__file__).parents[1] / "examples" / "tumour"
STAGES = ("data", "train", "scan", "evaluate", "sign", "gate")

TRAIN = """\
import pickle
from pathlib import Path

rows = [int(line) for line in Path("data/train.csv").read_text().split()]
Path("model/model.joblib").write_bytes(pickle.dumps({"mean": sum(rows) / len(rows)}))
"""
EVALUATE = """\
import json
from pathlib import Path

Path("metrics.json").write_text(json.dumps({"recall": 0.97}))
"""


class Heard:
    """A listener that keeps what it was told; `stop_after` names a stage after which the run is interrupted."""

    def __init__(self, stop_after=None):
        self.how = {}
        self.what = {}
        self.notices = []
        self._stop_after = stop_after

    def begun(self, stage, command):
        pass

    def ended(self, stage, result, seconds):
        self.how[stage] = str(result.how)
        self.what[stage] = result.what
        if stage == self._stop_after:
            raise KeyboardInterrupt

    def noticed(self, text):
        self.notices.append(text)

    @property
    def ran(self):
        return [stage for stage, how in self.how.items() if how == "ran"]


def write_plain_keys(folder, *roles):
    """Write keys without a passphrase, which cost no rounds of derivation to open."""
    keys = folder / ".hauberk" / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    for role in roles or ROLES:
        kind = KeyKind.ECDSA_P256 if role == "producer" else KeyKind.ED25519
        write_private_key(keys / f"{role}.pem", generate_key(kind), passphrase=None)


def write_sources(folder):
    """Write what a repository holds of a project of a few lines."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "train.csv").write_text("1\n2\n3\n")
    (folder / "data" / "holdout.csv").write_text("2\n")
    (folder / "train.py").write_text(TRAIN)
    (folder / "evaluate.py").write_text(EVALUATE)
    (folder / "requirements.lock").write_text("")


def small_project(folder):
    """Make and found a project of a few lines."""
    write_sources(folder)
    write_plain_keys(folder)
    assert main(["init", "--development", "--project", str(folder)]) == 0
    return folder


def tumour_project(folder):
    """Copy the example, make its data, found it, and approve the data."""
    folder.mkdir(parents=True)
    written = ["git", "ls-files", "."]
    for name in subprocess.run(written, cwd=EXAMPLE, check=True, capture_output=True, text=True).stdout.split():
        shutil.copy(EXAMPLE / name, folder)
    subprocess.run([sys.executable, "make_data.py"], cwd=folder, check=True, capture_output=True)
    write_plain_keys(folder)
    assert main(["init", "--development", "--project", str(folder)]) == 0
    approve_tumours(folder, "train", "holdout")
    return folder


def approve_tumours(folder, *names):
    """Make a manifest of data sets of the example as they are now, and approve each."""
    for name in names:
        other = {"train": "holdout", "holdout": "train"}[name]
        manifest, data = folder / f"{name}.manifest", folder / "data" / f"{name}.csv"
        for older in (manifest, folder / f"{name}.manifest.rows"):
            older.unlink(missing_ok=True)
        words = ["data", "manifest", str(data), "-o", str(manifest), "--name", f"tumour-{name}"]
        assert main([*words, "--salt", str(folder / ".hauberk" / "keys" / "data.salt")]) == 0
        words = ["data", "approve", f"{manifest}={data}", "--owner", "Ada", "--checks", str(folder / "checks.yaml")]
        words += ["--reference", f"other={folder / 'data' / other}.csv", "--project", str(folder)]
        assert main(words) == 0


def go(folder, *, stop_after=None):
    """Run a project and return what was heard, whatever became of it but an error of ours."""
    heard = Heard(stop_after)
    run(open_project(folder), heard)
    return heard


def recorded(folder, predicate):
    """Return the statements of a kind in a project's ledger, oldest first."""
    with Log.open(folder / ".hauberk" / "ledger", read_only=True) as log:
        envelopes = [dsse.decode_envelope(log.envelope(entry)) for entry in range(log.size)]
    statements = [dsse.decode_statement(envelope.payload) for envelope in envelopes]
    return [statement for statement in statements if statement.predicate_type == predicate.type]


def refusals(folder):
    return recorded(folder, REFUSAL)


def only_refusal(folder):
    (found,) = refusals(folder)
    return found


def trained_within(folder):
    """Return how each provenance in a project's ledger says that its run ran, oldest first."""
    made = [statement.predicate["buildDefinition"] for statement in recorded(folder, PROVENANCE)]
    return [definition["internalParameters"] for definition in made]


def edit(path, old, new):
    """Replace text that is there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def second_person(folder, name="security"):
    """Make a key for another person, and let the root grant it, and the approver, all that gates bear; return its path."""
    project = open_project(folder)
    path = folder / ".hauberk" / "keys" / f"{name}.pem"
    signer = generate_key(KeyKind.ED25519)
    write_private_key(path, signer, passphrase=None)
    trust = json.loads((folder / "trust.json").read_text())
    spki = base64.encode(signer.public.spki)
    trust["keys"][signer.public.keyid] = {"name": name, "kind": str(signer.public.kind), "spki": spki}
    borne = next(grant for grant in trust["grants"] if BREAK_GLASS.type in grant["predicates"])
    trust["grants"].append({**borne, "signer": signer.public.keyid})
    for signing in (borne["signer"], signer.public.keyid):
        trust["grants"].append({**borne, "signer": signing, "predicates": [GRANDFATHERING.type]})
    trust["grants"].append({**borne, "signer": signer.public.keyid, "predicates": [RISK_DECISION.type]})
    trust["version"] += 1
    root = open_signer(str(folder / ".hauberk" / "keys" / "root.pem"))
    with Log.open(project.ledger) as log:
        said = Statement((standing(log).realm.subject,), TRUST.type, trust)
        append(log, [dsse.sign(said, [root])], now=clock.now())
    (folder / "trust.json").write_text(json.dumps(trust, indent=2))
    return str(path)
