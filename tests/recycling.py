"""A workspace's schema, emptied and renamed, so that the next test need not migrate one of its own."""

from __future__ import annotations

import secrets

from django.db import connection as stock

from apps.accounts import tenancy
from apps.accounts.models import SpareSchema, Workspace
from apps.accounts.postgres.base import prefix, role_of
from apps.runtime import dispatch

# What stands in a fresh schema: the record of its migrations, and nothing else (tests/tenancy/test_recycling.py).
KEPT = "django_migrations"
# Shared tables whose rows somebody would still act upon. What is append-only stays, as in the product.
WAITING = ("agenda_due", "agenda_pendingapproval", "agenda_outbox", "messaging_notice", "messaging_preference")
EMPTY = """
DO $$
DECLARE
  each regclass;
  filled text[] := '{{}}';
  found boolean;
BEGIN
  FOR each IN SELECT oid FROM pg_class WHERE relnamespace = '{schema}'::regnamespace AND relkind = 'r'
    AND relname <> '{kept}' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', each) INTO found;
    IF found THEN filled := filled || each::text; END IF;
  END LOOP;
  IF filled <> '{{}}' THEN EXECUTE 'TRUNCATE ' || array_to_string(filled, ', ') || ' CASCADE'; END IF;
END $$
"""


def recycle(schema: str) -> str:
    """Take a workspace away and keep its schema, emptied and under a new name, as a spare one; return that name."""
    dispatch.drain(lambda *_: None)
    database = tenancy.connection.settings_dict["NAME"]
    fresh = f"{prefix(database)}_{secrets.token_hex(6)}"
    with tenancy.as_platform("a test is over"), stock.cursor() as cursor:
        Workspace.objects.filter(schema_name=schema).delete()
        for table in WAITING:
            cursor.execute(f'DELETE FROM "{table}" WHERE workspace = %s', [schema])
    with tenancy.acting(schema, "owner"), stock.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
        cursor.execute(EMPTY.format(schema=schema, kept=KEPT))
        cursor.execute(f'ALTER SCHEMA "{schema}" RENAME TO "{fresh}"')
        cursor.execute("RESET lock_timeout")
    with tenancy.acting("public", "login"), stock.cursor() as cursor:
        for who in ("member", "gate"):
            before, after = role_of(database, schema, who), role_of(database, fresh, who)
            cursor.execute(f'ALTER ROLE "{before}" RENAME TO "{after}"')
    with tenancy.as_platform("a spare schema is ready"):
        SpareSchema.objects.create(schema_name=fresh)
    return fresh
