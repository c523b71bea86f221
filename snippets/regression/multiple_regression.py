# --8<-- [start:load]
import torch
from sklearn.datasets import load_diabetes

data = load_diabetes(scaled=False)
print(data.data.shape, data.data.dtype, data.target.shape)

X = torch.tensor(data.data, dtype=torch.float32)  # (442, 10)
y = torch.tensor(data.target, dtype=torch.float32).reshape(-1, 1)  # (442, 1)
for name, column in zip(data.feature_names, X.T):
    print(f"{name:4} {column.min():6.4g} to {column.max():5.4g}  mean {column.mean():5.4g}")
# --8<-- [end:load]


# --8<-- [start:split]
torch.manual_seed(0)
order = torch.randperm(442)  # (442,)
train, test = order[:342], order[342:]

X_train = X[train]  # (342, 10)
y_train = y[train]  # (342, 1)
X_test = X[test]  # (100, 10)
y_test = y[test]  # (100, 1)
# --8<-- [end:split]


# --8<-- [start:baseline]
guess = y_train.mean().item()
baseline_mse = ((y_test - guess) ** 2).mean().item()
print(f"guess {guess:.1f}: MSE {baseline_mse:.0f}, RMSE {baseline_mse**0.5:.1f}")
# --8<-- [end:baseline]


# --8<-- [start:raw]
from torch import nn, optim


def fit(features, targets, steps, lr, momentum=0.0):
    torch.manual_seed(0)
    model = nn.Linear(features.shape[1], 1).to(features.dtype)
    optimizer = optim.SGD(model.parameters(), lr=lr, momentum=momentum)
    losses = []
    for step in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(features), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


model, losses = fit(X_train, y_train, steps=200, lr=0.01)
print([f"{loss:.2g}" for loss in losses[:4]], losses[-1])
# --8<-- [end:raw]


# --8<-- [start:curvatures]
def curvatures(features):
    A = torch.cat([features, torch.ones(len(features), 1)], dim=1).double()
    return torch.linalg.eigvalsh(2 * A.T @ A / len(A))


raw = curvatures(X_train)  # (11,)
raw_flattest, raw_steepest = raw[0].item(), raw[-1].item()
raw_limit = 2 / raw_steepest
print(f"steepest {raw_steepest:.3g}, flattest {raw_flattest:.3g}")
print(f"ratio {raw_steepest / raw_flattest:.2g}, lr limit {raw_limit:.3g}")
# --8<-- [end:curvatures]


# --8<-- [start:standardize]
mean = X_train.mean(dim=0)  # (10,)
std = X_train.std(dim=0)  # (10,)
Z_train = (X_train - mean) / std  # (342, 10)
Z_test = (X_test - mean) / std  # (100, 10)

bmi_mean, bmi_std = mean[2].item(), std[2].item()
print(f"train bp: mean {Z_train[:, 3].mean():.2f}, std {Z_train[:, 3].std():.2f}")
print(f"test  bp: mean {Z_test[:, 3].mean():.2f}, std {Z_test[:, 3].std():.2f}")
# --8<-- [end:standardize]


# --8<-- [start:plot-scales]
import matplotlib.pyplot as plt

fig, axes = plt.subplots(2, num="scales", figsize=(4.6, 6))
for ax, features, title in zip(axes, (X_train, Z_train), ("raw units", "standardized")):
    box = {"color": "C0", "linewidth": 1.2}
    ax.boxplot(
        features.numpy(), whis=(0, 100), boxprops=box, whiskerprops=box, capprops=box, medianprops={"color": "C1"}
    )
    ax.axhline(0, color="C5", linewidth=0.8)
    ax.set(title=title, xticks=range(1, 11), xticklabels=data.feature_names)
plt.show()
# --8<-- [end:plot-scales]


# --8<-- [start:after]
after = curvatures(Z_train)  # (11,)
flattest, steepest = after[0].item(), after[-1].item()
ratio, limit = steepest / flattest, 2 / steepest
print(f"steepest {steepest:.3g}, flattest {flattest:.3g}")
print(f"ratio {ratio:.3g}, lr limit {limit:.3g}")

