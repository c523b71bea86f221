"""Claims of docs/*/regression/optimizers.md that its snippet does not show by itself.

Each docstring quotes the sentence of the English page and names its heading.
"""

import math
from collections.abc import Iterable
from itertools import combinations, pairwise
from typing import Any

import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X = torch.empty(500, 1).uniform_(-10, 10)
Y = 5 * X + 2 + torch.randn(500, 1)
LINE = torch.cat([X, torch.ones(500, 1)], dim=1).double()
BEST = torch.linalg.lstsq(LINE, Y.double()).solution
STEEPEST = torch.linalg.eigvalsh(2 * LINE.T @ LINE / 500)[-1].item()


def at_a() -> nn.Linear:
    model = nn.Linear(1, 1)
    with torch.no_grad():
        model.weight.fill_(-3)
        model.bias.fill_(8)
    return model


def train(loader: Iterable[Any], epochs: int, optimizer_class: Any, **options: Any) -> torch.Tensor:
    """Every (w, b) of a training from A."""
    model = at_a()
    optimizer = optimizer_class(model.parameters(), **options)
    path = [(-3.0, 8.0)]
    for _ in range(epochs):
        for batch_x, batch_y in loader:
            optimizer.zero_grad()
            nn.functional.mse_loss(model(batch_x), batch_y).backward()
            optimizer.step()
            path.append((model.weight.item(), model.bias.item()))
    return torch.tensor(path, dtype=torch.float64)


def excess(path: torch.Tensor) -> torch.Tensor:
    def loss(w: torch.Tensor) -> torch.Tensor:
        return ((LINE @ w - Y) ** 2).mean(dim=0)

    return loss(path.T) - loss(BEST)


def shuffled(batch_size: int, seed: int = 0) -> DataLoader[Any]:
    torch.manual_seed(seed)
    return DataLoader(TensorDataset(X, Y), batch_size=batch_size, shuffle=True)


def visit(steps: int, slope: Any, optimizer_class: Any, **options: Any) -> list[float]:
    """Where an optimizer takes w from 0 when the gradient at w is `slope(w)`."""
    w = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = optimizer_class([w], **options)
    visited = [0.0]
    for _ in range(steps):
        w.grad = torch.tensor(float(slope(w.item())), dtype=torch.float64)
        optimizer.step()
        visited.append(w.item())
    return visited


def bowl(w: float) -> float:
    return 2 * (w - 5)


def momentum(steps: int, slope: Any, lr: float, mu: float) -> list[float]:
    """The page's formulas of momentum."""
    w, v, visited = 0.0, 0.0, [0.0]
    for _ in range(steps):
        v = mu * v + slope(w)
        w -= lr * v
        visited.append(w)
    return visited


def adam(steps: int, slope: Any, lr: float, correct: bool = True) -> list[float]:
    """The page's formulas of Adam with its default numbers."""
    w, m, s, visited = 0.0, 0.0, 0.0, [0.0]
    for t in range(1, steps + 1):
        g = slope(w)
        m = 9 / 10 * m + 1 / 10 * g
        s = 999 / 1000 * s + 1 / 1000 * g**2
        m_hat, s_hat = (m / (1 - (9 / 10) ** t), s / (1 - (999 / 1000) ** t)) if correct else (m, s)
        w -= lr * m_hat / (math.sqrt(s_hat) + 1e-8)
        visited.append(w)
    return visited


def test_tensors_of_one_length() -> None:
    """regression/optimizers.md#dataset: "ties together tensors that have the same length along their first axis"."""
    assert len(TensorDataset(X, Y)) == 500
    with pytest.raises(AssertionError):
        TensorDataset(X, Y[:-1])


def test_drop_last() -> None:
    """regression/optimizers.md#dataloader: "`drop_last=True` leaves the short batch out"."""
    sizes = [len(x) for x, _ in DataLoader(TensorDataset(X, Y), batch_size=64, drop_last=True)]
    assert sizes == [64] * 7


