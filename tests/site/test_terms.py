"""A term shows what it means: when the pointer is on it, when it has the focus, and when a finger taps it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from sitebuild import glossary
from sitebuild.problems import Problems
from sitebuild.project import Project
from tests.conftest import ROOT

LESSONS = {"ko": "regression/gradient-descent/", "en": "en/regression/gradient-descent/"}
PHONE = ViewportSize(width=360, height=740)
TOOLTIP = ".md-tooltip2--active"


def meaning(term: str, language: str) -> str:
    return glossary.load(Project(ROOT), Problems()).by_id[term].means[language]


@pytest.fixture(params=["ko", "en"])
def language(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def shows_its_meaning(page: Page, address: str, language: str, act: Callable[[str], None]) -> None:
    page.goto(address + LESSONS[language])
    wanted = meaning("learning-rate", language)
    term = f'abbr.term[title="{wanted}"]'
    expect(page.locator(term)).to_have_count(1)
    page.locator(term).evaluate("element => element.id = 'term'")  # its title goes while it is shown
    page.locator("#term").scroll_into_view_if_needed()
    expect(page.locator(TOOLTIP)).to_have_count(0)
    act("#term")
    tooltip = page.locator(TOOLTIP)
    expect(tooltip).to_have_text(wanted)
    expect(tooltip).to_be_visible()
    box, view = tooltip.locator("> *").bounding_box(), page.viewport_size
    assert box and view
    assert box["x"] >= 0 and box["x"] + box["width"] <= view["width"], "it reaches beyond the edge"
    described_by = page.locator("#term").get_attribute("aria-describedby")
    assert described_by and page.locator(f"#{described_by}").inner_text() == wanted


def test_on_hover(desktop: Page, address: str, language: str) -> None:
    shows_its_meaning(desktop, address, language, desktop.hover)
    desktop.mouse.move(0, 0)
    expect(desktop.locator(TOOLTIP)).to_have_count(0)


def test_on_focus(desktop: Page, address: str, language: str) -> None:
    shows_its_meaning(desktop, address, language, desktop.focus)
    desktop.keyboard.press("Tab")
    expect(desktop.locator(TOOLTIP)).not_to_have_text(meaning("learning-rate", language))


def test_reached_with_tab(desktop: Page, address: str, language: str) -> None:
    desktop.goto(address + LESSONS[language])
    term = desktop.locator("abbr.term").first
    wanted = term.get_attribute("title")
    term.evaluate(
        "element => { element.id = 'term'; element.parentElement.tabIndex = -1; element.parentElement.focus() }"
    )
    desktop.keyboard.press("Tab")
    expect(desktop.locator("#term")).to_be_focused()
    expect(desktop.locator(TOOLTIP)).to_have_text(wanted or "")


def test_on_tap(phone: Page, address: str, language: str) -> None:
    shows_its_meaning(phone, address, language, phone.tap)
    phone.touchscreen.tap(5, 400)
    expect(phone.locator(TOOLTIP)).to_have_count(0)


def test_at_the_edges_of_a_phone(phone: Page, address: str, language: str) -> None:
    phone.goto(address + LESSONS[language])
    phone.locator("abbr.term").evaluate_all("all => all.forEach((element, at) => element.id = `term-${at}`)")
    for at in range(phone.locator("abbr.term").count()):
        term = phone.locator(f"#term-{at}")
        if term.is_visible():
            term.tap()
            inner = phone.locator(f"{TOOLTIP} > *")
            expect(inner).to_be_visible()
            box = inner.bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"], term.inner_text()
            phone.touchscreen.tap(5, 400)
            expect(phone.locator(TOOLTIP)).to_have_count(0)


def test_the_glossary_page_has_none(desktop: Page, address: str) -> None:
    desktop.goto(address + "reference/glossary/")
    expect(desktop.locator("abbr.term")).to_have_count(0)
