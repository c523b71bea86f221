"""Code blocks with a name of their own, a copy button, and outputs set apart.

    <div class="language-python highlight" role="group" aria-label="코드 2">
      <button class="copy" …>복사</button><pre>…

A Markdown extension over what pymdownx.superfences and pymdownx.highlight make. Code is marked as English, so that a
Korean page's screen reader and translator leave it alone.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

from sitebuild.problems import complain
from sitebuild.words import word

_BLOCK = re.compile(r'<div class="([\w -]*\bhighlight)">(?=<pre>)')
_CODE = re.compile(r"<code(?=[ >])")


class _CodeBlocks(Postprocessor):
    def __init__(self, md: Markdown, language: str) -> None:
        super().__init__(md)
        self.language = language

    def run(self, text: str) -> str:
        count = 0

        def named(match: re.Match[str]) -> str:
            nonlocal count
            classes = match[1].split()
            if "language-output" in classes:
                label = word("output", self.language)
                return self.opening(match[1], word("output-of", self.language, count)) + self.label(label)
            count += 1
            name = word("code", self.language, count)
            kind = "not-run-text" if "language-text" in classes else "not-run"
            mark = self.label(word(kind, self.language)) if "not-run" in classes else ""
            button = (
                f'<button type="button" class="copy" hidden aria-label="{word("copy-of", self.language, count)}">'
                f"{word('copy', self.language)}</button>"
            )
            return self.opening(match[1], name) + mark + button

        text = _BLOCK.sub(named, text)
        return _CODE.sub('<code lang="en" translate="no"', text)

    def opening(self, classes: str, name: str) -> str:
        return f'<div class="{classes}" role="group" aria-label="{name}">'

    def label(self, words: str) -> str:
        return f'<span class="block-label">{words}</span>'


class _Indented(Treeprocessor):
    """Code that is made by indenting alone belongs to no snippet, and no test would see it."""

    def run(self, root: ElementTree.Element) -> None:
        for block in root.iter("pre"):
            first = "".join(block.itertext()).strip().split("\n")[0]
            complain(f'"{first}" is indented so far that it becomes code: indent it less, or use ```', first)


class CodeBlocksExtension(Extension):
    """Registers the postprocessor; `language` is the page's."""

    def __init__(self, **options: Any) -> None:
        self.config = {"language": ["ko", "the page's language"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_Indented(md), "sitebuild-indented", 35)  # before pymdownx.highlight
        md.postprocessors.register(_CodeBlocks(md, self.getConfig("language")), "sitebuild-codeblocks", 5)


def makeExtension(**options: Any) -> CodeBlocksExtension:
    """Return the extension (the name is Python-Markdown's)."""
    return CodeBlocksExtension(**options)
