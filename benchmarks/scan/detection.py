"""Detection: every scanner over the labelled corpus, one file a run; what was found, refused and missed.

    python benchmarks/scan/detection.py CORPUS [--only NAME…] [--sample N] [--check N] [--failures FILE] [--page FILE]

The corpus is made by `tests/corpus/make.py`. A malicious sample is `found`, `closed` (the scanner said that it could
not look) or `passed`, which is a miss; an ordinary file that is `found` is a false positive, one that is `closed` is
not ok. Answers are kept in `CORPUS/answers-<scanner>.json`, and `--kept` makes the table again without a run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tests")]

from scanners import Scanner, environment, scanners  # noqa: E402

from corpus.sample import read_manifest  # noqa: E402

Entry = dict[str, str]
Answers = dict[str, dict[str, Any]]


def place(corpus: Path, entry: Entry) -> str:
    """Return what a scanner is given of a sample."""
    return str(corpus / entry["label"] / entry["id"] / entry["target"]).removesuffix("/.")


def ask(scanner: Scanner, corpus: Path, entries: list[Entry], workers: int) -> Answers:
    """Return a scanner's answers, asked by `workers` servers side by side."""
    how = [] if scanner.forked else ["--inside"]
    server = [scanner.python, HERE / "fork_server.py", *how, scanner.entry, str(scanner.seconds), *scanner.argv("@")]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    apart = tempfile.mkdtemp()  # some write their reports into the directory where they are
    servers = [subprocess.Popen(server, text=True, env=environment(), cwd=apart, **pipes) for _ in range(workers)]
    waiting: SimpleQueue[dict[str, Any]] = SimpleQueue()
    for entry in entries:
        waiting.put({"id": f"{entry['label']}:{entry['id']}", "argv": scanner.argv(place(corpus, entry))})
    answers: Answers = {}

    def drive(server: subprocess.Popen[str]) -> None:
        assert server.stdin is not None
        assert server.stdout is not None
        with suppress(Empty):
            while True:
                server.stdin.write(json.dumps(waiting.get_nowait()) + "\n")
                server.stdin.flush()
                answer = json.loads(server.stdout.readline())
                answers[answer.pop("id")] = {**answer, "says": scanner.judge(answer["exit"], answer["tail"])}
        server.communicate()

    threads = [Thread(target=drive, args=(server,)) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def judged(scanner: Scanner, kept: Path) -> Answers:
    """Return the answers of an earlier run, judged as they are judged today."""
    answers: Answers = json.loads(kept.read_text())
    for answer in answers.values():
        answer["says"] = scanner.judge(answer["exit"], answer["tail"])
    return answers


def differing(scanner: Scanner, corpus: Path, entries: list[Entry], answers: Answers) -> list[str]:
    """Return the samples to which a fresh process answers otherwise than a forked one did."""
    odd = []
    for entry in entries:
        try:
            done = subprocess.run(
                scanner.command(place(corpus, entry)), capture_output=True, text=True, check=False,
                timeout=scanner.seconds + 30, env=environment(), errors="replace",
            )  # fmt: skip
            says = scanner.judge(done.returncode, done.stdout + done.stderr)
        except subprocess.TimeoutExpired:
            says = "closed"
        if says != answers[f"{entry['label']}:{entry['id']}"]["says"]:
            odd.append(entry["id"])
    return odd


def counted(entries: Iterable[Entry], answers: Answers) -> Counter[str]:
    """Return how often each answer was given; what was not asked is not counted."""
    given = (answers.get(f"{entry['label']}:{entry['id']}") for entry in entries)
    return Counter(answer["says"] for answer in given if answer)


def cell(count: Counter[str]) -> str:
    """Return found, closed and passed as the table shows them."""
    return f"{count['found']}/{count['closed']}/{count['passed']}" if count else "-"


def table(entries: list[Entry], answers: dict[str, Answers]) -> str:
    """Return the Markdown of all scanners, class by class."""
    names = list(answers)
    lines = ["| class (samples) | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]

    def row(title: str, chosen: list[Entry], *, benign: bool = False) -> None:
        counts = [counted(chosen, answers[name]) for name in names]
        cells = [f"{c['passed']}/{c['closed']}/{c['found']}" if benign else cell(c) for c in counts]
        lines.append(f"| {title} ({len(chosen)}) | " + " | ".join(cells) + " |")

    evil = [entry for entry in entries if entry["label"] == "malicious"]
    good = [entry for entry in entries if entry["label"] == "benign"]
    row("**all malicious**", evil)
    for half in ("dev", "held-out"):
        row(f"malicious, {half}", [entry for entry in evil if entry["half"] == half])
    for group, chosen in grouped(evil).items():
        row(group, chosen)
    if good:
        row("**all ordinary**: ok/not ok/false positive", good, benign=True)
        for group, chosen in grouped(good).items():
            row(f"ordinary: {group}", chosen, benign=True)
    return "\n".join(lines)


def grouped(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Return the entries by class."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry["group"]].append(entry)
    return dict(sorted(groups.items()))


def weak(entries: list[Entry], answers: Answers) -> list[str]:
    """Return the classes in which less than 90 % are found, and the sums beside their bars."""
    evil = [entry for entry in entries if entry["label"] == "malicious"]
    lines = []
    for half in ("dev", "held-out"):
        count = counted([entry for entry in evil if entry["half"] == half], answers)
        total = sum(count.values()) or 1
        shares = (count["found"] / total, (count["found"] + count["closed"]) / total)
        lines.append(f"{half}: {shares[0]:.1%} found (bar 97 %), {shares[1]:.1%} found or failed closed (bar 99 %)")
    for group, chosen in grouped(evil).items():
        count = counted(chosen, answers)
        if count["found"] < 0.9 * sum(count.values()):
            lines.append(f"below 90 %: {group} {cell(count)}")
    return lines


def misses(entries: list[Entry], answers: Answers) -> list[str]:
    """Return what was answered wrongly: by name, but of the half that is held out only how many of each class."""
    lines, held = [], Counter[str]()
    for entry in entries:
        answer = answers.get(f"{entry['label']}:{entry['id']}")
        if not answer or (answer["says"] != "passed") != (entry["label"] == "benign"):
            continue
        if entry["label"] == "malicious" and entry["half"] == "held-out":
            held[entry["group"]] += 1
        else:
            lines.append(f"{answer['says']}: {entry['label']} {entry['id']}")
    return lines + [f"passed: {count} held out of {group}" for group, count in sorted(held.items())]


def main() -> int:
    """Run, print, and write the pages that were asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--sample", type=int, default=0, help="ask peers about every n-th sample only")
    parser.add_argument("--check", type=int, default=0, help="how many answers to compare with a fresh process")
    parser.add_argument("--missing", action="store_true", help="ask only what an earlier run did not ask")
    parser.add_argument("--kept", action="store_true", help="use the answers of an earlier run")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    options.corpus = options.corpus.resolve()
    entries = read_manifest(options.corpus, "malicious") + read_manifest(options.corpus, "benign")
    answers: dict[str, Answers] = {}
    for scanner in scanners():
        kept = options.corpus / f"answers-{scanner.name.replace(' --', '-')}.json"
        if options.only and scanner.name not in options.only and not (options.kept and kept.exists()):
            continue
        if not scanner.installed:
            print(f"{scanner.name}: not installed", file=sys.stderr)
        elif options.kept and kept.exists() and scanner.name not in options.only:
            answers[scanner.name] = judged(scanner, kept)
        else:
            chosen = entries[:: options.sample] if options.sample and scanner.name != "hauberk" else entries
            had = judged(scanner, kept) if options.missing and kept.exists() else {}
            chosen = [entry for entry in chosen if f"{entry['label']}:{entry['id']}" not in had]
            answers[scanner.name] = had | ask(scanner, options.corpus, chosen, options.workers) if chosen else had
            kept.write_text(json.dumps(answers[scanner.name]))
            if options.check:
                step = max(1, len(chosen) // options.check)
                odd = differing(scanner, options.corpus, chosen[::step], answers[scanner.name])
                print(f"{scanner.name} {scanner.version()}: {len(odd)} answers differ in a fresh process {odd[:5]}")
    text = table(entries, answers)
    print(text)
    if "hauberk" in answers:
        print("\n".join(weak(entries, answers["hauberk"])))
        print("\n".join(misses(entries, answers["hauberk"])))
    if options.page:
        from page import write_detection  # noqa: PLC0415 - only with a page

        versions = {s.name: s.version() for s in scanners() if s.name in answers}
        write_detection(options.page, entries, answers, versions, options.corpus)
    return 0


if __name__ == "__main__":
    sys.exit(main())
