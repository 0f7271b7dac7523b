"""`hauberk.yaml`: one model's life in one file, and where everything of its project lies.

A project is found in the working directory or where `--project` says, nowhere else. All paths in the file are relative
to its folder and stay inside of it, so that a run never reads, empties or writes what belongs to somebody else.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from hauberk.edge.files import is_taken
from hauberk.edge.relay.address import destination
from hauberk.edge.sources import read_file
from hauberk.errors import Misconfigured, Unavailable
from hauberk.finding import Outcome
from hauberk.formats.document import decode, read_yaml
from hauberk.ledger.places import SERVICE
from hauberk.statement import Named
from hauberk.verbs.written import MAX_FILE_BYTES, read_policy, read_root, read_trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.digest import Digest
    from hauberk.evidence.trust import RootKeys, Trust
    from hauberk.policy.policy import Policy

FILE_NAME = "hauberk.yaml"
STATE = ".hauberk"
FEATURE_VIEW = "feature-view"
_FROM_LEDGER = "run `hauberk init`: it writes root.pub and trust.json again from the ledger"
_FROM_OWNER = "the ledger is on another machine: get root.pub and trust.json from whoever owns the project"
_OUTPUTS = 4  # the first of `_paths`
_OUTPUT_NAMES = frozenset({"model.path", "evaluate.metrics", "sign.signature", "passport"})
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}", re.ASCII)
_VIEW_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}", re.ASCII)
_MOST_SECONDS = 3600
_URL = re.compile(r"https?://[!-~]{1,2000}", re.ASCII)
_SCHEME = re.compile(r"[a-z][a-z0-9]*:", re.ASCII)


@dataclass(frozen=True, slots=True)
class Model:
    """What is made: a directory, the file in it that is loaded, and how that file is read."""

    name: str
    path: str
    entry: str
    kind: Literal["joblib", "safetensors"]


@dataclass(frozen=True, slots=True)
class Keys:
    """The key of each role, as a URI.

    Without the approver's, a policy is approved elsewhere; without the witness's, all witnesses are.
    """

    producer: str
    scanner: str
    gate: str
    log: str
    witness: str | None = None
    approver: str | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness on another machine.

    Attributes:
        name: in trust.
        url: the prefix of the URL at which it is asked.
        timeout_seconds: for all of its answer, for which one that looks at entries reads all of them.
    """

    name: str
    url: str
    timeout_seconds: int = 60


@dataclass(frozen=True, slots=True)
class Data:
    """A data set: a file or a directory that is an input and never an output.

    Attributes:
        manifest: the file that says what it must be; a run that finds anything else stops.
    """

    name: str
    path: str
    manifest: str | None = None


@dataclass(frozen=True, slots=True)
class FeatureView:
    """A feature view that training rows were joined from: its name, and the file that says what it is."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Train:
    """The command that makes the model, and what it reads: scripts by their path, data and feature views by their name.

    Attributes:
        sandbox: `require` one that shows the inputs only; `auto` runs without where there is none, and says so.
        secrets: the file of credentials that are leased while the command runs.
        reach: what the command reaches from the sandbox, each `HOST:PORT`: inputs that nobody verifies.
    """

    run: tuple[str, ...]
    inputs: tuple[str, ...]
    environment: str
    timeout_minutes: int = 60
    sandbox: Literal["off", "auto", "require"] = "off"
    secrets: str | None = None
    reach: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluate:
    """The command that measures the model, in the environment of training, and the JSON file that it writes."""

    run: tuple[str, ...]
    inputs: tuple[str, ...]
    metrics: str
    timeout_minutes: int = 60


@dataclass(frozen=True, slots=True)
class Scan:
    """The least outcome that ends a run."""

    fail_on: Literal["malicious", "suspicious"]

    @property
    def fails(self) -> frozenset[Outcome]:
        """Return the outcomes that end a run."""
        least = Outcome(self.fail_on)
        return frozenset({Outcome.MALICIOUS, least})


@dataclass(frozen=True, slots=True)
class Sign:
    """Where the model's own signature is written."""

    signature: str


