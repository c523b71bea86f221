# --8<-- [start:data]
import torch
from sklearn.datasets import make_moons


def moons(count, seed):
    points, labels = make_moons(count, noise=0.3, random_state=seed)
    return torch.tensor(points, dtype=torch.float32), torch.tensor(labels)


def draw_data(seed):
    x, y = moons(140, seed)
    return (x[:40], y[:40]), (x[40:], y[40:])


train_set, val_set = draw_data(4)
test_set = moons(10000, 1000)
print(len(train_set[1]), len(val_set[1]), len(test_set[1]))
# --8<-- [end:data]

# --8<-- [start:net]
from torch import nn

loss_fn = nn.CrossEntropyLoss()


def make_net(dropout=0.0):
    return nn.Sequential(
        *(nn.Linear(2, 64), nn.ReLU(), nn.Dropout(dropout)),
        *(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(dropout)),
        nn.Linear(64, 2),
    )


parameter_count = sum(parameter.numel() for parameter in make_net().parameters())
print(parameter_count)
# --8<-- [end:net]


# --8<-- [start:evaluate]
def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        out = model(x)
    return loss_fn(out, y).item(), (out.argmax(dim=1) == y).float().mean().item()


# --8<-- [end:evaluate]

# --8<-- [start:fit]
import copy


def fit(model, train_set, val_set, epochs=200, weight_decay=0.0):
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=weight_decay)
    history, lowest, best = [], float("inf"), None
    for epoch in range(epochs + 1):
        val_loss, _ = evaluate(model, *val_set)
        if val_loss < lowest:
            lowest, best = val_loss, copy.deepcopy(model)
        model.train()
        loss = loss_fn(model(train_set[0]), train_set[1])
        history.append((loss.item(), val_loss))
        if epoch < epochs:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return history, best


# --8<-- [end:fit]

# --8<-- [start:overfit]
torch.manual_seed(0)
model = make_net()
history, best = fit(model, train_set, val_set)
val_losses = [val_loss for _, val_loss in history]
best_epoch = val_losses.index(min(val_losses))
for name, net in ((f"epoch {best_epoch}", best), (f"epoch {len(history) - 1}", model)):
    scores = [evaluate(net, *part) for part in (train_set, val_set, test_set)]
    print(f"{name:9} loss", "  ".join(f"{loss:.3f}" for loss, _ in scores))
    print(f"{'':9} acc ", "  ".join(f"{acc:.3f}" for _, acc in scores))
last_train, last_val = history[-1]
lowest_val = min(val_losses)
# --8<-- [end:overfit]

# --8<-- [start:plot-curves]
import matplotlib.pyplot as plt

fig, ax = plt.subplots(num="curves", figsize=(4.6, 3.6))
ax.plot([train_loss for train_loss, _ in history], color="C0")
ax.plot(val_losses, "--", color="C4")
ax.plot(best_epoch, lowest_val, "o", color="C2", markersize=8)
ax.axvline(best_epoch, linestyle=":", color="C2")
ax.text(195, last_train + 0.06, "training", color="C0", ha="right")
ax.text(195, last_val + 0.1, "validation", color="C4", ha="right", va="bottom")
ax.text(best_epoch + 3, 1.5, f"lowest: epoch {best_epoch}", color="C2")
ax.set(xlabel="epoch", ylabel="loss", xlim=(0, 200), ylim=(0, last_val * 1.25))
plt.show()
# --8<-- [end:plot-curves]


# --8<-- [start:plot-boundary]
def draw(ax, net, x, y):
    across, up = torch.linspace(-2, 3, 100), torch.linspace(-1.5, 2, 100)
    with torch.no_grad():
        p = net(torch.cartesian_prod(across, up)).softmax(dim=1)[:, 1].reshape(100, 100).T  # (100, 100)
    ax.contourf(across, up, p, levels=10, cmap="RdBu_r", vmin=-0.4, vmax=1.4)
    ax.contour(across, up, p, levels=[0.5], colors="#111111", linewidths=2)
    ax.plot(*x[y == 0].T, "o", color="#0b3c6f", markersize=5)
    ax.plot(*x[y == 1].T, "^", color="#8a1c12", markersize=6)
    ax.set(xticks=(), yticks=())


