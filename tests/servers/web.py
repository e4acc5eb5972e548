"""A search server (SearXNG's JSON) and a small web site, together on one origin."""

from __future__ import annotations

import json
from collections import Counter
from urllib.parse import parse_qs, urlsplit

from tests.servers.loopback import Quiet


class Site:
    """Pages by path: (content type, body). Every page is a hit of every search, in the order given."""

    def __init__(self, pages: dict[str, tuple[str, bytes]], *, extra_hits: tuple[str, ...] = ()) -> None:
        self.pages = pages
        self.extra_hits = extra_hits
        self.fetched: Counter[str] = Counter()
        self.queries: list[str] = []

    def handler(self) -> type[Quiet]:
        """Return a handler class bound to this site."""
        site = self

        class Handler(Quiet):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path == "/search":
                    site.queries.append(parse_qs(parts.query)["q"][0])
                    origin = f"http://{self.headers['Host']}"
                    urls = [origin + path for path in site.pages] + list(site.extra_hits)
                    rows = [{"url": url, "title": url.rsplit("/", 1)[-1], "content": "a page"} for url in urls]
                    self.answer(200, json.dumps({"results": rows}).encode())
                elif parts.path in site.pages:
                    site.fetched[parts.path] += 1
                    kind, body = site.pages[parts.path]
                    if kind == "redirect":
                        self.answer(302, b"", Location=body.decode())
                    else:
                        self.answer(200, body, kind)
                else:
                    self.answer(404, b"nothing", "text/plain")

        return Handler
