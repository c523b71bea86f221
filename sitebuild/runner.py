"""Runs snippets and keeps what they make, by content: the same inputs are never run twice.

Each result is a folder of its own, `.cache/runs/SNIPPET/KEY/`, written beside and moved into place whole:

    regression/gradient_descent.py                   the script as it ran
    regression/gradient_descent/update.txt           what a section printed
    regression/gradient_descent/loss-surface.light.svg, .dark.svg
    regression/gradient_descent/files/…              what it saved
    run.json                                         sections, values, figures, seconds
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from sitebuild import child, snippet as snippets
from sitebuild.figures import FigureFile
from sitebuild.problems import Problems
from sitebuild.progress import Progress
from sitebuild.project import Project
from sitebuild.snippet import Section, Snippet

LIBRARIES = ("torch", "torchvision", "matplotlib", "numpy", "scikit-learn")
KEPT_SECONDS = 14 * 24 * 3600
"""How long a result that no build used is kept."""

_OWN_TEXT = "".join(
    Path(__file__).with_name(name).read_text(encoding="utf-8")
    for name in ("child.py", "figures.py", "runner.py", "shapes.py", "snippet.py")
)
"""The runner's text as it was imported: part of every key."""

_ALWAYS_WARM = ("torch", "torch._dynamo", "matplotlib.pyplot", "matplotlib.backends.backend_svg")
# torch._dynamo: the first optimizer of a process would otherwise import it for a second.


@dataclass(frozen=True)
class Run:
    """A snippet's stored result."""

    snippet: Snippet
    folder: Path

    @cached_property
    def record(self) -> dict[str, Any]:
        record: dict[str, Any] = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        return record

    @property
    def outputs(self) -> Path:
        """The folder of its printed outputs and figures."""
        return self.folder / self.snippet.name

    @property
    def seconds(self) -> float:
        return float(self.record["seconds"])

    def values(self, section: str) -> dict[str, Any] | None:
        """The plain values that its variables held at the end of `section`; `None` when there is no such section."""
        found = self.record["sections"].get(section)
        return None if found is None else found["values"]

    def printed(self, section: str) -> bool:
        return bool(self.record["sections"][section]["printed"])

    @cached_property
    def figures(self) -> dict[str, FigureFile]:
        return {f["label"]: FigureFile(**f) for f in self.record["figures"]}

    @property
    def saved_files(self) -> list[Path]:
        return sorted(f for f in (self.outputs / "files").rglob("*") if f.is_file())


@dataclass(frozen=True)
class Runs:
    """All snippets of the project as they stand: their results, and the names of those that failed."""

    by_name: dict[str, Run]
    failed: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[Run]:
        return iter(self.by_name.values())

    def get(self, name: str) -> Run | None:
        return self.by_name.get(name)


def what_is_missing() -> str | None:
    """Why no snippet can run here, if that is so."""
    if find_spec("torch") is None:
        return "PyTorch is not installed here, and the snippets need it: run pip install -r requirements.txt"
    return None


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """What runs the code: Python and the libraries, by name."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "missing"
    return found


def key_of(snippet: Snippet, project: Project) -> str:
    """A hash of all that the result of `snippet` depends on."""
    digest = hashlib.sha256()
    parts: list[bytes] = [snippet.name.encode(), snippet.text.encode(), _OWN_TEXT.encode()]
    parts += [json.dumps([versions(), sys.platform, platform.machine()]).encode()]
    for file in (*snippets.local_modules(snippet), *snippets.data_files(snippet, project)):
        parts += [file.name.encode(), file.read_bytes()]
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:20]


def run_all(project: Project, problems: Problems, progress: Progress | None = None) -> Runs:
    """Every snippet's result, running those that have none yet; what went wrong is added to `problems`."""
    found, failed = [], set()
    for path in snippets.find(project):
        snippet = snippets.read(path, project, problems)
        if snippet is None:
            failed.add(path.relative_to(project.snippets).with_suffix("").as_posix())
        else:
            found.append(snippet)
    runs = run(found, project, problems, progress)
    failed.update(s.name for s in found if s.name not in runs)
    _forget_old(project)
    return Runs(runs, frozenset(failed))


