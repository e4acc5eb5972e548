"""Documents that people gave us, their versions, and the passages they are searched by."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from apps.library.models.dataset import Dataset


class DocumentQuerySet(models.QuerySet["Document"]):
    def live(self) -> DocumentQuerySet:
        """Those that are neither deleted, nor in a deleted dataset, nor closed."""
        return self.kept().filter(closed=False)

    def kept(self) -> DocumentQuerySet:
        """Those that take room: the live ones, and the closed ones."""
        return self.filter(forgotten_at=None, dataset__forgotten_at=None)


class Document(models.Model):
    """A file by its name in a dataset. `purged_at`: its text is gone, its name stays for the reports that cite it.

    run: whose report it is, if it is one. closed: nobody in the library sees it, for its run is not published, or not
    for everybody.
    """

    id = models.CharField(primary_key=True, max_length=40)
    dataset = models.ForeignKey(Dataset, null=True, on_delete=models.PROTECT, related_name="documents")
    name = models.CharField(max_length=255)
    created_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    forgotten_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)
    run = models.CharField(max_length=40, blank=True, db_index=True)
    closed = models.BooleanField(default=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["name"], name="documents_by_name")]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "name"], condition=models.Q(forgotten_at=None), name="one_document_a_name"
            )
        ]

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
    created_by = models.BigIntegerField(null=True)
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