fig, axes = plt.subplots(2, num="boundary", figsize=(4.6, 6))
for ax, epoch, net in zip(axes, (best_epoch, 200), (best, model)):
    draw(ax, net.eval(), *train_set)
    ax.set_title(f"epoch {epoch}: {evaluate(net, *test_set)[1]:.1%} of new points right")
plt.show()
# --8<-- [end:plot-boundary]

# --8<-- [start:more-data]
for count in (40, 160, 640):
    torch.manual_seed(0)
    net = make_net()
    more = moons(count, 4)
    fit(net, more, val_set)
    train_loss, train_acc = evaluate(net, *more)
    test_loss, test_acc = evaluate(net, *test_set)
    print(f"{count:3}  train {train_loss:.3f} {train_acc:.3f}  test {test_loss:.3f} {test_acc:.3f}")
# --8<-- [end:more-data]

# --8<-- [start:decay-step]
w = torch.tensor([4.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1, weight_decay=0.5)
(3 * w).sum().backward()
optimizer.step()
print(f"{w.item():.2f}")
# --8<-- [end:decay-step]

# --8<-- [start:adam-decay]
for kind in (torch.optim.AdamW, torch.optim.Adam):
    w = torch.tensor([4.0], requires_grad=True)
    optimizer = kind([w], lr=0.1, weight_decay=0.5)
    (0 * w).sum().backward()
    optimizer.step()
    print(f"{kind.__name__:5} {w.item():.2f}")
# --8<-- [end:adam-decay]

# --8<-- [start:dropout]
torch.manual_seed(0)
dropout = nn.Dropout(0.5)
ones = torch.ones(8)  # (8,)
print("train", dropout(ones).tolist())
print("train", dropout(ones).tolist())
dropout.eval()
print("eval ", dropout(ones).tolist())
# --8<-- [end:dropout]

# --8<-- [start:recipes]
recipes = {
    "none": {},
    "early stopping": {"early": True},
    "decay 1": {"decay": 1.0},
    "decay 3": {"decay": 3.0},
    "decay 10": {"decay": 10.0},
    "dropout 0.5": {"dropout": 0.5},
}


def run(seed, early=False, decay=0.0, dropout=0.0):
    train_set, val_set = draw_data(seed)
    torch.manual_seed(seed)
    net = make_net(dropout)
    _, best = fit(net, train_set, val_set, weight_decay=decay)
    return best if early else net


# --8<-- [end:recipes]

# --8<-- [start:compare]
print(f"{'':14} val    test acc")
for name, recipe in recipes.items():
    nets = [run(seed, **recipe) for seed in range(5)]
    val = [evaluate(net, *draw_data(seed)[1])[0] for seed, net in enumerate(nets)]
    test = [evaluate(net, *test_set)[1] for net in nets]
    print(f"{name:14} {sum(val) / 5:.3f}  {sum(test) / 5:.3f} ({min(test):.3f}-{max(test):.3f})")
# --8<-- [end:compare]

# --8<-- [start:modes]
torch.manual_seed(0)
net = make_net(dropout=0.5)
x_val = val_set[0]
for mode in ("train", "eval"):
    for recorded in (True, False):
        net.train(mode == "train")
        with torch.set_grad_enabled(recorded):
            first, second = net(x_val), net(x_val)
        print(f"{mode:5}  recorded {first.requires_grad!s:5}  same twice {torch.equal(first, second)}")
# --8<-- [end:modes]

# --8<-- [start:no-eval]
torch.manual_seed(0)
net = run(4, dropout=0.5)
test_x, test_y = test_set
for training in (True, False):
    net.train(training)
    with torch.no_grad():
        first, second = net(test_x), net(test_x)
    flips = (first.argmax(dim=1) != second.argmax(dim=1)).sum().item()
    print(f"{training!s:5} loss {loss_fn(first, test_y):.3f}  changed {flips}")
    if training:
        changed = flips
# --8<-- [end:no-eval]

# --8<-- [start:no-grad]
net.eval()
with torch.no_grad():
    out = net(x_val)
print(out.requires_grad, out.grad_fn, net.training)
out = net(x_val)
print(out.requires_grad, type(out.grad_fn).__name__, net.training)
# --8<-- [end:no-grad]


# --8<-- [start:copies]
def noisy_copies(x, y):
    return x.repeat(4, 1) + 0.05 * torch.randn(4 * len(x), 20), y.repeat(4)


def score_on_test(train_set, held_out):
    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 2))
    fit(net, train_set, held_out, epochs=100)
    return evaluate(net, *held_out)[1]


