"""The names that snippets use: found with their places, in the installed libraries, with an address for each."""

from __future__ import annotations

import builtins
import collections
import fractions
import importlib
import pathlib
import random
import textwrap
from contextlib import suppress
from functools import reduce
from typing import Any

import matplotlib.pyplot as plt
import numpy
import PIL.Image
import pytest
import sklearn.datasets
import sklearn.linear_model
import sklearn.preprocessing
import torch
import torchvision.datasets
import torchvision.transforms.v2
from matplotlib import artist, axes, axis, collections as marks, colors, figure, image, lines, patches, text, transforms
from torch import nn, optim
from torch.utils import data

from sitebuild import api, snippet
from sitebuild.project import Project
from tests.conftest import ROOT

SCRIPT = """
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.nn import init
from torch.utils.data import DataLoader
import math

class Net(nn.Module):
    def sigmoid(self, x):
        return F.relu(x)

@torch.no_grad()
def clear(model):
    for p in model.parameters():
        p.grad.zero_()

"한글 앞"; x = torch.linspace(0, 1, 3, dtype=torch.float64)
init.zeros_(x)
loader = DataLoader(x)
y = (x ** 2).exp() + math.exp(1) + x.mean() + x.sigmoid()
print(torch.__version__.split("+"), torch.cuda.is_available(), np.random.default_rng(0), torch.Tensor.exp)
optim = None
optim.SGD
"""


def found(script: str) -> list[str]:
    lines = script.splitlines()
    return [f"{use.name} = {lines[use.line - 1][use.column : use.end]}" for use in api.uses(script)]


def test_names_are_resolved_and_found_in_their_place() -> None:
    assert found(SCRIPT) == [
        "torch.nn.Module = nn.Module",
        "torch.nn.functional.relu = F.relu",
        "torch.no_grad = torch.no_grad",
        "torch.Tensor.grad = grad",
        "torch.Tensor.zero_ = zero_",
        "torch.linspace = torch.linspace",
        "torch.float64 = torch.float64",
        "torch.nn.init.zeros_ = init.zeros_",
        "torch.utils.data.DataLoader = DataLoader",
        "torch.Tensor.exp = exp",
        "torch.__version__ = torch.__version__",
        "torch.cuda.is_available = torch.cuda.is_available",
        "numpy.random.default_rng = np.random.default_rng",
        "torch.Tensor.exp = torch.Tensor.exp",
    ]


def test_every_name_in_the_snippets_exists_in_the_library() -> None:
    for file in snippet.find(Project(ROOT)):
        for use in api.uses(file.read_text(encoding="utf-8")):
            assert exists(use.name), f"{file.name}:{use.line}: {use.name}"


def test_every_constant_leads_to_the_page_that_lists_it() -> None:
    """Functions and classes have pages of their own, constants have none."""
    for file in snippet.find(Project(ROOT)):
        for name in {use.name for use in api.uses(file.read_text(encoding="utf-8"))}:
            of_tensors = name.startswith("torch.Tensor.")
            assert of_tensors or callable(named(name)) or "/generated/" not in api.address(name), name


