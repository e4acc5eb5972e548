"""Stripe: its keys, and how dj-stripe mirrors it. Without a key nothing is sold and every workspace has everything."""

import os

STRIPE_SECRET_KEY = os.environ.get("STRIPE_SECRET_KEY", "")
STRIPE_LIVE_MODE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
# dj-stripe picks by the mode that an event names.
STRIPE_LIVE_SECRET_KEY = STRIPE_SECRET_KEY if STRIPE_LIVE_MODE else ""
STRIPE_TEST_SECRET_KEY = "" if STRIPE_LIVE_MODE else STRIPE_SECRET_KEY
# Another server that answers as Stripe does: the demonstration's and the tests'.
if _elsewhere := os.environ.get("STRIPE_API_HOST", ""):
    STRIPE_API_HOST = _elsewhere
    # production.py refuses it in a sentence of its own.
    SILENCED_SYSTEM_CHECKS = ["djstripe.W002"]
# Where the browser goes to pay, and what web and scheduler may reach: Checkout and the portal are Stripe's pages.
STRIPE_PAGES = (_elsewhere,) if _elsewhere else ("https://checkout.stripe.com", "https://billing.stripe.com")
STRIPE_ORIGINS = (_elsewhere or "https://api.stripe.com",) if STRIPE_SECRET_KEY else ()
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
# A customer's metadata can be written by whoever may write to the Stripe account: it connects nothing here. Whose
# customer it is stands in billing.Entitlement alone.
DJSTRIPE_SUBSCRIBER_CUSTOMER_KEY = ""
DJSTRIPE_SUBSCRIBER_MODEL = "accounts.Workspace"
# One migration of ours makes dj-stripe's tables (docs/adr/0025).
MIGRATION_MODULES = {"djstripe": "apps.billing.migrations.stripe"}
# A webhook larger than this is refused before it is read.
STRIPE_MOST_BYTES = 512 * 1024
# What a workspace has where nothing is sold; it decides which tools are included.
WORKSPACE_PLAN = "enterprise"
# After a failed payment everything works on for so many days.
GRACE_DAYS = 7
# What a new workspace may spend besides what its plan brings.
STARTING_CREDITS = 1_000
