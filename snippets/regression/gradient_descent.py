# --8<-- [start:data]
import torch

torch.manual_seed(0)
x = torch.empty(500, 1).uniform_(-10, 10)  # (500, 1)
noise = torch.randn(500, 1)  # (500, 1)
y = 5 * x + 2 + noise  # (500, 1)
# --8<-- [end:data]


# --8<-- [start:mse]
def mse(w, b):
    error = w * x + b - y  # (500, 1)
    return (error**2).mean()


loss_a, loss_b, loss_c = mse(-3, 8), mse(2, -6), mse(5, 2)
print(f"A  w = -3  b =  8  loss {loss_a:.4g}")
print(f"B  w =  2  b = -6  loss {loss_b:.4g}")
print(f"C  w =  5  b =  2  loss {loss_c:.4g}")
# --8<-- [end:mse]


# --8<-- [start:plot-lines]
import matplotlib.pyplot as plt

fig, (top, bottom) = plt.subplots(2, num="line-is-a-point", figsize=(4.6, 6.4), height_ratios=(3, 4))
top.scatter(x[:150], y[:150], s=6, color="C5")
for name, w, b, color, style in (("A", -3, 8, "C4", "-"), ("B", 2, -6, "C1", "--"), ("C", 5, 2, "C0", "-")):
    top.plot([-10, 10], [-10 * w + b, 10 * w + b], style, color=color)
    top.text(10.3, 10 * w + b, name, color=color, va="center", weight="bold")
    bottom.plot(w, b, "o", color=color, markersize=9)
    bottom.text(w + 0.6, b + 0.6, f"{name} ({w}, {b})", color=color, weight="bold")
top.set(xlabel="x", ylabel="y", title="three lines")
ticks = (-10, -5, 0, 5, 10)
bottom.set(xlim=(-10, 10), ylim=(-10, 10), xlabel="w", ylabel="b", xticks=ticks, yticks=ticks)
bottom.set_title("the same three lines as points (w, b)")
bottom.grid()
plt.show()
# --8<-- [end:plot-lines]


# --8<-- [start:random-search]
torch.manual_seed(1)
tries = torch.empty(1000, 2).uniform_(-10, 10)  # (1000, 2)
losses = torch.stack([mse(w, b) for w, b in tries])  # (1000,)

for n in (10, 100, 1000):
    best = losses[:n].argmin()
    best_w, best_b = tries[best].tolist()
    print(f"best of {n:4}: w = {best_w:5.2f}  b = {best_b:5.2f}  loss {losses[best]:.4g}")

good = (losses < 2).sum().item()
print(f"below 2: {good} of 1000")
# --8<-- [end:random-search]


# --8<-- [start:plot-random]
w_grid, b_grid = torch.meshgrid(torch.linspace(4.5, 5.5, 60), torch.linspace(0, 4, 60), indexing="ij")
grid_loss = torch.stack([mse(w, b) for w, b in zip(w_grid.flatten(), b_grid.flatten())])

fig, ax = plt.subplots(num="random-search", figsize=(4.6, 4.4))
ax.scatter(tries[:, 0], tries[:, 1], s=3, color="C5")
ax.contourf(w_grid, b_grid, grid_loss.reshape(60, 60), levels=[0, 2], colors=["C2"])
ax.plot(best_w, best_b, "o", color="C1", markersize=14, markerfacecolor="none", markeredgewidth=2)
ticks = (-10, -5, 0, 5, 10)
ax.set(xlim=(-10, 10), ylim=(-10, 10), xlabel="w", ylabel="b", xticks=ticks, yticks=ticks)
ax.set_title("1000 tries, green: loss < 2, ring: best try")
plt.show()
# --8<-- [end:plot-random]


# --8<-- [start:count-tries]
def tries_per_hit(features, targets, limit):
    hits = 0
    for _ in range(40):
        weights = torch.empty(features.shape[1], 5000).uniform_(-10, 10)
        losses = ((features @ weights - targets) ** 2).mean(dim=0)  # (5000,)
        hits += (losses < limit).sum().item()
    return 40 * 5000 / hits


line = torch.cat([x, torch.ones(500, 1)], dim=1)  # (500, 2)
tries_10 = tries_per_hit(line, y, limit=10)
tries_2 = tries_per_hit(line, y, limit=2)
print(f"below 10: tries per hit {tries_10:.0f}")
print(f"below  2: tries per hit {tries_2:.0f}")
# --8<-- [end:count-tries]


# --8<-- [start:more-parameters]
def problem(k):
    features = torch.empty(500, k).uniform_(-10, 10)
    targets = features @ torch.full((k, 1), 5.0) + torch.randn(500, 1)  # (500, 1)
    return features, targets


tries_needed = []
for k in (1, 2, 3, 4):
    tries_needed.append(tries_per_hit(*problem(k), limit=100))
    print(f"parameters: {k}  tries per hit: {tries_needed[-1]:.0f}")
# --8<-- [end:more-parameters]


# --8<-- [start:two-points]
x2, y2 = torch.tensor([1.0, 3.0]), torch.tensor([7.0, 17.0])
w = torch.tensor(0.0, requires_grad=True)
b = torch.tensor(2.0, requires_grad=True)

