"""Containment: what came out of a source can't become an address, a query, a document or a tool outside the plan.

The plan is fixed before a source is read. What a run may ask for is told by what the worker can't write: the ledger,
which keeps the planner's own answer and every search's hits, and by what a person typed or accepted. A query that goes
out to the web must come from a person, or from a planner that was shown nothing but a person's words: so no word of a
private document can stand in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.db import transaction

from apps.accounts import tenancy
from apps.lib import blobs
from apps.lib.errors import NotFound
from apps.lib.text import clean_json
from apps.policy import rules
from apps.policy.models import Approval, Call, Grant
from apps.policy.registry.definitions import Tool

SEARCH, FETCH, LOOK_UP, READ = "web_search", "web_fetch", "library_search", "library_read"
# A report is published as a document of this dataset.
PUBLISH, REPORTS = "document_write", "ds_reports"
SOURCES = rules.SOURCES
PLANNER = "planner_retriever"
# As far as a query of a plan is carried; research cuts there.
LONGEST_QUERY = 300


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run may ask for. blind: queries by a planner that saw only a person's words; seen: by any planner.

    left_out: sites and documents that a person took out.
    """

    blind: frozenset[str]
    seen: frozenset[str]
    typed: frozenset[str]
    left_out: tuple[str, ...]


def fix(
    *, run: str, words: Sequence[Any], documents: Sequence[str], kinds: Sequence[str], asks: bool, publishes: str = ""
) -> None:  # fmt: skip
    """Store what a person fixed when they asked, beside what the run was lent. Runs in the caller's transaction.

    words: what the person typed, as the planner gets it: question and assumptions. documents: those it may read.
    asks: the plan needs a person's yes. publishes: whether the run ends with a report: "freely", or after a yes
    ("asks"), or not at all.
    """
    bounds = {
        "words": rules.digest(clean_json(list(words))), "documents": sorted(documents), "kinds": sorted(kinds),
        "asks": asks, "publishes": publishes, "queries": [], "addresses": [],
    }  # fmt: skip
    Grant.objects.filter(run=run).update(bounds=bounds)


def widen(*, run: str, queries: Sequence[str] = (), addresses: Sequence[str] = ()) -> None:
    """Add what a person typed later, in place of a step that failed."""
    with transaction.atomic():
        grant = Grant.objects.select_for_update().filter(run=run).first()
        if grant is None or grant.bounds is None:
            return
        more = {"queries": [*grant.bounds["queries"], *queries], "addresses": [*grant.bounds["addresses"], *addresses]}
        Grant.objects.filter(run=run).update(bounds=grant.bounds | more)


def forget(*, run: str) -> None:
    """Erase what a person typed; a run without bounds reaches nothing outside."""
    Grant.objects.filter(run=run).update(bounds=None)


def objection(row: Call, tool: Tool, arguments: Mapping[str, Any], bounds: Mapping[str, Any] | None) -> str:
    """Return why a call lies outside its run's plan; empty where it is part of it, or is none of a plan's tools.

    bounds: of the run's grant, as they are now.
    """
    if tool.name not in SOURCES:
        return ""
    if bounds is None:
        # The library stays inside the workspace; what goes out needs a plan.
        return "This run has no plan, so nothing of it goes out." if tool.name in (SEARCH, FETCH) else ""
    return _CHECKS[tool.name](_Plan(row.run, lambda: _planned(row.run, bounds)), bounds, arguments)


def supposed(*, run: str, bounds: Mapping[str, Any], left_out: Sequence[str]) -> Planned:
    """Return what a run could ask for if its plan were accepted as it was made, without `left_out`."""
    blind, seen = _answered(run, bounds)
    return Planned(frozenset(blind), frozenset(seen), frozenset(bounds["queries"]), tuple(left_out))


def foretold(tool: str, arguments: Mapping[str, Any], *, plan: Planned, bounds: Mapping[str, Any]) -> str:
    """Return why a call would lie outside its run's plan; empty where it would not, or where nobody can know yet.

    Which addresses a run will find is not known before it searches.
    """
    return _CHECKS[tool](_Plan("", lambda: plan), bounds, arguments) if tool in (SEARCH, LOOK_UP, READ) else ""


def is_beyond(
    tool: Tool, arguments: Mapping[str, Any], *, run: str, bounds: Mapping[str, Any] | None, has_read: bool,
    at: datetime | None = None,
) -> bool:  # fmt: skip
    """Tell whether a call could carry what a source said to where no plan sends it: rules ask for a person's yes.

    True for what changes something or leaves the workspace, once its run has read a source, but for the report that
    the plan ends with. at: as it was then; None: as it is now.
    """
    stays = tool.effect == "read" and tool.network in ("none", "deny_all")
    if not has_read or tool.scope == "model" or tool.name in SOURCES or stays:
        return False
    return not (is_report(tool.name, arguments) and _may_publish(run, bounds, at))


def is_report(tool: str, arguments: Mapping[str, Any]) -> bool:
    """Tell whether a call writes a run's report into the dataset of reports."""
    return tool == PUBLISH and (arguments.get("action"), arguments.get("dataset")) == ("create", REPORTS)


def _may_publish(run: str, bounds: Mapping[str, Any] | None, at: datetime | None) -> bool:
    """A run publishes one report, and where a person wanted to see it first, after their yes."""
    how = (bounds or {}).get("publishes", "")
    made = Call.objects.filter(run=run, tool=PUBLISH, state="done", outcome="ok")
    given = Approval.objects.filter(run=run, rule="publish", state="accepted")
    if at is not None:
        made, given = made.filter(started_at__lt=at), given.filter(decided_at__lte=at)
    return bool(how) and not made.exists() and (how == "freely" or given.exists())


