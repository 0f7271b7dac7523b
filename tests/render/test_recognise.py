"""A report that was written before is told from every other file."""

import pytest

from hauberk.render import cyclonedx, junit, report_json, sarif, text
from hauberk.render.recognise import is_report
from render import scans

FORMS = {
    "json": lambda scan: report_json.render(scan, version="9.9.9"),
    "sarif": lambda scan: sarif.render(scan, rules=scans.RULES, version="9.9.9"),
    "junit": junit.render,
    "cyclonedx": lambda scan: cyclonedx.render(scan, rules=scans.RULES, version="9.9.9"),
    "text": lambda scan: text.render(scan, rules=scans.RULES, colour=False, width=80),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", scans.ALL)
def test_a_report_of_ours_is_one(form, name):
    assert is_report(f"{FORMS[form](scans.ALL[name])}\n".encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"\x80\x04K\x01.",
        b'{"schema": "urn:hauberk:report:v1"}',
        b'{\n  "$schema": "https://example.org"\n}',
        b'{\n  "bomFormat": "CycloneDX",\n  "specVersion": "1.6"\n}',
        b'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="pytest tests">\n</testsuites>',
        b"# Notes\n\n2 files, and more\n",
        b"-----BEGIN PRIVATE KEY-----\n",
    ],
)
def test_no_other_file_is(data):
    assert not is_report(data)
