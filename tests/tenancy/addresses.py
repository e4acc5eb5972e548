"""Every address there is, found by walking both urlconfs, filled with the ids of planted workspaces."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from apps.billing.forms import UsageForm
from apps.policy.forms import SimulateForm
from tests.tenancy.planting import SPACES, Space, World

ROOT = Path(__file__).resolve().parent.parent.parent
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:\[[^\]]*\]|\\.|[^()])*\)")
# How many ways a path with several parameters is filled.
MOST_FILLS = 40
APEX = "apex"
# Wagtail's own addresses have one door, and tables of the site alone behind it: some stand for all.
EDITORS = ("cms/", "cms/pages/", "cms/reports/site-history/")
# Kinds that a slug in a path could name by mistake: an id of one kind is tried where another is expected.
NAMED = ("run", "approval", "document", "dataset", "link", "version", "credential", "capability", "server", "fact")


class Unknown(LookupError):
    """The urlconf or a view names a parameter for which nobody said what to put there."""


@dataclass(frozen=True, slots=True)
class Address:
    """One path on the apex or on any workspace's host; `pattern` is where it came from."""

    conf: str
    pattern: str
    path: str


def patterns(conf: str) -> list[str]:
    """List every pattern of a urlconf, as it is written."""

    def walk(found: Iterable[object], before: str) -> Iterator[str]:
        for each in found:
            here = before + str(each.pattern)  # type: ignore[attr-defined]
            if isinstance(each, URLResolver):
                yield from walk(each.url_patterns, here)
            else:
                assert isinstance(each, URLPattern)
                yield here

    every = dict.fromkeys(walk(get_resolver(conf).url_patterns, ""))
    return [each for each in every if not each.startswith(("cms/", "^cms/")) or each in EDITORS]


def parameters(pattern: str) -> list[str]:
    """Return the names in a pattern. Raises Unknown for a group without one.

    >>> parameters("research/<slug:run>/ask/<int:number>/again"), parameters(r"^key/(?P<a>[-:\\w]+)-(?P<b>.+)/$")
    (['run', 'number'], ['a', 'b'])
    """
    bare = PARAMETER.sub("", pattern)
    if "(" in bare or "<" in bare:
        raise Unknown(f"{pattern}: a part of it has no name")
    return [one or other for one, other in PARAMETER.findall(pattern)]


def ids(world: World, kind: str) -> list[str]:
    """Return the ids of one kind of every workspace."""
    return [value for name in SPACES for value in world.spaces[name].ids.get(kind, ())]


def values(world: World) -> dict[str, list[str]]:
    """Return parameter → what is put there: every id of its kind, and one of each other kind a workspace."""
    crosswise = [found[0] for name in SPACES for kind in NAMED if (found := world.spaces[name].ids.get(kind))]
    slugs = {kind: list(dict.fromkeys(ids(world, kind) + crosswise)) for kind in NAMED if kind != "version"}
    tokens = [token for space in world.spaces.values() for token in space.links]
    numbers = [*ids(world, "person"), str(world.outside["stella"])]
    rows = list(dict.fromkeys([*ids(world, "notice"), *numbers, "1", "2", "3"]))
    return slugs | {
        "task": ["plan", "summarize", "publish", "summarize:0"], "number": ["1", "2", "999"],
        "person": numbers, "invitation": ids(world, "invitation"), "team": ids(world, "team"),
        "notice": ids(world, "notice"), "slug": ids(world, "slug"), "token": [*tokens, "x"], "sign_in": rows[:12],
        "key": ["MQ:forged", "set-password"], "uidb36": ["1", "2"], "pk": rows[:6],
        "content_type_id": ["1", "7"], "object_id": [*rows, *crosswise[:4]],
        "tool": ["web_search", "nobody.tool", *ids(world, "tool")], "seen": ["x", *ids(world, "seen")],
        "act": ["adopt", "try", "stop", "retire", "x"], "role": ["analyst", "governor", "nobody"],
        "name": ["injection", "topic", "nothing"], "handle": ["x", *crosswise[:4]],
        "monitor": ["mon_x", *ids(world, "monitor"), *crosswise[:4]],
        "kind": ["workspace", "person", "run"], "subject": [*numbers, *crosswise[:4]],
        "app_label": ["accounts", "agenda", "billing", "observability", "auth"], "url": ["nowhere"],
        "path": ["blog", "docs/member", "images/x.png"], "page": ["1", "2"], "mark": ["x"], "language": ["en", "ar"],
        "uuid": ["00000000-0000-4000-8000-000000000000"], "archive": ["00000000-0000-4000-8000-000000000000"],
    }  # fmt: skip


