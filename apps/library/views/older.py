"""Addresses that have moved."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from apps.accounts.permissions import require
from apps.accounts.requests import MemberRequest


@require_safe
@require("read")
def documents(request: MemberRequest) -> HttpResponse:
    """Where the documents were before there were datasets."""
    return redirect("library:datasets")
