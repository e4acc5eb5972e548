"""The call ledger and what the gate keeps. All of it belongs to one workspace."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from apps.policy import rules


class Grant(models.Model):
    """What a run was lent at admission: by whom, which scopes, how many credits, for which plan and agent version."""

    run = models.CharField(primary_key=True, max_length=40)
    person = models.BigIntegerField()
    scopes = ArrayField(models.CharField(max_length=40))
    mode = models.CharField(max_length=8)
    credits = models.BigIntegerField()
    plan_hash = models.CharField(max_length=64, blank=True)
    agent_version = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.run


class GrantUse(models.Model):
    """What a run's calls have reserved and spent so far; written by the gate alone, by conditional updates."""

    run = models.CharField(primary_key=True, max_length=40)
    credits = models.BigIntegerField(default=0)
    micro_dollars = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.run


class Call(models.Model):
    """One row of the ledger: journal, meter, decision record, span and tape in one.

    `intent → waiting → done | denied | lost`; a trigger freezes it then. Bodies live in blobs, by hash.
    A lost call (its gate died before the answer was recorded) leaves its key to the next try and is never charged.
    """

    id = models.CharField(primary_key=True, max_length=40)
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=8, default="intent", choices=[(s, s) for s in rules.CALL_STATES])
    run = models.CharField(max_length=40)
    task = models.CharField(max_length=40)
    epoch = models.IntegerField()
    name = models.CharField(max_length=80)
    number = models.IntegerField()
    tool = models.CharField(max_length=60)
    tool_version = models.CharField(max_length=20)
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=80, blank=True)
    mode = models.CharField(max_length=8)
    person = models.BigIntegerField()
    agent = models.CharField(max_length=40)
    agent_version = models.CharField(max_length=40)
    prompt_version = models.CharField(max_length=64, blank=True)
    arguments_sha = models.CharField(max_length=64)
    decision = models.CharField(max_length=20, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    sentence = models.CharField(max_length=500, blank=True)
    result_sha = models.CharField(max_length=64, blank=True)
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    cached_input_tokens = models.BigIntegerField(default=0)
    micro_dollars = models.BigIntegerField(default=0)
    credits = models.IntegerField(default=0)
    gate = models.BigIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~models.Q(state="lost"), name="one_live_call_a_key")
        ]
        indexes = [models.Index(fields=["run", "started_at"], name="calls_of_a_run")]

    def __str__(self) -> str:
        return self.id


class Approval(models.Model):
    """A person's yes or no to exactly this. Decided once, by whoever is first."""

    id = models.CharField(primary_key=True, max_length=40)
    run = models.CharField(max_length=40)
    task = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    subject_hash = models.CharField(max_length=64)
    subject = models.JSONField()
    rule = models.CharField(max_length=80)
    asked_for = models.BigIntegerField()
    # approve: whoever may in the workspace; platform_staff: they, and nobody in the workspace.
    approver_role = models.CharField(max_length=20, default="approve")
    assigned_to = models.BigIntegerField(null=True)
    escalated_at = models.DateTimeField(null=True)
    edited = models.JSONField(null=True)
    state = models.CharField(max_length=10, default="pending")
    reason = models.CharField(max_length=1000, blank=True)
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "name", "subject_hash"], name="one_approval_a_subject")]

    def __str__(self) -> str:
        return self.id
