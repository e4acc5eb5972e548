"""Remember what a report established; forget it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.lib import clock, ids
from apps.lib.errors import Conflict, Invalid, NotFound
from apps.lib.text import clean
from apps.memory.grounding.reading import read
from apps.memory.grounding.verdicts import judge
from apps.memory.models import Chunk, Fact
from apps.observability import audit

# A new fact is held against so many different sentences of those that are known, found among so many rows.
NEAREST, MOST_NEAR = 8, 200
# Two facts can contradict each other only where they share so many of their words.
SAME_WORDS = 0.6
MOST_TEXT = 1_000


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A span of a snapshot with its vector of 384 floats."""

    snapshot: str
    start: int
    end: int
    text: str
    vector: Sequence[float]


@dataclass(frozen=True, slots=True)
class Established:
    """A sentence and the positions, in the list of passages, that carry it."""

    text: str
    verdict: str
    passages: tuple[int, ...]
    confidence: int = 100
    valid_from: date | None = None


def remember(*, run: str, passages: Sequence[CitedPassage], facts: Sequence[Established], model: str) -> None:
    """Store a run's passages and facts; they count once they are confirmed. Runs inside the completing transaction,
    so it happens once.
    """
    chunks = Chunk.objects.bulk_create(
        Chunk(run=run, snapshot=p.snapshot, start=p.start, end=p.end, text=p.text, vector=list(p.vector), model=model)
        for p in passages
    )
    Chunk.objects.filter(run=run).update(search=SearchVector("text", config="simple"))
    for fact in facts:
        row = Fact.objects.create(
            id=ids.new("fact"), run=run, text=fact.text, verdict=fact.verdict, confidence=fact.confidence,
            valid_from=fact.valid_from, created_at=clock.now(), forgotten_at=clock.now(), confirmed=False,
        )  # fmt: skip
        row.chunks.set([chunks[position] for position in fact.passages])


def confirm(*, run: str) -> None:
    """Let count what a run taught, now that its report is published. Runs inside the completing transaction."""
    new = Fact.objects.filter(run=run, confirmed=False)
    new.update(forgotten_at=None, confirmed=True, search=SearchVector("text", config="simple"))
    _dispute(list(Fact.objects.filter(run=run, forgotten_at=None)))


def _dispute(new: Sequence[Fact]) -> None:
    """Note on both sides which facts known so far say otherwise."""
    for fact in new:
        words = [word for word in read(fact.text).stems if not word[0].isdigit()][:12]
        if not words:
            continue
        query = SearchQuery(
            " | ".join(f"{word}:*" for word in words if word.isalnum()), config="simple", search_type="raw"
        )
        near = Fact.objects.filter(forgotten_at=None, search=query).exclude(run=fact.run).exclude(text=fact.text)
        ranked = near.annotate(rank=SearchRank(F("search"), query)).order_by("-rank", "pk")[:MOST_NEAR]
        alike: dict[str, list[Fact]] = {}
        for other in ranked:
            alike.setdefault(other.text, []).append(other)
        for text, rivals in list(alike.items())[:NEAREST]:
            if not _same_thing(fact.text, text):
                continue
            if "contradicted" in {judge(fact.text, [text]).verdict, judge(text, [fact.text]).verdict}:
                fact.contradicts = sorted({*fact.contradicts, *(rival.pk for rival in rivals)})
                for rival in rivals:
                    rival.contradicts = sorted({*rival.contradicts, fact.pk})
                Fact.objects.bulk_update([fact, *rivals], ["contradicts"])


def _same_thing(left: str, right: str) -> bool:
    """Tell whether two sentences speak of the same: rows of one table share their headings and little else."""
    ours, theirs = ({stem for stem in read(said).stems if not stem[0].isdigit()} for said in (left, right))
    return len(ours & theirs) >= SAME_WORDS * len(ours | theirs)


def forget(*, run: str, for_good: bool = False) -> int:
    """Forget everything a run taught; return how many facts went. for_good: their words go too."""
    if for_good:
        Chunk.objects.filter(run=run).delete()
        return Fact.objects.filter(run=run).delete()[0]
    gone = Fact.objects.filter(run=run, forgotten_at=None).update(forgotten_at=clock.now())
    Chunk.objects.filter(run=run).delete()
    return gone


def correct(*, by: int, fact: str, text: str, reason: str) -> str:
    """Put a person's words in the place of a fact; return the new fact's id. The old one stays as its history.

    Raises: NotFound, Conflict (changed or forgotten since), Invalid (no text, or no reason).
    """
    text, reason = clean(text).strip(), _why(reason)
    if not text or len(text) > MOST_TEXT:
        raise Invalid(_("Write what is right, in at most %(most)d characters.") % {"most": MOST_TEXT})
    with transaction.atomic():
        old = _held(fact)
        if old.text == text:
            raise Invalid(_("This is what it says already."))
        new = Fact.objects.create(
            id=ids.new("fact"), run=old.run, text=text, verdict="corrected", confidence=100, valid_from=old.valid_from,
            created_at=clock.now(), changed_by=by, reason=reason,
        )  # fmt: skip
        new.chunks.set(old.chunks.all())
        Fact.objects.filter(pk=new.pk).update(search=SearchVector("text", config="simple"))
        _end(old, by=by, reason=reason, successor=new.pk)
        _dispute([new])
        audit.record(workspace=tenancy.current(), by=by, did="fact.corrected", to=fact, reason=reason)
    return new.pk


def forget_one(*, by: int, fact: str, reason: str) -> None:
    """Forget one fact: no answer and no search finds it, or passages that carried nothing else.

    Raises: NotFound, Conflict (changed or forgotten since), Invalid (no reason).
    """
    reason = _why(reason)
    with transaction.atomic():
        _end(_held(fact), by=by, reason=reason)
        audit.record(workspace=tenancy.current(), by=by, did="fact.forgotten", to=fact, reason=reason)


def _held(fact: str) -> Fact:
    row = Fact.objects.select_for_update().filter(pk=fact).first()
    if row is None:
        raise NotFound(_("There is no such fact."))
    if row.forgotten_at is not None:
        raise Conflict(_("This fact was changed or forgotten meanwhile. Look at the list again."))
    return row


def _end(row: Fact, *, by: int, reason: str, successor: str = "") -> None:
    """End a fact, and erase the passages that carry no other one."""
    Fact.objects.filter(pk=row.pk).update(
        forgotten_at=clock.now(), changed_by=by, reason=reason, successor=successor, contradicts=[]
    )
    for other in Fact.objects.filter(pk__in=row.contradicts):
        other.contradicts = [each for each in other.contradicts if each != row.pk]
        other.save(update_fields=["contradicts"])
    if not successor:
        Chunk.objects.filter(facts=row.pk).exclude(facts__forgotten_at=None).delete()


def _why(reason: str) -> str:
    reason = clean(reason).strip()[:300]
    if not reason:
        raise Invalid(_("Say why. It stands on the record."))
    return reason