print("lr / limit    start      0.99      1.01")
for name, features, lr in (("raw", X_train, raw_limit), ("scaled", Z_train, limit)):
    below, above = (fit(features, y_train, 300, factor * lr)[1] for factor in (0.99, 1.01))
    print(f"{name:<8} {below[0]:10.3g} {below[-1]:9.3g} {above[-1]:9.3g}")
# --8<-- [end:after]


# --8<-- [start:plot-loss]
ones = torch.ones(342, 1)
best = torch.linalg.lstsq(torch.cat([Z_train, ones], dim=1).double(), y_train.double()).solution  # (11, 1)
lowest = ((Z_train.double() @ best[:10] + best[10] - y_train) ** 2).mean().item()

fig, ax = plt.subplots(num="before-and-after", figsize=(4.6, 3.6))
for features, lr, color, style in ((X_train, raw_limit, "C4", "--"), (Z_train, limit, "C0", "-")):
    losses = fit(features, y_train, 1000, 0.9 * lr)[1]
    ax.plot(range(0, 1000, 5), [loss - lowest for loss in losses[::5]], style, color=color)
ax.text(500, 1200, "raw units", color="C4", ha="center", weight="bold")
ax.text(210, 0.1, "standardized", color="C0", ha="center", weight="bold")
ax.set(xlabel="step", ylabel="loss above the lowest", yscale="log")
plt.show()
# --8<-- [end:plot-loss]


# --8<-- [start:train]
model, losses = fit(Z_train, y_train, steps=1000, lr=0.1, momentum=0.9)
weight = model.weight.detach().flatten()  # (10,)
bias = model.bias.item()

with torch.no_grad():
    predictions = model(Z_test)  # (100, 1)
test_mse = ((predictions - y_test) ** 2).mean().item()
for name, mse in (("train", losses[-1]), ("test", test_mse), ("baseline", baseline_mse)):
    print(f"{name:<8}  RMSE {mse**0.5:.1f}")
# --8<-- [end:train]


# --8<-- [start:r2]
r2 = 1 - test_mse / baseline_mse
print(f"{r2:.2f}")
# --8<-- [end:r2]


# --8<-- [start:plot-predictions]
fig, ax = plt.subplots(num="predictions", figsize=(4.6, 4.4))
ax.plot([20, 350], [20, 350], color="C2", linewidth=1.2)
ax.axhline(guess, color="C1", linestyle="--", linewidth=1.2)
ax.plot(y_test, predictions, "o", color="C0", markersize=4)
ax.text(342, 318, "perfect", color="C2", ha="right", rotation=45, va="top")
ax.text(345, guess - 4, "baseline", color="C1", ha="right", va="top")
ax.set(xlabel="y", ylabel="prediction", aspect="equal", xlim=(20, 350), ylim=(20, 350))
plt.show()
# --8<-- [end:plot-predictions]


# --8<-- [start:many-splits]
def solve(Z, y):
    A = torch.cat([Z, torch.ones(len(Z), 1)], dim=1).double()
    return torch.linalg.lstsq(A, y.double()).solution  # (11, 1)


scores, solutions = [], []
for seed in range(100):
    order = torch.randperm(442, generator=torch.Generator().manual_seed(seed))
    a, b = order[:342], order[342:]
    Z = (X - X[a].mean(dim=0)) / X[a].std(dim=0)
    solution = solve(Z[a], y[a])
    error = Z[b].double() @ solution[:10] + solution[10] - y[b]
    scores.append(1 - ((error**2).mean() / ((y[b] - y[a].mean()) ** 2).mean()).item())
    solutions.append(solution[:10].flatten())

lowest_r2, highest_r2 = min(scores), max(scores)
print(f"R2 from {lowest_r2:.2f} to {highest_r2:.2f}, mean {sum(scores) / 100:.2f}")
# --8<-- [end:many-splits]


# --8<-- [start:scikit-learn]
from sklearn.linear_model import LinearRegression

reference = LinearRegression().fit(Z_train.double().numpy(), y_train.flatten().double().numpy())
print("       nn.Linear  scikit-learn")
for name, ours, theirs in zip(data.feature_names, weight, reference.coef_):
    print(f"{name:5} {ours:9.2f} {theirs:13.2f}")
print(f"bias  {bias:9.1f} {reference.intercept_:13.1f}")

