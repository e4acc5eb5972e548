"""Pages over HTTP: who gets in, what a role may do, what comes back when the input is bad."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.accounts import tenancy
from apps.billing.models import Balance
from apps.library.models import Document
from apps.policy import queries as policy
from apps.research.models import Inquiry
from apps.runtime import actions as runtime
from apps.runtime import queries as runs
from tests.conftest import PASSWORD
from tests.web.conftest import QUESTION, House

Visit = Callable[..., Client]
ASK = {"question": QUESTION, "scope": "all", "depth": "standard", "source_cap": "12", "mode": "mock", "approval": "on"}
# What people paste: none of it may break a page or come out as markup.
NAUGHTY = (
    "<script>alert(1)</script>", "'; DROP TABLE runtime_run; --", "{{ 7|add:7 }}{% load x %}", "%s %(x)s %n",
    "\u202egnirts lanretni", "👩‍👩‍👧‍👦 é ﷽ ￾", "\u0000".join("ab"), "../../etc/passwd", "ＱＵＥＳＴＩＯＮ\u200b?", "\ud800".encode(errors="replace").decode(),
)  # fmt: skip


def text(response: HttpResponse) -> str:
    """Return a page as its reader sees it: no tags, one space between words."""
    plain = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(plain).split())


def pages(house: House) -> list[str]:
    """List every page and file of a workspace that can be read."""
    report = f"/research/{house.published}/report"
    return [
        "/research", "/research?page=2", "/approvals", "/documents", f"/research/{house.planned}",
        f"/research/{house.planned}/plan", f"/research/{house.drafted}", f"/research/{house.published}",
        f"/research/{house.published}/sources", f"/research/{house.published}/sources?show=dropped", report,
        *(f"{report}.{kind}" for kind in ("pdf", "md", "html", "json")),
    ]  # fmt: skip


def doors(run: str) -> dict[str, dict[str, str]]:
    """Return every address that changes something, with a form that would do it."""
    return {
        "/research": ASK,
        "/research/estimate": ASK,
        f"/research/{run}/plan": {"decision": "start"},
        f"/research/{run}/decide": {"decision": "accept", "approval": "apr_x"},
        f"/research/{run}/cancel": {},
        f"/research/{run}/resume": {},
        "/documents": {},
    }


def runs_there(house: House) -> int:
    with tenancy.in_workspace(house.cast.acme):
        return Inquiry.objects.count()


# Who gets in


def test_nobody_is_sent_to_sign_in_and_back_to_the_page(house: House, visit: Visit) -> None:
    for path in pages(house):
        response = visit().get(path)
        target = urlsplit(response["Location"])
        assert (response.status_code, target.netloc, target.path) == (302, "localhost:8000", "/enter/acme-web"), path
        assert parse_qs(target.query) == {"to": [path]}
        apex = visit(host="localhost").get(f"{target.path}?{target.query}")
        assert (apex.status_code, urlsplit(apex["Location"]).path) == (302, "/login/")


def test_nobody_who_sends_a_form_is_sent_to_sign_in_and_nothing_happens(house: House, visit: Visit) -> None:
    before = runs_there(house)
    for path, form in doors(house.planned).items():
        response = visit().post(path, form)
        assert (response.status_code, urlsplit(response["Location"]).path) == (302, "/enter/acme-web"), path
    assert runs_there(house) == before


def test_a_stranger_sees_nothing_but_404(house: House, visit: Visit) -> None:
    charlie = visit("charlie")
    for path in [*pages(house), "/", "/admin"]:
        response = charlie.get(path)
        assert response.status_code == 404, path
        assert "Harrow" not in text(response) and "Acme" not in text(response)
    for path, form in doors(house.planned).items():
        assert charlie.post(path, form).status_code == 404, path


def test_a_run_of_another_workspace_is_not_there(house: House, visit: Visit) -> None:
    charlie = visit("charlie", host=house.cast.globex_host)
    assert charlie.get("/research").status_code == 200
    for path in pages(house):
        if house.planned in path or house.published in path or house.drafted in path:
            response = charlie.get(path)
            # A plan that does not wait leads to its run's page, which is not there either.
            if response.status_code == 302:
                response = charlie.get(response["Location"])
            assert response.status_code == 404, path
    for path, form in doors(house.planned).items():
        if house.planned in path:
            assert charlie.post(path, form, follow=True).status_code == 404, path


def test_a_person_signs_in_once_on_the_apex_and_arrives_where_they_wanted(house: House, visit: Visit) -> None:
    browser = visit(host="localhost")
    wanted = f"/research/{house.planned}"
    entered = browser.get(f"/enter/acme-web?to={wanted}")
    signed = browser.post(entered["Location"], {"login": "bob-web@example.test", "password": PASSWORD})
    assert signed.status_code == 302
    ticket = browser.get(signed["Location"])
    arrival = urlsplit(ticket["Location"])
    assert arrival.netloc == f"{house.cast.acme_host}:8000"
    acme = visit()
    arrived = acme.get(f"{arrival.path}?{arrival.query}")
    assert (arrived.status_code, arrived["Location"]) == (302, wanted)
    assert acme.get(wanted).status_code == 200
    assert visit().get(f"{arrival.path}?{arrival.query}").status_code == 403
    left = acme.post("/leave")
    assert left["Location"] == "http://localhost:8000/logout/"
    assert acme.get(wanted).status_code == 302


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_nobody_is_led_away_from_the_workspace(house: House, visit: Visit, to: str) -> None:
    ticket = visit("bob", host="localhost").get("/enter/acme-web", {"to": to})
    arrival = urlsplit(ticket["Location"])
    assert parse_qs(arrival.query)["to"] == ["/research"]
    spent = parse_qs(arrival.query)["ticket"][0]
    assert visit().get("/hand-off", {"ticket": spent, "to": to})["Location"] == "/research"


# What a role may do


def test_a_viewer_reads_everything_and_changes_nothing(house: House, visit: Visit) -> None:
    vera = visit("vera")
    for path in pages(house):
        assert vera.get(path).status_code == 200, path
    before = runs_there(house)
    with tenancy.in_workspace(house.cast.acme):
        approval = policy.pending_approval(house.planned)
    assert approval is not None
    for path, form in doors(house.planned).items():
        response = vera.post(path, {**form, **({"approval": approval.id} if "approval" in form else {})})
        assert response.status_code == 403, path
        assert "does not allow this. Ask an owner or admin." in text(response), path
    with tenancy.in_workspace(house.cast.acme):
        assert runs.run(house.planned).state == "waiting_approval"
        assert Document.objects.count() == 2
    assert runs_there(house) == before


def test_a_researcher_accepts_plans_but_publishes_nothing(house: House, visit: Visit) -> None:
    run = house.start("plan", "publish")
    bob = visit("bob")
    assert bob.post(f"/research/{run}/plan", {"decision": "start"}).status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        approval = policy.pending_approval(run)
    assert approval is not None and approval.rule == "publish"
    assert 'value="accept"' not in bob.get(f"/research/{run}").content.decode()
    refused = bob.post(f"/research/{run}/decide", {"decision": "accept", "approval": approval.id})
    assert refused.status_code == 403
    assert "Your role in this workspace, researcher, does not allow this." in text(refused)


def test_a_role_that_pays_reads_no_research(house: House, visit: Visit) -> None:
    for path in pages(house):
        response = visit("paula").get(path)
        assert response.status_code == 403, path
        assert "Harrow" not in text(response)


# Decisions


def test_the_second_decision_is_told_who_was_first(house: House, visit: Visit) -> None:
    run = house.start("publish")
    with tenancy.in_workspace(house.cast.acme):
        approval = policy.pending_approval(run)
    assert approval is not None
    form = {"decision": "accept", "approval": approval.id, "reason": "Checked."}
    assert visit("alice").post(f"/research/{run}/decide", form).status_code == 302
    second = visit("alice").post(f"/research/{run}/decide", form | {"decision": "reject"})
    assert second.status_code == 409
    assert re.search(r"Already decided by Alice at \d{4}-\d\d-\d\d \d\d:\d\d: accepted\.", text(second))
    assert "409" in text(second) and "can't read" not in text(second)
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        assert runs.run(run).state == "completed"


def test_a_decision_for_another_run_or_none_is_refused(house: House, visit: Visit) -> None:
    run = house.start("publish")
    with tenancy.in_workspace(house.cast.acme):
        other = policy.pending_approval(house.drafted)
    assert other is not None
    alice = visit("alice")
    path = f"/research/{run}/decide"
    assert alice.post(path, {"decision": "accept", "approval": other.id}).status_code == 404
    assert alice.post(path, {"decision": "perhaps", "approval": other.id}).status_code == 422
    assert alice.post(path, {}).status_code == 422
    assert alice.post(f"/research/{run}/plan", {"decision": "x"}, follow=True).status_code in {200, 422}
    assert alice.get(path).status_code == 405


def test_a_run_is_cancelled_once_and_resumed_once(house: House, visit: Visit) -> None:
    run = house.start("plan")
    bob = visit("bob")
    assert bob.post(f"/research/{run}/resume").status_code == 409
    assert bob.post(f"/research/{run}/cancel").status_code == 302
    again = bob.post(f"/research/{run}/cancel")
    assert again.status_code == 409 and "This run has ended already." in text(again)
    assert "Cancelled" in text(bob.get(f"/research/{run}"))
    assert bob.post(f"/research/{run}/resume").status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        assert runs.run(run).state == "waiting_approval"


def test_a_report_is_not_there_until_it_is_published(house: House, visit: Visit) -> None:
    for run in (house.planned, house.drafted):
        for suffix in ("", ".pdf", ".md", ".html", ".json"):
            assert visit("alice").get(f"/research/{run}/report{suffix}").status_code == 404, (run, suffix)
    assert visit("alice").get(f"/research/{house.published}/report.docx").status_code == 404


# Forms that come back


def kept(response: HttpResponse) -> dict[str, str | list[str]]:
    """Return what the ask box holds in a page that came back."""
    body = response.content.decode()
    area = re.search(r"<textarea[^>]*name=\"question\".*?>(.*?)</textarea>", body, re.S)
    checked = re.findall(r"<input[^>]*?name=\"(\w+)\"[^>]*?value=\"([^\"]*)\"[^>]*?checked", body)
    cap = re.search(r"<input[^>]*name=\"source_cap\"[^>]*?value=\"([^\"]*)\"", body)
    assert area is not None and cap is not None
    found: dict[str, str | list[str]] = {"question": html.unescape(area[1]).strip("\n"), "source_cap": cap[1]}
    found |= {name: value for name, value in checked if name != "documents"}
    found["documents"] = [value for name, value in checked if name == "documents"]
    return found


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"question": "   "}, "Write a question first."),
        ({"question": "x" * 4001}, "at most 4000 characters (it has 4001)"),
        ({"question": "When\x00?"}, "Null characters are not allowed."),
        ({"source_cap": "0"}, "greater than or equal to 1"),
        ({"source_cap": "many"}, "Enter a whole number."),
        ({"source_cap": "4000"}, "less than or equal to 40"),
        ({"depth": "endless"}, "endless is not one of the available choices"),
        ({"mode": "magic"}, "magic is not one of the available choices"),
        ({"documents": "dv_none"}, "dv_none is not one of the available choices"),
    ],
)
def test_a_bad_form_comes_back_with_its_sentence_and_all_that_was_chosen(
    house: House, visit: Visit, wrong: dict[str, str], sentence: str
) -> None:
    form = ASK | {"scope": "chosen", "documents": house.documents[0], "depth": "deep", "source_cap": "7"} | wrong
    response = visit("bob").post("/research", form)
    assert response.status_code == 422
    assert sentence in text(response)
    back = kept(response)
    if "\x00" not in form["question"]:
        assert back["question"] == form["question"]
    assert back["source_cap"] == form["source_cap"] and back["scope"] == "chosen" and back["approval"] == ""
    for name in {"depth", "mode"} - set(wrong):
        assert back[name] == form[name]
    if "documents" not in wrong:
        assert back["documents"] == [house.documents[0]]


def test_a_file_that_cannot_be_read_comes_back_with_its_reason_and_the_question(house: House, visit: Visit) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    before = runs_there(house)
    files = [SimpleUploadedFile("photo.pdf", b"\x89PNG\r\n\x1a\n" + bytes(50)), SimpleUploadedFile("none.txt", b"")]
    response = visit("bob").post("/research", ASK | {"uploads": files})
    assert response.status_code == 422
    assert "photo.pdf:" in text(response) and "none.txt:" in text(response)
    assert kept(response)["question"] == QUESTION
    assert runs_there(house) == before


def test_no_document_chosen_says_what_to_do_and_keeps_the_question(house: House, visit: Visit) -> None:
    response = visit("bob").post("/research", ASK | {"scope": "chosen", "depth": "quick"})
    assert response.status_code == 422
    assert "Choose at least one document to read." in text(response)
    assert kept(response)["question"] == QUESTION and kept(response)["depth"] == "quick"


@pytest.mark.parametrize("question", NAUGHTY)
def test_whatever_is_typed_comes_back_as_text(house: House, visit: Visit, question: str) -> None:
    bob = visit("bob")
    for response in (
        bob.post("/research", ASK | {"question": question, "source_cap": "0"}),
        bob.get("/research", {"question": question}),
    ):
        assert response.status_code in {200, 422}
        assert "<script>alert" not in response.content.decode()
    priced = bob.post("/research/estimate", ASK | {"question": question})
    assert priced.status_code == 200
    asked = bob.post("/research", ASK | {"question": question})
    assert asked.status_code == (422 if "\x00" in question else 302)
    if asked.status_code == 302:
        page = bob.get(asked["Location"])
        assert page.status_code == 200 and "<script>alert" not in page.content.decode()
        assert bob.post(f"{asked['Location']}/cancel").status_code == 302


@pytest.mark.parametrize("raw", [b"%ED%A0%80", b"%00", b"%FF%FE", b"a%0D%0AX-Evil:1"])
def test_bytes_that_are_no_text_do_no_harm(house: House, visit: Visit, raw: bytes) -> None:
    bob = visit("bob")
    body = b"question=" + raw + b"&scope=all&depth=quick&source_cap=3&mode=mock"
    response = bob.post("/research", body, content_type="application/x-www-form-urlencoded")
    assert response.status_code in {302, 422}
    assert "X-Evil" not in response.headers
    place = raw.decode()
    for path in (
        f"/research?question={place}",
        f"/research?page={place}",
        f"/research/{house.published}/sources?show={place}",
    ):
        assert bob.get(path).status_code == 200, path
    assert bob.get(f"/research/{place}").status_code == 404
    assert bob.post(f"/research/{house.drafted}/decide", f"decision=accept&approval={place}",
                    content_type="application/x-www-form-urlencoded").status_code in {403, 404, 422}  # fmt: skip


def test_a_forged_form_is_refused(house: House, visit: Visit) -> None:
    before = runs_there(house)
    bob = visit("bob", forged=True)
    for path, form in doors(house.planned).items():
        assert bob.post(path, form).status_code == 403, path
        assert bob.post(path, form | {"csrfmiddlewaretoken": "a" * 64}).status_code == 403, path
    assert runs_there(house) == before
    page = bob.get("/research").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    assert bob.post("/research/estimate", ASK | {"csrfmiddlewaretoken": token[1]}).status_code == 200


# Money


def test_a_question_beyond_the_credits_is_offered_a_smaller_plan_that_fits(house: House, visit: Visit) -> None:
    before = runs_there(house)
    with tenancy.in_workspace(house.cast.acme):
        there = Balance.objects.get()
        Balance.objects.update(available=12)
    try:
        form = ASK | {"depth": "deep", "source_cap": "25"}
        response = visit("bob").post("/research", form)
        assert response.status_code == 402
        assert re.search(r"needs up to \d+ credits and the workspace has 12", text(response))
        assert kept(response)["question"] == QUESTION and kept(response)["depth"] == "deep"
        offer = re.search(r'name="use_smaller" value="(\w+:\d+)"', response.content.decode())
        assert offer is not None and "This would fit:" in text(response)
        assert runs_there(house) == before
        taken = visit("bob").post("/research", form | {"use_smaller": offer[1]})
        assert taken.status_code == 302
        with tenancy.in_workspace(house.cast.acme):
            inquiry = Inquiry.objects.get(pk=taken["Location"].split("/")[2])
            assert f"{inquiry.depth}:{inquiry.source_cap}" == offer[1] and inquiry.high <= 12
        for offer_made in ("deep:99999", "x:y", ":", "quick:"):
            assert visit("bob").post("/research", form | {"use_smaller": offer_made}).status_code == 422
    finally:
        with tenancy.in_workspace(house.cast.acme):
            Balance.objects.update(available=there.available)


def test_with_no_credit_at_all_there_is_a_sentence_and_no_offer(house: House, visit: Visit) -> None:
    with tenancy.in_workspace(house.cast.acme):
        there = Balance.objects.get()
        Balance.objects.update(available=0)
    try:
        response = visit("bob").post("/research", ASK)
        assert response.status_code == 402
        assert "the workspace has 0" in text(response) and "use_smaller" not in response.content.decode()
    finally:
        with tenancy.in_workspace(house.cast.acme):
            Balance.objects.update(available=there.available)


def test_the_estimate_is_a_fragment_and_asks_nothing_of_an_empty_box(house: House, visit: Visit) -> None:
    bob = visit("bob")
    priced = bob.post("/research/estimate", ASK)
    assert priced.content.lstrip().startswith(b'<div class="estimate" id="estimate"')
    assert re.search(r"About \d+ to \d+ credits", text(priced))
    assert "HX-Request" in priced["Vary"] and priced["Cache-Control"] == "no-store"
    assert "appears here" in text(bob.post("/research/estimate", ASK | {"question": ""}))
    assert bob.get("/research/estimate").status_code == 405


# What every answer carries


def test_every_answer_carries_its_headers(house: House, visit: Visit) -> None:
    answers = [visit("bob").get(path) for path in pages(house)]
    answers += [visit("charlie").get("/research"), visit("paula").get("/research"), visit("bob").get("/nothing")]
    answers += [visit(host="localhost").get("/login/"), visit("bob", host="localhost").get("/workspaces")]
    for answer in answers:
        policy_ = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy_ and "unsafe" not in policy_ and "frame-ancestors 'none'" in policy_
        assert "object-src 'none'" in policy_ and "base-uri 'none'" in policy_
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert re.fullmatch(r"[0-9a-f]{32}", answer["X-Request-Id"])
        assert re.search(r"private|no-store", answer["Cache-Control"])
    assert all(answer["X-Robots-Tag"] == "noindex" for answer in answers[:-2])


def test_the_host_of_nobody_carries_them_too(house: House, visit: Visit) -> None:
    answer = visit(host="nobody.localhost").get("/research")
    assert answer.status_code == 404
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_files_are_downloads_of_their_kind(house: House, visit: Visit) -> None:
    starts = {"pdf": b"%PDF-", "md": b"#", "html": b"<!doctype html>", "json": b"{"}
    for kind, start in starts.items():
        answer = visit("vera").get(f"/research/{house.published}/report.{kind}")
        assert answer["Content-Disposition"] == f'attachment; filename="{house.published}.{kind}"'
        assert answer.content.lstrip().lower().startswith(start.lower()), kind


def test_cookies_stay_on_their_host_and_out_of_scripts(house: House, visit: Visit) -> None:
    apex = visit(host="localhost")
    apex.get("/login/")
    apex.post("/login/", {"login": "bob-web@example.test", "password": PASSWORD})
    arrival = urlsplit(apex.get("/enter/acme-web")["Location"])
    acme = visit()
    acme.get(f"{arrival.path}?{arrival.query}")
    acme.get("/research")
    acme.post("/language", {"language": "de", "next": "/research"})
    assert {"footnote_session", "footnote_csrf", "django_language"} <= set(acme.cookies)
    for browser in (apex, acme):
        for name, cookie in browser.cookies.items():
            assert cookie["httponly"] is True, name
            assert cookie["domain"] == "", name
            assert cookie["samesite"] == "Lax", name
            assert cookie["path"] == "/", name


# States and languages


def test_a_workspace_without_documents_or_runs_says_how_to_begin(house: House, visit: Visit) -> None:
    charlie = visit("charlie", host=house.cast.globex_host)
    page = charlie.get("/research")
    assert page.status_code == 200
    assert "No document yet" in text(page)
    assert page.content.decode().count("data-sample") == 3
    assert charlie.get("/approvals").status_code == charlie.get("/documents").status_code == 200
    refused = charlie.post("/research", ASK)
    assert refused.status_code == 422 and "Choose at least one document" in text(refused)


@pytest.mark.parametrize(
    ("language", "direction", "word"),
    [("de", "ltr", "Recherche"), ("ja", "ltr", "調査"), ("ar", "rtl", "بحث"), ("en", "ltr", "Research")],
)
def test_every_page_speaks_the_language_of_its_reader(
    house: House, visit: Visit, language: str, direction: str, word: str
) -> None:
    for person, found in (("alice", pages(house)), ("charlie", ["/research"]), ("paula", ["/research"])):
        for path in found:
            answer = visit(person, language=language).get(path)
            if "/report." in path:
                assert answer.status_code == 200
                continue
            assert f'<html lang="{language}" dir="{direction}"' in answer.content.decode(), path
            assert answer["Content-Language"] == language
    assert word in text(visit("alice", language=language).get("/research"))
    for path in ("/workspaces", "/new"):
        answer = visit("alice", host="localhost", language=language).get(path)
        assert f'<html lang="{language}" dir="{direction}"' in answer.content.decode(), path


def test_a_chosen_language_is_kept_and_a_strange_one_is_not(house: House, visit: Visit) -> None:
    bob = visit("bob")
    assert bob.post("/language", {"language": "fr", "next": "/research"}).status_code == 302
    assert '<html lang="fr"' in bob.get("/research").content.decode()
    bob.post("/language", {"language": "xx", "next": "/research"})
    assert '<html lang="fr"' in bob.get("/research").content.decode()
    assert bob.post("/language", {"language": "de", "next": "https://evil.example/"})["Location"] == "/"
