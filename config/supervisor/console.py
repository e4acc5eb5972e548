"""What the person at the keyboard sees: steps with their time, and the programs' logs with a prefix."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

COLOURS = {"web": 36, "gate": 35, "worker": 33, "scheduler": 34, "tools": 32, "stripe": 31}
HEARTBEAT_SECONDS = 5.0


@dataclass
class Follower:
    """One log file, read from where it ended when following began."""

    name: str
    path: Path
    offset: int
    rest: bytes = b""

    def read_lines(self) -> list[str]:
        """Return the whole lines written since the last call."""
        try:
            if self.path.stat().st_size < self.offset:
                self.offset = 0
            with self.path.open("rb") as stream:
                stream.seek(self.offset)
                fresh = stream.read(1_000_000)
        except OSError:
            return []
        self.offset += len(fresh)
        *lines, self.rest = (self.rest + fresh).split(b"\n")
        return [line.decode("utf-8", "replace").rstrip("\r") for line in lines]


@dataclass
class Console:
    """Prints steps and logs; a quiet one prints nothing and still keeps the times."""

    quiet: bool = False
    stream: TextIO = field(default_factory=lambda: sys.stdout)
    times: list[tuple[str, float]] = field(default_factory=list)
    followers: dict[str, Follower] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    doing: str = ""
    _since: float = 0.0
    _beat: float = 0.0

    def say(self, line: str) -> None:
        """Print one line; a closed terminal is no reason to fall over while stopping."""
        if self.quiet:
            return
        try:
            self.stream.write(f"{line}\n")
            self.stream.flush()
        except (OSError, ValueError):
            self.quiet = True
        except UnicodeEncodeError:
            self.stream.write(f"{line.encode('ascii', 'replace').decode()}\n")

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Show a step, how long it has been going, and how long it took."""
        self.doing, self._since = doing, time.monotonic()
        self._beat = self._since
        self.say(f"{self._elapsed()}  {doing} ...")
        try:
            yield
        except BaseException:
            self.doing = ""
            raise
        took = time.monotonic() - self._since
        self.times.append((doing, took))
        self.doing = ""
        self.say(f"{self._elapsed()}  {doing}: done in {took:.1f} s")

    def follow(self, name: str, path: Path) -> None:
        """Show from now on what is appended to a log."""
        if name not in self.followers:
            self.followers[name] = Follower(name, path, path.stat().st_size if path.exists() else 0)

    def tick(self) -> None:
        """Print what came in, and a sign of life in a long step."""
        for follower in list(self.followers.values()):
            for line in follower.read_lines():
                self.say(f"{self._prefix(follower.name)}{line}")
        now = time.monotonic()
        if self.doing and now - self._beat > HEARTBEAT_SECONDS:
            self._beat = now
            self.say(f"{self._elapsed()}  {self.doing}: {now - self._since:.0f} s so far")

    def table(self) -> None:
        """Print how long each step took."""
        width = max(len(name) for name, _ in self.times)
        for name, seconds in self.times:
            self.say(f"  {name:<{width}}  {seconds:6.1f} s")
        self.say(f"  {'together':<{width}}  {time.monotonic() - self.began:6.1f} s")

    def _elapsed(self) -> str:
        return f"[{time.monotonic() - self.began:5.1f} s]"

    def _prefix(self, name: str) -> str:
        if name not in COLOURS:
            return "    "
        plain = f"{name:<9} | "
        coloured = self.stream.isatty() and not os.environ.get("NO_COLOR")
        return f"\x1b[{COLOURS[name]}m{plain}\x1b[0m" if coloured else plain
