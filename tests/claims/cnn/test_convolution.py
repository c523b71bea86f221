"""Claims of docs/*/cnn/convolution.md that its snippet does not show by itself."""

import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

SNIPPET = Path(__file__).parents[3] / "snippets" / "cnn" / "convolution.py"
F64 = torch.float64
DIGIT = torch.tensor(load_digits().images[0], dtype=F64)
SOBEL_X = torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=F64)
SOBEL_Y = torch.tensor([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], dtype=F64)
BLUR = torch.full((3, 3), 1 / 9, dtype=F64)
SHARPEN = torch.tensor([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], dtype=F64)
KERNELS = {"blur": (BLUR, 1), "Sobel x": (SOBEL_X, 0), "Sobel y": (SOBEL_Y, 0), "sharpen": (SHARPEN, 1)}


def section(name: str, **namespace: Any) -> dict[str, Any]:
    """Run one section of the snippet and return what it defines."""
    marked = rf"# --8<-- \[start:{name}\]\n(.*?)# --8<-- \[end:{name}\]"
    found = re.search(marked, SNIPPET.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"the snippet has no section {name}"
    exec(compile(found[1], f"{SNIPPET.name}:{name}", "exec"), namespace)
    return namespace


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


def conv(picture: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """One channel in, one out, as two-dimensional tensors."""
    return F.conv2d(picture[None, None], kernel[None, None])[0, 0]


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.shape == b.shape and bool(torch.allclose(a, b, rtol=0, atol=1e-12))


# One cell, all cells -----------------------------------------------------------------


def test_the_digits() -> None:
    """cnn/convolution.md#one-cell: "The pixels are whole numbers from 0 (background) to 16 (full ink). They are stored
    as `float64`"."""
    digits = load_digits()
    assert digits.images.shape[1:] == (8, 8)
    assert digits.images.dtype == np.float64
    assert digits.target[0] == 0
    assert (digits.images.min(), digits.images.max()) == (0, 16)
    assert (digits.images % 1 == 0).all()


def test_one_cell_by_hand() -> None:
    """cnn/convolution.md#one-cell: "The nine products add up to $15 + 24 + 8 = 47$, which goes into row 2, column 0 of
    the output."."""
    assert DIGIT[2:5, 0:3].tolist() == [[0, 3, 15], [0, 4, 12], [0, 5, 8]]
    assert (DIGIT[2:5, 0:3] * SOBEL_X).sum(dim=1).tolist() == [15, 24, 8]
    assert conv(DIGIT, SOBEL_X)[2, 0] == 47
    assert conv(DIGIT, SOBEL_X)[2, 2] == -47


def test_sign_of_sobel_x() -> None:
    """cnn/convolution.md#one-cell: "it measures how much brighter the right side of the window is than the left"."""
    windows = random(50, 3, 3)
    weights = torch.tensor([1, 2, 1], dtype=F64)
    right, left = windows[:, :, 2] @ weights, windows[:, :, 0] @ weights
    assert close((windows * SOBEL_X).sum(dim=(1, 2)), right - left)


def test_loop_and_formula() -> None:
    """cnn/convolution.md#every-cell: "All thirty-six cells are the same."; "With fractions, the last digits of a sum
    can depend on the order of its terms, and PyTorch changes the order to be fast."."""
    convolve = section("by-loop", digit=DIGIT, sobel_x=SOBEL_X)["convolve"]
    for kernel in (SOBEL_X, SOBEL_Y, SHARPEN):
        assert conv(DIGIT, kernel).tolist() == convolve(DIGIT.tolist(), kernel.tolist())
    differs = False
    for height, width, size in ((5, 9, 2), (8, 8, 3), (11, 7, 5), (28, 28, 3)):
        picture, kernel = random(height, width), random(size, size, seed=1)
        by_loop = torch.tensor(convolve(picture.tolist(), kernel.tolist()), dtype=F64)
        assert close(conv(picture, kernel), by_loop)
        differs |= not torch.equal(conv(picture, kernel), by_loop)
    assert differs


# Kernels -----------------------------------------------------------------------------


def test_bilinear_is_a_mean_of_four() -> None:
    """cnn/convolution.md#kernels: "With `bilinear`, each new pixel is a weighted mean of the four original pixels
    around it, the nearer ones counting more."."""
    large = F.interpolate(DIGIT[None, None], size=(28, 28), mode="bilinear")[0, 0]
    weights = torch.zeros(28, 8, dtype=F64)
    for new in range(28):
        place = min(max((new + 0.5) * 8 / 28 - 0.5, 0), 7)
        first = min(int(place), 6)
        weights[new, first], weights[new, first + 1] = first + 1 - place, place - first
    assert close(large, weights @ DIGIT @ weights.T)


@pytest.mark.parametrize("name", KERNELS)
def test_flat_areas(name: str) -> None:
    """cnn/convolution.md#kernels: "So **weights that add up to 1 keep the brightness of flat areas, and weights that
    add up to 0 remove flat areas.**"."""
    kernel, total = KERNELS[name]
    for p in (0.25, 1.0, 7.0):
        flat = torch.full((6, 6), p, dtype=F64)
        assert close(conv(flat, kernel), torch.full((4, 4), p * total, dtype=F64))


def test_snippets_kernels_are_these() -> None:
    """cnn/convolution.md#kernels: "| sharpen | 1 | adds to each pixel its difference from its neighbours: edges stand
    out |"."""
    names = section("kernels", torch=torch, F=F, x=DIGIT[None, None].float(), sobel_x=SOBEL_X.float())
    for kernel, (expected, _) in zip(names["kernels"][:, 0], KERNELS.values(), strict=True):
        assert torch.equal(kernel, expected.float())


def test_sharpen_split() -> None:
    """cnn/convolution.md#kernels: "$5x - (\\text{neighbours}) = x + (4x - \\text{neighbours})$"; "A pixel brighter
    than its neighbours gets brighter, a darker one darker."."""
    picture = random(9, 9)
    x = picture[1:-1, 1:-1]
    neighbours = picture[:-2, 1:-1] + picture[2:, 1:-1] + picture[1:-1, :-2] + picture[1:-1, 2:]
    sharp = conv(picture, SHARPEN)
    assert close(sharp, x + (4 * x - neighbours))
    assert torch.equal(sharp > x, x > neighbours / 4)


def test_sobel_y() -> None:
    """cnn/convolution.md#kernels: "`.T` in **line 3** swaps rows and columns, so `sobel_y` measures differences
    between below and above."."""
    picture = random(9, 9)
    assert torch.equal(SOBEL_X.T, SOBEL_Y)
    assert close(conv(picture, SOBEL_Y), conv(picture.T.contiguous(), SOBEL_X).T)
    upright = torch.arange(8.0, dtype=F64).repeat(8, 1)
    assert (conv(upright, SOBEL_Y) == 0).all()
    assert (conv(upright, SOBEL_X) > 0).all()


def test_kernel_is_found_from_other_starts() -> None:
    """cnn/convolution.md#learned-kernel: "After 300 steps the weights, rounded to two decimals, are the Sobel
    kernel"."""
    target = conv(DIGIT, SOBEL_X)[None, None].float() / 16
    for seed in (0, 1):
        torch.manual_seed(seed)
        weight = nn.Conv2d(1, 1, 3, bias=False).weight
        for _ in range(300):
            loss = F.mse_loss(F.conv2d(DIGIT[None, None].float() / 16, weight), target)
            (gradient,) = torch.autograd.grad(loss, weight)
            weight = (weight - 0.5 * gradient).detach().requires_grad_()
        assert (weight.detach()[0, 0] - SOBEL_X.float()).abs().max() < 0.005


# Bias and channels -------------------------------------------------------------------


def test_bias_is_a_threshold() -> None:
    """cnn/convolution.md#bias: "With a bias of −1 only cells whose sum of products exceeds 1 survive the ReLU"."""
    picture = random(20, 20)
    without = conv(picture, SOBEL_X)
    for bias in (-1.0, -2.5, 0.5):
        kept = F.conv2d(picture[None, None], SOBEL_X[None, None], torch.tensor([bias], dtype=F64)).relu()[0, 0] > 0
        assert torch.equal(kept, without > -bias)


def test_two_channels_by_hand() -> None:
    """cnn/convolution.md#channels: "With a bias of −3 the output cell is $4 + 4 - 3 = 5$."."""
    assert 1 * 1 + 2 * 0 + 0 * 0 + 3 * 1 == 4
    assert 2 * 0 + 5 * 1 + 1 * -1 + 0 * 0 == 4
    assert section("two-channels", torch=torch, F=F)["cell"] == 4 + 4 - 3


def test_formula_of_conv2d() -> None:
    """cnn/convolution.md#channels: "Both rules in one formula are what `nn.Conv2d` computes"."""
    x, layer = random(2, 3, 6, 5), nn.Conv2d(3, 4, 2, dtype=F64)
    weight, bias, y = layer.weight, layer.bias, layer(x)
    assert (weight.shape, bias.shape, y.shape) == ((4, 3, 2, 2), (4,), (2, 4, 5, 4))
    for n, o, i, j in product(range(2), range(4), range(5), range(4)):
        total = bias[o].item()
        for c, m, k in product(range(3), range(2), range(2)):
            total += (weight[o, c, m, k] * x[n, c, i + m, j + k]).item()
        assert abs(y[n, o, i, j].item() - total) < 1e-12


def test_sixteen_channels_forty_eight_kernels() -> None:
    """cnn/convolution.md#channels: "The results of the channels are added, not kept apart, so 16 come out. What
    multiplies is the number of kernels: there are 48 of them"."""
    layer = nn.Conv2d(3, 16, 3)
    assert layer(torch.zeros(1, 3, 8, 8)).shape[1] == 16
    assert layer.weight.flatten(0, 1).shape == (48, 3, 3)


def test_1x1_is_a_linear_layer_everywhere() -> None:
    """cnn/convolution.md#channels: "It is `nn.Linear(in_channels, out_channels)` applied in every place."."""
    conv_1x1, linear = nn.Conv2d(3, 5, 1, dtype=F64), nn.Linear(3, 5, dtype=F64)
    with torch.no_grad():
        linear.weight.copy_(conv_1x1.weight[:, :, 0, 0])
        linear.bias.copy_(conv_1x1.bias)
    x = random(2, 3, 4, 6)
    assert close(conv_1x1(x), linear(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2))


# Shared weights ----------------------------------------------------------------------


def parameters(layer: nn.Module) -> int:
    return sum(p.numel() for p in layer.parameters())


def test_parameter_count() -> None:
    """cnn/convolution.md#weight-sharing: "Each output channel has `in_channels` kernels and one bias"."""
    for c_in, c_out, k in product((1, 3, 16), (1, 8, 32), (1, 3, 5)):
        assert parameters(nn.Conv2d(c_in, c_out, k)) == c_out * (c_in * k * k + 1)
    assert parameters(nn.Conv2d(1, 16, 5)) == 16 * 26 == 416


def test_lectures_first_layer_fully_connected() -> None:
    """cnn/convolution.md#weight-sharing: "Where does a factor of more than 17 thousand come from?"."""
    conv_layer = nn.Conv2d(1, 16, 5)
    assert conv_layer(torch.zeros(1, 1, 28, 28)).shape == (1, 16, 24, 24)
    with torch.device("meta"):
        full = nn.Linear(784, 9216)
    assert 16 * 24 * 24 == 9216
    assert parameters(full) == 784 * 9216 + 9216 == 7234560
    assert 17_000 < parameters(full) / parameters(conv_layer) < 18_000


def test_convolution_is_a_matrix() -> None:
    """cnn/convolution.md#weight-sharing: "A 3×3 convolution is a fully connected layer that keeps 324 of 2304 weights,
    and those 324 are the same nine numbers, moved from row to row."."""
    kernel = torch.arange(1, 10, dtype=F64).reshape(3, 3)
    matrix = F.conv2d(torch.eye(64, dtype=F64).reshape(64, 1, 8, 8), kernel[None, None]).flatten(1).T
    assert matrix.shape == (36, 64)
    assert matrix.numel() == 2304
    assert matrix.count_nonzero() == 324
    for row in matrix:
        assert row[row != 0].tolist() == list(range(1, 10))
    picture, layer = random(8, 8), nn.Linear(64, 36, bias=False, dtype=F64)
    with torch.no_grad():
        layer.weight.copy_(matrix)
    assert close(layer(picture.flatten()).reshape(6, 6), conv(picture, kernel))


def test_output_moves_along() -> None:
    """cnn/convolution.md#weight-sharing: "It holds for a window that moves one cell at a time, and at the border of
    the image new pixels can break it."."""
    wide, kernel = random(10, 15), random(3, 3, seed=1)
    before, after = (
        wide[:, 2:],
        wide[:, :-2],
    )  # `after`: moved two cells to the right
    assert close(conv(after, kernel)[:, 2:], conv(before, kernel)[:, :-2])
    assert not close(conv(after, kernel)[:, :2], conv(before, kernel)[:, :2])
    one_right = F.conv2d(wide[None, None, :, :-1], kernel[None, None], stride=2)[0, 0]
    plain = F.conv2d(wide[None, None, :, 1:], kernel[None, None], stride=2)[0, 0]
    for shift in range(1, one_right.shape[1]):
        assert not close(one_right[:, shift:], plain[:, :-shift])


def test_outer_columns_are_zero() -> None:
    """cnn/convolution.md#weight-sharing: "both outer columns of this digit are 0, so that is a plain move"."""
    assert (DIGIT[:, 0] == 0).all()
    assert (DIGIT[:, 7] == 0).all()


# The flip ----------------------------------------------------------------------------


def test_flip() -> None:
    """cnn/convolution.md#cross-correlation: "the kernel is used **flipped**, upside down and left to right";
    "`scipy.signal.convolve2d` flips"."""
    signal = pytest.importorskip("scipy.signal")
    picture, kernel = random(7, 9), random(3, 3, seed=1)
    correlated = torch.from_numpy(signal.correlate2d(picture.numpy(), kernel.numpy(), mode="valid"))
    convolved = torch.from_numpy(signal.convolve2d(picture.numpy(), kernel.numpy(), mode="valid"))
    assert close(conv(picture, kernel), correlated)
    assert close(conv(picture, kernel.flip(0, 1)), convolved)
    assert not close(correlated, convolved)
    by_formula = [[0.0] * 7 for _ in range(5)]
    for i, j, m, n in product(range(5), range(7), range(3), range(3)):
        by_formula[i][j] += (kernel[m, n] * picture[i + 2 - m, j + 2 - n]).item()
    assert close(convolved, torch.tensor(by_formula, dtype=F64))


def test_impulse() -> None:
    """cnn/convolution.md#cross-correlation: "From one lit pixel, mathematical convolution prints the kernel as it is;
    PyTorch's `conv2d`, a cross-correlation, prints it flipped."."""
    names = section("flip", torch=torch, F=F, numbers=torch.arange(1.0, 10.0).reshape(1, 1, 3, 3))
    assert names["correlation"].flatten().tolist() == list(range(9, 0, -1))
    assert names["convolution"].flatten().tolist() == list(range(1, 10))


def test_flipped_sobel() -> None:
    """cnn/convolution.md#cross-correlation: "A flipped Sobel kernel has every sign reversed"."""
    for kernel in (SOBEL_X, SOBEL_Y):
        assert torch.equal(kernel.flip(0, 1), -kernel)


def test_documentation_says_cross_correlation() -> None:
    """cnn/convolution.md#cross-correlation: "Mathematics calls PyTorch's computation, without the flip, a
    **cross-correlation**, and so does the formula in the [documentation of `nn.Conv2d`]"."""
    assert "cross-correlation" in nn.Conv2d.__doc__


# Mistakes ----------------------------------------------------------------------------


def test_fixes() -> None:
    """cnn/convolution.md#mistakes: "Reorder with `images.permute(0, 3, 1, 2)`."; "`images.unsqueeze(1)` makes them
    (64, 1, 28, 28)."; "Use `images.reshape(1, 1, 28, 28)`."; "Use `images.float() / 255`."."""
    grey, colour = nn.Conv2d(1, 8, 3), nn.Conv2d(3, 8, 3)
    assert colour(torch.zeros(4, 32, 32, 3).permute(0, 3, 1, 2)).shape == (4, 8, 30, 30)
    images = torch.zeros(64, 28, 28).unsqueeze(1)
    assert images.shape == (64, 1, 28, 28)
    assert grey(images).shape == (64, 8, 26, 26)
    assert grey(torch.zeros(28, 28).reshape(1, 1, 28, 28)).shape == (1, 8, 26, 26)
    assert grey(torch.zeros(1, 1, 28, 28, dtype=torch.uint8).float() / 255).shape == (1, 8, 26, 26)


def test_weight_of_size() -> None:
    """cnn/convolution.md#mistakes: "PyTorch refuses because the second number is not the number of channels of the
    input."."""
    message = r"weight of size \[7, 2, 5, 5\], expected input\[1, 4, 9, 9\] to have 2 channels, but got 4 channels"
    with pytest.raises(RuntimeError, match=message):
        nn.Conv2d(2, 7, 5)(torch.zeros(1, 4, 9, 9))


def test_unbatched() -> None:
    """cnn/convolution.md#unbatched: "Today `(C, H, W)` may go in as it is, and the output has no batch dimension
    either."."""
    layer, x = nn.Conv2d(3, 8, 3, dtype=F64), random(3, 28, 28)
    assert close(layer(x), layer(x.unsqueeze(0))[0])


@pytest.mark.filterwarnings("error")
def test_three_grey_images_pass_as_one() -> None:
    """cnn/convolution.md#unbatched: "three grey images `(3, 28, 28)` in a layer with `in_channels=3` **pass as one
    colour image, without a word.**"."""
    assert nn.Conv2d(3, 8, 3)(torch.zeros(3, 28, 28)).shape == (8, 26, 26)


def test_view_mixes_channels() -> None:
    """cnn/convolution.md#permute-or-view: "Both tensors have the shape (3, 28, 28), but channel 0 of the `view` holds
    pixels of all three channels, mixed."."""
    picture = torch.arange(3).expand(28, 28, 3).contiguous()
    assert picture.permute(2, 0, 1)[0].unique().tolist() == [0]
    assert picture.view(3, 28, 28)[0].unique().tolist() == [0, 1, 2]
    numbers = torch.arange(28 * 28 * 3).reshape(28, 28, 3)
    assert torch.equal(numbers.view(3, 28, 28).flatten(), numbers.flatten())


# Self-check --------------------------------------------------------------------------


def test_self_check_sobel_y() -> None:
    """cnn/convolution.md#self-check: "The top row times −1, −2, −1 is −5, the bottom row times 1, 2, 1 is $0 + 6 + 15
    = 21$, so the result is 16."."""
    assert DIGIT[0:3, 0:3].tolist() == [[0, 0, 5], [0, 0, 13], [0, 3, 15]]
    assert conv(DIGIT, SOBEL_Y)[0, 0] == 16


def test_self_check_parameters() -> None:
    """cnn/convolution.md#self-check: "there are $32 \\times (16 \\times 5 \\times 5 + 1) = 32 \\times 401 = 12832$
    parameters"."""
    layer = nn.Conv2d(16, 32, 5)
    assert layer.weight.shape == (32, 16, 5, 5)
    assert parameters(layer) == 32 * 401 == 12832


def test_self_check_brighter() -> None:
    """cnn/convolution.md#self-check: "With a sum of 0 nothing changes; with a sum of 1, as in blur and sharpen, the
    output grows by 1/10."."""
    picture = random(9, 9)
    for kernel, total in KERNELS.values():
        assert close(conv(picture + 0.1, kernel), conv(picture, kernel) + total / 10)


def test_self_check_photo() -> None:
    """cnn/convolution.md#self-check: "It should be `photo.permute(2, 0, 1).unsqueeze(0)`."."""
    photo, layer = random(32, 32, 3), nn.Conv2d(3, 8, 3, dtype=F64)
    right, wrong = photo.permute(2, 0, 1).unsqueeze(0), photo.view(1, 3, 32, 32)
    assert right.shape == wrong.shape == (1, 3, 32, 32)
    assert torch.equal(right[0, 1], photo[:, :, 1])
    assert not torch.allclose(layer(right), layer(wrong))


def test_self_check_ten_images() -> None:
    """cnn/convolution.md#self-check: "So the 10 counts as channels, and a 1 for one image is put in front."."""
    layer, images = nn.Conv2d(1, 8, 3), torch.zeros(10, 28, 28)
    with pytest.raises(RuntimeError, match=r"expected input\[1, 10, 28, 28\] to have 1 channels"):
        layer(images)
    assert layer(images.unsqueeze(1)).shape == (10, 8, 26, 26)
