"""What is measured, and how the four figures follow from it."""

from __future__ import annotations

import itertools
import shutil
import sys
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from bench import projects, serving, timing
from bench.timing import Timed, Times
from sitebuild import runner, snippet as snippets
from sitebuild.project import LANGUAGES, Project

BUILD = ["-m", "mkdocs", "build"]


@dataclass
class Ours:
    """Our build and what it cannot do without."""

    imported: list[str]
    imports: Times = field(default_factory=Times)
    plain: Times = field(default_factory=Times)
    plain_together: Times = field(default_factory=Times)
    cold: Times = field(default_factory=Times)
    warm: Times = field(default_factory=Times)
    snippets: dict[str, Times] = field(default_factory=dict)

    @property
    def compute(self) -> float:
        """Seconds that all snippets ran, one after another."""
        return sum(times.median for times in self.snippets.values())

    @property
    def compute_on_all_cores(self) -> float:
        return self.compute / runner.workers()

    @property
    def lower_bound(self) -> float:
        return self.imports.median + self.compute_on_all_cores + self.plain.median

    @property
    def overhead(self) -> float:
        return self.cold.median - self.compute_on_all_cores


@dataclass
class Served:
    """Seconds from saving to seeing, the snippet's own running time taken off."""

    first_snippet: Times = field(default_factory=Times)
    snippet: Times = field(default_factory=Times)
    page: dict[str, Times] = field(default_factory=lambda: {language: Times() for language in LANGUAGES})

    @property
    def kinds(self) -> list[Times]:
        return [self.first_snippet, self.snippet, *self.page.values()]


def needed_modules(project: Project) -> list[str]:
    """What the snippets import, and what Matplotlib and the first optimizer import for them when they run."""
    scripts = projects.read_snippets(project)
    names = {name for s in scripts for name in snippets.imported_modules(s.text) if find_spec(name.split(".")[0])}
    if any("plt.show" in s.text for s in scripts):
        names.add("matplotlib.backends.backend_svg")
    if any("optim" in s.text for s in scripts):
        names.add("torch._dynamo")
    return sorted(names)


def ours(source: Project, folder: Path) -> tuple[Ours, Project]:
    """Measure our build on a copy of `source`; the copy is given back built, its cache full."""
    project = projects.copy(source, folder / "ours")
    found = Ours(needed_modules(project))
    imports = [sys.executable, "-c", f"import {', '.join(found.imported)}"]
    build = [sys.executable, *BUILD]
    plain = folder / "plain"
    pages = ([*build, "-f", "mkdocs.yml"], [*build, "-f", "mkdocs.en.yml", "-d", "site-en"])
    say("our build, first unmeasured: what is read from the disk for the first time is slow for everyone")
    timing.clock(build, folder=project.root)
    projects.plain(project, plain)
    for command in pages:
        timing.clock(command, folder=plain)
    while not all(t.enough for t in (found.imports, found.cold, found.plain, found.warm, found.plain_together)):
        say("our build and plain MkDocs, one round")
        if not found.imports.enough:
            found.imports.all.append(timing.clock(imports, folder=folder))
        if not found.cold.enough:
            shutil.rmtree(project.cache)
            shutil.rmtree(project.root / "site")
            found.cold.all.append(timing.clock(build, folder=project.root))
            for name, run in projects.stored_runs(project).items():
                found.snippets.setdefault(name, Times()).all.append(Timed(run.seconds, found.cold.all[-1].disturbed))
        if not found.plain.enough:
            found.plain.all.append(timing.clock(pages[0], folder=plain) + timing.clock(pages[1], folder=plain))
        if not found.warm.enough:
            found.warm.all.append(timing.clock(build, folder=project.root))
        if not found.plain_together.enough:
            found.plain_together.all.append(timing.clock(*pages, folder=plain))
    return found, project


def served(project: Project) -> Served:
    """Measure `mkdocs serve` on a built copy."""
    found = Served()
    runs = list(projects.stored_runs(project).values())
    for count in itertools.count():
        if all(times.enough for times in found.kinds):
            break
        say("mkdocs serve, one round")
        with serving.serve(project) as address:
            time.sleep(5)  # nobody saves sooner
            for kind, number in ((found.first_snippet, 2 * count), (found.snippet, 2 * count + 1)):
                kind.all.append(serving.snippet_saved(project, address, runs[number % len(runs)], number))
            name = runs[count % len(runs)].snippet.page
            for language, times in found.page.items():
                times.all.append(serving.page_saved(project, address, language, name, count))
    return found


def jupyter(source: Project, folder: Path, python: Path) -> Times:
    """Measure mkdocs-jupyter, which runs the snippets of `source` as notebooks, once each."""

    def cold() -> Timed:
        shutil.rmtree(folder, ignore_errors=True)
        projects.notebooks(source, folder)
        return timing.clock([str(python), *BUILD], folder=folder)

    say("mkdocs-jupyter")
    return timing.repeat(cold)


def jupyter_pages(source: Project, folder: Path, python: Path) -> Times:
    """Measure mkdocs-jupyter on all pages of both languages: a build a language, each of which runs the notebooks."""

    def cold() -> Timed:
        shutil.rmtree(folder, ignore_errors=True)
        projects.notebook_pages(source, folder)
        first, second = (timing.clock([str(python), *BUILD], folder=folder / language) for language in LANGUAGES)
        return first + second

    say("mkdocs-jupyter on whole pages in both languages")
    return timing.repeat(cold)


def gallery(source: Project, folder: Path, python: Path) -> Times:
    """Measure sphinx-gallery, which runs the snippets of `source` in one process."""

    def cold() -> Timed:
        shutil.rmtree(folder, ignore_errors=True)
        projects.gallery(source, folder)
        return timing.clock([str(python), "-m", "sphinx", "-b", "html", ".", "html"], folder=folder)

    say("sphinx-gallery")
    return timing.repeat(cold)


def say(what: str) -> None:
    """Tell on stderr what is being measured now."""
    print(f"… {what}", file=sys.stderr, flush=True)
