"""Words of the pages, with the places where they stand, and what hunspell says of them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sitebuild import glossary, pages, prose
from sitebuild.glossary import Glossary, Spelling, Term
from sitebuild.korean import is_noun_with_particles, particles
from sitebuild.problems import Problems, place
from sitebuild.project import LANGUAGES, Project
from tests.conftest import ROOT

PACKAGES = "hunspell hunspell-ko hunspell-en-us"
DICTIONARIES = {"ko": "ko", "en": "en_US"}
MODELS = {"하다": "계산하다", "되다": "계산되다", "지다": "떨어지다", "": "사과"}
"""Which word of hunspell's own a Korean word of ours is inflected like, by its end."""

_HANGUL = re.compile(r"[가-힣]+")
_LATIN = re.compile(r"(?<![\w￼.@-])[A-Za-z][a-z]+(?:['’][a-z]+)?(?![\w￼]|\.\w)")
_QUOTED = re.compile(r"""^\s*>.*|"[^"]*"|“[^”]*”|(?<!\w)'[^']+'""")
_AFTER_A_THING = re.compile(particles("X"))


class Sentence(NamedTuple):
    """A line of prose: its page and place, and its words."""

    page: str
    place: str
    text: str


@cache
def terms() -> Glossary:
    return glossary.load(Project(ROOT), Problems())


def sentences(language: str) -> Iterator[Sentence]:
    """What readers of `language` read, the glossary's meanings included, quotations from the slides left out."""
    for page in pages.read_all(Project(ROOT), language).values():
        if description := re.search(r"^description: (.*)$", page.text, re.MULTILINE):
            number = page.text.count("\n", 0, description.start()) + 1
            yield Sentence(page.name, place(page.path, number), description[1])
        for line in prose.lines(page):
            of_slides = line.furniture == "slide" or page.name == "reference/lecture-errata" or line.text[:1] == ">"
            text = _QUOTED.sub(prose.THING, line.plain) if of_slides else line.plain
            yield Sentence(page.name, place(page.path, line.number), text)
    for term in terms().terms:
        yield Sentence("glossary", place("docs/glossary.yml", term.line), term.means[language])


def korean_words(text: str) -> Iterator[str]:
    """The Hangul words of a sentence; a particle that follows code, a formula, a number or a foreign word is none."""
    for found in _HANGUL.finditer(text):
        before = text[max(found.start() - 1, 0) : found.start()].strip()
        if not (before and _AFTER_A_THING.fullmatch(found[0])):
            yield found[0]


def english_words(text: str) -> Iterator[str]:
    """The words in Latin letters; single letters and names with digits or capitals inside are none."""
    return (found[0].replace("’", "'") for found in _LATIN.finditer(text))


def is_korean(word: str) -> bool:
    return _HANGUL.search(word) is not None


def reviewed(file: Path) -> list[str]:
    """The lines of a reviewed list, without remarks."""
    lines = (line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def personal_words(language: str, listed: Iterable[str]) -> list[str]:
    """What hunspell is to know besides its dictionary: the words of the glossary, and the reviewed list's."""
    words = {
        part
        for term in terms().terms
        for group in (term.also, term.forms, {code: (term.word[code],) for code in LANGUAGES})
        for word in group.get(language, ())
        for part in re.findall(r"[가-힣]+" if language == "ko" else r"[A-Za-z]+", word)
    }
    words |= {word for word in listed if is_korean(word) == (language == "ko")}
    words |= {word.removesuffix("하다") for word in words if word != "하다"}
    return sorted(word if word.startswith("*") else f"{word}/{_model(word)}" for word in words)


def _model(word: str) -> str:
    if not is_korean(word):
        return "parameter"
    return next(model for end, model in MODELS.items() if word.endswith(end))


def what_is_missing() -> str | None:
    """Why spelling cannot be checked here, if that is so."""
    way_out = f"install {PACKAGES} (Debian: apt-get install {PACKAGES})"
    if shutil.which("hunspell") is None:
        return f"hunspell is not installed, and spelling cannot be checked without it: {way_out}"
    known = subprocess.run(["hunspell", "-D"], input="", capture_output=True, text=True, check=False).stderr
    for dictionary in DICTIONARIES.values():
        if not re.search(rf"/{dictionary}$", known, re.MULTILINE):
            return f"hunspell has no dictionary {dictionary}: {way_out}"
    return None


def misspelled(words: Iterable[str], language: str, personal: list[str], folder: Path) -> set[str]:
    """Those of `words` that hunspell does not know, not even as a noun of its dictionary with particles."""
    unknown = _ask(set(words), language, personal, folder)
    if language == "ko":
        nouns = {word: [word[:end] for end in range(1, len(word))] for word in unknown}
        nouns = {word: [n for n in parts if is_noun_with_particles(word, n)] for word, parts in nouns.items()}
        unknown_nouns = _ask({noun for parts in nouns.values() for noun in parts}, language, personal, folder)
        unknown -= {word for word, parts in nouns.items() if set(parts) - unknown_nouns}
    return unknown


def _ask(words: set[str], language: str, personal: list[str], folder: Path) -> set[str]:
    file = folder / f"personal.{language}"
    file.write_text("\n".join(personal) + "\n", encoding="utf-8")
    command = ["hunspell", "-d", DICTIONARIES[language], "-p", str(file), "-i", "utf-8", "-l"]
    answer = subprocess.run(command, input="\n".join(sorted(words)), capture_output=True, text=True, check=True)
    return set(answer.stdout.split())


def to_avoid(term: Term, language: str, text: str) -> Iterator[str]:
    """The words in `text` that are not to be used for `term`; one in brackets after it is fine: 학습률(러닝레이트)."""
    named, spellings = _avoided(term, language)
    if any(word.is_in(text) for word in spellings.values()):
        plain = named.sub(" ", text)
        yield from (word for word, spelling in spellings.items() if spelling.is_in(plain))


@cache
def _avoided(term: Term, language: str) -> tuple[re.Pattern[str], dict[str, Spelling]]:
    own = "|".join(map(re.escape, (term.word[language], *term.forms.get(language, ()))))
    named = re.compile(rf"(?:{own})\s*\([^()]*\)", re.IGNORECASE)
    return named, {word: Spelling(word, language) for word in term.avoid.get(language, ())}
