# --8<-- [start:version]
import torch

version = torch.__version__.split("+")[0]
print(version)
# --8<-- [end:version]


# --8<-- [start:device]
if torch.cuda.is_available():
    device = "cuda"
elif torch.backends.mps.is_available():
    device = "mps"
else:
    device = "cpu"

x = torch.tensor([1.0, 2.0, 3.0], device=device)
print(x.sum().item())
print(x.device.type == device)
# --8<-- [end:device]


# --8<-- [start:list-array-tensor]
import numpy as np

small, large = [1, 2, 3], [10, 20, 30]
print(small * 2, small + large)
print(np.array(small) * 2, np.array(small) + np.array(large))
print(torch.tensor(small) * 2, torch.tensor(small) + torch.tensor(large))
# --8<-- [end:list-array-tensor]


# --8<-- [start:in-numpy]
x = np.array([1.0, 2.0, 3.0])
y = np.array([5.0, 10.0, 15.0])
w = 2.0

loss = ((w * x - y) ** 2).mean()
print(loss)
# --8<-- [end:in-numpy]


# --8<-- [start:in-torch]
x = torch.tensor([1.0, 2.0, 3.0])
y = torch.tensor([5.0, 10.0, 15.0])
w = torch.tensor(2.0, requires_grad=True)

loss = ((w * x - y) ** 2).mean()
print(loss.item())
# --8<-- [end:in-torch]


# --8<-- [start:slope]
loss.backward()
slope = w.grad.item()
print(slope)
# --8<-- [end:slope]


# --8<-- [start:nudge]
def loss_at(w):
    x, y = np.array([1.0, 2.0, 3.0]), np.array([5.0, 10.0, 15.0])
    return ((w * x - y) ** 2).mean()


for h in (1.0, 0.1, 0.01):
    print(f"h = {h:4}: {(loss_at(2 + h) - loss_at(2)) / h:.2f}")
# --8<-- [end:nudge]


# --8<-- [start:plot-slope]
import matplotlib.pyplot as plt

w_grid = np.linspace(-0.2, 10.2, 100)
fig, ax = plt.subplots(num="height-and-slope", figsize=(4.6, 3.6))
ax.plot(w_grid, [loss_at(w) for w in w_grid], color="C5")
ax.plot([0.4, 3.4], [loss_at(2) + slope * (w - 2) for w in (0.4, 3.4)], "--", color="C0")
ax.plot(2, loss_at(2), "o", color="C1", markersize=9)
ax.text(2.4, loss_at(2) + 4, f"NumPy: loss {loss_at(2):.0f}", color="C1", weight="bold")
ax.text(1.3, 76, f"PyTorch: slope {slope:.0f} as well", color="C0", weight="bold")
ax.plot(5, 0, "*", color="C2", markersize=13)
ax.text(5, 6, "w = 5", color="C2", ha="center", weight="bold")
ax.set(xlabel="w", ylabel="loss", ylim=(-6, 132))
plt.show()
# --8<-- [end:plot-slope]


# --8<-- [start:train]
def train(model, x, y, loss_function, lr, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch in range(epochs):
        optimizer.zero_grad()
        output = model(x)
        loss = loss_function(output, y)
        loss.backward()
        optimizer.step()


# --8<-- [end:train]


# --8<-- [start:line]
from torch import nn

torch.manual_seed(0)
line_x = torch.empty(500, 1).uniform_(-10, 10)  # (500, 1)
line_y = 5 * line_x + 2 + torch.randn(500, 1)  # (500, 1)
line = nn.Linear(1, 1)
train(line, line_x, line_y, nn.MSELoss(), lr=0.1, epochs=500)

line_w, line_b = line.weight.item(), line.bias.item()
print(f"w = {line_w:.2f}, b = {line_b:.2f}")
# --8<-- [end:line]


# --8<-- [start:curve]
curve_x = torch.empty(200, 1).uniform_(-3, 3)  # (200, 1)
curve_y = torch.sin(2 * curve_x) + 0.2 * torch.randn(200, 1)  # (200, 1)
curve = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 1))
train(curve, curve_x, curve_y, nn.MSELoss(), lr=0.02, epochs=1000)

grid = torch.linspace(-3, 3, 101).reshape(101, 1)  # (101, 1)
gap = (curve(grid) - torch.sin(2 * grid)).abs().max().item()
print(f"largest distance to sin(2x): {gap:.2f}")
# --8<-- [end:curve]


# --8<-- [start:digits]
from sklearn.datasets import load_digits

images, labels = load_digits(return_X_y=True)
order = torch.randperm(1797)  # (1797,)
images = torch.tensor(images / 16, dtype=torch.float32).reshape(1797, 1, 8, 8)[order]
labels = torch.tensor(labels)[order]
layers = [nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(144, 10)]
cnn = nn.Sequential(*layers)
loss_function = nn.CrossEntropyLoss()
train(cnn, images[:1347], labels[:1347], loss_function, lr=0.01, epochs=60)

answers = cnn(images[1347:]).argmax(dim=1)  # (450,)
correct = (answers == labels[1347:]).sum().item()
print(f"{correct} of 450 new digits read correctly")
# --8<-- [end:digits]


# --8<-- [start:count]
def learned_numbers(model):
    return sum(parameter.numel() for parameter in model.parameters())


counts = [learned_numbers(model) for model in (line, curve, cnn)]
print(counts)
# --8<-- [end:count]


# --8<-- [start:plot-three]
fig, (top, middle, bottom) = plt.subplots(3, num="three-chapters", figsize=(4.6, 5.8), height_ratios=(3, 3, 1.5))
top.scatter(line_x[:150], line_y[:150], s=6, color="C5")
top.plot([-10, 10], [line_b - 10 * line_w, line_b + 10 * line_w], color="C0")
top.set_title(f"a line: {counts[0]} numbers learned")

middle.scatter(curve_x, curve_y, s=6, color="C5")
middle.plot(grid, curve(grid).detach(), color="C0")
middle.set_title(f"a curve: {counts[1]} numbers learned")

digits = nn.functional.pad(images[1347:1355, 0], (1, 1, 1, 1))  # (8, 10, 10)
bottom.imshow(torch.cat(list(digits), dim=1).numpy(), cmap="gray")
for place, answer in enumerate(answers[:8].tolist()):
    bottom.text(10 * place + 4.5, 12.5, answer, color="C0", ha="center", va="center", weight="bold")
bottom.set_title(f"images: {counts[2]} numbers learned")
bottom.axis("off")
plt.show()
# --8<-- [end:plot-three]
