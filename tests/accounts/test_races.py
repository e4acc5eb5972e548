"""Two at once: an owner stays, a link works once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from apps.accounts import queries, rules, tenancy
from apps.accounts.actions import invitations, members, workspaces
from apps.lib.errors import ProductError
from tests.conftest import Cast

ROUNDS = 12


def together(*acts: Callable[[], object]) -> list[str]:
    """Do things at the same moment, each on a connection of its own; return what came of each."""
    start, results = threading.Barrier(len(acts)), [""] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
            results[index] = "done"
        except ProductError as error:
            results[index] = error.code
        finally:
            tenancy.close()

    threads = [threading.Thread(target=run, args=(index, act)) for index, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def owners(schema: str) -> list[int]:
    return [row.person for row in queries.members_of(schema) if row.role == rules.OWNER]


def second_owner(cast: Cast) -> int:
    return workspaces.join(by=cast.alice, schema=cast.acme, email=f"second-{cast.alice}@example.test", role="owner")


def test_two_owners_who_leave_at_once_do_not_both_get_out(committed: Cast) -> None:
    for _round in range(ROUNDS):
        for person in (committed.alice, committed.bob):
            workspaces.join(by=committed.alice, schema=committed.acme, email=_address(person), role="owner")
        results = together(
            lambda: members.leave(by=committed.alice, schema=committed.acme),
            lambda: members.leave(by=committed.bob, schema=committed.acme),
        )
        assert sorted(results) == ["conflict", "done"]
        assert len(owners(committed.acme)) == 1


def test_two_owners_who_demote_each_other_do_not_both_fall(committed: Cast) -> None:
    second = second_owner(committed)
    for _round in range(ROUNDS):
        for person in (committed.alice, second):
            workspaces.join(by=committed.alice, schema=committed.acme, email=_address(person), role="owner")
        acts = [
            lambda: members.change_role(by=committed.alice, schema=committed.acme, person=second, role="viewer"),
            lambda: members.change_role(by=second, schema=committed.acme, person=committed.alice, role="viewer"),
        ]
        results = together(*acts)
        assert sorted(results) in (["done", "forbidden"], ["conflict", "done"])
        assert len(owners(committed.acme)) == 1


def test_a_link_that_two_people_open_at_once_lets_one_in(committed: Cast) -> None:
    for number in range(ROUNDS):
        made = invitations.invite(
            by=committed.alice, schema=committed.acme, email=f"r{number}-{committed.alice}@example.test", role="viewer"
        )
        pair = [workspaces.person(email=f"p{number}-{which}-{committed.alice}@example.test") for which in ("a", "b")]
        token = invitations.token_of(made)
        results = together(*(partial(invitations.accept, by=one, token=token, confirmed=True) for one in pair))
        assert sorted(results) == ["done", "spent"]
        assert sum(queries.member(committed.acme, person) is not None for person in pair) == 1


def _address(person: int) -> str:
    from tests.accounts.conftest import email_of

    return email_of(person)
