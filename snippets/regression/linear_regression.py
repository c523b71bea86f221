# --8<-- [start:line]
def line(w, b, x):
    return w * x + b


print(line(5, 2, 0), line(5, 2, 1), line(5, 2, 2))
# --8<-- [end:line]

# --8<-- [start:plot-w-and-b]
import matplotlib.pyplot as plt

fig, axes = plt.subplots(2, num="w-and-b", figsize=(4.6, 6.2), sharex=True, sharey=True)
styles = (("C3", ":"), ("C0", "-"), ("C1", "--"))
for ax, lines in zip(axes, (((-1, 2), (1, 2), (3, 2)), ((1, -3), (1, 2), (1, 7)))):
    for (w, b), (color, style) in zip(lines, styles):
        ax.axline((0, b), slope=w, color=color, linestyle=style)
        ax.plot(0, b, "o", color="black", markersize=6)
        ax.text(4.2, line(w, b, 4), f"w = {w}, b = {b}", color=color, va="center")
    ax.axvline(0, color="C5", linewidth=0.8)
    ax.set(xlim=(-4, 4), ylim=(-8, 15), ylabel="y", xticks=(-4, -2, 0, 2, 4))
axes[0].set_title("w changes, b = 2")
axes[1].set_title("b changes, w = 1")
axes[1].set_xlabel("x")
plt.show()
# --8<-- [end:plot-w-and-b]

# --8<-- [start:nn-linear]
import torch
from torch import nn
from torch.nn import init

model = nn.Linear(1, 1)
init.constant_(model.weight, 5.0)
init.constant_(model.bias, 2.0)
print(model(torch.tensor([[0.0], [1.0], [2.0]])).tolist())

no_bias = nn.Linear(1, 1, bias=False)
print(no_bias.bias, no_bias(torch.tensor([[0.0]])).item())
# --8<-- [end:nn-linear]

# --8<-- [start:data]
torch.manual_seed(0)
x = init.uniform_(torch.empty(500, 1), -10, 10)  # (500, 1)
noise = init.normal_(torch.empty(500, 1), std=1)  # (500, 1)
y = 5 * x + 2 + noise  # (500, 1)
# --8<-- [end:data]

# --8<-- [start:rows]
print("     x  5x + 2  noise       y")
for i in (1, 2, 3):
    row = (x[i].item(), 5 * x[i].item() + 2, noise[i].item(), y[i].item())
    print("{:6.2f} {:7.2f} {:6.2f} {:7.2f}".format(*row))

within_one = (noise.abs() < 1).sum().item()
# --8<-- [end:rows]

# --8<-- [start:slide-data]
torch.manual_seed(0)
slide_x = init.uniform(torch.Tensor(500, 1), -10, 10)
slide_noise = init.normal_(torch.FloatTensor(500, 1), std=1)
print(torch.equal(slide_x, x), torch.equal(slide_noise, noise))
# --8<-- [end:slide-data]

# --8<-- [start:parentheses-or-brackets]
print(torch.Tensor(500, 1).shape)
print(torch.Tensor([500, 1]))
# --8<-- [end:parentheses-or-brackets]

# --8<-- [start:three-residuals]
x3 = torch.tensor([[0.0], [1.0], [2.0]])  # (3, 1)
y3 = torch.tensor([[3.0], [6.0], [14.0]])  # (3, 1)

prediction = line(5, 2, x3)  # (3, 1)
residual = y3 - prediction  # (3, 1)
print(residual.tolist())
# --8<-- [end:three-residuals]

# --8<-- [start:plot-residuals]
near = ((x > -1) & (x < 1)).flatten()  # (500,)
x_near, y_near = x[near][:20].flatten(), y[near][:20].flatten()
y_line = line(5, 2, x_near)  # (20,)

fig, ax = plt.subplots(num="residuals", figsize=(4.6, 4.2))
ax.axline((0, 2), slope=5, color="C0")
ax.vlines(x_near, y_line, y_near, color="C4", linewidth=1.5)
ax.plot(x_near, y_near, "o", color="C5", markersize=5)
ax.text(-0.25, 3.4, "y − ŷ > 0", color="C4", ha="right", va="center")
ax.text(-0.3, -2.2, "y − ŷ < 0", color="C4", va="center")
ax.text(1.05, 7, "5x + 2", color="C0", va="center")
ax.set(xlabel="x", ylabel="y", xlim=(-1, 1), ylim=(-5, 9))
plt.show()
# --8<-- [end:plot-residuals]

# --8<-- [start:plot-patterns]
fig, axes = plt.subplots(3, num="residual-patterns", figsize=(4.6, 7), sharex=True)
for ax, w, b, words in zip(axes, (4, 5, 5), (2, 8, 2), ("w too small", "b too large", "noise only")):
    residual = y - line(w, b, x)  # (500, 1)
    ax.plot(x[:250], residual[:250], "o", color="C5", markersize=3)
    ax.axhline(0, color="C0")
    ax.set(ylabel="y − (wx + b)", title=f"w = {w}, b = {b}: {words}", ylim=(-13, 13))
