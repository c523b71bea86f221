"""Claims of docs/*/cnn/pooling.md that its snippet does not show by itself."""

import re
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

SNIPPET = Path(__file__).parents[3] / "snippets" / "cnn" / "pooling.py"
F64 = torch.float64
DIGIT = torch.tensor(load_digits().images[0], dtype=F64)
MAX, AVERAGE = nn.MaxPool2d(2), nn.AvgPool2d(2)


def section(name: str, **namespace: Any) -> dict[str, Any]:
    """Run one section of the snippet and return what it defines."""
    marked = rf"# --8<-- \[start:{name}\]\n(.*?)# --8<-- \[end:{name}\]"
    found = re.search(marked, SNIPPET.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"the snippet has no section {name}"
    exec(compile(found[1], f"{SNIPPET.name}:{name}", "exec"), namespace)
    return namespace


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.shape == b.shape and bool(torch.allclose(a, b, rtol=0, atol=1e-12))


def gradient(layer: nn.Module, picture: torch.Tensor) -> torch.Tensor:
    """Of the sum of all output cells, for one two-dimensional picture."""
    x = picture[None, None].clone().requires_grad_()
    layer(x).sum().backward()
    grad: torch.Tensor = x.grad[0, 0]
    return grad


# One window --------------------------------------------------------------------------


def test_second_window_by_hand() -> None:
    """cnn/pooling.md#one-window: "$(5 + 13 + 13 + 15) / 4 = 46/4 = 23/2$"."""
    assert DIGIT[0:2, 2:4].flatten().tolist() == [5, 13, 13, 15]
    assert MAX(DIGIT[None, None])[0, 0, 0, 1] == 15
    assert AVERAGE(DIGIT[None, None])[0, 0, 0, 1] == 23 / 2


def test_stride_is_kernel_size() -> None:
    """cnn/pooling.md#one-window: "the `stride` of a pooling is its `kernel_size` unless you say otherwise"."""
    for size in (2, 3, 4):
        assert nn.MaxPool2d(size).stride == size
        assert nn.AvgPool2d(size).stride == size
        assert MAX(torch.zeros(1, 1, 2 * size, 4 * size)).shape[2:] == (size, 2 * size)


def test_loop_equals_pytorch_elsewhere() -> None:
    """cnn/pooling.md#one-window: "Both equal PyTorch's."."""
    names = section("plain-python", digit=DIGIT, largest=MAX(DIGIT[None, None]), mean=AVERAGE(DIGIT[None, None]))
    assert names["by_max"] == MAX(DIGIT[None, None])[0, 0].tolist()
    picture = random(6, 10)
    for layer, combine in ((MAX, max), (AVERAGE, lambda window: sum(window) / 4)):
        by_loop = torch.tensor(names["pool"](picture.tolist(), combine), dtype=F64)
        assert close(layer(picture[None, None])[0, 0], by_loop)


def test_channels_stay_apart() -> None:
    """cnn/pooling.md#channels: "A convolution adds over all channels; a pooling treats each channel on its own."."""
    features = random(2, 5, 8, 8)
    for layer in (MAX, AVERAGE):
        one_by_one = torch.stack([layer(features[:, c : c + 1])[:, 0] for c in range(5)], dim=1)
        assert torch.equal(layer(features), one_by_one)
        assert list(layer.parameters()) == []


def test_products_saved() -> None:
    """cnn/pooling.md#channels: "That is $36/256 = 9/64$ of the work, about a seventh."."""
    products = {}
    for size in (20, 10):
        layer = nn.Conv2d(32, 64, 5)
        out = layer(torch.zeros(1, 32, size, size))
        products[size] = out.numel() * layer.weight[0].numel()
    assert nn.Conv2d(32, 64, 5).weight[0].numel() == 800
    assert products == {20: 13107200, 10: 1843200}
    assert products[10] * 64 == products[20] * 9


def test_more_of_the_image_is_seen() -> None:
    """cnn/pooling.md#channels: "behind a pooling, the same 5×5 window sees [more of the original image]"."""
    conv = nn.Conv2d(1, 1, 5, bias=False, dtype=F64)
    nn.init.ones_(conv.weight)
    seen = {}
    for name, layers in (("alone", [conv]), ("behind", [AVERAGE, conv])):
        x = torch.zeros(1, 1, 20, 20, dtype=F64, requires_grad=True)
        nn.Sequential(*layers)(x)[0, 0, 1, 1].backward()
        seen[name] = (x.grad != 0).sum().item()
    assert seen == {"alone": 25, "behind": 100}


# The strongest -----------------------------------------------------------------------


def test_largest_number_not_largest_size() -> None:
    """cnn/pooling.md#strongest: "In the next window −5 looks like the strongest response, and 1 is what stays."."""
    window = torch.tensor([[[[-5.0, 1.0], [0.0, -2.0]]]])
    assert MAX(window).item() == 1
    assert window.flatten()[window.abs().argmax()] == -5


def test_no_negative_numbers_after_relu() -> None:
    """cnn/pooling.md#strongest: "With a [ReLU] before the pooling, as in the lecture's model, there are no negative
    numbers, and "large" and "strong" are the same."."""
    features = random(1, 4, 8, 8).relu()
    assert torch.equal(MAX(features), MAX(features.abs()))


def test_max_of_the_inverted_is_min() -> None:
    """cnn/pooling.md#strongest: "any bit of paper in a window has a larger value than the ink and wins"."""
    ink = 16 - MAX(16 - DIGIT[None, None])[0, 0]
    smallest = [[DIGIT[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].min().item() for j in range(4)] for i in range(4)]
    assert ink.tolist() == smallest


# What is kept and lost ---------------------------------------------------------------


def test_places_in_a_window_are_lost() -> None:
    """cnn/pooling.md#keeps-and-loses: "Both lose **where** in the window it was."."""
    windows = random(16, 4)
    order = torch.rand(16, 4, generator=torch.Generator().manual_seed(1)).argsort(dim=1)

    def picture(numbers: torch.Tensor) -> torch.Tensor:
        return numbers.reshape(4, 4, 2, 2).transpose(1, 2).reshape(1, 1, 8, 8)

    before, after = picture(windows), picture(windows.gather(1, order))
    assert not torch.equal(before, after)
    assert torch.equal(MAX(before), MAX(after))
    assert close(AVERAGE(before), AVERAGE(after))


def test_seven_moves() -> None:
    """cnn/pooling.md#one-pixel: "Moves inside a window leave the output alone; only a move across the border of a
    window changes it."."""
    pool, steps = nn.MaxPool2d((1, 2)), torch.eye(8)
    outputs = [pool(step.reshape(1, 1, 1, 8)) for step in steps]
    changes = [not torch.equal(a, b) for a, b in pairwise(outputs)]
    assert changes == [(place + 1) % 2 == 0 for place in range(7)]
    assert sum(changes) == 3


def measured() -> dict[str, Any]:
    return section("measure-shift", **section("shift", torch=torch, nn=nn, load_digits=load_digits))


def test_shifts() -> None:
    """cnn/pooling.md#shift: "Larger windows change less, and only the average of everything does not change."."""
    names = measured()
    changes = names["changes"]
    images = names["images"]
    assert images.shape == (300, 1, 40, 40)
    assert (images[:, :, :, -6:] == 0).all()  # `roll` brings back nothing but zeros
    for pixels in (1, 2, 3, 4):
        for kind in ("max", "average"):
            row = [changes[name][pixels] for name in ("no pooling", *(f"{kind} {n}×{n}" for n in (2, 4, 8)))]
            assert row == sorted(row, reverse=True)
            assert min(row) > 0.1
        assert changes["average of all"][pixels] < 1e-5
    assert all(values[0] == 0 for values in changes.values())


def test_one_pixel_shift() -> None:
    """cnn/pooling.md#shift: "**pooling makes the output less sensitive to small shifts; it does not promise the same
    output.**"; #self-check: "not far below the 0.224 without pooling"."""
    names = measured()
    assert 0.15 < names["max_2"] < names["none"] < 0.25
    assert names["none"] - names["max_2"] < 0.03


def test_two_pixels_are_one_cell() -> None:
    """cnn/pooling.md#shift: "When the input moves by 2 pixels, the output of a pooling that moves 2 at a time moves by
    exactly one cell"; "A shift that is not a multiple of 2 puts other pixels together in a window, and the pattern
    changes too."."""
    wide = random(1, 1, 8, 20)
    for layer in (MAX, AVERAGE):
        for cells in (1, 2):
            before, after = layer(wide[..., 4:]), layer(wide[..., 4 - 2 * cells : 20 - 2 * cells])
            assert close(after[..., cells:], before[..., :-cells])
        before, after = layer(wide[..., 4:]), layer(wide[..., 3:19])
        assert all(not close(after[..., n:], before[..., : 8 - n]) for n in range(4))


def test_three_poolings_are_one() -> None:
    """cnn/pooling.md#shift: "three 2×2 max poolings are the same as one 8×8 max pooling"; "The same is true of average
    pooling when windows do not overlap and the size fits."."""
    images = random(3, 2, 24, 32)
    assert torch.equal(MAX(MAX(MAX(images))), nn.MaxPool2d(8)(images))
    assert close(AVERAGE(AVERAGE(AVERAGE(images))), nn.AvgPool2d(8)(images))


# Gradient ----------------------------------------------------------------------------


def test_derivatives() -> None:
    """cnn/pooling.md#gradient: "So the derivative of max pooling is 1 in the largest cell and 0 in the others. For
    average pooling it is 1/4 in all four."."""
    picture = random(8, 8)
    is_largest = picture == MAX(picture[None, None]).repeat_interleave(2, 2).repeat_interleave(2, 3)[0, 0]
    assert torch.equal(gradient(MAX, picture), is_largest.to(F64))
    assert (gradient(AVERAGE, picture) == 1 / 4).all()
    raised = picture + 1e-6 * is_largest
    assert close(MAX(raised[None, None]) - MAX(picture[None, None]), torch.full((1, 1, 4, 4), 1e-6, dtype=F64))


def test_forty_eight_pass_nothing_on() -> None:
    """cnn/pooling.md#gradient: "Only orange cells receive a gradient. None passes through the other 48 to the layer
    before."."""
    assert (gradient(MAX, DIGIT) == 0).sum() == 48


def test_ties() -> None:
    """cnn/pooling.md#gradient: "On the CPU, `nn.MaxPool2d` gives the whole gradient to the **first** it meets, from
    the top left."."""
    for values in product((0.0, 1.0), repeat=4):
        expected = [0.0] * 4
        expected[values.index(max(values))] = 1.0
        assert gradient(MAX, torch.tensor(values).reshape(2, 2)).flatten().tolist() == expected
    assert DIGIT[2:4, 6].tolist() == [8, 8]
    assert gradient(MAX, DIGIT)[2:4, 6].tolist() == [1, 0]


def test_overlapping_windows_add() -> None:
    """cnn/pooling.md#gradient: "When windows overlap, a pixel can be the maximum of several, and the gradients are
    added."."""
    picture = torch.zeros(3, 3)
    picture[1, 1] = 1
    assert gradient(nn.MaxPool2d(2, stride=1), picture)[1, 1] == 4


# Padding -----------------------------------------------------------------------------


def test_max_pooling_pads_with_minus_infinity() -> None:
    """cnn/pooling.md#count-include-pad: "Max pooling pads with $-\\infty$, so an extra cell never wins."."""
    assert (nn.MaxPool2d(3, stride=1, padding=1)(torch.full((1, 1, 4, 4), -7.0)) == -7).all()


def test_means_at_the_border() -> None:
    """cnn/pooling.md#count-include-pad: "With the zeros the mean is $4/9$, without them $4/4 = 1$. A window at a side
    holds 6 real pixels: $6/9 = 2/3$."; "With `count_include_pad=False` (**line 4**) the mean is over real pixels
    only."."""
    ones, picture = torch.ones(1, 1, 4, 4, dtype=F64), random(1, 1, 4, 4)
    out = nn.AvgPool2d(3, stride=1, padding=1)(ones)[0, 0]
    for cell, expected in (((0, 0), 4 / 9), ((0, 1), 2 / 3), ((1, 1), 1)):
        assert abs(out[cell].item() - expected) < 1e-12
    real = nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)(picture)[0, 0]
    for i, j in product(range(4), range(4)):
        window = picture[0, 0, max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2]
        assert abs((real[i, j] - window.mean()).item()) < 1e-12


