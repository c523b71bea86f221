# --8<-- [start:run]
import torch


def run(code, **names):
    try:
        exec(code, {"torch": torch, **names})
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


# --8<-- [end:run]

# --8<-- [start:comments]
run("target = torch.tensor([2.0,3.0]) 목표값")
run("loss.backward() x에 대한 기울기 계산")
run("optimizer.zero_grad()  이전의 기울기를 0으로 초기화")

run("target = torch.tensor([2.0,3.0])  # 목표값")
# --8<-- [end:comments]

# --8<-- [start:uninitialised]
torch.use_deterministic_algorithms(True)
print(torch.Tensor(5, 2)[0])
torch.use_deterministic_algorithms(False)

torch.manual_seed(0)
print(torch.rand(5, 2)[0])
# --8<-- [end:uninitialised]

# --8<-- [start:two-lists]
run("X = torch.tensor([1,2,3],[4,5,6])")

X = torch.tensor([[1, 2, 3], [4, 5, 6]])  # (2, 3)
print(X)
# --8<-- [end:two-lists]

# --8<-- [start:requires-grad]
x = torch.tensor(data=[1.0, 2.0], requires_grad=True)
z = 3 * x**2 + 15
print(x.grad)
z.sum().backward()
print(x.grad)
# --8<-- [end:requires-grad]

# --8<-- [start:gradient-of-loss]
for target in ([2.0, 3.0], [20.0, 20.0]):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    z = 3 * (x**2 + 5)
    loss = torch.sum(torch.abs(z - torch.tensor(target)))
    loss.backward()
    print("target", target, "grad", x.grad.tolist())
# --8<-- [end:gradient-of-loss]

# --8<-- [start:only-x]
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x**2 + 5
z = 3 * y
loss = torch.sum(torch.abs(z - torch.tensor([2.0, 3.0])))
loss.backward()
print(x.grad, y.grad, z.grad)
# --8<-- [end:only-x]

# --8<-- [start:retain-grad]
y = x**2 + 5
z = 3 * y
y.retain_grad()
z.retain_grad()
torch.sum(torch.abs(z - torch.tensor([2.0, 3.0]))).backward()
print(y.grad, z.grad)
# --8<-- [end:retain-grad]


# --8<-- [start:local-minimum]
def slope(x):
    return 4 * x**3 - 4 * x + 1 / 2


for start in (-2, 2):
    x = start
    for step in range(200):
        x = x - 0.05 * slope(x)
    height = x**4 - 2 * x**2 + x / 2
    print(f"from {start}: x = {x:.3f}, height = {height:.3f}")
# --8<-- [end:local-minimum]

# --8<-- [start:imports]
run("x = init.uniform (torch.Tensor(500, 1), -10, 10)")
run("model = nn.Linear(1,1)")
run("optimizer = optim.SGD([], lr = 0.01)")

from torch import nn, optim
from torch.nn import init
# --8<-- [end:imports]

# --8<-- [start:old-init]
torch.manual_seed(0)
data = 500
x = init.uniform(torch.Tensor(data, 1), -10, 10)

x = init.uniform_(torch.empty(500, 1), -10, 10)  # (500, 1)
# --8<-- [end:old-init]

# --8<-- [start:legacy]
print(torch.Tensor(500, 1).shape, torch.Tensor([500, 1]))

noise = init.normal_(torch.empty(500, 1), std=1)  # (500, 1)
y_noise = 5 * x + 2 + noise
# --8<-- [end:legacy]

# --8<-- [start:noise-shape]
flat_noise = torch.randn(500)
print((5 * x + 2 + flat_noise).shape)
print((5 * x + 2 + flat_noise.unsqueeze(1)).shape)
# --8<-- [end:noise-shape]

# --8<-- [start:bias]
print(nn.Linear(1, 1).bias is None, nn.Linear(1, 1, bias=False).bias is None)
# --8<-- [end:bias]

# --8<-- [start:capital-model]
model = nn.Linear(1, 1)
run("Model.parameters()", model=model)
print([name for name, parameter in model.named_parameters()])
# --8<-- [end:capital-model]

# --8<-- [start:sgd]
loss_fn = nn.L1Loss()
for size in (500, 500, 10, 10):
    batch = torch.randperm(500)[:size]
    model.zero_grad()
    loss_fn(model(x[batch]), y_noise[batch]).backward()
    print(size, f"{model.bias.grad.item():.4f}")
# --8<-- [end:sgd]

# --8<-- [start:zero-grad]
model.zero_grad()
print(model.weight.grad)
# --8<-- [end:zero-grad]

# --8<-- [start:step]
w = torch.tensor([1.0], requires_grad=True)
w.grad = torch.tensor([3.0])
optim.SGD([w], lr=0.01).step()
print(f"w = {w.item():.2f}, w.grad = {w.grad.item():.0f}")
# --8<-- [end:step]


