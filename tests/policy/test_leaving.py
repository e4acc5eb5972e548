"""Who leaves a workspace takes their sign-ins and what they lent to agents along."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as configured

from apps.accounts import tenancy
from apps.accounts.actions import members
from apps.accounts.models import Membership
from apps.lib import clock, signing
from apps.observability.models import AuditEntry
from apps.policy.gate import sweep
from apps.policy.models import Credential, Grant, ToolSignIn
from apps.runtime import outbox
from tests.conftest import Cast
from tests.engine import workflows
from tests.policy.signing_in import row, said, sign_in
from tests.policy.test_mcp import HEIGHT
from tests.policy.test_registry import ask, claimed
from tests.servers.oauth import Authority, Guarded


def hand_over(cast: Cast) -> None:
    """Make bob an owner, so that alice may go."""
    with tenancy.as_platform("a test hands a workspace over"):
        Membership.objects.filter(workspace__schema_name=cast.acme, user_id=cast.bob).update(role="owner")


def sign_ins_left(cast: Cast) -> int:
    with tenancy.in_workspace(cast.acme):
        return Credential.objects.filter(kind="sign_in").count()


@pytest.mark.parametrize("revokes", [True, False], ids=["at a server that takes tokens back", "at one that does not"])
def test_who_leaves_is_signed_out_everywhere_and_the_tokens_are_given_back(
    asking: tuple[Cast, str], door: tuple[str, Guarded, Authority], revokes: bool
) -> None:
    cast, server = asking
    authority = door[2]
    authority.says = {"revocation_endpoint": f"{authority.origin}/revoke"} if revokes else {}
    sign_in(cast, server)
    assert sign_ins_left(cast) == 1 and authority.good and authority.fresh
    hand_over(cast)
    members.leave(by=cast.alice, schema=cast.acme)
    found = row(cast, server)
    assert found.credential == "" and "has left the workspace" in found.error, "at once, before the gate did anything"
    outbox.drain()
    assert sign_ins_left(cast) == 0
    with tenancy.in_workspace(cast.acme):
        assert not ToolSignIn.objects.exists()
    given_back = [form["token_type_hint"] for path, form in authority.asked if path == "/revoke"]
    if revokes:
        assert given_back == ["refresh_token", "access_token"]
        assert not authority.good and not authority.fresh and said(cast)[-1] == "tokens_given_back"
    else:
        assert given_back == [] and said(cast)[-1] == "tokens_kept_elsewhere"


def test_a_call_between_leaving_and_the_gates_work_gets_no_token(
    signed: tuple[Cast, str, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, _server, hers = signed
    hand_over(cast)
    his = claimed(cast, "analyst", person=cast.bob)
    assert ask(his, HEIGHT, {"dam": "harrow"}).state == "done"
    members.remove(by=cast.bob, schema=cast.acme, person=cast.alice)
    with pytest.raises(signing.BadToken, match="taken back"):
        ask(hers, HEIGHT, {"dam": "elm"})
    reply = ask(his, HEIGHT, {"dam": "elm"})
    assert (reply.state, reply.outcome) == ("failed", "refused") and "sign in" in reply.sentence
    assert door[1].calls == ["harrow"]


def test_what_an_authority_that_is_down_never_took_back_is_erased_all_the_same(
    asking: tuple[Cast, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, server = asking
    door[2].says = {"revocation_endpoint": f"{door[2].origin}/revoke"}
    sign_in(cast, server)
    hand_over(cast)
    door[2].no = "503"
    members.leave(by=cast.alice, schema=cast.acme)
    secret = configured.WORKLOAD_SECRET
    sweep.sweep(secret, {})
    assert sign_ins_left(cast) == 1
    with clock.stopped(clock.now() + timedelta(days=2)):
        sweep.sweep(secret, {})
    assert sign_ins_left(cast) == 0, "the gate never heard of it"
    outbox.drain()
    assert said(cast)[-1] == "sign_in_ended", "there is nothing left to give back"


def test_what_a_member_lent_to_live_runs_is_taken_back_when_they_are_removed(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        live = {person: workflows.admit("fan", person=person) for person in (committed.bob, committed.alice)}
        for person, run in [*live.items(), (committed.bob, "run-that-ended")]:
            Grant.objects.create(run=run, person=person, scopes=["model"], mode="mock", credits=1)
    members.remove(by=committed.alice, schema=committed.acme, person=committed.bob)
    with tenancy.in_workspace(committed.acme):
        taken = dict(Grant.objects.values_list("run", "revoked_at"))
        line = AuditEntry.objects.get(workspace=committed.acme, did="grant.revoked")
    assert taken[live[committed.bob]] and not taken[live[committed.alice]] and not taken["run-that-ended"]
    assert (line.to, line.by) == (live[committed.bob], committed.alice) and "has left" in line.reason
