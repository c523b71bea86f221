# --8<-- [start:four-tensors]
import torch

scalar = torch.tensor(7)
vector = torch.tensor([7, 2, 5])
matrix = torch.tensor([[7, 2, 5], [1, 8, 4]])
tensor = torch.tensor([[[7, 2, 5], [1, 8, 4]], [[3, 0, 6], [9, 2, 1]]])

for x in (scalar, vector, matrix, tensor):
    print(x.ndim, tuple(x.shape))
# --8<-- [end:four-tensors]


# --8<-- [start:draw-cells]
import matplotlib.pyplot as plt


def draw_cells(ax, table, x=0, y=0, color="C0", alpha=0.2):
    for i, row in enumerate(table.tolist()):
        for j, value in enumerate(row):
            ax.add_patch(plt.Rectangle((x + j, y + i), 1, 1, facecolor=color, alpha=alpha))
            ax.add_patch(plt.Rectangle((x + j, y + i), 1, 1, fill=False, edgecolor=color))
            ax.text(x + j + 0.5, y + i + 0.5, value, ha="center", va="center")


def no_axes(ax, width, height):
    ax.set(xlim=(-0.1, width), ylim=(height, -0.1), aspect="equal")
    ax.axis("off")


# --8<-- [end:draw-cells]


# --8<-- [start:draw-ladder]
fig, ax = plt.subplots(num="scalar-to-tensor", figsize=(4.6, 4.2))
draw_cells(ax, scalar.reshape(1, 1), y=0, color="C5")
draw_cells(ax, vector.reshape(1, 3), y=1.5, color="C1")
draw_cells(ax, matrix, y=3, color="C2")
draw_cells(ax, tensor[0], y=6)
draw_cells(ax, tensor[1], x=3.4, y=6)
for name, x, y in (("scalar", scalar, 0.5), ("vector", vector, 2), ("matrix", matrix, 4), ("tensor", tensor, 5.55)):
    left = 0 if x.ndim == 3 else 3.4
    ax.text(left, y, f"{name}, ndim {x.ndim}, shape {tuple(x.shape)}", va="center")
no_axes(ax, width=9, height=8.1)
plt.show()
# --8<-- [end:draw-ladder]


# --8<-- [start:create]
print(torch.tensor([[1.5, 2.0], [0.0, 4.0]]))
print(torch.zeros(2, 3))
print(torch.ones(3), torch.full((3,), 7.0))
print(torch.arange(5), torch.arange(2, 10, 3))
print(torch.linspace(0, 1, 5))
# --8<-- [end:create]


# --8<-- [start:seed]
torch.manual_seed(0)
first = torch.rand(3)
second = torch.rand(3)

torch.manual_seed(0)
again = torch.rand(3)
print(torch.equal(first, second), torch.equal(first, again))
# --8<-- [end:seed]


# --8<-- [start:uninitialised]
torch.use_deterministic_algorithms(True)
print(torch.Tensor(5, 2))
torch.use_deterministic_algorithms(False)
# --8<-- [end:uninitialised]


# --8<-- [start:two-lists]
try:
    torch.tensor([1, 2, 3], [4, 5, 6])
except TypeError as error:
    print(f"{type(error).__name__}: {error}")

print(torch.tensor([[1, 2, 3], [4, 5, 6]]))
# --8<-- [end:two-lists]


# --8<-- [start:attributes]
counts = torch.tensor([1, 2, 3])
prices = torch.tensor([1.5, 2.0, 3.5])
print(counts.shape, counts.dtype, counts.device)
print(prices.shape, prices.dtype, prices.device)
print((counts * prices).dtype, (counts / 2).dtype, (prices > 2).dtype)
# --8<-- [end:attributes]


# --8<-- [start:integer-mean]
try:
    counts.mean()
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")

print(counts.float().mean())
# --8<-- [end:integer-mean]


# --8<-- [start:sum-axes]
x = torch.tensor([[1, 2, 3], [4, 5, 6]])  # (2, 3)
down = x.sum(dim=0)  # (3,)
across = x.sum(dim=1)  # (2,)
print(down, across, x.sum())
# --8<-- [end:sum-axes]


# --8<-- [start:draw-sums]
fig, ax = plt.subplots(num="sum-along-an-axis", figsize=(4.6, 3.2))
draw_cells(ax, x, x=1, y=1, color="C5")
draw_cells(ax, down.reshape(1, 3), x=1, y=4)
draw_cells(ax, across.reshape(2, 1), x=5.2, y=1, color="C1")
for column in range(3):
    ax.annotate("", (column + 1.5, 3.9), (column + 1.5, 3.1), arrowprops={"arrowstyle": "->", "color": "C0"})
