# --8<-- [start:shrink]
import torch
from torch import nn

layer = nn.Conv2d(1, 1, kernel_size=3)
x = torch.zeros(1, 1, 28, 28)
sizes = [28]
while x.shape[-1] >= 3:
    x = layer(x)
    sizes.append(x.shape[-1])
layers_until_too_small = len(sizes) - 1
print(sizes)
# --8<-- [end:shrink]


# --8<-- [start:count-windows]
def count_windows(size, kernel_size, padding=0):
    padded = size + 2 * padding
    counts = torch.zeros(padded, padded)
    for row in range(padded - kernel_size + 1):
        for column in range(padded - kernel_size + 1):
            counts[row : row + kernel_size, column : column + kernel_size] += 1
    return counts[padding : padding + size, padding : padding + size]


for padding in (0, 1, 2):
    counts = count_windows(8, kernel_size=3, padding=padding)
    corner, edge, middle = counts[0, 0], counts[0, 3], counts[3, 3]
    print(f"P = {padding}: corner {corner:.0f}, edge {edge:.0f}, middle {middle:.0f}")
# --8<-- [end:count-windows]

# --8<-- [start:draw-cells]
import matplotlib.pyplot as plt


def draw_cells(ax, cells, title="", cmap="viridis", low=0, high=9):
    mesh = ax.pcolormesh(cells, cmap=cmap, vmin=low, vmax=high, ec="#808080", lw=0.5)
    colors = mesh.to_rgba(cells.numpy())
    for row in range(len(cells)):
        for column in range(len(cells[0])):
            ink = "white" if colors[row, column, 1] < 0.45 else "#111111"
            text = f"{cells[row, column]:.0f}".replace("-", "−")
            ax.text(column + 0.5, row + 0.5, text, color=ink, ha="center", va="center")
    ax.set(aspect="equal", title=title, ylim=(len(cells), 0))
    ax.axis("off")


# --8<-- [end:draw-cells]

# --8<-- [start:draw-counts]
fig, axes = plt.subplots(1, 2, num="window-counts", figsize=(4.8, 2.7))
draw_cells(axes[0], count_windows(8, 3), "padding = 0")
draw_cells(axes[1], count_windows(8, 3, padding=1), "padding = 1")
plt.show()
# --8<-- [end:draw-counts]

# --8<-- [start:padding-modes]
import torch.nn.functional as F
from sklearn.datasets import load_digits

digit = torch.tensor(load_digits().images[0], dtype=torch.float32)  # (8, 8)
line = digit[0:1, 2:6]  # (1, 4)
modes = ("constant", "reflect", "replicate")
padded_lines = [F.pad(line, (2, 2), mode=mode) for mode in modes]
for mode, padded in zip(modes, padded_lines):
    print(f"{mode:9}", padded[0].int().tolist())
# --8<-- [end:padding-modes]

# --8<-- [start:draw-modes]
fig, axes = plt.subplots(3, 1, num="padding-modes", figsize=(4.6, 2.9))
for ax, padded, name in zip(axes, padded_lines, ("zeros", "reflect", "replicate")):
    draw_cells(ax, padded, name, cmap="gray", low=-1, high=16)
    for start in (0, 6):
        ax.add_patch(plt.Rectangle((start, 0), 2, 1, fill=False, ec="C1", lw=3, ls="--"))
    ax.add_patch(plt.Rectangle((2, 0), 4, 1, fill=False, ec="C0", lw=3))
    ax.set(xlim=(-0.1, 8.1), ylim=(1.1, -0.1))
plt.show()
# --8<-- [end:draw-modes]

# --8<-- [start:draw-padded]
square = digit.reshape(1, 1, 8, 8)  # (1, 1, 8, 8)
fig, axes = plt.subplots(1, 3, num="padded-digit", figsize=(4.8, 1.85))
for ax, mode, name in zip(axes, modes, ("zeros", "reflect", "replicate")):
    padded = F.pad(square, (3, 3, 3, 3), mode=mode)  # (1, 1, 14, 14)
    ax.imshow(padded[0, 0].numpy(), cmap="gray", vmin=0, vmax=16)
    ax.add_patch(plt.Rectangle((2.5, 2.5), 8, 8, fill=False, ec="C0", lw=3))
    ax.set_title(name)
    ax.axis("off")
plt.show()
# --8<-- [end:draw-padded]

# --8<-- [start:false-edges]
image = F.interpolate(square / 16, size=(28, 28), mode="bilinear")  # (1, 1, 28, 28)
paper = 1 - image  # (1, 1, 28, 28)
sobel_x = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])  # (3, 3)
sobels = torch.stack([sobel_x, sobel_x.T]).reshape(2, 1, 3, 3)  # (2, 1, 3, 3)
strengths = {}
for mode in ("zeros", "reflect", "replicate"):
    layer = nn.Conv2d(1, 2, 3, padding=1, padding_mode=mode, bias=False)
    with torch.no_grad():
        layer.weight.copy_(sobels)
        strength = layer(paper).norm(dim=1)[0]  # (28, 28)
    strengths[mode] = strength
    print(f"{mode:9} corner {strength[0, 0]:.3f}, left edge {strength[14, 0]:.3f}")
# --8<-- [end:false-edges]

