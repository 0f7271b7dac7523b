"""The commands of a project: plain scripts that know nothing of Hauberk, run in its folder with a small environment.

A command runs as the person who runs Hauberk and can read what that person can read. What it cannot do is change its
own inputs, or a model that it should only measure, without the run being refused.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hauberk.edge.process import run
from hauberk.edge.relay.address import destination
from hauberk.edge.sandbox.training import names_of
from hauberk.edge.secrets.redaction import Redactor
from hauberk.edge.secrets.written import read_secrets
from hauberk.errors import HauberkError, NotVerified, Refused
from hauberk.refused_for import RefusedFor
from hauberk.verbs.train import GIB, memory_gib
from hauberk.verbs.train_output import refusing
from hauberk.verbs.train_run import Command, Terms, perform, prepare, reached, within
from hauberk.verbs.train_secrets import require_unwritten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hauberk.digest import Digest
    from hauberk.pipeline.project import Evaluate, Input, Project

SECONDS_A_MINUTE = 60
_PASSED_ON = ("HOME", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")


def environment() -> dict[str, str]:
    """Return all of a command's environment: the programs beside our own interpreter first, hashes of text fixed.

    What names a secret of ours, such as the file of the passphrase, is not passed on.
    """
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return passed | {"PATH": path, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}


def run_command(project: Project, stage: Evaluate) -> float:
    """Run a stage's command to its end and return the seconds that it took; what it prints goes to standard error.

    Raises:
        Refused: it ended with anything but 0.
        Unavailable: it ran out of time.
        Misconfigured: it cannot be started.
    """
    seconds = stage.timeout_minutes * SECONDS_A_MINUTE
    finished = run(stage.run, cwd=project.folder, environment=environment(), timeout_seconds=seconds)
    if finished.returncode:
        raise Refused(
            f"`{' '.join(stage.run)}` ended with {finished.returncode}",
            "its own words are above; nothing was recorded of what it made",
            refused_for=RefusedFor.COMMAND_FAILED,
        )
    return finished.seconds


def terms(project: Project) -> Terms:
    """Return the terms of training that hauberk.yaml asks for; errors as of `read_secrets` and `destination`."""
    train = project.file.train
    lender = None if train.secrets is None else read_secrets(project.at(train.secrets))
    return Terms(train.sandbox, lender, tuple(map(destination, train.reach)))


@dataclass(frozen=True, slots=True)
class Ran:
    """What a provenance says of how the command of training ran.

    Attributes:
        within: its sandbox, and whether somebody watched.
        reached: what it reached outside, if it may.
    """

    within: dict[str, Any]
    reached: dict[str, Any]


def run_training(project: Project, things: Iterable[Input], warn: Callable[[str], None]) -> Ran:
    """Run the command of training, on the terms of hauberk.yaml, and return how it ran.

    Args:
        project: whose command, and whose model directory is written, which is empty.
        things: all that the command may read.
        warn: is told what a person should know, such as that there is no sandbox.

    Raises:
        Refused, Unavailable, Misconfigured: as `train` of `hauberk.verbs.train`.
    """
    hide = Redactor()
    try:
        return _run_training(project, things, hide, warn=lambda text: warn(hide(text)))
    except HauberkError as error:
        raise hide.clean(error) from None


def _run_training(project: Project, things: Iterable[Input], hide: Redactor, *, warn: Callable[[str], None]) -> Ran:
    train, model = project.file.train, project.at(project.file.model.path)
    own = environment()
    ready = prepare(terms(project), own, warn)
    command = Command(
        train.run,
        project.folder.resolve(),
        tuple(name for thing in things for name in names_of(project.at(thing.path))),
        model.resolve(),
        train.timeout_minutes,
        memory_gib() * GIB,
        own,
    )
    ended = perform(command, ready, hide, warn=warn)
    with refusing(RefusedFor.UNFIT_OUTPUT):  # what cannot be read
        require_unwritten(model, hide, ())
    return Ran(within(ready, ended), reached(ready, ended))


def check_unchanged(before: Mapping[str, Digest], after: Mapping[str, Digest], *, by: str) -> None:
    """Raise `NotVerified` where a command has changed what it should only have read."""
    changed = sorted(label for label in before if before[label] != after.get(label))
    if changed:
        raise NotVerified(
            f"{by} changed {', '.join(changed)}, which it should only have read",
            "what it made was not recorded: have it write somewhere else, and restore what it changed",
            refused_for=RefusedFor.INPUT_CHANGED,
        )
