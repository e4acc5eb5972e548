"""Inquiry: the content of one runtime run, one to one."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Inquiry(models.Model):
    """A question and how it is to be researched."""

    run = models.CharField(primary_key=True, max_length=40)
    question = models.TextField()
    owner = models.BigIntegerField()
    mode = models.CharField(max_length=8)
    depth = models.CharField(max_length=10)
    source_cap = models.IntegerField()
    documents = models.JSONField(default=list)
    approval_points = models.JSONField(default=list)
    low = models.IntegerField()
    likely = models.IntegerField()
    high = models.IntegerField()
    versions = models.JSONField(default=dict)
    rounds = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.question[:80]
