"""One machine, embedded services, offline adapters unless a run asks for live."""

import json
import os
import secrets

from config.settings.base import *  # noqa: F403
from config.settings.base import HOME, MAIL_BACKENDS, SECRET_KEY


def kept_secret(name: str) -> str:
    """Return the secret of this home, made on first use and kept in a file only we can read."""
    path = HOME / "secrets.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    if name not in kept:
        kept[name] = secrets.token_urlsafe(48)
        HOME.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(kept))
    return kept[name]


SECRET_KEY = SECRET_KEY or kept_secret("SECRET_KEY")
WORKLOAD_SECRET = os.environ.get("FOOTNOTE_WORKLOAD_SECRET") or kept_secret("FOOTNOTE_WORKLOAD_SECRET")
ALLOWED_HOSTS = ["localhost", ".localhost", "127.0.0.1"]
WHITENOISE_USE_FINDERS = True
# Mail is laid down in HOME/mail, a file a message.
MAIL_BACKEND = MAIL_BACKENDS[os.environ.get("FOOTNOTE_MAIL_BACKEND") or "file"]
