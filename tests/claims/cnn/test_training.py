"""Claims of docs/*/cnn/training.md that its snippet does not show by itself."""

import gzip
import json
import math
import pickle
import re
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from sklearn.datasets import load_digits
from torch import nn

SNIPPET = Path(__file__).parents[3] / "snippets" / "cnn" / "training.py"
v2 = pytest.importorskip("torchvision.transforms.v2")
DEBIAN = Path("/usr/share/datasets/fashion-mnist")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """The runner's setting: sums, and so trained weights, depend on the number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def source(name: str) -> str:
    marked = rf"# --8<-- \[start:{name}\]\n(.*?)# --8<-- \[end:{name}\]"
    found = re.search(marked, SNIPPET.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"the snippet has no section {name}"
    return found[1]


@pytest.fixture(scope="module")
def lesson() -> dict[str, Any]:
    """All that the page defines before it trains: data, parts, seeds, model, functions and recipes."""
    names: dict[str, Any] = {}
    for section in ("data", "split", "enlarge", "cnn", "evaluate", "shift", "train"):
        exec(compile(source(section), f"{SNIPPET.name}:{section}", "exec"), names)
    exec(source("choose").split("models, histories")[0], names)
    return names


# The parts ---------------------------------------------------------------------------


def test_parts_share_no_image(lesson: dict[str, Any]) -> None:
    """cnn/training.md#split: "**Line 2** cuts that order into three parts."."""
    parts = [lesson[name].tolist() for name in ("training", "validation", "test")]
    assert [len(part) for part in parts] == [1137, 300, 360]
    assert sorted(n for part in parts for n in part) == list(range(1797))


def test_order_does_not_depend_on_the_seed(lesson: dict[str, Any]) -> None:
    """cnn/training.md#split: "It is given a random generator of its own, so the order is always the same, whatever is
    done to the seed elsewhere."."""
    for seed in (0, 1, 12345):
        torch.manual_seed(seed)
        again: dict[str, Any] = {"torch": torch}
        exec(source("split"), again)
        assert torch.equal(again["order"], lesson["order"])


def test_no_image_occurs_twice(lesson: dict[str, Any]) -> None:
    """cnn/training.md#split: "So you need a third part that has decided nothing."."""
    assert len(torch.unique(lesson["small"].flatten(1), dim=0)) == 1797


def test_seven_may_be_wrong() -> None:
    """cnn/training.md#split: "The number of wrong images is an integer, so at most 7."."""
    assert max(wrong for wrong in range(360) if 100 * (360 - wrong) >= 98 * 360) == 7


# Enlarging ---------------------------------------------------------------------------


def test_a_new_pixel_is_a_weighted_mean_of_at_most_four() -> None:
    """cnn/training.md#enlarge: "`Resize` changes the size: each new pixel is a weighted mean of up to four of the
    nearest old ones."."""
    one_pixel_each = torch.eye(64, dtype=torch.float64).reshape(64, 1, 8, 8)
    weights = v2.Resize((28, 28))(one_pixel_each).flatten(1).T
    assert weights.shape == (784, 64)
    assert torch.allclose(weights.sum(1), torch.ones(784, dtype=torch.float64), atol=1e-12)
    assert weights.min() >= 0
    used = (weights > 1e-12).sum(1)
    assert used.max() == 4
    assert torch.linalg.matrix_rank(weights) == 64
    for pixel in range(784):
        rows, columns = zip(*(divmod(n, 8) for n in (weights[pixel] > 1e-12).nonzero().flatten().tolist()), strict=True)
        assert max(rows) - min(rows) <= 1
        assert max(columns) - min(columns) <= 1


def test_rank(lesson: dict[str, Any]) -> None:
    """cnn/training.md#enlarge: "the 64 pixels of 8×8, less 3 that are 0 in every image"."""
    always_zero = (lesson["small"].flatten(1).amax(0) == 0).sum().item()
    assert always_zero == 3
    assert lesson["rank"] == 64 - always_zero
    assert torch.linalg.matrix_rank(lesson["images"].flatten(1).double(), rtol=1e-5) == 61


