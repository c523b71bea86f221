"""The glossary, `docs/glossary.yml`: what each term is called, means and must not be called. One file feeds them all:
the glossary page, the hover text on terms, the spelling list and the check that one thing has one name.

    - id: learning-rate
      en: learning rate
      ko: 학습률
      notation: $\\eta$                  # optional: how formulas and code write it
      lesson: regression/gradient-descent   # the page that introduces it
      means:
        ko: 매개변수를 한 번 고칠 때 기울기에 곱하는 양수입니다.
        en: The positive number by which the gradient is multiplied in each update of the parameters.
      also: {ko: [러닝레이트]}            # optional: other words that readers search for
      avoid: {ko: [학습율]}               # optional: words that no page uses for it
      forms: {en: [learning-rate]}        # optional: other forms that count as the term where it is used
      within: [cnn]                       # optional: the only chapters or pages where its word means this
      not_within: [cnn/pooling]           # optional: those where its word means something else
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from sitebuild.korean import particles
from sitebuild.problems import Problems
from sitebuild.project import LANGUAGES, Project

Words = dict[str, tuple[str, ...]]
"""Words of each language."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NEEDED = ("id", *LANGUAGES, "lesson", "means")
_OPTIONAL = ("notation", "also", "avoid", "forms", "within", "not_within")


@dataclass(frozen=True, eq=False)
class Term:
    """One term, at `line` of the file; `word` and `means` by language."""

    line: int
    id: str
    word: dict[str, str]
    means: dict[str, str]
    lesson: str
    notation: str = ""
    also: Words = field(default_factory=dict)
    avoid: Words = field(default_factory=dict)
    forms: Words = field(default_factory=dict)
    within: tuple[str, ...] = ()
    not_within: tuple[str, ...] = ()

    def is_used_on(self, page: str) -> bool:
        """Whether its word, standing on `page`, means this term."""
        return page.startswith(self.within or "") and not (self.not_within and page.startswith(self.not_within))

    def spellings(self, language: str) -> list[Spelling]:
        """The term as it stands in sentences, in each of its forms."""
        return [Spelling(form, language) for form in (self.word[language], *self.forms.get(language, ()))]


class Spelling:
    """A word as it is written in sentences, where it stands as a word of its own.

    Korean: with or without particles, and 수렴하다 in each of its forms. English: also as a plural or with a capital.
    """

    def __init__(self, word: str, language: str) -> None:
        text = r"\s+".join(re.escape(part) for part in word.split())
        if language == "ko":
            stem = text.removesuffix("하다")
            verb = "" if stem == text else f"|{_VERB}"
            self.after = re.compile(f"{particles(stem)}{verb}")
            text = stem
        else:
            self.after = re.compile(r"(?![\w-])")
            text = f"[{text[0].lower()}{text[0].upper()}]{text[1:]}"
            if text.endswith("y") and text[-2] not in "aeiou":
                text = f"{text[:-1]}(?:y|ies)"
            else:
                text += "(?:es)?" if text.endswith(("s", "x", "z", "ch", "sh")) else "s?"
        self.first = {word[0]} if language == "ko" else {word[0].lower(), word[0].upper()}
        self.text = re.compile(rf"(?<![\w-]){text}")

    def match(self, text: str, at: int) -> re.Match[str] | None:
        """The word without its particles, if it stands at `at`."""
        found = self.text.match(text, at)
        return found if found and self.after.match(text, found.end()) else None

    def is_in(self, text: str) -> bool:
        return any(self.after.match(text, found.end()) for found in self.text.finditer(text))


_VERB = "[하한할함합해했되된될됨됩돼됐][가-힣]*"


@dataclass(frozen=True, eq=False)
class Glossary:
    """All terms, in the order of the file."""

    terms: tuple[Term, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Term]:
        return {term.id: term for term in self.terms}

    @lru_cache(maxsize=2)  # noqa: B019 (a glossary lives as long as its build)
    def _by_first_letter(self, language: str) -> dict[str, list[tuple[Spelling, Term]]]:
        found: dict[str, list[tuple[Spelling, Term]]] = {}
        pairs = [(spelling, term) for term in self.terms for spelling in term.spellings(language)]
        for spelling, term in sorted(pairs, key=lambda pair: -len(pair[0].text.pattern)):
            for letter in spelling.first:
                found.setdefault(letter, []).append((spelling, term))
        return found

    def find(self, text: str, language: str, page: str) -> Iterator[tuple[re.Match[str], Term]]:
        """The terms in a sentence of `page`, in order; where several begin at one place, the longest."""
        known, end = self._by_first_letter(language), 0
        for start in re.finditer(r"(?<![\w-])\w", text):
            for spelling, term in known.get(start[0], ()) if start.start() >= end else ():
                if term.is_used_on(page) and (match := spelling.match(text, start.start())):
                    end = match.end()
                    yield match, term
                    break


