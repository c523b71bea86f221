# time limit: 120 s

# --8<-- [start:strokes]
import torch

upright = torch.zeros(1, 1, 5, 5)
upright[..., 2] = 1
level = upright.transpose(2, 3)
print(*upright[0, 0].int().tolist(), sep="\n")
# --8<-- [end:strokes]

# --8<-- [start:small-cnn]
from torch import nn

small_cnn = nn.Sequential(
    nn.Conv2d(1, 2, 2, bias=False),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(8, 2),
)
left_edge = torch.tensor([[-1.0, 1], [-1, 1]])
sums = torch.tensor([[1.0] * 4 + [0] * 4, [0] * 4 + [1] * 4])
with torch.no_grad():
    small_cnn[0].weight[0, 0] = left_edge
    small_cnn[0].weight[1, 0] = left_edge.T
    small_cnn[4].weight[:] = sums
    small_cnn[4].bias[:] = 0
# --8<-- [end:small-cnn]

# --8<-- [start:small-pass]
x, arrays = upright, [upright]
for layer in small_cnn:
    x = layer(x).detach()
    arrays.append(x)
    print(f"{type(layer).__name__:9} {tuple(x.shape)}")
print("upright:", small_cnn(upright)[0].tolist())
print("level:  ", small_cnn(level)[0].tolist())
# --8<-- [end:small-pass]

# --8<-- [start:draw-small]
import matplotlib.pyplot as plt


def draw_grid(ax, cells, left, top, label):
    for row, line in enumerate(cells.tolist()):
        for column, value in enumerate(line):
            color = "C0" if value > 0 else "C1"
            x, y = left + column, top + row
            ax.add_patch(plt.Rectangle((x, y), 1, 1, fc=color, alpha=0.4 if value else 0))
            ax.add_patch(plt.Rectangle((x, y), 1, 1, fill=False, ec="C5"))
            ax.text(x + 0.5, y + 0.5, f"{value:.0f}".replace("-", "−"), ha="center", va="center")
    ax.text(left, top - 0.25, label, va="bottom")


fig, ax = plt.subplots(num="small-cnn", figsize=(4.8, 3.0))
draw_grid(ax, arrays[0][0, 0], 0, 4, "image")
for channel, top in ((0, 1), (1, 8)):
    draw_grid(ax, arrays[1][0, channel], 6, top, f"conv {'AB'[channel]}")
    draw_grid(ax, arrays[2][0, channel], 11, top, "ReLU")
    draw_grid(ax, arrays[3][0, channel], 16, top + 1, "pool")
    draw_grid(ax, arrays[5][:, channel : channel + 1], 19, top + 1.5, "logit")
ax.set(xlim=(-0.1, 21), ylim=(12.2, -0.6), aspect="equal")
ax.axis("off")
plt.show()
# --8<-- [end:draw-small]

# --8<-- [start:each-column]
moved = torch.zeros(5, 1, 5, 5)
for column in range(5):
    moved[column, 0, :, column] = 1
print(small_cnn(moved).detach().int().tolist())
# --8<-- [end:each-column]

# --8<-- [start:digits]
import torch.nn.functional as F
from sklearn.datasets import load_digits

digits = load_digits()
small = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1)  # (1797, 1, 8, 8)
labels = torch.tensor(digits.target)  # (1797)
images = F.interpolate(small / 16, size=(28, 28), mode="bilinear")  # (1797, 1, 28, 28)
order = torch.randperm(1797, generator=torch.Generator().manual_seed(0))
test, validation, training = order.split([360, 300, 1137])
# --8<-- [end:digits]


# --8<-- [start:lecture-cnn]
def convolutions():
    first = [nn.Conv2d(1, 16, 5), nn.ReLU(), nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2)]
    second = [nn.Conv2d(32, 64, 5), nn.ReLU(), nn.MaxPool2d(2)]
    return [*first, *second]


def fully_connected(in_features):
    return [nn.Flatten(), nn.Linear(in_features, 100), nn.ReLU(), nn.Linear(100, 10)]


torch.manual_seed(0)
cnn = nn.Sequential(*convolutions(), *fully_connected(64 * 3 * 3))
print(*(type(layer).__name__ for layer in cnn[:8]), sep="\n")
# --8<-- [end:lecture-cnn]