# --8<-- [start:two-hundred]
def fit(loss_fn, epochs):
    torch.manual_seed(0)
    model = nn.Linear(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    for epoch in range(epochs):
        optimizer.zero_grad()
        loss_fn(model(x), y_noise).backward()
        optimizer.step()
    return model.weight.item(), model.bias.item()


w_l1, b_l1 = fit(nn.L1Loss(), 200)
w_long, b_long = fit(nn.L1Loss(), 1000)
print(f"L1,  200 epochs: w = {w_l1:.2f}, b = {b_l1:.2f}")
print(f"L1, 1000 epochs: w = {w_long:.2f}, b = {b_long:.2f}")
# --8<-- [end:two-hundred]

# --8<-- [start:mse]
w_mse, b_mse = fit(nn.MSELoss(), 200)
print(f"MSE, 200 epochs: w = {w_mse:.2f}, b = {b_mse:.2f}")
# --8<-- [end:mse]

# --8<-- [start:sequential]
model = nn.Sequential(nn.Linear(1, 5), nn.ReLU(), nn.Linear(5, 1))
print(type(model).__name__)
print(model(torch.zeros(8, 1)).shape)
# --8<-- [end:sequential]

# --8<-- [start:lecture-layers]
layer = nn.Sequential(
    nn.Conv2d(1, 16, 5),
    nn.ReLU(),
    nn.Conv2d(16, 32, 5),
    nn.ReLU(),
    nn.MaxPool2d(2, 2),
    nn.Conv2d(32, 64, 5),
    nn.ReLU(),
    nn.MaxPool2d(2, 2),
)
print(*[type(part).__name__ for part in layer])
# --8<-- [end:lecture-layers]


# --8<-- [start:padding]
def uses(padding):
    image = torch.ones(1, 1, 8, 8, requires_grad=True)
    kernel = torch.ones(1, 1, 3, 3)
    nn.functional.conv2d(image, kernel, padding=padding).sum().backward()
    return image.grad[0, 0].int()


for padding in (0, 1):
    count = uses(padding)
    print("padding", padding, "corner", count[0, 0].item(), "inside", count[4, 4].item())
# --8<-- [end:padding]

# --8<-- [start:strongest]
window = torch.tensor([[[-5.0, 1.0], [0.0, -2.0]]])
print(nn.MaxPool2d(2)(window))
# --8<-- [end:strongest]

# --8<-- [start:half]
before = torch.zeros(1, 32, 20, 20)
after = nn.MaxPool2d(2, 2)(before)  # (1, 32, 10, 10)
print(before.numel(), after.numel(), before.numel() // after.numel())
# --8<-- [end:half]

# --8<-- [start:height-first]
image = torch.zeros(1, 1, 28, 40)
image[0, 0, 0, :] = 1
print(image[0, 0].sum(dim=1)[:3], image[0, 0].shape)
# --8<-- [end:height-first]

# --8<-- [start:floor]
import math
from fractions import Fraction

different = 0
for size in range(5, 40):
    for stride in range(1, 6):
        a = Fraction(size - 5, stride)
        different += math.floor(a + 1) != math.floor(a) + 1
print(different)
# --8<-- [end:floor]

# --8<-- [start:comma]
fc_layer = """nn.Sequential(
    nn.Linear(64*3*3, 100),
    nn.ReLU()
    nn.Linear(100, 10)
)"""
run(fc_layer, nn=nn)
run(fc_layer.replace("ReLU()", "ReLU(),"), nn=nn)
# --8<-- [end:comma]


# --8<-- [start:super]
class Net(nn.Module):
    def __init__(self):
        super(CNN, self).__init__()


run("Net()", Net=Net)
# --8<-- [end:super]


# --8<-- [start:batch-size]
class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = layer
        self.fc_layer = nn.Sequential(nn.Linear(64 * 3 * 3, 100), nn.ReLU(), nn.Linear(100, 10))

    def forward(self, x):
        out = self.layer(x)
        out = out.view(batch_size, -1)
        return self.fc_layer(out)


model = CNN()
run("model(torch.zeros(64, 1, 28, 28))", model=model)
# --8<-- [end:batch-size]

# --8<-- [start:last-batch]
batch_size = 64
for images in torch.zeros(67, 1, 28, 28).split(batch_size):
    print(images.shape)
    run("model(images)", model=model, images=images)
# --8<-- [end:last-batch]


# --8<-- [start:flatten]
def forward(self, x):
    out = self.layer(x)
    out = out.flatten(start_dim=1)
    return self.fc_layer(out)


CNN.forward = forward
print(model(torch.zeros(64, 1, 28, 28)).shape, model(torch.zeros(3, 1, 28, 28)).shape)
# --8<-- [end:flatten]

# --8<-- [start:logits]
torch.manual_seed(0)
logits = CNN()(torch.rand(1, 1, 28, 28))  # (1, 10)
print(f"{logits.min().item():.3f} {logits.sum().item():.3f}")
print(f"{logits.softmax(dim=1).sum().item():.3f}")
# --8<-- [end:logits]
