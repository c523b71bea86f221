"""The glossary, the index of names and what leads there, the tests of claims, the reading time: on the built site."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, expect

from sitebuild import api, claims, glossary, pages, reading_time, session, snippet
from sitebuild.problems import Problems
from sitebuild.project import LANGUAGES, Project
from tests.conftest import ROOT

BASE = "http://site/"


def address(language: str, name: str) -> str:
    return ("" if language == LANGUAGES[0] else f"{language}/") + ("" if name == "index" else f"{name}/")


def read(site: Path, language: str, name: str) -> BeautifulSoup:
    file = site / address(language, name) / "index.html"
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def described(entry: Tag) -> list[Tag]:
    """The descriptions of an entry of a list."""
    found = []
    while (entry := entry.find_next_sibling()) and entry.name == "dd":  # type: ignore[assignment]
        found.append(entry)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_glossary_lists_every_term(language: str, site: Path) -> None:
    terms = glossary.load(Project(ROOT), Problems()).terms
    other = next(code for code in LANGUAGES if code != language)
    page = read(site, language, "reference/glossary")
    entries = page.select("dt")
    words = [entry.contents[0].get_text(strip=True) for entry in entries]
    assert {str(entry["id"]) for entry in entries} == {term.id for term in terms}
    assert words == sorted((term.word[language] for term in terms), key=str.lower)
    for term in terms:
        entry = page.select_one(f"dt#{term.id}")
        assert entry
        meaning, facts = described(entry)
        twin = entry.select_one(f"span[lang={other}]")
        assert twin is None if term.word[other] == term.word[language] else twin and twin.get_text() == term.word[other]
        assert meaning.get_text() == term.means[language]
        assert all(word in facts.get_text() for word in term.also.get(language, ()))
        lesson = facts.select("a")[-1]
        assert urljoin(BASE + address(language, "reference/glossary"), str(lesson["href"])) == BASE + address(
            language, term.lesson
        )
        assert len(facts.select("math")) == term.notation.count("$") / 2, f"{term.id}: a formula is not typeset"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_use_of_a_name_is_in_the_index(language: str, site: Path) -> None:
    page = read(site, language, "reference/api")
    listed = {str(entry["id"]): entry for entry in page.select("dt")}
    used: dict[str, set[str]] = {}
    for name, source in pages.read_all(Project(ROOT), language).items():
        for fence in source.fences:
            for include in fence.includes if fence.is_run else ():
                script = snippet.read(Project(ROOT).snippets / include.path, Project(ROOT), Problems())
                section = script and script.section(include.section or "")
                heading = [h for h in source.headings if h.line < fence.line][-1]
                for use in api.uses_in(script, section) if script and section else ():
                    place = address(language, name) + f"#{heading.id}" * (heading.level > 1)
                    used.setdefault(use.name, set()).add(BASE + place)
    assert listed.keys() == used.keys()
    for name, entry in listed.items():
        link = entry.select_one("a")
        assert link and link.get_text() == name and link["href"] == api.address(name)
        leads = {
            urljoin(BASE + address(language, "reference/api"), str(a["href"])) for d in described(entry) for a in d("a")
        }
        assert used[name] <= leads, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_in_code_lead_to_the_index(language: str, site: Path) -> None:
    listed = {str(entry["id"]) for entry in read(site, language, "reference/api").select("dt")}
    linked = set()
    for name in pages.read_all(Project(ROOT), language):
        page = read(site, language, name)
        links = page.select(".highlight a")
        stops = [str(link["href"]) for link in links if link.get("tabindex") is None]
        assert len(stops) == len(set(stops)), f"{name}: a name stops the Tab key twice"
        for link in links:
            target, anchor = urldefrag(urljoin(BASE + address(language, name), str(link["href"])))
            assert target == BASE + address(language, "reference/api") and unquote(anchor) in listed
            text = link.get_text()
            assert unquote(anchor).endswith(text.split(".")[-1]), f"{name}: {text} leads to {anchor}"
            linked.add(unquote(anchor))
    assert linked == listed


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_leave_the_code_as_it_is(language: str, site: Path) -> None:
    for run in session.current().runs:
        blocks = [
            b.get_text().strip("\n") for b in read(site, language, run.snippet.page).select(".language-python code")
        ]
        for section in run.snippet.sections:
            assert section.source.strip("\n") in blocks, f"{run.snippet.name}: {section.name}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tests_of_claims_are_published_and_linked(language: str, site: Path) -> None:
    words = {"ko": "이 페이지의 내용을 확인하는 테스트", "en": "The tests of what this page claims"}[language]
    for name in pages.read_all(Project(ROOT), language):
        links = [a for a in read(site, language, name).select("footer a") if a.get_text() == words]
        file = claims.file_of(name, Project(ROOT))
        assert len(links) == bool(file), name
        if file:
            published = site / urljoin(address(language, name), str(links[0]["href"]))
            assert published.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_lessons_say_how_long_they_take(language: str, site: Path) -> None:
    for name, source in pages.read_all(Project(ROOT), language).items():
        line = read(site, language, name).select_one("h1 + .reading-time")
        assert (line is not None) == reading_time.is_lesson(name), name
        if line:
            minutes = reading_time.minutes(source, language, session.current().runs)
            assert re.findall(r"\d+", line.get_text()) == [str(minutes)]


def test_the_field_leaves_what_fits(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}reference/glossary/")
    field = page.get_by_label("용어 찾기")
    field.fill("학습율")
    expect(page.locator("dt:visible")).to_have_text(["학습률 learning rate"])
    field.fill("minimum")
    assert page.locator("dt:visible").count() == 2
    field.fill("")
    assert page.locator("dt:visible").count() == page.locator("dt").count()
    page.goto(f"{address}en/reference/api/")
    page.get_by_label("Find a name").fill("LINALG.lstsq")
    expect(page.locator("dt:visible")).to_have_text(["torch.linalg.lstsq"])
    expect(page.locator(".listing h2:visible")).to_have_text(["torch.linalg"])
    page.close()
