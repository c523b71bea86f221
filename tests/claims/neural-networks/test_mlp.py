"""Claims of docs/*/neural-networks/mlp.md that its snippet does not show by itself.

Each docstring quotes the sentence of the English page and names its heading.
"""

import itertools
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn, optim

SNIPPET = Path(__file__).parents[3] / "snippets" / "neural-networks" / "mlp.py"


def sections(*names: str, **namespace: Any) -> dict[str, Any]:
    """Run sections of the snippet one after another and return what they define."""
    text = SNIPPET.read_text(encoding="utf-8")
    for name in names:
        found = re.search(rf"# --8<-- \[start:{name}\]\n(.*?)# --8<-- \[end:{name}\]", text, re.DOTALL)
        assert found is not None, f"the snippet has no section {name}"
        exec(compile(found[1], f"{SNIPPET.name}:{name}", "exec"), namespace)
    return namespace


LESSON = sections("data", "best-line", "slide-net", "fit", "tiny-net", "interpolate")
X, Y = LESSON["x"], LESSON["y"]
slide_net: Callable[[], nn.Sequential] = LESSON["slide_net"]
interpolate: Callable[[int], nn.Sequential] = LESSON["interpolate"]


def relu_net(*sizes: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs, dtype=torch.float64), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def switches(net: nn.Sequential, x: Tensor) -> Tensor:
    """For each stretch between neighbouring x: does any neuron switch?"""
    h, changed = x, torch.zeros(len(x) - 1, dtype=torch.bool)
    for module in net:
        h = module(h)
        if isinstance(module, nn.ReLU):
            on = h > 0
            changed |= (on[1:] != on[:-1]).any(dim=1)
    return changed


def grads_of(net: nn.Module, loss: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(loss, list(net.parameters())))


@pytest.fixture(scope="module")
def best() -> nn.Sequential:
    torch.manual_seed(2)
    net = slide_net()
    LESSON["fit"](net)
    return net


def test_a_neuron_and_a_layer_on_paper() -> None:
    """neural-networks/mlp.md#layer: "nn.Linear(2, 3) is three neurons with two inputs, without the activation
    function", "The shape of weight is (outputs, inputs)".
    """
    torch.manual_seed(0)
    layer, x = nn.Linear(2, 3, dtype=torch.float64), torch.randn(2, dtype=torch.float64)
    assert layer.weight.shape == (3, 2)
    for row in range(3):
        w1, w2 = layer.weight[row].tolist()
        z = w1 * x[0].item() + w2 * x[1].item() + layer.bias[row].item()
        assert layer(x)[row].item() == pytest.approx(z, abs=1e-14)
    weight = torch.tensor([[3.0, -1.0], [1.0, 1.0], [-2.0, 0.0]])
    z3 = weight @ torch.tensor([1.0, 2.0]) + torch.tensor([1.0, -3.0, 1.0])
    assert z3.tolist() == [2, 0, -1]
    assert torch.relu(z3).tolist() == [2, 0, 0]


