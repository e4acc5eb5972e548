"""Two workspaces with everything a page can show, made by the product's own actions.

python -m tests.journeys.seed FILE: writes what was made to FILE, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

import django

django.setup()

from allauth.account.forms import default_token_generator  # noqa: E402
from allauth.account.models import EmailAddress, EmailConfirmationHMAC  # noqa: E402
from allauth.account.utils import user_pk_to_url_str  # noqa: E402
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes  # noqa: E402
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import transaction  # noqa: E402

from apps.accounts import tenancy  # noqa: E402
from apps.accounts.actions import invitations, sessions, teams, workspaces  # noqa: E402
from apps.agenda.models import Due, Outbox, PendingApproval  # noqa: E402
from apps.billing.actions import credits  # noqa: E402
from apps.blog.actions import ground, seeding  # noqa: E402
from apps.blog.models import PostIndex, PricingPage  # noqa: E402
from apps.lib import blobs, clock, ids  # noqa: E402
from apps.library.actions import datasets  # noqa: E402
from apps.library.actions import documents as library  # noqa: E402
from apps.library.actions.documents import Upload  # noqa: E402
from apps.library.models import DocumentVersion  # noqa: E402
from apps.policy import queries as policy  # noqa: E402
from apps.policy.actions import policies  # noqa: E402
from apps.policy.approvals import decide, goodwill  # noqa: E402
from apps.policy.models import Approval  # noqa: E402
from apps.policy.registry import servers, sign_ins  # noqa: E402
from apps.policy.views import policies as policy_pages  # noqa: E402
from apps.research.actions import follow_ups, keeping, proofs, ratings, runs, sharing  # noqa: E402
from apps.runtime import actions as runtime  # noqa: E402
from apps.runtime import queries as states  # noqa: E402
from apps.runtime.context import StepContext  # noqa: E402
from apps.runtime.models import Task  # noqa: E402
from tests.journeys import words  # noqa: E402

FAR = timedelta(days=30)


class Halt(BaseException):
    """The worker stops here, as if it had been unplugged."""


@dataclass
class Made:
    """Ids by name; sessions by person, then host (`apex` or a slug); doors: addresses that only a mail names."""

    people: dict[str, int] = field(default_factory=dict)
    sessions: dict[str, dict[str, str]] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)
    approvals: dict[str, str] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    doors: dict[str, str] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    schema: str = ""


def hire(made: Made, password: str) -> None:
    """Make everybody: a member of every role, a stranger, staff, and somebody whose address is not confirmed."""
    for name in ("alice", "charlie", "dora"):
        made.people[name] = workspaces.person(email=f"{name}@example.test", name=name.title(), password=password)
    made.schema = workspaces.create(by=made.people["alice"], name="Acme", slug="acme").schema
    globex = workspaces.create(by=made.people["charlie"], name="Globex", slug="globex").schema
    for name, role in words.ROLES.items():
        email = f"{name}@example.test"
        made.people[name] = workspaces.join(
            by=made.people["alice"], schema=made.schema, email=email, role=role, password=password,
            name=words.NAMES.get(name, name.title()),
        )  # fmt: skip
    workspaces.join(by=made.people["charlie"], schema=globex, email="alice@example.test", role="viewer")
    shut = workspaces.create(by=made.people["alice"], name="Initech", slug="initech")
    workspaces.close(by=made.people["alice"], schema=shut.schema, name="Initech")
    credits.grant(by=None, workspace=made.schema, credits=5_000, key=ids.new("grant"))
    with tenancy.as_platform("the journeys hire staff"):
        group, _new = Group.objects.get_or_create(name="platform_staff")
        for name in ("stella", "stan"):
            user = get_user_model().objects.create_user(
                f"{name}@footnote.test", password, name=name.title(), is_staff=True
            )
            user.groups.add(group)
            made.people[name] = user.pk
        newcomer = get_user_model().objects.create_user("nina@example.test", password, name="Nina")
        address = EmailAddress.objects.create(user=newcomer, email=newcomer.email, verified=False, primary=True)
        made.people["nina"] = newcomer.pk
        made.doors["confirm"] = f"/confirm-email/{EmailConfirmationHMAC(address).key}/"
        dora = get_user_model().objects.get(pk=made.people["dora"])
        key = f"{user_pk_to_url_str(dora)}-{default_token_generator.make_token(dora)}"
        made.doors["reset"] = f"/password/reset/key/{key}/"


def protect(person: int) -> None:
    """Give a person an authenticator app and recovery codes."""
    with tenancy.as_platform("a person of the journeys protects their account"):
        user = get_user_model().objects.get(pk=person)
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)


def settle_in(made: Made) -> None:
    """Make teams and invitations."""
    alice = made.people["alice"]
    made.people["team"] = teams.create(by=alice, schema=made.schema, name="Water & dams")
    teams.change(
        by=alice, schema=made.schema, team=made.people["team"], name="Water & dams",
        people=[made.people["bob"], alice],
    )  # fmt: skip
    teams.create(by=alice, schema=made.schema, name=words.LONG)
    for name, role in (("olga", "researcher"), ("peter", "viewer"), ("quinn", "approver")):
        asked = invitations.invite(by=alice, schema=made.schema, email=f"{name}@example.test", role=role)
        made.doors[f"join {name}"] = f"/join/{invitations.token_of(asked)}"
        if name == "quinn":
            invitations.revoke(by=alice, schema=made.schema, invitation=asked)


def fill(made: Made) -> None:
    """Make datasets: files of every kind, versions, deleted ones."""
    by = made.people["bob"]
    added, refused = library.add(by=by, uploads=[Upload(name, body) for name, body in words.FILES.items()])
    assert refused == [], refused
    made.documents = {row.name: row.version for row in added}
    library.add(by=by, uploads=[Upload("dam.md", words.FILES["dam.md"] + b"\nIt is 61 metres high.\n")])
    survey = datasets.create(by=by, name="Survey of the valley", description="What the water board measured.")
    library.add(by=by, uploads=[Upload(f"gauge-{n}.txt", words.gauge(n)) for n in range(3)], dataset=survey)
    gone = datasets.create(by=by, name="Drafts", description=words.LONG)
    datasets.forget(by=by, dataset=gone)
    datasets.create(by=by, name=words.LONG[:60])
    taken, _refused = library.add(by=by, uploads=[Upload("old.txt", b"An old page about the Harrow dam.")])
    library.forget(by=by, document=taken[0].document)


def begin(
    made: Made, *points: str, by: str = "bob", question: str = words.QUESTION, held: bool = False, **more: object
) -> str:  # fmt: skip
    """Start a run and drive it to where it stops; held: nobody picks it up."""
    documents = more.pop("documents", None) or tuple(made.documents[name] for name in ("dam.md", "news.txt"))
    request = runs.Request(question=question, documents=documents, approval_points=points, **more)  # type: ignore[arg-type]
    with transaction.atomic():
        run = runs.start(by=made.people[by], request=request)
        if held:
            put_off(run)
    runtime.drive()
    return run


def put_off(run: str) -> None:
    """Keep what a run still has to do from being picked up."""
    Due.objects.filter(run=run).update(due_at=clock.now() + FAR, lease_until=None)


@contextmanager
def unplugged(step: str) -> Iterator[None]:
    """Let the worker die in a step."""
    call = StepContext.call

    def stop(context: StepContext, *words: object, **more: object) -> object:
        if Task.objects.get(pk=context.claim.task).step == step:
            raise Halt
        return call(context, *words, **more)  # type: ignore[arg-type]

    with mock.patch.object(StepContext, "call", stop):
        yield


def running(made: Made) -> str:
    """Return a run whose worker is in the middle of its summaries and stays there."""
    with unplugged("summarize"):
        try:
            run = begin(made)
        except Halt:
            run = str(Task.objects.filter(step="summarize", state="running").latest("started_at").run_id)
    Due.objects.filter(run=run).update(lease_until=clock.now() + FAR, due_at=clock.now() + FAR)
    return run


def failed(made: Made) -> str:
    """Return a run that failed because the text of its only document was lost from the disk."""
    name = "lost.md"
    added, _refused = library.add(by=made.people["bob"], uploads=[Upload(name, words.LOST)])
    row = DocumentVersion.objects.get(pk=added[0].version)
    blobs.erase(tenancy.current(), row.text_sha256)
    run = begin(made, documents=(row.pk,))
    for _again in range(12):
        if states.run(run).state == "failed":
            library.forget(by=made.people["bob"], document=added[0].document)
            return run
        Due.objects.filter(run=run).update(due_at=clock.now(), lease_until=None)
        for task in Task.objects.filter(run=run).exclude(state__in=("completed", "skipped")):
            runtime.wake(run=run, task=task.pk)
        runtime.drive()
    raise AssertionError(states.run(run))


def expire(run: str, at: datetime) -> None:
    """Let the time to decide end at `at`."""
    Approval.objects.filter(run=run, state="pending").update(expires_at=at)
    PendingApproval.objects.filter(run=run).update(expires_at=at)


def expired(made: Made) -> str:
    """Return a run for whose plan nobody decided in time."""
    run = begin(made, "plan")
    expire(run, clock.now() - timedelta(seconds=1))
    Due.objects.filter(run=run).update(due_at=clock.now())
    for task in Task.objects.filter(run=run, step="accept"):
        runtime.wake(run=run, task=task.pk)
    runtime.drive()
    return run


def ended(made: Made, how: Callable[[str], object], *points: str, **more: object) -> str:
    """Return a run with which something was done."""
    run = begin(made, *points, **more)  # type: ignore[arg-type]
    how(run)
    runtime.drive()
    return run


def research(made: Made) -> None:
    """Make runs in every state, and what hangs on them."""
    alice, bob = made.people["alice"], made.people["bob"]
    made.runs |= {
        "queued": begin(made, held=True),
        "running": running(made),
        "planned": begin(made, "plan", "publish"),
        "planned long": begin(made, "plan", question=words.LONG_QUESTION, depth="deep"),
        "drafted": begin(made, "publish"),
        "published": begin(made),
        "failed": failed(made),
        "expired": expired(made),
        "rejected": ended(made, lambda run: runs.decide(
            by=alice, run=run, verdict="reject", reason="The two sources do not agree on the volume."), "publish"),
        "cancelled": ended(made, lambda run: runs.cancel(by=bob, run=run), "plan"),
        "withdrawn": ended(made, lambda run: keeping.withdraw(by=bob, run=run, reason="The survey was wrong.")),
        "deleted": ended(made, lambda run: keeping.delete(by=bob, run=run)),
        "private": begin(made, visibility="private"),
        "team": begin(made, visibility="team", team=made.people["team"]),
        "nothing": begin(made, question="Who painted the ceiling of the opera house?"),
        "arabic": begin(made, question=words.ARABIC, documents=(made.documents["سد.txt"],)),
        "japanese": begin(made, question=words.JAPANESE, documents=(made.documents["ダム.txt"],)),
        "alice's": begin(made, by="alice", question="What was the Harrow dam built for?"),
    }  # fmt: skip
    published = made.runs["published"]
    for asked in ("How high is the dam?", "When was it opened?"):
        follow_ups.ask(by=bob, run=published, question=asked)
        runtime.drive()
    with transaction.atomic():
        put_off(follow_ups.ask(by=bob, run=published, question="How many people work there?"))
    proofs.make(by=bob, run=published)
    runtime.drive()
    ratings.rate(by=bob, run=published, value=-1, claim=1, note="The year is right, the day is not.")
    made.doors["shared"] = sharing.share(by=bob, run=published, days=30).removeprefix(settings.PUBLIC_ORIGIN)
    sharing.share(by=bob, run=published, days=1)


def pending(run: str) -> str:
    """Return the id of what a run waits for."""
    row = policy.pending_approval(run)
    assert row is not None, run
    return row.id


def wait_for_people(made: Made) -> None:
    """Make approvals: mine, everybody's, one that expires today, handed over, and decided ones."""
    alice, ann = made.people["alice"], made.people["ann"]
    soon, handed = begin(made, "publish"), begin(made, "plan")
    expire(soon, clock.now() + timedelta(hours=5))
    decide.delegate(by=alice, approval=pending(handed), to=ann, reason="You know the valley.")
    made.approvals |= {
        "soon": pending(soon), "handed": pending(handed), "plan": pending(made.runs["planned"]),
        "draft": pending(made.runs["drafted"]),
    }  # fmt: skip
    over = begin(made, "publish")
    made.approvals["staff"] = pending(over)
    decide.hand_over(by=alice, approval=pending(over), reason="We can't tell whether this is allowed.")
    policies.save(by=alice, text=policy_pages.SAMPLE, note="Customers are named by nobody without a yes.")


