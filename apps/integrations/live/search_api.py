"""What the search adapters share: one JSON request, translated errors, checked hits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from apps.integrations.contracts.outcomes import Late, Refused, Throttled, Unreachable, Unusable
from apps.integrations.contracts.search import Hit, SearchReply
from apps.lib import http

MOST_BYTES = 5_000_000


def ask(method: str, url: str, *, seconds: float, **request: Any) -> dict[str, Any]:
    """Make one request and return its JSON object. Raises: Unreachable, Throttled, Late, Unusable, Refused."""
    try:
        with http.vendor_client(seconds=seconds, max_bytes=MOST_BYTES) as client:
            response = client.request(method, url, **request)
    except (httpx.TimeoutException, http.TooSlow) as error:
        raise Late("The search did not answer in time.") from error
    except http.TooLarge as error:
        raise Unusable("The search's answer is too large.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreachable("The search can't be reached.") from error
    if response.status_code == 429:
        after = response.headers.get("retry-after", "")
        raise Throttled("The search asks to slow down.", retry_after=float(after) if after.isdigit() else None)
    if response.status_code >= 500:
        raise Unreachable(f"The search answered {response.status_code}.")
    if response.status_code != 200:
        raise Refused(f"The search refused the request ({response.status_code}). Check its address and key.")
    try:
        answer = response.json()
    except (ValueError, RecursionError) as error:
        raise Unusable("The search's answer is not JSON.") from error
    if not isinstance(answer, dict):
        raise Unusable("The search's answer is not a JSON object.")
    return answer


def hits(rows: Any, *, text: str, date: str, limit: int) -> SearchReply:
    """Turn a provider's rows into hits; a row without a web address is left out. Raises Unusable."""
    if not isinstance(rows, Iterable) or isinstance(rows, str | Mapping):
        raise Unusable("The search's answer has no list of results.")
    found = []
    for row in rows:
        url = row.get("url") if isinstance(row, Mapping) else None
        if not isinstance(url, str) or len(url) > 4000 or urlsplit(url).scheme not in {"http", "https"}:
            continue
        title, snippet, published = (row.get(name) for name in ("title", text, date))
        found.append(
            Hit(
                url=url, title=str(title or url)[:300], snippet=str(snippet or "")[:2000],
                published_date=str(published)[:40] if published else None,
            )
        )  # fmt: skip
    return SearchReply(hits=tuple(found[:limit]))
