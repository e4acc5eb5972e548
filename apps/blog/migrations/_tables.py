"""An operation that makes many tables at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class MakeTables(Operation):
    """Make the tables of some apps' models as they are after all of these operations, in one go.

    operations: by the label of the app.

    Django renders every model that is related to a new one anew, for each operation: with the users and content types
    in between that is all of them, 250 times. Here the state is rendered once.
    """

    def __init__(self, operations: Mapping[str, Sequence[Operation]]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add the models without rendering any."""
        state.__dict__.pop("apps", None)
        for label, operations in self.operations.items():
            for each in operations:
                each.state_forwards(label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Make each table whole, with its keys, indexes and constraints."""
        for model in self._models(schema_editor, to_state):
            schema_editor.create_model(model)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Take the tables away."""
        for model in reversed(list(self._models(schema_editor, from_state))):
            schema_editor.delete_model(model)

    def describe(self) -> str:
        """Say what it does."""
        return f"Make the tables of {', '.join(self.operations)}"

    def _models(self, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState) -> Iterator[Any]:
        for label, operations in self.operations.items():
            for each in operations:
                if isinstance(each, CreateModel):
                    model = state.apps.get_model(label, each.name)
                    if self.allow_migrate_model(schema_editor.connection.alias, model):
                        yield model
