"""Claims of docs/*/regression/training-loop.md that its snippet does not show by itself.

Each docstring quotes the sentence of the English page and names its heading.
"""

import copy
import math
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn, optim

Training = tuple[list[tuple[float, float]], list[float]]
"""Every (w, b) and every loss on the way."""

SEEDS = range(5)
X_SMALL = torch.tensor([[-2.0], [1.0], [3.0]], dtype=torch.float64)
Y_SMALL = torch.tensor([[-8.0], [7.0], [17.0]], dtype=torch.float64)


def make_data(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The page's 500 points."""
    torch.manual_seed(seed)
    x = torch.empty(500, 1).uniform_(-10, 10)
    return x, 5 * x + 2 + torch.empty(500, 1).normal_()


def line(w: float = 0.0, b: float = 0.0) -> nn.Linear:
    model = nn.Linear(1, 1, dtype=torch.float64)
    with torch.no_grad():
        model.weight.fill_(w)
        model.bias.fill_(b)
    return model


def values(model: nn.Linear) -> tuple[float, float]:
    return model.weight.item(), model.bias.item()


def train(seed: int, loss_fn: nn.Module, lr: float, epochs: int) -> Training:
    """The lecture's training: every (w, b) and every loss on the way."""
    x, y = make_data(seed)
    model = nn.Linear(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=lr)
    path, losses = [values(model)], []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        path.append(values(model))
        losses.append(loss.item())
    return path, losses


def grads(loss: torch.Tensor, model: nn.Linear) -> tuple[float, float]:
    w_grad, b_grad = torch.autograd.grad(loss, [model.weight, model.bias])
    return w_grad.item(), b_grad.item()


def closed_form(x: torch.Tensor, y: torch.Tensor) -> tuple[float, float]:
    solution = torch.linalg.lstsq(torch.cat([x, torch.ones_like(x)], dim=1), y).solution
    return solution[0].item(), solution[1].item()


@pytest.fixture(scope="module")
def lecture() -> Training:
    return train(0, nn.L1Loss(), 0.01, 200)


def test_w_arrives_and_b_stops_halfway(lecture: Training) -> None:
    """regression/training-loop.md#training-loop: "`w` reaches 5 while `b` stops halfway to 2"."""
    w, b = lecture[0][-1]
    assert abs(w - 5) < 0.01
    assert abs(b - 1) < 0.02


def test_the_loss_went_down_all_the_way(lecture: Training) -> None:
    """regression/training-loop.md#training-loop: "the loss went down all the way"."""
    losses = lecture[1]
    assert all(later < earlier for earlier, later in pairwise(losses))


def test_parameters_start_between_minus_one_and_one() -> None:
    """regression/training-loop.md#model: "a model whose w and b start as random numbers between -1 and 1"."""
    torch.manual_seed(0)
    starts = torch.tensor([values(nn.Linear(1, 1)) for _ in range(2000)])
    assert starts.abs().max() <= 1
    for column in starts.T:
        assert column.min() < -0.99 and column.max() > 0.99
        assert abs(column.mean()) < 0.05


def test_underscore_functions_change_their_tensor() -> None:
    """regression/training-loop.md#model: "A function whose name ends in an underscore … changes the tensor that
    you give it"."""
    weight = nn.Linear(1, 1).weight
    assert nn.init.zeros_(weight) is weight
    assert weight.item() == 0


def test_the_optimizer_holds_the_parameters_themselves() -> None:
    """regression/training-loop.md#loss-and-optimizer: "hands over w and b themselves, not copies"."""
    model = nn.Linear(1, 1)
    held = optim.SGD(model.parameters(), lr=0.01).param_groups[0]["params"]
    assert [id(p) for p in held] == [id(model.weight), id(model.bias)]


def test_gradients_of_l1_keep_only_signs() -> None:
    """regression/training-loop.md#five-lines: "The gradient of w is the mean of sign times x … of b … the mean of
    the signs"."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(50, 1, dtype=torch.float64, generator=generator)
    y = torch.randn(50, 1, dtype=torch.float64, generator=generator)
    model = line(0.3, -0.2)
    signs = torch.sign(model(x) - y)
    w_grad, b_grad = grads(nn.L1Loss()(model(x), y), model)
    assert w_grad == pytest.approx((signs * x).mean().item(), abs=1e-14)
    assert b_grad == pytest.approx(signs.mean().item(), abs=1e-14)
    far_targets = model(x).detach() - 1000 * signs
    assert grads(nn.L1Loss()(model(x), far_targets), model) == pytest.approx((w_grad, b_grad), abs=1e-14)


def test_a_point_on_the_line_counts_0() -> None:
    """regression/training-loop.md#five-lines: "Where it hits the point exactly, PyTorch takes 0."."""
    model = line(5, 2)
    assert torch.equal(model(X_SMALL), Y_SMALL)
    assert grads(nn.L1Loss()(model(X_SMALL), Y_SMALL), model) == (0, 0)


def test_paper_and_pytorch_agree_on_two_laps() -> None:
    """regression/training-loop.md#five-lines: "w becomes 0 - 0.01 × (-2) = 0.02 and b becomes 0 + 1/300", then
    "another 0.02"."""
    model = line()
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for w, b in ((0.02, 1 / 300), (0.04, 2 / 300)):
        optimizer.zero_grad()
        loss = nn.L1Loss()(model(X_SMALL), Y_SMALL)
        loss.backward()
        assert (model.weight.grad.item(), model.bias.grad.item()) == pytest.approx((-2, -1 / 3), abs=1e-14)
        optimizer.step()
        assert values(model) == pytest.approx((w, b), abs=1e-14)
        losses.append(loss.item())
    assert losses[0] == pytest.approx(32 / 3, abs=1e-14)
    assert losses[1] < losses[0]


def test_each_line_changes_what_the_page_says() -> None:
    """regression/training-loop.md#five-lines: "They become `None`, not 0" … "The one line that changes w and b is
    `step`"."""
    model = line()
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    start = values(model)
    loss = nn.L1Loss()(model(X_SMALL), Y_SMALL)
    assert values(model) == start
    loss.backward()
    assert values(model) == start
    found = model.weight.grad.clone()
    optimizer.step()
    assert values(model) != start
    assert torch.equal(model.weight.grad, found)
    optimizer.zero_grad()
    assert model.weight.grad is None and model.bias.grad is None


def test_a_seed_repeats_the_numbers() -> None:
    """regression/training-loop.md#data: "fixes the random seed, so that every run draws the same numbers"."""
    assert all(torch.equal(first, second) for first, second in zip(make_data(3), make_data(3), strict=True))
    assert not torch.equal(make_data(3)[0], make_data(4)[0])


def test_the_closed_form_minimises_the_squared_error() -> None:
    """regression/training-loop.md#closed-form: "returns the (w, b) with the smallest sum of squared errors" … "by
    squared error this line fits them better than y = 5x + 2 does"."""
    x, y = (t.double() for t in make_data(0))
    w, b = closed_form(x, y)

    def squares(w: float, b: float) -> float:
        return float((w * x + b - y).square().sum())

    best = squares(w, b)
    assert best < squares(5, 2)
    for dw, db in ((0.001, 0), (-0.001, 0), (0, 0.001), (0, -0.001), (0.001, 0.001), (-0.001, 0.001)):
        assert squares(w + dw, b + db) > best


def test_votes_are_the_gradient_of_b() -> None:
    """regression/training-loop.md#why-b-is-late: "A point above the line votes -1 …", and a mean of votes is
    between -1 and 1."""
    x, y = (t.double() for t in make_data(0))
    for w, b in ((0.9, 0.0), (5.0, 1.0), (5.0, -50.0), (5.0, 50.0)):
        above = (y > w * x + b).sum().item()
        model = line(w, b)
        b_grad = grads(nn.L1Loss()(model(x), y), model)[1]
        assert b_grad == pytest.approx((500 - above - above) / 500, abs=1e-14)
        assert abs(b_grad) <= 1 + 1e-12


def test_b_could_not_have_reached_2(lecture: Training) -> None:
    """regression/training-loop.md#why-b-is-late: "even with all 500 points above the line …, it could not have
    reached 2"."""
    path = lecture[0]
    assert path[0][1] + 200 * 0.01 < 2
    assert all(abs(b - a) <= 0.01 + 1e-6 for (_, a), (_, b) in pairwise(path))


def test_w_walks_at_a_steady_pace(lecture: Training) -> None:
    """regression/training-loop.md#why-b-is-late: "each epoch adds 0.01 × the mean of |x|" … "where the loss
    curve, straight until then, bends"."""
    path, losses = lecture
    pace = 0.01 * make_data(0)[0].abs().mean().item()
    assert (path[50][0] - path[0][0]) / 50 == pytest.approx(pace, rel=0.01)
    laps = round((5 - path[0][0]) / pace)
    falls = [earlier - later for earlier, later in pairwise(losses)]
    assert falls[laps - 20] > 0.85 * falls[0]
    assert falls[laps + 10] < 0.1 * falls[0]


def test_votes_cancel_while_w_is_well_below_5(lecture: Training) -> None:
    """regression/training-loop.md#why-b-is-late: "While w is well below 5, most points on the right are above the line
    and most points on the left below it, in similar numbers, and b hardly moves." and "Only when w is close to 5 do
    almost all points vote to raise b"."""
    x, y = make_data(0)
    path = lecture[0]
    for w, b in path:
        above = y > w * x + b
        right, left = (above[side].double().mean().item() for side in (x > 0, x < 0))
        if w < 4.4:
            assert right > 0.95 and left < 0.3
            assert abs(b - path[0][1]) < 0.1
        assert above.double().mean() < 0.9 or w > 4.8
    w, b = path[100]
    assert w < 5 and (y > w * x + b).double().mean() > 0.9, "close to 5, though still below it"


def many_runs(lr: float, b_start: float | None) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """200 epochs of L1 on 400 data sets at once: final w, final b, and how far w and b moved in the last 20 epochs."""
    generator = torch.Generator().manual_seed(1)
    x = torch.empty(400, 500).uniform_(-10, 10, generator=generator)
    y = 5 * x + 2 + torch.randn(400, 500, generator=generator)
    w = torch.empty(400, 1).uniform_(-1, 1, generator=generator)
    b = torch.empty(400, 1).uniform_(-1, 1, generator=generator) if b_start is None else torch.full((400, 1), b_start)
    lasts = []
    for _ in range(200):
        signs = torch.sign(w * x + b - y)
        w = w - lr * (signs * x).mean(1, keepdim=True)
        b = b - lr * signs.mean(1, keepdim=True)
        lasts.append(w)
    recent = torch.stack(lasts[-20:])
    return w, b, recent.amax(0) - recent.amin(0), x


def test_a_lucky_start_does_not_help() -> None:
    """regression/training-loop.md#why-b-is-late: "b begins at 1 at the most, and even from there 200 epochs do not
    take it to 2"."""
    assert max(values(nn.Linear(1, 1))[1] for _ in range(1000)) <= 1
    _, b, _, _ = many_runs(lr=0.01, b_start=1.0)
    assert b.max() < 1.8


def test_most_points_are_still_above_at_epoch_200(
    lecture: Training,
) -> None:
    """regression/training-loop.md#remedies: "At epoch 200 more than four points in five were still above the
    line"."""
    x, y = make_data(0)
    w, b = lecture[0][-1]
    assert (y > w * x + b).double().mean() > 4 / 5


def test_five_times_the_rate_goes_as_far_as_five_times_the_epochs() -> None:
    """regression/training-loop.md#remedies: "At a learning rate of 0.05, 200 epochs go as far as 1000 at 0.01"."""
    for seed in SEEDS[:3]:
        quick, slow = (train(seed, nn.L1Loss(), lr, epochs)[0][-1] for lr, epochs in ((0.05, 200), (0.01, 1000)))
        assert quick == pytest.approx(slow, abs=0.01)


def test_at_a_tenth_w_does_not_settle() -> None:
    """regression/training-loop.md#remedies: "at 0.1, w keeps bouncing around 5 and does not settle"."""
    _, _, bouncing, _ = many_runs(lr=0.1, b_start=None)
    _, _, settled, _ = many_runs(lr=0.05, b_start=None)
    assert bouncing.median() > 0.3 and (bouncing > 0.1).double().mean() > 0.98
    assert settled.median() < 0.01 and settled.max() < 0.1


def test_the_gradient_of_mse_is_proportional_to_the_errors() -> None:
    """regression/training-loop.md#remedies: "The gradient of the mean squared error … is proportional to the
    errors"."""
    model = line(1, 1)
    once = grads(nn.MSELoss()(model(X_SMALL), model(X_SMALL).detach() + Y_SMALL), model)
    thrice = grads(nn.MSELoss()(model(X_SMALL), model(X_SMALL).detach() + 3 * Y_SMALL), model)
    assert thrice == pytest.approx([3 * g for g in once], rel=1e-12)


def test_an_outlier_is_one_vote_for_l1_and_pulls_squares() -> None:
    """regression/training-loop.md#remedies: "pulls squares strongly towards it, while for L1 it is one vote like
    any other"."""
    x, y = (t.double() for t in make_data(0))
    far, farther = y.clone(), y.clone()
    far[0], farther[0] = 1000.0, 100000.0
    model = line(*closed_form(x, y))
    near_l1, far_l1 = (grads(nn.L1Loss()(model(x), targets), model) for targets in (far, farther))
    assert near_l1 == pytest.approx(far_l1, abs=1e-14)
    assert abs(closed_form(x, farther)[1] - closed_form(x, y)[1]) > 50


@pytest.mark.parametrize("delta", [0.02, 0.05])
def test_near_the_best_line_the_gradient_is_proportional_to_the_distance(delta: float) -> None:
    """regression/training-loop.md#remedies: "∂L/∂b ≈ … = √(2/π) δ" and for w "multiplies this by the mean of
    x²"."""
    generator = torch.Generator().manual_seed(2)
    x = torch.empty(400_000, 1, dtype=torch.float64).uniform_(-10, 10, generator=generator)
    noise = torch.randn(400_000, 1, dtype=torch.float64, generator=generator)
    b_grad = (torch.sign(delta - noise) - torch.sign(-noise)).mean().item()
    w_grad = ((torch.sign(delta * x - noise) - torch.sign(-noise)) * x).mean().item()
    assert b_grad / delta == pytest.approx(math.sqrt(2 / math.pi), rel=0.03)
    assert w_grad / delta == pytest.approx(math.sqrt(2 / math.pi) * x.square().mean().item(), rel=0.04)
    assert 0.01 * math.sqrt(2 / math.pi) < 1 / 100


def test_the_limit_separates_settling_from_bouncing() -> None:
    """regression/training-loop.md#remedies: "the learning rate must stay below 2 divided by the curvature"."""
    _, _, _, x = many_runs(lr=0.01, b_start=None)
    limit = 2 / (math.sqrt(2 / math.pi) * x.square().mean().item())
    below, above = (many_runs(lr=factor * limit, b_start=None)[2].median() for factor in (0.85, 1.15))
    assert below < 0.03
    assert above > 0.1


def test_l1_and_mse_have_different_minima() -> None:
    """regression/training-loop.md#remedies: "the L1 loss is smallest where the votes balance, the squared error …
    elsewhere"."""
    x, y = (t.double() for t in make_data(0))
    mended, best = line(*train(0, nn.L1Loss(), 0.05, 200)[0][-1]), line(*closed_form(x, y))
    assert nn.L1Loss()(mended(x), y) < nn.L1Loss()(best(x), y)
    assert nn.MSELoss()(mended(x), y) > nn.MSELoss()(best(x), y)
    assert abs(grads(nn.L1Loss()(mended(x), y), mended)[1]) < 0.02


def test_a_whole_model_loads_only_without_weights_only(tmp_path: Path) -> None:
    """regression/training-loop.md#save-and-load: "`torch.load` refuses such a file by default. With
    `weights_only=False` it loads, and then code hidden in the file can run as well."."""
    model = nn.Linear(1, 1)
    torch.save(model, tmp_path / "whole.pt")
    with pytest.raises(Exception, match="weights_only"):
        torch.load(tmp_path / "whole.pt")
    assert isinstance(torch.load(tmp_path / "whole.pt", weights_only=False), nn.Linear)

    class Hidden:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "ran",))

    torch.save(Hidden(), tmp_path / "hidden.pt")
    with pytest.raises(Exception, match="weights_only"):
        torch.load(tmp_path / "hidden.pt")
    assert not (tmp_path / "ran").exists()
    torch.load(tmp_path / "hidden.pt", weights_only=False)
    assert (tmp_path / "ran").exists()


