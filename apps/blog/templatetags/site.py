"""Tags for pages of the site."""

from __future__ import annotations

from django import template
from django.template.context import RequestContext

from apps.blog import queries

register = template.Library()


@register.simple_tag(takes_context=True)
def site_links(context: RequestContext) -> list[queries.NavLink]:
    """List the pages that stand in the menu."""
    request = context.get("request")
    return queries.links(request.path if request is not None else "/")
