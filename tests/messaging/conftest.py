"""The same office as in the tests of approvals, and a clean outbox."""

from __future__ import annotations

import pytest
from django.core import mail

from tests.approvals.conftest import Office, office

__all__ = ["Office", "office"]


@pytest.fixture(autouse=True)
def no_mail_yet(office: Office) -> None:
    """Forget what other tests left to send."""
    from apps.accounts import tenancy
    from apps.agenda.models import Outbox

    with tenancy.as_platform("a test begins with an empty outbox"):
        Outbox.objects.all().delete()
    mail.outbox.clear()