def test_every_input_reaches_every_neuron() -> None:
    """neural-networks/mlp.md#layer: "Every number of the layer before is connected to every neuron of this one"."""
    torch.manual_seed(0)
    layer = nn.Linear(5, 3, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(layer, torch.randn(5, dtype=torch.float64))
    assert (jacobian != 0).all()
    torch.testing.assert_close(jacobian, layer.weight.detach(), rtol=0, atol=0)


@pytest.mark.parametrize("sizes", [(1, 5, 3, 4, 1), (2, 3, 1), (1, 30, 30, 1), (7, 2)])
def test_counting_parameters(sizes: tuple[int, ...]) -> None:
    """neural-networks/mlp.md#chain-of-layers: "Each layer has inputs × outputs weights, and as many biases as
    outputs"; 13 for 2 → 3 → 1.
    """
    count = sum(p.numel() for p in relu_net(*sizes).parameters())
    assert count == sum(i * o + o for i, o in itertools.pairwise(sizes))
    if sizes == (1, 5, 3, 4, 1):
        assert [i * o + o for i, o in itertools.pairwise(sizes)] == [10, 18, 16, 5]
        assert count == 49
    if sizes == (2, 3, 1):
        assert count == 13


def test_places_without_parameters() -> None:
    """neural-networks/mlp.md#chain-of-layers: "Places 1, 3 and 5 are ReLUs, which have no parameters"; "three hidden
    layers".
    """
    net = slide_net()
    assert [i for i, module in enumerate(net) if not list(module.parameters())] == [1, 3, 5]
    assert all(isinstance(net[i], nn.ReLU) for i in (1, 3, 5))


def test_seed_0_is_cut() -> None:
    """neural-networks/mlp.md#luck: "the output is the last bias alone, the gradients of the other 48 parameters are 0,
    and no amount of training changes them", and "The loss of seed 0 is that of answering the mean".
    """
    torch.manual_seed(0)
    net = slide_net()
    before = [p.detach().clone() for p in net.parameters()]
    loss = LESSON["fit"](net, steps=200)
    grads = grads_of(net, ((net(X) - Y) ** 2).mean())
    assert all((grad == 0).all() for grad in grads[:-1])
    assert sum(grad.numel() for grad in grads[:-1]) == 48
    assert all(torch.equal(p, q) for p, q in zip(before[:-1], list(net.parameters())[:-1], strict=True))
    assert torch.equal(net(X), net[6].bias.detach().expand(200, 1))
    assert loss == pytest.approx(LESSON["mean_loss"].item(), abs=1e-4)


def test_other_failures_have_stopped() -> None:
    """neural-networks/mlp.md#luck: "they fit a part of the wave and stopped where more small steps hardly lower
    the loss".
    """
    torch.manual_seed(3)
    net = slide_net()
    after = LESSON["fit"](net)
    later = LESSON["fit"](net, lr=0.001, steps=200)
    assert LESSON["line_loss"] / 4 < later < LESSON["mean_loss"]
    assert after - later < 1e-3


def test_every_bend_is_a_switch(best: nn.Sequential) -> None:
    """neural-networks/mlp.md#bends: "the only places where it can bend are those where a neuron switches", "At each of
    the 7 bends some neuron switches", "Neurons without a bar are dead".
    """
    with torch.no_grad():
        net = slide_net().double()
        net.load_state_dict(best.state_dict())
        x = torch.linspace(-3, 3, 1201, dtype=torch.float64).reshape(-1, 1)
        slopes = net(x).flatten().diff() / x.flatten().diff()
        changed = switches(net, x)
        straight = ~changed[1:] & ~changed[:-1]
        assert (slopes.diff().abs()[straight] < 1e-9).all()
        places = changed.nonzero().flatten().tolist()
        assert len(places) == 7
        assert all(abs(slopes[i - 1] - slopes[i + 1]).item() > 0.2 for i in places)
        h, never = x, 0
        for module in net:
            h = module(h)
            never += int((h == 0).all(dim=0).sum()) if isinstance(module, nn.ReLU) else 0
    assert never == 3


@pytest.mark.parametrize("seed", range(5))
def test_random_nets_bend_only_at_switches(seed: int) -> None:
    """neural-networks/mlp.md#bends: "The whole network is then a line of lines and straight over that stretch"."""
    torch.manual_seed(seed)
    net = relu_net(1, 20, 20, 1)
    x = torch.linspace(-3, 3, 2001, dtype=torch.float64).reshape(-1, 1)
    with torch.no_grad():
        slopes = net(x).flatten().diff() / x.flatten().diff()
        changed = switches(net, x)
    straight = ~changed[1:] & ~changed[:-1]
    assert straight.sum() > 1000
    assert (slopes.diff().abs()[straight] < 1e-9).all()
    assert slopes.diff().abs().max() > 1e-3


def test_first_layer_switches_at_minus_b_over_w() -> None:
    """neural-networks/mlp.md#bends: "A neuron of the first hidden layer switches where wx + b = 0, that is, at x =
    -b/w".
    """
    torch.manual_seed(0)
    layer = nn.Linear(1, 6, dtype=torch.float64)
    for w, b in zip(layer.weight.flatten().tolist(), layer.bias.tolist(), strict=True):
        left, right = (max(0.0, w * (-b / w + step) + b) > 0 for step in (-1e-6, 1e-6))
        assert left != right


def test_tiny_net_on_paper() -> None:
    """neural-networks/mlp.md#one-weight: the forward pass, 4 · 2 · 1 · 2 = 16, b1 8, v1 20, v2 0, c 4, h2 16, and L =
    4.1616.
    """
    values = [tensor.item() for tensor in LESSON["middle"]]
    assert values == [5, 0, 3, 4]
    assert [tensor.grad.item() for tensor in LESSON["middle"]] == [8, 16, 4, 1]
    grads = {name: tensor.grad.item() for name, tensor in LESSON["tiny"].items()}
    assert grads == {"w1": 16, "b1": 8, "w2": 0, "b2": 0, "v1": 20, "v2": 0, "c": 4}
    output, loss = values[2:]
    assert (2 * (output - 1), 2 * (output - 1) * 2, 2 * (output - 1) * 4) == (4, 8, 16)

    def loss_at(w1: float) -> float:
        tiny = {name: torch.tensor(v, dtype=torch.float64) for name, v in LESSON["start"].items()}
        return float(LESSON["tiny_net"](tiny | {"w1": torch.tensor(w1, dtype=torch.float64)})[-1])

    assert loss_at(3.01) == pytest.approx(4.1616, abs=1e-12)
    assert abs(2 * 5.02 - 7 - 3.04) < 1e-12
    assert abs(2.04**2 - 4.1616) < 1e-12
    assert loss_at(3.01) - loss == pytest.approx(16 / 100, abs=2e-3)
    assert (loss_at(3 + 1e-5) - loss_at(3 - 1e-5)) / 2e-5 == pytest.approx(16, abs=1e-6)


def test_tiny_net_with_both_off() -> None:
    """neural-networks/mlp.md#self-check: "The gradient of c is -16, and that of w1 is 0", "At this
    point only c moves".
    """
    tiny = {name: torch.tensor(v, requires_grad=True) for name, v in (LESSON["start"] | {"w1": -1.0}).items()}
    h1, h2, output, loss = LESSON["tiny_net"](tiny)
    loss.backward()
    assert (h1.item(), h2.item(), output.item()) == (0, 0, -7)
    assert {name: tensor.grad.item() for name, tensor in tiny.items() if tensor.grad.item()} == {"c": -16}


@pytest.mark.parametrize("sizes", [(1, 5, 3, 4, 1), (1, 8, 1), (3, 6, 6, 6, 6, 2)])
def test_backward_pass_by_hand(sizes: tuple[int, ...]) -> None:
    """neural-networks/mlp.md#layer-by-layer: the three things that each layer does give the gradients of PyTorch."""
    torch.manual_seed(1)
    net = relu_net(*sizes)
    x, y = torch.randn(40, sizes[0], dtype=torch.float64), torch.randn(40, sizes[-1], dtype=torch.float64)
    backward_pass = sections("backward-pass", torch=torch, best=net, x=x, y=y)["backward_pass"]
    with torch.no_grad():
        by_hand = backward_pass(net[::2], x, y)
    expected = grads_of(net, ((net(x) - y) ** 2).sum() / len(x))
    for ours, theirs in zip(by_hand, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


def test_start_from_zeros() -> None:
    """neural-networks/mlp.md#random-start: "The hidden neurons all put out 0", "Only the last bias moves"."""
    net = slide_net()
    for parameter in net.parameters():
        nn.init.zeros_(parameter)
    assert (net[:6](X) == 0).all()
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        ((net(X) - Y) ** 2).mean().backward()
        optimizer.step()
    assert all((p == 0).all() for p in list(net.parameters())[:-1])
    assert net[6].bias.item() != 0


def test_equal_neurons_stay_equal() -> None:
    """neural-networks/mlp.md#random-start: "their gradients are the same and they move together", "The 32 neurons are
    worth one, which can bend once".
    """
    x, y = X.double(), Y.double()
    net = relu_net(1, 32, 1)
    for parameter in net.parameters():
        nn.init.constant_(parameter, 0.1)
    optimizer = optim.SGD(net.parameters(), lr=0.01)
    for _ in range(20):
        optimizer.zero_grad()
        ((net(x) - y) ** 2).mean().backward()
        for parameter in (net[0].weight, net[0].bias, net[2].weight):
            assert (parameter.grad.flatten() - parameter.grad.flatten()[0]).abs().max() < 1e-14
        optimizer.step()
    w, b, v, c = net[0].weight[0].item(), net[0].bias[0].item(), net[2].weight[0, 0].item(), net[2].bias.item()
    torch.testing.assert_close(net(x), 32 * v * torch.relu(w * x + b) + c, rtol=0, atol=1e-12)
    grid = torch.linspace(-3, 3, 301, dtype=torch.float64).reshape(-1, 1)
    slopes = net(grid).detach().flatten().diff() / 0.02
    assert (slopes.diff().abs() > 1e-6).sum() in (1, 2)


def test_equal_neurons_died_together() -> None:
    """neural-networks/mlp.md#random-start: "Here they moved together until they died together, and not even that bend
    is left".
    """
    net = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 1))
    for parameter in net.parameters():
        nn.init.constant_(parameter, 0.1)
    loss = LESSON["fit"](net)
    assert (net[:2](X) == 0).all()
    assert loss == pytest.approx(LESSON["mean_loss"].item(), abs=1e-4)


