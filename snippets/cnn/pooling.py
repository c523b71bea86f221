# --8<-- [start:pool-digit]
import torch
from sklearn.datasets import load_digits
from torch import nn

digit = torch.tensor(load_digits().images[0], dtype=torch.float32)  # (8, 8)
x = digit.reshape(1, 1, 8, 8)  # (1, 1, 8, 8)
max_pool, avg_pool = nn.MaxPool2d(kernel_size=2), nn.AvgPool2d(kernel_size=2)
largest = max_pool(x)  # (1, 1, 4, 4)
mean = avg_pool(x)  # (1, 1, 4, 4)
one_max, one_mean = largest[0, 0, 0, 1].item(), mean[0, 0, 0, 1].item()
print(one_max, one_mean)
# --8<-- [end:pool-digit]


# --8<-- [start:plain-python]
def pool(picture, combine):
    output = []
    for row in range(0, len(picture), 2):
        line = []
        for column in range(0, len(picture[0]), 2):
            upper = picture[row][column : column + 2]
            lower = picture[row + 1][column : column + 2]
            line.append(combine(upper + lower))
        output.append(line)
    return output


by_max = pool(digit.tolist(), max)
by_mean = pool(digit.tolist(), lambda window: sum(window) / 4)
print(by_max == largest[0, 0].tolist(), by_mean == mean[0, 0].tolist())
# --8<-- [end:plain-python]

# --8<-- [start:draw-cells]
import matplotlib.pyplot as plt


def draw_cells(ax, cells, title="", low=-1, high=16):
    mesh = ax.pcolormesh(cells, cmap="gray", vmin=low, vmax=high, ec="#808080", lw=0.5)
    colors = mesh.to_rgba(cells.numpy())
    for row in range(len(cells)):
        for column in range(len(cells[0])):
            ink = "white" if colors[row, column, 1] < 0.45 else "#111111"
            text = f"{cells[row, column]:.4g}"
            ax.text(column + 0.5, row + 0.5, text, color=ink, ha="center", va="center")
    ax.set(aspect="equal", title=title)
    ax.set(xlim=(-0.1, len(cells[0]) + 0.1), ylim=(len(cells) + 0.1, -0.1))
    ax.axis("off")


def draw_windows(ax, cells):
    for row in range(0, len(cells), 2):
        for column in range(0, len(cells[0]), 2):
            ax.add_patch(plt.Rectangle((column, row), 2, 2, fill=False, ec="C0", lw=2.5))


# --8<-- [end:draw-cells]

# --8<-- [start:draw-pooled]
rows = [["digit", "digit"], ["max", "mean"]]
sizes = {"figsize": (4.6, 6.8), "height_ratios": (8, 5)}
fig, axes = plt.subplot_mosaic(rows, num="max-and-average", **sizes)
draw_cells(axes["digit"], digit, "digit: 8 × 8")
draw_windows(axes["digit"], digit)
draw_cells(axes["max"], largest[0, 0], "max: 4 × 4")
draw_cells(axes["mean"], mean[0, 0], "average: 4 × 4")
plt.show()
# --8<-- [end:draw-pooled]

# --8<-- [start:channels]
features = torch.rand(8, 32, 20, 20)
pooled = max_pool(features)  # (8, 32, 10, 10)
parameters = sum(p.numel() for p in max_pool.parameters())
print(parameters, features[0].numel(), pooled[0].numel())
# --8<-- [end:channels]

# --8<-- [start:negative]
x = torch.tensor([[[[-5.0, 1.0], [0.0, -2.0]]]])  # (1, 1, 2, 2)
print(max_pool(x).item(), avg_pool(x).item())
# --8<-- [end:negative]

# --8<-- [start:dark-on-bright]
paper = 16 - digit.reshape(1, 1, 8, 8)  # (1, 1, 8, 8)
ink_before = digit.max().item()
ink_left = (16 - max_pool(paper)).max().item()
ink_mean = (16 - avg_pool(paper)).max().item()
print(ink_before, ink_left, ink_mean)
# --8<-- [end:dark-on-bright]

