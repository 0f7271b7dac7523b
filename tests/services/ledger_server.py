"""A PostgreSQL for a ledger: it waits for its disk, and can be killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from services.running import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "password-of+the/ledger"


@dataclass(frozen=True)
class LedgerServer:
    """A server of its own in a folder that its user can reach."""

    folder: Path
    port: int

    @property
    def version(self) -> str:
        """Return the major version."""
        return (self.folder / "data" / "PG_VERSION").read_text().strip()

    def address(self, database: str = "postgres", user: str = "owner") -> str:
        """Return the URI of a database, with the password in it."""
        password = PASSWORD.replace("+", "%2B").replace("/", "%2F")
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def empty(self, schema: str) -> str:
        """Return the address of a database in which new sessions have a new schema of their own."""
        self.query(f"CREATE SCHEMA {schema}")
        self.query(f"ALTER DATABASE postgres SET search_path = {schema}")
        return self.address()

    def query(self, text: str, database: str = "postgres") -> str:
        """Return what the owner's query answers."""
        command = ["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "owner", "-d", database, "-tAc", text]
        environment = {"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    def start(self, *settings: str) -> None:
        """Start it, with further settings."""
        words = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' " + " ".join(settings)
        self._call("pg_ctl", "-D", f"{self.folder}/data", "-w", "-o", words, "-l", f"{self.folder}/server", "start")

    def stop(self) -> None:
        """Stop it."""
        self._call("pg_ctl", "-D", f"{self.folder}/data", "-w", "-m", "fast", "stop")

    def kill(self) -> None:
        """End the server and all that work for it at once, as SIGKILL does."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        asked = ["ps", "-o", "pid=", "--ppid", str(first)]
        others = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        for process in (first, *map(int, others.split())):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        while (Path("/proc") / str(first)).exists():
            time.sleep(0.02)

    def _call(self, program: str, *words: str) -> None:
        binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
        other = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        with (self.folder / "log").open("ab") as log:
            subprocess.run(
                [*other, str(binaries / program), *words],
                cwd=self.folder,
                env={"PATH": os.environ["PATH"]},
                stdout=log,
                stderr=log,
                check=True,
            )


@contextmanager
def ledger_server() -> Iterator[LedgerServer]:
    """Start a server for a session of tests."""
    folder = Path(tempfile.mkdtemp(prefix="hauberk-ledger-"))
    server = LedgerServer(folder, free_ports(1)[0])
    (folder / "password").write_text(PASSWORD)
    if os.getuid() == 0:
        for path in (folder, folder / "password"):
            shutil.chown(path, "postgres", "postgres")
    try:
        server._call(
            "initdb", "-D", f"{folder}/data", "-U", "owner", "--auth=scram-sha-256", f"--pwfile={folder}/password", "-N"
        )
        server.start()
        try:
            yield server
        finally:
            if (folder / "data" / "postmaster.pid").exists():
                server.stop()
    finally:
        shutil.rmtree(folder)
