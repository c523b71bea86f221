# --8<-- [start:data]
import torch
from torch.utils.data import TensorDataset

torch.manual_seed(0)
x = torch.empty(500, 1).uniform_(-10, 10)  # (500, 1)
y = 5 * x + 2 + torch.randn(500, 1)  # (500, 1)

dataset = TensorDataset(x, y)
print(len(dataset))
print(dataset[0])
# --8<-- [end:data]


# --8<-- [start:own-dataset]
from torch.utils.data import Dataset


class Points(Dataset):
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return self.x[index], self.y[index]


points = Points(x, y)
print(len(points))
print(points[0])
# --8<-- [end:own-dataset]


# --8<-- [start:loader]
from torch.utils.data import DataLoader

loader = DataLoader(dataset, batch_size=64, shuffle=True)
sizes = [len(batch_x) for batch_x, batch_y in loader]
print(len(loader), sizes)
# --8<-- [end:loader]


# --8<-- [start:shuffle]
torch.manual_seed(0)
numbers = DataLoader(range(10), batch_size=4, shuffle=True)
for epoch in range(3):
    print([batch.tolist() for batch in numbers])
# --8<-- [end:shuffle]


# --8<-- [start:train]
from torch import nn, optim


def model_at_a():
    model = nn.Linear(1, 1)
    nn.init.constant_(model.weight, -3.0)
    nn.init.constant_(model.bias, 8.0)
    return model


def train(loader, epochs, optimizer_class, **options):
    model = model_at_a()
    loss_fn = nn.MSELoss()
    optimizer = optimizer_class(model.parameters(), **options)
    path = [(-3.0, 8.0)]
    for epoch in range(epochs):
        for batch_x, batch_y in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(batch_x), batch_y)
            loss.backward()
            optimizer.step()
            path.append((model.weight.item(), model.bias.item()))
    return torch.tensor(path)


# --8<-- [end:train]


# --8<-- [start:three-sizes]
paths = {}
print("batch  steps      w      b")
for batch_size in (500, 20, 1):
    torch.manual_seed(0)
    loader = DataLoader(dataset, batch_size=batch_size, shuffle=True)
    paths[batch_size] = train(loader, 10, optim.SGD, lr=0.01)
    steps = len(paths[batch_size]) - 1
    w, b = paths[batch_size][-1].tolist()
    print(f"{batch_size:5}  {steps:5}  {w:.3f}  {b:.3f}")

b_full, b_mini, b_one = (paths[size][-1, 1].item() for size in (500, 20, 1))
# --8<-- [end:three-sizes]


# --8<-- [start:plot-same-cost]
import matplotlib.pyplot as plt


def draw_valley(ax):
    w, b = torch.meshgrid(torch.linspace(-5, 12, 140), torch.linspace(-1, 10, 50), indexing="ij")
    loss = ((w.reshape(-1) * x + b.reshape(-1) - y) ** 2).mean(dim=0).reshape(140, 50)
    ax.contour(w, b, loss, levels=[2, 10, 30, 100, 300, 1000, 2000], colors="C5", linewidths=1)
    ax.plot(5, 2, "*", color="C2", markersize=13)
    ax.set(xlabel="w", ylabel="b")


fig, axes = plt.subplots(2, num="same-cost", figsize=(4.6, 6.6), sharex=True)
for ax, size, color in zip(axes, (500, 20), ("C1", "C0")):
    draw_valley(ax)
    path = paths[size]
    ax.plot(path[:, 0], path[:, 1], "o-", color=color, markersize=3, linewidth=1)
    ax.set(title=f"batches of {size}: {len(path) - 1} steps", xlim=(-5, 9), xticks=(-4, 0, 4, 8))
axes[0].set(xlabel="")
plt.show()
# --8<-- [end:plot-same-cost]


# --8<-- [start:noise]
error = -3 * x + 8 - y  # (500, 1)
slopes = (2 * error * x).flatten()  # (500,)
full_gradient = slopes.mean().item()
print(f"all 500: {full_gradient:.1f}")
print("batch    mean  spread  wrong sign")

