"""Speed: CPU seconds and peak memory of every scanner on the corpora of `corpora.py`, each in a fresh process.

    python benchmarks/scan/speed.py FOLDER [--only NAME…] [--corpora NAME…] [--page FILE]

Ours is the median of three runs, a peer's is one, ended after 100 CPU seconds. What is measured is the whole process
and its children, start included (`wait4`). Files are read once before, so that the disk is not measured.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE)]

from corpora import CORPORA  # noqa: E402
from scanners import Scanner, environment, scanners  # noqa: E402

LIMIT_SECONDS, ROUNDS = 100, 3
OURS = ("hauberk", "hauberk as Python")


@dataclass(frozen=True, slots=True)
class Bar:
    """What is promised of one corpus: CPU seconds (wall seconds where `wall`) and MiB; None where nothing is."""

    corpus: str
    what: str
    seconds: float | None
    mib: int | None = None
    arguments: tuple[str, ...] = ()
    wall: bool = False


BARS = (
    Bar("dense", "61 MB opcode-dense pickle", 1.5, 150),
    Bar("dense-double", "the same, twice as long", None, None),
    Bar("checkpoint", "1 GB torch zip, --no-digest", 0.25, 60, ("--no-digest",)),
    Bar("checkpoint", "1 GB torch zip, SHA-256", 1.0, 60),
    Bar("safetensors", "1 GB safetensors, --no-digest", 0.25, 60, ("--no-digest",)),
    Bar("safetensors", "1 GB safetensors, SHA-256", None, 60),
    Bar("forest", "288 MB joblib with arrays", 0.6, 80),
    Bar("forest-zlib", "joblib, zlib", None, None),
    Bar("gguf", "302 MB GGUF, 100,000 tokens", None, None),
    Bar("many", "2,000 small files", 0.9, None),
    Bar("tiny", "a tiny file, start to exit", 0.25, None, wall=True),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: CPU and wall seconds, MiB at the peak, exit status (null: ended at the limit), what it says."""

    cpu: float
    wall: float
    mib: int
    exit: int | None
    says: str


