"""Every page of the built site in a browser: what it fetches, how it looks in both schemes and on a phone, its keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from sitebuild import pages
from sitebuild.project import LANGUAGES, Project
from tests.conftest import ROOT

PAGES = {
    ("" if language == LANGUAGES[0] else f"{language}/") + ("" if name == "index" else f"{name}/"): page
    for language in LANGUAGES
    for name, page in pages.read_all(Project(ROOT), language).items()
}
"""Every page by its address below the site's."""
WITH_FIGURES = [path for path, page in PAGES.items() if page.images]
HOMES = ("", "en/")
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


def _twin(path: str) -> str:
    """The address of the same page in the other language."""
    return path.removeprefix("en/") if path.startswith("en/") else f"en/{path}"


SHOWN_FIGURES = """[...document.querySelectorAll("article img[src*='#only-']")]
    .map(image => [image.getAttribute("src"), getComputedStyle(image).display !== "none"])"""


ONE_TOKEN_OF_EACH_KIND = """() => {
    const seen = new Set();
    for (const token of document.querySelectorAll(".highlight code span:not(.linenos)")) {
        const around = [token.closest(".highlight"), token.closest(".admonition, details")];
        const kind = [token, ...around].map(element => element?.className).join();
        if (seen.has(kind)) token.replaceWith(token.textContent);
        else seen.add(kind);
    }
}"""
"""Leaves of the thousands of coloured tokens on a page one of each colour on each ground, so that axe is quick."""


