"""Shared tables with a workspace key (row-level security compares it with the role that asks)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Due(models.Model):
    """One task that is ready, running or waiting for a time. This row, not a message, is the queue."""

    workspace = models.CharField(max_length=63)
    run = models.CharField(max_length=40)
    task = models.CharField(max_length=40)
    queue = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    rung_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    epoch = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "task"], name="one_due_a_task")]
        indexes = [models.Index(fields=["due_at"], name="due_by_time"), models.Index(fields=["run"], name="due_by_run")]

    def __str__(self) -> str:
        return self.task


class PendingApproval(models.Model):
    """An approval that waits, for lists across workspaces; its content stays in the workspace."""

    workspace = models.CharField(max_length=63)
    approval = models.CharField(max_length=40, unique=True)
    run = models.CharField(max_length=40)
    asked_by = models.BigIntegerField(null=True)
    rule = models.CharField(max_length=80, blank=True)
    approver_role = models.CharField(max_length=20, default="approve")
    escalated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="approvals_by_expiry")]

    def __str__(self) -> str:
        return self.approval


class Outbox(models.Model):
    """One thing that must leave because something changed; written in the transaction of that change.

    `key` makes it happen once. `payload` is erased as soon as it was sent. A row waits, is sent, or was given up.
    """

    workspace = models.CharField(max_length=63, blank=True)
    kind = models.CharField(max_length=20)
    person = models.BigIntegerField(null=True)
    address = models.CharField(max_length=254, blank=True)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    gave_up_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name_plural = "outbox"
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="outbox_waits", condition=models.Q(sent_at=None, gave_up_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.key


class Impersonation(models.Model):
    """A member of staff who sees a workspace as one of its people, for a reason and a time; looks, never acts.

    `schema` is the workspace; no workspace role may touch this table.
    """

    staff = models.BigIntegerField()
    person = models.BigIntegerField()
    schema = models.CharField(max_length=63)
    reason = models.CharField(max_length=1000)
    started_at = models.DateTimeField(default=timezone.now)
    arrived_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.staff} as {self.person}"


class Goodwill(models.Model):
    """Credits that one member of platform staff wants to give and another one decides. `schema` is the workspace."""

    id = models.CharField(primary_key=True, max_length=40)
    schema = models.CharField(max_length=63)
    credits = models.BigIntegerField()
    reason = models.CharField(max_length=1000)
    asked_by = models.BigIntegerField()
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, default="pending")
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_because = models.CharField(max_length=1000, blank=True)

    class Meta:
        verbose_name_plural = "goodwill"

    def __str__(self) -> str:
        return self.id


class PlatformPause(models.Model):
    """The switch that stops every agent in every workspace; at most one row, which workspaces may read."""

    number = models.IntegerField(primary_key=True, default=1)
    reason = models.CharField(max_length=500)
    by = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(number=1), name="one_pause_of_the_platform")]

    def __str__(self) -> str:
        return self.reason