def run(
    wanted: Iterable[Snippet], project: Project, problems: Problems, progress: Progress | None = None
) -> dict[str, Run]:
    """The results of `wanted` by name, from the cache or by running; a snippet that fails is in `problems` instead."""
    kept, missing = {}, []
    for snippet in wanted:
        result = Run(snippet, project.cache / "runs" / snippet.name / key_of(snippet, project))
        kept[snippet.name] = result
        if (result.folder / "run.json").is_file():
            os.utime(result.folder)
        else:
            missing.append(result)
    if missing:
        for result, message, line in _execute(missing, project, progress or Progress()):
            problems.add(project.relative(result.snippet.path), line, message)
            del kept[result.snippet.name]
    return kept


def _execute(missing: list[Run], project: Project, progress: Progress) -> list[tuple[Run, str, int]]:
    """Run and store; returns what failed, each with its sentence and line."""
    failures: list[tuple[Run, str, int]] = []
    context = warm_context(_libraries(r.snippet for r in missing))
    waiting = sorted(missing, key=lambda r: -len(r.snippet.text))
    active: list[_Running] = []
    progress.start(len(missing))
    try:
        while waiting or active:
            while waiting and len(active) < workers():
                active.append(_Running(waiting.pop(0), project, context))
            progress.show([r.result.snippet.name for r in active])
            wait([r.process.sentinel for r in active] + [r.pipe for r in active], timeout=0.5)
            for running in list(active):
                outcome = running.poll()
                if outcome is None:
                    continue
                name = running.result.snippet.name
                if outcome.failure is None:
                    running.store(outcome)
                    progress.finish(name, f"ran in {outcome.seconds:.1f} s")
                else:
                    failures.append((running.result, outcome.failure, outcome.line))
                    progress.finish(name, "failed")
                active.remove(running)
                running.clean_up()
    finally:
        for running in active:
            running.process.kill()
            running.clean_up()
        progress.end()
    return failures


class _Running:
    """A snippet at work in a process of its own."""

    def __init__(self, result: Run, project: Project, context: Any) -> None:
        self.result = result
        (project.cache / "tmp").mkdir(parents=True, exist_ok=True)
        self.place = Path(mkdtemp(dir=project.cache / "tmp"))
        self.scratch = self.place / "scratch"
        self.stored = self.place / "run"
        self.outputs = self.stored / result.snippet.name
        self.scratch.mkdir()
        self.outputs.mkdir(parents=True)
        snippet = result.snippet
        self.data = tuple(snippets.data_files(snippet, project))
        job = child.Job(str(snippet.path), snippet.sections, self.scratch, self.outputs, self.data)
        self.process, self.pipe = start(job, context)
        self.deadline = time.monotonic() + snippet.time_limit
        self.at = snippet.sections[0] if snippet.sections else Section("", 1, "")

    def poll(self) -> child.Outcome | None:
        """The outcome when there is one; keeps note of the section at work and ends what takes too long."""
        ended = not self.process.is_alive()
        try:
            while self.pipe.poll():
                message = self.pipe.recv()
                if isinstance(message, child.Outcome):
                    self.process.join()
                    return message
                self.at = self.result.snippet.section(message[0]) or self.at
        except (EOFError, OSError):  # OSError: it ended in the middle of a message
            ended = True
        if ended:
            self.process.join()
            return child.Outcome(line=self.at.line, failure=f'section "{self.at.name}" {_how(self.process.exitcode)}')
        if time.monotonic() > self.deadline:
            self.process.kill()
            self.process.join()
            limit = self.result.snippet.time_limit
            return child.Outcome(
                line=self.at.line,
                failure=f'section "{self.at.name}" is still running at the time limit of {limit:.0f} s:'
                " make it faster, or begin the script with a comment like `# time limit: 120 s`",
            )
        return None

    def store(self, outcome: child.Outcome) -> None:
        """Write what is known into the folder and move it to its place, whole."""
        snippet = self.result.snippet
        script = self.stored / f"{snippet.name}.py"
        script.write_text(snippet.text, encoding="utf-8", newline="\n")
        for part in outcome.results:
            (self.outputs / f"{part.name}.txt").write_text(part.output, encoding="utf-8", newline="\n")
        given = {f.name for f in self.data}
        for file in sorted(self.scratch.iterdir()):
            if file.name not in given:
                (self.outputs / "files").mkdir(exist_ok=True)
                shutil.move(str(file), self.outputs / "files" / file.name)
        record = {
            "seconds": outcome.seconds,
            "sections": {r.name: {"printed": bool(r.output), "values": r.values} for r in outcome.results},
            "figures": [vars(f) for r in outcome.results for f in r.figures],
        }
        (self.stored / "run.json").write_text(json.dumps(record), encoding="utf-8")
        self.result.folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.stored.rename(self.result.folder)
        except OSError:
            if not (self.result.folder / "run.json").is_file():  # else another build was first
                raise

    def clean_up(self) -> None:
        self.pipe.close()
        shutil.rmtree(self.place, ignore_errors=True)


