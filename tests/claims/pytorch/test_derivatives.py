"""Claims of docs/*/pytorch/derivatives.md that its snippet does not show by itself."""

import math
import warnings
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

POINTS = [-3.0, -1.5, -0.25, 0.5, 1.0, 2.0]


def f(x: Any) -> Any:
    return 3 * x**2 + 15


def g(w: Any, b: Any) -> Any:
    return w**2 + 2 * w * b + 2 * b**2


def one_side(function: Callable[[Any], Any], x: Any, h: Any) -> Any:
    return (function(x + h) - function(x)) / h


def both_sides(function: Callable[[Any], Any], x: Any, h: Any) -> Any:
    return (function(x + h) - function(x - h)) / (2 * h)


def gradient_of_g(w: float, b: float) -> tuple[float, float]:
    return 2 * w + 2 * b, 2 * w + 4 * b


def test_zoom() -> None:
    """pytorch/derivatives.md#derivatives: "Each tenfold magnification shrinks the gap, measured against the rise of the
    line, to a tenth."
    """

    def gap(half: Fraction) -> Any:
        line_at_end = 27 + 12 * half
        return (f(2 + half) - line_at_end) / (12 * 2 * half)

    assert gap(Fraction(2, 10)) == gap(Fraction(2)) / 10
    assert gap(Fraction(2, 100)) == gap(Fraction(2)) / 100


def test_slope_of_a_line() -> None:
    """pytorch/derivatives.md#slope: "On a line it does not matter which two you take: the line y = 5x + 2 has the slope
    5 everywhere."
    """
    for x in map(Fraction, POINTS):
        for h in (Fraction(-2), Fraction(1, 7), Fraction(100)):
            assert one_side(lambda x: 5 * x + 2, x, h) == 5


def test_rises_of_the_curve() -> None:
    """pytorch/derivatives.md#slope: "From x = 1 to 2 the curve rises by 9, from 2 to 3 by 15."."""
    assert (f(2) - f(1), f(3) - f(2)) == (9, 15)


@pytest.mark.parametrize("h", [Fraction(1), Fraction(1, 10), Fraction(1, 100), Fraction(-1, 3)])
def test_finite_difference_of_f(h: Fraction) -> None:
    """pytorch/derivatives.md#finite-difference: "That is 15 for h = 1, 12 + 3/10 for h = 1/10 …"; #derivative:
    "6x + 3h".
    """
    assert one_side(f, 2, h) == 12 + 3 * h
    for x in map(Fraction, POINTS):
        assert one_side(f, x, h) == 6 * x + 3 * h


def test_looking_ahead() -> None:
    """pytorch/derivatives.md#predict-the-change: "It really grows by 12/100 + 3/10000. The part we missed, 3h², shrinks
    to a hundredth when h shrinks to a tenth."
    """

    def missed(h: Fraction) -> Any:
        return f(2 + h) - f(2) - 12 * h

    assert f(2 + Fraction(1, 100)) - f(2) == Fraction(12, 100) + Fraction(3, 10000)
    assert missed(Fraction(1, 100)) == 3 * Fraction(1, 100) ** 2
    assert missed(Fraction(1, 10)) / 100 == missed(Fraction(1, 100))


RULES: list[tuple[Callable[[float], float], Callable[[float], float]]] = [
    (lambda x: 15, lambda x: 0),
    (lambda x: x, lambda x: 1),
    (lambda x: x**2, lambda x: 2 * x),
    (lambda x: x**3, lambda x: 3 * x**2),
    (lambda x: x**7, lambda x: 7 * x**6),
    (lambda x: 3 * x**2, lambda x: 3 * 2 * x),
    (lambda x: x**3 + x**2, lambda x: 3 * x**2 + 2 * x),
]


@pytest.mark.parametrize("function, derivative", RULES)
def test_rules(function: Callable[[float], float], derivative: Callable[[float], float]) -> None:
    """pytorch/derivatives.md#rules: the table."""
    for x in POINTS:
        assert both_sides(function, x, 1e-5) == pytest.approx(derivative(x), rel=1e-8, abs=1e-8)


def test_kink() -> None:
    """pytorch/derivatives.md#kink: "However small h gets, it stays 1 on the right and -1 on the left …", "1 for
    positive x, -1 for negative x. ReLU … has a kink at 0 as well."
    """
    for power in range(12):
        h = Fraction(1, 10**power)
        assert (one_side(abs, 0, h), one_side(abs, 0, -h)) == (1, -1)
    assert [one_side(abs, x, Fraction(1, 1000)) for x in (3, -3)] == [1, -1]
    zero = torch.tensor(0.0, dtype=torch.float64)
    assert [one_side(nn.ReLU(), zero, h).item() for h in (1e-3, -1e-3)] == [1, 0]


