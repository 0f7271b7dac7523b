"""The scans that the golden files show: between them, every field in every state."""

from dataclasses import replace

from hauberk.digest import Digest, sha256
from hauberk.finding import (
    Acceptance,
    Confidence,
    Coverage,
    Finding,
    Location,
    Reading,
    Report,
    Scan,
    Scanned,
    Severity,
    TableUsed,
    Unchecked,
    UncheckedCode,
)
from hauberk.rule import Rule
from hauberk.view import Basis

RULES = (
    Rule(
        id="pickle-shell",
        title="pickle runs a shell command when it is loaded",
        severity=Severity.CRITICAL,
        remedy="Do not load it. Ask its producer for a file that holds only what the model needs, then scan that one.",
        references=("CWE-502",),
        reads=object,
        look=lambda _: iter(()),
        page="A page.",
    ),
    Rule(
        id="pickle-stranger",
        title="pickle calls something that nobody has judged",
        severity=Severity.MEDIUM,
        remedy="Find out what it does before you load it.",
        references=(),
        reads=object,
        look=lambda _: iter(()),
        page="A page.",
    ),
)
SHELL = Finding("pickle-shell", Severity.CRITICAL, Location(offset=41), "calls os.system('id')")
STRANGER = Finding(
    "pickle-stranger",
    Severity.MEDIUM,
    Location(member="archive/data.pkl", offset=3),
    "calls thing.make",
    Confidence.LIKELY,
    related=(Location(member="archive/data.pkl", offset=1),),
)
SCHEDULE = Finding("document-tag", Severity.LOW, Location(line=3, pointer="/steps/0"), "a tag !x")

CLEAN = Scan(
    subjects=(Scanned("notes.txt", sha256(b"hello\n")),),
    reports=(Report("notes.txt", sha256(b"hello\n"), "text", coverage=Coverage.INERT, size=6),),
    seconds=0.0014,
)
MIXED = Scan(
    subjects=(Scanned("model", Digest("dirHash", "ab" * 32)),),
    reports=(
        Report("model/a.pkl", sha256(b"a"), "pickle", findings=(SHELL, STRANGER), size=128),
        Report(
            "model/b.pkl",
            sha256(b"b"),
            "pickle",
            coverage=Coverage.PARTIAL,
            findings=(STRANGER, SCHEDULE),
            unchecked=(Unchecked(UncheckedCode.MALFORMED, "nothing on the stack", Location(offset=9)),),
            size=1500,
        ),
        Report(
            "model/c.h5",
            sha256(b"c"),
            "hdf5",
            basis=Basis.CLAIMED,
            coverage=Coverage.PARTIAL,
            unchecked=(Unchecked(UncheckedCode.FORMAT_NOT_READ, "HDF5"),),
            size=2_000_000,
        ),
        Report("model/d.npy", sha256(b"d"), "numpy", size=80),
    ),
    seconds=1.23456,
)
UNREAD = Scan(
    subjects=(Scanned("model", None),),
    reports=(Report("model/d.npy", sha256(b"d"), "numpy", size=80),),
    unread=(Unchecked(UncheckedCode.FILE_KIND, "a FIFO, not a regular file", Location(path="model/pipe")),),
    seconds=0.01,
)
HOSTILE = Scan(
    subjects=(Scanned("\x1b]0;owned\x07", Digest("dirHash", "cd" * 32)),),
    reports=(
        Report(
            "\x1b[2J\u202e\udcff.pkl",
            sha256(b"h"),
            "pickle",
            findings=(
                Finding(
                    "pickle-shell",
                    Severity.CRITICAL,
                    Location(member="\x9b31m", offset=0, pointer="\r"),
                    "calls os.system('\x1b[8m\ud800\u2028\b')",
                ),
            ),
            unchecked=(Unchecked(UncheckedCode.MALFORMED, "\x1bc", Location(member="\x00")),),
            size=1,
        ),
    ),
    unread=(Unchecked(UncheckedCode.NAME, "\x1b[0m", Location(path="\\n\x1b")),),
    seconds=0.0,
)
ACCEPTED = Scan(
    subjects=(Scanned("model/a.pkl", sha256(b"a")),),
    reports=(
        Report(
            "model/a.pkl",
            sha256(b"a"),
            "pickle",
            findings=(replace(SHELL, accepted=Acceptance("ada", "ours, and read", "2027-01-31")), STRANGER),
            size=128,
        ),
    ),
    seconds=0.5,
    tables=(TableUsed("our-team", "3", sha256(b"rows")),),
)
REMOTE = Scan(
    subjects=(Scanned("hf://org/name@" + "c" * 40, None, Basis.CLAIMED),),
    reports=(
        Report(
            "hf://org/name@" + "c" * 40 + "/a.pt",
            sha256(b"a"),
            "pytorch-zip",
            basis=Basis.CLAIMED,
            size=1_000_000_000,
            reading=Reading("commit " + "c" * 40, 150_000, ((65_536, 999_850_000),), 1),
        ),
        Report(
            "hf://org/name@" + "c" * 40 + "/b.bin",
            None,
            "unknown",
            basis=Basis.CLAIMED,
            coverage=Coverage.PARTIAL,
            unchecked=(Unchecked(UncheckedCode.FORMAT_NOT_READ, "neither text nor of a format that is known here"),),
            size=3_000_000,
            reading=Reading('ETag "\x1b[2J"', 65_536, ((65_536, 2_934_464),), 1),
        ),
    ),
    seconds=0.5,
)
ALL = {"remote": REMOTE, "clean": CLEAN, "mixed": MIXED, "unread": UNREAD, "hostile": HOSTILE, "accepted": ACCEPTED}
