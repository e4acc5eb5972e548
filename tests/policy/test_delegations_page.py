"""The page of delegations: who sees what agents may do for whom now, and takes it back."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from django.utils import translation

from apps.accounts import tenancy
from apps.billing import queries as billing
from apps.lib import signing
from apps.observability.models import AuditEntry
from apps.policy.identity import delegation, lent
from apps.policy.models import IssuedToken
from tests.conftest import Cast
from tests.policy.test_registry import ask, claimed
from tests.policy.test_tools_page import browser

PAGE = "/policies/delegations"


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Runs that everybody may see: those of these tests have no question that would say so."""
    shown: list[str] = []
    monkeypatch.setattr(billing.runs_seen, "bound", {"test": lambda *, member: frozenset(shown)})
    return shown


def shown(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def stands(token: str) -> None:
    delegation.standing(delegation.verify(token))


def take_back(client: Client, cast: Cast, run: str, *, what: str = "", reason: str = "it goes astray") -> int:
    with tenancy.in_workspace(cast.acme):
        handle = lent.handle_of(run)
    form = {f"lent-{handle}-what": what, f"lent-{handle}-reason": reason}
    return client.post(f"{PAGE}/{handle}/revoke", form).status_code


def test_an_owner_sees_every_live_token_and_one_that_is_taken_back_is_refused(cast: Cast, seen: list[str]) -> None:
    his, hers = claimed(cast, "analyst", person=cast.bob), claimed(cast, "governor")
    run, jti = delegation.verify(his).run, delegation.verify(his).tokens[0]
    other = delegation.verify(hers).run
    seen.append(other)
    text = shown(browser(cast, cast.alice))
    assert "analyst" in text and "governor" in text and "Bob" in text and "library" in text
    assert other in text and run not in text and "A run that you may not see" in text
    assert take_back(browser(cast, cast.alice), cast, run, reason="") == 422, "without a reason nothing happens"
    stands(his)
    assert take_back(browser(cast, cast.alice), cast, run, what=jti) == 302
    with pytest.raises(signing.BadToken, match="taken back"):
        ask(his)
    text = shown(browser(cast, cast.alice))
    assert "analyst" not in text and "No token now" in text and "governor" in text
    with tenancy.in_workspace(cast.acme):
        line = AuditEntry.objects.get(workspace=cast.acme, did="token.revoked")
    assert (line.by, line.to, line.reason) == (cast.alice, jti, "it goes astray")
    assert take_back(browser(cast, cast.alice), cast, other) == 302
    with pytest.raises(signing.BadToken, match="taken back"):
        stands(hers)
    assert "Taken back" in shown(browser(cast, cast.alice))


def test_a_member_sees_and_takes_back_their_own_alone(cast: Cast, seen: list[str]) -> None:
    his, hers = claimed(cast, "analyst", person=cast.bob), claimed(cast, "governor")
    run, other = delegation.verify(his).run, delegation.verify(hers).run
    seen += [run, other]
    text = shown(browser(cast, cast.bob))
    assert run in text and "analyst" in text and other not in text and "governor" not in text
    assert take_back(browser(cast, cast.bob), cast, other) == 404
    assert take_back(browser(cast, cast.bob), cast, run, what="tok_of_another") == 422
    stands(his)
    assert take_back(browser(cast, cast.bob), cast, run) == 302
    stands(hers)
    with pytest.raises(signing.BadToken):
        stands(his)


def test_a_sub_agents_token_stands_below_its_agent_and_falls_with_it(cast: Cast, seen: list[str]) -> None:
    from django.conf import settings

    above = claimed(cast, "analyst")
    below = delegation.narrow(secret=settings.WORKLOAD_SECRET, token=above, role="memory", scopes={"library"})
    run = delegation.verify(above).run
    with tenancy.in_workspace(cast.acme):
        (one,) = lent.live()
        assert [(token.agent, token.chain) for token in one.tokens] == [("memory", ("analyst",)), ("analyst", ())]
        delegation.revoke(by=cast.alice, run=run, reason="x", token=delegation.verify(above).tokens[0])
        assert lent.live()[0].tokens == ()
    with pytest.raises(signing.BadToken):
        stands(below)


def test_only_the_gate_notes_tokens(cast: Cast) -> None:
    from django.db import transaction
    from django.db.utils import ProgrammingError

    claimed(cast)
    with tenancy.in_workspace(cast.acme):
        assert IssuedToken.objects.count() == 1
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            IssuedToken.objects.all().delete()


def test_what_tools_touch_is_said_in_the_readers_language(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.policy.registry import wording

    monkeypatch.setitem(
        wording._WORDINGS, "web_search", (translation.gettext_lazy("Save"), translation.gettext_lazy("Cancel"))
    )
    with translation.override("de"):
        wanted = translation.gettext("Save")
    client = browser(cast, cast.alice)
    answer = client.get("/policies/tools", headers={"accept-language": "de"})
    assert wanted != "Save" and wanted in html.unescape(answer.content.decode())
