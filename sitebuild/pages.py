"""Pages as their writers wrote them, and what must hold of them before they are converted.

Everything is found in the Markdown source, so that each problem has its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path, PurePosixPath

from sitebuild import images, values
from sitebuild.problems import Problems, place
from sitebuild.project import LANGUAGES, Project
from sitebuild.runner import Run, Runs
from sitebuild.snippet import page_of

_FENCE = re.compile(r"^[\s>]*(?P<ticks>`{3,}|~{3,})\s*(?P<info>.*?)\s*$")
_HEADING = re.compile(r"^(?: {4}|> ?)*(?P<level>#{1,6})\s*(?P<text>.*?)(?:\s*\{(?P<attributes>[^{}]*)\})?\s*$")
_UNDERLINE = re.compile(r"^(?: {4}|> ?)*(?:=+|-+)\s*$")
_ID = re.compile(r"(?:^|\s)#([\w-]+)")
IMAGE = re.compile(r"!\[(?P<alt>(?:[^\[\]\\]|\\.|\[[^\]]*\])*)\]\((?P<source>[^)\s]*)[^)]*\)")
_INCLUDE = re.compile(r"""^\s*--8<--\s+["'](?P<path>[^"':]+)(?::(?P<section>[^"']*))?["']\s*$""")
_BRACES = re.compile(r"\{\{.*?\}\}")
_CODE_SPAN = re.compile(r"(`+)(?:(?!\1).)+?\1")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


@dataclass(frozen=True)
class Include:
    """`--8<-- "path:section"` on `line`."""

    line: int
    path: str
    section: str | None


@dataclass(frozen=True)
class Fence:
    """A fenced block; `info` is what follows the backticks."""

    line: int
    info: str
    body: tuple[str, ...]
    ticks: str = "```"

    @property
    def includes(self) -> list[Include]:
        found = []
        for offset, text in enumerate(self.body, 1):
            if match := _INCLUDE.match(text):
                found.append(Include(self.line + offset, match["path"], match["section"]))
        return found

    @property
    def is_run(self) -> bool:
        return self.info == "python"

    @property
    def is_marked_not_run(self) -> bool:
        return ".not-run" in self.info


@dataclass(frozen=True)
class Heading:
    line: int
    level: int
    text: str
    id: str | None


@dataclass(frozen=True)
class Image:
    line: int
    alt: str
    source: str


@dataclass
class Page:
    """One page in one language. `name` is its path below `docs/LANGUAGE/` without `.md`."""

    name: str
    path: str
    text: str
    fences: list[Fence] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    prose: list[tuple[int, str]] = field(default_factory=list)
    """Numbered lines outside fences and front matter, code spans blanked."""

    @property
    def ids(self) -> list[tuple[int, str]]:
        """Line and id of every heading."""
        return [(h.line, h.id or "missing") for h in self.headings]

    @property
    def code(self) -> list[tuple[int, str]]:
        """Line and `path:section` of every include of code that is run."""
        return [(i.line, f"{i.path}:{i.section}") for fence in self.fences if fence.is_run for i in fence.includes]

    @property
    def sources(self) -> list[tuple[int, str]]:
        """Line and path of every image."""
        return [(i.line, i.source) for i in self.images]


def read(file: Path, name: str, shown: str) -> Page:
    """Parse the page in `file`; `shown` is its path as problems name it."""
    text = file.read_text(encoding="utf-8-sig")
    page = Page(name, shown, text)
    front = _FRONT_MATTER.match(text)
    skip = front[0].count("\n") if front else 0
    opened: tuple[int, str, str] | None = None
    body: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if number <= skip:
            continue
        fence = _FENCE.match(line)
        if opened:
            if fence and not fence["info"] and fence["ticks"].startswith(opened[1]):
                page.fences.append(Fence(opened[0], opened[2], tuple(body), opened[1]))
                opened = None
            else:
                body.append(line)
        elif fence:
            opened, body = (number, fence["ticks"], fence["info"]), []
        else:
            _read_prose(page, number, line)
    if opened:
        page.fences.append(Fence(opened[0], opened[2], tuple(body), opened[1]))
    return page


def _read_prose(page: Page, number: int, line: str) -> None:
    plain = _CODE_SPAN.sub(lambda m: " " * len(m[0]), line)
    page.prose.append((number, plain))
    if heading := _HEADING.match(line):
        found = _ID.search(heading["attributes"] or "")
        page.headings.append(Heading(number, len(heading["level"]), heading["text"], found[1] if found else None))
    for image in IMAGE.finditer(plain):
        page.images.append(Image(number, image["alt"].strip(), image["source"]))


