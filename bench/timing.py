"""Commands timed from outside, as a person with a watch would, and whether other programs were in the way."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

WANTED = 3
"""Quiet measurements of each thing; up to twice as many are made to get them."""
CHEAP_SECONDS = 40.0
"""Of what takes longer than this, one is wanted."""
QUIET_SHARE = 0.1
"""Part of all cores that other programs may use when a measurement begins."""
QUIET_PATIENCE = 20.0
"""Seconds that a measurement waits for other programs."""
DISTURBED_SHARE = 0.15
"""Part of a measurement's time in which programs waited for a core, beyond which it is disturbed."""


@dataclass(frozen=True)
class Timed:
    """One measurement."""

    seconds: float
    disturbed: bool

    def __add__(self, other: Timed) -> Timed:
        return Timed(self.seconds + other.seconds, self.disturbed or other.disturbed)

    def __str__(self) -> str:
        return f"{self.seconds:.2f}{'*' * self.disturbed}"


@dataclass
class Times:
    """The measurements of one thing."""

    all: list[Timed] = field(default_factory=list)

    @property
    def quiet(self) -> list[float]:
        """The seconds of those that were not disturbed."""
        return [timed.seconds for timed in self.all if not timed.disturbed]

    @property
    def median(self) -> float:
        """Of the quiet ones, if there are any."""
        return statistics.median(self.quiet or [timed.seconds for timed in self.all])

    @property
    def enough(self) -> bool:
        """Whether there are as many quiet ones as are wanted, or the hope of them is given up."""
        if not self.all:
            return False
        cheap = min(timed.seconds for timed in self.all) < CHEAP_SECONDS
        return len(self.quiet) >= (WANTED if cheap else 1) or len(self.all) >= 2 * WANTED


class Watch:
    """Runs from when it is made, which waits until other programs leave the cores free, but not for ever."""

    def __init__(self) -> None:
        end = time.monotonic() + QUIET_PATIENCE
        while _busy_share() > QUIET_SHARE and time.monotonic() < end:
            pass
        self.waited = _seconds_waited_for_a_core()
        self.began = time.perf_counter()

    def stop(self) -> Timed:
        """The time since then."""
        seconds = time.perf_counter() - self.began
        return Timed(seconds, (_seconds_waited_for_a_core() - self.waited) / seconds > DISTURBED_SHARE)


def clock(*commands: list[str], folder: Path) -> Timed:
    """The time until all `commands`, started together in `folder`, have ended.

    Raises:
        RuntimeError: with what they printed, when one fails.
    """
    with (folder / "output.log").open("w+", encoding="utf-8") as log:
        watch = Watch()
        running = [
            subprocess.Popen(c, cwd=folder, env=environment(), stdout=log, stderr=subprocess.STDOUT) for c in commands
        ]
        codes = [process.wait() for process in running]
        timed = watch.stop()
        if any(codes):
            log.seek(0)
            raise RuntimeError(f"{commands} failed in {folder}:\n{log.read()[-4000:]}")
    return timed


def repeat(measure: Callable[[], Timed]) -> Times:
    """Measure until that is enough."""
    found = Times()
    while not found.enough:
        found.all.append(measure())
    return found


def environment() -> dict[str, str]:
    """What every command runs with: one thread for arithmetic, as in the build's own children."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "NO_MKDOCS_2_WARNING": "1"}


def _busy_share() -> float:
    """The part of all cores in use during half a second (0 where the system does not tell)."""
    first = _processor_times()
    time.sleep(0.5)
    spent = [after - before for before, after in zip(first, _processor_times(), strict=True)]
    return 1 - (spent[3] + spent[4]) / sum(spent) if sum(spent) else 0.0


def _processor_times() -> list[int]:
    try:
        return [int(ticks) for ticks in Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]]
    except OSError:
        return [0] * 5


def _seconds_waited_for_a_core() -> float:
    """Time so far in which some program had to wait for a core (0 where the system does not tell)."""
    try:
        return int(Path("/proc/pressure/cpu").read_text(encoding="ascii").splitlines()[0].rpartition("=")[2]) / 1e6
    except OSError:
        return 0.0
