"""Nothing lost, nothing stale: whatever happens to a build, the site is one whole site, and the next build is good."""

from __future__ import annotations

import random
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mini import Mini, kill, tree

PAGES = [f"docs/{language}/{name}.md" for language in ("ko", "en") for name in ("index", "chapter/lesson")]
SNIPPET = "snippets/chapter/lesson.py"
WAIT = """\
import socket
with socket.create_connection(("127.0.0.1", {port})) as line:
    line.recv(1)
"""
"""Code that waits until the test that it calls up lets it go on."""


def stamp(mini: Mini, mark: str, code: bool) -> None:
    """Write `mark` on every page, and into what the snippet prints if `code`."""
    for page in PAGES:
        mini.write(page, mini.read(page).split("\nstamp")[0] + f"\nstamp {mark}.\n")
    if code:
        mini.write(SNIPPET, mini.read(SNIPPET).replace('"total', f'"stamp {mark}, total'))


def assert_next_build_is_good(mini: Mini, mark: str) -> dict[str, bytes]:
    built = mini.build()
    assert built.code == 0, built.text
    site = tree(mini.site)
    for name, content in site.items():
        assert not name.endswith("index.html") or f"stamp {mark}".encode() in content, f"{name} is stale"
    assert not list(mini.root.glob(".site-*")), "what the killed build left is still there"
    return site


@pytest.mark.parametrize("part", range(4))
def test_a_build_killed_at_any_moment_leaves_the_old_or_the_new_site_whole(part: int, mini: Mini) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    stamp(mini, "start", code=False)
    began = time.monotonic()
    old = assert_next_build_is_good(mini, "start")
    seconds = {False: time.monotonic() - began, True: 4.0}
    for count in range(5):
        code = count == part  # each part has one build that runs the snippet too
        stamp(mini, mark := f"{part}-{count}", code)
        moment = seconds[code] * (count + chance.random()) / 5
        print(f"kill at {moment:.3f} s of {seconds[code]:.3f} s, {code = }")
        process = mini.start("mkdocs", "build")
        time.sleep(moment)
        kill(process)
        left = tree(mini.site)
        new = assert_next_build_is_good(mini, mark)
        assert left in (old, new), f"neither: {[n for n in new if left.get(n) not in (old.get(n), new[n])]}"
        old = new


def test_a_build_killed_at_the_first_change_of_the_site_leaves_the_new_one_whole(mini: Mini) -> None:
    stamp(mini, "new", code=False)
    folder = mini.site.stat()
    process = mini.start("mkdocs", "build")
    while process.poll() is None and mini.site.exists():
        now = mini.site.stat()
        if (now.st_ino, now.st_mtime_ns) != (folder.st_ino, folder.st_mtime_ns):
            break
    kill(process)
    left = tree(mini.site)
    assert left == assert_next_build_is_good(mini, "new")


def test_a_run_that_is_killed_leaves_no_half_result(mini: Mini) -> None:
    with socket.create_server(("127.0.0.1", 0)) as call:
        call.settimeout(120)
        mini.edit(SNIPPET, "numbers = [1, 2, 4]\n", f"{WAIT.format(port=call.getsockname()[1])}numbers = [1, 2, 5]\n")
        kept = tree(mini.root / ".cache" / "runs")
        process = mini.start("mkdocs", "build")
        line, _ = call.accept()
        kill(process)
        assert line.recv(1) == b"", "the snippet ends with its build"
        assert tree(mini.root / ".cache" / "runs") == kept
        process = mini.start("mkdocs", "build", output=subprocess.PIPE)
        line, _ = call.accept()
        line.send(b"!")
        text, _ = process.communicate(timeout=300)
    assert process.returncode == 0, text
    assert "total 8" in (mini.site / "chapter/lesson/index.html").read_text()


