# --8<-- [start:first-convolution]
import torch
import torch.nn.functional as F

image = torch.arange(1.0, 26.0).reshape(1, 1, 5, 5)  # (1, 1, 5, 5)
kernel = torch.ones(1, 1, 3, 3)  # (1, 1, 3, 3)
output = F.conv2d(image, kernel)  # (1, 1, 3, 3)
first_cell = output[0, 0, 0, 0].item()
print(image[0, 0])
print(output[0, 0])
# --8<-- [end:first-convolution]

# --8<-- [start:draw-image-window]
import matplotlib.pyplot as plt

fig, axes = plt.subplots(1, 2, num="image-window", figsize=(4.6, 2.6), width_ratios=(52, 32))
for ax, cells, side in ((axes[0], image[0, 0], 3), (axes[1], output[0, 0], 1)):
    n = len(cells)
    for row in range(n):
        for column in range(n):
            ax.add_patch(plt.Rectangle((column, row), 1, 1, fill=False, ec="C5"))
            text = f"{cells[row, column]:.0f}"
            ax.text(column + 0.5, row + 0.5, text, ha="center", va="center")
    ax.add_patch(plt.Rectangle((0, 0), side, side, fc="C0", alpha=0.25))
    ax.add_patch(plt.Rectangle((0, 0), side, side, fill=False, ec="C0", lw=3))
    ax.add_patch(plt.Rectangle((2, 1), side, side, fill=False, ec="C1", lw=3, ls="--"))
    ax.set(xlim=(-0.1, n + 0.1), ylim=(n + 0.1, -0.1), aspect="equal", title=f"{n} × {n}")
    ax.axis("off")
plt.show()
# --8<-- [end:draw-image-window]


# --8<-- [start:count-positions]
def window_starts(size, kernel_size, stride=1, padding=0):
    starts = []
    start = -padding
    while start + kernel_size <= size + padding:
        starts.append(start)
        start = start + stride
    return starts


no_padding = window_starts(7, kernel_size=3, stride=2)
with_padding = window_starts(7, kernel_size=3, stride=2, padding=1)
print(len(no_padding), no_padding)
print(len(with_padding), with_padding)
# --8<-- [end:count-positions]


# --8<-- [start:draw-windows]
def draw_windows(ax, size, starts, kernel_size, padding=0, dilation=1):
    offsets = [dilation * k for k in range(kernel_size)]
    seen = {start + offset for start in starts for offset in offsets}
    for pixel in range(-padding, size + padding):
        look = {"fc": "#80808040", "ec": "C5"}
        if pixel < 0 or pixel >= size:
            look = {"fc": "none", "ec": "C5", "ls": ":"}
        elif pixel not in seen:
            look = {"fc": "none", "ec": "C4", "hatch": "///"}
        ax.add_patch(plt.Rectangle((pixel + 0.04, 0), 0.92, 0.9, **look))
    for pixel in range(size):
        ax.text(pixel + 0.5, 1.4, pixel, ha="center", va="center")
    for row, start in enumerate(starts, 1):
        bars = [(start + offset + 0.04, 0.92) for offset in offsets]
        ax.broken_barh(bars, (-row, 0.7), color="C0")
        ax.text(start + offsets[-1] + 1.2, 0.35 - row, f"#{row}", color="C0", va="center")
    ax.set(xlim=(-1.1, 9.1), ylim=(-len(starts) - 0.2, 1.9), aspect="equal")
    ax.axis("off")


# --8<-- [end:draw-windows]

# --8<-- [start:draw-positions]
fig, axes = plt.subplots(2, 1, num="window-positions", figsize=(4.6, 4.9), height_ratios=(51, 61))
draw_windows(axes[0], 7, no_padding, kernel_size=3)
draw_windows(axes[1], 7, with_padding, kernel_size=3, padding=1)
axes[0].set_title(f"I = 7, K = 3, S = 2, P = 0:  O = {len(no_padding)}", loc="left")
axes[1].set_title(f"I = 7, K = 3, S = 2, P = 1:  O = {len(with_padding)}", loc="left")
plt.show()
# --8<-- [end:draw-positions]

# --8<-- [start:formula]
from torch import nn


def output_size(size, kernel_size, stride=1, padding=0):
    return (size - kernel_size + 2 * padding) // stride + 1


layer = nn.Conv2d(1, 1, kernel_size=3, stride=2, padding=1)
result = layer(torch.zeros(1, 1, 7, 7))  # (1, 1, 4, 4)
print(output_size(7, 3, stride=2, padding=1), tuple(result.shape))
# --8<-- [end:formula]

# --8<-- [start:floor-or-int]
import math

print("size     a  floor(a)+1  floor(a+1)  int(a)+1")
for size in (2, 7, 8):
    a = (size - 3) / 2
    print(f"{size:4} {a:5}  {math.floor(a) + 1:10}  {math.floor(a + 1):10}  {int(a) + 1:8}")
