"""Writes the tables into docs/benchmarks/scan.md, each between its two markers."""

from __future__ import annotations

import json
import os
import platform
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

ENDING = "<!-- end of numbers -->"


def between(text: str, marker: str, table: str) -> str:
    """Return a page with a table between its markers; raise `ValueError` where they are missing."""
    begin = f"<!-- numbers: {marker} -->"
    before, rest = text.split(begin)
    _, after = rest.split(ENDING, 1)
    return f"{before}{begin}\n{table}\n{ENDING}{after}"


def machine() -> str:
    """Return what the numbers were measured on."""
    where = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return f"Measured on {where}, Python {platform.python_version()}."


def write_speed(page: Path, table: str) -> None:
    """Write the table of speed."""
    page.write_text(between(page.read_text(), "speed", f"{table}\n\n{machine()}"))


def proved(entries: list[Any], folder: Path) -> str:
    """Return how many malicious samples were seen to act in the sandbox, as `prove.py` wrote it."""
    kept = folder / "proofs.json"
    said = json.loads(kept.read_text()) if kept.exists() else {}
    count = Counter(said.get(entry["id"], "not tried").split()[0] for entry in entries if entry["label"] == "malicious")
    return (
        f"Of the malicious samples {count['marker']} made their marker, {count['event']} raised an audit event that "
        f"names their effect, {count['static']} are static and {count['not']} were not tried."
    )


def write_detection(
    page: Path, entries: list[Any], answers: dict[str, Any], versions: dict[str, str], folder: Path
) -> None:
    """Write the tables of detection: the sums and classes, our misses, the versions."""
    from detection import misses, table, weak  # noqa: PLC0415 - it imports this module too

    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    ours = answers.get("hauberk", {})
    lines = [table(entries, answers), "", f"Versions: {listed}.", "", proved(entries, folder), ""]
    lines += ["A scanner that was asked about fewer samples than the class has was asked about a part of them.", ""]
    lines += ["Ours against its bars:", ""]
    lines += [f"- {line}" for line in weak(entries, ours)]
    lines += ["", "What Hauberk missed, and ordinary files of which it did not say that they are clean:", ""]
    lines += [f"- {line}" for line in misses(entries, ours)] or ["- nothing"]
    page.write_text(between(page.read_text(), "detection", "\n".join(lines)))