@pytest.mark.parametrize("site_before", [True, False], ids=["beside-an-old-site", "without-a-site"])
def test_two_builds_at_once_both_succeed_and_leave_one_whole_site(site_before: bool, mini: Mini) -> None:
    stamp(mini, "both", code=True)
    if not site_before:
        shutil.rmtree(mini.site)
    builds = [mini.start("mkdocs", "build", output=subprocess.PIPE) for _ in range(2)]
    for build in builds:
        text, _ = build.communicate(timeout=300)
        assert build.returncode == 0, text
    together = tree(mini.site)
    assert together == assert_next_build_is_good(mini, "both")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 30 MB of its own, where the system lets one be mounted."""
    (disk := tmp_path / "disk").mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=30m", "none", disk], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no disk can be mounted here; the simulated one is tested everywhere")
    yield disk
    subprocess.run(["umount", disk], check=True)


def assert_build_says_the_disk_is_full(mini: Mini, **environment: str) -> None:
    before = tree(mini.site)
    built = mini.build(**environment)
    assert built.code == 1
    assert "Traceback" not in built.text
    sentence = (
        r"The disk is full: \S.* could not be written\. Free some space and build again; the site stays as it was\."
    )
    assert re.fullmatch(sentence, built.text.splitlines()[-1]), built.text
    assert tree(mini.site) == before
    assert not list(mini.root.glob(".site-*"))


@pytest.mark.parametrize("room", [0, 200_000], ids=["no-room-for-results", "no-room-for-the-site"])
def test_a_full_disk_says_so_and_leaves_the_old_site(room: int, built_mini: Mini, small_disk: Path) -> None:
    mini = built_mini.copy(small_disk / "project")
    stamp(mini, "full", code=room == 0)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - room))
    assert_build_says_the_disk_is_full(mini)
    filler.unlink()
    assert_next_build_is_good(mini, "full")


def test_a_disk_that_fills_up_while_pages_are_written_says_so(mini: Mini, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import builtins, errno, os\n"
        "true_open = open\n"
        "def full(file, mode='r', *more, **options):\n"
        "    if 'w' in mode and str(file).endswith('index.html') and os.sep + 'en' + os.sep in str(file):\n"
        "        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file)\n"
        "    return true_open(file, mode, *more, **options)\n"
        "builtins.open = full\n"
    )
    stamp(mini, "full", code=False)
    assert_build_says_the_disk_is_full(mini, PYTHONPATH=str(tmp_path))
    assert_next_build_is_good(mini, "full")


VARYING = """\
import random
import numpy as np
import torch

print({"sets", "have", "an", "order"}, random.random(), np.random.rand(), torch.rand(2))
fig, ax = plt.subplots(num="many-points")
ax.scatter(np.random.rand(5000), np.random.rand(5000))
ax.legend(["points"])
plt.show()
"""

LATER = """\
import datetime

class Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(days=40)

datetime.datetime = Later
"""


def test_the_same_sources_give_the_same_bytes_wherever_and_whenever_they_are_built(mini: Mini, tmp_path: Path) -> None:
    mini.edit(SNIPPET, "# --8<-- [end:second]", f"{VARYING}# --8<-- [end:second]")
    for language in ("ko", "en"):
        mini.edit(f"docs/{language}/chapter/lesson.md", "![", "![points](lesson/many-points.svg)\n\n![")
        mini.edit(
            f"docs/{language}/chapter/lesson.md", "![", '```output\n--8<-- "chapter/lesson/second.txt"\n```\n\n!['
        )
    shutil.rmtree(mini.root / ".cache")
    other = mini.copy(tmp_path / "another folder" / "with a longer name")
    (tmp_path / "sitecustomize.py").write_text(LATER)
    here = mini.build(TZ="Asia/Seoul", LANG="C", PYTHONHASHSEED="1")
    there = other.build(TZ="America/New_York", LANG="ko_KR.UTF-8", PYTHONHASHSEED="2", PYTHONPATH=str(tmp_path))
    for built in (here, there):
        assert built.code == 0, built.text
        assert "Running 1 snippet" in built.text
    first, second = tree(mini.site), tree(other.site)
    assert [name for name in first if first[name] != second.get(name)] == []
    assert first.keys() == second.keys()
    for name in ("", "en/"):
        assert {f"{name}sitemap.xml", f"{name}sitemap.xml.gz", f"{name}search/search_index.json"} <= first.keys()
        assert b"<loc>https://example.org/" in first[f"{name}sitemap.xml"]
        assert b"lastmod" not in first[f"{name}sitemap.xml"]
