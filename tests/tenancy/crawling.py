"""Browsers of many people that ask for anything and change nothing: each answer is read, then rolled back."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

import pypdf
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from apps.accounts import tenancy
from apps.accounts.tenancy import connection as switching
from tests.tenancy.planting import BAIT, READERS, World

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever the block writes, and forget which schema and role Postgres was told in it."""
    before = switching.schema_name, switching.acting
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
            switching.act(schema=tenancy.PUBLIC, acting="platform")
    switching.search_path_set_schemas = None
    switching.act(schema=before[0], acting=before[1])


@dataclass
class Visitor:
    """One person's browser on one host. on: which workspace's host, or the apex; home: the workspace they belong to."""

    name: str
    host: str
    on: str = "apex"
    home: str = ""
    person: int | None = None
    client: Client = field(init=False)
    kept: str = ""

    def __post_init__(self) -> None:
        self.client = Client(raise_request_exception=False, headers={"host": self.host, "accept-language": "en"})
        if self.person is not None:
            with tenancy.as_platform("a test signs in"):
                self.client.force_login(get_user_model().objects.get(pk=self.person))
        self.kept = self.client.cookies.output(header="", sep=";")

    @property
    def session(self) -> str:
        """The cookie header of this browser."""
        cookie = self.client.cookies.get(settings.SESSION_COOKIE_NAME)
        return f"{settings.SESSION_COOKIE_NAME}={cookie.value}" if cookie else ""

    def ask(self, method: str, path: str, **more: Any) -> HttpResponse:
        """Return the answer to one request that has left no trace; a redirect on this host is followed once."""
        with undone():
            if isinstance(more.get("data"), bytes):
                answer = self.client.generic(method, path, **more)
            else:
                answer = getattr(self.client, method.lower())(path, **more)
            answer.seen = read(answer)
            answer.fine = getattr(answer, "exc_info", None) is None
            to = answer.headers.get("Location", "")
            if method == "POST" and to.startswith("/"):
                answer.seen += read(self.client.get(to))
        self.client.cookies = SimpleCookie(self.kept)
        return answer


def read(answer: HttpResponse) -> str:
    """Return everything that an answer says: status line, headers, cookies, body; PDFs and archives opened."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return f"{head}\n{answer.cookies.output()}\n{opened(body)}"


def opened(body: bytes) -> str:
    """Return the text in a body.

    >>> opened(b"plain")
    'plain'
    """
    if body.startswith(b"%PDF"):
        document = pypdf.PdfReader(io.BytesIO(body))
        said = "".join(page.extract_text() for page in document.pages)
        return re.sub(r"\s|-\n", "", said) + str(document.metadata)
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            return "\n".join(parts.read(name).decode(errors="replace") for name in parts.namelist())
    return body.decode(errors="replace")


@dataclass(frozen=True)
class Judge:
    """Knows what nobody but its readers may see. sealed: id → (workspace, seal)."""

    sealed: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, world: World) -> Judge:
        """Return the judge of a world."""
        return cls({id_: (space.name, seal) for space in world.spaces.values() for id_, seal in space.sealed.items()})

    def found(self, text: str) -> set[tuple[str, str, str]]:
        """Return (workspace, seal, place) of each bait and each sealed id in a text."""
        there = {(m[1], m[2], m[3]) for m in BAIT.finditer(text)}
        there |= {(*self.sealed[id_], id_) for id_ in set(re.findall(r"[a-z]+_[0-9A-Z]{16,}", text)) & set(self.sealed)}
        return there

    def leaks(self, visitor: Visitor, asked: Asked, text: str) -> list[str]:
        """Return what a text says that this visitor must not be told there."""
        return sorted(
            f"{visitor.name}@{visitor.host}: {asked.method} {asked.path}: {space} {seal} {place}"
            for space, seal, place in self.found(text)
            if place not in asked.said and not may_read(visitor, asked, space, seal, place)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. said: all that the visitor sent, for what they know already is no news. opens: by a link."""

    method: str
    pattern: str
    path: str
    said: str
    opens: tuple[str, str] = ("", "")


# What staff open for a reason that they give, and the workspace reads: a POST with a reason, as tests/staff tells.
FOR_A_REASON = ("staff/runs/", "staff/agenda/pendingapproval/")


def may_read(visitor: Visitor, asked: Asked, space: str, seal: str, place: str) -> bool:
    """Tell whether a visitor may be told what carries a seal, at this place."""
    if (space, seal) == asked.opens or place == f"name{visitor.name}":
        return True
    if visitor.name == "stella" and asked.pattern.startswith("staff/"):
        return seal == "open" or not place.isalpha() or (
            asked.method == "POST" and asked.pattern.startswith(FOR_A_REASON)
        )  # fmt: skip
    if visitor.home != space or visitor.name not in READERS[seal]:
        return False
    return visitor.on == space or (visitor.on == "apex" and seal in {"open", "mine"})