difference = (weight - torch.tensor(reference.coef_)).abs().max().item()
print(f"largest difference below 0.001: {difference < 0.001}")
# --8<-- [end:scikit-learn]


# --8<-- [start:raw-units]
raw_weight = weight / std  # (10,)
raw_bias = bias - (weight * mean / std).sum().item()
w_bmi = raw_weight[2].item()
raw_reference = LinearRegression().fit(X_train.double().numpy(), y_train.flatten().double().numpy())

for i in (2, 4, 5):
    print(f"{data.feature_names[i]:4} {raw_weight[i]:7.3f} {raw_reference.coef_[i]:13.3f}")
print(f"bias {raw_bias:7.1f} {raw_reference.intercept_:13.1f}")
# --8<-- [end:raw-units]


# --8<-- [start:not-converged]
coefficients, gaps = torch.tensor(reference.coef_), []
print("steps   loss  largest difference")
for steps in (30, 100, 300, 1000):
    early, losses = fit(Z_train, y_train, steps, lr=0.1, momentum=0.9)
    gap = (early.weight.detach().flatten() - coefficients).abs().max().item()
    gaps.append(gap)
    print(f"{steps:5} {losses[-1]:6.0f}  {gap:.2g}")

exact, _ = fit(Z_train.double(), y_train.double(), 1000, lr=0.1, momentum=0.9)
gap_64 = (exact.weight.detach().flatten() - coefficients).abs().max().item()
print(f"float64, 1000 steps: {gap_64:.2g}")
# --8<-- [end:not-converged]


# --8<-- [start:copied-feature]
bmi = Z_train[:, 2:3]  # (342, 1)
twice = torch.cat([Z_train, bmi], dim=1)  # (342, 11)
copied, _ = fit(twice, y_train, 1000, lr=0.1, momentum=0.9)
two_weights = copied.weight[0, [2, 10]].tolist()
two_coefficients = LinearRegression().fit(twice.numpy(), y_train.flatten().numpy()).coef_[[2, 10]].tolist()

for name, (first, second) in (("nn.Linear", two_weights), ("scikit-learn", two_coefficients)):
    print(f"{name:<12} {first:.3f} + {second:.3f} = {first + second:.3f}")
# --8<-- [end:copied-feature]


# --8<-- [start:alone]
alone = (Z_train * (y_train - guess)).sum(dim=0) / (Z_train**2).sum(dim=0)  # (10,)
print("      alone  together")
for name, one, ten in zip(data.feature_names, alone, weight):
    print(f"{name:4} {one:6.1f} {ten:9.1f}")

s1_alone, s1_together, bmi_together = alone[4].item(), weight[4].item(), weight[2].item()
s1_s2 = torch.corrcoef(Z_train.T)[4, 5].item()
print(f"correlation of s1 and s2: {s1_s2:.2f}")
# --8<-- [end:alone]


# --8<-- [start:plot-alone]
fig, ax = plt.subplots(num="alone-or-together", figsize=(4.6, 4.6))
rows = torch.arange(10)
ax.axvline(0, color="C5", linewidth=1)
ax.hlines(rows, alone, weight, color="C5", linewidth=1)
ax.plot(alone, rows, "o", color="C1", markersize=8, markerfacecolor="none", markeredgewidth=2, label="alone")
ax.plot(weight, rows, "o", color="C0", markersize=8, label="together")
ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False)
ax.set(xlabel="weight", yticks=rows, yticklabels=data.feature_names)
ax.invert_yaxis()
plt.show()
# --8<-- [end:plot-alone]


# --8<-- [start:without-s2]
keep = [0, 1, 2, 3, 4, 6, 7, 8, 9]
nine = solve(Z_train[:, keep], y_train)  # (10, 1)
s1_without_s2 = nine[4].item()
nine_error = Z_test[:, keep].double() @ nine[:9] + nine[9] - y_test
nine_rmse = (nine_error**2).mean().item() ** 0.5
print(f"weight of s1: {s1_without_s2:.1f}")
print(f"test RMSE: {nine_rmse:.1f}")
# --8<-- [end:without-s2]