@pytest.mark.parametrize("n", [1, 3, 4, 5, 64])
def test_default_start(n: int) -> None:
    """neural-networks/mlp.md#random-start: "nn.Linear draws weights and biases evenly between -1/√n and 1/√n"."""
    torch.manual_seed(0)
    limit = 1 / math.sqrt(n)
    layer = nn.Linear(n, 4000)
    for parameter in (layer.weight, layer.bias):
        assert 0.99 * limit < parameter.max().item() <= limit
        assert 0.99 * limit < -parameter.min().item() <= limit
        counts = torch.histc(parameter.detach(), bins=4, min=-limit, max=limit) / parameter.numel()
        assert (counts - 0.25).abs().max() < 0.03


def test_methods_and_self() -> None:
    """neural-networks/mlp.md#class-primer: "steep.predict(3) is the same as Line.predict(steep, 3)", "steep and flat
    each know their own w".
    """
    lesson = sections("line-class")
    steep, flat = lesson["steep"], lesson["flat"]
    assert steep.predict(3) == lesson["Line"].predict(steep, 3) == 17
    assert (steep.w, flat.w) == (5, 1)


def test_module_calls_forward() -> None:
    """neural-networks/mlp.md#module: "nn.Module calls forward for you", "Attach a layer to self ... and it is entered
    in the register by itself. parameters() reads from this register".
    """
    mlp = sections("mlp-class", torch=torch, nn=nn)["MLP"]()
    x = torch.randn(4, 1)
    assert torch.equal(mlp(x), mlp.forward(x))
    mlp.forward = lambda x: "forward was called"
    assert mlp(x) == "forward was called"
    names = [name for name, _ in mlp.named_children()]
    assert names == ["hidden1", "hidden2", "hidden3", "output"]
    mlp.extra = nn.Linear(2, 2)
    assert sum(p.numel() for p in mlp.parameters()) == 49 + 6
    assert list(mlp._modules) == [*names, "extra"]


