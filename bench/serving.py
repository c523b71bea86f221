"""`mkdocs serve`, seen from outside: how long after a file is saved does its page show the change?"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import projects, timing
from bench.timing import Timed, Watch
from sitebuild.project import LANGUAGES, Project
from sitebuild.runner import Run

POLL_SECONDS = 0.02
PATIENCE_SECONDS = 180.0


@contextmanager
def serve(project: Project) -> Iterator[str]:
    """Serve `project` and give its address, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mkdocs", "serve", "-a", f"127.0.0.1:{port}"]
    with (project.root / "serve.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            command, cwd=project.root, env=timing.environment(), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://127.0.0.1:{port}/"
            wait_for("<html", address)
            yield address
        finally:
            server.terminate()
            server.wait()


def wait_for(text: str, address: str) -> None:
    """Return when the page at `address` holds `text`.

    Raises:
        TimeoutError: when it does not for too long.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:
                if text in answer.read().decode():
                    return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"{address} never showed {text}")


def page_saved(project: Project, address: str, language: str, name: str, count: int) -> Timed:
    """The time from saving a page to seeing the change in it."""
    file = project.docs(language) / f"{name}.md"
    mark = f"bench-page-{count}"
    text = file.read_text(encoding="utf-8").rstrip() + f"\n\n{mark}\n"
    return _seen(file, text, mark, _address(address, language, name))


def snippet_saved(project: Project, address: str, run: Run, count: int) -> Timed:
    """The time from saving a snippet to seeing the change on its page, without the time that the snippet ran."""
    snippet = run.snippet
    mark = f"bench-snippet-{count}"
    text = snippet.path.read_text(encoding="utf-8").replace("# --8<-- [end:", f"# {mark}\n# --8<-- [end:", 1)
    timed = _seen(snippet.path, text, mark, _address(address, LANGUAGES[0], snippet.page))
    return Timed(timed.seconds - projects.stored_runs(project)[snippet.name].seconds, timed.disturbed)


def _address(address: str, language: str, name: str) -> str:
    folder = "" if language == LANGUAGES[0] else f"{language}/"
    page = name.removesuffix("index")
    return f"{address}{folder}{page}" + ("/" if page and not page.endswith("/") else "")


def _seen(file: Path, text: str, mark: str, address: str) -> Timed:
    time.sleep(1)  # MkDocs looks for changes now and then: let it have seen the last one
    watch = Watch()
    file.write_text(text, encoding="utf-8")
    wait_for(mark, address)
    return watch.stop()
