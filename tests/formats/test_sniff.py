"""What a view holds is told from its bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import zipfile
import zlib

import joblib
import numpy as np
import pytest

from hauberk.formats.media import MEDIA
from hauberk.formats.model.graph_files import GRAPH_FILES
from hauberk.formats.readers import GRAPHS
from hauberk.formats.sniff import FORMATS, UNKNOWN, sniff
from hauberk.view import BytesView

ARRAY = np.arange(1000)


def name(data):
    return sniff(BytesView(data)).name


def dumped(value, **options):
    file = io.BytesIO()
    joblib.dump(value, file, **options)
    return file.getvalue()


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", b"b")
    return file.getvalue()


def npy():
    file = io.BytesIO()
    np.save(file, ARRAY)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "format_name"),
    [
        (pickle.dumps([1], 5), "pickle"),
        (pickle.dumps([1], 2), "pickle"),
        (pickle.dumps({"a": [1.5]}, 1), "pickle"),
        (pickle.dumps({"a": [1.5]}, 0), "pickle"),
        (dumped([1]), "pickle"),
        (dumped(ARRAY), "joblib"),
        (dumped(ARRAY, protocol=1), "joblib"),
        (dumped(ARRAY, compress=("zlib", 3)), "zlib"),
        (dumped(ARRAY, compress=("gzip", 3)), "gzip"),
        (dumped(ARRAY, compress=("bz2", 3)), "bzip2"),
        (dumped(ARRAY, compress=("lzma", 3)), "lzma"),
        (dumped(ARRAY, compress=("xz", 3)), "xz"),
        (gzip.compress(b"x", mtime=0), "gzip"),
        (bz2.compress(b"x"), "bzip2"),
        (lzma.compress(b"x"), "xz"),
        (zlib.compress(b"x", 1), "zlib"),
        (zlib.compress(b"x", 9), "zlib"),
        (zipped(), "zip"),
        (npy(), "npy"),
        (b"\x7fELF\x02\x01\x01" + bytes(60), "elf"),
        (b"MZ\x90\x00" + bytes(60), "pe"),
        (b"\xcf\xfa\xed\xfe" + bytes(60), "mach-o"),
        (b"\x89HDF\r\n\x1a\n" + bytes(60), "hdf5"),
        (b"GGUF\x03\x00\x00\x00" + bytes(60), "gguf"),
        (b"\x0e" + bytes(7) + b'{"a":{"b": 1}}', "safetensors"),
        (b"\x80\x02" + bytes(6) + b'{"a":{"b": 1}}' + b" " * 640, "safetensors"),
        (b"\x08\x08\x12\x07pytorch:" + bytes(60), "unknown"),
        (b"\x08\x08\x12\x07pytorch:\x0a\x0a\x06\x22\x04Relu\x12\x00", "onnx"),
        (b":\x0a\x0a\x06\x22\x04Relu\x12\x00\x08\x08", "onnx"),
        (b"", "text"),
        (b"plain words\n", "text"),
        ("\u4e2d\u6587".encode(), "text"),
        (b"\xff\xfeu\x00t\x00f\x00", "text-utf-16"),
        (b"\xff\xfeu\x00\x00\x00", "unknown"),
        (b"text and then\x00", "unknown"),
        (b"\xe4 in latin-1", "text-latin-1"),
        (b"\xe4\xe4\xe4 mostly", "unknown"),
        (b"text " * 300_000 + b"\x1b", "unknown"),
        (b"\x00" * 100, "unknown"),
    ],
)
def test_a_format_is_told_from_its_bytes(data, format_name):
    assert name(data) == format_name


@pytest.mark.parametrize(
    "data",
    [
        b"cos\nsystem\n(S'id'\ntR.",
        b"cos\nsystem\n(S'id'\ntR",
        b"cos\nsystem\n(S'id'\ntR but the tail is prose\n",
        b"(S'id'\nios\nsystem\n.",
        b"(cos\nsystem\nVid\no.",
        b"cbuiltins\neval\nq\x00(X\x01\x00\x00\x001tR.",
        b"Np0\n0cos\nsystem\n.",
    ],
)
def test_text_that_runs_as_a_pickle_is_a_pickle(data):
    assert name(data) == "pickle"


@pytest.mark.parametrize(
    "data",
    [
        b"cat\ndog\nbird\n",
        b"class Net:\n    pass\n",
        b"cd /tmp\nls\n",
        b"count,name\n1,a\n",
        b"import os\nos.system('id')\n",
        b"Person,Age\nAnn,3\n",
        b"(in thousands)\nof dollars\n",
        b"I am text\nand so am I\n",
        b"N. America\nS. America\n",
        b"No\n",
        b'{"a": [1, 2]}',
        b"[1, 2]",
        b"1,2\n3,4\n",
        b"0.5 0.25\n",
        b"true",
        b"Some words\n",
        b"Version: 1\n",
        b"pip install x\n",
        b"get\nput\n",
        b"F1 score\n0.9\n",
        b"L1 and L2\n",
        b"#!/bin/sh\nid\n",
        b"---\nlicense: mit\n---\n# Model card\n",
        b"%PDF is not it\n",
    ],
)
def test_text_that_only_looks_like_a_pickle_is_text(data):
    found = sniff(BytesView(data))
    assert (found.name, found.inert) == ("text", True)


def test_text_and_what_no_loader_of_models_reads_are_the_only_inert_formats():
    assert {row.name for row in FORMATS if row.inert} == {
        "text",
        "text-utf-16",
        "text-latin-1",
        *(medium.name for medium in MEDIA),
    }


def test_what_is_unknown_has_no_reader_and_is_not_inert():
    assert (UNKNOWN.describe, UNKNOWN.inert) == (None, False)


def test_each_format_has_one_row():
    assert len({row.name for row in FORMATS}) == len(FORMATS)


@pytest.mark.parametrize("front", [b"MZ\x90\x000", b"GGUF12345", b"\x28\xb5\x2f\xfd"])
def test_a_polyglot_of_a_pickle_is_never_inert(front):
    assert not sniff(BytesView(front + b"cos\nsystem\n(S'id'\ntR.")).inert


def test_the_graph_files_of_the_table_are_those_that_are_read():
    assert tuple(row.name for row in GRAPH_FILES) == GRAPHS
