"""What becomes of a report: shared by link, withdrawn, rated, asked again; and plans that a person changed."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from apps.accounts import tenancy
from apps.billing import queries as billing
from apps.lib import clock
from apps.memory import queries as memory
from apps.memory.models import Fact
from apps.policy import queries as policy
from apps.research.actions import runs as actions
from apps.research.models import Claim, FollowUp, Inquiry, Rating, ShareLink
from apps.research.queries import documents, follow_ups, run_page
from apps.research.workflow import RESEARCH
from apps.runtime import actions as runtime
from apps.runtime import queries as runs
from apps.runtime.context import CallFailed
from tests.web.conftest import House
from tests.web.reading import Visit, text


def shared(house: House, visit: Visit, run: str) -> str:
    """Return the token of a new link."""
    body = visit("bob").post(f"/research/{run}/share", {"days": 7}, follow=True).content.decode()
    return re.findall(r"/r/([^\"]+)\"", body)[0]


def test_a_link_shows_the_report_to_anybody_and_nothing_else(house: House, visit: Visit) -> None:
    run = house.start()
    token = shared(house, visit, run)
    nobody = visit("", host="localhost")
    page = nobody.get(f"/r/{token}")
    assert page.status_code == 200 and "Harrow dam" in text(page)
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    body = page.content.decode()
    assert "/research" not in body and "bob" not in text(page).lower()
    assert nobody.get(f"/r/{token}/report.pdf").content.startswith(b"%PDF")
    assert visit("", host=house.cast.acme_host).get(f"/r/{token}").status_code in {302, 404}


def test_a_link_that_is_forged_revoked_or_late_leads_nowhere(house: House, visit: Visit) -> None:
    run = house.start()
    token = shared(house, visit, run)
    nobody = visit("", host="localhost")
    for bad in (token[:-1] + ("A" if token[-1] != "A" else "B"), token + "x", "x", "%00", "a:b:c"):
        assert nobody.get(f"/r/{bad}").status_code == 404, bad
    with clock.stopped(clock.now() + timedelta(days=8)):
        assert nobody.get(f"/r/{token}").status_code == 404
    with tenancy.in_workspace(house.cast.acme):
        link = ShareLink.objects.get(run=run)
    assert visit("bob").post(f"/research/{run}/share/{link.pk}/revoke").status_code == 302
    gone = nobody.get(f"/r/{token}")
    assert gone.status_code == 404


def test_a_withdrawn_report_takes_its_sentences_links_and_facts_with_it(house: House, visit: Visit) -> None:
    run = house.start()
    token = shared(house, visit, run)
    bob = visit("bob")
    with tenancy.in_workspace(house.cast.acme):
        assert memory.count_facts(run=run) > 0
    assert bob.post(f"/research/{run}/withdraw", {"reason": "  "}).status_code == 422
    assert bob.post(f"/research/{run}/withdraw", {"reason": "The figures were wrong."}).status_code == 302
    page = bob.get(f"/research/{run}")
    assert "The report was withdrawn" in text(page) and "The figures were wrong." in text(page)
    assert bob.get(f"/research/{run}/report").status_code == 404
    assert bob.get(f"/research/{run}/report.json").status_code == 404
    assert visit("", host="localhost").get(f"/r/{token}").status_code == 404
    with tenancy.in_workspace(house.cast.acme):
        assert memory.count_facts(run=run) == 0
        assert not Claim.objects.filter(report_id=run).exists()
    assert bob.post(f"/research/{run}/withdraw", {"reason": "again"}).status_code == 422


def test_a_report_and_a_sentence_are_rated_once_a_person(house: House, visit: Visit) -> None:
    run = house.start()
    bob, vera = visit("bob"), visit("vera")
    assert bob.post(f"/research/{run}/rate", {"rated": "report:1", "note": "clear"}).status_code == 302
    assert bob.post(f"/research/{run}/rate", {"rated": "report:-1", "note": "no"}).status_code == 302
    assert bob.post(f"/research/{run}/rate", {"rated": "0:-1"}).status_code == 302
    assert vera.post(f"/research/{run}/rate", {"rated": "0:1"}).status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        kept = {(r.claim, r.person): r.value for r in Rating.objects.filter(run=run)}
        sentence = documents.load(run).sentences[0].text
        assert Rating.objects.get(run=run, claim=0, person=house.people["vera"]).text == sentence
    bob_, vera_ = house.people["bob"], house.people["vera"]
    assert kept == {(None, bob_): -1, (0, bob_): -1, (0, vera_): 1}
    assert bob.post(f"/research/{run}/rate", {"rated": "0:0"}).status_code == 302
    assert bob.post(f"/research/{run}/rate", {"rated": "99999:1"}).status_code == 404
    assert bob.post(f"/research/{run}/rate", {"rated": "0:7"}).status_code == 422


def test_a_run_is_asked_once_more_or_changed_first(house: House, visit: Visit) -> None:
    run = house.start()
    bob = visit("bob")
    answer = bob.post(f"/research/{run}/duplicate")
    copy = answer["Location"].rsplit("/", 1)[1]
    with tenancy.in_workspace(house.cast.acme):
        row, old = Inquiry.objects.get(pk=copy), Inquiry.objects.get(pk=run)
        assert (row.question, row.documents, row.copied_from) == (old.question, old.documents, run)
    form = bob.get(f"/research/new?from={run}").content.decode()
    assert f'name="copied_from" value="{run}"' in form and old.question in form


def plan_form(body: str) -> dict[str, list[str]]:
    """Return what the plan's page would send back as it stands."""

    def values(name: str, tag: str) -> list[str]:
        pattern = (
            rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"'
            if tag == "input"
            else rf'<textarea[^>]*name="{name}"[^>]*>(.*?)</textarea>'
        )
        return [html.unescape(found) for found in re.findall(pattern, body, re.S)]

    return {
        "part": values("part", "input"), "queries": values("queries", "textarea"),
        "assumptions": values("assumptions", "textarea"), "documents": values("documents", "input"),
        "decision": ["start"],
    }  # fmt: skip


