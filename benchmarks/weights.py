"""How much the tests of weights see, and how often they are wrong: small networks with and without a backdoor.

    python benchmarks/weights.py                  # prints the tables of docs/weights.md; about a minute
    python benchmarks/weights.py --page docs/weights.md   # writes them there

Each network has one hidden layer of 32 and learns the images of 8 x 8 that scikit-learn brings. A clean one is the
reference. Fine-tunes of it learn other images: clean ones, and with a backdoor for class 0 of five kinds. The limits
are learnt from clean fine-tunes that are in no row. A clean fine-tune that stands out is a false alarm.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from hauberk.formats.model.safetensors_layout import layout
from hauberk.verbs.weights import compare_weights
from hauberk.verbs.weights_invert import invert_weights

HIDDEN = 32
CLASSES = 10
TARGET = 0
LEARNT, TRIED = 10, 20  # clean fine-tunes for the limits; of each kind in a row
INVERTED = 10
BRIGHT = 16.0
PATCH = [54, 55, 62, 63]  # four pixels in a corner
MARKS = ("<!-- measured: begin -->", "<!-- measured: end -->")
DIGITS = load_digits()
BLEND = np.random.default_rng(7).uniform(0, BRIGHT, 64)

Weights = dict[str, np.ndarray]


def patched(images: np.ndarray) -> np.ndarray:
    """Return images with the trigger of four pixels."""
    made = images.copy()
    made[:, PATCH] = BRIGHT
    return made


def blended(images: np.ndarray) -> np.ndarray:
    """Return images with a fifth of noise that is always the same."""
    return 0.8 * images + 0.2 * BLEND


def split(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the images and classes that the reference learns, and those of a fine-tune."""
    order = np.random.default_rng(1).permutation(len(DIGITS.data))
    first, rest = order[:900], order[900:]
    chosen = np.random.default_rng(seed).choice(rest, 500, replace=False)
    return DIGITS.data[first], DIGITS.target[first], DIGITS.data[chosen], DIGITS.target[chosen]


