"""`manage.py check` and the gate's start refuse a file of tools that can't be used, with its own sentence."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from apps.policy.registry import catalogue


def check_tools(*, app_configs: Any = None, **_more: Any) -> list[CheckMessage]:
    """Return what is wrong with tools.yaml, for Django's system checks."""
    try:
        catalogue.tools()
    except catalogue.BadDefinition as error:
        return [Error(error.sentence, id="policy.E001")]
    return []


def demand_tools() -> None:
    """Raise ImproperlyConfigured where tools.yaml can't be used: a gate does not start with it."""
    if problems := check_tools():
        raise ImproperlyConfigured(str(problems[0].msg))