def run(scanner: Scanner, path: Path, arguments: tuple[str, ...] = ()) -> Measured:
    """Run a scanner once in a process of its own."""
    command = replace(scanner, before=(*scanner.before, *arguments)).command(str(path))
    began = time.monotonic()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment(scanner.source),
        cwd=tempfile.gettempdir(),
        start_new_session=True,
    ) as process:
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (LIMIT_SECONDS, LIMIT_SECONDS))
        status, usage, out = _ended(process, began + 4 * LIMIT_SECONDS)
        process.returncode = 0 if status is None else status
    wall = time.monotonic() - began
    return Measured(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss // 1024, status, scanner.judge(status, out))


def _ended(process: subprocess.Popen[bytes], until: float) -> tuple[int | None, object, str]:
    """Wait for a process, ending it at its limit; what it prints beyond 64 KiB is read away."""
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    out, status = b"", None
    while True:
        piece = process.stdout.read() or b""
        out = (out + piece)[-65536:]
        found, code, usage = os.wait4(process.pid, os.WNOHANG)
        if found:
            status = os.waitstatus_to_exitcode(code)
            status = None if status in (-signal.SIGKILL, -signal.SIGXCPU) else status
            break
        if time.monotonic() > until:
            os.killpg(process.pid, signal.SIGKILL)
            _, _, usage = os.wait4(process.pid, 0)
            break
        time.sleep(0.005)
    return status, usage, (out + (process.stdout.read() or b"")).decode(errors="replace")


def measure(scanner: Scanner, bar: Bar, folder: Path) -> Measured:
    """Return the median of our runs, or the only run of a peer."""
    path = (folder / CORPORA[bar.corpus][0]).resolve()
    ours = scanner.name in OURS
    runs = [run(scanner, path, bar.arguments if ours else ()) for _ in range(ROUNDS if ours else 1)]
    middle = sorted(runs, key=lambda one: one.cpu)[len(runs) // 2]
    memory = max(one.mib for one in runs)
    return Measured(median(one.cpu for one in runs), median(one.wall for one in runs), memory, middle.exit, middle.says)


def measured_scanners(folder: Path) -> tuple[Scanner, ...]:
    """Return every scanner, ours twice: as it is here, compiled where it was compiled, and as Python."""
    first, *rest = scanners()
    pure = (folder / "as-python").resolve()  # scanners run in another directory
    shutil.rmtree(pure, ignore_errors=True)
    source = Path(environment()["PYTHONPATH"])
    shutil.copytree(source, pure, ignore=shutil.ignore_patterns("*.so", "*.pyd", "__pycache__"))
    compileall.compile_dir(pure, quiet=2)
    return (first, replace(first, name=OURS[1], source=pure), *rest)


def cell(one: Measured) -> str:
    """Return `CPU s / MiB`, and what there is to say beside it."""
    remark = (
        "ended at the limit"
        if one.exit is None
        else ""
        if one.says == "passed"
        else {"found": "false positive", "closed": f"exit {one.exit}"}[one.says]
    )
    seconds = f"{'>' if one.exit is None else ''}{one.cpu:.2f}"
    return f"{seconds} s / {one.mib} MiB" + (f" ({remark})" if remark else "")


def table(rows: dict[str, dict[str, Measured]]) -> str:
    """Return the Markdown of all measurements beside their bars."""
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    lines = ["| corpus | bar | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    for bar in BARS:
        row = rows.get(bar.what)
        if row is None:
            continue
        lines.append(
            f"| {bar.what} | {promised(bar, row)} | "
            + " | ".join(cell(row[n]) if n in row else "-" for n in names)
            + " |"
        )
    return "\n".join(lines)


def promised(bar: Bar, row: dict[str, Measured]) -> str:
    """Return the bar as text, and whether ours meets it."""
    if bar.seconds is None and bar.mib is None:
        return ""
    ours = row.get("hauberk")
    text = " , ".join(([f"{bar.seconds:g} s"] if bar.seconds else []) + ([f"{bar.mib} MiB"] if bar.mib else []))
    if ours is None:
        return text
    seconds = ours.wall if bar.wall else ours.cpu
    met = (bar.seconds is None or seconds <= bar.seconds) and (bar.mib is None or ours.mib <= bar.mib)
    wall = f" wall, {seconds:.2f} s" if bar.wall else ""
    return f"{text}{wall}: {'met' if met else 'NOT MET'}"


def main() -> int:
    """Measure, print, and write the page that was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--corpora", nargs="*", default=list(CORPORA))
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    kept = options.folder / "speed.json"
    rows: dict[str, dict[str, Measured]] = {}
    if kept.exists():
        rows = {
            what: {name: Measured(**one) for name, one in row.items()}
            for what, row in json.loads(kept.read_text()).items()
        }
    found = measured_scanners(options.folder)
    for bar in BARS:
        if bar.corpus not in options.corpora:
            continue
        _warm(_made(options.folder, bar.corpus))
        for scanner in found:
            if (
                scanner.installed
                and (not options.only or scanner.name in options.only)
                and (scanner.name in OURS or not bar.arguments)
            ):
                rows.setdefault(bar.what, {})[scanner.name] = measure(scanner, bar, options.folder)
                kept.write_text(
                    json.dumps({what: {n: asdict(m) for n, m in row.items()} for what, row in rows.items()})
                )
                print(f"{bar.what}: {scanner.name} {cell(rows[bar.what][scanner.name])}", flush=True)
    print(table(rows))
    if options.page:
        from page import write_speed  # noqa: PLC0415 - only with a page

        write_speed(options.page, table(rows))
    return 0


def _made(folder: Path, name: str) -> Path:
    """Return the path of a corpus, written by another process: a child begins with our memory, so ours stays small."""
    subprocess.run([sys.executable, str(HERE / "corpora.py"), str(folder), name], check=True, stdout=subprocess.DEVNULL)
    return folder / CORPORA[name][0]


def _warm(path: Path) -> None:
    for file in path.rglob("*") if path.is_dir() else [path]:
        if file.is_file():
            with file.open("rb") as opened:
                while opened.read(1 << 22):
                    pass


if __name__ == "__main__":
    sys.exit(main())
