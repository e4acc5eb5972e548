"""Who may open a connection to where: enforced by an audit hook in the process itself.

web, worker and scheduler reach Postgres, Redis and the gate, nothing else; only the gate goes out to the world, by
the fetch rules. In Compose internal networks enforce the same from outside. Postgres's own library connects below
Python and is not seen here: its address comes from DATABASE_URL alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from socket import getaddrinfo
from typing import Any
from urllib.parse import urlsplit

HELD = ("web", "worker", "scheduler")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_allowed: set[tuple[str, int]] = set()
_installed = False


class EgressRefused(PermissionError):
    """This process may not connect to this address."""


def guard(process: str, urls: Iterable[str]) -> None:
    """Hold a process to the addresses of some URLs; processes that are not in HELD stay free."""
    global _installed
    if process not in HELD:
        return
    for url in filter(None, urls):
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        _allowed.update((address, port) for address in _addresses(parts.hostname or "", port))
    if not _installed:
        # An audit hook can't be removed again, which is the point of it.
        sys.addaudithook(_check)
        _installed = True


def _check(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect":
        return
    address = arguments[1]
    if not isinstance(address, tuple):
        return
    host, port = str(address[0]), int(address[1])
    if host in LOOPBACK:
        host = "localhost"
    if (host, port) not in _allowed:
        raise EgressRefused(f"This process may not connect to {host}:{port}: only the gate goes out.")


def _addresses(host: str, port: int) -> set[str]:
    """A name is looked up once, now: what is connected to later is an address."""
    if host in LOOPBACK:
        return {"localhost"}
    try:
        return {host, *(str(found[4][0]) for found in getaddrinfo(host, port))}
    except OSError:
        return {host}
