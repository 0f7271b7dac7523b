"""A comparison of weights and a search for triggers: for people, and as JSON, `urn:hauberk:weights:v1`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from hauberk.render.words import storable, visible

if TYPE_CHECKING:
    from hauberk.comparison import Comparison, Inversion, Measured

SCHEMA: Final = "urn:hauberk:weights:v1"
NO_PROOF: Final = "This is a first test. A backdoor that was made with care passes it; see docs/weights.md."
_SHOWN: Final = 40
_HEADS: Final = (b"stands out  ", b"nothing stands out  ")


def document(seen: Comparison, *, version: str) -> str:
    """Return a comparison as a JSON document, in ASCII only."""
    content = {
        "schema": SCHEMA,
        "tool": {"name": "hauberk", "version": version},
        "test": "comparison",
        "path": storable(seen.path),
        "digest": str(seen.digest),
        "reference": str(seen.reference),
        "cleanFineTunes": seen.clean,
        "standsOut": seen.stands_out,
        "complete": not seen.uncompared,
        "measured": [
            {
                "tensor": storable(one.tensor),
                "measure": one.measure,
                "value": one.value,
                "limit": one.limit,
                "standsOut": one.stands_out,
            }
            for one in seen.measured
        ],
        "notFinite": [storable(name) for name in seen.broken],
        "uncompared": [{"tensor": storable(name), "why": storable(why)} for name, why in seen.uncompared.items()],
        "note": NO_PROOF,
    }
    return json.dumps(content, indent=2, allow_nan=False)


def text(seen: Comparison) -> str:
    """Return a comparison for people: what stands out, what was not compared, and what that means."""
    limits = f"limits from {seen.clean} clean fine-tunes" if seen.clean else "built-in limits, of small networks"
    lines = [f"{_head(stands_out=seen.stands_out)}  {visible(seen.path)}", f"  {seen.digest}"]
    lines += [f"  beside {seen.reference}", f"  {len(seen.measured):,} numbers; {limits}"]
    lines += [f"    not finite  {visible(name)}" for name in seen.broken[:_SHOWN]]
    lines += [_row(one) for one in seen.outliers[:_SHOWN]]
    if len(seen.outliers) > _SHOWN:
        lines.append(f"    and {len(seen.outliers) - _SHOWN} more")
    left = [f"  not compared: {visible(name)}: {visible(why)}" for name, why in seen.uncompared.items()]
    lines += left[:_SHOWN]
    if len(left) > _SHOWN:
        lines.append(f"  not compared: {len(left) - _SHOWN} more")
    return "\n".join([*lines, f"  {NO_PROOF}"])


def inversion_document(seen: Inversion, *, version: str) -> str:
    """Return a search for triggers as a JSON document, in ASCII only."""
    content = {
        "schema": SCHEMA,
        "tool": {"name": "hauberk", "version": version},
        "test": "inversion",
        "path": storable(seen.path),
        "digest": str(seen.digest),
        "images": seen.images,
        "limit": seen.limit,
        "standsOut": bool(seen.targets),
        "complete": seen.complete,
        "classes": [
            {"class": at, "maskNorm": norm, "index": index, "standsOut": at in seen.targets}
            for at, (norm, index) in enumerate(zip(seen.norms, seen.indices, strict=True))
        ],
        "note": NO_PROOF,
    }
    return json.dumps(content, indent=2, allow_nan=False)


def inversion_text(seen: Inversion) -> str:
    """Return a search for triggers for people."""
    lines = [f"{_head(stands_out=bool(seen.targets))}  {visible(seen.path)}", f"  {seen.digest}"]
    for at, (norm, index) in enumerate(zip(seen.norms, seen.indices, strict=True)):
        told = "no patch moves enough images" if norm is None else f"mask {norm:.2f}, index {index:.2f}"
        lines.append(f"    class {at}  {told}{f' (over {seen.limit:g})' if at in seen.targets else ''}")
    return "\n".join([*lines, f"  {NO_PROOF}"])


def is_document(data: bytes) -> bool:
    """Say whether bytes are an older answer of this kind."""
    return data.startswith((f'{{\n  "schema": "{SCHEMA}"'.encode(), *_HEADS))


def _head(*, stands_out: bool) -> str:
    return "stands out" if stands_out else "nothing stands out"


def _row(one: Measured) -> str:
    return f"    {one.measure:<9} {one.value:>12.4g}  over {one.limit:.4g}  {visible(one.tensor)}"
