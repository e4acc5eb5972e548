"""The web: one address, resolved once, re-checked at each redirect."""

from __future__ import annotations

from email.message import Message

from apps.integrations.contracts.fetch import FetchReply, FetchRequest
from apps.integrations.contracts.outcomes import Late, Refused, Unreachable, Unusable
from apps.lib import http


class WebFetcher:
    """Fetches public pages; loopback_hosts are `host:port` on this machine that it may reach all the same."""

    provider = "web"

    def __init__(self, *, loopback_hosts: tuple[str, ...] = ()) -> None:
        self._loopback_hosts = loopback_hosts

    def fetch(self, request: FetchRequest) -> FetchReply:
        """Fetch one page. Raises: Unreachable, Late, Unusable (too large), Refused (address rules, 4xx)."""
        try:
            page = http.fetch(
                request.url, max_bytes=request.max_bytes, seconds=request.deadline_seconds,
                loopback_hosts=self._loopback_hosts,
            )  # fmt: skip
        except http.Forbidden as error:
            raise Refused(error.sentence) from error
        except http.TooLarge as error:
            raise Refused(error.sentence) from error
        except http.TooSlow as error:
            raise Late(error.sentence) from error
        except http.HttpError as error:
            raise Unreachable(error.sentence) from error
        if page.status in {429, 408} or page.status >= 500:
            raise Unreachable(f"The page answered {page.status}.")
        if page.status != 200:
            raise Refused(f"The page answered {page.status}.")
        if not page.body.strip():
            raise Unusable("The page is empty.")
        header = Message()
        header["content-type"] = page.headers.get("content-type", "")
        return FetchReply(page.url, page.status, header.get_content_type(), header.get_content_charset(), page.body)
