"""Workspaces and people, for staff."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.accounts.models import Membership, User, Workspace
from apps.observability import audit
from apps.observability.admin import ReadOnly

admin.site.site_header = "Footnote staff"
admin.site.site_title = "Footnote staff"
admin.site.index_title = "What there is"
admin.site.enable_nav_sidebar = False


@admin.register(Workspace)
class WorkspaceAdmin(ReadOnly):
    list_display = ("name", "slug", "schema_name", "created_at", "closed_at", "what")
    search_fields = ("name", "slug", "schema_name")
    list_filter = ("created_at", "closed_at")
    fields = ("name", "slug", "schema_name", "created_at", "closed_at", "what")
    readonly_fields = fields

    @admin.display(description="do")
    def what(self, row: Workspace) -> SafeString:
        """Link to what staff may do for a workspace."""
        query = urlencode({"workspace": row.slug})
        return format_html(
            '<a href="{}?{}">{}</a> · <a href="{}?{}">{}</a> · <a href="{}?{}">{}</a>',
            reverse("staff_runs"), query, _("Runs"), reverse("admin:staff_goodwill"), query, _("Give credits"),
            reverse("admin:agenda_impersonation_add"), query, _("See it as somebody"),
        )  # fmt: skip


@admin.register(Membership)
class MembershipAdmin(ReadOnly):
    list_display = ("user", "workspace", "role", "created_at", "see")
    list_filter = ("role",)
    search_fields = ("user__email", "user__name", "workspace__slug", "workspace__name")
    list_select_related = ("user", "workspace")
    fields = ("user", "workspace", "role", "created_at")

    @admin.display(description="do")
    def see(self, row: Membership) -> SafeString:
        """Link to seeing the workspace as this person."""
        query = urlencode({"workspace": row.workspace.slug, "person": row.user.email})
        return format_html('<a href="{}?{}">{}</a>', reverse("admin:agenda_impersonation_add"), query, _("See as"))


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ("email", "name", "is_active", "is_staff", "last_login", "date_joined")
    list_filter = ("is_active", "is_staff", "groups")
    search_fields = ("email", "name")
    fields = ("email", "name", "language", "is_active", "is_staff", "groups", "last_login", "date_joined")
    readonly_fields = ("email", "name", "language", "last_login", "date_joined")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let superusers say who is active and who is staff."""
        return bool(getattr(request.user, "is_superuser", False))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and keep in the audit log who changed what."""
        super().save_model(request, obj, form, change)
        audit.record(by=request.user.pk, did="person.changed", to=str(obj.pk), reason=", ".join(form.changed_data))