def test_what_the_data_set_says_of_itself() -> None:
    """cnn/training.md#not-mnist: "these images were black-and-white and 32×32; each pixel counts the inked cells in a
    block of 4×4, hence 0 to 16"; "By the same description there were 13."."""
    text = " ".join(load_digits().DESCR.split())
    assert "32x32 bitmaps are divided into nonoverlapping blocks of 4x4 and the number of on pixels are counted" in text
    assert "each element is an integer in the range 0..16" in text
    assert "30 contributed to the training set and different 13 to the test set" in text
    assert "This is a copy of the test set of the UCI ML hand-written digits datasets" in text


# Loss --------------------------------------------------------------------------------


def test_cross_entropy_of_logits() -> None:
    """cnn/training.md#evaluate: "`nn.CrossEntropyLoss` takes the logits $z$ and the label $y$, and does the softmax and
    the logarithm itself."."""
    torch.manual_seed(0)
    z, y = torch.randn(7, 10, dtype=torch.float64), torch.randint(10, (7,))
    by_hand = [
        math.log(sum(map(math.exp, row))) - row[label] for row, label in zip(z.tolist(), y.tolist(), strict=True)
    ]
    assert nn.CrossEntropyLoss()(z, y).item() == pytest.approx(sum(by_hand) / 7, abs=1e-12)


def test_loss_of_equal_logits() -> None:
    """cnn/training.md#evaluate: "If all ten logits are equal, every digit has the probability 1/10."; #self-check: "The
    loss is $\\ln 100 = 2 \\ln 10$"."""
    for classes in (10, 100):
        loss = nn.CrossEntropyLoss()(torch.full((1, classes), 3.7, dtype=torch.float64), torch.tensor([3]))
        assert loss.item() == pytest.approx(math.log(classes), abs=1e-12)
    assert math.log(100) == pytest.approx(2 * math.log(10), abs=1e-12)


def test_softmax_does_not_change_the_answer() -> None:
    """cnn/training.md#evaluate: "Softmax does not change which one is largest, so choosing a digit does not need
    it."."""
    torch.manual_seed(0)
    logits = 3 * torch.randn(1000, 10, dtype=torch.float64)
    assert torch.equal(logits.argmax(1), logits.softmax(1).argmax(1))


def test_loss_after_softmax_has_a_floor() -> None:
    """cnn/training.md#evaluate: "The answer is perfect, but the loss cannot go below $\\ln(e + 9) - 1$"."""
    loss_fn, target = nn.CrossEntropyLoss(), torch.tensor([3])
    floor = math.log(math.e + 9) - 1
    perfect = F.one_hot(target, 10).double()
    assert loss_fn(perfect, target).item() == pytest.approx(floor, abs=1e-12)
    torch.manual_seed(0)
    anything = 20 * torch.randn(5000, 10, dtype=torch.float64)
    each = F.cross_entropy(anything.softmax(1), target.expand(5000), reduction="none")
    assert floor - 1e-12 <= each.min().item() < floor + 0.01


# Augmentation ------------------------------------------------------------------------


def test_random_crop_moves_by_up_to_two_pixels() -> None:
    """cnn/training.md#augmentation: "That moves the image by up to two pixels, up or down and left or right, in one of
    $5 \\times 5 = 25$ ways."."""
    torch.manual_seed(0)
    dot = torch.zeros(1, 28, 28)
    dot[0, 14, 14] = 1
    crop = v2.RandomCrop(28, padding=2)
    places = {tuple(crop(dot)[0].nonzero()[0].tolist()) for _ in range(500)}
    assert places == {(row, column) for row in range(12, 17) for column in range(12, 17)}
    white = crop(torch.ones(1, 28, 28))
    assert set(white.unique().tolist()) <= {0.0, 1.0}


def test_a_transform_draws_once_a_call() -> None:
    """cnn/training.md#augmentation: "A transform of torchvision draws its random numbers once each time it is called.";
    #self-check: "One call draws one angle, so all 64 images turn by the same angle."."""
    torch.manual_seed(0)
    picture = torch.rand(1, 28, 28)
    for transform in (v2.RandomCrop(28, padding=2), v2.RandomRotation(10), v2.RandomHorizontalFlip()):
        batch = transform(picture.expand(64, 1, 28, 28))
        assert len(batch.unique(dim=0)) == 1
        alone = torch.stack([transform(picture) for _ in range(64)])
        assert len(alone.unique(dim=0)) > 1


