"""`hauberk weights invert`: look for the patch that moves all images to one class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import deliver
from hauberk.cli.progress import progress
from hauberk.edge.sources import check_output
from hauberk.render import weights
from hauberk.verbs.weights_invert import invert_weights
from hauberk.version import VERSION

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("model", help="a file with the weights of a small image classifier")
    parser.add_argument("--layers", required=True, metavar="FILE", help="YAML or JSON: what the network is made of")
    parser.add_argument("--images", required=True, metavar="FILE", help="clean images, an .npy file of floats")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the report")
    parser.add_argument("--output", metavar="FILE", help="where to write the report instead of standard output")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Look for triggers, and write the report."""
    inputs = (options.model, options.layers, options.images)
    if options.output is not None:
        check_output(options.output, recognise=weights.is_document, inputs=inputs)
    with progress(f"looking for triggers in {options.model}"):
        seen = invert_weights(options.model, options.layers, options.images)
    as_json = options.format == "json"
    text = weights.inversion_document(seen, version=VERSION) if as_json else weights.inversion_text(seen)
    deliver(text, options.output, recognise=weights.is_document, inputs=inputs)
    if seen.targets:
        return Exit.FOUND
    return Exit.CLEAN if seen.complete else Exit.UNCHECKED
