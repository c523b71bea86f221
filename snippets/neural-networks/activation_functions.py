# --8<-- [start:random-layers]
import torch
from torch import nn

torch.manual_seed(4)
layers = [nn.Linear(1, 5), nn.Linear(5, 3), nn.Linear(3, 4), nn.Linear(4, 1)]
for layer in layers:
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)

without = nn.Sequential(*layers)
with_relu = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2], nn.ReLU(), layers[3])
# --8<-- [end:random-layers]


# --8<-- [start:plot-line-or-bent]
import matplotlib.pyplot as plt

x = torch.linspace(-3, 3, 301).reshape(-1, 1)  # (301, 1)
fig, ax = plt.subplots(num="line-or-bent")
for model, color, style in ((without, "C1", "--"), (with_relu, "C0", "-")):
    ax.plot(x, model(x).detach(), style, color=color)
ax.text(3, -6.6, "without ReLU", color="C1", ha="right", va="top")
ax.text(3, -0.8, "with ReLU", color="C0", ha="right", va="bottom")
ax.set(xlabel="x", ylabel="output", ylim=(-7.8, 1.5))
plt.show()
# --8<-- [end:plot-line-or-bent]


# --8<-- [start:collapse]
weight, bias = torch.ones(1, 1), torch.zeros(1)
for layer in layers:
    weight = layer.weight @ weight
    bias = layer.weight @ bias + layer.bias

parameters = sum(p.numel() for p in without.parameters())
print(f"{parameters} parameters make y = {weight.item():.4g} x + ({bias.item():.4g})")
apart = (without(x) - (x @ weight.T + bias)).abs().max().item()
print("the same line:", apart < 1e-4)
# --8<-- [end:collapse]


# --8<-- [start:relu-layer]
values = torch.tensor([-2.0, -0.5, 0.0, 0.5, 2.0])
print(nn.ReLU()(values))
print(torch.relu(values))
print("parameters:", len(list(nn.ReLU().parameters())))
# --8<-- [end:relu-layer]


# --8<-- [start:relu-slope]
values = torch.tensor([-2.0, -0.5, 0.0, 0.5, 2.0], requires_grad=True)
torch.relu(values).sum().backward()
print(values.grad)
# --8<-- [end:relu-slope]


# --8<-- [start:kinked]
import math


def relu(x):
    return max(0.0, x)


def leaky_relu(x):
    return x if x > 0 else 0.01 * x


def elu(x):
    return x if x > 0 else math.exp(x) - 1


# --8<-- [end:kinked]


# --8<-- [start:draw-family]
def draw_family(label, functions, height):
    axes = plt.subplots(len(functions), 2, num=label, figsize=(4.6, height), sharex=True, sharey="col")[1]
    for (left, right), layer in zip(axes, functions):
        for start, end in ((-4.0, -1e-4), (1e-4, 4.0)):
            xs = torch.linspace(start, end, 50, requires_grad=True)  # (50,)
            ys = layer(xs)
            ys.sum().backward()
            left.plot(xs.detach(), ys.detach(), color="C0")
            right.plot(xs.detach(), xs.grad, color="C1")
        left.set(title=type(layer).__name__, ylim=(-1.3, 3.2), yticks=(-1, 0, 1, 2, 3))
        right.set(title="its slope", ylim=(-0.25, 1.25), yticks=(0, 0.25, 0.5, 0.75, 1), xticks=(-4, -2, 0, 2, 4))
        left.grid()
        right.grid()


# --8<-- [end:draw-family]


# --8<-- [start:plot-kinked]
draw_family("kinked", [nn.ReLU(), nn.LeakyReLU(), nn.ELU()], height=5.6)
plt.show()
# --8<-- [end:plot-kinked]


# --8<-- [start:s-shaped]
def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def tanh(x):
    return (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x))


# --8<-- [end:s-shaped]


# --8<-- [start:plot-s-shaped]
draw_family("s-shaped", [nn.Sigmoid(), nn.Tanh()], height=3.9)
plt.show()
# --8<-- [end:plot-s-shaped]


# --8<-- [start:smooth]
def softplus(x):
    return math.log(1 + math.exp(x))


def silu(x):
    return x * sigmoid(x)


def gelu(x):
    return x * (1 + math.erf(x / math.sqrt(2))) / 2


# --8<-- [end:smooth]


# --8<-- [start:plot-smooth]
draw_family("smooth", [nn.Softplus(), nn.SiLU(), nn.GELU()], height=5.6)
plt.show()
# --8<-- [end:plot-smooth]


