"""Claims of docs/*/neural-networks/activation-functions.md that its snippet does not show by itself.

Each docstring quotes the sentence of the English page and names its heading.
"""

import importlib
import itertools
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn, optim

SNIPPET = Path(__file__).parents[3] / "snippets" / "neural-networks" / "activation_functions.py"
GRID = torch.linspace(-6, 6, 1201, dtype=torch.float64)


def sections(*names: str, **namespace: Any) -> dict[str, Any]:
    """Run sections of the snippet one after another and return what they define."""
    text = SNIPPET.read_text(encoding="utf-8")
    for name in names:
        found = re.search(rf"# --8<-- \[start:{name}\]\n(.*?)# --8<-- \[end:{name}\]", text, re.DOTALL)
        assert found is not None, f"the snippet has no section {name}"
        exec(compile(found[1], f"{SNIPPET.name}:{name}", "exec"), namespace)
    return namespace


PLAIN = sections("kinked", "s-shaped", "smooth")
MODULES: dict[str, nn.Module] = {
    "relu": nn.ReLU(),
    "leaky_relu": nn.LeakyReLU(),
    "elu": nn.ELU(),
    "sigmoid": nn.Sigmoid(),
    "tanh": nn.Tanh(),
    "softplus": nn.Softplus(),
    "silu": nn.SiLU(),
    "gelu": nn.GELU(),
}


def slope_of(function: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    x = at.clone().requires_grad_()
    function(x).sum().backward()
    assert x.grad is not None
    return x.grad


@pytest.fixture(scope="module")
def wave() -> dict[str, Any]:
    return sections("wave", "count-dead", torch=torch, nn=nn, optim=optim)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sizes", [(1, 5, 3, 4, 1), (2, 7, 3), (4, 2, 2, 6)])
def test_layers_without_activation_are_one_layer(seed: int, sizes: tuple[int, ...]) -> None:
    """neural-networks/activation-functions.md#lines-of-lines: "One matrix W2 W1 and one vector W2
    b1 + b2: one layer".
    """
    torch.manual_seed(seed)
    layers = [nn.Linear(i, o, dtype=torch.float64) for i, o in itertools.pairwise(sizes)]
    weight, bias = torch.eye(sizes[0], dtype=torch.float64), torch.zeros(sizes[0], dtype=torch.float64)
    for layer in layers:
        weight, bias = layer.weight @ weight, layer.weight @ bias + layer.bias
    x = torch.randn(50, sizes[0], dtype=torch.float64)
    torch.testing.assert_close(nn.Sequential(*layers)(x), x @ weight.T + bias, rtol=1e-12, atol=1e-12)


def test_both_models_share_their_numbers() -> None:
    """neural-networks/activation-functions.md#activation-functions: "two models in which all 49
    numbers are the same".
    """
    found = sections("random-layers")
    without, with_relu = list(found["without"].parameters()), list(found["with_relu"].parameters())
    assert all(a is b for a, b in zip(without, with_relu, strict=True))
    assert sum(p.numel() for p in without) == 49
    x = torch.linspace(-3, 3, 301).reshape(-1, 1)
    bent = found["with_relu"](x).flatten().diff()
    straight = found["without"](x).flatten().diff()
    assert (straight - straight[0]).abs().max() < 1e-4
    assert (bent - bent[0]).abs().max() > 1e-2


def test_paper_table_of_two_layers() -> None:
    """neural-networks/activation-functions.md#lines-of-lines: "The third column falls by 6 whenever x grows by 1"."""
    x = torch.tensor([-2.0, -1.0, 0.0, 1.0])
    u = 3 * x + 1
    assert u.tolist() == [-5, -2, 1, 4]
    assert (-2 * u + 5).tolist() == [15, 9, 3, -3]
    assert (-2 * torch.relu(u) + 5).tolist() == [5, 5, 3, -3]
    assert torch.equal(-2 * u + 5, -6 * x + 3)


def test_a_stack_of_lines_fits_no_better_than_one(wave: dict[str, Any]) -> None:
    """neural-networks/activation-functions.md#lines-of-lines: "it cannot fit better than a single nn.Linear", "its
    loss goes down".
    """
    x, y = wave["x"].double(), wave["y"].double()
    ones = torch.cat([x, torch.ones_like(x)], dim=1)
    line_loss = ((ones @ torch.linalg.lstsq(ones, y).solution - y) ** 2).mean().item()
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 20), nn.Linear(20, 20), nn.Linear(20, 1)).double()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(150):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    assert line_loss <= min(losses) < line_loss + 1e-2


