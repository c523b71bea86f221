"""Claims of docs/*/cnn/model.md that its snippet does not show by itself."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

SNIPPET = Path(__file__).parents[3] / "snippets" / "cnn" / "model.py"


def section(name: str, **namespace: Any) -> dict[str, Any]:
    """Run one section of the snippet and return what it defines."""
    marked = rf"# --8<-- \[start:{name}\]\n(.*?)# --8<-- \[end:{name}\]"
    found = re.search(marked, SNIPPET.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"the snippet has no section {name}"
    exec(compile(found[1], f"{SNIPPET.name}:{name}", "exec"), namespace)
    return namespace


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    made: nn.Module = section("cnn", torch=torch, nn=nn)["CNN"]()
    return made


def slide_model(batch_size: int) -> nn.Module:
    """The slide's class with its comma, in a module where `batch_size` is a global variable."""
    made: nn.Module = section("slide-class", batch_size=batch_size)["CNN"]()
    return made


# The slide's code --------------------------------------------------------------------


def test_only_the_comma_is_missing() -> None:
    """cnn/model.md#slide-code: "`line 4` in the message counts within the quotes: it is `nn.ReLU()`, and there is no
    comma after it."."""
    slide = section("missing-comma")["slide"]
    assert slide.split("\n")[3].strip() == "nn.ReLU()"
    compile(slide.replace("nn.ReLU()\n", "nn.ReLU(),\n"), "slide", "exec")


def test_last_batch_has_49() -> None:
    """cnn/model.md#global-batch-size: "Cut 1137 training images into 64s, and $1137 - 17 \\times 64 = 49$ are left for
    the last batch."."""
    assert [len(batch) for batch in torch.arange(1137).split(64)] == [64] * 17 + [49]
    assert 1137 - 17 * 64 == 49


def test_view_cuts_49_images_into_64_rows() -> None:
    """cnn/model.md#global-batch-size: "So `view(64, -1)` cuts the 49 images into 64 rows without a word"; "In the
    fourth row 28224 is not divisible by 100"."""
    assert 49 * 576 == 28224 == 64 * 441
    assert torch.zeros(49, 64, 3, 3).view(64, -1).shape == (64, 441)
    assert 28224 % 100 != 0


def test_global_variable_is_right_for_one_size_only() -> None:
    """cnn/model.md#global-batch-size: "Full batches pass, and **the last batch stops**"."""
    model = slide_model(batch_size=8)
    for count in range(1, 17):
        x = torch.zeros(count, 1, 28, 28)
        if count == 8:
            assert model(x).shape == (8, 10)
        else:
            with pytest.raises(RuntimeError):
                model(x)


def test_single_image_into_a_batch_of_64() -> None:
    """cnn/model.md#self-check: "`view(64, -1)` cuts its 576 numbers into 64 rows of 9, which `nn.Linear` refuses"."""
    assert 1152 == 18 * 64
    with pytest.raises(RuntimeError, match=r"cannot be multiplied \(64x9 and 576x100\)"):
        slide_model(batch_size=64)(torch.zeros(1, 1, 28, 28))


def test_both_forms_of_super_do_the_same(model: nn.Module) -> None:
    """cnn/model.md#super: "It is the form that Python 2 needed, and it works the same today."."""
    torch.manual_seed(0)
    old = slide_model(batch_size=2)
    x = torch.rand(2, 1, 28, 28)
    assert old.state_dict().keys() == model.state_dict().keys()
    assert torch.equal(old(x), model(x))


# Shapes ------------------------------------------------------------------------------


def test_relu_keeps_shapes() -> None:
    """cnn/model.md#shapes: "The activation function ReLU leaves shapes alone."."""
    for shape in ((7,), (2, 3), (2, 3, 4, 5)):
        assert nn.ReLU()(torch.zeros(shape)).shape == shape