# Alternatives ------------------------------------------------------------------------


def test_average_pooling_is_a_convolution() -> None:
    """cnn/pooling.md#strided-convolution: "In fact average pooling is such a convolution, with all its weights fixed
    at 1/4"."""
    picture = random(1, 1, 8, 10)
    quarter = torch.full((1, 1, 2, 2), 1 / 4, dtype=F64)
    assert close(AVERAGE(picture), F.conv2d(picture, quarter, stride=2))


def test_parameters_of_a_strided_convolution() -> None:
    """cnn/pooling.md#strided-convolution: "for the price of $32 \\times (32 \\times 2 \\times 2 + 1) = 4128$
    parameters"."""
    layer = nn.Conv2d(32, 32, 2, stride=2)
    assert sum(p.numel() for p in layer.parameters()) == 32 * (32 * 2 * 2 + 1) == 4128


def test_maxima_do_not_add_up() -> None:
    """cnn/pooling.md#strided-convolution: "The windows (1, 0) and (0, 1) have the maxima 1 and 1; their sum, (1, 1),
    has the maximum 1 and not 2."."""
    pool, a, b = nn.MaxPool2d((1, 2)), torch.tensor([[[[1.0, 0.0]]]]), torch.tensor([[[[0.0, 1.0]]]])
    assert (pool(a).item(), pool(b).item(), pool(a + b).item()) == (1, 1, 1)
    conv, x, y = nn.Conv2d(3, 4, 2, stride=2, bias=False, dtype=F64), random(1, 3, 6, 6), random(1, 3, 6, 6, seed=1)
    assert close(conv(x + y), conv(x) + conv(y))


