"""Terms of the glossary on a page: the first use of each shows what it means, on hover, on focus and on tap.

    텐서를 만듭니다.  →  <abbr class="term" tabindex="0" title="수 하나, 한 줄, …">텐서</abbr>를 만듭니다.

Only in sentences: not in headings, titles, links, code or formulas, and not on the glossary's own page. What stands in
a fold counts last, since a reader may never open it. Material's own tooltip (`content.tooltips`) shows the title.
A Markdown extension.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from sitebuild import session
from sitebuild.glossary import Glossary
from sitebuild.problems import page_in_work

PAGE = "reference/glossary"
"""The page that lists the terms."""

_NOT_PROSE = {"h1", "h2", "h3", "h4", "h5", "h6", "a", "abbr", "code", "pre", "th", "dt", "summary", "math", "button"}
_NOT_PROSE_CLASSES = {"admonition-title", "furniture-label", "formula", "arithmatex", "reading-time"}


class _Terms(Treeprocessor):
    def __init__(self, md: Markdown, language: str) -> None:
        super().__init__(md)
        self.language = language

    def run(self, root: Element) -> None:
        page = page_in_work()
        if page is None or page.name == PAGE:
            return
        marker = _Marker(session.current().glossary, self.language, page.name)
        for in_folds in (False, True):
            for parent, child in list(_places(root, in_folds)):
                marker.mark(parent, child)


def _places(element: Element, in_folds: bool, inside: bool = False) -> Iterator[tuple[Element, Element | None]]:
    """Where prose stands, in reading order: in an element before its first child (`None`), or after one of them."""
    if element.tag in _NOT_PROSE or _NOT_PROSE_CLASSES & set(element.get("class", "").split()):
        return
    inside = inside or element.tag == "details"
    if inside == in_folds:
        yield element, None
    for child in element:
        yield from _places(child, in_folds, inside)
        if inside == in_folds:
            yield element, child


class _Marker:
    """Marks one place after the other, each term once."""

    def __init__(self, glossary: Glossary, language: str, page: str) -> None:
        self.glossary, self.language, self.page = glossary, language, page
        self.marked: set[str] = set()

    def mark(self, parent: Element, child: Element | None) -> None:
        """Mark the new terms in the text that stands in `parent` after `child`, or before its first child."""
        text = (parent.text if child is None else child.tail) or ""
        marks, between, done = list[Element](), list[str](), 0
        for match, term in self.glossary.find(text, self.language, self.page):
            if term.id not in self.marked:
                self.marked.add(term.id)
                mark = Element("abbr", {"class": "term", "tabindex": "0", "title": term.means[self.language]})
                mark.text = match[0]
                marks.append(mark)
                between.append(text[done : match.start()])
                done = match.end()
        if not marks:
            return
        for mark, tail in zip(marks, (*between[1:], text[done:]), strict=True):
            mark.tail = tail
        if child is None:
            parent.text, place = between[0], 0
        else:
            child.tail, place = between[0], list(parent).index(child) + 1
        parent[place:place] = marks


class TermsExtension(Extension):
    """Registers the tree processor; `language` is the page's."""

    def __init__(self, **options: Any) -> None:
        self.config = {"language": ["ko", "the page's language"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_Terms(md, self.getConfig("language")), "sitebuild-terms", 10)  # after all inline


def makeExtension(**options: Any) -> TermsExtension:
    """Return the extension (the name is Python-Markdown's)."""
    return TermsExtension(**options)
