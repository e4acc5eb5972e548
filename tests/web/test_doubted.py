"""A draft with a sentence that its source contradicts: what is shown of it, and what a workspace makes of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.accounts import tenancy
from apps.policy.guardrails import choices
from apps.research.queries import documents
from apps.research.steps import synthesize
from apps.runtime import queries as runtime
from tests.web.conftest import House
from tests.web.reading import Visit, text


@pytest.fixture
def a_lie(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes the draft mistakes a year, in one section or everywhere; its citations stay as they were."""
    honest, wrong_in = synthesize._line, getattr(request, "param", None)

    def mistaken(*given: object) -> synthesize.Line:
        line = honest(*given)  # type: ignore[arg-type]
        wrong = line.text.replace("1974", "1957") if given[0] == wrong_in or wrong_in is None else line.text
        return line.model_copy(update={"text": wrong})

    monkeypatch.setattr(synthesize, "_line", mistaken)


@pytest.fixture
def chosen(house: House) -> Iterator[object]:
    """Let a test choose what becomes of doubted sentences, and take it back."""

    def choose(action: str) -> None:
        with tenancy.in_workspace(house.cast.acme):
            choices.choose(by=house.cast.alice, name="unsupported", action=action, reason="a test")

    yield choose
    choose("keep")


def test_a_contradicted_sentence_says_so_in_every_format(house: House, visit: Visit, a_lie: None) -> None:
    run = house.start()
    said = "contradicted: the source gives another date than “1957”"
    bob = visit("bob")
    page = text(bob.get(f"/research/{run}/report"))
    assert said.replace("1957", "4 May 1957") in page or said in page
    assert "In our own test the check doubts 100 % of sentences in which a figure was changed" in page
    for name in ("report.md", "report.html"):
        assert "contradicted: the source gives another date" in bob.get(f"/research/{run}/{name}").content.decode(), (
            name
        )
    sentences = bob.get(f"/research/{run}/report.json").json()["sentences"]
    wrong = [sentence for sentence in sentences if "1957" in sentence["text"]]
    assert wrong and {(each["verdict"], each["reason"]) for each in wrong} == {("contradicted", "date")}
    assert all(each["verdict"] == "sourced" for each in sentences if each not in wrong)


@pytest.mark.parametrize("a_lie", [synthesize.SUMMARY], indirect=True)
def test_doubted_sentences_are_left_out_where_a_workspace_wants_it(
    house: House, visit: Visit, a_lie: None, chosen: object
) -> None:
    chosen("drop")  # type: ignore[operator]
    run = house.start()
    with tenancy.in_workspace(house.cast.acme):
        report = documents.load(run)
        verified = runtime.output(run=run, key="verify")
    assert report.sentences and all("1957" not in each.text for each in report.sentences)
    assert verified and verified["dropped"] >= 1
    assert "0 sourced" not in text(visit("bob").get(f"/research/{run}"))


def test_where_every_sentence_is_left_out_nothing_was_answered(house: House, a_lie: None, chosen: object) -> None:
    chosen("drop")  # type: ignore[operator]
    run = house.start()
    with tenancy.in_workspace(house.cast.acme):
        report = documents.load(run)
    assert not report.sentences
    assert not report.answered and report.gaps


def test_a_person_is_asked_about_doubted_sentences_where_a_workspace_wants_it(
    house: House, visit: Visit, a_lie: None, chosen: object
) -> None:
    chosen("ask")  # type: ignore[operator]
    run = house.start()
    with tenancy.in_workspace(house.cast.acme):
        assert runtime.run(run).state == "waiting_approval"
    assert visit("bob").get(f"/research/{run}/report").status_code == 404


def test_nobody_is_asked_about_a_draft_without_doubts(house: House, chosen: object) -> None:
    chosen("ask")  # type: ignore[operator]
    with tenancy.in_workspace(house.cast.acme):
        assert runtime.run(house.start()).state == "completed"
