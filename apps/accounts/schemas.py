"""Make schemas and roles, and say who may touch which table."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.utils import schema_exists

from apps.accounts import tenancy
from apps.accounts.models import SpareSchema, Workspace
from apps.accounts.postgres.base import prefix, role_of
from apps.accounts.tenancy import connection
from apps.lib import ports
from apps.lib.errors import ProductError

# Upper rooms bring what they keep in a workspace up to date with this release: called with `schema`, for each.
prepared = ports.declare("accounts.prepared", many=True)


class Unprepared(ProductError):
    """The database can't carry Footnote."""

    code = "unprepared"


def preflight() -> None:
    """Check that DATABASE_URL leads to a Postgres that can keep workspaces apart.

    Raises: Unprepared, with one sentence that says what to do.
    """
    with tenancy.acting("public", "login"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT (rolcreaterole AND rolcreatedb) OR rolsuper, rolinherit FROM pg_roles WHERE rolname = session_user"
        )
        may_make_roles, inherits = cursor.fetchone()
        if not may_make_roles:
            raise Unprepared(
                "The role in DATABASE_URL needs CREATEROLE and CREATEDB: ALTER ROLE … CREATEROLE CREATEDB NOINHERIT."
            )
        if inherits:
            raise Unprepared("The role in DATABASE_URL must not inherit rights: ALTER ROLE … NOINHERIT.")
        cursor.execute("SHOW server_version_num")
        if int(cursor.fetchone()[0]) < 160000:
            raise Unprepared("Footnote needs Postgres 16 or newer.")
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'")
        if not cursor.fetchone()[0]:
            raise Unprepared("This Postgres lacks the extension pgvector: install it on the server.")
        _refuse_transaction_pooling()


def _refuse_transaction_pooling() -> None:
    """A pooler in transaction mode gives one session to several clients: a search path would leak."""
    token = secrets.token_hex(8)
    other = connection.copy()
    other.act(schema="public", acting="login")
    try:
        for place, value in ((connection, token), (other, "other")):
            with place.cursor() as cursor:
                cursor.execute("SELECT set_config('footnote.probe', %s, false)", [value])
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('footnote.probe', true)")
            if cursor.fetchone()[0] != token:
                raise Unprepared(
                    "DATABASE_URL leads to a pooler in transaction mode, which would mix workspaces. "
                    "Use session pooling or connect to Postgres itself."
                )
    finally:
        other.close()


def lay_foundation() -> None:
    """Make the roles that own and serve the shared tables; safe to repeat."""
    name = connection.settings_dict["NAME"]
    with tenancy.acting("public", "login"), connection.cursor() as cursor:
        for role in (f"{prefix(name)}_owner", f"{prefix(name)}_platform", f"{prefix(name)}_workspace"):
            _make_role(cursor, role)
        owner = f"{prefix(name)}_owner"
        cursor.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()")
        if cursor.fetchone()[0] != owner:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
            cursor.execute(f'GRANT CREATE, CONNECT, TEMPORARY ON DATABASE "{name}" TO "{owner}"')
            cursor.execute(f'ALTER SCHEMA public OWNER TO "{owner}"')
            cursor.execute(f'ALTER DATABASE "{name}" OWNER TO "{owner}"')


