"""What `regression/loss-functions.md` says and its snippet does not show by itself."""

from __future__ import annotations

import inspect
import math
import warnings
from fractions import Fraction as F
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

ERRORS = (F(1), F(-1), F(4))
"""The errors of the three points."""

LOSSES = (nn.MSELoss, nn.L1Loss, nn.HuberLoss)


def lecture_data() -> tuple[Any, Any]:
    torch.manual_seed(0)
    x = torch.empty(500).uniform_(-10, 10)
    y = 5 * x + 2 + torch.randn(500)
    return x.double(), y.double()


X, Y = lecture_data()
X20, Y20 = X[:20], Y[:20]
WRONG = Y20.clone()
WRONG[7] = -WRONG[7]


def numbers(*values: float) -> Any:
    return torch.tensor(values, dtype=torch.float64)


def huber(e: F, delta: F) -> F:
    return e * e / 2 if abs(e) < delta else delta * (abs(e) - delta / 2)


def mean(values: list[F]) -> F:
    return sum(values, F(0)) / len(values)


def best_mse(x: Any, y: Any) -> Any:
    """The exact (w, b)."""
    return torch.linalg.lstsq(torch.stack([x, torch.ones_like(x)], 1), y[:, None]).solution.flatten()


def best_l1(x: Any, y: Any) -> Any:
    """The exact (w, b): the best line through two of the points."""
    first, second = torch.triu_indices(len(x), len(x), 1)
    w = (y[second] - y[first]) / (x[second] - x[first])
    b = y[first] - w * x[first]
    losses = [
        (u[:, None] * x + v[:, None] - y).abs().mean(1) for u, v in zip(w.split(5000), b.split(5000), strict=True)
    ]
    lowest = torch.cat(losses).argmin()
    return torch.stack([w[lowest], b[lowest]])


@cache
def lecture_l1() -> Any:
    """The exact L1 line of the 500 points."""
    return best_l1(X, Y)


def best_huber(x: Any, y: Any, delta: float = 1.0) -> Any:
    """The (w, b) by least squares, weighted again and again until nothing moves."""
    design, line = torch.stack([x, torch.ones_like(x)], 1), best_mse(x, y)
    for _ in range(3000):
        weight = (delta / (design @ line - y).abs()).clamp(max=1)
        line = torch.linalg.solve(design.T @ (weight[:, None] * design), design.T @ (weight * y))
    return line


def loss_at(loss_fn: Any, line: Any, x: Any = X, y: Any = Y) -> float:
    return float(loss_fn(line[0] * x + line[1], y).item())


def slopes_of(loss_fn: Any, errors: Any) -> Any:
    """The derivative of the loss of one point by its prediction."""
    output = errors.clone().requires_grad_()
    loss_fn(output, torch.zeros_like(output)).backward()
    return output.grad


def test_losses_of_three_points() -> None:
    """regression/loss-functions.md: "18/3 = 6", "Of the total of 18, the third point alone gave 16.", "6/3 = 2", and
    "The third point's share is 4 of 6"
    """
    assert [p - t for p, t in zip((-8, 7, 17), (-9, 8, 13), strict=True)] == [1, -1, 4]
    assert [e**2 for e in ERRORS] == [1, 1, 16]
    assert mean([e**2 for e in ERRORS]) == 6
    assert mean([abs(e) for e in ERRORS]) == 2


@pytest.mark.parametrize(("delta", "loss"), [(F(1), F(3, 2)), (F(2), F(7, 3)), (F(10), F(3))])
def test_huber_of_three_points(delta: F, loss: F) -> None:
    """regression/loss-functions.md#huber: the losses by hand, 3/2 for δ = 1 and 7/3 for δ = 2, and "3, half of the MSE
    of 6" for δ = 10; equal to PyTorch's.
    """
    assert mean([huber(e, delta) for e in ERRORS]) == loss
    output, target = numbers(-8, 7, 17), numbers(-9, 8, 13)
    assert nn.HuberLoss(delta=float(delta))(output, target).item() == pytest.approx(float(loss), rel=1e-12)


