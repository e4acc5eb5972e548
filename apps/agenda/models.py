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
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.approval
