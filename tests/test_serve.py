"""`mkdocs serve` shows what is saved, shows what is wrong, and lives on."""

from __future__ import annotations

import urllib.error

import pytest

from tests.mini import Mini, Serving

KO, EN, SNIPPET = "docs/ko/chapter/lesson.md", "docs/en/chapter/lesson.md", "snippets/chapter/lesson.py"
OTHER = """\
# --8<-- [start:only]
print("other")
# --8<-- [end:only]
"""
OTHER_PAGE = """\
# Other { #other }

```python
--8<-- "chapter/other.py:only"
```

```output
--8<-- "chapter/other/only.txt"
```
"""


def test_both_languages_are_served_with_live_reload(mini: Mini) -> None:
    with mini.serve() as server:
        for path, word, language in (("", "한글", "ko"), ("en/", "English", "en")):
            start, lesson = server.page(path), server.page(f"{path}chapter/lesson/")
            assert f"{word} start" in start and f"{word} rising line" in lesson
            assert f'<html lang="{language}"' in start
            assert "total 7" in lesson
            assert "/livereload/" in start
        assert server.page("chapter/lesson/a-line.light.svg").startswith("<?xml")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            server.page("nothing/")


@pytest.mark.parametrize(("page", "path"), [(KO, "chapter/lesson/"), (EN, "en/chapter/lesson/")])
def test_a_saved_page_is_rebuilt_in_either_language(page: str, path: str, mini: Mini) -> None:
    with mini.serve() as server:
        said = server.after(lambda: mini.edit(page, "rising", "climbing"))
        assert "Running" not in said, "no snippet has changed"
        assert "climbing line" in server.page(path)


def test_a_mistake_is_shown_in_the_terminal_and_on_every_page_until_it_is_mended(mini: Mini) -> None:
    problem = f"{EN}:24: the image lesson/a-line.svg has no alt text"
    with mini.serve() as server:
        said = server.after(lambda: mini.edit(EN, "English rising line", ""))
        assert problem in said
        assert "1 problem, shown on every page until mended." in said
        for path in ("", "chapter/lesson/", "en/", "en/chapter/lesson/"):
            assert problem in server.page(path)
        said = server.after(lambda: mini.edit(EN, "![]", "![Mended]"))
        assert problem not in said
        for path in ("", "en/chapter/lesson/"):
            assert 'class="build-problems"' not in server.page(path)
        assert 'alt="Mended"' in server.page("en/chapter/lesson/")


def test_mistakes_at_the_start_do_not_keep_the_server_from_starting(mini: Mini) -> None:
    mini.edit(SNIPPET, "sum(numbers)", "sum(numbers) / 0")
    mini.edit(KO, " { #sum }", "")
    with mini.serve() as server:
        problems = (
            f'{SNIPPET}:3: section "first" raises ZeroDivisionError: division by zero: mend it',
            f'{KO}:8: the heading "한글 sum" has no id',
        )
        start = server.page("")
        for problem in problems:
            assert problem in server.said()
            assert problem.replace('"', "&quot;") in start
        mini.edit(KO, "## 한글 sum", "## 한글 sum { #sum }")
        server.after(lambda: mini.edit(SNIPPET, " / 0", " * 6"))
        assert "total 42" in server.page("chapter/lesson/")
        assert 'class="build-problems"' not in server.page("")


@pytest.mark.parametrize(
    ("file", "good", "bad", "said"),
    [
        ("mkdocs.yml", "nav:", "nav: [", "while parsing"),
        ("overrides/main.html", "{% extends", "{% if nothing %}{% extends", "Unexpected end of template"),
    ],
)
def test_what_ends_a_build_early_is_shown_and_can_be_mended(
    file: str, good: str, bad: str, said: str, mini: Mini
) -> None:
    with mini.serve() as server:
        assert said in server.after(lambda: mini.edit(file, good, bad))
        server.after(lambda: mini.edit(file, bad, f"{bad} "))
        assert said in server.page("")
        assert server.page("").count('class="build-problems"') == 1
        server.after(lambda: mini.edit(file, bad, good))
        assert "English start" in server.page("en/")
        assert 'class="build-problems"' not in server.page("")


def test_a_saved_snippet_runs_again_alone_in_the_process_that_is_warm(mini: Mini) -> None:
    mini.write("snippets/chapter/other.py", OTHER)
    for language in ("ko", "en"):
        mini.write(f"docs/{language}/chapter/other.md", OTHER_PAGE)
    for name in ("mkdocs.yml", "mkdocs.en.yml"):
        mini.write(name, mini.read(name) + "  - Other: chapter/other.md\n")
    report_parent = 'import os\n\nprint("warm process", os.getppid())\n'
    mini.edit(SNIPPET, "numbers = [1, 2, 4]\n", f"numbers = [1, 2, 4]\n{report_parent}")

    with mini.serve() as server:
        assert "Running 2 snippets\n" in server.said()
        warm = _warm_process(server)
        said = server.after(lambda: mini.edit(SNIPPET, "[1, 2, 4]", "[1, 2, 5]"))
        ran = [line.split()[1] for line in said.splitlines() if " ran in " in line]
        assert "Running 1 snippet\n" in said and ran == ["chapter/lesson"]
        assert "total 8" in server.page("en/chapter/lesson/")
        assert _warm_process(server) == warm
        said = server.after(lambda: mini.edit(SNIPPET, "[1, 2, 5]", "[1, 2, 4]"))
        assert "Running" not in said, "this result is kept"
        assert "total 7" in server.page("en/chapter/lesson/")


def _warm_process(server: Serving) -> str:
    return server.page("chapter/lesson/").split("warm process ")[1].split("\n")[0].split("<")[0]


def test_a_changed_build_asks_for_a_restart(mini: Mini) -> None:
    with mini.serve() as server:
        said = server.after(lambda: mini.edit("sitebuild/words.py", '"Output"', '"Result"'))
        assert "sitebuild: the build itself has changed since the server started: stop it and start it again" in said
