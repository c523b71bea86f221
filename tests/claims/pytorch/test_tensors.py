"""What `pytorch/tensors.md` says and its snippet does not show by itself."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn


def test_ndim_counts_brackets_and_indices() -> None:
    """pytorch/tensors.md#scalar-to-tensor: "`ndim` in **line 9** is how many indices it takes to name one number";
    "Count how deep the square brackets go, and you have `ndim`."
    """
    for nested, depth in ((7, 0), ([7, 2, 5], 1), ([[7, 2, 5], [1, 8, 4]], 2), ([[[7], [1]], [[3], [9]]], 3)):
        x = torch.tensor(nested)
        assert x.ndim == depth == str(nested).index("7")
        assert x[(0,) * depth].item() == 7
        assert x.shape == torch.Size(np.array(nested).shape)


def test_photos() -> None:
    """pytorch/tensors.md#scalar-to-tensor: "how many photos, channels, height, width"."""
    layer = nn.Conv2d(in_channels=3, out_channels=1, kernel_size=(2, 5))
    photos, channels, height, width = 64, 3, 28, 30
    assert layer(torch.zeros(photos, channels, height, width)).shape == (64, 1, 28 - 2 + 1, 30 - 5 + 1)


def test_what_the_makers_make() -> None:
    """pytorch/tensors.md#creating: "**stopping before** 10, like Python's `range`"; "5 evenly spaced numbers from 0
    **up to and including** 1"; "`torch.zeros_like(x)` makes zeros in the shape of `x`."
    """
    assert torch.arange(2, 10, 3).tolist() == list(range(2, 10, 3))
    assert torch.arange(2, 11, 3).tolist() == torch.arange(2, 10, 3).tolist() != torch.arange(2, 12, 3).tolist()
    assert torch.linspace(0, 1, 5, dtype=torch.float64).tolist() == [n / 4 for n in range(5)]
    assert torch.equal(torch.zeros_like(torch.ones(2, 3)), torch.zeros(2, 3))


def test_rand_and_randn() -> None:
    """pytorch/tensors.md#seed: "`torch.rand` draws evenly from 0 up to, but not including, 1; `torch.randn` draws from
    the normal distribution with mean 0 and standard deviation 1."
    """
    torch.manual_seed(0)
    even, normal = torch.rand(100_000, dtype=torch.float64), torch.randn(100_000, dtype=torch.float64)
    assert even.min() >= 0 and even.max() < 1
    counts = torch.histc(even, bins=10, min=0, max=1)
    assert (counts - 10_000).abs().max() < 5 * 95  # standard deviation of a count: 95
    assert abs(normal.mean()) < 5 / 100_000**0.5 and abs(normal.std() - 1) < 5 / 200_000**0.5
    assert abs((normal.abs() < 1).double().mean() - 0.6827) < 0.01


def test_the_same_seed_gives_the_same_numbers_in_order() -> None:
    """pytorch/tensors.md#seed: "Set the starting point, called the seed, and the same numbers come in the same
    order."
    """
    torch.manual_seed(3)
    first = [torch.rand(2).tolist(), torch.randn(2).tolist()]
    torch.manual_seed(3)
    assert [torch.rand(2).tolist(), torch.randn(2).tolist()] == first
    torch.manual_seed(4)
    assert torch.rand(2).tolist() != first[0]


def test_memory_is_reserved_and_not_written() -> None:
    """pytorch/tensors.md#two-slide-lines: "PyTorch reserves memory and writes nothing into it, so you see whatever was
    left there"; "nothing is drawn"; "fills memory that has not been written with `nan`".
    """
    torch.manual_seed(0)
    before = torch.get_rng_state()
    torch.Tensor(5, 2)
    assert torch.equal(torch.get_rng_state(), before)

    def leftover_is_seen(size: int) -> bool:
        left = torch.full((size, 200), 1234.5)
        del left
        return bool((torch.Tensor(size, 200) == 1234.5).any())

    # Which sizes are handed out again unwiped depends on what the allocator did before: one of them is enough.
    assert any(leftover_is_seen(size) for _ in range(200) for size in (1, 5, 50, 500))

    torch.use_deterministic_algorithms(True)
    try:
        assert torch.Tensor(5, 2).isnan().all()
    finally:
        torch.use_deterministic_algorithms(False)


