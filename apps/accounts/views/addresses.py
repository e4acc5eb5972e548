"""Where workspaces live: a host each, beside the apex."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from apps.accounts import rules


def origin(slug: str) -> str:
    """Return the origin of a workspace's host, such as http://acme.localhost:8000."""
    apex = urlsplit(settings.PUBLIC_ORIGIN)
    port = f":{apex.port}" if apex.port else ""
    return f"{apex.scheme}://{slug}.{settings.APEX_HOST}{port}"


def apex(path: str) -> str:
    """Return a URL on the apex."""
    return f"{settings.PUBLIC_ORIGIN}{path}"


def is_local(path: str) -> bool:
    """Tell whether a path stays on its host."""
    return rules.is_local(path)
