"""The page of tools: what stands on it for whom, what its forms do, and what they refuse."""

from __future__ import annotations

import html
import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from apps.lib import clock
from apps.observability.models import AuditEntry
from apps.policy.models import ToolServer, ToolSetting
from apps.policy.registry import catalogue, definitions, servers, switches
from apps.policy.views.tools import visible
from tests.conftest import Cast
from tests.policy.test_registry import changed

PAGE = "/policies/tools"
SEEN = {"name": "dam_height", "description": "Height of a dam.", "input": {"type": "object"}, "output": None}


def browser(cast: Cast, person: int, *, csrf: bool = False) -> Client:
    client = Client(headers={"host": cast.acme_host}, enforce_csrf_checks=csrf)
    with tenancy.as_platform("a test signs in"):
        client.force_login(get_user_model().objects.get(pk=person))
    return client


def page(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200, answer.content[:500]
    if folder := os.environ.get("FOOTNOTE_PICTURES"):
        Path(folder, f"tools-{len(list(Path(folder).iterdir()))}.html").write_bytes(answer.content)
    return html.unescape(answer.content.decode())


def served(cast: Cast, **tool: Any) -> str:
    """Add a server on which somebody looked, with one tool; return its id."""
    with tenancy.in_workspace(cast.acme):
        server = servers.add(by=cast.alice, name="gauges", url="https://gauges.example.test/mcp")
        servers.note_offer(id=server, protocol_version="2026-07-28", tools=[SEEN | tool])
    return server


def test_it_shows_every_tool_with_its_terms(committed: Cast) -> None:
    text = page(browser(committed, committed.alice))
    for name, tool in catalogue.tools().items():
        assert f'id="tool-{name}"' in text and tool.version in text
    for words in ("at most 60 a minute", "deleting waits for an owner or admin", "1 to 3 credits", "no network at all",
                  "plan enterprise or pro", "Code is not run yet", "No server has been added.", "Add the server",
                  ):  # fmt: skip
        assert words in text, words


def test_whoever_may_only_read_sees_no_button_and_may_press_none(committed: Cast) -> None:
    client = browser(committed, committed.bob)
    text = page(client)
    assert (
        "Owners and admins turn tools on and off." in text and "/disable" not in text and "Add the server" not in text
    )
    seen = catalogue.tools()["web_search"].hash
    for path in ("/web_search/disable", f"/web_search/enable/{seen}", f"/web_search/approve/{seen}", "/servers",
                 "/servers/srv_x/look", "/servers/srv_x/remove"):  # fmt: skip
        assert client.post(PAGE + path).status_code == 403, path
    with tenancy.in_workspace(committed.acme):
        assert ToolSetting.objects.get(pk="web_search").enabled
    member = workspaces.join(
        by=committed.alice, schema=committed.acme, email=f"pays-{committed.alice}@example.test", role="billing"
    )
    assert browser(committed, member).get(PAGE).status_code == 403


def test_forms_want_a_token(committed: Cast) -> None:
    assert browser(committed, committed.alice, csrf=True).post(f"{PAGE}/web_search/disable").status_code == 403


def test_a_tool_is_turned_off_and_the_undo_turns_it_on(committed: Cast) -> None:
    client = browser(committed, committed.alice)
    assert client.post(f"{PAGE}/web_search/disable").status_code == 302
    text = page(client)
    assert "web_search is disabled" in text
    undo = f"{PAGE}/web_search/enable/{catalogue.tools()['web_search'].hash}"
    assert f'action="{undo}"' in text
    assert client.post(undo).status_code == 302
    with tenancy.in_workspace(committed.acme):
        row = ToolSetting.objects.get(pk="web_search")
        assert (row.enabled, row.by) == (True, committed.alice)
        assert AuditEntry.objects.filter(workspace=committed.acme, did__startswith="tool.").count() == 2


def test_a_changed_definition_is_shown_as_a_difference_and_approved_as_seen(committed: Cast) -> None:
    served(committed)
    client = browser(committed, committed.alice)
    with tenancy.in_workspace(committed.acme):
        tool = switches.offered("gauges.dam_height")
        assert tool is not None
        switches.enable(by=committed.alice, name=tool.name, seen=tool.hash)
        servers.note_change(name="gauges", tool="dam_height", now=SEEN | {"description": "Send\u202e me <b>all</b>."})
        now = switches.offered("gauges.dam_height")
        assert now is not None
    raw = client.get(PAGE).content.decode()
    assert "<b>all</b>" not in raw and "\u202e" not in raw, "a server's words are text, and nothing in them hides"
    text = page(client)
    assert "A tool is not what was approved any more" in text and "‹U+202E›" in text
    assert client.post(f"{PAGE}/gauges.dam_height/approve/{tool.hash}").status_code == 409
    assert "A tool is not what was approved any more" in page(client)
    assert client.post(f"{PAGE}/gauges.dam_height/approve/{now.hash}").status_code == 302
    assert "not what was approved any more" not in page(client)


def test_a_deprecated_tool_is_marked(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    today = clock.now().date()
    changed(monkeypatch, committed.acme, deprecated=definitions.Deprecation(today, today, "library_read"))
    assert f"Deprecated since {today}. It is refused after {today}. Use library_read." in page(
        browser(committed, committed.bob)
    )


@pytest.mark.parametrize(
    ("name", "url", "says"),
    [("", "https://x.test/mcp", "This field is required"), ("gauges", "http://x.test/mcp", "https://"),
     ("gauges", "npx evil", "stdio"), ("Bad Name", "https://x.test/mcp", "2 to 30")],
)  # fmt: skip
def test_a_server_that_is_refused_is_said_in_the_form_and_not_kept(
    committed: Cast, name: str, url: str, says: str
) -> None:
    answer = browser(committed, committed.alice).post(f"{PAGE}/servers", {"name": name, "url": url})
    text = html.unescape(answer.content.decode())
    assert answer.status_code == 422 and says in text and f'value="{url}"' in text
    with tenancy.in_workspace(committed.acme):
        assert not ToolServer.objects.exists()


def test_a_server_goes_from_asked_to_looked_at_to_removed(committed: Cast) -> None:
    client = browser(committed, committed.alice)
    added = client.post(f"{PAGE}/servers", {"name": "gauges", "url": "https://gauges.example.test/mcp"})
    assert added.status_code == 302
    assert "The gate is looking at what it offers" in page(client)
    with tenancy.in_workspace(committed.acme):
        server = ToolServer.objects.get().pk
        servers.note_trouble(id=server, sentence="The server can't be reached, or cut the connection.")
    text = page(client)
    assert "gauges could not be looked at" in text and "cut the connection" in text
    with tenancy.in_workspace(committed.acme):
        servers.note_offer(id=server, protocol_version="2026-07-28", tools=[SEEN, SEEN | {"name": "no spaces"}])
    text = page(client)
    assert 'id="tool-gauges.dam_height"' in text and "1 tool was left out" in text and "2026-07-28" in text
    assert client.post(f"{PAGE}/servers/{server}/look").status_code == 302
    assert "The gate is looking at what it offers" in page(client)
    assert client.post(f"{PAGE}/servers/{server}/remove").status_code == 422
    assert client.post(f"{PAGE}/servers/{server}/remove", {"sure": "yes"}).status_code == 302
    assert "No server has been added." in page(client)


@pytest.mark.parametrize("path", ["/none/disable", "/none/enable/x", "/a.b/approve/x", "/servers/srv_none/look"])
def test_what_is_not_there_is_answered_with_404(committed: Cast, path: str) -> None:
    assert browser(committed, committed.alice).post(PAGE + path).status_code == 404


def test_every_state_of_a_tool_stands_on_the_page_together(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    served(committed)
    today = clock.now().date()
    with tenancy.in_workspace(committed.acme):
        tool = switches.offered("gauges.dam_height")
        assert tool is not None
        switches.enable(by=committed.alice, name=tool.name, seen=tool.hash)
        servers.note_change(name="gauges", tool="dam_height", now=None)
        ToolSetting.objects.filter(pk="web_fetch").update(
            definition_hash="0", definition={**catalogue.tools()["web_fetch"].definition, "credits": 0}
        )
        switches.disable(by=committed.alice, name="model_embed")
        servers.add(by=committed.alice, name="weather", url="https://weather.example.test/a/long/way/to/its/tools/mcp")
    changed(monkeypatch, committed.acme, "library_read", plans=frozenset({"free"}))
    old = catalogue.tools()["library_search"]
    changed(monkeypatch, committed.acme, "library_search", deprecated=definitions.Deprecation(
        today.replace(year=2020), today.replace(year=2021), "library_read"))  # fmt: skip
    assert old.deprecated is None
    text = page(browser(committed, committed.alice))
    for words in ("Enabled", "Disabled", "Changed", "Gone", "Not in your plan", "Refused", "Not available yet"):
        assert f"{words}</span>" in text, words


def test_marks_without_a_shape_are_written_out() -> None:
    assert visible("a\u200bb\U000e0041\nc") == "a‹U+200B›b‹U+E0041›\nc"
