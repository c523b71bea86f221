"""Claims of docs/*/reference/faq.md that its snippet does not show by itself."""

import inspect
import math
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

SNIPPET = Path(__file__).parents[3] / "snippets" / "reference" / "faq.py"
PAGE = Path(__file__).parents[3] / "docs" / "en" / "reference" / "faq.md"


def sections(*names: str) -> dict[str, Any]:
    """Run sections of the snippet in one namespace and return what they define."""
    text = SNIPPET.read_text(encoding="utf-8")
    namespace: dict[str, Any] = {"torch": torch, "nn": nn}
    for name in names:
        found = re.search(rf"# --8<-- \[start:{name}\]\n(.*?)# --8<-- \[end:{name}\]", text, re.DOTALL)
        assert found is not None, f"the snippet has no section {name}"
        exec(compile(found[1], f"{SNIPPET.name}:{name}", "exec"), namespace)
    return namespace


@pytest.fixture(scope="module")
def digits() -> dict[str, Any]:
    """What the sections digits, train, no-zero-grad and softmax define."""
    return sections("digits", "train", "no-zero-grad", "softmax")


def accuracy(digits: dict[str, Any], step: Callable[..., Any], seed: int, **options: Any) -> float:
    model, _ = digits["train"](step, seed=seed, **options)
    return float(digits["score"](model, digits["test_x"], digits["test_y"]))


def test_lazy_linear() -> None:
    """reference/faq.md#in-features: "`nn.LazyLinear` in **line 6** finds it out from its first input."."""
    layer = nn.LazyLinear(10)
    layer(torch.zeros(4, 1352))
    assert layer.in_features == 1352
    with pytest.raises(RuntimeError, match=r"\(4x7 and 1352x10\)"):
        layer(torch.zeros(4, 7))


def test_permute_and_view() -> None:
    """reference/faq.md#channels-last: "**Reorder** the axes with `permute`. `view` makes the same shape without an
    error and scrambles the pixels"."""
    photos = torch.rand(4, 32, 32, 3, dtype=torch.float64)
    right = photos.permute(0, 3, 1, 2)
    wrong = photos.view(4, 3, 32, 32)
    assert right.shape == wrong.shape
    for channel in range(3):
        assert torch.equal(right[:, channel], photos[..., channel])
        assert not torch.equal(wrong[:, channel], photos[..., channel])


def test_unbatched_equals_a_batch_of_one() -> None:
    """reference/faq.md#no-channel: "An input without a batch axis, (channels, height, width), as in the last line,
    works today"; "are read as **one image with 64 channels**"."""
    conv = nn.Conv2d(1, 8, 3, dtype=torch.float64)
    image = torch.rand(1, 28, 28, dtype=torch.float64)
    assert torch.allclose(conv(image), conv(image.unsqueeze(0))[0], atol=1e-12)
    many = nn.Conv2d(64, 8, 3)
    assert many(torch.zeros(64, 28, 28)).shape == (8, 26, 26)


def test_three_greys_are_one_colour_image() -> None:
    """reference/faq.md#three-greys: "There is no error and no warning.", "it takes three images for red, green and
    blue"."""
    conv = nn.Conv2d(3, 8, 3, dtype=torch.float64)
    greys = torch.rand(3, 28, 28, dtype=torch.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = conv(greys)
    assert torch.allclose(out, conv(greys.unsqueeze(0))[0], atol=1e-12)


def test_batch_norm() -> None:
    """reference/faq.md#batch-norm: "`BatchNorm2d` insists on four dimensions, batch axis included"; "drop it with
    `DataLoader(…, drop_last=True)`; if you are predicting, call `model.eval()`"."""
    assert nn.BatchNorm2d(8)(torch.zeros(1, 8, 26, 26)).shape == (1, 8, 26, 26)
    assert nn.BatchNorm1d(8).eval()(torch.zeros(1, 8)).shape == (1, 8)
    data: Any = [torch.zeros(8)] * 5
    assert [len(batch) for batch in DataLoader(data, batch_size=4)] == [4, 1]
    assert [len(batch) for batch in DataLoader(data, batch_size=4, drop_last=True)] == [4]


def test_broadcast_mse() -> None:
    """reference/faq.md#mse-shapes: "Broadcasting made 4×4 of 4×1 and 4, so every prediction was compared with every
    target. `nn.MSELoss` at least warns; the formula written by hand in **line 4** says nothing."."""
    target = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64)
    prediction = target.unsqueeze(1)
    assert (prediction - target).shape == (4, 4)
    every = sum((a - b) ** 2 for a in (1, 2, 3, 4) for b in (1, 2, 3, 4)) / 16
    with pytest.warns(UserWarning, match="broadcasting"):
        assert nn.MSELoss()(prediction, target).item() == every
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ((prediction - target) ** 2).mean().item() == every
        assert (prediction == target).shape == (4, 4)


