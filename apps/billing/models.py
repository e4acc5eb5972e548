"""The credit ledger: grants, the movements of their credits, and the balance these add up to.

Shared tables, keyed by workspace. Each movement takes credits of one grant from one account to another
(`rules.ACCOUNTS`), so what was issued always equals what is available, held, spent, expired or taken back.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.billing import rules


class Balance(models.Model):
    """What a workspace can still spend, and what its runs hold. Both stay at or above zero.

    Whoever moves credits of a workspace locks this row first.
    """

    workspace = models.CharField(max_length=63, unique=True)
    available = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(available__gte=0), name="available_not_negative"),
            models.CheckConstraint(condition=Q(held__gte=0), name="held_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.workspace}: {self.available}"


class CreditGrant(models.Model):
    """Credits that a workspace was given at once. `left` is what of them is available: not held, spent or expired."""

    workspace = models.CharField(max_length=63)
    source = models.CharField(max_length=10, choices=[(each, each) for each in rules.SOURCES])
    credits = models.BigIntegerField()
    left = models.BigIntegerField()
    expires_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)
    # The invoice of Stripe's that was paid for them, where they came with a plan.
    invoice = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(left__gte=0, left__lte=models.F("credits")), name="left_of_what_was_given"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace"], condition=Q(left__gt=0), name="grants_with_credits"),
            models.Index(fields=["expires_at"], condition=Q(left__gt=0), name="grants_to_expire"),
        ]

    def __str__(self) -> str:
        return f"{self.workspace}: {self.left} of {self.credits} ({self.source})"


class CreditEntry(models.Model):
    """One movement of credits of one grant, never changed. `key` makes each movement happen once."""

    workspace = models.CharField(max_length=63, db_index=True)
    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=8, choices=[(kind, kind) for kind in rules.ACCOUNTS])
    credits = models.BigIntegerField()
    grant = models.ForeignKey(CreditGrant, on_delete=models.PROTECT, related_name="entries")
    run = models.CharField(max_length=40, blank=True, db_index=True)
    step = models.CharField(max_length=80, blank=True)
    by = models.BigIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "credit entries"
        indexes = [models.Index(fields=["workspace", "created_at"], name="entries_of_a_time")]
        constraints = [models.CheckConstraint(condition=Q(credits__gt=0), name="a_movement_moves_something")]

    def __str__(self) -> str:
        return self.key


class CreditAlert(models.Model):
    """Who looks after the money was told that a month's credits (`2026-11`) had reached a mark. Once a mark."""

    workspace = models.CharField(max_length=63)
    period = models.CharField(max_length=7)
    mark = models.IntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "period", "mark"], name="one_credit_alert_a_mark")]

    def __str__(self) -> str:
        return f"{self.workspace} {self.period}: {self.mark} %"


class AlertSetting(models.Model):
    """Whom a workspace wants told of credits and budgets: roles, and members by name. Without a row, the usual ones."""

    workspace = models.CharField(max_length=63, unique=True)
    roles = models.JSONField(default=list)
    people = models.JSONField(default=list)
    by = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.workspace


class Entitlement(models.Model):
    """What a workspace may do by its plan, as the server enforces it, and the event of Stripe's that said so.

    `limits` holds the figures of the plan (rules.LIMITS), `features` the tools that it includes. Whose customer a
    customer of Stripe's is stands here and nowhere else.
    """

    workspace = models.CharField(max_length=63, unique=True)
    customer = models.CharField(max_length=255, null=True, unique=True)
    plan = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=[(each, each) for each in rules.STATES], default="none")
    limits = models.JSONField(default=dict)
    features = models.JSONField(default=list)
    subscription = models.CharField(max_length=255, blank=True)
    price = models.CharField(max_length=255, blank=True)
    period_began_at = models.DateTimeField(null=True)
    period_ends_at = models.DateTimeField(null=True)
    trial_ends_at = models.DateTimeField(null=True)
    # It ends with its period and is not renewed.
    ends = models.BooleanField(default=False)
    overdue_since = models.DateTimeField(null=True)
    event = models.CharField(max_length=255, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.workspace}: {self.plan} ({self.state})"


class UsagePeriod(models.Model):
    """A billing period of a subscription whose tokens beyond the plan are billed, and what of them was noted so far.

    `included` is the most that a plan of the period includes. `noted` is the sum of all its reports, ever.
    """

    workspace = models.CharField(max_length=63, db_index=True)
    customer = models.CharField(max_length=255)
    subscription = models.CharField(max_length=255)
    meter = models.CharField(max_length=255)
    event_name = models.CharField(max_length=100)
    tiers = models.CharField(max_length=500)
    included = models.BigIntegerField()
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    noted = models.BigIntegerField(default=0)
    sequence = models.IntegerField(default=0)
    looked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "began_at"], name="one_usage_period_a_start")]
        indexes = [models.Index(fields=["ends_at"], name="usage_periods_by_end")]

    def __str__(self) -> str:
        return f"{self.workspace} {self.began_at:%Y-%m-%d}"


class UsageReport(models.Model):
    """An outbox of usage: so many tokens more of a period, to be told to Stripe's meter once.

    `key` is our own identifier, of workspace, period and sequence: who sends it again says the same. `total` is the
    sum of the reports of its period up to this one, `included` what the plan included then.
    """

    workspace = models.CharField(max_length=63, db_index=True)
    period = models.ForeignKey(UsagePeriod, on_delete=models.PROTECT, related_name="reports")
    sequence = models.IntegerField()
    key = models.CharField(max_length=100, unique=True)
    tokens = models.BigIntegerField()
    total = models.BigIntegerField()
    included = models.BigIntegerField()
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True)
    gave_up_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "sequence"], name="one_usage_report_a_number"),
            models.CheckConstraint(condition=Q(tokens__gt=0), name="a_usage_report_says_something"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None, gave_up_at=None), name="usage_reports_to_send"),
        ]

    def __str__(self) -> str:
        return self.key