def test_relu_acts_on_each_number() -> None:
    """neural-networks/activation-functions.md#relu: "It acts on each number of a tensor separately, so the shape
    stays", and "At 0 the graph has a corner and no derivative, and PyTorch uses a value fixed by convention".
    """
    torch.manual_seed(0)
    x = torch.randn(3, 4, 5)
    out = nn.ReLU()(x)
    assert out.shape == x.shape
    assert out.flatten().tolist() == [max(0.0, v) for v in x.flatten().tolist()]
    assert slope_of(torch.relu, torch.tensor([-1.0, 0.0, 1.0])).tolist() == [0, 0, 1]


@pytest.mark.parametrize("name", MODULES)
def test_plain_python_equals_pytorch(name: str) -> None:
    """neural-networks/activation-functions.md#compare: "All eight are equal"."""
    ours = torch.tensor([PLAIN[name](v) for v in GRID.tolist()], dtype=torch.float64)
    torch.testing.assert_close(ours, MODULES[name](GRID), rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", MODULES)
def test_slopes_are_those_of_the_page(name: str) -> None:
    """neural-networks/activation-functions.md#eight: the slopes named in the text: 1 and 0 or 0.01 or e^x, σ(1 - σ), 1
    - tanh², "The slope of Softplus is exactly the sigmoid", SiLU and GELU by the product rule.
    """
    x = GRID[GRID.abs() > 1e-3]
    sigma, normal = torch.sigmoid(x), torch.distributions.Normal(0.0, 1.0)
    bell = torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    expected = {
        "relu": (x > 0).double(),
        "leaky_relu": torch.where(x > 0, x.new_tensor(1.0), x.new_tensor(0.01)),
        "elu": torch.where(x > 0, 1.0, torch.exp(x)),
        "sigmoid": sigma * (1 - sigma),
        "tanh": 1 - torch.tanh(x) ** 2,
        "softplus": sigma,
        "silu": sigma + x * sigma * (1 - sigma),
        "gelu": normal.cdf(x) + x * bell,
    }[name]
    torch.testing.assert_close(slope_of(MODULES[name], x), expected, rtol=0, atol=1e-12)
    plain = PLAIN[name]
    measured = [(plain(v + 1e-5) - plain(v - 1e-5)) / 2e-5 for v in x.tolist()]
    torch.testing.assert_close(torch.tensor(measured, dtype=torch.float64), expected, rtol=0, atol=1e-9)


def test_defaults() -> None:
    """neural-networks/activation-functions.md#kinked: "The 0.01 is the argument negative_slope, and e^x - 1 is
    multiplied by the argument alpha, which is 1 by default".
    """
    assert nn.LeakyReLU().negative_slope == 0.01
    assert nn.ELU().alpha == 1
    x = torch.tensor([-50.0])
    assert nn.LeakyReLU(negative_slope=0.2)(x).item() == pytest.approx(-10)
    assert nn.ELU(alpha=3)(x).item() == pytest.approx(-3)


def test_elu_has_no_corner() -> None:
    """neural-networks/activation-functions.md#kinked: "ReLU and LeakyReLU have a corner at 0. ELU has none"."""
    jumps = {}
    for module in (nn.ReLU(), nn.LeakyReLU(), nn.ELU()):
        left, right = slope_of(module, torch.tensor([-1e-9, 1e-9], dtype=torch.float64)).tolist()
        jumps[type(module).__name__] = right - left
    assert jumps["ReLU"] == 1
    assert jumps["LeakyReLU"] == pytest.approx(0.99)
    assert jumps["ELU"] == pytest.approx(0, abs=1e-8)


def test_slopes_far_on_the_left() -> None:
    """neural-networks/activation-functions.md#rescue: "only LeakyReLU keeps its slope of 1/100: at x = -20 the slope of
    ELU is e^-20, and that of GELU is 0 in float32".
    """
    at = torch.tensor([-20.0])
    assert slope_of(nn.LeakyReLU(), at).item() == pytest.approx(0.01)
    assert slope_of(nn.ELU(), at).item() == pytest.approx(math.exp(-20), rel=1e-5)
    assert slope_of(nn.GELU(), at).item() == 0
    assert abs(slope_of(nn.SiLU(), at).item()) < 1e-6


def test_ranges() -> None:
    """neural-networks/activation-functions.md#eight: "ELU never goes below -1", "The sigmoid squeezes all numbers
    between 0 and 1, tanh ... between -1 and 1", "its values are always positive", "SiLU and GELU dip on the left
    before they rise".
    """
    x = torch.linspace(-15, 15, 3001, dtype=torch.float64)
    assert nn.ELU()(x).min() > -1
    assert nn.ELU()(torch.tensor(-1000.0)) == -1
    assert torch.sigmoid(x).min() > 0
    assert torch.sigmoid(x).max() < 1
    assert torch.tanh(x).min() > -1
    assert torch.tanh(x).max() < 1
    assert nn.Softplus()(x).min() > 0
    for module in (nn.SiLU(), nn.GELU()):
        left = module(x[(x > -6) & (x < 0)])
        lowest = int(left.argmin())
        assert left.min() < 0
        assert 0 < lowest < len(left) - 1
        assert (left[: lowest + 1].diff() <= 0).all()
        assert (left[lowest:].diff() >= 0).all()
        slopes = slope_of(module, x)
        assert slopes.min() < 0
        assert slopes.max() > 1


def test_largest_slopes() -> None:
    """neural-networks/activation-functions.md#s-shaped: "That is largest at x = 0, where it is ... 1/4", "The slope of
    tanh ... is largest at 0 as well, where it is 1".
    """
    for function, largest in ((torch.sigmoid, 0.25), (torch.tanh, 1.0)):
        slopes = slope_of(function, GRID)
        assert slopes.max().item() == pytest.approx(largest, abs=1e-12)
        assert GRID[slopes.argmax()].item() == pytest.approx(0, abs=1e-12)
        assert slopes[0] < largest / 50
        assert slopes[-1] < largest / 50


def test_gates_of_silu_and_gelu() -> None:
    """neural-networks/activation-functions.md#smooth: "For SiLU that number is σ(x); for GELU it is the probability
    that a draw from the normal distribution with mean 0 and standard deviation 1 is below x".
    """
    x = GRID[GRID.abs() > 1e-3]
    torch.testing.assert_close(nn.SiLU()(x) / x, torch.sigmoid(x), rtol=0, atol=1e-14)
    torch.testing.assert_close(nn.GELU()(x) / x, torch.distributions.Normal(0.0, 1.0).cdf(x), rtol=0, atol=1e-14)


def test_large_numbers() -> None:
    """neural-networks/activation-functions.md#compare: "sigmoid(-1000) stops with an OverflowError", "torch.sigmoid
    returns 0 for the same number", "nn.Softplus() returns x itself when x is above 20", "less than one part in a
    hundred million".
    """
    with pytest.raises(OverflowError):
        PLAIN["sigmoid"](-1000)
    assert torch.sigmoid(torch.tensor(-1000.0)).item() == 0
    above = torch.tensor([20.001, 25.0, 1000.0], dtype=torch.float64)
    below = torch.tensor([19.999], dtype=torch.float64)
    assert torch.equal(nn.Softplus()(above), above)
    assert not torch.equal(nn.Softplus()(below), below)
    assert math.log1p(math.exp(-20)) < 1e-8


def test_twenty_sigmoids() -> None:
    """neural-networks/activation-functions.md#vanishing: "the product is at most (1/4)^20", "Change the input by 1,
    and the output changes by less than a trillionth", "With ReLU and a positive number it is 1".
    """
    chain = sections("chain", torch=torch)["chain_gradient"]
    assert 0.25**20 == 1 / 2**40 < 1e-12
    for start in (-5.0, -1.0, 0.0, 0.5, 3.0):
        assert 0 < chain(torch.sigmoid, start) <= 0.25**20
        ends = []
        for x in (start, start + 1):
            h = torch.tensor(x, dtype=torch.float64)
            for _ in range(20):
                h = torch.sigmoid(h)
            ends.append(h.item())
        assert abs(ends[1] - ends[0]) < 1e-12
    assert chain(torch.relu, 2.5) == 1
    assert chain(torch.relu, -2.5) == 0


def test_early_gradient_is_a_product() -> None:
    """neural-networks/activation-functions.md#vanishing: "the gradient of an early layer is by the chain rule the
    product of the slopes of all later layers".
    """
    x = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    h, product = x, 1.0
    for weight in (2.0, -0.5, 3.0, 1.5):
        z = weight * h
        product *= weight * torch.sigmoid(z).item() * (1 - torch.sigmoid(z).item())
        h = torch.sigmoid(z)
    h.backward()
    assert x.grad is not None
    assert x.grad.item() == pytest.approx(product, rel=1e-12)


def test_initial_weights() -> None:
    """neural-networks/activation-functions.md#twenty-layers: "standard deviation √(2/64), Xavier initialization with
    standard deviation √(1/64)"; "PyTorch's default draws evenly between -1/8 and 1/8. The mean square is 1/(3·64)".
    """
    torch.manual_seed(0)
    he, xavier = torch.empty(64, 64), torch.empty(64, 64)
    nn.init.kaiming_normal_(he)
    nn.init.xavier_normal_(xavier)
    assert he.std().item() == pytest.approx(math.sqrt(2 / 64), rel=0.03)
    assert xavier.std().item() == pytest.approx(math.sqrt(1 / 64), rel=0.03)
    default = nn.Linear(64, 64)
    assert 0.124 < default.weight.abs().max().item() <= 1 / 8
    assert (default.weight**2).mean().item() == pytest.approx(1 / (3 * 64), rel=0.03)


def test_factors_on_paper() -> None:
    """neural-networks/activation-functions.md#twenty-layers: square roots of 1/6, 1/48, 1/3 and 1; "Compare these with
    the last column"; the trained net of three defaults "put out almost the same number", their loss is "where guessing
    the mean would put it".
    """
    names = ("deep-net", "gradient-sizes", "five-nets", "measure-sizes")
    found = sections(*names, torch=torch, nn=nn)
    sigmoid, tanh, relu, tanh_xavier, relu_he = found["factors"]
    assert sigmoid == pytest.approx(math.sqrt(1 / 48), rel=0.03)
    assert tanh == pytest.approx(math.sqrt(1 / 3), rel=0.03)
    assert relu == pytest.approx(math.sqrt(1 / 6), rel=0.03)
    assert relu_he == pytest.approx(1, rel=0.03)
    assert 0.9 < tanh_xavier < 1
    assert [round(math.sqrt(s), 2) for s in (1 / 6, 1 / 48, 1 / 3)] == [0.41, 0.14, 0.58]
    for name in ("Sigmoid", "Tanh", "ReLU"):
        assert found["nets"][name](found["inputs"]).std() < 1e-4
    for name in ("Tanh + Xavier", "ReLU + He"):
        assert found["nets"][name](found["inputs"]).std() > 0.05


def test_first_layer_does_not_move_at_all() -> None:
    """neural-networks/activation-functions.md#train-deep: "Not one", "subtracting it rounds back to the old number",
    "their loss has stopped where guessing the mean would put it".
    """
    found = sections("deep-net", torch=torch, nn=nn)
    inputs, targets = found["inputs"], found["targets"]
    model = found["deep_net"](nn.Sigmoid)
    before = model[0].weight.detach().clone()
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    loss = torch.tensor(0.0)
    for _ in range(60):
        optimizer.zero_grad()
        loss = ((model(inputs) - targets) ** 2).mean()
        loss.backward()
        optimizer.step()
    step = 0.01 * model[0].weight.grad
    assert torch.equal(model[0].weight, before)
    assert (step != 0).any()
    assert torch.equal(before - step, before)
    assert loss.item() == pytest.approx(targets.var(unbiased=False).item(), abs=5e-3)


def test_one_dead_neuron() -> None:
    """neural-networks/activation-functions.md#dead-relu: "The ReLU receives -5, -4, -3, so the outputs are all 0",
    "raising the bias a little leaves ... the loss unchanged", "The gradient is exactly 0", "SGD does not move the
    weights".
    """
    x = torch.tensor([[0.0], [1.0], [2.0]], dtype=torch.float64)
    neuron = nn.Linear(1, 1, dtype=torch.float64)
    nn.init.ones_(neuron.weight)
    nn.init.constant_(neuron.bias, -5.0)
    assert neuron(x).flatten().tolist() == [-5, -4, -3]
    optimizer = optim.SGD(neuron.parameters(), lr=100.0)
    for _ in range(3):
        optimizer.zero_grad()
        loss = ((torch.relu(neuron(x)) - 1) ** 2).mean()
        assert loss.item() == 1
        loss.backward()
        assert neuron.weight.grad.item() == 0
        assert neuron.bias.grad.item() == 0
        optimizer.step()
    assert (neuron.weight.item(), neuron.bias.item()) == (1, -5)
    assert ((torch.relu(neuron(x) + 0.5) - 1) ** 2).mean().item() == 1
    ((nn.LeakyReLU()(neuron(x)) - 1) ** 2).mean().backward()
    assert neuron.weight.grad.item() < 0
    assert neuron.bias.grad.item() < 0


def test_dead_from_the_start(wave: dict[str, Any]) -> None:
    """neural-networks/activation-functions.md#count-dead: "the bend that was drawn for them lies outside the data";
    and #rescue: "In the first layer, whose inputs are fixed, a dead neuron has no gradient to bring it back".
    """
    x, y = wave["x"], wave["y"]
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 100), nn.ReLU(), nn.Linear(100, 1))
    dead = (model[0](x) <= 0).all(dim=0)
    assert dead.sum() == wave["count_dead"](model) > 0
    bends = (-model[0].bias / model[0].weight.flatten())[dead]
    assert ((bends < x.min()) | (bends > x.max())).all()
    before = model[0].weight.detach()[dead].clone()
    optimizer = optim.SGD(model.parameters(), lr=0.03)
    for _ in range(30):
        optimizer.zero_grad()
        ((model(x) - y) ** 2).mean().backward()
        assert (model[0].weight.grad[dead] == 0).all()
        optimizer.step()
    assert torch.equal(model[0].weight.detach()[dead], before)


