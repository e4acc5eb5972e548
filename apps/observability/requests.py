"""A request as our outermost middleware hands it on."""

from __future__ import annotations

from django.http import HttpRequest


class NumberedRequest(HttpRequest):
    """A request with an id of its own, which its answer and its log lines carry."""

    id: str
