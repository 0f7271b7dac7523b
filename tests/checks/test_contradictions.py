"""Files that no writer and no broken download makes are findings; files that only end too early are unchecked."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib

import pytest

from hauberk.checks.model.examine import examine
from hauberk.view import BytesView


def found(data: bytes) -> set[str]:
    return {finding.rule for finding in examine(BytesView(data), "x").report.findings}


def msgpack_map(value: bytes) -> bytes:
    return b"\x81\xa1w" + value


def safetensors(header: bytes, data: bytes = bytes(16)) -> bytes:
    return struct.pack("<Q", len(header)) + header + data


def tensors(dtype: str) -> bytes:
    return safetensors(json.dumps({"a": {"dtype": dtype, "shape": [16], "data_offsets": [0, 16]}}).encode())


def catboost(root: bytes, size: int = 4096) -> bytes:
    return b"CBM1" + struct.pack("<I", size) + root + bytes(60)


GOOD_ROOT = struct.pack("<I", 8) + struct.pack("<HH", 4, 8) + struct.pack("<i", 4)


@pytest.mark.parametrize(
    "data",
    [
        msgpack_map(b"\xdd\xff\xff\xff\xff"),
        msgpack_map(b"\xc6\xff\xff\xff\xff"),
        msgpack_map(b"\xc6\x7f\xff\xff\xff"),
        b"\xdf\xff\xff\xff\xff",
        catboost(bytes(4)),
        catboost(GOOD_ROOT, 0xFFFFFFFF),
        catboost(struct.pack("<I", 4) + struct.pack("<i", -9999)),
        catboost(struct.pack("<I", 8) + struct.pack("<HH", 3, 8) + struct.pack("<i", 4)),
        safetensors(b"[1, 2]"),
        struct.pack("<Q", 100_000_001) + b"{" + b" " * 100,
    ],
)
def test_what_contradicts_its_format_is_malformed(data):
    assert found(data) == {"file-malformed"}


@pytest.mark.parametrize(
    "data",
    [
        msgpack_map(b"\xc6\x00\x10\x00\x00"),
        msgpack_map(b"\xdd\x00\x10\x00\x00"),
        catboost(GOOD_ROOT),
        b"CBM1" + struct.pack("<I", 4096) + GOOD_ROOT[:6],
    ],
)
def test_what_only_ends_too_early_is_no_finding(data):
    report = examine(BytesView(data), "x").report
    assert (report.findings, report.complete) == ((), False)


@pytest.mark.parametrize(("dtype", "rules"), [("OBJ", {"safetensors-inconsistent"}), ("F8_E9M9", set()), ("I2", set())])
def test_a_type_is_a_contradiction_where_no_release_will_have_it(dtype, rules):
    assert found(tensors(dtype)) == rules


@pytest.mark.parametrize(
    ("data", "rules"),
    [(b"\x81\xa1w" * 120 + b"\x01", {"graph-odd-entry"}), (b"\x81\xa1w\x81\xa1w" + b"\x01", set())],
)
def test_values_that_are_nested_deeper_than_any_writer_does_are_odd(data, rules):
    assert found(data) == rules


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        ("{{ [messages]|map(attribute='__class__')|list }}", {"template-reaches-python"}),
        ("{% set a = '__class__' %}{{ [messages]|map(attribute=a)|list }}", {"template-reaches-python"}),
        ("{{ messages|selectattr('role', 'equalto', 'user')|list }}", set()),
        ("{{ messages[['__cla', 'ss__']|join] }}", {"template-reaches-python"}),
        ("{{ 9 ** 9 ** 9 }}", {"template-hides-names"}),
        ("{{ 2 ** 10 }}", set()),
        ("{{ '__media__' }}", set()),
    ],
)
def test_the_name_of_an_attribute_of_python_is_found_as_a_value(said, rules):
    assert found(json.dumps({"chat_template": said}).encode()) == rules


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        (b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R.", {"pickle-runs-process"}),
        (b"cos\nsystem\n(Vid\ntR." + bytes(1 << 20), {"pickle-runs-process", "pickle-trailing-data"}),
        (b"\x80\x02K\x01.", set()),
        (b"no pickle at all" * 9, set()),
    ],
)
def test_a_pickle_that_acts_is_found_in_raw_deflate(data, rules):
    report = examine(BytesView(deflated(data)), "x").report
    assert {finding.rule for finding in report.findings} == rules
    assert not report.complete


def notebook(outputs: list[object], metadata: dict[str, object]) -> bytes:
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": outputs, "source": "1"}
    return json.dumps({"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


def picture(inner: str) -> dict[str, object]:
    return {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": f"<svg>{inner}</svg>"}}


def page(text: str) -> dict[str, object]:
    return {"output_type": "display_data", "metadata": {}, "data": {"text/html": text}}


def widget(module: str) -> dict[str, object]:
    state = {"state": {"a": {"model_module": module, "model_name": "X"}}}
    return {"widgets": {"application/vnd.jupyter.widget-state+json": state}}


@pytest.mark.parametrize(
    ("outputs", "metadata", "rules"),
    [
        ([picture("<script>alert(1)</script>")], {}, {"notebook-shows-script"}),
        ([picture("<path d='M0 0'/>")], {}, set()),
        ([], widget("http://host.invalid/x.js"), {"notebook-shows-script"}),
        ([], widget("//host.invalid/x.js"), {"notebook-shows-script"}),
        ([], widget("@jupyter-widgets/controls"), set()),
        ([page("<meta http-equiv='refresh' content='0;url=//host.invalid/'>")], {}, {"notebook-shows-script"}),
        ([page("<form action='http://host.invalid/'><input name=p></form>")], {}, {"notebook-shows-script"}),
        ([page("<object data='http://host.invalid/x.swf'></object>")], {}, {"notebook-shows-script"}),
        ([page("<script src='http://host.invalid/x.js'></script>")], {}, {"notebook-shows-script"}),
        ([page("<script src='https://cdn.plot.ly/plotly-2.35.2.min.js'></script>")], {}, set()),
        ([page("<form action='#'><input name=p></form>")], {}, set()),
    ],
)
def test_a_notebook_shows_script_in_a_picture_or_as_a_widget(outputs, metadata, rules):
    assert found(notebook(outputs, metadata)) == rules


@pytest.mark.parametrize(
    ("volume", "rules"),
    [("/:/host", {"config-runs-command"}), ("/etc:/etc", {"config-runs-command"}), ("/data/sets:/data", set())],
)
def test_a_container_of_a_project_that_sees_the_machine_is_found(volume, rules):
    text = f"name: x\ndocker_env:\n  image: a\n  volumes: ['{volume}']\nentry_points: {{main: {{command: 'python t.py'}}}}\n"
    assert found(text.encode()) == rules


@pytest.mark.parametrize(
    ("place", "rules"), [("4", set()), ("-16", {"graph-odd-entry"}), ("0x10", {"graph-odd-entry"})]
)
def test_a_place_of_numbers_that_is_none_is_odd(place, rules):
    data = f'<data element_type="f32" shape="4" offset="0" size="{place}"/>'
    layer = f'<layer id="0" name="a" type="Const" version="opset1">{data}</layer>'
    assert found(f'<?xml version="1.0"?><net name="x" version="11"><layers>{layer}</layers></net>'.encode()) == rules


@pytest.mark.parametrize(("name", "rules"), [("/etc/passwd", {"config-outside-path"}), ("1.npy", set())])
def test_the_file_of_an_array_of_skops_lies_in_its_archive(name, rules):
    node = {"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode", "type": "numpy", "file": name}
    assert found(json.dumps({**node, "__id__": 1, "protocol": 2, "_skops_version": "0.11.0"}).encode()) == rules


def test_a_pickle_behind_a_picture_that_is_broken_is_found():
    pickle = b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R."
    assert "pickle-runs-process" in found(b"SQLite format 3\0" + struct.pack(">H", 512) + bytes(494) + pickle)


def test_a_member_packed_by_a_method_of_nobody_is_read_as_it_is():
    pickle = b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R."
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("data.pkl", pickle)
    lie = out.getvalue().replace(b"PK\x03\x04\x14\0\0\0\0\0", b"PK\x03\x04\x14\0\0\0\x61\0")
    lie = lie.replace(b"PK\x01\x02\x14\x03\x14\0\0\0\0\0", b"PK\x01\x02\x14\x03\x14\0\0\0\x61\0")
    report = examine(BytesView(lie), "x").report
    assert ({finding.rule for finding in report.findings}, report.complete) == ({"pickle-runs-process"}, False)