def test_all_dead_is_a_level_line(wave: dict[str, Any]) -> None:
    """neural-networks/activation-functions.md#count-dead: "From then on the output of the model is its last bias and
    nothing else, a level line", "the dead hardly ever come back".
    """
    model, _, dead = wave["train"](3.0, nn.ReLU)
    assert dead[dead.index(100) :] == [100] * (len(dead) - dead.index(100))
    assert torch.equal(model(wave["x"]), model[2].bias.detach().expand(200, 1))
    _, _, path = wave["train"](0.1, nn.ReLU)
    assert all(before <= after for before, after in itertools.pairwise(path[60:]))


def test_adam_moves_on_without_a_gradient() -> None:
    """neural-networks/activation-functions.md#count-dead: "after the gradient has become 0, the gradients gathered
    before move the weights for a few more steps".
    """
    w = torch.tensor([1.0], requires_grad=True)
    adam, sgd = optim.Adam([w], lr=0.1), optim.SGD([w], lr=0.1)
    w.grad = torch.tensor([1.0])
    adam.step()
    w.grad = torch.tensor([0.0])
    after_first = w.item()
    sgd.step()
    assert w.item() == after_first
    adam.step()
    assert w.item() < after_first


def test_a_later_neuron_can_wake_up() -> None:
    """neural-networks/activation-functions.md#rescue: "In a later layer it can wake up when the layers before it
    change".
    """
    a = torch.tensor(1.0, requires_grad=True)
    late_bias = torch.tensor(-2.0, requires_grad=True)
    optimizer = optim.SGD([a, late_bias], lr=0.2)
    grads = []
    for _ in range(3):
        optimizer.zero_grad()
        h = torch.relu(a)
        loss = (h + torch.relu(h + late_bias) - 5) ** 2
        loss.backward()
        assert late_bias.grad is not None
        grads.append(late_bias.grad.item())
        optimizer.step()
    assert grads[0] == 0
    assert grads[1] != 0