@pytest.mark.parametrize("loss_fn", LOSSES)
def test_sign_does_not_matter(loss_fn: Any) -> None:
    """regression/loss-functions.md#one-number: "The sign will not matter: it is about to be squared or dropped." """
    errors = torch.randn(50, dtype=torch.float64)
    assert loss_fn()(errors, 0 * errors).item() == loss_fn()(-errors, 0 * errors).item()


def test_old_arguments_come_first() -> None:
    """regression/loss-functions.md#mse: "`prediction` and `target` land in the old arguments `size_average` and
    `reduce` of `nn.MSELoss`"
    """
    assert list(inspect.signature(nn.MSELoss).parameters) == ["size_average", "reduce", "reduction"]


def test_l1_is_the_slides_loss() -> None:
    """regression/loss-functions.md#l1: "The mean absolute error (MAE) takes the mean of the sizes of the errors,
    without their signs. PyTorch calls it the L1 loss."
    """
    output, target = torch.randn(2, 30, dtype=torch.float64)
    assert nn.L1Loss()(output, target).item() == pytest.approx((output - target).abs().mean().item(), rel=1e-12)


@pytest.mark.parametrize("delta", [0.5, 1.0, 3.0])
def test_huber_has_no_gap_and_no_kink(delta: float) -> None:
    """regression/loss-functions.md#huber: "At |e| = δ both formulas give δ²/2, so there is no gap, and both have the
    same slope, δ on the right and -δ on the left, so there is no kink."
    """
    around = numbers(delta - 1e-9, delta, delta + 1e-9)
    losses = functional.huber_loss(around, 0 * around, delta=delta, reduction="none")
    torch.testing.assert_close(losses, torch.full_like(losses, delta**2 / 2), rtol=0, atol=1e-8)
    slopes = slopes_of(nn.HuberLoss(delta=delta, reduction="sum"), around)
    torch.testing.assert_close(slopes, torch.full_like(slopes, delta), rtol=0, atol=1e-8)
    left = slopes_of(nn.HuberLoss(delta=delta, reduction="sum"), -around)
    torch.testing.assert_close(left, torch.full_like(left, -delta), rtol=0, atol=1e-8)


def test_small_delta_is_l1() -> None:
    """regression/loss-functions.md#huber: "as δ shrinks towards 0, the Huber loss divided by δ approaches the L1
    loss"
    """
    errors = torch.randn(100, dtype=torch.float64)
    l1 = errors.abs().mean().item()
    gaps = [abs(nn.HuberLoss(delta=d)(errors, 0 * errors).item() / d - l1) for d in (1.0, 0.1, 0.01, 1e-6)]
    assert all(small < large for large, small in pairwise(gaps))
    assert gaps[-1] < 1e-6


def test_huber_default() -> None:
    """regression/loss-functions.md#huber: "`nn.HuberLoss()` uses 1 unless told otherwise" """
    assert nn.HuberLoss().delta == 1
    assert inspect.signature(nn.HuberLoss).parameters["delta"].default == 1


@pytest.mark.parametrize("delta", [0.5, 1.0, 4.0])
def test_smooth_l1_is_huber_divided(delta: float) -> None:
    """regression/loss-functions.md#huber: "`nn.SmoothL1Loss(beta=δ)` is the Huber loss divided by δ" and "As δ changes,
    the Huber loss keeps its square part in the middle, and the SmoothL1 loss keeps the slope of its straight parts at
    1."
    """
    errors = torch.linspace(-9, 9, 181, dtype=torch.float64)
    smooth = nn.SmoothL1Loss(beta=delta)(errors, 0 * errors).item()
    assert smooth == pytest.approx(nn.HuberLoss(delta=delta)(errors, 0 * errors).item() / delta, rel=1e-12)
    assert functional.huber_loss(numbers(0.3), numbers(0), delta=delta).item() == pytest.approx(0.3**2 / 2)
    assert slopes_of(nn.SmoothL1Loss(beta=delta), numbers(8)).item() == pytest.approx(1)