def test_global_average() -> None:
    """cnn/pooling.md#global-average: "one number a channel, 64 numbers for 64 channels, whatever the size"; "And
    `in_features` stays right when the image size changes."."""
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10, dtype=F64))
    for height, width in ((3, 3), (7, 7), (5, 9)):
        maps = random(2, 64, height, width)
        assert close(nn.AdaptiveAvgPool2d(1)(maps).flatten(1), maps.mean(dim=(2, 3)))
        assert head(maps).shape == (2, 10)
    maps = random(2, 64, 4, 4)
    assert close(head(maps), head(maps.flip(2, 3)))


def test_heads() -> None:
    """cnn/pooling.md#global-average: "the end of the lecture's model, `Linear(64*3*3, 100)`, `ReLU`, `Linear(100,
    10)`, against global average pooling with a single `Linear(64, 10)`"."""
    names = section("global-average", torch=torch, nn=nn)
    assert names["lecture_parameters"] == 576 * 100 + 100 + 100 * 10 + 10
    assert names["global_parameters"] == 64 * 10 + 10


# Mistakes and self-check -------------------------------------------------------------


def test_channels_last() -> None:
    """cnn/pooling.md#mistakes: "it took the larger of red and green. A pooling takes the last two dimensions as height
    and width."; "A convolution [refuses] images in the order height × width × channels."."""
    images = random(4, 28, 28, 3)
    wrong = MAX(images)
    assert wrong.shape == (4, 28, 14, 1)
    assert torch.equal(wrong[0, 5, 3, 0], images[0, 5, 6:8, :2].max())
    with pytest.raises(RuntimeError, match="to have 3 channels, but got 28 channels"):
        nn.Conv2d(3, 8, 3, dtype=F64)(images)


