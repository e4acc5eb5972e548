"""What editors see at /cms/."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
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


@hooks.register("insert_editor_js")
def count_along() -> str:
    """Let the panel for search engines follow what is typed."""
    return format_html('<script src="{}"></script>', static("js/seo.js"))


@hooks.register("insert_global_admin_css")
def dress() -> str:
    """Add the style of our panels."""
    return format_html('<link rel="stylesheet" href="{}">', static("css/cms.css"))
