"""The page on switching on is followed from its first command to its last, with its own pieces of policy."""

import json
import re
import shlex
import shutil
from pathlib import Path

from docs.pages import REPOSITORY
from hauberk.cli.main import main
from hauberk.edge import clock
from hauberk.edge.keys import read_public_key
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import BREAK_GLASS, GRANDFATHERING
from hauberk.signature import base64
from projects import edit, go, second_person, small_project

PAGE = (REPOSITORY / "docs" / "switching-on.md").read_text()
NEEDED = "    require:\n      - {predicate: test-result, signers: [gate]}\n"
DAY = 86_400


def fenced(title, kind):
    """Return the fenced text of a kind under a heading."""
    section = re.split(r"^#", PAGE[PAGE.index(f" {title}\n") + 1 :], maxsplit=1, flags=re.MULTILINE)[0]
    return "".join(re.findall(rf"^```{kind}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))


def commands(title):
    """Return the commands under a heading, each with the exit code that it promises: 0 where it does not say."""
    soon = format_instant(clock.now() + 60 * DAY)[:10]
    for line in re.sub(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", soon, fenced(title, "sh")).splitlines():
        command, _, comment = line.partition("    # ")
        yield shlex.split(command), int(comment[:1] or 0)


def follow(title, *, before=lambda words: None):
    done = 0
    for words, code in commands(title):
        before(words)
        if words[0] == "mv":
            shutil.move(words[1], words[2])
        else:
            assert main(words[1:]) == code, words
        done += 1
    assert done


def with_the_second_person(words):
    """Edit the draft of the trust as the page says in words."""
    if words[1:3] != ["trust", "sign"]:
        return
    draft = json.loads(Path("next-trust.json").read_text())
    public = read_public_key("security.pub")
    key = {"name": "security", "kind": str(public.kind), "spki": base64.encode(public.spki)}
    draft["trust"]["keys"][public.keyid] = key
    grant = next(one for one in draft["trust"]["grants"] if BREAK_GLASS.type in one["predicates"])
    also = [*grant["predicates"], GRANDFATHERING.type]
    draft["trust"]["grants"].append({**grant, "signer": public.keyid, "predicates": also})
    Path("next-trust.json").write_text(json.dumps(draft))


def test_a_gate_is_switched_on_as_the_page_says(tmp_path, monkeypatch, capsys):
    folder = small_project(tmp_path / "small")
    (tmp_path / "passphrase").write_text("some words\n")
    monkeypatch.setenv("HAUBERK_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.chdir(folder)
    edit(folder / "policy.yaml", "    require:\n", NEEDED)
    edit(folder / "policy.yaml", "mode: enforce", "mode: observe")
    follow("1. Watch, warn, close")

    follow("Two people", before=with_the_second_person)
    edit(folder / "policy.yaml", "mode: observe", "mode: enforce")
    edit(folder / "policy.yaml", "version: 1", "version: 2")
    edit(folder / "policy.yaml", "    boundaries:", f"{fenced('2. What the gate bears', 'yaml')}    boundaries:")
    Path("running.txt").write_text(f"dirHash:{'0' * 64}\nmodel/small dirHash:{'1' * 64}\n")
    follow("What already runs")
    assert "grandfathering at the gate load: model/small dirHash:000" in capsys.readouterr().out

    (folder / "model" / "new.txt").write_text("another model")
    assert main(["gate", "load", "model/"]) == 1
    follow("In an emergency")
    assert "BREAK-GLASS until" in capsys.readouterr().err
    (folder / "model" / "new.txt").unlink()

    edit(folder / "policy.yaml", "version: 2", "version: 3")
    edit(folder / "policy.yaml", "    boundaries:", f"{fenced('3. While something is away', 'yaml')}    boundaries:")
    follow("3. While something is away")
    told = capsys.readouterr().err
    assert "THE LEDGER IS AWAY" in told
    assert "grandfathered until" in told
    assert go(folder).how["gate"] == "unchanged"


def test_two_people_decide_about_a_risk_as_the_page_says(tmp_path, monkeypatch, capsys):
    folder = small_project(tmp_path / "small")
    shutil.copy(second_person(folder), folder / "security.pem")
    monkeypatch.chdir(folder)
    wanted = fenced("A decision about a risk", "yaml")
    edit(folder / "policy.yaml", "    require:\n", f"    require:\n{wanted}")
    follow("A decision about a risk")
    assert "risk-decision.present" in capsys.readouterr().out
