"""/memory: what reports established; who sees it, who corrects it, and that what is forgotten is gone."""

from __future__ import annotations

import re
from datetime import date

from apps.accounts import tenancy
from apps.memory import actions, queries
from apps.memory.models import Chunk, Fact
from apps.research.models import Inquiry
from tests.web.conftest import House
from tests.web.reading import Visit, text


def fact_of(house: House, run: str, holds: str) -> str:
    with tenancy.in_workspace(house.cast.acme):
        return Fact.objects.filter(run=run, text__contains=holds, forgotten_at=None).values_list("pk", flat=True)[0]


def test_what_a_report_established_is_found_by_its_words_with_what_says_otherwise(house: House, visit: Visit) -> None:
    run = house.start()
    bob = visit("bob")
    page = text(bob.get("/memory?q=million+harrow"))
    assert "12.5 million cubic metres" in page
    assert text(bob.get("/memory?q=zebra")).count("Nothing is known of this") == 1
    fact = fact_of(house, run, "12.5 million")
    with tenancy.in_workspace(house.cast.acme):
        Fact.objects.filter(pk=fact).update(valid_from=date(2021, 3, 12))
    assert "as of 12 Mar 2021" in text(bob.get("/memory?q=million+harrow"))
    shown = text(bob.get(f"/memory/{fact}"))
    assert "What carries it" in shown and "The Harrow dam" in shown and "as of 12 Mar 2021" in shown


def test_facts_that_contradict_each_other_say_so_on_both_sides(house: House, visit: Visit) -> None:
    first, second = house.start(), house.start()
    with tenancy.in_workspace(house.cast.acme):
        new = Fact.objects.filter(run=second, text__contains="12.5 million", forgotten_at=None).first()
        old = Fact.objects.filter(run=first, text__contains="13.1 million", forgotten_at=None).first()
    assert new is not None and old is not None
    assert old.pk in new.contradicts and new.pk in old.contradicts
    assert "What says otherwise" in text(visit("bob").get(f"/memory/{new.pk}"))
    assert "say otherwise" in text(visit("bob").get("/memory?disputed=1"))


def test_rows_of_one_table_do_not_contradict_each_other() -> None:
    row = "Part of the work: {}; Cost (million crowns): {}; Contractor: {}"
    pipes, bridge = (
        row.format("Pipes and insulation", 118, "Isorør"),
        row.format("Crossing at Elvestad", 41, "Fjelldrill"),
    )
    assert not actions._same_thing(pipes, bridge)
    assert actions._same_thing(
        "The North Loop cost 412 million crowns.", "In total the North Loop cost 467 million crowns."
    )


def test_a_corrected_fact_keeps_its_history_and_a_forgotten_one_is_found_no_more(house: House, visit: Visit) -> None:
    run = house.start()
    bob, fact = visit("bob"), fact_of(house, run, "12.5 million")
    refused = bob.post(f"/memory/{fact}/correct", {"text": "", "reason": ""})
    assert refused.status_code == 422
    better = "The Harrow dam holds 12.4 million cubic metres of water."
    moved = bob.post(f"/memory/{fact}/correct", {"text": better, "reason": "measured anew"})
    assert moved.status_code == 302
    new = re.findall(r"/memory/(\w+)", moved["Location"])[0]
    page = text(bob.get(f"/memory/{new}"))
    assert better in page and "What stood here before" in page and "measured anew" in page
    assert "What stands in its place" in text(bob.get(f"/memory/{fact}"))
    assert bob.post(f"/memory/{fact}/forget", {"reason": "twice"}).status_code == 409
    assert bob.post(f"/memory/{new}/forget", {"reason": "private"}).status_code == 302
    assert better not in text(bob.get("/memory?q=12.4"))
    with tenancy.in_workspace(house.cast.acme):
        words = " ".join(each.text for each in queries.nearest(words="12.4 million", vector=[0.1] * 384, limit=50))
        held = set(Chunk.objects.filter(facts__forgotten_at=None).values_list("pk", flat=True))
        assert set(Chunk.objects.filter(run=run).values_list("pk", flat=True)) <= held
    assert better not in words


def test_what_a_private_run_taught_is_seen_by_its_owner_alone(house: House, visit: Visit) -> None:
    run = house.start()
    fact = fact_of(house, run, "12.5 million")
    with tenancy.in_workspace(house.cast.acme):
        Inquiry.objects.filter(pk=run).update(visibility="private")
    assert visit("bob").get(f"/memory/{fact}").status_code == 200
    for person in ("alice", "vera"):
        assert visit(person).get(f"/memory/{fact}").status_code == 404
        assert fact not in visit(person).get("/memory").content.decode()
        assert visit(person).post(f"/memory/{fact}/forget", {"reason": "x"}).status_code in {403, 404}
    with tenancy.in_workspace(house.cast.acme):
        assert Fact.objects.get(pk=fact).forgotten_at is None


def test_whoever_only_reads_changes_nothing(house: House, visit: Visit) -> None:
    fact = fact_of(house, house.start(), "12.5 million")
    assert "Forget it" not in text(visit("vera").get(f"/memory/{fact}"))
    assert visit("vera").post(f"/memory/{fact}/forget", {"reason": "x"}).status_code == 403
