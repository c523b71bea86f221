"""Each mistake that a writer can make fails the build with one sentence: the file, the line and the way out.

All are made in a tiny project and built by `mkdocs build` in a process of its own.
"""

from __future__ import annotations

import re
import socket
import subprocess
from pathlib import Path

import pytest

from tests.mini import Mini, tree

KO, EN, SNIPPET = "docs/ko/chapter/lesson.md", "docs/en/chapter/lesson.md", "snippets/chapter/lesson.py"
AGREE = "the two pages must agree, in the same order"


def problems_of(mini: Mini, **environment: str) -> list[str]:
    """What a build lists that must fail without a traceback and leave the old site as it was."""
    before = tree(mini.site)
    built = mini.build(**environment)
    assert built.code == 1, built.text
    assert "Traceback" not in built.text
    assert tree(mini.site) == before
    assert not list(mini.root.glob(".site-*")), "a half-built site is left"
    for problem in built.problems:
        assert re.fullmatch(r"[\w./-]+(:[1-9]\d*)?: \S.*", problem), "no place and sentence"
    if built.problems:
        count = len(built.problems)
        assert f"\n{count} problem{'s' * (count > 1)}, listed above; the site stays as it was.\n" in built.text
    return built.problems or [built.text]


def figure(call: str, then: str = "plt.show()") -> str:
    return f"import matplotlib.pyplot as plt\n{call}\n{then}"


IN_CODE = {
    "raises": (
        "x = 0\n1 / x",
        ':3: section "s" raises ZeroDivisionError: division by zero: mend it, or catch and print it if it is meant',
    ),
    "raises_two_lines": (
        'raise ValueError("one\\ntwo")',
        ':2: section "s" raises ValueError: one two: mend it, or catch and print it if it is meant',
    ),
    "hangs": (
        "import time\ntime.sleep(600)\n# time limit: 1 s",
        ':2: section "s" is still running at the time limit of 1 s: make it faster,'
        " or begin the script with a comment like `# time limit: 120 s`",
    ),
    "sys_exit": ("import sys\nsys.exit(0)", ':3: section "s" exits the process: remove the call that does so'),
    "os_exit": ("import os\nos._exit(0)", ':2: section "s" exits the process (code 0): remove the call that does so'),
    "killed": (
        "import os\nos.kill(os.getpid(), 9)",
        ':2: section "s" was killed (signal 9), most often for lack of memory: let it use less',
    ),
    "crashes": (
        "import os\nos.kill(os.getpid(), 11)",
        ':2: section "s" crashes the process (signal 11): find the call that does so, or do without it',
    ),
    "unnamed_figure": (
        figure("plt.plot([1, 2])"),
        ':4: section "s": this figure has no name: give it one with plt.subplots(num="what-it-shows")',
    ),
    "twice_named_figure": (
        figure('plt.figure("a")\nplt.show()\nplt.figure("a")'),
        ':6: section "s": a second figure is named "a": give it a name of its own',
    ),
    "badly_named_figure": (
        figure('plt.figure("A b")'),
        ':4: section "s": the figure name "A b" must be lower-case words joined by hyphens',
    ),
    "figure_never_shown": (
        figure('plt.figure("a")', then=""),
        ':2: section "s" draws a figure that it never shows: end it with plt.show()',
    ),
    "small_text": (
        figure('plt.figure("a")\nplt.figtext(0, 0, "tiny", size=5)'),
        ':5: section "s": figure "a" shows "tiny" 4.9 px high on a phone:'
        " use a font of 10.1 pt or more at this width, or a narrower figure",
    ),
    "wrong_shape": (
        "import torch\nx = torch.zeros(2, 3)  # (3, 2)",
        ':3: section "s": the comment says (3, 2), but x has the shape (2, 3): mend one of the two',
    ),
    "shape_of_a_number": (
        "x = 3  # (3, 2)",
        ':2: section "s": the comment gives x a shape, but it is of type int: write another comment',
    ),
    "syntax": ("x = = 3", ":2: Python cannot read this line (invalid syntax): mend the syntax"),
    "outside": (
        "# --8<-- [end:s]\nx = 3\n# --8<-- [start:t]\nx = 4\n# --8<-- [end:t]\n# --8<-- [start:s2]",
        ":3: this line is in no section, so no page can show it: move it between a [start:…] and its [end:…]",
    ),
    "wrong_end": ("# --8<-- [end:t]", ':2: "t" ends here but did not start: name the section that is open'),
    "nested": ("# --8<-- [start:t]", ':2: section "t" starts inside "s": end that one first'),
    "bad_marker": ("# --8<-- start:t", ":2: a marker must be exactly `# --8<-- [start:NAME]` or `[end:NAME]`"),
}
"""What is wrong in a snippet: the code from its line 2 on, and the line and sentence that say so."""


