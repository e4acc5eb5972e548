"""An approval is decided once, by whoever is first and may; it can be handed on, edited, and it expires."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from apps.accounts import tenancy
from apps.agenda.models import PendingApproval
from apps.lib import clock
from apps.lib.errors import Conflict, Forbidden, Invalid, NotFound, ProductError
from apps.observability import queries as observability
from apps.policy import queries as policy
from apps.policy.approvals import decide, kinds, request
from apps.policy.models import Approval
from tests.approvals.conftest import Office


def test_simultaneous_yes_and_no_give_one_outcome_each(
    office: Office, full: bool, proof: Callable[[str, int, str], None]
) -> None:
    count = 1000 if full else 40
    asked = [office.ask() for _ in range(count)]
    answers: list[tuple[str, str]] = []

    def answer(verdict: str, by: int, barrier: threading.Barrier) -> None:
        try:
            for approval in asked:
                barrier.wait()
                try:
                    with tenancy.in_workspace(office.schema):
                        decide.decide(by=by, approval=approval, verdict=verdict, reason="so")
                    answers.append((approval, verdict))
                except Conflict:
                    answers.append((approval, "told"))
        finally:
            tenancy.close()

    barrier = threading.Barrier(2)
    people = (("accept", office.people["alice"]), ("reject", office.people["adam"]))
    threads = [threading.Thread(target=answer, args=(verdict, by, barrier)) for verdict, by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = Counter(answers)
    assert len(answers) == 2 * count
    assert all(seen[approval, "told"] == 1 for approval in asked)
    with tenancy.in_workspace(office.schema):
        rows = policy.approvals_of(asked)
        lines = [entry.did for approval in asked for entry in observability.about(office.schema, approval)]
    states = Counter(row.state for row in rows.values())
    assert states["accepted"] + states["rejected"] == count
    for approval in asked:
        won = "accept" if rows[approval].state == "accepted" else "reject"
        assert seen[approval, won] == 1 and rows[approval].decided_by == dict(people)[won]
    assert Counter(lines)["approval.accepted"] == states["accepted"]
    assert Counter(lines)["approval.rejected"] == states["rejected"]
    proof("one approval has one decision, whoever presses at the same moment", count, "1 outcome each")


def test_the_second_is_told_who_was_first_when_and_how(office: Office) -> None:
    approval = office.ask()
    with tenancy.in_workspace(office.schema):
        decide.decide(by=office.people["ann"], approval=approval, verdict="accept")
        with pytest.raises(Conflict, match=r"Already decided by Ann at \d{1,2} \w{3} \d{4}, \d\d:\d\d: accepted"):
            decide.decide(by=office.people["alice"], approval=approval, verdict="reject", reason="no")
    with tenancy.as_platform("a test looks"):
        assert not PendingApproval.objects.filter(approval=approval).exists()


def test_a_rejection_needs_a_reason_unless_it_is_about_a_plan(office: Office) -> None:
    draft, plan = office.ask("publish"), office.ask("plan")
    with tenancy.in_workspace(office.schema):
        for reason in ("", "   "):
            with pytest.raises(Invalid, match="Say why"):
                decide.decide(by=office.people["ann"], approval=draft, verdict="reject", reason=reason)
        assert policy.approval(draft).state == "pending"
        decide.decide(by=office.people["ann"], approval=draft, verdict="reject", reason="too thin")
        decide.decide(by=office.people["bob"], approval=plan, verdict="reject")
        assert policy.approval(draft).reason == "too thin"
        assert policy.approval(plan).state == "rejected"


def test_an_edit_is_an_acceptance_with_another_subject(office: Office) -> None:
    approval = office.ask("plan")
    changed = {"plan": {"sub_questions": []}}
    with tenancy.in_workspace(office.schema):
        for verdict, edited in (("edit", None), ("accept", changed), ("perhaps", None)):
            with pytest.raises(Invalid):
                decide.decide(by=office.people["bob"], approval=approval, verdict=verdict, edited=edited)
        decide.decide(by=office.people["bob"], approval=approval, verdict="edit", edited=changed)
        row = Approval.objects.get(pk=approval)
        assert (row.state, row.edited, row.subject["draft"]) == ("accepted", changed, "x")
        answer = request.answer(
            run=row.run, task=row.task, name=row.name, subject=row.subject, rule="plan", asked_for=row.asked_for
        )
        assert (answer.state, answer.edited) == ("accepted", changed)


def test_who_may_not_approve_decides_nothing(office: Office) -> None:
    approval = office.ask()
    with tenancy.in_workspace(office.schema):
        for person in ("bob", "vera", "charlie"):
            for act in (
                lambda by: decide.decide(by=by, approval=approval, verdict="accept"),
                lambda by: decide.delegate(by=by, approval=approval, to=office.people["ann"]),
                lambda by: decide.hand_over(by=by, approval=approval, reason="please"),
            ):
                with pytest.raises(Forbidden):
                    act(office.people[person])
        with pytest.raises(NotFound):
            decide.decide(by=office.people["ann"], approval="apr_none", verdict="accept")
        with pytest.raises(NotFound):
            decide.decide(by=office.people["ann"], approval=approval, verdict="accept", run="run_other")
        assert policy.approval(approval).state == "pending"


def test_it_is_handed_only_to_somebody_who_may_decide_and_the_others_still_may(office: Office) -> None:
    approval = office.ask()
    with tenancy.in_workspace(office.schema):
        for person in ("bob", "vera", "charlie"):
            with pytest.raises(Invalid, match="may not decide"):
                decide.delegate(by=office.people["alice"], approval=approval, to=office.people[person])
        assert policy.asks(office.people["ann"]) == frozenset()
        decide.delegate(by=office.people["alice"], approval=approval, to=office.people["ann"], reason="you know it")
        assert policy.asks(office.people["ann"]) == {"run_none"}
        decide.decide(by=office.people["adam"], approval=approval, verdict="accept")
        with pytest.raises(Conflict, match="Adam"):
            decide.delegate(by=office.people["alice"], approval=approval, to=office.people["ann"])
        did = [row.did for row in observability.about(office.schema, approval)]
    assert did == ["approval.asked", "approval.delegated", "approval.accepted"]


def test_after_its_time_nobody_decides_it(office: Office) -> None:
    approval = office.ask()
    with clock.stopped(clock.now() + timedelta(days=7, seconds=1)), tenancy.in_workspace(office.schema):
        for act in (
            lambda: decide.decide(by=office.people["ann"], approval=approval, verdict="accept"),
            lambda: decide.delegate(by=office.people["ann"], approval=approval, to=office.people["adam"]),
        ):
            with pytest.raises(Conflict, match="expired"):
                act()
        assert not decide.escalate(approval=approval, to=office.people["alice"])


def test_what_is_handed_over_is_staffs_and_no_longer_the_workspaces(office: Office) -> None:
    approval = office.ask()
    with tenancy.in_workspace(office.schema):
        with pytest.raises(Forbidden):
            decide.hand_over(by=office.people["ann"], approval=approval, reason="please")
        with pytest.raises(Invalid):
            decide.hand_over(by=office.people["alice"], approval=approval, reason=" ")
        decide.hand_over(by=office.people["alice"], approval=approval, reason="we disagree")
        with pytest.raises(Forbidden, match="Platform staff"):
            decide.decide(by=office.people["alice"], approval=approval, verdict="accept")
    with tenancy.as_platform("a test looks"):
        assert PendingApproval.objects.get(approval=approval).approver_role == kinds.STAFF


def test_kinds_that_are_staffs_begin_there(office: Office) -> None:
    for rule in ("mcp_server", "sandbox_grant"):
        approval = office.ask(rule)
        with tenancy.in_workspace(office.schema):
            assert policy.approval(approval).approver_role == kinds.STAFF
            with pytest.raises(ProductError, match="Platform staff"):
                decide.decide(by=office.people["alice"], approval=approval, verdict="accept")
