# --8<-- [start:data]
import torch
from sklearn.datasets import make_moons

points, labels = make_moons(300, noise=0.15, random_state=0)
x = torch.tensor(points, dtype=torch.float32)  # (300, 2)
y = torch.tensor(labels)  # (300,)
print(y.dtype, y[:8].tolist(), torch.bincount(y).tolist())
# --8<-- [end:data]

# --8<-- [start:one-hot]
from torch.nn import functional as F

animals = torch.tensor([0, 2, 1])  # (3,)
print(F.one_hot(animals, num_classes=3))
# --8<-- [end:one-hot]

# --8<-- [start:softmax]
import math

logits = [2.0, 1.0, -1.0]
powers = [math.exp(z) for z in logits]
total = sum(powers)
p = [power / total for power in powers]
print([round(power, 3) for power in powers], round(total, 3))
print([round(p_k, 3) for p_k in p], round(sum(p), 3))
# --8<-- [end:softmax]

# --8<-- [start:cross-entropy]
losses = [-math.log(p_k) for p_k in p]
print([round(loss, 3) for loss in losses])
# --8<-- [end:cross-entropy]

# --8<-- [start:same]
from torch import nn

loss_fn = nn.CrossEntropyLoss()
row = torch.tensor([logits])  # (1, 3)
for right in range(3):
    loss = loss_fn(row, torch.tensor([right]))
    print(f"class {right}: by hand {losses[right]:.4f}  PyTorch {loss:.4f}")
# --8<-- [end:same]

# --8<-- [start:no-idea]
for classes in (2, 3, 10):
    loss = loss_fn(torch.zeros(1, classes), torch.tensor([0]))
    print(f"{classes:2} classes: {loss:.4f}  log {classes} = {math.log(classes):.4f}")
# --8<-- [end:no-idea]

# --8<-- [start:gradient]
row = torch.tensor([logits], requires_grad=True)  # (1, 3)
loss_fn(row, torch.tensor([2])).backward()
print("p       ", [round(p_k, 3) for p_k in p])
print("gradient", [round(g, 3) for g in row.grad[0].tolist()])
# --8<-- [end:gradient]

# --8<-- [start:mse-gradient]
two_logits = torch.tensor([[-10.0, 0.0]], requires_grad=True)  # (1, 2)
target = torch.tensor([[1.0, 0.0]])  # (1, 2)

mse = nn.MSELoss()(two_logits.softmax(dim=1), target)
mse.backward()
mse_gradient = two_logits.grad[0, 0].item()

two_logits.grad = None
cross_entropy = loss_fn(two_logits, torch.tensor([0]))
cross_entropy.backward()
ce_gradient = two_logits.grad[0, 0].item()
print(f"MSE           loss {mse:.4f}  gradient {mse_gradient:.2e}")
print(f"cross-entropy loss {cross_entropy:.4f}  gradient {ce_gradient:.2e}")
# --8<-- [end:mse-gradient]


# --8<-- [start:way-back]
def steps_back(slope):
    z, steps = -10.0, 0
    while True:
        p_right = 1 / (1 + math.exp(-z))
        if p_right > 0.9:
            return steps
        z -= slope(p_right)
        steps += 1


ce_steps = steps_back(lambda p: p - 1)
mse_steps = steps_back(lambda p: 2 * (p - 1) * p * (1 - p))
print(f"cross-entropy {ce_steps} steps, MSE {mse_steps} steps")
# --8<-- [end:way-back]

# --8<-- [start:plot-mse]
import matplotlib.pyplot as plt

z = torch.linspace(-8, 8, 161)  # (161,)
right_p = z.sigmoid()  # (161,)
fig, (top, bottom) = plt.subplots(2, num="why-not-mse", figsize=(4.6, 5.6), sharex=True)
top.plot(z, -right_p.log(), color="C0")
top.plot(z, (1 - right_p) ** 2, "--", color="C4")
bottom.plot(z, 1 - right_p, color="C0")
bottom.plot(z, 2 * (1 - right_p) ** 2 * right_p, "--", color="C4")
top.text(-4.6, 5.2, "cross-entropy", color="C0")
top.text(-7.8, 1.3, "MSE", color="C4")
bottom.text(-7.8, 0.88, "cross-entropy", color="C0")
bottom.text(-7.8, 0.06, "MSE", color="C4")
top.set(ylabel="loss")
bottom.set(xlabel="z, right logit − wrong logit", ylabel="size of gradient", xlim=(-8, 8))
plt.show()
# --8<-- [end:plot-mse]

