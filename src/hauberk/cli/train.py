"""`hauberk train`: train on verified data in a sandbox, and say what the model was made from."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hauberk.cli.data_set import only_place, written
from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, warn
from hauberk.edge.keys import open_signer
from hauberk.edge.relay.address import destination
from hauberk.edge.secrets.written import read_secrets
from hauberk.edge.sources import check_output, read_file, write_output
from hauberk.errors import HauberkError, Malformed, Misconfigured
from hauberk.evidence.predicates import PROVENANCE, TEST_RESULT
from hauberk.limits import DEFAULT_LIMITS
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import FILE_NAME, open_project
from hauberk.pipeline.refusals import refusal, refusals_recorded
from hauberk.pipeline.training import admission, record_training
from hauberk.signature import dsse
from hauberk.statement import Named, Statement
from hauberk.verbs.data_open import read_hashed_manifest
from hauberk.verbs.train import Data, Order, Trained, train
from hauberk.verbs.train_again import differences
from hauberk.verbs.train_metrics import expectation

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from hauberk.pipeline.project import Project
    from hauberk.signature.key import Signer


_OPTIONS: tuple[tuple[str, dict[str, Any], str], ...] = (
    (
        "--data",
        {"action": "append", "required": True, "metavar": "MANIFEST[=PATH]"},
        "a data set, verified before anything runs; PATH is where it lies, if not where its manifest was made of it",
    ),
    (
        "--input",
        {"action": "append", "default": [], "metavar": "PATH"},
        "a file or folder that the command reads; files that its words name need not be listed",
    ),
    (
        "--output",
        {"default": "model", "metavar": "DIR"},
        "the directory that the command writes, empty before (default: model)",
    ),
    ("--name", {}, "the model's name (default: the project's, or the output's)"),
    (
        "--lock",
        {"metavar": "FILE"},
        "the lock file of the packages that are installed (default: requirements.lock, if it is there)",
    ),
    (
        "--seed",
        {"type": int, "default": 0, "metavar": "N"},
        "PYTHONHASHSEED and HAUBERK_SEED of the command (default: 0)",
    ),
    ("--metrics", {"metavar": "FILE"}, "a JSON file of numbers that the command writes in the output"),
    (
        "--expect",
        {"action": "append", "default": [], "metavar": "TEST"},
        "what a metric must be, as in 'recall>=0.9'",
    ),
    ("--minutes", {"type": int, "default": 60, "metavar": "N"}, "how long it may run (default: 60)"),
    (
        "--memory-gib",
        {"type": int, "default": 0, "metavar": "N"},
        "private memory of each process (default: this machine's)",
    ),
    (
        "--sandbox",
        {"choices": ("auto", "require", "off"), "default": "auto"},
        "auto runs without one where there is none, and says so",
    ),
    (
        "--pass",
        {"action": "append", "default": [], "dest": "passed", "metavar": "NAME"},
        "a variable of the environment that is passed on",
    ),
    (
        "--secrets",
        {"metavar": "FILE"},
        "credentials that are leased for the run from an OpenBao or Vault server, and revoked at its end",
    ),
    (
        "--reach",
        {"action": "append", "default": [], "metavar": "HOST:PORT"},
        "an address that the command reaches from the sandbox, as an input that nobody verifies",
    ),
    (
        "--project",
        {"default": ".", "metavar": "DIR"},
        "the folder with hauberk.yaml, in whose ledger it is recorded (default: here, if there is one)",
    ),
    ("--key", {"metavar": "URI"}, "sign with this key instead of the project's producer, and record nothing"),
    ("--provenance", {"metavar": "FILE"}, "where the signed statement goes, with --key"),
    ("--again", {"metavar": "FILE"}, "the provenance of another run: say what differs from it"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    for name, how, text in _OPTIONS:
        parser.add_argument(name, help=text, **how)
    parser.add_argument("command", nargs="+", help="after `--`: the command")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Verify, train, record, and say what came of it."""
    for text in options.expect:
        expectation(text)
    if options.expect and options.metrics is None:
        raise Misconfigured("--expect needs --metrics", "name the JSON file that the command writes")
    project = _project(options)
    signer = None if options.key is None else open_signer(options.key)
    for path in _written(options):
        check_output(path, recognise=_is_envelope)
    before = None if options.again is None else _provenance_of(options.again)
    order = _order(options, project)
    keys = None if project is None else Keyring(project, warn)
    with _recorded(order, keys, signer, options.provenance):
        trained = train(order, warn=warn, admit=None if keys is None else admission(keys, warn=warn))
    if signer is not None:
        _sign(trained, signer, options.provenance)
    elif keys is not None:
        record_training(keys, trained)
    say(_told(options, trained, project))
    return _judged(trained, before)


@contextmanager
def _recorded(order: Order, keys: Keyring | None, signer: Signer | None, path: str) -> Iterator[None]:
    """Record a refusal that ends the block: in the ledger, or beside where the provenance would be."""
    things = tuple(Named(f"dataset/{data.manifest.name}", (data.manifest.digest,)) for data in order.data)
    if keys is not None:
        with refusals_recorded(keys, "producer", "train", things, order.command, warn=warn):
            yield
        return
    try:
        yield
    except HauberkError as error:
        if error.refused_for is not None and signer is not None:
            _write_refusal(f"{path}.refusal", refusal(error, "train", things, order.command), signer)
        raise


