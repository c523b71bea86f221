"""One snippet, run section by section in the process that calls `run`; the parent listens on a pipe."""

from __future__ import annotations

import ast
import builtins
import contextlib
import errno
import io
import linecache
import os
import random
import shutil
import sys
import threading
import time
import traceback
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sitebuild import figures, shapes
from sitebuild.snippet import Section

MAX_LIST = 10_000
"""Numbers that a list may hold for prose to quote from it."""


@dataclass(frozen=True)
class Job:
    """What to run and where. Without `outputs`, figures are drawn and thrown away."""

    file: str
    sections: tuple[Section, ...]
    scratch: Path
    outputs: Path | None = None
    data: tuple[Path, ...] = ()


@dataclass
class Result:
    """What one section made: what it printed, its figures, and the plain values that its variables then held."""

    name: str
    output: str
    figures: list[figures.FigureFile]
    values: dict[str, Any]


@dataclass
class Outcome:
    """How a job ended: its results, or the one thing that stopped it (`line` in its file, and the sentence)."""

    results: list[Result] = field(default_factory=list)
    seconds: float = 0.0
    line: int = 0
    failure: str | None = None


class _Failed(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def run(job: Job, pipe: Connection) -> None:
    """Run `job`, telling `pipe` each section as it starts (its name and line) and at the end an `Outcome`."""
    _end_with_parent()
    outcome = Outcome()
    os.chdir(job.scratch)
    try:
        outcome = _run_sections(job, pipe)
    except _Failed as failure:
        outcome.line, outcome.failure = failure.line, str(failure)
    pipe.send(outcome)
    pipe.close()


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    def wait() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _run_sections(job: Job, pipe: Connection) -> Outcome:
    for file in job.data:
        shutil.copy(file, job.scratch)
    sys.path.insert(0, str(Path(job.file).parent))
    sys.argv = [job.file]
    sys.dont_write_bytecode = True  # a module imported from here leaves no .pyc that could be stale some day
    module = types.ModuleType("__main__")
    module.__file__ = job.file
    sys.modules["__main__"] = module
    namespace = vars(module)
    namespace["__builtins__"] = builtins
    namespace[shapes.CHECKER] = shapes.check_shape
    _one_thread_and_seeds()

    outcome = Outcome()
    began = time.perf_counter()
    with _FigureCatcher(job.outputs) as catcher:
        for section in job.sections:
            pipe.send((section.name, section.line))
            printed = io.StringIO()
            with _captured(printed):
                _run_section(job.file, section, namespace, catcher)
            catcher.nothing_left_open(section)
            output = printed.getvalue().rstrip("\n")
            outcome.results.append(Result(section.name, output, catcher.take(), _plain_values(namespace)))
    outcome.seconds = time.perf_counter() - began
    return outcome


def _one_thread_and_seeds() -> None:
    import numpy
    import torch

    random.seed(0)
    numpy.random.seed(0)
    torch.set_num_threads(1)
    torch.manual_seed(0)


@contextlib.contextmanager
def _captured(stream: io.StringIO) -> Iterator[None]:
    """Collect stdout, and each warning that a reader would see as `Category: message` in its place among the rest."""

    def show(message: Warning | str, category: type[Warning], *_: Any) -> None:
        stream.write(f"{category.__name__}: {message}\n")

    with contextlib.redirect_stdout(stream), warnings.catch_warnings():
        warnings.showwarning = show  # type: ignore[assignment]
        yield


def _run_section(file: str, section: Section, namespace: dict[str, Any], catcher: _FigureCatcher) -> None:
    padded = "\n" * (section.line - 1) + section.source
    linecache.cache[file] = (len(padded), None, padded.splitlines(keepends=True), file)
    try:
        tree: ast.Module = shapes.with_checks(padded)
        exec(compile(tree, file, "exec"), namespace)
    except SystemExit as error:
        raise _Failed(
            _line_in(file, error), f'section "{section.name}" exits the process: remove the call that does so'
        ) from error
    except (shapes.ShapeError, figures.FigureError) as error:
        raise _Failed(_line_in(file, error), f'section "{section.name}": {error}') from error
    except BaseException as error:
        way_out = "mend it, or catch and print it if it is meant"
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            way_out = "the disk is full, so free some space and build again"
        what = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(":.")
        raise _Failed(_line_in(file, error), f'section "{section.name}" raises {what}: {way_out}') from error


def _line_in(file: str, error: BaseException) -> int:
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno or 0
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return (lines[-1] if lines else 0) or 0


class _FigureCatcher:
    """Saves every open figure at `plt.show()` in the house style."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.seen: set[str] = set()
        self.new: list[figures.FigureFile] = []

    def __enter__(self) -> _FigureCatcher:
        import matplotlib

        matplotlib.use("svg")
        import matplotlib.pyplot as plt

        plt.close("all")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(figures.house_style())
        matplotlib.rcParams["backend"] = "svg"
        plt.show = lambda *_, **__: self.show()  # a function: pyplot sets attributes on it
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self) -> None:
        import matplotlib.pyplot as plt

        for number in plt.get_fignums():
            figure = plt.figure(number)
            label = str(figure.get_label())
            if not label:
                raise figures.FigureError('this figure has no name: give it one with plt.subplots(num="what-it-shows")')
            if label in self.seen:
                raise figures.FigureError(f'a second figure is named "{label}": give it a name of its own')
            if not all((c.isalnum() and c.isascii()) or c == "-" for c in label) or label != label.lower():
                raise figures.FigureError(f'the figure name "{label}" must be lower-case words joined by hyphens')
            self.seen.add(label)
            if self.folder is not None:
                self.new.append(figures.save(figure, label, self.folder))
        plt.close("all")

    def nothing_left_open(self, section: Section) -> None:
        import matplotlib.pyplot as plt

        if plt.get_fignums():
            raise _Failed(
                section.line, f'section "{section.name}" draws a figure that it never shows: end it with plt.show()'
            )

    def take(self) -> list[figures.FigureFile]:
        taken, self.new = self.new, []
        return taken


def _plain_values(namespace: dict[str, Any]) -> dict[str, Any]:
    values = {}
    for name, value in namespace.items():
        if not name.startswith("_") and (plain := _plain(value)) is not None:
            values[name] = plain
    return values


def _plain(value: Any) -> Any:
    for kind in (bool, int, float, str):  # as themselves: a subclass may be known to the snippet alone
        if isinstance(value, kind):
            return kind(value)
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return _plain(value.item())
    if isinstance(value, (list, tuple)) and 0 < len(value) <= MAX_LIST:
        items = [_plain(item) for item in value]
        return items if all(isinstance(item, (int, float, str)) for item in items) else None
    return None
