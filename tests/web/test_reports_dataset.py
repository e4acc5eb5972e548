"""A published report is a document too: written through the gate, closed until it is out, gone when it is withdrawn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from apps.accounts import tenancy
from apps.lib import blobs, clock
from apps.lib.errors import NotFound
from apps.library import queries as library
from apps.library.actions import documents as files
from apps.library.actions import reports
from apps.library.actions.documents import Upload
from apps.library.models import REPORTS, Document, Passage
from apps.memory import queries as memory
from apps.policy.actions import policies
from apps.policy.models import AgentSetting, Call, PolicyVersion, ToolSetting
from apps.policy.registry import agents, switches
from apps.policy.registry.catalogue import resolve
from apps.research import workflow as research
from apps.research.actions import erasing, keeping, runs
from apps.research.models import Report
from apps.research.queries import documents
from apps.research.steps import drafts, publish
from apps.runtime import actions as runtime
from apps.runtime import engine, workflow
from apps.runtime import queries as running
from tests.web.conftest import QUESTION, House
from tests.web.reading import text

Visit = Callable[..., Client]
NOTHING_OUT = """@id("nothing-out")
@says("Nothing is published in August.")
forbid (principal, action == Action::"document_write", resource)
when { context.arguments has dataset && context.arguments.dataset == "ds_reports" };"""


@pytest.fixture(autouse=True)
def clean(house: House) -> Iterator[None]:
    """End with the shipped rules, every tool enabled."""
    yield
    with tenancy.in_workspace(house.cast.acme, gate=True):
        PolicyVersion.objects.all().delete()
        AgentSetting.objects.all().delete()
        ToolSetting.objects.filter(name="document_write").update(enabled=True)


def adopt(house: House, words: str) -> None:
    with tenancy.in_workspace(house.cast.acme):
        policies.adopt(by=house.cast.alice, number=policies.save(by=house.cast.alice, text=words))


def writes(run: str) -> list[Call]:
    return list(Call.objects.filter(run=run, tool="document_write").order_by("started_at"))


def test_publishing_is_one_recorded_call_and_its_text_is_the_reports(house: House) -> None:
    run = house.start()
    with tenancy.in_workspace(house.cast.acme):
        (call,) = writes(run)
        assert (call.state, call.outcome, call.agent, call.credits) == ("done", "ok", "publisher", 1)
        assert (call.decision, call.decided_by) == ("allow", "base")
        (row,) = [row for row in library.documents(dataset=REPORTS) if run in row.name]
        body = library.stored_text(row.text_sha256)
        report = documents.load(run)
        assert row.title == report.title and all(s.text.split()[0] in body for s in report.sentences)
        assert running.output(run=run, key="publish") == {"sentences": len(report.sentences), "document": row.document}
        assert report.state == "published" and report.credits == sum(c.credits for c in Call.objects.filter(run=run))


def test_it_waits_for_the_drafts_yes_and_is_closed_until_then(house: House) -> None:
    run = house.start("publish")
    with tenancy.in_workspace(house.cast.acme):
        assert not writes(run) and memory.count_facts(run=run) == 0
        runs.decide(by=house.cast.alice, run=run, verdict="accept")
        runtime.drive()
        assert [call.decided_by for call in writes(run)] == ["base"]
        assert Document.objects.live().filter(run=run).count() == 1 and memory.count_facts(run=run) > 0


def test_a_denial_names_its_statement_publishes_nothing_and_the_run_goes_on_later(house: House, visit: Visit) -> None:
    adopt(house, NOTHING_OUT)
    run, bob = house.start(), visit("bob")
    page = text(bob.get(f"/research/{run}"))
    assert "The report was not published: Nothing is published in August." in page
    assert "The statement “nothing-out” decided so." in page and "Resume from step" in page
    with tenancy.in_workspace(house.cast.acme):
        assert Report.objects.get(pk=run).state == "draft" and not Document.objects.filter(run=run).exists()
        assert memory.count_facts(run=run) == 0
        assert [(call.state, call.decided_by) for call in writes(run)] == [("denied", "nothing-out")]
        policies.retire(by=house.cast.alice)
    assert bob.get(f"/research/{run}/report").status_code == 404
    assert bob.post(f"/research/{run}/resume").status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        assert running.run(run).state == "completed" and Report.objects.get(pk=run).state == "published"
        assert [call.state for call in writes(run)] == ["denied", "done"]
        assert Document.objects.live().filter(run=run).count() == 1 and memory.count_facts(run=run) > 0


def test_a_tool_that_is_switched_off_is_named(house: House, visit: Visit) -> None:
    with tenancy.in_workspace(house.cast.acme):
        switches.disable(by=house.cast.alice, name="document_write")
    run = house.start()
    page = text(visit("bob").get(f"/research/{run}"))
    assert "The report was not published: document_write is not enabled in this workspace." in page
    with tenancy.in_workspace(house.cast.acme):
        tool = resolve("document_write")
        assert tool is not None
        switches.enable(by=house.cast.alice, name=tool.name, seen=tool.hash)
        runs.resume(by=house.people["bob"], run=run)
        runtime.drive()
        assert running.run(run).state == "completed"


def test_an_agent_that_asks_first_asks_and_a_no_publishes_nothing(house: House) -> None:
    with tenancy.in_workspace(house.cast.acme):
        agents.set_autonomy(by=house.cast.alice, role="publisher", autonomy="ask", reason="for now")
    run = house.start()
    with tenancy.in_workspace(house.cast.acme):
        assert running.run(run).state == "waiting_approval" and not Document.objects.filter(run=run).exists()
        runs.decide(by=house.cast.alice, run=run, verdict="reject", reason="not yet")
        runtime.drive()
        assert running.run(run).state == "failed" and Report.objects.get(pk=run).state == "draft"


def test_a_worker_that_dies_after_the_call_writes_no_second_document(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    final, deaths = research.RESEARCH.steps[-1], [1]

    def dies(context: object) -> object:
        done = publish.run(context)  # type: ignore[arg-type]
        if deaths.pop() if deaths else False:
            raise NotFound("The machine went away.")
        return done

    with monkeypatch.context() as patch:
        patch.setitem(research.RESEARCH.__dict__["_by_key"], "publish", replace(final, run=dies))
        run = house.start()
        with tenancy.in_workspace(house.cast.acme):
            assert not deaths and running.run(run).state == "running"
            (row,) = Document.objects.filter(run=run)
            assert row.closed and not Document.objects.live().filter(run=run).exists()
            (task,) = [each for each in running.tasks(run) if each.step == "publish"]
            with clock.stopped(clock.now() + timedelta(minutes=2)):
                engine.advance(workspace=house.cast.acme, run=run, task=task.id)
            assert running.run(run).state == "completed"
            assert len(writes(run)) == 1 and Document.objects.live().filter(run=run).count() == 1


def test_a_run_that_is_cancelled_there_leaves_nothing_to_see(house: House, visit: Visit) -> None:
    run = house.start("publish")
    with tenancy.in_workspace(house.cast.acme):
        made = reports.shelve(by=house.people["bob"], run=run, name=f"t ({run}).md", content="# T\n\nHalf a report.\n")
        runs.cancel(by=house.people["bob"], run=run)
        assert library.documents(versions=[made.version]) and library.missing([made.version]) == 1
        with pytest.raises(NotFound):
            library.document(made.document)
    assert visit("bob").get(f"/datasets/{REPORTS}/{made.document}").status_code == 404
    assert run not in text(visit("bob").get(f"/datasets/{REPORTS}"))


def test_withdrawing_takes_the_document_away_for_good(house: House, visit: Visit) -> None:
    bob = visit("bob")
    with tenancy.in_workspace(house.cast.acme):
        words = f"{QUESTION} Asked as nobody did before."
        request = runs.Request(question=words, documents=house.documents, approval_points=())
        run = runs.start(by=house.people["bob"], request=request)
        runtime.drive()
    with tenancy.in_workspace(house.cast.acme):
        row = Document.objects.get(run=run)
        version = row.versions.get()
        passages = Passage.objects.filter(version=version)
        assert passages.exists()
    assert bob.get(f"/datasets/{REPORTS}/{row.pk}").status_code == 200
    assert bob.post(f"/research/{run}/withdraw", {"reason": "The figures were wrong."}).status_code == 302
    for where in (f"/datasets/{REPORTS}/{row.pk}", f"/datasets/{REPORTS}/{row.pk}/original"):
        assert bob.get(where).status_code == 404
    assert bob.post(f"/datasets/{REPORTS}/{row.pk}/restore").status_code == 404
    with tenancy.in_workspace(house.cast.acme):
        assert not Document.objects.filter(run=run).exists() and not passages.exists()
        with pytest.raises(NotFound):
            blobs.get(house.cast.acme, version.sha256)


def test_a_report_that_another_run_read_goes_and_the_quotes_stay(house: House) -> None:
    first = house.start()
    with tenancy.in_workspace(house.cast.acme):
        (version,) = [row.id for row in library.documents(dataset=REPORTS) if first in row.name]
        request = runs.Request(question=QUESTION, documents=(version,), approval_points=())
        second = runs.start(by=house.people["bob"], request=request)
        runtime.drive()
        assert running.run(second).state == "completed"
        keeping.withdraw(by=house.people["bob"], run=first, reason="wrong")
        assert Document.objects.get(run=first).purged_at is not None
        assert not Passage.objects.filter(version=version).exists()
        assert documents.load(second).sources[0].text


def test_all_documents_leaves_reports_out_and_their_dataset_takes_them_in(house: House, visit: Visit) -> None:
    run, bob = house.start(), visit("bob")
    with tenancy.in_workspace(house.cast.acme):
        (version,) = [row.id for row in library.documents(dataset=REPORTS) if run in row.name]
        assert version not in runs.documents_of() and version not in {row.id for row in library.choices()}
        assert version in library.newest_versions([REPORTS])
    page = bob.get("/research").content.decode()
    assert version not in page and "All 2 documents" in page
    given = {
        "question": QUESTION, "scope": "datasets", "datasets": [REPORTS], "depth": "quick", "source_cap": "3",
        "mode": "mock", "methodology": "balanced", "visibility": "workspace", "points": ["plan"],
    }  # fmt: skip
    answer = bob.post("/research/new", given)
    assert answer.status_code == 302, text(answer)
    with tenancy.in_workspace(house.cast.acme):
        chosen = running.input_of(answer["Location"].rsplit("/", 1)[1])["documents"]
    assert version in chosen and not set(chosen) & set(house.documents)


@pytest.mark.parametrize("sight", ["private", "named"])
def test_a_run_that_not_everybody_may_see_keeps_its_document_closed(house: House, visit: Visit, sight: str) -> None:
    bob, vera = house.people["bob"], house.people["vera"]
    with tenancy.in_workspace(house.cast.acme):
        named = (vera,) if sight == "named" else ()
        request = runs.Request(
            question=QUESTION, documents=house.documents, approval_points=(), visibility=sight, named=named
        )
        run = runs.start(by=bob, request=request)
        runtime.drive()
        row = Document.objects.get(run=run)
        assert running.run(run).state == "completed" and row.closed
    assert visit("alice").get(f"/datasets/{REPORTS}/{row.pk}").status_code == 404
    with tenancy.in_workspace(house.cast.acme):
        keeping.show_to(by=bob, run=run, visibility="workspace")
    assert visit("alice").get(f"/datasets/{REPORTS}/{row.pk}").status_code == 200
    with tenancy.in_workspace(house.cast.acme):
        keeping.show_to(by=bob, run=run, visibility="private")
    assert visit("alice").get(f"/datasets/{REPORTS}/{row.pk}").status_code == 404


def test_a_deleted_run_takes_its_document_along_and_back_and_an_erased_one_for_good(house: House) -> None:
    run, bob = house.start(), house.people["bob"]
    with tenancy.in_workspace(house.cast.acme):
        live = Document.objects.live().filter(run=run)
        keeping.delete(by=bob, run=run)
        assert not live.exists()
        keeping.bring_back(by=bob, run=run)
        assert live.exists()
        erasing.erase(run=run)
        assert not Document.objects.filter(run=run).exists()


def test_nobody_adds_to_the_reports_deletes_their_dataset_or_changes_one(house: House, visit: Visit) -> None:
    run, alice = house.start(), visit("alice")
    with tenancy.in_workspace(house.cast.acme):
        row = Document.objects.get(run=run)
        added, rejected = files.add(by=house.cast.alice, uploads=[Upload("x.md", b"# X\n\nText.\n")], dataset=REPORTS)
        assert not added and "when they are published" in rejected[0].reason
        _added, changed = files.add(
            by=house.cast.alice, uploads=[Upload("x.md", b"# X\n\nText.\n")], dataset=REPORTS, document=row.pk
        )
        assert "when they are published" in changed[0].reason and row.versions.count() == 1
    assert alice.post(f"/datasets/{REPORTS}/delete").status_code == 422
    page = text(alice.get(f"/datasets/{REPORTS}"))
    assert "go when they are withdrawn" in page and "Add documents" not in page


def test_a_run_of_version_1_ends_without_the_call(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert workflow.newest("research") is research.RESEARCH and research.RESEARCH.version == "2"
    with monkeypatch.context() as patch:
        patch.setattr(workflow, "newest", lambda name: research.RESEARCH_1)
        run = house.start("publish")
    with tenancy.in_workspace(house.cast.acme):
        assert running.run(run).version == "1"
        runs.decide(by=house.cast.alice, run=run, verdict="accept")
        runtime.drive()
        assert running.run(run).state == "completed" and not writes(run)
        assert Report.objects.get(pk=run).state == "published" and memory.count_facts(run=run) > 0


def test_a_report_longer_than_a_document_is_cut_at_a_paragraph_and_says_so(house: House) -> None:
    with tenancy.in_workspace(house.cast.acme):
        report = documents.load(house.published)
    sentence = replace(report.summary[0], text="Water. " * 300)
    long = replace(report, summary=(sentence,) * 60)
    found = publish.fitted(long)
    assert len(found) <= 50_000 and found.rstrip().endswith(f"{house.published}.*")
    assert publish.fitted(report) == publish.fitted(replace(report, state="draft", published_at=None))


def test_the_plan_names_the_call_and_who_denies_it(house: House, visit: Visit) -> None:
    from tests.web.test_plan_preview import lines

    bob = visit("bob")
    line = next(each for each in lines(bob, house.planned) if "Publish the report" in each)
    assert "allowed" in line and "document_write , called by publisher" in line and "1 credit" in line
    assert "the documents of the workspace" in line and "each version stays" in line
    adopt(house, NOTHING_OUT)
    line = next(each for each in lines(bob, house.planned) if "Publish the report" in each)
    assert " denied " in line and "Rule nothing-out , your policies, line 1" in line
    page = text(bob.get(f"/research/{house.planned}/plan"))
    assert "Publishing is denied: the run stops before its report is out." in page


def test_a_run_made_private_while_it_publishes_stays_closed(house: House) -> None:
    run, bob = house.start(), house.people["bob"]
    with tenancy.in_workspace(house.cast.acme):
        Report.objects.filter(run=run).update(state="draft")
        Document.objects.filter(run=run).update(closed=True)
        held = threading.Event()

        def publishes() -> None:
            with tenancy.in_workspace(house.cast.acme), transaction.atomic():
                held.wait(5)
                drafts.publish(run=run)
            tenancy.close()

        other = threading.Thread(target=publishes)
        other.start()
        with transaction.atomic():
            keeping.show_to(by=bob, run=run, visibility="private")
            held.set()
            time.sleep(0.5)  # the other transaction is at work by now, and has to wait for this one
        other.join(10)
        assert Report.objects.get(pk=run).state == "published" and Document.objects.get(run=run).closed
