"""The metrics that a script wrote: nothing but our errors, and finite numbers."""

import math

from hauberk.pipeline.stages.evaluate import read_metrics


def seeds() -> list[bytes]:
    whole = b'{"accuracy": 0.9789, "recall": 97e-2, "rows": 190}'
    read_metrics(whole)
    return [whole, b'{"a": NaN}', b'{"a": 1e999}', b'{"a": {"b": 1}}', b"[" * 200, b'{"a": ' + b"9" * 400 + b"}"]


def one_input(data: bytes) -> None:
    metrics = read_metrics(data)
    assert metrics
    assert all(math.isfinite(number) for number in metrics.values())
