"""What a page claims and the tests of it: those of `cnn/pooling` are in `tests/claims/cnn/test_pooling.py`.

The docstring of each test begins with the page, the heading and what the English page says there, in quotes:

    def test_steps_get_shorter() -> None:
        '''regression/gradient-descent.md#slope: "steps get shorter near the bottom … even at a fixed learning rate"'''

What the page inserts from a run is left out of the quotation as `…` or `{{ … }}`; other words may be left out, too.
Formulas may be quoted as they are read: `$\\frac{\\delta^2}{2}$` as `δ²/2`.
"""

from __future__ import annotations

import ast
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sitebuild.pages import Page
from sitebuild.project import Project

_HEAD = re.compile(r'(?P<page>[\w/-]+)\.md#(?P<heading>[\w-]+): (?=")')
_MARKUP = re.compile(r"\]\([^)]*\)|\\(?:left|right|text|quad)\b|[*`()\[\]|$^_{}\\\s]")
_FRACTION = re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_SIGNS = {
    "times": "×",
    "cdot": "·",
    "partial": "∂",
    "le": "≤",
    "ge": "≥",
    "sqrt": "√",
    "sum": "∑",
    "infty": "∞",
    "approx": "≈",
}
_AS_READ = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉−–", "0123456789-0123456789--")
_GAP = re.compile(r"\{\{.*?\}\}|…|\.\.\.")


@dataclass(frozen=True)
class Claim:
    """A test: its name, its line, and what its docstring says."""

    test: str
    line: int
    text: str


def file_of(page: str, project: Project) -> Path | None:
    """The tests of what `page` claims, if there are any."""
    folder, _, name = page.rpartition("/")
    file = project.root / "tests" / "claims" / folder / f"test_{name.replace('-', '_')}.py"
    return file if file.is_file() else None


def read(file: Path) -> list[Claim]:
    return [
        Claim(node.name, node.lineno, " ".join((ast.get_docstring(node) or "").split()))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def what_is_wrong(claim: Claim, page: str, english: Page | None) -> str:
    """Why `claim` is not one about `page`: one sentence, or nothing. `english` is that page, if it exists."""
    head = _HEAD.match(claim.text)
    if not head:
        return 'its docstring must begin like this: """chapter/page.md#heading: "What the English page says there"'
    if head["page"] != page or english is None:
        return f"its docstring names {head['page']}.md, but the file belongs to {page}.md"
    text = _section(english, head["heading"])
    if text is None:
        near = ", ".join(f"#{heading.id}" for heading in english.headings)
        return f"{page}.md has no heading #{head['heading']}; it has: {near}"
    for quoted, found in _quotations(claim.text[head.end() :], text):
        if not found:
            whole = "\n".join(filter(None, (_section(english, heading.id or "") for heading in english.headings)))
            elsewhere = ", but elsewhere on the page" if _stands_in(quoted, whole) else ""
            return f'"{quoted}" does not stand under #{head["heading"]}{elsewhere}'
    return ""


def _section(page: Page, heading: str) -> str | None:
    """What stands between the heading with that id and the next one, as plain text."""
    lines = page.text.splitlines()
    starts = [h.line for h in page.headings] + [len(lines) + 1]
    for this, until in zip(page.headings, starts[1:], strict=True):
        if this.id == heading:
            return _plain(" ".join(lines[this.line - 1 : until - 1]))
    return None


def _plain(text: str) -> str:
    """`text` without markup and spaces, its gaps and formulas written in one way, for comparison alone."""
    text = _GAP.sub("…", html.unescape(text))
    text = _COMMAND.sub(lambda command: _sign(command[1]), _FRACTION.sub(r"\1/\2", text))
    return _MARKUP.sub("", text).translate(_AS_READ)


def _sign(command: str) -> str:
    """The sign that a LaTeX command stands for, or the command itself where it is none (`log`, `left`)."""
    try:
        return _SIGNS.get(command) or unicodedata.lookup(f"GREEK SMALL LETTER {command}")
    except KeyError:
        return f"\\{command}"


def _quotations(text: str, section: str) -> Iterator[tuple[str, bool]]:
    """The passages in quotes, and whether each stands in the section; a passage may itself hold quotes."""
    opened = text.find('"')
    while opened >= 0:
        ends = [at.start() for at in re.finditer(r'(?<!\s)"', text) if at.start() > opened]
        long = next((end for end in reversed(ends) if _stands_in(text[opened + 1 : end], section)), None)
        end = long or (ends[0] if ends else len(text))
        yield text[opened + 1 : end], long is not None
        opened = text.find('"', end + 1)


def _stands_in(quoted: str, section: str) -> bool:
    parts = [re.escape(part.strip()) for part in _plain(quoted).rstrip(".").split("…")]
    return re.search(".*?".join(parts), section, re.IGNORECASE) is not None
