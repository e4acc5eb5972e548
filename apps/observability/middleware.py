"""A request id on every answer, and a count of answers."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpResponse

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
