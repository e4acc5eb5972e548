"""What the site says to readers that are machines: feed, sitemaps, robots, Markdown, whom to tell of a hole."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from apps.blog import queries
from apps.blog.formats import markdown, sitemaps
from apps.blog.models import PostIndex
from apps.blog.views import pages
from apps.lib import clock

# Posts in the feed.
FED = 20
# How long the contact for holes is said to hold. It is said anew each month.
GOOD_FOR = timedelta(days=180)
# What is nobody's to find by searching: sign-in, people, editors, staff.
SHUT = ("/cms/", "/staff/", "/settings", "/login/", "/signup/", "/workspaces", "/join/", "/enter/", "/r/")


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The newest posts, as Atom."""
    root = pages.first_page(request, settings.LANGUAGE_CODE)
    index = PostIndex.objects.child_of(root).live().first() if root else None
    if root is None or index is None:
        raise Http404
    made = Atom1Feed(
        title=f"{root.title} · Footnote", link=index.full_url, description=index.lead,
        feed_url=f"{settings.PUBLIC_ORIGIN}{request.path}", language=settings.LANGUAGE_CODE, author_name="Footnote",
    )  # fmt: skip
    for post in index.posts()[:FED]:
        made.add_item(
            title=post.title, link=post.full_url, description=post.lead, author_name=post.author.name,
            pubdate=post.first_published_at, updateddate=post.last_published_at, unique_id=post.full_url,
            categories=[tag.name for tag in post.tags.all()],
        )  # fmt: skip
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """The sitemaps, one a language."""
    return _xml(sitemaps.index(queries.published()))


@require_safe
def sitemap(request: HttpRequest, language: str) -> HttpResponse:
    """The published pages of a language."""
    found = queries.published()
    if not any(page.language == language for page in found):
        raise Http404
    return _xml(sitemaps.of_language(found, language))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: the site, and nothing of anybody's."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in SHUT), ""]
    return _text("\n".join([*lines, f"Sitemap: {settings.PUBLIC_ORIGIN}/sitemap.xml", ""]))


@require_safe
def llms(request: HttpRequest) -> HttpResponse:
    """What this site is, and where each page stands as Markdown."""
    return _text(sitemaps.for_models(queries.published()), "text/markdown")


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a hole (RFC 9116)."""
    until = (clock.now() + GOOD_FOR).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    lines = {
        "Contact": settings.SECURITY_CONTACT, "Expires": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Preferred-Languages": settings.LANGUAGE_CODE, "Policy": f"{settings.PUBLIC_ORIGIN}/security",
        "Canonical": f"{settings.PUBLIC_ORIGIN}/.well-known/security.txt",
    }  # fmt: skip
    return _text("".join(f"{name}: {value}\n" for name, value in lines.items()))


@require_safe
def twin(request: HttpRequest, path: str) -> HttpResponse:
    """A published page as Markdown; `index` is the first page."""
    if path == "status":
        return _markdown(_status(), f"{settings.PUBLIC_ORIGIN}/status")
    found, args, kwargs = pages.find(request, "" if path == "index" else path)
    answer = found.serve(request, *args, **kwargs)
    # Pages come with what their template would be given, not rendered yet.
    if not isinstance(answer, TemplateResponse):
        raise Http404
    context = answer.context_data or {}
    return _markdown(markdown.write(found, context, settings.PUBLIC_ORIGIN), str(context.get("canonical") or ""))


def _status() -> str:
    words = {True: "answers", False: "does not answer", None: "not used here"}
    return "# Status\n\n" + "".join(f"- {part.name}: {words[part.works]}\n" for part in queries.parts())


def _markdown(text: str, canonical: str) -> HttpResponse:
    response = _text(text, "text/markdown")
    # Search engines list the page, not its twin.
    response["Link"] = f'<{canonical}>; rel="canonical"'
    return response


def _text(body: str, kind: str = "text/plain") -> HttpResponse:
    return HttpResponse(body, content_type=f"{kind}; charset=utf-8")


def _xml(body: bytes) -> HttpResponse:
    return HttpResponse(body, content_type="application/xml; charset=utf-8")