# --8<-- [start:overflow]
big = [1000.0, 1001.0, 1003.0]
try:
    print([math.exp(z) for z in big])
except OverflowError as error:
    print(f"{type(error).__name__}: {error}")

tensor = torch.tensor(big)  # (3,)
print(tensor.exp() / tensor.exp().sum())
# --8<-- [end:overflow]

# --8<-- [start:shift]
small = [z - max(big) for z in big]
total = sum(math.exp(z) for z in small)
print(small, [round(math.exp(z) / total, 4) for z in small])
print(tensor.softmax(dim=0))
# --8<-- [end:shift]

# --8<-- [start:log-sum-exp]
log_sum = max(big) + math.log(total)
by_hand = [log_sum - z for z in big]
print([round(loss, 4) for loss in by_hand])
print(-tensor.log_softmax(dim=0))
# --8<-- [end:log-sum-exp]

# --8<-- [start:predict]
out = torch.tensor([[2.0, 1.0, -1.0], [0.5, 0.1, 0.4], [-3.0, -1.0, -2.0], [0.0, 0.0, 5.0]])  # (4, 3)
truth = torch.tensor([0, 2, 1, 2])  # (4,)
predicted = out.argmax(dim=1)  # (4,)
print(predicted.tolist(), (predicted == truth).tolist())
print((predicted == truth).float().mean().item())
# --8<-- [end:predict]


# --8<-- [start:train]
def accuracy(model, x, y):
    return (model(x).argmax(dim=1) == y).float().mean().item()


def train(model, epochs, watch):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(epochs + 1):
        watch(model, epoch)
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


# --8<-- [end:train]

# --8<-- [start:watch]
import copy

snapshots = {}


def keep(model, epoch):
    if epoch in (0, 10, 30, 100):
        snapshots[epoch] = copy.deepcopy(model)
        print(f"epoch {epoch:3}  loss {loss_fn(model(x), y):.4f}  accuracy {accuracy(model, x, y):.3f}")


torch.manual_seed(0)
mlp = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))
train(mlp, 100, keep)
# --8<-- [end:watch]


# --8<-- [start:plot-boundary]
def draw(ax, model):
    across, up = torch.linspace(-1.7, 2.7, 90), torch.linspace(-1.2, 1.7, 90)
    grid = torch.cartesian_prod(across, up)  # (8100, 2)
    p = model(grid).softmax(dim=1)[:, 1].detach().reshape(90, 90).T  # (90, 90)
    ax.contourf(across, up, p, levels=10, cmap="RdBu_r", vmin=-0.4, vmax=1.4)
    ax.contour(across, up, p, levels=[0.5], colors="#111111", linewidths=2)
    ax.plot(*x[y == 0].T, "o", color="#0b3c6f", markersize=2.5)
    ax.plot(*x[y == 1].T, "^", color="#8a1c12", markersize=3)
    ax.set(xticks=(), yticks=())


fig, axes = plt.subplots(2, 2, num="boundary", figsize=(5, 4.4))
for ax, (epoch, model) in zip(axes.flat, snapshots.items()):
    draw(ax, model)
    ax.set_title(f"epoch {epoch}")
plt.show()
# --8<-- [end:plot-boundary]

# --8<-- [start:linear]
torch.manual_seed(0)
linear = train(nn.Linear(2, 2), 1000, lambda model, epoch: None)

fresh_points, fresh_labels = make_moons(2000, noise=0.15, random_state=1)
fresh_x = torch.tensor(fresh_points, dtype=torch.float32)  # (2000, 2)
fresh_y = torch.tensor(fresh_labels)  # (2000,)
linear_accuracy = accuracy(linear, fresh_x, fresh_y)
mlp_accuracy = accuracy(mlp, fresh_x, fresh_y)
print(f"new points: linear {linear_accuracy:.3f}, MLP {mlp_accuracy:.3f}")
# --8<-- [end:linear]