def test_view_moves_nothing_and_reshape_copies() -> None:
    """reference/faq.md#view: "`view` changes the shape without moving a number. After `t` or `permute` the order in
    memory does not allow that; `reshape` copies where it must."."""
    x = torch.arange(6.0).view(2, 3)
    assert x.view(6).data_ptr() == x.data_ptr() == x.reshape(6).data_ptr()
    for turned in (x.t(), x.permute(1, 0)):
        with pytest.raises(RuntimeError, match="view size is not compatible"):
            turned.view(6)
        assert turned.reshape(6).data_ptr() != x.data_ptr()
        assert turned.reshape(6).tolist() == [0, 3, 1, 4, 2, 5]


def test_kernel_fixes() -> None:
    """reference/faq.md#kernel: "Add padding, use a smaller kernel, or take out a pooling."."""
    image = torch.zeros(1, 1, 8, 8)
    with pytest.raises(RuntimeError, match="Kernel size can't be greater"):
        nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(1, 1, 5))(image)
    for layers in (
        nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(1, 1, 5, padding=1)),
        nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(1, 1, 3)),
        nn.Conv2d(1, 1, 5),
    ):
        assert layers(image).shape[-1] > 0


def test_loader_stacks() -> None:
    """reference/faq.md#stack: "`DataLoader` calls `stack` to build a batch, so images of different sizes end in this
    error."."""
    data: Any = [torch.zeros(3, 28, 28), torch.zeros(3, 32, 30)]
    with pytest.raises(RuntimeError, match="stack expects each tensor to be equal size"):
        next(iter(DataLoader(data, batch_size=2)))


def test_type_names() -> None:
    """reference/faq.md#types: "`Float` is `float32`, `Double` is `float64`, `Long` is `int64` and `Byte` … is
    `uint8`."."""
    assert (torch.float, torch.double, torch.long) == (torch.float32, torch.float64, torch.int64)
    assert torch.zeros(1).byte().dtype == torch.uint8
    assert torch.zeros(1).long().dtype == torch.int64


def test_one_hot_equals_numbers() -> None:
    """reference/faq.md#one-hot: "`CrossEntropyLoss` takes **probabilities**: decimals of shape (N, C). A one-hot target
    therefore has to be converted with `.float()`."."""
    torch.manual_seed(0)
    logits = torch.randn(5, 10, dtype=torch.float64)
    numbers = torch.tensor([3, 0, 9, 9, 1])
    one_hot = F.one_hot(numbers, 10)
    same = nn.CrossEntropyLoss()(logits, one_hot.double()).item()
    assert same == pytest.approx(nn.CrossEntropyLoss()(logits, numbers).item(), abs=1e-12)
    with pytest.raises(RuntimeError):
        nn.CrossEntropyLoss()(logits, one_hot)


def test_label_range() -> None:
    """reference/faq.md#label-range: "With C classes the numbers are 0 to C - 1."."""
    for label in range(10):
        assert nn.CrossEntropyLoss()(torch.zeros(1, 10), torch.tensor([label])).item() == pytest.approx(math.log(10))
    for label in (10, -1):
        with pytest.raises(IndexError, match="is out of bounds"):
            nn.CrossEntropyLoss()(torch.zeros(1, 10), torch.tensor([label]))


def test_unscaled_pixels(digits: dict[str, Any]) -> None:
    """reference/faq.md#uint8: "the input is 255 times as large, and at the same learning rate training can
    collapse"."""
    x = digits["train_x"] * 255
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(2):
        for batch in torch.randperm(1347).split(32):
            digits["step"](model, optimizer, x[batch], digits["train_y"][batch])
    assert digits["score"](model, digits["test_x"] * 255, digits["test_y"]) < 0.3
    assert accuracy(digits, digits["step"], 0) > 0.9