def fill(conf: str, pattern: str, known: dict[str, list[str]], pick: random.Random) -> list[Address]:
    """Return the addresses of a pattern, MOST_FILLS at most where it has several parameters. Raises Unknown."""
    names = parameters(pattern)
    if missing := set(names) - set(known):
        raise Unknown(f"{pattern}: nobody said what {', '.join(sorted(missing))} may be (tests/tenancy/addresses.py)")
    every = list(itertools.product(*(known[name] for name in names)))
    if len(names) > 1 and len(every) > MOST_FILLS:
        every = pick.sample(every, MOST_FILLS)
    bare = "/" + re.sub(r"[\^$]", "", PARAMETER.sub("\0", pattern))
    return [Address(conf, pattern, _put(bare, chosen)) for chosen in every]


def _put(bare: str, chosen: Iterable[str]) -> str:
    parts = bare.split("\0")
    return "".join(part + value for part, value in itertools.zip_longest(parts, chosen, fillvalue=""))


def pairs(space: Space) -> list[tuple[str, str, str]]:
    """Return (pattern, path) of things inside a thing that do belong together, which a sample could miss."""
    found = []
    for run in space.ids.get("run", ()):
        found += [
            ("research/<slug:run>/sources/<int:number>", run, f"/research/{run}/sources/1"),
            ("research/<slug:run>/ask/<int:number>/again", run, f"/research/{run}/ask/1/again"),
            ("research/<slug:run>/tasks/<str:task>/supply", run, f"/research/{run}/tasks/summarize:0/supply"),
        ]
        found += [("research/<slug:run>/share/<slug:link>/revoke", run, f"/research/{run}/share/{link}/revoke")
                  for link in space.ids["link"]]  # fmt: skip
    for dataset in space.ids.get("dataset", ()):
        for document in space.ids["document"]:
            for end in ("", "/original", "/delete", "/restore"):
                found.append((f"datasets/<slug:dataset>/<slug:document>{end}", dataset,
                              f"/datasets/{dataset}/{document}{end}"))  # fmt: skip
    return found


def every(world: World, seed: int = 7) -> list[Address]:
    """Return every address of both urlconfs. Raises Unknown."""
    pick, known, found = random.Random(seed), values(world), []
    for conf in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
        for pattern in patterns(conf):
            found += fill(conf, pattern, known, pick)
    for space in world.spaces.values():
        found += [Address(settings.ROOT_URLCONF, pattern, path) for pattern, _id, path in pairs(space)]
    return list(dict.fromkeys(found))


def asked_for() -> set[str]:
    """Return the names of query parameters that views and middleware read, found in the source."""
    read = re.compile(r"request\.GET(?:\.get(?:list)?\(\s*|\[)\"([\w-]+)\"|\"([\w-]+)\" in request\.GET")
    found: set[str] = set()
    for path in sorted((ROOT / "apps").rglob("*.py")):
        found |= {one or other for one, other in read.findall(path.read_text())}
    for form in (SimulateForm, UsageForm):  # forms that are filled from the address as a whole
        found |= set(form.base_fields)
    for path in sorted((ROOT / "templates").rglob("*.html")):
        found |= set(re.findall(r"href=\"[^\"]*[?&](\w+)=", path.read_text()))
    return found


def queries(world: World) -> dict[str, list[str]]:
    """Return query parameter → values that a page could be made to tell something by."""
    runs = ids(world, "run")
    return {
        "from": runs, "run": runs, "before": ["1", "999999", "x"],
        "by": ["", "run", "person", "tool", "x"], "period": ["", "last", "30", "x"], "month": ["", "2026-11", "x"],
        "show": ["mine", "all", "dropped", "everybody"], "page": ["1", "2", "999"], "q": ["dam", "kv"],
        "disputed": ["1"], "start": ["30", "x"],
        "question": ["Harrow"], "version": ["0", "1", "2", "3"],
        "deleted": ids(world, "dataset") + ids(world, "document"),
        "to": ["/research", "//evil.test"], "next": ["/staff/", "//evil.test"], "ticket": ["x"],
        "sign": ["x:y:z"], "workspace": ids(world, "slug"), "person": ids(world, "person"), "email": ["a@b.test"],
        "tool": ["library_search", "document_write"], "agent": ["planner_retriever", "publisher"],
        "arguments": ['{"query": "kv", "documents": []}', "{", "{}"], "mode": ["mock", "live"], "role": ["", "owner"],
        "autonomy": ["", "suggest"], "at": ["", "2026-11-23 10:00"], "budget_left_percent": ["100", "5"],
        "approved": ["on"], "capability": ["on"], "last": ["5", "1000"],
        "paid": ["1"], "state": ["x"], "code": ["x"], "iss": ["https://evil.test"], "error": ["access_denied"],
    }  # fmt: skip
