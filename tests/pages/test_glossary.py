"""The glossary: whole, exact in what it calls wrong, and marked on pages where a term is used first."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from sitebuild import glossary, session
from sitebuild.glossary import Glossary, Spelling
from sitebuild.korean import is_noun_with_particles
from sitebuild.problems import PageInWork, Problems, set_page
from sitebuild.project import LANGUAGES, Project
from sitebuild.session import Session
from tests.conftest import ROOT
from tests.mini import Mini


@pytest.fixture(scope="module")
def own() -> Glossary:
    problems = Problems()
    found = glossary.load(Project(ROOT), problems)
    assert list(problems) == []
    return found


def test_the_glossary_is_whole(own: Glossary) -> None:
    assert len(own.terms) >= 90


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_term_is_explained_by_itself_not_even_around_corners(own: Glossary, language: str) -> None:
    uses = {
        term.id: {other.id for _, other in own.find(term.means[language], language, term.lesson)} for term in own.terms
    }
    settled: set[str] = set()
    while ready := {id for id, needed in uses.items() if id not in settled and needed <= settled}:
        settled |= ready
    assert sorted(uses.keys() - settled) == [], "these need each other to be understood"


TERM = """\
- id: tensor
  en: tensor
  ko: 텐서
  lesson: index
  means:
    ko: 수를 담는 배열입니다.
    en: An array of numbers.
"""

WRONG = {
    "no meaning": (("  means:\n    ko: 수를 담는 배열입니다.\n    en: An array of numbers.\n", ""), 1, "has no means"),
    "one language": (("    en: An array of numbers.\n", ""), 1, "one sentence in each language"),
    "no sentence": (("An array of numbers.", "An array of numbers"), 1, "one sentence with a full stop, in en"),
    "explained by itself": (("An array", "Tensors are an array"), 1, 'say it without "tensor", in en'),
    "explained by itself in Korean": (("수를 담는", "텐서는 수를 담는"), 1, 'say it without "텐서", in ko'),
    "no such key": (("  lesson:", "  page: x\n  lesson:"), 1, "has page, which is no key; there are: id, ko, en"),
    "no such lesson": (("lesson: index", "lesson: tensors"), 1, "introduced by tensors.md, which does not exist"),
    "bad id": (("id: tensor", "id: Tensor"), 1, "must be lower-case words joined by hyphens"),
    "a number": (("id: tensor", "id: 3"), 1, "must be lower-case words joined by hyphens"),
    "words that are no list": (("  means:", "  also: {ko: 배열}\n  means:"), 1, "must be lists of words"),
    "pages that are no list": (("  means:", "  within: cnn\n  means:"), 1, "must be a list of chapters"),
    "twice": ((TERM, TERM + TERM.replace("텐서", "배열표")), 8, '"tensor" is the id of another term, in line 1'),
    "its own name avoided": (("  means:", "  avoid: {ko: [텐서]}\n  means:"), 1, 'is the name of the term "tensor"'),
    "no YAML": (("ko: 텐서", "ko: [텐서"), 4, "YAML cannot read this line"),
    "no entry": ((TERM, f"{TERM}- tensor\n"), 8, "must be a list of `key: value`"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_line(name: str, tmp_path: Path) -> None:
    (old, new), line, message = WRONG[name]
    project = project_with(tmp_path, TERM.replace(old, new))
    problems = Problems()
    glossary.load(project, problems)
    assert {(p.path, p.line) for p in problems} == {("docs/glossary.yml", line)}
    assert any(message in p.message for p in problems), list(map(str, problems))


def test_a_mistake_fails_the_build(mini: Mini) -> None:
    mini.write("docs/glossary.yml", TERM.replace("lesson: index", "lesson: nothing"))
    assert mini.build().problems == [
        'docs/glossary.yml:1: the term "tensor" is introduced by nothing.md, which does not exist'
    ]


def test_no_file_no_terms(tmp_path: Path) -> None:
    problems = Problems()
    assert glossary.load(Project(tmp_path), problems).terms == () and not len(problems)


def project_with(root: Path, terms: str) -> Project:
    for name in ("docs/ko/index.md", "docs/en/index.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("# x { #x }\n", encoding="utf-8")
    (root / "docs" / "glossary.yml").write_text(terms, encoding="utf-8")
    return Project(root)


@pytest.mark.parametrize(
    ("language", "word", "yes", "no"),
    [
        ("ko", "텐서", "텐서 텐서를 텐서에서는 텐서입니다. 텐서(tensor) 텐서만으로", "텐서을 텐서플로 다텐서"),
        ("ko", "층", "층 층은 층마다 층에서도", "은닉층 층계 층수 층는"),
        ("ko", "학습률", "학습률로 학습률이라고 학습률까지의", "학습률으로 학습률가"),
        ("ko", "경사 하강법", "경사 하강법입니다", "경사하강법 경사 하강"),
        ("ko", "수렴하다", "수렴합니다 수렴한 수렴은 수렴하지 수렴했다 수렴", "수렴서 수렴가"),
        ("ko", "ReLU", "ReLU는 ReLU은 ReLU", "LeakyReLU"),
        ("en", "tensor", "tensor Tensors tensor's (tensor)", "tensorflow sub-tensor tensor-like"),
        ("en", "batch", "batches Batch", "mini-batch batched"),
        ("en", "decision boundary", "decision boundaries decision\nboundary", "decision-boundary"),
        ("en", "ReLU", "ReLU ReLUs", "relu LeakyReLU"),
    ],
)
def test_where_a_word_stands_as_a_word(language: str, word: str, yes: str, no: str) -> None:
    spelling = Spelling(word, language)
    pieces = [yes] if " " in word else yes.split()
    assert [piece for piece in pieces if not spelling.is_in(piece)] == []
    assert [piece for piece in ([no] if " " in word else no.split()) if spelling.is_in(piece)] == []


def test_particles_fit_the_last_sound() -> None:
    assert is_noun_with_particles("커널이면", "커널") and not is_noun_with_particles("커널면", "커널")
    assert is_noun_with_particles("텐서와의", "텐서") and not is_noun_with_particles("텐서과", "텐서")


TERMS = f"""\
{TERM}
- {{id: learning-rate, en: learning rate, ko: 학습률, lesson: index, means: {{ko: 양수입니다., en: A number.}}}}
- {{id: rate, en: rate, ko: 율, lesson: index, means: {{ko: 비율입니다., en: A ratio.}}}}
- {{id: window, en: window, ko: 창, within: [cnn], lesson: index, means: {{ko: 영역입니다., en: An area.}},
    not_within: [cnn/model]}}