def test_each_number_once_and_the_seed_repeats() -> None:
    """regression/optimizers.md#dataloader: "The order is drawn anew every time, and within an epoch each number comes
    up **exactly once**. With a fixed seed, the shuffling repeats too"."""

    def epochs() -> list[list[int]]:
        torch.manual_seed(3)
        loader: DataLoader[Any] = DataLoader(range(10), batch_size=4, shuffle=True)
        return [[n for batch in loader for n in batch.tolist()] for _ in range(5)]

    first = epochs()
    assert all(sorted(epoch) == list(range(10)) for epoch in first)
    assert len({tuple(epoch) for epoch in first}) == 5
    assert epochs() == first


def test_the_full_batch_at_its_limit() -> None:
    """regression/optimizers.md#batch-sizes: "Even at the limit beyond which it diverges, b is still above 5 after ten
    steps"."""
    limit = 2 / STEEPEST
    for factor in (0.9, 0.99, 1.0):
        assert train([(X, Y)], 10, optim.SGD, lr=factor * limit)[10, 1] > 5
    assert excess(train([(X, Y)], 400, optim.SGD, lr=1.02 * limit))[-1] > 1e6


def test_batch_gradients_average_to_the_whole() -> None:
    """regression/optimizers.md#noise: "the gradients of the batches **average to the gradient of the whole**"."""
    slopes = 2 * (-3 * X + 8 - Y).double() * X
    batches = [(2 * (-3 * x + 8 - y).double() * x).mean() for x, y in shuffled(20)]
    assert len(batches) == 25
    assert torch.stack(batches).mean().item() == pytest.approx(slopes.mean().item(), rel=1e-6)


def test_two_points_one_at_a_time() -> None:
    """regression/optimizers.md#noise: ""2 × error × x" was -10 for one and -90 for the other"."""
    slopes = [2 * (0 * x + 2 - y) * x for x, y in ((1, 7), (3, 17))]
    assert slopes == [-10, -90]
    assert sum(slopes) / 2 == -50


def test_the_formula_of_the_spread() -> None:
    """regression/optimizers.md#noise: "The mean of $B$ gradients, drawn without putting any back, has the standard
    deviation" sigma / sqrt(B) * sqrt((N - B) / (N - 1))."""
    numbers = torch.randn(9, dtype=torch.float64)
    sigma = numbers.std(correction=0).item()
    for size in range(1, 10):
        means = torch.stack([numbers[list(picked)].mean() for picked in combinations(range(9), size)])
        formula = sigma / math.sqrt(size) * math.sqrt((9 - size) / 8)
        assert means.std(correction=0).item() == pytest.approx(formula, abs=1e-12)


def test_from_64_to_256() -> None:
    """regression/optimizers.md#noise: "It is why the spread in the table falls by more than half on the way to
    256"."""

    def spread(size: int) -> float:
        return math.sqrt((500 - size) / (size * 499))

    assert spread(256) < 0.4 * spread(64)
    assert spread(4) == pytest.approx(spread(1) / 2, rel=0.01)


def test_single_gradients_at_the_bottom() -> None:
    """regression/optimizers.md#cost: "Even at the bottom, the gradient of a single point is not 0, because of the noise
    in the data"."""
    slopes = 2 * (LINE @ BEST - Y) * LINE
    assert slopes.mean(dim=0).abs().max() < 1e-6
    assert (slopes.abs() > 0.01).all(dim=1).float().mean() > 0.95


def test_one_at_a_time_improves_no_further() -> None:
    """regression/optimizers.md#cost: "One at a time, the excess loss was below 1 after … looks, and improved no
    further"."""
    losses = excess(train(shuffled(1), 6, optim.SGD, lr=0.01))
    early, late = losses[500:1500].mean(), losses[-1000:].mean()
    assert early < 3 and late > early / 3


def test_smaller_rates_smaller_jumps() -> None:
    """regression/optimizers.md#cost: "A smaller learning rate makes the jumps smaller"."""

    def jumps(lr: float) -> float:
        torch.manual_seed(0)
        w = BEST.flatten().clone()
        seen = []
        for i in torch.randint(500, (4000,)).tolist():
            w = w - lr * 2 * (LINE[i] @ w - Y[i]) * LINE[i]
            seen.append(w)
        return float(excess(torch.stack(seen)).mean())

    assert jumps(0.001) < jumps(0.01) / 5


