"""A finished site takes the place of the old one in one step, so that a killed build leaves one of the two, whole."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path
from uuid import uuid4


def staging_folder(final: Path) -> Path:
    """A new place beside `final` to build in. What killed builds left there is removed."""
    for left in final.parent.glob(f".{final.name}-*"):
        owner = left.name.removeprefix(f".{final.name}-").split("-")[0]
        if owner.isdigit() and not _is_alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    return final.with_name(f".{final.name}-{os.getpid()}-{uuid4().hex[:8]}")


def put_in_place(staged: Path, final: Path) -> None:
    """Make `staged` the folder `final`; what stood there is removed afterwards."""
    if final.exists():
        if not _exchange(staged, final):
            old = final.with_name(f"{staged.name}-old")
            final.rename(old)
            staged.rename(final)
            staged = old
        shutil.rmtree(staged, ignore_errors=True)
    else:
        try:
            staged.rename(final)
        except OSError:
            if not final.exists():
                raise
            put_in_place(staged, final)  # another build was first


def _exchange(first: Path, second: Path) -> bool:
    """Swap two folders in one step where the system can (Linux, macOS); says whether it did."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            failed = library.renamex_np(os.fsencode(first), os.fsencode(second), 2)  # RENAME_SWAP
        else:
            failed = library.renameat2(-100, os.fsencode(first), -100, os.fsencode(second), 2)  # RENAME_EXCHANGE
        return bool(failed == 0)
    except (AttributeError, OSError, TypeError):
        return False


def _is_alive(process: int) -> bool:
    if sys.platform == "win32":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
