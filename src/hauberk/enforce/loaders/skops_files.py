"""skops: a tree of nodes that name classes. Trusted is what our tables hold, and nothing because the file says so."""

from __future__ import annotations

from hauberk.callables.judgement import Tier
from hauberk.checks.model.config_named import judge_dotted
from hauberk.enforce.loaders.attempt import imported, opened
from hauberk.errors import Refused


def load_skops(data: bytes, _: frozenset[tuple[str, str]]) -> object:
    """Return the object, of classes that skops trusts itself or that the tables of the scan hold."""
    skops = imported("skops.io", "skops")

    def read() -> object:
        asked = skops.get_untrusted_types(data=data)
        for name in asked:
            if judge_dotted(name).tier is not Tier.SAFE:
                raise Refused(f"skops would import {name}, which the tables do not hold", "scan it again")
        return skops.loads(data, trusted=asked)

    return opened(read)
