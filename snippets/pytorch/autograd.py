# --8<-- [start:slide]
import torch

x = torch.tensor(data=[1.0, 2.0], requires_grad=True)
y = x**2 + 5
z = 3 * y

target = torch.tensor([2.0, 3.0])
loss = torch.sum(torch.abs(z - target))
loss.backward()

print(x.grad, y.grad, z.grad)
# --8<-- [end:slide]


# --8<-- [start:requires-grad]
print("        requires_grad  is_leaf  grad_fn")
for name, tensor in (("x", x), ("y", y), ("z", z), ("target", target), ("loss", loss)):
    grad_fn = tensor.grad_fn.name() if tensor.grad_fn else None
    print(f"{name:6}  {tensor.requires_grad!s:13}  {tensor.is_leaf!s:7}  {grad_fn}")
# --8<-- [end:requires-grad]


# --8<-- [start:integers]
try:
    torch.tensor([1, 2], requires_grad=True)
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:integers]


# --8<-- [start:follow]
node = z.grad_fn
print(node.name())
while node.next_functions:
    node = node.next_functions[0][0]
    print(node.name())
# --8<-- [end:follow]


# --8<-- [start:graph-tools]
def children(node):
    return [child for child, _ in node.next_functions if child is not None]


def depth(node):
    return max((1 + depth(child) for child in children(node)), default=0)


def rows_of(root):
    rows, todo = {}, [root]
    while todo:
        node = todo.pop(0)
        row = rows.setdefault(depth(node), [])
        if node not in row:
            row.append(node)
            todo += children(node)
    return rows


rows = rows_of(z.grad_fn)
# --8<-- [end:graph-tools]


# --8<-- [start:draw-graph]
import matplotlib.pyplot as plt


def draw_graph(ax, root, names):
    rows = rows_of(root)
    place = {node: ((i + 1) / (len(row) + 1), level) for level, row in rows.items() for i, node in enumerate(row)}
    for node, here in place.items():
        leaf = hasattr(node, "variable")
        color = "C2" if leaf else "C0"
        text = f"{'x' if leaf else names.get(node, '(no name)')}\n{node.name().split('::')[-1]}"
        box = {"boxstyle": "round,pad=0.4", "facecolor": "none", "edgecolor": color, "linewidth": 2}
        ax.text(*here, text, ha="center", va="center", color=color, bbox=box)
        for child in children(node):
            arrow = {"arrowstyle": "-|>", "color": "C5", "linewidth": 2, "shrinkA": 24, "shrinkB": 24}
            ax.annotate("", place[child], here, arrowprops=arrow)
    ax.set(xlim=(0, 1), ylim=(-0.5, max(rows) + 0.5))
    ax.axis("off")


fig, ax = plt.subplots(num="graph", figsize=(4.6, 4.6))
draw_graph(ax, z.grad_fn, {z.grad_fn: "z = 3 * y", y.grad_fn: "y = x**2 + 5"})
plt.show()
# --8<-- [end:draw-graph]


# --8<-- [start:all-steps]
x = torch.tensor([1.0, 2.0], requires_grad=True)
square = x**2
y = square + 5
z = 3 * y
difference = z - target
distance = difference.abs()
loss = distance.sum()

steps = {"x": x, "square": square, "y": y, "z": z, "difference": difference, "distance": distance, "loss": loss}
for tensor in steps.values():
    tensor.retain_grad()
loss.backward()
for name, tensor in steps.items():
    print(f"{name:10} {tensor.int().tolist()!s:8} {tensor.grad.int().tolist()}")
# --8<-- [end:all-steps]


