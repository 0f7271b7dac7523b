"""What tests of the proof share: a passport that lies in one way, and how it is refused or denied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gate.edits import opened
from hauberk.errors import NotVerified
from hauberk.gate import passport as passports
from hauberk.gate.export import collect
from hauberk.verdict import Answer
from simulator import Chain, good_passport


def refuses(chain: Chain, message: str, data: bytes | None = None, **reader: Any) -> None:
    with pytest.raises(NotVerified, match=message):
        chain.verify(data, **reader)


def denied(chain: Chain) -> set[str]:
    verdict = chain.verify().verdict
    assert verdict.result is Answer.DENY
    return {reason.rule for reason in verdict.reasons}


def collected(chain: Chain, **changes: Any) -> passports.Passport:
    """Return what an honest exporter collects, with a dishonest change."""
    return replace(collect(chain.log, gate="load", subject=chain.subject), **changes)  # type: ignore[arg-type]


def bare(passport: passports.Passport) -> bytes:
    return passports.encode(replace(passport, verdict=opened(good_passport()[1])["verdict"]))
