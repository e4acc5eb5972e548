"""Who may do what on the pages of members, teams and settings: every role, every act."""

from __future__ import annotations

import uuid

import pytest

from apps.accounts import queries, rules
from apps.accounts.actions import invitations, members, teams, workspaces
from apps.lib.errors import Conflict, Forbidden, Invalid, NotFound
from tests.accounts.conftest import Browser, text
from tests.conftest import Cast

NOBODY = uuid.UUID(int=1)
# Each act with the roles that may do it. The forms are wrong on purpose: who may act is told what is wrong (no 403).
DOORS = {
    "/settings/general/change": ({"name": ""}, {"owner", "admin"}),
    "/settings/general/transfer": ({"to": "0"}, {"owner"}),
    "/settings/general/close": ({"name": "something else"}, {"owner"}),
    "/settings/members/invite": ({"email": "nonsense", "role": "viewer"}, {"owner", "admin"}),
    "/settings/members/999999/role": ({"role": "viewer"}, {"owner", "admin"}),
    "/settings/members/999999/remove": ({}, {"owner", "admin"}),
    f"/settings/invitations/{NOBODY}/resend": ({}, {"owner", "admin"}),
    f"/settings/invitations/{NOBODY}/revoke": ({}, {"owner", "admin"}),
    "/settings/teams/new": ({"name": ""}, {"owner", "admin"}),
    "/settings/teams/999999/change": ({}, {"owner", "admin"}),
    "/settings/teams/999999/remove": ({}, {"owner", "admin"}),
}
PAGES = ("/settings/general", "/settings/members", "/settings/teams")


@pytest.mark.parametrize("role", rules.ROLES)
def test_a_role_may_do_what_the_table_says_and_nothing_else(cast: Cast, people: dict[str, int], role: str) -> None:
    host = Browser(people[role]).on(cast.acme_host)
    for path, (form, allowed) in DOORS.items():
        status = host.post(path, form).status_code
        assert (status == 403) == (role not in allowed), (path, status)
        assert status in {403, 404, 422}, (path, status)
        assert host.get(path).status_code in {403, 405}, path


@pytest.mark.parametrize("role", rules.ROLES)
def test_every_role_sees_its_place_its_colleagues_and_no_button_that_would_be_refused(
    cast: Cast, people: dict[str, int], role: str
) -> None:
    host = Browser(people[role]).on(cast.acme_host)
    assert host.get("/settings")["Location"] == "/settings/general"
    for path in PAGES:
        page = host.get(path)
        assert page.status_code == 200, path
        for door, (_form, allowed) in DOORS.items():
            if role not in allowed:
                assert f'action="{door}"' not in page.content.decode(), (path, door)
    assert "Bob" in text(host.get("/settings/members"))
    offered = "Leave this workspace" in text(host.get("/settings/general"))
    assert offered == (role != rules.OWNER), "the only owner is not offered to leave"


def test_a_stranger_finds_no_settings(cast: Cast) -> None:
    stranger = Browser(cast.charlie)
    assert stranger.apex.get(f"/enter/{cast.acme_host.split('.')[0]}").status_code == 404
    host = stranger.on(cast.globex_host)
    for path in PAGES:
        assert host.get(path, headers={"host": cast.acme_host}).status_code in {302, 404}, path


@pytest.mark.parametrize("giver", rules.ROLES)
@pytest.mark.parametrize("old", rules.ROLES)
@pytest.mark.parametrize("new", rules.ROLES)
def test_a_role_changes_only_where_both_the_old_and_the_new_may_be_given(
    cast: Cast, people: dict[str, int], giver: str, old: str, new: str
) -> None:
    target = workspaces.join(by=cast.alice, schema=cast.acme, email="target@example.test", role=old)
    allowed = rules.may_grant(giver, old) and rules.may_grant(giver, new)
    try:
        members.change_role(by=people[giver], schema=cast.acme, person=target, role=new)
    except Forbidden:
        assert not allowed
        assert queries.member(cast.acme, target).role == old  # type: ignore[union-attr]
    else:
        assert allowed
        assert queries.member(cast.acme, target).role == new  # type: ignore[union-attr]


