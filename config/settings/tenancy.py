"""Which tables are shared, which belong to one workspace, and who may touch them."""

from config.settings.sign_in import SIGN_IN_APPS
from config.settings.site import SITE_APPS

SHARED_APPS = [
    "django_tenants",
    "djstripe",
    "django_celery_beat",
    "apps.accounts",
    "apps.observability",
    "apps.agenda",
    "apps.billing",
    "apps.integrations",
    "apps.messaging",
    "apps.lib",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    *SIGN_IN_APPS,
    *SITE_APPS,
    "django_htmx",
]
TENANT_APPS = [
    "apps.policy",
    "apps.runtime",
    "apps.library",
    "apps.memory",
    "apps.research",
    "apps.monitors",
]
SHARED_APPS.append("config.wiring.WiringConfig")
INSTALLED_APPS = [*SHARED_APPS[:-1], *TENANT_APPS, SHARED_APPS[-1]]

TENANT_MODEL = "accounts.Workspace"
TENANT_DOMAIN_MODEL = "accounts.Domain"
# Renders the tenant apps only: 0.9 s a schema instead of 122 s.
TENANT_BASE_MIGRATE_COMMAND = "apps.accounts.management.commands.migrate_workspace.Command"
TENANT_LIMIT_SET_CALLS = True
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
PUBLIC_SCHEMA_NAME = "public"

# Shared tables that a workspace's roles may use, and the column that holds the workspace's schema name.
# Row-level security compares that column with the role that asks.
WORKSPACE_KEYED_TABLES = {
    "agenda_due": "workspace",
    "agenda_pendingapproval": "workspace",
    "agenda_outbox": "workspace",
    "messaging_notice": "workspace",
    "messaging_preference": "workspace",
    "observability_auditentry": "workspace",
    "billing_creditentry": "workspace",
    "billing_balance": "workspace",
    "billing_creditgrant": "workspace",
    "billing_creditalert": "workspace",
    "billing_alertsetting": "workspace",
    "billing_entitlement": "workspace",
    "billing_usageperiod": "workspace",
    "billing_usagereport": "workspace",
    "accounts_workspace": "schema_name",
}
# Those of them that a workspace's roles may only read: the platform writes them, after Stripe or people of ours.
WORKSPACE_READ_TABLES = ["accounts_workspace", "billing_entitlement", "billing_usageperiod", "billing_usagereport"]
# Tables of a workspace that only the gate's role may write, and those it alone may read.
GATE_WRITTEN_TABLES = [
    "policy_call", "policy_grantuse", "policy_budgetuse", "policy_runreserve", "policy_shadowdecision",
    "policy_issuedtoken",
]  # fmt: skip
GATE_ONLY_TABLES: list[str] = []
# Columns that everybody in a workspace may write and only the gate may read.
GATE_READ_COLUMNS = {"policy_credential": ["wrapped", "sealed"], "policy_toolsignin": ["begun", "code"]}
# Shared tables of which nobody, the platform included, may change or take away a row.
APPEND_ONLY_TABLES = ["observability_auditentry", "observability_auditseal", "billing_creditentry"]
# What outlives a workspace that is erased, beside what is append-only: the law wants invoices, and what they were
# reckoned from, kept. docs/export.md says so.
KEPT_TABLES = [
    "billing_balance", "billing_creditgrant", "billing_entitlement", "billing_usageperiod", "billing_usagereport",
]  # fmt: skip
# Shared tables without a workspace key that every workspace may read, whole.
# The view shows each role the members of its own workspace.
WORKSPACE_READABLE_TABLES = ["agenda_platformpause", "accounts_membershere"]
# Shared tables no workspace role may reach are all others: they get no grant at all.
WORKSPACE_TABLE_LIMIT = 40

ROOT_URLCONF = "config.urls_workspace"
PUBLIC_SCHEMA_URLCONF = "config.urls_public"
