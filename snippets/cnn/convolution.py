# --8<-- [start:digit]
import torch
from sklearn.datasets import load_digits

digit = torch.tensor(load_digits().images[0], dtype=torch.float32)  # (8, 8)
sobel_x = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])  # (3, 3)
# --8<-- [end:digit]

# --8<-- [start:one-cell]
window = digit[2:5, 0:3]  # (3, 3)
products = window * sobel_x  # (3, 3)
left_edge = products.sum().item()
print(products.int().tolist())
print(left_edge)
# --8<-- [end:one-cell]

# --8<-- [start:next-cells]
middle = (digit[2:5, 1:4] * sobel_x).sum().item()
right_edge = (digit[2:5, 2:5] * sobel_x).sum().item()
print(middle, right_edge)
# --8<-- [end:next-cells]


# --8<-- [start:by-loop]
def convolve(picture, kernel):
    size = len(kernel)
    output = []
    for row in range(len(picture) - size + 1):
        line = []
        for column in range(len(picture[0]) - size + 1):
            total = 0.0
            for i in range(size):
                for j in range(size):
                    total += picture[row + i][column + j] * kernel[i][j]
            line.append(total)
        output.append(line)
    return output


by_loop = convolve(digit.tolist(), sobel_x.tolist())
# --8<-- [end:by-loop]

# --8<-- [start:by-pytorch]
import torch.nn.functional as F

x = digit.reshape(1, 1, 8, 8)  # (1, 1, 8, 8)
weight = sobel_x.reshape(1, 1, 3, 3)  # (1, 1, 3, 3)
by_pytorch = F.conv2d(x, weight)  # (1, 1, 6, 6)
print(by_pytorch[0, 0].tolist() == by_loop)
# --8<-- [end:by-pytorch]

# --8<-- [start:draw-cells]
import matplotlib.pyplot as plt


def draw_cells(ax, cells, title="", cmap="PuOr_r", low=-64, high=64):
    mesh = ax.pcolormesh(cells, cmap=cmap, vmin=low, vmax=high, ec="#808080", lw=0.5)
    colors = mesh.to_rgba(cells.numpy())
    for row in range(len(cells)):
        for column in range(len(cells[0])):
            ink = "white" if colors[row, column, 1] < 0.45 else "#111111"
            text = f"{cells[row, column] + 0.0:g}".replace("-", "−")
            ax.text(column + 0.5, row + 0.5, text, color=ink, ha="center", va="center")
    ax.set(aspect="equal", title=title, ylim=(len(cells), 0))
    ax.axis("off")


# --8<-- [end:draw-cells]

# --8<-- [start:draw-windows]
rows = [["digit", "digit"], ["kernel", "output"]]
sizes = {"figsize": (4.6, 7.6), "height_ratios": (8, 6), "width_ratios": (3, 6)}
fig, axes = plt.subplot_mosaic(rows, num="window-to-cell", **sizes)
draw_cells(axes["digit"], digit, "digit: 8 × 8", cmap="gray", low=-1, high=16)
draw_cells(axes["kernel"], sobel_x, "kernel: 3 × 3", low=-4, high=4)
draw_cells(axes["output"], by_pytorch[0, 0], "output: 6 × 6")
for column, color, style in ((0, "C0", "-"), (2, "C1", "--")):
    look = {"fill": False, "ec": color, "lw": 4, "ls": style}
    axes["digit"].add_patch(plt.Rectangle((column, 2), 3, 3, **look))
    axes["output"].add_patch(plt.Rectangle((column, 2), 1, 1, **look))
axes["digit"].set(xlim=(-0.7, 8.7), ylim=(8.1, -0.1))
axes["kernel"].set(xlim=(-0.1, 3.1), ylim=(4.5, -1.5))
axes["output"].set(xlim=(-0.1, 6.1), ylim=(6.1, -0.1))
plt.show()
# --8<-- [end:draw-windows]

# --8<-- [start:kernels]
image = F.interpolate(x / 16, size=(28, 28), mode="bilinear")  # (1, 1, 28, 28)
blur = torch.full((3, 3), 1 / 9)  # (3, 3)
sobel_y = sobel_x.T  # (3, 3)
sharpen = torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]])  # (3, 3)
kernels = torch.stack([blur, sobel_x, sobel_y, sharpen]).unsqueeze(1)  # (4, 1, 3, 3)
maps = F.conv2d(image, kernels)  # (1, 4, 26, 26)
for k, name in enumerate(("blur", "Sobel x", "Sobel y", "sharpen")):
    low, high = maps[0, k].min().item(), maps[0, k].max().item()
    print(f"{name:8} sum {kernels[k].sum():.0f}, output {low:6.3f} to {high:.3f}")
# --8<-- [end:kernels]

