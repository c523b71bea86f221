"""Claims of docs/*/pytorch/autograd.md that its snippet does not show by itself."""

import itertools
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.autograd.gradcheck import GradcheckError

SNIPPET = Path(__file__).parents[3] / "snippets" / "pytorch" / "autograd.py"
TARGET = torch.tensor([2.0, 3.0], dtype=torch.float64)


def section(name: str, **namespace: Any) -> dict[str, Any]:
    """Run one section of the snippet and return what it defines."""
    marked = rf"# --8<-- \[start:{name}\]\n(.*?)# --8<-- \[end:{name}\]"
    found = re.search(marked, SNIPPET.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"the snippet has no section {name}"
    exec(compile(found[1], f"{SNIPPET.name}:{name}", "exec"), namespace)
    return namespace


finite_differences: Callable[..., Tensor] = section("finite-differences", torch=torch)["finite_differences"]


def leaf(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def z_of(x: Tensor) -> Tensor:
    return 3 * (x**2 + 5)


def slide_loss(x: Tensor, target: Tensor = TARGET) -> Tensor:
    return torch.sum(torch.abs(z_of(x) - target))


def operations(tensor: Tensor) -> list[str]:
    names, node = [], tensor.grad_fn
    while node is not None:
        names.append(node.name().split("::")[-1])
        node = node.next_functions[0][0] if node.next_functions else None
    return names


@pytest.mark.parametrize("seed", range(5))
def test_three_ways_agree(seed: int) -> None:
    """pytorch/autograd.md#gradient-check: "Paper, PyTorch and finite differences agree to within a millionth"."""
    torch.manual_seed(seed)
    x = torch.empty(2, dtype=torch.float64).uniform_(-5, 5).requires_grad_()
    slide_loss(x).backward()
    assert x.grad is not None
    by_hand = 6 * x.detach()
    measured = finite_differences(slide_loss, x.detach())
    torch.testing.assert_close(x.grad, by_hand, rtol=0, atol=1e-6)
    torch.testing.assert_close(measured, by_hand, rtol=0, atol=1e-6)
    torch.testing.assert_close(x.grad, measured, rtol=0, atol=1e-6)


def test_every_step_by_hand() -> None:
    """pytorch/autograd.md#backward: the table, and the factors in the figure (× 2x, × 1, × 3, × 1, × sign, × 1)."""
    steps: list[Tensor] = list(section("all-steps", torch=torch, target=torch.tensor([2.0, 3.0]))["steps"].values())
    x = steps[0].detach()
    slopes = (2 * x, 1, 3, 1, steps[4].detach().sign(), 1)
    for (before, after), slope in zip(itertools.pairwise(steps), slopes, strict=True):
        assert before.grad is not None
        assert after.grad is not None
        assert torch.equal(before.grad, (after.grad * slope).expand_as(before))
    values = [[1, 2], [1, 4], [6, 9], [18, 27], [16, 24], [16, 24], 40]
    grads = [[6, 12], [3, 3], [3, 3], [1, 1], [1, 1], [1, 1], 1]
    assert [step.tolist() for step in steps] == values
    assert [step.grad.tolist() for step in steps if step.grad is not None] == grads


def test_the_warning_appears_once() -> None:
    """pytorch/autograd.md#autograd: "y and z are read in the same line, so the same warning appears once."."""
    code = compile("print_nothing = (y.grad, z.grad)", "slide.py", "exec")
    y = leaf(1, 2) ** 2
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        exec(code, {"y": y, "z": 3 * y, "__name__": "__main__"})
    assert len(caught) == 1
    text = str(caught[0].message)
    assert "not a leaf Tensor is being accessed" in text
    assert "won't be populated during autograd.backward()" in text
    assert "use .retain_grad()" in text


@pytest.mark.parametrize(
    "line",
    [
        "target = torch.tensor([2.0,3.0]) 목표값",
        "loss = torch.sum(torch.abs(z-target)) z와 target 차이의 절대값 계산",
        "loss.backward() x에 대한 기울기 계산",
    ],
)
def test_words_beside_the_code(line: str) -> None:
    """pytorch/autograd.md#autograd: "Copied as they stand, they are a SyntaxError"."""
    with pytest.raises(SyntaxError):
        compile(line, "slide.py", "exec")


def test_requires_grad_spreads() -> None:
    """pytorch/autograd.md#requires-grad: "it is off unless you turn it on", "one ingredient with the switch on is
    enough for an operation that gives decimals", "a tensor that did not come out of a recorded operation is a leaf",
    "until then x.grad is None".
    """
    plain, x = torch.tensor([1.0]), torch.tensor([1.0], requires_grad=True)
    assert not plain.requires_grad
    assert (plain + x).requires_grad
    assert not (x > 0).requires_grad
    assert not x.argmax().requires_grad
    assert not (plain + plain).requires_grad
    assert plain.is_leaf
    assert (plain + plain).is_leaf
    assert x.is_leaf
    assert not (plain + x).is_leaf
    slide_loss(x)
    assert x.grad is None


def test_what_is_in_the_graph() -> None:
    """pytorch/autograd.md#graph: "The 3 and the 5 are not in the graph", "it has no name, but it has a node", "The
    attribute variable … exists only on AccumulateGrad; it is the leaf that receives the gradient."
    """
    x = leaf(1, 2)
    multiply = z_of(x).grad_fn
    assert multiply is not None
    add, three = (child for child, _ in multiply.next_functions)
    assert add is not None
    power, five = (child for child, _ in add.next_functions)
    assert power is not None
    assert three is None
    assert five is None
    assert power.name() == "PowBackward0"
    accumulate = power.next_functions[0][0]
    assert accumulate is not None
    assert accumulate.variable is x
    assert not any(hasattr(node, "variable") for node in (multiply, add, power))


def test_graph_is_made_while_computing() -> None:
    """pytorch/autograd.md#graph: "only the operations that really ran this time are noted, and the next computation
    makes a new graph."
    """

    def branching(x: Tensor) -> Tensor:
        if x.sum() > 0:
            for _ in range(2):
                x = x.exp()
            return x
        return x.sin()

    assert operations(branching(leaf(1))) == ["ExpBackward0", "ExpBackward0", "AccumulateGrad"]
    assert operations(branching(leaf(-1))) == ["SinBackward0", "AccumulateGrad"]
    x = leaf(1)
    assert z_of(x).grad_fn is not z_of(x).grad_fn


def test_retain_grad_comes_first() -> None:
    """pytorch/autograd.md#backward: "It has to be called before backward()."; #non-leaf: "Call y.retain_grad() first,
    and they are."
    """
    for early in (True, False):
        y = leaf(1, 2) ** 2 + 5
        loss = (3 * y).sum()
        if early:
            y.retain_grad()
        loss.backward()
        if not early:
            y.retain_grad()
        assert (y.grad is not None) is early


def test_only_leaves_keep_their_gradient() -> None:
    """pytorch/autograd.md#non-leaf: "What is kept is the gradient of leaves with requires_grad on, in their .grad."."""
    x, constant = leaf(1, 2), torch.ones(2, dtype=torch.float64)
    y = x**2 * constant
    y.sum().backward()
    assert x.grad is not None
    assert constant.grad is None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert y.grad is None


@pytest.mark.parametrize("target", [3.0, 14.0, 20.0, 27.0, 40.0])
def test_sign_turns_below_the_target(target: float) -> None:
    """pytorch/autograd.md#gradient-of-what: "The two agree because z is larger than the target … For a larger target
    the sign flips."; the figure: "With target 3, z is larger everywhere … With target 27, z is smaller in the middle".
    """
    x = torch.linspace(-3, 3, 80, dtype=torch.float64, requires_grad=True)
    (of_z,) = torch.autograd.grad(z_of(x).sum(), x)
    (of_loss,) = torch.autograd.grad(slide_loss(x, torch.tensor(target)), x)
    above = z_of(x).detach() > target
    assert torch.equal(of_loss, torch.where(above, of_z, -of_z))
    assert bool(above.all()) is (target <= 15)
    if target == 27.0:
        assert torch.equal(~above, x.detach().abs() < 2)


def test_sum_and_mean_of_a_vector() -> None:
    """pytorch/autograd.md#vector: "With nothing in its brackets, backward() finds the gradient of a number",
    "Reduce the tensor with sum() or mean()", "the gradient of the sum holds the slope of each."
    """
    x = leaf(1, 2)
    with pytest.raises(RuntimeError, match="only for scalar outputs"):
        z_of(x).backward()
    z_of(x).backward(torch.ones(2, dtype=x.dtype))
    assert x.grad is not None
    assert x.grad.tolist() == [6, 12]
    (of_sum,) = torch.autograd.grad(z_of(x).sum(), x)
    (of_mean,) = torch.autograd.grad(z_of(x).mean(), x)
    each = [torch.autograd.grad(z_of(x)[i], x)[0][i].item() for i in range(2)]
    assert of_sum.tolist() == each == [6, 12]
    assert of_mean.tolist() == [3, 6]


def test_clearing() -> None:
    """pytorch/autograd.md#accumulate: "does not fill in zeros but goes back to None", "write x.grad = None", "which
    does fill in zeros, and is an AttributeError while .grad is None".
    """
    x = leaf(1, 2)
    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'zero_'"):
        x.grad.zero_()
    for clear in ("none", "zero_grad", "zero_"):
        z_of(x).sum().backward()
        assert x.grad is not None
        assert x.grad.tolist() == [6, 12]
        if clear == "zero_":
            x.grad.zero_()
            assert x.grad.tolist() == [0, 0]
        elif clear == "zero_grad":
            torch.optim.SGD([x], lr=0.01).zero_grad()
            assert x.grad is None
        else:
            x.grad = None


def test_twice_on_one_graph() -> None:
    """pytorch/autograd.md#accumulate: "The message goes on to suggest retain_graph=True"; #self-check: "It has added up
    three times, to [18, 36]."
    """
    x = leaf(1, 2)
    z = z_of(x)
    z.sum().backward()
    with pytest.raises(RuntimeError, match=r"backward through the graph a second time.*Specify retain_graph=True"):
        z.sum().backward()
    x.grad = None
    z = z_of(x)
    for _ in range(3):
        z.sum().backward(retain_graph=True)
    assert x.grad is not None
    assert x.grad.tolist() == [18, 36]


def test_nothing_to_keep() -> None:
    """pytorch/autograd.md#accumulate: "A graph with nothing to keep, such as that of (x + 5).sum(), adds up a second
    time without an error."
    """
    x = leaf(1, 2)
    loss = (x + 5).sum()
    loss.backward()
    loss.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2, 2]


def test_a_node_is_passed_once() -> None:
    """pytorch/autograd.md#accumulate: "it adds up everything that comes to a node and then passes through that node
    once."
    """
    passed: list[float] = []
    y = leaf(2) ** 2
    y.register_hook(lambda gradient: passed.append(gradient.item()))
    (y * y + 3 * y).sum().backward()
    assert passed == [2 * 4 + 3]


def test_own_autograd() -> None:
    """pytorch/autograd.md#accumulate: "z is 27 and the gradient of x is 12 … 6 arrived along each of two paths."."""
    number = section("own-autograd")["Number"]
    x = number(2.0)
    z = number(3.0) * (x * x + number(5.0))
    z.backward()
    assert (z.value, x.grad) == (27, 12)
    square = x * x
    assert [3 * slope for _, slope in square.parents] == [6, 6]
    y = leaf(0.7)
    (y * (y + y * y)).backward()
    own = number(0.7)
    (own * (own + own * own)).backward()
    assert y.grad is not None
    assert own.grad == pytest.approx(y.grad.item(), abs=1e-12)


def test_no_grad_records_nothing() -> None:
    """pytorch/autograd.md#no-grad: "The values are the same, and there is no grad_fn."."""
    x = leaf(1, 2)
    with torch.no_grad():
        z = z_of(x)
    assert torch.equal(z, z_of(x))
    assert z.grad_fn is None
    assert not z.requires_grad
    assert x.requires_grad


def test_a_new_tensor_is_no_leaf() -> None:
    """pytorch/autograd.md#no-grad: "But then x is a new tensor that is not a leaf, and after the next backward() its
    x.grad is None."
    """
    x = leaf(1, 2)
    z_of(x).sum().backward()
    assert x.grad is not None
    x = x - 0.1 * x.grad
    assert not x.is_leaf
    z_of(x).sum().backward()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert x.grad is None


def test_clearing_moves_nothing() -> None:
    """pytorch/autograd.md#accumulate: "`lr` says how far it moves the values; nothing is moved here"."""
    x = leaf(1, 2)
    optimizer = torch.optim.SGD([x], lr=0.01)
    z_of(x).sum().backward()
    optimizer.zero_grad()
    assert x.tolist() == [1, 2]
    z_of(x).sum().backward()
    optimizer.step()
    assert x.tolist() == pytest.approx([1 - 0.01 * 6, 2 - 0.01 * 12])


CUTS: list[Callable[[Tensor], Tensor]] = [
    lambda x: z_of(x).argmax(),
    lambda x: torch.tensor(z_of(x).sum().item()),
    lambda x: z_of(x.detach()).sum(),
    lambda x: torch.no_grad()(z_of)(x).sum(),
]


@pytest.mark.parametrize("cut", CUTS)
def test_cut_off(cut: Callable[[Tensor], Tensor]) -> None:
    """pytorch/autograd.md#no-grad: "You get it when the loss was computed inside no_grad, went through argmax(), which
    gives the index of the largest number as an integer, or was made anew from a bare value … and also when
    requires_grad was never turned on."
    """
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require grad and does not have a grad_fn"):
        cut(leaf(1, 2)).backward()


def test_wrapping_only_silences() -> None:
    """pytorch/autograd.md#no-grad: "Wrapping such a number … only silences the error: the gradient of x stays None.";
    #self-check: "backward() puts 1 into loss.grad", "With loss = x**2, x.grad is 4."
    """
    x = torch.tensor(2.0, requires_grad=True)
    loss = torch.tensor((x**2).item(), requires_grad=True)
    loss.backward()
    assert x.grad is None
    assert loss.grad == 1
    (x**2).backward()
    assert x.grad == 4


def test_detached_memory() -> None:
    """pytorch/autograd.md#no-grad: "The detached tensor shares its memory with the original: change one, and the other
    changes. For a copy of its own, use detach().clone()."
    """
    x = leaf(1, 2)
    shared, copy = x.detach(), x.detach().clone()
    shared[0] = 7
    assert x.tolist() == [7, 2]
    assert copy.tolist() == [1, 2]


def test_gradcheck() -> None:
    """pytorch/autograd.md#gradient-check: "torch.autograd.gradcheck(slide_loss, x) … returns True if all is well."; it
    refuses the forgotten detach, whose true gradient is 9x² while PyTorch gives 3x².
    """
    x = leaf(1, 2)
    assert torch.autograd.gradcheck(slide_loss, x)
    with pytest.raises(GradcheckError):
        torch.autograd.gradcheck(lambda x: torch.sum((x**2).detach() * (3 * x)), x)
    (whole,) = torch.autograd.grad(torch.sum(x**2 * (3 * x)), x)
    assert whole.tolist() == [9, 36]


def test_cost_of_finite_differences() -> None:
    """pytorch/autograd.md#gradient-check: "With 100 000 numbers in the model you would have to compute the loss 200 000
    times. backward() goes back through the graph once and finds all 100 000."
    """
    calls = 0

    def counted(x: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return (x**2).sum()

    finite_differences(counted, torch.ones(50, dtype=torch.float64))
    assert calls == 2 * 50
    calls = 0
    x = torch.ones(100_000, dtype=torch.float64, requires_grad=True)
    counted(x).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0] * 100_000
    assert calls == 1


def test_abs_at_zero() -> None:
    """pytorch/autograd.md#gradient-check: "for abs at 0 it is 0"; #self-check: "Times 6 and 12, that is [0, -12]."."""
    zero = leaf(0)
    zero.abs().backward()
    assert zero.grad == 0
    x = leaf(1, 2)
    slide_loss(x, torch.tensor([18.0, 30.0])).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, -12]


def test_answer_28() -> None:
    """pytorch/autograd.md#self-check: "Multiply backwards: 2u · 2 = 14 · 2 = 28."."""
    x = leaf(3)
    ((2 * x + 1) ** 2).backward()
    assert x.grad == 28
