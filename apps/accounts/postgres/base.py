"""Search path and role together, so that no query ever runs in one workspace's schema with another's rights.

The login role owns nothing and inherits nothing. A connection acts as one of:

    platform   shared tables; the state of a connection that nobody switched
    member     one workspace, as web and worker see it (role = schema name)
    gate       one workspace, as the gate sees it (role = schema name + "_g")
    owner      migrations
    login      making roles
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import OperationalError
from django_tenants.postgresql_backend import base as tenants

SWITCH = "SELECT set_config('search_path', %s, false), set_config('role', %s, false)"
ACTING = ("platform", "member", "gate", "owner", "login")


def prefix(database: str) -> str:
    """Name the roles and schemas of one database: roles are shared by all databases of a server."""
    return "fn" + hashlib.sha256(database.encode()).hexdigest()[:6]


def role_of(database: str, schema: str, acting: str) -> str:
    """Return the Postgres role for a schema and a way of acting.

    >>> role_of("footnote", "fn3a_beef", "gate")
    'fn3a_beef_g'
    """
    if acting == "login":
        return "none"
    if schema == "public" or acting in {"owner", "platform"}:
        return f"{prefix(database)}_{'owner' if acting == 'owner' else 'platform'}"
    return schema if acting == "member" else f"{schema}_g"


class DatabaseWrapper(tenants.DatabaseWrapper):
    """Sets path and role in one statement, whenever the cached pair may be stale."""

    # django-tenants' own, which has no types.
    _setting_search_path: bool
    search_path_set_schemas: Any

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.acting = "platform"
        super().__init__(*args, **kwargs)

    def act(self, *, schema: str, acting: str) -> None:
        """Choose schema and role; they reach Postgres with the next query."""
        if acting not in ACTING:
            raise ValueError(f"unknown way of acting: {acting}")
        if (schema, acting) == (self.schema_name, self.acting):
            return
        self.acting = acting
        if schema != self.schema_name:
            self.set_schema(schema)
        self.search_path_set_schemas = None

    def prepared(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement that the driver prepares; return its rows, jsonb as text. Raises psycopg's errors."""
        self.be_ready()
        cursor = psycopg.Cursor(self.connection)
        cursor.execute(sql, values, prepare=True)
        # Asking for `description` instead would build an object for each column.
        return [] if cursor.rownumber is None else cursor.fetchall()

    def be_ready(self) -> None:
        """Be connected, in the chosen schema and role; for who uses the driver's own cursor."""
        self.ensure_connection()
        self._handle_search_path()

    def set_tenant(self, tenant: object, include_public: bool = True) -> None:
        """Follow django-tenants' own switches (migrations); a role for migrations stays one."""
        super().set_tenant(tenant, include_public)
        if self.schema_name == "public" and self.acting in {"member", "gate"}:
            self.acting = "platform"

    def _handle_search_path(self, cursor: object = None) -> None:
        if self._setting_search_path or (self.search_path_set_schemas and tenants.get_limit_set_calls()):
            return
        if self.connection.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
            return
        paths = self._get_cursor_search_paths()
        role = role_of(self.settings_dict["NAME"], self.schema_name, self.acting)
        quoted = ", ".join('"{}"'.format(path.replace('"', '""')) for path in paths)
        self._setting_search_path = True
        try:
            psycopg.Cursor(self.connection).execute(SWITCH, (quoted, role))
        except psycopg.Error as error:
            self.search_path_set_schemas = None
            raise OperationalError(f"This connection may not act as {role} in {self.schema_name}: {error}") from error
        else:
            self.search_path_set_schemas = paths
        finally:
            self._setting_search_path = False
