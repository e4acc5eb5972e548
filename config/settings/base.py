"""What every environment shares."""

import json
import os
from pathlib import Path

from config.settings.engine import *  # noqa: F403
from config.settings.money import *  # noqa: F403
from config.settings.money import MIGRATION_MODULES, STRIPE_PAGES
from config.settings.sign_in import *  # noqa: F403
from config.settings.sign_in import SIGN_IN_ORIGINS
from config.settings.site import *  # noqa: F403
from config.settings.site import SITE_MIGRATIONS
from config.settings.tenancy import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent.parent
HOME = Path(os.environ.get("FOOTNOTE_HOME", BASE_DIR / "var" / "default"))
# Bodies by content hash live here, a folder a workspace.
BLOB_ROOT = Path(os.environ.get("FOOTNOTE_BLOB_ROOT", HOME / "blobs"))
# The gate publishes its public keys here: web seals secrets with one of them and shows the others.
PUBLIC_KEYS = Path(os.environ.get("FOOTNOTE_PUBLIC_KEYS") or HOME / "public-keys.json")
# Signed checkpoints of the audit log are written here, to be carried away from this machine.
AUDIT_FOLDER = HOME / "audit"
# Pictures of the public site.
MEDIA_ROOT = Path(os.environ.get("FOOTNOTE_MEDIA_ROOT", HOME / "media"))
MIGRATION_MODULES = MIGRATION_MODULES | SITE_MIGRATIONS
# One migration of ours makes its tables: its own history takes 5 s to render.
MIGRATION_MODULES["django_celery_beat"] = "apps.monitors.migrations.django_celery_beat"
# While this file is there, every page says that we are at work, and what stands in the file.
MAINTENANCE_FILE = Path(os.environ.get("FOOTNOTE_MAINTENANCE") or HOME / "maintenance")
MAX_BODY_BYTES = 25_000_000
# What a workspace's library holds at most, until a plan says otherwise.
LIBRARY_DOCUMENTS = 2_500
LIBRARY_BYTES = 5_000_000_000
LIBRARY_KINDS = ("pdf", "html", "markdown", "text", "csv", "docx", "xlsx")
# Show /styleguide to everybody; in development it is shown anyway, and to staff always.
FOOTNOTE_STYLEGUIDE = os.environ.get("FOOTNOTE_STYLEGUIDE") == "1"


def from_state(name: str) -> str:
    """Read a connection URL that the embedded services wrote down, or return an empty string."""
    try:
        return json.loads((HOME / "services.json").read_text())[name]
    except (OSError, ValueError, KeyError):
        return ""


def database(url: str) -> dict:
    """Turn postgres://user:password@host:port/name into a Django database."""
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url)
    return {
        "ENGINE": "apps.accounts.postgres",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 5432),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            # Connections are prepared for our own statements only; Django's own queries bind on the client.
            "prepare_threshold": 5,
            "connect_timeout": 5,
            "options": "-c statement_timeout=60000 -c lock_timeout=15000 -c idle_in_transaction_session_timeout=60000",
            "pool": {
                "min_size": 1,
                "max_size": int(os.environ.get("FOOTNOTE_DB_POOL", "40")),
                "timeout": 15,
                "max_lifetime": 1800,
                "max_idle": 120,
            },
        },
    }


DATABASE_URL = os.environ.get("DATABASE_URL") or from_state("database_url")
REDIS_URL = os.environ.get("REDIS_URL") or from_state("redis_url")
DATABASES = {"default": database(DATABASE_URL or "postgres://footnote@127.0.0.1:1/footnote")}

SECRET_KEY = os.environ.get("SECRET_KEY", "")
DEBUG = False
ALLOWED_HOSTS: list[str] = []

# The apex serves sign-in, the public site and staff; a workspace has the apex as its parent domain.
APEX_HOST = os.environ.get("FOOTNOTE_APEX_HOST", "localhost")
PUBLIC_ORIGIN = os.environ.get("FOOTNOTE_PUBLIC_ORIGIN", "http://localhost:8000")

MIDDLEWARE = [
    "apps.observability.middleware.RequestMiddleware",
    "apps.observability.middleware.CompressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "apps.observability.middleware.MaintenanceMiddleware",
    "apps.accounts.middleware.HostMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.agenda.middleware.ImpersonationMiddleware",
    "apps.accounts.middleware.ErrorMiddleware",
    "apps.accounts.middleware.WorkspaceMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "apps.accounts.views.chrome.chrome",
                "apps.messaging.views.unread",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/workspaces"
PASSWORD_RESET_TIMEOUT = 3600
# What Django sends is written to the outbox; the gate sends it, by the back end that MAIL_BACKEND names.
EMAIL_BACKEND = "apps.messaging.mail.OutboxBackend"
MAIL_BACKENDS = {name: f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "smtp")}
MAIL_BACKENDS["file"] = "django.core.mail.backends.filebased.EmailBackend"
MAIL_BACKEND = MAIL_BACKENDS[os.environ.get("FOOTNOTE_MAIL_BACKEND") or "console"]
EMAIL_FILE_PATH = HOME / "mail"
EMAIL_HOST = os.environ.get("SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("SMTP_TLS", "1") == "1"
DEFAULT_FROM_EMAIL = os.environ.get("FOOTNOTE_MAIL_FROM") or f"Footnote <footnote@{APEX_HOST}>"
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Host-only by leaving the domain out; a workspace host and the apex never share one.
SESSION_COOKIE_NAME = "footnote_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "footnote_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "apps.accounts.middleware.no_token"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# Login rate limits must not be keyed by workspace: this cache has no workspace in its keys.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"{REDIS_URL.rsplit('/', 1)[0]}/1" if REDIS_URL else "redis://127.0.0.1:1/1",
        "KEY_PREFIX": "footnote",
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("ja", "日本語"),
    ("ar", "العربية"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Files that browsers ask for at the root of every host: icons, the manifest.
WHITENOISE_ROOT = BASE_DIR / "static" / "root"
STATIC_ROOT: Path | None = BASE_DIR / "static-build"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FILES = 100

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        # Chromium checks the redirects after a form too: sign-in ends on a workspace host.
        "form-action": ["'self'", f"{APEX_HOST}:*", f"*.{APEX_HOST}:*", *SIGN_IN_ORIGINS, *STRIPE_PAGES],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname:<7} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("FOOTNOTE_LOG_LEVEL", "INFO")},
    "loggers": {
        name: {"level": "WARNING"} for name in ("django.db.backends", "django_tasks", "httpx", "stripe", "wagtail")
    },
}
