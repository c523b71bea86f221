"""Claims of docs/*/cnn/overview.md that its snippet does not show by itself."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

SNIPPET = Path(__file__).parents[3] / "snippets" / "cnn" / "overview.py"


def section(name: str, **namespace: Any) -> dict[str, Any]:
    """Run one section of the snippet and return what it defines."""
    marked = rf"# --8<-- \[start:{name}\]\n(.*?)# --8<-- \[end:{name}\]"
    found = re.search(marked, SNIPPET.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"the snippet has no section {name}"
    exec(compile(found[1], f"{SNIPPET.name}:{name}", "exec"), namespace)
    return namespace


@pytest.fixture(scope="module")
def small() -> nn.Sequential:
    model: nn.Sequential = section("small-cnn", torch=torch)["small_cnn"]
    return model


@pytest.fixture(scope="module")
def lecture() -> dict[str, Any]:
    return section("lecture-cnn", torch=torch, nn=nn)


def stroke(*columns: int) -> torch.Tensor:
    image = torch.zeros(1, 1, 5, 5)
    image[..., list(columns)] = 1
    return image


# The smallest CNN --------------------------------------------------------------------


def test_small_cnn_by_hand(small: nn.Sequential) -> None:
    """cnn/overview.md#smallest: "4×4 becomes 2×2, and the two cells on the left are 2."; "$2 + 0 + 2 + 0 = 4$, and
    0."."""
    conv, relu, pool, _, linear = small
    x = conv(stroke(2))
    assert x[0, 0].tolist() == [[0, 2, -2, 0]] * 4
    assert x[0, 1].tolist() == [[0, 0, 0, 0]] * 4
    x = relu(x)
    assert x[0, 0].tolist() == [[0, 2, 0, 0]] * 4
    x = pool(x)
    assert x[0].tolist() == [[[2, 0], [2, 0]], [[0, 0], [0, 0]]]
    assert linear(x.flatten(1)).tolist() == [[4, 0]]


def test_plain_numbers(small: nn.Sequential) -> None:
    """cnn/overview.md#smallest: "Lay $A$ on the image, multiply the cells that lie on each other and add up: you get
    "right − left""."""
    torch.manual_seed(0)
    image = torch.randint(0, 9, (1, 1, 5, 5)).float()
    cells = image[0, 0].tolist()
    a, b = small[0](image)[0].tolist()
    for i in range(4):
        for j in range(4):
            assert a[i][j] == (cells[i][j + 1] + cells[i + 1][j + 1]) - (cells[i][j] + cells[i + 1][j])
            assert b[i][j] == (cells[i + 1][j] + cells[i + 1][j + 1]) - (cells[i][j] + cells[i][j + 1])


def test_branches_change_places(small: nn.Sequential) -> None:
    """cnn/overview.md#smallest: "With a level stroke the two branches change places."."""
    for column in range(1, 5):
        assert small(stroke(column).transpose(2, 3)).tolist() == [small(stroke(column))[0].flip(0).tolist()]


def test_stroke_two_columns_wide(small: nn.Sequential) -> None:
    """cnn/overview.md#self-check: "the four numbers after pooling are 2, 0, 2, 0, and the logit is 4. A wider stroke
    has no more left edges."."""
    assert small[:3](stroke(2, 3))[0, 0].flatten().tolist() == [2, 0, 2, 0]
    assert small[0](stroke(2, 3))[0, 0, 0].tolist() == [0, 2, 0, -2]
    assert small(stroke(2, 3))[0, 0] == small(stroke(2, 3, 4))[0, 0] == 4


def test_without_relu(small: nn.Sequential) -> None:
    """cnn/overview.md#self-check: "In the block of columns 2 and 3 pooling picks the 0 and not the −2, so it is still
    4."; "the maximum and the logit are 0 as before"."""
    without = nn.Sequential(small[0], *small[2:])
    assert without(stroke(2)).tolist() == [[4, 0]]
    assert small[0](stroke(0))[0, 0, 0].tolist() == [-2, 0, 0, 0]
    assert without(stroke(0))[0, 0] == 0