def had_read(row: Call) -> bool:
    """Tell whether a call's run had read a source when it was made."""
    before = Call.objects.filter(run=row.run, started_at__lt=row.started_at)
    return before.filter(tool__in=SOURCES, state="done").exists()


class _Plan(NamedTuple):
    """Whose call is looked at, and what its run may ask for, to be read where that matters."""

    run: str
    planned: Callable[[], Planned | None]


def _search(plan_of: _Plan, bounds: Mapping[str, Any], arguments: Mapping[str, Any]) -> str:
    if "web" not in bounds["kinds"]:
        return "The plan does not look on the web."
    plan = plan_of.planned()
    if plan is None:
        return "The plan has not been accepted."
    query = arguments["query"]
    if query in plan.typed | plan.blind:
        return ""
    if query in plan.seen:
        return "This query was made by a planner that had seen documents of the workspace; it may not go out."
    return "This query is not part of the plan."


def _look_up(plan_of: _Plan, bounds: Mapping[str, Any], arguments: Mapping[str, Any]) -> str:
    plan = plan_of.planned()
    if refused := _documents(plan, bounds, arguments["documents"]):
        return refused
    assert plan is not None
    return "" if arguments["query"] in plan.typed | plan.seen else "This query is not part of the plan."


def _read(plan_of: _Plan, bounds: Mapping[str, Any], arguments: Mapping[str, Any]) -> str:
    return _documents(plan_of.planned(), bounds, [arguments["document"]])


def _documents(plan: Planned | None, bounds: Mapping[str, Any], wanted: Sequence[str]) -> str:
    if not set(wanted) <= set(bounds["documents"]):
        return "Not every one of these documents was given to the run."
    if plan is None:
        return "The plan has not been accepted."
    return "The plan leaves this document out." if set(wanted) & set(plan.left_out) else ""


def _fetch(plan_of: _Plan, bounds: Mapping[str, Any], arguments: Mapping[str, Any]) -> str:
    url = arguments["url"]
    if "web" not in bounds["kinds"]:
        return "The plan does not look on the web."
    if url not in bounds["addresses"]:
        searches = Call.objects.filter(run=plan_of.run, tool=SEARCH, state="done", outcome="ok")
        found = searches.values_list("result_sha", flat=True)
        if not any(url in _hits(tenancy.current(), sha) for sha in found):
            return "No search of the plan found this address."
    plan = plan_of.planned()
    if plan is None:
        return "The plan has not been accepted."
    host = (urlsplit(url).hostname or "").lower()
    if any(host == site or host.endswith(f".{site}") for site in map(str.lower, plan.left_out)):
        return "The plan leaves this site out."
    return ""


_CHECKS: dict[str, Callable[[_Plan, Mapping[str, Any], Mapping[str, Any]], str]] = {
    SEARCH: _search, LOOK_UP: _look_up, FETCH: _fetch, READ: _read,
}  # fmt: skip


def _planned(run: str, bounds: Mapping[str, Any]) -> Planned | None:
    """Put together what planners answered before anything was read, and what a person made of it; None: no yes yet."""
    blind, seen = _answered(run, bounds)
    typed = set(bounds["queries"])
    accepted = Approval.objects.filter(run=run, rule="plan", state="accepted").order_by("-decided_at").first()
    if accepted is None:
        return None if bounds["asks"] else Planned(frozenset(blind), frozenset(seen), frozenset(typed), ())
    offered = _queries(accepted.subject.get("plan", {}))
    plan = (accepted.edited or accepted.subject).get("plan", {})
    kept = _queries(plan)
    # What stands in the accepted plan and not in the offered one was typed by whoever accepted it.
    typed |= kept - offered
    left_out = tuple(map(str, plan.get("exclude", ())))
    return Planned(frozenset(blind & kept), frozenset(seen & kept), frozenset(typed), left_out)


def _answered(run: str, bounds: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    calls = list(
        Call.objects.filter(run=run, state="done", outcome="ok", tool__in=("model_complete", *SOURCES))
        .order_by("started_at").values_list("tool", "name", "agent", "arguments_sha", "result_sha")
    )  # fmt: skip
    blind: set[str] = set()
    seen: set[str] = set()
    for tool, name, agent, arguments_sha, result_sha in calls:
        if tool in SOURCES:
            break  # from here on a planner could have been told what to plan
        if (name, agent) == ("plan", PLANNER):
            found, words, saw_documents = _plan_of(tenancy.current(), arguments_sha, result_sha)
            seen |= found
            if words == bounds["words"] and not saw_documents:
                blind |= found
    return blind, seen


def _queries(plan: Mapping[str, Any]) -> set[str]:
    found = {str(query) for sub in plan.get("sub_questions", ()) for query in sub.get("queries", ())}
    return found | {query[:LONGEST_QUERY] for query in found}


@lru_cache(maxsize=4096)
def _plan_of(workspace: str, arguments_sha: str, result_sha: str) -> tuple[frozenset[str], str, bool]:
    """Read a planner's answer, the digest of the words it was given, and whether it saw documents."""
    try:
        given = json.loads(blobs.get(workspace, arguments_sha)).get("input", {})
        found = frozenset(_queries(json.loads(blobs.get(workspace, result_sha)).get("data", {})))
    except NotFound:
        return frozenset(), "", True
    known = {"question", "assumptions", "documents", "max_sub_questions", "max_queries"}
    words = rules.digest([given.get("question"), given.get("assumptions")])
    return found, words, bool(given.get("documents")) or not set(given) <= known


@lru_cache(maxsize=4096)
def _hits(workspace: str, sha: str) -> frozenset[str]:
    try:
        return frozenset(str(hit.get("url")) for hit in json.loads(blobs.get(workspace, sha)).get("hits", ()))
    except NotFound:
        return frozenset()
