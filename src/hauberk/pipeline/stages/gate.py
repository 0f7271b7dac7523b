"""The stage `gate`: has the ledger witnessed, asks the gate, records its answer, and writes the passport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.edge.sources import digest_path, read_file, write_output
from hauberk.errors import HauberkError
from hauberk.gate.export import export
from hauberk.gate.passport import is_passport
from hauberk.gate.remembered import Question
from hauberk.limits import DEFAULT_LIMITS
from hauberk.pipeline.asking import ask_gate, prepare, publish_for, record_answer
from hauberk.pipeline.current import current_inputs
from hauberk.pipeline.outage import alarmed, forgetting, keep_answer
from hauberk.pipeline.workplace import How, Result
from hauberk.render.borne import borne_lines
from hauberk.subject import Subject
from hauberk.verdict import Answer, Mode

if TYPE_CHECKING:
    from hauberk.gate.passport import Passport
    from hauberk.pipeline.asking import Asked
    from hauberk.pipeline.workplace import Workplace
    from hauberk.policy.policy import Policy

NAME = "gate"


def go(place: Workplace) -> Result:
    """Return the gate's verdict on the model on disk; a denial is no error, and leaves an older passport alone.

    A denial of a gate that only observes is in the ledger, and nowhere else.

    Raises:
        Refused: the policy is not the approved one, and this run may not approve it.
    """
    project, book, policy = place.project, place.book, place.project.read_policy()
    subject = Subject("model", project.file.model.name, digest_path(project.at(project.file.model.path)))
    size = book.log.size

    with alarmed(project, policy, project.gate, warn=place.listener.noticed), forgetting(project):
        asked = _ask(place, policy, subject)
    if asked.verdict.result is not Answer.ALLOW and asked.verdict.mode is not Mode.OBSERVE:
        return Result(How.DENIED, project.gate, asked.verdict)
    for line in borne_lines(asked.verdict, now=book.clock()):
        place.listener.noticed(line)
    allowed = asked.verdict.result is Answer.ALLOW
    is_written = allowed and _write(place, asked.passport)
    how = How.RAN if is_written or book.log.size != size else How.UNCHANGED
    return Result(how, f"{project.gate} {'allowed' if allowed else 'observed'}", asked.verdict)


def _ask(place: Workplace, policy: Policy, subject: Subject) -> Asked:
    """Return the gate's answer, once it is recorded, witnessed and, where the policy asks for that, remembered."""
    project, book, current = place.project, place.book, current_inputs(place.project)

    def asked_now() -> Asked:
        return ask_gate(project, book, policy, project.gate, subject, current=current)

    prepare(project, book, policy, project.gate, warn=place.listener.noticed)
    at, asked = book.clock(), asked_now()
    if record_answer(book, asked.verdict):
        publish_for(project, book, policy, project.gate)
        at, asked = book.clock(), asked_now()
    question = Question(project.gate, subject, policy, book.trust, current)
    keep_answer(book.keys, book.log, asked.verdict, question, at=at, warn=place.listener.noticed)
    return asked


def _write(place: Workplace, passport: Passport) -> bool:
    """Write the passport, and return true, unless the file holds it already."""
    data, _, _ = export(passport, root=place.project.read_root())
    path = place.project.at(place.project.file.passport)
    try:
        if read_file(path, limit=DEFAULT_LIMITS.max_document_bytes) == data:
            return False
    except HauberkError:
        pass  # there is none, or nothing that could be one
    write_output(path, data, recognise=is_passport)
    return True