def _write_refusal(path: str, statement: Statement, signer: Signer) -> None:
    """Sign and write a refusal; what keeps it from being written is said, because the refusal itself matters more."""
    try:
        envelope = dsse.sign(statement, [signer])
        write_output(path, dsse.encode_envelope(envelope), recognise=_is_envelope)
    except HauberkError as another:
        warn(f"this refusal could not be written: {another.message}")
    else:
        warn(f"the refusal is signed in {path}")


def _written(options: argparse.Namespace) -> list[str]:
    """Return the files that may be written with `--key`."""
    if options.provenance is None:
        return []
    beside = [] if options.metrics is None else [".test-result"]
    return [f"{options.provenance}{end}" for end in ("", ".refusal", *beside)]


def _sign(trained: Trained, signer: Signer, path: str) -> None:
    """Write the statements: the provenance to a file, the result of the test beside it."""
    said = {path: (PROVENANCE, trained.provenance)}
    if trained.test_result is not None:
        said[f"{path}.test-result"] = (TEST_RESULT, trained.test_result)
    for name, (predicate, body) in said.items():
        envelope = dsse.sign(Statement((trained.model,), predicate.type, body), [signer])
        write_output(name, dsse.encode_envelope(envelope), recognise=_is_envelope)


def _project(options: argparse.Namespace) -> Project | None:
    if options.key is not None:
        if options.provenance is None:
            raise Misconfigured("--key needs --provenance", "name the file that the signed statement goes to")
        return None
    if not (Path(options.project) / FILE_NAME).exists():
        raise Misconfigured(
            f"there is no {FILE_NAME} in {options.project}, so there is no ledger to record this in",
            "run `hauberk init`, name a --project, or sign a statement with --key and --provenance",
        )
    return open_project(options.project)


def _order(options: argparse.Namespace, project: Project | None) -> Order:
    folder = Path.cwd()
    lock = Path(options.lock or "requirements.lock")
    if options.lock is not None and not lock.is_file():
        raise Misconfigured(f"{lock} is not there", "name the lock file, or leave --lock out")
    output = Path(options.output)
    name = options.name or (project.file.model.name if project is not None else output.name)
    return Order(
        name=name, command=tuple(options.command), folder=folder, data=tuple(map(_data, options.data)),
        output=folder / output, inputs=tuple(map(Path, options.input)),
        lock=folder / lock if lock.is_file() else None, seed=options.seed, metrics=options.metrics,
        expected=tuple(options.expect), minutes=options.minutes, memory_gib=options.memory_gib,
        sandbox=options.sandbox, passed=tuple(options.passed),
        lender=None if options.secrets is None else read_secrets(options.secrets),
        reach=tuple(map(destination, options.reach)),
    )  # fmt: skip


def _data(text: str) -> Data:
    path, place = written(text)
    manifest, digest = read_hashed_manifest(path)
    return Data(manifest, digest, Path.cwd() / only_place(manifest, path, place))


def _provenance_of(path: str) -> dict[str, Any]:
    """Return the predicate in a signed provenance statement; its signature is not what is asked about here."""
    envelope = dsse.decode_envelope(read_file(path, limit=DEFAULT_LIMITS.max_document_bytes))
    statement = dsse.decode_statement(envelope.payload)
    if statement.predicate_type != PROVENANCE.type:
        raise Malformed(f"{path} is of the type {statement.predicate_type[:80]}", "name a provenance statement")
    return dict(statement.predicate)


def _told(options: argparse.Namespace, trained: Trained, project: Project | None) -> str:
    inside = trained.provenance["buildDefinition"]["internalParameters"]
    source = inside["source"]
    told: dict[str, object] = {
        "output": options.output,
        "digest": trained.model.digests[0],
        "made from": ", ".join(thing.label for thing in trained.things),
        "sandbox": inside["sandbox"] or "none",
        "commit": "none" if source is None else source["gitCommit"][:12] + (", and changes" if source["dirty"] else ""),
        "recorded": options.provenance if project is None else "in the ledger, as the producer",
    }
    if seen := trained.provenance["runDetails"]["metadata"].get("reached"):
        told["reached"] = f"{', '.join(map(_carried, seen))}; verified by nobody"
    if trained.test_result is not None:
        told["tests"] = trained.test_result["result"] + "".join(
            f"; failed {test}" for test in trained.test_result["failedTests"]
        )
    return facts(f"{trained.model.label} trained in {trained.seconds:.1f} s", told)


def _carried(one: dict[str, Any]) -> str:
    if one["connections"] is None:
        return f"{one['address']} (not counted)"
    return f"{one['address']} ({one['connections']} connections, {one['sentBytes']} B out, {one['receivedBytes']} B in)"


def _judged(trained: Trained, before: dict[str, Any] | None) -> int:
    code = Exit.CLEAN
    if before is not None:
        said = differences(before, trained)
        say(_reproduced(trained) if not said else "\n".join(["differs:", *(f"  {line}" for line in said)]))
        code = Exit.FOUND if said else code
    if trained.test_result is not None and trained.test_result["result"] != "PASSED":
        code = Exit.FOUND
    return code


def _reproduced(trained: Trained) -> str:
    seen = trained.provenance["runDetails"]["metadata"].get("reached")
    if not seen:
        return "reproduced: the same outputs from the same inputs"
    led = ", ".join(one["address"] for one in seen)
    return f"the same outputs from the same recorded inputs; what came from {led} both times, nobody compared"


def _is_envelope(data: bytes) -> bool:
    return data.startswith(b'{"payload":')
