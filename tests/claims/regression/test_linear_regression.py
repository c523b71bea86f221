"""What `regression/linear-regression.md` says and its snippet does not show by itself."""

from __future__ import annotations

import warnings
from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import init

POINTS = ((F(0), F(3)), (F(1), F(6)), (F(2), F(14)))
"""The three points of the residuals by hand."""


def lecture_data(dtype: torch.dtype = torch.float64) -> tuple[Any, Any, Any]:
    torch.manual_seed(0)
    x = init.uniform_(torch.empty(500, 1), -10, 10)
    noise = init.normal_(torch.empty(500, 1), std=1)
    return x.to(dtype), (5 * x + 2 + noise).to(dtype), noise.to(dtype)


X, Y, NOISE = lecture_data()


def residual(w: float, b: float) -> Any:
    return Y - (w * X + b)


def slope_and_height(x: Any, y: Any) -> tuple[float, float]:
    """The best line by least squares."""
    w, b = np.polyfit(x.flatten().numpy(), y.flatten().numpy(), 1)
    return float(w), float(b)


def test_blue_hits_none() -> None:
    """regression/linear-regression.md: "The red line goes exactly through two points (hits 2), the blue one through
    none (hits 0)."
    """
    x, y, _ = lecture_data(torch.float32)
    assert (y == 5 * x + 2).sum() == 0
    exact_x, exact_y = [F(value) for value in x.flatten().tolist()], [F(value) for value in y.flatten().tolist()]
    assert all(v != 5 * u + 2 for u, v in zip(exact_x, exact_y, strict=True))
    w = (exact_y[284] - exact_y[9]) / (exact_x[284] - exact_x[9])
    hits = [u for u, v in zip(exact_x, exact_y, strict=True) if v == exact_y[9] + w * (u - exact_x[9])]
    assert hits == [exact_x[9], exact_x[284]]


def test_w_and_b_change_the_line() -> None:
    """regression/linear-regression.md#line: "Changing w turns the line about the point (0, b). Changing b moves it up
    or down and leaves its slope alone."
    """
    for b in (-3, 2, 7):
        heights = {w * 0 + b for w in (-1, 1, 3)}
        assert heights == {b}
        rises = [(w * (x + 1) + b) - (w * x + b) for w in (-1, 1, 3) for x in (-4, 0, 4)]
        assert rises == [-1, -1, -1, 1, 1, 1, 3, 3, 3]


def test_w_and_b_from_two_points() -> None:
    """regression/linear-regression.md#line: "$7 = 5 \\cdot 1 + b$, so $b = 2$. The other point agrees:
    $17 = 5 \\cdot 3 + 2$. Any two points with different x fix one line in this way."
    """
    w = F(17 - 7, 3 - 1)
    b = 7 - w * 1
    assert [w, b] == [5, 2]
    assert w * 3 + b == 17
    torch.manual_seed(0)
    for x1, y1, x2, y2 in torch.randint(-50, 50, (50, 4)).tolist():
        system = np.array([[x1, 1], [x2, 1]])
        assert (np.linalg.matrix_rank(system) == 2) == (x1 != x2)
        if x1 != x2:
            w = F(y2 - y1, x2 - x1)
            assert w * x2 + (y1 - w * x1) == y2


def test_linear_has_random_parameters_and_a_bias() -> None:
    """regression/linear-regression.md#nn-linear: "A new one has random w and b", "if you leave it out, b is used", and
    "The underscore at the end of its name says that it makes no new tensor but changes the values of the one it is
    given."
    """
    models = [nn.Linear(1, 1) for _ in range(20)]
    assert len({model.weight.item() for model in models}) == 20
    assert len({model.bias.item() for model in models}) == 20
    model = nn.Linear(in_features=1, out_features=1, bias=True)
    weight, memory = model.weight, model.weight.data_ptr()
    assert init.constant_(model.weight, 5.0) is weight
    assert model.weight.data_ptr() == memory
    assert model.weight.item() == 5


@pytest.mark.parametrize("w", [-7.0, 0.0, 3.5])
def test_without_bias_through_the_origin(w: float) -> None:
    """regression/linear-regression.md#nn-linear: "Without it the formula is $wx$, which is 0 at x = 0 whatever w is:
    only lines through the origin are left."
    """
    model = nn.Linear(1, 1, bias=False)
    init.constant_(model.weight, w)
    assert model.bias is None
    assert model(torch.zeros(1, 1)).item() == 0
    assert model(torch.tensor([[2.0]])).item() == 2 * w


def test_slide_code_needs_its_import_and_warns() -> None:
    """regression/linear-regression.md#data: "The slide has no line that imports `init`." and "`init.uniform` is a
    deprecated name. The warning tells you to use `nn.init.uniform_`."
    """
    slide = "import torch\nx = init.uniform (torch.Tensor(500, 1), -10, 10)"
    with pytest.raises(NameError, match="name 'init' is not defined"):
        exec(slide, {})
    with pytest.warns(FutureWarning, match=r"`nn.init.uniform` is now deprecated in favor of `nn.init.uniform_`"):
        exec(slide, {"init": init})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        init.uniform_(torch.empty(500, 1), -10, 10)