loss = ((w * x2 + b - y2) ** 2).mean()
loss.backward()
print(f"loss {loss:.0f}, dL/dw {w.grad:.0f}, dL/db {b.grad:.0f}")

new_w = w.item() - 0.1 * w.grad.item()
new_b = b.item() - 0.1 * b.grad.item()
new_loss = ((new_w * x2 + new_b - y2) ** 2).mean()
print(f"w {new_w:.0f}, b {new_b:.0f}, loss {new_loss:.0f}")
# --8<-- [end:two-points]


# --8<-- [start:gradients]
def gradients(w, b):
    error = w * x + b - y  # (500, 1)
    grad_w = (2 * error * x).mean()
    grad_b = (2 * error).mean()
    return grad_w, grad_b


grad_w, grad_b = gradients(-3, 8)
print(f"by hand:  dL/dw {grad_w:.4g}, dL/db {grad_b:.4g}")

w = torch.tensor(-3.0, requires_grad=True)
b = torch.tensor(8.0, requires_grad=True)
mse(w, b).backward()
print(f"autograd: dL/dw {w.grad:.4g}, dL/db {b.grad:.4g}")
# --8<-- [end:gradients]


# --8<-- [start:descend]
w, b = torch.tensor(-3.0), torch.tensor(8.0)
lr = 0.01
w_path, b_path = [w.item()], [b.item()]
for step in range(200):
    grad_w, grad_b = gradients(w, b)
    w = w - lr * grad_w
    b = b - lr * grad_b
    w_path.append(w.item())
    b_path.append(b.item())

for step in (0, 1, 2, 3, 4, 10, 50, 100, 200):
    loss = mse(w_path[step], b_path[step])
    print(f"step {step:3}: w = {w_path[step]:6.3f}  b = {b_path[step]:5.3f}  loss {loss:.4g}")
# --8<-- [end:descend]


# --8<-- [start:plot-path]
w_grid, b_grid = torch.meshgrid(torch.linspace(-5, 9, 160), torch.linspace(-4, 10, 50), indexing="ij")
grid_loss = torch.stack([mse(w, b) for w, b in zip(w_grid.flatten(), b_grid.flatten())])

fig, ax = plt.subplots(num="descent-path", figsize=(4.6, 4.6))
levels = [2, 10, 30, 100, 300, 1000, 2000]
ax.contour(w_grid, b_grid, grid_loss.reshape(160, 50), levels=levels, colors="C5", linewidths=1)
ax.plot(w_path, b_path, "o-", color="C0", markersize=3.5)
for step, dx in ((0, -0.6), (1, -0.2), (2, -0.2), (3, 0.5), (20, 0.5), (50, 0.5), (200, 0.5)):
    ax.text(w_path[step] + dx, b_path[step] + 0.3, step, color="C0", weight="bold")
ax.plot(5, 2, "*", color="C2", markersize=11, zorder=1)
ax.set(xlabel="w", ylabel="b", aspect="equal")
plt.show()
# --8<-- [end:plot-path]


# --8<-- [start:many-parameters]
def steps_needed(k, limit, lr):
    features, targets = problem(k)
    weight = torch.zeros(k, 1)
    for step in range(1000):
        error = features @ weight - targets  # (500, 1)
        if (error**2).mean() < limit:
            return step
        weight = weight - lr * (2 * error * features).mean(dim=0).reshape(k, 1)


gd_steps = []
for k in (1, 2, 3, 4, 49):
    gd_steps.append(steps_needed(k, limit=100, lr=0.01))
    print(f"parameters: {k:2}  steps: {gd_steps[-1]}")
# --8<-- [end:many-parameters]


# --8<-- [start:one-dimension]
for lr in (0.1, 0.5, 0.9, 1.0, 1.1):
    w = 0.0
    visited = [w]
    for step in range(4):
        w = w - lr * 2 * (w - 5)
        visited.append(round(w, 2))
    print(f"lr {lr}: {visited}")
# --8<-- [end:one-dimension]


# --8<-- [start:plot-one-dimension]
curve = torch.linspace(-6, 16, 100)
fig, axes = plt.subplots(3, num="one-dimension", figsize=(4.6, 6.6), sharex=True, sharey=True)
for ax, lr, color, verdict in zip(axes, (0.1, 0.9, 1.1), ("C0", "C1", "C4"), ("creeps", "zigzags", "diverges")):
    visited = [0.0]
    for step in range(5):
        visited.append(visited[-1] - lr * 2 * (visited[-1] - 5))
    ax.plot(curve, (curve - 5) ** 2, color="C5", linewidth=1.2)
    ax.plot(visited, [(w - 5) ** 2 for w in visited], "o-", color=color, linewidth=1.2)
    ax.text(-0.8, 16, "start", ha="right")
    ax.set(title=f"lr = {lr}, factor {1 - 2 * lr:.1f}: {verdict}", ylabel="loss", ylim=(-5, 85))
axes[2].set_xlabel("w")
plt.show()
# --8<-- [end:plot-one-dimension]


