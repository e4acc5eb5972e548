"""The pages of the site, as people read them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.contrib.redirects.middleware import get_redirect
from wagtail.models import Locale, Page, Site

from apps.accounts.views import entry
from apps.blog import queries
from apps.lib import clock

# A page, and what its way of being served wants to know.
RouteResult = tuple[Page, list[Any], dict[str, Any]]


@require_safe
def page(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """Show a page of the site; below /<language>/ those of another language. Where no site is, lead to sign-in."""
    if not path and not queries.is_seeded():
        return entry.home(request)
    try:
        return _served(request, path)
    except Http404:
        if found := _moved(request) or _slashed(request):
            return found
        raise


def _served(request: HttpRequest, path: str) -> HttpResponse:
    found, args, kwargs = find(request, path)
    response: HttpResponse = found.serve(request, *args, **kwargs)
    return response


def first_page(request: HttpRequest, language: str) -> Page | None:
    """Return the first page in a language; None where there is none."""
    site = Site.find_for_request(request)
    if site is None:
        return None
    root: Page = site.root_page.specific
    if language == settings.LANGUAGE_CODE:
        return root
    locale = Locale.objects.filter(language_code=language).first()
    return root.get_translation_or_none(locale) if locale else None


def _moved(request: HttpRequest) -> HttpResponse | None:
    """Follow a redirect that editors made, or that renaming a page made."""
    found = get_redirect(request, request.path) if queries.is_seeded() else None
    if found is None or not found.link:
        return None
    return redirect(found.link, permanent=found.is_permanent)


def _slashed(request: HttpRequest) -> HttpResponse | None:
    """An address of ours that lacks its slash: this view answers every path, so Django does not see it."""
    if request.path.endswith("/"):
        return None
    try:
        found = resolve(f"{request.path}/", settings.PUBLIC_SCHEMA_URLCONF)
    except Resolver404:
        return None
    query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
    return None if found.func is page else HttpResponseRedirect(f"{request.path}/{query}")


def find(request: HttpRequest, path: str) -> RouteResult:
    """Find a published page by its path, and speak its language from here on. Raises Http404."""
    parts = [part for part in path.split("/") if part]
    language = parts[0] if parts and parts[0] in dict(settings.LANGUAGES) else ""
    root = first_page(request, language or settings.LANGUAGE_CODE)
    if root is None or language == settings.LANGUAGE_CODE:
        raise Http404
    translation.activate(language or settings.LANGUAGE_CODE)
    request.LANGUAGE_CODE = language or settings.LANGUAGE_CODE
    return root.route(request, parts[1:] if language else parts)


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Say what of this installation answers now."""
    address = f"{settings.PUBLIC_ORIGIN}/status"
    parts = queries.parts()
    context = {"parts": parts, "silent": sum(part.works is False for part in parts), "at": clock.now()}
    return render(request, "blog/status.html", {**context, "canonical": address, "head_title": _("Status")})