def test_an_admin_touches_no_owner_and_no_billing(cast: Cast, people: dict[str, int]) -> None:
    host = Browser(people[rules.ADMIN]).on(cast.acme_host)
    for person in (cast.alice, people[rules.BILLING]):
        answer = host.post(f"/settings/members/{person}/remove")
        assert answer.status_code == 403
        assert "Ask an owner of the workspace." in text(answer)
        assert queries.member(cast.acme, person) is not None
    assert host.post(f"/settings/members/{people[rules.VIEWER]}/role", {"role": "owner"}).status_code == 403


def test_the_last_owner_can_neither_leave_nor_be_removed_nor_demoted(cast: Cast) -> None:
    host = Browser(cast.alice).on(cast.acme_host)
    attempts = {
        "/settings/general/leave": {}, f"/settings/members/{cast.alice}/remove": {},
        f"/settings/members/{cast.alice}/role": {"role": "admin"},
    }  # fmt: skip
    for path, form in attempts.items():
        answer = host.post(path, form)
        assert answer.status_code == 409, path
        assert "Make another member owner first." in text(answer)
    assert queries.member(cast.acme, cast.alice).role == rules.OWNER  # type: ignore[union-attr]


def test_a_hand_over_makes_the_other_owner_and_oneself_admin(cast: Cast, people: dict[str, int]) -> None:
    host, bob = Browser(cast.alice).on(cast.acme_host), people[rules.RESEARCHER]
    assert host.post("/settings/general/transfer", {"to": cast.alice}).status_code == 422
    assert host.post("/settings/general/transfer", {"to": cast.charlie}).status_code == 404
    assert host.post("/settings/general/transfer", {"to": "²"}).status_code == 404
    assert host.post("/settings/general/transfer", {"to": bob}).status_code == 302
    roles = {row.person: row.role for row in queries.members_of(cast.acme)}
    assert (roles[bob], roles[cast.alice]) == (rules.OWNER, rules.ADMIN)
    assert host.post("/settings/general/transfer", {"to": bob}).status_code == 403
    assert host.post("/settings/general/leave").status_code == 302


def test_who_left_or_was_removed_is_a_stranger_at_the_next_request(cast: Cast, people: dict[str, int]) -> None:
    bob, vera = Browser(people[rules.RESEARCHER]), Browser(people[rules.VIEWER])
    assert bob.on(cast.acme_host).get("/settings/members").status_code == 200
    gone = bob.on(cast.acme_host).post("/settings/general/leave")
    assert gone.status_code == 302 and gone["Location"].endswith("/workspaces")
    assert bob.on(cast.acme_host).get("/settings/members").status_code == 404
    assert vera.on(cast.acme_host).get("/settings/members").status_code == 200
    Browser(cast.alice).on(cast.acme_host).post(f"/settings/members/{people[rules.VIEWER]}/remove")
    assert vera.on(cast.acme_host).get("/settings/members").status_code == 404


def test_a_team_takes_members_only_and_forgets_who_goes(cast: Cast, people: dict[str, int]) -> None:
    alice = Browser(cast.alice).on(cast.acme_host)
    bob = people[rules.RESEARCHER]
    assert alice.post("/settings/teams/new", {"name": " Water \t board ", "people": [bob]}).status_code == 302
    team = queries.teams_of(cast.acme)[0]
    assert (team.name, team.people) == ("Water board", (bob,))
    assert "Bob" in text(alice.get("/settings/teams"))
    twice = alice.post("/settings/teams/new", {"name": "Water board"})
    assert twice.status_code == 409 and "Choose another name." in text(twice)
    teams.change(by=cast.alice, schema=cast.acme, team=team.id, name="Dams", people=[bob, cast.charlie])
    assert queries.teams_of(cast.acme)[0].people == (bob,)
    members.remove(by=cast.alice, schema=cast.acme, person=bob)
    assert queries.teams_of(cast.acme)[0].people == ()
    assert alice.post(f"/settings/teams/{team.id}/remove").status_code == 302
    assert queries.teams_of(cast.acme) == []
    with pytest.raises(NotFound):
        teams.remove(by=cast.charlie, schema=cast.globex, team=team.id)


