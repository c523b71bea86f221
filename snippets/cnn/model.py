# --8<-- [start:missing-comma]
slide = """
self.fc_layer = nn.Sequential(
    nn.Linear(64*3*3, 100),
    nn.ReLU()
    nn.Linear(100, 10)
)
"""
try:
    compile(slide, "slide", "exec")
except SyntaxError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:missing-comma]

# --8<-- [start:slide-class]
import torch
from torch import nn


class CNN(nn.Module):
    def __init__(self):
        super(CNN, self).__init__()
        self.layer = nn.Sequential(
            nn.Conv2d(1, 16, 5),
            nn.ReLU(),
            nn.Conv2d(16, 32, 5),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(32, 64, 5),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
        )
        self.fc_layer = nn.Sequential(
            nn.Linear(64 * 3 * 3, 100),
            nn.ReLU(),
            nn.Linear(100, 10),
        )

    def forward(self, x):
        out = self.layer(x)
        out = out.view(batch_size, -1)
        out = self.fc_layer(out)
        return out


# --8<-- [end:slide-class]

# --8<-- [start:no-batch-size]
model = CNN()
try:
    model(torch.zeros(64, 1, 28, 28))
except NameError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:no-batch-size]

# --8<-- [start:last-batch]
last_size = 1137 % 64
for batch_size in (64, 100):
    for count in (batch_size, last_size):
        try:
            print(batch_size, count, tuple(model(torch.zeros(count, 1, 28, 28)).shape))
        except RuntimeError as error:
            print(batch_size, count, f"{type(error).__name__}: {error}")
# --8<-- [end:last-batch]


# --8<-- [start:cnn]
class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Sequential(
            nn.Conv2d(1, 16, 5),
            nn.ReLU(),
            nn.Conv2d(16, 32, 5),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(32, 64, 5),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
        )
        self.fc_layer = nn.Sequential(
            nn.Linear(64 * 3 * 3, 100),
            nn.ReLU(),
            nn.Linear(100, 10),
        )

    def forward(self, x):
        out = self.layer(x)  # (N, 64, 3, 3)
        out = out.flatten(1)  # (N, 576)
        out = self.fc_layer(out)  # (N, 10)
        return out


# --8<-- [end:cnn]

# --8<-- [start:any-batch]
torch.manual_seed(0)
model = CNN()
for count in (64, last_size, 1):
    print(count, tuple(model(torch.zeros(count, 1, 28, 28)).shape))
# --8<-- [end:any-batch]


# --8<-- [start:old-super]
class Renamed(nn.Module):
    def __init__(self):
        super(CNN, self).__init__()


class NoSuper(nn.Module):
    def __init__(self):
        self.layer = nn.Sequential()


for broken in (Renamed, NoSuper):
    try:
        broken()
    except (TypeError, AttributeError) as error:
        print(f"{type(error).__name__}: {error}")
# --8<-- [end:old-super]

# --8<-- [start:each-shape]
images = torch.rand(64, 1, 28, 28)  # (64, 1, 28, 28)
a1 = model.layer[0](images)  # (64, 16, 24, 24)
a2 = model.layer[1](a1)  # (64, 16, 24, 24)
a3 = model.layer[2](a2)  # (64, 32, 20, 20)
a4 = model.layer[3](a3)  # (64, 32, 20, 20)
a5 = model.layer[4](a4)  # (64, 32, 10, 10)
a6 = model.layer[5](a5)  # (64, 64, 6, 6)
a7 = model.layer[6](a6)  # (64, 64, 6, 6)
a8 = model.layer[7](a7)  # (64, 64, 3, 3)
flat = a8.flatten(1)  # (64, 576)
b1 = model.fc_layer[0](flat)  # (64, 100)
b2 = model.fc_layer[1](b1)  # (64, 100)
logits = model.fc_layer[2](b2)  # (64, 10)
print(torch.equal(logits, model(images)))
# --8<-- [end:each-shape]

# --8<-- [start:trace]
steps = [*model.layer, nn.Flatten(), *model.fc_layer]
x, stages = images, [("input", images.shape[1:])]
for step in steps:
    x = step(x)
    stages.append((type(step).__name__, x.shape[1:]))
values = [shape.numel() for name, shape in stages]
for (name, shape), count in zip(stages, values):
    size = str(tuple(shape))
    print(f"{name:9}  {size:12} {count:6}")
# --8<-- [end:trace]

# --8<-- [start:draw-stages]
import matplotlib.pyplot as plt

look = {"Conv2d": "C0", "Linear": "C0", "MaxPool2d": "C1", "ReLU": "C2"}
fig, ax = plt.subplots(num="stages", figsize=(4.6, 5.4))
for row, ((name, shape), count) in enumerate(zip(stages, values)):
    size = " × ".join(str(n) for n in shape)
    color = look.get(name, "C5")
    ax.barh(-row, count, color=color, height=0.62)
    ax.text(-300, -row, name, ha="right", va="center", color=color)
    ax.text(count + 250, -row, size, va="center")
ax.set(xlim=(0, 19000), xlabel="numbers per image", yticks=[])
ax.set_xticks([0, 5000, 10000])
ax.spines["left"].set_visible(False)
plt.show()
# --8<-- [end:draw-stages]

# --8<-- [start:wrong-order]
channels_last = torch.zeros(64, 28, 28, 1)
no_channel = torch.zeros(64, 28, 28)
for wrong in (channels_last, no_channel):
    try:
        model(wrong)
    except RuntimeError as error:
        print(f"{type(error).__name__}: {error}")
