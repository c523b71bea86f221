"""Shape comments, checked: `x = layer(x)  # (N, 16, 24, 24)` must be true of the tensor each time that line runs."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import Any

_SHAPE = re.compile(r"#\s*\(\s*((?:\w+\s*,\s*)*\w*)\s*,?\s*\)\s*$")
CHECKER = "__check_shape__"


class ShapeError(Exception):
    """A shape comment that is not true."""


def shape_comments(source: str) -> dict[int, tuple[str, ...]]:
    """Line → the sizes that its comment claims, for comments that are nothing but a tuple of integers and names."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and (match := _SHAPE.match(token.string)):
            sizes = tuple(size.strip() for size in match[1].split(",") if size.strip())
            if all(size.isdigit() or size.isidentifier() for size in sizes):
                found[token.start[0]] = sizes
    return found


def check_shape(value: Any, claimed: tuple[str, ...], variable: str, known: dict[str, Any]) -> None:
    """Compare `value.shape` with the comment. A name stands for one size; an integer variable of that name fixes it.

    Raises:
        ShapeError: when they differ.
    """
    if not hasattr(value, "shape"):
        kind = type(value).__name__
        raise ShapeError(f"the comment gives {variable} a shape, but it is of type {kind}: write another comment")
    actual = tuple(value.shape)
    sizes: dict[str, int] = {name: known[name] for name in claimed if type(known.get(name)) is int}
    fits = len(actual) == len(claimed) and all(
        size == (int(claim) if claim.isdigit() else sizes.setdefault(claim, size))
        for claim, size in zip(claimed, actual, strict=True)
    )
    if not fits:
        raise ShapeError(
            f"the comment says ({', '.join(claimed)}), but {variable} has the shape {actual}: mend one of the two"
        )


class _Insert(ast.NodeTransformer):
    def __init__(self, comments: dict[int, tuple[str, ...]]) -> None:
        self.comments = comments

    def visit_Assign(self, node: ast.Assign) -> Any:
        claimed = self.comments.get(node.end_lineno or node.lineno)
        target = node.targets[0]
        if claimed is None or len(node.targets) != 1 or not isinstance(target, ast.Name):
            return node
        call = ast.parse(f"{CHECKER}({target.id}, {claimed!r}, {target.id!r}, {{**globals(), **locals()}})").body[0]
        for part in ast.walk(call):
            ast.copy_location(part, node)
        return [node, call]


def with_checks(source: str) -> ast.Module:
    """The syntax tree of `source` with a check after every simple assignment that has a shape comment."""
    tree: ast.Module = _Insert(shape_comments(source)).visit(ast.parse(source))
    return tree
