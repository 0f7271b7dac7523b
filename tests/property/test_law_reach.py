"""What depends on a digest is what gates deny once it is revoked: nothing that a gate denies is left out."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from deployer import Ledger
from hauberk.evidence.causes import causes_of
from hauberk.evidence.collection import concerned
from hauberk.ledger.edges import Edges, Stated
from hauberk.signature import dsse
from property.chains import FULL, MODEL, chains, envelopes, evidence
from simulator import Log


def stated(data: bytes) -> Stated:
    found = causes_of(dsse.decode_envelope(data))
    return Stated(found.effects, found.causes, found.deployed)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chains())
def test_all_whose_revocation_a_gate_would_ask_about_are_above_the_model(tmp_path_factory, said):
    log = Log()
    for item in envelopes(said):
        log.append(item.envelope, item.time)
    known = evidence(said, FULL)
    asked = concerned(known.ancestry(MODEL), MODEL)
    with Edges.open(tmp_path_factory.mktemp("edges")) as edges:
        edges.extend(Ledger(log), stated)
        above = edges.above(MODEL.digests[0])
    assert asked <= above.keys()
