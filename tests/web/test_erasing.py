"""What was deleted long ago, or is older than its workspace keeps it, is erased: words and bodies go, figures stay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from apps.accounts import tenancy
from apps.accounts.models import Workspace
from apps.billing import queries as billing
from apps.lib import clock
from apps.memory.models import Chunk, Fact
from apps.policy.models import Call
from apps.research.actions import erasing
from apps.research.models import FollowUp, Inquiry, Report
from apps.runtime import actions as runtime
from tests.web.conftest import House
from tests.web.reading import Visit


def words_left(house: House, run: str, word: str) -> list[str]:
    """List the tables of the workspace whose rows of a run still hold a word, and the stored bodies that do."""
    found = []
    with tenancy.in_workspace(house.cast.acme, gate=True), connection.cursor() as cursor:  # it may read what is sealed
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [house.cast.acme])
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s AND t::text LIKE %s',
                [f"%{word}%", f"%{run}%"],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def bodies(house: House) -> set[str]:
    """Return the names of the stored bodies of the workspace."""
    return {path.name for path in (Path(settings.BLOB_ROOT) / house.cast.acme).rglob("*") if path.is_file()}


def test_a_run_that_was_deleted_a_month_ago_leaves_no_word(house: House, visit: Visit) -> None:
    run = house.start()
    bob = visit("bob")
    bob.post(f"/research/{run}/ask", {"question": "How high is the Harrow dam?"})
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
    charged = [line for line in billing.ledger(house.cast.acme, run=run) if line.kind == "charge"]
    assert words_left(house, run, "Harrow") != []
    assert bob.post(f"/research/{run}/delete").status_code == 302
    with clock.stopped(clock.now() + timedelta(days=29)):
        erasing.tidy()
    with tenancy.in_workspace(house.cast.acme):
        assert Inquiry.objects.filter(run=run).exists()
    with clock.stopped(clock.now() + timedelta(days=31)):
        erasing.tidy()
    assert words_left(house, run, "Harrow") == []
    with tenancy.in_workspace(house.cast.acme):
        for model in (Inquiry, Report, FollowUp, Fact, Chunk):
            assert not model.objects.filter(run=run).exists(), model
        assert Call.objects.filter(run=run, state="done").count() > 5
    assert [line for line in billing.ledger(house.cast.acme, run=run) if line.kind == "charge"] == charged
    assert visit("alice").get(f"/research/{house.published}/report").status_code == 200


def test_a_workspace_keeps_its_runs_as_long_as_it_says(house: House, visit: Visit) -> None:
    run = house.start()
    with tenancy.as_platform("a test sets how long runs are kept"):
        Workspace.objects.filter(schema_name=house.cast.acme).update(retention_days=90)
    try:
        with clock.stopped(clock.now() + timedelta(days=89)):
            erasing.tidy()
        assert visit("bob").get(f"/research/{run}/report").status_code == 200
        before = bodies(house)
        with tenancy.in_workspace(house.cast.acme):
            kept = set(Inquiry.objects.exclude(run=run).values_list("run", flat=True))
            Inquiry.objects.exclude(run=run).update(deleted_at=None)
            erasing.erase(run=run)
            assert set(Inquiry.objects.values_list("run", flat=True)) == kept
        assert visit("bob").get(f"/research/{run}").status_code == 404
        assert bodies(house) <= before
    finally:
        with tenancy.as_platform("a test puts it back"):
            Workspace.objects.filter(schema_name=house.cast.acme).update(retention_days=None)
