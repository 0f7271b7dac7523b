"""The stage `train`: runs the project's command in an empty model directory, and records what went into the model."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from hauberk.edge.output import Output
from hauberk.edge.sandbox.training import available
from hauberk.edge.sources import digest_path, open_in_tree, read_tree
from hauberk.enforce.allowed import TENSORS
from hauberk.errors import HauberkError, Refused
from hauberk.evidence.predicates import DATA_CHECK, PROVENANCE, TRAINING, edges
from hauberk.formats.sniff import sniff
from hauberk.pipeline.admitting import admit
from hauberk.pipeline.bodies import definition, short
from hauberk.pipeline.boundaries import record_boundaries
from hauberk.pipeline.command import environment, run_training, terms
from hauberk.pipeline.current import digest_of, digests_of, named
from hauberk.pipeline.project import FEATURE_VIEW, STATE
from hauberk.pipeline.refusals import refusals_recorded
from hauberk.pipeline.workplace import How, Result
from hauberk.refused_for import RefusedFor
from hauberk.signature.dsse import named_json
from hauberk.statement import Named
from hauberk.verbs.tool import interpreter
from hauberk.verbs.train_inputs import Watched, require_untouched
from hauberk.verbs.train_output import refusing
from hauberk.version import VERSION

if TYPE_CHECKING:
    from hauberk.digest import Digest
    from hauberk.pipeline.command import Ran
    from hauberk.pipeline.project import Input, Project
    from hauberk.pipeline.workplace import Workplace

NAME = "train"
BUILDER = "urn:hauberk:run:v1"
_FORMATS = {"joblib": ("joblib", "pickle"), "safetensors": ("safetensors",)}  # what the loader of each kind reads
_WRITERS = {
    "joblib": "have the script write it by joblib.dump, without compress=",
    "safetensors": f"have the script write it by safetensors; of several files, name the index, *{TENSORS[1]}",
}


@dataclass(frozen=True, slots=True)
class _Made:
    """A model, how its run ran, and the policy by which its data were admitted, if somebody was asked."""

    model: Digest
    ran: Ran
    admitted_by: Digest | None


def go(place: Workplace) -> Result:
    """Train, unless the model on disk was made by this command from these inputs."""
    project = place.project
    things = things_read(project)
    inputs = digests_of(project, things)
    parameters = _parameters(project)
    begun = record_boundaries(place, things, inputs)
    output = Output(project.folder, project.at(project.file.model.path), project.folder / STATE / "aside" / "model")
    _say_unanswered(place, inputs)
    before = _standing(place, output, parameters, inputs)
    if before is not None:
        return Result(How.RAN if begun else How.UNCHANGED, short(before))
    made = _train(place, output, inputs)
    model = made.model
    if not _is_made(place, model, parameters, inputs):
        body = _provenance(parameters, inputs, made)
        place.book.record("producer", PROVENANCE, Named(project.label, (model,)), body)
    output.keep()
    return Result(How.RAN, short(model))


def things_read(project: Project) -> tuple[Input, ...]:
    """Return all that the command may read."""
    return (*project.inputs_of(project.file.train), project.environment)


def _standing(place: Workplace, output: Output, parameters: dict[str, Any], inputs: dict[str, Digest]) -> Digest | None:
    """Return the digest of the model on disk, if it has evidence; what a killed run left behind is put right."""
    model = _digest(place.project)
    is_made = model is not None and _is_made(place, model, parameters, inputs)
    if output.is_pending and is_made:
        output.keep()
    elif output.is_pending:
        output.restore()
        model = _digest(place.project)
        is_made = model is not None and _is_made(place, model, parameters, inputs)
    return model if is_made else None


def _is_made(place: Workplace, model: Digest, parameters: dict[str, Any], inputs: dict[str, Digest]) -> bool:
    found = place.book.about(Named(place.project.label, (model,)), PROVENANCE)
    bodies = [(verified, verified.statement.predicate["buildDefinition"]) for verified in found]
    fitting = [
        body
        for verified, body in bodies
        if body["externalParameters"] == parameters and set(edges(verified.statement)) == set(named(inputs))
    ]
    return any(map(_is_sealed, fitting)) or (bool(fitting) and not _could_be_sealed(place.project))


def _is_sealed(body: dict[str, Any]) -> bool:
    """Return whether a run says that it had a sandbox; one of before there was such a member does not."""
    inside = body.get("internalParameters")
    return isinstance(inside, dict) and inside.get("sandbox") is not None


def _could_be_sealed(project: Project) -> bool:
    """Return whether a run would have a sandbox now that one could do without; `require` never does without."""
    return project.file.train.sandbox == "auto" and not available()


def _train(place: Workplace, output: Output, inputs: dict[str, Digest]) -> _Made:
    """Run the command into an empty directory; return the model's digest, and what else is to be said of the run.

    On any failure the old model is back.
    """
    project = place.project
    place.book.keys.signer("producer")  # before hours of training: without the key nothing could be said of it
    datasets, command, warn = _datasets(inputs), project.file.train.run, place.listener.noticed
    with refusals_recorded(place.book, "producer", NAME, datasets, command, warn=warn):
        policy = admit(project, place.book, datasets, has_manifests=_has_manifests(project), warn=warn)
        place.listener.begun(NAME, command)
        watched = [
            Watched(thing.label, project.at(thing.path), inputs[thing.label], partial(digest_of, project, thing))
            for thing in things_read(project)
        ]
        output.begin()
        try:
            ran = run_training(project, things_read(project), warn)
            require_untouched(watched)
            return _Made(_read(project), ran, policy)
        except BaseException:
            output.restore()
            raise


def _say_unanswered(place: Workplace, inputs: dict[str, Digest]) -> None:
    """Say before hours of training what the gate will miss after them."""
    for thing in named(inputs):
        if thing.label.startswith(f"{FEATURE_VIEW}/") and not place.book.about(thing, DATA_CHECK):
            again = "`hauberk data features … --owner …` signs one"
            place.listener.noticed(f"nobody has answered for {thing.label} and these rows: a gate will deny; {again}")


def _datasets(inputs: dict[str, Digest]) -> tuple[Named, ...]:
    return tuple(thing for thing in named(inputs) if thing.label.startswith("dataset/"))


def _has_manifests(project: Project) -> bool:
    return any(data.manifest is not None and data.name in project.file.train.inputs for data in project.file.data)


def _read(project: Project) -> Digest:
    """Return the digest of what the command wrote; raise, for what it is refused, where that cannot be the model."""
    model = project.file.model
    with refusing(RefusedFor.UNFIT_OUTPUT):
        tree = read_tree(project.at(model.path))
        if not tree.odd and model.entry not in {file.path for file in tree.files}:
            what = f"no {model.entry}" if tree.files else "nothing"
            raise Refused(
                f"the command of train ended well and wrote {what} in {model.path}",
                "see what the script writes, and where",
                refused_for=RefusedFor.NOTHING_WRITTEN,
            )
        digest = tree.digest
        _check_kind(project)
    return digest


def _check_kind(project: Project) -> None:
    """Raise `Refused` where nothing could ever open the model: its entry is not of the kind that hauberk.yaml says."""
    model = project.file.model
    if model.kind == "safetensors" and model.entry.endswith(TENSORS[1]):
        return
    with open_in_tree(project.at(model.path), model.entry) as view:
        seen = sniff(view).name
    if seen not in _FORMATS[model.kind]:
        raise Refused(
            f"the command of train wrote {model.entry} as {seen}, which cannot be opened as {model.kind}",
            _WRITERS[model.kind],
        )


def _digest(project: Project) -> Digest | None:
    """Return the digest of the model on disk, or None where there is none that could have one."""
    try:
        return read_tree(project.at(project.file.model.path)).digest
    except HauberkError:
        return None


def _parameters(project: Project) -> dict[str, Any]:
    train = project.file.train
    program = interpreter(train.run, folder=project.folder, environment=environment())
    wanted = terms(project)
    lent = {"secrets": sorted(wanted.variables)} if wanted.variables else {}
    stage = definition(NAME, train=_defined(project), model=asdict(project.file.model), interpreter=program)
    return {"run": list(train.run), "interpreter": program, "definition": stage["digest"], **lent, **wanted.reaching}


def _defined(project: Project) -> dict[str, Any]:
    """Return what defines the stage; what is as it was before there was such a member, is left out."""
    train = project.file.train
    absent = {"sandbox": "off", "secrets": None, "reach": ()}
    found = {name: value for name, value in asdict(train).items() if name not in absent or value != absent[name]}
    return found if train.secrets is None else {**found, "secrets": str(digest_path(project.at(train.secrets)))}


def _provenance(parameters: dict[str, Any], inputs: dict[str, Digest], made: _Made) -> dict[str, Any]:
    policy = None if made.admitted_by is None else str(made.admitted_by)
    return {
        "buildDefinition": {
            "buildType": TRAINING,
            "externalParameters": parameters,
            "internalParameters": {**made.ran.within, "admittedBy": policy},
            "resolvedDependencies": [named_json(thing) for thing in named(inputs)],
        },
        "runDetails": {
            "builder": {"id": BUILDER, "version": {"hauberk": VERSION}},
            **({"metadata": made.ran.reached} if made.ran.reached else {}),
        },
    }