def test_one_cycle() -> None:
    """cnn/training.md#train: "For the first 30 % of the steps it rises from 1/25 of `lr` to `lr`, and then it falls to
    nearly 0"."""
    optimizer = torch.optim.Adam(nn.Linear(1, 1).parameters(), lr=3e-3)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=200)
    rates = []
    for _ in range(200):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(rates) < 200:
            scheduler.step()
    peak = rates.index(max(rates))
    assert rates[0] == pytest.approx(3e-3 / 25, rel=1e-9)
    assert max(rates) == pytest.approx(3e-3, rel=1e-9)
    assert peak / 200 == pytest.approx(0.3, abs=0.01)
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] < 1e-7


def test_last_mini_batch(lesson: dict[str, Any]) -> None:
    """cnn/training.md#train: "The last mini-batch has 49."."""
    sizes = [len(batch) for batch in lesson["training"].split(64)]
    assert sizes == [64] * 17 + [49]


def test_only_training_images_are_transformed(lesson: dict[str, Any]) -> None:
    """cnn/training.md#train: "**Line 14** transforms training images only. **Line 20** measures on validation images
    that nobody touched."."""
    seen = []

    def spy(images: torch.Tensor) -> torch.Tensor:
        seen.append(images)
        return images

    training, validation = lesson["training"][:70], lesson["validation"][:20]
    recipe = {**lesson["recipes"]["with shifts"], "transform": spy}
    lesson["train"](lesson["images"], lesson["labels"], training, validation, 0, **recipe, epochs=1)
    shown = torch.cat(seen).flatten(1)
    assert torch.equal(shown.unique(dim=0), lesson["images"][training].flatten(1).unique(dim=0))


