"""Paths that a model names: whether one leads out of the model's own folder, on any system that may open it."""

from __future__ import annotations

import re
from typing import Final

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
_DRIVE: Final = re.compile(r"[A-Za-z]:")


def why_outside(path: str) -> str:
    """Return why a path leads elsewhere; empty where it stays in the folder of the model."""
    if "_ORT_MEM_ADDR_" in path:  # of onnxruntime's own, for tensors that it holds: the offset is a pointer
        return "an address in memory"
    if path.startswith(("/", "\\")):
        return "an absolute path"
    if _SCHEME.match(path):
        return "an address"
    if _DRIVE.match(path):
        return "a path on a drive of its own"
    if path.startswith("~"):
        return "a path in a home folder"
    if ".." in re.split(r"[/\\]", path):
        return "a path that goes up"
    if "\x00" in path:
        return "a path with a NUL in it"
    return ""
