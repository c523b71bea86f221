"""Claims of docs/*/index.md that its snippet does not show by itself."""

import ast
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

SNIPPET = Path(__file__).parents[2] / "snippets" / "index.py"


def source(name: str) -> str:
    marked = rf"# --8<-- \[start:{name}\]\n(.*?)# --8<-- \[end:{name}\]"
    found = re.search(marked, SNIPPET.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"the snippet has no section {name}"
    return found[1]


def test_the_program_has_ten_lines() -> None:
    """index.md#home: "The ten lines below"."""
    assert sum(bool(line.strip()) for line in source("learn").splitlines()) == 10


def test_5_and_2_are_used_only_to_make_the_points() -> None:
    """index.md#home: "The 5 and the 2 are used in line 6, to make the points, and nowhere else"."""
    constants = [(n.value, n.lineno) for n in ast.walk(ast.parse(source("learn"))) if isinstance(n, ast.Constant)]
    assert sorted(c for c in constants if c[0] in (5, 2)) == [(2, 6), (5, 6)]


def test_the_loop_misses_less_each_time() -> None:
    """index.md#home: "move it a little towards missing less"."""
    namespace: dict[str, Any] = {}
    exec(source("learn").split("for epoch")[0], namespace)
    model, x, y, optimizer = (namespace[name] for name in ("model", "x", "y", "optimizer"))
    misses = []
    for _ in range(50):
        optimizer.zero_grad()
        miss = (model(x) - y).square().mean()
        miss.backward()
        optimizer.step()
        misses.append(miss.item())
    assert all(later < earlier for earlier, later in pairwise(misses))


@pytest.mark.parametrize(("noise", "rounds", "lands"), [(0.0, 1200, True), (0.0, 200, False), (1.0, 1200, False)])
def test_noise_and_200_rounds_are_why_it_misses_5_and_2(noise: float, rounds: int, lands: bool) -> None:
    """index.md#home: "It does not land exactly on 5 and 2, for two reasons: each point has noise in it, and 200 rounds
    do not go quite all the way."."""
    torch.manual_seed(0)
    x = torch.empty(500, 1, dtype=torch.float64).uniform_(-10, 10)
    y = 5 * x + 2 + noise * torch.randn(500, 1, dtype=torch.float64)
    model = torch.nn.Linear(1, 1, dtype=torch.float64)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(rounds):
        optimizer.zero_grad()
        (model(x) - y).square().mean().backward()
        optimizer.step()
    miss = max(abs(model.weight.item() - 5), abs(model.bias.item() - 2))
    assert miss < 1e-9 if lands else miss > 1e-3


def test_the_figure_shows_the_same_run() -> None:
    """index.md#home: "the lines in the figure are the very lines that the ten lines above passed through"."""
    namespace: dict[str, Any] = {}
    exec(source("learn") + source("learned").replace("print", "str"), namespace)
    learned = namespace["w"], namespace["b"]
    lines = source("learning").splitlines()
    kept = [line for line in lines if not re.match(r"\s*(import|fig, ax|ax\.|plt\.)", line)]
    exec("\n".join(kept), namespace)
    assert (namespace["w"], namespace["b"]) == learned
