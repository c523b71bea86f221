# --8<-- [start:curve]
def f(x):
    return 3 * x**2 + 15


print(f(1), f(2), f(3))
# --8<-- [end:curve]


# --8<-- [start:plot-zoom]
import matplotlib.pyplot as plt
import torch

fig, axes = plt.subplots(1, 3, num="zoom", figsize=(5, 2.6))
for ax, half, zoom in zip(axes, (2, 0.2, 0.02), ("× 1", "× 10", "× 100")):
    x = torch.linspace(2 - half, 2 + half, 50)  # (50,)
    ax.plot(x, 27 + 12 * (x - 2), "--", color="C5", linewidth=1.5)
    ax.plot(x, f(x), color="C0")
    ax.plot(2, 27, "o", color="C1", markersize=7)
    ax.set(title=zoom, xticks=[2 - half, 2 + half], yticks=[], xlabel="x")
    ax.get_xticklabels()[0].set_ha("left")
    ax.get_xticklabels()[1].set_ha("right")
axes[0].set_ylabel("z")
plt.show()
# --8<-- [end:plot-zoom]


# --8<-- [start:finite-difference]
def slope(f, x, h):
    return (f(x + h) - f(x)) / h


for h in (1, 0.1, 0.01):
    print(f"h = {h:<4}  slope {slope(f, 2, h):.4g}")
# --8<-- [end:finite-difference]


# --8<-- [start:derivative]
for x in (-2, -1, 0, 1, 2):
    print(f"x = {x:2}  measured {slope(f, x, h=1e-6):7.3f}  6x = {6 * x:3}")
# --8<-- [end:derivative]


# --8<-- [start:plot-slope-curve]
xs = torch.linspace(-3, 3, 61)  # (61,)
fig, (top, bottom) = plt.subplots(2, num="slope-curve", figsize=(4.6, 5.4), sharex=True)
top.plot(xs, f(xs), color="C0")
bottom.plot(xs, 6 * xs, color="C5", linewidth=1.5)
for x in (-2, -1, 0, 1, 2):
    measured = slope(f, x, h=1e-6)
    ends = torch.tensor([x - 0.35, x + 0.35])  # (2,)
    top.plot(ends, f(x) + measured * (ends - x), color="C1", linewidth=4)
    bottom.plot(x, measured, "o", color="C1", markersize=8)
    bottom.text(x - 0.15, measured + 1.5, f"{measured:.0f}", color="C1", ha="right")
bottom.text(2.3, 9.5, "6x", color="C5")
top.set(ylabel="z = 3x² + 15", ylim=(8, 44))
bottom.set(xlabel="x", ylabel="slope of z")
bottom.grid()
plt.show()
# --8<-- [end:plot-slope-curve]


# --8<-- [start:kink]
right = slope(abs, 0, h=0.001)
left = slope(abs, 0, h=-0.001)
print(f"right of 0: {right:.4g}, left of 0: {left:.4g}")
# --8<-- [end:kink]


# --8<-- [start:both-sides]
def cube(x):
    return x**3


