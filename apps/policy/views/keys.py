"""The public keys of the gate, for whoever checks a token that it issued."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from apps.policy.identity import keys


@require_safe
@cache_control(public=True, max_age=300)
def jwks(request: HttpRequest) -> JsonResponse:
    """The keys that sign, as the gate has published them; private ones are not in this process."""
    found = [key for key in keys.published()["keys"] if key.get("use") == "sig"]
    return JsonResponse({"keys": found}, content_type="application/jwk-set+json")
