"""`migrate` as django-tenants runs it for one schema: outside public it plans for the tenant apps only."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.commands import migrate
from django.db.migrations.executor import MigrationExecutor

from apps.accounts.tenancy import connection


class TenantExecutor(MigrationExecutor):
    """Plans for the labels of TENANT_APPS: rendering every shared app's history took 122 s."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {apps.get_app_config(name.rsplit(".", 1)[-1]).label for name in settings.TENANT_APPS}
        graph_leaves = self.loader.graph.leaf_nodes
        self.loader.graph.leaf_nodes = lambda app=None: [node for node in graph_leaves(app) if node[0] in labels]


class Command(migrate.Command):
    """Migrate one schema."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Swap the executor while a workspace's schema is migrated."""
        if connection.schema_name == settings.PUBLIC_SCHEMA_NAME:
            super().handle(*args, **options)
            return
        migrate.MigrationExecutor = TenantExecutor  # type: ignore[attr-defined]  # what Django's command calls
        try:
            super().handle(*args, **options)
        finally:
            migrate.MigrationExecutor = MigrationExecutor  # type: ignore[attr-defined]
