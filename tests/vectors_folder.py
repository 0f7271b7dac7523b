"""Where the public test vectors of other projects lie: `HAUBERK_VECTORS` names their folder, and nothing else does.

They are no part of this repository. Without them a test skips and says so; under `CI` their absence is a failure.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

VARIABLE = "HAUBERK_VECTORS"


def published(*parts: str) -> Path:
    """Return the path of a published vector or folder of them, relative to the folder that HAUBERK_VECTORS names."""
    root = os.environ.get(VARIABLE, "")
    path = Path(root, *parts)
    if root and path.exists():
        return path
    reason = f"{VARIABLE} is not set" if not root else f"{VARIABLE} holds no {'/'.join(parts)}"
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and under CI the published vectors are required")
    pytest.skip(f"{reason}: the published vectors were not run")
