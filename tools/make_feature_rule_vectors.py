"""Writes the vectors of the rules about feature views: `python tools/make_feature_rule_vectors.py`.

`tests/vectors/feature-rules/<id>/{pass,fail}/<name>.json` holds members of a view, the rows of its offline table, of
its online store and of training, and modes of files. A fail vector breaks one rule; a pass vector is the same with the
one change that keeps it. Times are hours before the hour of the check.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "tests" / "vectors" / "feature-rules"
ME = "the user who runs the test"
Rows = list[list[Any]]

# Whom, hours ago, spend, land.
OFFLINE: Rows = [["a", 100, 1.0, "AT"], ["b", 90, 2.0, "CH"], ["a", 50, 3.0, "AT"], ["c", 40, None, "DE"]]
ONLINE: Rows = [["a", 50, 3.0, "AT"], ["b", 90, 2.0, "CH"], ["c", 40, None, "DE"]]
TRAINING: Rows = [["a", 99, 1.0, "AT"], ["a", 50, 3.0, "AT"], ["b", 91, None, None], ["c", 1, None, "DE"]]


def vector(**changes: Any) -> dict[str, Any]:
    """Return a view in which all is well, with changes."""
    return {"view": {}, "offline": OFFLINE, "online": ONLINE, "training": TRAINING, "modes": {}} | changes


def training(*rows: list[Any], **view: Any) -> dict[str, Any]:
    """Return a view with other training rows."""
    return vector(training=list(rows), view=view)


def online(*rows: list[Any], **view: Any) -> dict[str, Any]:
    """Return a view with other rows online."""
    return vector(online=list(rows), view=view)


VECTORS: dict[str, dict[str, dict[str, Any]]] = {
    "feature-point-in-time": {
        "fail": {
            "from-after": training(["a", 99, 3.0, "AT"]),
            "older-than-the-newest": training(["a", 49, 1.0, "AT"]),
            "before-any-value": training(["b", 91, 2.0, "CH"]),
            "of-somebody-unknown": training(["z", 1, 1.0, None]),
            "beyond-the-tolerance": training(["a", 99, 1.02, "AT"], tolerance=0.01),
            "null": training(["a", 99, None, "AT"]),
            "text": training(["a", 99, 1.0, "CH"]),
            "longer-than-it-holds": training(["a", 75, 1.0, "AT"], ttl_hours=24),
        },
        "pass": {
            "newest": training(["a", 51, 1.0, "AT"], ["a", 49, 3.0, "AT"]),
            "at-its-very-time": training(["a", 100, 1.0, "AT"]),
            "before-any-value": training(["b", 91, None, None]),
            "of-somebody-unknown": training(["z", 1, None, None]),
            "within-the-tolerance": training(["a", 99, 1.009, "AT"], tolerance=0.01),
            "as-long-as-it-holds": training(["a", 76, 1.0, "AT"], ["a", 75, None, None], ttl_hours=24),
        },
    },
    "feature-skew": {
        "fail": {
            "number": online(["a", 50, 3.5, "AT"], *ONLINE[1:]),
            "text": online(["a", 50, 3.0, "CH"], *ONLINE[1:]),
            "null": online(["a", 50, None, "AT"], *ONLINE[1:]),
            "no-null": online(*ONLINE[:2], ["c", 40, 0.0, "DE"]),
            "older": online(["a", 100, 1.0, "AT"], *ONLINE[1:]),
            "one-of-two": online(["a", 50, 3.0, "CH"], ["b", 90, 2.0, "DE"], ONLINE[2], max_skew=0.34),
        },
        "pass": {
            "same": online(*ONLINE[::-1]),
            "within-the-tolerance": online(["a", 50, 3.009, "AT"], *ONLINE[1:], tolerance=0.01),
            "borne": online(["a", 50, 3.0, "CH"], *ONLINE[1:], max_skew=0.34),
        },
    },
    "feature-keys": {
        "fail": {
            "missing": online(*ONLINE[1:]),
            "unknown": online(*ONLINE, ["z", 1, 1.0, "AT"]),
            "unknown-whatever-is-borne": online(*ONLINE, ["z", 1, 1.0, "AT"], max_skew=1),
        },
        "pass": {"all": online(*ONLINE), "borne": online(*ONLINE[1:], max_skew=0.34)},
    },
    "feature-stale": {
        "fail": {
            "old": online(["a", 50, 3.0, "AT"], ["b", 90, 2.0, "CH"], ["c", 40, None, "DE"], max_age_hours=89),
            "future": online(["a", -1, 3.0, "AT"], *ONLINE[1:], max_age_hours=91),
        },
        "pass": {"young": online(*ONLINE, max_age_hours=91), "not-asked": online(["a", 5000, 3.0, "AT"], *ONLINE[1:])},
    },
    "feature-writers": {
        "fail": {
            "group": vector(modes={"online.db": 0o660}),
            "everybody": vector(modes={"online.db": 0o602}),
            "folder": vector(modes={".": 0o770}),
            "owner": vector(view={"writers": ["feature-job"]}),
        },
        "pass": {
            "owner": vector(view={"writers": ["feature-job", ME]}),
            "read-by-others": vector(modes={"online.db": 0o644, ".": 0o755}),
        },
    },
}


def main() -> None:
    """Write every vector, and remove what is none."""
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    for rule, kinds in VECTORS.items():
        for kind, found in kinds.items():
            folder = FOLDER / rule / kind
            folder.mkdir(parents=True)
            for name, value in found.items():
                (folder / f"{name}.json").write_text(json.dumps(value) + "\n")
    print(f"{sum(1 for _ in FOLDER.rglob('*.json'))} vectors of {len(VECTORS)} rules", file=sys.stderr)


if __name__ == "__main__":
    main()