# --8<-- [end:wrong-order]

# --8<-- [start:in-features]
one = torch.zeros(1, 1, 28, 28)
in_features = model.layer(one).flatten(1).shape[1]
print(in_features, 64 * 3 * 3)
# --8<-- [end:in-features]

# --8<-- [start:flatten-order]
block = torch.arange(12).reshape(1, 2, 2, 3)  # (1, 2, 2, 3)
row = block.flatten(1)  # (1, 12)
c, h, w = 1, 0, 2
position = (c * 2 + h) * 3 + w
print(row[0].tolist())
print(block[0, c, h, w].item(), row[0, position].item())
# --8<-- [end:flatten-order]

# --8<-- [start:draw-flatten]
fig, ax = plt.subplots(num="flatten-order", figsize=(4.8, 2.5))
for channel in range(2):
    for i in range(2):
        for j in range(3):
            n = block[0, channel, i, j].item()
            for x, y in ((1.5 + 6 * channel + j, i), (n, 3.6)):
                color = ("C0", "C1")[channel]
                ax.add_patch(plt.Rectangle((x, y), 1, 1, fc=color, alpha=0.4))
                ax.add_patch(plt.Rectangle((x, y), 1, 1, fill=False, ec="C5"))
                ax.text(x + 0.5, y + 0.5, n, ha="center", va="center")
    ax.text(3 + 6 * channel, -0.3, f"channel {channel}", ha="center", va="bottom")
ax.text(0, 3.4, "after flatten(1)", va="bottom")
ax.set(xlim=(-0.1, 12.1), ylim=(4.7, -1.3), aspect="equal")
ax.axis("off")
plt.show()
# --8<-- [end:draw-flatten]

# --8<-- [start:flatten-or-view]
same = [a8.view(64, -1), a8.view(a8.shape[0], -1), a8.reshape(64, -1), nn.Flatten()(a8)]
print([torch.equal(flat, other) for other in same])
print("a8.flatten()     ", tuple(a8.flatten().shape))
print("a8.flatten(1)    ", tuple(a8.flatten(1).shape))
print("nn.Flatten()(a8) ", tuple(nn.Flatten()(a8).shape))
# --8<-- [end:flatten-or-view]

# --8<-- [start:view-minus-one]
nine = model.layer(torch.zeros(9, 1, 32, 32))  # (9, 64, 4, 4)
rows = nine.view(-1, 576)  # (16, 576)
answers = model.fc_layer(rows)  # (16, 10)
print(len(nine), "images,", len(answers), "answers")
# --8<-- [end:view-minus-one]

# --8<-- [start:view-fails]
fast = images.to(memory_format=torch.channels_last)
features = model.layer(fast)  # (64, 64, 3, 3)
try:
    features.view(64, -1)
except RuntimeError as error:
    print(f"{type(error).__name__}: {error}")
print(tuple(features.flatten(1).shape))
# --8<-- [end:view-fails]

# --8<-- [start:parameters]
counts = {}
for name, parameter in model.named_parameters():
    shape, number = str(tuple(parameter.shape)), parameter.numel()
    layer_name = name.rsplit(".", 1)[0]
    counts[layer_name] = counts.get(layer_name, 0) + number
    print(f"{name:17} {shape:15} {number:6}")
total = sum(counts.values())
print("total", total)
# --8<-- [end:parameters]

# --8<-- [start:multiplications]
outputs = {"layer.0": a1, "layer.2": a3, "layer.5": a6, "fc_layer.0": b1, "fc_layer.2": logits}
work = {}
print("layer       params  places  products")
for name, output in outputs.items():
    places = output[0, 0].numel()
    work[name] = model.get_submodule(name).weight.numel() * places
    print(f"{name:10} {counts[name]:7} {places:7} {work[name]:9}")
parameter_share = 100 * counts["fc_layer.0"] / total
work_share = 100 * work["layer.2"] / sum(work.values())
# --8<-- [end:multiplications]

# --8<-- [start:draw-shares]
fig, ax = plt.subplots(num="shares", figsize=(4.6, 3.6))
kinds = [("parameters", counts, total, "C0"), ("multiplications", work, sum(work.values()), "C1")]
for offset, (kind, numbers, whole, color) in enumerate(kinds):
    for row, name in enumerate(numbers):
        share = 100 * numbers[name] / whole
        y = row + 0.4 * offset
        ax.barh(y, share, color=color, height=0.36)
        ax.text(share + 1, y, f"{share:.1f} %", color=color, va="center")
ax.set(yticks=[row + 0.2 for row in range(5)], yticklabels=list(counts), ylim=(5, -1))
ax.set(xlim=(0, 90), xticks=[])
ax.text(1, -0.75, "parameters", color="C0", va="center")
ax.text(33, -0.75, "multiplications", color="C1", va="center")
ax.spines["bottom"].set_visible(False)
plt.show()
# --8<-- [end:draw-shares]

# --8<-- [start:eval-mode]
same_model = torch.equal(model.train()(images), model.eval()(images))
print("without dropout:", same_model)

with_dropout = nn.Sequential(nn.Dropout(0.5), model.fc_layer)
with_dropout.train()
print("dropout, train():", torch.equal(with_dropout(flat), with_dropout(flat)))
with_dropout.eval()
print("dropout, eval(): ", torch.equal(with_dropout(flat), with_dropout(flat)))
# --8<-- [end:eval-mode]
