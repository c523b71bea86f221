"""What `neural-networks/generalization.md` says and its snippet does not show by itself."""

from __future__ import annotations

import math
from fractions import Fraction as F
from typing import Any

import pytest
import torch
from torch import nn, optim


def one_step(kind: Any, w: float, gradient: float, **settings: float) -> float:
    """Where one step of the optimizer takes w."""
    weight = torch.tensor([w], dtype=torch.float64, requires_grad=True)
    (gradient * weight).sum().backward()
    kind([weight], lr=0.1, **settings).step()
    return float(weight.item())


def small_net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 2))


def test_parameters_of_the_net() -> None:
    """neural-networks/generalization.md#overfitting: "more than a hundred for each point"."""
    count = (2 * 64 + 64) + (64 * 64 + 64) + (64 * 2 + 2)
    assert count == 4482
    assert count / 40 > 100


def test_dropout_of_zero_does_nothing() -> None:
    """neural-networks/generalization.md#overfitting: "`nn.Dropout` …; with 0 it does nothing"."""
    x = torch.randn(100)
    assert torch.equal(nn.Dropout(0.0).train()(x), x)


def test_adamw_without_decay_is_adam() -> None:
    """neural-networks/generalization.md#overfitting: "with `weight_decay=0.0` it is Adam"."""
    ends = []
    for kind in (optim.AdamW, optim.Adam):
        w = torch.tensor([4.0, -1.0], dtype=torch.float64, requires_grad=True)
        optimizer = kind([w], lr=0.01, weight_decay=0.0)
        for _ in range(50):
            optimizer.zero_grad()
            (w**2).sum().backward()
            optimizer.step()
        ends.append(w.detach())
    assert torch.equal(*ends)


def test_decay_by_hand() -> None:
    """neural-networks/generalization.md#weight-decay: the step to 7/2, and 37/10 "Without decay"."""
    w, g, lr, decay = F(4), F(3), F(1, 10), F(1, 2)
    assert w - lr * (g + decay * w) == F(7, 2)
    assert one_step(optim.SGD, 4, 3, weight_decay=0.5) == pytest.approx(3.5, rel=1e-12)
    assert one_step(optim.SGD, 4, 3) == pytest.approx(3.7, rel=1e-12)


def test_decay_is_l2() -> None:
    """neural-networks/generalization.md#weight-decay: "It is the same as adding λ/2 · w² to the loss before
    differentiating".
    """
    w = torch.tensor([4.0], dtype=torch.float64, requires_grad=True)
    (3 * w + 0.5 / 2 * w**2).sum().backward()
    optim.SGD([w], lr=0.1).step()
    assert w.item() == pytest.approx(one_step(optim.SGD, 4, 3, weight_decay=0.5), rel=1e-12)


def test_adam_scales_its_decay_away() -> None:
    """neural-networks/generalization.md#weight-decay: "AdamW gives 19/5" and "The first step of Adam is as long as the
    learning rate, whether its gradient λw is 2 or 200: 4 - 1/10."
    """
    assert one_step(optim.AdamW, 4, 0, weight_decay=0.5) == pytest.approx(19 / 5, rel=1e-9)
    for decay in (0.5, 50.0):
        assert one_step(optim.Adam, 4, 0, weight_decay=decay) == pytest.approx(3.9, rel=1e-7)


@pytest.mark.parametrize(("p", "survivor"), [(0.5, 2.0), (0.75, 4.0)])
def test_dropout_keeps_the_mean(p: float, survivor: float) -> None:
    """neural-networks/generalization.md#dropout: "with p = 1/2 a 1 becomes 0 or 2", "which keeps the mean";
    #self-check: `nn.Dropout(0.75)` gives 0 or 4, in evaluation mode 1.
    """
    torch.manual_seed(0)
    layer, ones = nn.Dropout(p), torch.ones(200_000, dtype=torch.float64)
    out = layer(ones)
    assert out.unique().tolist() == [0.0, survivor]
    assert out.mean().item() == pytest.approx(1, abs=0.02)
    assert (out == 0).double().mean().item() == pytest.approx(p, abs=0.005)
    assert torch.equal(layer.eval()(ones), ones)


