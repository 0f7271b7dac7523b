"""`hauberk scan`: look into model files, or every file of a directory, without running any of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.checks.profile import PROFILES, STANDARD, failing_on
from hauberk.cli import accepting, tables
from hauberk.cli.exits import exit_of_scan
from hauberk.cli.output import colourful, deliver
from hauberk.cli.progress import progress
from hauberk.edge.sources import check_output
from hauberk.finding import Outcome
from hauberk.verbs.scan import scan
from hauberk.version import VERSION

if TYPE_CHECKING:
    import argparse

    from hauberk.checks.profile import Profile
    from hauberk.finding import Scan
    from hauberk.rule import Rule

FORMATS = ("text", "json", "sarif", "junit", "cyclonedx")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("paths", nargs="+", metavar="path", help="a file, or a directory with all that is in it")
    parser.add_argument("--format", choices=FORMATS, default="text", help="of the report")
    parser.add_argument("--output", metavar="FILE", help="where to write the report instead of standard output")
    failing = parser.add_mutually_exclusive_group()
    failing.add_argument(
        "--fail-on",
        choices=(Outcome.MALICIOUS.value, Outcome.SUSPICIOUS.value),
        help="the least outcome that makes the exit code 1 (default: suspicious)",
    )
    failing.add_argument(
        "--profile",
        metavar="NAME|FILE",
        default=STANDARD.name,
        help=f"what makes the exit code 1: {', '.join(PROFILES)}, or a file (default: {STANDARD.name})",
    )
    parser.add_argument(
        "--no-digest",
        dest="digest",
        action="store_false",
        help="hash nothing: faster on large files, and the report is about claimed bytes, which pass no gate",
    )
    parser.add_argument(
        "--jobs",
        type=int,
        metavar="N",
        help="processes that look at once, where there is much to look at (default: one for each processor)",
    )
    parser.add_argument(
        "--engine", choices=("processes", "ray"), default="processes", help="what looks: processes here, or a cluster"
    )
    parser.add_argument("--state", metavar="FILE", help="keep what was seen there, and go on where a scan was stopped")
    accepting.configure(parser)
    tables.configure(parser)
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Scan, and write the report."""
    accepting.check(options)
    if options.output is not None:
        check_output(options.output, recognise=_is_report, inputs=options.paths)
    profile = _profile(options)
    known = accepting.known(options, profile)
    own, used = tables.believed(options, profile)
    with progress(f"scanning {', '.join(options.paths)}"):
        seen = scan(
            *options.paths,
            limits=profile.limits,
            digest=options.digest,
            own=own,
            jobs=options.jobs,
            engine=options.engine,
            state=options.state,
        )
    seen = accepting.accepted(replace(seen, tables=used), known)
    deliver(_rendered(seen, options), options.output, recognise=_is_report, inputs=options.paths)
    accepting.write(seen, options)
    return exit_of_scan(seen, profile)


def _profile(options: argparse.Namespace) -> Profile:
    if options.fail_on is not None:
        return failing_on(Outcome(options.fail_on))
    if options.profile in PROFILES:
        return PROFILES[options.profile]
    from hauberk.verbs.scan_files import read_profile  # noqa: PLC0415 - most scans read no YAML

    return read_profile(options.profile)


def _is_report(data: bytes) -> bool:
    from hauberk.render.recognise import is_report  # noqa: PLC0415 - nothing is replaced in most scans

    return is_report(data)


def _rendered(seen: Scan, options: argparse.Namespace) -> str:
    """Return the report; each format is imported when it is asked for."""
    if options.format == "json":
        from hauberk.render import report_json  # noqa: PLC0415 - see above

        return report_json.render(seen, version=VERSION)
    if options.format == "junit":
        from hauberk.render import junit  # noqa: PLC0415 - see above

        return junit.render(seen)
    if options.format == "text":
        return _in_text(seen, options)
    from hauberk.checks.model.registry import RULES  # noqa: PLC0415 - see above
    from hauberk.render import cyclonedx, sarif  # noqa: PLC0415 - see above

    render = sarif.render if options.format == "sarif" else cyclonedx.render
    return render(seen, rules=RULES, version=VERSION)


def _in_text(seen: Scan, options: argparse.Namespace) -> str:
    """Return the report for people; the rules give the remedies of findings."""
    import shutil  # noqa: PLC0415 - see above

    from hauberk.render import text  # noqa: PLC0415 - see above

    rules: tuple[Rule, ...] = ()
    if any(report.findings for report in seen.reports):
        from hauberk.checks.model.registry import RULES  # noqa: PLC0415 - see above

        rules = RULES
    colour = options.output is None and colourful()
    return text.render(seen, rules=rules, colour=colour, width=shutil.get_terminal_size().columns)
