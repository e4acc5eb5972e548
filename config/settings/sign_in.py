"""How people sign in: password, code by mail, passkey, one-time codes, and accounts elsewhere where keys are set."""

import os
from urllib.parse import urlsplit

ACCOUNT_ADAPTER = "apps.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Without a mail server a person can still begin; a banner stays until the address is confirmed.
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "/login/"
# Who signs up names a workspace next; whoever was invited goes back to the invitation instead.
ACCOUNT_SIGNUP_REDIRECT_URL = "/new"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# Reset and code by mail answer for every address alike; an address that has no account gets no mail.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
# Counted in the default cache, whose keys hold no workspace: all of it happens on the apex.
ACCOUNT_RATE_LIMITS = {
    "login": "20/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "request_login_code": "10/m/ip,3/m/key",
    "reset_password": "10/m/ip,3/m/key",
    "signup": "10/m/ip",
}
# How many proxies of ours stand before the web process; only so many entries of X-Forwarded-For are believed.
TRUSTED_PROXIES = int(os.environ.get("FOOTNOTE_TRUSTED_PROXIES") or "0")

MFA_ADAPTER = "apps.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["recovery_codes", "totp", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
# Keys of 32 bytes, base64url: secrets of authenticator apps are sealed with the first, any of them opens.
TOTP_KEYS = os.environ.get("FOOTNOTE_TOTP_KEYS", "").split()
# A passkey is bound to the apex by its browser, which takes http for a safe place on localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = os.environ.get("FOOTNOTE_APEX_HOST", "localhost") == "localhost"


def client(name: str) -> dict[str, str] | None:
    """Return id and secret of our registration with a provider, or None where one of them is not set."""
    found = {
        "client_id": os.environ.get(f"{name}_CLIENT_ID", ""),
        "secret": os.environ.get(f"{name}_CLIENT_SECRET", ""),
    }
    return found if all(found.values()) else None


oidc_server = os.environ.get("OIDC_SERVER_URL", "").rstrip("/")
# An account elsewhere is taken for one of ours only by the person who is signed in to both.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_PROVIDERS: dict[str, dict] = {}
# The apps of the providers that have keys, and the origins that browser and server go to for them.
SIGN_IN_APPS: list[str] = []
SIGN_IN_ORIGINS: list[str] = []


def offer(app: str, keys: dict[str, str] | None, origins: list[str], **more: object) -> None:
    """Switch a provider on where it has keys."""
    if keys and all(origins):
        SOCIALACCOUNT_PROVIDERS[app] = {"APPS": [keys | more]}
        SIGN_IN_APPS.append(f"allauth.socialaccount.providers.{app}")
        SIGN_IN_ORIGINS.extend(origins)


offer(
    "google",
    client("GOOGLE"),
    [f"https://{host}.com" for host in ("accounts.google", "oauth2.googleapis", "www.googleapis")],
)
offer("github", client("GITHUB"), ["https://github.com", "https://api.github.com"])
offer(
    "microsoft", client("MICROSOFT"), ["https://login.microsoftonline.com", "https://graph.microsoft.com"],
    settings={"tenant": os.environ.get("MICROSOFT_TENANT") or "organizations"},
)  # fmt: skip
parts = urlsplit(oidc_server)
offer(
    "openid_connect", client("OIDC"), [f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""],
    provider_id="oidc", name=os.environ.get("OIDC_NAME") or "OpenID Connect", settings={"server_url": oidc_server},
)  # fmt: skip