def test_a_plan_that_is_accepted_unchanged_stays_as_it_was_made(house: House, visit: Visit) -> None:
    run = house.start("plan")
    bob = visit("bob")
    form = plan_form(bob.get(f"/research/{run}/plan").content.decode())
    assert form["part"] and form["documents"]
    assert bob.post(f"/research/{run}/plan", form).status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        assert runs.output(run=run, key="accept")["plan"] is None
        assert runs.run(run).state == "completed"


def test_a_changed_plan_is_what_the_run_works_by(house: House, visit: Visit) -> None:
    run = house.start("plan")
    bob = visit("bob")
    form = plan_form(bob.get(f"/research/{run}/plan").content.decode())
    left_out = form["documents"][0]
    form |= {
        "part": ["How high is the Harrow dam?"], "queries": ["Harrow dam height"],
        "documents": form["documents"][1:], "assumptions": ["Metres."],
    }  # fmt: skip
    assert bob.post(f"/research/{run}/plan", form).status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        plan = documents.plan_of(run)
        assert [sub["text"] for sub in plan["sub_questions"]] == ["How high is the Harrow dam?"]
        assert plan["assumptions"] == ["Metres."] and plan["exclude"] == [left_out]
        assert runs.run(run).state == "completed"
        rows = {row.ref: row for row in documents.library.sources(run)}
        assert not rows[left_out].kept and "Left out in the plan" in rows[left_out].reason
        searched = [t.input["query"] for t in runs.tasks(run) if t.step == "search"]
        assert searched == ["Harrow dam height"]


def test_a_plan_beyond_its_caps_comes_back_with_everything_typed(house: House, visit: Visit) -> None:
    run = house.start("plan")
    bob = visit("bob")
    form = plan_form(bob.get(f"/research/{run}/plan").content.decode())
    form |= {"part": [f"Part {n}?" for n in range(9)], "queries": [f"words {n}" for n in range(9)]}
    answer = bob.post(f"/research/{run}/plan", form)
    assert answer.status_code == 422 and "allows 4 sub-questions, and the plan has 9" in text(answer)
    assert "Part 8?" in answer.content.decode()
    form |= {"part": ["One?"], "queries": ["a"], "documents": []}
    answer = bob.post(f"/research/{run}/plan", form)
    assert answer.status_code == 422 and "at least one document" in text(answer)
    with tenancy.in_workspace(house.cast.acme):
        assert policy.pending_approval(run) is not None


