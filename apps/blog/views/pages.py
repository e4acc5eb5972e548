"""The doors of the site: its pages, their pictures, the status."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils._os import safe_join
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe
from wagtail.contrib.redirects.middleware import get_redirect
from wagtail.models import Locale, Page, Site

from apps.accounts.views import entry
from apps.blog import queries
from apps.blog.models import PostIndex
from apps.lib import clock

PICTURES = {".avif": "image/avif", ".webp": "image/webp", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
            ".png": "image/png", ".gif": "image/gif"}  # fmt: skip
A_YEAR = 31_536_000
# Posts in the feed.
FED = 20


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
    parts = [part for part in path.split("/") if part]
    language = parts[0] if parts and parts[0] in dict(settings.LANGUAGES) else ""
    if language == settings.LANGUAGE_CODE:
        raise Http404
    root = _first_page(request, language or settings.LANGUAGE_CODE)
    if root is None:
        raise Http404
    translation.activate(language or settings.LANGUAGE_CODE)
    request.LANGUAGE_CODE = language or settings.LANGUAGE_CODE
    found, args, kwargs = root.route(request, parts[1:] if language else parts)
    response: HttpResponse = found.serve(request, *args, **kwargs)
    return response


def _first_page(request: HttpRequest, language: str) -> Page | None:
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


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The newest posts, as Atom."""
    root = _first_page(request, settings.LANGUAGE_CODE)
    index = PostIndex.objects.child_of(root).live().first() if root else None
    if root is None or index is None:
        raise Http404
    made = Atom1Feed(
        title=f"{root.title} · Footnote", link=index.get_full_url(request), description=index.lead,
        feed_url=request.build_absolute_uri(), language=settings.LANGUAGE_CODE, author_name="Footnote",
    )  # fmt: skip
    for post in index.posts()[:FED]:
        made.add_item(
            title=post.title, link=post.get_full_url(request), description=post.lead, author_name=post.author.name,
            pubdate=post.first_published_at, updateddate=post.last_published_at, unique_id=post.get_full_url(request),
            categories=[tag.name for tag in post.tags.all()],
        )  # fmt: skip
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Say what of this installation answers now."""
    return render(request, "blog/status.html", {"parts": queries.parts(), "at": clock.now()})


@require_safe
def picture(request: HttpRequest, path: str) -> FileResponse:
    """Send a picture in one of the sizes that pages ask for; what was uploaded is not sent."""
    kind = PICTURES.get(PurePosixPath(path).suffix.lower())
    if kind is None or not path.startswith("images/"):
        raise Http404
    try:
        file = open(safe_join(settings.MEDIA_ROOT, path), "rb")  # noqa: SIM115 (the answer closes it)
    except (OSError, ValueError) as error:
        raise Http404 from error
    response = FileResponse(file, content_type=kind)
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response