# --8<-- [start:forward-backward]
fig, ax = plt.subplots(num="forward-backward", figsize=(4.6, 6))
slopes = ("× 2x", "× 1", "× 3", "× 1", "× sign", "× 1")
frame = {"boxstyle": "round", "facecolor": "none", "edgecolor": "C5"}
for row, (name, tensor) in enumerate(steps.items()):
    ax.text(0.5, -row, name, ha="center", va="center", bbox=frame)
    ax.text(0.15, -row, str(tensor.int().tolist()), ha="center", va="center", color="C0")
    ax.text(0.85, -row, str(tensor.grad.int().tolist()), ha="center", va="center", color="C1")
    if tensor.grad_fn:
        ax.annotate("", (0.15, 0.3 - row), (0.15, 0.7 - row), arrowprops={"arrowstyle": "-|>", "color": "C0"})
        ax.annotate("", (0.85, 0.7 - row), (0.85, 0.3 - row), arrowprops={"arrowstyle": "-|>", "color": "C1"})
        ax.text(0.82, 0.5 - row, slopes[row - 1], ha="right", va="center", color="C1")
        ax.text(0.5, 0.5 - row, tensor.grad_fn.name(), ha="center", va="center", color="C5")
ax.text(0.15, 0.7, "value", ha="center", color="C0", weight="bold")
ax.text(0.85, 0.7, ".grad", ha="center", color="C1", weight="bold")
ax.set(xlim=(0, 1), ylim=(-6.4, 1.1))
ax.axis("off")
plt.show()
# --8<-- [end:forward-backward]


# --8<-- [start:other-target]
def gradient_of_loss(target):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    z = 3 * (x**2 + 5)
    loss = torch.sum(torch.abs(z - torch.tensor(target)))
    loss.backward()
    return x.grad.tolist()


print("target [2, 3]:  ", gradient_of_loss([2.0, 3.0]))
print("target [20, 20]:", gradient_of_loss([20.0, 20.0]))
# --8<-- [end:other-target]


# --8<-- [start:plot-target]
fig, (top, bottom) = plt.subplots(2, num="target", figsize=(4.6, 5.6), sharex=True)
for aim, color, line, mark, height in ((3.0, "C0", "-", "-", 15), (27.0, "C1", "--", ".", 4)):
    xs = torch.linspace(-3, 3, 80, requires_grad=True)  # (80,)
    losses = torch.abs(3 * (xs**2 + 5) - aim)  # (80,)
    losses.sum().backward()
    top.plot(xs.detach(), losses.detach(), line, color=color)
    top.text(0, height, f"target {aim:.0f}", color=color, ha="center")
    bottom.plot(xs.detach(), xs.grad, mark, color=color)
top.set(ylabel="loss = |z − target|")
bottom.set(xlabel="x", ylabel="x.grad", yticks=[-12, -6, 0, 6, 12])
bottom.grid()
plt.show()
# --8<-- [end:plot-target]


# --8<-- [start:vector]
x = torch.tensor([1.0, 2.0], requires_grad=True)
z = 3 * (x**2 + 5)
try:
    z.backward()
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")

z.sum().backward()
print(x.grad)
# --8<-- [end:vector]


# --8<-- [start:two-paths]
x = torch.tensor(2.0, requires_grad=True)
p = x**2
q = 3 * x
r = p * q
p.retain_grad()
q.retain_grad()
r.backward()

through_p, through_q = p.grad * 2 * x, q.grad * 3
print(f"through p {through_p:.0f}, q {through_q:.0f}, x.grad {x.grad:.0f}")
# --8<-- [end:two-paths]


# --8<-- [start:draw-two-paths]
fig, ax = plt.subplots(num="two-paths", figsize=(4.6, 3.6))
draw_graph(ax, r.grad_fn, {r.grad_fn: "r = p * q", p.grad_fn: "p = x**2", q.grad_fn: "q = 3 * x"})
ax.text(0.33, 0.42, f"{through_p:.0f}", ha="right", color="C1", weight="bold")
ax.text(0.67, 0.42, f"{through_q:.0f}", ha="left", color="C1", weight="bold")
ax.text(0.72, 0, f"x.grad = {x.grad:.0f}", va="center", color="C1", weight="bold")
plt.show()
# --8<-- [end:draw-two-paths]


# --8<-- [start:accumulate]
x = torch.tensor([1.0, 2.0], requires_grad=True)
for step in range(3):
    z = 3 * (x**2 + 5)
    z.sum().backward()
    print(x.grad)
