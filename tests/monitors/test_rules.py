"""What changed between two texts, and when a timetable is due."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
import yaml
from django_celery_beat.models import CrontabSchedule
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.monitors.rules import pairs, timetable
from apps.monitors.rules.comparing import changes, compare, fingerprint
from apps.monitors.rules.statements import claims, statements
from apps.monitors.rules.timetable import Timetable

SAMPLES = Path(__file__).resolve().parent.parent.parent / "samples" / "pairs" / "pairs.yaml"
OWN = pairs.own(yaml.safe_load(SAMPLES.read_text()))
PAGES = sorted({pair.before for pair in OWN})


def test_every_changed_value_of_our_pairs_is_found_and_none_is_where_nothing_changed() -> None:
    told = pairs.measure(OWN)
    assert told.pairs >= 60 and told.alike >= 30 and told.expected >= 40
    assert (told.missed, told.false) == ([], [])
    assert told.more == 0, "something was said beside what had changed"


def test_a_measure_that_finds_nothing_or_too_much_is_noticed() -> None:
    page = "The fee is 12 euros.\n"
    blind = pairs.Pair("a", "one value", page, page.replace("12", "14"), (("changed", "", "12", "15"),), False)
    false = pairs.Pair("b", "identical", page, page.replace("12", "14"), (), True)
    told = pairs.measure([blind, false])
    assert len(told.missed) == 1 and len(told.false) == 1 and told.more == 1


@pytest.mark.parametrize("pair", OWN, ids=lambda pair: f"{pair.name} {pair.kind}")
def test_what_is_found_stands_at_its_span_in_the_page(pair: pairs.Pair) -> None:
    for change in changes(pair.before, pair.after):
        for statement, page in ((change.before, pair.before), (change.after, pair.after)):
            if statement is not None:
                assert page[statement.start : statement.end] == statement.text
    if not pair.expected and pair.kind != "wording":
        assert fingerprint(pair.before) == fingerprint(pair.after)
    if pair.expected:
        assert fingerprint(pair.before) != fingerprint(pair.after)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PAGES), st.randoms(use_true_random=False))
def test_lines_in_another_order_with_other_spaces_and_markup_are_no_change(page: str, dice: random.Random) -> None:
    blocks = page.split("\n\n")
    prose = [block for block in blocks[1:] if "|" not in block and ":" not in block]
    other = page
    for block in prose:
        said = block.split(". ")
        if len(said) > 1 and not any(piece[:1].islower() for piece in said):
            dice.shuffle(said)
            other = other.replace(block, ".  ".join(piece.rstrip(".\n") for piece in said) + ".\n")
    other = other.replace("\n\n", "\n\n\n").replace("crowns", "*crowns*")
    assert changes(page, other) == []
    assert changes(page, page) == []


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(PAGES), st.integers(0, 400), st.integers(1, 9))
def test_any_other_digit_in_a_figure_is_found(page: str, place: int, more: int) -> None:
    digits = [
        at for at, sign in enumerate(page) if sign.isdigit() and not page[:at].rpartition("\n")[2].startswith("#")
    ]
    at = digits[place % len(digits)]
    digit = str((int(page[at]) + more) % 10)
    found = changes(page, page[:at] + digit + page[at + 1 :])
    assert found, (page[max(0, at - 30) : at + 30], digit)


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_compared_and_the_way_back_finds_as_much(before: str, after: str) -> None:
    there, back = changes(before, after), changes(after, before)
    assert changes(before, before) == []
    swap = {"added": "removed", "removed": "added", "changed": "changed"}
    assert sorted(change.kind for change in there) == sorted(swap[change.kind] for change in back)
    assert all(before[s.start : s.end] == s.text for s in statements(before))


def test_claims_of_two_reports_are_matched_by_what_they_are_about() -> None:
    was = claims([
        "The Harrow dam holds 12.5 million cubic metres of water.", "It was opened on 4 May 1974.",
        "The mayor is Ingrid Moe.", "Boats are not allowed on the lake.", "The choir sings on Tuesdays in Marl.",
    ])  # fmt: skip
    now = claims([
        "On 1974-05-04 it was opened.", "The mayor is Tove Lind.", "13.1 million cubic metres of water are what the "
        "Harrow dam holds.", "Boats are allowed on the lake.", "A cable car from Hollen is planned for 2030.",
    ])  # fmt: skip
    found = compare(was, now)
    said = {(change.kind, change.before.ref if change.before else None, change.after.ref if change.after else None)
            for change in found}  # fmt: skip
    assert said == {("changed", 2, 1), ("changed", 0, 2), ("changed", 3, 3), ("added", None, 4), ("removed", 4, None)}


ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo")


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(timetable.KINDS), st.integers(0, 23), st.integers(0, 59), st.sampled_from(ZONES),
    st.integers(0, 6), st.integers(1, 28), st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)),
)  # fmt: skip
def test_a_timetable_is_due_when_it_says_across_every_change_of_clocks(
    kind: str, hour: int, minute: int, zone: str, weekday: int, day: int, at: datetime
) -> None:
    table, now = Timetable(kind, hour, minute, zone, weekday, day), at.replace(tzinfo=UTC)
    last, coming = timetable.latest(table, now), list(islice(timetable.upcoming(table, now), 4))
    assert last <= now < coming[0] and coming == sorted(set(coming))
    assert timetable.between(table, last, coming[-1]) == coming[:3]
    assert coming[0] - last <= timedelta(days=32 if kind == "monthly" else 8, hours=2)
    again = [timetable.latest(table, each) for each in coming]
    assert again == coming, "at its time a timetable is due for that time, and for no other"


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("kind", timetable.KINDS)
def test_celery_is_due_no_earlier_than_the_timetable_and_not_an_hour_later(kind: str, zone: str) -> None:
    table = Timetable(kind, 2, 30, zone, 6, 8)
    crontab = CrontabSchedule(**table.crontab, timezone=zone).schedule
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for when in islice(timetable.upcoming(table, at), 40):
        before = when - timedelta(minutes=5)
        start = timetable.latest(table, before)
        for moment, wanted in ((before, False), (when + timedelta(minutes=61), True)):
            crontab.nowfun = lambda moment=moment: moment
            assert crontab.is_due(start).is_due is wanted, (when, moment)
