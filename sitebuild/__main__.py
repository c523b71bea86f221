"""`python -m sitebuild regression/gradient_descent`: run one snippet as the build does and show what it made."""

from __future__ import annotations

import argparse
import sys

from sitebuild import runner, snippet as snippets
from sitebuild.problems import Problems
from sitebuild.project import Project


def main(arguments: list[str] | None = None) -> int:
    """Run the snippets named in `arguments` (all when none is); returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sitebuild", description=__doc__)
    parser.add_argument("snippet", nargs="*", help="like regression/gradient_descent; all when none is named")
    names = parser.parse_args(arguments).snippet
    try:
        project = Project.here()
    except FileNotFoundError as error:
        parser.error(str(error))
    if missing := runner.what_is_missing():
        parser.error(missing)
    problems = Problems()
    wanted = []
    paths = [project.snippets / f"{name.removeprefix('snippets/').removesuffix('.py')}.py" for name in names]
    for path in paths or snippets.find(project):
        if not path.is_file():
            close = ", ".join(
                s.relative_to(project.snippets).with_suffix("").as_posix() for s in snippets.find(project)
            )
            problems.add(project.relative(path), 0, f"there is no such snippet; there are: {close}")
        elif found := snippets.read(path, project, problems):
            wanted.append(found)
    for result in runner.run(wanted, project, problems).values():
        print(f"{result.snippet.name}  ({result.seconds:.2f} s)  {project.relative(result.folder)}")
        for section in result.snippet.sections:
            print(f"\n── {section.name}")
            print((result.outputs / f"{section.name}.txt").read_text(encoding="utf-8") or "(prints nothing)")
        for figure in result.figures.values():
            print(f"\n▣ {figure.label}  {figure.width} × {figure.height} px  {result.outputs}/{figure.label}.light.svg")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if len(problems) else 0


if __name__ == "__main__":
    sys.exit(main())
