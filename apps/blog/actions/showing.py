"""Copy a finished report and its run's recorded steps out of a workspace, so that the site can show them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from wagtail.models import Revision

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.blog.models import Evidence, HomePage
from apps.lib import clock
from apps.lib.errors import NotFound
from apps.research.queries import access, lists, report_page, run_page, shared
from apps.research.queries.run_page import Viewer

# What of a report is shown; nothing that says who asked, approved or may read it.
PARTS = (
    "question", "title", "published_at", "credits", "sentences", "sourced", "summary", "sections", "disagreements",
    "unanswered", "sources", "mode",
)  # fmt: skip
STEP = ("key", "label", "by", "state", "start_ms", "took_ms", "credits", "detail")


def show(*, slug: str, workspace: str, run: str = "") -> int | None:
    """Keep what a published report shows under a name, replacing what was kept; return the id.

    run: which one; else the oldest published that everybody in the workspace may see. Returns None where there is
    none. Raises NotFound for a run without a published report.
    """
    found = accounts.workspace_of_slug(workspace)
    return _copy(slug, found.schema, run) if found else None


def review() -> int:
    """Take down the copies whose report is withdrawn, deleted, erased or not everybody's any more; return how many.

    The first page then shows the next published report of that workspace, or says that there is none. Runs in the
    scheduler with the platform's role: whatever happened to the original, and by whichever way, is noticed here.
    """
    gone = 0
    for kept in Evidence.objects.exclude(workspace=""):
        if not _stands(kept.workspace, kept.run):
            _replace(kept)
            gone += 1
    return gone


def _replace(kept: Evidence) -> None:
    with transaction.atomic():
        homes = list(HomePage.objects.filter(evidence=kept))
        old, slug, schema = kept.pk, kept.slug, kept.workspace
        kept.delete()
        new = _copy(slug, schema) if homes and accounts.workspace_of_schema(schema) else None
        for home in homes:
            HomePage.objects.filter(pk=home.pk).update(evidence=new)
            # Drafts too: else the next publication would bring the old one's number back.
            for draft in Revision.objects.for_instance(home).filter(content__evidence=old):
                draft.content["evidence"] = new
                draft.save(update_fields=["content"])


def _copy(slug: str, schema: str, run: str = "") -> int | None:
    with tenancy.in_workspace(schema):
        chosen = run or _oldest(schema)
        if not chosen:
            return None
        page = report_page.page(run=chosen)
        timeline = run_page.page(run=chosen, viewer=Viewer("viewer", False)).timeline
    report = {name: value for name, value in _plain(asdict(page)).items() if name in PARTS}
    steps = [{name: row[name] for name in STEP} for row in _plain(asdict(timeline))["rows"]]
    kept, _new = Evidence.objects.update_or_create(slug=slug, defaults={
        "title": page.title[:300], "report": report, "replay": steps, "copied_at": clock.now(), "workspace": schema,
        "run": chosen,
    })  # fmt: skip
    return int(kept.pk)


def _stands(schema: str, run: str) -> bool:
    """Tell whether a report is still published, and for everybody in its workspace."""
    if accounts.workspace_of_schema(schema) is None:
        return False
    with tenancy.in_workspace(schema):
        try:
            owner = accounts.member(schema, accounts.owner_of(schema))
            report_page.page(run=run)
            everybodys = shared.sight(run)["visibility"] == "workspace"
        except NotFound:
            return False
        return everybodys and owner is not None and access.opens(owner, run)


def _oldest(schema: str) -> str:
    owner = accounts.member(schema, accounts.owner_of(schema))
    if owner is None:
        raise NotFound("This workspace has no owner.")
    number, found = 1, ""
    while True:
        rows = lists.run_list(member=owner, page=number).rows
        open_ = [row.public_id for row in rows if row.has_report and row.visibility == "workspace"]
        found = open_[-1] if open_ else found
        if len(rows) < lists.A_PAGE:
            return found
        number += 1


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
