"""The audit log for staff: to read. And what every page of staff begins with: to read, nothing else."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from apps.observability.models import AuditEntry

ID = re.compile(r"[a-z]+_[0-9A-Z]{10,}[.\w:]*|[0-9]+|[0-9a-f-]{32,}")
# What staff do in a workspace, and why, as they wrote it.
OURS = ("staff.", "goodwill.", "impersonation.", "outbox.", "platform.", "approval.staff_")


class ReadOnly(admin.ModelAdmin):
    """Every member of staff may look; nobody writes by hand."""

    show_full_result_count = False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Name the list for what it lists."""
        title = str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show it in the index."""
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let staff read."""
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let nobody add."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody delete."""
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "did", "what", "by", "workspace", "why")
    list_filter = ("did", "at")
    search_fields = ("=to", "workspace")
    ordering = ("-id",)
    fields = (
        "at", "did", "what", "by", "workspace", "why", "agent", "on_behalf_of", "rule", "outcome", "digest",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description="to")
    def what(self, row: AuditEntry) -> str:
        """Show what it was done to: in a workspace the id; a name that its people gave is theirs to read."""
        return row.to if _is_ours(row) or ID.fullmatch(row.to) else ""

    @admin.display(description="reason")
    def why(self, row: AuditEntry) -> str:
        """Show what staff and Footnote gave as a reason; what people of a workspace wrote is theirs to read."""
        return row.reason if _is_ours(row) else ""


def _is_ours(row: AuditEntry) -> bool:
    return not row.workspace or row.did.startswith(OURS)
