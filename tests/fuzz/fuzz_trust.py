"""Trust files and root files: nothing but our errors, and a root file is, byte for byte, what would be written."""

import base64
import json

from hauberk.errors import HauberkError
from hauberk.evidence.trust import RootKeys, decode_trust
from hauberk.signature.key import PublicKey
from signers import SeedSigner, log_key, witness_key

LOG, WITNESS, SCANNER = (SeedSigner(name) for name in ("example.org/log", "example.org/witness", "scanner"))
FROM, UNTIL = "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"


def seeds() -> list[bytes]:
    keys = {key.public.keyid: _entry(key.name, key.public) for key in (LOG, WITNESS, SCANNER)}
    trust = {
        "version": 1,
        "rootVersion": 1,
        "validUntil": UNTIL,
        "development": True,
        "log": {"origin": LOG.name, "vkey": log_key(LOG).format()},
        "witnesses": {"quorum": 1, "vkeys": [witness_key(WITNESS).format()]},
        "keys": keys,
        "grants": [
            {
                "signer": SCANNER.public.keyid,
                "predicates": ["urn:hauberk:model-scan:v1"],
                "subjects": ["model/tumour", "dataset/*"],
                "notBefore": FROM,
                "notAfter": UNTIL,
            }
        ],
    }
    root = RootKeys(1, (SCANNER.public, LOG.public)).encode()
    assert decode_trust(json.dumps(trust).encode()).quorum == 1
    return [json.dumps(trust).encode(), root]


def one_input(data: bytes) -> None:
    try:
        read = RootKeys.decode(data)
    except HauberkError:
        decode_trust(data)
    else:
        assert read.encode() == data


def _entry(name: str, key: PublicKey) -> dict[str, str]:

    return {"name": name, "kind": "ed25519", "spki": base64.b64encode(key.spki).decode()}
