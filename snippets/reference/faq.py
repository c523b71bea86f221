# --8<-- [start:message]
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def message():
    try:
        yield
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


# --8<-- [end:message]

# --8<-- [start:in-features]
features = torch.zeros(4, 1352)
with message():
    nn.Linear(100, 10)(features)

print(nn.Linear(1352, 10)(features).shape)
print(nn.LazyLinear(10)(features).shape)
# --8<-- [end:in-features]

# --8<-- [start:channels-last]
photos = torch.arange(4 * 32 * 32 * 3.0).view(4, 32, 32, 3)
conv = nn.Conv2d(3, 8, 3)
with message():
    conv(photos)

right = photos.permute(0, 3, 1, 2)  # (4, 3, 32, 32)
wrong = photos.view(4, 3, 32, 32)
print(photos[0, 0, 0], right[0, :, 0, 0], wrong[0, :, 0, 0])
# --8<-- [end:channels-last]

# --8<-- [start:no-channel]
conv = nn.Conv2d(1, 8, 3)
with message():
    conv(torch.zeros(64, 28, 28))
with message():
    conv(torch.zeros(28, 28))

print(conv(torch.zeros(64, 28, 28).unsqueeze(1)).shape)
print(conv(torch.zeros(1, 28, 28)).shape)
# --8<-- [end:no-channel]

# --8<-- [start:three-greys]
three_greys = torch.zeros(3, 28, 28)
print(nn.Conv2d(3, 8, 3)(three_greys).shape)
print(nn.Conv2d(1, 8, 3)(three_greys.unsqueeze(1)).shape)
# --8<-- [end:three-greys]

# --8<-- [start:batch-norm]
with message():
    nn.BatchNorm2d(8)(torch.zeros(8, 26, 26))
with message():
    nn.BatchNorm1d(8)(torch.zeros(1, 8))
# --8<-- [end:batch-norm]

# --8<-- [start:target-column]
logits = torch.zeros(4, 10)
target = torch.tensor([[3], [0], [9], [1]])
with message():
    nn.CrossEntropyLoss()(logits, target)

print(f"{nn.CrossEntropyLoss()(logits, target.squeeze(1)).item():.4f}")
# --8<-- [end:target-column]

# --8<-- [start:mse-shapes]
target = torch.tensor([1.0, 2.0, 3.0, 4.0])
prediction = target.unsqueeze(1)  # (4, 1)
print(nn.MSELoss()(prediction, target).item())
print(((prediction - target) ** 2).mean().item())

print(nn.MSELoss()(prediction.squeeze(1), target).item())
# --8<-- [end:mse-shapes]

# --8<-- [start:accuracy-shapes]
target = torch.tensor([0, 1, 1, 0])
prediction = target.unsqueeze(1)  # (4, 1)
print((prediction == target).float().mean().item())
print((prediction.squeeze(1) == target).float().mean().item())
# --8<-- [end:accuracy-shapes]

# --8<-- [start:view]
turned = torch.zeros(2, 3).t()
with message():
    turned.view(6)
print(turned.reshape(6).shape)
# --8<-- [end:view]

# --8<-- [start:kernel]
small = torch.zeros(1, 1, 3, 3)
with message():
    nn.Conv2d(1, 1, 5)(small)
print(nn.Conv2d(1, 1, 5, padding=1)(small).shape)
# --8<-- [end:kernel]

# --8<-- [start:stack]
with message():
    torch.stack([torch.zeros(3, 28, 28), torch.zeros(3, 32, 30)])
# --8<-- [end:stack]

# --8<-- [start:double]
import numpy as np

array = np.zeros((4, 2))
model = nn.Linear(2, 1)
with message():
    model(torch.from_numpy(array))
print(model(torch.from_numpy(array).float()).dtype)
# --8<-- [end:double]

# --8<-- [start:float-target]
logits = torch.zeros(2, 10)
target = torch.tensor([3.0, 7.0])
with message():
    nn.CrossEntropyLoss()(logits, target)
print(f"{nn.CrossEntropyLoss()(logits, target.long()).item():.4f}")
# --8<-- [end:float-target]

# --8<-- [start:one-hot]
one_hot = nn.functional.one_hot(torch.tensor([3, 7]), num_classes=10)  # (2, 10)
with message():
    nn.CrossEntropyLoss()(logits, one_hot)
print(f"{nn.CrossEntropyLoss()(logits, one_hot.float()).item():.4f}")
# --8<-- [end:one-hot]

# --8<-- [start:label-range]
with message():
    nn.CrossEntropyLoss()(logits, torch.tensor([1, 10]))
