"""Whether bytes are a report that Hauberk wrote, in any of its forms; a text only without colour."""

from __future__ import annotations

import re

from hauberk.render import cyclonedx, junit, report_json, sarif

# Each begins with what no other program writes: the renderers print their members in one order, with one indent.
_JSON = f'{{\n  "schema": "{report_json.SCHEMA}",\n  "tool": {{\n    "name": "hauberk",\n'.encode()
_SARIF = (
    f'{{\n  "$schema": "{sarif.SCHEMA}",\n  "version": "2.1.0",\n  "runs": [\n    {{\n      "tool": {{\n'
    f'        "driver": {{\n          "name": "hauberk",\n'
).encode()
_CYCLONEDX = (
    f'{{\n  "$schema": "{cyclonedx.SCHEMA}",\n  "bomFormat": "CycloneDX",\n  "specVersion": "1.6",\n  "version": 1,\n'
    f'  "metadata": {{\n    "tools": {{\n      "components": [\n        {{\n          "type": "application",\n'
    f'          "name": "hauberk",\n'
).encode()
_JUNIT = f"{junit.HEAD} ".encode()
_SUMMARY = re.compile(rb"\n[0-9,]+ files?, [0-9.]+ [kMGT]?B, [0-9.]+ s: [^\n]+\n(?: +[^\n]+\n)*", re.ASCII)


def is_report(data: bytes) -> bool:
    """Say whether this is a report of a scan, of any kind; for a text, by its last paragraph."""
    if data.startswith((_JSON, _SARIF, _CYCLONEDX, _JUNIT)):
        return True
    last = data.rfind(b"\n\n")
    return last >= 0 and _SUMMARY.fullmatch(data, last + 1) is not None
