"""MkDocs' own warnings (broken links, missing anchors, pages out of the navigation) made into problems."""

from __future__ import annotations

import logging
import re

from sitebuild.project import LANGUAGES
from sitebuild.session import Session

_DOC_LINK = re.compile(
    r"Doc file '(?P<file>[^']+)' contains an? (?:\w+ )*link '(?P<link>[^']+)'(?P<rest>.*)", re.DOTALL
)


class _Listener(logging.Handler):
    def __init__(self, site: Session) -> None:
        super().__init__(logging.WARNING)
        self.site = site

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(("mkdocs.sitebuild", "mkdocs.livereload")):  # our own; what browsers ask for
            return
        message = record.getMessage()
        problems, project = self.site.problems, self.site.project
        match = _DOC_LINK.search(message)
        if match is None:
            first = self.site.language == LANGUAGES[0]
            problems.add("mkdocs.yml" if first else f"mkdocs.{self.site.language}.yml", 0, " ".join(message.split()))
            return
        file = project.docs(self.site.language) / match["file"]
        link = match["link"]
        reason = match["rest"].strip(" ,.").removeprefix("but ") or "it leads nowhere"
        written = re.compile(rf"""(?:[("'<]|\]: *){re.escape(link)}(?=[)"'>\s]|$)""")
        lines = file.read_text(encoding="utf-8").splitlines()
        for at in [number for number, line in enumerate(lines, 1) if written.search(line)] or [0]:
            problems.add(project.relative(file), at, f'broken link "{link}": {reason}; mend it or remove it')


_listener: _Listener | None = None


def listen(site: Session) -> None:
    """From now on every warning of MkDocs and its plugins is a problem of `site`."""
    global _listener
    stop_listening()
    _listener = _Listener(site)
    logging.getLogger("mkdocs").addHandler(_listener)


def stop_listening() -> None:
    global _listener
    if _listener:
        logging.getLogger("mkdocs").removeHandler(_listener)
    _listener = None
