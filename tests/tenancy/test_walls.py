"""Two walls between workspaces: the schema that a query reaches, and the role that asks."""

from __future__ import annotations

import random
import threading

import pytest
from django.conf import settings
from django.db import Error, connection, transaction

from apps.accounts import queries as accounts
from apps.accounts import schemas, tenancy
from apps.accounts.actions import sessions, workspaces
from apps.accounts.models import HandOff, User, Workspace
from apps.agenda.models import Due
from apps.billing.models import Balance, CreditEntry
from apps.lib import clock, ids
from apps.lib.errors import Conflict, Forbidden, Invalid, NotFound
from apps.library.models import Document
from tests.conftest import Cast


def refused(schema: str, sql: str, *, gate: bool = False) -> bool:
    """Tell whether Postgres refuses a statement to a workspace's role."""
    try:
        with tenancy.in_workspace(schema, gate=gate), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except Error:
        return True
    return False


def test_a_workspace_role_cannot_touch_another_schema_even_by_name(cast: Cast) -> None:
    for sql in (
        f'SELECT * FROM "{cast.globex}".library_document',
        f"INSERT INTO \"{cast.globex}\".library_document (id, name, created_at) VALUES ('x', 'x', now())",
        f'SET ROLE "{cast.globex}"; RESET ROLE; SELECT * FROM "{cast.globex}".policy_call',
        f'DROP SCHEMA "{cast.globex}" CASCADE',
    ):
        assert refused(cast.acme, sql), sql
        assert refused(cast.acme, sql, gate=True), sql


@pytest.mark.parametrize(
    "table",
    ["accounts_user", "accounts_membership", "accounts_handoff", "django_session", "django_admin_log", "auth_group",
     "account_emailaddress", "accounts_spareschema", "django_migrations"],
)  # fmt: skip
def test_a_workspace_role_has_no_grant_on_people_sessions_and_the_like(cast: Cast, table: str) -> None:
    assert refused(cast.acme, f"SELECT * FROM public.{table}")
    assert refused(cast.acme, f"DELETE FROM public.{table}", gate=True)


def test_shared_tables_show_each_workspace_its_own_rows_only(cast: Cast) -> None:
    for schema in (cast.acme, cast.globex):
        with tenancy.in_workspace(schema):
            Due.objects.create(workspace=schema, run="r", task=ids.new("task"), queue="q", due_at=clock.now())
    with tenancy.in_workspace(cast.acme):
        assert set(Due.objects.values_list("workspace", flat=True)) == {cast.acme}
        assert set(Balance.objects.values_list("workspace", flat=True)) == {cast.acme}
        assert set(CreditEntry.objects.values_list("workspace", flat=True)) == {cast.acme}
        assert list(Workspace.objects.values_list("schema_name", flat=True)) == [cast.acme]
        assert Balance.objects.filter(workspace=cast.globex).update(available=0) == 0
        with pytest.raises(Error), transaction.atomic():
            Due.objects.create(workspace=cast.globex, run="r", task="t", queue="q", due_at=clock.now())
        with pytest.raises(Error), transaction.atomic():
            Workspace.objects.filter(schema_name=cast.acme).update(name="mine")
    with tenancy.as_platform("a test counts all"):
        assert Due.objects.filter(run="r").count() == 2


def test_every_shared_table_with_a_workspace_key_has_row_security(cast: Cast) -> None:
    roles = [cast.acme, f"{cast.acme}_g"]
    with tenancy.as_platform("a test reads the catalogue"), connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace")
        assert {row[0] for row in cursor.fetchall()} == set(settings.WORKSPACE_KEYED_TABLES)
        cursor.execute("SELECT table_name FROM information_schema.columns WHERE table_schema='public' "
                       "AND column_name='workspace'")  # fmt: skip
        named = {row[0] for row in cursor.fetchall()}
        # The others are the platform's own: no role of a workspace reaches them at all.
        cursor.execute(
            "SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a "
            "LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE c.relnamespace = 'public'::regnamespace AND "
            "(a.grantee = 0 OR r.rolname = ANY(%s) OR EXISTS (SELECT FROM "
            "pg_auth_members m JOIN pg_roles each ON each.oid = m.member WHERE m.roleid = r.oid AND "
            "each.rolname = ANY(%s)))", [roles, roles],
        )  # fmt: skip
        reached = {row[0] for row in cursor.fetchall()}
        assert reached >= set(settings.WORKSPACE_KEYED_TABLES)
        assert named & reached <= set(settings.WORKSPACE_KEYED_TABLES)