"""

Convert = Callable[..., str]


@pytest.fixture
def marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Convert:
    """Converts Markdown, with `[…]` around the words that are marked."""
    monkeypatch.setattr(session, "_current", Session(project_with(tmp_path, TERMS)))
    extensions = ["admonition", "attr_list", "tables", "pymdownx.details", "pymdownx.arithmatex", "sitebuild.terms"]

    def convert(text: str, language: str = "ko", page: str = "chapter/lesson", mark: str = r"[\2]") -> str:
        options: dict[str, dict[str, Any]] = {
            "sitebuild.terms": {"language": language},
            "pymdownx.arithmatex": {"generic": True},
        }
        set_page(PageInWork("", text, Problems(), page))
        try:
            html = Markdown(extensions=extensions, extension_configs=options).convert(text)
        finally:
            set_page(None)
        return re.sub(r'<abbr class="term" tabindex="0" title="([^"]+)">(.*?)</abbr>', mark, html, flags=re.DOTALL)

    return convert


def test_the_first_use_is_marked(marked: Convert) -> None:
    assert marked("큰 텐서를 봅니다. 텐서는\n\n텐서입니다.") == "<p>큰 [텐서]를 봅니다. 텐서는</p>\n<p>텐서입니다.</p>"
    assert marked("Two tensors. A tensor.", "en") == "<p>Two [tensors]. A tensor.</p>"
    assert marked("**Learning\nrates** of a tensor", "en") == (
        "<p><strong>[Learning\nrates]</strong> of a [tensor]</p>"
    )


def test_the_meaning_is_the_title(marked: Convert) -> None:
    assert marked("A tensor", "en", mark=r"\2: \1") == "<p>A tensor: An array of numbers.</p>"
    assert marked("그 텐서", mark=r"\2: \1") == "<p>그 텐서: 수를 담는 배열입니다.</p>"


def test_the_longest_term_is_marked(marked: Convert) -> None:
    assert marked("The learning rate is a rate.", "en") == "<p>The [learning rate] is a [rate].</p>"


def test_text_before_between_and_after_stays_in_order(marked: Convert) -> None:
    assert marked("a *b* 텐서 *c* 학습률 d 율 *텐서* e") == (
        "<p>a <em>b</em> [텐서] <em>c</em> [학습률] d [율] <em>텐서</em> e</p>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "# 텐서 { #x }",
        "`텐서`",
        "    텐서",
        "[텐서](x.md)",
        "$텐서$",
        '!!! note "텐서"\n    x',
        '??? note "텐서"\n    x',
        "| 텐서 |\n|---|\n| x |",
        "![텐서](x.svg)",
        "다텐서",
        "텐서을",
    ],
)
def test_what_is_no_prose_or_no_word_is_not_marked(text: str, marked: Convert) -> None:
    assert "[" not in marked(text)
    assert "[텐서]는" in marked(f"{text}\n\n텐서는")


def test_what_stands_in_a_fold_counts_last(marked: Convert) -> None:
    fold = '??? deeper "x"\n    텐서, 학습률\n\n'
    assert re.findall(r"\[\w+\]\S*", marked(f"{fold}텐서는")) == ["[학습률]</p>", "[텐서]는</p>"]


def test_a_word_that_means_it_in_some_chapters_only(marked: Convert) -> None:
    assert marked("창을", page="cnn/pooling") == "<p>[창]을</p>"
    assert marked("창을", page="pytorch/tensors") == "<p>창을</p>"
    assert marked("창을", page="cnn/model") == "<p>창을</p>"


def test_the_glossary_page_is_left_alone(marked: Convert) -> None:
    assert marked("텐서", page="reference/glossary") == "<p>텐서</p>"
