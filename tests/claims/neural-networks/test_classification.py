"""What `neural-networks/classification.md` says and its snippet does not show by itself."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional


def numbers(*values: float) -> Any:
    return torch.tensor(values, dtype=torch.float64)


def cross_entropy(logits: Any, right: int) -> float:
    return float(functional.cross_entropy(logits[None], torch.tensor([right])).item())


def logit_gradient(logits: Any, right: int) -> Any:
    leaf = logits.clone().requires_grad_()
    functional.cross_entropy(leaf[None], torch.tensor([right])).backward()
    return leaf.grad


def mse_slope(z: float) -> float:
    """The derivative by the right logit of the MSE between softmax and one-hot, the wrong logit held at 0."""
    logits = numbers(z, 0).requires_grad_()
    functional.mse_loss(logits.softmax(0), numbers(1, 0)).backward()
    return float(logits.grad[0].item())


def test_a_class_number_is_not_a_size() -> None:
    """neural-networks/classification.md#one-hot: "A network that hesitates between cat and bird answers 1": the MSE of
    a prediction that is cat (0) or bird (2) with equal chances is lowest at 1.
    """
    guesses = torch.linspace(0, 2, 201, dtype=torch.float64)
    losses = (guesses**2 + (guesses - 2) ** 2) / 2
    assert guesses[losses.argmin()].item() == pytest.approx(1)


def test_one_hot_vectors_are_equally_far() -> None:
    """neural-networks/classification.md#one-hot: "The one-hot vectors … are always √2 apart." """
    distances = torch.pdist(torch.eye(7, dtype=torch.float64))
    torch.testing.assert_close(distances, torch.full_like(distances, math.sqrt(2)))


def test_softmax_by_hand() -> None:
    """neural-networks/classification.md#softmax: the powers of e, their sum 10.475, and 0.705."""
    assert [round(math.exp(z), 3) for z in (2, 1, -1)] == [7.389, 2.718, 0.368]
    assert round(math.exp(2) + math.exp(1) + math.exp(-1), 3) == 10.475
    assert round(7.389 / 10.475, 3) == 0.705


def test_ratio_of_probabilities() -> None:
    """neural-networks/classification.md#softmax: "The ratio of two probabilities depends only on the **difference** of
    their logits" and "The order of the logits is the order of the probabilities".
    """
    torch.manual_seed(0)
    logits = 3 * torch.randn(50, 6, dtype=torch.float64)
    p = logits.softmax(1)
    torch.testing.assert_close(p[:, 0] / p[:, 1], (logits[:, 0] - logits[:, 1]).exp())
    assert torch.equal(p.argsort(1), logits.argsort(1))


def test_cross_entropy_and_halving() -> None:
    """neural-networks/classification.md#cross-entropy: "At p = 1 the loss is 0; each halving of the probability adds
    log 2 ≈ 0.693".
    """
    assert -math.log(1) == 0
    for p in (1.0, 0.5, 0.01):
        assert -math.log(p / 2) + math.log(p) == pytest.approx(math.log(2), rel=1e-12)
    assert round(math.log(2), 3) == 0.693


def test_losses_differ_as_logits_do() -> None:
    """neural-networks/classification.md#cross-entropy: "The losses differ by 1 and 2, exactly as the logits do." """
    losses = [cross_entropy(numbers(2, 1, -1), right) for right in range(3)]
    assert losses[1] - losses[0] == pytest.approx(1, rel=1e-12)
    assert losses[2] - losses[1] == pytest.approx(2, rel=1e-12)


def test_mean_and_one_hot_form() -> None:
    """neural-networks/classification.md#cross-entropy: "the loss is the mean over the N points"; one-hot form."""
    torch.manual_seed(1)
    logits, target = torch.randn(9, 4, dtype=torch.float64), torch.randint(4, (9,))
    each = [cross_entropy(row, int(right)) for row, right in zip(logits, target, strict=True)]
    loss = functional.cross_entropy(logits, target).item()
    assert loss == pytest.approx(sum(each) / 9, rel=1e-12)
    one_hot = functional.one_hot(target, 4)
    assert loss == pytest.approx(-(one_hot * logits.softmax(1).log()).sum().item() / 9, rel=1e-12)