def test_in_place() -> None:
    """neural-networks/activation-functions.md#in-place: "writes over the one it receives", "It saves the memory of one
    tensor", "not h + ReLU(h) but ReLU(h) + ReLU(h)".
    """
    h = torch.tensor([-1.0, 2.0])
    assert nn.ReLU(inplace=True)(h).data_ptr() == h.data_ptr()
    h = torch.tensor([-1.0, 2.0])
    assert nn.ReLU()(h).data_ptr() != h.data_ptr()
    assert h.tolist() == [-1, 2]
    assert torch.equal(h + nn.ReLU(inplace=True)(h), 2 * torch.relu(torch.tensor([-1.0, 2.0])))


def test_in_place_after_linear_is_safe() -> None:
    """neural-networks/activation-functions.md#in-place: "nn.Linear does not need its output for its gradients, so an
    in-place ReLU right after nn.Linear is safe", and the sigmoid "computes its slope from its own output".
    """
    torch.manual_seed(0)
    linear, x = nn.Linear(3, 4), torch.randn(5, 3)
    grads = []
    for inplace in (False, True):
        linear.zero_grad()
        nn.ReLU(inplace=inplace)(linear(x)).sum().backward()
        grads.append(linear.weight.grad.clone())
    assert torch.equal(*grads)
    z = torch.tensor([-1.0, 2.0], requires_grad=True)
    h = torch.sigmoid(z)
    assert torch.equal(h.grad_fn._saved_result, h)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        nn.ReLU(inplace=True)(h).sum().backward()


