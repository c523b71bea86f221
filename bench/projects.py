"""The projects that are built: a copy of ours, the same pages without our build, and the snippets for other tools."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mkdocs.utils.yaml import yaml_load

from sitebuild import runner, snippet as snippets, values
from sitebuild.problems import Problems
from sitebuild.project import LANGUAGES, Project
from sitebuild.runner import Run
from sitebuild.snippet import Snippet

FOLDERS = ("docs", "snippets", "sitebuild", "overrides", "tests/claims")
CONFIGURATION = ("mkdocs.yml", "mkdocs.base.yml", "mkdocs.en.yml")

_INCLUDE = re.compile(r"""^(?P<indent>\s*)--8<--\s+["'](?P<path>[^"':]+)(?::(?P<section>[^"']*))?["']\s*$""")
_CODE_INCLUDE = re.compile(r"""^\s*--8<--\s+["']([^"':]+)\.py:""", re.MULTILINE)
_IMAGE = re.compile(r"!\[[^\]]*\]\((?P<source>[^)\s]+\.svg)\)")
_FENCE = re.compile(r"^\s*```(?P<info>.*)$")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


def copy(source: Project, folder: Path) -> Project:
    """A copy of all that the build reads, nothing built and nothing cached."""
    for name in FOLDERS:
        shutil.copytree(source.root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in CONFIGURATION:
        shutil.copy(source.root / name, folder / name)
    return Project(folder)


def read_snippets(project: Project) -> list[Snippet]:
    """All snippets.

    Raises:
        RuntimeError: when one cannot be read.
    """
    problems = Problems()
    found = [snippets.read(path, project, problems) for path in snippets.find(project)]
    if len(problems):
        raise RuntimeError("\n".join(map(str, problems)))
    return [s for s in found if s is not None]


def stored_runs(project: Project) -> dict[str, Run]:
    """What the last build of `project` kept, by the name of the snippet."""
    found = {}
    for snippet in read_snippets(project):
        records = (project.cache / "runs" / snippet.name).glob("*/run.json")
        newest = max(records, key=lambda record: record.stat().st_mtime)
        found[snippet.name] = Run(snippet, newest.parent)
    return found


def plain(source: Project, folder: Path) -> None:
    """The same pages for MkDocs alone: includes and values written out, figures as files, nothing of `sitebuild`.

    Theme, search and the other extensions stay. `source` has been built.
    """
    runs = stored_runs(source)
    shutil.copytree(source.root / "overrides", folder / "overrides")
    for name in ("mkdocs.yml", "mkdocs.en.yml"):
        (folder / name).write_text(json.dumps(_plain_configuration(source.root / name)), encoding="utf-8")
    for language in LANGUAGES:
        for file in source.docs(language).rglob("*"):
            target = folder / file.relative_to(source.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            if file.suffix == ".md":
                text = file.read_text(encoding="utf-8")
                target.write_text(_written_out(text, runs), encoding="utf-8")
                _copy_figures(text, runs, target.parent)
            elif file.is_file():
                shutil.copy(file, target)


def _plain_configuration(file: Path) -> dict[str, Any]:
    with file.open(encoding="utf-8") as stream:
        configuration: dict[str, Any] = yaml_load(stream)
    del configuration["hooks"]
    extensions = configuration["markdown_extensions"]
    configuration["markdown_extensions"] = {n: o for n, o in extensions.items() if not n.startswith("sitebuild.")}
    configuration["extra"]["versions"] = runner.versions()
    return configuration


def _written_out(text: str, runs: dict[str, Run]) -> str:
    value = _value_finder(text, runs)
    lines: list[str] = []
    for line in text.splitlines():
        if include := _INCLUDE.match(line):
            lines += [f"{include['indent']}{shown}".rstrip() for shown in _included(include, runs)]
        else:
            lines.append(values.PLACE.sub(value, line))
    return "\n".join(lines) + "\n"


def _value_finder(text: str, runs: dict[str, Run]) -> Callable[[re.Match[str]], str]:
    """What writes out a match of `values.PLACE` on the page `text`."""
    included = [runs[name] for name in dict.fromkeys(_CODE_INCLUDE.findall(text)) if name in runs]

    def value(match: re.Match[str]) -> str:
        for run in included:
            if (known := run.values(match["section"])) is not None:
                found = known[match["name"]]
                return format(found if match["index"] is None else found[int(match["index"])], match["format"] or "")
        return match[0]

    return value


def _included(include: re.Match[str], runs: dict[str, Run]) -> list[str]:
    path = include["path"]
    if path.endswith(".py"):
        section = runs[path.removesuffix(".py")].snippet.section(include["section"])
        return section.source.splitlines() if section else []
    run = runs[path.rpartition("/")[0]]
    return (run.folder / path).read_text(encoding="utf-8").splitlines()


def _copy_figures(text: str, runs: dict[str, Run], folder: Path) -> None:
    for image in _IMAGE.finditer(text):
        target = folder / image["source"]
        for run in runs.values():
            if run.snippet.page.endswith(target.parent.name) and target.stem in run.figures:
                target.parent.mkdir(exist_ok=True)
                shutil.copy(run.outputs / f"{target.stem}.light.svg", target)


def notebooks(source: Project, folder: Path) -> None:
    """The snippets alone as pages of mkdocs-jupyter, which runs them: a cell a section, no prose, one language."""
    found = read_snippets(source)
    for snippet in found:
        _write_script(source, [snippet], folder / "docs" / f"{snippet.page}.py", _section_cells(snippet))
    _configure_jupyter(folder, [f"docs/{snippet.page}.py" for snippet in found])


def _section_cells(snippet: Snippet) -> str:
    return "".join(f"# %%\n{section.source.strip()}\n\n" for section in snippet.sections)


def notebook_pages(source: Project, folder: Path) -> None:
    """All pages of both languages for mkdocs-jupyter, a project each: prose and code as cells. `source` is built."""
    runs = stored_runs(source)
    for language in LANGUAGES:
        found = [file.relative_to(source.docs(language)) for file in source.docs(language).rglob("*.md")]
        for page in found:
            text = (source.docs(language) / page).read_text(encoding="utf-8")
            shown = [runs[name].snippet for name in dict.fromkeys(_CODE_INCLUDE.findall(text))]
            target = folder / language / "docs" / page.with_suffix(".py")
            _write_script(source, shown, target, "".join(_page_cells(text, runs)))
        _configure_jupyter(folder / language, [f"docs/{page.with_suffix('.py').as_posix()}" for page in found])


def _page_cells(text: str, runs: dict[str, Run]) -> Iterable[str]:
    """The page as cells of a percent script. Outputs and figures are left out: running makes them anew."""
    value = _value_finder(text, runs)
    prose: list[str] = []
    info: str | None = None
    for line in _FRONT_MATTER.sub("", text).splitlines():
        fence, include = _FENCE.match(line), _INCLUDE.match(line)
        if include and info == "python":
            yield "# %% [markdown]\n" + "".join(f"# {shown}\n" for shown in prose)
            yield "\n# %%\n" + "\n".join(_included(include, runs)).strip() + "\n\n"
            prose = []
        elif fence:
            info = fence["info"].strip() if info is None else None
        elif info is None and not _IMAGE.search(line):
            prose.append(values.PLACE.sub(value, line))
    yield "# %% [markdown]\n" + "".join(f"# {shown}\n" for shown in prose)


def _configure_jupyter(folder: Path, pages: list[str]) -> None:
    jupyter = {"include": pages, "execute": True, "allow_errors": False}
    configuration = {
        "site_name": "Snippets",
        "theme": {"name": "material", "font": False},
        "plugins": {"search": {}, "mkdocs-jupyter": jupyter},
    }
    (folder / "mkdocs.yml").write_text(json.dumps(configuration), encoding="utf-8")


def gallery(source: Project, folder: Path) -> None:
    """The snippets alone as examples of sphinx-gallery, which runs them."""
    examples = folder / "examples"
    for snippet in read_snippets(source):
        name = f"lesson_{snippet.name.replace('/', '_')}"
        head = f'"""\n{name}\n{"=" * len(name)}\n"""\n\n'
        _write_script(source, [snippet], examples / f"{name}.py", head + _section_cells(snippet))
    (examples / "GALLERY_HEADER.rst").write_text("Snippets\n========\n", encoding="utf-8")
    (folder / "index.rst").write_text("Site\n====\n\n.. toctree::\n\n   gallery/index\n", encoding="utf-8")
    options = {
        "examples_dirs": "examples",
        "gallery_dirs": "gallery",
        "filename_pattern": "/lesson_",
        "ignore_pattern": r"/(?!lesson_)[^/]*\.py$",
        "abort_on_example_error": True,
        "download_all_examples": False,
    }
    lines = [
        "project = 'Snippets'",
        "extensions = ['sphinx_gallery.gen_gallery']",
        f"sphinx_gallery_conf = {options!r}",
    ]
    (folder / "conf.py").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_script(source: Project, shown: list[Snippet], target: Path, text: str) -> None:
    """Write a script and, beside it, the data and the modules that the snippets in it use."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    for snippet in shown:
        for file in (*snippets.data_files(snippet, source), *snippets.local_modules(snippet)):
            shutil.copy(file, target.parent / file.name)