def test_ambiguous() -> None:
    """reference/faq.md#ambiguous: "`nn.MSELoss` is the same. You also get this message when you ask a tensor of several
    numbers whether it is true … add `.any()` or `.all()`."."""
    x = torch.tensor([1.0, 0.0])
    for ask in (lambda: nn.MSELoss(x, x), lambda: bool(x)):
        with pytest.raises(RuntimeError, match="Boolean value of Tensor with more than one value is ambiguous"):
            ask()
    assert x.any()
    assert not x.all()
    assert F.cross_entropy(torch.zeros(1, 10), torch.tensor([1])).item() == pytest.approx(math.log(10))


def test_retain_graph_adds() -> None:
    """reference/faq.md#backward-twice: "`backward()` frees the intermediate values"; "That 8 comes out here, and not 4,
    is because the gradient was not cleared and two were added."."""
    w = torch.tensor(2.0, requires_grad=True)
    loss = w**2
    loss.backward(retain_graph=True)
    assert w.grad is not None
    assert w.grad.item() == 4
    loss.backward()
    assert w.grad.item() == 8
    with pytest.raises(RuntimeError, match="second time"):
        loss.backward()


@pytest.mark.filterwarnings("ignore")
def test_ways_to_cut() -> None:
    """reference/faq.md#cut: "take out the bare value with `torch.tensor(loss)` or `item()`, and there is no way left
    for a gradient"."""
    loss = torch.tensor(2.0, requires_grad=True) ** 2
    for cut in (torch.tensor(loss), torch.tensor(loss.item()), loss.detach()):
        with pytest.raises(RuntimeError, match="does not require grad"):
            cut.backward()


def test_not_a_leaf_any_more() -> None:
    """reference/faq.md#leaf: "With `w = w - …` the error is gone, but `w` is then another tensor, and no leaf."."""
    w = torch.tensor([1.0], requires_grad=True)
    old = w
    w = w - 0.1
    assert w is not old
    assert not w.is_leaf


def test_exp_keeps_its_result() -> None:
    """reference/faq.md#in-place: "The gradient of `exp` is its own result, so the backward pass needs that value";
    "Make a new tensor: `y = y + 1`.", "`relu_`"."""
    w = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    y = w.exp()
    y = y + 1
    y.sum().backward()
    assert w.grad is not None
    assert torch.allclose(w.grad, w.detach().exp(), atol=1e-12)
    y = w.exp()
    y.relu_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_when_grad_is_none() -> None:
    """reference/faq.md#grad-none: "Before the first `backward()`, `.grad` is `None`", "`.grad` is also `None` for … and
    for parameters that the loss does not depend on"."""
    used, unused = (torch.tensor(1.0, requires_grad=True) for _ in range(2))
    assert used.grad is None
    (used * 2).backward()
    assert used.grad is not None
    assert unused.grad is None


def test_layers_in_a_list_do_not_learn() -> None:
    """reference/faq.md#layer-list: "those are **silently** not trained: 5 parameters where there should be 25. If all
    are, the optimizer gets an empty list and raises."."""

    class Net(nn.Module):  # type: ignore[misc]
        def __init__(self, every: bool) -> None:
            super().__init__()
            self.layers = [nn.Linear(4, 4)]
            if not every:
                self.last = nn.Linear(4, 1)

    torch.manual_seed(0)
    net = Net(every=False)
    before = net.layers[0].weight.clone()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    net.last(net.layers[0](torch.ones(2, 4))).sum().backward()
    optimizer.step()
    assert torch.equal(net.layers[0].weight, before)
    assert sum(p.numel() for p in net.parameters()) == 4 + 1
    assert sum(p.numel() for p in nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 1)).parameters()) == 25
    with pytest.raises(ValueError, match="optimizer got an empty parameter list"):
        torch.optim.SGD(Net(every=True).parameters(), lr=0.1)