# --8<-- [start:plot-linear]
fig, axes = plt.subplots(2, num="linear-and-mlp", figsize=(4.6, 5.8))
for ax, model, name in zip(axes, (linear, mlp), ("nn.Linear(2, 2)", "MLP, 2 → 16 → 16 → 2")):
    draw(ax, model)
    ax.set_title(name)
plt.show()
# --8<-- [end:plot-linear]

# --8<-- [start:no-gradient]
score = (mlp(x).argmax(dim=1) == y).float().mean()
try:
    score.backward()
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:no-gradient]

# --8<-- [start:rare]
rare = torch.tensor([0] * 95 + [1] * 5)  # (100,)
never = torch.zeros(100, dtype=torch.int64)  # (100,)
hits = never == rare  # (100,)
print(f"all {hits.float().mean():.2f}  class 1 {hits[rare == 1].float().mean():.2f}")
# --8<-- [end:rare]

# --8<-- [start:floor]
perfect = torch.zeros(1, 10)  # (1, 10)
perfect[0, 3] = 1.0
floor = loss_fn(perfect, torch.tensor([3])).item()
print(f"{floor:.4f}  by hand {-math.log(math.e / (math.e + 9)):.4f}")
# --8<-- [end:floor]

# --8<-- [start:softmax-twice]
from sklearn.datasets import load_digits

digits = load_digits()
images = torch.tensor(digits.data / 16, dtype=torch.float32)  # (1797, 64)
numbers = torch.tensor(digits.target)  # (1797,)
results = {"logits": [], "softmax": []}
for seed in range(3):
    for name in results:
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
        if name == "softmax":
            model.append(nn.Softmax(dim=1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for epoch in range(60):
            loss = loss_fn(model(images[:1300]), numbers[:1300])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        results[name].append((loss.item(), accuracy(model, images[1300:], numbers[1300:])))
for name, pairs in results.items():
    for loss, acc in pairs:
        print(f"{name:8} loss {loss:.3f}  acc {acc:.3f}")
# --8<-- [end:softmax-twice]

# --8<-- [start:target-errors]
for wrong in (truth.float(), truth.reshape(-1, 1), truth + 1):
    try:
        loss_fn(out, wrong)
    except (RuntimeError, IndexError) as error:
        print(f"{type(error).__name__}: {error}")
# --8<-- [end:target-errors]

# --8<-- [start:no-object]
try:
    nn.CrossEntropyLoss(out, truth)
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:no-object]

# --8<-- [start:silent-accuracy]
four = torch.tensor([0, 1, 0, 1])  # (4,)
column = four.reshape(-1, 1)  # (4, 1)
print((column == four).shape, (column == four).float().mean().item())

probability = torch.tensor([0.1, 0.9, 0.2, 0.8])  # (4,)
print((probability == four).float().mean().item())
# --8<-- [end:silent-accuracy]

# --8<-- [start:mended-accuracy]
print((column.squeeze(1) == four).float().mean().item())
print(((probability > 0.5) == four).float().mean().item())
# --8<-- [end:mended-accuracy]

# --8<-- [start:bce]
one_logit = torch.tensor([[1.5], [-0.5], [2.0]])  # (3, 1)
yes = torch.tensor([[1.0], [1.0], [0.0]])  # (3, 1)
bce = nn.BCEWithLogitsLoss()(one_logit, yes)

zero = torch.zeros(3, 1)  # (3, 1)
pair = torch.cat([zero, one_logit], dim=1)  # (3, 2)
print(f"{bce:.4f}  {loss_fn(pair, yes.long().squeeze(1)):.4f}")
# --8<-- [end:bce]

# --8<-- [start:one-output]
for target in (yes, torch.tensor([0, 0, 0]), torch.tensor([1, 1, 0])):
    try:
        print(abs(loss_fn(one_logit, target).item()))
    except IndexError as error:
        print(f"{type(error).__name__}: {error}")
# --8<-- [end:one-output]

# --8<-- [start:soft-targets]
print(f"{loss_fn(out, truth):.4f}  {loss_fn(out, F.one_hot(truth, 3).float()):.4f}")
try:
    loss_fn(out, F.one_hot(truth, 3))
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:soft-targets]
