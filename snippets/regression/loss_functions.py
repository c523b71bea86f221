# --8<-- [start:errors]
predictions = [-8, 7, 17]
targets = [-9, 8, 13]
errors = [p - t for p, t in zip(predictions, targets)]
print(errors, sum(errors))
# --8<-- [end:errors]

# --8<-- [start:mse]
import torch
from torch import nn

prediction = torch.tensor([[-8.0], [7.0], [17.0]])  # (3, 1)
target = torch.tensor([[-9.0], [8.0], [13.0]])  # (3, 1)

mse = sum(e**2 for e in errors) / len(errors)
print(mse, nn.MSELoss()(prediction, target).item())
# --8<-- [end:mse]

# --8<-- [start:no-object]
try:
    nn.MSELoss(prediction, target)
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:no-object]

# --8<-- [start:l1]
l1 = sum(abs(e) for e in errors) / len(errors)
print(l1, nn.L1Loss()(prediction, target).item())
# --8<-- [end:l1]


# --8<-- [start:huber]
def huber(e, delta):
    if abs(e) < delta:
        return e**2 / 2
    return delta * (abs(e) - delta / 2)


for delta in (1, 2, 10):
    by_hand = sum(huber(e, delta) for e in errors) / len(errors)
    loss = nn.HuberLoss(delta=delta)(prediction, target)
    print(f"delta {delta:2}  {by_hand:.3f}  {loss:.3f}")
# --8<-- [end:huber]

# --8<-- [start:plot-losses]
import matplotlib.pyplot as plt

e = torch.linspace(-4, 4, 161)  # (161,)
huber_e = torch.where(e.abs() < 1, e**2 / 2, e.abs() - 1 / 2)  # (161,)
jump = torch.where(e.abs() < 0.01, torch.nan, e.sign())  # (161,)
curves = (
    ("MSE", e**2, 2 * e, "C4", "--", (2.3, 7, "right")),
    ("L1", e.abs(), jump, "C1", "-.", (4.1, 4.1, "left")),
    ("Huber", huber_e, e.clamp(-1, 1), "C0", "-", (4.1, 3.3, "left")),
)
fig, (top, bottom) = plt.subplots(2, num="losses-and-slopes", figsize=(4.6, 6.6), sharex=True)
for name, loss, slope, color, style, (left, height, side) in curves:
    top.plot(e, loss, style, color=color)
    bottom.plot(e, slope, style, color=color)
    top.text(left, height, name, color=color, ha=side, va="center")
for ax in (top, bottom):
    ax.axvspan(-1, 1, color="C5", alpha=0.15, linewidth=0)
bottom.text(1.3, 3.2, "MSE", color="C4", ha="right")
bottom.text(4.1, 1.25, "L1", color="C1", va="center")
bottom.text(4.1, 0.6, "Huber", color="C0", va="center")
bottom.text(0, -3.7, "|e| < δ", ha="center")
top.set(ylabel="loss of one point", ylim=(-0.3, 8), xlim=(-4, 4))
bottom.set(xlabel="error e = ŷ − y", ylabel="slope of that loss", ylim=(-4, 4))
plt.show()
# --8<-- [end:plot-losses]

# --8<-- [start:reduction]
print(nn.MSELoss(reduction="none")(prediction, target).tolist())
print(nn.MSELoss(reduction="sum")(prediction, target).item())
print(nn.MSELoss(reduction="mean")(prediction, target).item())
# --8<-- [end:reduction]

# --8<-- [start:one-number]
numbers = torch.tensor([1.0, 2.0, 3.0, 4.0, 15.0])  # (5,)
c = torch.linspace(0, 16, 161)  # (161,)
difference = c.reshape(161, 1) - numbers  # (161, 5)
mse_c = (difference**2).mean(dim=1)  # (161,)
l1_c = difference.abs().mean(dim=1)  # (161,)

best_mse, best_l1 = c[mse_c.argmin()].item(), c[l1_c.argmin()].item()
print(f"MSE is lowest at {best_mse:.1f}, mean   {numbers.mean():.1f}")
print(f"L1  is lowest at {best_l1:.1f}, median {numbers.median():.1f}")
# --8<-- [end:one-number]

# --8<-- [start:plot-one-number]
fig, axes = plt.subplots(2, num="mean-and-median", figsize=(4.6, 5.6), sharex=True)
for ax, loss, color, name in zip(axes, (mse_c, l1_c), ("C4", "C1"), ("MSE", "L1")):
    best = loss.argmin()
    ax.plot(c, loss, color=color)
    ax.plot([c[best]] * 2, [0, loss[best]], ":", color=color)
    ax.plot(c[best], loss[best], "o", color=color, markersize=9)
    ax.plot(numbers, [0] * 5, "^", color="C5", markersize=8, clip_on=False)
    ax.set(ylabel=name, ylim=(0, None), xlim=(0, 16), xticks=(0, 3, 5, 10, 15))
