"""Find every page by following links, as everybody who may see something."""

from __future__ import annotations

import http.client
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin, urlsplit

from django.urls import NoReverseMatch, Resolver404, URLPattern, URLResolver, get_resolver, resolve, reverse

from tests.journeys.stack import Running

URLCONFS = {"apex": "config.urls_public", "workspace": "config.urls_workspace"}
# Who walks where. Nobody begins at the doors too: the addresses that stand in mails and messages.
WALKS = (
    ("bob", "acme"), ("alice", "acme"), ("alice", "apex"), ("vera", "acme"), ("paula", "acme"), ("adam", "apex"),
    ("stella", "apex"), ("", "apex"),
)  # fmt: skip
# What a run's page links to depends on its state, so bob looks at all of them.
MOST_RUNS = 60
# Parts of pages that have an address of their own, for htmx.
FRAGMENTS = {"research:find", "library:document_list"}
# Pages that say in words, and by their status, that what they are for is not there: yet, or any more.
SAYS_SO = {(404, "research:report"), (410, "accounts:join"), (401, "socialaccount_login_error")}
# Addresses that Django's staff pages have beside those we made, and second names of a page.
CLOSED = {
    "admin:login", "admin:autocomplete", "admin:jsi18n", "admin:view_on_site", "admin:password_change",
    "admin:password_change_done", "admin:auth_group_changelist", "admin:auth_group_change", "mfa_index",
    "research:approval", "research:styleguide", "accounts:home",
}  # fmt: skip
_LINK = re.compile(r"""<a\b[^>]*?\shref="([^"]*)""")


@dataclass(frozen=True)
class Place:
    """A page: who saw it where, and the name of its address."""

    person: str
    host: str
    path: str
    name: str

    @property
    def of_site(self) -> bool:
        """Whether it is a page of the public site: its address says its language, the browser does not."""
        return self.name == "home" or self.name.startswith("wagtail_serve")

    @property
    def kind(self) -> str:
        """The name with its host: what must be seen at least once."""
        return f"{'apex' if self.host == 'apex' else 'workspace'} {self.name}"


@dataclass
class Found:
    """Pages, the kinds of addresses that answered in any way, and links that led nowhere."""

    pages: list[Place] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    dead: list[str] = field(default_factory=list)