estimates, spreads = [], []
for batch_size in (1, 4, 16, 64, 256):
    picks = torch.rand(2000, 500).argsort(dim=1)[:, :batch_size]
    gradients = slopes[picks].mean(dim=1)  # (2000,)
    estimates.append(gradients)
    spreads.append(gradients.std().item())
    wrong = (gradients > 0).sum().item()
    print(f"{batch_size:5}  {gradients.mean():.1f}  {spreads[-1]:6.1f}  {wrong:10}")
# --8<-- [end:noise]


# --8<-- [start:plot-noise]
fig, ax = plt.subplots(num="gradient-noise", figsize=(4.6, 3.6))
ax.axhline(full_gradient, color="C2", linestyle="--")
for place, gradients in enumerate(estimates):
    ax.plot(place + torch.linspace(-0.3, 0.3, 80), gradients[:80], ".", color="C0", markersize=4)
ax.text(4.45, full_gradient + 60, "all 500", color="C2", ha="right")
ax.set(xlabel="batch size", ylabel="gradient of w", xticks=range(5), xticklabels=(1, 4, 16, 64, 256))
plt.show()
# --8<-- [end:plot-noise]


# --8<-- [start:samples-seen]
line = torch.cat([x, torch.ones(500, 1)], dim=1)  # (500, 2)
best = torch.linalg.lstsq(line, y).solution  # (2, 1)
floor = ((line @ best - y) ** 2).mean()


def excess(path):
    return ((line @ path.T - y) ** 2).mean(dim=0) - floor


below_one, last_epochs = [], []
print("batch  below 1  last epoch")
for size in (500, 20, 1):
    losses = excess(paths[size])
    below = (losses < 1).nonzero().flatten().tolist()
    below_one.append(below[0] * size if below else None)
    last_epochs.append(losses[-500 // size :].mean().item())
    print(f"{size:5}  {below_one[-1]!s:>7}  {last_epochs[-1]:10.4f}")

samples_one = below_one[-1]
# --8<-- [end:samples-seen]


# --8<-- [start:plot-samples]
fig, ax = plt.subplots(num="samples-seen", figsize=(4.6, 4))
for size, color, style, marker in ((1, "C3", "-", ""), (500, "C1", "--", "o"), (20, "C0", "-", "")):
    every = 10 if size == 1 else 1
    losses = excess(paths[size])[::every]
    epochs = torch.arange(len(losses)) * every * size / 500
    ax.plot(epochs, losses, style, color=color, linewidth=1.2, marker=marker, markersize=4)
for size, height, color in ((500, 24, "C1"), (1, 0.8, "C3"), (20, 0.03, "C0")):
    ax.text(10.2, height, size, color=color, va="center", weight="bold")
ax.set(xlabel="epochs (500 samples each)", ylabel="loss above the lowest", yscale="log", xlim=(-0.3, 10))
plt.show()
# --8<-- [end:plot-samples]


# --8<-- [start:step-cost]
import time


def epoch_time(batch_size):
    loader = DataLoader(dataset, batch_size=batch_size, shuffle=True)
    start = time.perf_counter()
    train(loader, 1, optim.SGD, lr=0.01)
    return time.perf_counter() - start


one_step = min(epoch_time(500) for _ in range(3))
many_steps = min(epoch_time(1) for _ in range(3))
print(many_steps > 5 * one_step)
# --8<-- [end:step-cost]


# --8<-- [start:scheduler]
torch.manual_seed(0)
model = model_at_a()
optimizer = optim.SGD(model.parameters(), lr=0.01)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.1)
path = []
for epoch in range(20):
    for batch_x, batch_y in DataLoader(dataset, batch_size=20, shuffle=True):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(batch_x), batch_y).backward()
        optimizer.step()
        path.append((model.weight.item(), model.bias.item()))
    scheduler.step()

losses = excess(torch.tensor(path))
before, after = losses[225:250].mean().item(), losses[475:].mean().item()
print(f"epoch 10: {before:.4g}  epoch 20: {after:.4g}")
# --8<-- [end:scheduler]


# --8<-- [start:mean-or-sum]
def gradient_of_w(reduction, n):
    model = model_at_a()
    loss_fn = nn.MSELoss(reduction=reduction)
    loss_fn(model(x[:n]), y[:n]).backward()
    return model.weight.grad.item()