# --8<-- [start:draw-false-edges]
fig, axes = plt.subplots(2, 2, num="false-edges", figsize=(4.6, 4.9))
axes[0, 0].imshow(paper[0, 0].numpy(), cmap="gray", vmin=0, vmax=1)
axes[0, 0].set_title("image")
for ax, mode in zip(axes.flat[1:], strengths):
    ax.imshow(strengths[mode].numpy(), cmap="viridis", vmin=0, vmax=4)
    ax.set_title(f"edges, {mode}")
for ax in axes.flat:
    ax.set(xticks=(), yticks=())
    ax.spines[:].set_visible(True)
plt.show()
# --8<-- [end:draw-false-edges]

# --8<-- [start:same]
same = nn.Conv2d(1, 1, kernel_size=5, padding="same")
kept = same(image)  # (1, 1, 28, 28)
try:
    nn.Conv2d(1, 1, kernel_size=5, padding="same", stride=2)
except ValueError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:same]

# --8<-- [start:stride]
kernel = sobel_x.reshape(1, 1, 3, 3)  # (1, 1, 3, 3)
every = F.conv2d(square, kernel, padding=1)  # (1, 1, 8, 8)
strided = F.conv2d(square, kernel, padding=1, stride=2)  # (1, 1, 4, 4)
print(torch.equal(strided, every[:, :, ::2, ::2]))
# --8<-- [end:stride]

# --8<-- [start:draw-stride]
fig, axes = plt.subplots(1, 2, num="stride-keeps", figsize=(5, 3.4), width_ratios=(8, 4))
signed = {"cmap": "PuOr_r", "low": -64, "high": 64}
draw_cells(axes[0], every[0, 0], "stride = 1", **signed)
draw_cells(axes[1], strided[0, 0], "stride = 2", **signed)
for row in range(0, 8, 2):
    for column in range(0, 8, 2):
        axes[0].add_patch(plt.Rectangle((column, row), 1, 1, fill=False, ec="#111111", lw=3))
axes[0].set(xlim=(-0.1, 8.1), ylim=(8.1, -0.1))
axes[1].set(ylim=(6.1, -2.1))
plt.show()
# --8<-- [end:draw-stride]

# --8<-- [start:dilation]
spread = torch.zeros(1, 1, 5, 5)
spread[:, :, ::2, ::2] = kernel
dilated = F.conv2d(square, kernel, dilation=2)  # (1, 1, 4, 4)
print(spread[0, 0].int())
print(torch.equal(dilated, F.conv2d(square, spread)))
# --8<-- [end:dilation]

# --8<-- [start:draw-dilation]
fig, axes = plt.subplots(1, 3, num="dilated-kernels", figsize=(4.8, 1.85))
for ax, dilation in zip(axes, (1, 2, 3)):
    for row in range(7):
        for column in range(7):
            ax.add_patch(plt.Rectangle((column, row), 1, 1, fill=False, ec="C5", lw=0.5))
    for row in range(3):
        for column in range(3):
            place = (3 + (column - 1) * dilation, 3 + (row - 1) * dilation)
            ax.add_patch(plt.Rectangle(place, 1, 1, fc="C0"))
    ax.set(xlim=(-0.1, 7.1), ylim=(7.1, -0.1), aspect="equal")
    ax.set_title(f"dilation = {dilation}")
    ax.axis("off")
plt.show()
# --8<-- [end:draw-dilation]


# --8<-- [start:receptive-field]
def ones_conv(**options):
    layer = nn.Conv2d(1, 1, 3, bias=False, **options)
    nn.init.ones_(layer.weight)
    return layer


x = torch.zeros(1, 1, 9, 9, requires_grad=True)
two_layers = nn.Sequential(ones_conv(), ones_conv())
out = two_layers(x)  # (1, 1, 5, 5)
out[0, 0, 2, 2].backward()
paths = x.grad[0, 0]  # (9, 9)
print(f"{(paths > 0).sum()} pixels, {paths.sum():.0f} paths")
# --8<-- [end:receptive-field]

# --8<-- [start:draw-field]
fig, ax = plt.subplots(num="receptive-field", figsize=(4.2, 4))
draw_cells(ax, paths)
ax.add_patch(plt.Rectangle((2, 2), 5, 5, fill=False, ec="C1", lw=4))
plt.show()
# --8<-- [end:draw-field]


# --8<-- [start:field-width]
def field_width(*layers):
    x = torch.zeros(1, 1, 41, 41, requires_grad=True)
    out = nn.Sequential(*layers)(x)
    middle = out.shape[-1] // 2
    out[0, 0, middle, middle].backward()
    touched = (x.grad[0, 0] > 0).any(dim=0).nonzero()
    return (touched.max() - touched.min()).item() + 1


print("one 3x3:                  ", field_width(ones_conv()))
print("two 3x3:                  ", field_width(ones_conv(), ones_conv()))
print("three 3x3:                ", field_width(ones_conv(), ones_conv(), ones_conv()))
print("3x3 stride 2, then 3x3:   ", field_width(ones_conv(stride=2), ones_conv()))
print("3x3, then 3x3 dilation 2: ", field_width(ones_conv(), ones_conv(dilation=2)))
# --8<-- [end:field-width]

# --8<-- [start:mistakes]
positional = nn.Conv2d(1, 8, 3, 1)
mode_only = nn.Conv2d(1, 8, 3, padding_mode="reflect")
half_padded = nn.Conv2d(1, 8, 5, padding=1)
for layer in (positional, mode_only, half_padded):
    print(tuple(layer(image).shape))
# --8<-- [end:mistakes]