# --8<-- [start:too-large]
def train(lr, steps):
    w, b = torch.tensor(-3.0), torch.tensor(8.0)
    losses = [mse(w, b).item()]
    for step in range(steps):
        grad_w, grad_b = gradients(w, b)
        w, b = w - lr * grad_w, b - lr * grad_b
        losses.append(mse(w, b).item())
    return losses


for lr in (0.0001, 0.01, 0.1):
    losses = train(lr, steps=200)
    row = "  ".join(f"{losses[step]:.4g}" for step in (0, 1, 2, 3, 20, 200))
    print(f"lr {lr}: {row}")
# --8<-- [end:too-large]


# --8<-- [start:curvature]
import math


def curvature(angle):
    dw, db = math.cos(angle), math.sin(angle)
    before, after = gradients(0, 0), gradients(dw, db)
    change = (after[0] - before[0]) * dw + (after[1] - before[1]) * db
    return change.item()


curvatures = [curvature(math.radians(degrees)) for degrees in range(180)]
steepest, flattest = max(curvatures), min(curvatures)
steepest_at, flattest_at = curvatures.index(steepest), curvatures.index(flattest)
print(f"steepest {steepest:.4g} at {steepest_at}°, flattest {flattest:.4g} at {flattest_at}°")
# --8<-- [end:curvature]


# --8<-- [start:threshold]
low, high = 0.01, 0.04
for _ in range(20):
    middle = (low + high) / 2
    losses = train(middle, steps=100)
    if losses[-1] > losses[0]:
        high = middle
    else:
        low = middle
print(f"measured {high:.4g}, 2 / steepest {2 / steepest:.4g}")

threshold = high
for factor in (0.99, 1.01):
    losses = train(factor * threshold, steps=1000)
    print(f"{factor} x threshold: {losses[0]:.4g} ... {losses[-1]:.4g}")
# --8<-- [end:threshold]


# --8<-- [start:plot-learning-rates]
fig, (top, bottom) = plt.subplots(2, num="learning-rates", figsize=(4.6, 6.6))
for lr, color, style in ((0.0001, "C3", ":"), (0.01, "C0", "-"), (0.029, "C1", "--"), (0.031, "C4", "-.")):
    losses = train(lr, steps=100)
    top.plot(losses, style, color=color)
    top.text(102 if losses[-1] < 1e8 else 50, min(losses[-1], 3e7), f"lr {lr}", color=color, va="center")
top.set(xlabel="step", ylabel="loss", yscale="log", ylim=(0.5, 1e8), xlim=(0, 100))

rates = torch.logspace(-4, -1, 60).tolist()
final = [train(lr, steps=100)[-1] for lr in rates]
bottom.plot(rates, final, ".-", color="C0", linewidth=1)
bottom.axvspan(2 / steepest, 0.1, color="C4", alpha=0.15, linewidth=0)
bottom.text(1.8 / steepest, 3e6, "2 / steepest curvature", color="C4", ha="right")
bottom.text(0.054, 3e3, "diverges", color="C4", ha="center", rotation=90)
bottom.set(xlabel="lr", ylabel="loss after 100 steps", xscale="log", yscale="log", xlim=(1e-4, 0.1), ylim=(0.5, 1e8))
plt.show()
# --8<-- [end:plot-learning-rates]


# --8<-- [start:hessian]
mean_x, mean_x2 = x.mean().item(), (x**2).mean().item()
hessian = 2 * torch.tensor([[mean_x2, mean_x], [mean_x, 1.0]])  # (2, 2)
lambda_min, lambda_max = torch.linalg.eigvalsh(hessian).tolist()
print(f"eigenvalues {lambda_min:.4g} and {lambda_max:.4g}, 2 / largest {2 / lambda_max:.4g}")
# --8<-- [end:hessian]


# --8<-- [start:two-valleys]
def valley_loss(w):
    return w**4 - 4 * w**2 + w


ends = []
for start in (-2.0, 2.0):
    w = start
    for step in range(200):
        w = w - 0.02 * (4 * w**3 - 8 * w + 1)
    ends.append(w)
    print(f"start {start:4}: ends at w = {w:.3f}, loss {valley_loss(w):.3f}")
# --8<-- [end:two-valleys]


# --8<-- [start:plot-valleys]
curve = torch.linspace(-2.15, 2.1, 120)
fig, ax = plt.subplots(num="two-valleys", figsize=(4.6, 3.4))
ax.plot(curve, valley_loss(curve), color="C5", linewidth=1.2)
for start, end, color, name in ((-2, ends[0], "C0", "global minimum"), (2, ends[1], "C1", "local minimum")):
    visited = [start]
    for step in range(15):
        w = visited[-1]
        visited.append(w - 0.02 * (4 * w**3 - 8 * w + 1))
    ax.plot(visited, [valley_loss(w) for w in visited], "o-", color=color, linewidth=1.2)
    ax.text(end, valley_loss(end) - 1.1, name, color=color, ha="center")
ax.set(xlabel="w", ylabel="loss", ylim=(-7.5, 3.5))
plt.show()
# --8<-- [end:plot-valleys]
