"""The schema that one test hands to the next is as one that was made for it."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.accounts import schemas, tenancy
from apps.runtime import actions
from tests.conftest import make_cast, numbers
from tests.engine import workflows
from tests.recycling import recycle

TABLES = """
SELECT relname, relkind, relacl::text FROM pg_class WHERE relnamespace = %s::regnamespace ORDER BY relname
"""


def described(schema: str) -> list[tuple[str, ...]]:
    """Return what stands in a schema: whatever has a name, with its rights, and of a table how many rows it has."""
    with tenancy.acting(schema, "owner"), connection.cursor() as cursor:
        cursor.execute(TABLES, [schema])
        found = []
        for name, kind, rights in cursor.fetchall():
            rows = 0
            if kind == "r":
                cursor.execute(f'SELECT count(*) FROM "{schema}"."{name}"')
                rows = cursor.fetchone()[0]
            found.append((name, str(rights).replace(schema, "…"), str(rows)))
    return found


def test_a_recycled_schema_is_as_a_fresh_one(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    with django_db_blocker.unblock():
        cast, fresh = make_cast(f"recycled{next(numbers)}"), schemas.make()
        with tenancy.in_workspace(cast.acme):
            workflows.admit("fan", person=cast.bob)
            actions.drive()
        assert described(cast.acme) != described(fresh)
        assert described(recycle(cast.acme)) == described(fresh)
        tenancy.close()