def read_all(project: Project, language: str) -> dict[str, Page]:
    """All pages of a language by name."""
    folder = project.docs(language)
    files = sorted(folder.rglob("*.md"))
    names = {f: f.relative_to(folder).with_suffix("").as_posix() for f in files}
    return {names[f]: read(f, names[f], project.relative(f)) for f in files}


def check(project: Project, runs: Runs, problems: Problems) -> None:
    """Add to `problems` all that is wrong with the pages of both languages, alone, together and with the runs."""
    pages = {language: read_all(project, language) for language in LANGUAGES}
    for language, other in (LANGUAGES, LANGUAGES[::-1]):
        for name in sorted(pages[language].keys() - pages[other].keys()):
            page = pages[language][name]
            problems.add(page.path, 0, f"this page has no twin: write docs/{other}/{name}.md, or remove it")
    for language in LANGUAGES:
        for page in pages[language].values():
            _check_headings(page, problems)
            _check_values(page, problems)
            _check_code(page, runs, problems)
            _check_images(page, runs, problems)
        for run in runs:
            _check_all_is_shown(run, pages[language], project, language, problems)
    for name in sorted(pages["ko"].keys() & pages["en"].keys()):
        _check_pair(pages["ko"][name], pages["en"][name], problems)


def _check_headings(page: Page, problems: Problems) -> None:
    seen: set[str] = set()
    for heading in page.headings:
        if heading.id is None:
            problems.add(
                page.path, heading.line, f'the heading "{heading.text}" has no id: end it with {{ #words-like-this }}'
            )
        elif heading.id in seen:
            problems.add(page.path, heading.line, f'a second heading has the id "{heading.id}": give it another')
        seen.add(heading.id or "")
    lines = dict(page.prose)
    for number, line in page.prose:
        text = lines.get(number - 1, "").strip()
        if _UNDERLINE.match(line) and text and not lines.get(number - 2, "").strip():
            problems.add(
                page.path,
                number - 1,
                f'the line below makes "{text}" a heading: write ## {text} {{ #words-like-this }}',
            )


def _check_values(page: Page, problems: Problems) -> None:
    for number, line in page.prose:
        for braces in _BRACES.findall(line):
            if not values.PLACE.fullmatch(braces):
                way_out = "write {{ section.variable:.2f }}, or { { where double braces are meant"
                problems.add(page.path, number, f"{braces} names no value of a run: {way_out}")


def _check_pair(korean: Page, english: Page, problems: Problems) -> None:
    """The ids of the headings, the code and the figures must be the same, in the same order."""
    for what, first, second in (
        ("heading id", korean.ids, english.ids),
        ("section of code", korean.code, english.code),
        ("image", korean.sources, english.sources),
    ):
        for count, (there, here) in enumerate(zip_longest(first, second, fillvalue=(0, "nothing more")), 1):
            if there[1] != here[1]:
                problems.add(
                    english.path,
                    here[0],
                    f'{what} {count} is "{here[1]}", but in {place(korean.path, there[0])} it is "{there[1]}":'
                    " the two pages must agree, in the same order",
                )
                break


def _check_code(page: Page, runs: Runs, problems: Problems) -> None:
    for fence in page.fences:
        if fence.ticks.startswith("~"):
            problems.add(page.path, fence.line, "use ``` for code: tests do not see blocks between ~~~")
        elif fence.is_run or fence.info == "output":
            only = [line for line in fence.body if line.strip()]
            if len(only) != len(fence.includes) or not only:
                kind = "code" if fence.is_run else "output"
                example = "snippet.py:section" if fence.is_run else "snippet/section.txt"
                problems.add(
                    page.path,
                    fence.line,
                    f'this {kind} belongs to no snippet: include it (--8<-- "{example}"), or mark the block as'
                    " not to be run: ```{ .python .not-run }",
                )
            for include in fence.includes:
                _check_include(page, include, fence, runs, problems)
        elif any("8<-" in line for line in fence.body):
            problems.add(page.path, fence.line, "an include must stand in a ```python or ```output block")
        elif not fence.is_marked_not_run:
            kind = fence.info.split()[0] if fence.info else "text"
            problems.add(
                page.path,
                fence.line,
                f"a block must be ```python, ```output or, not to be run, ```{{ .{kind} .not-run }};"
                f" this one is ```{fence.info}",
            )
    for number, line in page.prose:
        if "8<-" in line:
            problems.add(page.path, number, "an include must stand in a ```python or ```output block")


