"""A request id on every answer, a count of answers; and text is sent compressed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from apps.observability import metrics
from apps.observability.requests import NumberedRequest


class RequestMiddleware:
    """Give each request an id and measure it."""

    def __init__(self, get_response: Callable[[NumberedRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: NumberedRequest) -> HttpResponse:
        request.id = uuid.uuid4().hex
        with metrics.timed("request_seconds"):
            response = self.get_response(request)
        metrics.count("responses_total", status=str(response.status_code))
        response["X-Request-Id"] = request.id
        return response


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
