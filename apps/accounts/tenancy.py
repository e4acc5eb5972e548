"""The only way from one schema and role to another."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from django.db import connection as stock

if TYPE_CHECKING:
    from apps.accounts.postgres.base import DatabaseWrapper

PUBLIC = "public"
# The one connection of this thread, known by the type of the back end that settings name.
connection = cast("DatabaseWrapper", stock)


@contextmanager
def acting(schema: str, who: str) -> Iterator[None]:
    """Act in a schema as member, gate, platform, owner or login, and go back afterwards, whatever happens."""
    before = connection.schema_name, connection.acting
    connection.act(schema=schema, acting=who)
    try:
        yield
    finally:
        connection.act(schema=before[0], acting=before[1])


@contextmanager
def in_workspace(schema: str, *, gate: bool = False) -> Iterator[None]:
    """Work inside one workspace, as web and worker do, or as the gate does.

    schema: the workspace's schema name (never its slug). Raises ValueError for `public`.
    """
    if not schema or schema == PUBLIC:
        raise ValueError("in_workspace needs a workspace's schema, not public")
    with acting(schema, "gate" if gate else "member"):
        yield


@contextmanager
def as_platform(reason: str) -> Iterator[None]:
    """Read or write shared tables with the platform's role; `reason` is for the reader of the call."""
    if not reason:
        raise ValueError("as_platform needs a reason")
    with acting(PUBLIC, "platform"):
        yield


def exists(schema: str) -> bool:
    """Tell whether a schema is there, whatever the workspace's state."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
        return cursor.fetchone() is not None


def current() -> str:
    """Return the schema this thread works in."""
    return connection.schema_name


def close() -> None:
    """Give this thread's connection back to the pool, in the public schema, as the platform."""
    connection.act(schema=PUBLIC, acting="platform")
    connection.close()


class Lock:
    """A Postgres advisory lock on a connection of its own: the server frees it when this process dies.

    Any thread may ask for it. That it is still held is looked up at most once a second.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._own = connection.copy()
        self._own.inc_thread_sharing()
        self._one = threading.Lock()
        self._checked = 0.0

    def hold(self) -> bool:
        """Take the lock, or check that we still have it; False when somebody else does.

        Raises OperationalError when Postgres does not answer.
        """
        with self._one:
            if self._own.connection is not None and time.monotonic() - self._checked < 1:
                return True
            if self._own.connection is not None and not self._own.is_usable():
                self._own.close()
            if self._own.connection is None:
                with self._own.cursor() as cursor:
                    cursor.execute("SELECT pg_try_advisory_lock(%s)", [self.number])
                    if not cursor.fetchone()[0]:
                        self._own.close()
                        return False
            self._checked = time.monotonic()
            return True

    def drop(self) -> None:
        """Give the lock up, and its connection back to nobody: a lock must not travel on through the pool."""
        if self._own.connection is not None:
            with self._own.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [self.number])
            self._own.close()


def is_locked(number: int) -> bool:
    """Tell whether some living session holds an advisory lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            return True
        cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
        return False
