"""`hauberk init`: found a project here. One question, and a sentence for each file that it makes."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.init_own import HOW, configure_own, draft, found, is_own, restored, tell
from hauberk.cli.output import facts, say, say_sentences
from hauberk.edge import clock
from hauberk.edge.keys import find_passphrase
from hauberk.errors import Misconfigured
from hauberk.pipeline.project import FILE_NAME, STATE, open_project
from hauberk.render.verdict import FOR_GOOD, development_notice
from hauberk.verbs.init import ROLES, Place, init_development, write_templates

if TYPE_CHECKING:
    import argparse

    from hauberk.pipeline.project import Project

_QUESTION = """\
Is this to try it out, or will you give each role its own key?
  try   all keys are made here, under one passphrase, and everything they sign is marked development
  own   no key is made here; you are told which keys are needed, and whose they should be
try or own? """
_ANSWERS = {"try": True, "t": True, "own": False, "o": False}
_NOT_IN_NAMES = re.compile(r"[^a-z0-9.-]+", re.ASCII)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("--project", default=".", metavar="DIR", help="the project's folder (default: here)")
    parser.add_argument(
        "--development", action="store_true", help="to try it out: answers the question, also without a terminal"
    )
    configure_own(parser)
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Found the project, and say what each file is for."""
    folder = Path(options.project).absolute()
    if not os.path.isdir(folder):  # noqa: PTH112 - also for a path that no directory can have
        raise Misconfigured(f"{folder} is not a directory", "make it first, or name another by --project")
    if sum((options.development, is_own(options), options.signed is not None)) > 1:
        raise Misconfigured(
            "one of three founds a project: --development, --root-key with --key, or --signed", "name one of them"
        )
    if options.signed is not None:
        return found(options, folder)
    if is_own(options):
        return draft(options, folder, _model(folder))
    if not options.development and restored(folder):
        return Exit.CLEAN
    return _try_out(options, folder)


def _try_out(options: argparse.Namespace, folder: Path) -> int:
    is_trial = options.development or _ask()
    passphrase = _Once(folder)
    if is_trial and _makes_keys(Place(folder)):
        passphrase()  # before anything is written: who has none yet has changed nothing
    name = _model(folder)
    templates = write_templates(folder, name)
    if not is_trial:
        tell(templates)
        say(facts("the keys, and what each of them does", ROLES))
        raise Misconfigured("this project has no root, trust and ledger yet", HOW)
    keys = open_project(folder).file.keys
    strays = [role for role in ROLES if (uri := getattr(keys, role, None)) and uri != f"file:{STATE}/keys/{role}.pem"]
    if strays:
        raise Misconfigured(
            f"{FILE_NAME} keeps the key of the {strays[0]} elsewhere than --development makes it",
            f'name "file:{STATE}/keys/{strays[0]}.pem", or found the project with keys of your own',
        )
    account = init_development(folder, name, passphrase=passphrase, now=clock.now())
    account.made[:0], account.kept[:0] = templates.made, templates.kept
    tell(account)
    say(f"next: {_next_step(open_project(folder))}")
    say_sentences(development_notice(), FOR_GOOD)
    return Exit.CLEAN


class _Once:
    """The passphrase, asked for when it is first needed, and asked twice where no key has it yet."""

    def __init__(self, folder: Path) -> None:
        self._is_new = not any((folder / STATE / "keys").glob("*.pem"))
        self._found: bytes | None = None

    def __call__(self) -> bytes:
        if self._found is None:
            self._found = find_passphrase(new=self._is_new)
        return self._found


def _ask() -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        raise Misconfigured(
            "init has one question, and there is no terminal to ask it on",
            "`hauberk init --development` tries it out: all keys here, marked development",
        )
    print(_QUESTION, end="", flush=True)
    while line := sys.stdin.readline():
        if (answer := line.strip().lower()) in _ANSWERS:
            return _ANSWERS[answer]
        print("try or own? ", end="", flush=True)
    raise Misconfigured("init has one question, and got no answer", "run it again, and type try or own")


def _makes_keys(place: Place) -> bool:
    return not place.has_ledger and not all(place.key(role).exists() for role in ROLES)


def _next_step(project: Project) -> str:
    """Return what is left to do: the files that `hauberk.yaml` names and that only a person can write."""
    file = project.file
    things = (*project.datasets, *project.inputs_of(file.train), *project.inputs_of(file.evaluate), project.environment)
    absent = dict.fromkeys(thing.path for thing in things if not project.at(thing.path).exists())
    return f"write {', '.join(absent)}; then `hauberk run`" if absent else "`hauberk run`"


def _model(folder: Path) -> str:
    return open_project(folder).file.model.name if (folder / FILE_NAME).exists() else _name_of(folder)


def _name_of(folder: Path) -> str:
    return _NOT_IN_NAMES.sub("-", folder.name.lower()).strip("-.")[:100] or "model"
