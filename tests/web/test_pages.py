"""Pages over HTTP: who gets in, what every answer carries, states and languages."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import PASSWORD
from tests.web.conftest import House
from tests.web.reading import ASK, Visit, doors, pages, runs_there, text


def test_nobody_is_sent_to_sign_in_and_back_to_the_page(house: House, visit: Visit) -> None:
    for path in pages(house):
        response = visit().get(path)
        target = urlsplit(response["Location"])
        assert (response.status_code, target.netloc, target.path) == (302, "localhost:8000", f"/enter/{house.slug}"), (
            path
        )
        assert parse_qs(target.query) == {"to": [path]}
        apex = visit(host="localhost").get(f"{target.path}?{target.query}")
        assert (apex.status_code, urlsplit(apex["Location"]).path) == (302, "/login/")


def test_nobody_who_sends_a_form_is_sent_to_sign_in_and_nothing_happens(house: House, visit: Visit) -> None:
    before = runs_there(house)
    for path, form in doors(house.planned).items():
        response = visit().post(path, form)
        assert (response.status_code, urlsplit(response["Location"]).path) == (302, f"/enter/{house.slug}"), path
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
    entered = browser.get(f"/enter/{house.slug}?to={wanted}")
    signed = browser.post(entered["Location"], {"login": house.mail("bob"), "password": PASSWORD})
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
    ticket = visit("bob", host="localhost").get(f"/enter/{house.slug}", {"to": to})
    arrival = urlsplit(ticket["Location"])
    assert parse_qs(arrival.query)["to"] == ["/research"]
    spent = parse_qs(arrival.query)["ticket"][0]
    assert visit().get("/hand-off", {"ticket": spent, "to": to})["Location"] == "/research"


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
    apex.post("/login/", {"login": house.mail("bob"), "password": PASSWORD})
    arrival = urlsplit(apex.get(f"/enter/{house.slug}")["Location"])
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
    # Who signed in took the language along.
    acme.post("/language", {"language": "en", "next": "/research"})


def test_a_workspace_without_documents_or_runs_says_how_to_begin(house: House, visit: Visit) -> None:
    charlie = visit("charlie", host=house.cast.globex_host)
    page = charlie.get("/research")
    assert page.status_code == 200
    assert "No document yet" in text(page)
    assert page.content.decode().count("data-sample") == 3
    assert charlie.get("/approvals").status_code == charlie.get("/datasets").status_code == 200
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
    bob.post("/language", {"language": "en"})


def test_a_page_asks_the_database_no_question_many_times(house: House, visit: Visit) -> None:
    alice, often = visit("alice"), []
    more = ("/policies", "/policies/tools", "/policies/agents", "/settings/members", "/notices", "/research/new")
    for path in (*pages(house), *more):
        with CaptureQueriesContext(connection) as asked:
            alice.get(path)
        counts = Counter(one["sql"] for one in asked.captured_queries if one["sql"].startswith('SELECT "'))
        often += [f"{path}: {count} times {sql[:200]}" for sql, count in counts.items() if count > 5]
    assert often == []
