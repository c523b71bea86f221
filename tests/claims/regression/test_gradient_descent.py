"""What `regression/gradient-descent.md` says and its snippet does not show by itself."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction as F
from itertools import pairwise
from typing import Any

import pytest
import torch

POINTS = ((F(1), F(7)), (F(3), F(17)))
"""The two points of the step by hand, on y = 5x + 2."""


def lecture_data() -> tuple[Any, Any]:
    torch.manual_seed(0)
    x = torch.empty(500, 1).uniform_(-10, 10)
    y = 5 * x + 2 + torch.randn(500, 1)
    return x.double(), y.double()


X, Y = lecture_data()
LINE = torch.cat([X, torch.ones_like(X)], dim=1)
BEST = torch.linalg.lstsq(LINE, Y).solution.flatten()
HESSIAN = 2 * LINE.T @ LINE / len(X)
EIGENVALUES, EIGENVECTORS = torch.linalg.eigh(HESSIAN)
LIMIT = 2 / EIGENVALUES[1].item()
A = torch.tensor([-3.0, 8.0], dtype=torch.float64)


def mse(w: Any, b: Any) -> Any:
    return ((w * X + b - Y) ** 2).mean()


def gradient(point: Any) -> Any:
    error = point[0] * X + point[1] - Y
    return torch.stack([(2 * error * X).mean(), (2 * error).mean()])


def walk(start: Any, lr: float, steps: int) -> list[Any]:
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - lr * gradient(path[-1]))
    return path


def step_on_paper(w: F, b: F, lr: F) -> list[F]:
    """The gradients of w and b, then the new w, b and loss."""
    errors = [(w * x + b - y, x) for x, y in POINTS]
    grad_w = sum((2 * error * x for error, x in errors), F(0)) / 2
    grad_b = sum((2 * error for error, _ in errors), F(0)) / 2
    w, b = w - lr * grad_w, b - lr * grad_b
    return [grad_w, grad_b, w, b, sum(((w * x + b - y) ** 2 for x, y in POINTS), F(0)) / 2]


def parabola(curvature: float, lr: float, steps: int, start: float = 3.0) -> list[float]:
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - lr * curvature * path[-1])
    return path


def tries(parameters: int, radius_squared: float) -> float:
    """How many random points of a cube of side 20 it takes on average to hit a ball inside it."""
    ball = math.pi ** (parameters / 2) / math.gamma(parameters / 2 + 1) * radius_squared ** (parameters / 2)
    return float(20**parameters / ball)


def test_no_line_beats_c_by_much() -> None:
    """regression/gradient-descent.md#data-and-loss: "On these data no line at all gets more than 1/100 below the loss
    of C."
    """
    excess = (mse(5, 2) - mse(*BEST)).item()
    assert 0 < excess < 1 / 100


def test_b_is_a_weight_of_a_feature_that_is_one() -> None:
    """regression/gradient-descent.md#count-tries: "Since $wx + b$ is $w \\cdot x + b \\cdot 1$, b is a weight too, for
    a feature that is always 1"
    """
    torch.testing.assert_close(LINE @ A.reshape(2, 1), A[0] * X + A[1], rtol=0, atol=1e-12)


def test_pairs_below_a_target_fill_an_ellipse() -> None:
    """regression/gradient-descent.md#count-tries: "The pairs that do better than a given target fill an ellipse, and
    its area is proportional to the target minus the loss of the best line. As long as the whole ellipse lies in the
    range from which you draw, cutting that difference to a tenth takes ten times as many tries."
    """
    away = torch.randn(50, 2, dtype=torch.float64)
    bowl = (away @ HESSIAN * away).sum(1) / 2
    for offset, height in zip(away, bowl, strict=True):
        assert mse(*(BEST + offset)).item() == pytest.approx((mse(*BEST) + height).item(), rel=1e-10)
    w, b = torch.meshgrid(torch.linspace(-1, 1, 1501), torch.linspace(-4, 4, 1501), indexing="ij")
    excess = (HESSIAN[0, 0] * w * w + 2 * HESSIAN[0, 1] * w * b + HESSIAN[1, 1] * b * b) / 2
    areas = [(excess < target).sum().item() for target in (0.9, 9.0)]
    assert areas[1] / areas[0] == pytest.approx(10, rel=0.01)
    assert areas[1] * 16 / 1501**2 == pytest.approx(2 * math.pi * 9 / HESSIAN.det().sqrt().item(), rel=0.01)
    reach = {target: (BEST + (2 * target * torch.linalg.inv(HESSIAN).diagonal()).sqrt()).max() for target in (9, 99)}
    assert reach[9].item() < 10 < reach[99].item(), "the ellipse of a loss below 100 reaches out of the range"


def test_every_parameter_multiplies_the_tries() -> None:
    """regression/gradient-descent.md#more-parameters: "Every further parameter multiplies the number of tries, and the
    multiplier itself grows."
    """
    radius_squared = (100 - 1) / (100 / 3)  # loss = noise + 100/3 for every unit of squared distance
    needed = [tries(k, radius_squared) for k in range(1, 50)]
    multipliers = [after / before for before, after in pairwise(needed)]
    assert multipliers[0] > 7
    assert all(before < after for before, after in pairwise(multipliers))
    torch.manual_seed(0)
    for k in (1, 2, 3):
        weights = torch.empty(400_000, k).uniform_(-10, 10)
        hits = ((weights - 5) ** 2).sum(1) < radius_squared
        assert 1 / hits.double().mean().item() == pytest.approx(tries(k, radius_squared), rel=0.1)
    assert needed[48] > 10**49, "a factor of ten for each is no exaggeration"


def test_the_lectures_network_has_49_parameters() -> None:
    """regression/gradient-descent.md#more-parameters: "Of the [neural networks](../neural-networks/mlp.md) that come
    later, even the lecture's tiny one (1 → 5 → 3 → 4 → 1) has 49 parameters."
    """
    nn = torch.nn
    layers = nn.Linear(1, 5), nn.ReLU(), nn.Linear(5, 3), nn.ReLU(), nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1)
    assert sum(p.numel() for p in nn.Sequential(*layers).parameters()) == 49


def test_years_and_cells() -> None:
    """regression/gradient-descent.md#more-parameters: "At a billion ($10^9$) tries a second that is $10^{40}$ seconds,
    and since a year has fewer than $10^8$ seconds, more than $10^{32}$ years." and "A grid with 20 cells along each
    axis has $20^2 = 400$ cells for 2 parameters, but $20^{10}$, more than ten trillion, for 10."
    """
    year = 366 * 24 * 60 * 60
    assert 10**49 // 10**9 == 10**40
    assert year < 10**8
    assert 10**40 // year > 10**32
    assert 20**2 == 400
    assert 10 * 10**12 < 20**10 < 11 * 10**12


def test_a_gradient_predicts_a_small_change() -> None:
    """regression/gradient-descent.md#slope: "where the gradient of w is -50 and changes little nearby, increasing w by
    1/100 lowers the loss by close to 1/2"
    """
    assert step_on_paper(F(0), F(2), F(0))[0] == -50
    before, after = (step_on_paper(w, F(2), F(0))[4] for w in (F(0), F(1, 100)))
    assert abs((before - after) - F(1, 2)) < F(1, 1000)


def test_against_the_gradient_is_steepest() -> None:
    """regression/gradient-descent.md#slope: "If you take the same tiny distance in every direction from a point where
    the gradient is not 0, the loss falls most in the direction opposite to the gradient."
    """
    for point in (A, torch.tensor([5.0, 8.0], dtype=torch.float64), torch.tensor([4.0, -7.0], dtype=torch.float64)):
        angles = torch.linspace(0, 2 * math.pi, 3601, dtype=torch.float64)
        losses = torch.stack([mse(point[0] + 1e-6 * a.cos(), point[1] + 1e-6 * a.sin()) for a in angles])
        down = -gradient(point)
        best = angles[losses.argmin()]
        turned = down[0] * best.sin() - down[1] * best.cos()
        assert (down[0] * best.cos() + down[1] * best.sin()).item() > 0
        assert abs(turned / down.norm()).item() < math.radians(0.2)


def test_steps_get_shorter() -> None:
    """regression/gradient-descent.md#slope: "That length is the learning rate times the size of the gradient. With the
    MSE the gradient shrinks on the way to the bottom, so steps get shorter although the learning rate stays the same."
    """
    for lr in (0.001, 0.01, 0.99 * LIMIT):
        path = walk(A, lr, 200)
        lengths = [(after - before).norm().item() for before, after in pairwise(path)]
        expected = [lr * gradient(point).norm().item() for point in path[:-1]]
        assert lengths == pytest.approx(expected, rel=1e-9)
        assert all(before > after for before, after in pairwise(lengths))


def test_derivatives_by_hand() -> None:
    """regression/gradient-descent.md#derive: "the gradient of w is the mean of "2 × error × x", the gradient of b is
    the mean of "2 × error""
    """
    torch.manual_seed(0)
    for point in torch.empty(20, 2, dtype=torch.float64).uniform_(-10, 10):
        leaf = point.clone().requires_grad_()
        mse(leaf[0], leaf[1]).backward()
        torch.testing.assert_close(gradient(point), leaf.grad, rtol=1e-12, atol=1e-10)


def test_first_step_on_paper() -> None:
    """regression/gradient-descent.md#derive: "The loss is 125, the gradient of w is -50, the gradient of b is -20." and
    "The new line y = 5x + 4 has an error of 2 at both points, so its loss is 4." and "Once w is right, the gradient of
    b turns positive and pulls b back."
    """
    assert step_on_paper(F(0), F(2), F(0))[4] == 125
    assert step_on_paper(F(0), F(2), F(1, 10)) == [-50, -20, 5, 4, 4]
    assert [5 * x + 4 - y for x, y in POINTS] == [2, 2]
    assert step_on_paper(F(5), F(4), F(1, 10))[1] > 0


def test_second_step_on_paper() -> None:
    """regression/gradient-descent.md#self-check: "Hence $w = 5 - 8/10 = 4.2$ and $b = 4 - 4/10 = 3.6$. The new errors
    are $4.2 + 3.6 - 7 = 0.8$ and $12.6 + 3.6 - 17 = -0.8$, and the loss is 0.64."
    """
    assert step_on_paper(F(5), F(4), F(1, 10)) == [8, 4, F("4.2"), F("3.6"), F("0.64")]
    assert [F("4.2") * x + F("3.6") - y for x, y in POINTS] == [F("0.8"), F("-0.8")]


def test_b_closes_two_percent_a_step() -> None:
    """regression/gradient-descent.md#plain-tensors: "If b is $e$ away from the bottom and w is already right, the
    gradient of b is $2e$. Times the learning rate 0.01, a step is $0.02e$: 2 % of the distance that is left."
    """
    for e in (5.0, -0.3):
        start = BEST + torch.tensor([0, e], dtype=torch.float64)
        assert gradient(start)[1].item() == pytest.approx(2 * e, rel=1e-10)
        assert (walk(start, 0.01, 1)[1] - BEST)[1].item() == pytest.approx(0.98 * e, rel=1e-10)


def test_steps_cross_contours_at_right_angles() -> None:
    """regression/gradient-descent.md#plain-tensors: "When both axes have the same scale, each step leaves at a right
    angle to the contour line where it starts. In a long valley, then, the first step does not point straight at the
    lowest place, unless it starts on one of the two axes of the ellipses."
    """
    path = walk(A, 0.01, 200)
    for before, after in pairwise(path):
        step = (after - before) / (after - before).norm()
        along = torch.stack([-step[1], step[0]]) * 1e-4
        across = mse(*(before + 1e-4 * step)) - mse(*(before - 1e-4 * step))
        assert abs((mse(*(before + along)) - mse(*(before - along))) / across).item() < 1e-4
    first, straight = path[1] - A, BEST - A
    turned = math.acos((first @ straight / first.norm() / straight.norm()).item())
    assert math.degrees(turned) > 30
    for axis in EIGENVECTORS.T:
        start = BEST + 3 * axis
        down = -gradient(start)
        assert (down / down.norm()) @ (BEST - start) == pytest.approx(3, abs=1e-9)


@pytest.mark.parametrize(
    ("lr", "behaviour"),
    [(0.1, "one side"), (0.3, "one side"), (0.5, "arrives"), (0.7, "crosses"), (0.9, "crosses"), (1.0, "jumps")],
)
def test_factor_decides(lr: float, behaviour: str) -> None:
    """regression/gradient-descent.md#one-dimension: "Every step multiplies that distance by $1 - 2\\eta$. This factor
    decides everything."
    """
    w, distances = 0.0, [-5.0]
    for _ in range(6):
        w = w - lr * 2 * (w - 5)
        distances.append(w - 5)
        assert distances[-1] == pytest.approx((1 - 2 * lr) * distances[-2], abs=1e-12)
    signs = {math.copysign(1, d) for d in distances}
    shrinks = all(abs(b) < abs(a) for a, b in pairwise(distances))
    seen = {
        "arrives": distances[1] == 0,
        "one side": signs == {-1} and shrinks,
        "crosses": signs == {-1, 1} and shrinks,
        "jumps": distances == [-5, 5, -5, 5, -5, 5, -5],
    }
    assert [name for name, true in seen.items() if true] == [behaviour]


def test_the_loss_of_one_point() -> None:
    """regression/gradient-descent.md#one-dimension: "$L(w) = (w - 5)^2$, the MSE of the line $y = wx$ on the single
    point (1, 5)"
    """
    x, y = torch.tensor([1.0]), torch.tensor([5.0])
    assert all(((w * x - y) ** 2).mean().item() == (w - 5) ** 2 for w in (-3.0, 0.0, 2.5, 7.0))


@pytest.mark.parametrize("curvature", [2.0, 6.0, 68.0])
def test_limit_on_a_parabola(curvature: float) -> None:
    """regression/gradient-descent.md#one-dimension: "So for $c > 0$, gradient descent converges if the learning rate is
    in this range; with any other positive one it does not converge, unless it starts at the bottom."
    """
    limit = 2 / curvature
    assert abs(parabola(curvature, 0.99 * limit, 2000)[-1]) < 1e-12
    assert abs(parabola(curvature, 0.01 * limit, 2000)[-1]) < 1e-12
    assert abs(parabola(curvature, limit, 2000)[-1]) == pytest.approx(3, rel=1e-9)
    assert abs(parabola(curvature, 1.01 * limit, 2000)[-1]) > 1e12
    assert parabola(curvature, 1.01 * limit, 100, start=0.0)[-1] == 0


def test_divergence_is_silent() -> None:
    """regression/gradient-descent.md#divergence: "PyTorch raises no error and no warning when the learning rate is too
    large. Its default type `float32` cannot hold $10^{39}$; a loss that large becomes `inf`, infinity. Once the
    derivatives and w are infinite too, a computation like `inf - inf` gives `nan`. And `nan` plus or times anything is
    `nan`, so the run never recovers by itself."
    """
    x, y = X.float(), Y.float()
    w, b = torch.tensor(-3.0), torch.tensor(8.0)
    losses = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(200):
            error = w * x + b - y
            losses.append((error**2).mean().item())
            w, b = w - 0.1 * (2 * error * x).mean(), b - 0.1 * (2 * error).mean()
    kinds = ["nan" if math.isnan(loss) else "inf" if math.isinf(loss) else "number" for loss in losses]
    assert kinds == sorted(kinds, key=("number", "inf", "nan").index)
    assert set(kinds) == {"number", "inf", "nan"}
    assert torch.tensor(0.0).dtype == torch.float32
    assert (torch.tensor(1e38) * 10).item() == math.inf
    inf, nan = torch.tensor(math.inf), torch.tensor(math.nan)
    assert (inf - inf).isnan()
    assert all((nan + other).isnan() and (nan * other).isnan() for other in (0.0, 1.0, math.inf))


def test_adding_the_gradient_grows_at_any_rate() -> None:
    """regression/gradient-descent.md#divergence: "If it still grows, check whether the update adds the gradient where
    it should subtract it."
    """
    for lr in (0.01, 0.0001, 1e-6):
        losses = [mse(*point).item() for point in walk(A, -lr, 20)]
        assert losses == sorted(losses)
        assert losses[-1] > losses[0]


def test_curvature_of_w_and_b() -> None:
    """regression/gradient-descent.md#steepest-curvature: "Increase w by 1, and $\\frac{\\partial L}{\\partial w}$ grows
    by twice the mean of x²; increase b by 1, and $\\frac{\\partial L}{\\partial b}$ grows by 2." and "The MSE of a line
    is quadratic, so the result is the same wherever you measure."
    """
    torch.manual_seed(0)
    for point in torch.empty(10, 2, dtype=torch.float64).uniform_(-50, 50):
        step_w, step_b = torch.eye(2, dtype=torch.float64)
        grown_w = (gradient(point + step_w) - gradient(point))[0].item()
        grown_b = (gradient(point + step_b) - gradient(point))[1].item()
        assert grown_w == pytest.approx(2 * (X**2).mean().item(), rel=1e-10)
        assert grown_b == pytest.approx(2, rel=1e-10)


def test_measured_and_computed_limit_agree() -> None:
    """regression/gradient-descent.md#steepest-curvature: "The measured and the computed limit agree to all four digits
    printed. At 0.99 times the limit, 1000 steps reach the bottom; at 1.01 times, the loss grows without end."
    """
    low, high = 0.01, 0.04
    for _ in range(20):
        middle = (low + high) / 2
        end = walk(A, middle, 100)[-1]
        low, high = (low, middle) if mse(*end) > mse(*A) else (middle, high)
    degrees = torch.deg2rad(torch.arange(180, dtype=torch.float64))
    directions = torch.stack([degrees.cos(), degrees.sin()], dim=1)
    steepest = (directions @ HESSIAN * directions).sum(1).max().item()
    assert f"{high:.4g}" == f"{2 / steepest:.4g}" == f"{LIMIT:.4g}"
    assert mse(*walk(A, 0.99 * LIMIT, 1000)[-1]).item() == pytest.approx(mse(*BEST).item(), abs=1e-4)
    losses = [mse(*point).item() for point in walk(A, 1.01 * LIMIT, 1000)[5:]]
    assert losses == sorted(losses)
    assert losses[-1] > 1e20


def test_learning_rates_in_the_figure() -> None:
    """regression/gradient-descent.md#steepest-curvature: "0.0001 falls slowly, 0.029 a little faster, 0.01 fastest, and
    0.031 shoots up." and "Up to a point larger learning rates are faster"
    """
    after = {lr: mse(*walk(A, lr, 100)[-1]).item() for lr in (0.0001, 0.001, 0.01, 0.029, 0.031)}
    assert after[0.01] < after[0.029] < after[0.0001] < mse(*A).item() < after[0.031]
    assert after[0.0001] > after[0.001] > after[0.01]


def test_the_gentlest_direction_decides_unless_close_to_the_limit() -> None:
    """regression/gradient-descent.md#steepest-curvature: "for learning rates not close to that limit the gentlest one
    decides how many steps it takes." and "Just below the limit, 0.029 is slower than 0.01, because w jumps from side to
    side of the valley and gains little by each step."
    """
    gentle, steep = EIGENVALUES.tolist()
    for lr in (0.0001, 0.001, 0.01, 0.9 * LIMIT):
        assert abs(1 - lr * gentle) > abs(1 - lr * steep)
    assert abs(1 - 0.029 * gentle) < abs(1 - 0.029 * steep)
    ws = [(point - BEST)[0].item() for point in walk(A, 0.029, 100)]
    assert all(after / before < -0.97 for before, after in pairwise(ws))
    steps = {lr: next(n for n, p in enumerate(walk(A, lr, 400)) if mse(*p) < mse(*BEST) + 0.1) for lr in (0.01, 0.029)}
    assert steps[0.01] < steps[0.029]


def test_b_alone_takes_larger_steps() -> None:
    """regression/gradient-descent.md#steepest-curvature: "The curvature along b is 2, so b alone would converge at any
    learning rate below 1."
    """
    for lr in (0.02, 0.5, 0.98):
        b = 8.0
        for _ in range(1500):
            b -= lr * gradient((BEST[0], b))[1].item()
        assert b == pytest.approx(BEST[1].item(), abs=1e-9)


def test_scaling_x_rounds_the_bowl() -> None:
    """regression/gradient-descent.md#steepest-curvature: "Where the mean of x is close to 0, as in these data, you can
    divide x by the square root of the mean of x² and so make the two curvatures equal. The long valley becomes an
    almost round bowl, and w and b arrive at almost the
    same pace."
    """
    scaled = X / (X**2).mean().sqrt()
    features = torch.cat([scaled, torch.ones_like(X)], dim=1)
    hessian = 2 * features.T @ features / len(X)
    assert hessian.diagonal().tolist() == pytest.approx([2, 2], rel=1e-12)
    smallest, largest = torch.linalg.eigvalsh(hessian).tolist()
    assert largest / smallest < 1.05
    assert (EIGENVALUES[1] / EIGENVALUES[0]).item() > 30
    best, weights = torch.linalg.lstsq(features, Y).solution, torch.tensor([[-3.0], [8.0]], dtype=torch.float64)
    start, arrived = (weights - best).abs(), [0, 0]
    for step in range(1, 101):
        weights = weights - 0.1 * 2 * features.T @ (features @ weights - Y) / len(X)
        left = ((weights - best).abs() / start).flatten().tolist()
        arrived = [at or step * (rest < 0.01) for at, rest in zip(arrived, left, strict=True)]
    assert 15 < min(arrived) <= max(arrived) <= min(arrived) + 2


def test_largest_curvature_is_the_largest_eigenvalue() -> None:
    """regression/gradient-descent.md#steepest-curvature: "Along a vector $u$ of length 1 the curvature is $u^{T} H u$,
    and its maximum is the largest eigenvalue of $H$, $\\lambda_{\\text{max}}$."
    """
    by_autograd = torch.autograd.functional.hessian(lambda point: mse(point[0], point[1]), A)
    torch.testing.assert_close(HESSIAN, by_autograd, rtol=1e-12, atol=1e-10)
    angles = torch.linspace(0, math.pi, 20001, dtype=torch.float64)
    u = torch.stack([angles.cos(), angles.sin()], dim=1)
    assert (u @ HESSIAN * u).sum(1).max().item() == pytest.approx(EIGENVALUES[1].item(), rel=1e-7)


def test_conditions_of_the_limit() -> None:
    """regression/gradient-descent.md#steepest-curvature: "If all eigenvalues of $H$ are positive and $0 < \\eta <
    2/\\lambda_{\\text{max}}$, gradient descent converges to the one bottom from every start." and "The only possible
    exceptions are starts with no displacement at all along the steepest eigenvector." and "If $\\eta =
    2/\\lambda_{\\text{max}}$, the distance in that direction neither shrinks nor grows and only changes sign."
    """
    gentle, steep = EIGENVECTORS.T
    step = torch.eye(2, dtype=torch.float64) - LIMIT * HESSIAN
    for start in (A, BEST + 1000 * steep, BEST - 1000 * gentle):
        torch.testing.assert_close(walk(start, 0.98 * LIMIT, 1500)[-1], BEST, rtol=0, atol=1e-6)
        torch.testing.assert_close(walk(start, LIMIT, 1)[1] - BEST, step @ (start - BEST), rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(step @ steep, -steep, rtol=1e-12, atol=1e-12)
    beyond = torch.eye(2, dtype=torch.float64) - 1.5 * LIMIT * HESSIAN
    assert (beyond @ gentle).norm().item() < 1, "no displacement along the steepest: it still shrinks"
    assert (beyond @ steep).norm().item() > 1


def test_absolute_error_has_no_curvature() -> None:
    """regression/gradient-descent.md#steepest-curvature: "The absolute error has curvature 0 everywhere but at its
    kinks, so the formula does not apply to it as it stands."
    """

    def mae(w: float) -> Any:
        return (w * X + 2 - Y).abs().mean()

    kinks = ((Y - 2) / X).flatten()
    for w in (-3.0, 3.0, 8.0):
        assert (kinks - w).abs().min().item() > 1e-3
        second = (mae(w + 1e-3) - 2 * mae(w) + mae(w - 1e-3)) / 1e-6
        assert abs(second.item()) < 1e-6


def test_slope_is_zero_in_valleys_and_on_the_hill() -> None:
    """regression/gradient-descent.md#local-and-global: "At both bottoms the slope is 0, so the steps come to rest. On
    top of the hill between them the slope is 0 too. That the gradient is 0 does not prove that you have found the
    minimum."
    """

    def loss(w: float) -> float:
        return w**4 - 4 * w**2 + w

    def slope(w: float) -> float:
        return 4 * w**3 - 8 * w + 1

    w = torch.linspace(-3, 3, 13, dtype=torch.float64, requires_grad=True)
    (w**4 - 4 * w**2 + w).sum().backward()
    torch.testing.assert_close(w.grad, slope(w.detach()), rtol=1e-12, atol=1e-12)
    ends = []
    for end in (-2.0, 2.0):
        for _ in range(2000):
            end -= 0.02 * slope(end)
        ends.append(end)
    left, right = ends
    low, high = -0.5, 0.5
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    assert left < low < right
    assert max(abs(slope(place)) for place in (left, low, right)) < 1e-12
    assert loss(left) < loss(right) < loss(low)
    assert loss(low) > max(loss(low - 0.01), loss(low + 0.01))
    assert loss(right) < min(loss(right - 0.01), loss(right + 0.01))


def test_mse_of_a_line_is_convex() -> None:
    """regression/gradient-descent.md#local-and-global: "The MSE is a convex function of w and b, and every local
    minimum of a convex function is global. Unless all x are equal, it is also the only place where the minimum is
    reached."
    """
    torch.manual_seed(0)
    for p, q, share in zip(
        torch.randn(50, 2, dtype=torch.float64) * 20,
        torch.randn(50, 2, dtype=torch.float64) * 20,
        torch.rand(50, dtype=torch.float64),
        strict=True,
    ):
        between = mse(*(share * p + (1 - share) * q))
        assert (between <= share * mse(*p) + (1 - share) * mse(*q) + 1e-9).item()
    assert EIGENVALUES[0].item() > 0
    same = torch.cat([torch.full((5, 1), 3.0), torch.ones(5, 1)], dim=1).double()
    flat = torch.linalg.eigvalsh(2 * same.T @ same / 5)
    assert flat[0].item() == pytest.approx(0, abs=1e-12)


def test_the_loss_of_a_network_is_no_bowl() -> None:
    """regression/gradient-descent.md#many-parameters: "The loss of a neural network is not such a well-shaped bowl, so
    this count promises nothing there."
    """
    x = torch.linspace(-3, 3, 50, dtype=torch.float64)

    def network(u1: float, u2: float, v1: float, v2: float) -> Any:
        return v1 * torch.tanh(u1 * x) + v2 * torch.tanh(u2 * x)

    target = network(1, 3, 2, -1)
    losses = [((network(*p) - target) ** 2).mean().item() for p in ((1, 3, 2, -1), (3, 1, -1, 2), (2, 2, 0.5, 0.5))]
    assert losses[:2] == pytest.approx([0, 0], abs=1e-15), "swapping two neurons changes nothing"
    assert losses[2] > 0.1, "but halfway between the two it is higher: not convex"


def test_limit_and_single_step_of_three_w_squared() -> None:
    """regression/gradient-descent.md#self-check: "It lies between -1 and 1 for $0 < \\eta < 1/3$. It is 0 for $\\eta =
    1/6$: one step. On a parabola this is always half the limit."
    """
    assert abs(parabola(6, 0.33, 2000)[-1]) < 1e-9
    assert abs(parabola(6, 0.34, 2000)[-1]) > 1e9
    assert parabola(6, 1 / 6, 1)[-1] == pytest.approx(0, abs=1e-15)
    for curvature in (2.0, 6.0, 68.0):
        assert parabola(curvature, 0.5 * 2 / curvature, 1)[-1] == pytest.approx(0, abs=1e-14)


def test_ten_times_the_x() -> None:
    """regression/gradient-descent.md#self-check: "It falls to close to a hundredth. The steepest curvature is almost
    exactly twice the mean of x², and ten times the x means a hundred times the x²."
    """
    wide = torch.cat([10 * X, torch.ones_like(X)], dim=1)
    limit = 2 / torch.linalg.eigvalsh(2 * wide.T @ wide / len(X))[1].item()
    assert LIMIT / limit == pytest.approx(100, rel=1e-3)
    assert EIGENVALUES[1].item() == pytest.approx(2 * (X**2).mean().item(), rel=1e-4)
    assert limit < 0.01 < LIMIT


def test_in_place_updates_share_one_tensor() -> None:
    """regression/gradient-descent.md#self-check: "`path` holds the same tensor 200 times, and so shows its last value
    200 times. No error is raised."
    """
    w, b = A.clone()
    path, numbers, fresh = [], [], []
    other = w.clone()
    for _ in range(200):
        grad_w, grad_b = gradient((w, b))
        w -= 0.01 * grad_w
        b -= 0.01 * grad_b
        path.append(w)
        numbers.append(w.item())
        other = other - 0.01 * grad_w
        fresh.append(other)
    assert len({id(entry) for entry in path}) == 1
    assert {entry.item() for entry in path} == {numbers[-1]}
    assert [entry.item() for entry in fresh] == pytest.approx(numbers, rel=1e-12)
    assert len(set(numbers)) > 100
