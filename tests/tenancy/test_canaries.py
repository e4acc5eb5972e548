"""Two workspaces full of bait: whoever asks for whatever, nobody is told what is not theirs to read."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.apps import apps
from django.conf import settings

from apps.accounts import tenancy
from apps.research import streams
from tests.tenancy import addresses
from tests.tenancy.addresses import Address
from tests.tenancy.crawling import METHODS, Asked, Judge, Visitor
from tests.tenancy.planting import READERS, ROLES, World

APEX = "localhost"


@pytest.fixture(scope="module")
def everybody(world: World) -> list[Visitor]:
    """Return everybody on every host: the six roles, a stranger, nobody, staff, the removed, of a closed workspace."""
    hosts = {name: space.host for name, space in world.spaces.items()} | {"apex": APEX}
    acme, glob, shut = world.spaces["acme"], world.spaces["glob"], world.spaces["shut"]
    found = []
    for on, host in hosts.items():
        for name in ROLES:
            if on != "shut":
                found.append(Visitor(name, host, on, "acme", acme.people[name]))
        found.append(Visitor("alice", host, on, "glob", glob.people["alice"]))
        found.append(Visitor("nobody", host, on))
        found.append(Visitor("stella", host, on, "", world.outside["stella"]))
        found.append(Visitor("gina", host, on, "", world.outside["gina"]))
        found.append(Visitor("alice", host, on, "shut", shut.people["alice"]))
    return found


@dataclass
class Crawl:
    """Asks, reads, and counts."""

    world: World
    judge: Judge
    pick: random.Random
    leaks: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    told: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    opening: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for space in self.world.spaces.values():
            for token, works in space.links.items():
                if works:
                    self.opening[f"/join/{token}"] = (space.name, "open")
                    self.opening[f"/r/{token}"] = (space.name, "work")
        self.queries = addresses.queries(self.world)

    def ask(self, visitor: Visitor, address: Address, method: str) -> None:
        """Make one request and note what is wrong with its answer."""
        query = {name: self.pick.choice(self.queries[name]) for name in self.pick.sample(sorted(self.queries), 3)}
        form = self.form() if method == "POST" else {}
        headers = {"HX-Request": "true"} if self.pick.random() < 0.3 else {}
        path = address.path + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if self.pick.random() < 0.5 else "")
        answer = visitor.ask(method, path, headers=headers, **({"data": form} if form else {}))
        opens = next((of for link, of in self.opening.items() if address.path.startswith(link)), ("", ""))
        asked = Asked(method, address.pattern, path, f"{path} {form}", opens)
        self.tried[address.pattern] += 1
        self.leaks += self.judge.leaks(visitor, asked, answer.seen)
        self.told.update((visitor.name, space, seal) for space, seal, _place in self.judge.found(answer.seen))
        if answer.status_code >= 500:
            self.broken.append(f"{visitor.name}@{visitor.on}: {method} {path} {form}: {answer.status_code}")

    def form(self) -> dict[str, str]:
        """Return what could fill any form of the product, with ids from anywhere."""

        def one(kind: str) -> str:
            return self.pick.choice(addresses.ids(self.world, kind))

        return {
            "question": "How high is the Harrow dam?", "scope": "chosen", "documents": one("version"), "mode": "mock",
            "depth": "quick", "source_cap": "3", "methodology": "balanced", "visibility": self.pick.choice(VISIBLE),
            "team": one("team"), "named": one("person"), "datasets": one("dataset"), "copied_from": one("run"),
            "decision": self.pick.choice(["accept", "reject", "start"]), "approval": one("approval"), "reason": "so",
            "to": one("person"), "days": "7", "rated": self.pick.choice(["report:1", "0:-1"]), "name": "New name",
            "role": "viewer", "email": "somebody@example.test", "people": one("person"), "dataset": one("dataset"),
            "document": one("document"), "language": "de", "confirmed": "on", "workspace": one("slug"),
            "person": "somebody@example.test", "credits": "3", "minutes": "15", "slug": one("slug"),
            "fallback_approver": one("person"), "retention_days": "30", "_selected_action": "1", "title": "By hand",
            "lines": "The Harrow dam.", "text": "The Harrow dam was opened on 4 May 1974.",
        }  # fmt: skip


VISIBLE = ("workspace", "team", "named", "private")


def crawled(world: World, seed: int) -> Crawl:
    """Return a crawl that begins."""
    return Crawl(world, Judge.of(world), random.Random(seed))


Request = tuple[Visitor, Address, str]


def requests(world: World, everybody: list[Visitor], pick: random.Random) -> Iterator[Request]:
    """Yield visitor × address × method. Of what leads to the same answer for all, a part.

    Every GET and POST on the apex and on acme's host; other hosts, and methods that no view has, a few times less.
    """
    for address in addresses.every(world):
        apex = address.conf == settings.PUBLIC_SCHEMA_URLCONF
        for visitor in everybody:
            if (visitor.on == "apex") != apex:
                continue
            for method in METHODS:
                rare = (1 if method in {"GET", "POST"} else 12) * (1 if visitor.on in {"acme", "apex"} else 6)
                if pick.randrange(rare) == 0:
                    yield visitor, address, method


def sample(world: World, everybody: list[Visitor], pick: random.Random, least: int, more: int) -> list[Request]:
    """Return a few requests for each pattern, and `more` of where ids of acme are asked for on its own host."""
    found: dict[tuple[str, str], list[Address]] = {}
    for address in addresses.every(world):
        found.setdefault((address.conf, address.pattern), []).append(address)
    at = {
        conf: [each for each in everybody if (each.on == "apex") == (conf == settings.PUBLIC_SCHEMA_URLCONF)]
        for conf, _pattern in found
    }
    chosen = [
        (pick.choice(at[conf]), pick.choice(each), pick.choice(METHODS[:2]))
        for (conf, _pattern), each in sorted(found.items()) for _n in range(least)
    ]  # fmt: skip
    inside = [each for each in everybody if each.on == "acme"]
    own = [address for each in found.values() for address in each if address.conf == settings.ROOT_URLCONF]
    return chosen + [(pick.choice(inside), pick.choice(own), pick.choice(METHODS)) for _n in range(more)]


def test_nobody_is_told_what_is_not_theirs(
    world: World, everybody: list[Visitor], full: bool, proof: Callable[[str, int, str], None]
) -> None:  # fmt: skip
    crawl = crawled(world, 7)
    asked = (
        list(requests(world, everybody, crawl.pick)) if full else sample(world, everybody, crawl.pick, 1, 250)
    )  # fmt: skip
    for each in asked:
        crawl.ask(*each)
    names = {visitor.name + visitor.home for visitor, _address, _method in asked}
    paths = {address.path for _visitor, address, _method in asked}
    proof(
        "canaries: every URL × id × role × method, 0 leaks", len(asked),
        f"{len(crawl.leaks)} leaks; {len(crawl.tried)} patterns, {len(paths)} paths, {len(names)} people, "
        f"{len(METHODS)} methods; {sum(crawl.told.values())} baits shown to who may",
    )  # fmt: skip
    assert crawl.leaks == []
    assert crawl.broken == []
    assert set(crawl.tried) == {each.pattern for each in addresses.every(world)}
    if full:
        assert {seal for _name, _space, seal in crawl.told} == set(READERS)


def test_the_bait_is_swallowed_by_those_it_is_for(world: World, everybody: list[Visitor]) -> None:
    """Whoever may read something finds it: a crawler that sees nothing would prove nothing."""
    crawl, acme = crawled(world, 3), world.spaces["acme"]
    runs = {seal: run for run, seal in acme.sealed.items() if run.startswith("run_") and seal not in {"gone", "lost"}}
    people = {visitor.name: visitor for visitor in everybody if visitor.on == visitor.home == "acme"}
    for seal, run in runs.items():
        for name, visitor in people.items():
            crawl.told.clear()
            crawl.ask(visitor, Address(settings.ROOT_URLCONF, "research/<slug:run>", f"/research/{run}"), "GET")
            assert (crawl.told[name, "acme", seal] > 0) == (name in READERS[seal]), (name, seal)
    assert crawl.leaks == []


def test_every_table_and_every_text_that_people_fill_holds_bait(world: World, full: bool) -> None:
    for name in ("acme", "glob") if full else ("acme",):
        space = world.spaces[name]
        with tenancy.in_workspace(space.schema, gate=True):  # which may read what is sealed, too
            tables = {model._meta.label: model for model in apps.get_models() if model._meta.app_label in TENANT}
            empty = {label for label, model in tables.items() if not model.objects.exists()}
            assert empty == set()
            held = {label: Judge({}).found(str(list(model.objects.values()))) for label, model in tables.items()}
        assert FILLED - {label for label, found in held.items() if found} == set(), name
        with tenancy.as_platform("a test counts what is shared"):
            for label in SHARED:
                rows = apps.get_model(label).objects.all()
                assert space.schema in str(list(rows.values())), label


TENANT = {"policy", "runtime", "library", "memory", "research", "monitors"}
FILLED = {
    "monitors.Monitor", "monitors.Edition",
    "policy.Approval", "runtime.Run", "runtime.Task", "runtime.Event", "library.Dataset",
    "library.Document", "library.DocumentVersion", "library.Passage", "library.Source", "memory.Chunk", "memory.Fact",
    "research.Inquiry", "research.Report", "research.Claim", "research.Citation", "research.FollowUp",
    "research.Rating", "policy.PolicyVersion", "policy.ShadowDecision", "policy.Capability", "policy.Credential",
    "policy.ToolServer", "policy.ToolSetting", "policy.ToolSignIn", "policy.Pause", "policy.BudgetLimit",
    "policy.GuardrailSetting",
}  # fmt: skip
SHARED = (
    "accounts.Workspace", "agenda.Due", "agenda.PendingApproval", "agenda.Outbox", "agenda.Impersonation",
    "agenda.Goodwill", "messaging.Notice", "messaging.Preference", "observability.AuditEntry", "billing.CreditEntry",
    "billing.Balance",
)  # fmt: skip


async def stream(session: str, host: str, path: str) -> str:
    """Return the beginning of a stream: what it says before it waits."""
    said, told = [], asyncio.Event()

    async def send(message: dict[str, object]) -> None:
        said.append(str(message.get("status", "")) + bytes(message.get("body", b"")).decode())  # type: ignore[call-overload]
        if message["type"] == "http.response.body":
            told.set()

    async def receive() -> dict[str, object]:
        await told.wait()
        return {"type": "http.disconnect"}

    headers = [(b"host", host.encode()), (b"cookie", session.encode()), (b"last-event-id", b"0")]
    await streams.serve({"path": path, "method": "GET", "headers": headers}, receive, send)
    return "".join(said)


def test_a_stream_tells_nobody_what_is_not_theirs(
    world: World, everybody: list[Visitor], full: bool, proof: Callable[[str, int, str], None]
) -> None:  # fmt: skip
    judge, pick, leaks, told = Judge.of(world), random.Random(11), [], Counter()
    runs = [run for name in ("acme", "glob") for run in world.spaces[name].ids["run"]]
    every = [(visitor, f"/live/{kind}/{run}") for visitor in everybody for run in runs
             for kind in ("runs", "asks") if full or pick.random() < 0.04]  # fmt: skip

    async def listen() -> None:
        for visitor, path in every:
            said = await stream(visitor.session, visitor.host, path)
            leaks.extend(judge.leaks(visitor, Asked("GET", "live", path, path), said))
            told.update([said[:3]])
        await streams.close()

    asyncio.run(listen())
    proof("canaries: streams of runs and follow-ups × people × hosts, 0 leaks", len(every), f"{len(leaks)} leaks")
    assert leaks == []
    assert told["200"] > 0 and told["404"] > 0, told


def test_a_pattern_or_parameter_that_nobody_filled_is_noticed(world: World) -> None:
    assert addresses.asked_for() <= set(addresses.queries(world)), "say in tests/tenancy/addresses.py what to ask"
    known = addresses.values(world)
    with pytest.raises(addresses.Unknown, match="invoice"):
        addresses.fill("c", "billing/<slug:invoice>", known, random.Random(1))
    with pytest.raises(addresses.Unknown, match="no name"):
        addresses.fill("c", r"^billing/(\d+)/$", known, random.Random(1))


def test_a_leak_is_noticed(world: World, everybody: list[Visitor]) -> None:
    """The judge itself: of a page, a header, an id, for a stranger and for a colleague outside."""
    judge, acme = Judge.of(world), world.spaces["acme"]
    people = {(visitor.name, visitor.home): visitor for visitor in everybody if visitor.on == "acme"}
    asked = Asked("GET", "research", "/research", "/research")
    private = next(run for run, seal in acme.sealed.items() if seal == "bobs" and run.startswith("run_"))
    for who, text, count in (
        (("alice", "glob"), "…kvacmeworkquestionzz…", 1), (("alice", "acme"), "…kvacmeworkquestionzz…", 0),
        (("alice", "acme"), "kvacmebobsnotezz", 1), (("bob", "acme"), "kvacmebobsnotezz", 0),
        (("nobody", ""), "Location: /enter?kvacmeopenteamzz", 1), (("paula", "acme"), "kvacmeworkdatasetzz", 1),
        (("vera", "acme"), f"/research/{private}", 1), (("bob", "acme"), f"/research/{private}", 0),
        (("gina", ""), "kvacmeopennameginazz kvacmeopennamebobzz", 1),
    ):  # fmt: skip
        assert len(judge.leaks(people[who], asked, text)) == count, (who, text)


def at(everybody: list[Visitor], name: str, home: str = "acme", on: str = "acme") -> Visitor:
    """Return one of the visitors."""
    return next(each for each in everybody if (each.name, each.home, each.on) == (name, home, on))


def test_a_shared_pdf_names_nobody_of_the_workspace(world: World, everybody: list[Visitor]) -> None:
    token = next(token for token, works in world.spaces["acme"].links.items() if works and ":" in token)
    said = at(everybody, "nobody", "", "apex").ask("GET", f"/r/{token}/report.pdf").seen
    found = {place for _space, _seal, place in Judge.of(world).found(said)}
    assert "questionpublished" in found and not {place for place in found if place.startswith("name")}


def test_who_may_not_read_is_told_no_question_by_notices(world: World, everybody: list[Visitor]) -> None:
    judge = Judge.of(world)
    assert {one[1] for one in judge.found(at(everybody, "paula").ask("GET", "/notices").seen)} == {"open"}
    assert ("acme", "work") in {one[:2] for one in judge.found(at(everybody, "vera").ask("GET", "/notices").seen)}


def test_a_deleted_private_run_is_its_owners_alone(world: World, everybody: list[Visitor]) -> None:
    lost = next(id_ for id_, seal in world.spaces["acme"].sealed.items() if seal == "lost" and id_.startswith("run"))
    for name in ("alice", "adam", "bob"):
        listed = lost in at(everybody, name).ask("GET", "/research/deleted").seen
        status = at(everybody, name).ask("POST", f"/research/{lost}/bring-back").status_code
        assert (listed, status) == ((True, 302) if name == "bob" else (False, 404)), name
