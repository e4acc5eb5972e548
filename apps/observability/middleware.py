"""A request id on every answer, a count of answers; and text is sent compressed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string
from django.utils import translation

from apps.observability import metrics
from apps.observability.requests import NumberedRequest

# What a page of ours needs of a browser: nothing of all this. Named are features that browsers know of.
PERMISSIONS = ", ".join(f"{name}=()" for name in (
    "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi",
    "payment", "usb",
))  # fmt: skip


class RequestMiddleware:
    """Give each request an id and measure it; say on every answer, files too, what a browser may do with it."""

    def __init__(self, get_response: Callable[[NumberedRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: NumberedRequest) -> HttpResponse:
        request.id = uuid.uuid4().hex
        with metrics.timed("request_seconds"):
            response = self.get_response(request)
        metrics.count("responses_total", status=str(response.status_code))
        response["X-Request-Id"] = request.id
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class MaintenanceMiddleware:
    """While the file settings.MAINTENANCE_FILE is there, every page answers 503 with what stands in it.

    Nothing else is asked, the database least of all. Probes and files go on: what watches Footnote must see it.
    """

    OPEN: ClassVar[tuple[str, ...]] = ("/livez", "/readyz", "/metrics")

    def __init__(self, get_response: Callable[[NumberedRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: NumberedRequest) -> HttpResponse:
        if request.path in self.OPEN or (said := _said(Path(settings.MAINTENANCE_FILE))) is None:
            return self.get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            page = render_to_string("maintenance.html", {"sentence": said, "request_id": request.id})
        return HttpResponse(page, status=503, headers={"Retry-After": "300", "Cache-Control": "no-store"})


def _said(path: Path) -> str | None:
    """Return what a file says, nothing where it is not there."""
    try:
        return path.read_text(errors="replace").strip()[:500]
    except OSError:
        return None


class CompressMiddleware(GZipMiddleware):
    """Compress what is text. Fonts, pictures and PDF are compressed already; Django's own would try them too.

    The random bytes that Django adds to every compressed answer keep its length from telling a secret in it.
    """

    TEXT: ClassVar[tuple[str, ...]] = ("text/", "application/json", "application/javascript", "image/svg")

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress a text that is worth it."""
        if response.headers.get("Content-Type", "").startswith(self.TEXT):
            return super().process_response(request, response)
        return response
