"""Signing and verifying a model directory at the prompt: Hauberk and model-signing 1.1.1 in turns, whole processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from row import Row, show

FILES, FILE_BYTES, ROUNDS = 16, 16 << 20, 5
PROGRAMS = Path(sys.executable).parent
OURS = [str(PROGRAMS / "hauberk")]
PEER = [str(PROGRAMS / "model_signing")]
COMMANDS = {
    "sign": (
        [*OURS, "sign", "model", "--key", "k.pem", "--signature", "ours.sig"],
        [*PEER, "sign", "key", "model", "--private_key", "k.pem", "--signature", "peer.sig"],
    ),
    # each verifies the other's, so that a run is also a proof that both speak of the same thing
    "verify": (
        [*OURS, "verify", "model", "--public-key", "p.pem", "--signature", "peer.sig"],
        [*PEER, "verify", "key", "model", "--public_key", "p.pem", "--signature", "ours.sig"],
    ),
}


def make_model(place: Path) -> None:
    """Write a model of random files and a pair of keys."""
    (place / "model").mkdir()
    for number in range(FILES):
        (place / "model" / f"shard-{number:02}.bin").write_bytes(os.urandom(FILE_BYTES))
    key = ec.generate_private_key(ec.SECP256R1())
    plain = serialization.NoEncryption()
    (place / "k.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    (place / "p.pem").write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def seconds(command: list[str], place: Path) -> float:
    """Run a command to its end; return how long it took."""
    began = time.perf_counter()
    subprocess.run(command, cwd=place, check=True, capture_output=True)
    return time.perf_counter() - began


def measure() -> list[Row]:
    """Return the rows of this benchmark."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make_model(place)
        for name, (ours, peer) in COMMANDS.items():
            runs = [(seconds(ours, place), seconds(peer, place)) for _ in range(ROUNDS)]
            mine, theirs = (median(column) for column in zip(*runs, strict=True))
            what = f"`hauberk {name}`, {FILES} files of {FILE_BYTES >> 20} MiB"
            rows.append(Row(what, mine, "s", "sign_verify", peer=f"model-signing 1.1.1: {theirs:.3g} s"))
    return rows


if __name__ == "__main__":
    show(measure())
