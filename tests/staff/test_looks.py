"""Staff see a workspace as one of its people: for a reason, for a time, under a banner, changing nothing."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client

from apps.accounts import tenancy
from apps.accounts.actions import sessions
from apps.accounts.actions.workspaces import join
from apps.agenda.models import Impersonation
from apps.lib import clock
from apps.observability import queries as observability
from apps.policy import queries as policy
from tests.approvals.test_inbox import text
from tests.staff.conftest import Staff

WHY = "ticket 12: the report is empty"


def email(person: int) -> str:
    with tenancy.as_platform("a test looks"):
        return get_user_model().objects.get(pk=person).email


def begin(staff: Staff, by: str = "stella", person: str = "bob", **more: str) -> HttpResponse:
    """Ask for a look; a person that is no name here is an address."""
    known = {**staff.office.people, **staff.people}
    form = {
        "workspace": staff.space.slug, "person": email(known[person]) if person in known else person, "minutes": "15",
        "reason": WHY,
    }  # fmt: skip
    return staff.visit(by).post("/staff/agenda/impersonation/add/", form | more)


def arrive(staff: Staff, begun: HttpResponse) -> Client:
    where = urlsplit(begun["Location"])
    assert where.hostname == staff.office.cast.acme_host
    client = staff.office.visit()
    assert client.get(f"{where.path}?{where.query}").status_code == 302
    return client


def did(staff: Staff) -> list[str]:
    with tenancy.as_platform("a test looks"):
        return [row.did for row in reversed(observability.entries(staff.office.schema)) if "imperson" in row.did]


def test_the_banner_says_as_whom_until_when_and_why_and_ends_it(staff: Staff) -> None:
    client = arrive(staff, begin(staff))
    page = client.get("/research")
    assert page.status_code == 200
    assert "You see this as Bob until" in text(page) and WHY in text(page)
    ended = client.post("/staff-look/end")
    assert ended.status_code == 302 and ended["Location"].endswith("/staff/")
    assert "/enter/" in client.get("/research")["Location"]
    assert did(staff) == ["impersonation.started", "impersonation.ended"]


@pytest.mark.parametrize(
    "path", ["/approvals/{a}/decide", "/approvals/{a}/delegate", "/research", "/notices/read",
             "/settings/notifications", "/research/{r}/share", "/research/{r}/delete", "/research/{r}/cancel"],
)  # fmt: skip
def test_nothing_is_changed_while_looking_and_each_try_is_kept(staff: Staff, path: str) -> None:
    run = staff.office.run("publish", by="adam")
    approval = staff.office.pending(run)
    client = arrive(staff, begin(staff, person="ann"))
    assert client.get(f"/approvals/{approval}").status_code == 200
    for method in (client.post, client.put, client.patch, client.delete):
        refused = method(path.format(a=approval, r=run), {"decision": "accept"})
        assert refused.status_code == 403 and "You may look, not change anything" in text(refused)
    with tenancy.in_workspace(staff.office.schema):
        assert policy.approval(approval).state == "pending"
    assert did(staff).count("impersonation.refused") == 4


def test_it_ends_at_its_time_on_pages_and_on_streams(staff: Staff) -> None:
    client = arrive(staff, begin(staff))
    session = client.cookies["footnote_session"].value
    assert sessions.member_of(host=staff.office.cast.acme_host, session=session) is not None
    with clock.stopped(clock.now() + timedelta(minutes=15, seconds=1)):
        over = client.get("/research")
        assert over.status_code == 302 and over["Location"].endswith("/staff/")
        assert "/enter/" in client.get("/research")["Location"]
    assert sessions.member_of(host=staff.office.cast.acme_host, session=session) is None
    assert did(staff)[-1] == "impersonation.ended"


def test_it_ends_when_the_member_of_staff_is_no_longer_one(staff: Staff) -> None:
    client = arrive(staff, begin(staff))
    with tenancy.as_platform("a test lets stella go"):
        get_user_model().objects.filter(pk=staff.people["stella"]).update(is_staff=False)
    assert client.get("/research").status_code == 302
    assert "/enter/" in client.get("/research")["Location"]


def test_it_ends_when_the_member_of_staff_signs_out(staff: Staff) -> None:
    client = arrive(staff, begin(staff))
    assert client.get("/research").status_code == 200
    with tenancy.as_platform("a test signs stella out"):
        sessions.end_others(by=staff.people["stella"])
    assert "/enter/" in client.get("/research")["Location"]


def test_a_ticket_is_good_once_on_its_host_and_for_thirty_seconds(staff: Staff) -> None:
    begun = begin(staff)
    where = urlsplit(begun["Location"])
    path = f"{where.path}?{where.query}"
    other = Client(headers={"host": staff.office.cast.globex_host})
    assert other.get(path).status_code == 403
    arrive(staff, begun)
    assert staff.office.visit().get(path).status_code == 403
    for forged in ("/staff-look", "/staff-look?ticket=", "/staff-look?ticket=1:x:y", path + "x"):
        assert staff.office.visit().get(forged).status_code == 403
    late = urlsplit(begin(staff)["Location"])
    with tenancy.as_platform("a test lets time pass"):
        Impersonation.objects.filter(schema=staff.office.schema, arrived_at=None).update(ends_at=clock.now())
    assert staff.office.visit().get(f"{late.path}?{late.query}").status_code == 403


@pytest.mark.parametrize(
    "wrong", [{"reason": " "}, {"minutes": "600"}, {"minutes": ""}, {"person": "nobody@example.test"},
              {"workspace": "nobody"}],
)  # fmt: skip
def test_without_a_reason_a_known_person_and_a_limit_nothing_begins(staff: Staff, wrong: dict[str, str]) -> None:
    assert begin(staff, **wrong).status_code == 422
    with tenancy.as_platform("a test looks"):
        assert not Impersonation.objects.filter(schema=staff.office.schema).exists()


def test_only_platform_staff_look_and_never_as_staff_or_as_somebody_from_elsewhere(staff: Staff) -> None:
    assert begin(staff, by="simon").status_code == 403
    assert begin(staff, person="charlie").status_code == 422
    join(by=staff.office.people["alice"], schema=staff.office.schema, email=email(staff.people["stan"]), role="admin")
    assert begin(staff, person="stan").status_code == 422


def test_the_person_is_not_said_to_have_signed_in(staff: Staff) -> None:
    with tenancy.as_platform("a test looks"):
        before = get_user_model().objects.get(pk=staff.office.people["bob"]).last_login
    arrive(staff, begin(staff))
    with tenancy.as_platform("a test looks"):
        assert get_user_model().objects.get(pk=staff.office.people["bob"]).last_login == before


def test_a_workspace_can_neither_read_nor_forge_looks(staff: Staff) -> None:
    from django.db import Error, transaction

    with tenancy.in_workspace(staff.office.schema), pytest.raises(Error, match="permission denied"):
        with transaction.atomic():
            Impersonation.objects.count()
