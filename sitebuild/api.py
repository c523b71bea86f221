"""Every name of PyTorch, torchvision and NumPy that a snippet uses: where it stands, and its page in their own
documentation. Found in the syntax trees of the snippets; nothing is imported or run.

    from torch import nn          nn.Linear(1, 1)   → torch.nn.Linear
    import numpy as np            np.linspace(0, 1) → numpy.linspace
    y = x.detach()                                  → torch.Tensor.detach

A method's object is not known here, so methods count only where no other object that snippets use has an attribute of
that name (`tensor_names.txt`; a test compares it with the installed libraries).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path

from sitebuild.snippet import Section, Snippet

LIBRARIES = {
    "torch": "https://docs.pytorch.org/docs/stable/",
    "torchvision": "https://docs.pytorch.org/vision/stable/",
    "numpy": "https://numpy.org/doc/stable/reference/",
}
"""The libraries, and where the documentation of each begins."""

_TENSOR_NAMES = frozenset(Path(__file__).with_name("tensor_names.txt").read_text(encoding="utf-8").split())

_WITH_PAGES = re.compile(
    r"torch(\.(Tensor|nn(\.functional|\.utils)?|optim(\.lr_scheduler)?|linalg|fft|cuda|autograd(\.functional)?|func))?"
)
"""The packages of torch whose names have a page each; those of other packages share their package's page."""

_PLACES = {
    r"torch\.(?:b?float\d*|double|half|u?int\d*|long|short|bool|complex\d*)": "tensor_attributes.html#torch.dtype",
    r"torch\.(device|dtype|layout)": r"tensor_attributes.html#torch.\1",
    r"torch\.(?:channels_last\w*|contiguous_format|preserve_format)": "tensor_attributes.html#torch.memory_format",
    r"torch\.Size": "size.html#torch.Size",
    r"torch\.[A-Z]?[a-z]*Tensor": "tensors.html#torch.Tensor",
    r"torch\.Tensor\.grad_fn": "autograd.html#autograd-graph",
    r"torch\.(?:inf|nan|pi|e)": "torch.html#constants",
    r"torch\.(?:__version__|version\..+)": "torch.html",
    r"torch\.(?:finfo|iinfo)": "type_info.html",
    r"torch\.(inference_mode|set_grad_enabled)": r"generated/torch.autograd.grad_mode.\1.html",
    r"torch\.(relu|selu|celu|prelu|log_softmax|dropout|conv\dd|max_pool\dd|cosine_similarity|pairwise_distance)": (
        r"generated/torch.nn.functional.\1.html"
    ),
    r"torch\.autograd\.(gradcheck|gradgradcheck)": r"generated/torch.autograd.gradcheck.\1.html",
    r"torch\.autograd\.Function": r"autograd.html#\g<0>",
    r"torch\.backends\..+": r"backends.html#\g<0>",
    r"torch\.nn\.(Parameter|Buffer)": r"generated/torch.nn.parameter.\1.html",
    r"torch\.nn\.(Flatten|Unflatten)": r"generated/torch.nn.modules.flatten.\1.html",
    r"(torch\.nn\.Module)\..+": r"generated/\1.html#\g<0>",
    r"torch\.optim\.Optimizer": r"optim.html#\g<0>",
    r"torch\.utils\.data\..+": r"data.html#\g<0>",
    r"numpy\.(?:e|euler_gamma|inf|nan|newaxis|pi)": r"constants.html#\g<0>",
    r"numpy\.(?:bool|u?int\d+|float\d+|complex\d+|generic|number|integer|floating)": r"arrays.scalars.html#\g<0>",
    r"numpy\.random\.default_rng": r"random/generator.html#\g<0>",
    r"numpy\.random\..+": r"random/generated/\g<0>.html",
    r"(?:numpy|torchvision)\.__version__": "index.html",
}
"""The names that have no page under their own name, and where they are described instead. Both lists follow the
libraries' sources: docs/source/ of PyTorch and torchvision, doc/source/reference/ of NumPy."""


@dataclass(frozen=True)
class Use:
    """A name of a library, and where in a script it stands: `column` to `end` in `line`, counted in characters."""

    name: str
    line: int
    column: int
    end: int


def address(name: str) -> str:
    """Where the library's own documentation describes `name`."""
    base = LIBRARIES[name.split(".")[0]]
    for pattern, place in _PLACES.items():
        if found := re.fullmatch(pattern, name):
            return base + found.expand(place)
    package = name.rpartition(".")[0]
    if package.startswith("torch.") and not _WITH_PAGES.fullmatch(package):
        return f"{base}{package.removeprefix('torch.')}.html#{name}"
    return f"{base}generated/{name}.html"


