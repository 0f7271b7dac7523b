"""Finished projects, made once and copied for each test: what is on disk is all that a run knows."""

import shutil

import pytest

from projects import go, small_project, tumour_project


@pytest.fixture(scope="session")
def finished_small(tmp_path_factory):
    folder = small_project(tmp_path_factory.mktemp("small") / "small")
    go(folder)
    return folder


@pytest.fixture(scope="session")
def finished_tumour(tmp_path_factory):
    folder = tumour_project(tmp_path_factory.mktemp("tumour") / "tumour")
    go(folder)
    return folder


@pytest.fixture
def small(finished_small, tmp_path, monkeypatch):
    """Enter a copy of a small project that ran to its end."""
    return _enter(finished_small, tmp_path, monkeypatch)


@pytest.fixture
def tumour(finished_tumour, tmp_path, monkeypatch):
    """Enter a copy of the example after it ran to its end."""
    return _enter(finished_tumour, tmp_path, monkeypatch)


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """Enter a small project that was founded and never ran."""
    folder = small_project(tmp_path / "small")
    monkeypatch.chdir(folder)
    return folder


def _enter(finished, tmp_path, monkeypatch):
    folder = tmp_path / finished.name
    shutil.copytree(finished, folder)
    monkeypatch.chdir(folder)
    return folder