def test_capital_and_small_tensor() -> None:
    """pytorch/tensors.md#two-slide-lines: "in `torch.Tensor(5, 2)`, with a capital, 5 and 2 are the shape; in
    `torch.tensor([5, 2])` they are the values."
    """
    assert torch.Tensor(5, 2).shape == (5, 2)
    assert torch.tensor([5, 2]).tolist() == [5, 2]


def test_rows_of_different_lengths() -> None:
    """pytorch/tensors.md#two-slide-lines: "Rows of different lengths are an error too."."""
    with pytest.raises(ValueError, match="expected sequence of length 3 at dim 1"):
        torch.tensor([[1, 2, 3], [4, 5]])


def test_dtypes() -> None:
    """pytorch/tensors.md#attributes: "`int64` if you give only whole numbers, `float32` as soon as one of them has a
    decimal point."; "`x.float()` (to `float32`), `x.long()` (to `int64`) or `x.to(torch.float64)`"; "64 and 32 are the
    bits used for one number".
    """
    assert torch.tensor([1, 2, 3]).dtype == torch.int64
    assert torch.tensor([1, 2.0, 3]).dtype == torch.float32
    x = torch.tensor([1, 2])
    assert [y.dtype for y in (x.float(), x.float().long(), x.to(torch.float64))] == [
        torch.float32,
        torch.int64,
        torch.float64,
    ]
    assert 8 * torch.tensor(1).element_size() == 64 and 8 * torch.tensor(1.0).element_size() == 32


def test_float32_is_less_precise() -> None:
    """pytorch/tensors.md#attributes: "store 16777217 in it, and you get 16777216"."""
    assert torch.tensor(16777217, dtype=torch.float32).item() == 16777216
    assert torch.tensor(16777217, dtype=torch.float64).item() == 16777217


def test_only_a_plain_mean_refuses_integers() -> None:
    """pytorch/tensors.md#attributes: "a plain `mean()` refuses a tensor of integers"."""
    counts = torch.tensor([1, 2, 3])
    with pytest.raises(RuntimeError, match="could not infer output dtype"):
        counts.mean()
    assert counts.mean(dtype=torch.float32).item() == 2


def test_long_is_int64() -> None:
    """pytorch/tensors.md#attributes: "`Long` in the message is another name for `int64`."."""
    assert torch.long is torch.int64 and torch.double is torch.float64 and torch.float is torch.float32


def test_the_named_axis_vanishes() -> None:
    """pytorch/tensors.md#dimension-axis-shape: "PyTorch **adds along that axis, and the axis vanishes from the
    shape.**"; "`dim=-1` is the last axis"; "With `keepdim=True` the axis does not vanish but stays, with size 1."
    """
    x = torch.arange(24, dtype=torch.float64).reshape(2, 3, 4)
    for dim in range(3):
        shape = list(x.shape)
        kept = [*shape[:dim], 1, *shape[dim + 1 :]]
        assert list(x.sum(dim=dim).shape) == list(x.mean(dim=dim).shape) == shape[:dim] + shape[dim + 1 :]
        assert list(x.sum(dim=dim, keepdim=True).shape) == kept
    for i, j in product(range(2), range(3)):
        assert x.sum(dim=-1)[i, j] == sum(x[i, j, k] for k in range(4))


def test_words_for_a_shape() -> None:
    """pytorch/tensors.md#dimension-axis-shape: "`x.ndim` is 2", "`x.shape[0]` is 2, `x.shape[1]` is 3", "`x.numel()` is
    6", "In PyTorch that vector has `ndim` 1".
    """
    x = torch.zeros(2, 3)
    assert (x.ndim, x.shape[0], x.shape[1], x.numel()) == (2, 2, 3, 6)
    assert torch.zeros(3).ndim == 1


def test_an_index_removes_an_axis_and_a_range_keeps_it() -> None:
    """pytorch/tensors.md#indexing: "An axis with an index vanishes, an axis with a range stays."; "`x[-1, 0]` is in
    column 0 of the last row".
    """
    x = torch.arange(12).reshape(3, 4)
    assert x[-1, 0] == x[2, 0] == 8
    assert x[:, 1].shape == (3,) and x[:, 1:2].shape == (3, 1) and x[1:2, 1].shape == (1,) and x[1, 1].shape == ()
    assert isinstance(x[1, 2], torch.Tensor) and type(x[1, 2].item()) is int


