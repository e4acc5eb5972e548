"""Named collections of documents."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

DEFAULT = "ds_library"  # the collection for files that name none; made when the first one comes
REPORTS = "ds_reports"  # the collection of published reports; no run reads it unless somebody chooses it


class Dataset(models.Model):
    id = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    created_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    forgotten_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
