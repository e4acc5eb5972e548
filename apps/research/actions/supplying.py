"""A person supplies the result of a task that failed, and the run goes on from there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.lib import blobs, clock
from apps.lib.errors import Invalid, NotFound
from apps.lib.text import clean
from apps.library import queries as library
from apps.library import rules as passages
from apps.library.actions import snapshots
from apps.observability import audit
from apps.policy.guardrails import containment
from apps.research.actions.runs import hold_again, member_of
from apps.research.models import Inquiry
from apps.research.queries import access
from apps.research.steps.contracts import (
    Cited,
    Collected,
    Draft,
    Hit,
    Line,
    Plan,
    Searched,
    Sentence,
    SubQuestion,
    Summary,
)  # fmt: skip
from apps.research.steps.plan import within
from apps.runtime import actions as runtime
from apps.runtime import queries as runs
from apps.runtime.queries import TaskRow
from apps.runtime.workflow import Done

MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Supplied:
    """What a person typed: a title, some lines, a longer text, chosen documents; which counts depends on the step."""

    title: str = ""
    lines: tuple[str, ...] = ()
    text: str = ""
    documents: tuple[str, ...] = ()


def supply(*, by: int, run: str, key: str, given: Supplied) -> None:
    """Finish a failed task with a person's result; credits are held again for what is left.

    Raises: Forbidden, NotFound (no such task, or not one a person can do), Invalid (what is missing),
    Conflict (the run is in another state), NotEnoughCredits.
    """
    access.demand(member_of(by), run, "research", change=True)
    task = next((row for row in runs.tasks(run) if row.key == key), None)
    if task is None or task.state != "failed" or task.step not in MAKERS:
        raise NotFound(_("There is no failed task here that a person can do."))
    done = MAKERS[task.step](Inquiry.objects.get(pk=run), task, given)
    with transaction.atomic():
        _allow(run, done.output)
        runtime.supply(by=by, run=run, key=key, done=done)
        hold_again(by=by, run=run)
        audit.record(workspace=tenancy.current(), by=by, did="task.supplied", to=run, reason=key)


def _allow(run: str, output: object) -> None:
    """What a person typed belongs to the plan: the gate lets it out."""
    if isinstance(output, Plan):
        containment.widen(run=run, queries=[query for sub in output.sub_questions for query in sub.queries])
    if isinstance(output, Searched):
        containment.widen(run=run, addresses=[hit.ref for hit in output.hits if hit.kind == "web"])


def _done(output: object, **more: object) -> Done:
    return Done(output, events=(("task.supplied", {}),), **more)  # type: ignore[arg-type]


def _lines(given: Supplied, missing: str) -> list[str]:
    lines = [line for line in (clean(line).strip() for line in given.lines[:MOST_LINES]) if line]
    if not lines:
        raise Invalid(missing)
    return lines


def _plan(inquiry: Inquiry, task: TaskRow, given: Supplied) -> Done:
    lines = _lines(given, _("Write at least one sub-question, one a line."))
    caps = runs.input_of(inquiry.run)
    asked = [SubQuestion(text=line[:500], queries=[line[:300]]) for line in lines]
    plan = Plan(
        sub_questions=within(asked, caps["max_sub_questions"], caps["max_queries"]),
        assumptions=list(inquiry.assumptions), ambiguities=[], kinds=caps["kinds"],
    )  # fmt: skip
    return _done(plan)


def _search(inquiry: Inquiry, task: TaskRow, given: Supplied) -> Done:
    query, kind = task.input["query"], task.input["kind"]
    rows = library.documents(versions=[ref for ref in given.documents if ref in inquiry.documents])
    hits = [
        Hit(
            ref=row.id, kind="library", title=row.title, rank=rank, same=row.sha256,
            published_date=row.published_date.isoformat() if row.published_date else None,
        )
        for rank, row in enumerate(rows, start=1)
    ]  # fmt: skip
    for line in given.lines[:MOST_LINES]:
        url = clean(line).strip()
        if url and not url.startswith(("http://", "https://")):
            raise Invalid(_("“%(line)s” is no address of a page; it begins with https://.") % {"line": url[:80]})
        if url:
            hits.append(
                Hit(ref=url[:4000], kind="web", title=url[:300], rank=len(hits) + 1, same="", published_date=None)
            )
    if not hits:
        raise Invalid(_("Choose at least one document, or give at least one address."))
    return _done(Searched(query=query, kind=kind, hits=hits))


def _collect(inquiry: Inquiry, task: TaskRow, given: Supplied) -> Done:
    text = clean(given.text).strip()
    if not text:
        raise Invalid(_("Paste the text of the source."))
    number, title = task.input["number"], clean(given.title).strip()[:300] or task.input["title"]
    sha256 = blobs.put(tenancy.current(), text.encode())
    snapshot = snapshots.keep(sha256=sha256, text=text, kind="text")
    published = task.input.get("published_date")

    def save() -> None:
        snapshots.read(
            run=inquiry.run, number=number, snapshot=snapshot, fetched_at=clock.now(), title=title,
            published_date=published,
        )  # fmt: skip

    output = Collected(number=number, title=title, snapshot=snapshot, published_date=published, reason="")
    return _done(output, save=save)


def _summary(inquiry: Inquiry, task: TaskRow, given: Supplied) -> Done:
    asked = task.input["sub_question"]
    quotes = [line for line in (clean(line).strip() for line in given.lines[:MOST_LINES]) if line]
    if not quotes:
        return _done(Summary(sub_question=asked, sentences=[], answered=False))
    sources = [row for row in library.sources(inquiry.run) if row.kept and row.snapshot]
    texts = [(row, library.stored_text(row.text_sha256)) for row in sources]
    number = task.key.rsplit(".", 1)[-1]
    sentences = [
        Sentence(id=f"{number}.{n}", text=quote, citations=[_cited(quote, texts)])
        for n, quote in enumerate(quotes, start=1)
    ]  # fmt: skip
    return _done(Summary(sub_question=asked, sentences=sentences, answered=True))


def _cited(quote: str, texts: Sequence[tuple[library.SourceRow, str]]) -> Cited:
    for source, text in texts:
        place = passages.locate(quote, text)
        if place:
            start, end = place
            return Cited(
                source=source.number, snapshot=source.snapshot or "", start=start, end=end, quote=text[start:end]
            )  # fmt: skip
    raise Invalid(
        _("“%(line)s” stands in none of the sources. Copy a sentence letter by letter from one of them.")
        % {"line": quote[:80]}
    )


def _draft(inquiry: Inquiry, task: TaskRow, given: Supplied) -> Done:
    summaries = [Summary.model_validate(output) for output in runs.outputs_of(run=inquiry.run, step="summarize")]
    answered = [summary for summary in summaries if summary.answered]
    lines = [
        Line(section=number, about="", text=sentence.text, citations=sentence.citations)
        for number, summary in enumerate(answered)
        for sentence in summary.sentences
    ]
    return _done(
        Draft(
            title=clean(given.title).strip()[:300] or inquiry.question[:300],
            headings=[summary.sub_question for summary in answered], lines=lines,
            gaps=[summary.sub_question for summary in summaries if not summary.answered], answered=bool(answered),
        )
    )  # fmt: skip


# The steps whose result a person can give; the others only order what is there, and are resumed.
MAKERS: dict[str, Callable[[Inquiry, TaskRow, Supplied], Done]] = {
    "plan": _plan, "search": _search, "collect": _collect, "summarize": _summary, "synthesize": _draft,
}  # fmt: skip