def test_a_workspace_schema_has_at_most_forty_tables(cast: Cast) -> None:
    with tenancy.as_platform("a test reads the catalogue"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s", [cast.acme])
        assert 0 < cursor.fetchone()[0] <= settings.WORKSPACE_TABLE_LIMIT


def test_a_thousand_switches_in_eight_threads_never_show_another_workspace(committed: Cast) -> None:
    for schema in (committed.acme, committed.globex):
        with tenancy.in_workspace(schema):
            Document.objects.create(id=ids.new("doc"), name=schema)
    wrong: list[str] = []

    def switch(seed: int) -> None:
        pick = random.Random(seed)
        try:
            for _ in range(125):
                schema = pick.choice([committed.acme, committed.globex])
                with tenancy.in_workspace(schema, gate=pick.random() < 0.3):
                    if pick.random() < 0.15:
                        try:
                            with transaction.atomic():
                                Document.objects.create(id=ids.new("doc"), name=None)
                        except Error:
                            pass
                    if set(Document.objects.values_list("name", flat=True)) != {schema}:
                        wrong.append(schema)
                if pick.random() < 0.2:
                    tenancy.close()
        finally:
            tenancy.close()

    threads = [threading.Thread(target=switch, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_leaving_a_workspace_restores_what_was_before_even_after_an_error(cast: Cast) -> None:
    with pytest.raises(RuntimeError), tenancy.in_workspace(cast.acme):
        with tenancy.in_workspace(cast.globex, gate=True):
            assert (connection.schema_name, connection.acting) == (cast.globex, "gate")
            raise RuntimeError
    assert (connection.schema_name, connection.acting) == ("public", "platform")
    for schema in ("", "public"):
        with pytest.raises(ValueError), tenancy.in_workspace(schema):
            pass


def test_a_hand_off_is_spent_once_in_time_and_only_for_its_workspace(cast: Cast) -> None:
    acme = accounts.workspaces_of(cast.alice)[0]
    with pytest.raises(NotFound):
        sessions.hand_off(by=cast.charlie, slug=acme.slug)
    ticket = sessions.hand_off(by=cast.alice, slug=acme.slug)
    with pytest.raises(Forbidden):
        sessions.accept_hand_off(ticket=ticket, schema=cast.globex)
    user, _sign_in = sessions.accept_hand_off(ticket=ticket, schema=cast.acme)
    assert user.pk == cast.alice
    with pytest.raises(Forbidden):
        sessions.accept_hand_off(ticket=ticket, schema=cast.acme)
    late = sessions.hand_off(by=cast.alice, slug=acme.slug)
    with tenancy.as_platform("a test lets time pass"):
        HandOff.objects.update(expires_at=clock.now())
    with pytest.raises(Forbidden):
        sessions.accept_hand_off(ticket=late, schema=cast.acme)


def test_a_new_workspace_refuses_bad_reserved_and_taken_addresses(cast: Cast) -> None:
    acme = accounts.workspaces_of(cast.alice)[0]
    for slug, error in (("Ab c", Invalid), ("staff", Invalid), ("x", Invalid), (acme.slug, Conflict)):
        with pytest.raises(error):
            workspaces.create(by=cast.alice, name="Name", slug=slug)


def test_a_person_who_is_not_active_is_a_stranger(cast: Cast) -> None:
    assert accounts.member(cast.acme, cast.bob)
    with tenancy.as_platform("a test deactivates"):
        User.objects.filter(pk=cast.bob).update(is_active=False)
    assert accounts.member(cast.acme, cast.bob) is None
    assert accounts.member(cast.acme, cast.charlie) is None


def test_migrations_of_a_current_schema_are_skipped(cast: Cast) -> None:
    assert schemas.is_current(cast.acme)
