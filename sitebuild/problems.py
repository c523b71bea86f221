"""What is wrong with the sources: collected while a build goes on, so that all of it is shown at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Problem:
    """One sentence about one place: `path` is relative to the project, `line` counts from 1 (0: the whole file)."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{place(self.path, self.line)}: {self.message}"


def place(path: str, line: int) -> str:
    """`path:line` as terminals and editors know it; the path alone when the whole file is meant."""
    return f"{path}:{line}" if line else path


@dataclass
class Problems:
    """A set of problems, listed in the order of files and lines."""

    found: set[Problem] = field(default_factory=set)

    def add(self, path: str, line: int, message: str) -> None:
        self.found.add(Problem(path, line, message))

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self.found))

    def __len__(self) -> int:
        return len(self.found)


@dataclass(frozen=True)
class PageInWork:
    """The page that the Markdown extensions are converting."""

    path: str
    text: str
    problems: Problems
    name: str = ""
    """Its path below `docs/LANGUAGE/` without `.md`."""


_page: PageInWork | None = None


def set_page(page: PageInWork | None) -> None:
    """Say which page is converted from now on, so that `complain` knows its path and lines."""
    global _page
    _page = page


def page_in_work() -> PageInWork | None:
    """The page that is being converted, if any."""
    return _page


def complain(message: str, about: str) -> None:
    """Report `message` about the passage `about` of the page that is being converted.

    Raises:
        ValueError: when no page is known to be in work, so that nothing is swallowed.
    """
    if _page is None:
        raise ValueError(message)
    at = _page.text.find(about)
    _page.problems.add(_page.path, _page.text.count("\n", 0, at) + 1 if at >= 0 else 0, message)