@pytest.mark.parametrize("h", [Fraction(1, 10), Fraction(1, 100), Fraction(2)])
def test_both_sides_of_a_cube(h: Fraction) -> None:
    """pytorch/derivatives.md#both-sides: "12 + 6h + h²", "12 + h²", "For h = 1/10 the errors are 61/100 and 1/100.",
    "Divide h by ten, and the error from both sides falls to a hundredth."
    """

    def cube(x: Fraction) -> Fraction:
        return x**3

    assert one_side(cube, Fraction(2), h) == 12 + 6 * h + h**2
    assert both_sides(cube, Fraction(2), h) == 12 + h**2
    assert (both_sides(cube, Fraction(2), h / 10) - 12) * 100 == both_sides(cube, Fraction(2), h) - 12
    tenth = Fraction(1, 10)
    assert one_side(cube, Fraction(2), tenth) - 12 == Fraction(61, 100)
    assert both_sides(cube, Fraction(2), tenth) - 12 == Fraction(1, 100)


@pytest.mark.parametrize(
    ("f", "x", "slope"), [(math.exp, 0.5, math.exp(0.5)), (math.sin, 1.0, math.cos(1.0)), (math.log, 2.0, 0.5)]
)
def test_both_sides_shrinks_faster_where_a_curve_bends(f: Callable[[float], float], x: float, slope: float) -> None:
    """pytorch/derivatives.md#both-sides: "Where a smooth curve bends, this error shrinks much faster as h does."."""
    one = [abs(one_side(f, x, h) - slope) for h in (1e-2, 1e-3)]
    both = [abs(both_sides(f, x, h) - slope) for h in (1e-2, 1e-3)]
    assert one[0] / one[1] == pytest.approx(10, rel=0.05)
    assert both[0] / both[1] == pytest.approx(100, rel=0.05)


def test_both_sides_do_not_see_a_kink() -> None:
    """pytorch/derivatives.md#both-sides: "measured from both sides, |x| at 0 gives 0 for every h"."""
    assert [both_sides(abs, Fraction(0), Fraction(1, 10**power)) for power in range(12)] == [0] * 12


def test_gaps_between_floats() -> None:
    """pytorch/derivatives.md#too-small-h: "In float32 the number after 2 is 2 + 2⁻²², a gap of more than twice 10⁻⁷ …",
    "With h = 10⁻⁶, x moves by four gaps, 2⁻²⁰. That is less than 10⁻⁶", "at h = 10⁻¹⁶ the same thing happens".
    """
    two = torch.tensor(2.0)
    assert two.dtype == torch.float32
    assert torch.tensor(2.0, dtype=torch.float64).numpy().dtype == np.dtype(float)
    gap = (torch.nextafter(two, torch.tensor(3.0)) - two).item()
    assert gap == 2**-22 > 2e-7
    assert ((two + 1e-6) - two).item() == 4 * gap == 2**-20 < 1e-6
    assert torch.nextafter(two.double(), torch.tensor(3.0).double()) - 2 < gap * 1e-8
    assert 2.0 + 1e-16 == 2.0


@pytest.mark.parametrize(
    "function, x, slope",
    [(lambda x: x**3, 2.0, 12.0), (f, 2.0, 12.0), (torch.exp, 0.0, 1.0), (torch.log, 4.0, 0.25)],
)
def test_recipe_for_a_check(function: Callable[[torch.Tensor], torch.Tensor], x: float, slope: float) -> None:
    """pytorch/derivatives.md#too-small-h: "use float64, measure from both sides, and take an h near 10⁻⁵."; the figure:
    farther away in either direction is worse.
    """

    def error(h: float, dtype: torch.dtype = torch.float64) -> float:
        return abs(float(both_sides(function, torch.tensor(x, dtype=dtype), h)) - slope)

    assert error(1e-5) < 1e-8
    assert error(1e-1) > 1e3 * error(1e-5) or function is f  # a parabola has no error from both sides but rounding
    assert error(1e-13) > 1e3 * error(1e-5)
    assert error(1e-5, torch.float32) > 1e3 * error(1e-5)


