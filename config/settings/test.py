"""Tests: a database of their own, secrets that are not secret, no network but loopback."""

import os

from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASES

SECRET_KEY = "only-for-tests"
WORKLOAD_SECRET = "only-for-tests-workload"
CREDENTIAL_KEYS = ["b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtb24"]
TOTP_KEYS = ["dG90cC1vbmx5LWZvci10ZXN0cy1vbmx5LWZvci10ZXM"]
# What the loopback Stripe takes for a key; without one that is started, nothing answers.
STRIPE_SECRET_KEY = STRIPE_TEST_SECRET_KEY = "sk_test_" + "loopback0" * 3
STRIPE_API_HOST = "http://127.0.0.1:1"
SILENCED_SYSTEM_CHECKS = ["djstripe.W002"]
ALLOWED_HOSTS = ["localhost", ".localhost", "127.0.0.1", "testserver"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
# Files come from where they are written: none are collected.
STATIC_ROOT = None
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
LEASE_SECONDS = float(os.environ.get("FOOTNOTE_LEASE_SECONDS", "15"))
# A check asks for a database only to warn of odd migrations: without one it need not wait long for a no.
if not os.environ.get("DATABASE_URL"):
    DATABASES["default"]["OPTIONS"]["pool"]["timeout"] = 0.5
