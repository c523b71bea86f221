"""The Markdown extensions by themselves: what goes in, what comes out, what they complain about."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from sitebuild import session
from sitebuild.problems import PageInWork, Problems, set_page
from sitebuild.project import Project
from sitebuild.runner import Run, Runs
from sitebuild.session import Session
from sitebuild.snippet import Snippet

INCLUDE = '```python\n--8<-- "chapter/lesson.py:run"\n```\n\n'


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session in which the snippet `chapter/lesson` has run and `chapter/broken` has failed."""
    values = {"loss": 0.03014, "rows": [4, 5, 6], "name": "a*b*c <i>"}
    figures = [{"label": "bowl", "width": 442, "height": 288}]
    record = {"seconds": 0.1, "sections": {"run": {"printed": True, "values": values}}, "figures": figures}
    (tmp_path / "run.json").write_text(json.dumps(record))
    monkeypatch.setattr(session, "_current", Session(Project(tmp_path)))
    snippet = Snippet("chapter/lesson", tmp_path / "lesson.py", "", ())
    session.current().runs = Runs({snippet.name: Run(snippet, tmp_path)}, frozenset({"chapter/broken"}))
    return session.current()


@pytest.fixture
def problems() -> Iterator[Problems]:
    """What is found wrong with the page that `convert` converts."""
    found = Problems()
    yield found
    set_page(None)


def convert(text: str, *extensions: str, problems: Problems | None = None, **options: Any) -> str:
    names = [name if "." in name or name in ("admonition", "tables") else f"sitebuild.{name}" for name in extensions]
    configs = {names[-1]: options} if options else {}
    set_page(PageInWork("page.md", text, problems) if problems is not None else None)
    return Markdown(extensions=names, extension_configs=configs).convert(text)


# Values


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("{{ run.loss }}", "<p>0.03014</p>"),
        ("Loss {{ run.loss:.2f }}.", "<p>Loss 0.03.</p>"),
        ("**{{run.loss:.1%}}**", "<p><strong>3.0%</strong></p>"),
        ("{{ run.rows[-1] }} of {{ run.rows }}", "<p>6 of [4, 5, 6]</p>"),
        ("## {{ run.loss:.2f }}", "<h2>0.03</h2>"),
        ("{{ run.name }}", "<p>a*b*c &lt;i&gt;</p>"),
        ("`{{ run.loss }}`", "<p><code>{{ run.loss }}</code></p>"),
        ('[{{ run.loss:.2f }}](a.md "b")', '<p><a href="a.md" title="b">0.03</a></p>'),
    ],
)
def test_a_value_is_written_in_prose_and_never_in_code(text: str, html: str, problems: Problems) -> None:
    assert convert(INCLUDE + text, "values", problems=problems).endswith("</p>\n" + html)
    assert not len(problems)


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ("{{ run.nothing }}", '"run" ends with no plain value named "nothing"; it has: loss, name, rows'),
        ("{{ rum.loss }}", 'no snippet that this page includes has a section "rum"; it includes: chapter/lesson'),
        ("{{ run.loss:d }}", "Unknown format code 'd'"),
        ("{{ run.rows[3] }}", "list index out of range"),
        ("{{ run.loss[0] }}", "'float' object is not subscriptable"),
    ],
)
def test_a_value_that_there_is_not_is_a_problem_of_its_line(place: str, complaint: str, problems: Problems) -> None:
    assert place in convert(f"{INCLUDE}text\n{place}", "values", problems=problems)
    (problem,) = map(str, problems)
    assert problem.startswith(f"page.md:6: {place}") and complaint in problem


def test_values_come_from_the_snippets_that_the_page_includes(problems: Problems) -> None:
    convert("{{ run.loss }}", "values", problems=problems)
    (problem,) = map(str, problems)
    assert problem.endswith('has a section "run"; it includes: none')


