# --8<-- [start:data]
import torch
from torch import nn, optim

torch.manual_seed(0)
x = torch.empty(200, 1).uniform_(-3, 3)  # (200, 1)
y = torch.sin(2 * x) + 0.1 * torch.randn(200, 1)  # (200, 1)
# --8<-- [end:data]

# --8<-- [start:best-line]
ones = torch.cat([x, torch.ones(200, 1)], dim=1)  # (200, 2)
line = torch.linalg.lstsq(ones, y).solution  # (2, 1)
line_loss = ((ones @ line - y) ** 2).mean()
mean_loss = ((y.mean() - y) ** 2).mean()
curve_loss = ((torch.sin(2 * x) - y) ** 2).mean()
print(f"mean {mean_loss:.3f}, best line {line_loss:.3f}, true curve {curve_loss:.4f}")
# --8<-- [end:best-line]

# --8<-- [start:neuron]
inputs = torch.tensor([1.0, 2.0])
weight = torch.tensor([3.0, -1.0])
bias = 1.0

z = weight @ inputs + bias
print(f"z = {z:.0f}, output {torch.relu(z):.0f}")
# --8<-- [end:neuron]

# --8<-- [start:layer]
layer = nn.Linear(2, 3)
with torch.no_grad():
    layer.weight.copy_(torch.tensor([[3.0, -1.0], [1.0, 1.0], [-2.0, 0.0]]))
    layer.bias.copy_(torch.tensor([1.0, -3.0, 1.0]))

print(layer.weight.shape, layer.bias.shape)
print(torch.relu(layer(inputs)).tolist())
# --8<-- [end:layer]


# --8<-- [start:slide-net]
def slide_net():
    return nn.Sequential(
        nn.Linear(1, 5),
        nn.ReLU(),
        nn.Linear(5, 3),
        nn.ReLU(),
        nn.Linear(3, 4),
        nn.ReLU(),
        nn.Linear(4, 1),
    )


# --8<-- [end:slide-net]

# --8<-- [start:count]
model = slide_net()
for name, parameter in model.named_parameters():
    print(f"{name:9} {tuple(parameter.shape)!s:7} {parameter.numel():2}")
total = sum(parameter.numel() for parameter in model.parameters())
print("total", total)
# --8<-- [end:count]

# --8<-- [start:shapes]
h = x
for module in model:
    h = module(h)
    print(f"{type(module).__name__:6} {tuple(h.shape)}")
# --8<-- [end:shapes]

# --8<-- [start:fit]
loss_fn = nn.MSELoss()


def fit(model, lr=0.02, steps=500):
    optimizer = optim.Adam(model.parameters(), lr=lr)
    for step in range(steps):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
    return loss_fn(model(x), y).item()


# --8<-- [end:fit]

# --8<-- [start:ten-seeds]
models, losses = [], []
for seed in range(10):
    torch.manual_seed(seed)
    models.append(slide_net())
    losses.append(fit(models[-1]))
    print(f"seed {seed}: loss {losses[-1]:.4f}")

best_seed = losses.index(min(losses))
best, best_loss = models[best_seed], min(losses)
good = sum(loss < line_loss.item() / 4 for loss in losses)
# --8<-- [end:ten-seeds]

# --8<-- [start:plot-line-and-net]
import matplotlib.pyplot as plt

grid = torch.linspace(-3, 3, 1201).reshape(-1, 1)  # (1201, 1)
fig, ax = plt.subplots(num="line-and-net", figsize=(4.6, 3.4))
ax.scatter(x, y, s=8, color="C5")
ax.plot(grid, line[0] * grid + line[1], "--", color="C1")
ax.plot(grid, best(grid).detach(), color="C0")
ax.text(-1.3, 0.45, "line", color="C1", ha="center")
ax.text(1.9, 0.3, "net", color="C0")
ax.set(xlabel="x", ylabel="y", xlim=(-3, 3), ylim=(-1.4, 1.4), yticks=(-1, 0, 1))
plt.show()
# --8<-- [end:plot-line-and-net]

# --8<-- [start:plot-seeds]
fig, axes = plt.subplots(5, 2, num="seeds", figsize=(4.6, 7.4), sharex=True, sharey=True)
for seed, ax in enumerate(axes.flat):
    color = "C0" if losses[seed] < line_loss / 4 else "C4"
    ax.scatter(x[::4], y[::4], s=4, color="C5")
    ax.plot(grid, models[seed](grid).detach(), "-" if color == "C0" else "--", color=color)
    ax.set(ylim=(-1.4, 1.4), yticks=(-1, 0, 1))
    ax.set_title(f"seed {seed}: {losses[seed]:.3f}", color=color)
plt.show()
# --8<-- [end:plot-seeds]