def test_a_clarifying_answer_becomes_an_assumption_and_a_search(house: House, visit: Visit) -> None:
    with tenancy.in_workspace(house.cast.acme):
        request = actions.Request(
            question="What does the Harrow dam cost now?", documents=house.documents, approval_points=("plan",)
        )
        run = actions.start(by=house.people["bob"], request=request)
        runtime.drive()
    bob = visit("bob")
    body = bob.get(f"/research/{run}/plan").content.decode()
    assert 'name="answer"' in body
    form = plan_form(body) | {"answer": ["in 2019"]}
    assert bob.post(f"/research/{run}/plan", form).status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        plan = policy.approvals(run=run)[0]
        runtime.drive()
        plan = documents.plan_of(run)
        assert any("in 2019" in line for line in plan["assumptions"])
        assert any("in 2019" in query for sub in plan["sub_questions"] for query in sub["queries"])


def test_a_follow_up_is_answered_from_the_sources_or_not_at_all(house: House, visit: Visit) -> None:
    run = house.start()
    bob = visit("bob")
    for question in ("How much water does the dam hold?", "Who painted the Mona Lisa?"):
        assert bob.post(f"/research/{run}/ask", {"question": question}).status_code == 302
        with tenancy.in_workspace(house.cast.acme):
            runtime.drive()
    page = bob.get(f"/research/{run}/ask")
    said = text(page)
    assert "12.5 million cubic metres" in said and "Not in the sources. Footnote does not guess." in said
    with tenancy.in_workspace(house.cast.acme):
        rows = list(FollowUp.objects.filter(run=run).order_by("number"))
        assert [row.answered for row in rows] == [True, False]
        texts = {row.number: documents.library.snapshot_text(row.snapshot) for row in documents.library.sources(run)}
        for sentence in rows[0].sentences:
            assert sentence["citations"]
            for cited in sentence["citations"]:
                assert texts[cited["source"]][cited["start"] : cited["end"]] == cited["quote"]
        assert {line.kind for line in billing.ledger(house.cast.acme, run=rows[0].pk)} >= {"hold", "charge"}
        assert runs.run(rows[0].pk).state == "completed"
    empty = bob.post(f"/research/{run}/ask", {"question": "   "})
    assert empty.status_code == 422 and "Write a question first." in text(empty)
    assert visit("vera").post(f"/research/{run}/ask", {"question": "x"}).status_code == 403