# --8<-- [start:fit]
def fit(model, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(epochs):
        for batch in training[torch.randperm(len(training))].split(32):
            optimizer.zero_grad()
            F.cross_entropy(model(images[batch]), labels[batch]).backward()
            optimizer.step()


def accuracy(model, images):
    with torch.no_grad():
        return (model(images).argmax(1) == labels[validation]).float().mean().item()


fit(cnn, epochs=5)
cnn_accuracy = accuracy(cnn, images[validation])
print(f"{cnn_accuracy:.3f}")
# --8<-- [end:fit]

# --8<-- [start:pass]
one = validation[labels[validation] == 3][:1]
x, passed = images[one], [images[one]]
for layer in cnn:
    x = layer(x).detach()
    passed.append(x)
logits = passed[-1][0]  # (10)
answer, truth = logits.argmax().item(), labels[one].item()
print(" ".join(f"{logit:.1f}" for logit in logits.tolist()))
print("largest at", answer, "- label", truth)
# --8<-- [end:pass]

# --8<-- [start:draw-pipeline]
fig = plt.figure(num="pipeline", figsize=(4.8, 8.6))
grid = fig.add_gridspec(5, 3, height_ratios=(1, 1, 1, 1, 0.9))
places = [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (3, 0), (3, 1), (3, 2)]
for stage, layer, (row, column) in zip(passed, [None, *cnn], places):
    channels, size = stage.shape[1], stage.shape[2]
    shown = stage[0, :: channels // 4][:4] if layer else stage[0]
    large = shown.repeat_interleave(8, 1).repeat_interleave(8, 2)
    tiles = F.pad(large, (0, size // 2, 0, size // 2), value=float("nan"))
    sheet = torch.cat([torch.cat([*pair], 1) for pair in tiles.split(2)]) if layer else large[0]
    ax = fig.add_subplot(grid[row, column])
    conv = isinstance(layer, nn.Conv2d)
    reach = shown.abs().max().item()
    low, cmap = (-reach, "PuOr_r") if conv else (0, "gray")
    ax.imshow(sheet.numpy(), cmap=cmap, vmin=low, vmax=reach)
    name = "image" if layer is None else type(layer).__name__
    ax.set_title(f"{name}\n{channels} × {size} × {size}")
    ax.axis("off")
ax = fig.add_subplot(grid[4, :])
ax.bar(range(10), logits.tolist(), color=["C0" if digit == answer else "C5" for digit in range(10)])
ax.set(title="Flatten, Linear, ReLU, Linear: 10 logits", xticks=range(10), yticks=[])
plt.show()
# --8<-- [end:draw-pipeline]


# --8<-- [start:parameters]
def count(model):
    return sum(p.numel() for p in model.parameters())


mlp = nn.Sequential(nn.Flatten(), nn.Linear(784, 155), nn.ReLU(), nn.Linear(155, 10))
print("CNN:", count(cnn), "MLP:", count(mlp))
for side, channels in ((28, 1), (224, 3)):
    linear = nn.Linear(channels * side * side, 155, device="meta")
    conv = nn.Conv2d(channels, 16, 5)
    print(f"{channels} × {side} × {side}: Linear {count(linear)}, Conv2d {count(conv)}")
# --8<-- [end:parameters]


# --8<-- [start:shift]
def shift(images, pixels):
    return F.pad(images, (pixels, 0))[..., :28]


cut_percent = 100 * (1 - shift(images, 6).sum() / images.sum()).item()


def shifted_accuracies(model):
    return [accuracy(model, shift(images[validation], k)) for k in range(7)]


torch.manual_seed(0)
mlp = nn.Sequential(nn.Flatten(), nn.Linear(784, 155), nn.ReLU(), nn.Linear(155, 10))
fit(mlp, epochs=12)
by_mlp, by_cnn = shifted_accuracies(mlp), shifted_accuracies(cnn)
print("MLP", " ".join(f"{a:.2f}" for a in by_mlp))
print("CNN", " ".join(f"{a:.2f}" for a in by_cnn))
# --8<-- [end:shift]

# --8<-- [start:global-max]
torch.manual_seed(0)
head = [nn.AdaptiveMaxPool2d(1), *fully_connected(64)]
anywhere = nn.Sequential(*convolutions()[:-1], *head)
fit(anywhere, epochs=5)
by_anywhere = shifted_accuracies(anywhere)
print("global max", " ".join(f"{a:.2f}" for a in by_anywhere))
fewer = count(cnn) - count(anywhere)
print(count(anywhere), "parameters")
# --8<-- [end:global-max]

# --8<-- [start:draw-shift]
fig, ax = plt.subplots(num="shifted", figsize=(4.6, 3.4))
curves = [(by_anywhere, "C2^-", "global max"), (by_cnn, "C0o-", "CNN"), (by_mlp, "C1s--", "MLP")]
for values, style, label in curves:
    ax.plot([100 * v for v in values], style)
    lowest = values[-1] == min(by_mlp[-1], by_cnn[-1])
    side = "top" if lowest else "bottom"
    ax.text(6.15, 100 * values[-1], label, color=style[:2], va=side)
ax.set(xlabel="pixels shifted to the right", ylabel="accuracy (%)", ylim=(0, 100), xlim=(-0.2, 8.2))
ax.set_xticks(range(7))
plt.show()
# --8<-- [end:draw-shift]
