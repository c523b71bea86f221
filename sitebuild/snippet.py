"""A snippet as its file says: a plain script, cut into sections by `# --8<-- [start:NAME]` and `[end:NAME]`."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from sitebuild.problems import Problems
from sitebuild.project import Project

TIME_LIMIT = 60.0
"""Seconds that a snippet may run unless a comment of its own says otherwise (`# time limit: 120 s`)."""

_MARKER = re.compile(r"# --8<-- \[(start|end):([a-z][a-z0-9-]*)\]\s*$")
_LIMIT = re.compile(r"^# time limit: (\d+) s\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A named part of a snippet; `line` is the line of its first code line in the file."""

    name: str
    line: int
    source: str


@dataclass(frozen=True)
class Snippet:
    """A script and its sections. `name` is its path below `snippets/` without `.py`."""

    name: str
    path: Path
    text: str
    sections: tuple[Section, ...]

    @property
    def time_limit(self) -> float:
        found = _LIMIT.search(self.text)
        return float(found[1]) if found else TIME_LIMIT

    @property
    def page(self) -> str:
        """The page that it belongs to, as a path below `docs/LANGUAGE/` without `.md`."""
        return page_of(self.name)

    def section(self, name: str) -> Section | None:
        return next((s for s in self.sections if s.name == name), None)


def page_of(snippet_name: str) -> str:
    """`regression/gradient_descent` → `regression/gradient-descent`."""
    return snippet_name.replace("_", "-")


def find(project: Project) -> list[Path]:
    """All lesson snippets: every script below `snippets/` but labs and data."""
    scripts = sorted(project.snippets.rglob("*.py"))
    return [s for s in scripts if s.relative_to(project.snippets).parts[0] not in ("labs", "data")]


def read(path: Path, project: Project, problems: Problems) -> Snippet | None:
    """Read the script at `path`; `None`, with the reasons in `problems`, when it cannot be run section by section."""
    text = path.read_text(encoding="utf-8-sig")
    shown = project.relative(path)
    before = len(problems)
    sections: list[Section] = []
    current: tuple[str, int] | None = None
    body: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        marker = _MARKER.match(line)
        if marker and marker[1] == "start":
            if current:
                problems.add(shown, number, f'section "{marker[2]}" starts inside "{current[0]}": end that one first')
            if any(s.name == marker[2] for s in sections):
                problems.add(shown, number, f'a second section is named "{marker[2]}": give it another name')
            current, body = (marker[2], number + 1), []
        elif marker:
            if current is None or current[0] != marker[2]:
                problems.add(shown, number, f'"{marker[2]}" ends here but did not start: name the section that is open')
            else:
                sections.append(Section(current[0], current[1], "\n".join(body)))
            current = None
        elif "--8<--" in line:
            problems.add(shown, number, "a marker must be exactly `# --8<-- [start:NAME]` or `[end:NAME]`")
        elif current:
            body.append(line)
        elif line.strip() and not line.startswith("#"):
            problems.add(
                shown,
                number,
                "this line is in no section, so no page can show it: move it between a [start:…] and its [end:…]",
            )
    if current:
        problems.add(shown, current[1] - 1, f'section "{current[0]}" never ends: add `# --8<-- [end:{current[0]}]`')
    try:
        ast.parse(text)
        for section in sections:
            ast.parse("\n" * (section.line - 1) + section.source)
    except SyntaxError as error:
        problems.add(shown, error.lineno or 0, f"Python cannot read this line ({error.msg}): mend the syntax")
    if len(problems) > before:
        return None
    name = path.relative_to(project.snippets).with_suffix("").as_posix()
    return Snippet(name, path, text, tuple(sections))


def imported_modules(text: str) -> set[str]:
    """The dotted names of all modules that a script imports."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module)
    return modules


def local_modules(snippet: Snippet) -> list[Path]:
    """Files beside the script that it imports, directly or through each other."""
    found: list[Path] = []
    waiting = [snippet.text]
    while waiting:
        for module in sorted(imported_modules(waiting.pop())):
            file = snippet.path.parent / (module.split(".")[0] + ".py")
            if file.is_file() and file not in found:
                found.append(file)
                waiting.append(file.read_text(encoding="utf-8"))
    return sorted(found)


def data_files(snippet: Snippet, project: Project) -> list[Path]:
    """Files of `snippets/data/` that the script names."""
    if not project.data.is_dir():
        return []
    return sorted(f for f in project.data.iterdir() if f.is_file() and f.name in snippet.text)