def test_an_answer_that_comes_while_a_page_is_read_is_not_shown_as_missing(
    house: House, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = house.start()
    visit("bob").post(f"/research/{run}/ask", {"question": "How much water does the dam hold?"})
    read, reads = follow_ups.runtime.runs, []

    def read_late(ids: list[str]) -> dict:
        # Whoever reads the states a second time finds that the worker has just ended.
        reads.append(runtime.drive() if reads else None)
        return read(ids)

    with tenancy.in_workspace(house.cast.acme):
        viewer = run_page.Viewer("researcher", may_change=True)
        monkeypatch.setattr(follow_ups.runtime, "runs", read_late)
        seq, ended, asking = follow_ups.event(run=run, viewer=viewer)
        assert (asking.rows[0].state, ended) == ("working", False)
        runtime.drive()
        later, ended, asking = follow_ups.event(run=run, viewer=viewer)
    assert later > seq and ended and asking.rows[0].state == "answered"


def test_inspecting_shows_every_task_with_what_it_was_given_made_and_called(house: House, visit: Visit) -> None:
    page = visit("vera").get(f"/research/{house.published}/inspect")
    said = text(page)
    with tenancy.in_workspace(house.cast.acme):
        for task in runs.tasks(house.published):
            assert f'id="task-{task.key}"' in page.content.decode()
        for call in policy.calls(house.published):
            assert call.id in said


def test_a_stored_source_shows_what_is_cited_of_it(house: House, visit: Visit) -> None:
    vera = visit("vera")
    with tenancy.in_workspace(house.cast.acme):
        report = documents.load(house.published)
        cited = report.sentences[0].citations[0]
        whole = next(source.text for source in report.sources if source.number == cited.source)
    page = vera.get(f"/research/{house.published}/sources/{cited.source}")
    assert page.status_code == 200 and f'<mark id="cited-{cited.number}">' in page.content.decode()
    assert whole.split(".")[0].split("\n")[-1] in text(page) and cited.quote in text(page)
    assert vera.get(f"/research/{house.published}/sources/999").status_code == 404


@pytest.fixture
def broken(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Return a way to make a run of bob's in which the tasks of one step fail for good."""

    def make(step: str) -> str:
        def fail(context: object) -> None:
            raise CallFailed("The provider said no.", outcome="refused", final=True)

        own = next(each for each in RESEARCH.steps if each.key == step)
        with monkeypatch.context() as patch:
            patch.setitem(RESEARCH.__dict__["_by_key"], step, replace(own, run=fail, optional=False))
            run = house.start()
        with tenancy.in_workspace(house.cast.acme):
            assert runs.run(run).state == "failed"
        return run

    assert RESEARCH.step("plan")
    return make


SUPPLIED = {
    "plan": {"lines": "When was the Harrow dam opened?"},
    "search": {"documents": "all"},
    "collect": {"title": "By hand", "text": "The Harrow dam was opened on 4 May 1974, by hand."},
    "summarize": {"lines": "The Harrow dam was opened on 4 May 1974."},
    "synthesize": {"title": "Put together by bob"},
}


@pytest.mark.parametrize("step", list(SUPPLIED))
def test_a_person_does_a_failed_task_and_the_run_goes_on(
    house: House, visit: Visit, broken: Callable[[str], str], step: str
) -> None:
    run = broken(step)
    bob = visit("bob")
    page = bob.get(f"/research/{run}")
    assert "Do this step yourself" in text(page) and "The provider said no." in text(page)
    for _round in range(6):
        with tenancy.in_workspace(house.cast.acme):
            failed = [task.key for task in runs.tasks(run) if task.state == "failed"]
        if not failed:
            break
        given = SUPPLIED[step] | ({"documents": house.documents} if step == "search" else {})
        answer = bob.post(f"/research/{run}/tasks/{failed[0]}/supply", given)
        assert answer.status_code == 302, text(answer)
        with tenancy.in_workspace(house.cast.acme):
            runtime.drive()
    with tenancy.in_workspace(house.cast.acme):
        assert runs.run(run).state == "completed", [(t.key, t.state, t.error) for t in runs.tasks(run)]
        assert "1974" in " ".join(sentence.text for sentence in documents.load(run).sentences)
        assert any(event.kind == "task.supplied" for event in runs.events(run))
        held = billing.ledger(house.cast.acme, run=run)
        total = {kind: sum(e.credits for e in held if e.kind == kind) for kind in ("hold", "charge", "release")}
        assert total["hold"] == total["charge"] + total["release"]


def test_a_result_that_is_nonsense_is_refused_in_words(
    house: House, visit: Visit, broken: Callable[[str], str]
) -> None:
    run = broken("summarize")
    with tenancy.in_workspace(house.cast.acme):
        key = next(task.key for task in runs.tasks(run) if task.state == "failed")
    answer = visit("bob").post(f"/research/{run}/tasks/{key}/supply", {"lines": "This stands nowhere."})
    assert answer.status_code == 422 and "stands in none of the sources" in text(answer)
    assert visit("bob").get(f"/research/{run}/tasks/verify/supply").status_code == 404
    with tenancy.in_workspace(house.cast.acme):
        assert runs.run(run).state == "failed"


def test_an_approver_strikes_sentences_out_of_a_draft(house: House, visit: Visit) -> None:
    run = house.start("publish")
    alice = visit("alice")
    page = alice.get(f"/research/{run}/draft").content.decode()
    numbers = re.findall(r'name="keep" value="(\d+)"', page)
    with tenancy.in_workspace(house.cast.acme):
        before = documents.load(run).sentences
    assert len(numbers) == len(before)
    struck = before[-1].text
    keep = [n for n in numbers if before[int(n)].text != struck]
    none = alice.post(f"/research/{run}/draft", {"title": "T", "keep": []})
    assert none.status_code == 422 and "Keep at least one sentence" in text(none)
    assert visit("bob").get(f"/research/{run}/draft").status_code == 403
    assert alice.post(f"/research/{run}/draft", {"title": "A better title", "keep": keep}).status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        report = documents.load(run)
        assert report.state == "published" and report.title == "A better title"
        assert [s.text for s in report.sentences] == [s.text for s in before if s.text != struck]
        assert not Fact.objects.filter(run=run, text=struck).exists()
        assert Fact.objects.filter(run=run).exists()
