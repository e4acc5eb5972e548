"""Workspaces in which every text that a person can fill is bait: a word that says whose it is and who may read it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from unittest import mock

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from apps.accounts import tenancy
from apps.accounts.actions import invitations, members, sessions, teams, workspaces
from apps.accounts.models import Membership
from apps.agenda import actions as agenda
from apps.lib import clock, ids
from apps.library.actions import datasets, documents
from apps.library.actions.documents import Upload
from apps.memory import queries as memory
from apps.messaging import actions as messaging
from apps.monitors.actions import keeping as monitors
from apps.monitors.actions.keeping import Wish
from apps.monitors.models import Edition
from apps.monitors.rules.timetable import Timetable
from apps.policy import queries as policy
from apps.policy.approvals import decide, goodwill
from apps.research.actions import follow_ups, keeping, ratings, runs, sharing
from apps.research.models import ShareLink
from apps.research.workflow import RESEARCH
from apps.runtime import actions as runtime
from apps.runtime.context import CallFailed
from tests.tenancy import controlling
from tests.tenancy.spaces import BAIT, READERS, ROLES, SPACES, Space, bait

__all__ = ["BAIT", "READERS", "ROLES", "SPACES", "Space", "World", "ask", "bait", "plant"]

QUESTION = "When was the Harrow dam opened and how much water does it hold?"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class World:
    """The workspaces by name, and who belongs to none of them."""

    spaces: dict[str, Space]
    outside: dict[str, int]


def plant(*, thorough: bool = True, names: tuple[str, ...] = ("acme", "glob")) -> World:
    """Make acme and globex with everything there is, a closed workspace, staff, and somebody who was removed.

    thorough: globex gets runs in every state too, and not only one of each table. names: which are filled at all.
    """
    mark = f"c{next(_numbers)}{ids.new('x')[-6:].lower()}"
    spaces = {name: _open_space(name, mark) for name in SPACES}
    outside = {"stella": _staff(mark)}
    for name in names:
        outside[f"gina-{name}"] = _settle_in(spaces[name], mark)
        controlling.rule(spaces[name])
        _library(spaces[name])
        _research(spaces[name], every=thorough or name == "acme")
        _watched(spaces[name])
        _afterwards(spaces[name])
        controlling.fill(spaces[name])
        _shared_tables(spaces[name], outside)
    _close(spaces["shut"])
    outside["sam"] = spaces["shut"].people["alice"]
    outside["gina"] = outside.pop(f"gina-{names[0]}")
    return World(spaces, outside)


def _person(space: str, name: str, mark: str, seal: str = "open") -> int:
    word = bait(space, seal, f"name{name}")
    with tenancy.as_platform("a test needs a person"):
        made = get_user_model().objects.create_user(f"{name}-{word}-{mark}@example.test", "correct horse", name=word)
    return made.pk


def _staff(mark: str) -> int:
    with tenancy.as_platform("a test hires"):
        group, _new = Group.objects.get_or_create(name="platform_staff")
        made = get_user_model().objects.create_user(f"stella-{mark}@footnote.test", "x" * 12, name="St", is_staff=True)
        made.groups.add(group)
    return made.pk


def _open_space(name: str, mark: str) -> Space:
    owner = _person(name, "alice", mark)
    row = workspaces.create(by=owner, name=bait(name, "open", "workspace"), slug=f"{name}-{mark}")
    space = Space(name, row.schema, row.slug, {"alice": owner})
    space.note("slug", row.slug)
    return space


def _settle_in(space: Space, mark: str) -> int:
    """Fill a workspace with people, a team, invitations and settings; return who was removed."""
    owner = space.people["alice"]
    gina = _person(space.name, "gina", mark)
    space.people |= {name: _person(space.name, name, mark) for name in list(ROLES)[1:]}
    with tenancy.as_platform("people join"):
        from apps.accounts.models import Workspace

        row = Workspace.objects.get(schema_name=space.schema)
        joining = [(person, ROLES[name]) for name, person in space.people.items() if name != "alice"]
        for person, role in [*joining, (gina, "admin")]:
            Membership.objects.create(workspace=row, user_id=person, role=role)
    for name, person in space.people.items():
        space.note("person", person)
        sessions.begin(by=person, agent=bait(space.name, "mine", f"agent{name}") if name == "alice" else "x")
    team = teams.create(by=owner, schema=space.schema, name=bait(space.name, "open", "team"))
    people = [space.people["bob"], space.people["ann"]]
    teams.change(by=owner, schema=space.schema, team=team, name=bait(space.name, "open", "team"), people=people)
    space.note("team", team)
    workspaces.change(
        by=owner, schema=space.schema, name=bait(space.name, "open", "workspace"), language="", retention_days=90,
        fallback_approver=space.people["ann"],
    )  # fmt: skip
    for state in ("waiting", "revoked"):
        email = f"{bait(space.name, 'open', f'invited{state}')}@example.test"
        made = invitations.invite(by=owner, schema=space.schema, email=email, role="viewer")
        space.note("invitation", made)
        space.links[invitations.token_of(made)] = state == "waiting"
    invitations.revoke(by=owner, schema=space.schema, invitation=made)
    members.remove(by=owner, schema=space.schema, person=gina)
    return gina


def _library(space: Space) -> None:
    bob = space.people["bob"]

    def word(place: str) -> str:
        return bait(space.name, "work", place)

    with tenancy.in_workspace(space.schema):
        named = datasets.create(by=bob, name=word("dataset"), description=word("description"))
        lost = datasets.create(by=bob, name=word("lostdataset"), description=word("lostdescription"))
        body = (f"# The Harrow dam {word('title')}\n\nThe Harrow dam {word('opening')} was opened on 4 May 1974. "
                f"It holds 12.5 million cubic metres of water {word('water')}.\n")  # fmt: skip
        news = f"# Courier {word('courier')}\n\nThe Harrow dam, opened in 1974, holds 13.1 million cubic metres.\n"
        taken = []
        for dataset, name, text in (
            (datasets.DEFAULT, word("filename"), body), (datasets.DEFAULT, word("filename"), body + "\nMore.\n"),
            (named, word("newsfile"), news), (named, word("lostfile"), f"# {word('lost')}\n\nLost.\n"),
            (lost, word("lostdatafile"), f"# {word('lostdata')}\n\nLost too.\n"),
        ):  # fmt: skip
            added, rejected = documents.add(by=bob, uploads=[Upload(f"{name}.md", text.encode())], dataset=dataset)
            assert not rejected, rejected
            taken.append(added[0])
            space.note("document", added[0].document, "work")
            space.note("version", added[0].version)
        for dataset in (named, lost, datasets.DEFAULT):
            space.note("dataset", dataset, "work" if dataset != datasets.DEFAULT else "")
        documents.forget(by=bob, document=taken[3].document)
        datasets.forget(by=bob, dataset=lost)
        space.versions = (taken[1].version, taken[2].version)


def ask(space: Space, seal: str, place: str, *points: str, **more: object) -> str:
    """Start a run by bob whose question is bait, and drive it as far as it goes by itself."""
    request = runs.Request(
        question=f"{QUESTION} {bait(space.name, seal, 'question' + place)}",
        assumptions=(bait(space.name, seal, "given" + place),), documents=space.versions, approval_points=points,
    )  # fmt: skip
    run = runs.start(by=space.people["bob"], request=replace(request, **more))  # type: ignore[arg-type]
    runtime.drive()
    return space.note("run", run, seal)


@contextmanager
def _broken(space: Space, step: str) -> Iterator[None]:
    def fail(context: object) -> None:
        raise CallFailed(bait(space.name, "work", "failure"), outcome="refused", final=True)

    own = next(each for each in RESEARCH.steps if each.key == step)
    with mock.patch.dict(RESEARCH.__dict__["_by_key"], {step: replace(own, run=fail, optional=False)}):
        yield


def _research(space: Space, *, every: bool) -> None:
    """Make runs in every state and for every kind of reader; or only those that fill each table."""
    with tenancy.in_workspace(space.schema):
        for place, points in (("planned", ("plan", "publish")), ("drafted", ("publish",)), ("published", ())):
            ask(space, "work", place, *points)
        with _broken(space, "summarize"):
            ask(space, "work", "failed")
        _spoken_about(space, ask(space, "bobs", "published", visibility="private"), "bobs")
        if every:
            _ended(space)
            _hidden(space)
        _approvals(space)


def _ended(space: Space) -> None:
    bob, alice = space.people["bob"], space.people["alice"]
    runs.cancel(by=bob, run=ask(space, "work", "cancelled", "plan"))
    rejected = ask(space, "work", "rejected", "publish")
    why = bait(space.name, "open", "rejectedbecause")
    runs.decide(by=alice, run=rejected, verdict="reject", reason=why)
    runtime.drive()
    withdrawn = ask(space, "work", "withdrawn")
    _link(space, withdrawn, works=False)
    keeping.withdraw(by=bob, run=withdrawn, reason=bait(space.name, "open", "withdrawnbecause"))
    for seal, how in (("gone", "workspace"), ("lost", "private")):
        deleted = ask(space, seal, "deleted", visibility=how)
        _link(space, deleted, works=False)
        keeping.delete(by=bob, run=deleted)


def _hidden(space: Space) -> None:
    hidden: dict[str, dict[str, object]] = {
        "bobs": {"visibility": "private"}, "team": {"visibility": "team", "team": int(space.ids["team"][0])},
        "some": {"visibility": "named", "named": (space.people["vera"],)},
    }  # fmt: skip
    for seal in ("team", "some"):
        _spoken_about(space, ask(space, seal, "published", **hidden[seal]), seal)
    for seal, asked in (("bobs", "asko"), ("team", "team"), ("some", "askn")):
        ask(space, asked, "drafted", "publish", **hidden[seal])


def _approvals(space: Space) -> None:
    alice, ann = space.people["alice"], space.people["ann"]
    single = policy.pending_approval(ask(space, "work", "single"))
    assert single is not None and single.rule.startswith("policy:"), single
    for place in ("delegated", "escalated", "handed"):
        row = policy.pending_approval(ask(space, "work", place, "publish"))
        assert row is not None
        why = bait(space.name, "open", f"{place}because")
        if place == "delegated":
            decide.delegate(by=alice, approval=row.id, to=ann, reason=why)
        elif place == "escalated":
            assert decide.escalate(approval=row.id, to=ann)
        else:
            decide.hand_over(by=alice, approval=row.id, reason=why)
    for run in space.ids["run"]:
        for approval in policy.approvals(run=run):
            space.note("approval", approval.id, space.sealed[run])


def _link(space: Space, run: str, *, works: bool) -> None:
    token = sharing.share(by=space.people["bob"], run=run, days=7).rsplit("/", 1)[1]
    space.links[token] = works
    space.note("link", ShareLink.objects.filter(run=run).latest("created_at").pk)


def _watched(space: Space) -> None:
    """Have bob watch a question that everybody sees and one that nobody else does; each has a time that failed."""
    table = Timetable("daily", 8, 0, "UTC")
    with tenancy.in_workspace(space.schema):
        for seal, how in (("work", "workspace"), ("bobs", "private")):
            question = f"{QUESTION} {bait(space.name, seal, 'watched')}"
            asked = runs.Request(question=question, documents=space.versions, visibility=how)
            made = monitors.create(by=space.people["bob"], wish=Wish(asked, table))
            space.note("monitor", made, seal)
            why = bait(space.name, seal, "missed")
            Edition.objects.create(monitor_id=made, due_at=clock.now(), state="failed", reason=why)


def _spoken_about(space: Space, run: str, seal: str) -> None:
    """Ask on about a report and rate it."""
    bob = space.people["bob"]
    follow_ups.ask(by=bob, run=run, question=f"How much water does the dam hold? {bait(space.name, seal, 'asked')}")
    runtime.drive()
    ratings.rate(by=bob, run=run, value=1, note=bait(space.name, seal, "note"))
    ratings.rate(by=bob, run=run, value=-1, claim=0, note=bait(space.name, seal, "claimnote"))


def _afterwards(space: Space) -> None:
    bob, published = space.people["bob"], space.ids["run"][2]
    with tenancy.in_workspace(space.schema):
        for run in space.ids["run"]:
            for fact in memory.taught(runs=[run])[:2]:
                space.note("fact", fact.id, space.sealed[run])
        _spoken_about(space, published, "work")
        _link(space, published, works=True)
        _link(space, published, works=False)
        sharing.revoke(by=bob, run=published, link=space.ids["link"][-1])
        _link(space, published, works=False)
        ShareLink.objects.filter(pk=space.ids["link"][-1]).update(expires_at=clock.now() - timedelta(days=1))


def _shared_tables(space: Space, outside: dict[str, int]) -> None:
    """Fill what stands in the shared schema: notices of everybody, preferences, outbox, requests of staff."""
    with tenancy.in_workspace(space.schema):
        for run in space.ids["run"]:
            everybody = [*space.people.values(), outside[f"gina-{space.name}"]]
            messaging.tell(by=None, workspace=space.schema, people=everybody, kind="ends", run=run, at=clock.now())
        agenda.post(
            kind="mail", key="canary", workspace=space.schema, person=space.people["bob"],
            payload={"message": {"text": bait(space.name, "bobs", "mail")}},
        )  # fmt: skip
        for person in space.people.values():
            messaging.prefer(by=person, workspace=space.schema, wanted={("ends", "mail"): True})
        from apps.messaging.models import Notice

        rows = Notice.objects.filter(workspace=space.schema)
        for person in space.people.values():
            space.note("notice", rows.filter(person=person).earliest("pk").pk)
    with tenancy.as_platform("staff do something for a workspace"):
        goodwill.ask(
            by=outside["stella"], slug=space.slug, credits=5, reason=bait(space.name, "open", "goodwill")
        )  # fmt: skip
        agenda.impersonate(
            by=outside["stella"], person=space.people["vera"], schema=space.schema, minutes=15,
            reason=bait(space.name, "open", "look"),
        )  # fmt: skip


def _close(space: Space) -> None:
    """Put one run into the workspace, and close it."""
    alice = space.people["alice"]
    space.people["bob"] = alice
    with tenancy.in_workspace(space.schema):
        text = f"# {bait('shut', 'work', 'title')}\n\nThe Harrow dam was opened on 4 May 1974.\n"
        added, _rejected = documents.add(by=alice, uploads=[Upload("a.md", text.encode())])
        space.versions = (added[0].version,)
        run = ask(space, "work", "published")
        _link(space, run, works=False)
    workspaces.close(by=alice, schema=space.schema, name=bait("shut", "open", "workspace"))
