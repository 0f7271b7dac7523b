"""How fast a revocation reaches a server that holds a permit, also at a pod, and what depends on a digest.

python benchmarks/reach.py              # 50,000 entries: about a minute
python benchmarks/reach.py 5000         # fewer
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from row import Row, show

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

from deployer import PLACE, Deployer  # noqa: E402 - from the tests, whose folder comes first
from hauberk.edge.sources import digest_path  # noqa: E402
from hauberk.evidence.predicates import REVOCATION  # noqa: E402
from hauberk.gate.keep import Kept  # noqa: E402
from hauberk.ledger.admit import admitted_as  # noqa: E402
from hauberk.ledger.edges import Edges  # noqa: E402
from hauberk.ledger.log import Log  # noqa: E402
from hauberk.pipeline.book import Book  # noqa: E402
from hauberk.pipeline.keyring import Keyring  # noqa: E402
from hauberk.pipeline.project import open_project  # noqa: E402
from hauberk.signature import dsse  # noqa: E402
from hauberk.statement import Named  # noqa: E402
from hauberk.verbs.live import Inquiry  # noqa: E402
from pods import make_pod, name_service, serving  # noqa: E402
from projects import go, small_project  # noqa: E402
from simulator import START, TRAIN, named  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

ENTRIES, SERVERS, BAR_SECONDS = 50_000, 5, 1.0
EVERY_SECONDS, ANSWER_SECONDS = 2, 1.0  # how often a pod asks, and how long it may take: what docs/gate.md says of pods
SERVER = """
import time, hauberk
with hauberk.hold("model", on_refused=lambda error: print(time.time(), flush=True)) as held:
    print("ready", flush=True)
    held.wait(60)
"""


def delay(folder: Path) -> float:
    """Return the longest time from a durable revocation to the moment at which a server knew of it, in seconds."""
    small_project(folder)
    go(folder)
    return told(folder, [folder] * SERVERS)


def delay_at_pods(folder: Path) -> float:
    """Return the same of servers at pods, each with a copy of its own of what the service of the ledger gives."""
    small_project(folder / "owner")
    go(folder / "owner")
    with serving(folder / "owner") as server:
        pods = [make_pod(folder / "owner", folder / f"pod-{number}", server.url) for number in range(SERVERS)]
        for pod in pods:
            name_service(pod, server.url, key="file:.hauberk/keys/gate.pem", every_seconds=EVERY_SECONDS)
        return told(folder / "owner", pods)


def told(folder: Path, places: list[Path]) -> float:
    """Revoke what a project's model was made from; return after how many seconds the last server knew of it."""
    servers = [
        subprocess.Popen([sys.executable, "-c", SERVER], cwd=place, stdout=subprocess.PIPE, text=True)
        for place in places
    ]
    for server in servers:
        assert server.stdout is not None
        server.stdout.readline()
    time.sleep(1.0)  # they look now, and do not start any more
    project = open_project(folder)
    digest = digest_path(folder / "data" / "train.csv")
    with Log.open(project.ledger) as log:
        book = Book(log, Keyring(project, print), None, lambda: int(time.time()))
        book.record("approver", REVOCATION, Named(f"digest/{digest}", (digest,)), {"reason": "benchmark"})
    revoked = time.time()
    return max(float(server.communicate()[0]) for server in servers) - revoked


def timed(act: Callable[[], object]) -> float:
    """Return how long something takes, in seconds."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def long_ledger(entries: int) -> Deployer:
    """Return a ledger in memory: one model in ten that was trained on the revoked data runs."""
    chain = Deployer().good()
    for number in range(entries // 10):
        model = named("model/tumour", b"%d" % number)
        chain.derive(model, named("dataset/other", b"%d" % (number // 100)), TRAIN)
        if number % 10 == 0:
            chain.deploy(PLACE, thing=model)
        for part in range(8):
            chain.boundary(named("source/part.py", b"%d %d" % (number, part)), "source")
    return chain


def written(chain: Deployer, folder: Path) -> Log:
    """Return a ledger on disk with the entries of one in memory."""
    log = Log.create(folder)
    envelopes = [dsse.decode_envelope(chain.log.envelope(number)) for number in range(chain.log.size)]
    log.append_admitted(
        [
            admitted_as(envelope, dsse.decode_statement(envelope.payload), chain.log.entry(number).time)
            for number, envelope in enumerate(envelopes)
        ]
    )
    return log


def measure(entries: int = ENTRIES) -> list[Row]:
    """Measure both."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        seconds = delay(Path(folder) / "project")
        rows.append(Row(f"a revocation reaches {SERVERS} servers, the last", seconds, "s", "reach", BAR_SECONDS))
        seconds, bar = delay_at_pods(Path(folder)), EVERY_SECONDS + ANSWER_SECONDS
        what = f"the same, {SERVERS} pods of the ledger's service that ask every {EVERY_SECONDS} s"
        rows.append(Row(what, seconds, "s", "reach", bar))
    chain = long_ledger(entries)
    with tempfile.TemporaryDirectory() as folder, written(chain, Path(folder)) as log:

        def ask() -> int:
            with Edges.open(folder) as edges:
                return len(Inquiry(log, edges, chain.trust, chain.now).where(TRAIN.digests[0]).live)

        rows.append(Row(f"`ledger where` of {log.size:,} entries, the first time", timed(ask), "s", "reach"))
        rows.append(Row(f"the same again, {ask():,} that run verified", timed(ask), "s", "reach"))
    kept = Kept("load", chain.subject, lambda: (chain.root_keys, chain.trust, chain.policy))
    chain.publish()
    kept.look(chain.log, chain.now)  # type: ignore[arg-type]
    looks = 1000
    once = timed(lambda: [kept.look(chain.log, START) for _ in range(looks)])  # type: ignore[arg-type]
    rows.append(Row("a look that finds nothing new", once / looks * 1e6, "µs", "reach"))
    return rows


if __name__ == "__main__":
    measured = measure(int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES)
    show(measured)
    sys.exit(0 if all(row.met for row in measured) else 1)
