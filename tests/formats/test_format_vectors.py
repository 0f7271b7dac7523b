"""Every file under tests/vectors/formats: what is said of it, and that the folder is what its generator makes."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import pytest

from hauberk.errors import Misconfigured
from hauberk.formats.document import read_yaml
from hauberk.symbol import Global, Made
from hauberk.view import BytesView

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "vectors" / "formats"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
sys.path.insert(0, str(ROOT / "tools"))

import make_format_vectors as made  # noqa: E402 - a script, not a package

BINARY = {parser: importlib.import_module(module).describe for parser, module in made.READERS.items()}


def name_of(symbol):
    if isinstance(symbol, Global):
        return str(symbol)
    return f"{name_of(symbol.callable)}()" if isinstance(symbol, Made) else "?"


def described(path):
    return BINARY[path.split("/")[0]](BytesView((FOLDER / path).read_bytes()))


def of(kind, *parsers):
    return [path for path in EXPECTED if path.split("/")[1] == kind and path.split("/")[0] in parsers]


def test_the_folder_holds_what_the_generator_makes_and_nothing_else():
    files = {str(p.relative_to(FOLDER)): p.read_bytes() for p in FOLDER.rglob("*") if p.is_file()}
    assert files.pop("expected.json").decode() == made.expected()
    assert files == {vector.path: vector.data for vector in made.VECTORS}


@pytest.mark.parametrize("path", of("pass", *BINARY) + of("fail", *BINARY))
def test_what_loading_would_do_is_told(path):
    assert [f"{e.use} {name_of(e.callable)}" for e in getattr(described(path), "effects", ())] == EXPECTED[path][
        "effects"
    ]


@pytest.mark.parametrize("path", of("pass", *BINARY))
def test_a_good_file_is_read_to_its_end(path):
    assert described(path).unchecked == ()


@pytest.mark.parametrize("path", of("fail", *BINARY))
def test_a_broken_file_is_not_complete_and_says_why(path):
    assert any(EXPECTED[path]["says"] in note.detail for note in described(path).unchecked)


@pytest.mark.parametrize("path", of("pass", "document"))
def test_a_good_document_is_read(path):
    assert read_yaml((FOLDER / path).read_bytes(), what="file")["name"] == "tumour"


@pytest.mark.parametrize("path", of("fail", "document"))
def test_a_bad_document_is_refused_and_says_why(path):
    with pytest.raises(Misconfigured) as refused:
        read_yaml((FOLDER / path).read_bytes(), what="file")
    assert EXPECTED[path]["says"] in refused.value.message
