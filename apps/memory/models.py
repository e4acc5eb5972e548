"""What we know: passages that reports cited, and the facts they carry."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone
from pgvector.django import HnswIndex, VectorField


class Chunk(models.Model):
    """A cited passage with its vector: `snapshot_text[start:end]`."""

    run = models.CharField(max_length=40, db_index=True)
    snapshot = models.CharField(max_length=40)
    start = models.IntegerField()
    end = models.IntegerField()
    text = models.TextField()
    search = SearchVectorField(null=True)
    vector = VectorField(dimensions=384)
    model = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "snapshot", "start", "end"], name="one_chunk_a_span")]
        indexes = [
            GinIndex(fields=["search"], name="chunks_by_words"),
            HnswIndex(fields=["vector"], name="chunks_by_vector", opclasses=["vector_cosine_ops"], m=16),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot}[{self.start}:{self.end}]"


class Fact(models.Model):
    """A sentence of a published report that its sources carry, or what a person put in its place.

    confidence: share of its words that its sources hold, per cent. valid_from: the newest date that a source of it
    gives itself. A fact that was corrected or forgotten ends at `forgotten_at`; `successor` is what stands there now.
    contradicts: facts that say otherwise, by id, on both sides.
    """

    id = models.CharField(primary_key=True, max_length=40)
    run = models.CharField(max_length=40, db_index=True)
    text = models.TextField()
    search = SearchVectorField(null=True)
    verdict = models.CharField(max_length=12)
    confidence = models.IntegerField(default=100)
    valid_from = models.DateField(null=True)
    chunks = models.ManyToManyField(Chunk, related_name="facts")
    created_at = models.DateTimeField(default=timezone.now)
    forgotten_at = models.DateTimeField(null=True)
    confirmed = models.BooleanField(default=True)
    successor = models.CharField(max_length=40, blank=True)
    contradicts = models.JSONField(default=list)
    changed_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            GinIndex(fields=["search"], name="facts_by_words"),
            models.Index(fields=["-created_at"], name="facts_newest"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