def test_same_seed_same_order_same_weights() -> None:
    """neural-networks/mlp.md#module: "The same seed and the same order of layers give the same initial weights"."""
    mlp_class = sections("mlp-class", torch=torch, nn=nn)["MLP"]
    for seed in range(3):
        torch.manual_seed(seed)
        as_class = mlp_class()
        torch.manual_seed(seed)
        as_chain = slide_net()
        pairs = zip(as_class.parameters(), as_chain.parameters(), strict=True)
        assert all(torch.equal(p, q) for p, q in pairs)
        assert torch.equal(as_class(X), as_chain(X))


def test_layers_in_a_list() -> None:
    """neural-networks/mlp.md#module: "Of the 49 parameters only the 5 of the last layer are registered; the others are
    left out of training without an error", "Use nn.ModuleList or nn.Sequential", "If all layers are in a list, the
    optimizer raises".
    """
    forgetful = sections("list-of-layers", torch=torch, nn=nn)["Forgetful"]()
    assert sum(p.numel() for p in forgetful.parameters()) == 5
    before = forgetful.hidden[0].weight.detach().clone()
    LESSON["fit"](forgetful, steps=3)
    assert torch.equal(forgetful.hidden[0].weight, before)
    for container in (nn.ModuleList(forgetful.hidden), nn.Sequential(*forgetful.hidden)):
        forgetful.hidden = container
        assert sum(p.numel() for p in forgetful.parameters()) == 49

    class AllInAList(nn.Module):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.layers = [nn.Linear(1, 5), nn.Linear(5, 1)]

    with pytest.raises(ValueError, match="optimizer got an empty parameter list"):
        optim.Adam(AllInAList().parameters())


def test_old_super() -> None:
    """neural-networks/mlp.md#module: "It still works the same, but whoever renames the class must change this line
    too".
    """
    source = "class CNN(nn.Module):\n    def __init__(self):\n        super(CNN, self).__init__()\n"
    source += "        self.layer = nn.Linear(1, 5)\n"
    namespace: dict[str, Any] = {"nn": nn}
    exec(source, namespace)
    assert sum(p.numel() for p in namespace["CNN"]().parameters()) == 10
    renamed: dict[str, Any] = {"nn": nn}
    exec(source.replace("class CNN", "class Net"), renamed)
    with pytest.raises(NameError):
        renamed["Net"]()


def test_misspelt_forward() -> None:
    """neural-networks/mlp.md#self-check: the message says 'missing the required "forward" function'."""
    net = type("Net", (nn.Module,), {"foward": lambda self, x: x})()
    with pytest.raises(NotImplementedError, match='missing the required "forward" function'):
        net(X)


