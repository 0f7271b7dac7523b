"""Train: run a command on verified data in a sandbox, and say exactly what its output was made from.

    data, scripts --digests--> sandbox (no network, inputs read-only, one empty output) --> output --> provenance

Nothing is recorded of a run that failed, that left processes behind, that wanted something that it had not declared, or
whose inputs changed meanwhile.
"""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hauberk.edge import clock
from hauberk.edge.sandbox.training import names_of
from hauberk.edge.secrets.redaction import Redactor
from hauberk.edge.sources import digest_path, printable, read_tree
from hauberk.errors import HauberkError, Misconfigured, NotVerified, Refused
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import TRAINING
from hauberk.refused_for import RefusedFor
from hauberk.signature.dsse import named_json
from hauberk.statement import Named
from hauberk.verbs.train_inputs import Watched, require_untouched
from hauberk.verbs.train_metrics import tested
from hauberk.verbs.train_order import require_name, require_outside, require_sound
from hauberk.verbs.train_output import refusing
from hauberk.verbs.train_run import Command, Ready, Terms, perform, prepare, reached, within
from hauberk.verbs.train_secrets import require_unwritten
from hauberk.verbs.train_source import astray, commit_of, packages_of, program_of
from hauberk.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hauberk.dataset.manifest import Manifest
    from hauberk.digest import Digest
    from hauberk.edge.relay.address import Destination
    from hauberk.edge.sandbox.training import Sealed
    from hauberk.edge.secrets.written import Written
    from hauberk.edge.sources import Tree

    Admit = Callable[[Iterable[Named]], Digest | None]