def test_partial_derivatives() -> None:
    """pytorch/derivatives.md#partial-derivative: "at the height 4 + 4 + 2 = 10", "∂g/∂w = 2w + 2b",
    "∂g/∂b = 2w + 4b".
    """
    assert g(2, 1) == 4 + 4 + 2 == 10
    for w in map(Fraction, POINTS):
        for b in map(Fraction, POINTS):
            h = Fraction(1, 3)  # exact for a parabola, whatever h
            assert both_sides(partial(g, b=b), w, h) == 2 * w + 2 * b
            assert both_sides(partial(g, w), b, h) == 2 * w + 4 * b
    assert [g(w, 1) - (w**2 + 2 * w + 2) for w in range(5)] == [0] * 5
    assert [g(2, b) - (4 + 4 * b + 2 * b**2) for b in range(5)] == [0] * 5


@pytest.mark.parametrize("w, b", [(2.0, 1.0), (-3.0, 2.0), (1.0, -1.0), (0.5, 3.0)])
def test_gradient_is_the_steepest_way_up(w: float, b: float) -> None:
    """pytorch/derivatives.md#gradient: "The gradient arrow (orange) is the steepest way up, its opposite (blue) the
    steepest way down. At a right angle to it the ground is level …"; "the slope in that direction is the length".
    """
    dw, db = gradient_of_g(w, b)
    length, angle = math.hypot(dw, db), math.atan2(db, dw)

    def slope(direction: float) -> Any:
        h = 1e-6
        up, across = math.cos(direction), math.sin(direction)
        return (g(w + h * up, b + h * across) - g(w - h * up, b - h * across)) / (2 * h)

    everywhere = [slope(math.radians(tenth / 10)) for tenth in range(3600)]
    assert slope(angle) == pytest.approx(length, abs=1e-7)
    assert max(everywhere) <= length + 1e-7
    assert slope(angle + math.pi) == pytest.approx(-length, abs=1e-7)
    assert min(everywhere) >= -length - 1e-7
    assert slope(angle + math.pi / 2) == pytest.approx(0, abs=1e-7)
    steepest = math.radians(everywhere.index(max(everywhere)) / 10)
    assert math.cos(steepest - angle) > math.cos(math.radians(0.1))


def test_change_of_height() -> None:
    """pytorch/derivatives.md#gradient: "A small move of dw in w and db in b changes the height by almost exactly
    6 · dw + 8 · db"
    """
    for dw, db in ((1e-4, 0.0), (-2e-4, 3e-4), (1e-4, 1e-4)):
        assert g(2 + dw, 1 + db) - g(2, 1) == pytest.approx(6 * dw + 8 * db, abs=6e-7)


def test_bottom_is_not_straight_ahead() -> None:
    """pytorch/derivatives.md#gradient: "From (2, 1) the star at (0, 0) is in the direction (-2, -1), but the opposite
    of the gradient is (-6, -8)."
    """
    assert min((g(w, b), abs(w), abs(b)) for w in range(-4, 5) for b in range(-4, 5)) == (0, 0, 0)
    assert gradient_of_g(2, 1) == (6, 8)
    assert -2 * -8 - -1 * -6 != 0  # the two directions are not parallel


def test_chain_rule() -> None:
    """pytorch/derivatives.md#chain-rule: "z moves 3 × 4 = 12 times as far as x", "As the move gets smaller, the first
    factor approaches 4."; the bars of the figure.
    """

    def y(x: Fraction) -> Fraction:
        return x**2 + 5

    def factor(move: Fraction) -> Fraction:
        return (y(2 + move) - y(Fraction(2))) / move

    assert factor(Fraction(1, 10)) == Fraction(41, 10)
    assert factor(Fraction(1, 10**9)) - 4 == Fraction(1, 10**9)
    for x in map(Fraction, POINTS):
        assert 3 * y(x) == f(x)
        assert both_sides(lambda x: 3 * y(x), x, Fraction(1, 7)) == 3 * both_sides(y, x, Fraction(1, 7)) == 6 * x


def test_two_paths() -> None:
    """pytorch/derivatives.md#two-paths: "6 · 4 + 4 · 3 = 36", "Differentiate r = 3x³ directly, and 9x² is 36 as
    well."
    """
    for x in POINTS:
        p, q = x**2, 3 * x
        assert q * 2 * x + p * 3 == pytest.approx(9 * x**2)
        assert both_sides(lambda x: x**2 * 3 * x, x, 1e-5) == pytest.approx(9 * x**2, abs=1e-7)
    assert 9 * 2**2 == 36


