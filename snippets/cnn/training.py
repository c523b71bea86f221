# time limit: 300 s

# --8<-- [start:data]
import torch
from sklearn.datasets import load_digits

digits = load_digits()
small = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1)  # (1797, 1, 8, 8)
labels = torch.tensor(digits.target)  # (1797)
# --8<-- [end:data]

# --8<-- [start:split]
order = torch.randperm(1797, generator=torch.Generator().manual_seed(0))
test, validation, training = order.split([360, 300, 1137])
seeds = [0, 1, 2, 3, 4]
# --8<-- [end:split]

# --8<-- [start:enlarge]
from torchvision.transforms import v2

prepare = v2.Compose([v2.Normalize(mean=[0], std=[16]), v2.Resize((28, 28))])
images = prepare(small)  # (1797, 1, 28, 28)
pixels = images.flatten(1)  # (1797, 784)
rank = torch.linalg.matrix_rank(pixels).item()
print(f"{pixels.min():.0f} to {pixels.max():.0f}, {pixels.shape[1]} pixels, rank {rank}")
# --8<-- [end:enlarge]

# --8<-- [start:draw-enlarged]
import matplotlib.pyplot as plt

example = training[0].item()
fig, axes = plt.subplots(1, 2, num="enlarged", figsize=(4.6, 2.6))
for ax, picture in zip(axes, (small[example, 0] / 16, images[example, 0])):
    ax.imshow(picture.numpy(), cmap="gray", vmin=0, vmax=1)
    ax.set_title(f"{len(picture)} × {len(picture)}")
    ax.axis("off")
plt.show()
# --8<-- [end:draw-enlarged]

# --8<-- [start:cnn]
from torch import nn


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

# --8<-- [start:evaluate]
loss_fn = nn.CrossEntropyLoss()


def evaluate(model, images, labels):
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(part) for part in images.split(500)])
    wrong = (logits.argmax(1) != labels).sum().item()
    return loss_fn(logits, labels).item(), wrong


even_loss = loss_fn(torch.zeros(1, 10), torch.tensor([3])).item()
torch.manual_seed(seeds[0])
start_loss, start_wrong = evaluate(CNN(), images[validation], labels[validation])
print(f"all logits equal: {even_loss:.3f}")
print(f"not trained yet:  {start_loss:.3f}, {start_wrong} of {len(validation)} wrong")
# --8<-- [end:evaluate]

# --8<-- [start:softmax-twice]
certain = 1000.0 * torch.eye(10)[[3]]  # (1, 10)
target = torch.tensor([3])
floor = loss_fn(certain.softmax(1), target).item()
print(f"logits: {loss_fn(certain, target):.4f}, after softmax: {floor:.4f}")
# --8<-- [end:softmax-twice]

# --8<-- [start:shift]
shift = v2.RandomCrop(28, padding=2)


def shift_each(images):
    return torch.stack([shift(image) for image in images])


torch.manual_seed(0)
six = images[training][labels[training] == 6][0]  # (1, 28, 28)
copies = six.expand(100, 1, 28, 28)
together = shift(copies)  # (100, 1, 28, 28)
apart = shift_each(copies)  # (100, 1, 28, 28)
print("shift:     ", len(together.unique(dim=0)), "different images")
print("shift_each:", len(apart.unique(dim=0)), "different images")
# --8<-- [end:shift]

# --8<-- [start:draw-augmented]
pictures = [six, *apart[:3], six.flip(2), six.flip(1, 2)]
names = ["original", "shifted", "shifted", "shifted", "mirrored", "turned 180°"]
fig, axes = plt.subplots(2, 3, num="augmented", figsize=(4.6, 3.6))
for ax, picture, name in zip(axes.flat, pictures, names):
    ax.imshow(picture[0].numpy(), cmap="gray", vmin=0, vmax=1)
    ax.set_title(name)
    ax.axis("off")
plt.show()
# --8<-- [end:draw-augmented]


