"""Documents that people gave us, their versions, and the passages they are searched by."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class Document(models.Model):
    id = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(max_length=255)
    created_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["name"], name="documents_by_name")]

    def __str__(self) -> str:
        return self.name


class DocumentVersion(models.Model):
    """One state of a document: its bytes and its text by hash."""

    id = models.CharField(primary_key=True, max_length=40)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    text_sha256 = models.CharField(max_length=64)
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=16)
    bytes = models.IntegerField()
    words = models.IntegerField()
    headings = ArrayField(models.CharField(max_length=200), default=list)
    published_date = models.DateField(null=True)
    warnings = ArrayField(models.CharField(max_length=300), default=list)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="one_version_a_number")]

    def __str__(self) -> str:
        return f"{self.document_id} v{self.number}"


class Passage(models.Model):
    """A piece of a version's text, `text[start:end]`, small enough to be found and quoted."""

    version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="passages")
    position = models.IntegerField()
    start = models.IntegerField()
    end = models.IntegerField()
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="one_passage_a_position")]

    def __str__(self) -> str:
        return f"{self.version_id}[{self.start}:{self.end}]"