def test_same_seed_same_model(lesson: dict[str, Any]) -> None:
    """cnn/training.md#split: "The five seeds in **line 3** determine the initial weights, the order of the mini-batches
    and the random numbers of the augmentation below."."""
    parts = lesson["training"][:128], lesson["validation"][:20]
    recipe = lesson["recipes"]["with shifts"]
    first, again, other = (
        lesson["train"](lesson["images"], lesson["labels"], *parts, seed, **recipe, epochs=1)[1] for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


# The result --------------------------------------------------------------------------


def test_five_seeds(lesson: dict[str, Any]) -> None:
    """cnn/training.md#test-once: "Train the same recipe with each of the seeds 0, 1, 2, 3 and 4, and **all five models
    get at least 98 % of the test images right**."."""
    assert lesson["seeds"] == [0, 1, 2, 3, 4]
    images, labels, test = lesson["images"], lesson["labels"], lesson["test"]
    few = lesson["validation"][:1]  # what is measured on them decides nothing
    wrong = []
    for seed in lesson["seeds"]:
        model, _ = lesson["train"](images, labels, lesson["training"], few, seed, **lesson["recipes"]["with shifts"])
        wrong.append(lesson["evaluate"](model, images[test], labels[test])[1])
    assert max(wrong) / len(test) <= 0.02, f"wrong of {len(test)}: {wrong}"


def test_deviation_of_an_accuracy() -> None:
    """cnn/training.md#test-once: "If each image is right with probability $p$, independently of the others, the
    accuracy measured on $n$ images has the standard deviation"."""
    p, n = 0.99, 360
    chances = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    mean = sum(chance * k / n for k, chance in enumerate(chances))
    variance = sum(chance * (k / n - mean) ** 2 for k, chance in enumerate(chances))
    assert math.sqrt(variance) == pytest.approx(math.sqrt(p * (1 - p) / n), rel=1e-9)


def test_best_of_twenty_is_above_the_average() -> None:
    """cnn/training.md#self-check: "Even among 20 equally good models the highest score was clearly above the
    average."."""
    p, n = 0.985, 360
    chances = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    below, best = 0.0, 0.0
    for k, chance in enumerate(chances):
        best += k / n * ((below + chance) ** 20 - below**20)
        below += chance
    assert best > p + 0.01


def test_confusion_matrix_counts_pairs() -> None:
    """cnn/training.md#confusion: "a 9 that was read as 5 has the number $10 \\times 9 + 5 = 95$"; "Rows are labels,
    columns are the model's answers."."""
    torch.manual_seed(0)
    labels, predicted = torch.randint(10, (500,)), torch.randint(10, (500,))
    table = torch.bincount(10 * labels + predicted, minlength=100).reshape(10, 10)
    for true in range(10):
        for guess in range(10):
            assert table[true, guess] == ((labels == true) & (predicted == guess)).sum()
    assert divmod(95, 10) == (9, 5)


def test_no_gradient_through_a_dead_filter() -> None:
    """cnn/training.md#feature-maps: "As long as its output is 0, no gradient flows through such a filter"."""
    torch.manual_seed(0)
    layer = nn.Conv2d(1, 2, 5, dtype=torch.float64)
    with torch.no_grad():
        layer.bias[0] = -100.0
    layer(torch.rand(3, 1, 28, 28, dtype=torch.float64)).relu().sum().backward()
    assert layer.weight.grad[0].abs().max() == 0
    assert layer.weight.grad[1].abs().max() > 0


# Saving ------------------------------------------------------------------------------


def test_layout_of_a_safetensors_file(lesson: dict[str, Any], tmp_path: Path) -> None:
    """cnn/training.md#save: "8 bytes that say how long it is, and then the name, shape and place of each tensor, as
    text"; "so the parameters take $123222 \\times 4 = 492888$ bytes"."""
    model, file = lesson["CNN"](), tmp_path / "cnn.safetensors"
    save_file(model.state_dict(), file)
    content = file.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    assert len(content) == 8 + length + 123222 * 4
    assert 123222 * 4 == 492888
    state = model.state_dict()
    assert header.keys() == state.keys()
    for name, entry in header.items():
        assert entry["shape"] == list(state[name].shape)
        start, end = entry["data_offsets"]
        raw = content[8 + length + start : 8 + length + end]
        assert raw == state[name].numpy().tobytes()


class Surprise:
    """What a stranger's file may hold: reading it calls a function."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("executed"),))


def test_pickle_executes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """cnn/training.md#save: "If you read a stranger's file with `torch.load(…, weights_only=False)`, code inside it can
    be executed."."""
    monkeypatch.chdir(tmp_path)
    torch.save(Surprise(), "model.pt")
    with pytest.raises(pickle.UnpicklingError):
        torch.load("model.pt")
    assert not Path("executed").exists()
    torch.load("model.pt", weights_only=False)
    assert Path("executed").exists()


# FashionMNIST ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fashion(lesson: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The page's function, defined where no data are, as in the build."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("empty"))
        exec(source("fashion"), lesson)
    assert lesson["fashion_result"] is None
    return lesson["train_on_fashion"]


def test_without_the_data(fashion: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """cnn/training.md#fashion-mnist: "Without them you get a `RuntimeError`, and **lines 7–9** say where they
    looked."."""
    datasets = pytest.importorskip("torchvision.datasets")
    with pytest.raises(RuntimeError, match="Dataset not found"):
        datasets.FashionMNIST(tmp_path, download=False)
    assert fashion(tmp_path) is None
    assert capsys.readouterr().out == f"FashionMNIST is not in {tmp_path}/FashionMNIST/raw: not trained\n"


def test_with_the_data(fashion: Any, tmp_path: Path) -> None:
    """cnn/training.md#fashion-mnist: "the tests of this site run the function with 4000 images for two epochs and check
    that it gets more than 60 % of the test images right"."""
    if not DEBIAN.is_dir():
        pytest.skip(f"Debian's dataset-fashion-mnist is not installed: no {DEBIAN}")
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for packed in DEBIAN.glob("*.gz"):
        with gzip.open(packed) as inside, (raw / packed.stem).open("wb") as outside:
            shutil.copyfileobj(inside, outside)
    _, wrong = fashion(tmp_path, count=4000, epochs=2)
    assert wrong < 4000


def test_forty_four_times_as_long() -> None:
    """cnn/training.md#fashion-mnist: "With 50000 training images an epoch takes about 44 times as long as with 1137
    digits."."""
    assert round(50000 / 1137) == 44


def test_self_check_numbers() -> None:
    """cnn/training.md#self-check: "To be above 99 % it must make fewer than $250/100 = 5/2$ mistakes, so at most
    2."."""
    assert 245 * 100 == 98 * 250
    assert max(wrong for wrong in range(250) if 100 * (250 - wrong) > 99 * 250) == 2
