"""The style guide shows every component, to those it is meant for, without two of an id."""

from __future__ import annotations

import html
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from apps.accounts import tenancy
from apps.research.views import specimens
from tests.conftest import Cast

COMPONENTS = {path.stem for path in (Path(__file__).resolve().parents[2] / "templates/components").glob("*.html")}


@pytest.fixture
def guide(cast: Cast, settings: pytest.FixtureRequest) -> str:
    settings.FOOTNOTE_STYLEGUIDE = True  # type: ignore[attr-defined]
    response = visitor(cast.acme_host, cast.bob).get("/styleguide")
    assert response.status_code == 200
    return response.content.decode()


def visitor(host: str, person: int | None = None) -> Client:
    client = Client(headers={"host": host, "accept-language": "en"})
    if person is not None:
        with tenancy.as_platform("a test signs in"):
            client.force_login(get_user_model().objects.get(pk=person))
    return client


def test_every_component_is_shown(guide: str) -> None:
    shown = set(re.findall(r'<section class="block" id="(\w+)"', guide))
    assert shown == COMPONENTS == {each.component for each in specimens.specimens()}


def test_every_specimen_is_shown_in_both_themes_and_says_something(guide: str) -> None:
    count = len(specimens.specimens())
    assert (
        guide.count('class="drop block scroll" data-theme="light"')
        == guide.count('class="drop block scroll" data-theme="dark"')
        == count
    )
    states = re.findall(r'<h3 class="dim">([^<]+)</h3>', guide)
    assert [html.unescape(state) for state in states] == [each.state for each in specimens.specimens() if each.state]


def test_no_id_stands_twice_and_every_reference_leads_somewhere(guide: str) -> None:
    ids = Counter(re.findall(r'\sid="([^"]+)"', guide))
    assert [name for name, times in ids.items() if times > 1] == []
    wanted = re.findall(r'\s(?:for|aria-labelledby|popovertarget)="([^"]+)"', guide)
    assert len(wanted) > 50
    assert {name for names in wanted for name in names.split()} - set(ids) == set()


def test_no_specimen_is_empty_but_those_that_say_so(guide: str) -> None:
    sides = re.findall(r'data-theme="light">(.*?)<div class="drop block scroll" data-theme="dark">', guide, re.S)
    empty = [
        each
        for each, side in zip(specimens.specimens(), sides, strict=True)
        if not re.search(r"<\w+[^>]*>\s*[^<\s]|<svg|<input|<i>", side)
    ]
    assert {(each.component, each.state) for each in empty} == {("flash", "none"), ("error_summary", "none")}


def test_nobody_but_staff_sees_it_where_it_is_not_switched_on(cast: Cast) -> None:
    assert visitor(cast.acme_host, cast.alice).get("/styleguide").status_code == 404
    assert visitor(settings.APEX_HOST, cast.alice).get("/styleguide").status_code == 404
    assert visitor(settings.APEX_HOST).get("/styleguide")["Location"] == "/login/"
    with tenancy.as_platform("a test makes staff"):
        get_user_model().objects.filter(pk=cast.alice).update(is_staff=True)
    for host in (cast.acme_host, settings.APEX_HOST):
        assert visitor(host, cast.alice).get("/styleguide").status_code == 200
    assert visitor(cast.acme_host, cast.charlie).get("/styleguide").status_code == 404


def test_it_is_open_to_everybody_where_it_is_switched_on(cast: Cast, settings: pytest.FixtureRequest) -> None:
    settings.FOOTNOTE_STYLEGUIDE = True  # type: ignore[attr-defined]
    response = visitor("localhost").get("/styleguide")
    assert response.status_code == 200
    assert "unsafe-inline" not in response["Content-Security-Policy"]
