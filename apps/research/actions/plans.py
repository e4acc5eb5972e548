"""Accept a plan or a draft, as it was made or as a person changed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.lib.errors import Invalid, NotFound
from apps.lib.text import clean, clean_json
from apps.library import queries as library
from apps.policy import queries as policy
from apps.research import pages
from apps.research.actions import runs
from apps.research.models import Inquiry
from apps.research.queries import documents
from apps.research.steps.contracts import Plan, SubQuestion
from apps.runtime import queries as runtime


@dataclass(frozen=True, slots=True)
class Changes:
    """What came back from the plan's page. parts: sub-question and its queries; documents: those to read.

    answers: to the plan's open questions, in their order, empty where skipped. edited: the plan was open for changes.
    """

    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    assumptions: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    edited: bool = False


def accept(*, by: int, run: str, approval: str, changes: Changes) -> None:
    """Accept the plan that a run waits with; with changes, the run works by the changed one.

    Raises: NotFound, Forbidden, Conflict (decided already), Invalid (nothing left, or more than the run's caps).
    """
    pending = policy.pending_approval(run)
    inquiry = Inquiry.objects.filter(pk=run).first()
    if inquiry is None or pending is None or pending.rule != "plan":
        raise NotFound(_("No plan waits for a decision in this run."))
    made = Plan.model_validate(pending.subject["plan"])
    wanted = _changed(made, inquiry, changes, runtime.input_of(run)) if changes.edited else made
    if wanted == made:
        runs.decide(by=by, run=run, verdict="accept", approval=approval)
    else:
        plan = {"plan": clean_json(wanted.model_dump())}
        runs.decide(by=by, run=run, verdict="edit", approval=approval, edited=plan)


def _changed(made: Plan, inquiry: Inquiry, changes: Changes, caps: dict[str, Any]) -> Plan:
    parts = [(text, queries) for text, queries in changes.parts if text]
    if not parts:
        raise Invalid(_("Keep at least one sub-question."))
    if len(parts) > caps["max_sub_questions"]:
        raise Invalid(
            ngettext(
                "This depth allows %(most)d sub-question, and the plan has %(n)d. Remove some, or ask with more depth.",
                "This depth allows %(most)d sub-questions, and the plan has %(n)d. "
                "Remove some, or ask with more depth.",
                caps["max_sub_questions"],
            )
            % {"most": caps["max_sub_questions"], "n": len(parts)}
        )
    answered = [f"{q} — {a}" for q, a in zip(made.ambiguities, changes.answers, strict=False) if a]
    told = [answer for answer in changes.answers if answer]
    asked = [
        SubQuestion(text=text[:500], queries=[*(query[:300] for query in queries or (text,)), *_more(text, told)])
        for text, queries in parts
    ]
    _check_queries(asked, caps["max_queries"], added=bool(told))
    exclude = [ref for ref in inquiry.documents if ref not in changes.documents] if "library" in made.kinds else []
    if exclude and made.kinds == ["library"] and len(exclude) == len(inquiry.documents):
        raise Invalid(_("Keep at least one document to read."))
    return Plan(
        sub_questions=_cut(asked, caps["max_queries"]), assumptions=[*changes.assumptions, *answered][:24],
        ambiguities=[q for n, q in enumerate(made.ambiguities) if not (changes.answers[n : n + 1] or ("",))[0]],
        kinds=made.kinds, exclude=[*exclude, *(site.lower().removeprefix("www.") for site in changes.sites)],
        pin=[ref for ref in changes.pins if ref in inquiry.documents and ref not in exclude],
    )  # fmt: skip


def _more(text: str, told: list[str]) -> list[str]:
    """What a person answered becomes a search of its own, beside the sub-question's words."""
    return [f"{text} {' '.join(told)}"[:300]] if told else []


def _check_queries(asked: list[SubQuestion], most: int, *, added: bool) -> None:
    count = sum(len(sub.queries) for sub in asked) - (len(asked) if added else 0)
    if count > most:
        raise Invalid(
            ngettext(
                "This depth allows %(most)d search, and the plan has %(n)d. Remove some, or ask with more depth.",
                "This depth allows %(most)d searches, and the plan has %(n)d. Remove some, or ask with more depth.",
                most,
            )
            % {"most": most, "n": count}
        )


def _cut(asked: list[SubQuestion], most: int) -> list[SubQuestion]:
    """Where answers brought more searches than the run may make, a sub-question's last own search makes room."""
    over = sum(len(sub.queries) for sub in asked) - most
    kept = []
    for sub in reversed(asked):
        drop = over > 0 and len(sub.queries) > 1
        kept.append(sub.model_copy(update={"queries": [*sub.queries[:-2], sub.queries[-1]]}) if drop else sub)
        over -= drop
    return kept[::-1]


def typed(page: pages.PlanPage, changes: Changes) -> pages.PlanPage:
    """Return a plan's page as a person filled it in, so that nothing they typed is lost."""
    return replace(
        page, subquestions=tuple(pages.SubQuestion(text, queries) for text, queries in changes.parts),
        assumptions=changes.assumptions, answers=changes.answers, sites=changes.sites, open=True,
        choices=tuple(
            replace(row, read=row.ref in changes.documents, pinned=row.ref in changes.pins) for row in page.choices
        ),
    )  # fmt: skip


def publish_edited(*, by: int, run: str, approval: str, keep: Sequence[int], title: str) -> None:
    """Approve a draft without some of its sentences. keep: numbers, in reading order, of those that stay.

    Raises: NotFound, Forbidden, Conflict (decided already), Invalid (no sentence would be left).
    """
    pending = policy.pending_approval(run)
    body = documents.body(run, rows=library.sources(run))
    if body is None or pending is None or pending.rule != "publish":
        raise NotFound(_("No draft waits for a decision in this run."))
    kept = {body.sentences[n].text for n in keep if 0 <= n < len(body.sentences)}
    struck = [sentence.text for sentence in body.sentences if sentence.text not in kept]
    if body.sentences and not kept:
        raise Invalid(_("Keep at least one sentence, or reject the draft."))
    title = clean(title).strip()[:300]
    if not struck and title in {"", body.title}:
        runs.decide(by=by, run=run, verdict="accept", approval=approval)
    else:
        edited = {"struck": struck, "title": title}
        runs.decide(by=by, run=run, verdict="edit", approval=approval, edited=edited)
