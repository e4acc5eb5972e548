"""The credit ledger against a model of it: any order of movements, crashes between any two statements included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from apps.accounts import tenancy
from apps.billing import queries, rules
from apps.billing.actions import credits
from apps.billing.models import Balance, CreditEntry, CreditGrant
from apps.lib import clock, ids
from tests.conftest import Cast

SIZES = st.integers(1, 40)
# At which statement a movement dies; most do not.
DEATHS = st.one_of(st.just(0), st.just(0), st.integers(1, 8))
STEPS = ("plan", "search:0", "summarize:0")


class Killed(Exception):
    """The process died here."""


@contextmanager
def dying(after: int) -> Iterator[None]:
    """Die before the so-many-th statement; 0: never."""
    count = 0

    def step(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal count
        count += 1
        if count == after:
            raise Killed
        return execute(*args)

    with connection.execute_wrapper(step):
        yield


@dataclass
class Given:
    """What the model knows of a grant."""

    source: str
    ends: Any
    left: int


@dataclass
class Ran:
    """What the model knows of a run: what it holds of each grant, what it paid and got back."""

    held: dict[int, int] = field(default_factory=dict)
    round: int = 0
    used: int = 0
    paid: int = 0
    refunded: int = 0
    ends: list[Any] = field(default_factory=list)


class Ledger(RuleBasedStateMachine):
    """Moves credits of one workspace, and says after each step what should be there."""

    schema, person, tried = "", 0, Counter[str]()

    def __init__(self) -> None:
        super().__init__()
        self.base = ids.new("lm")
        self.now = clock.now()
        self.grants: dict[int, Given] = {}
        self.runs: dict[str, Ran] = {}
        self.spent = self.expired = self.taken = 0
        with tenancy.in_workspace(self.schema):
            self.workspace = self.schema
            self.forget()

    def forget(self) -> None:
        """Begin with nothing: what the machine before left is taken back."""
        credits.expire_due(workspace=self.workspace)
        for run in CreditEntry.objects.filter(kind="hold").values_list("run", flat=True).distinct():
            credits.settle(workspace=self.workspace, run=run, used=0)
        if there := queries.balance(self.workspace).available:
            credits.take_back(
                by=1, approved_by=2, workspace=self.workspace, credits=there, key=self.base, note="a new machine"
            )
        self.known = set(CreditGrant.objects.values_list("pk", flat=True))
        self.before = {kind: total(kind) for kind in rules.ACCOUNTS}

    def act(self, death: int, name: str, **more: Any) -> Any:
        """Do one movement, which may die; tell what it returned, or Killed."""
        self.tried[name] += 1
        with tenancy.in_workspace(self.schema):
            try:
                with dying(death):
                    return getattr(credits, name)(workspace=self.workspace, **more)
            except Killed:
                return Killed
            except credits.NotEnoughCredits as error:
                return error

    def order(self) -> list[int]:
        return sorted(
            self.grants, key=lambda one: rules.burn_order(self.grants[one].source, self.grants[one].ends, one)
        )

    def new_grants(self) -> list[int]:
        with tenancy.in_workspace(self.schema):
            return list(CreditGrant.objects.exclude(pk__in=self.known | set(self.grants)).values_list("pk", flat=True))

    def expire(self) -> None:
        """The model's own expiry: what a movement finds due is gone before it begins."""
        for one in self.grants.values():
            if one.ends and one.ends <= clock.now():
                self.expired += one.left
                one.left = 0

    @rule(size=SIZES, source=st.sampled_from(rules.SOURCES), days=st.sampled_from([None, 1, 5]), death=DEATHS)
    def grant(self, size: int, source: str, days: int | None, death: int) -> None:
        key, ends = ids.new("key"), None if days is None else clock.now() + timedelta(days=days)
        given = {"by": None, "credits": size, "source": source, "expires_at": ends, "key": key}
        said = self.act(death, "grant", **given)
        if said is Killed:
            assert self.new_grants() == []
            said = self.act(0, "grant", **given)
        assert said is True and self.act(0, "grant", **given) is False
        (new,) = self.new_grants()
        self.grants[new] = Given(source, ends, size)

    @rule(size=SIZES, death=DEATHS, again=st.booleans())
    def hold(self, size: int, death: int, again: bool) -> None:
        free = [run for run, ran in self.runs.items() if not ran.held]
        run = free[0] if again and free else ids.new("run")
        ran = self.runs.setdefault(run, Ran())
        said = self.act(death, "hold", by=self.person, run=run, credits=size, round=ran.round + 1)
        if said is Killed:
            return
        due = {one: self.grants[one].left for one in self.order() if not self.is_over(one)}
        if sum(due.values()) < size:
            assert isinstance(said, credits.NotEnoughCredits)
            return
        assert said is None
        self.expire()
        ran.round += 1
        for one in self.order():
            part = min(self.grants[one].left, size)
            if part:
                self.grants[one].left -= part
                ran.held[one] = part
                size -= part
        assert size == 0

    def is_over(self, one: int) -> bool:
        ends = self.grants[one].ends
        return ends is not None and ends <= clock.now()

    @precondition(lambda self: any(ran.held for ran in self.runs.values()))
    @rule(used=st.integers(0, 60), split=st.lists(st.integers(0, 20), min_size=3, max_size=3), death=DEATHS)
    def settle(self, used: int, split: list[int], death: int) -> None:
        run, ran = next((run, ran) for run, ran in self.runs.items() if ran.held)
        ran.used += used
        given = {"run": run, "used": ran.used, "steps": dict(zip(STEPS, split, strict=True))}
        said = self.act(death, "settle", **given)
        if said is Killed:
            said = self.act(0, "settle", **given)
        charge = max(0, min(ran.used - ran.paid, sum(ran.held.values())))
        assert said == charge and self.act(0, "settle", **given) == 0
        ran.paid, self.spent = ran.paid + charge, self.spent + charge
        for one in [each for each in self.order() if each in ran.held]:
            part = min(ran.held[one], charge)
            charge -= part
            if part:
                ran.ends.append(self.grants[one].ends)
            self.grants[one].left += ran.held[one] - part
        ran.held = {}
        self.expire()

    @precondition(lambda self: any(ran.paid for ran in self.runs.values()))
    @rule(size=st.one_of(st.none(), SIZES), death=DEATHS)
    def refund(self, size: int | None, death: int) -> None:
        run, ran = next((run, ran) for run, ran in self.runs.items() if ran.paid)
        given = {"by": None, "run": run, "note": "it went wrong", "credits": size}
        said = self.act(death, "refund", **given)
        if said is Killed:
            assert self.new_grants() == []
            said = self.act(0, "refund", **given)
        due = ran.paid - ran.refunded
        assert said == min(due, due if size is None else size)
        ran.refunded, self.spent = ran.refunded + said, self.spent - said
        if said:
            (new,) = self.new_grants()
            with tenancy.in_workspace(self.schema):
                ends = CreditGrant.objects.get(pk=new).expires_at
            assert (ends is None) == (None in ran.ends)
            assert ends is None or ends >= max(end for end in ran.ends)
            self.grants[new] = Given("refund", ends, said)

    @rule(size=SIZES, death=DEATHS)
    def take_back(self, size: int, death: int) -> None:
        key = ids.new("key")
        usable = sum(one.left for pk, one in self.grants.items() if not self.is_over(pk))
        given = {"by": 1, "approved_by": 2, "credits": size, "key": key, "note": "a mistake"}
        if size > usable:
            with pytest.raises(credits.Invalid):
                self.act(0, "take_back", **given)
            return
        if self.act(death, "take_back", **given) is Killed:
            self.act(0, "take_back", **given)
        assert self.act(0, "take_back", **given) is False
        self.expire()
        self.taken += size
        for one in self.order():
            part = min(self.grants[one].left, size)
            self.grants[one].left -= part
            size -= part

    @rule(days=st.integers(1, 3), death=DEATHS)
    def wait(self, days: int, death: int) -> None:
        self.now += timedelta(days=days)
        clock.set_for_tests(self.now)
        if self.act(death, "expire_due") is Killed:
            self.act(0, "expire_due")
        self.expire()

    @invariant()
    def the_books_agree(self) -> None:
        with tenancy.in_workspace(self.schema):
            row = Balance.objects.get(workspace=self.workspace)
            left = dict(CreditGrant.objects.filter(pk__in=self.grants).values_list("pk", "left"))
            moved = {kind: total(kind) - self.before[kind] for kind in rules.ACCOUNTS}
        held = sum(sum(ran.held.values()) for ran in self.runs.values())
        available = sum(one.left for one in self.grants.values())
        assert (row.available, row.held) == (available, held)
        assert left == {pk: one.left for pk, one in self.grants.items()}
        accounts = Counter[str]()
        for kind, (source, target) in rules.ACCOUNTS.items():
            accounts[source] -= moved[kind]
            accounts[target] += moved[kind]
        assert sum(accounts.values()) == 0 and min(available, held) >= 0
        assert (accounts["available"], accounts["held"], accounts["spent"], accounts["expired"]) == (
            available, held, self.spent, self.expired,
        )  # fmt: skip