def test_total_keeps_every_graph() -> None:
    """reference/faq.md#total: "`total` is not a number but a tensor with a graph, and the graphs of all steps stay
    alive."."""
    w = torch.tensor(2.0, requires_grad=True)
    total: Any = 0
    for _ in range(5):
        total += w**2
    nodes, seen = [total.grad_fn], set()
    while nodes:
        node = nodes.pop()
        if node is not None and node not in seen:
            seen.add(node)
            nodes += [child for child, _ in node.next_functions]
    assert sum(type(node).__name__ == "PowBackward0" for node in seen) == 5
    number = sum((w**2).item() for _ in range(5))
    assert (type(number), number) == (float, 20.0)


def test_digits_mistakes_for_more_seeds(digits: dict[str, Any]) -> None:
    """reference/faq.md#zero-grad, #softmax: "The accuracy was … before."; "training is slow" (each for other seeds
    too)."""
    assert (len(digits["train_y"]), len(digits["test_y"])) == (1347, 450)
    for seed in (1, 2):
        right = accuracy(digits, digits["step"], seed)
        assert right > 0.92
        assert accuracy(digits, digits["no_zero_grad"], seed) < right - 0.3
        assert accuracy(digits, digits["softmax_first"], seed) < right - 0.3


def test_double_softmax() -> None:
    """reference/faq.md#softmax: "Done twice, the gradients become small … with 10 classes even the loss of a **perfect
    prediction** does not go below the number in the second line."."""
    least = math.log(math.e + 9) - 1
    perfect = torch.eye(10, dtype=torch.float64)
    assert F.cross_entropy(perfect, torch.arange(10)).item() == pytest.approx(least, abs=1e-12)
    torch.manual_seed(0)
    for scale in (1.0, 10.0, 1000.0):
        logits = scale * torch.randn(100, 10, dtype=torch.float64)
        assert F.cross_entropy(logits.softmax(dim=1), logits.argmax(dim=1)).item() >= least - 1e-12
    norms = []
    for twice in (False, True):
        logits = torch.zeros(1, 10, dtype=torch.float64, requires_grad=True)
        F.cross_entropy(logits.softmax(dim=1) if twice else logits, torch.tensor([0])).backward()
        assert logits.grad is not None
        norms.append(logits.grad.norm().item())
    assert norms[1] == pytest.approx(norms[0] / 10, rel=1e-9)


def test_single_output() -> None:
    """reference/faq.md#one-output: "The softmax of a single class is always 1, so the loss is always 0, for a wrong
    prediction too."."""
    outputs = torch.tensor([[100.0], [-100.0], [0.0]], dtype=torch.float64)
    assert outputs.softmax(dim=1).tolist() == [[1.0]] * 3
    for target in (torch.zeros(3, dtype=torch.long), torch.tensor([[0.0], [1.0], [1.0]], dtype=torch.float64)):
        assert nn.CrossEntropyLoss()(outputs, target).item() == 0
    assert nn.BCEWithLogitsLoss()(outputs, torch.tensor([[0.0], [1.0], [1.0]], dtype=torch.float64)).item() > 1


def test_dropout_in_evaluation(digits: dict[str, Any]) -> None:
    """reference/faq.md#eval: "Dropout went on switching off half the neurons during evaluation, and that cost
    accuracy."; reference/faq.md#no-grad: "`model.eval()` changes what dropout and BatchNorm do and does not stop the
    recording"."""
    layer = nn.Dropout()
    torch.manual_seed(0)
    off = (layer(torch.ones(100_000)) == 0).double().mean().item()
    assert off == pytest.approx(0.5, abs=0.01)
    layer.eval()
    assert torch.equal(layer(torch.ones(9)), torch.ones(9))
    model, _ = digits["train"](digits["step"], extra=nn.Dropout, seed=1)
    forgotten = digits["score"](model, digits["test_x"], digits["test_y"])
    model.eval()
    assert digits["score"](model, digits["test_x"], digits["test_y"]) > forgotten + 0.03
    assert model(digits["test_x"]).requires_grad


def test_too_large_passes_inf() -> None:
    """reference/faq.md#too-large: "the loss grows, passes `inf` and becomes `nan`. A parameter that is `nan` once stays
    so"."""
    torch.manual_seed(0)
    x = torch.empty(500, 1).uniform_(-10, 10)
    w = torch.zeros(1, requires_grad=True)
    losses = []
    for turn in range(60):
        loss = ((w * x - 5 * x) ** 2).mean()
        losses.append(loss.item())
        w.grad = None
        loss.backward()
        with torch.no_grad():
            assert w.grad is not None
            w -= (0.1 if turn < 55 else 1e-9) * w.grad
    first = losses.index(math.inf)
    assert losses[:first] == sorted(losses[:first])
    assert all(math.isnan(loss) for loss in losses[-4:])


