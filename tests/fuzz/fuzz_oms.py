"""OMS bundles: nothing but our errors, only normal paths, and no changed bundle whose signature holds."""

from __future__ import annotations

from pathlib import Path

from hauberk.limits import Limits
from hauberk.signature import oms
from producer import producer

LIMITS = Limits(max_document_bytes=1 << 16, max_tree_files=100)
SIGNER = producer()
PASS = Path(__file__).parents[1] / "vectors" / "oms" / "pass"
MANIFEST = oms.manifest_of("model", [("sub/x", "aa" * 32), ("sub.txt", "bb" * 32)])


def seeds() -> list[bytes]:
    bundle = oms.sign(MANIFEST, SIGNER)
    return [bundle, oms.decode_bundle(bundle).payload, *(path.read_bytes() for path in sorted(PASS.glob("*.sig")))]


def one_input(data: bytes) -> None:
    if b'"predicateType"' in data:
        manifest = oms.decode_payload(data, limits=LIMITS)
        assert oms.decode_payload(oms.encode_payload(manifest), limits=LIMITS) == manifest
        names = [*manifest.ignore_paths, *(resource.name for resource in manifest.resources)]
        assert not any(part in ("", "..") for name in names for part in name.split("/"))
        return
    oms.decode_bundle(data, limits=LIMITS)
    assert oms.open_bundle(data, [SIGNER.public], limits=LIMITS).manifest == MANIFEST
