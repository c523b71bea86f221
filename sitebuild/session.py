"""What one build knows: its runs and its problems. The Markdown extensions ask here for the runs and the
glossary."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from sitebuild import glossary, runner
from sitebuild.glossary import Glossary
from sitebuild.problems import Problems
from sitebuild.project import LANGUAGES, Project
from sitebuild.runner import Runs


@dataclass
class Session:
    """One build of the whole site, both languages."""

    project: Project
    serving: bool = False
    language: str = LANGUAGES[0]
    """The language that is being built just now."""
    problems: Problems = field(default_factory=Problems)
    runs: Runs = field(default_factory=lambda: Runs({}))
    order: dict[str, int] = field(default_factory=dict)
    """The place of each page in the navigation, by its name."""

    @cached_property
    def glossary(self) -> Glossary:
        return glossary.load(self.project, self.problems)

    def run_snippets(self) -> None:
        self.runs = runner.run_all(self.project, self.problems)


_current: Session | None = None


def begin(project: Project, serving: bool) -> Session:
    """Start a session; it is the current one until the next begins."""
    global _current
    _current = Session(project, serving)
    return _current


def current() -> Session:
    """The session at work. Outside a MkDocs build, one for the current directory, its snippets run."""
    if _current is None:
        begin(Project.here(), serving=False).run_snippets()
    assert _current is not None
    return _current
