"""Real services, secrets from the environment, strict headers. Refuses to start where a promise could not be kept."""

import os

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # noqa: F403
from config.settings.base import (
    APEX_HOST,
    DATABASE_URL,
    GATE_URL,
    MAIL_BACKENDS,
    PROCESS,
    REDIS_URL,
    SECRET_KEY,
    TOTP_KEYS,
    WORKLOAD_SECRET,
)


def demand(value: object, sentence: str) -> None:
    """Stop the start with one clear sentence."""
    if not value:
        raise ImproperlyConfigured(sentence)


demand(DATABASE_URL, "DATABASE_URL is not set: production needs a real Postgres.")
demand(REDIS_URL, "REDIS_URL is not set: production needs a real Redis.")
demand(SECRET_KEY, "SECRET_KEY is not set.")
demand(not os.environ.get("STRIPE_API_HOST"), "STRIPE_API_HOST is set: production asks Stripe and nobody else.")
if PROCESS in {"web", "worker", "scheduler", ""}:
    demand(
        GATE_URL or PROCESS != "worker",
        "FOOTNOTE_GATE_URL is not set: in production the gate is a process of its own (docs/adr/0002).",
    )
    demand(
        not os.environ.get("OPENAI_API_KEY") and not os.environ.get("TAVILY_API_KEY"),
        "Provider keys are set in a process that is not the gate: give them to FOOTNOTE_PROCESS=gate only.",
    )
if PROCESS == "web":
    demand(TOTP_KEYS, "FOOTNOTE_TOTP_KEYS is not set: secrets of second factors would lie open in the database.")
if PROCESS in {"worker", "gate"}:
    demand(WORKLOAD_SECRET, "FOOTNOTE_WORKLOAD_SECRET is not set: worker and gate share it.")

ALLOWED_HOSTS = [APEX_HOST, f".{APEX_HOST}"]
PUBLIC_ORIGIN = os.environ.get("FOOTNOTE_PUBLIC_ORIGIN", f"https://{APEX_HOST}")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
# A browser takes such a cookie from an encrypted page of this very host only, and sends it nowhere else.
SESSION_COOKIE_NAME = "__Host-footnote_session"
CSRF_COOKIE_NAME = "__Host-footnote_csrf"
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MAIL_BACKEND = MAIL_BACKENDS[os.environ.get("FOOTNOTE_MAIL_BACKEND") or "smtp"]
