"""Pictures of the site, in the sizes that pages ask for."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils._os import safe_join
from django.views.decorators.http import require_safe
from wagtail.models import Page

from apps.blog import queries
from apps.blog.formats import cards
from apps.lib import ids

PICTURES = {".avif": "image/avif", ".webp": "image/webp", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
            ".png": "image/png", ".gif": "image/gif"}  # fmt: skip
A_YEAR = 31_536_000


@require_safe
def picture(request: HttpRequest, path: str) -> FileResponse:
    """Send a picture in one of the sizes that pages ask for; what was uploaded is not sent."""
    kind = PICTURES.get(PurePosixPath(path).suffix.lower())
    if kind is None or not path.startswith("images/"):
        raise Http404
    try:
        return _send(Path(safe_join(settings.MEDIA_ROOT, path)), kind)
    except (OSError, ValueError) as error:
        raise Http404 from error


@require_safe
def card(request: HttpRequest, page: int, mark: str) -> HttpResponseBase:
    """Send the picture for links to a published page; it is drawn once for what it shows."""
    found = Page.objects.live().filter(pk=page).specific().first()
    if found is None or not hasattr(found, "about"):
        raise Http404
    title, section = queries.card_words(found)
    now = cards.mark(title, section)
    if mark != now:
        return HttpResponseRedirect(cards.path_of(found))
    path = Path(settings.MEDIA_ROOT) / "social" / f"{now}.png"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{now}.{ids.new('card')}")
        unfinished.write_bytes(cards.draw(title, section))
        os.replace(unfinished, path)
    return _send(path, "image/png")


def _send(path: Path, kind: str) -> FileResponse:
    response = FileResponse(open(path, "rb"), content_type=kind)  # noqa: SIM115 (the answer closes it)
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response
