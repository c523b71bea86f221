"""Lists that the build writes into a page, where the page has a line `<!-- glossary -->` or `<!-- api -->`.

They are written as Markdown, so that links are checked and formulas typeset like a writer's own:

    텐서 <span lang="en">tensor</span> { #tensor }
    :   수 하나, 한 줄, 표, … 담는 PyTorch의 배열로, …
    :   다른 말 다차원 배열 · 소개 [텐서](../pytorch/tensors.md)

A Markdown extension.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from sitebuild import api, pages, session
from sitebuild.glossary import Term
from sitebuild.pages import Heading, Page
from sitebuild.problems import page_in_work
from sitebuild.project import LANGUAGES
from sitebuild.runner import Runs
from sitebuild.words import word


def glossary(language: str, here: str) -> Iterator[str]:
    """The terms, sorted by their words in `language`, for the page `here`."""
    site = session.current()
    titles = {name: _title(page) for name, page in pages.read_all(site.project, language).items()}
    other = next(code for code in LANGUAGES if code != language)
    yield f'<div class="listing terms" data-filter="{word("find-term", language)}" markdown>\n'
    for term in sorted(site.glossary.terms, key=lambda term: term.word[language].lower()):
        twin = f' <span lang="{other}">{term.word[other]}</span>' * (term.word[language] != term.word[other])
        yield f"{term.word[language]}{twin} {{ #{term.id} }}"
        yield f":   {term.means[language]}"
        yield f":   {' · '.join(_facts(term, language, _link(here, term.lesson, titles.get(term.lesson, ''))))}\n"
    yield "</div>"


def _facts(term: Term, language: str, lesson: str) -> Iterator[str]:
    if term.notation:
        yield word("written", language, term.notation)
    if also := term.also.get(language):
        yield word("also", language, ", ".join(also))
    yield word("introduced-in", language, lesson)


def names(language: str, here: str) -> Iterator[str]:
    """The names of PyTorch, torchvision and NumPy, by package, each with the headings under which code uses it."""
    site = session.current()
    found: dict[str, dict[str, dict[str, None]]] = {}
    everything = pages.read_all(site.project, language)
    for page in sorted(everything.values(), key=lambda page: site.order.get(page.name, len(site.order))):
        for name, heading in _names_and_headings(page, site.runs):
            headings = found.setdefault(name, {}).setdefault(_link(here, page.name, _title(page)), {})
            if heading.level > 1 and heading.id:
                headings[_link(here, page.name, heading.text, heading.id)] = None
    yield f'<div class="listing names" data-filter="{word("find-name", language)}" markdown>\n'
    package = ""
    for name in sorted(found, key=lambda name: (name.rpartition(".")[0], name.lower())):
        if package != (package := name.rpartition(".")[0]):
            yield f"## {package} {{ #{package.replace('.', '-').lower()} }}\n"
        anchor = name.replace("_", r"\_")  # else Markdown takes torch.__version__ for emphasis
        yield f"[`{name}`]({api.address(name)}) {{ #{anchor} }}"
        for lesson, headings in found[name].items():
            yield f":   {lesson}{': ' * bool(headings)}{', '.join(headings)}"
        yield ""
    yield "</div>"


def _names_and_headings(page: Page, runs: Runs) -> Iterator[tuple[str, Heading]]:
    """Each name in the code of `page` that is run, with the heading above it."""
    for fence in page.fences:
        headings = [heading for heading in page.headings if heading.line < fence.line]
        for include in fence.includes if fence.is_run and headings else ():
            run = runs.get(include.path.removesuffix(".py"))
            section = run and run.snippet.section(include.section or "")
            if run and section:
                yield from ((use.name, headings[-1]) for use in api.uses_in(run.snippet, section))


def _title(page: Page) -> str:
    return page.headings[0].text if page.headings else page.name


def _link(here: str, page: str, text: str, anchor: str = "") -> str:
    place = posixpath.relpath(f"{page}.md", posixpath.dirname(here) or ".")
    return f"[{text}]({place}{'#' * bool(anchor)}{anchor})"


LISTS: dict[str, Callable[[str, str], Iterator[str]]] = {"<!-- glossary -->": glossary, "<!-- api -->": names}


class _Lists(Preprocessor):
    def __init__(self, md: Markdown, language: str) -> None:
        super().__init__(md)
        self.language = language

    def run(self, lines: list[str]) -> list[str]:
        page = page_in_work()
        written: list[str] = []
        for line in lines:
            listing = LISTS.get(line.strip())
            if listing is None or page is None:
                written.append(line)
            else:
                written += "\n".join(listing(self.language, page.name)).split("\n")
        return written


class ListingsExtension(Extension):
    """Registers the preprocessor; `language` is the page's."""

    def __init__(self, **options: Any) -> None:
        self.config = {"language": ["ko", "the page's language"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.register(_Lists(md, self.getConfig("language")), "sitebuild-listings", 45)  # before all others


def makeExtension(**options: Any) -> ListingsExtension:
    """Return the extension (the name is Python-Markdown's)."""
    return ListingsExtension(**options)