def test_a_state_dict_file_loads_by_default(tmp_path: Path) -> None:
    """regression/training-loop.md#save-and-load: "the file holds values, not the model's code"."""
    model = nn.Linear(1, 1)
    torch.save(model.state_dict(), tmp_path / "line.pt")
    loaded = torch.load(tmp_path / "line.pt")
    assert list(loaded) == ["weight", "bias"]
    assert torch.equal(loaded["weight"], model.weight)


def test_state_dict_shares_memory() -> None:
    """regression/training-loop.md#save-and-load: "share their memory with the model's parameters … `best` changes
    too"."""
    model = line()
    best, kept = model.state_dict(), copy.deepcopy(model.state_dict())
    assert best["weight"].data_ptr() == model.weight.data_ptr()
    nn.L1Loss()(model(X_SMALL), Y_SMALL).backward()
    optim.SGD(model.parameters(), lr=0.01).step()
    assert best["weight"].item() == pytest.approx(0.02, abs=1e-14)
    assert kept["weight"].item() == 0


def test_gradients_pile_up() -> None:
    """regression/training-loop.md#mistakes: "the gradient of w doubles, triples and quadruples. w … runs past 5.
    Only beyond it do gradients of the other sign slow it down"."""
    x, y = make_data(0)
    model = nn.Linear(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    sums, ws = [], []
    for _ in range(200):
        nn.L1Loss()(model(x), y).backward()
        sums.append(model.weight.grad.item())
        optimizer.step()
        ws.append(model.weight.item())
    assert [total / sums[0] for total in sums[:4]] == pytest.approx([1, 2, 3, 4], rel=0.01)
    turn = next(i for i, (a, b) in enumerate(pairwise(sums)) if b > a)
    assert ws[turn - 1] < 5.5 and ws[turn] > 4.5
    assert max(ws) > 8 and min(ws[max(range(60), key=ws.__getitem__) :]) < 2


def test_step_skips_parameters_without_a_gradient() -> None:
    """regression/training-loop.md#mistakes: "`step()` silently skips every parameter whose `.grad` is `None`"."""
    model = line(1, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optim.SGD(model.parameters(), lr=0.01).step()
    assert values(model) == (1, 1)


def test_retain_graph_is_no_cure() -> None:
    """regression/training-loop.md#mistakes: "the message goes on to suggest `retain_graph=True` … w walks past 5
    and on"."""
    x, y = make_data(0)
    model = nn.Linear(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    output = model(x)
    nn.L1Loss()(output, y).backward()
    with pytest.raises(RuntimeError, match="retain_graph=True"):
        nn.L1Loss()(output, y).backward()

    output = model(x)
    found, ws = [], []
    for _ in range(300):
        optimizer.zero_grad()
        nn.L1Loss()(output, y).backward(retain_graph=True)
        optimizer.step()
        found.append(model.weight.grad.item())
        ws.append(model.weight.item())
    assert set(found) == {found[0]}
    assert ws[-1] > 10 and ws[-1] > ws[-2] > ws[-3]


def nodes(tensor: torch.Tensor) -> int:
    """How many computations the graph behind `tensor` holds."""
    seen, waiting = set(), [tensor.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting += [following for following, _ in node.next_functions]
    return len(seen)


def test_a_sum_of_losses_keeps_every_graph() -> None:
    """regression/training-loop.md#mistakes: "holds on to the graphs of all three laps, and each further lap takes
    more memory"."""
    model = line()
    total: Any = 0
    sizes = []
    for _ in range(6):
        total = total + nn.L1Loss()(model(X_SMALL), Y_SMALL)
        sizes.append(nodes(total))
    steps = {later - earlier for earlier, later in pairwise(sizes)}
    assert len(steps) == 1 and steps.pop() >= 3


def test_the_old_constructors() -> None:
    """regression/training-loop.md#lecture-slides: "The old way to make a tensor whose values are not set"."""
    for old in (torch.Tensor(500, 1), torch.FloatTensor(500, 1)):
        assert old.shape == torch.empty(500, 1).shape and old.dtype == torch.empty(500, 1).dtype


def test_mse_would_have_brought_b_close() -> None:
    """regression/training-loop.md#lecture-slides: "With MSE, the same learning rate and number of epochs … b close
    to 2"."""
    for seed in SEEDS:
        b = train(seed, nn.MSELoss(), 0.01, 200)[0][-1][1]
        assert abs(b - 2) < 0.15
        assert abs(b - closed_form(*make_data(seed))[1]) < 0.06


def test_sgd_steps_by_whatever_is_in_grad() -> None:
    """regression/training-loop.md#lecture-slides: "it steps by whatever is in `.grad`"."""
    model = line(1, 1)
    model.weight.grad = torch.full_like(model.weight, 7)
    model.bias.grad = torch.full_like(model.bias, -3)
    optim.SGD(model.parameters(), lr=0.5).step()
    assert values(model) == (1 - 0.5 * 7, 1 + 0.5 * 3)


def test_one_step_with_lr_1() -> None:
    """regression/training-loop.md#self-check: "w = 0 + 2 = 2 and b = 0 + 1/3 = 1/3"."""
    model = line()
    nn.L1Loss()(model(X_SMALL), Y_SMALL).backward()
    optim.SGD(model.parameters(), lr=1).step()
    assert values(model) == pytest.approx((2, 1 / 3), abs=1e-14)


def test_2000_epochs_at_least() -> None:
    """regression/training-loop.md#self-check: "at least 2 ÷ 0.001 = 2000 epochs. That holds if all points stay
    above the line"."""
    x, y = torch.zeros(2, 1, dtype=torch.float64), torch.full((2, 1), 100.0, dtype=torch.float64)
    model = line()
    b_grad = grads(nn.L1Loss()(model(x), y), model)[1]
    assert b_grad == -1
    assert 1999 * 0.001 * -b_grad < 2 <= 2000 * 0.001 * -b_grad + 1e-12


def test_zero_grad_after_step_is_as_good() -> None:
    """regression/training-loop.md#self-check: "Does the result change?" "No."."""
    x, y = make_data(0)
    model = nn.Linear(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    for _ in range(200):
        nn.L1Loss()(model(x), y).backward()
        optimizer.step()
        optimizer.zero_grad()
    assert values(model) == train(0, nn.L1Loss(), 0.01, 200)[0][-1]


def test_an_optimizer_of_the_old_model_changes_nothing() -> None:
    """regression/training-loop.md#self-check: "Gradients pile up in the second model, and `step()` skips the
    first"."""
    first, second = line(), line()
    optimizer = optim.SGD(first.parameters(), lr=0.01)
    for lap in (1, 2, 3):
        optimizer.zero_grad()
        nn.L1Loss()(second(X_SMALL), Y_SMALL).backward()
        optimizer.step()
        assert second.weight.grad.item() == pytest.approx(-2 * lap, abs=1e-14)
    assert values(first) == values(second) == (0, 0)


def test_a_flat_target_makes_a_flat_line() -> None:
    """regression/training-loop.md#self-check: "If y has the shape (500,) … w goes close to 0", "a `UserWarning`"."""
    x, y = make_data(0)
    model = nn.Linear(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.05)
    assert (model(x) - y.squeeze(1)).shape == (500, 500)
    with pytest.warns(UserWarning, match="broadcasting"):
        nn.L1Loss()(model(x), y.squeeze(1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(200):
            optimizer.zero_grad()
            nn.L1Loss()(model(x), y.squeeze(1)).backward()
            optimizer.step()
    assert abs(model.weight.item()) < 0.1
