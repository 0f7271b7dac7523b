"""Our layers answer as PyTorch's do, and its files are read."""

import numpy as np
import pytest

from hauberk.stats.network import Conv, Flatten, Linear, Relu, answer
from hauberk.verbs.weights import compare_weights

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore")]


def network():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    nn = torch.nn
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 64, 10)).double()


def test_the_answers_are_those_of_torch():
    import torch

    made = network()
    state = {name: one.numpy() for name, one in made.state_dict().items()}
    ours = [
        Conv(state["0.weight"], state["0.bias"], 1),
        Relu(),
        Flatten(),
        Linear(state["3.weight"], state["3.bias"]),
    ]
    images = np.random.default_rng(1).normal(size=(3, 1, 8, 8))
    expected = made(torch.from_numpy(images)).detach().numpy()
    np.testing.assert_allclose(answer(ours, images)[0], expected, rtol=1e-9, atol=1e-12)


def test_a_state_dict_is_read_and_a_filter_that_was_changed_stands_out(tmp_path):
    import torch

    made = network()
    torch.save(made.state_dict(), tmp_path / "base.pt")
    assert not compare_weights(tmp_path / "base.pt", tmp_path / "base.pt").stands_out
    with torch.no_grad():
        made[3].weight[5] += 1
    torch.save(made.state_dict(), tmp_path / "m.pt")
    seen = compare_weights(tmp_path / "m.pt", tmp_path / "base.pt")
    assert "3.weight" in {one.tensor for one in seen.outliers}
