"""PyTorch beside models: distributions, data and its loaders, generators, packed sequences, norms that are hooks."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import torch
from torch import distributions as dist
from torch import nn, optim
from torch.distributions import transforms
from torch.nn import init
from torch.nn.utils import rnn
from torch.optim import swa_utils
from torch.utils import data

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNHASHABLE = "has no hash beside it, so no key of a stream is compared"
READ = {
    "torch.amp.grad_scaler.GradScaler.__setstate__": "fills __dict__",
    "torch.utils.data.dataloader.DataLoader.__setattr__": "refuses a few names; a state fills __dict__",
    "torch.nn.modules.module._WrappedHook.__setstate__": "keeps the hook and its module; the rule says which hooks",
    "torch.nn.utils.rnn.PackedSequence.__new__": "asks its tensors for their device; the rule makes them tensors",
    **{
        f"torch.distributions.transforms.{name}.__eq__": _UNHASHABLE
        for name in vars(transforms)
        if name.endswith("Transform")
    },
}
_INITIAL = ("constant_ dirac_ eye_ kaiming_normal_ kaiming_uniform_ normal_ ones_ orthogonal_ sparse_ trunc_normal_ "
            "uniform_ xavier_normal_ xavier_uniform_ zeros_")  # fmt: skip
ROWS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("torch._C", "Generator"): ("torch-generator", "", "a generator of random numbers, and its state"),
    ("torch.nn.utils.rnn", "PackedSequence"): ("packed", "", "tensors of a sequence"),
    ("torch.nn.modules.module", "_WrappedHook"): ("spectral-hook", "", "a hook of the spectral norm"),
    ("torch.amp.grad_scaler", "_refresh_per_optimizer_state"): ("", "", "makes a dict of two things"),
    **{
        ("torch.optim.swa_utils", f"SWALR.{name}"): ("", "", "a function of numbers, named, not called")
        for name in ("_cosine_anneal", "_linear_anneal")
    },
    **{("torch.nn.init", name): ("", "", "fills a tensor, named, not called") for name in _INITIAL.split()},
    **{
        ("torch.utils.data._utils.collate", name): ("", "", "puts samples together, named, not called")
        for name in ("default_collate", "default_convert")
    },
}


def values() -> Iterator[tuple[str, Any]]:
    """Yield what people save beside models, each with a label."""
    yield from _distributions()
    yield from _data()
    yield "generator", torch.Generator()
    yield "packed", rnn.pack_sequence([torch.ones(2), torch.ones(1)])
    yield "packed, sorted", rnn.pack_sequence([torch.ones(1), torch.ones(2)], enforce_sorted=False)
    yield "scaler", torch.amp.GradScaler("cpu")
    yield "scaler of cuda", torch.cuda.amp.GradScaler()
    yield "spectral norm", nn.utils.spectral_norm(nn.Linear(2, 2))
    yield "norms to be made", [functools.partial(nn.LayerNorm, eps=1e-6), functools.partial(nn.BatchNorm2d, eps=0.1)]
    for strategy in ("cos", "linear"):
        yield strategy, swa_utils.SWALR(optim.SGD(nn.Linear(1, 1).parameters(), 0.1), 0.05, anneal_strategy=strategy)
    yield "initialisations", [getattr(init, name) for name in _INITIAL.split()]


def _distributions() -> Iterator[tuple[str, Any]]:
    one, eye = torch.ones(2), torch.eye(2)
    half, hot = one / 2, torch.tensor(1.0)
    normal = dist.Normal(one, one)
    made = [
        dist.Bernoulli(half), dist.Bernoulli(logits=half), dist.Beta(one, one), dist.Binomial(2, half),
        dist.Cauchy(one, one), dist.Categorical(logits=one), dist.Chi2(one), dist.ContinuousBernoulli(half),
        dist.Dirichlet(one), dist.Exponential(one), dist.FisherSnedecor(one, one), dist.Gamma(one, one),
        dist.GeneralizedPareto(one, one, half), dist.Geometric(half), dist.Gumbel(one, one), dist.HalfCauchy(one),
        dist.HalfNormal(one), dist.Independent(normal, 1), dist.InverseGamma(one, one), dist.Kumaraswamy(one, one),
        dist.Laplace(one, one), dist.LKJCholesky(2), dist.LogNormal(one, one), dist.LogisticNormal(one, one),
        dist.LowRankMultivariateNormal(one, torch.ones(2, 1), one), dist.Multinomial(2, one),
        dist.MixtureSameFamily(dist.Categorical(one), normal), dist.MultivariateNormal(one, eye),
        dist.MultivariateNormal(one, scale_tril=eye), dist.NegativeBinomial(2, half), dist.OneHotCategorical(one),
        dist.OneHotCategoricalStraightThrough(one), dist.Pareto(one, one), dist.Poisson(one),
        dist.RelaxedBernoulli(hot, half), dist.RelaxedOneHotCategorical(hot, one), dist.StudentT(one),
        dist.Uniform(0 * one, one), dist.VonMises(one, one), dist.Weibull(one, one), dist.Wishart(hot * 3, eye),
    ]  # fmt: skip
    for one_of in made:
        yield type(one_of).__name__, one_of
    changed = [
        transforms.TanhTransform(), transforms.AffineTransform(0, 1), transforms.ExpTransform(),
        transforms.SigmoidTransform(), transforms.SoftplusTransform(), transforms.PowerTransform(hot),
        transforms.AbsTransform(), transforms.ComposeTransform([transforms.ExpTransform()]),
    ]  # fmt: skip
    yield "transformed", dist.TransformedDistribution(normal, changed)


def _data() -> Iterator[tuple[str, Any]]:
    samples = data.TensorDataset(torch.ones(4))
    yield "halves", data.random_split(samples, [2, 2])
    yield "together", [data.ConcatDataset([samples]), data.StackDataset(torch.ones(4)), data.ChainDataset([])]
    yield "loader", data.DataLoader(samples)
    yield "shuffled", data.DataLoader(samples, batch_size=2, shuffle=True)
    yield "whole", data.DataLoader(samples, batch_size=None)
    for sampler in (data.WeightedRandomSampler([1.0] * 4, 4), data.SubsetRandomSampler([0, 1])):
        yield type(sampler).__name__, data.DataLoader(samples, sampler=sampler)
