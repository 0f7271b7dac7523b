"""The page on Python: each public name is on it, with an example that runs as it stands."""

import re
import shutil

import pytest

import hauberk
from docs.pages import REPOSITORY
from hauberk.edge.keys import open_signer, write_public_key
from hauberk.verbs.depots import open_depot
from hauberk.verbs.publish import publish
from projects import go, small_project

PAGE = (REPOSITORY / "docs" / "python.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a project as the page supposes it: one that ran, with the producer's keys beside it."""
    folder = small_project(tmp_path_factory.mktemp("page") / "tumour")
    go(folder)
    shutil.copy(folder / ".hauberk" / "keys" / "producer.pem", folder)
    publish(folder / "model", open_depot(str(folder / "depot")))
    write_public_key(folder / "producer.pub", open_signer(str(folder / "producer.pem")).public)
    return folder


def test_the_examples_run_one_after_the_other(project, monkeypatch, capsys):
    monkeypatch.chdir(project)
    names = {}
    for example in EXAMPLES:
        exec(compile(example, "docs/python.md", "exec"), names)
    printed = capsys.readouterr().out
    assert printed.startswith("clean True\n")
    assert "allow" in printed
    assert "lost.sig: No such file" in printed
    assert names["model"] == {"mean": 2.0}


@pytest.mark.parametrize("name", hauberk.__all__)
def test_each_public_name_has_an_example(name):
    assert any(f"hauberk.{name}" in example for example in EXAMPLES)
    assert f"`{name}`" in PAGE


def test_each_name_that_an_example_uses_is_public():
    used = {name for example in EXAMPLES for name in re.findall(r"\bhauberk\.([a-zA-Z_]+)\(", example)}
    assert used <= set(hauberk.__all__)