@lru_cache(maxsize=256)
def uses(script: str) -> tuple[Use, ...]:
    """The uses in `script` of names of the libraries, in order."""
    lines = script.splitlines()
    found = [
        Use(name, node.end_lineno or 0, _characters(lines, node, length), _characters(lines, node, 0))
        for name, node, length in _Names(ast.parse(script)).found()
    ]
    return tuple(sorted(found, key=lambda use: (use.line, use.column)))


def uses_in(snippet: Snippet, section: Section) -> list[Use]:
    """The uses in one section, their lines counted from its first."""
    last = section.line + section.source.count("\n")
    return [replace(u, line=u.line - section.line + 1) for u in uses(snippet.text) if section.line <= u.line <= last]


def _characters(lines: list[str], node: ast.expr, before: int) -> int:
    """The column where `node` ends, less `before`: syntax trees count bytes."""
    line = lines[(node.end_lineno or 1) - 1]
    return len(line.encode()[: node.end_col_offset].decode()) - before


@lru_cache(maxsize=256)
def _is_module(name: str) -> bool:
    """Whether `name` is a module of an installed library, told from its files: importing torch takes seconds."""
    library, *parts = name.split(".")
    spec = find_spec(library)
    places = [Path(place).joinpath(*parts) for place in (spec and spec.submodule_search_locations) or ()]
    return any((place / "__init__.py").is_file() or place.with_suffix(".py").is_file() for place in places)


def _join(name: str, attribute: str) -> str:
    return f"{name}.{attribute}"


class _Names:
    """What one script imports, and the names that it takes from there."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.imported: dict[str, str] = {}
        self.own_attributes: set[str] = set()
        variables: set[str] = set()
        for node in ast.walk(tree):
            match node:
                case ast.Import():
                    for alias in node.names:
                        self.imported[alias.asname or alias.name.split(".")[0]] = (
                            alias.name if alias.asname else alias.name.split(".")[0]
                        )
                case ast.ImportFrom(module=str(module), level=0):
                    self.imported.update({a.asname or a.name: f"{module}.{a.name}" for a in node.names})
                case ast.Name(ctx=ast.Store(), id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                    variables.add(name)
                case ast.ClassDef(name=name):
                    variables.add(name)
                    self.own_attributes |= {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
                case ast.Attribute(value=ast.Name(id="self"), ctx=ast.Store(), attr=name):
                    self.own_attributes.add(name)
        for name in variables & self.imported.keys():
            del self.imported[name]  # it is not always the library's

    def found(self) -> Iterator[tuple[str, ast.expr, int]]:
        """Each full name, the expression that ends where the name ends, and how many characters of it stand there."""
        waiting: list[ast.AST] = [self.tree]
        while waiting:
            node = waiting.pop()
            if isinstance(node, (ast.Attribute, ast.Name)) and (chain := _chain(node)):
                yield from self.in_chain(chain)
                continue
            if isinstance(node, ast.Attribute):
                yield from self.method(node)
            waiting += ast.iter_child_nodes(node)

    def in_chain(self, chain: list[ast.Attribute | ast.Name]) -> Iterator[tuple[str, ast.expr, int]]:
        """The name in `a.b.c`: the first that is no module; of a class also what follows it."""
        root = chain[0]
        assert isinstance(root, ast.Name)
        known = self.imported.get(root.id)
        if known is None:
            for node in chain[1:]:
                assert isinstance(node, ast.Attribute)
                yield from self.method(node)
            return
        if known.split(".")[0] not in LIBRARIES:
            return
        full = list(accumulate((known, *(node.attr for node in chain[1:] if isinstance(node, ast.Attribute))), _join))
        first = next((number for number, name in enumerate(full) if not _is_module(name)), None)
        if first is None:
            return
        if first + 1 < len(full) and full[first].split(".")[-1][0].isupper():
            first += 1
        if root.lineno == chain[first].end_lineno:
            yield full[first], chain[first], len(full[first]) - len(known) + len(root.id)

    def method(self, node: ast.Attribute) -> Iterator[tuple[str, ast.expr, int]]:
        if node.attr in _TENSOR_NAMES and node.attr not in self.own_attributes:
            yield f"torch.Tensor.{node.attr}", node, len(node.attr)


def _chain(node: ast.expr) -> list[ast.Attribute | ast.Name]:
    """The expressions `a`, `a.b`, `a.b.c` of the last of them; none when it does not begin with a name."""
    chain: list[ast.Attribute | ast.Name] = []
    while isinstance(node, ast.Attribute):
        chain.insert(0, node)
        node = node.value
    return [node, *chain] if isinstance(node, ast.Name) else []
