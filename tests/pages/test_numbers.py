"""No number from a run is typed into prose: each decimal is inserted by the build, or is arithmetic on paper."""

from __future__ import annotations

import re

from sitebuild import pages, values
from sitebuild.project import LANGUAGES, Project
from tests.conftest import ROOT

REVIEWED = ROOT / "tests" / "pages" / "paper_arithmetic.txt"
_DECIMAL = re.compile(r"(?<![\w.])\d+\.\d+(?!\d|\.\d)")
_LINK_TARGET = re.compile(r"\]\([^)]*\)|<https?://[^>]*>")


def typed_decimals(text: str) -> list[str]:
    """The decimal numbers in a line of prose that no place `{{ … }}` stands for."""
    return _DECIMAL.findall(_LINK_TARGET.sub("] ", values.PLACE.sub(" ", text)))


def reviewed() -> dict[str, set[str]]:
    """Page → the numbers that were found to be arithmetic on paper or settings that the code itself makes."""
    allowed: dict[str, set[str]] = {}
    for line in REVIEWED.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            page, numbers = line.split("#")[0].split(":")
            allowed.setdefault(page.strip(), set()).update(numbers.split())
    return allowed


def test_no_measured_number_is_typed() -> None:
    allowed = reviewed()
    typed = [
        f"{page.path}:{number}: {decimal}"
        for language in LANGUAGES
        for page in pages.read_all(Project(ROOT), language).values()
        for number, line in page.prose
        for decimal in typed_decimals(line)
        if decimal not in allowed.get(page.name, ())
    ]
    assert typed == [], "insert these with {{ section.name:format }}, or review them into paper_arithmetic.txt"


def test_the_reviewed_list_is_short_and_used() -> None:
    for page, numbers in reviewed().items():
        for language in LANGUAGES:
            text = " ".join(line for _, line in pages.read_all(Project(ROOT), language)[page].prose)
            assert numbers <= set(typed_decimals(text)), f"{page}: no longer needed in {language}"


def test_what_counts_as_typed() -> None:
    assert typed_decimals("loss 0.25 at {{ loop.loss:.3f }}, $x = 1.5$, 0.01을 2.5.") == ["0.25", "1.5", "0.01", "2.5"]
    assert typed_decimals("[torch 2.14.1](a-1.5.html) and v1.2 in 2.14.1.") == []
