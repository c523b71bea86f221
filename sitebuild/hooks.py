"""The one place that knows MkDocs' events. What they do is done by the other modules.

MkDocs builds one configuration at a time: the Korean build (`mkdocs.yml`) runs the snippets and checks all sources
first, and builds the English one (`mkdocs.en.yml`) into its own `en/` at its end.
"""

from __future__ import annotations

import errno
import logging
import posixpath
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from sitebuild import claims, links, pages, publish, runner, serving, session
from sitebuild.problems import PageInWork, set_page
from sitebuild.project import LANGUAGES, Project

log = logging.getLogger("mkdocs.sitebuild")

_nested = False
"""True while the second language is built at the end of the first one's build."""
_serving = False
_final: Path | None = None
"""Where the site belongs that is being built in `_staged` first."""
_staged: Path | None = None


def on_startup(*, command: str, dirty: bool) -> None:
    global _serving
    _serving = command == "serve"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    if not _nested:
        _begin(config)
    site = session.current()
    site.language = config.theme["language"]
    site.order = {path.removesuffix(".md"): number for number, path in enumerate(_paths(config.nav))}
    snippets = config.mdx_configs.setdefault("pymdownx.snippets", {})
    snippets["base_path"] = [str(run.folder) for run in site.runs] or [str(site.project.snippets)]
    if len(site.problems):
        snippets["check_paths"] = False  # the missing is reported already, with its line
    config.extra["versions"] = runner.versions()
    return config


def _paths(nav: Any) -> Iterator[str]:
    """The paths in a navigation, in order."""
    for item in nav.values() if isinstance(nav, dict) else nav or ():
        if isinstance(item, str):
            yield item
        else:
            yield from _paths(item)


def _begin(config: MkDocsConfig) -> None:
    global _final, _staged
    if missing := runner.what_is_missing():
        raise Abort(missing)
    project = Project(Path(config.config_file_path).parent)
    if _serving:
        serving.check_port(*config.dev_addr)
    else:
        _final = Path(config.site_dir)
        _staged = publish.staging_folder(_final)
        config.site_dir = str(_staged)
    site = session.begin(project, _serving)
    links.listen(site)
    serving.check_build_is_current(site.problems)
    site.run_snippets()
    pages.check(project, site.runs, site.problems)


@event_priority(100)  # before plugins that look at the files
def on_files(files: Files, config: MkDocsConfig) -> Files:
    for run in session.current().runs:
        for figure in run.figures.values():
            for scheme in ("light", "dark"):
                name = f"{figure.label}.{scheme}.svg"
                uri = f"{run.snippet.page}/{name}"
                files.append(File.generated(config, uri, abs_src_path=str(run.outputs / name)))
    for page in files.documentation_pages():
        name = page.src_uri.removesuffix(".md")
        if tests := claims.file_of(name, session.current().project):
            uri = posixpath.join(posixpath.dirname(page.dest_uri), tests.name)
            files.append(File.generated(config, uri, abs_src_path=str(tests)))
    return files


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """Keep the theme's templates compiled, by the hash of their text, for later builds and the other language."""
    folder = session.current().project.cache / "templates" / version("jinja2")
    folder.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = FileSystemBytecodeCache(str(folder))
    return env


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> None:
    site = session.current()
    path = site.project.relative(Path(config.docs_dir) / page.file.src_uri)
    name = page.file.src_uri.removesuffix(".md")
    set_page(PageInWork(path, page.file.content_string, site.problems, name))


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> None:
    set_page(None)


def on_page_context(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Any) -> dict[str, Any]:
    """Give the theme `twin`, this page in the other language, and the tests of its `claims`, by relative addresses."""
    language = config.theme["language"]
    other = next(code for code in LANGUAGES if code != language)
    here, there = ("" if code == LANGUAGES[0] else f"{code}/" for code in (language, other))
    twin = posixpath.relpath(f"/{there}{page.url}", f"/{here}{page.url}")
    context["twin"] = {"language": other, "url": f"{twin}/"}
    tests = claims.file_of(page.file.src_uri.removesuffix(".md"), session.current().project)
    context["claims"] = tests and tests.name
    return context


@event_priority(-100)  # after plugins that write files
def on_post_build(config: MkDocsConfig) -> None:
    if _nested:
        return
    site = session.current()
    if config.theme["language"] == LANGUAGES[0]:
        _build_second_language(config)
    links.stop_listening()
    if not len(site.problems):
        if _staged and _final:
            publish.put_in_place(_staged, _final)
            config.site_dir = str(_final)  # for what follows a build, such as `mkdocs gh-deploy`
        return
    for problem in site.problems:
        log.error(str(problem))
    count = f"{len(site.problems)} problem{'s' * (len(site.problems) != 1)}"
    if not _serving:
        raise Abort(f"{count}, listed above; the site stays as it was.")
    serving.show(site.problems, Path(config.site_dir))
    log.error(f"{count}, shown on every page until mended.")


def _build_second_language(config: MkDocsConfig) -> None:
    global _nested
    second = load_config(
        str(Path(config.config_file_path).with_name(f"mkdocs.{LANGUAGES[1]}.yml")),
        site_dir=str(Path(config.site_dir) / LANGUAGES[1]),
    )
    if config.site_url:
        second.site_url = f"{config.site_url}{LANGUAGES[1]}/"
    second.dev_addr = config.dev_addr
    _nested = True
    try:
        second.plugins.on_startup(command="serve" if _serving else "build", dirty=False)
        build(second, serve_url=second.site_url if _serving else None)
    finally:
        _nested = False


def on_build_error(error: Exception) -> None:
    set_page(None)
    links.stop_listening()
    if _staged is not None:
        shutil.rmtree(_staged, ignore_errors=True)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        file = error.filename2 or error.filename or "a file"
        raise Abort(
            f"The disk is full: {file} could not be written. Free some space and build again; the site stays as it was."
        )


def on_serve(server: LiveReloadServer, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
    root = Path(config.config_file_path).parent
    for watched in ("docs", "snippets", "sitebuild", "overrides", *(p.name for p in root.glob("mkdocs*.yml"))):
        if (root / watched).exists():
            server.watch(str(root / watched))
    runner.warm_up(run.snippet for run in session.current().runs)
    server.builder = serving.lasting(builder, Path(config.site_dir))
    return server