def test_data_are_those_of_the_next_pages() -> None:
    """regression/linear-regression.md#data: "The lecture makes 500 points by adding noise to the line y = 5x + 2." Each
    page of the chapter makes the same numbers.
    """
    torch.manual_seed(0)
    x = torch.empty(500, 1).uniform_(-10, 10)
    y = 5 * x + 2 + torch.randn(500, 1)
    torch.testing.assert_close(x.double(), X, rtol=0, atol=0)
    torch.testing.assert_close(y.double(), Y, rtol=0, atol=0)


def test_noise_is_standard_normal() -> None:
    """regression/linear-regression.md#data: "`init.normal_` in line 3 fills with normally distributed random numbers,
    with mean 0 and standard deviation (spread) 1."
    """
    many = init.normal_(torch.empty(1_000_000, dtype=torch.float64), std=1)
    assert abs(many.mean().item()) < 0.005
    assert many.std().item() == pytest.approx(1, abs=0.005)
    assert (many.abs() < 1).double().mean().item() == pytest.approx(0.6827, abs=0.003)


def test_residuals_by_hand() -> None:
    """regression/linear-regression.md#residuals: "The first and the third point lie above the line, by 1 and by 2; the
    second lies below it, by 1."
    """
    assert [y - (5 * x + 2) for x, y in POINTS] == [1, -1, 2]


@pytest.mark.parametrize(("w", "b"), [(4, 2), (5, 8), (5, 2), (-1, 3)])
def test_residuals_are_a_line_plus_noise(w: int, b: int) -> None:
    """regression/linear-regression.md#patterns: "On these data, the residuals of the line (w, b) are" (5 - w)x +
    (2 - b) + noise, and "If the residuals slope, w is wrong; if they are shifted as a whole, b is wrong."
    """
    torch.testing.assert_close(residual(w, b), (5 - w) * X + (2 - b) + NOISE, rtol=0, atol=1e-5)
    slope, height = slope_and_height(X, residual(w, b))
    assert slope == pytest.approx(5 - w, abs=0.05)
    assert height == pytest.approx(2 - b, abs=0.1)


def test_positive_x_shift_the_mean() -> None:
    """regression/linear-regression.md#patterns: "where all x are positive, a wrong w alone moves the mean of the
    residuals away from 0"
    """
    positive = X > 0
    assert residual(4, 2)[positive].mean() > 4
    assert slope_and_height(X[positive], residual(4, 2)[positive])[1] == pytest.approx(0, abs=0.2)


def test_residuals_of_the_truth_are_the_noise() -> None:
    """regression/linear-regression.md#patterns: "The residuals of w = 5, b = 2 are the very noise that went into the
    data."
    """
    torch.testing.assert_close(residual(5, 2), NOISE, rtol=0, atol=1e-5)
    assert NOISE.abs().max() > 1


@pytest.mark.parametrize("w", [5.0, 0.0, -5.0, 1000.0])
def test_mean_residual_is_zero_through_the_mean_point(w: float) -> None:
    """regression/linear-regression.md#patterns: "For every line through the mean point (x̄, ȳ), where the bar stands for
    the mean, it comes out like this, whatever w is"
    """
    b = (Y.mean() - w * X.mean()).item()
    assert residual(w, b).mean().item() == pytest.approx(0, abs=1e-9)
    assert residual(w, b + 1).mean().item() == pytest.approx(-1, abs=1e-9)


def test_three_points_need_equal_slopes() -> None:
    """regression/linear-regression.md#no-line-fits-all: "The slopes are 3 and 8, so no line passes through all
    three."
    """
    (x1, y1), (x2, y2), (x3, y3) = POINTS
    assert [(y2 - y1) / (x2 - x1), (y3 - y2) / (x3 - x2)] == [3, 8]
    assert (y3 - y1) / (x3 - x1) not in (3, 8)


def test_no_three_of_the_500_on_a_line() -> None:
    """regression/linear-regression.md#no-line-fits-all: "among these 500 there are no three points on one line" """
    x, y = X.flatten(), Y.flatten()
    exact = [(F(u), F(v)) for u, v in zip(x.tolist(), y.tolist(), strict=True)]
    suspects = 0
    for i, (x0, y0) in enumerate(exact):
        angle = torch.atan((y - y[i]) / (x - x[i]))
        angle[i] = torch.inf
        order = angle.argsort()
        for k in (angle[order].diff() < 1e-9).nonzero().flatten().tolist():
            (x1, y1), (x2, y2) = exact[int(order[k])], exact[int(order[k + 1])]
            suspects += 1
            assert (y1 - y0) * (x2 - x0) != (y2 - y0) * (x1 - x0)
    assert suspects > 0, "the sieve lets the closest ones through, so that they are tested exactly"


