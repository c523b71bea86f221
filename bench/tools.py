"""The other tools: an environment of their own over the project's, so that PyTorch is not installed twice."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

NAMES = ("mkdocs-jupyter", "nbconvert", "ipykernel", "sphinx", "sphinx-gallery")
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def python(cache: Path) -> Path:
    """The interpreter of `cache/bench-venv`, made and filled when it is missing or what it was made from changed."""
    venv = cache / "bench-venv"
    ready = venv / "ready"
    project = sysconfig.get_path("purelib")
    wanted = hashlib.sha256(f"{sys.version}\n{project}\n{REQUIREMENTS.read_text()}".encode()).hexdigest()
    found = venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not ready.is_file() or ready.read_text() != wanted:
        print(f"Installing {REQUIREMENTS.name} of bench into {venv}", flush=True)
        shutil.rmtree(venv, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        query = "import sysconfig; print(sysconfig.get_path('purelib'))"
        own = Path(subprocess.run([found, "-c", query], check=True, capture_output=True, text=True).stdout.strip())
        # After its own packages come the project's: pip counts them as installed.
        (own / "project.pth").write_text(f"{project}\n")
        subprocess.run(
            [found, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "-r", REQUIREMENTS], check=True
        )
        ready.write_text(wanted)
    return found


def versions(interpreter: Path) -> dict[str, str]:
    """The versions of the other tools."""
    query = f"from importlib.metadata import version\nfor n in {NAMES!r}: print(n, version(n))"
    lines = subprocess.run([interpreter, "-c", query], check=True, capture_output=True, text=True).stdout.splitlines()
    return dict(line.split() for line in lines)
