"""Sealed memory: a path to bytes that nobody can change."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hauberk.edge import sealed as module
from hauberk.edge.sealed import sealed
from hauberk.errors import Unavailable


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has sealed memory")
def test_the_bytes_are_there_and_cannot_be_changed():
    with sealed(b"model") as path:
        assert Path(path).read_bytes() == b"model"
        with pytest.raises(PermissionError):
            Path(path).write_bytes(b"other")
        assert Path(path).read_bytes() == b"model"


def test_another_system_is_said(monkeypatch):
    monkeypatch.setattr(module.sys, "platform", "darwin")
    with pytest.raises(Unavailable, match="no sealed memory"), sealed(b"model"):
        pass
