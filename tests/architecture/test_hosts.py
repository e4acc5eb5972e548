"""Two urlconfs: nothing of one answers on the other's host, and the probes answer on any."""

from __future__ import annotations

import re
from importlib import import_module
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from apps.accounts import tenancy
from tests.architecture.test_wiring import patterns
from tests.conftest import Cast
from tests.tenancy.addresses import EDITORS

# Both hosts answer these: the first page, the book's aliases (on the apex they lead to the chooser), the language,
# the settings of the workspace or of the person.
SHARED = frozenset({"", "research", "admin", "billing", "language", "settings"})
# On the apex these ask nobody to sign in: they are how one signs in, or lead there.
PUBLIC = re.compile(
    r"$|language$|r/|media/|blog/feed.atom$|status$|sitemap[\w.<>-]*|robots.txt$|llms.txt$|1-x(.md)?$|cms/(login|logout|users|groups|account|password_reset|locales|collections|sites|documents)|styleguide$|\.well-known/|stripe/|research$|admin$|billing$|(login|signup|logout|inactive|confirm-email|password/reset|join|settings/accounts/login)(/|$)|staff/"
)


NOBODY = "00000000-0000-4000-8000-000000000000"


def paths(urlconf: str) -> list[str]:
    """Return a path for every pattern of a urlconf, with arguments filled in."""
    found = []
    for pattern, _view in patterns(import_module(urlconf).urlpatterns):
        if pattern.startswith(("cms/", "^cms/")) and pattern not in EDITORS:
            continue
        path = re.sub(r"<\w+:\w+>", "run_x", re.sub(r"<int:\w+>", "1", re.sub(r"<uuid:\w+>", NOBODY, pattern)))
        path = re.sub(r"\(\?P<\w+>[^)]*\)", "1-x", path).replace("^", "").replace("$", "").replace("\\Z", "")
        found.append(path.replace("\\", ""))
    return found


def visitor(host: str, person: int | None = None) -> Client:
    """Return a browser on a host, signed in as a person or not."""
    client = Client(headers={"host": host})
    if person is not None:
        with tenancy.as_platform("a test signs in"):
            client.force_login(get_user_model().objects.get(pk=person))
    return client


def test_no_page_of_a_workspace_answers_on_the_apex(cast: Cast) -> None:
    apex = visitor(settings.APEX_HOST, cast.alice)
    own = [path for path in paths(settings.ROOT_URLCONF) if path not in SHARED]
    assert len(own) > 12
    assert {path: apex.get(f"/{path}").status_code for path in own} == dict.fromkeys(own, 404)


def test_no_page_of_the_apex_answers_on_a_workspace(cast: Cast) -> None:
    acme = visitor(cast.acme_host, cast.alice)
    own = [path for path in paths(settings.PUBLIC_SCHEMA_URLCONF) if path not in SHARED]
    assert len(own) > 20
    assert {path: acme.get(f"/{path}").status_code for path in own} == dict.fromkeys(own, 404)


def test_every_page_of_the_apex_that_is_for_people_asks_to_sign_in(cast: Cast) -> None:
    nobody = visitor(settings.APEX_HOST)
    own = [path for path in paths(settings.PUBLIC_SCHEMA_URLCONF) if not PUBLIC.match(path)]
    assert {"workspaces", "new", "enter/run_x"} <= set(own)
    for path in own:
        response = nobody.get(f"/{path}", follow=True)
        assert response.redirect_chain, path
        assert urlsplit(response.redirect_chain[-1][0]).path == "/login/", path


@pytest.mark.parametrize("host", ["localhost", "{acme}", "nobody.localhost", "127.0.0.1"])
def test_probes_answer_on_any_host_before_a_workspace_is_looked_for(cast: Cast, host: str) -> None:
    client = visitor(host.format(acme=cast.acme_host))
    for path in ("/livez", "/readyz", "/metrics"):
        assert client.get(path).status_code == 200, path
    assert client.get("/livez").content == b"ok"
    assert b"footnote_" in client.get("/metrics").content


def test_probes_answer_for_a_host_that_is_not_ours() -> None:
    assert visitor("10.1.2.3:8000").get("/livez").status_code == 200


def test_a_host_without_a_workspace_shows_nothing(cast: Cast) -> None:
    for person in (None, cast.alice):
        response = visitor("nobody.localhost", person).get("/research")
        assert response.status_code == 404
        assert b"Questions so far" not in response.content
