"""The furniture of a lesson: `!!! mistake "Forgetting zero_grad"` gets the same label and look on every page.

A Markdown extension over `admonition` and `pymdownx.details`. A name that is not in `words.FURNITURE` is a problem.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from sitebuild.problems import complain
from sitebuild.words import FURNITURE


class _Furniture(Treeprocessor):
    def __init__(self, md: Markdown, language: str) -> None:
        super().__init__(md)
        self.language = language

    def run(self, root: ElementTree.Element) -> None:
        for element in root.iter():
            kinds = element.get("class", "").split()
            if element.tag == "details" or "admonition" in kinds:
                self.label(element, [kind for kind in kinds if kind != "admonition"])

    def label(self, element: ElementTree.Element, kinds: list[str]) -> None:
        kind = kinds[0] if kinds else ""
        if kind not in FURNITURE:
            mark = "???" if element.tag == "details" else "!!!"
            complain(f'there is no furniture named "{kind}"; there are: {", ".join(FURNITURE)}', f"{mark} {kind}")
            return
        title = next(iter(element), None)
        if title is None:
            return
        label = ElementTree.Element("span", {"class": "furniture-label"})
        label.text = FURNITURE[kind][self.language]
        given = "" if (title.text or "").lower() == kind else title.text or ""
        title.text, label.tail = "", f" {given}" if given else ""
        title.insert(0, label)


class FurnitureExtension(Extension):
    """Registers the tree processor; `language` is the page's."""

    def __init__(self, **options: Any) -> None:
        self.config = {"language": ["ko", "the page's language"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_Furniture(md, self.getConfig("language")), "sitebuild-furniture", 25)


def makeExtension(**options: Any) -> FurnitureExtension:
    """Return the extension (the name is Python-Markdown's)."""
    return FurnitureExtension(**options)