# --8<-- [start:draw-dark]
fig, axes = plt.subplots(1, 3, num="dark-on-bright", figsize=(4.8, 1.9))
panels = (paper, max_pool(paper), avg_pool(paper))
for ax, panel, title in zip(axes, panels, ("dark digit", "max", "average")):
    ax.imshow(panel[0, 0].numpy(), cmap="gray", vmin=0, vmax=16)
    ax.set(title=title, xticks=(), yticks=())
    ax.spines[:].set_visible(True)
plt.show()
# --8<-- [end:draw-dark]

# --8<-- [start:swap]
neighbours = [1, 0, 3, 2, 5, 4, 7, 6]
swapped = digit[neighbours][:, neighbours]  # (8, 8)
y = swapped.reshape(1, 1, 8, 8)  # (1, 1, 8, 8)
moved = (swapped != digit).sum().item()
print(moved, torch.equal(max_pool(y), largest), torch.equal(avg_pool(y), mean))
# --8<-- [end:swap]

# --8<-- [start:draw-swapped]
sizes = {"figsize": (5, 2.2), "width_ratios": (8, 8, 5)}
fig, axes = plt.subplots(1, 3, num="same-after-pooling", **sizes)
panels = (digit, swapped, largest[0, 0])
for ax, panel, title in zip(axes, panels, ("digit", "swapped", "max of both")):
    ax.imshow(panel.numpy(), cmap="gray", vmin=0, vmax=16)
    ax.set_title(title)
    ax.axis("off")
plt.show()
# --8<-- [end:draw-swapped]

# --8<-- [start:one-pixel]
steps = torch.eye(8)  # (8, 8)
pair_pool = nn.MaxPool2d(kernel_size=(1, 2))
pooled_steps = pair_pool(steps.reshape(1, 1, 8, 8))[0, 0]  # (8, 4)
differs = (pooled_steps[1:] != pooled_steps[:-1]).any(dim=1)  # (7,)
print(f"{differs.sum()} of 7 moves change the output")
# --8<-- [end:one-pixel]

# --8<-- [start:draw-one-pixel]
fig, axes = plt.subplots(1, 2, num="one-pixel", figsize=(4.6, 3.2), width_ratios=(8, 4))
draw_cells(axes[0], steps, "one bright pixel moves", low=-0.1, high=1)
draw_cells(axes[1], pooled_steps, "max pooled", low=-0.1, high=1)
for column in range(0, 8, 2):
    axes[0].add_patch(plt.Rectangle((column, 0), 2, 8, fill=False, ec="C0", lw=2.5))
plt.show()
# --8<-- [end:draw-one-pixel]

# --8<-- [start:shift]
import torch.nn.functional as F

small = torch.tensor(load_digits().images[:300] / 16).float().unsqueeze(1)  # (300, 1, 8, 8)
images = F.interpolate(small, size=(28, 28), mode="bilinear")  # (300, 1, 28, 28)
images = F.pad(images, (6, 6, 6, 6))  # (300, 1, 40, 40)


def change(layer, pixels):
    before = layer(images).flatten(1)
    after = layer(images.roll(pixels, dims=3)).flatten(1)
    return ((after - before).norm(dim=1) / before.norm(dim=1)).mean().item()


# --8<-- [end:shift]

# --8<-- [start:measure-shift]
layers = {"no pooling": nn.Identity()}
for size in (2, 4, 8):
    layers[f"max {size}×{size}"] = nn.MaxPool2d(size)
    layers[f"average {size}×{size}"] = nn.AvgPool2d(size)
layers["average of all"] = nn.AdaptiveAvgPool2d(1)
changes = {}
for name, layer in layers.items():
    changes[name] = [change(layer, pixels) for pixels in range(5)]
    print(f"{name:14}", " ".join(f"{value:.3f}" for value in changes[name][1:]))
none, max_2 = changes["no pooling"][1], changes["max 2×2"][1]
max_8 = changes["max 8×8"][1]
# --8<-- [end:measure-shift]

