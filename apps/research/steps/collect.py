"""Read one source: keep its bytes and its clean text, or say why it could not be read."""

from __future__ import annotations

from datetime import date, datetime

from apps.lib import blobs
from apps.library.actions import snapshots
from apps.library.extraction.results import Unreadable
from apps.library.extraction.text import extract
from apps.research.steps.contracts import Collected
from apps.runtime.context import CallFailed, StepContext
from apps.runtime.workflow import Done


def run(context: StepContext) -> Done:
    """Take a snapshot of one source. A source that can't be read is dropped with the reason; the run goes on."""
    source = context.input
    try:
        if source["kind"] == "library":
            return _document(context)
        return _page(context)
    except Unreadable as error:
        return _dropped(context, error.sentence)
    except CallFailed as error:
        if error.outcome in {"credits", "runaway", "tripwire"}:
            raise
        return _dropped(context, error.sentence)


def _document(context: StepContext) -> Done:
    found = context.call("read", "library_read", {"document": context.input["ref"]})
    text = blobs.get(context.workspace, found["text_sha256"]).decode()
    return _kept(context, found, text, found["kind"], found["title"], found["published_date"])


def _page(context: StepContext) -> Done:
    found = context.call("fetch", "web_fetch", {"url": context.input["ref"]})
    body = blobs.get(context.workspace, found["sha256"])
    extracted = extract(body, name=found["url"].split("?")[0].rsplit("/", 1)[-1], media_type=found["media_type"])
    title = extracted.title or context.input["title"]
    published = extracted.published_date or context.input["published_date"]
    return _kept(context, found, extracted.text, extracted.kind, title, published)


def _kept(context: StepContext, found: dict, text: str, kind: str, title: str, published: str | None) -> Done:
    number = context.input["number"]
    snapshot = snapshots.keep(sha256=found["sha256"], text=text, kind=kind)
    published = published if _is_day(published) else None

    def save() -> None:
        snapshots.read(
            run=context.run, number=number, snapshot=snapshot, fetched_at=datetime.fromisoformat(found["fetched_at"]),
            title=title, published_date=published,
        )  # fmt: skip

    output = Collected(number=number, title=title[:300], snapshot=snapshot, published_date=published, reason="")
    return Done(output, save=save, events=(("source.read", {"title": title[:120], "characters": len(text)}),))


def _dropped(context: StepContext, reason: str) -> Done:
    number = context.input["number"]
    output = Collected(
        number=number, title=context.input["title"], snapshot="", published_date=None, reason=reason[:300]
    )
    return Done(
        output,
        save=lambda: snapshots.drop(run=context.run, number=number, reason=reason),
        events=(("source.dropped", {"title": context.input["title"][:120], "reason": reason[:200]}),),
    )


def _is_day(given: str | None) -> bool:
    try:
        return bool(given and date.fromisoformat(given))
    except ValueError:
        return False
