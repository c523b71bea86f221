# --8<-- [start:three-points]
import torch
from torch import nn, optim
from torch.nn import init

x = torch.tensor([[-2.0], [1.0], [3.0]])  # (3, 1)
y = torch.tensor([[-8.0], [7.0], [17.0]])  # (3, 1)
# --8<-- [end:three-points]

# --8<-- [start:model]
model = nn.Linear(1, 1)
init.zeros_(model.weight)
init.zeros_(model.bias)
print(model.weight)
print(model.bias)
# --8<-- [end:model]

# --8<-- [start:loss-and-optimizer]
loss_fn = nn.L1Loss()
optimizer = optim.SGD(model.parameters(), lr=0.01)
print(loss_fn(model(x), y))
# --8<-- [end:loss-and-optimizer]


# --8<-- [start:show]
def show(line):
    print(f"{line:<12}", end="")
    for value in (model.weight, model.weight.grad, model.bias, model.bias.grad):
        print("    None" if value is None else f"{value.item():8.3f}", end="")
    print()


print("                   w  w.grad       b  b.grad")
show("start")
# --8<-- [end:show]

# --8<-- [start:two-laps]
print("                   w  w.grad       b  b.grad")
for lap in range(2):
    optimizer.zero_grad()
    show("zero_grad")
    output = model(x)  # (3, 1)
    show("output")
    loss = loss_fn(output, y)
    show(f"loss {loss.item():.3f}")
    loss.backward()
    show("backward")
    optimizer.step()
    show("step")
# --8<-- [end:two-laps]

# --8<-- [start:cycle]
import matplotlib.pyplot as plt

fig, ax = plt.subplots(num="cycle", figsize=(4.6, 3.8))
ax.set(xlim=(0, 10), ylim=(0, 9))
ax.axis("off")
boxes = {"w, b": (1.5, 6.3, "C0"), "output, loss": (8.1, 6.3, "C1"), "w.grad, b.grad": (4.9, 1.8, "C3")}
for name, (left, height, color) in boxes.items():
    frame = {"boxstyle": "round,pad=0.7", "facecolor": "none", "edgecolor": color, "linewidth": 2}
    ax.text(left, height, name, ha="center", va="center", color=color, bbox=frame)
for tail, head in [((2.6, 6.3), (6, 6.3)), ((7.8, 5.3), (6, 2.8)), ((3.8, 2.8), (2, 5.3))]:
    ax.annotate("", head, tail, arrowprops={"arrowstyle": "-|>", "linewidth": 2, "color": "C5"})
ax.text(4.3, 7.5, "2 output = model(x)\n3 loss = loss_fn(output, y)", ha="center", ma="left")
ax.text(7.3, 3.9, "4 backward()")
ax.text(2.6, 3.9, "5 step()", ha="right")
ax.text(4.9, 0.2, "1 zero_grad() empties this box", ha="center")
plt.show()
# --8<-- [end:cycle]


# --8<-- [start:data]
def make_data(seed):
    torch.manual_seed(seed)
    x = init.uniform_(torch.empty(500, 1), -10, 10)  # (500, 1)
    noise = init.normal_(torch.empty(500, 1), std=1)  # (500, 1)
    y = 5 * x + 2 + noise  # (500, 1)
    return x, y


x, y = make_data(seed=0)
# --8<-- [end:data]

# --8<-- [start:start]
model = nn.Linear(1, 1)
optimizer = optim.SGD(model.parameters(), lr=0.01)

w_start, b_start = model.weight.item(), model.bias.item()
print(f"w = {w_start:.3f}, b = {b_start:.3f}")
# --8<-- [end:start]