def test_what_real_models_use() -> None:
    """neural-networks/activation-functions.md#where: "ResNet uses in-place ReLU, EfficientNet SiLU, and the Vision
    Transformer GELU".
    """
    models_of = importlib.import_module("torchvision.models")
    with torch.device("meta"):
        models = {name: getattr(models_of, name)() for name in ("resnet18", "efficientnet_b0", "vit_b_16")}
    used = {
        name: [m for m in model.modules() if type(m) in (nn.ReLU, nn.SiLU, nn.GELU)] for name, model in models.items()
    }
    assert used["resnet18"]
    assert all(type(m) is nn.ReLU and m.inplace for m in used["resnet18"])
    assert {type(m) for m in used["efficientnet_b0"]} == {nn.SiLU}
    assert {type(m) for m in used["vit_b_16"]} == {nn.GELU}


def test_lstm_gates() -> None:
    """neural-networks/activation-functions.md#where: "The LSTM ... uses the sigmoid and tanh", "a factor between 0 and
    1 is a gate".
    """
    torch.manual_seed(0)
    cell = nn.LSTMCell(3, 4, dtype=torch.float64)
    x, h, c = (torch.randn(2, size, dtype=torch.float64) for size in (3, 4, 4))
    total = x @ cell.weight_ih.T + cell.bias_ih + h @ cell.weight_hh.T + cell.bias_hh
    i, f, g, o = total.chunk(4, dim=1)
    new_c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    new_h = torch.sigmoid(o) * torch.tanh(new_c)
    torch.testing.assert_close(cell(x, (h, c)), (new_h, new_c), rtol=0, atol=1e-12)