def file_of(project: Project) -> Path:
    return project.root / "docs" / "glossary.yml"


def load(project: Project, problems: Problems) -> Glossary:
    """Read and check the glossary; terms that are not whole are left out, each with its problem. No file, no terms."""
    file = file_of(project)
    if not file.is_file():
        return Glossary()
    path = project.relative(file)
    try:
        loader = _LOADER(file.read_text(encoding="utf-8"))
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problems.add(path, line, f"YAML cannot read this line ({error.problem}): mend it, or put the text in quotes")
        return Glossary()
    terms = []
    for node in root.value if isinstance(root, yaml.SequenceNode) else ():
        line = node.start_mark.line + 1
        entry = loader.construct_object(node, deep=True)
        if wrong := _what_is_wrong(entry):
            problems.add(path, line, wrong)
        else:
            terms.append(_term(line, entry))
    for line, message in (*_repeated(terms), *_against_each_other(terms, project)):
        problems.add(path, line, message)
    return Glossary(tuple(terms))


def _what_is_wrong(entry: Any) -> str:
    """Why `entry` cannot become a term: one sentence, or nothing."""
    if not isinstance(entry, dict):
        return "an entry must be a list of `key: value` that begins with `- id:`"
    name = f'"{entry.get("id", "")}"'
    if missing := [key for key in _NEEDED if not entry.get(key)]:
        return f"the term {name} has no {' and no '.join(missing)}: add it"
    if unknown := [key for key in entry if key not in (*_NEEDED, *_OPTIONAL)]:
        return f"the term {name} has {unknown[0]}, which is no key; there are: {', '.join(_NEEDED + _OPTIONAL)}"
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", str(entry["id"])):
        return f"the id {name} must be lower-case words joined by hyphens"
    for key in ("id", *LANGUAGES, "lesson", "notation"):
        if not isinstance(entry.get(key, ""), str):
            return f"{key} of the term {name} must be text: put it in quotes"
    if not isinstance(entry["means"], dict) or set(entry["means"]) != set(LANGUAGES):
        return f"the term {name} must have one sentence in each language: means: {{ko: …, en: …}}"
    for key in ("also", "avoid", "forms"):
        words = entry.get(key, {})
        if not isinstance(words, dict) or not set(words) <= set(LANGUAGES) or not all(map(_is_words, words.values())):
            return f"{key} of the term {name} must be lists of words: {key}: {{ko: [word, word], en: [word]}}"
    for key in ("within", "not_within"):
        if not _is_words(entry.get(key, [])):
            return f"{key} of the term {name} must be a list of chapters or pages: {key}: [cnn]"
    for language, sentence in entry["means"].items():
        if not isinstance(sentence, str) or not re.fullmatch(r"[^\n]+[^.]\.", sentence.strip()):
            return f"what the term {name} means must be one sentence with a full stop, in {language} too"
        if Spelling(entry[language], language).is_in(sentence):
            return f'the term {name} is explained by itself: say it without "{entry[language]}", in {language}'
    return ""


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) and word.strip() == word != "" for word in value)


def _term(line: int, entry: dict[str, Any]) -> Term:
    words = {
        key: {language: tuple(listed) for language, listed in entry.get(key, {}).items()}
        for key in ("also", "avoid", "forms")
    }
    return Term(
        line=line,
        id=entry["id"],
        word={language: entry[language] for language in LANGUAGES},
        means={language: entry["means"][language].strip() for language in LANGUAGES},
        lesson=entry["lesson"],
        notation=entry.get("notation", ""),
        within=tuple(entry.get("within", ())),
        not_within=tuple(entry.get("not_within", ())),
        **words,
    )


def _repeated(terms: list[Term]) -> Iterable[tuple[int, str]]:
    first: dict[tuple[str, str], Term] = {}
    for term in terms:
        for kind, name in (("id", term.id), *term.word.items()):
            before = first.setdefault((kind, name), term)
            if before is not term:
                yield term.line, f'"{name}" is the {kind} of another term, in line {before.line}: make them one'


def _against_each_other(terms: list[Term], project: Project) -> Iterable[tuple[int, str]]:
    used = {(language, word): term for term in terms for language, word in term.word.items()}
    for term in terms:
        if not all((project.docs(language) / f"{term.lesson}.md").is_file() for language in LANGUAGES):
            yield term.line, f'the term "{term.id}" is introduced by {term.lesson}.md, which does not exist'
        for language, words in term.avoid.items():
            for word in words:
                if other := used.get((language, word)):
                    yield term.line, f'"{word}" is to be avoided here, but is the name of the term "{other.id}"'
