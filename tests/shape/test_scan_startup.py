"""What the scan of a tiny file imports, in a process of its own: no clock, so no noise."""

import pytest

from shape.test_startup import loaded_by

MOST = 90  # modules of ours; with all readers, rules and tables there were 230
READERS = ("archive.zip", "archive.tar", "archive.sevenzip", "wire.hdf5", "wire.protobuf", "text.plain", "text.python")
OTHERS = ("checks.model.registry", "callables.table", "edge.remote", "render.sarif", "formats.model.graph_files")
SCAN = "from hauberk.cli.main import main; main(['scan', {!r}])"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    path = tmp_path_factory.mktemp("startup") / "tiny.pkl"
    path.write_bytes(b"\x80\x04}\x94\x8c\x05epoch\x94K\x03s.")
    return {name for name in loaded_by(SCAN.format(str(path))) if name.partition(".")[0] == "hauberk"}


def test_a_tiny_pickle_loads_few_modules(loaded):
    assert "hauberk.formats.model.joblib" in loaded
    assert len(loaded) < MOST


@pytest.mark.parametrize("name", [*(f"formats.{reader}" for reader in READERS), *OTHERS])
def test_a_tiny_pickle_loads_no_other_reader_rule_or_table(loaded, name):
    assert f"hauberk.{name}" not in loaded
