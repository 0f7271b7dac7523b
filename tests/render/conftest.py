"""Golden files: read as they are; written only by `HAUBERK_WRITE_GOLDEN=1 pytest tests/render`."""

import os
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden():
    def compare(name, text):
        path = GOLDEN / name
        if os.environ.get("HAUBERK_WRITE_GOLDEN") == "1":
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare
