"""What every page of the site has."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from wagtail.fields import StreamField
from wagtail.models import Page

from apps.blog import rules
from apps.blog.blocks import Body


class SitePage(Page):
    """A page of the public site. Pages of another language than the first stand below /<language>/."""

    class Meta:
        abstract = True

    def get_url_parts(self, request: HttpRequest | None = None) -> tuple[int, str, str] | None:
        """Return site, origin and path; the path begins with the language where it is not the first."""
        parts = super().get_url_parts(request)
        code = self.locale.language_code
        if not parts or parts[2] is None or code == settings.LANGUAGE_CODE:
            return parts
        site, origin, path = parts
        return site, origin, f"/{code}{'' if path == '/' else path}"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Say what the address of this page is, whatever led here."""
        return {**super().get_context(request, *args, **kwargs), "canonical": self.get_full_url(request)}

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Show a draft in the editor's frame; nothing else is allowed to it that the page is not."""
        show: Any = xframe_options_sameorigin(super().serve_preview)
        framed: Any = csp_replace({"frame-ancestors": ["'self'"]})
        response: HttpResponse = framed(show)(request, mode_name)
        return response

    @property
    def about(self) -> str:
        """Return what is said about the page where it is linked to."""
        return self.search_description


class TextPage(SitePage):
    """A page that is mostly text."""

    body = StreamField(Body(), blank=True)

    class Meta:
        abstract = True

    @property
    def reading_minutes(self) -> int:
        """Return how long the body takes to read, in minutes."""
        return rules.minutes(sum(rules.words(part) for part in self._texts()))

    @property
    def headings(self) -> list[str]:
        """List the sections of the body."""
        return [str(part.value["text"]) for part in self.body if part.block_type == "heading"]

    def _texts(self) -> list[str]:
        return [text for part in self.body for text in part.block.get_searchable_content(part.value)]
