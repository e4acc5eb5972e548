"""The calls that a plan intends, each with what the gate would decide about it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.library import queries as library
from apps.policy.gate import preview
from apps.policy.gate.preview import Intended, Previewed
from apps.policy.guardrails import containment
from apps.research import rules
from apps.research.models import Inquiry
from apps.research.pages.shared import CallPreview, PlanLine, PlanTally
from apps.runtime import queries as runtime

ALLOW, ASK, DENY = "allow", "require_approval", "deny"
# So many documents are decided one by one; a policy that names a document is about one of a few.
MOST_DOCUMENTS = 200
# Which agent makes which calls: research/workflow.py says the same of the steps.
SEARCHES, READS, WRITES, REMEMBERS = "planner_retriever", "evidence_scraper", "analyst", "memory"
PUBLISHES = "publisher"
# Where the address is not known yet, the rules are asked about some address.
SOME_ADDRESS = "https://example.org/"
DOCUMENTS, PAGES = frozenset({"library_read"}), frozenset({"web_fetch"})
READING = DOCUMENTS | PAGES
WRITING = frozenset({"model_complete", "model_embed"})
SEARCHING = frozenset({"library_search", "web_search"})
PUBLISHING = frozenset({containment.PUBLISH})
# What a call will carry is known before the run for these alone.
KNOWN_BEFORE = SEARCHING | DOCUMENTS


def lines(inquiry: Inquiry, plan: dict[str, Any]) -> tuple[PlanLine, ...]:
    """Return a line a call, in the order in which a run makes them; calls that differ in nothing but a name are one."""
    wanted = [ref for ref in inquiry.documents if ref not in plan.get("exclude", ())]
    reads = _reads(wanted) if "library" in plan["kinds"] else []
    fetches = [_fetch()] if "web" in plan["kinds"] else []
    calls = [*_searches(plan, wanted), *reads, *fetches, *_writes(plan), *_publishes(inquiry)]
    decided = preview.of_run(
        run=inquiry.run, calls=[call for call, _text in calls], left_out=plan.get("exclude", ())
    )  # fmt: skip
    every = [_line(call, text, said) for (call, text), said in zip(calls, decided, strict=True)]
    of = {tools: [line for line in every if line.call and line.call.tool in tools]
          for tools in (SEARCHING, DOCUMENTS, PAGES, WRITING, PUBLISHING)}  # fmt: skip
    return (
        *of[SEARCHING], *_together(of[DOCUMENTS], inquiry.source_cap),
        *(_times(line, inquiry.source_cap) for line in of[PAGES]), *of[WRITING], *of[PUBLISHING],
    )  # fmt: skip


def tally(found: Sequence[PlanLine], inquiry: Inquiry) -> PlanTally:
    """Count the calls of a plan by what would be decided, and say what the denied ones mean for the run."""
    calls = [line.call for line in found if line.call]
    at_most = sum(call.times for call in calls if call.tool not in READING)
    at_most += min(inquiry.source_cap, sum(call.times for call in calls if call.tool in READING))
    denied = [call for call in calls if call.verdict == DENY]
    return PlanTally(
        calls=at_most, low=inquiry.low, high=inquiry.high, asks=sum(call.verdict == ASK for call in calls),
        denied=len(denied), warned=sum(bool(call.warnings) for call in calls),
        consequences=_consequences(calls),
    )  # fmt: skip


def notable(found: Sequence[PlanLine]) -> tuple[PlanLine, ...]:
    """Return the lines that whoever decides must not miss: those that would be denied or ask somebody."""
    return tuple(line for line in found if line.call and line.call.verdict != ALLOW)


def _searches(plan: dict[str, Any], wanted: list[str]) -> list[tuple[Intended, str]]:
    queries = dict.fromkeys(query for sub in plan["sub_questions"] for query in sub["queries"])
    found = []
    for query in queries:
        if "library" in plan["kinds"] and wanted:
            arguments = {"query": query, "documents": wanted, "max_results": rules.MOST_HITS}
            text = _("Search the documents: “%(query)s”") % {"query": query}
            found.append((Intended(SEARCHES, "library_search", arguments), text))
        if "web" in plan["kinds"]:
            text = _("Search the web: “%(query)s”") % {"query": query}
            arguments = {"query": query, "max_results": rules.MOST_HITS}
            found.append((Intended(SEARCHES, "web_search", arguments), text))
    return found


def _reads(wanted: list[str]) -> list[tuple[Intended, str]]:
    titles = {row.id: row.title for row in library.documents(versions=wanted[:MOST_DOCUMENTS])}
    return [
        (Intended(READS, "library_read", {"document": ref}), _("Read “%(title)s”") % {"title": title})
        for ref, title in titles.items()
    ]  # fmt: skip


def _fetch() -> tuple[Intended, str]:
    return Intended(READS, "web_fetch", {"url": SOME_ADDRESS}), _("Read pages that the searches find")


def _writes(plan: dict[str, Any]) -> list[tuple[Intended, str]]:
    found = [
        (_model("summarize"), _("Summarise what the sources say: “%(part)s”") % {"part": sub["text"]})
        for sub in plan["sub_questions"]
    ]  # fmt: skip
    remember = Intended(REMEMBERS, "model_embed", {"texts": ["…"]})
    return [
        *found, (_model("synthesize"), _("Write a draft in which every sentence cites its source")),
        (remember, _("Remember the cited passages")),
    ]  # fmt: skip


def _publishes(inquiry: Inquiry) -> list[tuple[Intended, str]]:
    if runtime.run(inquiry.run).version == "1":  # those runs publish without a call
        return []
    text = _("Publish the report, as a page and as a document of the dataset “Reports”")
    if inquiry.visibility != "workspace":
        text = _("Publish the report; its document stays closed, for not everybody may see this run")
    arguments = {"action": "create", "dataset": containment.REPORTS, "name": "…", "content": "…"}
    return [(Intended(PUBLISHES, containment.PUBLISH, arguments), text)]


def _model(task: str) -> Intended:
    return Intended(
        WRITES, "model_complete", {"task": task, "instructions": "", "input": {}, "reply_schema": {}}
    )  # fmt: skip


def _line(call: Intended, text: str, said: Previewed) -> PlanLine:
    decision, words = said.decision, preview.words()
    shown = CallPreview(
        tool=call.tool, agent=call.agent, verdict=decision.verdict, rule=decision.rule, says=decision.sentence,
        line=decision.line, own=decision.origin == "own", approver=decision.approver, four_eyes=decision.four_eyes,
        capability=decision.capability, cures=tuple(words[name] for name in said.cures), warnings=said.warnings,
        micro_dollars=said.micro_dollars, scope=said.scope, touches=said.touches, undo=said.undo,
        open=call.tool not in KNOWN_BEFORE,
    )  # fmt: skip
    kind = "add" if call.arguments.get("task") == "synthesize" or call.tool in PUBLISHING else "read"
    return PlanLine(kind, text, credits=said.credits, call=shown)


def _together(found: list[PlanLine], cap: int) -> tuple[PlanLine, ...]:
    """Make one line of the documents about which the same is decided, where that is a yes."""
    allowed = [line for line in found if line.call and line.call.verdict == ALLOW and not line.call.warnings]
    others = tuple(line for line in found if line not in allowed)
    if len(allowed) < 2:
        return (*allowed, *others)
    count = len(allowed)
    text = ngettext("Read the best of %(n)d document", "Read the best of %(n)d documents", count) % {"n": count}
    whole = _times(replace(allowed[0], text=text), min(cap, count))
    return (whole, *others)


def _times(line: PlanLine, most: int) -> PlanLine:
    return line.times(most, _("at most %(cap)d sources") % {"cap": most})


def _consequences(calls: Sequence[CallPreview]) -> tuple[str, ...]:
    """Say what comes of the calls that would be denied."""
    denied = {call.tool for call in calls if call.verdict == DENY}
    left = {call.tool for call in calls if call.verdict != DENY}
    said = []
    if denied & SEARCHING:
        said.append(
            _("A search that is denied is left out; the run goes on with the others.")
            if left & SEARCHING
            else _("Every search is denied: nothing is found, and the run fails there.")
        )
    if denied & READING:
        said.append(
            _("What may not be read is dropped as a source, with the reason.") if left & READING
            else _("Nothing may be read: the report will say that the sources do not answer.")
        )  # fmt: skip
    if denied & WRITING:
        said.append(_("Writing is denied: the run fails at that step. It can be resumed once the policy allows it, and "
                      "what is done until then is charged."))  # fmt: skip
    if denied & PUBLISHING:
        said.append(_("Publishing is denied: the run stops before its report is out. It can be resumed once the policy "
                      "allows it."))  # fmt: skip
    return tuple(said)