# --8<-- [start:compare]
functions = [relu, leaky_relu, elu, sigmoid, tanh, softplus, silu, gelu]
modules = [nn.ReLU(), nn.LeakyReLU(), nn.ELU(), nn.Sigmoid(), nn.Tanh(), nn.Softplus(), nn.SiLU(), nn.GELU()]
grid = torch.linspace(-6, 6, 1201, dtype=torch.float64)  # (1201,)

print("            f(-2)   f(0)   f(2)  equal  slope: min    max")
for function, module in zip(functions, modules):
    ours = torch.tensor([function(v) for v in grid.tolist()], dtype=torch.float64)
    equal = torch.allclose(ours, module(grid), rtol=0, atol=1e-14)
    xs = grid.clone().requires_grad_()
    module(xs).sum().backward()
    row = f"{function(-2):7.3f}{function(0):7.3f}{function(2):7.3f}  {equal!s:5}"
    print(f"{type(module).__name__:10}{row}  {xs.grad.min():10.3f}{xs.grad.max():7.3f}")
# --8<-- [end:compare]


# --8<-- [start:chain]
def chain_gradient(activation, start):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    h = x
    for layer in range(20):
        h = activation(h)
    h.backward()
    return x.grad.item()


for activation, start in ((torch.sigmoid, 1.0), (torch.tanh, 1.0), (torch.relu, 1.0), (torch.relu, -1.0)):
    print(f"{activation.__name__:8} x = {start:4}  gradient {chain_gradient(activation, start):.1e}")
# --8<-- [end:chain]


# --8<-- [start:deep-net]
def deep_net(activation, init_weight=None):
    torch.manual_seed(0)
    layers = []
    for _ in range(20):
        linear = nn.Linear(64, 64)
        if init_weight:
            init_weight(linear.weight)
            nn.init.zeros_(linear.bias)
        layers += [linear, activation()]
    return nn.Sequential(*layers, nn.Linear(64, 1))


inputs = torch.randn(100, 64)  # (100, 64)
targets = inputs[:, :1]  # (100, 1)
# --8<-- [end:deep-net]


# --8<-- [start:gradient-sizes]
def gradient_sizes(model):
    h, outputs = inputs, []
    for module in model:
        h = module(h)
        if isinstance(module, nn.Linear):
            h.retain_grad()
            outputs.append(h)
    loss = ((h - targets) ** 2).mean()
    loss.backward()
    return [z.grad.norm().item() for z in outputs[:20]]


# --8<-- [end:gradient-sizes]


# --8<-- [start:five-nets]
nets = {
    "Sigmoid": deep_net(nn.Sigmoid),
    "Tanh": deep_net(nn.Tanh),
    "ReLU": deep_net(nn.ReLU),
    "Tanh + Xavier": deep_net(nn.Tanh, nn.init.xavier_normal_),
    "ReLU + He": deep_net(nn.ReLU, nn.init.kaiming_normal_),
}
# --8<-- [end:five-nets]


# --8<-- [start:measure-sizes]
print("                layer 1   layer 10  layer 20  per layer")
sizes, factors = {}, []
for name, model in nets.items():
    sizes[name] = gradient_sizes(model)
    first, tenth, last = sizes[name][0], sizes[name][9], sizes[name][19]
    factors.append((first / last) ** (1 / 19))
    print(f"{name:14}  {first:.1e}   {tenth:.1e}   {last:.1e}  x {factors[-1]:.2f}")
# --8<-- [end:measure-sizes]


# --8<-- [start:plot-vanishing]
fig, ax = plt.subplots(num="vanishing", figsize=(4.6, 4.4))
styles = {"Sigmoid": ("C4", "-"), "Tanh": ("C3", ":"), "ReLU": ("C1", "--")}
styles |= {"Tanh + Xavier": ("C2", "-."), "ReLU + He": ("C0", "-")}
places = {"Sigmoid": (7, 1e-14), "Tanh": (1, 4e-5), "ReLU": (5, 1e-9)}
places |= {"Tanh + Xavier": (1, 4e-3), "ReLU + He": (1, 1)}
for name, (color, style) in styles.items():
    ax.plot(range(1, 21), sizes[name], style, color=color)
    ax.text(*places[name], name, color=color, va="center")
ax.set(xlabel="layer (1 = next to the input)", ylabel="size of the gradient", yscale="log", ylim=(1e-18, 10))
ax.set(xlim=(0.5, 20.5), xticks=(1, 5, 10, 15, 20), yticks=[10.0**k for k in range(-18, 1, 3)])
ax.grid()
plt.show()
# --8<-- [end:plot-vanishing]


# --8<-- [start:train-deep]
from torch import optim

