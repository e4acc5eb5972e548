"""The pages are those of the journeys' stack."""

from __future__ import annotations

from tests.journeys.conftest import browser, stack, visit

__all__ = ["browser", "stack", "visit"]
