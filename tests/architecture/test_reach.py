"""What code may reach for: raw SQL, other modules by name, vendors, other roles, threads."""

from __future__ import annotations

import ast
import re
import sys

import pytest

from tests.architecture.sources import Module, dotted, imports, modules, parse

RAW_SQL = (
    "apps/runtime/statements.py",
    "apps/policy/statements.py",
    "apps/accounts/tenancy.py",
    "apps/accounts/schemas.py",
    "apps/accounts/postgres/",
    "apps/accounts/middleware.py",
)
# Package → where it may be imported: a room, a folder or a file. Django is everywhere but in `rules` (contract: pure).
VENDORS = {
    "PIL": ("apps/blog/formats/cards.py",),
    "allauth": ("apps/accounts/",),
    "anyio": ("apps/integrations/live/mcp_client.py", "apps/integrations/live/mcp_sign_in.py"),
    "asgiref": ("apps/research/streams.py",),
    "celery": ("apps/runtime/beat.py",),
    "cryptography": ("apps/lib/sealing.py",),
    "csp": ("apps/blog/",),
    "django": ("apps/",),
    "django_celery_beat": ("apps/monitors/", "apps/runtime/beat.py"),
    "django_tenants": ("apps/accounts/",),
    "djstripe": ("apps/billing/",),
    "docx": ("apps/library/extraction/",),
    "cedarpy": ("apps/policy/decisions/cedar.py",),
    "dramatiq": ("apps/runtime/actors.py", "apps/runtime/middleware.py"),
    "httpx": ("apps/integrations/live/", "apps/lib/http.py", "apps/policy/gate/client.py"),
    "httpx2": ("apps/integrations/live/mcp_client.py", "apps/integrations/live/mcp_sign_in.py"),
    "joserfc": ("apps/lib/signing.py",),
    "jsonschema": ("apps/lib/jsonschema.py",),
    "lucide": ("apps/lib/templatetags/",),
    "lxml": ("apps/library/extraction/",),
    "markdown_it": ("apps/blog/actions/writing.py",),
    "mcp": ("apps/integrations/live/mcp_client.py", "apps/integrations/live/mcp_sign_in.py"),
    "mcp_types": ("apps/integrations/live/mcp_client.py",),
    "modelcluster": ("apps/blog/",),
    "modelsearch": ("apps/blog/migrations/",),
    "openai": ("apps/integrations/live/",),
    "openpyxl": ("apps/library/extraction/",),
    "pgvector": ("apps/memory/",),
    "presidio_analyzer": ("apps/policy/guardrails/outside.py",),
    "psycopg": ("apps/accounts/postgres/",),
    "pydantic": ("apps/runtime/", "apps/research/steps/", "apps/integrations/live/mcp_sign_in.py"),
    "pypdf": ("apps/library/extraction/",),
    "redis": ("apps/research/streams.py",),
    "referencing": ("apps/lib/jsonschema.py",),
    "reportlab": ("apps/research/formats/",),
    "spacy": ("apps/policy/guardrails/outside.py",),
    "stripe": ("apps/billing/actions/",),
    "taggit": ("apps/blog/",),
    "timezone_field": ("apps/monitors/migrations/",),
    "trafilatura": ("apps/library/extraction/",),
    "wagtail": ("apps/blog/",),
    "xhtml2pdf": ("apps/research/formats/",),
    "yaml": ("apps/policy/", "apps/billing/actions/selling.py", "apps/memory/management/", "apps/monitors/management/"),
}
# The platform's role reads what no workspace may: each of these looks for a workspace, its people, or what is due.
AS_PLATFORM = (
    "apps/accounts/actions/archives.py",
    "apps/accounts/actions/contents.py",
    "apps/accounts/actions/erasing.py",
    "apps/accounts/actions/farewell.py",
    "apps/accounts/actions/invitations.py",
    "apps/accounts/actions/members.py",
    "apps/accounts/actions/profile.py",
    "apps/accounts/actions/sessions.py",
    "apps/accounts/actions/teams.py",
    "apps/accounts/actions/welcome.py",
    "apps/accounts/actions/workspaces.py",
    "apps/accounts/middleware.py",
    "apps/accounts/queries.py",
    "apps/accounts/schemas.py",
    "apps/accounts/tenancy.py",
    "apps/accounts/views/farewell.py",
    "apps/billing/actions/checkout.py",
    "apps/billing/actions/metering.py",
    "apps/billing/actions/reconciling.py",
    "apps/billing/management/commands/sync_plans.py",
    "apps/billing/views/plan.py",
    "apps/monitors/actions/timetables.py",
    "apps/runtime/lanes.py",
    "apps/blog/management/commands/seed_site.py",
    "apps/runtime/leases.py",
    "apps/runtime/sweeper.py",
)
# `acting` and `act` choose any role, the owner's too.
ANY_ROLE = (
    "apps/accounts/management/commands/prepare.py",
    "apps/accounts/middleware.py",
    "apps/accounts/postgres/",
    "apps/accounts/schemas.py",
    "apps/accounts/tenancy.py",
    "apps/policy/gate/ledger.py",
)
# A module named by a string, and why.
BY_NAME = {"apps/library/extraction/child.py": "a child process that limits itself before any parser is imported"}