def test_values_of_a_snippet_that_failed_are_left_without_another_complaint(problems: Problems) -> None:
    text = '```python\n--8<-- "chapter/broken.py:run"\n```\n\n{{ run.loss }}'
    assert convert(text, "values", problems=problems).endswith("<p>{{ run.loss }}</p>")
    assert not len(problems)


def test_a_complaint_about_no_known_page_is_raised() -> None:
    with pytest.raises(ValueError, match="no plain value"):
        convert(f"{INCLUDE}{{{{ run.nothing }}}}", "values")


# Formulas

ARITHMATEX = "pymdownx.arithmatex"


def formula(text: str, problems: Problems) -> str:
    set_page(PageInWork("page.md", text, problems))
    extensions = [ARITHMATEX, "sitebuild.values", "sitebuild.formulas"]
    return Markdown(extensions=extensions, extension_configs={ARITHMATEX: {"generic": True}}).convert(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "$x^2$",
            '<p><span class="formula"><math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>'
            "</span></p>",
        ),
        (
            "$$\na < b\n$$",
            '<div class="formula"><math display="block"><mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow></math></div>',
        ),
        (
            "$\\text{손실}$",
            '<p><span class="formula"><math display="inline"><mrow><mtext>손실</mtext></mrow></math></span></p>',
        ),
        (
            "$= -1$",
            '<p><span class="formula"><math display="inline"><mrow><mo>=</mo><mo form="prefix">−</mo><mn>1</mn></mrow>'
            "</math></span></p>",
        ),
        ("`$x$`", "<p><code>$x$</code></p>"),
    ],
)
def test_a_formula_becomes_mathml(text: str, html: str, problems: Problems) -> None:
    assert formula(text, problems) == html
    assert not len(problems)


def test_a_value_is_written_in_a_formula(problems: Problems) -> None:
    assert "<mn>0.03</mn>" in formula(f"{INCLUDE}$L = {{{{ run.loss:.2f }}}}$", problems)


@pytest.mark.parametrize(
    ("latex", "reason"),
    [
        ("\\nothing{x}", "\\nothing is not understood"),
        ("\\arg x", "\\arg is not understood"),
        ("\\begin{aligned} a &= b \\end{aligned}", "& is not understood"),
        ("\\frac{1}{", ""),
        ("x^{", ""),
    ],
)
@pytest.mark.parametrize("mark", ["$", "$$\n"])
def test_a_formula_that_is_not_wholly_understood_is_a_problem_of_its_line(
    latex: str, reason: str, mark: str, problems: Problems
) -> None:
    html = formula(f"Words.\n\n{mark}{latex}{mark[::-1]}", problems)
    assert "<math" not in html
    (problem,) = map(str, problems)
    line = 3 if mark == "$" else 4
    assert re.fullmatch(
        rf"page\.md:{line}: the formula {re.escape(latex)} cannot be typeset: \S.*; write it another way", problem
    )
    assert reason in problem


# Figures


def test_an_image_of_a_figure_becomes_the_light_and_the_dark_drawing_with_their_size(problems: Problems) -> None:
    html = convert("![A bowl](lesson/bowl.svg) seen", "values", "images", problems=problems)
    size = 'decoding="async" height="288" loading="lazy"'
    one = f'<img alt="A bowl" {size} src="lesson/bowl.light.svg#only-light" width="442" />'
    two = f'<img alt="A bowl" {size} src="lesson/bowl.dark.svg#only-dark" width="442" />'
    assert html == f"<p>{one}{two} seen</p>"


def test_other_images_stay_and_values_are_written_in_their_alt_text(problems: Problems) -> None:
    text = f"{INCLUDE}![Loss {{{{ run.loss:.2f }}}}](photo.png)"
    assert convert(text, "values", "images", problems=problems).endswith(
        '<p><img alt="Loss 0.03" src="photo.png" /></p>'
    )


def test_the_figures_of_a_snippet_that_failed_are_left_out_and_no_others(problems: Problems) -> None:
    text = "![a](broken/bowl.svg) ![b](other/bowl.svg)"
    html = convert(text, "images", problems=problems)
    assert html == '<p><span></span> <img alt="b" src="other/bowl.svg" /></p>'


