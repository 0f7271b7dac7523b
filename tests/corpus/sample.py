"""A labelled sample of the corpus: what it is, which files it has, how its effect is proved; and how samples are written.

A sample is one file, or one folder where a technique needs several. It lies in a folder of its own, because scanners look
at names: `<corpus>/<label>/<group>/<name>/<file>`. `manifest.json` beside them says the rest, one entry a sample.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

MARKER = "hauberk-marker"  # the file that a payload makes in its working directory: the proof that it ran, and its only effect
SHELL = f"touch {MARKER}"
CODE = f"open('{MARKER}','w').close()"
EXPRESSION = f"__import__('os').system('{SHELL}')"


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample. `loader` names how `prove.py` opens it; where it is empty, `static` says why nothing is run."""

    group: str
    name: str
    files: Mapping[str, bytes]
    reference: str = ""
    loader: str = ""
    static: str = ""
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.group}/{self.name}"

    @property
    def half(self) -> str:
        """Return which half of the corpus it is in: `dev` may be looked at while rules are written, `held-out` may not."""
        return "dev" if hashlib.sha256(self.id.encode()).digest()[0] & 1 else "held-out"

    @property
    def target(self) -> str:
        """Return what a scanner is given: the file, or `.` for the folder."""
        return next(iter(self.files)) if len(self.files) == 1 and not self.links else "."


def file(group: str, name: str, filename: str, data: bytes, reference: str = "", **how: str) -> Sample:
    """Return a sample of one file."""
    return Sample(group, name, {filename: data}, reference, **how)


def write(folder: Path, label: str, samples: Iterable[Sample]) -> Iterator[dict[str, str]]:
    """Write samples and yield an entry of the manifest for each; raise `ValueError` where two have one name."""
    seen: set[str] = set()
    for sample in samples:
        if sample.id in seen:
            raise ValueError(f"two samples are called {sample.id}")
        seen.add(sample.id)
        place = folder / label / sample.id
        for name, data in sample.files.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        for name, target in sample.links.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).unlink(missing_ok=True)
            (place / name).symlink_to(target)
        yield entry(label, sample)


def entry(label: str, sample: Sample) -> dict[str, str]:
    """Return what the manifest says of a sample."""
    return {
        "label": label,
        "id": sample.id,
        "group": sample.group,
        "name": sample.name,
        "half": sample.half,
        "target": sample.target,
        "reference": sample.reference,
        "loader": sample.loader,
        "static": sample.static,
    }


def write_manifest(folder: Path, label: str, entries: Iterable[dict[str, str]]) -> int:
    """Write the manifest of one label; return how many entries it has."""
    listed = sorted(entries, key=lambda entry: entry["id"])
    (folder / f"{label}.json").write_text(json.dumps(listed, indent=1) + "\n")
    return len(listed)


def read_manifest(folder: Path, label: str) -> list[dict[str, str]]:
    """Return the manifest of one label; nothing where it was not made."""
    path = folder / f"{label}.json"
    return json.loads(path.read_text()) if path.exists() else []