def test_scheduler() -> None:
    """regression/optimizers.md#cost: "`StepLR` multiplies it by `gamma` every `step_size` epochs"."""
    optimizer = optim.SGD(at_a().parameters(), lr=0.01)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.1)
    rates = []
    for _ in range(30):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert rates == pytest.approx([0.01] * 10 + [0.001] * 10 + [0.0001] * 10)


def test_sum_with_a_divided_rate() -> None:
    """regression/optimizers.md#mean-or-sum: "**The sum with learning rate $\\eta / B$ equals the mean with
    $\\eta$.**"."""
    for size in (5, 52):
        ends = []
        for reduction, lr in (("mean", 0.01), ("sum", 0.01 / size)):
            model = at_a().double()
            optimizer = optim.SGD(model.parameters(), lr=lr)
            nn.MSELoss(reduction=reduction)(model(X[:size].double()), Y[:size].double()).backward()
            optimizer.step()
            ends.append((model.weight.item(), model.bias.item()))
        assert ends[0] == pytest.approx(ends[1], abs=1e-12)


def test_one_step_with_the_sum() -> None:
    """regression/optimizers.md#mean-or-sum: "With the sum, the same learning rate overshoots to 10; it takes 1/20 to
    get to 5"."""
    x, y = torch.tensor([[1.0], [3.0]]).double(), torch.tensor([[7.0], [17.0]]).double()
    for reduction, lr, end in (("mean", 1 / 10, 5), ("sum", 1 / 10, 10), ("sum", 1 / 20, 5)):
        model = nn.Linear(1, 1, dtype=torch.float64)
        with torch.no_grad():
            model.weight.fill_(0)
            model.bias.fill_(2)
        nn.MSELoss(reduction=reduction)(model(x), y).backward()
        optim.SGD(model.parameters(), lr=lr).step()
        assert model.weight.item() == pytest.approx(end, abs=1e-12)


def test_sgd_only_reads_grad() -> None:
    """regression/optimizers.md#sgd: "Given no argument but `lr`, it multiplies whatever is in a
    parameter's `.grad` by `lr` and subtracts it"."""
    assert visit(1, lambda w: 7, optim.SGD, lr=0.5) == [0, -3.5]


def test_constant_gradients_add_up_to_ten() -> None:
    """regression/optimizers.md#momentum: "If the gradient is always $g$, then $v$ approaches $g / (1 - \\mu)$: ten
    times as much for 9/10"."""
    visited = visit(300, lambda w: 3, optim.SGD, lr=1, momentum=0.9)
    assert visited[-2] - visited[-1] == pytest.approx(30, abs=1e-9)


def test_momentum_by_hand_equals_torch() -> None:
    """regression/optimizers.md#momentum: "PyTorch uses the form of this page" and "Both agree"."""
    for lr, mu in ((0.1, 0.9), (0.03, 0.5)):
        assert momentum(50, bowl, lr, mu) == pytest.approx(visit(50, bowl, optim.SGD, lr=lr, momentum=mu), abs=1e-12)
    assert momentum(2, bowl, 1 / 10, 9 / 10) == pytest.approx([0, 1, 27 / 10], abs=1e-14)
    assert visit(2, bowl, optim.SGD, lr=0.1)[2] == pytest.approx(18 / 10, abs=1e-14)


def test_the_other_form_of_momentum() -> None:
    """regression/optimizers.md#momentum: "As long as the learning rate is constant the steps are the same; if you lower
    it on the way, they are not"."""

    def inside(rates: list[float]) -> list[float]:
        w, v, visited = 0.0, 0.0, []
        for lr in rates:
            v = 0.9 * v + lr * bowl(w)
            w -= v
            visited.append(w)
        return visited

    def outside(rates: list[float]) -> list[float]:
        w, v, visited = 0.0, 0.0, []
        for lr in rates:
            v = 0.9 * v + bowl(w)
            w -= lr * v
            visited.append(w)
        return visited

    constant, lowered = [0.1] * 6, [0.1] * 3 + [0.01] * 3
    assert inside(constant) == pytest.approx(outside(constant), abs=1e-12)
    assert abs(inside(lowered)[-1] - outside(lowered)[-1]) > 0.1