# --8<-- [start:draw-kernels]
fig, axes = plt.subplots(1, 4, num="kernel-cells", figsize=(4.8, 1.5))
for ax, kernel, name in zip(axes, kernels[:, 0], ("blur", "Sobel x", "Sobel y", "sharpen")):
    draw_cells(ax, kernel * 9 if name == "blur" else kernel, name, low=-5, high=5)
    if name == "blur":
        for text in ax.texts:
            text.set_text("1/9")
plt.show()
# --8<-- [end:draw-kernels]

# --8<-- [start:draw-results]
strength = (maps[0, 1] ** 2 + maps[0, 2] ** 2).sqrt()  # (26, 26)
pictures = [image[0, 0], maps[0, 0], maps[0, 3], maps[0, 1], maps[0, 2], strength]
names = ["image", "blur", "sharpen", "Sobel x", "Sobel y", "edge strength"]
fig, axes = plt.subplots(2, 3, num="four-kernels", figsize=(4.8, 3.7))
for ax, picture, name in zip(axes.flat, pictures, names):
    if "Sobel" in name:
        ax.imshow(picture.numpy(), cmap="PuOr_r", vmin=-2, vmax=2)
    else:
        brightest = 2 if name == "edge strength" else 1
        ax.imshow(picture.numpy(), cmap="gray", vmin=0, vmax=brightest)
    ax.set_title(name)
    ax.axis("off")
plt.show()
# --8<-- [end:draw-results]

# --8<-- [start:learn-kernel]
from torch import nn

torch.manual_seed(0)
layer = nn.Conv2d(1, 1, kernel_size=3, bias=False)
optimizer = torch.optim.SGD(layer.parameters(), lr=0.5)
x, target = x / 16, by_pytorch / 16
for step in range(300):
    optimizer.zero_grad()
    loss = F.mse_loss(layer(x), target)
    loss.backward()
    optimizer.step()
print(layer.weight.data[0, 0].round(decimals=2))
# --8<-- [end:learn-kernel]

# --8<-- [start:bias]
layer = nn.Conv2d(1, 1, kernel_size=3)
print(tuple(layer.weight.shape), tuple(layer.bias.shape))
with torch.no_grad():
    layer.weight.copy_(kernels[1:2])
    for b in (0.0, -1.0):
        layer.bias.fill_(b)
        edges = layer(image).relu()  # (1, 1, 26, 26)
        print(f"bias {b:4}: cells above zero {(edges > 0).sum().item()}")
# --8<-- [end:bias]

# --8<-- [start:two-channels]
x = torch.tensor([[[1.0, 2], [0, 3]], [[2, 5], [1, 0]]])  # (2, 2, 2)
weight = torch.tensor([[[[1.0, 0], [0, 1]], [[0, 1], [-1, 0]]]])  # (1, 2, 2, 2)
cell = F.conv2d(x, weight, bias=torch.tensor([-3.0])).item()
print(cell)
# --8<-- [end:two-channels]

# --8<-- [start:channels]
torch.manual_seed(0)
layer = nn.Conv2d(in_channels=2, out_channels=3, kernel_size=3)
edges = maps[:, 1:3]  # (1, 2, 26, 26)
weight, bias = layer.weight.data, layer.bias.data
result = layer(edges).detach()  # (1, 3, 24, 24)
print(tuple(weight.shape), tuple(bias.shape))
for o in range(3):
    from_x = F.conv2d(edges[:, 0:1], weight[o : o + 1, 0:1])  # (1, 1, 24, 24)
    from_y = F.conv2d(edges[:, 1:2], weight[o : o + 1, 1:2])  # (1, 1, 24, 24)
    print(torch.allclose(result[:, o : o + 1], from_x + from_y + bias[o], atol=1e-6))
# --8<-- [end:channels]

# --8<-- [start:draw-channels]
fig, axes = plt.subplots(4, 3, num="channels", figsize=(4.6, 5.9))
for ax in axes.flat:
    ax.set_aspect("equal")
    ax.axis("off")
for c in range(2):
    axes[0, c].imshow(edges[0, c].numpy(), cmap="PuOr_r", vmin=-2, vmax=2)
    axes[0, c].set_title(f"in {c}")
look = {"cmap": "PuOr_r", "vmin": -0.3, "vmax": 0.3, "ec": "#808080", "lw": 0.5}
for o in range(3):
    axes[o + 1, 2].imshow(result[0, o].numpy(), cmap="PuOr_r", vmin=-1, vmax=1)
    axes[o + 1, 2].set_title(f"out {o}")
    for c, sign in ((0, "+"), (1, f"{bias[o]:+.2f} →".replace("-", "−"))):
        axes[o + 1, c].pcolormesh(weight[o, c], **look)
        axes[o + 1, c].set(xlim=(-1, 4), ylim=(4, -1), title=f"weight[{o}, {c}]")
        axes[o + 1, c].text(4.6, 1.5, sign, ha="center", va="center")