def _how(exitcode: int | None) -> str:
    if exitcode == -9:
        return "was killed (signal 9), most often for lack of memory: let it use less"
    if exitcode is not None and exitcode < 0:
        return f"crashes the process (signal {-exitcode}): find the call that does so, or do without it"
    return f"exits the process (code {exitcode}): remove the call that does so"


def workers() -> int:
    """How many snippets run at once: one a core."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def warm_context(modules: Iterable[str] = ()) -> Any:
    """The multiprocessing context whose children have torch, the drawing code and `modules` imported already.

    The server process is forked once and stays for the life of this one. Where there is no fork, children start cold.
    """
    os.environ.update(OMP_NUM_THREADS="1", PYTHONHASHSEED="0", MPLBACKEND="svg")
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    # Installed libraries only: before Python 3.12 a module of this project would silently not be found.
    context.set_forkserver_preload([*_ALWAYS_WARM, *sorted(set(modules))])
    return context


def warm_up(wanted: Iterable[Snippet]) -> None:
    """Let the process that children are forked from start now, and import what `wanted` need, without waiting for it.

    A server does so before anyone saves a snippet. Where there is no fork, nothing happens.
    """
    context = warm_context(_libraries(wanted))
    if context.get_start_method() == "forkserver":
        from multiprocessing import forkserver  # exists only where there is fork

        forkserver.ensure_running()


def _libraries(wanted: Iterable[Snippet]) -> set[str]:
    """The modules that `wanted` import and that are not files beside them."""
    found = list(wanted)
    modules = {m for snippet in found for m in snippets.imported_modules(snippet.text)}
    own = {file.stem for snippet in found for file in snippets.local_modules(snippet)}
    return {m for m in modules if m.split(".")[0] not in own}


def start(job: child.Job, context: Any) -> tuple[Any, Connection]:
    """Start `job` in a process of its own and return it with the pipe on which it reports."""
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=child.run, args=(job, theirs), daemon=True)
    with _without_main_file():
        process.start()
    theirs.close()
    return process, ours


@contextmanager
def _without_main_file() -> Iterator[None]:
    """Hide the program that runs us: multiprocessing would import it again in every child."""
    main = sys.modules["__main__"]
    hidden = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    main.__spec__ = None
    if "__file__" in hidden:
        del main.__file__
    try:
        yield
    finally:
        for name, value in hidden.items():
            setattr(main, name, value)


def _forget_old(project: Project) -> None:
    """Remove results that no build used for a while, and what killed builds left."""
    now = time.time()
    for folder in (*project.cache.glob("runs/**/run.json"), *project.cache.glob("tmp/*")):
        unused = folder.parent if folder.name == "run.json" else folder
        limit = KEPT_SECONDS if folder.name == "run.json" else 3600
        try:
            if now - unused.stat().st_mtime > limit:
                with TemporaryDirectory(dir=project.cache / "tmp", ignore_cleanup_errors=True) as away:
                    unused.rename(Path(away) / "unused")  # first, so that a kill leaves no half of a result
        except OSError:  # another build was first
            pass