@pytest.mark.parametrize("mu", [0.5, 0.9])
def test_the_limit_of_momentum(mu: float) -> None:
    """regression/optimizers.md#momentum: "Momentum raises the limit to $2(1 + \\mu)/c$, which is 19/10 times as much
    for 9/10"."""
    limit = 2 * (1 + mu) / 2
    assert abs(momentum(3000, bowl, 0.99 * limit, mu)[-1] - 5) < 1e-3
    assert abs(momentum(3000, bowl, 1.01 * limit, mu)[-1] - 5) > 1e3
    assert (1 + 9 / 10) == 19 / 10


def test_adam_by_hand_equals_torch() -> None:
    """regression/optimizers.md#adam: "they agree with PyTorch's `optim.Adam`", "their defaults are 9/10 and
    999/1000"."""
    for lr in (0.1, 0.7):
        assert adam(50, bowl, lr) == pytest.approx(visit(50, bowl, optim.Adam, lr=lr), abs=1e-10)
    defaults = optim.Adam(at_a().parameters()).defaults
    assert (defaults["lr"], defaults["betas"], defaults["eps"]) == (0.001, (0.9, 0.999), 1e-8)


def test_the_first_step_of_adam() -> None:
    """regression/optimizers.md#adam: "Whether the gradient is -10 or -10000, the first step is **the learning rate
    itself**. Without the correction … more than three times as long"."""
    for g in (-10, -10000):
        assert visit(1, lambda w, g=g: g, optim.Adam, lr=0.1)[1] == pytest.approx(0.1, abs=1e-9)
    assert adam(1, bowl, 0.1, correct=False)[1] == pytest.approx(0.1 * math.sqrt(10), rel=1e-6)
    assert math.sqrt(10) > 3


def test_adams_rate_is_a_distance() -> None:
    """regression/optimizers.md#adam: "While a gradient stays much the same, you can read Adam's `lr` as the distance
    that a parameter moves per step. Near the bottom, where the gradient shrinks, steps get shorter than `lr`"."""
    for slope in (lambda w: -3, bowl):
        visited = visit(40, slope, optim.Adam, lr=0.01)
        steps = [b - a for a, b in pairwise(visited)]
        assert all(0.009 < step < 0.0101 for step in steps)
    near = visit(72, bowl, optim.Adam, lr=0.1)
    assert max(near) < 5
    assert all(0 < b - a < 0.05 for a, b in pairwise(near[50:]))


def test_adam_with_flipping_gradients() -> None:
    """regression/optimizers.md#adam: "If they keep changing sign, $\\hat{m}$ is small and so is the step"."""
    signs = iter([1, -1] * 30)
    visited = visit(60, lambda w: 10 * next(signs), optim.Adam, lr=0.1)
    assert all(abs(b - a) < 0.01 for a, b in pairwise(visited[40:]))


def test_sgd_is_not_slow_by_nature() -> None:
    """regression/optimizers.md#compare: "at a learning rate of 1/40, SGD would have the smallest excess loss of the
    three after 100 steps"."""
    runs = (
        train([(X, Y)], 100, optim.SGD, lr=1 / 40),
        train([(X, Y)], 100, optim.SGD, lr=0.003, momentum=0.9),
        train([(X, Y)], 100, optim.Adam, lr=0.3),
    )
    sgd, momentum, adams = (excess(path)[-1].item() for path in runs)
    assert sgd < min(momentum, adams) / 10


