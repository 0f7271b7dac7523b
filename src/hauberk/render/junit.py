"""A scan as JUnit XML, for build servers that show tests: a test for each result, one for each file without any.

JUnit has no standard. This is the form that Jenkins, GitLab and Azure read: a suite for the scan; a case is named after
the rule and the place, its class after the file. What makes a file suspicious or malicious is a `failure`, what could
not be looked at an `error`, what somebody accepted is `skipped`. A finding of low severity is a case that passes and
says what was seen.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from hauberk.finding import Outcome, worst
from hauberk.render.words import REASONS, place, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.finding import Finding, Report, Scan, Unchecked

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="hauberk"'


def render(scan: Scan) -> str:
    """Return the document; every character that XML 1.0 or a terminal could mind is an escape."""
    cases = [case for report in scan.reports for case in _cases(report)]
    cases += [_unchecked(unread, unread.location.path or "") for unread in scan.unread]
    counts = f'tests="{len(cases)}"' + "".join(
        f' {name}s="{sum(f"<{name} " in case for case in cases)}"' for name in ("failure", "error")
    )
    counts += f' skipped="{sum("<skipped " in case for case in cases)}" time="{scan.seconds:.3f}"'
    return "\n".join(
        [f"{HEAD} {counts}>", f'  <testsuite name="hauberk scan" {counts}>', *cases, "  </testsuite>", "</testsuites>"]
    )


def _cases(report: Report) -> Iterator[str]:
    if not report.findings and not report.unchecked:
        yield _case(report.path, f"clean {report.format}", "")
    for finding in report.findings:
        yield _finding(finding, report.path)
    for unchecked in report.unchecked:
        yield _unchecked(unchecked, report.path)


def _finding(finding: Finding, path: str) -> str:
    name = " ".join(part for part in (finding.rule, place(finding.location)) if part)
    if finding.accepted is not None:
        body = f"      <skipped message={_quoted(f'{finding.accepted}; saw: {finding.saw}')} />\n"
    elif worst((finding,)) is Outcome.CLEAN:
        body = f"      <system-out>{_text(f'{finding.severity.value}: {finding.saw}')}</system-out>\n"
    else:
        message = f"{finding.severity.value}: {finding.saw}"
        body = f"      <failure type={_quoted(finding.rule)} message={_quoted(message)} />\n"
    return _case(path, name, body)


def _unchecked(unchecked: Unchecked, path: str) -> str:
    name = " ".join(part for part in ("unchecked", unchecked.code.value, place(unchecked.location)) if part)
    message = f"{REASONS[unchecked.code]}: {unchecked.detail}"
    return _case(path, name, f"      <error type={_quoted(unchecked.code.value)} message={_quoted(message)} />\n")


def _case(path: str, name: str, body: str) -> str:
    start = f"    <testcase classname={_quoted(path)} name={_quoted(name)}"
    return f"{start}>\n{body}    </testcase>" if body else f"{start} />"


def _quoted(text: str) -> str:
    return f'"{_text(text)}"'


def _text(text: str) -> str:
    return html.escape(visible(text))
