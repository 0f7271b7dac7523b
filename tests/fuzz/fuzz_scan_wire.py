"""What a worker process says of a file, which may be in the power of that file: a report, or `Malformed`."""

from hauberk.digest import sha256
from hauberk.finding import Coverage, Finding, Location, Report, Severity, Unchecked, UncheckedCode
from hauberk.verbs.scan_wire import decode, encode

REPORT = Report(
    "a.pkl",
    sha256(b"a"),
    "pickle",
    coverage=Coverage.PARTIAL,
    findings=(Finding("some-rule", Severity.LOW, Location("p", "m", 1, 2, "/x"), "saw"),),
    unchecked=(Unchecked(UncheckedCode.LIMIT, "too long"),),
    size=7,
)


def seeds() -> list[bytes]:
    return [encode(REPORT), encode(REPORT.unchecked[0]), b'{"Report": {}}', b"[" * 2000]


def one_input(data: bytes) -> None:
    seen = decode(data)
    assert decode(encode(seen)) == seen
