# --8<-- [start:learn]
import torch

torch.manual_seed(0)
model = torch.nn.Linear(1, 1)
x = torch.empty(500, 1).uniform_(-10, 10)
y = 5 * x + 2 + torch.randn(500, 1)

optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(200):
    optimizer.zero_grad()
    (model(x) - y).square().mean().backward()
    optimizer.step()
# --8<-- [end:learn]

# --8<-- [start:learned]
w, b = model.weight.item(), model.bias.item()
print(f"y = {w:.2f}x + {b:.2f}")
# --8<-- [end:learned]

# --8<-- [start:learning]
import matplotlib.pyplot as plt

fig, ax = plt.subplots(num="learning", figsize=(4.6, 3.6))
ax.plot(x, y, ".", color="C5", markersize=5)
torch.manual_seed(0)
model = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(201):
    if epoch in (0, 1, 2, 200):
        w, b = model.weight.item(), model.bias.item()
        ax.axline((0, b), slope=w, color="C0", linestyle="-" if epoch == 200 else "--")
        ax.text(10.4, 10 * w + b, f"epoch {epoch}", color="C0", va="center")
    optimizer.zero_grad()
    (model(x) - y).square().mean().backward()
    optimizer.step()
ax.set(xlabel="x", ylabel="y", xlim=(-10, 10))
plt.show()
# --8<-- [end:learning]
