"""Claims of docs/*/cnn/padding-and-stride.md that its snippet does not show by itself."""

import math
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

SNIPPET = Path(__file__).parents[3] / "snippets" / "cnn" / "padding_and_stride.py"
F64 = torch.float64
DIGIT = torch.tensor(load_digits().images[0], dtype=F64)
IMAGE = F.interpolate(DIGIT[None, None] / 16, size=(28, 28), mode="bilinear")
SOBEL_X = torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=F64)
SOBELS = torch.stack([SOBEL_X, SOBEL_X.T]).unsqueeze(1)


def section(name: str, **namespace: Any) -> dict[str, Any]:
    """Run one section of the snippet and return what it defines."""
    marked = rf"# --8<-- \[start:{name}\]\n(.*?)# --8<-- \[end:{name}\]"
    found = re.search(marked, SNIPPET.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"the snippet has no section {name}"
    exec(compile(found[1], f"{SNIPPET.name}:{name}", "exec"), namespace)
    return namespace


count_windows = section("count-windows", torch=torch)["count_windows"]
field_width = section("field-width", **section("receptive-field", nn=nn, torch=torch))["field_width"]


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


def ones_conv(kernel_size: int, stride: int = 1, dilation: int = 1, padding: int = 0) -> nn.Conv2d:
    layer = nn.Conv2d(1, 1, kernel_size, stride, padding, dilation, bias=False, dtype=F64)
    nn.init.ones_(layer.weight)
    return layer


def edge_strength(image: torch.Tensor, mode: str) -> torch.Tensor:
    layer = nn.Conv2d(1, 2, 3, padding=1, padding_mode=mode, bias=False, dtype=F64)
    with torch.no_grad():
        layer.weight.copy_(SOBELS)
        strength: torch.Tensor = layer(image).norm(dim=1)[0]
    return strength


# Shrinking and counting --------------------------------------------------------------


def test_a_line_is_lost_on_each_side() -> None:
    """cnn/padding-and-stride.md#shrinking: "To have all eight inside the image, the middle cannot be on the border, so
    the output loses a line on each side."."""
    middle = torch.zeros(1, 1, 3, 3, dtype=F64)
    middle[0, 0, 1, 1] = 1
    picture = random(1, 1, 7, 9)
    assert torch.equal(F.conv2d(picture, middle), picture[:, :, 1:-1, 1:-1])


def test_no_window_after_thirteen_layers() -> None:
    """cnn/padding-and-stride.md#shrinking: "After 13 layers 2×2 is left, and a 3×3 window no longer fits."."""
    assert section("shrink")["layers_until_too_small"] == 13
    with pytest.raises(RuntimeError, match="Kernel size can't be greater than actual input size"):
        nn.Conv2d(1, 1, 3)(torch.zeros(1, 1, 2, 2))


def test_counts_on_a_line() -> None:
    """cnn/padding-and-stride.md#shrinking: "From left to right, the pixels are in 1, 2, 3, 3, 3, 3, 2, 1 of these
    windows."; "Across and down are counted on their own, so on the grid the two numbers multiply"."""
    line = torch.tensor([sum(start <= pixel < start + 3 for start in range(6)) for pixel in range(8)])
    assert line.tolist() == [1, 2, 3, 3, 3, 3, 2, 1]
    assert torch.equal(count_windows(8, 3), torch.outer(line, line).float())


def test_counts_are_what_a_layer_uses() -> None:
    """cnn/padding-and-stride.md#shrinking: "Border pixels take part in fewer sums."."""
    for kernel_size, padding in product((3, 5), (0, 1, 2)):
        x = torch.zeros(1, 1, 8, 8, dtype=F64, requires_grad=True)
        ones_conv(kernel_size, padding=padding)(x).sum().backward()
        assert torch.equal(x.grad[0, 0].float(), count_windows(8, kernel_size, padding))


# Padding -----------------------------------------------------------------------------


def test_every_pixel_is_a_middle_once() -> None:
    """cnn/padding-and-stride.md#padding: "With a 3×3 kernel and one line of padding, every pixel is the middle of a
    window exactly once."."""
    middle = torch.zeros(1, 1, 3, 3, dtype=F64)
    middle[0, 0, 1, 1] = 1
    picture = random(1, 1, 7, 9)
    assert torch.equal(F.conv2d(picture, middle, padding=1), picture)


def test_nine_everywhere_needs_two_lines() -> None:
    """cnn/padding-and-stride.md#padding: "For 9 everywhere you need two lines, and the output grows to 10×10."."""
    assert (count_windows(8, 3, padding=2) == 9).all()
    assert not (count_windows(8, 3, padding=1) == 9).all()
    assert ones_conv(3, padding=2)(torch.zeros(1, 1, 8, 8, dtype=F64)).shape[2:] == (10, 10)


def padded(numbers: list[int], cells: int, mode: str) -> list[int]:
    """By the words of the page's table."""
    if mode == "zeros":
        return [0] * cells + numbers + [0] * cells
    if mode == "replicate":
        return [numbers[0]] * cells + numbers + [numbers[-1]] * cells
    return numbers[1 : cells + 1][::-1] + numbers + numbers[-cells - 1 : -1][::-1]


def test_padding_modes() -> None:
    """cnn/padding-and-stride.md#padding-modes: "| `"reflect"` | what a mirror on the last pixel shows; the last pixel
    itself is not repeated |"; "filling with 0 is called `constant` here"."""
    for numbers, cells in (([5, 13, 9, 1], 2), ([2, 7, 5], 2), ([1, 2, 3, 4, 5, 6], 3)):
        line = torch.tensor([numbers], dtype=F64)
        for mode in ("zeros", "reflect", "replicate"):
            found = F.pad(line, (cells, cells), mode="constant" if mode == "zeros" else mode)
            assert found[0].tolist() == padded(numbers, cells, mode)


def test_padding_mode_of_the_layer() -> None:
    """cnn/padding-and-stride.md#padding-modes: "There are three common ways"."""
    picture = random(1, 1, 6, 7)
    for mode, name in (("zeros", "constant"), ("reflect", "reflect"), ("replicate", "replicate")):
        layer = nn.Conv2d(1, 1, 3, padding=1, padding_mode=mode, dtype=F64)
        by_hand = F.conv2d(F.pad(picture, (1, 1, 1, 1), mode=name), layer.weight, layer.bias)
        assert torch.allclose(layer(picture), by_hand, rtol=0, atol=1e-12)
    assert nn.Conv2d(1, 1, 3).padding_mode == "zeros"


def test_pixels_of_the_first_row() -> None:
    """cnn/padding-and-stride.md#padding-modes: "These are four pixels from the middle of the digit's first row."."""
    assert DIGIT[0, 2:6].tolist() == [5, 13, 9, 1]


def test_edges_of_padding_by_hand() -> None:
    """cnn/padding-and-stride.md#false-edges: "With padding in the left column and 1 elsewhere it gives $(1 + 2 + 1) -
    0 = 4$."; "Sobel x is $2 + 1 = 3$, Sobel y is also 3, and the edge strength is $\\sqrt{3^2 + 3^2} =
    \\sqrt{18}$"."""
    maps = F.conv2d(torch.ones(1, 1, 6, 6, dtype=F64), SOBELS, padding=1)[0]
    assert maps[:, 3, 0].tolist() == [4, 0]
    assert maps[:, 0, 0].tolist() == [3, 3]
    strength = edge_strength(1 - IMAGE, "zeros")
    assert abs(strength[0, 0].item() - math.sqrt(18)) < 1e-12


def test_frame_is_stronger_than_the_digit() -> None:
    """cnn/padding-and-stride.md#false-edges: "Zeros around white paper make a frame that is stronger than the edges of
    the digit; with reflect and replicate there is no frame."."""
    paper = 1 - IMAGE
    zeros = edge_strength(paper, "zeros")
    for mode in ("reflect", "replicate"):
        strength = edge_strength(paper, mode)
        assert torch.allclose(strength[1:-1, 1:-1], zeros[1:-1, 1:-1], rtol=0, atol=1e-12)
        assert strength.max() < 3 < zeros[:, 0].min() + 1e-12
        assert (strength[:, 0] == 0).all()


def test_no_frame_on_a_black_background() -> None:
    """cnn/padding-and-stride.md#false-edges: "The original digit has a background of 0, and there is no such frame at
    its left and right"."""
    strength = edge_strength(IMAGE, "zeros")
    assert (strength[:, 0] == 0).all()
    assert (strength[:, -1] == 0).all()


def test_limit_of_reflect() -> None:
    """cnn/padding-and-stride.md#false-edges: "Reflect takes fewer cells than the side of the image."."""
    picture = random(1, 1, 4, 4)
    assert F.pad(picture, (3, 3, 3, 3), mode="reflect").shape[2:] == (10, 10)
    with pytest.raises(RuntimeError, match="Padding size should be less than the corresponding input dimension"):
        F.pad(picture, (4, 4, 4, 4), mode="reflect")


def test_circular() -> None:
    """cnn/padding-and-stride.md#false-edges: "`padding_mode="circular"` takes pixels from the opposite end"."""
    assert F.pad(torch.tensor([[1.0, 2, 3, 4]]), (2, 1), mode="circular").tolist() == [[3, 4, 1, 2, 3, 4, 1]]
    assert nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular")(torch.zeros(1, 1, 5, 5)).shape[2:] == (5, 5)


def test_order_of_padding() -> None:
    """cnn/padding-and-stride.md#false-edges: "`padding=(1, 2)` in `nn.Conv2d` is (height, width): 1 above and below, 2
    left and right. `F.pad` starts from the last dimension instead: `(left, right, top, bottom)`."."""
    picture = random(1, 1, 5, 6)
    layer = nn.Conv2d(1, 1, 1, padding=(1, 2), bias=False, dtype=F64)
    nn.init.ones_(layer.weight)
    assert torch.equal(layer(picture), F.pad(picture, (2, 2, 1, 1)))
    one = F.pad(torch.ones(1, 1), (1, 2, 3, 4))
    assert one.shape == (8, 4)
    assert one.nonzero().tolist() == [[3, 1]]


def test_same() -> None:
    """cnn/padding-and-stride.md#same: "two for a 5×5 kernel"; "with 2 the layer cannot even be made"."""
    picture = random(1, 1, 9, 9)
    same = nn.Conv2d(1, 1, 5, padding="same", dtype=F64)
    assert torch.equal(same(picture), F.conv2d(picture, same.weight, same.bias, padding=2))
    with pytest.raises(ValueError, match="padding='same' is not supported for strided convolutions"):
        nn.Conv2d(1, 1, 3, padding="same", stride=2)
    assert nn.Conv2d(1, 1, 5, padding=2, stride=2)(torch.zeros(1, 1, 28, 28)).shape[2:] == (14, 14)


# Stride and dilation -----------------------------------------------------------------


def test_stride_picks_every_second() -> None:
    """cnn/padding-and-stride.md#stride: "the output is half as high and half as wide (rounded up)"; "There are fewer
    places for the window; the sum in each place is the same."."""
    for size, kernel_size, padding in product(range(5, 10), (1, 2, 3, 5), (0, 1, 2)):
        picture, kernel = random(1, 1, size, size), random(1, 1, kernel_size, kernel_size, seed=1)
        every = F.conv2d(picture, kernel, padding=padding)
        strided = F.conv2d(picture, kernel, padding=padding, stride=2)
        assert torch.allclose(strided, every[:, :, ::2, ::2], rtol=0, atol=1e-12)
        assert strided.shape[-1] == math.ceil(every.shape[-1] / 2)


def test_largest_is_lost() -> None:
    """cnn/padding-and-stride.md#stride: "64 cells take $64 \\times 9 = 576$ products, 16 cells take $16 \\times 9 =
    144$."; "The largest number on the left, 55, is not in a black-edged cell, and it is gone."."""
    every = F.conv2d(DIGIT[None, None], SOBEL_X[None, None], padding=1)
    strided = F.conv2d(DIGIT[None, None], SOBEL_X[None, None], padding=1, stride=2)
    assert (every.numel() * 9, strided.numel() * 9) == (576, 144)
    assert every.max() == 55
    assert strided.max() < 55


def test_dilation_is_a_kernel_with_gaps() -> None:
    """cnn/padding-and-stride.md#dilation: "There are always nine weights, but they reach over 3×3, 5×5 and 7×7. Pixels
    between the blue cells are not seen."."""
    picture, kernel = random(1, 1, 11, 11), random(1, 1, 3, 3, seed=1)
    for dilation, reach in ((1, 3), (2, 5), (3, 7)):
        spread = torch.zeros(1, 1, reach, reach, dtype=F64)
        spread[:, :, ::dilation, ::dilation] = kernel
        assert spread.count_nonzero() == 9
        dilated = F.conv2d(picture, kernel, dilation=dilation)
        assert torch.allclose(dilated, F.conv2d(picture, spread), rtol=0, atol=1e-12)


def test_number_of_weights_stays() -> None:
    """cnn/padding-and-stride.md: "Neither changes the number of weights."."""
    for stride, dilation in product((1, 2, 3), (1, 2, 3)):
        assert nn.Conv2d(4, 8, 3, stride=stride, dilation=dilation).weight.numel() == 8 * 4 * 9


# Receptive field ---------------------------------------------------------------------


def test_paths() -> None:
    """cnn/padding-and-stride.md#receptive-field: "Nine paths lead from the centre pixel and one from a corner, so even
    inside the field the centre counts for more."."""
    paths = section("receptive-field", nn=nn, torch=torch)["paths"]
    line = torch.tensor([1.0, 2, 3, 2, 1])
    assert torch.equal(paths[2:7, 2:7], torch.outer(line, line))
    assert paths.sum() == paths[2:7, 2:7].sum() == 81
    assert (paths[4, 4], paths[2, 2]) == (9, 1)


def test_weights_of_two_small_kernels() -> None:
    """cnn/padding-and-stride.md#receptive-field: "With one channel they have $9 + 9 = 18$ weights against 25"."""
    two = nn.Conv2d(1, 1, 3).weight.numel() + nn.Conv2d(1, 1, 3).weight.numel()
    assert (two, nn.Conv2d(1, 1, 5).weight.numel()) == (18, 25)
    assert field_width(ones_conv(3).float(), ones_conv(3).float()) == field_width(ones_conv(5).float()) == 5


def field(*layers: tuple[int, int, int]) -> int:
    """The page's rule for (kernel_size, stride, dilation) of each layer."""
    r = j = 1
    for kernel_size, stride, dilation in layers:
        r += dilation * (kernel_size - 1) * j
        j *= stride
    return r


def test_rule_of_the_receptive_field() -> None:
    """cnn/padding-and-stride.md#receptive-field: "$r$ is the side of the receptive field, and $j$ how far apart, in
    the original image, two neighbouring cells of the layer's input are."."""
    kinds = ((3, 1, 1), (3, 2, 1), (3, 1, 2), (2, 2, 1), (5, 1, 1))
    for layers in (*product(kinds, repeat=2), ((3, 2, 1), (3, 2, 1), (3, 1, 1)), ((2, 2, 1), (3, 1, 2), (2, 2, 1))):
        assert field_width(*(ones_conv(*layer).float() for layer in layers)) == field(*layers)
    assert field((3, 2, 1), (3, 1, 1)) == 1 + 2 * 1 + 2 * 2 == 7


def test_product_of_strides() -> None:
    """cnn/padding-and-stride.md: "Each 3×3 with stride 1 widens the receptive field by 2, times the product of all
    strides before it."."""
    for strides in product((1, 2, 3), repeat=2):
        before = [(3, stride, 1) for stride in strides]
        assert field(*before, (3, 1, 1)) - field(*before) == 2 * math.prod(strides)


# Mistakes and self-check -------------------------------------------------------------


def test_three_layers_that_shrink() -> None:
    """cnn/padding-and-stride.md#mistakes: "the fourth argument is not `padding` but `stride`"; "Without `padding`
    there are 0 extra cells to fill."; "A 5×5 kernel needs two."."""
    positional = nn.Conv2d(1, 8, 3, 2)
    assert (positional.stride, positional.padding) == ((2, 2), (0, 0))
    x = torch.zeros(1, 1, 28, 28)
    for layer in (
        nn.Conv2d(1, 8, 3, padding=1),
        nn.Conv2d(1, 8, 3, padding=1, padding_mode="reflect"),
        nn.Conv2d(1, 8, 5, padding=2),
    ):
        assert layer(x).shape[2:] == (28, 28)
    assert nn.Conv2d(1, 8, 3, padding_mode="reflect")(x).shape[2:] == (26, 26)


def test_self_check_counts() -> None:
    """cnn/padding-and-stride.md#self-check: "There are four places on a line, and the pixels are in 1, 2, 3, 4, 4, 3,
    2, 1 windows."."""
    counts = count_windows(8, 5)
    assert counts[0].tolist() == [1, 2, 3, 4, 4, 3, 2, 1]
    assert (counts[0, 0], counts[3, 3], counts[4, 4]) == (1, 16, 16)


def test_self_check_padding() -> None:
    """cnn/padding-and-stride.md#self-check: "Reflect gives 5, 7, 2, 7, 5, 7, 2 and replicate 2, 2, 2, 7, 5, 5, 5.";
    "Two cells are the most that reflect can add here."."""
    line = torch.tensor([[2.0, 7, 5]])
    assert F.pad(line, (2, 2), mode="reflect").tolist() == [[5, 7, 2, 7, 5, 7, 2]]
    assert F.pad(line, (2, 2), mode="replicate").tolist() == [[2, 2, 2, 7, 5, 5, 5]]
    with pytest.raises(RuntimeError, match="Padding size should be less"):
        F.pad(line, (3, 3), mode="reflect")


def test_self_check_lecture_model() -> None:
    """cnn/padding-and-stride.md#self-check: "it sees 20×20. The last feature map is only 3×3, but each of its cells
    sees more than half of the image's area."."""
    layers = nn.Sequential(
        ones_conv(5), ones_conv(5), nn.AvgPool2d(2, 2), ones_conv(5), nn.AvgPool2d(2, 2)
    )  # the places that matter are those of max pooling
    x = torch.zeros(1, 1, 28, 28, dtype=F64, requires_grad=True)
    out = layers(x)
    assert out.shape[2:] == (3, 3)
    out[0, 0, 1, 1].backward()
    rows, columns = (x.grad[0, 0] != 0).nonzero().T
    assert (rows.max() - rows.min() + 1, columns.max() - columns.min() + 1) == (20, 20)
    assert field((5, 1, 1), (5, 1, 1), (2, 2, 1)) == 10
    assert field((5, 1, 1), (5, 1, 1), (2, 2, 1), (5, 1, 1)) == 18
    assert 20 * 20 > 28 * 28 / 2


def test_self_check_positional() -> None:
    """cnn/padding-and-stride.md#self-check: "With no extra cells reflect has nothing to do, and the output is 2
    smaller."."""
    x = torch.zeros(1, 16, 28, 28)
    assert nn.Conv2d(16, 32, 3, 1, padding_mode="reflect")(x).shape[2:] == (26, 26)
    assert nn.Conv2d(16, 32, 3, padding=1, padding_mode="reflect")(x).shape[2:] == (28, 28)