for row in range(2):
    ax.annotate("", (5.1, row + 1.5), (4.1, row + 1.5), arrowprops={"arrowstyle": "->", "color": "C1"})
ax.text(0.8, 3.5, "dim=0", color="C0", ha="right", va="center", weight="bold")
ax.text(4.6, 0.7, "dim=1", color="C1", ha="center", va="center", weight="bold")
ax.text(2.5, 0.6, "shape (2, 3)", ha="center", va="center")
ax.text(2.5, 5.4, "shape (3,)", ha="center", va="center")
ax.text(5.7, 3.4, "shape (2,)", ha="center", va="center")
no_axes(ax, width=7, height=5.8)
plt.show()
# --8<-- [end:draw-sums]


# --8<-- [start:index]
x = torch.arange(12).reshape(3, 4)  # (3, 4)
print(x)
print(x[1, 2], x[1, 2].item())
print(x[1], x[-1, 0])
print(x[:, 1])
print(x[0:2, 1:])
print(x[x > 8])
# --8<-- [end:index]


# --8<-- [start:draw-index]
fig, axes = plt.subplots(3, 2, num="indexing", figsize=(4.6, 4.9))
picks = {
    "x[1, 2]": (1, 2),
    "x[1]": 1,
    "x[:, 1]": (slice(None), 1),
    "x[0:2, 1:]": (slice(0, 2), slice(1, None)),
    "x[:, 1:2]": (slice(None), slice(1, 2)),
    "x[x > 8]": x > 8,
}
for ax, (code, pick) in zip(axes.flatten(), picks.items()):
    draw_cells(ax, x, color="C5", alpha=0)
    chosen = torch.zeros(3, 4)
    chosen[pick] = 1
    for i, j in chosen.nonzero().tolist():
        ax.add_patch(plt.Rectangle((j, i), 1, 1, color="C0", alpha=0.4))
    ax.set_title(f"{code}\nshape {tuple(x[pick].shape)}")
    no_axes(ax, width=4.1, height=3.1)
plt.show()
# --8<-- [end:draw-index]


# --8<-- [start:slice-shares]
x = torch.arange(12).reshape(3, 4)  # (3, 4)
row = x[1]
copy = x[1].clone()
row[0] = 100
print(x)
print(copy)
# --8<-- [end:slice-shares]


# --8<-- [start:reshape]
x = torch.tensor([[1, 2, 3], [4, 5, 6]])  # (2, 3)
print(x.reshape(3, 2))
print(x.T)
print(x.reshape(6), x.reshape(-1, 2).shape)
# --8<-- [end:reshape]


# --8<-- [start:draw-reshape]
letter = torch.tensor([[1, 1, 1], [1, 0, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0]])  # (5, 3)
changed = {"x": (x, letter), "reshape": (x.reshape(3, 2), letter.reshape(3, 5)), "x.T": (x.T, letter.T)}

fig, axes = plt.subplots(2, 3, num="reshape-is-not-transpose", figsize=(4.6, 4.1), height_ratios=(3.1, 5.1))
for (top, bottom), (name, (numbers, ink)), color in zip(axes.T, changed.items(), ("C5", "C4", "C0")):
    draw_cells(top, numbers, x=1.5 - numbers.shape[1] / 2, color=color)
    for i, j in ink.nonzero().tolist():
        bottom.add_patch(plt.Rectangle((j + 2.5 - ink.shape[1] / 2, i), 1, 1, color=color))
    corner = (2.5 - ink.shape[1] / 2, 0)
    bottom.add_patch(plt.Rectangle(corner, ink.shape[1], ink.shape[0], fill=False, edgecolor=color))
    top.set_title(name)
    no_axes(top, width=3.1, height=3.1)
    no_axes(bottom, width=5.1, height=5.1)
plt.show()
# --8<-- [end:draw-reshape]


# --8<-- [start:view]
flat = x.view(6)
flat[0] = 100
print(x)

try:
    x.T.view(6)
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")

print(x.T.reshape(6))
# --8<-- [end:view]


# --8<-- [start:stride]
print(x.shape, x.stride(), x.is_contiguous())
print(x.T.shape, x.T.stride(), x.T.is_contiguous())
# --8<-- [end:stride]


# --8<-- [start:broadcast]
x = torch.tensor([[10, 20, 30], [40, 50, 60]])  # (2, 3)
row = torch.tensor([1, 2, 3])  # (3,)
column = torch.tensor([[1], [2]])  # (2, 1)
print(x + row)
print(x + column)

try:
    x + torch.tensor([1, 2])
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:broadcast]


