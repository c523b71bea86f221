"""A snippet runs once for the same inputs, as a reader would run it, and what it makes is caught whole."""

from __future__ import annotations

import ast
import io
import os
import pty
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sitebuild import figures, runner, shapes, snippet as snippets
from sitebuild.problems import Problems
from sitebuild.progress import Progress
from sitebuild.project import Project
from sitebuild.runner import Run
from tests.mini import ENVIRONMENT, Mini


@pytest.fixture
def place(tmp_path: Path) -> Project:
    """An empty project."""
    (tmp_path / "mkdocs.yml").touch()
    (tmp_path / "snippets" / "data").mkdir(parents=True)
    return Project(tmp_path)


def run(place: Project, name: str = "lesson", **sections: str) -> tuple[Run, bool]:
    """The result of the snippet `name`, written anew if `sections` are given, and whether it had to run."""
    file = place.snippets / f"{name}.py"
    if sections:
        file.write_text("".join(f"# --8<-- [start:{s}]\n{code}\n# --8<-- [end:{s}]\n" for s, code in sections.items()))
    problems, said = Problems(), io.StringIO()
    snippet = snippets.read(file, place, problems)
    assert snippet, [*problems]
    results = runner.run([snippet], place, problems, Progress(said))
    assert not len(problems), [*problems]
    return results[name], bool(said.getvalue())


def printed(result: Run, section: str = "s") -> str:
    return (result.outputs / f"{section}.txt").read_text(encoding="utf-8")


# What is kept, and when it is not


def test_an_unchanged_snippet_does_not_run_again(place: Project) -> None:
    (place.data / "unrelated.csv").write_text("1")
    first, ran = run(place, s="print('same')")
    assert ran
    (place.snippets / "lesson.py").touch()
    (place.snippets / "unrelated.py").touch()
    (place.data / "unrelated.csv").write_text("2")
    again, ran = run(place)
    assert not ran
    assert (again.folder, printed(again)) == (first.folder, "same")


