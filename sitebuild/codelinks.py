"""Names of PyTorch, torchvision and NumPy in a lesson's code lead to their place in the API index.

    <span class="n">nn</span><span class="o">.</span><span class="n">Linear</span>
    → <a href="../../reference/api/#torch.nn.Linear"><span class="n">nn</span>…<span class="n">Linear</span></a>

Only the first of each name on a page is a stop for the Tab key. Text that is copied stays the same.
A Markdown extension over what pymdownx.highlight makes.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor

from sitebuild import session
from sitebuild.api import Use, uses_in
from sitebuild.problems import page_in_work
from sitebuild.session import Session

PAGE = "reference/api"
"""The page that lists the names."""

_BLOCK = re.compile(r'(<div class="language-python\b.*?<pre>.*?<code[^>]*>)(.*?)(</code>)', re.DOTALL)
_PIECE = re.compile(r'<span class="(?P<kind>[^"]*)">(?P<inside>[^<]*)</span>|(?P<tag><[^>]*>)|(?P<bare>[^<]+)')


class _CodeLinks(Postprocessor):
    def run(self, text: str) -> str:
        if "language-python" not in text:  # headings come here too, each by itself
            return text
        page, site = page_in_work(), session.current()
        if page is None or not (site.project.docs(site.language) / f"{PAGE}.md").is_file():
            return text
        known = dict(_uses_by_code(site, page.name))
        index = posixpath.relpath(PAGE, "." if page.name == "index" else page.name)
        linked: set[str] = set()

        def with_links(match: re.Match[str]) -> str:
            code = html.unescape(re.sub(r"<[^>]*>", "", match[2]))
            return match[1] + _link(match[2], known.get(code.strip("\n"), []), f"{index}/", linked) + match[3]

        return _BLOCK.sub(with_links, text)


def _uses_by_code(site: Session, page: str) -> Iterator[tuple[str, list[Use]]]:
    """The code of each section on `page` as it stands in its block, and the uses in it."""
    for run in site.runs:
        for section in run.snippet.sections if run.snippet.page == page else ():
            code = section.source.lstrip("\n")
            skipped = len(section.source) - len(code)
            yield code.rstrip("\n"), [replace(u, line=u.line - skipped) for u in uses_in(run.snippet, section)]


def _link(markup: str, found: list[Use], index: str, linked: set[str]) -> str:
    """`markup` with an `<a>` around each use; a highlighted piece that goes on beyond the name is cut there."""
    at = {(use.line, column): use for use in found for column in range(use.column, use.end)}
    written = []
    for use, signs in groupby(_signs(markup), key=lambda sign: at.get(sign.place)):
        inside = "".join(
            _span(key[1], "".join(s.text for s in part)) for key, part in groupby(signs, key=lambda s: s.piece)
        )
        if use:
            stop = ' tabindex="-1"' if use.name in linked else ""
            linked.add(use.name)
            inside = f'<a href="{index}#{use.name}"{stop}>{inside}</a>'
        written.append(inside)
    return "".join(written)


class _Sign(NamedTuple):
    """A character of the code at its line and column, or a tag, which has no place."""

    text: str
    place: tuple[int, int]
    piece: tuple[int, str | None]
    """The highlighted piece that it belongs to: its number, and its class if it has one."""


def _signs(markup: str) -> Iterator[_Sign]:
    line, column = 1, 0
    for number, piece in enumerate(_PIECE.finditer(markup)):
        if piece["tag"]:
            yield _Sign(piece["tag"], (0, 0), (number, None))
        for sign in html.unescape(piece["inside"] or piece["bare"] or ""):
            yield _Sign(html.escape(sign, quote=False), (line, column), (number, piece["kind"]))
            line, column = (line + 1, 0) if sign == "\n" else (line, column + 1)


def _span(kind: str | None, text: str) -> str:
    return text if kind is None else f'<span class="{kind}">{text}</span>'


class CodeLinksExtension(Extension):
    """Registers the postprocessor."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.postprocessors.register(_CodeLinks(md), "sitebuild-codelinks", 4)  # after sitebuild-codeblocks


def makeExtension(**options: Any) -> CodeLinksExtension:
    """Return the extension (the name is Python-Markdown's)."""
    return CodeLinksExtension(**options)