class Tab:
    """One browser page, used again for every visit, and what it met since the last one."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", self._failed)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._said)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a lazy image given up when the page was left
            self.errors.append(f"{request.url}: {request.failure}")

    def visit(self, path: str, *, dark: bool = False, size: dict[str, int] = WIDE, unfold: bool = False) -> Page:
        """Open the page as somebody who was never here."""
        self.page.goto(self.address + "assets/site.css")  # this origin, and no script to store again
        self.page.evaluate("localStorage.clear()")
        self.requests.clear()
        self.errors.clear()
        self.page.set_viewport_size({"width": size["width"], "height": size["height"]})
        self.page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        self.page.goto(self.address + path, wait_until="load")
        if unfold:
            self.page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        return self.page

    def press_switch(self) -> None:
        """Press the site's own switch: from the system's scheme to light, to dark, and back."""
        label = self.page.locator("form[data-md-component=palette] label:visible")
        pressed = self.page.locator(f"label[for={label.get_attribute('for')}]")
        label.click()
        pressed.wait_for(state="hidden")  # the next one takes its place


@pytest.fixture(scope="session")
def tab(browser: Browser, address: str) -> Iterator[Tab]:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield Tab(context.new_page(), address)
    context.close()


def _violations(page: Page, *rules: str) -> list[str]:
    """What axe finds that is serious or critical, by all its rules or by these."""
    page.evaluate(ONE_TOKEN_OF_EACH_KIND)
    options: dict[str, Any] = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['impact']} {violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(tab: Tab, path: str) -> None:
    """Wide and light by all rules; dark and on a phone by those that colours and width decide."""
    assert _violations(tab.visit(path, unfold=True)) == []
    page = tab.visit(path, dark=True, size=PHONE, unfold=True)
    assert _violations(page, "color-contrast", "scrollable-region-focusable") == []


@pytest.mark.parametrize("path", HOMES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_while_searching(tab: Tab, path: str, dark: bool) -> None:
    page = tab.visit(path, dark=dark)
    page.locator(".md-search__input").click()
    page.keyboard.type("loss")
    page.locator(".md-search-result__item").first.wait_for()
    assert _violations(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_no_page_asks_another_origin_or_meets_an_error(tab: Tab, path: str) -> None:
    page = tab.visit(path)
    page.wait_for_load_state("networkidle")
    page.locator(".md-search__input").click()  # fetches the index
    page.wait_for_load_state("networkidle")
    assert [url for url in tab.requests if not url.startswith((tab.address, "data:"))] == []
    assert tab.errors == []


@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_on_a_phone(tab: Tab, path: str) -> None:
    page = tab.visit(path, size=PHONE, unfold=True)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    wide = """() => [...document.querySelectorAll("body, .md-container, article, article > *")]
        .filter(part => part.getBoundingClientRect().right > innerWidth + 1)
        .map(part => part.outerHTML.slice(0, 200))"""
    assert page.evaluate(wide) == []


@pytest.mark.parametrize("path", WITH_FIGURES)
@pytest.mark.parametrize("dark_system", [False, True], ids=["light-system", "dark-system"])
def test_the_figure_of_the_scheme_is_shown(tab: Tab, path: str, dark_system: bool) -> None:
    page = tab.visit(path, dark=dark_system)
    _check_figures(page, "dark" if dark_system else "light")
    for _ in range(1 if dark_system else 2):
        tab.press_switch()
    _check_figures(page, "light" if dark_system else "dark")


@pytest.mark.parametrize("path", HOMES)
def test_the_scheme_chosen_stays_in_both_languages(tab: Tab, path: str) -> None:
    page = tab.visit(path, dark=True)
    tab.press_switch()
    page.reload()
    _check_figures(page, "light")
    page.goto(tab.address + _twin(path))
    _check_figures(page, "light")


@pytest.mark.parametrize("path", WITH_FIGURES)
def test_the_figures_of_the_other_scheme_are_not_fetched(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context(color_scheme="dark")  # of its own: images in memory count as fetched
    page = context.new_page()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(address + path, wait_until="networkidle")
    shown = page.locator("article img[src$='#only-dark']").first
    shown.scroll_into_view_if_needed()
    assert shown.evaluate("async image => { await image.decode(); return image.naturalWidth > 0; }")
    assert [url for url in fetched if url.endswith(".light.svg")] == []
    context.close()


def _check_figures(page: Page, scheme: str) -> None:
    page.locator(f"body[data-md-color-scheme={'slate' if scheme == 'dark' else 'default'}]").wait_for()
    figures = page.evaluate(SHOWN_FIGURES)
    assert len(figures) > 1
    assert [source for source, shown in figures if shown] == [s for s, _ in figures if s.endswith(f"#only-{scheme}")]
    assert len(figures) == 2 * sum(shown for _, shown in figures)


def test_the_light_figures_are_shown_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, color_scheme="dark")
    page = context.new_page()
    page.goto(address + WITH_FIGURES[0])
    for image in page.locator("article img").all():
        assert image.is_visible() == str(image.get_attribute("src")).endswith("#only-light")
    context.close()


@pytest.mark.parametrize("path", [max(PAGES, key=lambda path: len(PAGES[path].headings))])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_language_link_keeps_page_and_heading(tab: Tab, path: str, size: dict[str, int]) -> None:
    page = tab.visit(path, size=size)
    heading = PAGES[path].headings[-3].id
    page.wait_for_timeout(500)  # the theme follows scrolling from then on
    page.locator(f"#{heading}").evaluate("heading => heading.scrollIntoView()")  # as a reader scrolls there
    page.wait_for_function("id => location.hash === `#${id}`", arg=heading)
    for target in (_twin(path), path):
        link = page.locator("a.language-link")
        box = link.bounding_box()
        assert box and min(box["width"], box["height"]) >= 24 and box["x"] + box["width"] <= size["width"]
        link.click()
        page.wait_for_url(f"{tab.address}{target}#{heading}")
        top = page.locator(f"#{heading}").evaluate("heading => heading.getBoundingClientRect().top")
        assert 0 < top < size["height"]


@pytest.mark.parametrize("path", [path for path, page in PAGES.items() if any(fence.is_run for fence in page.fences)])
def test_the_copy_button_copies_the_code_alone_and_says_so(tab: Tab, path: str) -> None:
    page = tab.visit(path, unfold=True)
    blocks = page.locator("article .language-python:not(.not-run)").all()
    includes = [include for fence in PAGES[path].fences if fence.is_run for include in fence.includes]
    sections = [_source(include.path, include.section or "") for include in includes]
    assert len(blocks) == len(sections)
    for block, source in list(zip(blocks, sections, strict=True))[:3]:
        page.evaluate("navigator.clipboard.writeText('')")
        button = block.locator("button.copy")
        button.focus()  # it is seen once it has the focus
        assert button.evaluate("button => getComputedStyle(button).opacity") == "1"
        button.press("Enter")
        said = page.locator("[role=status].visually-hidden")
        said.filter(has_text="Copied" if path.startswith("en/") else "복사했습니다").wait_for(state="attached")
        assert page.evaluate("navigator.clipboard.readText()") == source


def _source(path: str, section: str) -> str:
    """What stands between the two marks of a section, as its file has it."""
    text = (ROOT / "snippets" / path).read_text(encoding="utf-8")
    between = text.split(f"[start:{section}]\n")[1].split("# --8<-- [end:")[0]
    return between.strip("\n") + "\n"


def test_on_a_touch_screen_the_copy_button_is_always_seen_and_covers_no_code(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(address)
    block = page.locator("article .language-python").first
    button, code = block.locator("button.copy"), block.locator("code")
    assert button.evaluate("button => getComputedStyle(button).opacity") == "1"
    button_box, code_box = button.bounding_box(), code.bounding_box()
    assert button_box and code_box and button_box["height"] >= 24
    assert button_box["y"] + button_box["height"] <= code_box["y"]
    context.close()


def test_on_a_phone_the_menu_can_be_reached_from_the_keyboard(tab: Tab) -> None:
    page = tab.visit(WITH_FIGURES[-1], size=PHONE)
    for _ in range(20):
        page.keyboard.press("Tab")
        link = page.locator(".md-sidebar--primary a:focus")
        if link.count():
            break
    box = link.bounding_box()
    assert box and box["x"] >= 0 and box["width"] > 24
