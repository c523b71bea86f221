"""Claims of docs/*/reference/lecture-errata.md that its snippet does not show by itself."""

import inspect
import itertools
import math
from fractions import Fraction

import pytest
import torch
from torch import nn, optim
from torch.nn import init

LECTURE_LAYERS = (
    lambda: nn.Conv2d(1, 16, 5),
    nn.ReLU,
    lambda: nn.Conv2d(16, 32, 5),
    nn.ReLU,
    lambda: nn.MaxPool2d(2, 2),
    lambda: nn.Conv2d(32, 64, 5),
    nn.ReLU,
    lambda: nn.MaxPool2d(2, 2),
)


def slide_data(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.empty(500, 1, dtype=torch.float64).uniform_(-10, 10, generator=generator)
    return x, 5 * x + 2 + torch.randn(500, 1, dtype=torch.float64, generator=generator)


def fit(loss_fn: nn.Module, epochs: int, seed: int) -> list[float]:
    """The path of b in the slide's training."""
    x, y = slide_data(seed)
    torch.manual_seed(seed)
    model = nn.Linear(1, 1, dtype=torch.float64)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    path = [model.bias.item()]
    for _ in range(epochs):
        optimizer.zero_grad()
        loss_fn(model(x), y).backward()
        optimizer.step()
        path.append(model.bias.item())
    return path


def test_notes_beside_open_brackets_are_errors_too() -> None:
    """reference/lecture-errata.md#comments: "The same goes for the notes beside `nn.Sequential(` and
    `nn.Conv2d(1, 16, 5),`"; "Text copied from a slide can also lose its indentation"."""
    for code in (
        "model = nn.Sequential(인수로 받은 모듈을 순서대로 실행하여 결과 리턴\nnn.Linear(1,5)\n)",
        "nn.Sequential(\nnn.Conv2d(1, 16, 5), 합성곱 연산, out_channels = 16, kernel_size = 5\nnn.ReLU()\n)",
    ):
        with pytest.raises(SyntaxError):
            compile(code, "slide", "exec")
    with pytest.raises(IndentationError):
        compile("class CNN(nn.Module):\ndef __init__(self):\npass", "slide", "exec")


def test_uninitialised_memory_shows_what_was_there() -> None:
    """reference/lecture-errata.md#uninitialised: "`torch.Tensor(5, 2)` reserves the memory and writes nothing into
    it, so you see whatever was there." (no generator is asked: its state stays)"""
    torch.manual_seed(0)
    before = torch.get_rng_state()
    assert torch.Tensor(5, 2).shape == (5, 2)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(5, 2)
    assert not torch.equal(torch.get_rng_state(), before)


def test_all_are_tensors() -> None:
    """reference/lecture-errata.md#three-pictures: "In PyTorch scalars, vectors and matrices are all tensors, and what
    differs is the number of axes (`ndim`)."."""
    made = [torch.tensor(1.0), torch.tensor([1.0]), torch.tensor([[1.0]]), torch.tensor([[[1.0]]])]
    assert {type(tensor) for tensor in made} == {torch.Tensor}
    assert [tensor.ndim for tensor in made] == [0, 1, 2, 3]


def test_gradient_of_z() -> None:
    """reference/lecture-errata.md#gradient-of-loss: "To get the gradient of z, write `z.sum().backward()`."; "With a
    target of 20 the first z, 18, is the smaller one"."""
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    z = 3 * (x**2 + 5)
    assert z.tolist() == [18.0, 27.0]
    z.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [6.0, 12.0]


def test_kept_only_if_asked_before() -> None:
    """reference/lecture-errata.md#only-x: "They are not kept, since y and z are not leaves. Ask with `retain_grad()`
    before `backward()` and they are."."""
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x**2 + 5
    (3 * y).sum().backward()
    y.retain_grad()
    assert x.is_leaf
    assert not y.is_leaf
    assert y.grad is None


def test_squares_do_not_cancel() -> None:
    """reference/lecture-errata.md#squared: "With errors of 2 and -2 the plain mean is 0, while the mean of the squares,
    the MSE, is 4"."""
    errors = torch.tensor([2.0, -2.0], dtype=torch.float64)
    assert errors.mean() == 0
    assert nn.MSELoss()(errors, torch.zeros(2, dtype=torch.float64)) == 4


def test_valleys() -> None:
    """reference/lecture-errata.md#local-minimum: "$x^4 - 2x^2 + \\frac{x}{2}$, which has two valleys"; "From 2 it stops
    in the higher valley."; "with a learning rate that is too large you reach neither"; "For the MSE of a line the
    local minimum is the global one" (its Hessian is positive)."""

    def height(x: float) -> float:
        return x**4 - 2 * x**2 + x / 2

    grid = [i / 1000 for i in range(-2000, 2001)]
    valleys = [b for a, b, c in zip(grid, grid[1:], grid[2:], strict=False) if height(a) > height(b) < height(c)]
    assert len(valleys) == 2
    assert height(valleys[0]) < height(valleys[1])
    assert valleys[1] == pytest.approx(0.930, abs=1e-3)

    x = 2.0
    for _ in range(5):
        x -= 0.5 * (4 * x**3 - 4 * x + 1 / 2)
    assert abs(x) > 1e6

    points, _ = slide_data(0)
    design = torch.cat([points, torch.ones_like(points)], dim=1)
    assert torch.linalg.eigvalsh(design.T @ design).min() > 1


def test_in_place_names() -> None:
    """reference/lecture-errata.md#init-uniform: "Functions that change a tensor in place end in an underscore."."""
    x = torch.zeros(3)
    for change in (init.uniform_, init.normal_):
        assert change(x) is x
    assert x.add_(1) is x
    assert x.add(1) is not x


def test_numbers_are_a_shape_and_a_list_is_values() -> None:
    """reference/lecture-errata.md#legacy: "numbers mean a shape and a list means values"."""
    assert torch.FloatTensor(2, 1).shape == (2, 1)
    assert torch.FloatTensor([2, 1]).tolist() == [2.0, 1.0]
    assert torch.tensor([2, 1]).tolist() == [2, 1]


def test_linear_arguments() -> None:
    """reference/lecture-errata.md#bias: "The third argument of `nn.Linear`, `bias`", "By default there is.", "The first
    two arguments … are **numbers** of features (`in_features`, `out_features`)."."""
    arguments = list(inspect.signature(nn.Linear).parameters.values())
    assert [argument.name for argument in arguments[:3]] == ["in_features", "out_features", "bias"]
    assert arguments[2].default is True


def test_gradient_depends_on_the_batch() -> None:
    """reference/lecture-errata.md#sgd: "All 500 points give the same gradient in whatever order; 10 drawn points give
    another one each time."; "No data come into `optim.SGD`"."""
    x, y = slide_data(0)
    model = nn.Linear(1, 1, dtype=torch.float64)

    def gradient(size: int) -> float:
        batch = torch.randperm(500)[:size]
        model.zero_grad()
        nn.L1Loss()(model(x[batch]), y[batch]).backward()
        return float(model.weight.grad)

    torch.manual_seed(0)
    assert gradient(500) == pytest.approx(gradient(500), abs=1e-12)
    drawn = [gradient(10) for _ in range(5)]
    assert min(abs(a - b) for i, a in enumerate(drawn) for b in drawn[:i]) > 1e-3
    assert list(inspect.signature(optim.SGD.step).parameters) == ["self", "closure"]


def test_zero_grad_sets_none() -> None:
    """reference/lecture-errata.md#zero-grad: "Today `zero_grad()` writes no zeros: it sets `.grad` back to `None`.";
    "Old code that computes with `.grad` right after `zero_grad()` therefore fails."; "`backward()` adds to the
    gradient instead of replacing it"."""
    w = torch.tensor(1.0, requires_grad=True)
    optimizer = optim.SGD([w], lr=0.01)
    for expected in (3.0, 6.0):
        (3 * w).backward()
        assert w.grad is not None
        assert w.grad.item() == expected
    optimizer.zero_grad()
    with pytest.raises(TypeError):
        w.grad + 1


def test_two_hundred_epochs_are_not_enough() -> None:
    """reference/lecture-errata.md#two-hundred: "200 epochs do not bring b to 2"; "Under the L1 loss the gradient of b
    is at most 1 in absolute value, so b moves at most 1/100 a step."; "After 1000 epochs b has arrived.";
    reference/lecture-errata.md#mse-or-l1: "With the slide's settings and nothing but the loss changed to MSE, the
    result is another one."."""
    for seed in range(2):
        path = fit(nn.L1Loss(), 1000, seed)
        x, y = slide_data(seed)
        design = torch.cat([x, torch.ones_like(x)], dim=1)
        best = torch.linalg.lstsq(design, y).solution[1].item()
        assert path[200] < best - 0.4
        assert abs(path[1000] - best) < 0.15
        assert max(abs(b - a) for a, b in itertools.pairwise(path)) <= 0.01 + 1e-12
        assert abs(fit(nn.MSELoss(), 200, seed)[-1] - best) < 0.06


def test_l1_gradient_counts_points() -> None:
    """reference/lecture-errata.md#two-hundred: "the closer the numbers of points above and below the line come to each
    other, the closer the gradient comes to 0"."""
    for above in range(11):
        target = torch.tensor([1.0] * above + [-1.0] * (10 - above), dtype=torch.float64)
        b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        nn.L1Loss()(b.expand(10), target).backward()
        assert b.grad is not None
        assert b.grad.item() == pytest.approx((10 - 2 * above) / 10, abs=1e-12)


def test_sequential_runs_nothing() -> None:
    """reference/lecture-errata.md#sequential: "The line with `nn.Sequential(…)` only stores the modules and runs none.
    … The running happens when you call `model(x)`."; reference/lecture-errata.md#forward: "it runs when you call
    `model(x)`"."""
    ran = []

    class Noting(nn.Module):  # type: ignore[misc]
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            ran.append(x)
            return x

    model = nn.Sequential(Noting(), Noting())
    assert ran == []
    model(torch.zeros(1))
    assert len(ran) == 2


def test_two_convolutions_before_the_first_pooling() -> None:
    """reference/lecture-errata.md#repeat: "Before its first pooling there are two convolutions."."""
    names = [type(make()).__name__ for make in LECTURE_LAYERS]
    assert names[: names.index("MaxPool2d")].count("Conv2d") == 2


def test_padding_uses() -> None:
    """reference/lecture-errata.md#padding: "it keeps the output from shrinking", "The corner goes from 1 to 4 and does
    not reach the 9 of the inside"."""
    for padding, corner, size in ((0, 1, 6), (1, 4, 8)):
        uses = [[0] * 8 for _ in range(8)]
        for top in range(size):
            for left in range(size):
                for row in range(top - padding, top - padding + 3):
                    for column in range(left - padding, left - padding + 3):
                        if 0 <= row < 8 and 0 <= column < 8:
                            uses[row][column] += 1
        assert (uses[0][0], uses[4][4]) == (corner, 9)
        assert nn.Conv2d(1, 1, 3, padding=padding)(torch.zeros(1, 1, 8, 8)).shape[-1] == size


def test_height_before_width() -> None:
    """reference/lecture-errata.md#height-first: "PyTorch's order is (N, C, H, W)"; "it is the `out_channels` of the
    convolution before"."""
    tall = nn.Conv2d(1, 16, kernel_size=(5, 1))
    assert tall(torch.zeros(1, 1, 28, 40)).shape == (1, 16, 24, 40)
    shapes = []
    x = torch.zeros(2, 1, 28, 28)
    for make in LECTURE_LAYERS:
        x = make()(x)
        shapes.append(tuple(x.shape))
    assert shapes[::2] == [(2, 16, 24, 24), (2, 32, 20, 20), (2, 32, 10, 10), (2, 64, 6, 6)]
    assert shapes[-1] == (2, 64, 3, 3)


def test_relu_leaves_no_negative_number() -> None:
    """reference/lecture-errata.md#strongest: "In the lecture's model it makes no difference, since the ReLU before the
    pooling turns negative numbers into 0."."""
    names = [type(make()).__name__ for make in LECTURE_LAYERS]
    assert all(names[i - 1] == "ReLU" for i, name in enumerate(names) if name == "MaxPool2d")
    assert nn.ReLU()(torch.tensor([-5.0, 1.0])).tolist() == [0.0, 1.0]


def test_floor_of_a_plus_one() -> None:
    """reference/lecture-errata.md#floor: "They are always equal: if $\\lfloor a \\rfloor = m$, then $m \\le a < m + 1$;
    add 1 to all sides, and $\\lfloor a + 1 \\rfloor = m + 1$."."""
    for numerator in range(-50, 51):
        for stride in range(1, 12):
            a = Fraction(numerator, stride)
            assert math.floor(a) <= a < math.floor(a) + 1
            assert math.floor(a + 1) == math.floor(a) + 1


def test_last_batch() -> None:
    """reference/lecture-errata.md#batch-size: "The 3 × 576 numbers of three images were spread over 64 rows of 27.",
    "if the number of images is no multiple of 64, it stops at the **last batch**" (with any size of it)."""
    assert 3 * 576 == 64 * 27
    for size in range(1, 64):
        out = torch.zeros(size, 64, 3, 3).view(64, -1)
        with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
            nn.Linear(576, 100)(out)
    x = torch.zeros(3, 64, 3, 3)
    assert x.view(x.size(0), -1).shape == x.flatten(start_dim=1).shape == (3, 576)


def test_logits() -> None:
    """reference/lecture-errata.md#logits: "They can be negative and do not sum to 1."; "give the logits themselves to
    `nn.CrossEntropyLoss()`" (it equals the log of the softmax's share)."""
    torch.manual_seed(0)
    logits = torch.randn(1, 10, dtype=torch.float64)
    assert logits.min() < 0
    assert abs(logits.sum() - 1) > 0.1
    loss = nn.CrossEntropyLoss()(logits, torch.tensor([3]))
    assert loss.item() == pytest.approx(-math.log(logits.softmax(dim=1)[0, 3].item()), abs=1e-12)
