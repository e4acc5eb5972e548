"""A run is shown to whom its owner chose: a colleague outside it is refused like a stranger."""

from __future__ import annotations

import pytest
from django.urls import get_resolver

from apps.accounts import tenancy
from apps.accounts.models import Membership, Team, Workspace
from apps.policy.models import Approval
from apps.research.actions import keeping, runs
from apps.research.models import Inquiry
from apps.runtime import actions as runtime
from tests.web.conftest import QUESTION, House
from tests.web.reading import Visit, text


def owned_by_bob(house: House, **sight: object) -> str:
    """Return a published run of bob's that is shown to some."""
    with tenancy.in_workspace(house.cast.acme):
        request = runs.Request(question=QUESTION, documents=house.documents, approval_points=(), **sight)  # type: ignore[arg-type]
        run = runs.start(by=house.people["bob"], request=request)
        runtime.drive()
    return run


def addresses(run: str) -> list[str]:
    """Return every address of a run that can be read."""
    paths = [f"/research/{run}", *(f"/research/{run}/report{end}" for end in ("", ".pdf", ".md", ".html", ".json"))]
    return [*paths, f"/research/{run}/sources", f"/research/{run}/share", f"/research/{run}/sight"]


def doors(run: str) -> list[str]:
    """Return every address of a run that changes something."""
    own = [str(pattern.pattern) for pattern in get_resolver("apps.research.urls").url_patterns]
    filled = [path.replace("<slug:run>", run).replace("<str:task>", "plan").replace("<slug:link>", "l") for path in own]
    return [f"/{path}" for path in filled if run in path and not path.endswith("bring-back")]


@pytest.mark.parametrize("sight", ["private", "named", "team"])
def test_who_is_outside_gets_404_everywhere(house: House, visit: Visit, sight: str) -> None:
    with tenancy.as_platform("a test makes a team"):
        space = Workspace.objects.get(schema_name=house.cast.acme)
        team = Team.objects.create(workspace=space, name=f"inside {sight}")
        team.members.add(Membership.objects.get(workspace=space, user_id=house.people["bob"]))
    more = {"named": (house.people["bob"],)} if sight == "named" else {"team": team.pk} if sight == "team" else {}
    run = owned_by_bob(house, visibility=sight, **more)
    alice, bob, vera = visit("alice"), visit("bob"), visit("vera")
    assert bob.get(f"/research/{run}").status_code == 200
    for path in addresses(run):
        assert alice.get(path).status_code == 404, path
        assert vera.get(path).status_code in {404, 403} if "share" in path or "sight" in path else 404, path
    for path in doors(run):
        assert alice.post(path, {"decision": "accept", "approval": "apr_x"}).status_code in {404, 405}, path
    assert run not in alice.get("/research").content.decode()
    assert run in bob.get("/research").content.decode()
    assert alice.get(f"/research/new?from={run}").status_code == 404


def test_a_named_colleague_and_a_team_see_it(house: House, visit: Visit) -> None:
    named = owned_by_bob(house, visibility="named", named=(house.people["vera"],))
    assert visit("vera").get(f"/research/{named}/report").status_code == 200
    with tenancy.as_platform("a test makes a team"):
        space = Workspace.objects.get(schema_name=house.cast.acme)
        team = Team.objects.create(workspace=space, name="readers")
        team.members.set(
            Membership.objects.filter(workspace=space, user_id__in=[house.people["bob"], house.people["vera"]])
        )
    shown = owned_by_bob(house, visibility="team", team=team.pk)
    assert visit("vera").get(f"/research/{shown}").status_code == 200
    with tenancy.as_platform("a test takes somebody out"):
        team.members.remove(Membership.objects.get(workspace=space, user_id=house.people["vera"]))
    assert visit("vera").get(f"/research/{shown}").status_code == 404


def test_who_is_asked_to_approve_sees_the_run(house: House, visit: Visit) -> None:
    with tenancy.in_workspace(house.cast.acme):
        request = runs.Request(
            question=QUESTION, documents=house.documents, approval_points=("publish",), visibility="private"
        )
        run = runs.start(by=house.people["bob"], request=request)
        runtime.drive()
    assert visit("vera").get(f"/research/{run}").status_code == 404
    with tenancy.in_workspace(house.cast.acme):
        Approval.objects.filter(run=run).update(assigned_to=house.people["vera"])
    assert visit("vera").get(f"/research/{run}").status_code == 200


def test_a_colleague_reads_but_changes_nothing_of_somebody_elses_run(house: House, visit: Visit) -> None:
    with tenancy.in_workspace(house.cast.acme):
        request = runs.Request(question=QUESTION, documents=house.documents, approval_points=())
        run = runs.start(by=house.people["alice"], request=request)
        runtime.drive()
    bob = visit("bob")
    assert bob.get(f"/research/{run}").status_code == 200
    for end in ("delete", "share", "withdraw", "sight", "cancel", "resume"):
        answer = bob.post(f"/research/{run}/{end}", {"days": 7, "reason": "x", "visibility": "private"})
        assert answer.status_code == 403, end
        assert "belongs to somebody else" in text(answer), end
    assert visit("alice").post(f"/research/{run}/delete").status_code == 302


def test_a_deleted_run_is_gone_until_it_is_brought_back(house: House, visit: Visit) -> None:
    run = owned_by_bob(house)
    bob = visit("bob")
    link = bob.post(f"/research/{run}/share", {"days": 7}, follow=True).content.decode()
    token = link.split("/r/")[1].split('"')[0]
    answer = bob.post(f"/research/{run}/delete", follow=True)
    assert "The run was deleted." in text(answer) and f"/research/{run}/bring-back" in answer.content.decode()
    apex = visit("", host="localhost")
    assert [bob.get(path).status_code for path in addresses(run)] == [404] * len(addresses(run))
    assert apex.get(f"/r/{token}").status_code == 404
    assert visit("vera").post(f"/research/{run}/bring-back").status_code == 403
    assert bob.post(f"/research/{run}/bring-back").status_code == 302
    assert bob.get(f"/research/{run}/report").status_code == 200
    assert apex.get(f"/r/{token}").status_code == 200


def test_a_run_at_work_is_not_deleted(house: House, visit: Visit) -> None:
    run = house.start("plan")
    answer = visit("bob").post(f"/research/{run}/delete")
    assert answer.status_code == 409 and "Cancel it first" in text(answer)
    with tenancy.in_workspace(house.cast.acme):
        assert Inquiry.objects.get(pk=run).deleted_at is None


def test_a_visibility_that_is_nonsense_is_refused_in_words(house: House, visit: Visit) -> None:
    run = owned_by_bob(house)
    bob = visit("bob")
    answer = bob.post(f"/research/{run}/sight", {"visibility": "named"})
    assert answer.status_code == 422 and "at least one colleague" in text(answer)
    assert bob.post(f"/research/{run}/sight", {"visibility": "team", "team": "999999"}).status_code == 422
    assert bob.post(f"/research/{run}/sight", {"visibility": "everybody"}).status_code == 422
    with tenancy.in_workspace(house.cast.acme):
        keeping.show_to(by=house.people["bob"], run=run, visibility="private")
        assert Inquiry.objects.get(pk=run).visibility == "private"