def test_mending_the_order(model: nn.Module) -> None:
    """cnn/model.md#nchw: "`permute(0, 3, 1, 2)` moves the channels"; "`unsqueeze(1)` adds the channel dimension"."""
    x = torch.rand(8, 1, 28, 28)
    answer = model(x)
    assert torch.equal(model(x.permute(0, 2, 3, 1).permute(0, 3, 1, 2)), answer)
    assert torch.equal(model(x[:, 0].unsqueeze(1)), answer)


def test_position_in_the_row() -> None:
    """cnn/model.md#flatten: "In the lecture's model, channel $c$, row $h$, column $w$ has the position
    $(c \\times 3 + h) \\times 3 + w$."."""
    maps = torch.arange(2 * 576).reshape(2, 64, 3, 3)
    row = maps.flatten(1)
    for c in range(64):
        for h in range(3):
            for w in range(3):
                assert row[1, (c * 3 + h) * 3 + w] == maps[1, c, h, w]


def test_defaults_of_start_dim() -> None:
    """cnn/model.md#flatten: "for the tensor's `flatten()` it is **0**, which flattens the batch as well; for the layer
    `nn.Flatten()` it is **1**, which keeps it"."""
    x = torch.rand(5, 4, 3, 2)
    assert torch.equal(x.flatten(), x.flatten(start_dim=0))
    assert x.flatten().shape == (120,)
    assert nn.Flatten().start_dim == 1
    assert torch.equal(nn.Flatten()(x), x.flatten(start_dim=1))


def test_only_view_needs_the_order_in_memory() -> None:
    """cnn/model.md#flatten: "| `out.view(out.shape[0], -1)` | as you write it | error |"."""
    out = torch.rand(2, 64, 3, 3).to(memory_format=torch.channels_last)
    expected = torch.stack([image.reshape(-1) for image in out.contiguous()])
    for flat in (out.flatten(1), nn.Flatten()(out), out.reshape(out.shape[0], -1)):
        assert torch.equal(flat, expected)
        assert flat.data_ptr() != out.data_ptr()
    with pytest.raises(RuntimeError, match="view size is not compatible"):
        out.view(out.shape[0], -1)
    straight = out.contiguous()
    assert straight.view(2, -1).data_ptr() == straight.flatten(1).data_ptr() == straight.data_ptr()


def test_channels_last_changes_memory_only() -> None:
    """cnn/model.md#flatten: "`channels_last` keeps the channels innermost in memory"; "the shape is still
    (N, C, H, W)"."""
    x = torch.rand(2, 5, 3, 4)
    last = x.to(memory_format=torch.channels_last)
    assert last.shape == x.shape
    assert torch.equal(last, x)
    assert last.stride() == (60, 1, 20, 5)
    assert x.stride() == (60, 12, 4, 1)


def test_view_minus_one_mixes_images(model: nn.Module) -> None:
    """cnn/model.md#flatten: "Nine of them are 9216, which happens to be $16 \\times 576$."; "With `flatten(1)`,
    `nn.Linear` would have told you at once that it cannot take 1024."."""
    maps = model.layer(torch.zeros(9, 1, 32, 32))
    assert maps.shape == (9, 64, 4, 4)
    assert maps.numel() == 9 * 1024 == 9216 == 16 * 576
    assert model.fc_layer(maps.view(-1, 576)).shape == (16, 10)
    with pytest.raises(RuntimeError, match=r"\(9x1024 and 576x100\)"):
        model.fc_layer(maps.flatten(1))


def test_flattening_the_batch(model: nn.Module) -> None:
    """cnn/model.md#self-check: "`start_dim` of the tensor's `flatten()` is 0, so the batch was flattened as well"."""
    maps = model.layer(torch.zeros(8, 1, 28, 28))
    with pytest.raises(RuntimeError, match=r"mat1 and mat2 shapes cannot be multiplied \(1x4608 and 576x100\)"):
        model.fc_layer(maps.flatten())


# Parameters --------------------------------------------------------------------------