def _change_text(place: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    file = place.snippets / "lesson.py"
    file.write_text(file.read_text() + "# a comment\n")


def _change_module(place: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.snippets / "near.py").write_text("word = 'new'\n")


def _change_module_of_module(place: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.snippets / "far.py").write_text("word = 'new'\n")


def _change_data(place: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.data / "table.csv").write_text("new")


def _change_library(place: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {**runner.versions(), "numpy": "0.1"}
    monkeypatch.setattr(runner, "versions", lambda: versions)


@pytest.mark.parametrize(
    ("change", "output"),
    [
        (_change_text, "old old"),
        (_change_module, "new old"),
        (_change_module_of_module, "new old"),
        (_change_data, "old new"),
        (_change_library, "old old"),
    ],
)
def test_a_snippet_runs_again_when_what_it_stands_on_changes(
    change: Callable[[Project, pytest.MonkeyPatch], None],
    output: str,
    place: Project,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (place.data / "table.csv").write_text("old")
    (place.snippets / "far.py").write_text("word = 'old'\n")
    (place.snippets / "near.py").write_text("from far import word\n")
    _, ran = run(place, s="import near\nprint(near.word, open('table.csv').read())")
    assert ran
    change(place, monkeypatch)
    changed, ran = run(place)
    assert ran
    assert printed(changed) == output
    _, ran = run(place)
    assert not ran


@pytest.mark.parametrize("module", ["child", "figures", "runner", "shapes", "snippet"])
def test_a_snippet_runs_again_when_the_runner_changes(module: str, mini: Mini) -> None:
    def key() -> str:
        code = (
            "from sitebuild import runner, snippet; from sitebuild.problems import Problems;"
            "from sitebuild.project import Project; place = Project.here();"
            "print(runner.key_of(snippet.read(place.snippets / 'chapter/lesson.py', place, Problems()), place))"
        )
        return subprocess.check_output([sys.executable, "-c", code], cwd=mini.root, text=True)

    before = key()
    assert before == key() == next((mini.root / ".cache/runs/chapter/lesson").iterdir()).name + "\n"
    mini.write(f"sitebuild/{module}.py", mini.read(f"sitebuild/{module}.py") + "# changed\n")
    assert key() != before


def test_results_that_no_build_uses_are_forgotten(place: Project) -> None:
    old, _ = run(place, s="print('old')")
    new, _ = run(place, s="print('new')")
    for result, days in ((old, 15), (new, 13)):
        os.utime(result.folder, (0, result.folder.stat().st_mtime - days * 24 * 3600))
    runner.run_all(place, Problems())
    assert not old.folder.exists()
    assert printed(new) == "new"
    assert [*(place.cache / "tmp").iterdir()] == []


# What a snippet finds when it runs


def test_the_first_job_is_warm_and_alone(place: Project) -> None:
    code = "import sys\nprint(sorted({'torch', 'torch._dynamo', 'matplotlib.backends.backend_svg'} & set(sys.modules)))"
    for name in ("first", "second"):
        result, _ = run(place, name, s=f"{code}\nprint('leaked' in dir(sys))\nsys.leaked = True")
        assert printed(result) == "['matplotlib.backends.backend_svg', 'torch', 'torch._dynamo']\nFalse"


def test_every_run_has_one_thread_and_the_same_random_numbers(place: Project) -> None:
    code = (
        "import random, numpy, torch\n"
        "print(random.random(), numpy.random.rand(), torch.rand(1).item(), torch.get_num_threads(), hash('text'))"
    )
    first, second = (printed(run(place, name, s=code)[0]).split() for name in ("first", "second"))
    assert first == second
    assert first[3] == "1"


def test_a_snippet_runs_as_the_main_script_in_a_folder_of_its_own(place: Project) -> None:
    (place.data / "table.csv").write_text("1,2")
    result, _ = run(
        place,
        s="import os, sys\nprint(__name__, sys.argv == [__file__], os.listdir())\nopen('saved.txt', 'w').write('x')",
        t="def double(x):\n    return 2 * x\n\nprint(double(2), len('table.csv'))",
    )
    assert printed(result) == "__main__ True ['table.csv']"
    assert printed(result, "t") == "4 9"
    assert [f.relative_to(result.outputs).as_posix() for f in result.saved_files] == ["files/saved.txt"]


# What is caught


def test_each_section_has_its_output_with_warnings_in_their_place(place: Project) -> None:
    result, _ = run(
        place,
        first="import warnings\nprint('one')\nwarnings.warn('careful')\nprint('two')\n\n",
        silent="x = 1",
        last="warnings.warn('old', FutureWarning)\nprint('three', end='')",
    )
    assert printed(result, "first") == "one\nUserWarning: careful\ntwo"
    assert printed(result, "silent") == ""
    assert printed(result, "last") == "FutureWarning: old\nthree"
    assert [result.printed(s) for s in ("first", "silent", "last")] == [True, False, True]


def test_a_warning_that_a_reader_would_not_see_is_not_shown(place: Project) -> None:
    (place.snippets / "library.py").write_text(
        "import warnings\ndef work():\n    warnings.warn('for its authors', DeprecationWarning)\n"
    )
    result, _ = run(place, s="import library\nlibrary.work()\nprint('done')")
    assert printed(result) == "done"
    reader = subprocess.run([sys.executable, place.snippets / "lesson.py"], capture_output=True, text=True)
    assert (reader.stdout, reader.stderr) == ("done\n", "")


def test_the_plain_values_of_each_section_are_kept(place: Project) -> None:
    result, _ = run(
        place,
        first=(
            "import numpy as np, torch, enum\n"
            "class Size(int):\n    pass\n"
            "whole, real, text, yes = 3, 0.5, 'word', True\n"
            "tensor, array, subclass = torch.tensor(1.5), np.float64(2.5), Size(7)\n"
            "row, pair, tensors = [1, 2.5], (1, 'a'), [torch.tensor(1), torch.tensor(2)]\n"
            "matrix, empty, named, _hidden, long = [[1]], [], {'a': 1}, 1, [0] * 20_000\n"
            "vector = torch.zeros(2)"
        ),
        second="whole = whole + 1",
    )
    values = {"whole": 3, "real": 0.5, "text": "word", "yes": True, "tensor": 1.5, "array": 2.5, "subclass": 7}
    assert result.values("first") == values | {"row": [1, 2.5], "pair": [1, "a"], "tensors": [1, 2]}
    assert (result.values("second") or {})["whole"] == 4
    assert result.values("third") is None


# Figures

FIGURE = """\
import numpy as np
import matplotlib.pyplot as plt

fig, ax = plt.subplots(num="a-figure", figsize=(4, 3))
ax.{marks}
ax.set_title("loss 한")
plt.show()"""


def figure(place: Project, marks: str) -> tuple[str, str]:
    result, _ = run(place, s=FIGURE.format(marks=marks))
    assert result.figures == {"a-figure": figures.FigureFile("a-figure", 384, 288)}
    light, dark = ((result.outputs / f"a-figure.{scheme}.svg") for scheme in ("light", "dark"))
    assert max(light.stat().st_size, dark.stat().st_size) < 300_000
    return light.read_text(encoding="utf-8"), dark.read_text(encoding="utf-8")


def test_a_figure_is_one_drawing_in_the_colours_of_each_scheme(place: Project) -> None:
    light, dark = figure(place, "plot([1, 2], [1, 3])")
    for svg in (light, dark):
        assert re.search(r"<text[^>]*>loss 한</text>", svg), "text must stay text"
        assert not re.search(r"<dc:date|<metadata|DejaVu|20\d\d-\d\d", svg)
        assert 'style="fill: #ffffff' not in svg, "the background must be transparent"
    first = next(iter(figures.CYCLE))
    assert first in light and first not in dark
    assert figures.DARK_OF[first] in dark and figures.DARK_OF[first] not in light
    assert figures.INK in light and figures.INK not in dark
    for colour, in_dark in figures.DARK_OF.items():
        light = light.replace(colour, in_dark)
    assert dark.replace(f' fill="{figures.DARK_OF[figures.INK]}"', "", 1) == light


@pytest.mark.parametrize(
    "marks",
    [
        "scatter(np.random.rand(10_000), np.random.rand(10_000))",
        "plot(np.random.rand(10_000), np.random.rand(10_000), 'o')",
    ],
)
def test_ten_thousand_points_become_pixels_in_the_colours_of_each_scheme(marks: str, place: Project) -> None:
    light, dark = figure(place, marks)
    pixels = [re.findall(r'"data:image/png;base64,\s*([^"]+)"', svg) for svg in (light, dark)]
    assert len(pixels[0]) == len(pixels[1]) == 1
    assert pixels[0] != pixels[1]
    assert "<text" in light and "<text" in dark


# Shape comments


@pytest.mark.parametrize(
    "code",
    [
        "x = zeros(2, 3)  # (2, 3)",
        "x = zeros(2, 3)  # (N, 3)",
        "x = zeros(2, 2)  # (N, N)",
        "N = 2\nx = zeros(N, 3)  # (N, 3)",
        "x = zeros(4)  # (4,)",
        "x = zeros()  # ()",
        "x = zeros(\n    2,\n    3,\n)  # (2, 3)",
        "def f(x):\n    y = x  # (2, 3)\n    return y\nf(zeros(2, 3))",
        "x = zeros(2, 3)  # (2, 3) is what it says",
        "x = zeros(2, 3)  # two rows",
        "x, y = zeros(2, 3)  # (9, 9)",
        "def never():\n    y = 1  # (2, 3)",
    ],
)
def test_a_shape_comment_that_is_true_changes_nothing(code: str) -> None:
    checked(code)


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("x = zeros(2, 3)  # (3, 2)", "the comment says (3, 2), but x has the shape (2, 3)"),
        ("x = zeros(2, 3)  # (2, 3, 1)", "the comment says (2, 3, 1), but x has the shape (2, 3)"),
        ("x = zeros(2, 3)  # (N, N)", "the comment says (N, N), but x has the shape (2, 3)"),
        ("N = 4\nx = zeros(2, 3)  # (N, 3)", "the comment says (N, 3), but x has the shape (2, 3)"),
        (
            "def f(N):\n    y = zeros(2)  # (N)\nf(2)\nf(3)",
            "the comment says (N), but y has the shape (2,)",
        ),
        ("for i in (1, 2):\n    x = zeros(i)  # (1,)", "the comment says (1), but x has the shape (2,)"),
        ("x = 3  # (3, 2)", "the comment gives x a shape, but it is of type int"),
    ],
)
def test_a_shape_comment_that_is_not_true_fails(code: str, complaint: str) -> None:
    with pytest.raises(shapes.ShapeError, match=f"^{re.escape(complaint)}:"):
        checked(code)


def checked(code: str) -> None:
    from numpy import zeros

    namespace = {"zeros": lambda *size: zeros(size), shapes.CHECKER: shapes.check_shape}
    exec(compile(shapes.with_checks(code), "snippet.py", "exec"), namespace)


def test_checks_leave_the_lines_where_they_are() -> None:
    tree = shapes.with_checks("x = a()  # (1,)\n\ny = b()")
    assert [ast.unparse(part) for part in tree.body if part.lineno == 3] == ["y = b()"]


# The command line, and what is said meanwhile


def test_one_snippet_can_be_run_from_the_command_line(mini: Mini) -> None:
    for name in ("chapter/lesson", "snippets/chapter/lesson.py"):
        done = command(mini, name)
        assert done.returncode == 0, done.stderr
        assert "── first\ntotal 7\n" in done.stdout
        assert "── second\n(prints nothing)\n" in done.stdout
        assert re.search(r"▣ a-line  442 × 288 px  \S+/a-line\.light\.svg", done.stdout)


def test_the_command_line_names_the_snippets_that_there_are(mini: Mini) -> None:
    done = command(mini, "chapter/leson")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "snippets/chapter/leson.py: there is no such snippet; there are: chapter/lesson\n"


def test_the_command_line_fails_with_the_sentence_of_the_build(mini: Mini) -> None:
    mini.edit("snippets/chapter/lesson.py", "total =", "total = = ")
    done = command(mini, "chapter/lesson")
    assert done.returncode == 1
    assert (
        done.stderr == "snippets/chapter/lesson.py:3: Python cannot read this line (invalid syntax): mend the syntax\n"
    )


def test_a_module_imported_from_here_leaves_no_bytecode_that_could_be_stale(mini: Mini) -> None:
    mini.write("snippets/chapter/near.py", "word = 'near'\n")
    mini.edit("snippets/chapter/lesson.py", "numbers =", "import near\nnumbers =")
    assert command(mini, "chapter/lesson").returncode == 0
    assert not [*(mini.root / "snippets").rglob("__pycache__")]


def test_outside_of_a_project_the_command_line_says_so(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "sitebuild"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("or above it: run this inside the project's folder")


def command(mini: Mini, name: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sitebuild", name],
        cwd=mini.root,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_progress_is_plain_lines_where_there_is_no_terminal(place: Project) -> None:
    wanted, said = [], io.StringIO()
    for name, code in (("good", "print(1)"), ("bad", "1 / 0")):
        place.snippets.joinpath(f"{name}.py").write_text(f"# --8<-- [start:s]\n{code}\n# --8<-- [end:s]\n")
        wanted.append(snippets.read(place.snippets / f"{name}.py", place, Problems()))
    runner.run(filter(None, wanted), place, Problems(), Progress(said))
    first, *rest = said.getvalue().splitlines()
    assert first == "Running 2 snippets"
    assert [line.split()[0] for line in rest] == ["1/2", "2/2"]
    assert {re.sub(r"\d+\.\d", "N", line.split(maxsplit=1)[1]) for line in rest} == {"good ran in N s", "bad failed"}


def test_progress_is_one_live_line_on_a_terminal(mini: Mini) -> None:
    mini.edit("snippets/chapter/lesson.py", "numbers =", "import time\ntime.sleep(1.2)\nnumbers =")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "sitebuild", "chapter/lesson"],
        cwd=mini.root,
        env={**os.environ, **ENVIRONMENT, "COLUMNS": "80"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            said += os.read(ours, 1000)
        except OSError:  # the other side is closed
            break
    assert process.wait() == 0
    lines = said.decode().split("\r\x1b[K")
    assert all(re.fullmatch(r"Snippets 0/1, \d+ s, running chapter/lesson", line) for line in lines[1:-1])
    assert lines[0] == "" and len(set(lines[1:-1])) >= 2, "it counts the seconds"
    assert re.fullmatch(r"Snippets 1/1 in \d+\.\d s\r\n", lines[-1])


def test_a_child_ends_when_its_parent_is_killed(mini: Mini) -> None:
    with socket.create_server(("127.0.0.1", 0)) as call:
        call.settimeout(120)
        mini.edit(
            "snippets/chapter/lesson.py",
            "numbers =",
            f"import socket\nline = socket.create_connection({call.getsockname()})\nwhile True: pass\nnumbers =",
        )
        process = mini.start("sitebuild", "chapter/lesson")
        line, _ = call.accept()
        process.kill()  # this process alone, not its group
        line.settimeout(60)
        assert line.recv(1) == b"", "the snippet has ended"
