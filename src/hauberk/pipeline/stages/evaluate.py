"""The stage `evaluate`: runs the project's command on the model, which it may not change, and records its metrics."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hauberk.edge.files import read_whole
from hauberk.edge.output import remove_file
from hauberk.edge.sources import digest_path, open_in_tree
from hauberk.errors import HauberkError, Refused, Unavailable
from hauberk.evidence.predicates import EVALUATION, edges
from hauberk.pipeline.bodies import core, definition, is_of
from hauberk.pipeline.boundaries import record_boundaries
from hauberk.pipeline.command import check_unchanged, environment, run_command
from hauberk.pipeline.current import digests_of, named
from hauberk.pipeline.workplace import How, Result
from hauberk.signature import jcs
from hauberk.signature.dsse import named_json
from hauberk.statement import Named
from hauberk.verbs.tool import interpreter

if TYPE_CHECKING:
    from hauberk.digest import Digest
    from hauberk.pipeline.project import Project
    from hauberk.pipeline.workplace import Workplace

NAME = "evaluate"
MAX_METRICS_BYTES = 1 << 16
_MAX_METRICS = 1000


def go(place: Workplace) -> Result:
    """Measure the model, unless this command has measured it on these inputs and its metrics are on disk."""
    project = place.project
    things = (*project.inputs_of(project.file.evaluate), project.environment)
    inputs = digests_of(project, things)
    model = Named(project.label, (digest_path(project.at(project.file.model.path)),))
    stage = _definition(project)
    begun = record_boundaries(place, things, inputs)
    if (metrics := _standing(place, model, stage, inputs)) is not None:
        return Result(How.RAN if begun else How.UNCHANGED, _in_words(metrics))
    metrics = _evaluate(place, inputs | {model.label: model.digests[0]})
    body = core(EVALUATION, stage, now=place.book.clock(), inputs=named(inputs)) | {
        "metrics": metrics,
        "dataset": next(named_json(thing) for thing in named(inputs) if thing.label.startswith("dataset/")),
    }
    place.book.record("producer", EVALUATION, model, body)
    return Result(How.RAN, _in_words(metrics))


def read_metrics(data: bytes) -> dict[str, float]:
    """Return the metrics that an evaluation wrote; raise `Refused` unless they are a flat JSON object of numbers."""
    hint = 'write one object of numbers, as in {"recall": 0.97}'
    try:
        value = jcs.decode(data, what="file of metrics")
    except HauberkError as error:
        raise Refused(error.message, hint) from None
    if not isinstance(value, dict) or not 1 <= len(value) <= _MAX_METRICS:
        raise Refused(f"the file of metrics is not an object of 1 to {_MAX_METRICS} numbers", hint)
    for name, number in value.items():
        if not isinstance(number, int | float) or isinstance(number, bool):  # strict JSON holds finite ones only
            raise Refused(f"the metric {name[:80]!r} is not a number", hint)
    return value


def _standing(
    place: Workplace, model: Named, stage: dict[str, Any], inputs: dict[str, Digest]
) -> dict[str, float] | None:
    """Return the metrics on disk, if a statement says that they were measured in exactly this way."""
    try:
        metrics = _read(place.project)
    except HauberkError:
        return None
    for found in place.book.about(model, EVALUATION):
        same = found.statement.predicate["metrics"] == metrics
        if same and is_of(found, stage, ours=False) and set(edges(found.statement)) == set(named(inputs)):
            return metrics
    return None


def _evaluate(place: Workplace, before: dict[str, Digest]) -> dict[str, float]:
    project = place.project
    evaluate, model = project.file.evaluate, project.file.model
    place.book.keys.signer("producer")
    place.listener.begun(NAME, evaluate.run)
    remove_file(project.folder, project.at(evaluate.metrics))
    run_command(project, evaluate)
    things = (*project.inputs_of(evaluate), project.environment)
    after = digests_of(project, things) | {project.label: digest_path(project.at(model.path))}
    check_unchanged(before, after, by=NAME)
    try:
        return _read(project)
    except Unavailable as error:
        raise Refused(
            f"the command of evaluate ended well and wrote no {evaluate.metrics} ({error.message})",
            "see what the script writes, and where",
        ) from None


def _read(project: Project) -> dict[str, float]:
    path = project.file.evaluate.metrics
    with open_in_tree(project.folder, path) as view:  # what is removed before is what is read after: no link of either
        return read_metrics(read_whole(view, MAX_METRICS_BYTES, path))


def _definition(project: Project) -> dict[str, Any]:
    evaluate = project.file.evaluate
    program = interpreter(evaluate.run, folder=project.folder, environment=environment())
    return definition(NAME, evaluate=asdict(evaluate), interpreter=program)


def _in_words(metrics: dict[str, float]) -> str:
    return ", ".join(f"{name} {number:g}" for name, number in sorted(metrics.items()))
