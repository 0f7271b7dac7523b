"""What an attacker who has read our readers would try with PyTorch's files: each is found, or is not complete."""

from __future__ import annotations

import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.formats import layouts
from hauberk.formats.model.torch import archive as torch_archive
from hauberk.formats.model.torch import script
from hauberk.limits import Limits
from hauberk.view import BytesView

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import vectors_torch as made


def archive_of(data: bytes, limits: Limits):
    return layouts.describe(BytesView(data), limits)


def reads_early(part) -> bool:
    return isinstance(part.reader, torch_archive._Kept)


EVIL = b"\x80\x02cos\nsystem\n" + made.string("id") + b"\x85R."
PROCESS = "pickle-runs-process"


def rules(data: bytes) -> set[str]:
    return {one.rule for one in examine(BytesView(data), "model").report.findings}


def packed(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


@pytest.mark.parametrize("name", ["archive/data.pkl", "archive/DATA.PKL", "archive/Data.pkl"])
def test_the_pickle_is_found_whatever_the_case_of_its_name(name):
    assert PROCESS in rules(made.archive({name: EVIL, "archive/version": b"3\n"}))


def test_a_packed_pickle_is_read_and_its_storages_are_raw():
    assert PROCESS in rules(packed({"archive/data.pkl": EVIL}))
    report = examine(BytesView(packed({"archive/data.pkl": made.TENSOR, "archive/data/0": bytes(8)})), "model").report
    assert (report.format, report.findings, report.unchecked) == ("pytorch-zip", (), ())


def test_a_second_folder_with_a_pickle_is_read():
    assert PROCESS in rules(
        made.archive({"a/data.pkl": made.TENSOR, "a/data/0": bytes(8), "b/data.pkl": EVIL, "c/x.pkl": b"N."})
    )


def test_a_member_that_looks_like_a_storage_and_is_asked_for_by_nobody_is_read():
    assert PROCESS in rules(made.saved(made.TENSOR, data_0=bytes(8), data_1=EVIL))


def test_a_storage_with_a_byte_more_is_read():
    assert {"torch-storage-mismatch", PROCESS} <= rules(made.saved(made.TENSOR, data_0=EVIL))


def test_constants_do_not_make_python_harmless():
    assert PROCESS in rules(made.archive({"archive/data.pkl": EVIL, "archive/constants.pkl": b"\x80\x02)."}))


def test_a_native_class_in_torchscript_is_not_taken_for_its_own():
    pickle = b"\x80\x02c__torch__.torch.classes.mine\nShell\n)\x81}b."
    found = rules(made.archive({"archive/data.pkl": pickle, "archive/constants.pkl": b"\x80\x02)."}))
    assert found == {"pickle-unknown-callable"}


def test_names_of_torchscript_are_unknown_outside_of_it():
    assert rules(made.saved(b"\x80\x02c__torch__\nNet\n)\x81}b.")) == {"pickle-unknown-callable"}


@pytest.mark.parametrize("place", range(5))
def test_each_pickle_of_an_old_file_is_read(place):
    streams = [made.MAGIC, b"\x80\x02M\xe9\x03.", b"\x80\x02}.", made.OLD_TENSOR, made.OLD_KEYS]
    streams[place] = EVIL[:-1] + b"0" + streams[place].removeprefix(b"\x80\x02")
    assert PROCESS in rules(b"".join(streams) + made.FLOATS_2)


def test_a_pickle_behind_the_storages_of_an_old_file_is_read():
    assert {PROCESS, "pickle-trailing-data"} <= rules(made.OLD + EVIL)


def test_a_pickle_in_the_place_of_an_old_files_storages_is_not_clean():
    report = examine(BytesView(made.OLD[: -len(made.FLOATS_2)] + EVIL), "model").report
    assert report.unchecked


def weights(*entries: tuple[str, bool]) -> bytes:
    meta = {"dtype": 2, "sizes": [{"as_int": len(EVIL)}]}
    listed = {
        str(number): {"path_name": path, "use_pickle": pickled, "tensor_meta": meta}
        for number, (path, pickled) in enumerate(entries)
    }
    return json.dumps({"config": listed}).encode()


def test_a_weight_that_one_list_calls_raw_and_another_a_pickle_is_read():
    folder = "archive/data/weights/"
    members = {
        f"{folder}weight_0": EVIL,
        f"{folder}a_weights_config.json": weights(("weight_0", False)),
        f"{folder}b_weights_config.json": weights(("weight_0", True)),
    }
    assert PROCESS in rules(made.exported(members))
    assert PROCESS not in rules(made.exported({name: data for name, data in members.items() if "b_" not in name}))


def test_sample_inputs_of_an_exported_program_are_read():
    assert PROCESS in rules(made.exported({"archive/data/sample_inputs/model.pt": made.saved(EVIL)}))


def test_the_model_in_an_archive_for_a_server_is_read():
    members = {"MAR-INF/MANIFEST.json": b"{}", "model.pt": made.saved(EVIL)}
    assert PROCESS in rules(packed(members))


def test_a_pickle_of_a_package_is_read_wherever_it_lies():
    members = {"archive/.data/extern_modules": b"", "archive/a/b/c.pkl": EVIL, "archive/d.bin": EVIL}
    report = examine(BytesView(made.archive(members)), "model").report
    assert {one.location.member for one in report.findings} == {"archive/a/b/c.pkl", "archive/d.bin"}


def test_a_chain_of_archives_is_read_link_by_link():
    link = made.saved(made.TENSOR, data_0=bytes(8))
    report = examine(BytesView(link * 3), "model").report
    assert (report.format, report.findings, report.unchecked) == ("pytorch-distributed", (), ())


@pytest.mark.parametrize("place", range(3))
def test_each_link_of_a_chain_is_read(place):
    links = [made.saved(made.TENSOR, data_0=bytes(8))] * 3
    links[place] = made.saved(EVIL)
    assert rules(b"".join(links)) == {PROCESS}


def test_a_chain_with_a_gap_is_none():
    link = made.saved(made.TENSOR, data_0=bytes(8))
    assert rules(link + b"x" + link) & {"archive-foreign-bytes", "archive-hidden-member"}


def test_one_archive_with_two_ends_is_no_chain():
    link = made.saved(made.TENSOR, data_0=bytes(8))
    assert "archive-two-readings" in rules(link.replace(b"archive/version", b"archive/VERSION", 1))


def test_the_instructions_of_all_pickles_of_a_package_are_counted_together():
    numbers = b"\x80\x02(" + b"K\x01" * 2000 + b"t."
    members = {"archive/.data/extern_modules": b"", **{f"archive/{one}.pkl": numbers for one in range(50)}}
    description = archive_of(made.archive(members), Limits(max_pickle_opcodes=10_000))
    assert sum(reads_early(part) for part in description.parts) < 10


WRITES = (made.SCRIPT_CODE % 'torch.save(x, "out")').encode()


def test_the_mark_of_a_package_does_not_hide_torchscript():
    members = {"archive/.data/extern_modules": b"", "archive/code/__torch__.py": WRITES, "archive/constants.pkl": b"N."}
    assert "torchscript-reaches-out" in rules(made.archive(members))


def test_torchscript_from_before_its_pickles_is_read():
    members = {"archive/model.json": b'{"protoVersion": 1, "mainModule": {}}', "archive/code/archive.py": WRITES}
    assert rules(made.archive(members)) == {"torchscript-reaches-out"}
    assert rules(packed(members)) == {"torchscript-reaches-out"}


def test_a_folder_of_code_that_is_no_torchscript_is_text():
    members = {"project/model.json": b'{"layers": 3}', "project/code/train.py": b"import torch\ntorch.save(1, 'x')\n"}
    assert rules(made.archive(members)) == set()


@pytest.mark.parametrize("operator", ["aten::save", "aten::from_file"])
def test_an_operator_that_only_the_compiled_functions_name_is_told(operator):
    members = {
        "archive/data.pkl": b"\x80\x02c__torch__\nNet\n)\x81}b.",
        "archive/bytecode.pkl": b"\x80\x02" + made.string(operator) + b"q\x00.",
        "archive/constants.pkl": b"\x80\x02).",
    }
    assert rules(made.archive(members)) == {"torchscript-reaches-out"}


def test_an_operator_at_the_edge_of_a_piece_is_told():
    front = b"\x80\x02(" + b"K\x01" * ((1 << 19) - 6)
    members = {
        "archive/bytecode.pkl": front + made.string("aten::save") + b"t.",
        "archive/constants.pkl": b"\x80\x02).",
    }
    assert "torchscript-reaches-out" in rules(made.archive(members))


def tarred(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def test_an_archive_for_a_server_is_one_in_a_tar_as_well():
    acts = b"import os\n\n\ndef handle(data, context):\n    return os.popen(data)\n"
    found = rules(tarred({"m/handler.py": acts, "m/MAR-INF/MANIFEST.json": b"{}"}))
    assert found == {"archive-brings-source", "source-acts"}
    assert rules(tarred({"m/handler.py": acts})) == set()


@pytest.mark.parametrize("piece", [" #\n", "a #\n", ". #\n", "a.", "''", "a \\\n", "("])
def test_torchscript_is_read_in_the_time_that_it_is_long(piece):
    assert script.read(piece * 100_000 + "(").unchecked == ()


def test_packed_pickles_share_the_room_that_they_are_read_in_early(monkeypatch):
    monkeypatch.setattr(torch_archive, "EARLY_BYTES", 10_000)
    numbers = b"\x80\x02(" + b"K\x01" * 2000 + b"t."
    members = {"archive/.data/extern_modules": b"", **{f"archive/{one}.pkl": numbers for one in range(50)}}
    description = archive_of(packed(members), Limits())
    assert sum(reads_early(part) for part in description.parts) < 4
