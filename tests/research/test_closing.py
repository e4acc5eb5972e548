"""What is at work in a workspace stops when it is closed, and how long plans keep what was found."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from apps.accounts.models import Workspace
from apps.agenda.models import Due
from apps.billing import queries as billing
from apps.billing.models import Entitlement
from apps.lib import clock
from apps.library.actions import documents as library
from apps.library.actions.documents import Upload
from apps.messaging.models import Notice
from apps.research.actions import closing, erasing, runs
from apps.runtime import queries as states
from apps.runtime.models import Run
from tests.conftest import Cast

TEXT = b"# The dam\n\nThe dam was opened in 1974 and holds 12.5 million cubic metres of water.\n"
DAY = timedelta(days=1)


def start(cast: Cast) -> str:
    with tenancy.in_workspace(cast.acme):
        (added,), _rejected = library.add(by=cast.alice, uploads=[Upload("dam.md", TEXT)])
        request = runs.Request(question="When was it opened?", documents=(added.version,))
        return runs.start(by=cast.alice, request=request)


def test_closing_a_workspace_cancels_what_is_live_and_gives_its_credits_back(cast: Cast) -> None:
    before = billing.balance(cast.acme)
    first, second = start(cast), start(cast)
    assert billing.balance(cast.acme).held > 0 and Due.objects.filter(workspace=cast.acme).count() >= 2
    workspaces.close(by=cast.alice, schema=cast.acme, name="Acme")
    with tenancy.in_workspace(cast.acme):
        assert {states.run(run).state for run in (first, second)} == {"cancelled"}
    assert billing.balance(cast.acme) == before
    assert not Due.objects.filter(workspace=cast.acme).exists()
    # A run that was admitted at that very moment is found by the chore.
    with tenancy.in_workspace(cast.acme):
        Run.objects.filter(pk=second).update(state="queued", ended_at=None)
    assert closing.stop_late() == 1 and closing.stop_late() == 0


def test_a_close_that_is_refused_stops_nothing(cast: Cast) -> None:
    run = start(cast)
    with pytest.raises(Exception, match="Type the workspace's name"):
        workspaces.close(by=cast.alice, schema=cast.acme, name="acme")
    with tenancy.in_workspace(cast.acme):
        assert states.run(run).state == "queued"


def plan(cast: Cast, days: int) -> None:
    Entitlement.objects.filter(workspace=cast.acme).update(limits={"retention_days": days})


def review(cast: Cast, at: object) -> tuple[int | None, object]:
    with clock.stopped(at):
        kept = workspaces.review_keeping(schema=cast.acme)
    return kept, accounts.settings_of(cast.acme).plan.next_at


def test_a_smaller_plan_keeps_research_for_less_after_a_grace_that_is_announced_once(cast: Cast) -> None:
    Entitlement.objects.get_or_create(workspace=cast.acme, defaults={"plan": "a test's"})
    plan(cast, 365)
    now = clock.now()
    assert review(cast, now) == (365, None), "it is new, so that the plan's figure binds at once"
    plan(cast, 30)
    told = Notice.objects.filter(workspace=cast.acme, kind="retention")
    assert review(cast, now + 40 * DAY) == (365, now + 70 * DAY)
    assert review(cast, now + 69 * DAY) == (365, now + 70 * DAY)
    assert [(row.person, row.mark) for row in told] == [(cast.alice, 30)], "owners and admins hear of it, once"
    # A larger plan in time: nothing is lost.
    plan(cast, 365)
    assert review(cast, now + 69 * DAY) == (365, None)
    plan(cast, 30)
    assert review(cast, now + 80 * DAY) == (365, now + 110 * DAY)
    assert review(cast, now + 110 * DAY) == (30, None)
    with tenancy.as_platform("a test sets how long runs are kept"):
        Workspace.objects.filter(schema_name=cast.acme).update(retention_days=7)
    assert review(cast, now + 111 * DAY) == (7, None), "the workspace's own setting counts where it is shorter"


def test_the_sweep_erases_what_the_plan_does_not_keep(cast: Cast) -> None:
    Entitlement.objects.get_or_create(workspace=cast.acme, defaults={"plan": "a test's"})
    plan(cast, 30)
    run, now = start(cast), clock.now()
    with tenancy.in_workspace(cast.acme):
        runs.cancel(by=cast.alice, run=run)
    workspaces.review_keeping(schema=cast.acme)
    with clock.stopped(now + 29 * DAY):
        erasing.tidy()
    with tenancy.in_workspace(cast.acme):
        assert run in states.ended_before(now + DAY)
    with clock.stopped(now + 31 * DAY):
        erasing.tidy()
    with tenancy.in_workspace(cast.acme):
        assert run not in states.ended_before(now + DAY)