@pytest.mark.parametrize("right", range(5))
def test_gradient_is_probability_minus_truth(right: int) -> None:
    """neural-networks/classification.md#gradient: the formula p - t."""
    logits = numbers(0.3, -2, 1.5, 4, 0)
    t = functional.one_hot(torch.tensor(right), 5)
    torch.testing.assert_close(logit_gradient(logits, right), logits.softmax(0) - t)


def test_mse_gradient() -> None:
    """neural-networks/classification.md#why-not-mse: the formula 2(p - 1) · p(1 - p), the loss (1 - p)², "close to its
    maximum of 1", and "The gradient of cross-entropy is almost -1."
    """
    for z in (-10.0, -1.0, 0.0, 3.0):
        p = 1 / (1 + math.exp(-z))
        assert mse_slope(z) == pytest.approx(2 * (p - 1) * p * (1 - p), rel=1e-9)
        assert functional.mse_loss(numbers(z, 0).softmax(0), numbers(1, 0)).item() == pytest.approx((1 - p) ** 2)
        assert logit_gradient(numbers(z, 0), 0)[0].item() == pytest.approx(p - 1)
    assert logit_gradient(numbers(-10, 0), 0)[0].item() < -0.9999
    assert abs(mse_slope(-10)) < 1e-4


def test_slope_of_the_sigmoid() -> None:
    """neural-networks/classification.md#why-not-mse: "The factor p(1 - p) is the slope of the sigmoid." """
    z = numbers(-4, 0, 2).requires_grad_()
    p = z.sigmoid()
    p.sum().backward()
    torch.testing.assert_close(z.grad, (p * (1 - p)).detach())


def test_softmax_ignores_a_shift() -> None:
    """neural-networks/classification.md#shift: "adding the same number c to every logit leaves softmax unchanged"."""
    logits = numbers(0.3, -2, 1.5)
    for c in (-50.0, 1.0, 700.0):
        torch.testing.assert_close((logits + c).softmax(0), logits.softmax(0))


def test_log_of_softmax_fails() -> None:
    """neural-networks/classification.md#shift: "a probability is rounded to 0, and -log 0 is `inf`"."""
    logits = torch.tensor([0.0, 200.0])
    assert logits.softmax(0).log()[0].item() == -math.inf
    assert logits.log_softmax(0)[0].item() == -200


def test_overflow_in_every_float() -> None:
    """neural-networks/classification.md#shift: "e^1000 is too large for a floating-point number" """
    assert torch.tensor(1000.0, dtype=torch.float64).exp().item() == math.inf
    assert math.isnan((torch.tensor(math.inf) / torch.tensor(math.inf)).item())


def test_linear_boundary_is_straight() -> None:
    """neural-networks/classification.md#linear: "In the plane, the points where such an expression is 0 form a line."
    and "On it, the two logits are equal."
    """
    torch.manual_seed(2)
    layer = nn.Linear(2, 2).double()
    w, b = layer.weight[1] - layer.weight[0], layer.bias[1] - layer.bias[0]
    start, along = -b * w / (w @ w), torch.stack([-w[1], w[0]])
    points = start + torch.linspace(-5, 5, 11, dtype=torch.float64)[:, None] * along
    p = layer(points).softmax(1)
    torch.testing.assert_close(p, torch.full_like(p, 0.5))


def test_accuracy_stays_until_an_answer_flips() -> None:
    """neural-networks/classification.md#no-gradient: "Move a weight a little, and it stays exactly the same until some
    answer flips".
    """
    torch.manual_seed(3)
    x, y = torch.randn(100, 2, dtype=torch.float64), torch.randint(2, (100,))
    layer = nn.Linear(2, 2).double()
    before = (layer(x).argmax(1) == y).sum()
    with torch.no_grad():
        layer.weight[0, 0] += 1e-9
    assert (layer(x).argmax(1) == y).sum() == before
    assert not layer(x).argmax(1).requires_grad


def test_floor_of_softmax_twice() -> None:
    """neural-networks/classification.md#softmax-twice: "less than a quarter, for a perfect answer" and "The loss cannot
    go below -log e/(e + 9)": no probabilities do better than the perfect ones.
    """
    floor = -math.log(math.e / (math.e + 9))
    assert math.e / (math.e + 9) < 1 / 4
    assert round(floor, 3) == 1.461
    torch.manual_seed(0)
    p = (10 * torch.randn(2000, 10, dtype=torch.float64)).softmax(1)
    losses = functional.cross_entropy(p, torch.zeros(2000, dtype=torch.int64), reduction="none")
    assert floor - 1e-12 < losses.min().item() < floor + 1e-3


