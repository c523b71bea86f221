"""What only `mkdocs serve` needs: the port, changes of the build itself, problems shown on the pages."""

from __future__ import annotations

import hashlib
import html
import logging
import re
import socket
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from mkdocs.exceptions import Abort, MkDocsException

from sitebuild.problems import Problems

log = logging.getLogger("mkdocs.sitebuild")

_PANEL = re.compile(r'<section class="build-problems".*?</section>', re.DOTALL)


def _own_hash() -> str:
    own = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in own)).hexdigest()


_hash_at_import = _own_hash()
_port_is_ours = False


def check_port(host: str, port: int) -> None:
    """Stop, before anything is built, when another program has the port; says so once a process.

    Raises:
        Abort: with the way out.
    """
    global _port_is_ours
    if _port_is_ours:
        return
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if sys.platform != "win32":  # where it would share the port with the program that has it
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Abort(
                f"Port {port} is in use ({error.strerror}): stop the program that has it, or serve elsewhere:"
                f" make serve PORT={port + 1}, or mkdocs serve -a {host}:{port + 1}"
            ) from error
    _port_is_ours = True


def check_build_is_current(problems: Problems) -> None:
    """The build runs as it was imported: say when its files have changed since."""
    if _own_hash() != _hash_at_import:
        problems.add(
            "sitebuild", 0, "the build itself has changed since the server started: stop it and start it again"
        )


def show(problems: Iterable[object], site: Path) -> None:
    """Put `problems`, and nothing that was there before, at the top of every page below `site`."""
    items = [f"<li><code>{html.escape(str(problem))}</code></li>" for problem in problems]
    panel = (
        '<section class="build-problems" role="alert" style="position:relative;z-index:9;padding:1rem 1.5rem;'
        'background:#8c1d18;color:#fff;font:16px/1.5 system-ui">'
        f"<strong>{len(items)} × ✗</strong><ul>{''.join(items)}</ul></section>"
    )
    for page in [*site.rglob("*.html")] or [site / "index.html", site / "404.html"]:
        text = page.read_text(encoding="utf-8") if page.exists() else "<!doctype html><body>"
        text = _PANEL.sub("", text)
        start = text.find(">", text.find("<body")) + 1
        page.write_text(text[:start] + panel + text[start:], encoding="utf-8")


def lasting(build: Callable[[], None], site: Path) -> Callable[[], None]:
    """`build` that shows what it raises instead: MkDocs would let every request hang until the next good build."""

    def build_or_show() -> None:
        try:
            build()
        except Exception as error:
            if not isinstance(error, MkDocsException):
                traceback.print_exc()
            log.error(str(error))
            show([error], site)

    return build_or_show
