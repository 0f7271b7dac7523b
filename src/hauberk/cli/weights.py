"""`hauberk weights`: measure a model's weights beside those of the clean model that it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import deliver
from hauberk.cli.progress import progress
from hauberk.edge.sources import check_output
from hauberk.render import weights
from hauberk.verbs.weights import compare_weights
from hauberk.version import VERSION

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("model", help="safetensors, a PyTorch file, a pickle, a joblib file or an .npz file")
    parser.add_argument("--reference", required=True, metavar="CLEAN", help="the clean model that it was made from")
    parser.add_argument(
        "--clean", action="append", default=[], metavar="MODEL",
        help="a fine-tune of the reference that is known to be clean, three or more; limits are learnt from them",
    )  # fmt: skip
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the report")
    parser.add_argument("--output", metavar="FILE", help="where to write the report instead of standard output")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Compare, and write the report."""
    inputs = (options.model, options.reference, *options.clean)
    if options.output is not None:
        check_output(options.output, recognise=weights.is_document, inputs=inputs)
    with progress(f"measuring {options.model}"):
        seen = compare_weights(options.model, options.reference, clean=options.clean)
    text = weights.document(seen, version=VERSION) if options.format == "json" else weights.text(seen)
    deliver(text, options.output, recognise=weights.is_document, inputs=inputs)
    if seen.stands_out:
        return Exit.FOUND
    return Exit.UNCHECKED if seen.uncompared else Exit.CLEAN