def test_mends_of_the_target() -> None:
    """neural-networks/classification.md#targets: the column 'mend': `y.long()`, `y.squeeze(1)`, `y - 1`."""
    logits, y = torch.randn(4, 3), torch.tensor([0, 2, 1, 2])
    loss = functional.cross_entropy(logits, y)
    assert functional.cross_entropy(logits, y.float().long()) == loss
    assert functional.cross_entropy(logits, y.reshape(-1, 1).squeeze(1)) == loss
    assert functional.cross_entropy(logits, (y + 1) - 1) == loss


def test_bce_with_logits() -> None:
    """neural-networks/classification.md#targets: "It equals `CrossEntropyLoss` with the logits (0, z)", "The answer is
    `z > 0`", "The rules are reversed": integers and other shapes are refused.
    """
    z = numbers(-2, 0.5, 3)
    pair = torch.stack([torch.zeros_like(z), z], 1)
    y = torch.tensor([1, 0, 1])
    loss = nn.BCEWithLogitsLoss()(z, y.double())
    torch.testing.assert_close(loss, functional.cross_entropy(pair, y))
    assert torch.equal(z > 0, pair.argmax(1) == 1)
    torch.testing.assert_close(pair.softmax(1)[:, 1], z.sigmoid())
    with pytest.raises(RuntimeError):
        nn.BCEWithLogitsLoss()(z, y)
    with pytest.raises(ValueError, match="must be the same as input size"):
        nn.BCEWithLogitsLoss()(z[:, None], y.double())


def test_one_output_learns_nothing() -> None:
    """neural-networks/classification.md#targets: "With a single output, `CrossEntropyLoss` is 0 whatever the logit is",
    "Targets like `yes` above, or all of class 0, raise no error, and nothing is learned. Only the class number 1 is
    noticed."
    """
    yes = torch.tensor([[1.0], [0.0]]).repeat(4, 1)
    for target in (torch.zeros(8, dtype=torch.int64), yes):
        z = torch.randn(8, 1, requires_grad=True)
        loss = functional.cross_entropy(z, target)
        loss.backward()
        assert loss.item() == 0
        assert z.grad is not None
        assert z.grad.abs().max().item() == 0
    with pytest.raises(IndexError, match="Target 1 is out of bounds"):
        functional.cross_entropy(torch.zeros(2, 1), torch.tensor([0, 1]))


def test_other_integers_are_refused() -> None:
    """neural-networks/classification.md#targets: "the target holds **integers** (`int64`)"."""
    out = torch.randn(2, 3)
    functional.cross_entropy(out, torch.tensor([0, 1]))
    with pytest.raises(RuntimeError, match="expected target dtype"):
        functional.cross_entropy(out, torch.tensor([0, 1], dtype=torch.int32))
    functional.cross_entropy(out, torch.tensor([0, 1], dtype=torch.int32).long())


def test_self_check_numbers() -> None:
    """neural-networks/classification.md#self-check: log 4 ≈ 1.386; -log(3/4) ≈ 0.288 with gradient (1/4, -1/4); "a mean
    loss of 20 on the wrong 10% makes 2 overall".
    """
    assert round(cross_entropy(numbers(7, 7, 7, 7), 2), 3) == 1.386
    logits = numbers(0, math.log(3))
    assert round(cross_entropy(logits, 1), 3) == 0.288
    torch.testing.assert_close(logit_gradient(logits, 1), numbers(0.25, -0.25))
    assert (9 * 0 + 1 * 20) / 10 == 2


def test_doubling_the_logits() -> None:
    """neural-networks/classification.md#self-check: "the loss of every point that was right shrinks, and the loss of
    points where the right logit was far behind grows".
    """
    torch.manual_seed(0)
    logits, y = torch.randn(500, 5, dtype=torch.float64), torch.randint(5, (500,))
    before = functional.cross_entropy(logits, y, reduction="none")
    after = functional.cross_entropy(2 * logits, y, reduction="none")
    right = logits.argmax(1) == y
    assert bool((after < before)[right].all())
    behind = logits.max(1).values - logits[torch.arange(500), y] > math.log(5)
    assert behind.sum() > 50
    assert bool((after > before)[behind].all())
    assert torch.equal(logits.argmax(1), (2 * logits).argmax(1))
