"""A credential that is lent to a run of a project stands nowhere in what the run leaves behind."""

from contextlib import contextmanager

import pytest

from hauberk.edge.secrets.lending import Lent
from hauberk.errors import Refused
from projects import TRAIN, go, only_refusal

KEPT = "s3cret-kept-password"


@pytest.fixture(autouse=True)
def _lent(small, monkeypatch):
    """Lend a credential as a server would."""

    @contextmanager
    def borrowed(_lender, hide):
        hide.add(KEPT, "KEPT")
        yield Lent({"KEPT": KEPT}, None)

    monkeypatch.setattr("hauberk.verbs.train_run.borrowed", borrowed)


@pytest.mark.parametrize(
    "written",
    [
        "Path('model/log').write_text(os.environ['KEPT'])",
        "Path('model', os.environ['KEPT']).write_text('x')",
        "Path('model', os.environ['KEPT']).mkdir()",
        "Path('model', 'of-' + os.environ['KEPT']).mkdir(); Path('model', 'of-' + os.environ['KEPT'], 'x').touch()",
        "Path('model', os.environ['KEPT']).symlink_to('nowhere')",
        "Path('model/link').symlink_to(os.environ['KEPT'])",
        "os.mkfifo('model/' + os.environ['KEPT'])",
    ],
    ids=["inside", "file", "empty folder", "folder", "link", "target of a link", "FIFO"],
)
def test_no_credential_is_in_the_output_or_in_a_name_there(small, written):
    (small / "train.py").write_text(f"import os\n{TRAIN}{written}\n")
    with pytest.raises(Refused, match="the command wrote the credential KEPT in ") as caught:
        go(small)
    assert KEPT not in f"{caught.value.message}{caught.value.hint}"
    assert only_refusal(small).predicate["refusedFor"] == "credential-written"
    ledger = [path for path in (small / ".hauberk" / "ledger").rglob("*") if path.is_file()]
    assert not [path for path in ledger if KEPT.encode() in path.read_bytes()]