print(f"{nn.CrossEntropyLoss()(logits, torch.tensor([1, 10]) - 1).item():.4f}")
# --8<-- [end:label-range]

# --8<-- [start:uint8]
photo = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
conv = nn.Conv2d(3, 8, 3)
with message():
    conv(photo)
print(conv(photo.float() / 255).dtype)
# --8<-- [end:uint8]

# --8<-- [start:integers]
with message():
    torch.tensor([1, 2], requires_grad=True)
print(torch.tensor([1.0, 2.0], requires_grad=True).dtype)
# --8<-- [end:integers]

# --8<-- [start:ambiguous]
with message():
    nn.CrossEntropyLoss(logits, torch.tensor([3, 7]))
print(f"{nn.CrossEntropyLoss()(logits, torch.tensor([3, 7])).item():.4f}")
# --8<-- [end:ambiguous]

# --8<-- [start:item]
with message():
    torch.tensor([1.0, 2.0]).item()
print(torch.tensor([1.0, 2.0]).tolist(), torch.tensor([1.0]).item())
# --8<-- [end:item]

# --8<-- [start:loss-index]
loss = torch.tensor(0.5, requires_grad=True)
with message():
    loss[0]
print(float(loss))
print(loss.item())
# --8<-- [end:loss-index]

# --8<-- [start:backward-twice]
w = torch.tensor(2.0, requires_grad=True)
loss = w**2
loss.backward()
with message():
    loss.backward()

w.grad = None
for turn in range(2):
    loss = w**2
    loss.backward()
print(w.grad.item())
# --8<-- [end:backward-twice]

# --8<-- [start:cut]
model = nn.Linear(2, 3)
x = torch.ones(4, 2)
with message():
    model(x).argmax(dim=1).float().mean().backward()
with message(), torch.no_grad():
    model(x).mean().backward()
model(x).mean().backward()
print(model.weight.grad is not None)
# --8<-- [end:cut]

# --8<-- [start:numpy]
with message():
    model(x).numpy()
print(model(x).detach().numpy().shape)
# --8<-- [end:numpy]

# --8<-- [start:leaf]
w = torch.tensor([1.0], requires_grad=True)
with message():
    w -= 0.1
with torch.no_grad():
    w -= 0.1
print(w.requires_grad, w.is_leaf)
# --8<-- [end:leaf]

# --8<-- [start:in-place]
w = torch.tensor([1.0, 2.0], requires_grad=True)
with message():
    y = w.exp()
    y += 1
    y.sum().backward()
y = w.exp() + 1
y.sum().backward()
print(w.grad is not None)
# --8<-- [end:in-place]

# --8<-- [start:vector]
y = torch.tensor([1.0, 2.0], requires_grad=True) ** 2
with message():
    y.backward()
y.sum().backward()
# --8<-- [end:vector]

# --8<-- [start:grad-none]
w = torch.tensor(1.0, requires_grad=True)
with message():
    w.grad.zero_()
(3 * w).backward()
torch.optim.SGD([w]).zero_grad()
print(w.grad)
# --8<-- [end:grad-none]


# --8<-- [start:layer-list]
class Net(nn.Module):
    def __init__(self, keep):
        super().__init__()
        self.layers = keep([nn.Linear(4, 4)])
        self.last = nn.Linear(4, 1)


for keep in (list, nn.ModuleList):
    print(keep.__name__, sum(p.numel() for p in Net(keep).parameters()))
with message():
    torch.optim.SGD([], lr=0.01)
# --8<-- [end:layer-list]


# --8<-- [start:no-super]
class Net(nn.Module):
    def __init__(self):
        self.last = nn.Linear(4, 1)


with message():
    Net()
# --8<-- [end:no-super]

# --8<-- [start:total]
total = 0
for turn in range(3):
    loss = model(x).mean()
    total += loss
print(type(total).__name__, total.grad_fn is not None)
# --8<-- [end:total]

# --8<-- [start:digits]
from sklearn.datasets import load_digits

digits = load_digits()
order = torch.randperm(1797, generator=torch.Generator().manual_seed(0))
images = torch.tensor(digits.data / 16).float()[order]
labels = torch.tensor(digits.target)[order]
train_x, test_x = images[:1347], images[1347:]
train_y, test_y = labels[:1347], labels[1347:]
# --8<-- [end:digits]


# --8<-- [start:train]
def step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def score(model, x, y):
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()


