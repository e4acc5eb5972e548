"""The planted workspaces, once for all tests of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.core.cache import cache

from apps.accounts import tenancy
from tests.tenancy.planting import World, plant


@pytest.fixture(scope="package")
def world(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, request: pytest.FixtureRequest
) -> Iterator[World]:
    """Plant it once; no request of these tests leaves a trace in it."""
    with django_db_blocker.unblock():
        cache.clear()
        logging.disable(logging.CRITICAL)  # every refusal would be a line
        yield plant(thorough=request.config.getoption("--prove"))
        logging.disable(logging.NOTSET)
        cache.clear()
        tenancy.close()
