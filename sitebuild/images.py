"""Figures on a page: one Markdown image becomes the light and the dark drawing, with its size.

`![A bowl](gradient-descent/loss-surface.svg)` names the figure `loss-surface` of the snippet `…/gradient_descent.py`.
The theme shows the one that fits its scheme (`#only-light`, `#only-dark`), and a browser fetches only that one.
A Markdown extension.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from sitebuild import session, values
from sitebuild.figures import FigureFile
from sitebuild.runner import Runs
from sitebuild.snippet import page_of


def figure_of(source: str, runs: Runs) -> FigureFile | None:
    """The figure that an image's path names: its folder is the page's name, its stem the figure's."""
    path = PurePosixPath(source)
    if path.suffix != ".svg":
        return None
    for run in runs:
        if PurePosixPath(run.snippet.page).name == path.parent.name and path.stem in run.figures:
            return run.figures[path.stem]
    return None


class _Images(Treeprocessor):
    def run(self, root: ElementTree.Element) -> None:
        runs = session.current().runs
        failed = {PurePosixPath(page_of(name)).name for name in runs.failed}
        for parent in list(root.iter()):
            for place, image in enumerate(list(parent)):
                if image.tag != "img":
                    continue
                image.set("alt", values.fill(image.get("alt", ""), self.md))
                figure = figure_of(image.get("src", ""), runs)
                if figure:
                    self.pair(parent, place, image, figure)
                elif PurePosixPath(image.get("src", "")).parent.name in failed:
                    image.tag, image.attrib = "span", {}  # its snippet failed, and that is said already

    def pair(self, parent: ElementTree.Element, place: int, image: ElementTree.Element, figure: FigureFile) -> None:
        source = image.get("src", "").removesuffix(".svg")
        image.attrib.update(width=str(figure.width), height=str(figure.height), loading="lazy", decoding="async")
        dark = ElementTree.Element("img", dict(image.attrib))
        image.set("src", f"{source}.light.svg#only-light")
        dark.set("src", f"{source}.dark.svg#only-dark")
        dark.tail, image.tail = image.tail, None
        parent.insert(list(parent).index(image) + 1, dark)


class ImagesExtension(Extension):
    """Registers the tree processor."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_Images(md), "sitebuild-images", 11)


def makeExtension(**options: Any) -> ImagesExtension:
    """Return the extension (the name is Python-Markdown's)."""
    return ImagesExtension(**options)
