"""What a copy to take away holds of research: runs, reports in every format, sources, documents, facts, the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from apps.accounts.actions.contents import Part, as_json, as_lines
from apps.accounts.queries import Member
from apps.billing import queries as billing
from apps.lib.errors import NotFound
from apps.library import queries as library
from apps.library import rules as names
from apps.memory import queries as memory
from apps.research.actions.reports import RENDER
from apps.research.models import FollowUp, Inquiry, Report
from apps.research.queries import access, documents
from apps.runtime import queries as runtime

# Credits of a workspace are moved a hundred times a run at most: so many lines are all there are.
EVERY_LINE = 10_000_000


def parts(*, member: Member, own: bool) -> Iterator[Part]:
    """Yield the files of one workspace that a member may see; own: only of what they asked and uploaded themselves.

    A run that the member may not see is left out, whole: nothing says that it is there.
    """
    runs = _runs(member, own)
    for run in runs:
        yield from _run(run)
    yield Part("facts.jsonl", lambda: as_lines([asdict(row) for row in memory.taught(runs=runs)]))
    yield from _documents(member, own)
    if not own:
        yield Part("ledger.jsonl", partial(_ledger, member, frozenset(runs)))


def _runs(member: Member, own: bool) -> list[str]:
    seen = Inquiry.objects.filter(run__in=access.visible(member)).order_by("created_at", "run")
    return list((seen.filter(owner=member.person) if own else seen).values_list("run", flat=True))


def _run(run: str) -> Iterator[Part]:
    folder = f"research/{run}"
    yield Part(f"{folder}/run.json", partial(_about, run))
    if Report.objects.filter(pk=run).exists():
        for kind in RENDER:
            yield Part(f"{folder}/report.{kind}", partial(_report, run, kind))
    for row in library.sources(run):
        if row.text_sha256:
            yield Part(f"{folder}/sources/{row.number:03}.txt", _text(row.text_sha256))


def _about(run: str) -> bytes:
    row = Inquiry.objects.filter(pk=run).values().first()
    if row is None:
        raise NotFound("The run was erased in the meantime.")
    state = runtime.run(run)
    sources: list[dict[str, Any]] = [asdict(source) for source in library.sources(run)]
    asked = list(FollowUp.objects.filter(run=run).order_by("number").values())
    told = {"state": state.state, "ended_at": state.ended_at, "plan": documents.plan_of(run), "sources": sources}
    return as_json({**row, **told, "follow_ups": asked})


def _report(run: str, kind: str) -> bytes:
    return RENDER[kind](documents.load(run))


def _text(sha256: str) -> Callable[[], bytes]:
    return lambda: library.stored_text(sha256).encode()


def _documents(member: Member, own: bool) -> Iterator[Part]:
    rows = [(each, library.document(row.document)) for each in library.datasets()
            for row in library.documents(dataset=each.id) if not own or row.created_by == member.person]  # fmt: skip
    listed = [{"dataset": each.name, "dataset_id": each.id, **asdict(file)} for each, file in rows]
    yield Part("documents/documents.json", lambda: as_json({"documents": listed}))
    for _each, file in rows:
        for version in file.versions:
            folder = f"documents/{file.id}/v{version.number}"
            name = names.file_name(file.name).name or "document"
            yield Part(f"{folder}/{name.replace('/', '_')}", partial(library.stored_body, version.sha256))
            yield Part(f"{folder}/text.txt", _text(version.text_sha256))


def _ledger(member: Member, runs: frozenset[str]) -> bytes:
    """A movement for a run that the member may not see keeps its figures and loses the run."""
    rows = billing.movements(member.schema, limit=EVERY_LINE)
    told = [{**asdict(row), "run": row.run if row.run in runs else "", "note": "" if row.run and row.run not in runs
             else row.note} for row in rows]  # fmt: skip
    return as_lines(told)
