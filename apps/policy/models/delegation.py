"""What a run was lent, the tokens issued for it, and what it used of that."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class Grant(models.Model):
    """What a run was lent at admission: by whom, which scopes, how many credits, for which plan and agent version."""

    run = models.CharField(primary_key=True, max_length=40)
    person = models.BigIntegerField()
    scopes = ArrayField(models.CharField(max_length=40))
    mode = models.CharField(max_length=8)
    credits = models.BigIntegerField()
    plan_hash = models.CharField(max_length=64, blank=True)
    # What a person fixed of the plan (guardrails/containment.py); None: nothing of the run goes out.
    bounds = models.JSONField(null=True)
    agent_version = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=timezone.now)
    # Taken back: all of it, or single tokens by their jti.
    revoked_at = models.DateTimeField(null=True)
    revoked_tokens = ArrayField(models.CharField(max_length=40), default=list)

    def __str__(self) -> str:
        return self.run


class IssuedToken(models.Model):
    """A delegation token that the gate has issued: what it says, without its signature. Gone soon after its end.

    id: its jti. chain: the agents above this one, the nearest first. parents: the jti of those it was exchanged for.
    """

    id = models.CharField(primary_key=True, max_length=40)
    run = models.CharField(max_length=40)
    task = models.CharField(max_length=40)
    epoch = models.IntegerField()
    agent = models.CharField(max_length=40)
    chain = ArrayField(models.CharField(max_length=40), default=list)
    scopes = ArrayField(models.CharField(max_length=40))
    parents = ArrayField(models.CharField(max_length=40), default=list)
    at = models.DateTimeField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.id


class GrantUse(models.Model):
    """What a run's calls have reserved and spent so far; written by the gate alone, by conditional updates."""

    run = models.CharField(primary_key=True, max_length=40)
    credits = models.BigIntegerField(default=0)
    micro_dollars = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.run