def test_sum_and_mean() -> None:
    """pytorch/derivatives.md#sum: "it came out as 4 + h", "here [2, 4, 6], and for the mean each of them divided by 3";
    #self-check: "[2/3, 4/3, 2]".
    """
    assert one_side(lambda second: 1 + second**2 + 9, Fraction(2), Fraction(1, 100)) == 4 + Fraction(1, 100)
    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True)
    (of_sum,) = torch.autograd.grad((x**2).sum(), x)
    (of_mean,) = torch.autograd.grad((x**2).mean(), x)
    assert of_sum.tolist() == [2, 4, 6]
    assert of_mean.tolist() == pytest.approx([2 / 3, 4 / 3, 2], abs=1e-15)


def test_exp() -> None:
    """pytorch/derivatives.md#exp: "slope divided by height is the same everywhere, and depends on the base alone", "e^x
    is its own derivative", "It is always positive", "e^0 = 1", "adding becomes multiplying"; the figure.
    """
    for base in (2, 3, 10):
        ratios = [both_sides(partial(pow, base), x, 1e-6) / base**x for x in POINTS]
        assert ratios == pytest.approx([math.log(base)] * len(POINTS), rel=1e-7)
    assert math.log(2) < 1 < math.log(3)
    assert math.log(math.e) == 1
    x = torch.tensor(POINTS, dtype=torch.float64)
    height = torch.exp(x)
    torch.testing.assert_close(both_sides(torch.exp, x, 1e-5), height, rtol=1e-9, atol=0)
    assert (height > 0).all()
    assert torch.exp(torch.tensor(0.0)) == 1
    torch.testing.assert_close(torch.exp(x + x.flip(0)), height * height.flip(0))
    foot = x - height / both_sides(torch.exp, x, 1e-5)  # where the tangent meets the ground
    torch.testing.assert_close(foot, x - 1, rtol=0, atol=1e-9)


def test_log() -> None:
    """pytorch/derivatives.md#log: "log(e^x) = x", "for x > 0 its slope is 1/x", "torch.log, math.log and np.log all
    have the base e; the one with base 10 is log10."; "falls without limit as p approaches 0".
    """
    x = torch.tensor([0.01, 0.25, 1.0, 4.0, 100.0], dtype=torch.float64)
    torch.testing.assert_close(torch.log(torch.exp(x)), x)
    torch.testing.assert_close(both_sides(torch.log, x, 1e-6), 1 / x, rtol=1e-7, atol=0)
    torch.testing.assert_close(torch.log(3 * x), math.log(3) + torch.log(x))
    assert math.log(math.e) == np.log(math.e) == torch.log(torch.tensor(math.e, dtype=torch.float64)) == 1
    assert math.log10(10) == np.log10(10) == torch.log10(torch.tensor(10.0)) == 1
    penalties = [-math.log(10.0**-power) for power in range(300)]
    assert penalties[0] == 0
    assert penalties == sorted(penalties)
    assert penalties[-1] > 600


def test_log_of_zero() -> None:
    """pytorch/derivatives.md#log: "None of the three is an error.", "float32 cannot hold e^89", "e^-200 is positive,
    but 0 in float32", "use functions that are built to avoid this, such as the CrossEntropyLoss".
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert torch.log(torch.tensor([0.0])).isneginf()
        assert torch.log(torch.tensor([-1.0])).isnan()
        assert torch.exp(torch.tensor(89.0)).isinf()
    assert math.exp(-200) > 0 == torch.exp(torch.tensor(-200.0))
    assert math.exp(88) < torch.finfo(torch.float32).max < math.exp(89)
    logits = torch.tensor([[200.0, 0.0]])
    by_hand = -torch.log(torch.exp(logits[0, 1]) / torch.exp(logits[0]).sum())
    assert by_hand.isinf()
    assert nn.CrossEntropyLoss()(logits, torch.tensor([1])) == 200


def test_answers() -> None:
    """pytorch/derivatives.md#self-check: 10 and 10 + 1/10; (0, -2); 18 × 4 = 72; 0 in float32, 12 in float64."""
    assert one_side(lambda x: x**2 + 4 * x, Fraction(3), Fraction(1, 10)) == 10 + Fraction(1, 10)
    assert gradient_of_g(1, -1) == (0, -2)
    assert both_sides(lambda x: (x**2 + 5) ** 2, 2.0, 1e-5) == pytest.approx(72, abs=1e-6)
    assert 2 * (2**2 + 5) == 18
    assert one_side(f, torch.tensor(2.0), 1e-8) == 0
    assert abs(one_side(f, torch.tensor(2.0, dtype=torch.float64), 1e-8) - 12) < 1e-6
