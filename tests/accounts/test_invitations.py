"""The life of an invitation, from the form to the workspace."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.test import override_settings

from apps.accounts import queries, tenancy
from apps.accounts.actions import invitations, members, workspaces
from apps.accounts.models import Invitation
from apps.lib import clock
from apps.lib.errors import Invalid, NotFound
from tests.accounts.conftest import Browser, apex, email_of, text
from tests.conftest import PASSWORD, Cast

LOCMEM = override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
NEW = "nora@example.test"


def invite(cast: Cast, email: str = NEW, role: str = "viewer") -> str:
    """Invite somebody and return the path of the link."""
    made = invitations.invite(by=cast.alice, schema=cast.acme, email=email, role=role)
    return f"/join/{invitations.token_of(made)}"


@LOCMEM
def test_the_link_is_mailed_and_shown_again_to_who_may_invite(cast: Cast, people: dict[str, int]) -> None:
    alice = Browser(cast.alice).on(cast.acme_host)
    answer = alice.post("/settings/members/invite", {"email": " Nora@Example.test", "role": "approver"}, follow=True)
    link = re.search(r'value="(http://[^"]+/join/[^"]+)"', answer.content.decode())
    assert link is not None
    assert [message.to for message in mail.outbox] == [[NEW]]
    assert link[1] in mail.outbox[0].body and "Approver" not in mail.outbox[0].subject
    assert mail.outbox[0].alternatives and link[1] in str(mail.outbox[0].alternatives[0][0])
    assert link[1] in alice.get("/settings/members").content.decode()
    bob = Browser(people["researcher"]).on(cast.acme_host)
    assert "/join/" not in bob.get("/settings/members").content.decode()
    with tenancy.as_platform("what the table keeps"):
        row = Invitation.objects.get(email=NEW)
    assert link[1].rsplit("/", 1)[1] not in str(row.__dict__)


def test_a_new_person_signs_up_and_joins_and_the_link_is_spent(cast: Cast) -> None:
    link = invite(cast, role="approver")
    nora = apex()
    page = nora.get(link)
    assert "Join Acme" in text(page) and "Alice invites you as Approver." in text(page)
    signup = re.search(r'href="(/signup/\?[^"]+)"', page.content.decode())
    assert signup is not None
    form = nora.get(signup[1].replace("&amp;", "&"))
    assert f'value="{NEW}"' in form.content.decode()
    made = nora.post("/signup/", {"email": NEW, "password1": PASSWORD, "next": link})
    assert (made.status_code, made["Location"]) == (302, link)
    joined = nora.post(f"{link}/accept")
    assert joined["Location"] == f"/enter/{cast.acme_host.split('.')[0]}"
    person = queries.person_of_email(NEW)
    assert person is not None
    assert queries.member(cast.acme, person).role == "approver"  # type: ignore[union-attr]
    again = apex(cast.charlie).get(link)
    assert again.status_code == 410 and "used already" in text(again)
    assert apex(cast.charlie).post(f"{link}/accept", {"confirmed": "on"}).status_code == 410
    assert queries.member(cast.acme, cast.charlie) is None


def test_somebody_with_another_address_is_asked_first(cast: Cast) -> None:
    link = invite(cast)
    charlie = apex(cast.charlie)
    page = charlie.get(link)
    assert f"sent to {NEW}. You are signed in as {email_of(cast.charlie)}." in text(page)
    refused = charlie.post(f"{link}/accept")
    assert refused.status_code == 422 and "Confirm that this is right." in text(refused)
    assert queries.member(cast.acme, cast.charlie) is None
    assert charlie.post(f"{link}/accept", {"confirmed": "on"}).status_code == 302
    assert queries.member(cast.acme, cast.charlie).role == "viewer"  # type: ignore[union-attr]


def test_a_member_who_opens_a_link_spends_nothing(cast: Cast, people: dict[str, int]) -> None:
    link = invite(cast, role="admin")
    bob = apex(people["researcher"])
    assert "You are a member of this workspace already." in text(bob.get(link))
    assert bob.post(f"{link}/accept", {"confirmed": "on"}).status_code == 409
    assert queries.member(cast.acme, people["researcher"]).role == "researcher"  # type: ignore[union-attr]
    assert apex(cast.charlie).get(link).status_code == 200


def test_a_link_is_good_for_seven_days_and_sending_it_again_renews_it(cast: Cast) -> None:
    link = invite(cast)
    now = clock.now()
    with clock.stopped(now + timedelta(days=7, minutes=-1)):
        assert apex().get(link).status_code == 200
    with clock.stopped(now + timedelta(days=7, minutes=1)):
        late = apex().get(link)
        assert late.status_code == 410 and "works for seven days" in text(late)
        row = queries.invitations_of(cast.acme)[0]
        assert row.expired
        invitations.resend(by=cast.alice, schema=cast.acme, invitation=row.id)
        assert apex().get(link).status_code == 200


def test_a_withdrawn_link_says_so(cast: Cast) -> None:
    link = invite(cast)
    alice = Browser(cast.alice).on(cast.acme_host)
    row = queries.invitations_of(cast.acme)[0]
    assert alice.post(f"/settings/invitations/{row.id}/revoke").status_code == 302
    gone = apex(cast.charlie).get(link)
    assert gone.status_code == 410 and "was withdrawn" in text(gone)
    assert queries.invitations_of(cast.acme) == []
    assert alice.post(f"/settings/invitations/{row.id}/revoke").status_code == 404


def test_a_link_ends_with_the_rights_of_its_sender_and_with_the_workspace(cast: Cast, people: dict[str, int]) -> None:
    made = invitations.invite(by=people["admin"], schema=cast.acme, email=NEW, role="viewer")
    link = f"/join/{invitations.token_of(made)}"
    members.change_role(by=cast.alice, schema=cast.acme, person=people["admin"], role="viewer")
    stale = apex().get(link)
    assert stale.status_code == 410 and "may no longer invite" in text(stale)
    other = invite(cast, "other@example.test")
    workspaces.close(by=cast.alice, schema=cast.acme, name="Acme")
    assert apex().get(other).status_code == 404


def test_a_forged_link_opens_nothing(cast: Cast) -> None:
    link = invite(cast)
    for wrong in (
        link[:-1] + ("a" if link[-1] != "a" else "b"),
        "/join/x",
        "/join/..",
        "/join/%00",
        "/join/" + "0" * 32,
    ):
        assert apex(cast.charlie).get(wrong).status_code == 404, wrong
    with pytest.raises(NotFound):
        invitations.look(token=invitations.token_of(UUID(int=7)), person=None)


def test_another_workspace_neither_sees_nor_withdraws_an_invitation(cast: Cast) -> None:
    invite(cast)
    row = queries.invitations_of(cast.acme)[0]
    charlie = Browser(cast.charlie).on(cast.globex_host)
    assert NEW not in text(charlie.get("/settings/members"))
    for act in ("resend", "revoke"):
        assert charlie.post(f"/settings/invitations/{row.id}/{act}").status_code == 404
    assert len(queries.invitations_of(cast.acme)) == 1


def test_an_address_is_invited_once_and_a_workspace_invites_fifty_a_day(cast: Cast) -> None:
    alice = Browser(cast.alice).on(cast.acme_host)
    assert alice.post("/settings/members/invite", {"email": NEW, "role": "viewer"}).status_code == 302
    twice = alice.post("/settings/members/invite", {"email": NEW, "role": "viewer"})
    assert twice.status_code == 409 and "Send it again or withdraw it." in text(twice)
    row = queries.invitations_of(cast.acme)[0]
    soon = alice.post(f"/settings/invitations/{row.id}/resend")
    assert soon.status_code == 429 and "Wait a little, or copy the link." in text(soon)
    for number in range(invitations.A_DAY - 1):
        invitations.invite(by=cast.alice, schema=cast.acme, email=f"n{number}@example.test", role="viewer")
    full = alice.post("/settings/members/invite", {"email": "one-more@example.test", "role": "viewer"})
    assert full.status_code == 429 and "Go on tomorrow." in text(full)


def test_an_address_that_is_none_is_refused_with_a_sentence(cast: Cast) -> None:
    for wrong in ("", "nora", "a@b\nBcc: x@example.test", "x" * 300 + "@example.test"):
        with pytest.raises(Invalid):
            invitations.invite(by=cast.alice, schema=cast.acme, email=wrong, role="viewer")


@LOCMEM
def test_a_name_with_a_line_break_makes_no_second_header(cast: Cast) -> None:
    workspaces.change(
        by=cast.alice, schema=cast.acme, name="Acme\r\nBcc: all@example.test", language="", retention_days=None,
        fallback_approver=None,
    )  # fmt: skip
    invite(cast)
    assert mail.outbox[0].subject == "Alice invites you to Acme Bcc: all@example.test"
    assert mail.outbox[0].recipients() == [NEW]