axes[0].set_title("lowest at the mean, 5")
axes[1].set_title("lowest at the median, 3")
axes[1].set_xlabel("c")
plt.show()
# --8<-- [end:plot-one-number]

# --8<-- [start:outlier]
from torch.nn import init

torch.manual_seed(0)
x = init.uniform_(torch.empty(500, 1), -10, 10)  # (500, 1)
y = 5 * x + 2 + init.normal_(torch.empty(500, 1), std=1)  # (500, 1)

x20, y20 = x[:20].flatten(), y[:20].flatten()
wrong = y20.clone()
wrong[7] = -wrong[7]
print(f"x {x20[7]:.2f}  y {y20[7]:.2f}  written as {wrong[7]:.2f}")
# --8<-- [end:outlier]


# --8<-- [start:best-line]
def surface(loss_fn, x, y, ws, bs):
    prediction = ws.reshape(-1, 1, 1) * x + bs.reshape(-1, 1)
    return loss_fn(prediction, y.expand_as(prediction)).mean(dim=-1)


def best_line(loss_fn, x, y, ws, bs):
    lowest = surface(loss_fn, x, y, ws, bs).argmin().item()
    return ws[lowest // len(bs)].item(), bs[lowest % len(bs)].item()


losses = {
    "MSE": nn.MSELoss(reduction="none"),
    "L1": nn.L1Loss(reduction="none"),
    "Huber": nn.HuberLoss(reduction="none", delta=1),
}
# --8<-- [end:best-line]

# --8<-- [start:pulled]
ws, bs = torch.linspace(3, 6, 301), torch.linspace(-6, 4, 501)
lines = {}
print("        20 points       one of them wrong")
for name, loss_fn in losses.items():
    w, b = best_line(loss_fn, x20, y20, ws, bs)
    w_wrong, b_wrong = lines[name] = best_line(loss_fn, x20, wrong, ws, bs)
    print(f"{name:6}  w {w:.2f} b {b:.2f}  w {w_wrong:.2f} b {b_wrong:5.2f}")
# --8<-- [end:pulled]

# --8<-- [start:plot-outlier]
fig, ax = plt.subplots(num="outlier", figsize=(4.6, 4.4))
ax.plot(x20, wrong, "o", color="C5", markersize=5)
ax.plot(x20[7], y20[7], "o", color="C5", markersize=6, markerfacecolor="none")
arrow = {"arrowstyle": "->", "color": "C5", "linestyle": ":"}
ax.annotate("", (x20[7], wrong[7] + 4), (x20[7], y20[7] - 3), arrowprops=arrow)
ax.plot(x20[7], wrong[7], "o", color="C4", markersize=13, markerfacecolor="none", markeredgewidth=2)
styles = {"MSE": ("C4", "--", 2, 0), "L1": ("C1", "-.", 3, 3), "Huber": ("C0", "-", 2, -5)}
for name, (w, b) in lines.items():
    color, style, layer, lift = styles[name]
    ax.axline((0, b), slope=w, color=color, linestyle=style, zorder=layer)
    ax.text(10.4, 10 * w + b + lift, name, color=color, va="center")
ax.set(xlabel="x", ylabel="y", xlim=(-10, 10), ylim=(-55, 58))
plt.show()
# --8<-- [end:plot-outlier]

# --8<-- [start:plot-pull]
wide_w, wide_b = torch.linspace(0, 6, 301), torch.linspace(-20, 4, 241)
moves = list(range(0, 241, 20))
fig, ax = plt.subplots(num="pull", figsize=(4.6, 3.6))
for name, loss_fn in losses.items():
    slopes = []
    for move in moves:
        moved = y20.clone()
        moved[7] -= move
        slopes.append(best_line(loss_fn, x20, moved, wide_w, wide_b)[0])
    color, style, layer, lift = styles[name]
    ax.plot(moves, slopes, style, color=color, zorder=layer)
    ax.text(244, slopes[-1] + lift / 15, name, color=color, va="center")
ax.set(xlabel="one of 20 points moved down by", ylabel="best w", xlim=(0, 240), ylim=(0, 5.5))
plt.show()
# --8<-- [end:plot-pull]

# --8<-- [start:every-pair]
first, second = torch.triu_indices(20, 20, offset=1)
slope = (wrong[second] - wrong[first]) / (x20[second] - x20[first])  # (190,)
height = wrong[first] - slope * x20[first]  # (190,)
distance = (slope.reshape(190, 1) * x20 + height.reshape(190, 1) - wrong).abs()  # (190, 20)
best = distance.mean(dim=1).argmin()
print(f"w {slope[best]:.3f}  b {height[best]:.3f}")
# --8<-- [end:every-pair]

# --8<-- [start:all-points]
ws, bs = torch.linspace(4.9, 5.1, 41), torch.linspace(1.7, 2.2, 101)
wrong = y.flatten().clone()
wrong[7] = -wrong[7]
print("        500 points      one of them wrong")
for name, loss_fn in losses.items():
    w, b = best_line(loss_fn, x.flatten(), y.flatten(), ws, bs)
    w_wrong, b_wrong = best_line(loss_fn, x.flatten(), wrong, ws, bs)
    print(f"{name:6}  w {w:.2f} b {b:.2f}  w {w_wrong:.2f} b {b_wrong:5.2f}")
# --8<-- [end:all-points]

# --8<-- [start:plot-surface]
ws, bs = torch.linspace(2, 8, 25), torch.linspace(-18, 22, 25)
fig, axes = plt.subplots(2, num="loss-surface", figsize=(4.6, 7.6), sharex=True)
for ax, name, step in zip(axes, ("MSE", "L1"), (60, 2.5)):
    loss = surface(losses[name], x.flatten(), y.flatten(), ws, bs)  # (25, 25)
    levels = [step * k for k in range(9)]
    ax.contourf(ws, bs, loss.T, levels=levels, cmap="viridis", extend="max")
    rings = ax.contour(ws, bs, loss.T, levels=levels[2:8:2], colors="white", linewidths=1)
    ax.clabel(rings, levels[2:6:2], fmt="%g", colors="white")
    ax.plot(5, 2, "*", color="white", markersize=11)
    ax.set(title=name, ylabel="b")
axes[1].set_xlabel("w")
plt.show()
# --8<-- [end:plot-surface]

# --8<-- [start:units]
print("                     m        cm")
for name, in_m, in_cm in (
    ("MSE", nn.MSELoss(), nn.MSELoss()),
    ("L1", nn.L1Loss(), nn.L1Loss()),
    ("Huber, same delta", nn.HuberLoss(delta=1), nn.HuberLoss(delta=1)),
    ("Huber, delta x 100", nn.HuberLoss(delta=1), nn.HuberLoss(delta=100)),
):
    loss_m = in_m(prediction, target)
    loss_cm = in_cm(100 * prediction, 100 * target)
    print(f"{name:18} {loss_m:.1f}  {loss_cm:8.1f}")
# --8<-- [end:units]

# --8<-- [start:rmse]
rmse = mse**0.5
print(f"MSE {mse:.3f}  RMSE {rmse:.3f}  MAE {l1:.3f}")
# --8<-- [end:rmse]

# --8<-- [start:rmse-at-zero]
output = torch.tensor([1.0, 2.0], requires_grad=True)
loss = nn.MSELoss()(output, torch.tensor([1.0, 2.0])).sqrt()
loss.backward()
print(loss.item(), output.grad.tolist())
# --8<-- [end:rmse-at-zero]

# --8<-- [start:shapes]
output = torch.tensor([[1.0], [2.0], [3.0], [4.0]])  # (4, 1)
label = torch.tensor([1.0, 2.0, 3.0, 4.0])  # (4,)
print(nn.MSELoss()(output, label).item())
# --8<-- [end:shapes]

# --8<-- [start:by-hand-shapes]
squares = (output - label) ** 2  # (4, 4)
print(squares.mean().item())

same_shape = ((5 * x + 2 - y) ** 2).mean().item()
other_shape = ((5 * x + 2 - y.flatten()) ** 2).mean().item()
print(f"(500, 1) with (500, 1): {same_shape:.2f}")
print(f"(500, 1) with (500,):   {other_shape:.0f}")
# --8<-- [end:by-hand-shapes]

# --8<-- [start:mended-shapes]
print(nn.MSELoss()(output, label.reshape(-1, 1)).item())
# --8<-- [end:mended-shapes]

# --8<-- [start:plot-shapes]
fig, ax = plt.subplots(num="shapes", figsize=(4.6, 4))
ax.imshow(squares.numpy(), cmap="viridis", vmin=-1, vmax=12)
for row in range(4):
    for column in range(4):
        color = "#111111" if squares[row, column] > 8 else "white"
        ax.text(column, row, f"{squares[row, column]:.0f}", ha="center", va="center", color=color, fontsize=16)
    ax.add_patch(plt.Rectangle((row - 0.46, row - 0.46), 0.92, 0.92, fill=False, edgecolor="white", linewidth=2.5))
ax.set(xlabel="target (4,)", ylabel="output (4, 1)", xticks=range(4), yticks=range(4))
ax.set_xticklabels(["1", "2", "3", "4"])
ax.set_yticklabels(["1", "2", "3", "4"])
plt.show()
# --8<-- [end:plot-shapes]
