"""The examples of the interface are made of the same values as the product's pages."""

from __future__ import annotations

from dataclasses import fields

import pytest

from apps.accounts.views import chrome, workspaces
from apps.library import views as library
from apps.research import pages
from tests.ui import contexts

TWINS = [
    (contexts.DocumentLine, library.DocumentLine),
    (contexts.DocumentsPage, library.DocumentsPage),
    (contexts.RejectedFile, library.RejectedFile),
    (contexts.Choice, workspaces.Choice),
    (contexts.WorkspacesPage, workspaces.WorkspacesPage),
    (contexts.WorkspaceLink, chrome.WorkspaceLink),
    (contexts.TopBar, chrome.TopBar),
]


@pytest.mark.parametrize(("twin", "original"), TWINS, ids=lambda kind: kind.__module__.rpartition(".")[2])
def test_a_twin_has_the_fields_and_types_of_its_original(twin: type, original: type) -> None:
    assert [(f.name, f.type) for f in fields(twin)] == [(f.name, f.type) for f in fields(original)]


def test_every_other_example_value_is_the_products_own() -> None:
    twins = {twin.__name__ for twin, _original in TWINS}
    assert twins < set(contexts.__all__)
    for name in set(contexts.__all__) - twins:
        assert getattr(contexts, name) is getattr(pages, name), name
