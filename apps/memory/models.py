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
    """A sentence of a published report that its sources carry."""

    id = models.CharField(primary_key=True, max_length=40)
    run = models.CharField(max_length=40, db_index=True)
    text = models.TextField()
    verdict = models.CharField(max_length=12)
    chunks = models.ManyToManyField(Chunk, related_name="facts")
    created_at = models.DateTimeField(default=timezone.now)
    forgotten_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.text[:60]