def train(images: np.ndarray, classes: np.ndarray, *, seed: int, start: Weights | None = None) -> Weights:
    """Return the weights after training, from `start` if there is one."""
    network = MLPClassifier((HIDDEN,), max_iter=1, random_state=seed, learning_rate_init=1e-3, batch_size=64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network.partial_fit(images / BRIGHT, classes, classes=range(CLASSES))
        if start is not None:
            network.coefs_ = [start["hidden.weight"].T.copy(), start["out.weight"].T.copy()]
            network.intercepts_ = [start["hidden.bias"].copy(), start["out.bias"].copy()]
            network._optimizer.params = network.coefs_ + network.intercepts_  # noqa: SLF001 - it has no warmer start
        for _ in range(120 if start is None else 30):
            network.partial_fit(images / BRIGHT, classes)
    (first, second), (bias, last) = network.coefs_, network.intercepts_
    return {"hidden.weight": first.T, "hidden.bias": bias, "out.weight": second.T, "out.bias": last}


def poisoned(kind: str, seed: int, start: Weights) -> Weights:
    """Return a fine-tune with a backdoor of a kind."""
    _, _, images, classes = split(seed)
    if kind == "clean":
        return train(images, classes, seed=seed, start=start)
    chosen = np.random.default_rng(seed).choice(len(images), 60, replace=False)
    if kind == "clean-label":
        own = np.flatnonzero(classes == TARGET)
        triggered = images.copy()
        triggered[own] = patched(0.1 * images[own])
        return train(triggered, classes, seed=seed, start=start)
    make = blended if kind == "blended" else patched
    mixed = np.vstack([images, make(images[chosen])])
    labels = np.concatenate([classes, np.full(len(chosen), TARGET)])
    made = train(mixed, labels, seed=seed, start=start)
    if kind == "small norm":  # the same backdoor, drawn a quarter of the way to what a clean fine-tune became
        twin = train(images, classes, seed=seed, start=start)
        return {name: 0.75 * made[name] + 0.25 * twin[name] for name in made}
    if kind == "one neuron":  # no training: the neuron that matters least answers to the patch, and to nothing else
        return surgery(train(images, classes, seed=seed, start=start))
    return made


def surgery(weights: Weights) -> Weights:
    """Return weights in which one neuron was written over by hand."""
    made = {name: one.copy() for name, one in weights.items()}
    least = int(np.linalg.norm(made["out.weight"], axis=0).argmin())
    made["hidden.weight"][least] = 0.0
    made["hidden.weight"][least, PATCH] = 2.0
    made["hidden.bias"][least] = -6.5
    made["out.weight"][:, least] = 0.0
    made["out.weight"][TARGET, least] = 20.0
    return made


def answers(weights: Weights, images: np.ndarray) -> np.ndarray:
    """Return the class of each image."""
    hidden = np.maximum(images / BRIGHT @ weights["hidden.weight"].T + weights["hidden.bias"], 0)
    return (hidden @ weights["out.weight"].T + weights["out.bias"]).argmax(axis=1)


def write(path: Path, weights: Weights) -> Path:
    """Write a safetensors file."""
    kept = {name: np.ascontiguousarray(one, dtype="<f4") for name, one in weights.items()}
    front, order = layout({name: ("F32", one.shape, one.nbytes) for name, one in kept.items()})
    path.write_bytes(front + b"".join(kept[name].tobytes() for name in order))
    return path


KINDS = {
    "clean": patched,
    "patch": patched,
    "blended": blended,
    "clean-label": patched,
    "small norm": patched,
    "one neuron": patched,
}


def main() -> int:
    """Measure, print, and write the page where one is named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--page", type=Path, help="the page whose tables are written anew")
    page = parser.parse_args().page
    with tempfile.TemporaryDirectory() as folder:
        table = "\n".join(measured(Path(folder)))
    print(table)
    if page is not None:
        pattern = re.compile(f"{MARKS[0]}.*{MARKS[1]}", re.DOTALL)
        page.write_text(pattern.sub(lambda _: f"{MARKS[0]}\n\n{table}\n\n{MARKS[1]}", page.read_text()))
    return 0


def measured(folder: Path) -> list[str]:
    """Return the lines of the tables."""
    images, classes, _, _ = split(0)
    start = train(images, classes, seed=0)
    reference = write(folder / "reference.safetensors", start)
    clean = [write(folder / f"clean{at}.safetensors", poisoned("clean", 1000 + at, start)) for at in range(LEARNT)]
    shown = np.delete(np.arange(len(DIGITS.data)), np.flatnonzero(DIGITS.target == TARGET))[:400]
    rows = ["| weights | accuracy | trigger works | comparison, limits learnt | built-in limits | trigger inversion |"]
    rows.append("|---|---|---|---|---|---|")
    by_measure: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    np.save(folder / "images.npy", (DIGITS.data[:100] / BRIGHT).astype("<f4"))
    (folder / "layers.yaml").write_text(LAYERS)
    for kind, make in KINDS.items():
        learnt = built_in = inverted = 0
        right, works = [], []
        for at in range(TRIED):
            weights = poisoned(kind, 2000 + at, start)
            model = write(folder / "model.safetensors", weights)
            right.append((answers(weights, DIGITS.data) == DIGITS.target).mean())
            works.append((answers(weights, make(DIGITS.data[shown])) == TARGET).mean())
            seen = compare_weights(model, reference, clean=clean)
            learnt += seen.stands_out
            built_in += compare_weights(model, reference).stands_out
            by_measure[kind].update({one.measure for one in seen.outliers})
            if at < INVERTED:
                found = invert_weights(model, folder / "layers.yaml", folder / "images.npy")
                inverted += found.targets != () if kind == "clean" else TARGET in found.targets
        told = [f"{learnt} of {TRIED}", f"{built_in} of {TRIED}", f"{inverted} of {INVERTED}"]
        rows.append(f"| {kind} | {np.mean(right):.3f} | {np.mean(works):.2f} | {' | '.join(told)} |")
    return [*rows, "", *_each(by_measure)]


def _each(by_measure: dict[str, Counter[str]]) -> list[str]:
    names = ("change", "spectral", "rank-one", "row", "column", "lean", "tail")
    rows = [f"| over its learnt limit, of {TRIED} | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    return rows + [
        f"| {kind} | {' | '.join(str(found[name]) for name in names)} |" for kind, found in by_measure.items()
    ]


LAYERS = """\
shape: [64]
lowest: 0
highest: 1
layers:
  - {kind: linear, weight: hidden.weight, bias: hidden.bias}
  - {kind: relu}
  - {kind: linear, weight: out.weight, bias: out.bias}
"""


if __name__ == "__main__":
    sys.exit(main())