# --8<-- [start:dead-layer]
def dead_per_layer(model):
    h, counts = x, []
    for module in model:
        h = module(h)
        if isinstance(module, nn.ReLU):
            counts.append((h == 0).all(dim=0).sum().item())
    return counts


for seed in (0, 1):
    torch.manual_seed(seed)
    print(f"seed {seed}: dead before training {dead_per_layer(slide_net())} of [5, 3, 4]")
outputs = models[0](x)  # (200, 1)
print("seed 0 after training: all outputs equal:", (outputs == outputs[0]).all().item())
# --8<-- [end:dead-layer]


# --8<-- [start:wider]
def wide_net():
    return nn.Sequential(nn.Linear(1, 30), nn.ReLU(), nn.Linear(30, 30), nn.ReLU(), nn.Linear(30, 1))


wide_losses = []
for seed in range(5):
    torch.manual_seed(seed)
    wide = wide_net()
    wide_losses.append(round(fit(wide), 4))
wide_total = sum(parameter.numel() for parameter in wide.parameters())
print(f"{wide_total} parameters, losses {wide_losses}")
# --8<-- [end:wider]

# --8<-- [start:unlucky]
for make, sizes in ((slide_net, [5, 3, 4]), (wide_net, [30, 30])):
    unlucky = 0
    for seed in range(500):
        torch.manual_seed(seed)
        dead = dead_per_layer(make())
        unlucky += any(d == size for d, size in zip(dead, sizes))
    print(f"{make.__name__:9}  whole layer dead at the start: {unlucky} of 500")
# --8<-- [end:unlucky]


# --8<-- [start:values-inside]
def values_inside(model, x):
    columns, h = [x], x
    for module in model:
        h = module(h)
        if isinstance(module, nn.ReLU):
            columns.append(h)
    return [*columns, h]


with torch.no_grad():
    columns = [column.tolist() for column in values_inside(best, torch.tensor([1.0]))]
on_at_1 = sum(value > 0 for column in columns[1:4] for value in column)
# --8<-- [end:values-inside]

# --8<-- [start:switches]
with torch.no_grad():
    hidden = torch.cat(values_inside(best, grid)[1:4], dim=1)  # (1201, 12)

on = hidden > 0  # (1201, 12)
labels = [f"{layer}.{k + 1}" for layer, size in ((1, 5), (2, 3), (3, 4)) for k in range(size)]
switches = []
for i, neuron in (on[1:] != on[:-1]).nonzero().tolist():
    switches.append(grid[i].item())
    change = "on" if on[i + 1, neuron] else "off"
    print(f"x = {switches[-1]:4.1f}: neuron {labels[neuron]} goes {change}")

switch_count = len(switches)
# --8<-- [end:switches]

# --8<-- [start:plot-network]
fig, ax = plt.subplots(num="network", figsize=(4.6, 4.6))
places = [[(i, (len(column) - 1) / 2 - k) for k in range(len(column))] for i, column in enumerate(columns)]
for i, layer in enumerate(best[::2]):
    for (to, frm), w in zip(torch.cartesian_prod(*map(torch.arange, layer.weight.shape)), layer.weight.flatten()):
        style = {"color": "C0", "linestyle": "-"} if w > 0 else {"color": "C4", "linestyle": "--"}
        if columns[i][frm] == 0:
            style["color"] = "C5"
        style |= {"arrowstyle": "-", "linewidth": 0.4 + 2.2 * abs(w.item()), "shrinkA": 15, "shrinkB": 15}
        ax.annotate("", places[i + 1][to], places[i][frm], arrowprops=style)
for column, row in zip(columns, places):
    for value, (i, height) in zip(column, row):
        color = "C5" if value == 0 else "black"
        ax.plot(i, height, "o", color=color, markersize=28, markerfacecolor="none", markeredgewidth=1.5)
        ax.text(i, height, f"{value:.1f}" if value else "0", ha="center", va="center", color=color)
for i, title in enumerate(("x", "5", "3", "4", "output")):
    ax.text(i, -2.8, title, ha="center", weight="bold")
ax.set(xlim=(-0.4, 4.4), ylim=(-3, 2.5))
ax.axis("off")
plt.show()
# --8<-- [end:plot-network]

# --8<-- [start:plot-bends]
fig, (top, bottom) = plt.subplots(2, num="bends", figsize=(4.6, 5.8), sharex=True, height_ratios=(4, 5))
top.plot(grid, best(grid).detach(), color="C0")
top.plot(switches, best(torch.tensor(switches).reshape(-1, 1)).detach(), "o", color="C1", markersize=7)
for neuron in range(12):
    bar = torch.where(on[:, neuron], 12.0 - neuron, torch.nan)  # (1201,)
    color = "C0" if neuron < 5 else "C2" if neuron < 8 else "C3"
    bottom.plot(grid[::4], bar[::4], color=color, linewidth=6, solid_capstyle="butt")
