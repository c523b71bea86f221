"""What `pytorch/what-is-pytorch.md` says and its snippet does not show by itself."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from fractions import Fraction as F
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

X, Y = (F(1), F(2), F(3)), (F(5), F(10), F(15))


def loss(w: F) -> F:
    return sum(((w * x - y) ** 2 for x, y in zip(X, Y, strict=True)), F(0)) / 3


def difference(w: F, h: F) -> F:
    """The change of the loss from `w` to `w + h`, divided by `h`."""
    return (loss(w + h) - loss(w)) / h


def torch_slope(w: float) -> float:
    x, y = (torch.tensor([float(n) for n in numbers], dtype=torch.float64) for numbers in (X, Y))
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    ((weight * x - y) ** 2).mean().backward()
    return float(weight.grad)


def run(code: str, folder: Path, name: str = "practice.py") -> str:
    """What a Python of its own says on stderr when it runs `code` as the file `name`."""
    file = folder / name
    file.write_text(code, encoding="utf-8")
    return subprocess.run([sys.executable, file], capture_output=True, text=True, check=False).stderr


def test_its_work_is_done_in_compiled_code() -> None:
    """pytorch/what-is-pytorch.md#three-things: "You write Python, but tensors are added and multiplied by a part of
    PyTorch that is written in C++ and compiled beforehand."
    """
    assert Path(torch._C.__file__).suffix in (".so", ".pyd")
    assert type(torch.Tensor.add).__name__ == type(torch.Tensor.mul).__name__ == "method_descriptor"


def test_a_tensor_is_faster_than_a_loop() -> None:
    """pytorch/what-is-pytorch.md#three-things: "That is why it is so much faster than adding numbers one by one in a
    Python `for` loop."
    """
    numbers = list(range(200_000))
    tensor = torch.tensor(numbers)

    def seconds(work: Any) -> float:
        times = []
        for _ in range(5):
            began = time.perf_counter()
            work()
            times.append(time.perf_counter() - began)
        return min(times)

    def loop() -> int:
        total = 0
        for number in numbers:
            total += number
        return total

    assert loop() == tensor.sum().item()
    assert seconds(loop) > 5 * seconds(tensor.sum)


def test_kakao_brain_is_in_the_licence() -> None:
    """pytorch/what-is-pytorch.md#history: "The `LICENSE` file that is installed with PyTorch lists those who gave it
    code. Kakao Brain of Korea is one of them."
    """
    files = [file for file in metadata.files("torch") or [] if file.name == "LICENSE"]
    main = min(files, key=lambda file: len(file.parts))
    assert re.search(r"contributions by Kakao Brain", main.read_text(encoding="utf-8"))


def test_python_needed() -> None:
    """pytorch/what-is-pytorch.md#install: "All code on this site was run with torch …, which needs Python 3.10 or
    newer."
    """
    assert metadata.metadata("torch")["Requires-Python"] == ">=3.10"


def test_the_name_pytorch_cannot_be_imported(tmp_path: Path) -> None:
    """pytorch/what-is-pytorch.md#install: "`import pytorch` gives `ModuleNotFoundError: No module named
    'pytorch'`."
    """
    assert "ModuleNotFoundError: No module named 'pytorch'" in run("import pytorch\n", tmp_path)


def test_a_file_named_torch_hides_pytorch(tmp_path: Path) -> None:
    """pytorch/what-is-pytorch.md#install: "The line with `torch.tensor` then ends in an `AttributeError`, and its
    message contains `module 'torch' has no attribute 'tensor'`. Give the file another name."
    """
    message = run("import torch\nprint(torch.tensor([1]))\n", tmp_path, "torch.py")
    assert "AttributeError" in message and "module 'torch' has no attribute 'tensor'" in message


def test_the_version_has_an_ending_that_names_the_build() -> None:
    """pytorch/what-is-pytorch.md#check-installation: "`torch.__version__` may end in something like `+cpu` or
    `+cu130`, which tells which build you have installed."
    """
    version, _, build = torch.__version__.partition("+")
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    cuda = torch.version.cuda
    assert build in ("", "cpu" if cuda is None else f"cu{cuda.replace('.', '')}")


def test_the_cpu_is_the_default_device() -> None:
    """pytorch/what-is-pytorch.md#check-installation: "It is the CPU unless you say otherwise"."""
    assert torch.tensor([1.0]).device.type == "cpu"
    assert torch.tensor([1.0], device="meta").device.type == "meta"


@pytest.mark.skipif(torch.cuda.is_available() or torch.backends.mps.is_available(), reason="has a GPU")
def test_a_build_for_gpus_is_not_a_gpu() -> None:
    """pytorch/what-is-pytorch.md#check-installation: "Even if the version ends in `+cu130`,
    `torch.cuda.is_available()` is `False` where there is no NVIDIA GPU or no driver.";
    "`torch.accelerator.current_accelerator(check_available=True)` returns the accelerator that can be used, or
    `None`."; "Without `check_available=True` it returns the device that your build supports".
    """
    assert torch.cuda.is_available() is False
    assert torch.accelerator.current_accelerator(check_available=True) is None
    supported = torch.accelerator.current_accelerator()
    assert (supported is not None and supported.type == "cuda") == (torch.version.cuda is not None)


def test_the_three_errors() -> None:
    """pytorch/what-is-pytorch.md#three-points: the table; "Their mean is (9 + 36 + 81) / 3 = 42."."""
    errors = [2 * x - y for x, y in zip(X, Y, strict=True)]
    assert errors == [-3, -6, -9]
    assert [error**2 for error in errors] == [9, 36, 81]
    assert loss(F(2)) == 42


def test_the_slope_is_what_the_loss_does() -> None:
    """pytorch/what-is-pytorch.md#which-way: "from $w = 2$, increase $w$ by a very small amount, and the loss falls by
    close to 28 times that amount."; "The smaller $h$, the closer to -28; but it does not come out exactly."
    """
    assert torch_slope(2.0) == -28
    steps = [F(1), F(1, 10), F(1, 100), F(1, 10**6)]
    gaps = [difference(F(2), h) + 28 for h in steps]
    assert gaps == [F(14, 3) * h for h in steps]
    assert gaps == sorted(gaps, reverse=True) and all(gap > 0 for gap in gaps)


def test_the_algebra_by_hand() -> None:
    """pytorch/what-is-pytorch.md#which-way: "So the loss is 14/3 (w - 5)²"; "14/3 h - 28"."""
    for w in (F(-4), F(0), F(2), F(5), F(31, 7)):
        assert loss(w) == F(14, 3) * (w - 5) ** 2
    for h in (F(1), F(-2), F(3, 17)):
        assert difference(F(2), h) == F(14, 3) * ((h - 3) ** 2 - 9) / h == F(14, 3) * h - 28


def test_numpy_keeps_no_notes() -> None:
    """pytorch/what-is-pytorch.md#which-way: "A NumPy array keeps no notes."."""
    array, tensor = np.array([1.0]), torch.tensor([1.0], requires_grad=True)
    assert not hasattr(array * 2, "grad_fn") and not hasattr(array * 2, "backward")
    assert (tensor * 2).grad_fn is not None


def test_one_backward_finds_all_slopes() -> None:
    """pytorch/what-is-pytorch.md#which-way: "With many, you have to compute the loss again for each of them";
    "`backward()` finds all the slopes in **one** go, however many there are."
    """
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 5), nn.Tanh(), nn.Linear(5, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    x = torch.linspace(-1, 1, 20, dtype=torch.float64).reshape(20, 1)
    calls = 0

    def loss_now() -> Any:
        nonlocal calls
        calls += 1
        return ((model(x) - x**2) ** 2).mean()

    loss_now().backward()
    assert calls == 1
    slopes = torch.cat([parameter.grad.flatten() for parameter in model.parameters()])

    base, nudged, h = loss_now().item(), [], 1e-6
    calls = 0
    with torch.no_grad():
        for parameter in model.parameters():
            for number in parameter.view(-1).split(1):
                number += h
                nudged.append((loss_now().item() - base) / h)
                number -= h
    assert calls == len(slopes) == 32
    assert torch.allclose(slopes, torch.tensor(nudged, dtype=torch.float64), atol=1e-5)


def test_the_table_side_by_side() -> None:
    """pytorch/what-is-pytorch.md#side-by-side: "default type for decimals `float64` `float32`"; "`dim` (`axis` works
    too)"; "computes on CPU"; "arrays and tensors are easily turned into each other".
    """
    array = np.array([[1.0, 2.0], [3.0, 4.0]])
    tensor = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert array.dtype == np.float64 and tensor.dtype == torch.float32
    assert tensor.sum(axis=0).tolist() == tensor.sum(dim=0).tolist() == array.sum(axis=0).tolist() == [4, 6]
    to_device: Any = array.to_device
    assert array.device == "cpu"
    with pytest.raises(ValueError, match="Only 'cpu' is accepted"):
        to_device("cuda")
    assert torch.equal(torch.tensor(array).float(), tensor) and (tensor.numpy() == array).all()


def test_how_many_numbers_each_model_learns() -> None:
    """pytorch/what-is-pytorch.md#what-is-pytorch: "The 2 numbers behind the line, the 61 behind the curve and the 1610
    that read the digits" (the numbers come from the run; here, from paper).
    """
    assert (1 + 1, (20 + 20) + (20 + 1), (16 * 9 + 16) + (144 * 10 + 10)) == (2, 61, 1610)
    models = [
        nn.Linear(1, 1),
        nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 1)),
        nn.Sequential(nn.Conv2d(1, 16, 3), nn.Flatten(), nn.Linear(144, 10)),
    ]
    assert [sum(p.numel() for p in model.parameters()) for model in models] == [2, 61, 1610]


def test_self_check_slopes() -> None:
    """pytorch/what-is-pytorch.md#self-check: "at $w = 4$ it is 14/3"; "14/3 (h - 2)"; "this becomes -28/3";
    "Positive." (at w = 6).
    """
    assert loss(F(4)) == F(14, 3)
    for h in (F(1), F(1, 9), F(-3)):
        assert difference(F(4), h) == F(14, 3) * (h - 2)
    assert torch_slope(4.0) == pytest.approx(-28 / 3, rel=1e-12)
    assert torch_slope(6.0) > 0 > torch_slope(4.0) > torch_slope(2.0)


def test_self_check_missing_requires_grad() -> None:
    """pytorch/what-is-pytorch.md#self-check: "`requires_grad=True`, where `w` is made."; "The error says `element 0 of
    tensors does not require grad and does not have a grad_fn`."
    """
    x, y, w = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([5.0, 10.0, 15.0]), torch.tensor(2.0)
    wrong = ((w * x - y) ** 2).mean()
    with pytest.raises(RuntimeError, match=r"^element 0 of tensors does not require grad and does not have a grad_fn$"):
        wrong.backward()