def raw_sql(module: Module) -> list[str]:
    """List the lines that go around the ORM."""
    if module.place.startswith(RAW_SQL) or module.is_migration:
        return []
    lines = [
        node.lineno
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"cursor", "raw", "extra", "RawSQL", "chunked_cursor"}
    ]
    lines += [line for name, line in imports(module) if name.endswith(".RawSQL")]
    return [f"{module.place}:{line}" for line in sorted(lines)]


def dynamic_imports(module: Module) -> list[str]:
    """List the imports that a linter can't follow."""
    if module.place in BY_NAME:
        return []
    lines = []
    for name, line in imports(module):
        if name.split(".")[0] in {"importlib", "pkgutil", "runpy"} or re.fullmatch(r"apps\.\w+", name):
            lines.append(line)
    for node in ast.walk(module.tree):
        name = dotted(node.func).rsplit(".", 1)[-1] if isinstance(node, ast.Call) else ""
        known = name in {"__import__", "import_module", "import_string", "eval", "exec"}
        if known or (name == "get_model" and not module.is_migration):
            lines.append(node.lineno)
    return [f"{module.place}:{line}" for line in sorted(lines)]


def misplaced_vendors(module: Module) -> list[str]:
    """List the packages that are imported where the table does not have them."""
    found = []
    for name, line in imports(module):
        package = name.split(".")[0]
        if package in sys.stdlib_module_names or package in {"apps", "__future__"}:
            continue
        if not module.place.startswith(VENDORS.get(package, ("nowhere",))):
            found.append(f"{module.place}:{line} {package}")
    return found


def role_changes(module: Module) -> list[str]:
    """List the lines that leave a workspace's role where no table allows it."""
    found = []
    for node in ast.walk(module.tree):
        name = node.attr if isinstance(node, ast.Attribute) else ""
        if name == "as_platform" and module.place not in AS_PLATFORM:
            found.append(f"{module.place}:{node.lineno}")
        if name in {"acting", "act"} and not module.place.startswith(ANY_ROLE):
            found.append(f"{module.place}:{node.lineno}")
    for name, line in imports(module):
        if name in {"apps.accounts.tenancy.as_platform", "apps.accounts.tenancy.acting"}:
            found.append(f"{module.place}:{line} call it as tenancy.…, where this test sees it")
    return found


def notes(guard: object, found: tuple[Module, ...]) -> list[str]:
    """Run a guard over modules."""
    return [line for module in found for line in guard(module)]  # type: ignore[operator]


def test_raw_sql_stands_in_its_files_only() -> None:
    assert notes(raw_sql, modules()) == []


@pytest.mark.parametrize(
    "text",
    [
        "with connection.cursor() as cursor: pass",
        "make = connection.cursor",
        "Run.objects.raw('SELECT 1')",
        "Run.objects.filter().extra(where=['1=1'])",
        "from django.db.models.expressions import RawSQL",
        "models.expressions.RawSQL('1', [])",
    ],
)
def test_raw_sql_elsewhere_is_noticed(text: str) -> None:
    assert raw_sql(parse("apps/library/queries.py", text))
    assert not raw_sql(parse("apps/library/migrations/0001_x.py", text))


def test_nothing_is_imported_behind_the_linters_back() -> None:
    assert notes(dynamic_imports, modules()) == []
    assert set(BY_NAME) <= {module.place for module in modules()}


@pytest.mark.parametrize(
    "text",
    [
        "import importlib",
        "from importlib import import_module",
        "__import__('apps.policy.models')",
        "from django.apps import apps\napps.get_model('policy.Call')",
        "from django.utils.module_loading import import_string\nimport_string('apps.policy.models.Call')",
        "def f():\n    from apps import policy",
    ],
)
def test_an_import_behind_the_linters_back_is_noticed(text: str) -> None:
    assert dynamic_imports(parse("apps/library/queries.py", text))


def test_get_model_belongs_to_migrations() -> None:
    assert not dynamic_imports(parse("apps/library/migrations/0002_x.py", "apps.get_model('library', 'Document')"))


def test_a_vendors_package_is_imported_where_the_table_says() -> None:
    assert notes(misplaced_vendors, modules()) == []
    used = {name.split(".")[0] for module in modules() for name, _line in imports(module)}
    assert set(VENDORS) - used == set(), "the table names what nobody imports"


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("apps/library/queries.py", "import httpx"),
        ("apps/research/rules.py", "def f():\n    import numpy"),
        ("apps/runtime/engine.py", "from redis import Redis"),
        ("apps/policy/gate/order.py", "if TYPE_CHECKING:\n    from openai import OpenAI"),
    ],
)
def test_a_vendor_elsewhere_is_noticed(place: str, text: str) -> None:
    assert misplaced_vendors(parse(place, text))


def test_the_platforms_role_is_taken_in_listed_files_only() -> None:
    assert notes(role_changes, modules()) == []
    for place in (*AS_PLATFORM, *ANY_ROLE):
        assert any(module.place.startswith(place) for module in modules()), place


@pytest.mark.parametrize(
    "text",
    [
        "with tenancy.as_platform('why'): pass",
        "from apps.accounts.tenancy import as_platform",
        "change = tenancy.as_platform",
        "with tenancy.acting('public', 'owner'): pass",
        "connection.act(schema='public', acting='platform')",
    ],
)
def test_another_role_elsewhere_is_noticed(text: str) -> None:
    assert role_changes(parse("apps/research/queries/lists.py", text))
