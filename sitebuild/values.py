"""Numbers in prose, taken from the run: `{{ learning-rates.threshold:.4f }}` becomes `0.0301`.

The value is the one that the variable `threshold` held at the end of the section `learning-rates` of a snippet that the
page includes; `[-1]` after the name takes an item of a list. What follows the colon is a Python format.
A Markdown extension; works in prose, captions, alt text and formulas, never in code.
"""

from __future__ import annotations

import re
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor

from sitebuild import session
from sitebuild.problems import complain

PLACE = re.compile(
    r"\{\{\s*(?P<section>[a-z][\w-]*)\.(?P<name>[A-Za-z]\w*)(?:\[(?P<index>-?\d+)\])?(?::(?P<format>[^{}]*?))?\s*\}\}"
)
_INCLUDE = re.compile(r"""^\s*--8<--\s+["']([\w/-]+)\.py:""")


class ValuesExtension(Extension):
    """Registers the two processors; remembers which snippets the page in work includes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.included: list[str] = []

    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.register(_Includes(md, self.included), "sitebuild-includes", 40)  # before pymdownx.snippets
        md.inlinePatterns.register(_Value(md, self), "sitebuild-values", 145)  # after code, formulas, links and images
        md.registerExtension(self)
        md.sitebuild_values = self  # type: ignore[attr-defined]

    def reset(self) -> None:
        self.included.clear()

    def fill(self, text: str) -> str:
        """`text` with every place in it replaced by its value."""
        return PLACE.sub(lambda match: self.value(match), text)

    def value(self, match: re.Match[str]) -> str:
        """The formatted value for one match of `PLACE`; complains, and leaves it as it is, if there is none."""
        section, name, index = match["section"], match["name"], match["index"]
        runs = session.current().runs
        if any(snippet in runs.failed for snippet in self.included):
            return match[0]
        known: dict[str, Any] | None = None
        for snippet in self.included:
            run = runs.get(snippet)
            known = run.values(section) if run and known is None else known
        if known is None:
            near = ", ".join(self.included) or "none"
            complain(
                f'{match[0]}: no snippet that this page includes has a section "{section}"; it includes: {near}',
                match[0],
            )
        elif name not in known:
            near = ", ".join(sorted(known)) or "none"
            complain(f'{match[0]}: "{section}" ends with no plain value named "{name}"; it has: {near}', match[0])
        else:
            try:
                value = known[name] if index is None else known[name][int(index)]
                return format(value, match["format"] or "")
            except (IndexError, TypeError, ValueError) as error:
                complain(f"{match[0]} cannot be written: {error}; mend what stands after the name", match[0])
        return match[0]


class _Includes(Preprocessor):
    def __init__(self, md: Markdown, included: list[str]) -> None:
        super().__init__(md)
        self.included = included

    def run(self, lines: list[str]) -> list[str]:
        found = dict.fromkeys(match[1] for line in lines if (match := _INCLUDE.match(line)))
        self.included[:] = found
        return lines


class _Value(InlineProcessor):
    def __init__(self, md: Markdown, values: ValuesExtension) -> None:
        super().__init__(PLACE.pattern, md)
        self.values = values

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str, int, int]:  # type: ignore[override]
        return self.values.value(m), m.start(0), m.end(0)


def fill(text: str, md: Markdown) -> str:
    """`text` with its places filled, for the extensions that hold text which inline processing does not reach."""
    values: ValuesExtension | None = getattr(md, "sitebuild_values", None)
    return values.fill(text) if values else text


def makeExtension(**options: Any) -> ValuesExtension:
    """Return the extension (the name is Python-Markdown's)."""
    return ValuesExtension(**options)