# --8<-- [end:accumulate]


# --8<-- [start:zero-grad]
optimizer = torch.optim.SGD([x], lr=0.01)
optimizer.zero_grad()
print(x.grad)

z = 3 * (x**2 + 5)
z.sum().backward()
print(x.grad)
# --8<-- [end:zero-grad]


# --8<-- [start:backward-twice]
z_sum = (3 * (x**2 + 5)).sum()
z_sum.backward()
try:
    z_sum.backward()
except RuntimeError as error:
    print(f"{type(error).__name__}: {str(error).split(' (or')[0]} ...")
# --8<-- [end:backward-twice]


# --8<-- [start:saved]
z_sum = (3 * (x**2 + 5)).sum()
power = z_sum.grad_fn
while power.name() != "PowBackward0":
    power = power.next_functions[0][0]
print("kept:", power._saved_self, power._saved_exponent)
z_sum.backward()
try:
    print(power._saved_self)
except RuntimeError:
    print("after backward(): gone")
# --8<-- [end:saved]


# --8<-- [start:own-autograd]
class Number:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = value, parents, 0.0

    def __add__(self, other):
        return Number(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return Number(self.value * other.value, [(self, other.value), (other, self.value)])

    def backward(self, gradient=1.0):
        self.grad += gradient
        for parent, slope in self.parents:
            parent.backward(gradient * slope)


own_x = Number(2.0)
# --8<-- [end:own-autograd]


# --8<-- [start:use-own-autograd]
own_z = Number(3.0) * (own_x * own_x + Number(5.0))
own_z.backward()
print(own_z.value, own_x.grad)
# --8<-- [end:use-own-autograd]


# --8<-- [start:no-grad]
x = torch.tensor([1.0, 2.0], requires_grad=True)
with torch.no_grad():
    z = 3 * (x**2 + 5)
print(z, z.requires_grad)
# --8<-- [end:no-grad]


# --8<-- [start:in-place]
z = 3 * (x**2 + 5)
z.sum().backward()
try:
    x -= 0.1 * x.grad
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")

with torch.no_grad():
    x -= 0.1 * x.grad
print(x)
# --8<-- [end:in-place]


# --8<-- [start:cut]
with torch.no_grad():
    z = 3 * (x**2 + 5)
try:
    z.sum().backward()
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:cut]


# --8<-- [start:detach]
x = torch.tensor(3.0, requires_grad=True)
(x * x).backward()
print("x * x:         ", x.grad)

x.grad = None
(x.detach() * x).backward()
print("x.detach() * x:", x.grad)
# --8<-- [end:detach]


# --8<-- [start:numpy]
try:
    x.numpy()
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")

print(x.detach().numpy())
# --8<-- [end:numpy]


# --8<-- [start:finite-differences]
def finite_differences(f, x, h=1e-5):
    slopes = torch.zeros_like(x)
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = h
        slopes[i] = (f(x + step) - f(x - step)) / (2 * h)
    return slopes


x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
# --8<-- [end:finite-differences]


# --8<-- [start:gradient-check]
def slide_loss(x):
    return torch.sum(torch.abs(3 * (x**2 + 5) - target))


slide_loss(x).backward()
by_hand = 6 * x.detach()
measured = finite_differences(slide_loss, x.detach())

print("by hand ", by_hand.tolist())
print("autograd", x.grad.tolist())
print("measured", [round(slope, 6) for slope in measured.tolist()])
largest = max((x.grad - by_hand).abs().max(), (x.grad - measured).abs().max()).item()
print("all within 1e-6:", largest < 1e-6)
# --8<-- [end:gradient-check]


# --8<-- [start:check-catches]
def forgotten_detach(x):
    p = (x**2).detach()
    q = 3 * x
    return torch.sum(p * q)


x.grad = None
forgotten_detach(x).backward()
measured = finite_differences(forgotten_detach, x.detach())
print("autograd", x.grad.tolist())
print("measured", [round(slope, 6) for slope in measured.tolist()])
# --8<-- [end:check-catches]