# Code blocks

HIGHLIGHT = ("pymdownx.highlight", "pymdownx.superfences")


def blocks(text: str, problems: Problems, language: str = "ko") -> str:
    options: dict[str, dict[str, Any]] = {
        "pymdownx.highlight": {"pygments_lang_class": True},
        "sitebuild.codeblocks": {"language": language},
    }
    set_page(PageInWork("page.md", text, problems))
    return Markdown(extensions=[*HIGHLIGHT, "sitebuild.codeblocks"], extension_configs=options).convert(text)


@pytest.mark.parametrize(
    ("language", "code", "output", "label", "copy"),
    [
        ("ko", "코드 2", "코드 2의 출력", "출력", "코드 2 복사"),
        ("en", "Code 2", "Output of code 2", "Output", "Copy code 2"),
    ],
)
def test_blocks_have_names_of_their_own_and_code_can_be_copied(
    language: str, code: str, output: str, label: str, copy: str, problems: Problems
) -> None:
    html = blocks("```python\n1\n```\n\n```python\nprint(2)\n```\n\n```output\n2\n```", problems, language)
    names = re.findall(r'<div class="([^"]+)" role="group" aria-label="([^"]+)">', html)
    assert names[1:] == [("language-python highlight", code), ("language-output highlight", output)]
    assert len(set(names)) == 3
    assert re.findall(r'<button type="button" class="copy" hidden aria-label="([^"]+)">', html)[1:] == [copy]
    assert f'<span class="block-label">{label}</span><pre>' in html
    assert html.count("<code") == html.count('<code lang="en" translate="no"') == 3


def test_code_in_a_sentence_is_english_too(problems: Problems) -> None:
    assert blocks("값 `lr`", problems) == '<p>값 <code lang="en" translate="no">lr</code></p>'


def test_a_block_that_is_not_run_says_so(problems: Problems) -> None:
    assert '<span class="block-label">실행하지 않는 코드</span>' in blocks("```{ .sh .not-run }\nls\n```", problems)


def test_code_made_by_indenting_is_a_problem(problems: Problems) -> None:
    blocks("Words.\n\n    x = 1\n    y = 2", problems)
    assert [*map(str, problems)] == [
        'page.md:3: "x = 1" is indented so far that it becomes code: indent it less, or use ```'
    ]


# Furniture


def furnish(text: str, problems: Problems, language: str = "ko") -> str:
    return convert(text, "admonition", "pymdownx.details", "furniture", problems=problems, language=language)


@pytest.mark.parametrize(
    ("text", "language", "title"),
    [
        ('!!! mistake "zero_grad"', "ko", '<p class="admonition-title">{}흔한 실수</span> zero_grad</p>'),
        ('!!! mistake "zero_grad"', "en", '<p class="admonition-title">{}Common mistake</span> zero_grad</p>'),
        ("!!! by-hand", "en", '<p class="admonition-title">{}By hand</span></p>'),
        ("??? by-hand", "en", "<summary>{}By hand</span></summary>"),
        ("??? deeper", "ko", "<summary>{}더 깊이</span></summary>"),
        ('???+ check "**1.** Why?"', "en", "<summary>{}Question</span> <strong>1.</strong> Why?</summary>"),
    ],
)
def test_furniture_is_labelled_in_the_language_of_the_page(
    text: str, language: str, title: str, problems: Problems
) -> None:
    html = furnish(f"{text}\n    words", problems, language)
    assert title.format('<span class="furniture-label">') in html
    assert not len(problems)


@pytest.mark.parametrize("mark", ["!!!", "???"])
def test_unknown_furniture_is_a_problem_of_its_line(mark: str, problems: Problems) -> None:
    furnish(f"Words.\n\n{mark} note\n    words", problems)
    (problem,) = map(str, problems)
    assert problem == (
        'page.md:3: there is no furniture named "note";'
        " there are: question, predict, by-hand, mistake, deeper, slide, keep, check"
    )
