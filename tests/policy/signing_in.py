"""What tests of sign-ins at servers of tools do: press, leave, come back."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

import httpx
from django.test import Client

from apps.accounts import tenancy
from apps.accounts.views import addresses
from apps.integrations import providers
from apps.observability.models import AuditEntry
from apps.policy.models import ToolServer
from apps.runtime import outbox
from tests.conftest import Cast
from tests.policy.test_tools_page import browser

PAGE = "/policies/tools"


def forget() -> None:
    providers.tool_host.cache_clear()
    providers.sign_in_host.cache_clear()


def row(cast: Cast, server: str) -> ToolServer:
    with tenancy.in_workspace(cast.acme):
        return ToolServer.objects.get(pk=server)


def page(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content[:300]
    return html.unescape(answer.content.decode())


def sent_off(client: Client, server: str) -> str:
    """Press Connect, let the gate work, and return the address that the page sends the person to."""
    answer = client.post(f"{PAGE}/servers/{server}/connect")
    assert answer.status_code == 302, answer.content[:300]
    assert "asks the server where you sign in" in page(client, answer["Location"])
    outbox.drain()
    found = re.search(r'<a class="btn pri" href="(http[^"]+)"', page(client, answer["Location"]))
    assert found, page(client, answer["Location"])
    return found[1]


def back_from(address: str) -> str:
    """Say yes at the authorization server; return where it sends the person back to, without the host."""
    answer = httpx.get(address, follow_redirects=False)
    assert answer.status_code == 302, address
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def sign_in(cast: Cast, server: str) -> Client:
    """Sign in at a server, all the way."""
    client = browser(cast, cast.alice)
    answer = client.get(back_from(sent_off(client, server)))
    assert answer.status_code == 302 and answer["Location"] == f"{PAGE}/servers/{server}/sign-in"
    outbox.drain()
    assert "Signed in" in page(client, answer["Location"])
    return client


def said(cast: Cast) -> list[str]:
    with tenancy.in_workspace(cast.acme):
        rows = AuditEntry.objects.filter(workspace=cast.acme, did__startswith="tool_server.").order_by("pk")
        return [each.did.removeprefix("tool_server.") for each in rows]


def origin(cast: Cast) -> str:
    return addresses.origin(cast.acme_host.partition(".")[0])