def knock(made: Made) -> None:
    """Add a server of tools that asks somebody to sign in, where alice said no at the door; nobody looks at it."""
    alice = made.people["alice"]
    server = servers.add(by=alice, name="vault", url="https://tools.vault.test/mcp")
    servers.note_sign_in(id=server, issuer="https://door.vault.test")
    begun, state = sign_ins.begin(by=alice, server=server, redirect="https://acme.test/back")
    sign_ins.note_ready(id=begun, address="https://door.vault.test/in?a=1", issuer="https://door.vault.test", begun={})
    sign_ins.come_back(by=alice, server=server, id=begun, state=state, error="access_denied")
    Outbox.objects.filter(kind__in=(servers.KIND, sign_ins.KIND)).delete()


def hire_editors(made: Made, password: str) -> None:
    """Let people edit the public site: one who approves, one who writes."""
    for name, group in (("mara", ground.MODERATORS), ("arne", ground.AUTHORS)):
        made.people[name] = workspaces.person(email=f"{name}@example.test", name=name.title(), password=password)
        with tenancy.as_platform("somebody may edit the site"):
            ground.hire(person=made.people[name], group=group)


def sign_in(person: int, schema: str) -> str:
    """Return the key of a session of this person on the apex, or on a workspace's host."""
    session = SessionStore()
    with tenancy.as_platform("a browser of the journeys"):
        user = get_user_model().objects.get(pk=person)
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session["account_authentication_methods_user"] = str(user.pk)
        proof = {"method": "password", "at": clock.now().timestamp(), "reauthenticated": True}
        session["account_authentication_methods"] = [proof]
        session[sessions.KEY] = sessions.begin(by=person, schema=schema, agent="Mozilla/5.0 Chrome/130")
        session.create()
    return str(session.session_key)


def make(password: str) -> Made:
    """Make all of it."""
    made = Made()
    hire(made, password)
    settle_in(made)
    with tenancy.in_workspace(made.schema):
        fill(made)
        research(made)
        wait_for_people(made)
        knock(made)
    with tenancy.as_platform("the site is seeded"):
        seeding.seed(workspace="acme", names=("member",))
        made.pages = {"blog": PostIndex.objects.get().pk, "pricing": PricingPage.objects.get().pk}
    hire_editors(made, password)
    with tenancy.as_platform("staff gives credits"):
        made.approvals["goodwill"] = goodwill.ask(
            by=made.people["stella"], slug="acme", credits=50, reason="Their first report took too long."
        )
    protect(made.people["adam"])
    for name in ("alice", "adam", "bob", "vera", "paula", "ann", "stella", "stan", "charlie", "dora", "nina"):
        hosts = {"apex": ""} | ({"acme": made.schema} if name in words.ROLES or name == "alice" else {})
        made.sessions[name] = {host: sign_in(made.people[name], schema) for host, schema in hosts.items()}
    return made


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(asdict(make(sys.argv[2]))))
