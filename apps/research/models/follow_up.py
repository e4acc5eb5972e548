"""Follow-up questions about a report, answered from the sources of its run."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class FollowUp(models.Model):
    """One question with its answer. It is a runtime run of its own: `<run>.<number>`.

    sentences: [{text, verdict, citations: [{source, snapshot, start, end, quote}]}], empty until it is answered.
    """

    id = models.CharField(primary_key=True, max_length=40)
    run = models.CharField(max_length=40)
    number = models.IntegerField()
    person = models.BigIntegerField()
    question = models.TextField()
    answered = models.BooleanField(null=True)
    sentences = models.JSONField(default=list)
    rounds = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_follow_up_a_number")]

    def __str__(self) -> str:
        return self.question[:80]
