"""A run, its tasks and its timeline. Pages read these; only `statements` writes them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from apps.runtime import rules


class Run(models.Model):
    """One run of one workflow; it keeps the workflow's version to its end."""

    id = models.CharField(primary_key=True, max_length=40)
    workflow = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    state = models.CharField(max_length=20, default="queued", choices=[(s, s) for s in rules.RUN_STATES])
    input = models.JSONField(default=dict)
    person = models.BigIntegerField()
    event_seq = models.BigIntegerField(default=0)
    error = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.id


class Task(models.Model):
    """An instance of a step in one run. `missing` counts what it still needs; zero is ready."""

    id = models.CharField(primary_key=True, max_length=40)
    # No constraint: `statements` alone writes these, and a check per row would cost as much as the row.
    # No index either: the one on (run, key) begins with it.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="tasks", db_index=False, db_constraint=False)
    key = models.CharField(max_length=60)
    step = models.CharField(max_length=40)
    position = models.IntegerField(default=0)
    role = models.CharField(max_length=40)
    queue = models.CharField(max_length=64)
    state = models.CharField(max_length=12, default="pending", choices=[(s, s) for s in rules.TASK_STATES])
    needs = ArrayField(models.CharField(max_length=40), default=list)
    missing = models.IntegerField(default=0)
    input = models.JSONField(default=dict)
    output = models.JSONField(null=True)
    error = models.JSONField(null=True)
    epoch = models.IntegerField(default=0)
    claims = models.IntegerField(default=0)
    attempt = models.IntegerField(default=1)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="one_task_a_key")]

    def __str__(self) -> str:
        return self.key


class Event(models.Model):
    """One line of a run's timeline. Numbers rise; a gap means nothing."""

    pk = models.CompositePrimaryKey("run_id", "seq")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events", db_index=False, db_constraint=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    task = models.CharField(max_length=60, blank=True)
    body = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.run_id}/{self.seq} {self.kind}"