def test_two_convolutions_without_relu_are_one() -> None:
    """cnn/overview.md#self-check: "But without ReLU, two convolutions in a row can do no more than one."."""
    torch.manual_seed(0)
    first = nn.Conv2d(1, 3, 3, dtype=torch.float64)
    second = nn.Conv2d(3, 2, 3, dtype=torch.float64)
    one = nn.Conv2d(1, 2, 5, dtype=torch.float64)
    zero = torch.zeros(1, 1, 5, 5, dtype=torch.float64)
    with torch.no_grad():
        one.bias[:] = second(first(zero))[0, :, 0, 0]
        for row in range(5):
            for column in range(5):
                dot = zero.clone()
                dot[..., row, column] = 1
                one.weight[:, 0, row, column] = (second(first(dot)) - second(first(zero)))[0, :, 0, 0]
    x = torch.randn(4, 1, 11, 12, dtype=torch.float64)
    assert torch.allclose(one(x), second(first(x)), atol=1e-12)
    assert not torch.allclose(one(x), second(first(x).relu()), atol=1e-2)


# The lecture's model -----------------------------------------------------------------


def test_two_convolutions_before_the_first_pooling(lecture: dict[str, Any]) -> None:
    """cnn/overview.md#real-digit: "But print the lecture's model, and there are **two** convolutions with ReLU before
    the first pooling."."""
    kinds = [type(layer) for layer in lecture["cnn"]]
    before = kinds[: kinds.index(nn.MaxPool2d)]
    assert before == [nn.Conv2d, nn.ReLU] * 2


def test_a_cell_of_the_third_convolution_sees_18_pixels(lecture: dict[str, Any]) -> None:
    """cnn/overview.md#real-digit: "A cell of its 6×6 grid looks at 18×18 pixels of the image"."""
    layers = lecture["convolutions"]()
    smooth = [nn.AvgPool2d(2) if isinstance(layer, nn.MaxPool2d) else layer for layer in layers[:6]]
    linear = nn.Sequential(*(layer for layer in smooth if not isinstance(layer, nn.ReLU)))
    for layer in linear:
        if isinstance(layer, nn.Conv2d):
            nn.init.ones_(layer.weight)
    x = torch.zeros(1, 1, 28, 28, requires_grad=True)
    out = linear(x)
    assert out.shape == (1, 64, 6, 6)
    out[0, 0, 2, 3].backward()
    rows = x.grad[0, 0].abs().sum(1).nonzero().flatten()
    columns = x.grad[0, 0].abs().sum(0).nonzero().flatten()
    assert len(rows) == rows[-1] - rows[0] + 1 == 18
    assert len(columns) == columns[-1] - columns[0] + 1 == 18


# Parameters --------------------------------------------------------------------------


def test_parameters_of_the_mlp(lecture: dict[str, Any]) -> None:
    """cnn/overview.md#parameter-count: "$784 \\times 155 + 155 = 121675$ and $155 \\times 10 + 10 = 1560$, together
    $123235$."; "The two models differ by 13 parameters."."""
    assert 784 * 155 + 155 == 121675
    assert 155 * 10 + 10 == 1560
    cnn = sum(p.numel() for p in lecture["cnn"].parameters())
    assert 121675 + 1560 == 123235 == cnn + 13


def test_convolution_does_not_depend_on_the_image_size() -> None:
    """cnn/overview.md#parameter-count: "So **the parameters of a convolution do not depend on the size of the
    image.**"; #self-check: "$16 \\times (3 \\times 5 \\times 5 + 1) = 1216$"."""
    conv = nn.Conv2d(3, 16, 5)
    assert sum(p.numel() for p in conv.parameters()) == 16 * (3 * 5 * 5 + 1) == 1216
    for side in (32, 64, 224):
        assert conv(torch.zeros(1, 3, side, side)).shape == (1, 16, side - 4, side - 4)


