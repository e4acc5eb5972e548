"""Everything that this Stripe knows: objects by kind and id, its clock, and the file in which they survive."""

from __future__ import annotations

import copy
import json
import os
import secrets
import string
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import Refusal, missing

Thing = dict[str, Any]
ALPHABET = string.ascii_letters + string.digits
# What a new home does when the last try to charge a renewal fails: cancel, unpaid or past_due.
SETTINGS = {"after_retries": "cancel"}


class Store:
    """One thread at a time, inside `change`; what a refused request wrote is taken back."""

    def __init__(self, home: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.tables: dict[str, dict[str, Thing]] = {}
        self.kinds: dict[str, str] = {}
        self.offset = 0
        self.settings = dict(SETTINGS)
        # The moment that the clock passes while it is moved; None otherwise.
        self.passing: int | None = None
        self.request: Thing = {"id": None, "idempotency_key": None}
        self.origin = ""
        self.after: list[Callable[[], None]] = []
        self._before: dict[tuple[str, str], Thing | None] = {}
        self._path = home / "stripe.json" if home else None
        if self._path:
            self._read(self._path)

    def now(self) -> int:
        """Return this Stripe's time, in seconds of the epoch."""
        return self.passing if self.passing is not None else int(time.time()) + self.offset

    def mint(self, prefix: str, length: int = 24) -> str:
        """Return a new id."""
        return prefix + "_" + "".join(secrets.choice(ALPHABET) for _ in range(length))

    @contextmanager
    def change(self) -> Iterator[Store]:
        """Hold the store; keep what the block wrote, or nothing where it raises (but for refusals that keep)."""
        with self.lock:
            self._before = {}
            try:
                yield self
            except Refusal as refusal:
                if not refusal.keep:
                    self._take_back()
                self._write()
                raise
            except BaseException:
                self._take_back()
                raise
            self._write()
        for call in self.after:
            call()

    def table(self, kind: str) -> dict[str, Thing]:
        """Return the objects of a kind by id, oldest first; not to be changed."""
        return self.tables.setdefault(kind, {})

    def add(self, thing: Thing, kind: str = "") -> Thing:
        """Take in a new object."""
        kind = kind or thing["object"]
        self._remember(kind, thing["id"])
        self.table(kind)[thing["id"]] = thing
        self.kinds[thing["id"]] = kind
        return thing

    def get(self, kind: str, key: str | None, param: str = "id", status: int = 404) -> Thing:
        """Return an object for reading. Raises Refusal where there is none."""
        found = self.table(kind).get(key or "")
        if found is None:
            raise missing(kind.rpartition(".")[2], (key or "")[:80], param, status)
        return found

    def edit(self, kind: str, key: str | None, param: str = "id", status: int = 404) -> Thing:
        """Return an object for changing. Raises Refusal where there is none."""
        found = self.get(kind, key, param, status)
        self._remember(kind, found["id"])
        return found

    def drop(self, kind: str, key: str) -> None:
        """Forget an object."""
        self._remember(kind, key)
        self.table(kind).pop(key, None)
        self.kinds.pop(key, None)

    def find(self, kind: str, **where: Any) -> list[Thing]:
        """Return the objects of a kind whose members have these values, oldest first."""
        return [
            thing for thing in self.table(kind).values() if all(thing.get(key) == each for key, each in where.items())
        ]

    def anything(self, key: str) -> Thing | None:
        """Return whatever has this id."""
        kind = self.kinds.get(key)
        return self.tables[kind].get(key) if kind else None

    def _remember(self, kind: str, key: str) -> None:
        if (kind, key) not in self._before:
            self._before[kind, key] = copy.deepcopy(self.table(kind).get(key))

    def _take_back(self) -> None:
        for (kind, key), before in self._before.items():
            if before is None:
                self.table(kind).pop(key, None)
                self.kinds.pop(key, None)
            else:
                self.table(kind)[key] = before
                self.kinds[key] = kind
        self._before = {}

    def _read(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            return
        try:
            state = json.loads(path.read_text())
            self.tables, self.offset = state["tables"], int(state["offset"])
            self.settings |= state["settings"]
            self.kinds = {key: kind for kind, table in self.tables.items() for key in table}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise SystemExit(f"The test Stripe cannot read {path}: {error}. Move it away to start anew.") from error

    def _write(self) -> None:
        if not self._path or not self._before:
            return
        state = {"offset": self.offset, "settings": self.settings, "tables": self.tables}
        draft = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w") as stream:
            stream.write(json.dumps(state, separators=(",", ":")))
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(self._path)

    def note(self) -> None:
        """Have the clock and the settings written with what this change writes."""
        self._before.setdefault(("", ""), None)