moved, deep_losses = [], []
for name, model in nets.items():
    first = model[0].weight.detach().clone()
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    for step in range(100):
        optimizer.zero_grad()
        loss = ((model(inputs) - targets) ** 2).mean()
        loss.backward()
        optimizer.step()
    moved.append((model[0].weight != first).sum().item())
    deep_losses.append(loss.item())
    print(f"{name:14}  loss {deep_losses[-1]:.3f}  weights of layer 1 that moved: {moved[-1]:4} of 4096")
# --8<-- [end:train-deep]


# --8<-- [start:one-dead]
x3 = torch.tensor([[0.0], [1.0], [2.0]])  # (3, 1)
for activation in (nn.ReLU(), nn.LeakyReLU()):
    neuron = nn.Linear(1, 1)
    nn.init.ones_(neuron.weight)
    nn.init.constant_(neuron.bias, -5.0)
    loss = ((activation(neuron(x3)) - 1) ** 2).mean()
    loss.backward()
    slopes = f"dL/dw {neuron.weight.grad.item():.4f}, dL/db {neuron.bias.grad.item():.4f}"
    print(f"{type(activation).__name__:9}  loss {loss:.3f}, {slopes}")
# --8<-- [end:one-dead]


# --8<-- [start:wave]
torch.manual_seed(0)
x = torch.empty(200, 1).uniform_(-3, 3)  # (200, 1)
y = torch.sin(2 * x) + 0.1 * torch.randn(200, 1)  # (200, 1)


def count_dead(model):
    outputs = model[1](model[0](x))  # (200, 100)
    return (outputs == 0).all(dim=0).sum().item()


# --8<-- [end:wave]


# --8<-- [start:count-dead]
def train(lr, activation):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 100), activation(), nn.Linear(100, 1))
    optimizer = optim.Adam(model.parameters(), lr=lr)
    dead = [count_dead(model)]
    for step in range(300):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        dead.append(count_dead(model))
    return model, loss.item(), dead


# --8<-- [end:count-dead]


# --8<-- [start:dead-by-lr]
dead_paths, dead_losses = {}, []
for lr in (0.01, 0.1, 1.0, 3.0):
    model, loss, dead_paths[lr] = train(lr, nn.ReLU)
    dead_losses.append(loss)
    print(f"lr {lr:4}: dead {dead_paths[lr][0]} -> {dead_paths[lr][-1]:3} of 100, loss {loss:.3f}")

dead_at_start, all_dead_at = dead_paths[3.0][0], dead_paths[3.0].index(100)
print(f"lr 3.0: all 100 are dead after step {all_dead_at}")
# --8<-- [end:dead-by-lr]


# --8<-- [start:plot-dead]
fig, ax = plt.subplots(num="dead")
for (lr, path), color, style in zip(dead_paths.items(), ("C0", "C2", "C1", "C4"), ("-", "-.", "--", ":")):
    ax.plot(path, style, color=color)
    ax.text(305, path[-1], f"lr {lr:g}", color=color, va="center")
ax.set(xlabel="step", ylabel="dead neurons of 100", xlim=(0, 300), ylim=(0, 103))
plt.show()
# --8<-- [end:plot-dead]


# --8<-- [start:rescue]
for activation in (nn.ReLU, nn.LeakyReLU):
    model, before, _ = train(3.0, activation)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for step in range(300):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
    print(f"{activation.__name__:9}  loss {before:.3f} -> {loss:.3f}")
# --8<-- [end:rescue]


# --8<-- [start:inplace]
h = torch.tensor([-1.0, 2.0])
out = nn.ReLU(inplace=True)(h)
print(h, out is h)
# --8<-- [end:inplace]


# --8<-- [start:inplace-skip]
for inplace in (False, True):
    h = torch.tensor([-1.0, 2.0])
    print(f"inplace={inplace!s:5}  {h + nn.ReLU(inplace=inplace)(h)}")
# --8<-- [end:inplace-skip]


# --8<-- [start:inplace-error]
z = torch.tensor([-1.0, 2.0], requires_grad=True)
h = torch.sigmoid(z)
out = nn.ReLU(inplace=True)(h)
try:
    out.sum().backward()
except RuntimeError as error:
    print(f"{type(error).__name__}: {str(error).split(':')[0]}")
# --8<-- [end:inplace-error]


# --8<-- [start:relu-at-the-end]
for last in (nn.Identity(), nn.ReLU()):
    end_losses = []
    for seed in range(5):
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(1, 100), nn.ReLU(), nn.Linear(100, 1), last)
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        for step in range(300):
            optimizer.zero_grad()
            loss = ((model(x) - y) ** 2).mean()
            loss.backward()
            optimizer.step()
        end_losses.append(round(loss.item(), 3))
    print(f"{type(last).__name__:8}  {end_losses}")

died = sum(loss > 0.5 for loss in end_losses)
at_least = (y.clamp(max=0) ** 2).mean().item()
# --8<-- [end:relu-at-the-end]
