"""Every claims test quotes the sentence that it tests, as it stands under its heading on the English page."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitebuild import claims, pages
from sitebuild.claims import Claim
from sitebuild.pages import Page
from sitebuild.project import Project
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "claims"
FILES = sorted(FOLDER.rglob("test_*.py"))


TO_MEND = {
    "cnn/model",
    "cnn/overview",
    "cnn/padding-and-stride",
    "cnn/pooling",
    "cnn/training",
    "neural-networks/activation-functions",
    "neural-networks/classification",
    "neural-networks/generalization",
    "neural-networks/mlp",
    "pytorch/autograd",
    "pytorch/derivatives",
    "pytorch/tensors",
    "pytorch/what-is-pytorch",
    "reference/faq",
    "reference/lecture-errata",
    "regression/linear-regression",
    "regression/loss-functions",
}
"""Pages some of whose claims do not quote their sentence word for word yet. Strict: a mended page leaves the list."""


def page_of(file: Path) -> str:
    place = file.relative_to(FOLDER)
    return (place.parent / place.stem.removeprefix("test_").replace("_", "-")).as_posix()


@pytest.mark.parametrize("file", FILES, ids=page_of)
def test_claims_stand_on_the_page(file: Path, request: pytest.FixtureRequest) -> None:
    if page_of(file) in TO_MEND:
        request.applymarker(pytest.mark.xfail(strict=True, reason="some quotations are to be mended"))
    page = page_of(file)
    english = pages.read_all(Project(ROOT), "en").get(page)
    wrong = [
        f"{file.relative_to(ROOT)}:{claim.line}: {claim.test}: {problem}"
        for claim in claims.read(file)
        if (problem := claims.what_is_wrong(claim, page, english))
    ]
    assert not wrong, "\n".join(["claims that are not on the page as quoted:", *wrong])


def test_files_of_claims_are_found() -> None:
    assert [claims.file_of(page_of(file), Project(ROOT)) for file in FILES] == FILES
    assert claims.file_of("regression/nothing", Project(ROOT)) is None


PAGE = """\
---
description: x
---
# Title { #top }

The **first** claim, with `code`, [a link](other.md#x) and {{ run.value:.2f }} in it.

## Next { #next }

The gradient is "2 × error", and $x^2 = 4$, not $\\frac{\\delta}{2} \\le \\log 2$.
"""


@pytest.fixture
def page(tmp_path: Path) -> Page:
    file = tmp_path / "page.md"
    file.write_text(PAGE, encoding="utf-8")
    return pages.read(file, "chapter/page", "page.md")


def wrong(docstring: str, page: Page) -> str:
    return claims.what_is_wrong(Claim("test_x", 1, docstring), "chapter/page", page)


@pytest.mark.parametrize(
    "quoted",
    [
        '#top: "The first claim, with code, a link and … in it."',
        '#top: "The **first** claim, with `code`, [a link](other.md#x) and {{ run.value:.2f }} in it".',
        '#top: "The first claim" and "in it"',
        '#next: "The gradient is "2 × error", and $x^2 = 4$, not …"',
        '#next: "2 × error"; "$x^2 = 4$" for every x',
        '#next: "x² = 4, not δ/2 ≤ log 2"',
    ],
)
def test_what_stands_there(quoted: str, page: Page) -> None:
    assert wrong(f"chapter/page.md{quoted}", page) == ""


@pytest.mark.parametrize(
    ("docstring", "message"),
    [
        ("", "its docstring must begin like this"),
        ('chapter/page.md: "The first claim"', "its docstring must begin like this"),
        ('chapter/page.md#top, below: "The first claim"', "its docstring must begin like this"),
        ('other/page.md#top: "The first claim"', "its docstring names other/page.md, but the file belongs to"),
        ('chapter/page.md#nowhere: "The first claim"', "has no heading #nowhere; it has: #top, #next"),
        ('chapter/page.md#top: "The second claim"', '"The second claim" does not stand under #top'),
        ('chapter/page.md#top: "The first claim" and "the last"', '"the last" does not stand under #top'),
        ('chapter/page.md#top: "2 × error"', "does not stand under #top, but elsewhere on the page"),
        ('chapter/page.md#top: "and 2.71 in it"', "does not stand under #top"),
    ],
)
def test_what_does_not(docstring: str, message: str, page: Page) -> None:
    assert message in wrong(docstring, page)
