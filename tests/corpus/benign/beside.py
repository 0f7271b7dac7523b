"""Ordinary files of what people save beside models: distributions, data, generators, norms to be made, graphs."""

from __future__ import annotations

import functools
import io
import pickle
from typing import TYPE_CHECKING, Any

import networkx as nx
import torch
from torch import distributions, nn
from torch.utils import data

from corpus.sample import Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator


def samples() -> Iterator[Sample]:
    """Yield each value in both forms of `torch.save`."""
    for name, value in values():
        for form, zipped in (("zip", True), ("old", False)):
            out = io.BytesIO()
            torch.save(value, out, _use_new_zipfile_serialization=zipped)
            yield file("torch", f"{name}-{form}", "x.pt", out.getvalue())
    for cls in (nx.Graph, nx.DiGraph, nx.MultiGraph):
        graph = cls([(1, 2), (2, "os.system")], name="a network")
        len(graph.edges)
        for protocol in (2, 4, 5):
            yield file("networkx", f"{cls.__name__}-{protocol}", "graph.gpickle", pickle.dumps(graph, protocol))


def values() -> Iterator[tuple[str, Any]]:
    """Yield them, each with a name."""
    torch.manual_seed(1)
    one, held = torch.ones(2), data.TensorDataset(torch.ones(4))
    normal = distributions.Normal(one, one)
    yield "multivariate-normal", distributions.MultivariateNormal(one, torch.eye(2))
    yield "beta", distributions.Beta(one, one)
    yield "mixture", distributions.MixtureSameFamily(distributions.Categorical(logits=one), normal)
    yield "squashed", distributions.TransformedDistribution(normal, [distributions.transforms.TanhTransform()])
    yield "loader", data.DataLoader(held, batch_size=2, shuffle=True)
    yield "split", data.random_split(held, [2, 2])
    yield "whole-generator", torch.Generator()
    yield "sequence", nn.utils.rnn.pack_sequence([torch.ones(2), torch.ones(1)])
    yield "scaler", torch.amp.GradScaler("cpu")
    yield "spectral", nn.utils.spectral_norm(nn.Linear(2, 2))
    yield "norm-to-be", {"norm": functools.partial(nn.LayerNorm, eps=1e-6), "initial": nn.init.xavier_uniform_}
