"""A report's proof bundle."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Proof(models.Model):
    """The proof bundle of a report, made by a runtime run of its own: `<run>.proof`. body: its sha256, once made."""

    id = models.CharField(primary_key=True, max_length=40)
    run = models.CharField(max_length=40, unique=True)
    person = models.BigIntegerField()
    body = models.CharField(max_length=64, blank=True)
    size = models.IntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.id