# --8<-- [start:plot-splits]
table = torch.stack(solutions)  # (100, 10)
fig, ax = plt.subplots(num="splits", figsize=(4.6, 4.4))
ax.axvline(0, color="C5", linewidth=1)
for row in range(10):
    color = "C1" if row in (4, 5) else "C0"
    heights = row + torch.linspace(-0.25, 0.25, 50)
    ax.plot(table[:50, row], heights, ".", color=color, markersize=4)
ax.set(xlabel="weight", yticks=range(10), yticklabels=data.feature_names)
ax.invert_yaxis()
plt.show()
# --8<-- [end:plot-splits]


# --8<-- [start:plot-valley]
A = torch.cat([Z_train, torch.ones(342, 1)], dim=1).double()
hessian = 2 * A.T @ A / 342  # (11, 11)
bowl = torch.linalg.inv(torch.linalg.inv(hessian)[4:6, 4:6])  # (2, 2)
ds1, ds2 = torch.meshgrid(torch.linspace(-40, 40, 60), torch.linspace(-40, 40, 60), indexing="ij")
rise = (bowl[0, 0] * ds1**2 + 2 * bowl[0, 1] * ds1 * ds2 + bowl[1, 1] * ds2**2) / 2

fig, ax = plt.subplots(num="trade-off", figsize=(4.6, 4.6))
lines = ax.contour(ds1 + weight[4], ds2 + weight[5], rise, levels=[3, 10, 30, 100], colors="C5", linewidths=1)
ax.clabel(lines, levels=[10, 30, 100], fmt="+%.0f", fontsize=11)
ax.plot(table[:, 4], table[:, 5], ".", color="C1", markersize=5)
ax.plot(weight[4], weight[5], "*", color="C0", markersize=13)
ax.set(xlabel="weight of s1", ylabel="weight of s2", aspect="equal")
plt.show()
# --8<-- [end:plot-valley]


# --8<-- [start:leak-scaling]
all_mean, all_std = X.mean(dim=0), X.std(dim=0)
leaky_train, leaky_test = (X_train - all_mean) / all_std, (X_test - all_mean) / all_std
leaky, _ = fit(leaky_train, y_train, 1000, lr=0.1, momentum=0.9)
with torch.no_grad():
    leaky_mse = ((leaky(leaky_test) - y_test) ** 2).mean().item()
print(f"test RMSE {test_mse**0.5:.2f} and {leaky_mse**0.5:.2f}")
# --8<-- [end:leak-scaling]


# --8<-- [start:leak-selection]
torch.manual_seed(0)
random_numbers = torch.randn(442, 1000)  # (442, 1000)


def twenty_best(rows):
    F, t = random_numbers[rows], y[rows] - y[rows].mean()
    correlation = (F - F.mean(dim=0)).T @ t / F.std(dim=0).reshape(-1, 1)  # (1000, 1)
    return correlation.abs().flatten().topk(20).indices


def test_r2(columns):
    F = random_numbers[:, columns]
    w = solve(F[train], y_train)
    error = F[test].double() @ w[:20] + w[20] - y_test
    return 1 - (error**2).mean().item() / baseline_mse


leaked, honest = test_r2(twenty_best(torch.arange(442))), test_r2(twenty_best(train))
print(f"chosen with all 442: R2 {leaked:.2f}")
print(f"chosen with the 342: R2 {honest:.2f}")
# --8<-- [end:leak-selection]


# --8<-- [start:wrong-shape]
flat = y_train.flatten()  # (342,)
wrong, losses = fit(Z_train, flat, 300, lr=0.1, momentum=0.9)
with torch.no_grad():
    wrong_mse = ((wrong(Z_test) - y_test) ** 2).mean().item()
print(f"largest weight {wrong.weight.abs().max():.3f}, bias {wrong.bias.item():.1f}")
print(f"test RMSE {wrong_mse**0.5:.1f}, baseline {baseline_mse**0.5:.1f}")
# --8<-- [end:wrong-shape]


# --8<-- [start:unscaled-patient]
patient = X_test[:1]  # (1, 10)
with torch.no_grad():
    right, unscaled = model((patient - mean) / std).item(), model(patient).item()
print(f"y {y_test[0].item():.0f}, scaled {right:.0f}, unscaled {unscaled:.0f}")
# --8<-- [end:unscaled-patient]


# --8<-- [start:double]
try:
    nn.Linear(10, 1)(torch.tensor(data.data))
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:double]
