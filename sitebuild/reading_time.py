"""How many minutes a lesson takes to read once, with every fold open but the deeper ones.

English prose is read at 238 words a minute: the mean of 190 studies of adults who read non-fiction in silence
(Brysbaert 2019, "How many words do we read per minute?", Journal of Memory and Language 109, 104047). The rates of
other languages, the study finds, follow from how many words they need for the same content. Our pages need 0.67 Korean
words (어절) for an English one, which makes 160 a minute. Measured on Korean adults were 202 (Song, Kim and Hyung 2016,
Journal of the Korean Ophthalmological Society 57(4), 642) and 121 (Rhiu and others 2017, Korean Journal of
Ophthalmology 31(3), readers in their twenties).

No study measured code in lessons. Its words and numbers are counted as words of English prose: the sentences around
explain each line again, and are counted too. (To inspect code for mistakes takes longer: 500 lines an hour, says
McConnell, Code Complete, chapter 21.)

A Markdown extension writes the minutes under the title of a lesson.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from sitebuild import pages, prose, session
from sitebuild.pages import Page
from sitebuild.problems import page_in_work
from sitebuild.runner import Runs
from sitebuild.words import word

WORDS_A_MINUTE = {"ko": 160, "en": 238}


def is_lesson(page: str) -> bool:
    """Whether a page teaches a lesson: those in a chapter do."""
    return "/" in page and not page.startswith(("reference/", "labs/"))


def minutes(page: Page, language: str, runs: Runs) -> int:
    """How long `page` takes to read, to the nearest minute."""
    lines = list(prose.lines(page))
    said = sum(line.words for line in lines if line.furniture != "deeper")
    shown = 0
    for fence in page.fences:
        above = [line for line in lines if line.number < fence.line]
        if fence.body and fence.body[0].startswith("    ") and above and above[-1].furniture == "deeper":
            continue
        for include in fence.includes if fence.is_run else ():
            run = runs.get(include.path.removesuffix(".py"))
            section = run and run.snippet.section(include.section or "")
            shown += len(re.findall(r"\w+", section.source)) if section else 0
    return round(said / WORDS_A_MINUTE[language] + shown / WORDS_A_MINUTE["en"])


class _Minutes(Treeprocessor):
    def __init__(self, md: Markdown, language: str) -> None:
        super().__init__(md)
        self.language = language

    def run(self, root: Element) -> None:
        page, site = page_in_work(), session.current()
        if page is None or not is_lesson(page.name) or (title := root.find("h1")) is None:
            return
        file = site.project.docs(self.language) / f"{page.name}.md"
        took = minutes(pages.read(file, page.name, page.path), self.language, site.runs)
        line = Element("p", {"class": "reading-time"})
        line.text = word("minutes", self.language, took)
        root.insert(list(root).index(title) + 1, line)


class ReadingExtension(Extension):
    """Registers the tree processor; `language` is the page's."""

    def __init__(self, **options: Any) -> None:
        self.config = {"language": ["ko", "the page's language"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_Minutes(md, self.getConfig("language")), "sitebuild-reading-time", 9)


def makeExtension(**options: Any) -> ReadingExtension:
    """Return the extension (the name is Python-Markdown's)."""
    return ReadingExtension(**options)