def test_tent() -> None:
    """neural-networks/mlp.md#universal-approximation: "it rises from x = 0 to height 1 at x = 1 and is down
    again at x = 2", "A tent is 0 outside".
    """
    x = torch.linspace(-5, 7, 1201, dtype=torch.float64)
    tent = torch.relu(x) - 2 * torch.relu(x - 1) + torch.relu(x - 2)
    expected = torch.clamp(1 - (x - 1).abs(), min=0)
    torch.testing.assert_close(tent, expected, rtol=0, atol=1e-12)
    by_hand = {-1: (0, 0, 0), 1: (1, 0, 0), 2: (2, 2, 0), 3: (3, 4, 1)}
    for at, terms in by_hand.items():
        assert (max(0, at), 2 * max(0, at - 1), max(0, at - 2)) == terms


@pytest.mark.parametrize("n", [4, 8, 16, 32, 64])
def test_interpolation(n: int) -> None:
    """neural-networks/mlp.md#universal-approximation: "the limit is 18/n²", "let one ReLU change the slope at each",
    and "Beyond its last bend, a ReLU network runs straight on".
    """
    net = interpolate(n)
    knots = torch.linspace(-3, 3, n + 1).reshape(-1, 1)
    torch.testing.assert_close(net(knots), torch.sin(2 * knots), rtol=0, atol=2e-5)
    grid = torch.linspace(-3, 3, 2001).reshape(-1, 1)
    error = (net(grid) - torch.sin(2 * grid)).abs().max().item()
    assert error <= 18 / n**2 + 2e-5
    assert error > 18 / n**2 / 3
    left, right = net(torch.tensor([[-9.0], [-4.0], [-3.0]])), net(torch.tensor([[4.0], [5.0], [6.0]]))
    assert left.flatten().tolist() == pytest.approx([left[0].item()] * 3, abs=1e-6)
    assert (right[2] - right[1]).item() == pytest.approx((right[1] - right[0]).item(), abs=1e-4)


def test_polynomials_do_not_do() -> None:
    """neural-networks/mlp.md#universal-approximation: "the activation function is continuous and not a polynomial":
    with z² however many neurons make a parabola.
    """
    torch.manual_seed(0)
    first, second = nn.Linear(1, 200, dtype=torch.float64), nn.Linear(200, 1, dtype=torch.float64)
    grid = torch.linspace(-3, 3, 61, dtype=torch.float64).reshape(-1, 1)
    third = second(first(grid) ** 2).flatten().diff().diff().diff()
    assert third.abs().max() < 1e-10


@pytest.mark.parametrize("k", range(1, 7))
def test_folding(k: int) -> None:
    """neural-networks/mlp.md#universal-approximation: "Chain it k times, and there are 2^k straight pieces between 0
    and 1".
    """
    x = torch.linspace(0, 1, 2**12 + 1, dtype=torch.float64)
    y = x
    for _ in range(k):
        y = 2 * torch.relu(y) - 4 * torch.relu(y - 0.5)
    slopes = y.diff() / x.diff()
    assert int((slopes.diff().abs() > 1e-6).sum()) + 1 == 2**k
    assert set(slopes.tolist()) == {2.0**k, -(2.0**k)}


@pytest.mark.parametrize("seed", range(5))
def test_one_layer_bends_at_most_n_times(seed: int) -> None:
    """neural-networks/mlp.md#universal-approximation: "With one hidden layer and a single input x, n neurons bend at
    most n times".
    """
    torch.manual_seed(seed)
    net = relu_net(1, 10, 1)
    x = torch.linspace(-50, 50, 100_001, dtype=torch.float64).reshape(-1, 1)
    with torch.no_grad():
        slopes = net(x).flatten().diff() / x.flatten().diff()
    bends = (slopes.diff().abs() > 1e-7).nonzero().flatten()
    apart = 1 + int((bends.diff() > 1).sum()) if len(bends) else 0
    assert 1 <= apart <= 10


def test_square_far_outside() -> None:
    """neural-networks/mlp.md#self-check: "the further out, the more wrong"."""
    knots = torch.linspace(-3, 3, 11, dtype=torch.float64)
    slope = ((knots[-1] ** 2 - knots[-2] ** 2) / (knots[-1] - knots[-2])).item()

    def beyond(x: float) -> float:
        return float(9 + slope * (x - 3))

    errors = [x * x - beyond(x) for x in (4.0, 10.0, 100.0)]
    assert 0 < errors[0] < errors[1] < errors[2]
    assert errors[2] > 9000