def _check_include(page: Page, include: Include, fence: Fence, runs: Runs, problems: Problems) -> None:
    path = PurePosixPath(include.path)
    name = path.with_suffix("").as_posix() if fence.is_run else path.parent.as_posix()
    section = include.section if fence.is_run else path.stem
    suffix = ".py" if fence.is_run else ".txt"
    if name in runs.failed:
        return
    run = runs.get(name)
    if path.suffix != suffix or (fence.is_run and not section):
        wanted = f"{name}.py:section" if fence.is_run else f"{name}/section.txt"
        problems.add(page.path, include.line, f'an include of {"code" if fence.is_run else "output"} reads "{wanted}"')
    elif run is None:
        near = ", ".join(r.snippet.name for r in runs) or "none"
        problems.add(page.path, include.line, f"no snippet snippets/{name}.py made this; there are: {near}")
    elif run.snippet.section(section or "") is None:
        near = ", ".join(s.name for s in run.snippet.sections)
        problems.add(page.path, include.line, f'snippets/{name}.py has no section "{section}"; it has: {near}')
    elif not fence.is_run and not run.printed(section or ""):
        problems.add(
            page.path, include.line, f'section "{section}" of snippets/{name}.py prints nothing: remove this block'
        )


def _check_images(page: Page, runs: Runs, problems: Problems) -> None:
    pages_with_snippet = {PurePosixPath(r.snippet.page).name: r for r in runs}
    failed = {PurePosixPath(page_of(name)).name for name in runs.failed}
    for image in page.images:
        if not image.alt:
            problems.add(page.path, image.line, f"the image {image.source} has no alt text: say what is seen in it")
        path = PurePosixPath(image.source)
        run = pages_with_snippet.get(path.parent.name)
        if (
            run
            and path.suffix == ".svg"
            and not images.figure_of(image.source, runs)
            and path.parent.name not in failed
        ):
            near = ", ".join(run.figures) or "none"
            problems.add(
                page.path, image.line, f'snippets/{run.snippet.name}.py draws no figure "{path.stem}"; it draws: {near}'
            )


def _check_all_is_shown(run: Run, pages: dict[str, Page], project: Project, language: str, problems: Problems) -> None:
    """Every section, output and figure of `run` stands on its page, once."""
    snippet = run.snippet
    shown = project.relative(snippet.path)
    page = pages.get(snippet.page)
    if page is None:
        problems.add(shown, 0, f"no page shows this snippet: write docs/{language}/{snippet.page}.md")
        return
    included = list(_own_includes(page))
    for section in snippet.sections:
        for path, kind in (
            (f"{snippet.name}.py:{section.name}", "code"),
            (f"{snippet.name}/{section.name}.txt", "output"),
        ):
            if kind == "output" and not run.printed(section.name):
                continue
            times = included.count(path)
            if times == 0:
                problems.add(
                    shown, section.line, f'the {kind} of section "{section.name}" is not on {page.path}: show it there'
                )
            elif times > 1:
                problems.add(
                    shown,
                    section.line,
                    f'the {kind} of section "{section.name}" stands {times} times on {page.path}: show it once',
                )
    order = [s.name for s in snippet.sections]
    placed = [i for fence in page.fences if fence.is_run for i in fence.includes if i.path == f"{snippet.name}.py"]
    places = [order.index(i.section) for i in placed if i.section in order]
    for include, before, here in zip(placed[1:], places, places[1:], strict=False):
        if here < before:
            problems.add(
                page.path,
                include.line,
                f'section "{order[here]}" stands after "{order[before]}", but runs before it in {shown}:'
                " show sections in the order in which they run",
            )
    sources = {PurePosixPath(i.source).stem for i in page.images}
    for label in run.figures:
        if label not in sources:
            line = snippet.text[: max(snippet.text.find(f'"{label}"'), 0)].count("\n") + 1
            problems.add(
                shown,
                line,
                f'the figure "{label}" is not on {page.path}: show it there with its alt text, or do not draw it',
            )


def _own_includes(page: Page) -> Iterator[str]:
    for fence in page.fences:
        for include in fence.includes:
            yield include.path + (f":{include.section}" if include.section else "")
