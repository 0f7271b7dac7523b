"""The login of a store, as the environment of the tests says it."""

from pathlib import Path

import pytest


def log_in(monkeypatch: pytest.MonkeyPatch, url: str, access: str, secret: str) -> None:
    """Let S3 addresses lead to a store, with a key of it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)


def forget(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Let nothing count that whoever runs the tests has set for himself."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