def test_fully_connected_layer_for_224(lecture: dict[str, Any]) -> None:
    """cnn/overview.md#parameter-count: "With 224×224 the sizes are 224, 220, 216, 108, 104, 52, and
    $64 \\times 52 \\times 52 = 173056$ numbers are left."."""
    with torch.device("meta"):
        x, sizes = torch.zeros(1, 1, 224, 224), [224]
        for layer in nn.Sequential(*lecture["convolutions"]()).to("meta"):
            x = layer(x)
            if not isinstance(layer, nn.ReLU):
                sizes.append(x.shape[-1])
        assert sizes == [224, 220, 216, 108, 104, 52]
        assert x.numel() == 64 * 52 * 52 == 173056
        assert sum(p.numel() for p in nn.Linear(173056, 100).parameters()) == 17305700


def test_an_mlp_does_not_know_neighbours() -> None:
    """cnn/overview.md#parameter-count: "Shuffle the pixels of all images in the same way, shuffle the weights of the
    first layer with them, and the outputs are the same."."""
    torch.manual_seed(0)
    mlp = nn.Sequential(nn.Linear(784, 155), nn.ReLU(), nn.Linear(155, 10)).double()
    x, shuffled = torch.rand(20, 784, dtype=torch.float64), torch.randperm(784)
    before = mlp(x)
    with torch.no_grad():
        mlp[0].weight[:] = mlp[0].weight[:, shuffled].clone()
    assert torch.allclose(mlp(x[:, shuffled]), before, atol=1e-12)
    assert not torch.allclose(mlp(x), before, atol=1e-3)


# Shifts ------------------------------------------------------------------------------


def test_shift_moves_to_the_right() -> None:
    """cnn/overview.md#shift: "**Line 2** adds zeros on the left and cuts off as much on the right."."""
    x = torch.arange(28.0).expand(1, 1, 28, 28)
    moved = F.pad(x, (6, 0))[..., :28]
    assert moved[0, 0, 0].tolist() == [0.0] * 6 + list(range(22))


def far_from_borders(lecture: dict[str, Any]) -> tuple[nn.Sequential, torch.Tensor]:
    torch.manual_seed(0)
    head = [nn.AdaptiveMaxPool2d(1), *lecture["fully_connected"](64)]
    model = nn.Sequential(*lecture["convolutions"]()[:-1], *head).double()
    image = torch.zeros(1, 1, 64, 64, dtype=torch.float64)
    image[..., 28:36, 28:36] = torch.rand(8, 8, dtype=torch.float64)
    return model, image


def test_even_shifts_far_from_borders(lecture: dict[str, Any]) -> None:
    """cnn/overview.md#shift: "Move a digit by an even number of pixels, far from any border, and the output of this
    model is exactly the same."."""
    model, image = far_from_borders(lecture)
    for shift in (2, 4, 6):
        assert torch.allclose(model(image.roll(shift, 3)), model(image), atol=1e-12)
        assert torch.allclose(model(image.roll(shift, 2)), model(image), atol=1e-12)


def test_odd_shifts_change_the_windows(lecture: dict[str, Any]) -> None:
    """cnn/overview.md#shift: "The pooling in the middle moves two pixels at a time, so after an odd shift its windows
    hold other pixels"."""
    model, image = far_from_borders(lecture)
    assert (model(image.roll(1, 3)) - model(image)).abs().max() > 1e-5


def test_lecture_head_depends_on_the_place(lecture: dict[str, Any]) -> None:
    """cnn/overview.md#shift: "A pattern that moves from a left cell to a right one meets other weights."."""
    torch.manual_seed(0)
    head = nn.Sequential(*lecture["fully_connected"](64 * 3 * 3)).double()
    maps = torch.zeros(2, 64, 3, 3, dtype=torch.float64)
    maps[0, :, 1, 0] = maps[1, :, 1, 2] = torch.rand(64, dtype=torch.float64)
    left, right = head(maps)
    assert (left - right).abs().max() > 1e-2
    assert torch.equal(*nn.AdaptiveMaxPool2d(1)(maps))