for ax in (top, bottom):
    for switch in switches:
        ax.axvline(switch, color="C5", linewidth=0.8, zorder=0)
top.set(ylabel="output", ylim=(-1.4, 1.4), yticks=(-1, 0, 1))
bottom.set(xlabel="x", ylabel="neuron on", xlim=(-3, 3), ylim=(0.4, 12.6), yticks=range(12, 0, -1))
bottom.set_yticklabels(labels)
plt.show()
# --8<-- [end:plot-bends]


# --8<-- [start:tiny-net]
def tiny_net(p):
    h1 = torch.relu(p["w1"] * 2 + p["b1"])
    h2 = torch.relu(p["w2"] * 2 + p["b2"])
    output = p["v1"] * h1 + p["v2"] * h2 + p["c"]
    return h1, h2, output, (output - 1) ** 2


start = {"w1": 3.0, "b1": -1.0, "w2": -1.0, "b2": 1.0, "v1": 2.0, "v2": 4.0, "c": -7.0}
tiny = {name: torch.tensor(number, requires_grad=True) for name, number in start.items()}
middle = tiny_net(tiny)
for tensor in middle:
    tensor.retain_grad()
middle[-1].backward()
# --8<-- [end:tiny-net]

# --8<-- [start:tiny-gradients]
print("values   ", [tensor.item() for tensor in middle])
print("gradients", [tensor.grad.item() for tensor in middle])
print({name: tensor.grad.item() for name, tensor in tiny.items()})

nudged = tiny_net(tiny | {"w1": torch.tensor(3.01)})[-1]
print(f"w1 + 0.01: loss {nudged:.4f}")
# --8<-- [end:tiny-gradients]

# --8<-- [start:plot-backprop]
fig, ax = plt.subplots(num="backprop", figsize=(4.6, 4.4))
spots = {"x": (0, 0), "$h_1$": (1.6, 1.2), "$h_2$": (1.6, -1.2), r"$\hat{y}$": (3.2, 0), "L": (4.2, 0)}
ends = {"w1": "x $h_1$", "w2": "x $h_2$", "v1": r"$h_1$ $\hat{y}$", "v2": r"$h_2$ $\hat{y}$", "": r"$\hat{y}$ L"}
for (name, (i, j)), value in zip(spots.items(), [torch.tensor(2.0), *middle]):
    ax.plot(i, j, "o", color="C5", markersize=28, markerfacecolor="none")
    ax.text(i, j, name, ha="center", va="center")
    ax.text(i, j + 0.36, f"{value:.0f}", ha="center", color="C0", weight="bold")
    if value.grad is not None:
        ax.text(i, j - 0.36, f"{value.grad:.0f}", ha="center", va="top", color="C1", weight="bold")
for name, pair in ends.items():
    (i, j), (k, m) = (spots[end] for end in pair.split())
    ax.annotate("", (k, m), (i, j), arrowprops={"arrowstyle": "-|>", "color": "C5", "shrinkA": 16, "shrinkB": 16})
    if name:
        place = {"x": (i + k) / 2, "y": (j + m) / 2 * 1.75, "ha": "right" if i == 0 else "left"}
        ax.text(s=f"{name} = {tiny[name]:.0f}", va="bottom", color="C0", **place)
        ax.text(s=f"{tiny[name].grad:.0f}", va="top", color="C1", weight="bold", **place)
ax.set(xlim=(-0.4, 4.5), ylim=(-2.1, 2.1))
ax.axis("off")
plt.show()
# --8<-- [end:plot-backprop]


# --8<-- [start:backward-pass]
def backward_pass(linears, x, y):
    inputs = [x]
    for linear in linears[:-1]:
        inputs.append(torch.relu(linear(inputs[-1])))
    delta = 2 * (linears[-1](inputs[-1]) - y) / len(x)  # (200, 1)
    gradients = []
    for linear, h in zip(reversed(linears), reversed(inputs)):
        gradients += [delta.sum(dim=0), delta.T @ h]
        delta = (delta @ linear.weight) * (h > 0)
    return gradients[::-1]


with torch.no_grad():
    by_hand = backward_pass(best[::2], x, y)
# --8<-- [end:backward-pass]

# --8<-- [start:check-backward]
best.zero_grad()
loss_fn(best(x), y).backward()
apart = max((p.grad - g).abs().max().item() for p, g in zip(best.parameters(), by_hand))
print("all 49 gradients equal:", apart < 1e-6)
# --8<-- [end:check-backward]

# --8<-- [start:zeros]
model = slide_net()
for parameter in model.parameters():
    nn.init.zeros_(parameter)