@dataclass(frozen=True, slots=True)
class Document:
    """`hauberk.yaml`, member by member."""

    schema: Literal["urn:hauberk:pipeline:v1"]
    model: Model
    trust: str
    policy: str
    keys: Keys
    data: tuple[Data, ...]
    train: Train
    evaluate: Evaluate
    scan: Scan
    sign: Sign
    gate: tuple[str, ...]
    passport: str
    features: tuple[FeatureView, ...] = ()
    witnesses: tuple[Witness, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """Something that a stage reads: its label in statements, and its path in the project."""

    label: str
    path: str

    def named(self, digest: Digest) -> Named:
        """Return the input as a statement names it."""
        return Named(self.label, (digest,))


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with its `hauberk.yaml`, decoded and checked."""

    folder: Path
    file: Document

    @property
    def label(self) -> str:
        """Return the model's `kind/name`."""
        return f"model/{self.file.model.name}"

    @property
    def ledger(self) -> Path:
        """Return the folder of the ledger."""
        return self.folder / STATE / "ledger"

    @property
    def seen(self) -> Path:
        """Return the file that remembers the newest checkpoint that was seen."""
        return self.folder / STATE / "seen-checkpoint"

    @property
    def answers(self) -> Path:
        """Return the folder of the gates' answers of before."""
        return self.folder / STATE / "answers"

    @property
    def witness(self) -> Path:
        """Return the folder in which the witness keeps its head."""
        return self.folder / STATE / "witness"

    @property
    def root_pub(self) -> Path:
        """Return the file of the root's public keys."""
        return self.folder / "root.pub"

    @property
    def gate(self) -> str:
        """Return the gate that a run asks."""
        return self.file.gate[0]

    @property
    def environment(self) -> Input:
        """Return the lock file."""
        path = self.file.train.environment
        return Input(f"environment/{path}", path)

    @property
    def datasets(self) -> tuple[Input, ...]:
        """Return the data sets."""
        return tuple(Input(f"dataset/{data.name}", data.path) for data in self.file.data)

    @property
    def feature_views(self) -> tuple[Input, ...]:
        """Return the feature views."""
        return tuple(Input(f"{FEATURE_VIEW}/{view.name}", view.path) for view in self.file.features)

    def at(self, path: str) -> Path:
        """Return where a path of the file lies."""
        return self.folder / path

    def inputs_of(self, stage: Train | Evaluate) -> tuple[Input, ...]:
        """Return what a stage reads besides its environment: by their name data and views, else scripts."""
        named = {thing.label.partition("/")[2]: thing for thing in (*self.datasets, *self.feature_views)}
        return tuple(named.get(name) or Input(f"source/{name}", name) for name in stage.inputs)

    def key(self, role: str) -> str | None:
        """Return the URI of a role's key, relative paths made relative to the project's folder."""
        uri: str | None = getattr(self.file.keys, role)
        return None if uri is None else self.resolved(uri)

    def resolved(self, uri: str) -> str:
        """Return a key's URI, a relative path made relative to the project's folder."""
        scheme = _SCHEME.match(uri)
        if scheme is not None and scheme.group() != "file:":
            return uri
        path = uri.removeprefix("file:")
        return uri if path.startswith("//") else f"file:{self.folder / path}"

    def read_trust(self) -> Trust:
        """Return the project's own trust file; errors as of `read_policy`."""
        path = self.at(self.file.trust)
        self._check_founded(path)
        return read_trust(path)

    def read_root(self) -> RootKeys:
        """Return the root's public keys; errors as of `read_policy`."""
        self._check_founded(self.root_pub)
        return read_root(self.root_pub)

    def read_policy(self) -> Policy:
        """Return the policy as it is written today, approved or not; `Misconfigured` where it is none."""
        return read_policy(self.at(self.file.policy))

    def _check_founded(self, path: Path) -> None:
        if not path.exists():
            hint = _FROM_OWNER if is_taken(self.ledger / SERVICE) else _FROM_LEDGER
            raise Unavailable(f"{path} is not there", hint)


def open_project(folder: str | os.PathLike[str] = ".") -> Project:
    """Return the project of a folder.

    Raises:
        Misconfigured: no `hauberk.yaml` there, or one that is wrong; the nearest known name is in the hint.
        Unavailable, Exceeded: it cannot be read, or is longer than `MAX_FILE_BYTES`.
    """
    place = Path(folder).absolute()
    path = place / FILE_NAME
    if not os.path.isfile(path):  # noqa: PTH113 - also for a path that no file can have
        raise Misconfigured(
            f"no {FILE_NAME} in {place}", "go to the project's folder, name it by --project, or run `hauberk init`"
        )
    project = Project(place, decode_project(read_file(path, limit=MAX_FILE_BYTES)))
    for what, seen, hint in _overlooked_files(project):
        raise Misconfigured(f"{FILE_NAME}: {what} is {seen!r}", hint)
    return project


def decode_project(data: bytes) -> Document:
    """Return what the text of a `hauberk.yaml` says; raise `Misconfigured` where it is wrong."""
    file = decode(read_yaml(data, what=FILE_NAME), Document, what=FILE_NAME)
    for what, seen, hint in (*_path_faults(file), *_other_faults(file)):
        raise Misconfigured(f"{FILE_NAME}: {what} is {seen!r}", hint)
    return file


def _paths(file: Document) -> Iterator[tuple[str, str]]:
    """Yield every path of the file with the place where it is written, outputs first."""
    yield "model.path", file.model.path
    yield "evaluate.metrics", file.evaluate.metrics
    yield "sign.signature", file.sign.signature
    yield "passport", file.passport
    yield "trust", file.trust
    yield "policy", file.policy
    yield from ((f"data {data.name}", data.path) for data in file.data)
    yield from ((f"features {view.name}", view.path) for view in file.features)
    yield "train.environment", file.train.environment
    yield from (("train.secrets", path) for path in (file.train.secrets,) if path is not None)
    names = {data.name for data in file.data} | {view.name for view in file.features}
    for stage, inputs in (("train", file.train.inputs), ("evaluate", file.evaluate.inputs)):
        yield from ((f"an input of {stage}", name) for name in inputs if name not in names)


def _path_faults(file: Document) -> Iterator[tuple[str, str, str]]:
    """Find paths that leave the project, and outputs of which one would write over something else."""
    met: dict[PurePosixPath, str] = {PurePosixPath(FILE_NAME): FILE_NAME}
    for number, (what, text) in enumerate(_paths(file)):
        path = PurePosixPath(text)
        if path.is_absolute() or ".." in path.parts or not path.parts or path.parts[0] == STATE or "\\" in text:
            yield what, text, f"write a path inside of the project's folder, and outside of {STATE}"
        if number == 0:
            model = path
        elif path.is_relative_to(model) or model.is_relative_to(path):
            yield what, text, f"a run makes {model} anew: keep everything else outside of it"
        if path in met and (number < _OUTPUTS or met[path] in _OUTPUT_NAMES):
            yield what, text, f"that is {met[path]} already"
        met.setdefault(path, what)


def _overlooked_files(project: Project) -> Iterator[tuple[str, str | tuple[str, ...], str]]:
    """Find files of the project that a command is given and that are no input of it: changes would go unseen."""
    file, folder = project.file, project.folder
    for stage, command in (("train", file.train), ("evaluate", file.evaluate)):
        for word in command.run:
            if word not in command.inputs and not Path(word).is_absolute() and (folder / word).is_file():
                yield f"{stage}.inputs", command.inputs, f"add {word}, which the command is given"
    named = [("data", one.name, one.path) for one in file.data] + [
        ("view", one.name, one.path) for one in file.features
    ]
    for what, name, path in named:
        if name != path and (folder / name).is_file():
            yield f"a name of {what}", name, f"that is a file of the project as well: name the {what} otherwise"


def _other_faults(file: Document) -> Iterator[tuple[str, str | int | tuple[str, ...], str]]:
    """Find names that statements cannot carry, and stages that could do nothing."""
    for what, name in (("model.name", file.model.name), *(("a name in data", data.name) for data in file.data)):
        if not _NAME.fullmatch(name):
            yield what, name, "lowercase letters, digits, dots and dashes"
    names = [data.name for data in file.data]
    if len(set(names)) != len(names):
        yield "data", tuple(names), "each name once"
    yield from _feature_faults(file, names)
    entry = PurePosixPath(file.model.entry)
    if entry.is_absolute() or ".." in entry.parts or not entry.parts:
        yield "model.entry", file.model.entry, "write the path of the file inside of the model's directory"
    for stage, command in (("train", file.train), ("evaluate", file.evaluate)):
        if not command.run or not all(command.run):
            yield f"{stage}.run", command.run, "write the command as a list of words, as in [python, train.py]"
        if command.timeout_minutes < 1:
            yield f"{stage}.timeout_minutes", command.timeout_minutes, "at least 1"
        if not set(names) & set(command.inputs):
            yield f"{stage}.inputs", command.inputs, f"name the data that it reads: {', '.join(names) or 'none yet'}"
        if len(set(command.inputs)) != len(command.inputs):
            yield f"{stage}.inputs", command.inputs, "each input once"
    if file.train.reach and file.train.sandbox == "off":
        yield "train.reach", file.train.reach, "that leads out of a sandbox: write `sandbox: require` beside it"
    for text in file.train.reach:
        destination(text)
    if len(set(names) & set(file.evaluate.inputs)) > 1:
        yield "evaluate.inputs", file.evaluate.inputs, "one data set is what the metrics are of"
    yield from _witness_faults(file)
    if len(file.gate) != 1:
        yield "gate", file.gate, "one gate of the policy, as in [load]: a passport speaks of one"


def _witness_faults(file: Document) -> Iterator[tuple[str, str | int | tuple[str, ...], str]]:
    """Find witnesses that cannot be asked, and a log that nobody would witness."""
    names = tuple(one.name for one in file.witnesses)
    if len(set(names)) != len(names):
        yield "witnesses", names, "each name once"
    for one in file.witnesses:
        if not _URL.fullmatch(one.url):
            yield f"the url of {one.name}", one.url, "write https://HOST/PREFIX, as its owner says it"
        if not 1 <= one.timeout_seconds <= _MOST_SECONDS:
            yield f"timeout_seconds of {one.name}", one.timeout_seconds, f"from 1 to {_MOST_SECONDS}"
    if not names and file.keys.witness is None:
        yield "witnesses", names, "name a key of the witness, or where witnesses are asked"


def _feature_faults(file: Document, data: list[str]) -> Iterator[tuple[str, str | tuple[str, ...], str]]:
    """Find feature views that are none, or that nothing is trained on, so that nobody would ask for their answer."""
    names = tuple(view.name for view in file.features)
    if len(set(names) | set(data)) != len(names) + len(data):
        yield "features", names, "each name once, and none that data have"
    for name in names:
        if not _VIEW_NAME.fullmatch(name):
            yield "a name in features", name, "the name that the view has: letters, digits and _"
        if name not in file.train.inputs:
            yield "train.inputs", file.train.inputs, f"add {name}: a view stands here because a model is trained on it"
        if name in file.evaluate.inputs:
            yield "evaluate.inputs", file.evaluate.inputs, f"take {name} out: a view is about the rows of training"