def test_modes_and_recording_are_independent() -> None:
    """neural-networks/generalization.md#train-and-eval: the table's column "leaves alone", and
    "`torch.set_grad_enabled(False)` does what `no_grad()` does".
    """
    net = small_net()
    net.eval()
    assert net(torch.ones(1, 2)).requires_grad
    assert all(parameter.requires_grad for parameter in net.parameters())
    net.train()
    with torch.no_grad():
        assert net.training
        assert not net(torch.ones(1, 2)).requires_grad
    with torch.set_grad_enabled(False):
        assert not net(torch.ones(1, 2)).requires_grad
    assert net(torch.ones(1, 2)).requires_grad


def test_values_are_the_same_without_recording() -> None:
    """neural-networks/generalization.md#train-and-eval: "The values are the same" """
    net, x = small_net().eval(), torch.randn(50, 2)
    with torch.no_grad():
        quiet = net(x)
    assert torch.equal(quiet, net(x))


def test_almost_every_test_point_has_a_twin() -> None:
    """neural-networks/generalization.md#leakage: "almost every test point has a twin in the training set"."""
    torch.manual_seed(0)
    point = torch.arange(400).repeat(4)
    order = torch.randperm(1600)
    share = torch.isin(point[order[1200:]], point[order[:1200]]).double().mean().item()
    assert share > 0.97
    assert share == pytest.approx(1 - (1 / 4) ** 3, abs=0.02)


def test_standard_error() -> None:
    """neural-networks/generalization.md#luck: the formula, against the exact spread of the number of right answers; "3
    percentage points" and "To halve the error you need four times as many points."
    """
    for a, n in ((F(9, 10), 100), (F(4, 5), 20)):
        chances = [math.comb(n, k) * a**k * (1 - a) ** (n - k) for k in range(n + 1)]
        mean = sum((c * F(k, n) for k, c in enumerate(chances)), F(0))
        variance = sum((c * (F(k, n) - mean) ** 2 for k, c in enumerate(chances)), F(0))
        assert mean == a
        assert variance == a * (1 - a) / n
    assert F(9, 10) * F(1, 10) / 100 == F(3, 100) ** 2
    assert F(9, 10) * F(1, 10) / 400 == (F(3, 100) / 2) ** 2


def test_ninety_percent_easily_scores_otherwise() -> None:
    """neural-networks/generalization.md#luck: "A model whose true accuracy is 90% easily scores 87% or 93% on such a
    test": at or below 87, and at or above 93, more than one time in ten each.
    """
    chances = [math.comb(100, k) * 0.9**k * 0.1 ** (100 - k) for k in range(101)]
    assert sum(chances[:88]) > 0.1
    assert sum(chances[93:]) > 0.1


def test_self_check_numbers() -> None:
    """neural-networks/generalization.md#self-check: "2 percentage points. For 1 percentage point you need 1600
    points."
    """
    assert F(4, 5) * F(1, 5) / 400 == F(2, 100) ** 2
    assert F(4, 5) * F(1, 5) / 1600 == F(1, 100) ** 2


def test_without_train_only_the_first_epoch_drops() -> None:
    """neural-networks/generalization.md#self-check: "Only the first epoch runs in training mode"."""
    net, modes = small_net(), []
    for _ in range(3):
        modes.append(net.training)
        net.eval()
    assert modes == [True, False, False]


def test_train_false_is_eval() -> None:
    """neural-networks/generalization.md#train-and-eval: "`net.train(False)` is the same as `net.eval()`"."""
    one, two = nn.Dropout(0.5), nn.Dropout(0.5)
    one.train(False)
    two.eval()
    assert one.training is two.training is False
