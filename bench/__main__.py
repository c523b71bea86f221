"""`make bench`: the four figures of the build's speed, with their parts, measured in one run on a copy."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path

from bench import measure, timing, tools
from bench.measure import Ours, Served
from bench.timing import Times
from sitebuild import runner
from sitebuild.project import Project

COLD_GOAL = 1.5
WARM_GOAL = 1.2
SERVE_GOAL = 3.0
OVERHEAD_GOAL = 0.1
COMPUTE_GOAL = 120.0
SNIPPET_GOAL = 30.0


def main() -> int:
    project = Project.here()
    python = tools.python(project.cache)
    print_machine(python)
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = Path(temporary)
        ours, copy = measure.ours(project, folder)
        jupyter = measure.jupyter(copy, folder / "jupyter", python)
        pages = measure.jupyter_pages(copy, folder / "pages", python)
        gallery = measure.gallery(copy, folder / "gallery", python)
        served = measure.served(copy)
    print_snippets(ours)
    print_builds(ours)
    print_serving(served)
    print_overheads(ours, jupyter, pages, gallery)
    return 0


def print_machine(python: Path) -> None:
    print(f"Machine   {runner.workers()} cores, {processor()}, {platform.system()} {platform.release()}")
    if hasattr(os, "getloadavg"):
        print(f"Load      {os.getloadavg()[0]:.2f} before the start (0 is quiet)")
    for versions in (runner.versions(), tools.versions(python)):
        print(f"Versions  {', '.join(f'{name} {version}' for name, version in versions.items())}")
    print("Times are medians, with every measurement behind them. Those marked * were disturbed: programs waited for a")
    print(
        f"core for more than {timing.DISTURBED_SHARE:.0%} of the time; they count only where there are no others.",
        flush=True,
    )


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def print_snippets(ours: Ours) -> None:
    by_time = sorted(ours.snippets.items(), key=lambda item: -item[1].median)
    slowest = by_time[0][1]
    print("\nSnippets, slowest first")
    for name, times in by_time:
        part(name, times)
    part("all, one after another (Σ compute)", ours.compute)
    print(f"   goal for all ≤ {COMPUTE_GOAL:.0f} s: {verdict(ours.compute, COMPUTE_GOAL, slowest)}")
    print(f"   goal for each ≤ {SNIPPET_GOAL:.0f} s: {verdict(slowest.median, SNIPPET_GOAL, slowest)}")


def print_builds(ours: Ours) -> None:
    cold = ours.cold.median / ours.lower_bound
    figure(1, "Cold build ÷ its lower bound", cold, COLD_GOAL, ours.cold, ours.imports, ours.plain)
    part("cold build: no cache, fresh processes", ours.cold)
    part("lower bound, the sum of:", ours.lower_bound)
    part("  imports once, in one fresh process", ours.imports)
    part(f"  Σ compute ÷ {runner.workers()} cores", ours.compute_on_all_cores)
    part("  plain MkDocs, ko then en, two processes", ours.plain)
    print(f"   imports: {', '.join(ours.imported)}")
    warm = ours.warm.median / ours.plain.median
    figure(2, "Warm build ÷ plain MkDocs on the same pages", warm, WARM_GOAL, ours.warm, ours.plain)
    part("warm build: nothing to run", ours.warm)
    part("plain MkDocs, ko then en, two processes", ours.plain)
    part("for information: its two processes at once", ours.plain_together)


def print_serving(served: Served) -> None:
    worst = max(times.median for times in served.kinds)
    name = "mkdocs serve: saved → seen, the snippet's own time taken off, seconds"
    figure(3, name, worst, SERVE_GOAL, *served.kinds)
    part("first snippet saved after the start", served.first_snippet)
    part("later snippet saved", served.snippet)
    for language, times in served.page.items():
        part(f"page saved ({language})", times)


def print_overheads(ours: Ours, jupyter: Times, pages: Times, gallery: Times) -> None:
    theirs = jupyter.median - ours.compute
    name = "Overhead ÷ that of mkdocs-jupyter on the same snippets"
    figure(4, name, ours.overhead / theirs, OVERHEAD_GOAL, ours.cold, jupyter)
    part(f"our cold build − Σ compute ÷ {runner.workers()} cores", ours.overhead)
    part("  of which the lower bound: imports and plain MkDocs", ours.imports.median + ours.plain.median)
    part("mkdocs-jupyter − Σ compute", theirs)
    part("  mkdocs-jupyter, cold, snippets alone, one language", jupyter)
    in_both = pages.median - 2 * ours.compute
    print(f"   for information, on whole pages in both languages, as ours builds: {ours.overhead / in_both:.2f}")
    part("mkdocs-jupyter − 2 × Σ compute", in_both)
    part("  mkdocs-jupyter, cold, a build a language", pages)
    theirs = gallery.median - ours.compute
    print(f"   for information, sphinx-gallery, snippets alone, one language: {ours.overhead / theirs:.2f}")
    part("sphinx-gallery − Σ compute", theirs)
    part("  sphinx-gallery, cold", gallery)


def figure(number: int, name: str, value: float, goal: float, *parts: Times) -> None:
    print(f"\n{number}  {name}: {value:.2f}  (goal ≤ {goal}: {verdict(value, goal, *parts)})")


def verdict(value: float, goal: float, *parts: Times) -> str:
    """Whether the goal is met, if the `parts` of the figure let it be told."""
    if not all(times.quiet for times in parts):
        return "cannot be told, other programs were in the way: measure again"
    return "met" if 0 <= value <= goal else "NOT MET"


def part(name: str, what: Times | float) -> None:
    """One line: a name, its seconds, and each measurement when there are several."""
    if isinstance(what, Times):
        print(f"   {name:<52}{what.median:8.2f} s   of {' '.join(map(str, what.all))}")
    else:
        print(f"   {name:<52}{what:8.2f} s")


if __name__ == "__main__":
    sys.exit(main())