def train(step, shuffle=True, extra=nn.Identity, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), extra(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        order = torch.randperm(1347) if shuffle else torch.arange(1347)
        for batch in order.split(32):
            loss = step(model, optimizer, train_x[batch], train_y[batch])
    return model, loss


model, loss = train(step)
right = score(model, test_x, test_y)
print(f"{right:.3f}")
# --8<-- [end:train]

# --8<-- [start:zero-grad]
w = torch.tensor(2.0, requires_grad=True)
for turn in range(3):
    loss = 3 * w
    loss.backward()
    print(w.grad.item())
# --8<-- [end:zero-grad]


# --8<-- [start:no-zero-grad]
def no_zero_grad(model, optimizer, x, y):
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()


model, loss = train(no_zero_grad)
print(f"{score(model, test_x, test_y):.3f}")
# --8<-- [end:no-zero-grad]


# --8<-- [start:softmax]
def softmax_first(model, optimizer, x, y):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x).softmax(dim=1), y).backward()
    optimizer.step()


model, loss = train(softmax_first)
print(f"{score(model, test_x, test_y):.3f}")
perfect = torch.eye(10)
print(f"{nn.functional.cross_entropy(perfect, torch.arange(10)).item():.4f}")
# --8<-- [end:softmax]

# --8<-- [start:one-output]
one_output = torch.tensor([[2.0], [-3.0]])
target = torch.tensor([[0.0], [1.0]])
print(nn.CrossEntropyLoss()(one_output, target).abs().item())
print(f"{nn.BCEWithLogitsLoss()(one_output, target).item():.3f}")
# --8<-- [end:one-output]

# --8<-- [start:eval]
model, loss = train(step, extra=nn.Dropout)
forgotten = score(model, test_x, test_y)
model.eval()
remembered = score(model, test_x, test_y)
model.train()
print(f"{forgotten:.3f} {remembered:.3f}")
# --8<-- [end:eval]

# --8<-- [start:too-large]
torch.manual_seed(0)
x = torch.empty(500, 1).uniform_(-10, 10)
w = torch.zeros(1, requires_grad=True)
for turn in range(60):
    loss = ((w * x - 5 * x) ** 2).mean()
    if turn in (0, 1, 2, 59):
        print(turn, f"{loss.item():.4g}")
    w.grad = None
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
# --8<-- [end:too-large]

# --8<-- [start:default-lr]
print(torch.optim.SGD([w]).defaults["lr"])
# --8<-- [end:default-lr]

# --8<-- [start:no-shuffle]
by_class = train_y.argsort(stable=True)
train_x, train_y = train_x[by_class], train_y[by_class]
for shuffle in (False, True):
    model, loss = train(step, shuffle=shuffle)
    print(shuffle, f"loss {loss:.3f}, accuracy {score(model, test_x, test_y):.3f}")
# --8<-- [end:no-shuffle]

# --8<-- [start:float-labels]
probability = torch.tensor([0.9, 0.2, 0.7, 0.1])
target = torch.tensor([1, 0, 1, 0])
print((probability == target).float().mean().item())
print(((probability > 0.5) == target).float().mean().item())
# --8<-- [end:float-labels]

# --8<-- [start:leak]
x = torch.tensor([1.0, 2.0, 3.0, 30.0])
train_part, test_part = x[:3], x[3:]
print(f"{((test_part - x.mean()) / x.std()).item():.3f}")
print(f"{((test_part - train_part.mean()) / train_part.std()).item():.3f}")
# --8<-- [end:leak]

# --8<-- [start:no-grad]
print(model(test_x).requires_grad)
with torch.no_grad():
    print(model(test_x).requires_grad)
# --8<-- [end:no-grad]

# --8<-- [start:next]
loader = torch.utils.data.DataLoader([1.0, 2.0, 3.0], batch_size=2)
with message():
    iter(loader).next()
print(next(iter(loader)))
# --8<-- [end:next]

# --8<-- [start:state-dict]
with message():
    nn.Linear(2, 1).load_state_dict(nn.Linear(3, 1).state_dict())
with message():
    nn.Linear(2, 1).load_state_dict(nn.Sequential(nn.Linear(2, 1)).state_dict())
# --8<-- [end:state-dict]

# --8<-- [start:load]
torch.save(nn.Linear(2, 1), "model.pt")
try:
    torch.load("model.pt")
except Exception as error:
    print(f"{type(error).__name__}: {str(error).split(',')[0]}")

torch.save(nn.Linear(2, 1).state_dict(), "weights.pt")
print(list(torch.load("weights.pt")))
# --8<-- [end:load]

# --8<-- [start:device]
device = "cuda" if torch.cuda.is_available() else "cpu"
model = nn.Linear(2, 1).to(device)
x = torch.zeros(4, 2).to(device)
print(model(x).shape)
# --8<-- [end:device]
