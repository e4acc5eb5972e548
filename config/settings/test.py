"""Tests: a database of their own, secrets that are not secret, no network but loopback."""

import os

from config.settings.base import *  # noqa: F403

SECRET_KEY = "only-for-tests"
WORKLOAD_SECRET = "only-for-tests-workload"
ALLOWED_HOSTS = ["localhost", ".localhost", "127.0.0.1", "testserver"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
LEASE_SECONDS = float(os.environ.get("FOOTNOTE_LEASE_SECONDS", "15"))