axes[2].set_xlabel("x")
plt.show()
# --8<-- [end:plot-patterns]

# --8<-- [start:mean-residual]
mean_x, mean_y = x.mean(), y.mean()
for w in (5, 0, -5):
    residual = y - (mean_y + w * (x - mean_x))  # (500, 1)
    print(f"w = {w:2}  mean {residual.mean().abs():.3f}  largest {residual.abs().max():.3g}")
# --8<-- [end:mean-residual]

# --8<-- [start:slopes]
rise = y3[1:] - y3[:-1]  # (2, 1)
run = x3[1:] - x3[:-1]  # (2, 1)
print((rise / run).tolist())
# --8<-- [end:slopes]


# --8<-- [start:exact-line]
def line_through(i, j):
    w = (y[j] - y[i]) / (x[j] - x[i])
    b = y[i] - w * x[i]
    return w.item(), b.item()


exact_w, exact_b = line_through(9, 284)
for w, b in ((exact_w, exact_b), (5, 2)):
    distance = (y - line(w, b, x)).abs()  # (500, 1)
    hits = (distance < 0.0001).sum().item()
    print(f"w {w:5.2f}  b {b:4.2f}  hits {hits}  largest {distance.max():.3g}")
# --8<-- [end:exact-line]

# --8<-- [start:plot-exact]
fig, ax = plt.subplots(num="two-or-none", figsize=(4.6, 4))
ax.plot(x, y, ".", color="C5", markersize=5)
ax.axline((0, exact_b), slope=exact_w, color="C4", linestyle="--")
ax.axline((0, 2), slope=5, color="C0")
ax.plot(x[[9, 284]], y[[9, 284]], "o", color="C4", markersize=12, markerfacecolor="none", markeredgewidth=2)
ax.text(6.15, line(exact_w, exact_b, 6), "hits 2", color="C4", va="center")
ax.text(6.15, 32, "hits 0", color="C0", va="center")
ax.set(xlabel="x", ylabel="y", xlim=(-2, 6), ylim=(-12, 36))
plt.show()
# --8<-- [end:plot-exact]

# --8<-- [start:every-pair]
first, second = torch.triu_indices(500, 500, offset=1)
slopes = (y[second] - y[first]) / (x[second] - x[first])  # (124750, 1)
falling = (slopes < 0).sum().item()
print(f"lines {len(slopes)}, falling {falling}")
print(f"slopes from {slopes.min():.3g} to {slopes.max():.3g}")
# --8<-- [end:every-pair]

# --8<-- [start:zigzag]
import numpy as np

new_x = init.uniform_(torch.empty(500), -10, 10)  # (500,)
new_y = 5 * new_x + 2 + init.normal_(torch.empty(500))  # (500,)

order = x.flatten().argsort()  # (500,)
zigzag = torch.tensor(np.interp(new_x, x.flatten()[order], y.flatten()[order]))  # (500,)
zigzag_miss = (new_y - zigzag).abs().mean().item()
line_miss = (new_y - line(5, 2, new_x)).abs().mean().item()
print(f"zigzag {zigzag_miss:.3f}, line {line_miss:.3f}")
# --8<-- [end:zigzag]

# --8<-- [start:multiple]
features = torch.tensor([[2.0, 8.0], [5.0, 6.0], [4.0, 7.0]])  # (3, 2)
weight = torch.tensor([[8.0], [3.0]])  # (2, 1)
bias = 10
print((features @ weight + bias).tolist())
# --8<-- [end:multiple]

# --8<-- [start:plot-plane]
hours, sleep = 6 * torch.rand(25), 4 + 5 * torch.rand(25)
plane = 8 * hours + 3 * sleep + 10  # (25,)
score = plane + 8 * torch.randn(25)  # (25,)

fig, ax = plt.subplots(num="plane", figsize=(4.6, 4.2), subplot_kw={"projection": "3d"})
corner_1, corner_2 = np.meshgrid([0, 6], [4, 9])
ax.plot_surface(corner_1, corner_2, 8 * corner_1 + 3 * corner_2 + 10, color="C0", alpha=0.35, shade=False)
for x1, x2, low, high in zip(hours, sleep, plane, score):
    ax.plot([x1, x1], [x2, x2], [low, high], color="C4", linewidth=1.5)
ax.plot(hours, sleep, score, "o", color="C5", markersize=4)
for axis, label in ((ax.xaxis, "x₁ (study)"), (ax.yaxis, "x₂ (sleep)"), (ax.zaxis, "y (score)")):
    axis.set_pane_color((0, 0, 0, 0))
    axis.set_label_text(label)
ax.set_box_aspect(None, zoom=0.9)
plt.show()
# --8<-- [end:plot-plane]
