"""A tiny project in a folder of its own: one chapter, one lesson, two languages; built by `mkdocs` as a writer does."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import TextIO

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {
    "NO_MKDOCS_2_WARNING": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "",  # written and copied, it makes every build of a copy faster
}

SNIPPET = """\
# --8<-- [start:first]
numbers = [1, 2, 4]
total = sum(numbers)
print("total", total)
# --8<-- [end:first]

# --8<-- [start:second]
import matplotlib.pyplot as plt

fig, ax = plt.subplots(num="a-line")
ax.plot(numbers)
plt.show()
# --8<-- [end:second]
"""

LESSON = """\
---
description: {0} description.
---
# {0} lesson {{ #lesson }}

{0} sum: {{{{ first.total:.1f}}}}, and $x^2$. [{0} start](../index.md)

## {0} sum {{ #sum }}

```python
--8<-- "chapter/lesson.py:first"
```

```output
--8<-- "chapter/lesson/first.txt"
```

## {0} line {{ #line }}

```python
--8<-- "chapter/lesson.py:second"
```

![{0} rising line](lesson/a-line.svg)
"""

INDEX = """\
# {0} start {{ #start }}

[{0} sum](chapter/lesson.md#sum)
"""

FILES = {"snippets/chapter/lesson.py": SNIPPET} | {
    f"docs/{language}/{name}.md": text.format(word)
    for language, word in (("ko", "한글"), ("en", "English"))
    for name, text in (("index", INDEX), ("chapter/lesson", LESSON))
}


@dataclass(frozen=True)
class Built:
    """How a build ended and what it said."""

    code: int
    text: str

    @property
    def problems(self) -> list[str]:
        """The problems that it listed, each a line."""
        return re.findall(r"^ERROR +-  (.+)$", self.text, re.MULTILINE)


@dataclass(frozen=True)
class Mini:
    """The project in `root`."""

    root: Path

    @classmethod
    def new(cls, root: Path) -> Mini:
        mini = cls(root)
        skip = shutil.ignore_patterns("__pycache__")
        for folder in ("sitebuild", "overrides"):
            shutil.copytree(ROOT / folder, root / folder, ignore=skip)
        shutil.copy(ROOT / "mkdocs.base.yml", root)
        for name in ("mkdocs.yml", "mkdocs.en.yml"):
            words = (ROOT / name).read_text(encoding="utf-8").split("\nnav:")[0]
            mini.write(
                name,
                f"{words}\nsite_url: https://example.org/\nnav:\n  - Start: index.md\n  - Lesson: chapter/lesson.md\n",
            )
        for name, text in FILES.items():
            mini.write(name, text)
        return mini

    def copy(self, root: Path) -> Mini:
        """The same project, its results and its site, in another folder."""
        return Mini(Path(shutil.copytree(self.root, root, symlinks=True)))

    @property
    def site(self) -> Path:
        return self.root / "site"

    def write(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.read(name)
        assert old in text, f"{name} has no {old!r}"
        self.write(name, text.replace(old, new, 1))

    def start(self, *command: str, output: int | TextIO = subprocess.DEVNULL, **environment: str) -> Popen[str]:
        """Start `python -m COMMAND` in the project, in a process group of its own."""
        return Popen(
            [sys.executable, "-m", *command],
            cwd=self.root,
            env={**os.environ, **ENVIRONMENT, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def build(self, **environment: str) -> Built:
        process = self.start("mkdocs", "build", output=subprocess.PIPE, **environment)
        text, _ = process.communicate(timeout=300)
        return Built(process.returncode, text)

    @contextmanager
    def serve(self) -> Iterator[Serving]:
        """`mkdocs serve` on a free port, its first build done."""
        port = free_port()
        with self.root.with_name(f"{self.root.name}.log").open("w+", encoding="utf-8") as log:
            process = self.start("mkdocs", "serve", "-a", f"127.0.0.1:{port}", output=log)
            serving = Serving(process, f"http://127.0.0.1:{port}/", Path(log.name))
            try:
                serving.wait_for("Serving on")
                yield serving
            finally:
                kill(process)


@dataclass(frozen=True)
class Serving:
    """A server at work: what its terminal says and what it serves."""

    process: Popen[str]
    address: str
    log: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, words: str, since: int = 0) -> str:
        """What the terminal says after its first `since` characters, once `words` are among it."""
        for _ in range(1200):
            if words in (said := self.said()[since:]):
                return said
            assert self.process.poll() is None, f"the server has ended:\n{said}"
            time.sleep(0.1)
        raise AssertionError(f"the server does not say {words!r}:\n{said}")

    def after(self, change: Callable[[], None]) -> str:
        """Make `change`; returns what the terminal says until browsers are reloaded."""
        since = len(self.said())
        change()
        return self.wait_for("Reloading browsers", since)

    def page(self, path: str) -> str:
        with urllib.request.urlopen(self.address + path, timeout=120) as answer:
            text: str = answer.read().decode()
        return text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def kill(process: Popen[str]) -> None:
    """SIGKILL the process and all of its group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` and its bytes."""
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}
