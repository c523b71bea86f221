"""Lessons stand at 10–20 minutes of reading; how they are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitebuild import pages, prose, reading_time, session
from sitebuild.pages import Page
from sitebuild.project import LANGUAGES, Project
from sitebuild.runner import Runs
from tests.conftest import ROOT


def lessons(language: str) -> dict[str, Page]:
    everything = pages.read_all(Project(ROOT), language)
    return {name: page for name, page in everything.items() if reading_time.is_lesson(name)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_lessons_take_10_to_20_minutes(language: str, site: Path) -> None:
    runs = session.current().runs
    minutes = {name: reading_time.minutes(page, language, runs) for name, page in lessons(language).items()}
    wrong = [f"docs/{language}/{name}.md: {took} minutes" for name, took in minutes.items() if not 10 <= took <= 20]
    assert not wrong, "\n".join(["these lessons do not take 10 to 20 minutes to read:", *wrong])


def test_korean_needs_two_words_for_three_english_ones() -> None:
    """What the Korean rate rests on: 160 = 0.67 × 238."""
    words = {
        language: sum(line.words for page in lessons(language).values() for line in prose.lines(page))
        for language in LANGUAGES
    }
    ratio = reading_time.WORDS_A_MINUTE["ko"] / reading_time.WORDS_A_MINUTE["en"]
    assert words["ko"] / words["en"] == pytest.approx(ratio, abs=0.04)


PAGE = """\
---
description: Not counted at all.
---
# Three words here { #title }

Two words, `some code` and $x + 1$.

![Not counted](x/y.svg)
/// caption
A caption.
///

$$
x = 1
$$

??? deeper "Not counted"
    Nothing in here.

    ```{ .python .not-run }
    import not_counted
    ```

- [A link](x.md) again
"""


def test_what_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text(PAGE, encoding="utf-8")
    page = pages.read(file, "chapter/page", "page.md")
    counted = {line.text.strip(): line.words for line in prose.lines(page) if line.furniture != "deeper"}
    assert counted == {
        "# Three words here { #title }": 3,
        "Two words, `some code` and $x + 1$.": 5,
        "![Not counted](x/y.svg)": 0,
        "/// caption": 0,
        "A caption.": 2,
        "///": 0,
        "- [A link](x.md) again": 3,
    }


def test_minutes_follow_from_words(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text(f"# x {{ #x }}\n\n{'word ' * 2380}\n", encoding="utf-8")
    page = pages.read(file, "chapter/page", "page.md")
    assert reading_time.minutes(page, "en", Runs({})) == 10
    assert reading_time.minutes(page, "ko", Runs({})) == 15


def test_what_is_a_lesson() -> None:
    assert reading_time.is_lesson("cnn/pooling")
    assert not any(map(reading_time.is_lesson, ("index", "reference/faq", "labs/tensors")))
