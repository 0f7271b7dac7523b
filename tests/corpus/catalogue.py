"""Lists the generators, those that need nothing but the standard library apart from those that need a framework."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from corpus.malicious import (
    archives,
    bombs,
    containers,
    gadgets,
    graphs,
    joblib_files,
    keras_zip,
    rest,
    streams,
    tables,
    texts,
    torch_code,
    variants,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.sample import Sample

GENERATORS = (
    gadgets,
    streams,
    bombs,
    containers,
    archives,
    joblib_files,
    torch_code,
    keras_zip,
    tables,
    texts,
    graphs,
    rest,
    variants,
)
WITH_FRAMEWORKS: tuple[tuple[str, str], ...] = (
    ("hdf5", "h5py"),
    ("injected", "torch"),
)  # a module under `malicious`, and the package that it needs
BENIGN: tuple[tuple[str, str], ...] = (
    ("plain", ""),
    ("arrays", "numpy"),
    ("learners", "sklearn"),
    ("deep", "torch"),
    ("beside", "torch"),
    ("tensor_flow", "keras"),
)  # a module under `benign`, and the package that it needs

EXTRA = (("extra", "openvino"), ("packages", "omegaconf"), ("torch_family", "torch"))


def malicious() -> Iterator[Sample]:
    """Yield every malicious sample that needs no framework."""
    for generator in GENERATORS:
        yield from generator.samples()


def all_malicious() -> tuple[list[Sample], list[str]]:
    """Return every malicious sample, and the packages that were absent."""
    more, absent = _of_frameworks("malicious", WITH_FRAMEWORKS)
    return [*malicious(), *more], absent


def extra() -> tuple[list[Sample], list[str]]:
    """Return the ordinary files of packages that live in an environment of their own."""
    return _of_frameworks("benign", EXTRA)


def benign() -> tuple[list[Sample], list[str]]:
    """Return the ordinary files of every framework that is installed, and the packages that were absent."""
    return _of_frameworks("benign", BENIGN)


def _of_frameworks(label: str, rows: tuple[tuple[str, str], ...]) -> tuple[list[Sample], list[str]]:
    samples: list[Sample] = []
    absent: list[str] = []
    for module, package in rows:
        try:
            if package:
                importlib.import_module(package)
        except ImportError:
            absent.append(package)
            continue
        try:
            samples.extend(importlib.import_module(f"corpus.{label}.{module}").samples())
        except Exception as error:  # noqa: BLE001 - a release that writes no such file is said, and the others go on
            absent.append(f"{module} ended with {type(error).__name__}: {error}")
    return samples, absent
