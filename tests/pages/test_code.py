"""Every code block of every page runs as copied, and prints what the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from sitebuild import pages, session
from sitebuild.project import LANGUAGES, Project
from sitebuild.runner import Runs
from sitebuild.snippet import data_files
from tests.conftest import ROOT
from tests.pages import reading

PAGES = sorted(pages.read_all(Project(ROOT), "ko"))


@pytest.fixture(scope="module")
def runs(site: Path) -> Runs:
    """The results that the built site shows."""
    return session.current().runs


def _blocks(name: str, language: str, runs: Runs) -> list[reading.Block]:
    page = pages.read_all(Project(ROOT), language)[name]
    return reading.blocks(reading.expand(page.text, runs))


@pytest.mark.parametrize("name", PAGES)
def test_code_prints_what_the_page_shows(name: str, runs: Runs) -> None:
    korean, english = (_blocks(name, language, runs) for language in LANGUAGES)
    assert [b.code for b in korean] == [b.code for b in english], "the two languages show different code"
    own = [run for run in runs if run.snippet.page == name]
    limit = max((run.snippet.time_limit for run in own), default=60.0)
    data = tuple(file for run in own for file in data_files(run.snippet, Project(ROOT)))
    printed = reading.run(korean, f"docs/ko/{name}.md", limit, data)
    for language, blocks in zip(LANGUAGES, (korean, english), strict=True):
        for number, (block, output) in enumerate(zip(blocks, printed, strict=True), 1):
            assert block.output == output, f"docs/{language}/{name}.md: block {number} prints something else"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_block_escapes_the_test(name: str, language: str, runs: Runs, site: Path) -> None:
    place = site / ("" if language == LANGUAGES[0] else language) / ("" if name == "index" else name)
    built = BeautifulSoup((place / "index.html").read_text(encoding="utf-8"), "html.parser")
    shown = built.select(".language-python.highlight:not(.not-run)")
    assert len(_blocks(name, language, runs)) == len(shown)
    if any(run.snippet.page == name for run in runs):
        assert shown, "a page with a snippet shows no code"


BROKEN = """
```python
x = 1
print(x)
```

```output
1
```

```python
print(y)
```
"""


def test_a_broken_block_fails() -> None:
    with pytest.raises(AssertionError, match="NameError: name 'y' is not defined"):
        reading.run(reading.blocks(BROKEN), "broken.md", 60)


def test_a_wrong_output_is_seen() -> None:
    code = reading.blocks(BROKEN.replace("print(y)", "print(x + 1)").replace("\n1\n", "\n7\n"))
    printed = reading.run(code, "wrong.md", 60)
    assert printed == ["1", "2"]
    assert [block.output for block in code] == ["7", ""]
