"""A page as a reader gets it: the blocks of code to copy and the output shown beneath each."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest_codeblocks
from markdown import Markdown

from sitebuild import child, runner
from sitebuild.runner import Runs
from sitebuild.snippet import Section


@dataclass(frozen=True)
class Block:
    """A Python block to copy, at its line of the expanded page, and the output that the page shows for it."""

    line: int
    code: str
    output: str


def expand(text: str, runs: Runs) -> str:
    """`text` with its includes replaced by what they name, by the same extension as in the build."""
    options = {"base_path": [str(run.folder) for run in runs], "check_paths": True, "dedent_subsections": True}
    markdown = Markdown(extensions=["pymdownx.snippets"], extension_configs={"pymdownx.snippets": options})
    return "\n".join(markdown.preprocessors["snippet"].run(text.split("\n")))


def blocks(text: str) -> list[Block]:
    """The Python blocks of an expanded page, found by pytest-codeblocks, in order."""
    found: list[Block] = []
    for block in pytest_codeblocks.extract_from_buffer(io.StringIO(text)):
        if block.syntax == "python":
            found.append(Block(block.lineno, block.code, ""))
        elif block.syntax == "output" and found:
            last = found[-1]
            found[-1] = Block(last.line, last.code, last.output + block.code.rstrip("\n"))
    return found


def run(code: list[Block], file: str, limit: float, data: tuple[Path, ...] = ()) -> list[str]:
    """What each block prints when they are run in order in one namespace, in a warm process of their own.

    Raises:
        AssertionError: when a block fails, with its line and the reason.
    """
    sections = tuple(Section(f"block-{n}", block.line + 1, block.code) for n, block in enumerate(code, 1))
    with tempfile.TemporaryDirectory() as scratch:
        job = child.Job(file, sections, Path(scratch), data=data)
        process, pipe = runner.start(job, runner.warm_context())
        try:
            while pipe.poll(limit):
                message = pipe.recv()
                if isinstance(message, child.Outcome):
                    assert message.failure is None, f"{file}, expanded line {message.line}: {message.failure}"
                    return [result.output for result in message.results]
        except EOFError:
            pass
        finally:
            process.kill()
            process.join()
    raise AssertionError(f"{file}: the blocks did not end within {limit:.0f} s, or ended the process")