# --8<-- [end:floor-or-int]

# --8<-- [start:same-size]
x_28, x_29 = torch.zeros(1, 1, 28, 28), torch.zeros(1, 1, 29, 29)
print("K  P  28, S = 1  28, S = 2  29, S = 2")
for K in (1, 3, 5, 7):
    P = (K - 1) // 2
    same = nn.Conv2d(1, 1, K, padding=P)
    half = nn.Conv2d(1, 1, K, stride=2, padding=P)
    widths = [y.shape[-1] for y in (same(x_28), half(x_28), half(x_29))]
    print(f"{K}  {P}  {widths[0]:9}  {widths[1]:9}  {widths[2]:9}")
# --8<-- [end:same-size]

# --8<-- [start:max-pooling]
corner = image[:, :, :4, :4]  # (1, 1, 4, 4)
pool = nn.MaxPool2d(kernel_size=2, stride=2)
pooled = pool(corner)  # (1, 1, 2, 2)
print(corner[0, 0])
print(pooled[0, 0])
# --8<-- [end:max-pooling]

# --8<-- [start:lecture-layers]
layers = nn.Sequential(
    nn.Conv2d(1, 16, 5),
    nn.ReLU(),
    nn.Conv2d(16, 32, 5),
    nn.ReLU(),
    nn.MaxPool2d(2, 2),
    nn.Conv2d(32, 64, 5),
    nn.ReLU(),
    nn.MaxPool2d(2, 2),
)
# --8<-- [end:lecture-layers]


# --8<-- [start:chain-table]
def arguments(layer):
    values = (layer.kernel_size, layer.stride, layer.padding)
    return [v[0] if isinstance(v, tuple) else v for v in values]


features = torch.zeros(8, 1, 28, 28)
sizes, channels, kernels = [28], [1], []
print("layer      I  K  S  P  formula  PyTorch")
for layer in layers:
    features = layer(features)
    if not isinstance(layer, nn.ReLU):
        K, S, P = arguments(layer)
        row = f"{type(layer).__name__:9} {sizes[-1]:2}  {K}  {S}  {P}"
        print(row, f"{output_size(sizes[-1], K, S, P):8}  {tuple(features.shape)}")
        sizes.append(features.shape[-1])
        channels.append(features.shape[1])
        kernels.append(K)
# --8<-- [end:chain-table]

# --8<-- [start:draw-chain]
fig, ax = plt.subplots(num="lecture-chain", figsize=(5, 1.6))
x = 0
for i, size in enumerate(sizes):
    ax.add_patch(plt.Rectangle((x, -size / 2), size, size, fc="#80808030", ec="C5"))
    ax.text(x + size / 2, -size / 2 - 1.5, size, ha="center", va="top")
    ax.text(x + size / 2, 15, f"×{channels[i]}", ha="center", va="bottom")
    x = x + size + 17
    if i < len(kernels):
        kind, color = ("conv", "C0") if kernels[i] == 5 else ("pool", "C1")
        arrow = {"arrowstyle": "->", "color": color}
        ax.annotate("", xy=(x - 1, 0), xytext=(x - 16, 0), arrowprops=arrow)
        ax.text(x - 9, 1, kind, ha="center", va="bottom", color=color)
        ax.text(x - 9, -1.5, f"{kernels[i]}×{kernels[i]}", ha="center", va="top", color=color)
ax.set(xlim=(-1, x - 13), ylim=(-21, 21), aspect="equal")
ax.axis("off")
plt.show()
# --8<-- [end:draw-chain]

# --8<-- [start:flatten]
depth, height, width = features.shape[1:]
in_features = depth * height * width
flat = features.flatten(1)  # (8, 576)
out = nn.Linear(in_features, 100)(flat)  # (8, 100)
print(depth, "*", height, "*", width, "=", in_features)
# --8<-- [end:flatten]

# --8<-- [start:image-sizes]
last_sizes = []
for image_size in range(27, 33):
    last = layers(torch.zeros(1, 1, image_size, image_size))
    last_sizes.append(last.shape[-1])
    print(image_size, "->", last.shape[-1])
# --8<-- [end:image-sizes]

# --8<-- [start:does-not-fit]
for image_size in (13, 19):
    try:
        layers(torch.zeros(8, 1, image_size, image_size))
    except RuntimeError as error:
        print(f"{type(error).__name__}: {error}")
# --8<-- [end:does-not-fit]

# --8<-- [start:flatten-mistakes]
fc = nn.Linear(64 * 3 * 3, 100)
features_28 = layers(torch.zeros(8, 1, 28, 28))  # (8, 64, 3, 3)
features_32 = layers(torch.zeros(8, 1, 32, 32))  # (8, 64, 4, 4)
for wrong in (features_32.flatten(1), features_28, features_28.flatten()):
    try:
        fc(wrong)
    except RuntimeError as error:
        print(f"{type(error).__name__}: {error}")
