"""Writes the files of Feast in `tests/vectors/written/feast` again: `python tools/write_feast_files.py`.

They were made by this script with feast 0.67.0, pandas 2.3.3 and redis 8.1.0, in an environment of their own: a
registry, a SQLite online store that Feast filled, the table it was filled from, training rows that Feast joined, and
what it put into a Redis server that listens, empty, on this machine's port 6379.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "tests" / "vectors" / "written" / "feast"
FILES = ("registry.db", "online.db", "offline.parquet", "training.parquet", "redis.json")
STORE = """\
project: bank
registry: registry.db
provider: local
online_store: {type: sqlite, path: online.db}
entity_key_serialization_version: 3
"""
REDIS = "type: redis, connection_string: 'localhost:6379'"
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
# Whom, after how many hours, payments, spend, land: as often as not more than the 48 hours apart that a value holds.
VALUES = (
    ("a", 0, 3, 1.5, "AT"), ("a", 24, 4, 2.5, "CH"), ("a", 100, 5, None, "CH"),
    ("b", 10, 1, 0.1, "DE"), ("b", 200, 2, -7.25, None), ("ü", 190, 1 << 60, 1e300, "ÖS"),
)  # fmt: skip
EVENTS = (
    ("a", 0), ("a", 23), ("a", 24), ("a", 72), ("a", 73), ("a", 120), ("b", 9), ("b", 58), ("b", 59), ("b", 201),
    ("ü", 189), ("ü", 200), ("nobody", 100),
)  # fmt: skip


def at(hours: int) -> datetime:
    """Return a time so many hours after the first."""
    return BEGIN + timedelta(hours=hours)


def objects(feast: Any, kinds: Any) -> list[Any]:
    """Return views that are read, a plain one and one of a stream, and some that are not."""
    customer = feast.Entity(name="customer", join_keys=["customer"], value_type=feast.ValueType.STRING)
    terminal = feast.Entity(name="terminal", join_keys=["terminal_id"], value_type=feast.ValueType.INT64)
    plain = feast.FileSource(name="plain", path="offline.parquet", timestamp_field="computed_at")
    renamed = feast.FileSource(
        name="renamed", path="offline.parquet", timestamp_field="computed_at", field_mapping={"spend": "amount"}
    )
    columns = [("payments", kinds.Int64), ("spend", kinds.Float64), ("land", kinds.String)]
    schema = [feast.Field(name=name, dtype=kind) for name, kind in columns]

    def view(name: str, *entities: Any, source: Any = plain, fields: Any = schema, hours: int = 0) -> Any:
        ttl = timedelta(hours=hours)
        return feast.FeatureView(
            name=name, entities=[*entities], ttl=ttl, schema=fields, source=source, online=bool(hours)
        )

    lists = [feast.Field(name="payments", dtype=kinds.Array(kinds.Int64))]
    amounts = [feast.Field(name="amount", dtype=kinds.Float64)]
    pushed = feast.PushSource(name="pushed", batch_source=plain)
    stream = feast.StreamFeatureView(
        name="customer_stream", entities=[customer], ttl=timedelta(hours=24), source=pushed, mode="python",
        timestamp_field="computed_at", online=False, schema=[feast.Field(name="customer", dtype=kinds.String), *schema],
    )  # fmt: skip
    return [
        *(customer, terminal, plain, renamed, pushed, stream),
        view("customer_week", customer, hours=48),
        view("terminal_day", terminal),
        view("both", customer, terminal),
        view("renaming", customer, source=renamed, fields=amounts),
        view("lists", customer, fields=lists),
    ]


def write() -> None:
    """Write the files into the working directory."""
    pandas = importlib.import_module("pandas")
    feast, kinds = importlib.import_module("feast"), importlib.import_module("feast.types")
    Path("feature_store.yaml").write_text(STORE)
    rows = [{"customer": who, "computed_at": at(hours), "payments": p, "spend": s, "land": land, "terminal_id": 1}
            for who, hours, p, s, land in VALUES]  # fmt: skip
    pandas.DataFrame(rows).to_parquet("offline.parquet")
    store = feast.FeatureStore(".")
    store.apply(objects(feast, kinds))
    store.materialize(BEGIN - timedelta(days=1), at(1000), feature_views=["customer_week"])
    asked = pandas.DataFrame([{"customer": who, "event_timestamp": at(hours)} for who, hours in EVENTS])
    wanted = [f"customer_week:{name}" for name in ("payments", "spend", "land")]
    joined = store.get_historical_features(asked, wanted).to_df()
    joined.rename(columns={"event_timestamp": "paid_at"}).to_parquet("training.parquet")
    Path("feature_store.yaml").write_text(STORE.replace("type: sqlite, path: online.db", REDIS))
    feast.FeatureStore(".").materialize(BEGIN - timedelta(days=1), at(1000), feature_views=["customer_week"])
    server = importlib.import_module("redis").Redis()
    found = {key.hex(): {name.hex(): value.hex() for name, value in sorted(server.hgetall(key).items())}
             for key in sorted(server.keys())}  # fmt: skip
    Path("redis.json").write_text(json.dumps(found, indent=1) + "\n")


def main() -> None:
    """Write the files, and keep those that the tests read."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write()
        for name in FILES:
            shutil.copy(name, FOLDER)


if __name__ == "__main__":
    main()