def test_slopes_are_the_table() -> None:
    """regression/loss-functions.md#pull: "The pull of a far point grows without end in MSE, is always 1 in L1, and
    stops at δ in Huber", and "In MSE, a point with an error of 100 pulls like 100 points with an error of 1."
    """
    errors = numbers(-100, -3, -0.5, 0.5, 3, 100)
    assert slopes_of(nn.MSELoss(reduction="sum"), errors).tolist() == [-200, -6, -1, 1, 6, 200]
    assert slopes_of(nn.L1Loss(reduction="sum"), errors).tolist() == [-1, -1, -1, 1, 1, 1]
    assert slopes_of(nn.HuberLoss(reduction="sum"), errors).tolist() == [-1, -1, -0.5, 0.5, 1, 1]
    assert slopes_of(nn.HuberLoss(reduction="sum", delta=2.0), errors).tolist() == [-2, -2, -0.5, 0.5, 2, 2]
    near = numbers(-1e-9, 1e-9)
    assert slopes_of(nn.L1Loss(reduction="sum"), near).tolist() == [-1, 1]


@pytest.mark.parametrize("loss_fn", LOSSES)
def test_sum_is_n_times_the_mean(loss_fn: Any) -> None:
    """regression/loss-functions.md#reduction: ""mean" is what you get without asking", "The sum is $n$ times the mean,
    so the best line is the same.", and "its slope is $n$ times as large"
    """
    assert loss_fn().reduction == "mean"
    errors = torch.randn(40, dtype=torch.float64)
    total, average = loss_fn(reduction="sum"), loss_fn(reduction="mean")
    assert total(errors, 0 * errors).item() == pytest.approx(40 * average(errors, 0 * errors).item(), rel=1e-12)
    torch.testing.assert_close(slopes_of(total, errors), 40 * slopes_of(average, errors))