def test_what_shares_and_what_copies() -> None:
    """pytorch/tensors.md#indexing: "What you pick with indices and ranges is not a copy."; "What a condition picks, as
    in `x[x > 8]`, is a copy from the start."
    """
    for pick in (1, (1, 2), slice(0, 2), (slice(None), 1)):
        x = torch.arange(12).reshape(3, 4)
        x[pick].fill_(-1)
        assert (x == -1).any()
    x = torch.arange(12).reshape(3, 4)
    x[x > 8].fill_(-1)
    x[1].clone().fill_(-1)
    assert x.flatten().tolist() == list(range(12))


def test_reshape_and_view_keep_the_reading_order() -> None:
    """pytorch/tensors.md#reshape: "`reshape` **keeps the order in which you read**"; "The number of elements must stay
    the same."; "`view` too keeps the reading order, so it is no transpose either"; "6 numbers in two columns need 3
    rows".
    """
    x = torch.arange(24).reshape(2, 3, 4)
    for shape in ((24,), (6, 4), (4, 3, 2), (2, 2, 3, 2)):
        assert x.reshape(shape).flatten().tolist() == x.view(shape).flatten().tolist() == list(range(24))
    assert not torch.equal(torch.arange(6).reshape(2, 3).view(3, 2), torch.arange(6).reshape(2, 3).T)
    assert torch.arange(6).reshape(-1, 2).shape == (3, 2)
    with pytest.raises(RuntimeError, match="invalid for input of size 6"):
        torch.arange(6).reshape(4, 2)


def test_permute_reorders_axes() -> None:
    """pytorch/tensors.md#reshape: "`x.permute(2, 0, 1)` puts axes 2, 0 and 1 in that order."."""
    x = torch.arange(24).reshape(2, 3, 4)
    y = x.permute(2, 0, 1)
    assert y.shape == (4, 2, 3)
    assert all(y[k, i, j] == x[i, j, k] for i, j, k in product(range(2), range(3), range(4)))


def test_view_shares_and_reshape_shares_if_it_can() -> None:
    """pytorch/tensors.md#view: "a `view` always **looks at the same memory in another shape**, and raises an error
    where it cannot"; "uses the same memory like `view` where it can, and makes a copy where it cannot"; "Transposing
    moved no numbers".
    """
    x = torch.arange(6).reshape(2, 3)
    assert x.view(3, 2).data_ptr() == x.reshape(3, 2).data_ptr() == x.T.data_ptr() == x.data_ptr()
    copied = x.T.reshape(6)
    assert copied.data_ptr() != x.data_ptr()
    copied[0] = 99
    assert x[0, 0] == 0


def test_the_lecture_may_use_view() -> None:
    """pytorch/tensors.md#view: "The CNN of the lecture uses `view`, and there the two give the same result."."""
    layer = nn.Sequential(nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2))
    out = layer(torch.rand(4, 1, 28, 28))
    assert torch.equal(out.view(4, -1), out.reshape(4, -1))


def test_strides() -> None:
    """pytorch/tensors.md#view: "In `x`, a step down is 3 places and a step to the right is 1."; "it swaps these two";
    "Where the order in memory is the reading order, `is_contiguous()` is `True`."
    """
    x = torch.arange(6).reshape(2, 3)
    memory = list(range(6))
    down, right = x.stride()
    assert (down, right) == (3, 1) and x.T.stride() == (1, 3)
    assert all(x[i, j] == memory[i * down + j * right] for i, j in product(range(2), range(3)))
    assert x.is_contiguous() and not x.T.is_contiguous() and x.T.contiguous().is_contiguous()