def slope_both_sides(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


for h in (0.1, 0.01):
    one_side = slope(cube, 2, h) - 12
    both_sides = slope_both_sides(cube, 2, h) - 12
    print(f"h = {h:<4}  errors {one_side:.4f} and {both_sides:.4f}")
# --8<-- [end:both-sides]


# --8<-- [start:too-small]
x32 = torch.tensor(2.0)
x64 = torch.tensor(2.0, dtype=torch.float64)
print("h      float32  float64")
for h in (1e-2, 1e-4, 1e-6, 1e-7, 1e-10, 1e-13, 1e-16):
    print(f"{h:.0e}  {slope(cube, x32, h):<7.4g}  {slope(cube, x64, h):.4g}")

print("2 + 1e-7 is 2 in float32:", (x32 + 1e-7 == x32).item())
# --8<-- [end:too-small]


# --8<-- [start:plot-step-size]
steps = torch.logspace(-16, 0, 97, dtype=torch.float64).tolist()
best = []
fig, ax = plt.subplots(num="step-size", figsize=(4.6, 4.2))
for method, x, color, style, name, place in (
    (slope, x32, "C4", ":", "one side, float32", (1e-11, 150)),
    (slope, x64, "C1", "--", "one side\nfloat64", (1e-13, 1e-5)),
    (slope_both_sides, x64, "C0", "-", "both sides\nfloat64", (5e-3, 1e-9)),
):
    errors = [abs(method(cube, x, h) - 12).item() for h in steps]
    best.append(min(errors))
    ax.plot(steps, errors, style, color=color, linewidth=1.5)
    ax.text(*place, name, color=color, ha="center", va="center")
ax.set(xscale="log", yscale="log", xlabel="h", ylabel="error of the slope", ylim=(1e-12, 1e3))
ax.set_xticks([1e-16, 1e-12, 1e-8, 1e-4, 1])
plt.show()
# --8<-- [end:plot-step-size]


# --8<-- [start:partial]
def g(w, b):
    return w**2 + 2 * w * b + 2 * b**2


w, b, h = 2.0, 1.0, 1e-5
dg_dw = (g(w + h, b) - g(w - h, b)) / (2 * h)
dg_db = (g(w, b + h) - g(w, b - h)) / (2 * h)
print(f"move w, hold b: {dg_dw:.4g}")
print(f"move b, hold w: {dg_db:.4g}")
# --8<-- [end:partial]


# --8<-- [start:plot-slices]
line = torch.linspace(-4, 4, 81)  # (81,)
grid_w, grid_b = torch.meshgrid(line, line, indexing="ij")
fig, (top, middle, bottom) = plt.subplots(3, num="slices", figsize=(4.6, 8.6), height_ratios=(2, 1, 1))
top.contour(grid_w, grid_b, g(grid_w, grid_b), levels=[1, 4, 10, 20, 35, 60], colors="C5", linewidths=1)
top.axhline(1, color="C0", linestyle="-")
top.axvline(2, color="C1", linestyle="--")
top.plot(2, 1, "o", color="black", markersize=8)
top.set(xlabel="w", ylabel="b", aspect="equal", title="g(w, b) from above")
for ax, cut, name, color, style, x, rate in (
    (middle, g(line, 1), "w", "C0", "-", 2, dg_dw),
    (bottom, g(2, line), "b", "C1", "--", 1, dg_db),
):
    ends = torch.tensor([x - 1.2, x + 1.2])  # (2,)
    ax.plot(line, cut, style, color=color)
    ax.plot(ends, 10 + rate * (ends - x), color="black", linewidth=1.5)
    ax.plot(x, 10, "o", color="black", markersize=8)
    ax.set(xlabel=name, ylabel="g", ylim=(-3, 30), title=f"only {name} moves: slope {rate:.0f}")
plt.show()
# --8<-- [end:plot-slices]


# --8<-- [start:steepest]
import math

rates = []
for degrees in range(360):
    dw = h * math.cos(math.radians(degrees))
    db = h * math.sin(math.radians(degrees))
    rates.append((g(w + dw, b + db) - g(w, b)) / h)

steepest = max(rates)
direction = rates.index(steepest)
print(f"steepest: {direction}°, slope {steepest:.2f}")

length = math.hypot(dg_dw, dg_db)
angle = math.degrees(math.atan2(dg_db, dg_dw))
print(f"arrow ({dg_dw:.0f}, {dg_db:.0f}): {angle:.1f}°, length {length:.2f}")
# --8<-- [end:steepest]


# --8<-- [start:plot-steepest]
fig, (top, bottom) = plt.subplots(2, num="steepest", figsize=(4.6, 7.2), height_ratios=(5, 3))
top.contour(grid_w, grid_b, g(grid_w, grid_b), levels=[1, 4, 10, 20, 35, 60], colors="C5", linewidths=1)
places = torch.linspace(-3.3, 3.3, 5)  # (5,)
pw, pb = torch.meshgrid(places, places, indexing="ij")
arrows = {"angles": "xy", "scale_units": "xy"}
top.quiver(pw, pb, 2 * pw + 2 * pb, 2 * pw + 4 * pb, color="C5", scale=17, width=0.006, **arrows)
top.quiver(2, 1, dg_dw, dg_db, color="C1", scale=7, width=0.014, **arrows)
top.quiver(2, 1, -dg_dw, -dg_db, color="C0", scale=7, width=0.014, **arrows)
top.plot(2, 1, "o", color="black", markersize=8)
top.plot(0, 0, "*", color="C2", markersize=13)
top.set(xlabel="w", ylabel="b", aspect="equal", xlim=(-4, 4), ylim=(-4, 4))
bottom.axhline(0, color="C5", linewidth=1)
bottom.plot(rates, color="C3")
for degrees, name, color in (
    (53, "steepest up", "C1"),
    (143, "level", "C5"),
    (233, "steepest down", "C0"),
    (323, "level", "C5"),
):
    bottom.plot(degrees, rates[degrees], "o", color=color, markersize=9)
    bottom.text(degrees, rates[degrees] + (3 if degrees < 180 else -5), name, color=color)
bottom.set(xlabel="direction (degrees)", ylabel="slope that way", xticks=range(0, 361, 90), ylim=(-17, 15))
plt.show()
# --8<-- [end:plot-steepest]


# --8<-- [start:chain]
x, h = 2.0, 1e-6
y, y_moved = x**2 + 5, (x + h) ** 2 + 5
z, z_moved = 3 * y, 3 * y_moved
dy_dx = (y_moved - y) / h
dz_dy = (z_moved - z) / (y_moved - y)
dz_dx = (z_moved - z) / h
print(f"dy/dx {dy_dx:.4g}, dz/dy {dz_dy:.4g}, dz/dx {dz_dx:.4g}")
# --8<-- [end:chain]


# --8<-- [start:plot-chain]
x0, x1 = 2, 2.1
y0, y1 = x0**2 + 5, x1**2 + 5
z0, z1 = 3 * y0, 3 * y1
fig, ax = plt.subplots(num="chain", figsize=(4.6, 2.7))
for height, low, high, color, name in ((2, x0, x1, "C0", "x"), (1, y0, y1, "C1", "y"), (0, z0, z1, "C3", "z")):
    length = high - low
    ax.plot([0, length], [height, height], color=color, linewidth=11, solid_capstyle="butt")
    place = (0, -0.5) if name == "z" else (length + 0.05, height)
    ax.text(*place, f"{name} from {low} to {high:.4g}", color=color, va="center")
for height, above, below in ((1, x1 - x0, y1 - y0), (0, y1 - y0, z1 - z0)):
    ax.plot([0, 0], [height, height + 1], ":", color="C5", linewidth=1.2)
    ax.plot([below, above], [height, height + 1], ":", color="C5", linewidth=1.2)
    ax.text(0.03, height + 0.5, f"× {below / above:.2g}", va="center")
ax.set(xlim=(-0.02, 1.3), ylim=(-0.8, 2.4))
ax.axis("off")
plt.show()
# --8<-- [end:plot-chain]


# --8<-- [start:two-paths]
def r(x):
    p = x**2
    q = 3 * x
    return p * q


print(f"measured {slope_both_sides(r, 2, h=1e-5):.4g}, two paths {6 * 4 + 4 * 3}")
# --8<-- [end:two-paths]


# --8<-- [start:sum]
x = torch.tensor([1.0, 2.0, 3.0])
print("sum of squares", (x**2).sum().item())

moved = x + torch.tensor([0.0, 0.01, 0.0])  # (3,)
change = (moved**2).sum() - (x**2).sum()
print(f"second one moved: slope {change / 0.01:.4g}")
# --8<-- [end:sum]


# --8<-- [start:exp]
def growth(base, x, h=1e-5):
    slope = (base ** (x + h) - base ** (x - h)) / (2 * h)
    return slope / base**x


for base in (2, math.e, 3):
    print(f"base {base:.4g}: {growth(base, 0):.4g} at 0, {growth(base, 2):.4g} at 2")
# --8<-- [end:exp]


# --8<-- [start:log]
p = torch.tensor([1.0, 0.5, 0.1, 0.01])
print("log p  ", [round(value, 3) for value in torch.log(p).tolist()])

sum_of_logs = torch.log(torch.tensor(2.0)) + torch.log(torch.tensor(3.0))
print(f"log 2 + log 3 = {sum_of_logs:.4g}, log 6 = {torch.log(torch.tensor(6.0)):.4g}")
print(f"slope at 4: {slope_both_sides(math.log, 4, h=1e-5):.4g}")
# --8<-- [end:log]


# --8<-- [start:plot-exp-log]
fig, (top, bottom) = plt.subplots(2, num="exp-and-log", figsize=(4.6, 6.4))
xs = torch.linspace(-3, 2, 80)  # (80,)
top.plot(xs, torch.exp(xs), color="C0")
for x in (-1, 0, 1, 1.6):
    height = math.exp(x)
    top.plot([x - 1, x], [0, height], "o-", color="C1", markersize=5, linewidth=1.5)
    top.plot([x, x], [0, height], ":", color="C5", linewidth=1.2)
top.set(xlabel="x", ylabel="exp(x)", ylim=(-0.3, 6))
ys = torch.linspace(0.02, 6, 200)  # (200,)
bottom.plot(ys, torch.log(ys), color="C0")
for x in (0.25, 1, 4):
    bottom.plot(x, math.log(x), "o", color="C1", markersize=7)
    bottom.text(x + 0.2, math.log(x) - 0.55, f"slope {1 / x:g}", color="C1")
bottom.axhline(0, color="C5", linewidth=1)
bottom.set(xlabel="x", ylabel="log(x)", xlim=(-0.2, 6), ylim=(-4, 2.3))
plt.show()
# --8<-- [end:plot-exp-log]


# --8<-- [start:log-of-zero]
print(torch.log(torch.tensor([0.0, -1.0])), torch.exp(torch.tensor(89.0)))
# --8<-- [end:log-of-zero]