def total(kind: str) -> int:
    return sum(CreditEntry.objects.filter(kind=kind).values_list("credits", flat=True))


def test_the_balance_equals_the_model_after_every_step_and_is_never_negative(
    committed: Cast, full: bool, proof: Callable[[str, int, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    moment = [clock.now()]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    monkeypatch.setattr(clock, "set_for_tests", lambda at: moment.__setitem__(0, at), raising=False)

    class Here(Ledger):
        schema, person, tried = committed.acme, committed.alice, Counter[str]()

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=400 if full else 10, stateful_step_count=40, deadline=None, derandomize=not full,
            database=None, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    steps = sum(Here.tried.values())
    assert all(Here.tried[name] for name in ("grant", "hold", "settle", "refund", "take_back", "expire_due"))
    proof("movements of credits, killed between any two statements: the books agree", steps, "0 differences")


def test_a_second_hold_of_the_same_round_is_refused_whichever_grants_it_would_take(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        for source in ("plan", "topup"):
            credits.grant(by=None, workspace=cast.acme, credits=5, key=source, source=source)
        credits.hold(by=cast.alice, workspace=cast.acme, run="run_x", credits=7)
        with pytest.raises(IntegrityError), transaction.atomic():
            credits.hold(by=cast.alice, workspace=cast.acme, run="run_x", credits=7)