torch.manual_seed(0)
x, y = torch.randn(400, 20), torch.randint(2, (400,))
# --8<-- [end:copies]

# --8<-- [start:leak]
x_all, y_all = noisy_copies(x, y)
order = torch.randperm(1600)  # (1600,)
fit_rows, held = order[:1200], order[1200:]
leaky = score_on_test((x_all[fit_rows], y_all[fit_rows]), (x_all[held], y_all[held]))

clean = score_on_test(noisy_copies(x[:300], y[:300]), noisy_copies(x[300:], y[300:]))
print(f"copied first {leaky:.3f}  split first {clean:.3f}")
# --8<-- [end:leak]

# --8<-- [start:standardize]
column = torch.tensor([1.0, 2.0, 3.0, 6.0])  # (4,)
for held_out in (6.0, 60.0):
    column[3] = held_out
    leaked = (column[:3] - column.mean()) / column.std()
    mended = (column[:3] - column[:3].mean()) / column[:3].std()
    print([round(v, 3) for v in leaked.tolist()], [round(v, 3) for v in mended.tolist()])
# --8<-- [end:standardize]


# --8<-- [start:luck]
def quick(data_seed, net_seed):
    torch.manual_seed(net_seed)
    net = make_net()
    fit(net, *draw_data(data_seed), epochs=60)
    return net


def spread(scores):
    return torch.tensor(scores).std().item()


same_data = [quick(4, seed) for seed in range(10)]
by_seed = [evaluate(net, *test_set)[1] for net in same_data]
by_data = [evaluate(quick(seed, 0), *test_set)[1] for seed in range(10)]
print(f"10 seeds: {min(by_seed):.3f} to {max(by_seed):.3f}, std {spread(by_seed):.3f}")
print(f"10 draws: {min(by_data):.3f} to {max(by_data):.3f}, std {spread(by_data):.3f}")
# --8<-- [end:luck]

# --8<-- [start:small-tests]
with torch.no_grad():
    hits = (same_data[0](test_set[0]).argmax(dim=1) == test_set[1]).float()  # (10000,)
truth = hits.mean().item()
for n in (25, 100, 400):
    scores = hits.reshape(-1, n).mean(dim=1)
    formula = (truth * (1 - truth) / n) ** 0.5
    print(f"{len(scores):3} tests of {n:3}: std {scores.std():.3f}, formula {formula:.3f}")
by_test = hits.reshape(-1, 100).mean(dim=1).tolist()
# --8<-- [end:small-tests]

# --8<-- [start:plot-luck]
torch.manual_seed(0)
fig, ax = plt.subplots(num="luck", figsize=(4.6, 3.8))
rows = (
    (by_seed, "o", "C0", "10 seeds"),
    (by_data, "s", "C1", "10 training sets"),
    (by_test, "^", "C4", "100 tests of 100"),
)
for height, (scores, marker, color, name) in enumerate(rows):
    jitter = height + 0.3 * (torch.rand(len(scores)) - 0.5)
    ax.plot(scores, jitter, marker, color=color, markersize=5, alpha=0.7)
    ax.text(0.745, height + 0.28, name, color=color)
ax.set(xlabel="accuracy", yticks=(), xlim=(0.74, 0.98), ylim=(-0.4, 2.7))
plt.show()
# --8<-- [end:plot-luck]

# --8<-- [start:choose]
with torch.no_grad():
    answers = torch.stack([net(test_x).argmax(dim=1) for net in same_data])  # (10, 10000)
right = (answers == test_y).float()  # (10, 10000)
true_acc = right.mean(dim=1)  # (10,)
small = right.reshape(10, 200, 50).mean(dim=2)  # (10, 200)
winner = small.argmax(dim=0)  # (200,)
reported = small.max(dim=0).values.mean().item()
really = true_acc[winner].mean().item()
print(f"best of 10: reported {reported:.3f}, true {really:.3f}")
# --8<-- [end:choose]

# --8<-- [start:coins]
torch.manual_seed(0)
for count in (1, 10, 100, 1000):
    guesses = torch.randint(2, (50, count, 50)).float()
    best_score = guesses.mean(dim=2).max(dim=1).values.mean().item()
    print(f"best of {count:4} coins: {best_score:.2f}")
# --8<-- [end:coins]