def test_relu_after_the_last_layer(wave: dict[str, Any]) -> None:
    """neural-networks/activation-functions.md#where: "even the best loss is no lower than", "the last neuron died and
    the output is always 0".
    """
    x, y = wave["x"], wave["y"]
    floor = (y.clamp(max=0) ** 2).mean()
    assert ((y.clamp(min=0) - y) ** 2).mean() == pytest.approx(floor.item(), abs=1e-7)
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(1, 100), nn.ReLU(), nn.Linear(100, 1), nn.ReLU())
    assert (model(x) > 0).any()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(150):
        optimizer.zero_grad()
        ((model(x) - y) ** 2).mean().backward()
        optimizer.step()
    assert (model(x) == 0).all()
    assert ((model(x) - y) ** 2).mean() > 0.5 > floor


def test_missing_parentheses() -> None:
    """neural-networks/activation-functions.md#self-check: "You get a TypeError as soon as the model is made", "that is
    the place of inplace".
    """
    with pytest.raises(TypeError, match="not a Module subclass"):
        nn.Sequential(nn.Linear(1, 5), nn.ReLU, nn.Linear(5, 1))
    x = torch.ones(1)
    assert nn.ReLU(x).inplace is x
    with pytest.raises(TypeError, match="must be Tensor, not ReLU"):
        nn.Linear(1, 1)(nn.ReLU(x))
    assert nn.ReLU()(x).item() == 1


def test_self_check_numbers() -> None:
    """neural-networks/activation-functions.md#self-check: y = 1 with slope 0 and y = 7 with slope 6; |x|; 3x stays a
    line; 1 and 1/32.
    """

    def y(x: Tensor) -> Tensor:
        return 3 * torch.relu(2 * x - 4) + 1

    at = torch.tensor([1.0, 3.0])
    assert y(at).tolist() == [1, 7]
    assert slope_of(y, at).tolist() == [0, 6]
    assert torch.equal(torch.relu(GRID) + torch.relu(-GRID), GRID.abs())
    first, second = nn.Linear(1, 3, dtype=torch.float64), nn.Linear(3, 1, dtype=torch.float64)
    steps = second(3 * first(GRID.reshape(-1, 1))).flatten().diff()
    torch.testing.assert_close(steps, steps[0].expand_as(steps), rtol=0, atol=1e-12)
    half = math.atanh(math.sqrt(0.5))
    assert slope_of(torch.tanh, torch.tensor([half], dtype=torch.float64)).item() == pytest.approx(0.5, abs=1e-12)
    assert (0.5 * 2) ** 5 == 1
    assert 0.5**5 == 1 / 32