print("points    mean        sum")
for n in (5, 50, 500):
    mean_gradient, sum_gradient = gradient_of_w("mean", n), gradient_of_w("sum", n)
    print(f"{n:6}  {mean_gradient:.1f}  {sum_gradient:9.1f}")
# --8<-- [end:mean-or-sum]


# --8<-- [start:sgd-by-hand]
w, b = -3.0, 8.0
for step in range(10):
    error = w * x + b - y  # (500, 1)
    grad_w, grad_b = (2 * error * x).mean().item(), (2 * error).mean().item()
    w, b = w - 0.01 * grad_w, b - 0.01 * grad_b

w_full, b_full = paths[500][10].tolist()
print(f"by hand    w = {w:.3f}  b = {b:.3f}")
print(f"optim.SGD  w = {w_full:.3f}  b = {b_full:.3f}")
# --8<-- [end:sgd-by-hand]


# --8<-- [start:momentum]
def momentum_by_hand(lr, mu, steps):
    w, v = 0.0, 0.0
    visited = [w]
    for step in range(steps):
        g = 2 * (w - 5)
        v = mu * v + g
        w = w - lr * v
        visited.append(w)
    return visited


def visit(steps, optimizer_class, **options):
    w = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    optimizer = optimizer_class([w], **options)
    visited = [w.item()]
    for step in range(steps):
        optimizer.zero_grad()
        ((w - 5) ** 2).backward()
        optimizer.step()
        visited.append(w.item())
    return visited


# --8<-- [end:momentum]


# --8<-- [start:momentum-two-steps]
by_hand = momentum_by_hand(lr=0.1, mu=0.9, steps=2)
by_torch = visit(2, optim.SGD, lr=0.1, momentum=0.9)
without = visit(2, optim.SGD, lr=0.1)
for name, values in (("by hand", by_hand), ("torch", by_torch), ("no momentum", without)):
    print(f"{name:<12}", [round(w, 4) for w in values])
# --8<-- [end:momentum-two-steps]


# --8<-- [start:adam]
def adam_by_hand(lr, steps, beta1=0.9, beta2=0.999, eps=1e-8):
    w, m, s = 0.0, 0.0, 0.0
    visited = [w]
    print("step     g   m_hat   s_hat  w")
    for t in range(1, steps + 1):
        g = 2 * (w - 5)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        w = w - lr * m_hat / (s_hat**0.5 + eps)
        visited.append(w)
        print(f"{t:4}  {g:4.4g}  {m_hat:6.4g}  {s_hat:6.4g}  {w:.4g}")
    return visited


by_hand = adam_by_hand(lr=0.1, steps=2)
by_torch = visit(2, optim.Adam, lr=0.1)
print("torch: w =", [round(w, 4) for w in by_torch])
# --8<-- [end:adam]


# --8<-- [start:valley]
whole = [(x, y)]
runs = {
    "SGD": train(whole, 100, optim.SGD, lr=0.01),
    "momentum": train(whole, 100, optim.SGD, lr=0.003, momentum=0.9),
    "Adam": train(whole, 100, optim.Adam, lr=0.3),
}
for name, path in runs.items():
    row = " ".join(f"{excess(path)[step]:7.2f}" for step in (10, 30, 100))
    print(f"{name:<8} {row}")
# --8<-- [end:valley]


# --8<-- [start:plot-valley]
fig, (top, bottom) = plt.subplots(2, num="three-optimizers", figsize=(4.6, 7.4), height_ratios=(4, 3))
draw_valley(top)
top.set(xticks=(-4, 0, 4, 8, 12))
for (name, path), color, style in zip(runs.items(), ("C1", "C0", "C3"), ("-", "--", "-.")):
    top.plot(path[:50, 0], path[:50, 1], "o-", color=color, markersize=3, linewidth=1)
    bottom.plot(excess(path), style, color=color, linewidth=1.2)
for ax, places in ((top, ((5.4, 5.3), (6.9, 3.1), (-2.4, 3.9))), (bottom, ((85, 2), (58, 4e-4), (20, 300)))):
    for name, place, color in zip(runs, places, ("C1", "C0", "C3")):
        ax.text(*place, name, color=color, weight="bold")