@pytest.mark.filterwarnings("error")
def test_mean_of_integers() -> None:
    """cnn/pooling.md#mistakes: "The second cut 7/4, the mean of 1, 2, 2, 2, down to 1. Turn integer images into
    `float` first."."""
    integers = torch.tensor([[[[1, 2], [2, 2]]]])
    assert AVERAGE(integers).item() == 1
    assert AVERAGE(integers.float()).item() == 7 / 4


def test_self_check_window() -> None:
    """cnn/pooling.md#self-check: "The maximum is 14, the mean $(14 + 5 + 6 + 13)/4 = 38/4 = 19/2$"; "0 and 1/4. 5 is
    not the largest, so raising it a little leaves the maximum at 14."."""
    assert DIGIT[6:8, 2:4].flatten().tolist() == [14, 5, 6, 13]
    assert MAX(DIGIT[None, None])[0, 0, 3, 1] == 14
    assert AVERAGE(DIGIT[None, None])[0, 0, 3, 1] == 19 / 2
    assert (gradient(MAX, DIGIT)[6, 3], gradient(AVERAGE, DIGIT)[6, 3]) == (0, 1 / 4)


def test_self_check_relu() -> None:
    """cnn/pooling.md#self-check: "For max pooling it does not"; "For average pooling it does: the window (−4, 0, 0, 4)
    has the mean 0, but 1 if the ReLU comes first."; "there is only a quarter of the ReLU to compute"."""
    features = random(2, 3, 8, 8)
    assert torch.equal(MAX(features.relu()), MAX(features).relu())
    assert MAX(features).numel() * 4 == features.numel()
    window = torch.tensor([[[[-4.0, 0.0], [0.0, 4.0]]]])
    assert (AVERAGE(window).relu().item(), AVERAGE(window.relu()).item()) == (0, 1)


def test_self_check_global() -> None:
    """cnn/pooling.md#self-check: "Flattened, there are 64, so it has to be `nn.Linear(64, 10)`."."""
    summary = nn.AdaptiveAvgPool2d(1)(torch.zeros(8, 64, 6, 6)).flatten(1)
    assert nn.Linear(64, 10)(summary).shape == (8, 10)
    with pytest.raises(RuntimeError, match="mat1 and mat2 shapes cannot be multiplied"):
        nn.Linear(64 * 6 * 6, 10)(summary)