# --8<-- [start:draw-broadcast]
fig, axes = plt.subplots(2, num="broadcasting", figsize=(4.6, 3.7))
for ax, small, shown in ((axes[0], row, row.reshape(1, 3)), (axes[1], column, column)):
    draw_cells(ax, x, color="C5")
    draw_cells(ax, small.expand(2, 3), x=4, color="C1", alpha=0)
    height, width = shown.shape
    ax.add_patch(plt.Rectangle((4, 0), width, height, color="C1", alpha=0.4))
    draw_cells(ax, x + small, x=8)
    for place, text in ((1.5, "(2, 3)"), (5.5, f"{tuple(small.shape)} as (2, 3)"), (9.5, "(2, 3)")):
        ax.text(place, 2.45, text, ha="center", va="center")
    ax.text(3.5, 1, "+", ha="center", va="center")
    ax.text(7.5, 1, "=", ha="center", va="center")
    no_axes(ax, width=11.1, height=2.9)
plt.show()
# --8<-- [end:draw-broadcast]


# --8<-- [start:silent-broadcast]
prediction = torch.tensor([[1.0], [2.0], [3.0]])  # (3, 1)
target = torch.tensor([1.0, 2.0, 3.0])  # (3,)
error = prediction - target
print(error.shape, (error**2).mean())

error = prediction.squeeze(1) - target
print(error.shape, (error**2).mean())
# --8<-- [end:silent-broadcast]


# --8<-- [start:matmul]
baskets = torch.tensor([[1, 2, 3], [4, 5, 6]])  # (2, 3)
prices = torch.tensor([[3, 2], [1, 2], [2, 1]])  # (3, 2)
totals = baskets @ prices  # (2, 2)
print(totals)
# --8<-- [end:matmul]


# --8<-- [start:draw-matmul]
fig, ax = plt.subplots(num="matrix-multiplication", figsize=(4.6, 4.3))
draw_cells(ax, baskets, x=0, y=4, color="C5", alpha=0)
draw_cells(ax, prices, x=4, y=0, color="C5", alpha=0)
draw_cells(ax, totals, x=4, y=4, color="C5", alpha=0)
ax.add_patch(plt.Rectangle((0, 4), 3, 1, color="C0", alpha=0.4))
ax.add_patch(plt.Rectangle((4, 0), 1, 3, color="C1", alpha=0.4))
ax.add_patch(plt.Rectangle((4, 4), 1, 1, color="C2", alpha=0.4))
ax.annotate("", (3.95, 4.5), (3.05, 4.5), arrowprops={"arrowstyle": "->", "color": "C0"})
ax.annotate("", (4.5, 3.95), (4.5, 3.05), arrowprops={"arrowstyle": "->", "color": "C1"})
terms = [f"{a}·{b}" for a, b in zip(baskets[0].tolist(), prices[:, 0].tolist())]
ax.text(1.5, 3.4, " + ".join(terms), ha="center", va="center")
ax.text(1.5, 6.4, "baskets (2, 3)", ha="center", va="center")
ax.text(5, 6.4, "totals (2, 2)", ha="center", va="center")
ax.text(3.8, 1.5, "prices (3, 2)", ha="right", va="center")
no_axes(ax, width=6.1, height=6.8)
plt.show()
# --8<-- [end:draw-matmul]


# --8<-- [start:inner-sizes]
print(baskets * baskets)

try:
    baskets @ baskets
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:inner-sizes]


# --8<-- [start:to-device]
from torch import nn

if torch.cuda.is_available():
    device = "cuda"
elif torch.backends.mps.is_available():
    device = "mps"
else:
    device = "cpu"

model = nn.Linear(3, 2).to(device)
x = torch.ones(4, 3).to(device)

output = model(x)  # (4, 2)
by_hand = x @ model.weight.T + model.bias  # (4, 2)
print(output.shape, torch.allclose(output, by_hand))
# --8<-- [end:to-device]


# --8<-- [start:only-the-model]
model = nn.Linear(3, 2)
x = torch.ones(4, 3)
model.to("meta")
x.to("meta")
print(model.weight.device, x.device)

try:
    model(x)
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")

x = x.to("meta")
print(model(x).shape)
# --8<-- [end:only-the-model]


# --8<-- [start:numpy-memory]
import numpy as np

array = np.array([1.0, 2.0, 3.0])
shared = torch.from_numpy(array)
copied = torch.tensor(array)
array[0] = 100
shared[1] = 200
print(array)
print(shared)
print(copied)
# --8<-- [end:numpy-memory]


# --8<-- [start:double-and-float]
model = nn.Linear(3, 2)
try:
    model(shared)
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")

print(model(shared.float()).shape)
# --8<-- [end:double-and-float]