# --8<-- [start:train]
def train(images, labels, training, validation, seed, lr, one_cycle, transform, epochs=12):
    torch.manual_seed(seed)
    model = CNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    if one_cycle:
        steps = epochs * len(training.split(64))
        scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps)
    history = []
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for batch in training[torch.randperm(len(training))].split(64):
            optimizer.zero_grad()
            loss = loss_fn(model(transform(images[batch])), labels[batch])
            loss.backward()
            optimizer.step()
            if one_cycle:
                scheduler.step()
            total += loss.item() * len(batch)
        validation_loss, wrong = evaluate(model, images[validation], labels[validation])
        history.append([total / len(training), validation_loss, wrong])
    return model, history


# --8<-- [end:train]

# --8<-- [start:choose]
recipes = {
    "constant": {"lr": 1e-3, "one_cycle": False, "transform": nn.Identity()},
    "one cycle": {"lr": 3e-3, "one_cycle": True, "transform": nn.Identity()},
    "with shifts": {"lr": 3e-3, "one_cycle": True, "transform": shift_each},
}
models, histories, wrongs = {}, {}, []
print("recipe       training  validation  wrong")
for name, recipe in recipes.items():
    models[name], histories[name] = train(images, labels, training, validation, seeds[0], **recipe)
    training_loss, validation_loss, wrong = histories[name][-1]
    wrongs.append(wrong)
    print(f"{name:11} {training_loss:9.4f} {validation_loss:11.4f} {wrong:6}")
best = min(recipes, key=lambda name: histories[name][-1][1])
print("chosen:", best)
# --8<-- [end:choose]

# --8<-- [start:draw-curves]
fig, axes = plt.subplots(3, 1, num="curves", figsize=(4.6, 6.2), sharex=True, sharey=True)
for ax, (name, history) in zip(axes, histories.items()):
    for column, label, style in ((0, "training", "C1--"), (1, "validation", "C0-")):
        losses = [row[column] for row in history]
        side = "bottom" if losses[-1] == max(history[-1][:2]) else "top"
        ax.semilogy(range(1, len(losses) + 1), losses, style)
        ax.text(len(losses) + 0.3, losses[-1], label, color=style[:2], va=side)
    ax.set(title=name, ylabel="loss", xlim=(0.7, 15.7), ylim=(2e-3, 4))
    ax.grid(axis="y")
axes[2].set(xlabel="epoch", xticks=range(2, 13, 2))
plt.show()
# --8<-- [end:draw-curves]

# --8<-- [start:best-of-many]
torch.manual_seed(0)
equal_models = torch.distributions.Binomial(360, torch.tensor(0.985))
scores = equal_models.sample((1000, 20)) / 360  # (1000, 20)
average, best_of_20 = 100 * scores.mean().item(), 100 * scores.amax(1).mean().item()
print(f"average {average:.1f} %, best of 20 {best_of_20:.1f} %")
# --8<-- [end:best-of-many]

# --8<-- [start:test-once]
model = models[best]
test_loss, test_wrong = evaluate(model, images[test], labels[test])
test_accuracy = 1 - test_wrong / len(test)
standard_error = (test_accuracy * (1 - test_accuracy) / len(test)) ** 0.5
print(f"{test_wrong} of {len(test)} wrong, accuracy {100 * test_accuracy:.1f} %")
# --8<-- [end:test-once]

# --8<-- [start:confusion]
with torch.no_grad():
    logits = model(images[test])  # (360, 10)
predicted = logits.argmax(1)
pairs = 10 * labels[test] + predicted
confusion = torch.bincount(pairs, minlength=100).reshape(10, 10)
nines, nines_right = confusion[9].sum().item(), confusion[9, 9].item()
called_5, fives_right = confusion[:, 5].sum().item(), confusion[5, 5].item()
print(f"{nines_right} of {nines} nines are read as 9")
print(f"{fives_right} of {called_5} images read as 5 are fives")
# --8<-- [end:confusion]

# --8<-- [start:draw-confusion]
fig, ax = plt.subplots(num="confusion", figsize=(4.6, 4.4))
for true in range(10):
    for guess in range(10):
        count = confusion[true, guess].item()
        if count:
            color = "C0" if true == guess else "C4"
            ax.add_patch(plt.Rectangle((guess - 0.5, true - 0.5), 1, 1, fc=color, alpha=0.4))
            ax.text(guess, true, count, ha="center", va="center")