bottom.set(xlabel="step", ylabel="loss above the lowest", yscale="log", ylim=(1e-4, 4000))
plt.show()
# --8<-- [end:plot-valley]


# --8<-- [start:steps-needed]
def steps_needed(x, optimizer_class, **options):
    model = nn.Linear(1, 1)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    optimizer = optimizer_class(model.parameters(), **options)
    needed = 0
    for step in range(500):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        if not loss < 1e9:
            return "diverges"
        if loss > floor + 0.01:
            needed = step + 1
    return needed if needed < 500 else "> 499"


# --8<-- [end:steps-needed]


# --8<-- [start:many-rates]
def table(x):
    print("lr           SGD  momentum      Adam")
    for lr in (0.0001, 0.001, 0.01, 0.1, 1.0):
        plain = steps_needed(x, optim.SGD, lr=lr)
        momentum = steps_needed(x, optim.SGD, lr=lr, momentum=0.9)
        adam = steps_needed(x, optim.Adam, lr=lr)
        print(f"{lr:<6} {plain:>8}  {momentum:>8}  {adam:>8}")


table(x)
# --8<-- [end:many-rates]


# --8<-- [start:other-units]
table(10 * x)
# --8<-- [end:other-units]


# --8<-- [start:sorted-data]
order = x.flatten().argsort()
sorted_data = TensorDataset(x[order], y[order])
last_x, last_y = x[order][-20:], y[order][-20:]

order_paths = {}
print("shuffle  largest 20  all 500")
for shuffle in (False, True):
    torch.manual_seed(0)
    loader = DataLoader(sorted_data, batch_size=20, shuffle=shuffle)
    path = order_paths[shuffle] = train(loader, 4, optim.SGD, lr=0.01)
    w, b = path[25].tolist()
    last_20 = ((w * last_x + b - last_y) ** 2).mean().item()
    all_500 = ((w * x + b - y) ** 2).mean().item()
    print(f"{shuffle!s:7}  {last_20:10.2f}  {all_500:7.2f}")
    if not shuffle:
        unshuffled_last, unshuffled_all = last_20, all_500
# --8<-- [end:sorted-data]


# --8<-- [start:plot-sorted]
fig, ax = plt.subplots(num="sorted-data", figsize=(4.6, 3.6))
for shuffle, color, style in ((False, "C4", "-"), (True, "C0", "--")):
    losses = excess(order_paths[shuffle]) + floor
    ax.plot(torch.arange(len(losses)) / 25, losses, style, color=color)
ax.set(xlabel="epoch", ylabel="loss of all 500", yscale="log")
ax.text(2.1, 60, "sorted", color="C4", weight="bold")
ax.text(0.2, 3.2, "shuffled", color="C0", weight="bold")
plt.show()
# --8<-- [end:plot-sorted]


# --8<-- [start:total-loss]
def graph_size(tensor):
    seen, waiting = set(), [tensor.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting += [child for child, _ in node.next_functions]
    return len(seen)


total, model, sizes = 0, model_at_a(), []
for batch_x, batch_y in DataLoader(dataset, batch_size=20):
    loss = nn.functional.mse_loss(model(batch_x), batch_y)
    total += loss
    sizes.append(graph_size(total))
growth = sizes[1] - sizes[0]
print(sizes[0], sizes[1], sizes[-1])
# --8<-- [end:total-loss]


# --8<-- [start:lost-parameter]
model = nn.Linear(1, 1)
optimizer = optim.SGD(model.parameters(), lr=0.01)
model.weight = nn.Parameter(torch.zeros(1, 1))

for epoch in range(10):
    for batch_x, batch_y in DataLoader(dataset, batch_size=20, shuffle=True):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(batch_x), batch_y).backward()
        optimizer.step()

print(f"w = {model.weight.item():.3f}, b = {model.bias.item():.3f}")
print(optimizer.param_groups[0]["params"][0] is model.weight)
# --8<-- [end:lost-parameter]


# --8<-- [start:default-lr]
optimizer = optim.SGD(nn.Linear(1, 1).parameters())
default_lr = optimizer.param_groups[0]["lr"]
print(default_lr)
# --8<-- [end:default-lr]