def named(name: str) -> Any:
    """What `name` stands for in the installed library; its modules are imported where needed."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        with suppress(ModuleNotFoundError):
            return reduce(getattr, parts[length:], importlib.import_module(".".join(parts[:length])))


def exists(name: str) -> bool:
    try:
        return named(name) is not None
    except AttributeError:
        return False


TORCH, VISION, NUMPY = api.LIBRARIES["torch"], api.LIBRARIES["torchvision"], api.LIBRARIES["numpy"]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("torch.nn.Linear", f"{TORCH}generated/torch.nn.Linear.html"),
        ("torch.nn.functional.relu", f"{TORCH}generated/torch.nn.functional.relu.html"),
        ("torch.optim.lr_scheduler.OneCycleLR", f"{TORCH}generated/torch.optim.lr_scheduler.OneCycleLR.html"),
        ("torch.Tensor.backward", f"{TORCH}generated/torch.Tensor.backward.html"),
        ("torch.cuda.is_available", f"{TORCH}generated/torch.cuda.is_available.html"),
        ("torch.float32", f"{TORCH}tensor_attributes.html#torch.dtype"),
        ("torch.channels_last", f"{TORCH}tensor_attributes.html#torch.memory_format"),
        ("torch.uint8", f"{TORCH}tensor_attributes.html#torch.dtype"),
        ("torch.device", f"{TORCH}tensor_attributes.html#torch.device"),
        ("torch.Tensor", f"{TORCH}tensors.html#torch.Tensor"),
        ("torch.tensor", f"{TORCH}generated/torch.tensor.html"),
        ("torch.inference_mode", f"{TORCH}generated/torch.autograd.grad_mode.inference_mode.html"),
        ("torch.nn.Flatten", f"{TORCH}generated/torch.nn.modules.flatten.Flatten.html"),
        ("torch.nn.Parameter", f"{TORCH}generated/torch.nn.parameter.Parameter.html"),
        ("torch.nn.init.uniform_", f"{TORCH}nn.init.html#torch.nn.init.uniform_"),
        ("torch.utils.data.DataLoader", f"{TORCH}data.html#torch.utils.data.DataLoader"),
        ("torch.backends.mps.is_available", f"{TORCH}backends.html#torch.backends.mps.is_available"),
        ("torch.distributions.Binomial", f"{TORCH}distributions.html#torch.distributions.Binomial"),
        ("torch.relu", f"{TORCH}generated/torch.nn.functional.relu.html"),
        ("torch.nan", f"{TORCH}torch.html#constants"),
        ("torchvision.transforms.v2.RandomAffine", f"{VISION}generated/torchvision.transforms.v2.RandomAffine.html"),
        ("torchvision.datasets.FashionMNIST", f"{VISION}generated/torchvision.datasets.FashionMNIST.html"),
        ("numpy.linspace", f"{NUMPY}generated/numpy.linspace.html"),
        ("numpy.linalg.norm", f"{NUMPY}generated/numpy.linalg.norm.html"),
        ("numpy.float32", f"{NUMPY}arrays.scalars.html#numpy.float32"),
        ("numpy.pi", f"{NUMPY}constants.html#numpy.pi"),
        ("numpy.random.default_rng", f"{NUMPY}random/generator.html#numpy.random.default_rng"),
        ("numpy.random.seed", f"{NUMPY}random/generated/numpy.random.seed.html"),
    ],
)
def test_addresses(name: str, place: str) -> None:
    assert api.address(name) == place
    assert exists(name)


def other_objects() -> list[Any]:
    """One of each kind of object, besides tensors, that snippets of this site hold, and the classes of more."""
    drawing, ax = plt.subplots()
    drawn = [
        drawing,
        ax,
        *ax.plot([1, 2]),
        ax.text(0, 0, ""),
        ax.imshow([[1]]),
        *ax.bar([1], [1]),
        ax.scatter([1], [1]),
    ]
    drawn += [
        ax.contour([[1, 2], [3, 4]]),
        ax.annotate("", (0, 0)),
        ax.legend(["a"]),
        plt.get_cmap(),
        ax.xaxis,
        ax.spines,
    ]
    plt.close(drawing)
    x = torch.ones(2)
    layers = [nn.Linear(1, 1), nn.Conv2d(1, 1, 1), nn.MaxPool2d(1), nn.AvgPool2d(1), nn.Dropout(), nn.BatchNorm2d(1)]
    rest = [optim.SGD([x]), optim.Adam([x]), data.TensorDataset(x), data.DataLoader(data.TensorDataset(x))]
    standard: list[Any] = [collections.Counter, collections.defaultdict, collections.deque, pathlib.Path]
    standard += [random.Random, fractions.Fraction, sklearn.datasets.load_digits(), PIL.Image.Image]
    arrays = [numpy.ndarray, numpy.float64, numpy.int64, numpy.bool, numpy.random.Generator, numpy.random.RandomState]
    torchs = [torch.Size, torch.dtype, torch.device, torch.Generator, torch.finfo]
    modules = [
        builtins,
        torch.return_types,
        nn,
        optim,
        optim.lr_scheduler,
        data,
        torchvision.datasets,
        torchvision.transforms.v2,
    ]
    modules += [torchvision.transforms, sklearn.linear_model, sklearn.preprocessing]
    modules += [artist, axes, axis, marks, colors, figure, image, lines, patches, text, transforms]
    classes = [c for module in modules for c in vars(module).values() if isinstance(c, type)]
    tensors = [c for c in classes if issubclass(c, torch.Tensor)]
    return [*drawn, *layers, *rest, *standard, *arrays, *torchs, *(c for c in classes if c not in tensors)]


def names_of_tensors_alone() -> set[str]:
    """Documented attributes of tensors that no other object has."""
    others = {name for thing in other_objects() for name in dir(thing)}
    documented = {name for name in dir(torch.Tensor) if getattr(getattr(torch.Tensor, name), "__doc__", None)}
    return {name for name in documented | {"grad_fn"} if not name.startswith("_")} - others


def test_names_that_tensors_alone_have() -> None:
    file = ROOT / "sitebuild" / "tensor_names.txt"
    wanted = textwrap.fill(" ".join(sorted(names_of_tensors_alone())), 119, break_on_hyphens=False) + "\n"
    assert file.read_text(encoding="utf-8") == wanted, f"write this into {file.relative_to(ROOT)}:\n{wanted}"