ax.set(xlim=(-0.5, 9.5), ylim=(9.5, -0.5), aspect="equal", xticks=range(10), yticks=range(10))
ax.set(xlabel="predicted", ylabel="true")
plt.show()
# --8<-- [end:draw-confusion]

# --8<-- [start:hardest]
chance = logits.softmax(1)  # (360, 10)
chance_of_true = chance[torch.arange(len(test)), labels[test]]  # (360)
hardest = chance_of_true.argsort()[:8].tolist()
surest_percent = 100 * (chance.amax(1) * (predicted != labels[test])).max().item()

fig, axes = plt.subplots(2, 4, num="hardest", figsize=(4.8, 3.5))
for ax, place in zip(axes.flat, hardest):
    true, guess = labels[test][place].item(), predicted[place].item()
    ax.imshow(images[test][place, 0].numpy(), cmap="gray", vmin=0, vmax=1)
    title = f"{true} → {guess}\n{100 * chance[place, guess]:.0f} %"
    ax.set_title(title, color="black" if true == guess else "C4")
    ax.axis("off")
plt.show()
# --8<-- [end:hardest]

# --8<-- [start:moved]
torch.manual_seed(seeds[0])
start = CNN()
similarities = []
for number in (0, 2, 5):
    before, after = start.layer[number].weight.flatten(1), model.layer[number].weight.flatten(1)
    similarities.append(torch.cosine_similarity(before, after).mean().item())
    print(f"layer.{number}: {similarities[-1]:.2f}")
# --8<-- [end:moved]

# --8<-- [start:draw-filters]
fig = plt.figure(num="filters", figsize=(4.8, 3.4))
networks = (("before training", start), ("after training", model))
for half, (name, network) in zip(fig.subfigures(2, 1), networks):
    half.suptitle(name)
    for ax, kernel in zip(half.subplots(2, 8).flat, network.layer[0].weight.detach()[:, 0]):
        ax.imshow(kernel.numpy(), cmap="PuOr_r", vmin=-0.4, vmax=0.4)
        ax.axis("off")
plt.show()
# --8<-- [end:draw-filters]

# --8<-- [start:feature-maps]
with torch.no_grad():
    maps = model.layer[:2](images[validation])  # (300, 16, 24, 24)
    six_maps = model.layer[:2](six.unsqueeze(0))  # (1, 16, 24, 24)
dead = (maps.amax((0, 2, 3)) == 0).sum().item()
print("filters that are never above 0:", dead)

fig, axes = plt.subplots(4, 4, num="feature-maps", figsize=(4.6, 5.5))
for ax, feature_map in zip(axes.flat, six_maps[0]):
    ax.imshow(feature_map.numpy(), cmap="gray", vmin=0)
    ax.set_title(f"max {feature_map.max():.2f}")
    ax.axis("off")
plt.show()
# --8<-- [end:feature-maps]

# --8<-- [start:save]
from pathlib import Path

from safetensors.torch import load_file, save_file

save_file(model.state_dict(), "cnn.safetensors")
parameters = sum(p.numel() for p in model.parameters())
file_size = Path("cnn.safetensors").stat().st_size
print(parameters, "parameters,", file_size, "bytes")
# --8<-- [end:save]

# --8<-- [start:load]
loaded = CNN()
loaded.load_state_dict(load_file("cnn.safetensors"))
print(evaluate(loaded, images[test], labels[test]) == (test_loss, test_wrong))
# --8<-- [end:load]


# --8<-- [start:fashion]
from torchvision.datasets import FashionMNIST


def train_on_fashion(root, count=50000, epochs=12):
    try:
        parts = [FashionMNIST(root, train=part, download=False) for part in (True, False)]
    except RuntimeError:
        print(f"FashionMNIST is not in {root}/FashionMNIST/raw: not trained")
        return None
    images, test_images = (part.data.unsqueeze(1) / 255 for part in parts)
    labels, test_labels = (part.targets for part in parts)
    order = torch.randperm(60000, generator=torch.Generator().manual_seed(0))
    validation, training = order[:10000], order[10000 : 10000 + count]
    recipe = recipes["with shifts"]
    model = train(images, labels, training, validation, 0, **recipe, epochs=epochs)[0]
    return evaluate(model, test_images, test_labels)


fashion_result = train_on_fashion("data")
# --8<-- [end:fashion]