loss_fn(model(x), y).backward()
for name, parameter in model.named_parameters():
    print(f"{name:9} gradients that are not 0: {(parameter.grad != 0).sum()}")
# --8<-- [end:zeros]

# --8<-- [start:equal]
torch.manual_seed(0)
usual = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 1))
equal = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 1))
for parameter in equal.parameters():
    nn.init.constant_(parameter, 0.1)

for name, model in (("random", usual), ("equal", equal)):
    loss = fit(model)
    different = len(model[0].weight.detach().round(decimals=4).unique())
    print(f"{name}: loss {loss:.3f}, different weights in layer 1: {different} of 32")
# --8<-- [end:equal]


# --8<-- [start:line-class]
class Line:
    def __init__(self, w, b):
        self.w = w
        self.b = b

    def predict(self, x):
        return self.w * x + self.b


steep, flat = Line(5, 2), Line(1, 0)
print(steep.predict(3), flat.predict(3))
print(Line.predict(steep, 3))
# --8<-- [end:line-class]


# --8<-- [start:mlp-class]
class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(1, 5)
        self.hidden2 = nn.Linear(5, 3)
        self.hidden3 = nn.Linear(3, 4)
        self.output = nn.Linear(4, 1)

    def forward(self, x):
        x = torch.relu(self.hidden1(x))
        x = torch.relu(self.hidden2(x))
        x = torch.relu(self.hidden3(x))
        return self.output(x)


# --8<-- [end:mlp-class]

# --8<-- [start:use-mlp]
torch.manual_seed(best_seed)
model = MLP()
print(model)
print("loss", round(fit(model), 4), "same outputs:", torch.equal(model(x), best(x)))
# --8<-- [end:use-mlp]


# --8<-- [start:list-of-layers]
class Forgetful(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(1, 5), nn.Linear(5, 3), nn.Linear(3, 4)]
        self.output = nn.Linear(4, 1)

    def forward(self, x):
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return self.output(x)


# --8<-- [end:list-of-layers]

# --8<-- [start:module-list]
model = Forgetful()
print("list:      ", sum(p.numel() for p in model.parameters()))
model.hidden = nn.ModuleList(model.hidden)
print("ModuleList:", sum(p.numel() for p in model.parameters()))

try:
    optim.Adam([])
except ValueError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:module-list]


# --8<-- [start:no-super]
class NoSuper(nn.Module):
    def __init__(self):
        self.hidden = nn.Linear(1, 5)


try:
    NoSuper()
except AttributeError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:no-super]

# --8<-- [start:tent]
tent = nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1))
with torch.no_grad():
    tent[0].weight.fill_(1)
    tent[0].bias.copy_(torch.tensor([0, -1, -2]))
    tent[2].weight.copy_(torch.tensor([[1, -2, 1]]))
    tent[2].bias.zero_()
print(tent(torch.tensor([[-1.0], [0.0], [0.5], [1.0], [1.5], [2.0], [3.0]])).flatten().tolist())
# --8<-- [end:tent]


# --8<-- [start:interpolate]
def interpolate(n):
    knots = torch.linspace(-3, 3, n + 1)  # (n + 1,)
    heights = torch.sin(2 * knots)
    slopes = heights.diff() / knots.diff()
    net = nn.Sequential(nn.Linear(1, n), nn.ReLU(), nn.Linear(n, 1))
    with torch.no_grad():
        net[0].weight.fill_(1)
        net[0].bias.copy_(-knots[:-1])
        net[2].weight.copy_(torch.cat([slopes[:1], slopes.diff()]))
        net[2].bias.copy_(heights[0])
    return net


# --8<-- [end:interpolate]

# --8<-- [start:errors]
truth = torch.sin(2 * grid)  # (1201, 1)
errors = []
for n in (4, 8, 16, 32, 64, 128):
    errors.append((interpolate(n)(grid) - truth).abs().max().item())
    print(f"{n:3} neurons: largest error {errors[-1]:.4f}")
# --8<-- [end:errors]

# --8<-- [start:plot-interpolation]
far = torch.linspace(-5, 5, 801).reshape(-1, 1)  # (801, 1)
fig, axes = plt.subplots(3, num="interpolation", figsize=(4.6, 6.6), sharex=True, sharey=True)
for n, ax in zip((4, 8, 16), axes):
    ax.plot(far, torch.sin(2 * far), "--", color="C2")
    ax.plot(far, interpolate(n)(far).detach(), color="C0")
    ax.axvspan(-5, -3, color="C5", alpha=0.15, linewidth=0)
    ax.axvspan(3, 5, color="C5", alpha=0.15, linewidth=0)
    ax.set(title=f"{n} neurons", ylabel="y", xlim=(-5, 5), ylim=(-2, 2))
axes[-1].set_xlabel("x")
plt.show()
# --8<-- [end:plot-interpolation]