def test_settings_are_saved_and_what_does_not_fit_is_said(cast: Cast, people: dict[str, int]) -> None:
    alice = Browser(cast.alice).on(cast.acme_host)
    form = {"name": "Acme Dams", "language": "de", "retention_days": "90", "fallback_approver": str(cast.alice)}
    assert alice.post("/settings/general/change", form).status_code == 302
    saved = queries.settings_of(cast.acme)
    assert (saved.name, saved.language, saved.retention_days) == ("Acme Dams", "de", 90)
    assert queries.fallback_approver(cast.acme) == cast.alice
    for wrong in ({"retention_days": "3"}, {"retention_days": "x"}, {"fallback_approver": str(people["viewer"])},
                  {"language": "tlh"}, {"name": ""}):  # fmt: skip
        assert alice.post("/settings/general/change", form | wrong).status_code == 422, wrong
    assert queries.settings_of(cast.acme) == saved
    with pytest.raises(Invalid):
        workspaces.change(by=cast.alice, schema=cast.acme, name="A", language="", retention_days=None,
                          fallback_approver=people["viewer"])  # fmt: skip


def test_whoever_may_no_longer_approve_is_no_longer_asked_last(cast: Cast, people: dict[str, int]) -> None:
    approver = people[rules.APPROVER]
    workspaces.change(
        by=cast.alice, schema=cast.acme, name="Acme", language="", retention_days=None, fallback_approver=approver
    )
    assert queries.fallback_approver(cast.acme) == approver
    members.change_role(by=cast.alice, schema=cast.acme, person=approver, role=rules.VIEWER)
    assert queries.fallback_approver(cast.acme) is None
    assert queries.settings_of(cast.acme).fallback_approver is None


def test_a_closed_workspace_answers_404_and_its_owner_opens_it_again(cast: Cast, people: dict[str, int]) -> None:
    alice, bob = Browser(cast.alice), Browser(people[rules.RESEARCHER])
    assert bob.on(cast.acme_host).get("/settings/general").status_code == 200
    wrong = alice.on(cast.acme_host).post("/settings/general/close", {"name": "acme"})
    assert wrong.status_code == 422 and "Type the workspace's name, Acme, to close it." in text(wrong)
    assert alice.on(cast.acme_host).post("/settings/general/close", {"name": "Acme"}).status_code == 302
    for browser in (alice, bob):
        assert browser.on(cast.acme_host).get("/research").status_code == 404
    slug = cast.acme_host.split(".")[0]
    assert bob.apex.post(f"/workspaces/{slug}/reopen").status_code == 404
    assert "Open again" in text(alice.apex.get("/workspaces"))
    assert alice.apex.post(f"/workspaces/{slug}/reopen").status_code == 302
    assert alice.on(cast.acme_host).get("/research").status_code == 200


def test_an_invitation_may_offer_no_more_than_its_sender_has(cast: Cast, people: dict[str, int]) -> None:
    for role in rules.ROLES:
        for offered in rules.ROLES:
            address = f"{role}-{offered}@example.test"
            if rules.may_grant(role, offered):
                assert invitations.invite(by=people[role], schema=cast.acme, email=address, role=offered)
            else:
                with pytest.raises(Forbidden):
                    invitations.invite(by=people[role], schema=cast.acme, email=address, role=offered)
    with pytest.raises(Conflict):
        invitations.invite(by=cast.alice, schema=cast.acme, email="OWNER-viewer@example.test", role="viewer")