# --8<-- [end:flatten-mistakes]

# --8<-- [start:height-first]
wide = torch.zeros(8, 1, 28, 40)
layer = nn.Conv2d(1, 16, kernel_size=(3, 5), stride=(1, 2))
result = layer(wide)  # (8, 16, 26, 18)
print(output_size(28, 3, stride=1), output_size(40, 5, stride=2))
# --8<-- [end:height-first]

# --8<-- [start:dropped-pixels]
pooled = pool(image)  # (1, 1, 2, 2)
print(pooled[0, 0])
print("largest pixel: ", image.max().item())
print("largest output:", pooled.max().item())
# --8<-- [end:dropped-pixels]

# --8<-- [start:ceil-mode]
ceil_pool = nn.MaxPool2d(2, stride=2, ceil_mode=True)
ceil_pooled = ceil_pool(image)  # (1, 1, 3, 3)
print(ceil_pooled[0, 0])

gap_pool = nn.MaxPool2d(2, stride=3, ceil_mode=True)
gap_pooled = gap_pool(torch.zeros(1, 1, 6, 6))  # (1, 1, 2, 2)
ceil_only, gap_size = math.ceil((6 - 2) / 3) + 1, gap_pooled.shape[-1]
print(ceil_only, gap_size)
# --8<-- [end:ceil-mode]

# --8<-- [start:draw-ceil]
fig, axes = plt.subplots(3, 1, num="floor-and-ceil", figsize=(4.6, 6.3), height_ratios=(41, 51, 51))
floor_starts = [2 * i for i in range(pooled.shape[-1])]
ceil_starts = [2 * i for i in range(ceil_pooled.shape[-1])]
gap_starts = [3 * i for i in range(gap_pooled.shape[-1])]
draw_windows(axes[0], 5, floor_starts, kernel_size=2)
draw_windows(axes[1], 5, ceil_starts, kernel_size=2)
draw_windows(axes[2], 6, gap_starts, kernel_size=2)
axes[2].add_patch(plt.Rectangle((6.04, -3), 1.92, 0.7, fill=False, ec="C4", ls="--"))
axes[2].text(5.8, -2.65, "starts outside", color="C4", ha="right", va="center")
axes[2].set_ylim(-3.2, 1.9)
axes[0].set_title(f"I = 5, K = 2, S = 2, floor:  O = {len(floor_starts)}", loc="left")
axes[1].set_title(f"I = 5, K = 2, S = 2, ceil:  O = {len(ceil_starts)}", loc="left")
axes[2].set_title(f"I = 6, K = 2, S = 3, ceil:  O = {len(gap_starts)}, not {ceil_only}", loc="left")
plt.show()
# --8<-- [end:draw-ceil]


# --8<-- [start:full-formula]
def output_size(size, kernel_size, stride=1, padding=0, dilation=1, ceil_mode=False):
    window = dilation * (kernel_size - 1) + 1
    room = size + 2 * padding - window
    if not ceil_mode:
        return room // stride + 1
    count = math.ceil(room / stride) + 1
    last_start = (count - 1) * stride
    if last_start >= size + padding:
        count = count - 1
    return count


dilated = nn.Conv2d(1, 1, kernel_size=3, dilation=2)
dilated_output = dilated(torch.zeros(1, 1, 7, 7))  # (1, 1, 3, 3)
print(output_size(7, kernel_size=3, dilation=2), dilated_output.shape[-1])
# --8<-- [end:full-formula]

# --8<-- [start:draw-dilation]
fig, ax = plt.subplots(num="dilated-windows", figsize=(4.6, 2.5))
starts = list(range(dilated_output.shape[-1]))
draw_windows(ax, 7, starts, kernel_size=3, dilation=2)
ax.set_title(f"I = 7, K = 3, D = 2, S = 1, P = 0:  O = {len(starts)}", loc="left")
plt.show()
# --8<-- [end:draw-dilation]

# --8<-- [start:grid-check]
from itertools import product

checked = refused = different = 0
grid = product(range(1, 9), range(1, 5), (1, 2, 3), (0, 1, 2), (1, 2))
for size, k, s, p, d in grid:
    cases = [(nn.Conv2d(1, 1, k, s, p, d), False)]
    if p <= k // 2:
        for mode in (False, True):
            cases.append((nn.MaxPool2d(k, s, p, d, ceil_mode=mode), mode))
    for layer, ceil_mode in cases:
        checked += 1
        try:
            found = layer(torch.zeros(1, 1, size, size)).shape[-1]
        except RuntimeError:
            found, refused = 0, refused + 1
        different += found != max(0, output_size(size, k, s, p, d, ceil_mode))
print(f"{checked} cases, {refused} refused, {different} different")
# --8<-- [end:grid-check]
