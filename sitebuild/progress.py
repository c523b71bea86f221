"""What a build says while snippets run: one live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO


class Progress:
    """`start`, then `show` as often as wanted and `finish` for each snippet, then `end`."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.total = self.done = 0
        self.began = 0.0

    def start(self, total: int) -> None:
        self.total, self.done, self.began = total, 0, time.monotonic()
        if not self.live:
            self._write(f"Running {total} snippet{'s' * (total != 1)}\n")

    def show(self, running: list[str]) -> None:
        if self.live:
            seconds = time.monotonic() - self.began
            line = f"Snippets {self.done}/{self.total}, {seconds:.0f} s, running {', '.join(running) or '…'}"
            width = shutil.get_terminal_size().columns - 1
            self._write("\r\x1b[K" + line[:width])

    def finish(self, name: str, how: str) -> None:
        self.done += 1
        if not self.live:
            self._write(f"  {self.done}/{self.total} {name} {how}\n")

    def end(self) -> None:
        if self.live:
            seconds = time.monotonic() - self.began
            self._write(f"\r\x1b[KSnippets {self.done}/{self.total} in {seconds:.1f} s\n")

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()
