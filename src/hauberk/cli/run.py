"""`hauberk run`: go through the life of the model and do again only what changed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import colourful, facts, say, say_sentences, warn
from hauberk.pipeline.project import open_project
from hauberk.pipeline.run import run
from hauberk.render.borne import would_be_closed
from hauberk.render.compact import compact_table
from hauberk.render.stages import command_line, notice_line, stage_line
from hauberk.render.verdict import development_notice, verdict_table
from hauberk.verdict import Answer, Mode

if TYPE_CHECKING:
    import argparse

    from hauberk.pipeline.workplace import Result


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("--project", default=".", metavar="DIR", help="the folder with hauberk.yaml (default: here)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Run, line by line, and end with the verdict and where the passport is."""
    project = open_project(options.project)
    trust = project.read_trust()
    screen = _Screen(colour=colourful(), width=shutil.get_terminal_size((100, 24)).columns)
    verdict = run(project, screen)
    allowed = verdict.result is Answer.ALLOW
    if allowed:
        say(f"\n{compact_table(verdict, colour=screen.colour, width=screen.width)}\n\n")
    elif verdict.mode is not Mode.OBSERVE:
        table = verdict_table(verdict, names=None, colour=screen.colour, width=screen.width)
        say(f"\n{table}\n\n")
        for line in would_be_closed(verdict):
            warn(line)
    path = project.at(project.file.passport)
    if allowed:
        say(facts("to hand out", {"passport": path, "root": project.root_pub}))
    elif path.exists():
        say(notice_line(f"{path} is of an earlier answer, and was left as it is", colour=screen.colour))
    if trust.development:
        say_sentences(development_notice())
    return Exit.CLEAN if allowed or verdict.mode is not Mode.ENFORCE else Exit.FOUND


class _Screen:
    """Standard output, told by the run how it goes."""

    def __init__(self, *, colour: bool, width: int) -> None:
        self.colour = colour
        self.width = width

    def begun(self, stage: str, command: tuple[str, ...]) -> None:
        say(command_line(stage, command, colour=self.colour))

    def ended(self, stage: str, result: Result, seconds: float) -> None:
        say(stage_line(stage, result.how, result.what, seconds=seconds, colour=self.colour, width=self.width))

    def noticed(self, text: str) -> None:
        say(notice_line(text, colour=self.colour))