def test_two_points_are_hit_and_the_rest_missed() -> None:
    """regression/linear-regression.md#no-line-fits-all: "The line that hits two points falls where the points climb,
    and misses the other 498 badly. The line that hits no point misses none of them by much."
    """
    w = ((Y[284] - Y[9]) / (X[284] - X[9])).item()
    b = (Y[9] - w * X[9]).item()
    assert w < 0 < slope_and_height(X, Y)[0]
    bad, good = residual(w, b).abs(), residual(5, 2).abs()
    assert bad.mean() > 25 * good.mean()
    assert bad.max() > 60
    assert good.max() < 4


def test_number_of_pairs() -> None:
    """regression/linear-regression.md#no-line-fits-all: "There are 500 × 499 / 2 = 124750 ways to choose two.",
    "Such pairs are rare" and "where two points have almost the same x, the slope jumps to tens of thousands"
    """
    first, second = torch.triu_indices(500, 500, offset=1)
    assert len(first) == 500 * 499 // 2 == 124750
    assert len({frozenset(pair) for pair in zip(first.tolist(), second.tolist(), strict=True)}) == 124750
    slopes = ((Y[second] - Y[first]) / (X[second] - X[first])).flatten()
    apart = (X[second] - X[first]).flatten().abs()
    assert slopes.abs().max() > 10_000
    assert apart[slopes.abs().argmax()] < 1e-3
    assert 0.01 < (slopes < 0).double().mean() < 0.012


def test_zigzag_misses_more_on_new_points() -> None:
    """regression/linear-regression.md#no-line-fits-all: "this zigzag passes through all 500, and all its residuals are
    0" and "On new points the zigzag misses by more than the line."
    """
    order = X.flatten().argsort()
    xs, ys = X.flatten()[order].numpy(), Y.flatten()[order].numpy()
    assert np.abs(np.interp(xs, xs, ys) - ys).max() == 0
    for seed in range(1, 21):
        torch.manual_seed(seed)
        new_x = torch.empty(500, dtype=torch.float64).uniform_(-10, 10).numpy()
        new_y = 5 * new_x + 2 + torch.randn(500, dtype=torch.float64).numpy()
        zigzag, line = np.abs(new_y - np.interp(new_x, xs, ys)).mean(), np.abs(new_y - (5 * new_x + 2)).mean()
        assert zigzag > 1.1 * line


def test_three_students() -> None:
    """regression/linear-regression.md#multiple: "$w_1 = 8$ says that one more hour of study raises the prediction by 8
    points if the hours of sleep stay the same." and "this formula is `nn.Linear(2, 1)`, with three parameters: two
    weights and one bias"
    """
    students = ((2, 8), (5, 6), (4, 7))
    assert [8 * study + 3 * sleep + 10 for study, sleep in students] == [50, 68, 63]
    assert [8 * (study + 1) + 3 * sleep + 10 for study, sleep in students] == [58, 76, 71]
    model = nn.Linear(2, 1)
    assert [parameter.numel() for parameter in model.parameters()] == [2, 1]
    init.constant_(model.bias, 10.0)
    model.weight.data = torch.tensor([[8.0, 3.0]])
    assert model(torch.tensor(students, dtype=torch.float32)).flatten().tolist() == [50, 68, 63]


def test_check_two_points_and_a_residual() -> None:
    """regression/linear-regression.md#self-check: "$w = (10 - 4)/(3 - 1) = 3$, and $4 = 3 \\cdot 1 + b$ gives $b = 1$.
    The prediction at x = 2 is $3 \\cdot 2 + 1 = 7$, so the residual is $9 - 7 = 2$."
    """
    w = F(10 - 4, 3 - 1)
    b = 4 - w
    assert [w, b, w * 2 + b, 9 - (w * 2 + b)] == [3, 1, 7, 2]


def test_check_falling_residuals() -> None:
    """regression/linear-regression.md#self-check: "It is negative, so w is too large: at the left end the line is below
    the points, at the right end above them."
    """
    falling = residual(7, 2)
    assert slope_and_height(X, falling)[0] < 0
    assert (falling[X < -8] > 0).all()
    assert (falling[X > 8] < 0).all()


def test_check_wrong_way_with_mean_zero() -> None:
    """regression/linear-regression.md#self-check: "the residuals are -2, 0, 2 with mean 0, and the line runs the wrong
    way"
    """
    residuals = [y - (-x) for x, y in ((-1, -1), (0, 0), (1, 1))]
    assert residuals == [-2, 0, 2]
    assert sum(residuals) == 0


def test_check_without_bias_a_shift_stays() -> None:
    """regression/linear-regression.md#self-check: "A different w does not help near x = 0: there $wx$ is close to 0,
    and the residuals stay around 2."
    """
    near = X.abs() < 0.5
    for w in (4.0, 5.0, 6.0):
        assert residual(w, 0)[near].mean().item() == pytest.approx(2, abs=0.4)


def test_check_parabola_is_linear() -> None:
    """regression/linear-regression.md#self-check: "Call $x^2$ a new independent variable $z$, and it reads
    $\\hat{y} = wz + b$."
    """
    parabola = 3 * X**2 - 4
    assert slope_and_height(X**2, parabola) == pytest.approx((3, -4), abs=1e-9)
