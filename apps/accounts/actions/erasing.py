"""Workspaces that nobody opened again are erased for good."""

from __future__ import annotations

import logging
import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from apps.accounts import rules, schemas, tenancy
from apps.accounts.actions import archives
from apps.accounts.models import Workspace
from apps.lib import clock, ports
from apps.lib.errors import ProductError
from apps.observability import audit

log = logging.getLogger(__name__)
# Upper rooms end what goes on outside: `workspace_erased(schema=…)`, before anything is erased. Who raises keeps the
# workspace until the next round.
workspace_erased = ports.declare("accounts.workspace_erased", many=True)
# So many in one round: each takes a second of the scheduler.
MOST_AT_ONCE = 2


def carry_out() -> int:
    """Erase workspaces that were closed longer ago than they can be opened again; return how many. A chore."""
    since = clock.now() - timedelta(days=rules.REOPEN_DAYS)
    with tenancy.as_platform("workspaces whose time is over"):
        due = list(Workspace.objects.filter(closed_at__lte=since).order_by("closed_at")[:MOST_AT_ONCE])
    erased = 0
    for row in due:
        try:
            erase(schema=row.schema_name)
            erased += 1
        except ProductError as error:
            log.warning("workspace %s was not erased: %s", row.schema_name, error)
        except Exception:
            # One that can't be erased must not keep the others.
            log.exception("workspace %s was not erased", row.schema_name)
            tenancy.close()
    return erased


def erase(*, schema: str) -> None:
    """Erase a closed workspace: its schema and roles, its bodies, its rows in shared tables. Safe to repeat.

    Its own row goes last, so that whatever fails on the way is tried again. What stays: the record, without names, and
    what invoices were reckoned from (settings.KEPT_TABLES). An open workspace is left alone.
    """
    with tenancy.as_platform("a workspace is erased"):
        row = Workspace.objects.filter(schema_name=schema).exclude(closed_at=None).first()
        if row is None:
            return
        workspace_erased(schema=schema)
        archives.drop_about(schema=schema)
    schemas.drop(schema)
    shutil.rmtree(Path(settings.BLOB_ROOT) / schema, ignore_errors=True)
    schemas.forget_rows(schema)
    with tenancy.as_platform("a workspace is erased"), transaction.atomic():
        # Its name goes with it: the record names the schema alone, which says nothing.
        audit.record(by=None, did="workspace.erased", to=schema)
        row.delete()
