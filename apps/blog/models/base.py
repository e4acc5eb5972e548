"""What every page of the site has."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Locale, Page

from apps.blog import rules
from apps.blog.blocks import Body
from apps.blog.models.panels import SearchPanel


@lru_cache(maxsize=64)
def language_of(locale: int) -> str:
    """Return the code of a language by its row, which nobody changes."""
    return str(Locale.objects.values_list("language_code", flat=True).get(pk=locale))


class SitePage(Page):
    """A page of the public site. Pages of another language than the first stand below /<language>/."""

    # The site is public: a page that only some may see would have to be kept from feeds, sitemaps and twins too.
    private_page_options: ClassVar[list[str]] = []
    promote_panels: ClassVar[list[Any]] = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("search_description"), SearchPanel()],
            heading=_("In search engines, and where somebody links to it"),
        ),
        FieldPanel("show_in_menus"),
    ]

    class Meta:
        abstract = True

    def get_url_parts(self, request: HttpRequest | None = None) -> tuple[int, str, str] | None:
        """Return site, origin and path; the path begins with the language where it is not the first."""
        # As Wagtail finds it, but for the origin, which is said in the settings, and the address, which commands and
        # the scheduler could not look up: theirs is the workspaces' urlconf.
        for site, root, *_rest in self._get_relevant_site_root_paths(request):
            if self.url_path.startswith(root):
                code, path = language_of(self.locale_id), self.url_path[len(root) :].strip("/")
                whole = path if code == settings.LANGUAGE_CODE else f"{code}/{path}".rstrip("/")
                return site, settings.PUBLIC_ORIGIN, f"/{whole}"
        return None

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Say what the address of this page is, whatever led here."""
        return {**super().get_context(request, *args, **kwargs), "canonical": self.get_full_url(request)}

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Show a draft in the editor's frame; nothing else is allowed to it that the page is not."""
        show: Any = xframe_options_sameorigin(super().serve_preview)
        framed: Any = csp_replace({"frame-ancestors": ["'self'"]})
        response: HttpResponse = framed(show)(request, mode_name)
        return response

    @cached_property
    def languages(self) -> list[tuple[str, str]]:
        """List the languages in which the page is published, each with its address; none where it is but one."""
        others = Page.objects.filter(translation_key=self.translation_key).live().exclude(pk=self.pk)
        rows = [self, *others.specific()]
        return sorted((language_of(row.locale_id), row.full_url) for row in rows) if len(rows) > 1 else []

    @property
    def about(self) -> str:
        """Return what is said about the page where it is linked to: its description, else its lead."""
        return self.search_description or getattr(self, "lead", "")


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
