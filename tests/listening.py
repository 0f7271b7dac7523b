"""Commands that serve, started as processes of their own and stopped in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

PROGRAM = (sys.executable, "-c", "import sys; from hauberk.cli.main import main; sys.exit(main(sys.argv[1:]))")


@contextmanager
def listening(*words):
    """Run a command that serves; yield the process and its URL."""
    process = subprocess.Popen(
        [*PROGRAM, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        said = process.stdout.readline()
        assert " listens on " in said, said + process.stderr.read()
        yield process, said.split()[-1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