def test_sorted_data_look_fine_by_loss(digits: dict[str, Any]) -> None:
    """reference/faq.md#no-shuffle: "The model sees only zeros, then only ones, and at the end only nines. The loss of
    the last batch is small, so **by its loss alone it looks fine**."."""
    ordered = digits["train_y"].sort().values
    assert ordered[:32].eq(0).all()
    assert ordered[-32:].eq(9).all()
    result = sections("digits", "train", "no-shuffle")
    model, loss = result["train"](result["step"], shuffle=False, seed=1)
    assert loss < 0.3
    assert result["score"](model, result["test_x"], result["test_y"]) < 0.6


def test_sgd_default() -> None:
    """reference/faq.md#default-lr: "now it takes this value"."""
    assert inspect.signature(torch.optim.SGD).parameters["lr"].default == 1e-3


def test_saved_models_run_code(tmp_path: Path) -> None:
    """reference/faq.md#load: "By default `torch.load` now has `weights_only=True`", "A file with a whole model **can
    run someone else's code when it is read**."."""

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "ran",))

    torch.save(Trap(), tmp_path / "trap.pt")
    with pytest.raises(Exception, match="Weights only load failed"):
        torch.load(tmp_path / "trap.pt")
    assert not (tmp_path / "ran").exists()
    torch.load(tmp_path / "trap.pt", weights_only=False)
    assert (tmp_path / "ran").exists()
    torch.save(torch.zeros(2), tmp_path / "weights.pt")
    assert torch.load(tmp_path / "weights.pt", map_location="cpu").device.type == "cpu"


def test_module_prefix() -> None:
    """reference/faq.md#state-dict: "Files from training on several GPUs may have `module.` before each name, which
    gives the second error too."."""
    state = nn.DataParallel(nn.Linear(2, 1)).state_dict()
    assert list(state) == ["module.weight", "module.bias"]
    with pytest.raises(RuntimeError, match="Missing key"):
        nn.Linear(2, 1).load_state_dict(state)


def test_moving() -> None:
    """reference/faq.md#same-device: "`model.to(device)` moves the model itself; a tensor's `x.to(device)` **returns**
    the moved tensor, which you have to assign."."""
    model, x = nn.Linear(2, 1), torch.zeros(2)
    assert model.to("meta") is model
    assert model.weight.device.type == "meta"
    moved = x.to("meta")
    assert (x.device.type, moved.device.type) == ("cpu", "meta")


def test_device_messages_are_the_library_s() -> None:
    """reference/faq.md#devices: the messages that are not run stand in the installed library."""
    page = PAGE.read_text(encoding="utf-8")
    root = Path(torch.__file__).parent
    sources = (root / "cuda" / "__init__.py").read_text() + (root / "serialization.py").read_text()
    sources = re.sub(r'"\s*\n\s*f?"', "", sources)
    sources = sources.replace("{backend_name.upper()}", "CUDA").replace("{backend_name}", "cuda")
    for message in (
        "Torch not compiled with CUDA enabled",
        "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are running "
        "on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map your storages to "
        "the CPU.",
    ):
        assert message in page
        assert message in sources
    assert issubclass(torch.OutOfMemoryError, RuntimeError)
    assert torch.OutOfMemoryError.__module__ == "torch"


def test_messages_of_a_cuda_build() -> None:
    """reference/faq.md#devices: the same for the messages that only a build for CUDA holds."""
    library = Path(torch.__file__).parent / "lib" / "libc10_cuda.so"
    if not library.exists():
        pytest.skip("this torch is built for CPUs")
    page, built = PAGE.read_text(encoding="utf-8"), library.read_bytes()
    for message in (
        "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed a driver from "
        "http://www.nvidia.com/Download/index.aspx",
        "CUDA out of memory. Tried to allocate ",
        "CUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be "
        "incorrect.",
    ):
        assert message in page
        assert message.encode() in built
