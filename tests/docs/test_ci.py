"""What build servers read: the hook, the action and the component; the commands in them are run as they stand."""

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from docs.pages import REPOSITORY

ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text())
COMPONENT = list(yaml.safe_load_all((REPOSITORY / "templates" / "hauberk-scan.yml").read_text()))
(HOOK,) = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())
PAGE = (REPOSITORY / "docs" / "ci.md").read_text()
PROGRAM = Path(sys.executable).parent / "hauberk"
SHELL = b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00id\x85R."
# In the place of python3: an environment whose pip notes what it was to install, and whose hauberk is the one under test.
PYTHON = """\
#!/bin/sh
test "$1 $2" = "-m venv" || exit 9
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "$@" > "%s/installed"\\n' "$3" > "$3/bin/pip"
chmod +x "$3/bin/pip"
ln -s "@PROGRAM@" "$3/bin/hauberk"
"""


@pytest.fixture
def runner(tmp_path):
    """Return a folder as a build server has one, with models in it."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").write_text(PYTHON.replace("@PROGRAM@", str(PROGRAM)))
    (tmp_path / "bin" / "python3").chmod(0o755)
    (tmp_path / "my models").mkdir()
    (tmp_path / "my models" / "a.pkl").write_bytes(pickle.dumps([1.0]))
    (tmp_path / "evil.pkl").write_bytes(SHELL)
    return tmp_path


def sh(script, place, shell="bash", **environment):
    path = f"{place / 'bin'}:{os.environ['PATH']}"
    command = {"bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"], "sh": ["sh", "-e", "-c"]}[shell]
    return subprocess.run(
        [*command, script],
        cwd=place,
        env=os.environ | {"PATH": path} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def act(place, **inputs):
    """Run the steps of the action with inputs, as a runner does: values through the environment, one shell a step."""
    values = {name: one["default"] for name, one in ACTION["inputs"].items()} | inputs
    (place / "output").write_text("")
    done = None
    for step in ACTION["runs"]["steps"]:
        given = {name: filled(text, values, place) for name, text in step["env"].items()}
        done = sh(step["run"], place, RUNNER_TEMP=str(place / "temp"), GITHUB_OUTPUT=str(place / "output"), **given)
        if done.returncode:
            break
    return done, dict(line.split("=", 1) for line in (place / "output").read_text().splitlines())


def filled(text, values, place):
    if text == "${{ inputs.install || github.action_path }}":
        return values["install"] or str(place)
    return re.sub(r"\$\{\{ inputs\.([a-z]+) \}\}", lambda found: values[found[1]], text)


@pytest.mark.parametrize(("paths", "code"), [("my models\n", 0), ("my models\nevil.pkl", 1), ("", 2), ("lost.pkl", 3)])
def test_the_action_ends_as_a_scan_does_and_says_where_the_log_is(runner, paths, code):
    done, outputs = act(runner, paths=paths)
    assert done.returncode == code, done.stderr
    assert outputs == {"sarif": "hauberk.sarif", "exit-code": str(code)}
    if code < 2:
        assert json.loads((runner / "hauberk.sarif").read_text())["version"] == "2.1.0"
        assert ("malicious" in done.stdout) is bool(code)


def test_the_action_installs_its_own_revision_or_what_is_named(runner):
    act(runner, paths="evil.pkl")
    assert (runner / "temp" / "hauberk" / "installed").read_text().split()[-1] == str(runner)
    shutil.rmtree(runner / "temp")
    act(runner, paths="evil.pkl", install="hauberk==9")
    assert (runner / "temp" / "hauberk" / "installed").read_text().split()[-1] == "hauberk==9"


@pytest.mark.parametrize("word", ["$(touch owned)", "`touch owned`", "; touch owned", "--output=owned"])
def test_nothing_that_an_input_holds_is_run(runner, word):
    done, _ = act(runner, paths=f"my models\n{word}", profile="audit")
    assert done.returncode == 3  # there is no such file
    assert not (runner / "owned").exists()


def test_no_script_of_the_action_holds_an_input():
    assert not any("${{" in step["run"] for step in ACTION["runs"]["steps"])
    assert {step["shell"] for step in ACTION["runs"]["steps"]} == {"bash"}


def test_the_page_names_every_input_of_the_action():
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(ACTION["inputs"])


@pytest.mark.parametrize(("paths", "code"), [("my models", 0), ("my models\nevil.pkl", 1)])
def test_the_component_ends_as_a_scan_does_and_leaves_its_reports(runner, paths, code):
    job = COMPONENT[1]["hauberk-scan"]
    given = {name: one["default"] for name, one in COMPONENT[0]["spec"]["inputs"].items()} | {"paths": paths}
    variables = {
        name: re.sub(r"\$\[\[ inputs\.([a-z]+) \]\]", lambda found: given[found[1]], text)
        for name, text in job["variables"].items()
    }
    done = sh("\n".join([*job["before_script"], *job["script"]]), runner, shell="sh", **variables)
    assert done.returncode == code, done.stderr
    reports = job["artifacts"]["reports"]
    assert len(list(ET.parse(runner / reports["junit"]).iter("failure"))) == code
    assert json.loads((runner / reports["cyclonedx"]).read_text())["specVersion"] == "1.6"


def test_the_hook_runs_a_scan_of_the_files_that_it_is_given(runner):
    assert (HOOK["id"], HOOK["language"], HOOK["entry"]) == ("hauberk-scan", "python", "hauberk scan")
    program = {"PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}
    assert sh(f"{HOOK['entry']} 'my models/a.pkl' action.yml", runner, **program).returncode == 3  # no such file
    assert sh(f"{HOOK['entry']} 'my models/a.pkl'", runner, **program).returncode == 0
    assert sh(f"{HOOK['entry']} 'my models/a.pkl' evil.pkl", runner, **program).returncode == 1