BUILDER: Final = "urn:hauberk:train:v1"
GIB: Final = 1 << 30
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Data:
    """A data set that is an input: its manifest, that file's digest, and where the data lie."""

    manifest: Manifest
    digest: Digest
    path: Path


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run.

    Attributes:
        name: of the model, as in `fraud`.
        command: words; a word that names a file or folder here is an input.
        folder: the working directory.
        data: the data sets, verified before anything runs.
        inputs: more files and folders that the command may read.
        output: the directory that it writes; there must be nothing in it.
        lock: the file that says by version and hash what is installed.
        seed: of hashes of text, and `HAUBERK_SEED` for the command.
        metrics: a JSON file of numbers in the output; `expected`: what they must be, as in `recall>=0.9`.
        minutes, memory_gib: limits.
        sandbox: `require`; `auto` runs without one where there is none; `off`.
        passed: names of variables of the environment that are passed on.
        secrets: variables that are passed on; their names are recorded, never what they hold.
        lender: the file of credentials that are leased for as long as the command runs.
        reach: what the command may reach outside of the sandbox.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    data: tuple[Data, ...]
    output: Path
    inputs: tuple[Path, ...] = ()
    lock: Path | None = None
    seed: int = 0
    metrics: str | None = None
    expected: tuple[str, ...] = ()
    minutes: int = 60
    memory_gib: int = 0
    sandbox: str = "auto"
    passed: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    lender: Written | None = None
    reach: tuple[Destination, ...] = ()


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a run.

    Attributes:
        model: the output's name and digest.
        provenance: the predicate of SLSA provenance v1.
        test_result: the predicate of in-toto's test-result v0.1, where metrics were asked for.
        things: every input with its digest.
    """

    model: Named
    provenance: dict[str, Any]
    test_result: dict[str, Any] | None
    things: tuple[Named, ...]
    seconds: float


def train(order: Order, *, warn: Callable[[str], None], admit: Admit | None = None) -> Trained:
    """Verify, run, and return what the output is and was made from.

    Args:
        order: what is to be run.
        warn: is told what a person should know.
        admit: is asked about the data sets, once they are verified and before anything runs; it returns the digest of
            the policy by which they may be learned from, or None where there is none, and raises where they may not.

    Raises:
        NotVerified: data that are not those of their manifest, or an input that changed meanwhile.
        Refused: the command failed, left processes, wanted what it may not have, or wrote nothing.
        Misconfigured: an input that is not there, an output that is not empty.
        Unavailable: it ran out of time; there is no sandbox where one is required; a host to reach has no address;
            credentials are not to be had, or could not be revoked.
    """
    hide = Redactor()
    for name, value in order.secrets.items():
        hide.add(value, name)
    try:
        return _train(order, hide, admit or (lambda _: None), warn=lambda text: warn(hide(text)))
    except HauberkError as error:
        raise hide.clean(error) from None


def _train(order: Order, hide: Redactor, admit: Admit, *, warn: Callable[[str], None]) -> Trained:
    require_name(order.name)
    require_sound(order.command, order.passed, seed=order.seed, minutes=order.minutes, memory_gib=order.memory_gib)
    terms = Terms(order.sandbox, order.lender, order.reach)
    ready = prepare(terms, (*order.passed, *order.secrets), warn)
    _require_empty(order.output)
    data = _data(order)
    policy = admit(tuple(data.values()))
    things = {**data, **_inputs(order)}
    _require_empty(order.output)
    found = _found(order, things, warn)
    found["admittedBy"] = None if policy is None else str(policy)
    watched = [Watched(one.label, path, one.digests[0], partial(digest_path, path)) for path, one in things.items()]
    order.output.mkdir(parents=True, exist_ok=True)
    begun, ticking = clock.now(), clock.stopwatch()
    ended = perform(_command(order, things), ready, hide, warn=warn)
    seconds = clock.stopwatch() - ticking
    require_untouched(watched)
    tree, digest = _output(order)
    model = Named(f"model/{order.name}", (digest,))
    outputs = [{"name": file.path, "digest": {"sha256": file.sha256}} for file in tree.files]
    provenance = _provenance(order, tuple(things.values()), found, ended, ready)
    provenance["runDetails"] |= {
        "metadata": {
            "startedOn": format_instant(begun),
            "finishedOn": format_instant(clock.now()),
            **reached(ready, ended),
        },
        "byproducts": outputs,
    }
    with refusing(RefusedFor.METRICS_MISSING):
        result = tested(order.output, tree, order.metrics, order.expected)
    require_unwritten(order.output, hide, (provenance, result))
    return Trained(model, provenance, result, tuple(things.values()), seconds)


def _output(order: Order) -> tuple[Tree, Digest]:
    """Return what the command wrote; raise, for what it is refused, where that cannot be a model."""
    with refusing(RefusedFor.UNFIT_OUTPUT):
        tree = read_tree(order.output)
        if not tree.files and not tree.odd:
            raise Refused(
                f"the command ended well and wrote nothing in {printable(order.output)}",
                "see where it writes",
                refused_for=RefusedFor.NOTHING_WRITTEN,
            )
        return tree, tree.digest


def _found(order: Order, things: Mapping[Path, Named], warn: Callable[[str], None]) -> dict[str, Any]:
    """Return what a run starts from, looked at before it runs: its program, packages and commit."""
    path, packages = _environment(order)["PATH"], packages_of(order.lock, things)
    others = astray(packages, order.command[0], path)
    if others:
        warn(f"the lock file is not what is installed: {'; '.join(map(printable, others[:_SHOWN]))}")
    sources = [path for path, named in things.items() if not named.label.startswith("dataset/")]
    return {
        "program": program_of(order.command[0], path),
        "packages": packages,
        "installedOtherwise": others,
        "source": commit_of(order.folder, sources),
    }


def _data(order: Order) -> dict[Path, Named]:
    """Return the data sets by their paths; raise `NotVerified` unless each is what its manifest says."""
    found = {}
    for data in order.data:
        require_outside(order.output, data.path)
        seen = digest_path(data.path)
        if seen != data.manifest.digest:
            raise NotVerified(
                f"{printable(data.path)} is not the data set {data.manifest.name}: {_difference(data)}",
                "train on the approved data, or make a manifest of these and have it approved",
                refused_for=RefusedFor.DATA_DIFFER,
            )
        found[data.path] = Named(f"dataset/{data.manifest.name}", (seen,))
    return found


def _difference(data: Data) -> str:
    if not data.path.is_dir():
        return f"it has the digest {digest_path(data.path)}, not {data.manifest.digest}"
    now = {file.path: file.sha256 for file in read_tree(data.path).files}
    was = {file.path: file.sha256 for file in data.manifest.files}
    said = [f"{printable(p)} is gone" for p in was if p not in now]
    said += [f"{printable(p)} is new" for p in now if p not in was]
    said += [f"{printable(p)} was changed" for p in was if p in now and now[p] != was[p]]
    return "; ".join(said[:_SHOWN]) or "its names or kinds of files differ"


def _inputs(order: Order) -> dict[Path, Named]:
    """Return scripts and lock file by their paths: what was declared, and words of the command that are files."""
    words = [order.folder / word for word in order.command[1:] if word and (order.folder / word).exists()]
    found: dict[Path, Named] = {}
    for path in dict.fromkeys((*(order.folder / given for given in order.inputs), *words)):
        if not path.exists():
            raise Misconfigured(f"{printable(path)} is not there", "name a file or folder with --input")
        if path.resolve() == order.output.resolve():
            continue  # told where to write
        if any(path.resolve().is_relative_to(data.path.resolve()) for data in order.data):
            continue  # told what to read
        require_outside(order.output, path)
        found[path] = Named(f"source/{_relative(order, path)}", (digest_path(path),))
    if order.lock is not None:
        found[order.lock] = Named(f"environment/{_relative(order, order.lock)}", (digest_path(order.lock),))
    return found


def _relative(order: Order, path: Path) -> str:
    return os.path.relpath(path, order.folder)


def _require_empty(output: Path) -> None:
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise Misconfigured(f"{printable(output)} is no directory", "name the directory that the command writes")
    if output.is_dir() and any(output.iterdir()):
        raise Misconfigured(
            f"{printable(output)} is not empty", "what was there before would count as an output: move it away"
        )


def _command(order: Order, things: Mapping[Path, Named]) -> Command:
    return Command(
        order.command,
        order.folder.resolve(),
        tuple(name for path in things for name in names_of(path)),
        order.output.resolve(),
        order.minutes,
        (order.memory_gib or memory_gib()) * GIB,
        _environment(order),
    )


def _environment(order: Order) -> dict[str, str]:
    passed = {name: os.environ[name] for name in order.passed if name in os.environ}
    path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
    return {
        "PATH": path, "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": str(order.seed), "HAUBERK_SEED": str(order.seed),
        **passed, **order.secrets,
    }  # fmt: skip


def memory_gib() -> int:
    """Return this machine's memory, in GiB rounded down, at least 1."""
    return max(1, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // GIB)


def _provenance(
    order: Order, things: tuple[Named, ...], found: dict[str, Any], ended: Sealed, ready: Ready
) -> dict[str, Any]:
    return {
        "buildDefinition": {
            "buildType": TRAINING,
            "externalParameters": {
                "run": list(order.command),
                "seed": order.seed,
                "passed": sorted(order.passed),
                "secrets": sorted((*order.secrets, *ready.terms.variables)),
                **ready.terms.reaching,
                "limits": {"minutes": order.minutes, "memoryGiB": order.memory_gib or memory_gib()},
            },
            "internalParameters": {
                **within(ready, ended),
                "python": platform.python_version(),
                "hardware": {"machine": platform.machine(), "cores": os.cpu_count() or 0, "memoryGiB": memory_gib()},
                **found,
                "data": [
                    {
                        "name": data.manifest.name,
                        "manifest": str(data.digest),
                        "rows": None if data.manifest.rows is None else str(data.manifest.rows.root),
                    }
                    for data in order.data
                ],
            },
            "resolvedDependencies": [named_json(thing) for thing in things],
        },
        "runDetails": {"builder": {"id": BUILDER, "version": {"hauberk": VERSION}}},
    }