def walk(stack: Running, *, most: int, more: Iterable[str] = ()) -> Found:
    """Follow every link of every page; of each kind at most `most` pages for alice and for bob, half for others.

    more: addresses on the apex to which no link leads, for alice.
    """
    found = Found()
    for person, host in WALKS:
        first = {"stella": "/staff/", "paula": "/settings"}.get(person, "/")
        starts = [first, *(() if person else stack.made["doors"].values())]
        starts += more if (person, host) == ("alice", "apex") else []
        _walk(stack, found, person, host, starts, most if person in {"alice", "bob"} else -(-most // 2))
    return found


def _walk(stack: Running, found: Found, person: str, host: str, starts: list[str], most: int) -> None:
    seen, counts, waiting = set(starts), Counter[str](), deque((path, "the start") for path in starts)
    while waiting:
        path, origin = waiting.popleft()
        place = Place(person, host, path, name_of(host, path))
        counts[place.kind] += 1
        if counts[place.kind] > (MOST_RUNS if place.name == "research:run" and person == "bob" else most):
            continue
        status, kind, location, body = fetch(stack, person, host, path)
        found.reached.add(place.kind)
        links = [location] if location else []
        if status >= 400 and (status, place.name) not in SAYS_SO:
            found.dead.append(f"{status} {path} for {person or 'nobody'}, from {origin}")
        elif kind.startswith("text/html") and not location and not place.name.endswith("styleguide"):
            # The style guide shows many pages' parts at once, and leads to a workspace that is not there.
            found.pages.append(place)
            links = [unescape(link) for link in _LINK.findall(body)]
        for link in _local(stack, host, path, links):
            if link not in seen:
                seen.add(link)
                waiting.append((link, path))


def _local(stack: Running, host: str, path: str, links: Iterable[str]) -> Iterator[str]:
    origin = stack.host(host)
    for link in links:
        whole = urlsplit(urljoin(origin + path, link))
        if f"{whole.scheme}://{whole.netloc}" == origin:
            yield whole.path + (f"?{whole.query}" if whole.query else "")


def name_of(host: str, path: str) -> str:
    """Return the name of an address, or nothing for one that has none."""
    try:
        found = resolve(urlsplit(path).path, URLCONFS["apex" if host == "apex" else "workspace"])
    except Resolver404:
        return ""
    if found.view_name not in {"wagtail_serve", "home"}:
        return found.view_name
    # One view shows the whole site: its kinds of pages stand at different places.
    first, *more = urlsplit(path).path.strip("/").split("/")
    return f"wagtail_serve {first}{'/*' * len(more)}" if first else found.view_name


def fetch(stack: Running, person: str, host: str, path: str) -> tuple[int, str, str, str]:
    """Return status, content type (`attachment` for a file to keep), where a redirect leads, and the body."""
    whole = urlsplit(stack.host(host))
    line = http.client.HTTPConnection("127.0.0.1", whole.port or 80, timeout=60)
    key = stack.made["sessions"].get(person, {}).get(host)
    headers = {"Host": whole.netloc, "Accept-Language": "en"} | ({"Cookie": f"footnote_session={key}"} if key else {})
    line.request("GET", path, headers=headers)
    answer = line.getresponse()
    body = answer.read().decode(errors="replace")
    line.close()
    kept = answer.headers.get("Content-Disposition", "").startswith("attachment")
    kind = "attachment" if kept else answer.headers.get("Content-Type", "")
    return answer.status, kind, answer.headers.get("Location", ""), body


def one_of_each(pages: Iterable[Place]) -> list[Place]:
    """Return the first page of each kind, and every fifth run's own page: their states differ."""
    found: dict[str, Place] = {}
    for place in pages:
        found.setdefault(place.path if place.name == "research:run" else place.kind, place)
    runs = [place for place in found.values() if place.name == "research:run"]
    return [place for place in found.values() if place not in runs] + runs[::5]


def owner(name: str) -> str:
    """Return who may open an address of this name."""
    if name.startswith(("admin:", "staff_")):
        return "stella"
    return "adam" if name.startswith("mfa_") else "alice"


def is_staff_form(name: str) -> bool:
    """Tell whether a library makes this page: those by which staff would write, which we close, and the editors'."""
    if name.startswith("wagtail"):
        return True
    return name.startswith("admin:") and name.endswith(("_add", "_delete", "_history")) or name in CLOSED


def named(host: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every named address of a kind of host, with an example for each of its words."""
    yield from _named(get_resolver(URLCONFS[host]).url_patterns, (), {})


def _named(
    patterns: Iterable[URLPattern | URLResolver], spaces: tuple[str, ...], before: dict[str, str]
) -> Iterator[tuple[str, dict[str, str]]]:
    for each in patterns:
        words = before | {word: type(kind).__name__ for word, kind in getattr(each.pattern, "converters", {}).items()}
        words |= {word: "" for word in each.pattern.regex.groupindex if word not in words}
        if isinstance(each, URLResolver):
            inner = (*spaces, each.namespace) if each.namespace else spaces
            yield from _named(each.url_patterns, inner, words)
        elif each.name:
            yield ":".join((*spaces, each.name)), words


def address(host: str, name: str, words: dict[str, str], samples: dict[str, str]) -> str:
    """Return an address by its name, with samples for its words; nothing where they do not fit."""
    try:
        return reverse(name, URLCONFS[host], kwargs={word: samples.get(word, "1") for word in words})
    except NoReverseMatch:
        return ""