@pytest.fixture(scope="module")
def broken(built_mini: Mini, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The problems of one build that has every mistake in code, each in a snippet of its own, and some on pages."""
    mini = built_mini.copy(tmp_path_factory.mktemp("broken") / "project")
    for name, (code, _) in IN_CODE.items():
        mini.write(f"snippets/chapter/{name}.py", f"# --8<-- [start:s]\n{code}\n# --8<-- [end:s]\n")
    mini.edit(SNIPPET, "sum(numbers)", "sum(numbers) + 1")  # this one runs well beside the broken ones
    mini.edit(KO, "[한글 start](../index.md)", "[한글 start](../nothing.md)")
    mini.edit(EN, "first.total", "first.nothing")
    mini.edit(EN, "{ #line }", "")
    return problems_of(mini)


@pytest.mark.parametrize("name", IN_CODE)
def test_a_mistake_in_code_is_named_with_its_line(name: str, broken: list[str]) -> None:
    assert f"snippets/chapter/{name}.py{IN_CODE[name][1]}" in broken


def test_everything_wrong_with_code_and_pages_is_listed_by_one_build(broken: list[str]) -> None:
    files = [problem.split(":")[0] for problem in broken]
    assert files == sorted(files)
    assert {f"snippets/chapter/{name}.py" for name in IN_CODE} <= set(files)
    on_pages = [problem for problem in broken if problem.startswith("docs/")]
    assert [re.sub(r": .*", "", problem) for problem in on_pages] == [f"{EN}:6", f"{EN}:18", f"{EN}:18", f"{KO}:6"]
    assert not [problem for problem in broken if problem.startswith(SNIPPET)]


IN_FILES: dict[str, tuple[list[tuple[str, str, str | None]], str]] = {
    "section that never ends": (
        [(SNIPPET, "# --8<-- [end:second]\n", "")],
        f'{SNIPPET}:7: section "second" never ends: add `# --8<-- [end:second]`',
    ),
    "section that does not exist": (
        [(KO, "lesson.py:first", "lesson.py:frist")],
        f'{KO}:11: {SNIPPET} has no section "frist"; it has: first, second',
    ),
    "snippet that does not exist": (
        [(KO, '"chapter/lesson.py:first', '"chapter/leson.py:first')],
        f"{KO}:11: no snippet snippets/chapter/leson.py made this; there are: chapter/lesson",
    ),
    "output that does not exist": (
        [(EN, "lesson/first.txt", "lesson/frist.txt")],
        f'{EN}:15: {SNIPPET} has no section "frist"; it has: first, second',
    ),
    "output of a section that prints nothing": (
        [(EN, "lesson/first.txt", "lesson/second.txt")],
        f'{EN}:15: section "second" of {SNIPPET} prints nothing: remove this block',
    ),
    "section that no page shows": (
        [(KO, '```python\n--8<-- "chapter/lesson.py:second"\n```\n', "")],
        f'{SNIPPET}:8: the code of section "second" is not on {KO}: show it there',
    ),
    "section shown twice": (
        [(KO, "lesson.py:second", "lesson.py:first")],
        f'{SNIPPET}:2: the code of section "first" stands 2 times on {KO}: show it once',
    ),
    "output that no page shows": (
        [(EN, '```output\n--8<-- "chapter/lesson/first.txt"\n```\n', "")],
        f'{SNIPPET}:2: the output of section "first" is not on {EN}: show it there',
    ),
    "figure that no page uses": (
        [(KO, "![한글 rising line](lesson/a-line.svg)", "")],
        f'{SNIPPET}:10: the figure "a-line" is not on {KO}: show it there with its alt text, or do not draw it',
    ),
    "figure that does not exist": (
        [(EN, "lesson/a-line.svg", "lesson/b-line.svg")],
        f'{EN}:24: {SNIPPET} draws no figure "b-line"; it draws: a-line',
    ),
    "page in Korean only": (
        [("docs/en/index.md", "", None)],
        "docs/ko/index.md: this page has no twin: write docs/en/index.md, or remove it",
    ),
    "page in English only": (
        [("docs/ko/index.md", "", None)],
        "docs/en/index.md: this page has no twin: write docs/ko/index.md, or remove it",
    ),
    "heading without id": (
        [(KO, " { #sum }", "")],
        f'{KO}:8: the heading "한글 sum" has no id: end it with {{ #words-like-this }}',
    ),
    "heading without id inside an admonition": (
        [(EN, "## English line", "!!! deeper\n    ## More\n\n## English line")],
        f'{EN}:19: the heading "More" has no id: end it with {{ #words-like-this }}',
    ),
    "heading made by a line below it": (
        [(EN, "## English line", "Words\n---\n\n## English line")],
        f'{EN}:18: the line below makes "Words" a heading: write ## Words {{ #words-like-this }}',
    ),
    "two headings with one id": (
        [(KO, "{ #line }", "{ #sum }")],
        f'{KO}:18: a second heading has the id "sum": give it another',
    ),
    "ids that differ": (
        [(EN, "{ #sum }", "{ #summe }")],
        f'{EN}:8: heading id 2 is "summe", but in {KO}:8 it is "sum": {AGREE}',
    ),
    "ids in another order": (
        [(EN, "{ #sum }", "{ #x }"), (EN, "{ #line }", "{ #sum }"), (EN, "{ #x }", "{ #line }")],
        f'{EN}:8: heading id 2 is "line", but in {KO}:8 it is "sum": {AGREE}',
    ),
    "heading in one language only": (
        [(KO, "## 한글 line { #line }", "")],
        f'{EN}:18: heading id 3 is "line", but in {KO} it is "nothing more": {AGREE}',
    ),
    "code in another order": (
        [(EN, ':first"', ':x"'), (EN, ':second"', ':first"'), (EN, ':x"', ':second"')],
        f'{EN}:11: section of code 1 is "chapter/lesson.py:second", but in {KO}:11 it is "chapter/lesson.py:first":'
        f" {AGREE}",
    ),
    "code shown before code that runs earlier": (
        [(EN, ':first"', ':x"'), (EN, ':second"', ':first"'), (EN, ':x"', ':second"')],
        f'{EN}:21: section "first" stands after "second", but runs before it in {SNIPPET}:'
        " show sections in the order in which they run",
    ),
    "code that belongs to no snippet": (
        [(EN, '--8<-- "chapter/lesson.py:first"', "print(1)")],
        f'{EN}:10: this code belongs to no snippet: include it (--8<-- "snippet.py:section"),'
        " or mark the block as not to be run: ```{ .python .not-run }",
    ),
    "code beside an include": (
        [(EN, '--8<-- "chapter/lesson.py:first"', '--8<-- "chapter/lesson.py:first"\nprint(1)')],
        f'{EN}:10: this code belongs to no snippet: include it (--8<-- "snippet.py:section"),'
        " or mark the block as not to be run: ```{ .python .not-run }",
    ),
    "typed output": (
        [(EN, '--8<-- "chapter/lesson/first.txt"', "total 7")],
        f'{EN}:14: this output belongs to no snippet: include it (--8<-- "snippet/section.txt"),'
        " or mark the block as not to be run: ```{ .python .not-run }",
    ),
    "code in a quotation": (
        [(EN, "## English line", "> ```python\n> print(1)\n> ```\n\n## English line")],
        f'{EN}:18: this code belongs to no snippet: include it (--8<-- "snippet.py:section"),'
        " or mark the block as not to be run: ```{ .python .not-run }",
    ),
    "block that is not marked": (
        [(KO, "```output", "```sh\nls\n```\n\n```output")],
        f"{KO}:14: a block must be ```python, ```output or, not to be run, ```{{ .sh .not-run }}; this one is ```sh",
    ),
    "block between tildes": (
        [(KO, "```output", "~~~python\n1\n~~~\n\n```output")],
        f"{KO}:14: use ``` for code: tests do not see blocks between ~~~",
    ),
    "code made by indenting": (
        [(EN, "## English line", "Words.\n\n    print(1)\n\n## English line")],
        f'{EN}:20: "print(1)" is indented so far that it becomes code: indent it less, or use ```',
    ),
    "include in prose": (
        [(EN, "## English line", '--8<-- "nothing.md"\n\n## English line')],
        f"{EN}:18: an include must stand in a ```python or ```output block",
    ),
    "include in a block that is not run": (
        [(EN, "## English line", '```{ .python .not-run }\n--8<-- "nothing.py"\n```\n\n## English line')],
        f"{EN}:18: an include must stand in a ```python or ```output block",
    ),
    "image without alt": (
        [(EN, "![English rising line]", "![]")],
        f"{EN}:24: the image lesson/a-line.svg has no alt text: say what is seen in it",
    ),
    "broken link in Korean": (
        [(KO, "../index.md", "../nothing.md")],
        f"{KO}:6: broken link \"../nothing.md\": the target 'nothing.md' is not found among documentation files;"
        " mend it or remove it",
    ),
    "broken link in English": (
        [(EN, "../index.md", "../nothing.md")],
        f"{EN}:6: broken link \"../nothing.md\": the target 'nothing.md' is not found among documentation files;"
        " mend it or remove it",
    ),
    "broken anchor in Korean": (
        [(KO, "../index.md", "../index.md#nothing")],
        f"{KO}:6: broken link \"../index.md#nothing\": the doc 'index.md' does not contain an anchor '#nothing';"
        " mend it or remove it",
    ),
    "broken anchor in English": (
        [(EN, "../index.md", "#nothing")],
        f'{EN}:6: broken link "#nothing": there is no such anchor on this page; mend it or remove it',
    ),
    "page out of the navigation": (
        [("mkdocs.en.yml", "  - Lesson: chapter/lesson.md\n", "")],
        "mkdocs.en.yml: The following pages exist in the docs directory,"
        ' but are not included in the "nav" configuration: - chapter/lesson.md',
    ),
    "value that does not exist": (
        [(EN, "first.total", "first.nothing")],
        f'{EN}:6: {{{{ first.nothing:.1f}}}}: "first" ends with no plain value named "nothing"; it has: numbers, total',
    ),
    "value of a section that does not exist": (
        [(KO, "first.total", "frist.total")],
        f'{KO}:6: {{{{ frist.total:.1f}}}}: no snippet that this page includes has a section "frist";'
        " it includes: chapter/lesson",
    ),
    "value in a format that does not exist": (
        [(EN, ".1f", ".1q")],
        f"{EN}:6: {{{{ first.total:.1q}}}} cannot be written: Unknown format code 'q' for object of type 'int';"
        " mend what stands after the name",
    ),
    "braces that name no value": (
        [(EN, "first.total:.1f", "total")],
        f"{EN}:6: {{{{ total}}}} names no value of a run:"
        " write {{ section.variable:.2f }}, or { { where double braces are meant",
    ),
    "formula that cannot be typeset": (
        [(KO, "$x^2$", r"$\nothing{x}$")],
        rf"{KO}:6: the formula \nothing{{x}} cannot be typeset: \nothing is not understood; write it another way",
    ),
    "furniture that does not exist": (
        [(EN, "## English line", '!!! mistakes "Words"\n    text\n\n## English line')],
        f'{EN}:18: there is no furniture named "mistakes";'
        " there are: question, predict, by-hand, mistake, deeper, slide, keep, check",
    ),
}
"""What is wrong in a file: the edits that make it so (to `None`: the file is removed), and the whole problem."""


@pytest.mark.parametrize("name", IN_FILES)
def test_a_mistake_in_a_file_is_named_with_its_line(name: str, mini: Mini) -> None:
    edits, problem = IN_FILES[name]
    for file, old, new in edits:
        if new is None:
            (mini.root / file).unlink()
        else:
            mini.edit(file, old, new)
    assert problem in problems_of(mini)


def test_a_link_that_is_broken_twice_is_named_at_both_places(mini: Mini) -> None:
    mini.edit(EN, "## English line", "[a](gone.md) and\n[b](gone.md)\n\n## English line")
    lines = [problem.split(": ")[0] for problem in problems_of(mini)]
    assert lines == [f"{EN}:18", f"{EN}:19"]


def test_a_snippet_without_a_page_is_named_for_each_language(mini: Mini) -> None:
    new = "snippets/chapter/new_lesson.py"
    mini.write(new, mini.read(SNIPPET))
    for problem, language in zip(problems_of(mini), ("en", "ko"), strict=True):
        assert problem == f"{new}: no page shows this snippet: write docs/{language}/chapter/new-lesson.md"


def test_a_wrong_python_is_told_how_to_get_a_right_one(mini: Mini, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import collections, sys\n"
        "fields = collections.namedtuple('version_info', 'major minor micro releaselevel serial')\n"
        "sys.version_info = fields(3, 10, 9, 'final', 0)\n"
        "sys.version = '3.10.9 (main)'\n"
    )
    (text,) = problems_of(mini, PYTHONPATH=str(tmp_path))
    assert text == (
        "This project needs Python 3.11 or newer, and this is Python 3.10.9."
        " Make the virtual environment with a newer one, for example: python3.11 -m venv .venv\n"
    )


def test_without_torch_the_way_to_install_it_is_told(mini: Mini, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "from importlib.machinery import PathFinder\n"
        "find = PathFinder.find_spec\n"
        "PathFinder.find_spec = lambda name, *more: None if name == 'torch' else find(name, *more)\n"
    )
    (text,) = problems_of(mini, PYTHONPATH=str(tmp_path))
    assert text == ("\nPyTorch is not installed here, and the snippets need it: run pip install -r requirements.txt\n")


def test_serving_on_a_port_in_use_names_another(mini: Mini) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = mini.start("mkdocs", "serve", "-a", f"127.0.0.1:{port}", output=subprocess.PIPE)
        text, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Traceback" not in text
    assert text.splitlines()[-1] == (
        f"Port {port} is in use (Address already in use): stop the program that has it, or serve elsewhere:"
        f" make serve PORT={port + 1}, or mkdocs serve -a 127.0.0.1:{port + 1}"
    )
