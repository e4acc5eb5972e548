"""The credit ledger, plans and reported usage for staff: to read."""

from __future__ import annotations

from django.contrib import admin

from apps.billing.models import Balance, CreditEntry, CreditGrant, Entitlement, UsagePeriod, UsageReport
from apps.observability.admin import ReadOnly


@admin.register(Balance)
class BalanceAdmin(ReadOnly):
    list_display = ("workspace", "available", "held")
    search_fields = ("workspace",)
    ordering = ("workspace",)


@admin.register(CreditGrant)
class CreditGrantAdmin(ReadOnly):
    list_display = ("created_at", "workspace", "source", "credits", "left", "expires_at", "note")
    list_filter = ("source", "created_at")
    search_fields = ("workspace", "note")
    ordering = ("-id",)


@admin.register(CreditEntry)
class CreditEntryAdmin(ReadOnly):
    list_display = ("created_at", "workspace", "kind", "credits", "run", "step", "by", "note")
    list_filter = ("kind", "created_at")
    search_fields = ("workspace", "run", "key")
    ordering = ("-id",)


@admin.register(Entitlement)
class EntitlementAdmin(ReadOnly):
    list_display = ("workspace", "plan", "state", "period_ends_at", "ends", "overdue_since", "changed_at", "event")
    list_filter = ("plan", "state")
    search_fields = ("workspace", "customer", "subscription")
    ordering = ("workspace",)


@admin.register(UsagePeriod)
class UsagePeriodAdmin(ReadOnly):
    list_display = ("began_at", "ends_at", "workspace", "included", "noted", "tiers", "looked_at")
    search_fields = ("workspace", "customer", "subscription")
    ordering = ("-id",)


@admin.register(UsageReport)
class UsageReportAdmin(ReadOnly):
    list_display = ("at", "workspace", "tokens", "total", "sent_at", "tries", "due_at", "gave_up_at", "error")
    list_filter = ("sent_at", "gave_up_at")
    search_fields = ("workspace", "key")
    ordering = ("-id",)
