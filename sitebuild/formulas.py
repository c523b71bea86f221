"""Formulas, typeset at build time: what pymdownx.arithmatex (`generic: true`) marks becomes MathML.

A Markdown extension. A formula that latex2mathml does not wholly understand is a problem of the page.
"""

from __future__ import annotations

import html
import itertools
import re
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from latex2mathml.converter import convert
from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from sitebuild import values
from sitebuild.problems import complain

_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
_CLOSING = (")", "]", "}", "|", "!", "⌋", "⌉", "⟩", "′")


class FormulaError(ValueError):
    """LaTeX that cannot be typeset."""


@lru_cache(maxsize=4096)
def mathml(latex: str, display: bool) -> str:
    """The MathML of a formula.

    Raises:
        FormulaError: when a part of it is not understood, named in the message.
    """
    try:
        markup: str = convert(latex, display="block" if display else "inline")
        tree = ElementTree.fromstring(re.sub(r"&(?![#\w]+;)", "&amp;", markup))
    except Exception as error:
        raise FormulaError(str(error) or type(error).__name__) from error
    for element in tree.iter():
        if left := re.search(r"\\[A-Za-z]*|&", element.text or ""):
            raise FormulaError(f"{left[0]} is not understood")
    for element in tree.iter():
        element.tag = element.tag.removeprefix(_NAMESPACE)
        _mark_signs(element)
    if len(operators := list(tree.iter("mo"))) == 1 and len(list(tree.iter())) == 3:
        operators[0].attrib.update(lspace="0", rspace="0")  # an operator that stands alone, as in a sentence about it
    return ElementTree.tostring(tree, encoding="unicode")


def _mark_signs(row: ElementTree.Element) -> None:
    """A minus or plus after an operator is a sign: browsers would space it like a subtraction."""
    for before, sign in itertools.pairwise(row):
        if (
            before.tag.endswith("mo")
            and before.text not in _CLOSING
            and sign.tag.endswith("mo")
            and sign.text in ("−", "+")
        ):
            sign.set("form", "prefix")


class _Formulas(Treeprocessor):
    def run(self, root: ElementTree.Element) -> None:
        for element in root.iter():
            if element.get("class") != "arithmatex" or element.text is None:
                continue
            display = element.tag == "div"
            latex = html.unescape(element.text) if display else str(element.text)
            written = latex.strip()[2:-2].strip()
            latex = values.fill(written, self.md)
            try:
                markup = mathml(latex, display)
            except FormulaError as error:
                complain(
                    f"the formula {latex} cannot be typeset: {error}; write it another way", written.split("\n")[0]
                )
                markup = ""
            element.text = self.md.htmlStash.store(markup)
            element.set("class", "formula")


class FormulasExtension(Extension):
    """Registers the tree processor."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_Formulas(md), "sitebuild-formulas", 12)


def makeExtension(**options: Any) -> FormulasExtension:
    """Return the extension (the name is Python-Markdown's)."""
    return FormulasExtension(**options)
