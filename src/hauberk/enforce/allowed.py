"""What must hold before anything of a model is opened: the permit fits, and what is in it is clean and complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.errors import Refused
from hauberk.evidence.instant import format_instant
from hauberk.finding import Outcome

if TYPE_CHECKING:
    from hauberk.digest import Digest
    from hauberk.finding import Report
    from hauberk.verdict import Permit

GATE = "load"
TENSORS = (".safetensors", ".safetensors.index.json")  # entries that are verified while they are read


def check_permit(permit: Permit | None, digest: Digest, now: int) -> None:
    """Raise `Refused` unless a permit is for the gate `load` and this digest, and has not ended."""
    if permit is None:  # the `permit` of a verdict that denies
        raise Refused("there is no permit", "pass `verdict.require()`, which says why there is none")
    if permit.gate != GATE:
        raise Refused(f"the permit is for the gate {permit.gate}, not for {GATE}", "ask the gate `load`")
    if permit.subject.digest != digest:
        raise Refused(
            f"the permit is for {permit.subject.digest}, what is there now is {digest}",
            "the files changed since the verdict: scan, sign and decide again",
        )
    if now > permit.not_after:
        raise Refused(f"the permit ended at {format_instant(permit.not_after)}", "ask the gate again")


def check_clean(name: str, report: Report) -> None:
    """Raise `Refused` unless a file is clean, and nothing of it is unchecked."""
    if report.outcome is not Outcome.CLEAN:
        worst = report.findings[0]
        raise Refused(f"{name} is {report.outcome}: {worst.rule}: {worst.saw}", f"see `hauberk scan` for {name}")
    if not report.complete:
        first = report.unchecked[0]
        raise Refused(f"{name} could not be checked: {first.code}: {first.detail}", f"see `hauberk scan` for {name}")
