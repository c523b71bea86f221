"""Spelling in both languages, and one term for one thing: no page uses a word that the glossary says to avoid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sitebuild.project import LANGUAGES
from tests.conftest import ROOT
from tests.pages import words

SPELLING = ROOT / "tests" / "pages" / "spelling.txt"
ALSO_CALLED = ROOT / "tests" / "pages" / "also_called.txt"


@pytest.fixture
def hunspell() -> None:
    if missing := words.what_is_missing():
        pytest.fail(missing)


@pytest.mark.parametrize("language", LANGUAGES)
def test_spelling(language: str, hunspell: None, tmp_path: Path) -> None:
    places: dict[str, dict[str, list[str]]] = {"ko": {}, "en": {}}
    for sentence in words.sentences(language):
        for word in words.korean_words(sentence.text) if language == "ko" else ():  # else it is quoted
            places["ko"].setdefault(word, []).append(sentence.place)
        for word in words.english_words(sentence.text):
            places["en"].setdefault(word, []).append(sentence.place)
    listed = words.reviewed(SPELLING)
    wrong = [
        f"{places[script][word][0]}: {word}" + (f" ({count} times)" if (count := len(places[script][word])) > 1 else "")
        for script in LANGUAGES
        for word in words.misspelled(places[script], script, words.personal_words(script, listed), tmp_path)
    ]
    assert not wrong, "\n".join(["mend these, or review them into tests/pages/spelling.txt:", *sorted(wrong)])


def test_the_reviewed_words_are_needed(hunspell: None, tmp_path: Path) -> None:
    listed = [word for word in words.reviewed(SPELLING) if not word.startswith("*")]
    used = {
        word
        for language in LANGUAGES
        for sentence in words.sentences(language)
        for word in (*words.korean_words(sentence.text), *words.english_words(sentence.text))
    }
    roots = {word: re.sub("(?:하|되|지)다$", "", word) for word in listed}
    unused = [word for word, root in roots.items() if not any(root in text for text in used)]
    assert unused == [], "no page has these words any more"
    for language in LANGUAGES:  # a verb may be known in its basic form and in no other
        own = {word for word, root in roots.items() if word == root and words.is_korean(word) == (language == "ko")}
        known = own - words.misspelled(own, language, words.personal_words(language, []), tmp_path)
        assert known == set(), "hunspell or the glossary knows these words"


def test_what_counts_as_a_word() -> None:
    assert list(words.korean_words("텐서를 ￼로, 3행의 ￼는 PyTorch가 '값'을 (값)이라고")) == [
        "텐서를",
        "행의",
        "값",
        "값",
    ]
    assert list(words.english_words("a MSE ￼s torch.nn DataLoader the reader’s x2 Conv2d layers")) == [
        "the",
        "reader's",
        "layers",
    ]


def test_misspelled_words_are_seen(hunspell: None, tmp_path: Path) -> None:
    korean = ["학습율을", "결과값은", "할수있다", "텐서을", "텐서를", "칸씩", "하나뿐입니다", "경사하강법"]
    personal = words.personal_words("ko", [])
    assert words.misspelled(korean, "ko", ["텐서/사과"], tmp_path) == {
        "학습율을",
        "결과값은",
        "할수있다",
        "텐서을",
        "경사하강법",
    }
    assert "텐서을" in words.misspelled(korean, "ko", personal, tmp_path)
    assert words.misspelled(["gradient", "gradeint"], "en", [], tmp_path) == {"gradeint"}


def uses_to_avoid() -> dict[tuple[str, str], list[str]]:
    """Page and word → where a page uses a word that the glossary says to avoid."""
    found: dict[tuple[str, str], list[str]] = {}
    for language in LANGUAGES:
        for sentence in words.sentences(language):
            for term in words.terms().terms:
                for word in words.to_avoid(term, language, sentence.text):
                    instead = f"{sentence.place}: {word} → {term.word[language]}"
                    found.setdefault((sentence.page, word), []).append(instead)
    return found


def allowed() -> dict[tuple[str, str], int]:
    """Page and word → how often it may stand there, since the page says that this is another name for the term."""
    pairs: dict[tuple[str, str], int] = {}
    for line in words.reviewed(ALSO_CALLED):
        page, _, word = line.partition(":")
        pairs[page.strip(), word.strip()] = pairs.get((page.strip(), word.strip()), 0) + 1
    return pairs


def test_one_term_for_one_thing() -> None:
    wrong = {
        place
        for (page, word), places in uses_to_avoid().items()
        if len(places) > allowed().get((page, word), 0)
        for place in places
    }
    way_out = "use the glossary's word, write 용어(다른 말), or review it into tests/pages/also_called.txt:"
    assert not wrong, "\n".join([way_out, *sorted(wrong)])


def test_what_is_allowed_is_needed() -> None:
    found = uses_to_avoid()
    for (page, word), count in allowed().items():
        assert len(found.get((page, word), ())) == count, f"{page}: {word} is no longer there: remove it from the list"


def test_what_is_to_be_avoided_is_seen() -> None:
    term = words.terms().by_id["learning-rate"]
    assert list(words.to_avoid(term, "ko", "학습율을 낮춥니다. 학습률(learning rate, 러닝레이트)은")) == ["학습율"]
    kernel = words.terms().by_id["cross-entropy"]
    assert list(words.to_avoid(kernel, "en", "Cross entropy, or cross-entropy (cross entropy)")) == ["cross entropy"]
