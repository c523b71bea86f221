"""Claims of docs/*/cnn/output-size.md that its snippet does not show by itself."""

import contextlib
import math
import re
import warnings
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

SNIPPET = Path(__file__).parents[3] / "snippets" / "cnn" / "output_size.py"


def section(name: str, **namespace: Any) -> dict[str, Any]:
    """Run one section of the snippet and return what it defines."""
    marked = rf"# --8<-- \[start:{name}\]\n(.*?)# --8<-- \[end:{name}\]"
    found = re.search(marked, SNIPPET.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"the snippet has no section {name}"
    exec(compile(found[1], f"{SNIPPET.name}:{name}", "exec"), namespace)
    return namespace


output_size = section("full-formula", math=math, nn=nn, torch=torch)["output_size"]
window_starts = section("count-positions")["window_starts"]


def lecture_layers() -> nn.Sequential:
    layers: nn.Sequential = section("lecture-layers", nn=nn)["layers"]
    return layers


def image(height: int, width: int | None = None) -> torch.Tensor:
    return torch.zeros(1, 1, height, width or height, dtype=torch.float64)


def convolution(kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(1, 1, kernel_size, stride, padding, dilation, bias=bias, dtype=torch.float64)


def shape_of(layer: nn.Module, height: int, width: int | None = None) -> tuple[int, ...] | None:
    """(height, width) of the output, or None where PyTorch refuses the input."""
    try:
        return tuple(layer(image(height, width)).shape[2:])
    except RuntimeError:
        return None


def slide(size: int, kernel_size: int, stride: int = 1, padding: int = 0) -> int:
    """The slide's form, in exact fractions: the 1 stands inside the floor."""
    return math.floor(Fraction(size - kernel_size + 2 * padding, stride) + 1)


def covered(layer: nn.Module, size: int) -> list[int]:
    """The pixels of one line that the output depends on, found by the gradient."""
    x = torch.ones(1, 1, size, size, dtype=torch.float64, requires_grad=True)
    layer(x).sum().backward()
    return [i for i in range(size) if x.grad[0, 0, :, i].abs().sum() > 0]


def ones_convolution(kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> nn.Conv2d:
    layer = convolution(kernel_size, stride, padding, dilation, bias=False)
    nn.init.ones_(layer.weight)
    return layer


# The formula -------------------------------------------------------------------------


def test_every_combination_of_a_grid() -> None:
    """cnn/output-size.md#grid-check: "The tests of this site repeat the check, average
    pooling included, over more than 6000 combinations."."""
    checked = refused = 0
    grid = product(range(1, 11), range(1, 6), range(1, 4), range(4), range(1, 4))
    for size, k, s, p, d in grid:
        cases = [(nn.Conv2d(1, 1, k, s, p, d), output_size(size, k, s, p, d), True)]
        for ceil in (False, True):
            fits = 2 * p <= k
            layer = nn.MaxPool2d(k, s, p, d, ceil_mode=ceil)
            cases.append((layer, output_size(size, k, s, p, d, ceil), fits))
            if d == 1:
                layer = nn.AvgPool2d(k, s, p, ceil_mode=ceil)
                cases.append((layer, output_size(size, k, s, p, 1, ceil), fits))
        for layer, expected, allowed in cases:
            try:
                result = layer(torch.zeros(1, 1, size, size)).shape[-1]
            except RuntimeError:
                result = None
            assert result == (expected if allowed and expected >= 1 else None), (size, layer)
            checked += 1
            refused += result is None
    assert checked > 6000
    assert refused > 1000


def test_snippets_grid_is_as_described() -> None:
    """cnn/output-size.md#grid-check: "The formula predicts not only the size but also
    **when PyTorch refuses**."."""
    names = section("grid-check", nn=nn, torch=torch, output_size=output_size)
    poolings = sum(p <= k // 2 for k in range(1, 5) for p in range(3))
    assert names["checked"] == 8 * 3 * 2 * (4 * 3 + 2 * poolings)
    assert names["different"] == 0
    assert names["refused"] > 0


def test_counting_gives_the_formula() -> None:
    """cnn/output-size.md#count-positions: "That is how far it can travel, and each move
    takes $S$ cells, so the number of moves is $(I - K + 2P)/S$ without its fraction."."""
    simple = section("formula", torch=torch)["output_size"]
    for size, k, s, p in product(range(1, 15), range(1, 6), range(1, 5), range(4)):
        starts = window_starts(size, k, s, p)
        assert len(starts) == max(0, simple(size, k, s, p))
        assert starts == sorted(starts)
        assert all(-p <= start and start + k <= size + p for start in starts)


def test_windows_stand_where_the_page_counts_them() -> None:
    """cnn/output-size.md#count-positions: "so with one cell of padding the window starts
    at −1."."""
    for size, k, s, p in product(range(4, 10), (2, 3), (1, 2, 3), (0, 1)):
        numbers = torch.arange(1.0, size + 1, dtype=torch.float64)
        out = F.conv1d(numbers.view(1, 1, -1), torch.ones(1, 1, k, dtype=torch.float64), None, s, p)
        by_hand = [
            sum(pixel + 1 for pixel in range(start, start + k) if 0 <= pixel < size)
            for start in window_starts(size, k, s, p)
        ]
        assert out.flatten().tolist() == by_hand


def test_defaults_of_conv2d() -> None:
    """cnn/output-size.md#count-positions: "The **padding** is extra cells outside the
    image, the same number on both sides, filled with 0 unless you ask for something
    else."."""
    layer = nn.Conv2d(1, 1, 3)
    assert (layer.stride, layer.padding, layer.padding_mode) == ((1, 1), (0, 0), "zeros")
    with pytest.raises(TypeError, match="kernel_size"):
        nn.Conv2d(1, 1)
    x = torch.rand(1, 1, 6, 6, dtype=torch.float64)
    padded = convolution(3, padding=2)
    with_zeros = F.conv2d(F.pad(x, (2, 2, 2, 2)), padded.weight, padded.bias)
    assert torch.allclose(padded(x), with_zeros, rtol=0, atol=1e-12)


def test_bias_does_not_change_the_size() -> None:
    """cnn/output-size.md#count-positions: "It also adds a number called the bias to every
    sum, which has nothing to do with sizes."."""
    layer = convolution(3, 2, 1)
    without = F.conv2d(x := torch.rand_like(image(9)), layer.weight, None, 2, 1)
    assert torch.allclose(layer(x), without + layer.bias, rtol=0, atol=1e-12)
    assert layer(x).shape == without.shape


def test_channels_do_not_change_the_size() -> None:
    """cnn/output-size.md#count-positions: "With `out_channels=16` you get 16 grids, each
    of the same size as one would be."."""
    for in_channels, out_channels in ((1, 1), (1, 16), (3, 16)):
        out = nn.Conv2d(in_channels, out_channels, 5, 2, 1)(torch.zeros(2, in_channels, 28, 28))
        assert out.shape == (2, out_channels, 13, 13)
    assert output_size(28, 5, 2, 1) == 13


def test_condition_of_the_formula() -> None:
    """cnn/output-size.md#count-positions: "When it does not, the formula gives 0 or less,
    and PyTorch [refuses](#kernel-does-not-fit)."."""
    for size, k, s, p in product(range(1, 8), range(1, 8), (1, 2, 3), (0, 1, 2)):
        fits = k <= size + 2 * p
        assert (output_size(size, k, s, p) >= 1) == fits
        assert (shape_of(convolution(k, s, p), size) is not None) == fits


# The floor ---------------------------------------------------------------------------


def test_floor_inside_and_outside() -> None:
    """cnn/output-size.md#floor: "It is equal to the one above."."""
    for size, k, s, p in product(range(1, 20), range(1, 8), range(1, 6), range(4)):
        assert slide(size, k, s, p) == output_size(size, k, s, p)


def test_only_integers_pass_through_the_floor() -> None:
    """cnn/output-size.md#floor: "Any other integer in place of the 1 does the same: a
    number line shifted by a whole number puts every mark on a mark. A number that is not
    an integer does not."."""
    fractions = [Fraction(n, d) for n in range(-12, 13) for d in range(1, 6)]
    for a, n in product(fractions, range(-4, 5)):
        assert math.floor(a + n) == math.floor(a) + n
    half = Fraction(1, 2)
    assert math.floor(half + half) != math.floor(half) + half


def test_int_cuts_towards_zero() -> None:
    """cnn/output-size.md#floor: "For positive numbers that is the same, for negative
    fractions it is not."."""
    for numerator, denominator in product(range(-20, 21), range(1, 6)):
        a = Fraction(numerator, denominator)
        differs = a < 0 and a.denominator > 1
        assert (int(a) != math.floor(a)) == differs


def test_int_finds_a_place_where_there_is_none() -> None:
    """cnn/output-size.md#floor: "The floor says 0, but `int(a) + 1` says there is one
    place, because $-1/2$ has the floor $-1$ while `int()` makes it 0."."""
    a = Fraction(2 - 3, 2)
    assert (math.floor(a) + 1, int(a) + 1) == (0, 1)
    assert (a, math.floor(a), int(a)) == (Fraction(-1, 2), -1, 0)
    assert shape_of(convolution(3, 2), 2) is None


# Padding that keeps the size ---------------------------------------------------------


def test_convolution_takes_k_minus_1_cells() -> None:
    """cnn/output-size.md#same-size: "every convolution takes $K - 1$ cells away."."""
    for size, k in product(range(7, 20), range(1, 8)):
        assert shape_of(convolution(k), size) == (size - k + 1,) * 2


def test_odd_kernel_divides_and_rounds_up() -> None:
    """cnn/output-size.md#same-size: "For an odd kernel with $P = (K - 1)/2$, the output
    is the input divided by $S$ and rounded up."."""
    for size, k, s in product(range(1, 33), (1, 3, 5, 7), (1, 2, 3, 4)):
        assert shape_of(convolution(k, s, (k - 1) // 2), size) == (math.ceil(Fraction(size, s)),) * 2


def test_padding_same_refuses_a_stride() -> None:
    """cnn/output-size.md#same-size: "It works with a stride of 1 only; with 2 you get the
    `ValueError` `padding='same' is not supported for strided convolutions`."."""
    message = "padding='same' is not supported for strided convolutions"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        nn.Conv2d(1, 1, 3, stride=2, padding="same")
    for k, d in product((1, 3, 5), (1, 2)):
        assert shape_of(nn.Conv2d(1, 1, k, padding="same", dilation=d).double(), 9, 12) == (9, 12)


def test_even_kernels() -> None:
    """cnn/output-size.md#same-size: "An even kernel cannot keep the size with the same
    padding on both sides: $K = 2$ loses a cell at $P = 0$ and gains one at $P = 1$."."""
    assert shape_of(convolution(2), 9) == (8, 8)
    assert shape_of(convolution(2, padding=1), 9) == (10, 10)
    for k, p in product((2, 4, 6), range(6)):
        assert output_size(9, k, padding=p) != 9


def test_padding_same_of_even_kernels() -> None:
    """cnn/output-size.md#same-size: "For such a kernel `padding='same'` adds one more cell
    on the right and at the bottom."."""
    for k in (2, 4):
        x = torch.rand(1, 1, 7, 7, dtype=torch.float64)
        layer = convolution(k, bias=False)
        left, right = k // 2 - 1, k // 2
        by_hand = layer(F.pad(x, (left, right, left, right)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            same = F.conv2d(x, layer.weight, padding="same")
        assert same.shape == x.shape
        assert torch.allclose(same, by_hand, rtol=0, atol=1e-12)


# Pooling -----------------------------------------------------------------------------


def test_each_channel_is_pooled_on_its_own() -> None:
    """cnn/output-size.md#pooling: "Each channel is pooled on its own, so the number of
    channels stays."."""
    x = torch.rand(2, 5, 8, 8, dtype=torch.float64)
    for pool in (nn.MaxPool2d(2), nn.AvgPool2d(2)):
        apart = torch.cat([pool(x[:, c : c + 1]) for c in range(5)], dim=1)
        assert torch.equal(pool(x), apart)


def test_max_and_mean() -> None:
    """cnn/output-size.md#pooling: "**Max pooling** writes the largest value in the window
    into the output, **average pooling** the mean of the window."."""
    x = torch.tensor([[[[1.0, 2.0], [6.0, 9.0]]]], dtype=torch.float64)
    assert nn.MaxPool2d(2)(x).item() == 9
    assert nn.AvgPool2d(2)(x).item() == 18 / 4


def test_two_by_two_halves_even_sizes() -> None:
    """cnn/output-size.md#pooling: "A 2×2 window that moves 2 at a time halves every even
    size exactly."."""
    for size in range(2, 40, 2):
        assert shape_of(nn.MaxPool2d(2, 2), size) == (size // 2,) * 2


def test_default_strides() -> None:
    """cnn/output-size.md#pooling: "Without a `stride`, a convolution moves by 1, a pooling
    by its `kernel_size`."."""
    for k in (1, 2, 3, 4):
        for pool in (nn.MaxPool2d, nn.AvgPool2d):
            assert pool(k).stride == k
            assert shape_of(pool(k), 13) == (output_size(13, k, stride=k),) * 2
        assert shape_of(convolution(k), 13) == (output_size(13, k, stride=1),) * 2


def test_padding_of_a_pooling() -> None:
    """cnn/output-size.md#pooling: "The `padding` of a pooling may be at most half of its
    `kernel_size`; more is a `RuntimeError`."."""
    for k, p in product(range(1, 7), range(5)):
        pools = [nn.AvgPool2d(k, 1, p)] + [nn.MaxPool2d(k, 1, p, d) for d in (1, 2, 3)]
        for pool in pools:
            if 2 * p <= k:
                pool(image(20))
            else:
                with pytest.raises(RuntimeError, match=r"half of (effective )?kernel size"):
                    pool(image(20))


def test_max_pooling_pads_with_minus_infinity() -> None:
    """cnn/output-size.md#pooling: "Max pooling pads with $-\\infty$ instead of 0, so that a
    padded cell is never the maximum."."""
    x = -torch.ones(1, 1, 5, 5, dtype=torch.float64)
    assert (nn.MaxPool2d(3, 2, 1)(x) == -1).all()
    padded = F.pad(x, (1, 1, 1, 1), value=-math.inf)
    assert torch.equal(nn.MaxPool2d(3, 2, 1)(x), nn.MaxPool2d(3, 2)(padded))


# The lecture's model -----------------------------------------------------------------


def test_lecture_chain() -> None:
    """cnn/output-size.md#lecture-chain: "Read the column "formula" downwards: 24, 20, 10,
    6, 3."."""
    x, sizes = torch.zeros(8, 1, 28, 28), []
    for layer in lecture_layers():
        before, x = x, layer(x)
        if isinstance(layer, nn.ReLU):
            assert x.shape == before.shape
        else:
            sizes.append(x.shape[-1])
    assert sizes == [24, 20, 10, 6, 3]
    assert tuple(x.shape) == (8, 64, 3, 3)


def test_relu_works_cell_by_cell() -> None:
    """cnn/output-size.md#lecture-chain: "`nn.ReLU` is an activation function that replaces
    negative numbers by 0, cell by cell, so it leaves sizes alone."."""
    x = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    assert torch.equal(nn.ReLU()(x), torch.where(x < 0, torch.zeros_like(x), x))


def test_how_layers_remember_their_arguments() -> None:
    """cnn/output-size.md#lecture-chain: "`nn.Conv2d` remembers its `kernel_size` as a pair
    of height and width, `(5, 5)`, and `nn.MaxPool2d` as the number that we gave;"."""
    assert nn.Conv2d(1, 1, 5).kernel_size == (5, 5)
    assert nn.MaxPool2d(2, 2).kernel_size == 2


def test_image_sizes_that_fit_the_lecture() -> None:
    """cnn/output-size.md#lecture-chain: "Four sizes, 28 to 31, all end at 3, because a
    pooling that moves 2 at a time drops an odd last cell."."""
    layers = lecture_layers()
    ends = {size: layers(torch.zeros(1, 1, size, size)).shape[-1] for size in range(20, 40)}
    assert [size for size, end in ends.items() if end == 3] == [28, 29, 30, 31]


def test_formula_backwards() -> None:
    """cnn/output-size.md#lecture-chain: "So $S$ neighbouring input sizes give the same
    output size."."""
    for k, s, p, o in product(range(1, 6), range(1, 5), range(3), range(1, 8)):
        inputs = [i for i in range(1, 80) if output_size(i, k, s, p) == o]
        assert inputs == [i for i in range(1, 80) if (o - 1) * s <= i - k + 2 * p < o * s]
        first = (o - 1) * s + k - 2 * p
        if first >= 1:
            assert inputs == list(range(first, first + s))


def inputs_of(outputs: list[int], kernel_size: int, stride: int) -> list[int]:
    return [i for i in range(1, 99) if output_size(i, kernel_size, stride) in outputs]


def test_table_backwards() -> None:
    """cnn/output-size.md#lecture-chain: "| convolution 5×5 | 24–27 | 28–31 |"."""
    outputs, rows = [3], []
    for k, s in ((2, 2), (5, 1), (2, 2), (5, 1), (5, 1)):
        outputs = inputs_of(outputs, k, s)
        rows.append((outputs[0], outputs[-1]))
        assert len(outputs) == outputs[-1] - outputs[0] + 1
    assert rows == [(6, 7), (10, 11), (20, 23), (24, 27), (28, 31)]


# Messages ----------------------------------------------------------------------------


def sizes_until_refused(size: int) -> list[int]:
    sizes = [size]
    for layer in lecture_layers():
        if not isinstance(layer, nn.ReLU):
            k, s = (5, 1) if isinstance(layer, nn.Conv2d) else (2, 2)
            sizes.append(output_size(sizes[-1], k, s))
            if sizes[-1] < 1:
                return sizes[:-1]
    return sizes


def test_where_13_and_19_stop() -> None:
    """cnn/output-size.md#kernel-does-not-fit: "13 shrinks to 9, 5, 2."; "19 shrinks to 15,
    11, 5, 1."."""
    assert sizes_until_refused(13) == [13, 9, 5, 2]
    assert sizes_until_refused(19) == [19, 15, 11, 5, 1]


def test_message_of_a_convolution() -> None:
    """cnn/output-size.md#kernel-does-not-fit: "The `padded input size` is $I + 2P$.
    There is no place for a 5×5 kernel on 2×2, hence `Kernel size can't be greater than
    actual input size`."."""
    message = (
        r"padded input size per channel: \(4 x 5\)\. Kernel size: \(6 x 6\)\. "
        r"Kernel size can't be greater than actual input size"
    )
    with pytest.raises(RuntimeError, match=message):
        convolution(6, padding=1)(image(2, 3))


def test_message_of_a_pooling() -> None:
    """cnn/output-size.md#kernel-does-not-fit: "`64x1x1` is channels, height, width."."""
    message = r"input size: \(7x1x9\)\. Calculated output size: \(7x0x4\)\. Output size is too small"
    for pool in (nn.MaxPool2d(2), nn.AvgPool2d(2)):
        with pytest.raises(RuntimeError, match=message):
            pool(torch.zeros(3, 7, 1, 9))


def test_smallest_image() -> None:
    """cnn/output-size.md#kernel-does-not-fit: "Count backwards as in the table above, and
    an output of 1 comes from 20–23: the smallest image that this convolutional part takes
    is 20×20."."""
    layers = lecture_layers()
    taken = []
    for size in range(1, 28):
        with contextlib.suppress(RuntimeError):
            taken.append((size, layers(torch.zeros(1, 1, size, size)).shape[-1]))
    assert taken[0] == (20, 1)
    assert [size for size, end in taken if end == 1] == [20, 21, 22, 23]


def test_rows_and_columns_of_the_message() -> None:
    """cnn/output-size.md#flatten-mistake: "`mat1` is what came in, as rows × columns.
    `mat2` is what `nn.Linear` expects, `in_features` × `out_features`."."""
    with pytest.raises(RuntimeError, match=r"mat1 and mat2 shapes .* \(4x7 and 6x9\)"):
        nn.Linear(6, 9)(torch.zeros(4, 7))


def test_what_each_mat1_means() -> None:
    """cnn/output-size.md#flatten-mistake: "not flattened; only the last dimension, 3, is
    taken as features, the rest as 8·64·3 = 1536 rows"."""
    fc, layers = nn.Linear(64 * 3 * 3, 100), lecture_layers()
    at_28, at_32 = layers(torch.zeros(8, 1, 28, 28)), layers(torch.zeros(8, 1, 32, 32))
    wrong = {"8x1024": at_32.flatten(1), "1536x3": at_28, "1x4608": at_28.flatten()}
    for mat1, x in wrong.items():
        with pytest.raises(RuntimeError, match=rf"multiplied \({mat1} and 576x100\)"):
            fc(x)
    assert fc(at_28.flatten(1)).shape == (8, 100)
    assert nn.Linear(64 * 4 * 4, 100)(at_32.flatten(1)).shape == (8, 100)


def test_linear_reads_the_last_dimension() -> None:
    """cnn/output-size.md#lecture-chain: "It reads only the last dimension of a tensor as
    such a row"."""
    fc, x = nn.Linear(3, 2, dtype=torch.float64), torch.rand(8, 64, 3, 3, dtype=torch.float64)
    assert fc(x).shape == (8, 64, 3, 2)
    assert torch.allclose(fc(x)[5, 7, 1], fc(x[5, 7, 1]), rtol=0, atol=1e-12)


def test_lazy_linear() -> None:
    """cnn/output-size.md#flatten-mistake: "If you would rather not count, use
    `nn.LazyLinear(100)`: it sets its `in_features` from the first input that it sees."."""
    fc = nn.LazyLinear(100)
    fc(torch.zeros(8, 64, 3, 3).flatten(1))
    assert fc.in_features == 576


# Height first ------------------------------------------------------------------------


def test_height_comes_first() -> None:
    """cnn/output-size.md#height-first: "In a pair of numbers, as in **line 2**, the first
    belongs to the height and the second to the width."."""
    pairs = {"kernel_size": (2, 3), "stride": (3, 2), "padding": (1, 0)}
    for layer in (
        nn.Conv2d(1, 1, **pairs, dtype=torch.float64),
        nn.MaxPool2d(**pairs),
        nn.AvgPool2d(**pairs),
    ):
        for height, width in ((9, 14), (14, 9)):
            expected = (output_size(height, 2, 3, 1), output_size(width, 3, 2, 0))
            assert shape_of(layer, height, width) == expected


def test_one_number_serves_both_directions() -> None:
    """cnn/output-size.md#height-first: "A single number serves both directions."."""
    for height, width in product(range(5, 9), range(9, 14)):
        expected = (output_size(height, 3, 2, 1), output_size(width, 3, 2, 1))
        assert shape_of(convolution(3, 2, 1), height, width) == expected


def test_swapping_height_and_width_is_silent() -> None:
    """cnn/output-size.md#height-first: "The output is `(8, 16, 38, 12)` instead."."""
    layer = nn.Conv2d(1, 16, kernel_size=(3, 5), stride=(1, 2))
    assert layer(torch.zeros(8, 1, 28, 40)).shape == (8, 16, 26, 18)
    assert layer(torch.zeros(8, 1, 40, 28)).shape == (8, 16, 38, 12)


def test_pillow_gives_the_width_first() -> None:
    """cnn/output-size.md#height-first: "Pillow, a library that opens image files, gives
    `image.size` as (width, height)."."""
    pillow = pytest.importorskip("PIL.Image")
    picture = pillow.new("L", (40, 28))
    assert (picture.width, picture.height) == picture.size == (40, 28)


# Pixels that a stride drops ----------------------------------------------------------


def test_dropped_cells_are_the_remainder() -> None:
    """cnn/output-size.md#dropped-pixels: "Without gaps between them ($S \\le K$), the
    dropped cells are always at the right and at the bottom, and their number $r$ in each
    direction is the remainder of $I - K + 2P$ divided by $S$."."""
    for size, k in product(range(5, 14), range(1, 5)):
        for s in range(1, k + 1):
            seen = covered(ones_convolution(k, s), size)
            assert seen == list(range(size - (size - k) % s))


def test_stride_1_drops_nothing() -> None:
    """cnn/output-size.md#dropped-pixels: "With $S = 1$ nothing is dropped."."""
    for size, k, p in product(range(5, 12), range(1, 6), range(3)):
        assert covered(ones_convolution(k, 1, p), size) == list(range(size))


def test_fifth_row_and_column_are_in_no_window() -> None:
    """cnn/output-size.md#dropped-pixels: "No window covers the fifth row and the fifth
    column, and the 25, the largest pixel, is gone."."""
    x = torch.arange(1.0, 26.0).reshape(1, 1, 5, 5)
    before = nn.MaxPool2d(2, 2)(x)
    x[..., 4, :] = x[..., 4] = 1000
    assert torch.equal(nn.MaxPool2d(2, 2)(x), before)


def test_lecture_drops_no_pixel_of_28_but_one_of_31() -> None:
    """cnn/output-size.md#dropped-pixels: "A 31×31 image ends at 3 as well, but its first
    pooling drops one cell of 23 and its second one of 7."."""
    layers = lecture_layers()
    entering: dict[int, list[int]] = {}
    for size in (28, 31):
        x, entering[size] = torch.zeros(1, 1, size, size), []
        for layer in layers:
            if isinstance(layer, nn.MaxPool2d):
                entering[size].append(x.shape[-1])
            x = layer(x)
    assert entering[28] == [20, 6]
    assert entering[31] == [23, 7]
    assert [(n - 2) % 2 for n in entering[28]] == [0, 0]
    assert covered(nn.AvgPool2d(2, 2), 23) == list(range(22))
    assert covered(nn.AvgPool2d(2, 2), 7) == list(range(6))


def test_padding_is_dropped_first() -> None:
    """cnn/output-size.md#dropped-pixels: "At the right end the $P$ padded cells come first,
    so $r - P$ real pixels are dropped, and none when $r \\le P$."."""
    for size, k, p in product(range(6, 14), range(1, 7), range(3)):
        for s in range(1, k + 1):
            dropped = max(0, (size - k + 2 * p) % s - p)
            assert covered(ones_convolution(k, s, p), size) == list(range(size - dropped))
    starts = window_starts(28, 3, 2, 1)
    assert (starts[0], starts[-1] + 3) == (-1, 28)


def test_large_strides_leave_gaps() -> None:
    """cnn/output-size.md#dropped-pixels: "When $S$ is larger than $K$, the pixels between
    windows are dropped too."."""
    assert covered(ones_convolution(2, 3), 8) == [0, 1, 3, 4, 6, 7]


# ceil_mode ---------------------------------------------------------------------------


def test_cells_outside_are_left_out() -> None:
    """cnn/output-size.md#ceil-mode: "Cells outside the input are left out when the maximum
    is taken."."""
    x = torch.arange(-25.0, 0.0, dtype=torch.float64).reshape(1, 1, 5, 5)
    out = nn.MaxPool2d(2, 2, ceil_mode=True)(x)[0, 0]
    for i, j in product(range(3), range(3)):
        assert out[i, j] == x[0, 0, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()


def last_start(stride: int, padding: int, count: int) -> int:
    """Where the last window starts, in pixels (the first pixel is 0)."""
    return (count - 1) * stride - padding


def test_last_window_starts_inside() -> None:
    """cnn/output-size.md#ceil-mode: "**the last window must start inside the input or the
    left padding.**"."""
    corrected = 0
    for size, k, s in product(range(1, 12), range(1, 6), range(1, 6)):
        for p in range(k // 2 + 1):
            room = size + 2 * p - k
            formula = math.ceil(Fraction(room, s)) + 1
            if formula < 1:
                continue
            shape = shape_of(nn.MaxPool2d(k, s, p, ceil_mode=True), size)
            assert shape is not None
            result = shape[0]
            inside = last_start(s, p, formula) < size
            assert result == formula - (not inside)
            assert last_start(s, p, result) < size
            corrected += not inside
    assert corrected > 0


def test_a_window_of_right_padding_only_is_left_out() -> None:
    """cnn/output-size.md#ceil-mode: "A window that would hold no pixel at all, or right
    padding only, is left out."."""
    size, k, s, p = 3, 2, 2, 1
    formula = math.ceil(Fraction(size + 2 * p - k, s)) + 1
    assert formula == 3
    assert last_start(s, p, formula) == size
    assert shape_of(nn.MaxPool2d(k, s, p, ceil_mode=True), size) == (2, 2)


def test_formula_alone_is_at_most_1_too_large() -> None:
    """cnn/output-size.md#ceil-mode: "With the formula alone the result can be 1 too large,
    which has been [reported as a bug](https://github.com/pytorch/pytorch/issues/57178)."."""
    assert math.ceil((32 - 1) / 2) + 1 == 17
    assert shape_of(nn.MaxPool2d(1, 2, ceil_mode=True), 32) == (16, 16)


def test_when_the_extra_rule_changes_nothing() -> None:
    """cnn/output-size.md#ceil-mode: "Without padding and with $S \\le K$, the window that
    rounding up adds always starts inside the input, and the rule changes nothing."."""
    for size, k in product(range(1, 20), range(1, 8)):
        for s in range(1, k + 1):
            formula = math.ceil(Fraction(size - k, s)) + 1
            if formula >= 1:
                assert last_start(s, 0, formula) < size
                assert shape_of(nn.MaxPool2d(k, s, ceil_mode=True), size) == (formula,) * 2


# Dilation and the arguments of each layer --------------------------------------------


def test_length_of_a_dilated_window() -> None:
    """cnn/output-size.md#full-formula: "so, fence posts again, the window is
    $D(K - 1) + 1$ cells long."."""
    for k, d in product(range(1, 5), range(1, 5)):
        window = d * (k - 1) + 1
        assert shape_of(convolution(k, dilation=d), window) == (1, 1)
        assert covered(ones_convolution(k, dilation=d), window) == [d * i for i in range(k)]
        if window > 1:
            assert shape_of(convolution(k, dilation=d), window - 1) is None


def test_dilation_1_is_the_first_formula() -> None:
    """cnn/output-size.md#full-formula: "For $D = 1$ the length is $D(K - 1) + 1 = K$, and
    the formula is the first one again."."""
    for size, k, s, p in product(range(1, 12), range(1, 6), range(1, 4), range(3)):
        assert output_size(size, k, s, p, dilation=1) == (size - k + 2 * p) // s + 1
        assert output_size(size, k, s, p, dilation=2) == output_size(size, 2 * k - 1, s, p)


def test_arguments_of_each_layer() -> None:
    """cnn/output-size.md#full-formula: "Not every layer has every argument:"."""
    with pytest.raises(TypeError, match="dilation"):
        nn.AvgPool2d(2, dilation=2)
    with pytest.raises(TypeError, match="ceil_mode"):
        nn.Conv2d(1, 1, 2, ceil_mode=True)
    assert nn.MaxPool2d(2, dilation=2, ceil_mode=True).dilation == 2
    assert nn.AvgPool2d(2, ceil_mode=True).ceil_mode
    assert shape_of(convolution(3, padding=7), 3) == (15, 15)
    with pytest.raises(RuntimeError, match="negative padding is not supported"):
        convolution(2, padding=-1)(image(5))


# Self-check --------------------------------------------------------------------------


def test_self_check_32_to_16() -> None:
    """cnn/output-size.md#self-check: "$\\lfloor (32 - 3 + 2)/2 \\rfloor + 1 = \\lfloor 31/2
    \\rfloor + 1 = 15 + 1 = 16$, so 16×16."."""
    out = nn.Conv2d(3, 8, kernel_size=3, stride=2, padding=1)(torch.zeros(1, 3, 32, 32))
    assert out.shape == (1, 8, 16, 16)


def test_self_check_224_to_112() -> None:
    """cnn/output-size.md#self-check: "So $2P$ is at least 5 and less than 7, and $P = 3$."."""
    assert [p for p in range(20) if output_size(224, 7, 2, p) == 112] == [3]


def test_first_layer_of_resnet18() -> None:
    """cnn/output-size.md#self-check: "The first layer of ResNet-18, an image classifier in
    torchvision, has exactly these arguments."."""
    models = pytest.importorskip("torchvision.models")
    with torch.device("meta"):
        first = models.resnet18().conv1
    assert (first.kernel_size, first.stride, first.padding) == ((7, 7), (2, 2), (3, 3))


def test_self_check_stride_of_pooling() -> None:
    """cnn/output-size.md#self-check: "The window goes 3 at a time, and the size is
    $\\lfloor (28 - 3)/3 \\rfloor + 1 = 9$. `nn.MaxPool2d(3, stride=1)` gives 26."."""
    assert shape_of(nn.MaxPool2d(3), 28) == (9, 9)
    assert shape_of(nn.MaxPool2d(3, stride=1), 28) == (26, 26)


def test_self_check_dilation() -> None:
    """cnn/output-size.md#self-check: "With `padding=1` the output is 2 smaller than the
    input."."""
    for size in range(5, 20):
        assert shape_of(convolution(3, 1, 2, 2), size) == (size, size)
        assert shape_of(convolution(3, 1, 1, 2), size) == (size - 2, size - 2)
