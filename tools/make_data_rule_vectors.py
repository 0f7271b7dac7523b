"""Writes the vectors of the rules about data: `python tools/make_data_rule_vectors.py`.

`tests/vectors/data-rules/<id>/{pass,fail}/<name>.json` holds checks, the rows that are judged, and those of other data
sets; those of `data-suite` what another program said. A fail vector breaks one rule; a pass vector is the same with
the one change that keeps it.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "tests" / "vectors" / "data-rules"
IDS = [{"id": 1}, {"id": 2}, {"id": 3}]
OLD, NEW = "2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z"  # vectors are judged at 2026-11-21T00:00:00Z
LEVEL = [{"x": n % 50} for n in range(400)]
HIGHER = [{"x": n % 50 + 10} for n in range(400)]
LAND = [{"x": "ABCD"[n % 4]} for n in range(400)]
ONE_LAND = [{"x": "ABCD"[n % 4] if n % 2 else "A"} for n in range(400)]
TIME = [{"name": "at", "type": "instant"}]


def vector(checks: dict[str, Any], rows: list[dict[str, Any]], **others: list[dict[str, Any]]) -> dict[str, Any]:
    """Return checks, the rows that are judged, and those of other data sets."""
    return {"checks": checks, "rows": rows, "others": others}


def times(*texts: str) -> list[dict[str, Any]]:
    """Return rows of a column of times."""
    return [{"at": text} for text in texts]


def said(*, holds: bool, **more: Any) -> dict[str, Any]:
    """Return what another program said of one thing that its suite asks."""
    return {
        "suite": {"check": "suites[0]", "tool": "pandera", "expectation": "columns.id.unique", "holds": holds} | more
    }


VECTORS: dict[str, dict[str, dict[str, Any]]] = {
    "data-schema": {
        "fail": {
            "missing": vector({"columns": [{"name": "amount", "type": "float"}]}, IDS),
            "retyped": vector({"columns": [{"name": "id", "type": "string"}]}, IDS),
            "one-more": vector(
                {"columns": [{"name": "id", "type": "int"}], "other_columns": False}, [{"id": 1, "b": 2}]
            ),
            "unread": vector({"columns": [{"name": "at", "type": "instant"}]}, times(OLD, "yesterday")),
        },
        "pass": {
            "as-agreed": vector({"columns": [{"name": "id", "type": "int"}], "other_columns": False}, IDS),
            "one-more-allowed": vector({"columns": [{"name": "id", "type": "int"}]}, [{"id": 1, "b": 2}]),
        },
    },
    "data-range": {
        "fail": {
            "over": vector({"ranges": [{"column": "id", "max": 2}]}, IDS),
            "under": vector({"ranges": [{"column": "id", "min": 2}]}, IDS),
            "early": vector({"columns": TIME, "ranges": [{"column": "at", "earliest": NEW}]}, times(OLD)),
            "infinite": vector({"ranges": [{"column": "x", "max": 9}]}, [{"x": 1.5}, {"x": 1e308}]),
        },
        "pass": {
            "both-ends": vector({"ranges": [{"column": "id", "min": 1, "max": 3}]}, IDS),
            "null-is-no-number": vector({"ranges": [{"column": "id", "min": 1}]}, [*IDS, {"id": None}]),
        },
    },
    "data-category": {
        "fail": {
            "unknown": vector({"categories": [{"column": "x", "values": ["A", "B"]}]}, [{"x": "A"}, {"x": "C"}]),
            "other-case": vector({"categories": [{"column": "x", "values": ["A"]}]}, [{"x": "a"}]),
        },
        "pass": {
            "known": vector({"categories": [{"column": "x", "values": ["A", "B"]}]}, [{"x": "A"}, {"x": "B"}]),
            "numbers-as-text": vector({"categories": [{"column": "id", "values": ["1", "2", "3"]}]}, IDS),
        },
    },
    "data-null": {
        "fail": {"one": vector({"nulls": [{"column": "id"}]}, [*IDS, {"id": None}])},
        "pass": {"within": vector({"nulls": [{"column": "id", "max_share": 0.25}]}, [*IDS, {"id": None}])},
    },
    "data-unique": {
        "fail": {
            "twice": vector({"unique": [{"columns": ["id"]}]}, [*IDS, {"id": 1}]),
            "pair": vector({"unique": [{"columns": ["a", "b"]}]}, [{"a": 1, "b": 2}, {"a": 1, "b": 2}]),
        },
        "pass": {"pair": vector({"unique": [{"columns": ["a", "b"]}]}, [{"a": 1, "b": 2}, {"a": 2, "b": 1}])},
    },
    "data-fresh": {
        "fail": {
            "old": vector({"columns": TIME, "freshness": [{"column": "at", "max_age_hours": 48}]}, times(OLD)),
            "future": vector(
                {"columns": TIME, "freshness": [{"column": "at", "max_age_hours": 48}]}, times("2027-11-20T00:00:00Z")
            ),
        },
        "pass": {
            "new": vector({"columns": TIME, "freshness": [{"column": "at", "max_age_hours": 48}]}, times(OLD, NEW))
        },
    },
    "data-row-count": {
        "fail": {
            "few": vector({"rows": [{"min": 4}]}, IDS),
            "many": vector({"rows": [{"max": 2}]}, IDS),
            "fewer": vector({"rows": [{"min_ratio": 0.9}]}, IDS, before=[*IDS, {"id": 4}]),
            "more": vector({"rows": [{"max_ratio": 1.1}]}, IDS, before=IDS[:2]),
        },
        "pass": {"within": vector({"rows": [{"min": 3, "max": 3, "min_ratio": 1, "max_ratio": 1}]}, IDS, before=IDS)},
    },
    "data-reference": {
        "fail": {"nobody": vector({"references": [{"column": "id"}]}, IDS, customers=IDS[:2])},
        "pass": {
            "known": vector({"references": [{"column": "a", "key": "id"}]}, [{"a": 1}, {"a": None}], customers=IDS)
        },
    },
    "data-shift": {
        "fail": {
            "numbers": vector({"shift": [{"columns": ["x"]}]}, HIGHER, before=LEVEL),
            "categories": vector({"shift": [{"columns": ["x"]}]}, ONE_LAND, before=LAND),
            "nulls": vector({"shift": [{"columns": ["x"]}]}, LEVEL[:300] + [{"x": None}] * 100, before=LEVEL),
        },
        "pass": {
            "numbers": vector({"shift": [{"columns": ["x"]}]}, LEVEL[::-1], before=LEVEL),
            "categories": vector({"shift": [{"columns": ["x"]}]}, LAND[::-1], before=LAND),
            "borne": vector({"shift": [{"columns": ["x"], "tolerate": 0.3}]}, HIGHER, before=LEVEL),
        },
    },
    "data-label-balance": {
        "fail": {"rare": vector({"label_balance": [{"column": "id", "shares": {"1": {"min": 0.5}}}]}, IDS)},
        "pass": {
            "within": vector({"label_balance": [{"column": "id", "shares": {"1": {"min": 0.3, "max": 0.4}}}]}, IDS)
        },
    },
    "data-duplicate": {
        "fail": {"seen": vector({"duplicates": [{"columns": ["id"]}]}, IDS, test=[{"id": 3}])},
        "pass": {"unseen": vector({"duplicates": [{"columns": ["id"]}]}, IDS, test=[{"id": 4}])},
    },
    "data-leakage": {
        "fail": {"later": vector({"columns": TIME, "leakage": [{"column": "at"}]}, times(OLD, NEW), test=times(OLD))},
        "pass": {
            "same-time": vector({"columns": TIME, "leakage": [{"column": "at"}]}, times(OLD, NEW), test=times(NEW))
        },
    },
    "data-suite": {
        "fail": {
            "counted": said(holds=False, count=2, of=4, first=1),
            "told": said(holds=False),
            "absent": said(holds=False, absent=True),
        },
        "pass": {"held": said(holds=True, count=0, of=4)},
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