def _make_role(cursor: CursorWrapper, role: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    if not cursor.fetchone():
        cursor.execute(f'CREATE ROLE "{role}" NOLOGIN')
    cursor.execute(f'GRANT "{role}" TO CURRENT_USER WITH SET TRUE, INHERIT FALSE')


def guard_shared() -> None:
    """Grant shared tables: all to the platform; keyed ones to workspaces, row by row. Safe to repeat."""
    base = prefix(connection.settings_dict["NAME"])
    platform, workspace = f"{base}_platform", f"{base}_workspace"
    with tenancy.acting("public", "owner"), connection.cursor() as cursor:
        cursor.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        cursor.execute(f'GRANT USAGE ON SCHEMA public TO "{platform}", "{workspace}"')
        cursor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{platform}"')
        cursor.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{platform}"')
        for table, column in settings.WORKSPACE_KEYED_TABLES.items():
            _guard_table(cursor, table, column, platform=platform, workspace=workspace)
        for table in settings.WORKSPACE_READABLE_TABLES:
            cursor.execute(f'GRANT SELECT ON "{table}" TO "{workspace}"')
        for table in settings.APPEND_ONLY_TABLES:
            cursor.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM "{platform}", "{workspace}"')


def _guard_table(cursor: CursorWrapper, table: str, column: str, *, platform: str, workspace: str) -> None:
    rights = "SELECT" if table in settings.WORKSPACE_READ_TABLES else "SELECT, INSERT, UPDATE, DELETE"
    rights = "SELECT, INSERT" if table in settings.APPEND_ONLY_TABLES else rights
    # What an earlier release granted and this one does not.
    cursor.execute(f'REVOKE ALL ON "{table}" FROM "{workspace}"')
    cursor.execute(f'GRANT {rights} ON "{table}" TO "{workspace}"')
    cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
    if (sequence := cursor.fetchone()[0]) and rights != "SELECT":
        cursor.execute(f'GRANT USAGE, SELECT ON SEQUENCE {sequence} TO "{workspace}"')
    cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    for policy, role, test in (
        ("platform", platform, "true"),
        ("workspace", workspace, f'current_user IN ("{column}", "{column}" || \'_g\')'),
    ):
        cursor.execute(f'DROP POLICY IF EXISTS "{policy}" ON "{table}"')
        cursor.execute(f'CREATE POLICY "{policy}" ON "{table}" TO "{role}" USING ({test}) WITH CHECK ({test})')


def make(*, schema: str | None = None) -> str:
    """Make one schema with its two roles and the tenant apps' tables; return its name."""
    name = connection.settings_dict["NAME"]
    schema = schema or f"{prefix(name)}_{secrets.token_hex(6)}"
    with tenancy.acting("public", "login"), connection.cursor() as cursor:
        for role in (schema, role_of(name, schema, "gate")):
            _make_role(cursor, role)
            cursor.execute(f'GRANT "{prefix(name)}_workspace" TO "{role}" WITH INHERIT TRUE, SET FALSE')
    with tenancy.acting("public", "owner"), connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
    migrate(schema)
    return schema


def migrate(schema: str) -> None:
    """Bring one schema's tables up to date and grant them."""
    with tenancy.acting("public", "owner"):
        call_command(
            "migrate_schemas", schema_name=schema, verbosity=0, interactive=False, executor="standard", tenant=True
        )
    grant(schema)


def is_current(schema: str) -> bool:
    """Tell whether a schema has every migration of the tenant apps that is on disk."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    labels = {name.rsplit(".", 1)[-1] for name in settings.TENANT_APPS}
    known = {key for key in loader.disk_migrations if key[0] in labels}
    with tenancy.acting(schema, "owner"):
        return known <= set(MigrationRecorder(connection).applied_migrations())


def grant(schema: str) -> None:
    """Grant a workspace's tables to its two roles; only the gate writes calls and reads credentials."""
    gate = role_of(connection.settings_dict["NAME"], schema, "gate")
    with tenancy.acting(schema, "owner"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO "{schema}", "{gate}"')
        cursor.execute(
            f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO "{schema}", "{gate}"'
        )
        cursor.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA "{schema}" TO "{schema}", "{gate}"')
        for table in settings.GATE_WRITTEN_TABLES:
            cursor.execute(f'REVOKE INSERT, UPDATE, DELETE ON "{schema}"."{table}" FROM "{schema}"')
        for table in settings.GATE_ONLY_TABLES:
            cursor.execute(f'REVOKE ALL ON "{schema}"."{table}" FROM "{schema}"')
        for table, hidden in settings.GATE_READ_COLUMNS.items():
            _hide_columns(cursor, schema, table, hidden)
        cursor.execute(f'REVOKE ALL ON "{schema}"."django_migrations" FROM "{schema}", "{gate}"')


def _hide_columns(cursor: CursorWrapper, schema: str, table: str, hidden: list[str]) -> None:
    """Let the members' role write some columns of a table and never read them."""
    cursor.execute(
        "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
        "AND NOT attisdropped AND NOT attname = ANY(%s)", [f'"{schema}"."{table}"', hidden],
    )  # fmt: skip
    open_ = ", ".join(row[0] for row in cursor.fetchall())
    cursor.execute(f'REVOKE SELECT ON "{schema}"."{table}" FROM "{schema}"')
    cursor.execute(f'GRANT SELECT ({open_}) ON "{schema}"."{table}" TO "{schema}"')


def drop(schema: str) -> None:
    """Take a workspace's schema and its two roles away, with everything in it; safe to repeat.

    Raises ValueError for a name that is no workspace's.
    """
    name = connection.settings_dict["NAME"]
    if not schema.startswith(f"{prefix(name)}_") or not schema.isidentifier():
        raise ValueError("only a workspace's schema is dropped")
    with tenancy.acting("public", "owner"), connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
    with tenancy.acting("public", "login"), connection.cursor() as cursor:
        for role in (schema, role_of(name, schema, "gate")):
            cursor.execute(f'DROP ROLE IF EXISTS "{role}"')


def forget_rows(schema: str) -> None:
    """Delete what shared tables hold of a workspace, but for its own row and what settings.KEPT_TABLES names."""
    kept = {"accounts_workspace", *settings.APPEND_ONLY_TABLES, *settings.KEPT_TABLES}
    with tenancy.as_platform("a workspace is erased"), connection.cursor() as cursor:
        for table, column in settings.WORKSPACE_KEYED_TABLES.items():
            if table not in kept:
                cursor.execute(f'DELETE FROM "{table}" WHERE "{column}" = %s', [schema])


def take() -> str:
    """Return a schema that no workspace uses yet: a spare one where there is one, else a new one."""
    with tenancy.as_platform("a new workspace takes a spare schema"), transaction.atomic():
        spare = SpareSchema.objects.select_for_update(skip_locked=True).order_by("created_at").first()
        if spare:
            spare.delete()
            return spare.schema_name
    return make()


def stock(count: int) -> int:
    """Make spare schemas until there are `count`; return how many were made."""
    made = 0
    with tenancy.as_platform("count the spare schemas"):
        missing = count - SpareSchema.objects.count()
    for _ in range(missing):
        schema = make()
        with tenancy.as_platform("a spare schema is ready"):
            SpareSchema.objects.create(schema_name=schema)
        made += 1
    return made


def all_schemas() -> list[str]:
    """Return the schemas of all workspaces and the spare ones."""
    with tenancy.as_platform("migrations reach every workspace"):
        used = list(Workspace.objects.values_list("schema_name", flat=True))
        return [s for s in used + list(SpareSchema.objects.values_list("schema_name", flat=True)) if schema_exists(s)]