# --8<-- [start:loop]
losses = []
for epoch in range(200):
    optimizer.zero_grad()
    output = model(x)  # (500, 1)
    loss = loss_fn(output, y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

w, b = model.weight.item(), model.bias.item()
print(f"w = {w:.3f}, b = {b:.3f}")
# --8<-- [end:loop]

# --8<-- [start:loss-curve]
import matplotlib.pyplot as plt

last_loss = loss_fn(model(x), y).item()
floor = loss_fn(5 * x + 2, y).item()

fig, ax = plt.subplots(num="loss-curve")
ax.plot(losses)
ax.axhline(floor, color="C2", linestyle="--")
ax.text(-8, floor + 0.4, "loss of 5x + 2", color="C2")
ax.set(xlabel="epoch", ylabel="L1 loss", ylim=(0, None))
plt.show()
# --8<-- [end:loss-curve]


# --8<-- [start:closed-form]
def closed_form(x, y):
    A = torch.cat([x, torch.ones_like(x)], dim=1)  # (500, 2)
    solution = torch.linalg.lstsq(A, y).solution  # (2, 1)
    return solution.flatten().tolist()


w_best, b_best = closed_form(x, y)
gap = b_best - b
print("                      w      b")
print("made with         5.000  2.000")
print(f"closed form       {w_best:.3f}  {b_best:.3f}")
print(f"200 epochs of L1  {w:.3f}  {b:.3f}")
# --8<-- [end:closed-form]

# --8<-- [start:too-low]
near = x.abs() < 1

fig, ax = plt.subplots(num="too-low")
ax.plot(x[near], y[near], "o", color="C5")
ax.axline((0, b_best), slope=w_best, color="C2", linestyle="--")
ax.axline((0, b), slope=w, color="C0")
ax.text(1.05, w_best + b_best, "closed\nform", color="C2", va="center")
ax.text(1.05, w + b, "200\nepochs", color="C0", va="top")
ax.set(xlabel="x", ylabel="y", xlim=(-1, 1), ylim=(-4, 8), xticks=(-1, 0, 1))
plt.show()
# --8<-- [end:too-low]


# --8<-- [start:train]
def train(seed, loss_fn, lr, epochs):
    x, y = make_data(seed)
    model = nn.Linear(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=lr)
    path = [(model.weight.item(), model.bias.item())]
    for epoch in range(epochs):
        optimizer.zero_grad()
        output = model(x)
        loss = loss_fn(output, y)
        loss.backward()
        optimizer.step()
        path.append((model.weight.item(), model.bias.item()))
    return path


path = train(seed=0, loss_fn=nn.L1Loss(), lr=0.01, epochs=1000)
# --8<-- [end:train]

# --8<-- [start:late]
w_path, b_path = zip(*path)

fig, axes = plt.subplots(2, num="late", figsize=(4.6, 4.4), sharex=True)
for ax, values, target, name in zip(axes, (w_path, b_path), (5, 2), "wb"):
    ax.axhline(target, color="C2", linestyle="--")
    ax.axvline(200, color="C5", linewidth=1)
    ax.plot(values)
    ax.set(ylabel=name)
axes[1].text(220, 0, "the lecture stops here", color="C5")
axes[1].set(xlabel="epoch")
plt.show()
# --8<-- [end:late]

# --8<-- [start:votes]
w_step = 0.01 * x.abs().mean().item()
laps_for_w = (5 - w_start) / w_step

print("epoch      w      b  above  below  b.grad")
for epoch in (0, 50, 100, 150, 200, 400, 1000):
    w, b = path[epoch]
    above = (y > w * x + b).sum().item()
    below = 500 - above
    b_grad = (below - above) / 500
    print(f"{epoch:5} {w:6.3f} {b:6.3f}  {above:5}  {below:5}  {b_grad:6.3f}")
# --8<-- [end:votes]

# --8<-- [start:residuals]
fig, axes = plt.subplots(3, num="residuals", figsize=(4.6, 6), sharex=True)
for ax, epoch in zip(axes, (0, 150, 1000)):
    w, b = path[epoch]
    residual = y - (w * x + b)  # (500, 1)
    up = residual > 0
    ax.plot(x[up], residual[up], "^", color="C0", markersize=3)
    ax.plot(x[~up], residual[~up], "v", color="C1", markersize=3)
    ax.axhline(0, color="black", linewidth=1)
    ax.set_title(f"epoch {epoch}: {up.sum()} above, {(~up).sum()} below")
    ax.set(ylabel="y − (wx + b)")
axes[2].set(xlabel="x")
plt.show()
# --8<-- [end:residuals]


# --8<-- [start:remedies]
def report(name, ends):
    ws, bs = zip(*ends)
    print(f"{name:<16}  {min(ws):.3f}–{max(ws):.3f}  {min(bs):.3f}–{max(bs):.3f}")


def five_runs(loss_fn, lr, epochs):
    return [train(seed, loss_fn, lr, epochs)[-1] for seed in range(5)]


print("loss lr   epochs            w            b")
report("L1   0.01    200", five_runs(nn.L1Loss(), 0.01, 200))
report("L1   0.01   1000", five_runs(nn.L1Loss(), 0.01, 1000))
report("L1   0.05    200", five_runs(nn.L1Loss(), 0.05, 200))
report("L1   0.1     200", five_runs(nn.L1Loss(), 0.1, 200))
report("MSE  0.01    200", five_runs(nn.MSELoss(), 0.01, 200))
report("closed form", [closed_form(*make_data(seed)) for seed in range(5)])
# --8<-- [end:remedies]

# --8<-- [start:limit]
mean_x_squared = (x**2).mean().item()
curvature = (2 / torch.pi) ** 0.5 * mean_x_squared
limit = 2 / curvature
print(f"curvature {curvature:.1f}, limit {limit:.3f}")
# --8<-- [end:limit]

# --8<-- [start:mended]
x, y = make_data(seed=0)
model = nn.Linear(1, 1)
optimizer = optim.SGD(model.parameters(), lr=0.05)
for epoch in range(200):
    optimizer.zero_grad()
    output = model(x)  # (500, 1)
    loss = loss_fn(output, y)
    loss.backward()
    optimizer.step()

w, b = model.weight.item(), model.bias.item()
print(f"w = {w:.3f}, b = {b:.3f}")
# --8<-- [end:mended]

# --8<-- [start:save]
torch.save(model.state_dict(), "line.pt")

for name, value in model.state_dict().items():
    print(name, tuple(value.shape), round(value.item(), 3))
# --8<-- [end:save]

# --8<-- [start:load]
loaded = nn.Linear(1, 1)
loaded.load_state_dict(torch.load("line.pt"))
print(torch.equal(loaded(x), model(x)))
# --8<-- [end:load]

# --8<-- [start:no-zero-grad]
x, y = make_data(seed=0)
model = nn.Linear(1, 1)
optimizer = optim.SGD(model.parameters(), lr=0.01)
grads, swing = [], []
for epoch in range(200):
    output = model(x)  # (500, 1)
    loss = loss_fn(output, y)
    loss.backward()
    optimizer.step()
    grads.append(model.weight.grad.item())
    swing.append(model.weight.item())

print([round(grad, 1) for grad in grads[:4]])
# --8<-- [end:no-zero-grad]

# --8<-- [start:swing]
lowest, highest = min(swing), max(swing)

fig, ax = plt.subplots(num="swing")
ax.plot(swing, color="C4", linestyle="--")
ax.plot(w_path[:200], color="C0")
ax.text(204, swing[-1], "without\nzero_grad", color="C4", va="center")
ax.text(204, w_path[200], "with", color="C0", va="center")
ax.set(xlabel="epoch", ylabel="w", xlim=(0, 200))
plt.show()
# --8<-- [end:swing]

# --8<-- [start:too-early]
model = nn.Linear(1, 1)
optimizer = optim.SGD(model.parameters(), lr=0.01)
before = model.weight.item()
for epoch in range(200):
    output = model(x)  # (500, 1)
    loss = loss_fn(output, y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()

print(model.weight.item() - before)
# --8<-- [end:too-early]

# --8<-- [start:stale-output]
output = model(x)  # (500, 1)
try:
    for epoch in range(200):
        optimizer.zero_grad()
        loss = loss_fn(output, y)
        loss.backward()
        optimizer.step()
except RuntimeError as error:
    first_sentence = str(error).split(".")[0]
    print(f"epoch {epoch}: {type(error).__name__}: {first_sentence}")
# --8<-- [end:stale-output]

# --8<-- [start:item]
total, number = 0, 0
for epoch in range(3):
    loss = loss_fn(model(x), y)
    total = total + loss
    number = number + loss.item()

print(type(total).__name__, total.requires_grad)
print(type(number).__name__)
# --8<-- [end:item]

# --8<-- [start:deprecated]
numbers = init.uniform(torch.empty(2, 1), -10, 10)
# --8<-- [end:deprecated]