# --8<-- [start:draw-shift]
fig, ax = plt.subplots(num="shift-change", figsize=(4.8, 3.6))
names = ("no pooling", "max 2×2", "max 8×8", "average of all")
for name, color, style in zip(names, ("C5", "C0", "C3", "C2"), ("o-", "s-", "^--", "D:")):
    ax.plot(changes[name], style, color=color)
    ax.text(4.15, changes[name][4], name, color=color, va="center")
ax.set(xlabel="shift in pixels", xticks=range(5), xlim=(0, 6.3))
ax.set(ylabel="relative change", ylim=(-0.03, 0.85))
plt.show()
# --8<-- [end:draw-shift]

# --8<-- [start:gradient]
x = digit.reshape(1, 1, 8, 8).clone().requires_grad_()  # (1, 1, 8, 8)
max_pool(x).sum().backward()
max_grad = x.grad[0, 0]  # (8, 8)
x = digit.reshape(1, 1, 8, 8).clone().requires_grad_()  # (1, 1, 8, 8)
avg_pool(x).sum().backward()
avg_grad = x.grad[0, 0]  # (8, 8)
print(max_grad.count_nonzero().item(), avg_grad.unique().tolist())
# --8<-- [end:gradient]

# --8<-- [start:draw-gradient]
fig, ax = plt.subplots(num="max-gradient", figsize=(4.4, 4.2))
draw_cells(ax, digit)
draw_windows(ax, digit)
for row, column in max_grad.nonzero().tolist():
    corner = (column + 0.1, row + 0.1)
    ax.add_patch(plt.Rectangle(corner, 0.8, 0.8, fill=False, ec="C1", lw=3))
plt.show()
# --8<-- [end:draw-gradient]

# --8<-- [start:include-pad]
ones = torch.ones(1, 1, 4, 4)
layer = nn.AvgPool2d(3, stride=1, padding=1)
with_zeros = layer(ones)  # (1, 1, 4, 4)
layer = nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
real_only = layer(ones)  # (1, 1, 4, 4)
print(with_zeros[0, 0])
print(real_only.unique().tolist())
# --8<-- [end:include-pad]

# --8<-- [start:stride-conv]
quarter = nn.Conv2d(1, 1, kernel_size=2, stride=2, bias=False)
nn.init.constant_(quarter.weight, 1 / 4)
x = digit.reshape(1, 1, 8, 8)  # (1, 1, 8, 8)
print(torch.equal(quarter(x), avg_pool(x)))

features = torch.rand(8, 32, 20, 20)
learned = nn.Conv2d(32, 32, kernel_size=2, stride=2)
result = learned(features)  # (8, 32, 10, 10)
learned_parameters = sum(p.numel() for p in learned.parameters())
print(learned_parameters)
# --8<-- [end:stride-conv]

# --8<-- [start:global-average]
global_pool = nn.AdaptiveAvgPool2d(1)
for size in (3, 7):
    maps = torch.rand(8, 64, size, size)
    summary = global_pool(maps).flatten(1)  # (8, 64)
    print(torch.allclose(summary, maps.mean(dim=(2, 3))))
lecture_head = nn.Sequential(nn.Linear(64 * 3 * 3, 100), nn.ReLU(), nn.Linear(100, 10))
global_head = nn.Sequential(global_pool, nn.Flatten(), nn.Linear(64, 10))
lecture_parameters = sum(p.numel() for p in lecture_head.parameters())
global_parameters = sum(p.numel() for p in global_head.parameters())
print(f"{lecture_parameters:,} {global_parameters:,}")
# --8<-- [end:global-average]

# --8<-- [start:mistakes]
height_width_channel = torch.rand(4, 28, 28, 3)
silent = max_pool(height_width_channel)  # (4, 28, 14, 1)
integers = torch.tensor([[[[1, 2], [2, 2]]]])  # (1, 1, 2, 2)
cut = avg_pool(integers).item()
print(tuple(silent.shape), cut)
# --8<-- [end:mistakes]