def test_a_well_chosen_rate_turns_the_order_round() -> None:
    """regression/optimizers.md#rates: "Between the best entries of the three there is less than a factor of two. And at
    a learning rate of 1/40, SGD needs fewer steps than any entry of this table"."""

    def needed(optimizer_class: Any, **options: float) -> int:
        p = torch.zeros(2, 1, dtype=LINE.dtype, requires_grad=True)
        optimizer = optimizer_class([p], **options)
        last = 0
        for step in range(500):
            optimizer.zero_grad()
            loss = ((LINE @ p - Y) ** 2).mean()
            loss.backward()
            optimizer.step()
            if not loss < 1e9:
                return 500
            if loss > ((LINE @ BEST - Y) ** 2).mean() + 0.01:
                last = step + 1
        return last

    rates = (0.0001, 0.001, 0.01, 0.1, 1.0)
    sgd = [needed(optim.SGD, lr=lr) for lr in rates]
    momentum = [needed(optim.SGD, lr=lr, momentum=0.9) for lr in rates]
    adams = [needed(optim.Adam, lr=lr) for lr in rates]
    best = (min(sgd), min(momentum), min(adams))
    assert max(best) < 2 * min(best) < 500
    assert needed(optim.SGD, lr=1 / 40) < min(best)
    assert momentum[2] < sgd[2] < 500
    assert momentum[1] < 500


def test_adam_starts_at_45_degrees() -> None:
    """regression/optimizers.md#compare: "a line at close to 45 degrees. The gradient of w is tens of times as large as
    that of b"."""
    path = train([(X, Y)], 15, optim.Adam, lr=0.3)
    moved = path[15] - path[0]
    assert moved[0] > 0 > moved[1] and abs(moved[0] / -moved[1] - 1) < 0.1
    slopes = (2 * LINE * (LINE @ path[0] - Y.flatten()).reshape(-1, 1)).mean(dim=0).abs()
    assert 20 < slopes[0] / slopes[1] < 100


def test_mse_loss_is_the_mse() -> None:
    """regression/optimizers.md#rates: "`nn.functional.mse_loss` in line 9 is the MSE as a function to call at once,
    without making a loss function first"."""
    assert nn.functional.mse_loss(at_a()(X), Y).item() == nn.MSELoss()(at_a()(X), Y).item()


def test_ten_times_the_x() -> None:
    """regression/optimizers.md#rates: "ten times the x means a hundred times the curvature and a hundredth of the
    limit"."""
    scaled = LINE * torch.tensor([10.0, 1.0])
    steepest = torch.linalg.eigvalsh(2 * scaled.T @ scaled / 500)[-1].item()
    assert steepest / STEEPEST == pytest.approx(100, rel=1e-3)


def test_adams_default_takes_thousands_of_steps() -> None:
    """regression/optimizers.md#rates: "At its default of 0.001 a step is at most about that long, so moving w from 0
    to 5 alone takes thousands of steps"."""
    visited = adam(5000, lambda w: 66 * (w - 5), 0.001)
    steps = [abs(b - a) for a, b in pairwise(visited)]
    assert max(steps) < 0.00101
    assert visited[3000] < 3.1


def test_nan_is_not_smaller() -> None:
    """regression/optimizers.md#rates: "when the loss is not smaller than $10^9$, which includes `nan`"."""
    assert not torch.tensor(float("nan")) < 1e9


def test_weights_start_small() -> None:
    """regression/optimizers.md#which: "Its weights start as small numbers"."""
    torch.manual_seed(0)
    assert nn.Linear(100, 50).weight.abs().max() <= 1 / 10


def test_sorted_losses_shoot_up() -> None:
    """regression/optimizers.md#mistakes: "the loss of the whole shoots up to several times its value and comes down
    again, once per epoch"."""
    order = X.flatten().argsort()
    losses = excess(train(DataLoader(TensorDataset(X[order], Y[order]), batch_size=20), 4, optim.SGD, lr=0.01))
    for epoch in (1, 2, 3):
        start, end = losses[25 * epoch].item(), losses[25 * epoch + 25].item()
        assert losses[25 * epoch : 25 * epoch + 26].max().item() > 2 * max(start, end)


