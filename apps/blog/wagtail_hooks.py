"""What editors see at /cms/."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from wagtail import hooks

# People and their roles are not the editors'; the addresses behind these are closed too.
HIDDEN = frozenset({"users", "groups", "sites", "collections", "locales", "documents"})


@hooks.register("construct_settings_menu")
def hide_settings(request: HttpRequest, items: list[Any]) -> None:
    """Leave out what an editor can't open."""
    items[:] = [each for each in items if each.name not in HIDDEN]


@hooks.register("construct_main_menu")
def hide_documents(request: HttpRequest, items: list[Any]) -> None:
    """Leave out documents: the site has none."""
    items[:] = [each for each in items if each.name not in HIDDEN]