@pytest.mark.parametrize(("last", "centre"), [(15, 5), (150, 32), (1500, 302)])
def test_mse_mean_and_l1_median(last: int, centre: int) -> None:
    """regression/loss-functions.md#mean-and-median: "Replace the 15 by 150: the mean leaps from 5 to 32, and the median
    is still 3.", and #self-check: "the mean leaps to (10 + 1500)/5 = 302. L1: the median is still 3."
    """
    values = [F(v) for v in (1, 2, 3, 4, last)]
    candidates = [F(k, 10) for k in range(10 * last + 10)]

    def mse(c: F) -> F:
        return mean([(c - v) ** 2 for v in values])

    def l1(c: F) -> F:
        return mean([abs(c - v) for v in values])

    assert mean(values) == centre
    assert min([*candidates[:: max(1, last // 30)], F(centre)], key=mse) == centre
    assert min(candidates, key=l1) == 3
    assert sorted(values)[2] == 3


def test_slopes_of_mean_and_median() -> None:
    """regression/loss-functions.md#mean-and-median: the slope of the MSE is 2(c - mean), and "Between 2 and 3 there are
    two on the left and three on the right: the slope is -1/5, downhill. Between 3 and 4 there are three on the left and
    two on the right: 1/5, uphill."
    """
    values = numbers(1, 2, 3, 4, 15)
    for c in (-2.0, 2.5, 5.0, 9.0):
        leaf = numbers(c).requires_grad_()
        ((leaf - values) ** 2).mean().backward()
        assert leaf.grad is not None
        assert leaf.grad.item() == pytest.approx(2 * (c - 5), abs=1e-12)
    for c, slope in ((2.5, -1 / 5), (3.5, 1 / 5)):
        leaf = numbers(c).requires_grad_()
        (leaf - values).abs().mean().backward()
        assert leaf.grad is not None
        assert leaf.grad.item() == pytest.approx(slope, abs=1e-12)


def test_even_number_of_numbers() -> None:
    """regression/loss-functions.md#mean-and-median: "For 1, 2, 3, 4 the L1 loss is flat between 2 and 3: every $c$ in
    between is equally good." and "`torch.median` returns the smaller of the two, 2"
    """
    values = [F(v) for v in (1, 2, 3, 4)]
    flat = {mean([abs(F(k, 10) - v) for v in values]) for k in range(20, 31)}
    assert flat == {F(1)}
    assert mean([abs(F(19, 10) - v) for v in values]) > 1
    assert torch.median(torch.tensor([1.0, 2.0, 3.0, 4.0])).item() == 2


def test_lines_behave_like_mean_and_median() -> None:
    """regression/loss-functions.md#mean-and-median: "On the lecture's 500 points, the line with the lowest MSE has a
    mean error of 0, and the line with the lowest L1 loss has half of the points above it and half below, not counting
    the two that lie on it."
    """
    w, b = best_mse(X, Y)
    assert (w * X + b - Y).mean().item() == pytest.approx(0, abs=1e-9)
    w, b = lecture_l1()
    errors = w * X + b - Y
    on = errors.abs() < 1e-9
    assert on.sum() == 2
    assert (errors[~on] > 0).sum() == (errors[~on] < 0).sum() == 249


def test_only_the_mse_line_is_dragged() -> None:
    """regression/loss-functions.md#outlier: "For MSE, w has changed by more than 1 and b by more than 6. For L1 and
    Huber, the change of w is below 1/10."
    """
    dragged = (best_mse(X20, WRONG) - best_mse(X20, Y20)).abs()
    assert dragged[0] > 1
    assert dragged[1] > 6
    for best in (best_l1, best_huber):
        assert (best(X20, WRONG) - best(X20, Y20)).abs()[0] < 1 / 10


def test_grid_is_close_to_the_exact_lines() -> None:
    """regression/loss-functions.md#outlier: "The grid had found the same, to within its spacing." """
    ws, bs = torch.linspace(3, 6, 301, dtype=torch.float64), torch.linspace(-6, 4, 501, dtype=torch.float64)
    prediction = ws.reshape(-1, 1, 1) * X20 + bs.reshape(-1, 1)
    assert prediction.shape == (301, 501, 20)
    for loss, best in (
        ((prediction - WRONG) ** 2, best_mse(X20, WRONG)),
        ((prediction - WRONG).abs(), best_l1(X20, WRONG)),
    ):
        lowest = int(loss.mean(-1).argmin())
        assert abs(ws[lowest // 501] - best[0]) <= 0.011
        assert abs(bs[lowest % 501] - best[1]) <= 0.021


def test_drag_of_mse_is_proportional_and_of_l1_stops() -> None:
    """regression/loss-functions.md#outlier: "Under MSE, w is dragged in proportion to the distance, without end. Under
    L1 and Huber it moves a little at first, and then not at all, however far the point goes."
    """

    def moved(best: Any, distance: float) -> Any:
        y = Y20.clone()
        y[7] -= distance
        return best(X20, y)

    start = best_mse(X20, Y20)[0]
    per_unit = [((moved(best_mse, d)[0] - start) / d).item() for d in (1.0, 20.0, 240.0, 1e6)]
    assert per_unit == pytest.approx([per_unit[0]] * 4, rel=1e-6)
    assert per_unit[0] < 0
    for best in (best_l1, best_huber):
        near = moved(best, 20)
        assert 0 < abs(near[0] - best(X20, Y20)[0]) < 1 / 10
        for distance in (40, 240, 1e6):
            torch.testing.assert_close(moved(best, distance), near, rtol=0, atol=1e-6)


def test_l1_passes_through_two_points() -> None:
    """regression/loss-functions.md#outlier: "Unless all points have the same x, at least one of the best L1 lines
    passes exactly through two of them.", and "Among 20 points there are only 190."
    """
    assert len(torch.triu_indices(20, 20, 1)[0]) == 190
    torch.manual_seed(0)
    for _ in range(5):
        x, y = torch.randn(2, 12, dtype=torch.float64)
        corner = best_l1(x, y)
        lowest = loss_at(nn.L1Loss(), corner, x, y)
        for size in (1e-4, 1e-2, 1, 100):
            offsets = size * torch.randn(300, 2, dtype=torch.float64)
            assert all(loss_at(nn.L1Loss(), corner + offset, x, y) >= lowest - 1e-12 for offset in offsets)


def test_one_outlier_among_500() -> None:
    """regression/loss-functions.md#outlier: "Without an outlier (left) the three lines are almost the same. With one
    (right) only the line of MSE moves visibly. The L1 line has not moved at all."
    """
    wrong = Y.clone()
    wrong[7] = -wrong[7]
    clean = [best_mse(X, Y), lecture_l1(), best_huber(X, Y)]
    assert max((a - b).abs().max().item() for a, b in pairwise(clean)) < 0.1
    assert (best_mse(X, wrong) - clean[0]).abs()[1] > 0.1
    torch.testing.assert_close(best_l1(X, wrong), clean[1], rtol=0, atol=0)
    assert (best_huber(X, wrong) - clean[2]).abs().max() < 0.005


def test_wrong_x_drags_l1() -> None:
    """regression/loss-functions.md#outlier: "Among the 20 points above, write 1000 for the x of number 7, and the best
    L1 line passes exactly through that point, with w close to 0." and "A wrong x drags L1 as well"
    """
    x = X20.clone()
    x[7] = 1000
    w, b = best_l1(x, Y20)
    assert (w * 1000 + b).item() == pytest.approx(Y20[7].item(), abs=1e-9)
    assert abs(w.item()) < 0.1
    assert abs(best_huber(x, Y20)[0].item()) < 0.1


def test_one_valley() -> None:
    """regression/loss-functions.md#loss-surface: "Both surfaces are convex bowls: between any two of its points, the
    surface never rises above the straight segment that joins them. So the only place from which you cannot go lower is
    the bottom.", and "Each has one bottom, close to (5, 2)."
    """
    torch.manual_seed(0)
    for loss_fn, best in ((nn.MSELoss(), best_mse(X, Y)), (nn.L1Loss(), lecture_l1())):
        assert (best - numbers(5, 2)).abs().max() < 0.1
        lowest = loss_at(loss_fn, best)
        for degrees in range(360):
            angle = math.radians(degrees)
            assert loss_at(loss_fn, best + 1e-5 * numbers(math.cos(angle), math.sin(angle))) > lowest
        for _ in range(100):
            a, b = 20 * torch.randn(2, 2, dtype=torch.float64)
            middle = (loss_at(loss_fn, a) + loss_at(loss_fn, b)) / 2
            assert loss_at(loss_fn, (a + b) / 2) <= middle + 1e-9


@pytest.mark.parametrize("direction", [(0.0, 1.0), (1.0, 0.0), (0.1, 1.0)])
def test_spacing_of_contours(direction: tuple[float, float]) -> None:
    """regression/loss-functions.md#loss-surface: "The surface of MSE gets steeper the farther out you are, and its
    contours crowd together; going straight out on that of L1, the steepness hardly changes and the contours are evenly
    spaced."
    """
    away = numbers(*direction)

    def steepness(loss_fn: Any, best: Any, distance: float) -> float:
        return loss_at(loss_fn, best + (distance + 0.01) * away) - loss_at(loss_fn, best + distance * away)

    mse = [steepness(nn.MSELoss(), best_mse(X, Y), d) for d in (3.0, 6.0, 12.0)]
    l1 = [steepness(nn.L1Loss(), lecture_l1(), d) for d in (3.0, 6.0, 12.0)]
    assert mse[1] == pytest.approx(2 * mse[0], rel=0.01)
    assert mse[2] == pytest.approx(2 * mse[1], rel=0.01)
    assert l1 == pytest.approx([l1[0]] * 3, rel=0.04)


def test_votes_cancel_when_w_is_far_off() -> None:
    """regression/loss-functions.md#loss-surface: "When w is far off, changing b a little makes almost no difference
    to the loss: there the votes of the points with negative x and of those with positive x cancel."
    """
    for w in (2.0, 8.0):
        heights = [loss_at(nn.L1Loss(), (w, b)) for b in (0.0, 1.0, 2.0, 3.0, 4.0)]
        assert max(heights) - min(heights) < 0.02 * max(heights)
        signs = (w * X + 2 - Y).sign()
        assert abs(signs.mean().item()) < 0.1
        assert signs[X > 1].mean().item() * signs[X < -1].mean().item() < -0.9
    assert loss_at(nn.L1Loss(), (5, 4)) > 2 * loss_at(nn.L1Loss(), (5, 2))


def test_units() -> None:
    """regression/loss-functions.md#units: "L1 grows by 100, MSE by 100² = 10000", "Multiply `delta` by 100 too, and it
    is the same loss, in a squared unit like MSE."
    """
    output, target = torch.randn(2, 50, dtype=torch.float64)
    for in_m, in_cm, factor in (
        (nn.MSELoss(), nn.MSELoss(), 10_000),
        (nn.L1Loss(), nn.L1Loss(), 100),
        (nn.HuberLoss(delta=0.7), nn.HuberLoss(delta=70.0), 10_000),
    ):
        assert in_cm(100 * output, 100 * target).item() == pytest.approx(factor * in_m(output, target).item())


def test_rmse_is_at_least_the_mae() -> None:
    """regression/loss-functions.md#units: "Nor can the RMSE be smaller than the MAE; they are equal only when all
    errors have the same size." and "The same line makes both smallest"
    """
    torch.manual_seed(0)
    for _ in range(200):
        errors = torch.randn(5, dtype=torch.float64)
        assert (errors**2).mean().sqrt() > errors.abs().mean()
    same = numbers(2, -2, -2, 2)
    assert (same**2).mean().sqrt() == same.abs().mean() == 2
    lowest = loss_at(nn.MSELoss(), best_mse(X, Y)) ** 0.5
    for offset in torch.randn(200, 2, dtype=torch.float64):
        assert loss_at(nn.MSELoss(), best_mse(X, Y) + offset) ** 0.5 > lowest


def test_no_rmse_class() -> None:
    """regression/loss-functions.md#units: "PyTorch has no loss class for the RMSE" """
    names = [name.lower() for name in dir(nn)]
    assert "mseloss" in names
    assert not any("rmse" in name or "rootmean" in name for name in names)


def test_rmse_gradient_is_nan_only_at_zero() -> None:
    """regression/loss-functions.md#units: "At the moment the predictions are perfect, its gradient is `nan`." """

    def rmse(output: Any, target: Any) -> Any:
        return nn.MSELoss()(output, target).sqrt()

    assert slopes_of(rmse, numbers(0, 0)).isnan().all()
    assert slopes_of(rmse, numbers(0, 1e-6)).isfinite().all()
    assert slopes_of(nn.MSELoss(), numbers(0, 0)).tolist() == [0, 0]


@pytest.mark.parametrize("loss_fn", LOSSES)
def test_loss_classes_warn_and_go_on(loss_fn: Any) -> None:
    """regression/loss-functions.md#shapes: "`nn.MSELoss`, `nn.L1Loss` and `nn.HuberLoss` do warn. A formula written out
    by hand gives no warning at all."
    """
    output, label = torch.tensor([[1.0], [2.0], [3.0], [4.0]]), torch.tensor([1.0, 2.0, 3.0, 4.0])
    with pytest.warns(UserWarning, match="is different to the input size"):
        loss = loss_fn()(output, label)
    table = loss_fn(reduction="none")(output.expand(4, 4).contiguous(), label.expand(4, 4).contiguous())
    assert loss.item() == pytest.approx(table.mean().item())
    assert loss.item() > 0
    assert loss_fn()(output, label.reshape(-1, 1)).item() == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ((output - label) ** 2).mean().item() == 2.5


def test_sixteen_cells() -> None:
    """regression/loss-functions.md#shapes: "The 16 cells add up to $6 \\cdot 1 + 4 \\cdot 4 + 2 \\cdot 9 = 40$, and
    their mean is 40/16 = 5/2"
    """
    cells = [(a - b) ** 2 for a in range(1, 5) for b in range(1, 5)]
    assert [cells.count(square) for square in (0, 1, 4, 9)] == [4, 6, 4, 2]
    assert sum(cells) == 40
    assert F(40, 16) == F(5, 2)


def test_wrong_shape_flattens_the_line() -> None:
    """regression/loss-functions.md#shapes: "if y has the shape (500,), the loss is more than a thousand times as large.
    Train on this loss, and the line does not follow the data: it lies down flat."
    """
    right = ((5 * X + 2 - Y) ** 2).mean().item()
    wrong = ((5 * X.reshape(-1, 1) + 2 - Y) ** 2).mean().item()
    assert wrong > 1000 * right
    every_x, every_y = X.repeat_interleave(500), Y.repeat(500)
    w, b = best_mse(every_x, every_y).tolist()
    assert w == pytest.approx(0, abs=1e-9)
    assert b == pytest.approx(Y.mean().item(), abs=1e-9)


def test_mse_line_varies_less_under_normal_noise() -> None:
    """regression/loss-functions.md#which: "With normally distributed noise, as in the lecture's data, the best line
    varies less from one sample of data to the next under MSE."
    """
    torch.manual_seed(0)
    mse, l1 = [], []
    for _ in range(300):
        x = torch.empty(20, dtype=torch.float64).uniform_(-10, 10)
        y = 5 * x + 2 + torch.randn(20, dtype=torch.float64)
        mse.append(best_mse(x, y))
        l1.append(best_l1(x, y))
    assert (torch.stack(l1).std(0) > 1.1 * torch.stack(mse).std(0)).all()


def test_check_four_errors() -> None:
    """regression/loss-functions.md#self-check: "MSE $(9 + 9)/4 = 9/2$, RMSE $\\sqrt{9/2} = 3/\\sqrt{2}$, L1
    $6/4 = 3/2$. For Huber, 3 and -3 have $1 \\cdot (3 - \\frac{1}{2}) = \\frac{5}{2}$ each, so it is $5/4$."
    """
    errors = [F(3), F(-3), F(0), F(0)]
    assert mean([e**2 for e in errors]) == F(9, 2)
    assert math.sqrt(9 / 2) == pytest.approx(3 / math.sqrt(2), rel=1e-15)
    assert mean([abs(e) for e in errors]) == F(3, 2)
    assert huber(F(3), F(1)) == F(5, 2)
    assert mean([huber(e, F(1)) for e in errors]) == F(5, 4)


def test_check_huber_of_large_numbers_is_l1() -> None:
    """regression/loss-functions.md#self-check: "Almost all errors are larger, so they all lie on the straight outside,
    and what is left is nearly L1."
    """
    errors = 300 * torch.randn(500, dtype=torch.float64)
    assert nn.HuberLoss()(errors, 0 * errors).item() == pytest.approx(errors.abs().mean().item(), rel=0.01)
    wide = nn.HuberLoss(delta=300.0)(errors, 0 * errors).item() / 300
    assert wide < 0.9 * errors.abs().mean().item()


def test_check_rmse_of_two_groups() -> None:
    """regression/loss-functions.md#self-check: "The mean of the MSEs 1 and 9 is 5, so the RMSE of all is √5, which is
    more than 2."
    """
    first, second = numbers(1, -1, 1), numbers(3, 3, -3)
    assert (first**2).mean().sqrt().item() == 1
    assert (second**2).mean().sqrt().item() == 3
    together = (torch.cat([first, second]) ** 2).mean().sqrt().item()
    assert together == pytest.approx(math.sqrt(5), rel=1e-12)
    assert together > 2


def test_check_lost_column() -> None:
    """regression/loss-functions.md#self-check: "`y[:, 0]` drops the column, so the shape is (500,). The subtraction
    makes (500, 500)"
    """
    y = Y.reshape(500, 1)
    output = 5 * X.reshape(500, 1) + 2
    assert y[:, 0].shape == (500,)
    assert (output - y[:, 0]).shape == (500, 500)
    assert (output - y[:, 0:1]).shape == (500, 1)