def broadcast_on_paper(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape by the page's three rules; `None` for an error."""
    length = max(len(first), len(second))
    pairs = zip((1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second, strict=True)
    sizes = [max(a, b) if a == b or 1 in (a, b) else None for a, b in pairs]
    return None if None in sizes else tuple(size for size in sizes if size is not None)


def test_the_three_rules() -> None:
    """pytorch/tensors.md#broadcasting: the three rules, on every pair of shapes of up to three axes with sizes 1, 2 and
    3; "The repeated numbers are not stored anew."
    """
    shapes = [shape for axes in range(4) for shape in product((1, 2, 3), repeat=axes)]
    for first, second in product(shapes, repeat=2):
        expected = broadcast_on_paper(first, second)
        if expected is None:
            with pytest.raises(RuntimeError, match="must match the size"):
                torch.zeros(first) + torch.zeros(second)
        else:
            assert (torch.zeros(first) + torch.zeros(second)).shape == expected
    row = torch.tensor([1, 2, 3])
    assert row.expand(2, 3).data_ptr() == row.data_ptr() and row.expand(2, 3).stride() == (0, 1)


def test_three_pairs_through_the_rules() -> None:
    """pytorch/tensors.md#broadcasting: the table "Three pairs through the rules"."""
    assert broadcast_on_paper((2, 3), (3,)) == broadcast_on_paper((2, 3), (2, 1)) == (2, 3)
    assert broadcast_on_paper((2, 3), (2,)) is None


def test_perfect_and_not_zero() -> None:
    """pytorch/tensors.md#silent-broadcast: the 3×3 table; "The squares add up to 12, and divided by 9 that is 4/3."."""
    table = [[prediction - target for target in (1, 2, 3)] for prediction in (1, 2, 3)]
    assert table == [[0, -1, -2], [1, 0, -1], [2, 1, 0]]
    squares = [F(number) ** 2 for row in table for number in row]
    assert sum(squares) == 12 and sum(squares) / len(squares) == F(4, 3)
    prediction, target = torch.tensor([[1], [2], [3]]), torch.tensor([1, 2, 3])
    assert (prediction - target).tolist() == table


@pytest.mark.filterwarnings("error")
def test_no_warning_either() -> None:
    """pytorch/tensors.md#silent-broadcast: "There is no error and no warning."."""
    torch.ones(3, 1) - torch.ones(3)


def test_squeeze_and_unsqueeze() -> None:
    """pytorch/tensors.md#silent-broadcast: "`squeeze(1)` removes axis 1 if its size is 1; `unsqueeze(1)` does the
    reverse and puts an axis of size 1 there."
    """
    assert torch.ones(3, 1).squeeze(1).shape == (3,) and torch.ones(3, 2).squeeze(1).shape == (3, 2)
    assert torch.ones(3).unsqueeze(1).shape == (3, 1)


def multiply(a: Any, b: Any) -> list[list[int]]:
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in zip(*b, strict=True)] for row in a]


def test_matrix_product_by_hand() -> None:
    """pytorch/tensors.md#matmul: "1·3 + 2·1 + 3·2 = 11", "1·2 + 2·2 + 3·1 = 9", "basket 1 costs 29 and 24"; "One row
    from the left and one column from the right, multiplied and added, make one cell of the result."
    """
    a, b = [[1, 2, 3], [4, 5, 6]], [[3, 2], [1, 2], [2, 1]]
    assert 1 * 3 + 2 * 1 + 3 * 2 == 11 and 1 * 2 + 2 * 2 + 3 * 1 == 9
    assert multiply(a, b) == [[11, 9], [29, 24]] == (torch.tensor(a) @ torch.tensor(b)).tolist()


def test_inner_sizes_must_match() -> None:
    """pytorch/tensors.md#matmul: "So they must be equal, and they vanish in the multiplying and adding. The outer two
    are the shape of the result."; "You also get this message when you give a layer the wrong size."; "compare **the two
    in the middle**".
    """
    for rows, inner, other, columns in product((1, 2, 3), (2, 3), (2, 3), (1, 2, 3)):
        a, b = torch.ones(rows, inner), torch.ones(other, columns)
        if inner == other:
            assert (a @ b).shape == (rows, columns)
        else:
            with pytest.raises(RuntimeError, match=rf"\({rows}x{inner} and {other}x{columns}\)"):
                a @ b
    with pytest.raises(RuntimeError, match="mat1 and mat2 shapes cannot be multiplied"):
        nn.Linear(5, 2)(torch.ones(4, 3))


def test_star_broadcasts() -> None:
    """pytorch/tensors.md#matmul: "it multiplies numbers in the same place, and shapes follow the rules of
    broadcasting".
    """
    assert (torch.tensor([[1, 2], [3, 4]]) * torch.tensor([10, 100])).tolist() == [[10, 200], [30, 400]]


