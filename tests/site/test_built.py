"""The built site: every link and anchor leads somewhere, and each page says what it is, in its language."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup

from sitebuild import pages, runner
from sitebuild.project import LANGUAGES, Project
from tests.conftest import ROOT

BASE = "http://site/"


def _html(site: Path) -> dict[str, BeautifulSoup]:
    return {
        file.relative_to(site).as_posix(): BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        for file in sorted(site.rglob("*.html"))
    }


@pytest.fixture(scope="module")
def built(site: Path) -> dict[str, BeautifulSoup]:
    """Every page of the site by its path, the error pages left out: their links depend on where they are served."""
    return {path: page for path, page in _html(site).items() if not path.endswith("404.html")}


def _place(language: str, name: str) -> str:
    folder = ("" if language == LANGUAGES[0] else f"{language}/") + ("" if name == "index" else f"{name}/")
    return f"{folder}index.html"


def test_every_page_is_built_in_both_languages(built: dict[str, BeautifulSoup]) -> None:
    wanted = {_place(language, name) for language in LANGUAGES for name in pages.read_all(Project(ROOT), language)}
    assert wanted and wanted == set(built)


def test_every_link_and_anchor_leads_somewhere(built: dict[str, BeautifulSoup], site: Path) -> None:
    ids = {path: {tag["id"] for tag in page.select("[id]")} for path, page in built.items()}
    broken = []
    for path, page in built.items():
        for tag in page.select("[href], [src]"):
            link = str(tag.get("href") or tag.get("src"))
            target, anchor = urldefrag(urljoin(BASE + path, link))
            if not target.startswith(BASE):
                continue
            file = unquote(urlsplit(target).path).lstrip("/")
            file += "index.html" if file.endswith("/") or not file else ""
            if not (site / file).is_file():
                broken.append(f"{path}: {link}")
            elif anchor and not anchor.startswith("only-") and file in ids and anchor not in ids[file]:
                broken.append(f"{path}: {link} (no such anchor)")
    assert broken == []


def test_titles_and_descriptions_are_there_and_unique(built: dict[str, BeautifulSoup]) -> None:
    titles = Counter(page.title.get_text() if page.title else "" for page in built.values())
    descriptions = Counter(
        str(meta["content"]) if (meta := page.select_one("meta[name=description]")) else "" for page in built.values()
    )
    assert "" not in titles and "" not in descriptions
    assert {**titles, **descriptions} == dict.fromkeys((*titles, *descriptions), 1)


def test_language_and_twin(built: dict[str, BeautifulSoup]) -> None:
    for path, page in built.items():
        language = "en" if path.startswith("en/") else "ko"
        assert page.html and page.html["lang"] == language
        link = page.select_one("a.language-link")
        assert link, f"{path} has no link to the other language"
        twin = urljoin(BASE + path, str(link["href"])).removeprefix(BASE) + "index.html"
        assert twin == (path.removeprefix("en/") if language == "en" else f"en/{path}")
        assert twin in built and link["hreflang"] != language


def test_headings_and_figures_are_the_same_in_both_languages(built: dict[str, BeautifulSoup]) -> None:
    for path, page in built.items():
        if path.startswith("en/"):
            continue
        twin = built[f"en/{path}"]
        for selector, key in (("article :is(h1, h2, h3)[id]", "id"), ("article img", "src")):
            assert [t[key] for t in page.select(selector)] == [t[key] for t in twin.select(selector)], path


def test_figures_have_words_size_and_both_schemes(built: dict[str, BeautifulSoup]) -> None:
    for path, page in built.items():
        images = page.select("article img")
        assert all(i.get("alt") and i.get("width") and i.get("height") for i in images), path
        sources = [str(image["src"]) for image in images]
        light, dark = (
            [source.removesuffix(f".{scheme}.svg#only-{scheme}") for source in sources if f"#only-{scheme}" in source]
            for scheme in ("light", "dark")
        )
        assert light == dark and len(light) * 2 == len(images), path
        for figure in page.select("article figure"):
            assert figure.figcaption and figure.figcaption.get_text(strip=True), path


def test_formulas_are_mathml_and_nothing_is_left_over(built: dict[str, BeautifulSoup]) -> None:
    for path, page in built.items():
        article = page.select_one("article")
        assert article
        for code in article.select("pre, code"):
            code.extract()
        text = article.get_text()
        assert not any(left in text for left in ("{{", "}}", "\\(", "\\[", "--8<--", "///", "$")), path


def test_code_blocks_have_names_of_their_own(built: dict[str, BeautifulSoup]) -> None:
    for path, page in built.items():
        names = [block.get("aria-label") for block in page.select("div.highlight")]
        assert all(names) and len(names) == len(set(names)), path
        assert all(block["lang"] == "en" for block in page.select("article code")), path


def test_the_foot_names_what_ran_the_code(built: dict[str, BeautifulSoup]) -> None:
    for path, page in built.items():
        if page.select_one("div.language-python"):
            foot = page.select_one("footer")
            assert foot
            for version in runner.versions().values():
                assert version in foot.get_text(), path