def test_classes_in_order_are_worse() -> None:
    """regression/optimizers.md#mistakes: "In [classification] …, with data sorted by class, the damage is worse"."""
    data, labels = (torch.tensor(part) for part in load_digits(return_X_y=True))
    order = labels.argsort(stable=True)
    features, targets = (data / 16).float()[order], labels[order].long()
    correct = {}
    for shuffle in (False, True):
        torch.manual_seed(0)
        model = nn.Linear(64, 10)
        optimizer = optim.SGD(model.parameters(), lr=0.5)
        for _ in range(5):
            rows = torch.randperm(len(labels)) if shuffle else torch.arange(len(labels))
            for batch in rows.split(32):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(features[batch]), targets[batch]).backward()
                optimizer.step()
        correct[shuffle] = (model(features).argmax(dim=1) == targets).float().mean().item()
    assert correct[True] > 0.93
    assert correct[False] < 0.6


def test_the_exact_mean_of_an_epoch() -> None:
    """regression/optimizers.md#mistakes: "the exact mean needs `total += loss.item() * len(batch_x)`, divided by the
    number of points"."""
    model = at_a()
    weighted, plain = 0.0, []
    for x, y in DataLoader(TensorDataset(X, Y), batch_size=64):
        loss = nn.functional.mse_loss(model(x), y).item()
        weighted += loss * len(x)
        plain.append(loss)
    whole = nn.functional.mse_loss(model(X), Y).item()
    assert weighted / 500 == pytest.approx(whole, rel=1e-5)
    assert abs(sum(plain) / len(plain) - whole) > 1e-3 * whole


def test_nodes_hold_their_tensors() -> None:
    """regression/optimizers.md#mistakes: "the tensors that they hold stay in memory with them"."""
    model = at_a()
    batch = torch.zeros(20, 1)
    node: Any = nn.functional.mse_loss(model(batch), batch + 1).grad_fn
    assert tuple(node._saved_self.shape) == tuple(node._saved_target.shape) == (20, 1)
    linear = node.next_functions[0][0]
    assert linear._saved_mat1.data_ptr() == batch.data_ptr()


def test_batches_of_32() -> None:
    """regression/optimizers.md#self-check: "16 steps and the last batch has 20 points. With `drop_last=True` there are
    15 steps"."""
    data = TensorDataset(X, Y)
    assert [len(x) for x, _ in DataLoader(data, batch_size=32)] == [32] * 15 + [20]
    assert len(DataLoader(data, batch_size=32, drop_last=True)) == 15


def test_a_constant_gradient_of_4() -> None:
    """regression/optimizers.md#self-check: "v = 4, then 4/2 + 4 = 6, then 6/2 + 4 = 7. It approaches … 8"."""
    visited = visit(60, lambda w: 4, optim.SGD, lr=1, momentum=0.5)
    assert [a - b for a, b in pairwise(visited)][:3] == [4, 6, 7]
    assert visited[-2] - visited[-1] == pytest.approx(8, abs=1e-9)


def test_first_steps_of_unequal_gradients() -> None:
    """regression/optimizers.md#self-check: "SGD multiplies by the learning rate: -10 and 1/100000. Adam's first step …
    -1/100 and 1/100"."""
    for g, sgd, first in ((1000, -10, -1 / 100), (-1 / 1000, 1 / 100000, 1 / 100)):
        assert visit(1, lambda w, g=g: g, optim.SGD, lr=1 / 100)[1] == pytest.approx(sgd, rel=1e-12)
        assert visit(1, lambda w, g=g: g, optim.Adam, lr=1 / 100)[1] == pytest.approx(first, rel=2e-5)


def test_the_sum_over_larger_batches() -> None:
    """regression/optimizers.md#self-check: "Divide the learning rate by ten, or use the mean … five times the original
    learning rate gives the original steps"."""

    def step(reduction: str, size: int, lr: float) -> float:
        model = at_a().double()
        x, y = X[:1].double().repeat(size, 1), Y[:1].double().repeat(size, 1)
        nn.MSELoss(reduction=reduction)(model(x), y).backward()
        optim.SGD(model.parameters(), lr=lr).step()
        return float(model.weight.detach()) + 3

    original = step("sum", 5, 0.001)
    assert step("sum", 50, 0.001) == pytest.approx(10 * original, rel=1e-10)
    assert step("sum", 50, 0.0001) == pytest.approx(original, rel=1e-10)
    assert step("mean", 50, 0.005) == pytest.approx(original, rel=1e-10)
