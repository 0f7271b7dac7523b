"""The commands of a project: plain scripts that know nothing of Hauberk, run in its folder with a small environment.

A command runs as the person who runs Hauberk and can read what that person can read. What it cannot do is change its
own inputs, or a model that it should only measure, without the run being refused.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.edge.process import run
from hauberk.edge.sources import digest_path
from hauberk.errors import NotVerified, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.digest import Digest
    from hauberk.pipeline.project import Evaluate, Project, Train

SECONDS_A_MINUTE = 60
_PASSED_ON = ("HOME", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")


def environment() -> dict[str, str]:
    """Return all of a command's environment: the programs beside our own interpreter first, hashes of text fixed.

    What names a secret of ours, such as the file of the passphrase, is not passed on.
    """
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return passed | {"PATH": path, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}


def run_command(project: Project, stage: Train | Evaluate) -> float:
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
            "its own words are above; nothing was recorded",
        )
    return finished.seconds


def digests(project: Project, paths: Mapping[str, str]) -> dict[str, Digest]:
    """Return the digest of each path of a project, as it is now, by its label; errors as `digest_path`."""
    return {label: digest_path(project.at(path)) for label, path in paths.items()}


def check_unchanged(before: Mapping[str, Digest], after: Mapping[str, Digest], *, by: str) -> None:
    """Raise `NotVerified` where a command has changed what it should only have read."""
    changed = sorted(label for label in before if before[label] != after.get(label))
    if changed:
        raise NotVerified(
            f"{by} changed {', '.join(changed)}, which it should only have read",
            "nothing was recorded: have it write somewhere else, and restore what it changed",
        )