plt.show()
# --8<-- [end:draw-channels]

# --8<-- [start:parameters]
conv = nn.Conv2d(1, 16, kernel_size=5)
full = nn.Linear(28 * 28, 16 * 24 * 24)
conv_parameters = sum(p.numel() for p in conv.parameters())
full_parameters = sum(p.numel() for p in full.parameters())
print(f"{conv_parameters:,}")
print(f"{full_parameters:,}")
# --8<-- [end:parameters]

# --8<-- [start:as-linear]
numbers = torch.arange(1.0, 10.0).reshape(1, 1, 3, 3)  # (1, 1, 3, 3)
one_pixel_each = torch.eye(64).reshape(64, 1, 8, 8)  # (64, 1, 8, 8)
matrix = F.conv2d(one_pixel_each, numbers).flatten(1).T  # (36, 64)
as_linear = matrix @ digit.flatten()  # (36,)
as_conv = F.conv2d(digit.reshape(1, 1, 8, 8), numbers).flatten()  # (36,)
print(torch.equal(as_linear, as_conv))
print(matrix.numel(), matrix.count_nonzero().item())
# --8<-- [end:as-linear]

# --8<-- [start:draw-matrix]
fig, ax = plt.subplots(num="convolution-matrix", figsize=(4.8, 3.4))
cells = matrix.where(matrix != 0, torch.nan).numpy()
shown = ax.imshow(cells, cmap="viridis", vmin=1, vmax=9)
ax.set(xlabel="64 pixels in", xticks=(0, 16, 32, 48, 63))
ax.set(ylabel="36 cells out", yticks=(0, 12, 24, 35))
fig.colorbar(shown, label="weight", ticks=(1, 5, 9), location="top", aspect=30)
plt.show()
# --8<-- [end:draw-matrix]

# --8<-- [start:shift]
moved = digit.roll(1, dims=1)  # (8, 8)
moved_output = F.conv2d(moved.reshape(1, 1, 8, 8), kernels[1:2])[0, 0]  # (6, 6)
print(torch.equal(moved_output[:, 1:], by_pytorch[0, 0, :, :-1]))
# --8<-- [end:shift]

# --8<-- [start:flip]
impulse = torch.zeros(1, 1, 5, 5)
impulse[0, 0, 2, 2] = 1
correlation = F.conv2d(impulse, numbers)  # (1, 1, 3, 3)
convolution = F.conv2d(impulse, numbers.flip(2, 3))  # (1, 1, 3, 3)
# --8<-- [end:flip]

# --8<-- [start:draw-flip]
fig, axes = plt.subplots(2, 2, num="impulse", figsize=(4.6, 4.4), height_ratios=(5, 3))
panels = (impulse, numbers, correlation, convolution)
titles = ("one bright pixel", "kernel", "cross-correlation", "convolution")
for ax, cells, title in zip(axes.flat, panels, titles):
    draw_cells(ax, cells[0, 0], title, cmap="viridis", low=0, high=9)
    center = len(cells[0, 0]) / 2
    ax.set(xlim=(center - 2.6, center + 2.6))
plt.show()
# --8<-- [end:draw-flip]

# --8<-- [start:mistakes]
grey, colour = nn.Conv2d(1, 8, kernel_size=3), nn.Conv2d(3, 8, kernel_size=3)
cases = [
    (colour, torch.zeros(4, 32, 32, 3)),
    (grey, torch.zeros(64, 28, 28)),
    (grey, torch.zeros(28, 28)),
    (grey, torch.zeros(1, 1, 28, 28, dtype=torch.uint8)),
]
for number, (layer, images) in enumerate(cases, 1):
    try:
        layer(images)
    except RuntimeError as error:
        print(f"{number} {type(error).__name__}: {error}")
# --8<-- [end:mistakes]

# --8<-- [start:unbatched]
one_grey = grey(torch.zeros(1, 28, 28))  # (8, 26, 26)
three_greys = colour(torch.zeros(3, 28, 28))  # (8, 26, 26)
# --8<-- [end:unbatched]

# --8<-- [start:permute]
picture = image[0, 0].unsqueeze(2) * torch.tensor([1.0, 0.5, 0.25])  # (28, 28, 3)
permuted = picture.permute(2, 0, 1)  # (3, 28, 28)
viewed = picture.view(3, 28, 28)  # (3, 28, 28)

fig, axes = plt.subplots(1, 2, num="permute-or-view", figsize=(4.6, 2.5))
for ax, channels in zip(axes, (permuted, viewed)):
    ax.imshow(channels[0].numpy(), cmap="gray", vmin=0, vmax=1)
    ax.axis("off")
axes[0].set_title("permute(2, 0, 1)")
axes[1].set_title("view(3, 28, 28)")
plt.show()
# --8<-- [end:permute]
