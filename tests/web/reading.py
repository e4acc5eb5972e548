"""What these tests read of a page, and which pages and forms there are."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from django.http import HttpResponse
from django.test import Client

from apps.accounts import tenancy
from apps.research.models import Inquiry
from tests.web.conftest import QUESTION, House

Visit = Callable[..., Client]
ASK = {"question": QUESTION, "scope": "all", "depth": "standard", "source_cap": "12", "mode": "mock", "approval": "on"}


def text(response: HttpResponse) -> str:
    """Return a page as its reader sees it: no tags, one space between words."""
    plain = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(plain).split())


def pages(house: House) -> list[str]:
    """List every page and file of a workspace that can be read."""
    report = f"/research/{house.published}/report"
    return [
        "/research", "/research?page=2", "/approvals", "/datasets", f"/research/{house.planned}",
        f"/research/{house.planned}/plan", f"/research/{house.drafted}", f"/research/{house.published}",
        f"/research/{house.published}/sources", f"/research/{house.published}/sources?show=dropped", report,
        *(f"{report}.{kind}" for kind in ("pdf", "md", "html", "json")),
    ]  # fmt: skip


def doors(run: str) -> dict[str, dict[str, str]]:
    """Return every address that changes something, with a form that would do it."""
    return {
        "/research": ASK,
        "/research/estimate": ASK,
        f"/research/{run}/plan": {"decision": "start"},
        f"/research/{run}/decide": {"decision": "accept", "approval": "apr_x"},
        f"/research/{run}/cancel": {},
        f"/research/{run}/resume": {},
        "/datasets": {},
    }


def runs_there(house: House) -> int:
    with tenancy.in_workspace(house.cast.acme):
        return Inquiry.objects.count()


def kept(response: HttpResponse) -> dict[str, str | list[str]]:
    """Return what the ask box holds in a page that came back."""
    body = response.content.decode()
    area = re.search(r"<textarea[^>]*name=\"question\".*?>(.*?)</textarea>", body, re.S)
    checked = re.findall(r"<input[^>]*?name=\"(\w+)\"[^>]*?value=\"([^\"]*)\"[^>]*?checked", body)
    cap = re.search(r"<input[^>]*name=\"source_cap\"[^>]*?value=\"([^\"]*)\"", body)
    assert area is not None and cap is not None
    found: dict[str, str | list[str]] = {"question": html.unescape(area[1]).strip("\n"), "source_cap": cap[1]}
    found |= {name: value for name, value in checked if name != "documents"}
    found["approval"] = "on" if re.search(r"<input[^>]*name=\"approval\"[^>]*checked", body) else ""
    found["documents"] = [value for name, value in checked if name == "documents"]
    return found
