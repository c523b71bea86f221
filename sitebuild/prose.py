"""What a page says, without the signs that make a page of it: for counting words, spelling and the check of terms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sitebuild.pages import IMAGE, Page

THING = "￼"
"""Stands for what is no word: code, a formula, a value of a run, a tag. A Korean particle may follow it."""

_SIGNS = (
    (re.compile(r"^\s*(?:(?:!!!|\?\?\?\+?)\s+[\w-]*|///.*|#+|[-*+]\s|\d+\.\s|:\s{3})"), " "),
    (re.compile(r"(`+)(?:(?!\1).)+?\1|\$[^$\n]+\$|\{\{.*?\}\}|https?://\S+|&#?\w+;"), THING),
    (re.compile(r"\]\([^)]*\)|\*\*?|!?\[(?!\])"), ""),
    (re.compile(r"</?[a-zA-Z][^>]*>|<!--.*?-->|\{[^{}]*\}"), " "),
    (re.compile(r"[\[\]]"), " "),
)


@dataclass(frozen=True)
class Line:
    """One line of a page that is neither code nor a formula, as its writer wrote it."""

    number: int
    text: str
    furniture: str
    """The furniture that it stands in (`deeper`, `slide`, …), if any."""

    @property
    def plain(self) -> str:
        """Its words: link texts, titles, and what an image shows, too."""
        text = self.text
        for sign, instead in _SIGNS:
            text = sign.sub(instead, text)
        return text

    @property
    def words(self) -> int:
        """How many words a reader reads; a formula or a piece of code counts as one, an image as none."""
        shown = Line(self.number, IMAGE.sub(" ", self.text), self.furniture)
        return sum(any(c.isalnum() or c == THING for c in word) for word in shown.plain.split())


def lines(page: Page) -> Iterator[Line]:
    """The lines of prose of `page`, in order."""
    source = page.text.splitlines()
    furniture, formula = "", False
    for number, _ in page.prose:
        text = source[number - 1]
        if text.strip() == "$$":
            formula = not formula
        elif not formula and text.strip():
            if opened := re.match(r"(?:!!!|\?\?\?\+?)\s+([\w-]+)", text):
                furniture = opened[1]
            elif not text.startswith("    "):
                furniture = ""
            yield Line(number, text, furniture)
