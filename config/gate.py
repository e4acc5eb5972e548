"""The gate as a WSGI application: `gunicorn config.gate:application`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

import django

django.setup()

from apps.policy.gate.service import application  # noqa: E402
from apps.policy.identity import keys  # noqa: E402

keys.publish()

__all__ = ["application"]
