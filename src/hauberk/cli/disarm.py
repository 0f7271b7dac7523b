"""`hauberk disarm`: write the same weights without code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, warn
from hauberk.cli.progress import progress
from hauberk.edge.keys import open_signer
from hauberk.verbs.disarm import disarm

if TYPE_CHECKING:
    import argparse

_SHOWN = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("model", help="a pickle, a joblib file or a PyTorch archive")
    parser.add_argument(
        "-o", "--output", required=True, metavar="DIR", help="a new directory for the files without code"
    )
    parser.add_argument("--key", metavar="URI", help="the private key that signs the statement of derivation")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Disarm, and say what was carried over and what was not."""
    signer = None if options.key is None else open_signer(options.key)
    with progress(f"disarming {options.model}"):
        found = disarm(options.model, options.output, signer=signer)
    rows: dict[str, object] = {"from": found.source, "read as": found.form}
    rows |= {f"{options.output}/{name}": digest for name, digest in found.files.items()}
    rows |= {"tensors": f"{found.tensors}, bit for bit", "plain values": found.values}
    say(facts(f"disarmed {options.model}", rows))
    if not found.estimator:
        for name, why in list(found.left.items())[:_SHOWN]:
            warn(f"left behind: {name}: {why}")
        if len(found.left) > _SHOWN:
            warn(f"and {len(found.left) - _SHOWN} more; all are listed in {options.output}/derivation.json")
    return Exit.CLEAN if found.complete else Exit.UNCHECKED