def test_to_moves_a_model_and_copies_a_tensor() -> None:
    """pytorch/tensors.md#device: "A model is moved itself; a tensor stays where it is, and you get a moved copy.";
    "If a tensor is already on the device, `.to` makes no copy and returns the tensor itself."; "whose tensors have a
    shape and a dtype but no values".
    """
    model, x = nn.Linear(3, 2), torch.ones(4, 3)
    assert model.to("meta") is model and model.bias.device.type == "meta"
    moved = x.to("meta")
    assert moved is not x and x.device.type == "cpu" and x.to("cpu") is x
    assert moved.shape == (4, 3) and moved.dtype == torch.float32
    with pytest.raises(RuntimeError, match="meta"):
        moved[0, 0].item()


def test_linear_is_a_matrix_product() -> None:
    """pytorch/tensors.md#device: "all that it does is **line 14**: matrix multiplication and broadcasting";
    #self-check: "`nn.Linear(3, 5)` keeps its `weight` as `(5, 3)` and computes `x @ weight.T`."
    """
    layer, x = nn.Linear(3, 5).double(), torch.rand(4, 3, dtype=torch.float64)
    assert layer.weight.shape == (5, 3) and layer.bias.shape == (5,)
    assert torch.allclose(layer(x), x @ layer.weight.T + layer.bias, rtol=0, atol=1e-14)
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]


def test_numpy_and_memory() -> None:
    """pytorch/tensors.md#numpy-memory: the table of what shares and what copies; "Only tensors on the CPU can
    share."
    """
    array = np.zeros(3)
    shared, copied = torch.from_numpy(array), torch.tensor(array)
    array[0] = 1
    assert shared[0] == 1 and copied[0] == 0
    x = torch.zeros(3)
    view, copy = x.numpy(), x.numpy().copy()
    x[0] = 1
    assert view[0] == 1 and copy[0] == 0
    with pytest.raises(TypeError, match="can't convert meta device"):
        x.to("meta").numpy()


def test_numpy_decimals_stay_float64() -> None:
    """pytorch/tensors.md#numpy-memory: "NumPy's decimals are `float64` and stay so in the tensor. The numbers of a
    model are `float32`".
    """
    array = np.array([1.5])
    assert array.dtype == np.float64
    assert torch.tensor(array).dtype == torch.from_numpy(array).dtype == torch.float64
    assert nn.Linear(3, 2).weight.dtype == torch.float32


def test_self_check_photos() -> None:
    """pytorch/tensors.md#self-check: "64 × 1 × 28 × 28 = 50176", "28 × 28 = 784", "`(64, 784)`: each photo unrolled
    into one row".
    """
    x = torch.arange(50176).reshape(64, 1, 28, 28)
    assert x.numel() == 64 * 784 and x.reshape(64, -1).shape == (64, 784)
    assert torch.equal(x.reshape(64, -1)[5], x[5].flatten())


def test_self_check_means() -> None:
    """pytorch/tensors.md#self-check: "It works."; "3 and 4 do not match at the right end"; "`mean(dim=1, keepdim=True)`
    gives `(4, 1)`, which is stretched sideways."
    """
    scores = torch.rand(4, 3, dtype=torch.float64)
    assert (scores - scores.mean(dim=0)).mean(dim=0).abs().max() < 1e-15
    with pytest.raises(RuntimeError, match=r"tensor a \(3\) must match the size of tensor b \(4\)"):
        scores - scores.mean(dim=1)
    assert (scores - scores.mean(dim=1, keepdim=True)).mean(dim=1).abs().max() < 1e-15


def test_self_check_photo_axes() -> None:
    """pytorch/tensors.md#self-check: "The shape is right and the photo is broken."; "Reorder the axes with
    `img.permute(2, 0, 1)`."
    """
    image = torch.zeros(4, 6, 3)
    image[..., 0] = 1  # all red
    assert image.reshape(3, 4, 6).shape == image.permute(2, 0, 1).shape == (3, 4, 6)
    assert image.permute(2, 0, 1)[0].eq(1).all() and image.permute(2, 0, 1)[1:].eq(0).all()
    assert not image.reshape(3, 4, 6)[0].eq(1).all() and image.reshape(3, 4, 6)[1:].any()


def test_self_check_slice() -> None:
    """pytorch/tensors.md#self-check: "`tensor([1., 0., 0.])`."; "Had it been `b = a[0:2].clone()`, `a` would be
    unchanged."
    """
    a = torch.zeros(3)
    b = a[0:2]
    b[0] = 1
    assert repr(a) == "tensor([1., 0., 0.])"
    a = torch.zeros(3)
    b = a[0:2].clone()
    b[0] = 1
    assert a.tolist() == [0, 0, 0]