def test_parameters_of_a_convolution(model: nn.Module) -> None:
    """cnn/model.md#parameters: "32 \\times (16 \\times 5 \\times 5 + 1) = 32 \\times 401 = 12832"; #self-check:
    "$64 \\times (32 \\times 5 \\times 5 + 1) = 64 \\times 801 = 51264$"."""
    by_hand = {0: 16 * (1 * 25 + 1), 2: 32 * (16 * 25 + 1), 5: 64 * (32 * 25 + 1)}
    assert by_hand == {0: 416, 2: 12832, 5: 51264}
    for place, count in by_hand.items():
        assert sum(p.numel() for p in model.layer[place].parameters()) == count
    total = sum(by_hand.values()) + (576 * 100 + 100) + (100 * 10 + 10)
    assert sum(p.numel() for p in model.parameters()) == total == 123222


def test_layers_without_parameters(model: nn.Module) -> None:
    """cnn/model.md#parameters: "ReLU and pooling have no parameters and do not appear."."""
    for layer in model.modules():
        if isinstance(layer, (nn.ReLU, nn.MaxPool2d)):
            assert list(layer.parameters()) == []


def test_multiplications_as_pytorch_counts_them(model: nn.Module) -> None:
    """cnn/model.md#parameters: "A convolution uses its kernel again at every place, so for one image it multiplies
    "number of weights × number of places" times."; "A fully connected layer has one place only and uses each weight
    once."."""
    places = {"layer.0": 24 * 24, "layer.2": 20 * 20, "layer.5": 6 * 6, "fc_layer.0": 1, "fc_layer.2": 1}
    by_hand = {name: model.get_submodule(name).weight.numel() * count for name, count in places.items()}
    counter = FlopCounterMode(display=False)
    with counter:
        model(torch.zeros(1, 1, 28, 28))
    counted = {name: sum(ops.values()) for name, ops in counter.get_flop_counts().items()}
    for name, multiplications in by_hand.items():
        assert counted[f"CNN.{name}"] == 2 * multiplications  # a multiplication and an addition each
    assert counted["Global"] == 2 * sum(by_hand.values())


def test_without_the_first_pooling(model: nn.Module) -> None:
    """cnn/model.md#self-check: "so the convolution gives 16 and the last pooling 8: $64 \\times 8 \\times 8 = 4096$";
    "more than three times as many as the whole model has now"."""
    layers = [layer for place, layer in enumerate(model.layer) if place != 4]
    assert nn.Sequential(*layers)(torch.zeros(1, 1, 28, 28)).shape == (1, 64, 8, 8)
    fc = sum(p.numel() for p in nn.Linear(4096, 100).parameters())
    assert fc == 409700 > 3 * 123222


# Modes and lists ---------------------------------------------------------------------


def test_eval_keeps_recording(model: nn.Module) -> None:
    """cnn/model.md#eval: "`eval()` does not stop the recording of gradients"."""
    x = torch.rand(2, 1, 28, 28)
    assert model.eval()(x).grad_fn is not None
    with torch.no_grad():
        assert model.train()(x).grad_fn is None


def test_layers_in_a_list() -> None:
    """cnn/model.md#self-check: "`model.parameters()` is empty, and making the optimizer fails with `optimizer got an
    empty parameter list`."; "If there are other layers besides, there is no error"."""
    holder = nn.Module()
    holder.layers = [nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 1)]
    with pytest.raises(ValueError, match="optimizer got an empty parameter list"):
        torch.optim.SGD(holder.parameters(), lr=0.1)
    holder.last = nn.Linear(4, 1)
    assert [name for name, _ in holder.named_parameters()] == ["last.weight", "last.bias"]
    torch.optim.SGD(holder.parameters(), lr=0.1)
    for kind in (nn.ModuleList, nn.Sequential):
        layers = [nn.Linear(4, 4), nn.Linear(4, 1)]
        held = kind(layers) if kind is nn.ModuleList else kind(*layers)
        assert sum(p.numel() for p in held.parameters()) == 25
