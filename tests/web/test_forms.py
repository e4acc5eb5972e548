"""Forms that come back: with a sentence, with all that was typed, and with an offer where credits are short."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts import tenancy
from apps.billing import queries as billing
from apps.billing.actions import credits
from apps.lib import ids
from apps.research import rules
from apps.research.models import Inquiry
from tests.web.conftest import QUESTION, House
from tests.web.reading import ASK, Visit, doors, kept, runs_there, text

# What people paste: none of it may break a page or come out as markup.
NAUGHTY = (
    "<script>alert(1)</script>", "'; DROP TABLE runtime_run; --", "{{ 7|add:7 }}{% load x %}", "%s %(x)s %n",
    "\u202egnirts lanretni", "👩‍👩‍👧‍👦 é ﷽ ￾", "\u0000".join("ab"), "../../etc/passwd", "ＱＵＥＳＴＩＯＮ\u200b?",
)  # fmt: skip


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
    assert back["source_cap"] == form["source_cap"] and back["scope"] == "chosen" and back["approval"] == "on"
    for name in {"depth", "mode"} - set(wrong):
        assert back[name] == form[name]
    if "documents" not in wrong:
        assert back["documents"] == [house.documents[0]]


def test_a_file_that_cannot_be_read_comes_back_with_its_reason_and_the_question(house: House, visit: Visit) -> None:
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


def leave(house: House, credits_left: int) -> int:
    """Take credits away until so many are left; return how many were taken."""
    cast = house.cast
    with tenancy.in_workspace(cast.acme):
        taken = billing.balance(cast.acme).available - credits_left
        credits.take_back(
            by=cast.alice, approved_by=cast.bob, workspace=cast.acme, credits=taken, key=ids.new("take"), note="a test"
        )
    return taken


def give_back(house: House, taken: int) -> None:
    with tenancy.in_workspace(house.cast.acme):
        credits.grant(by=None, workspace=house.cast.acme, credits=taken, key=ids.new("grant"))


def test_a_question_beyond_the_credits_is_offered_a_smaller_plan_that_fits(house: House, visit: Visit) -> None:
    before = runs_there(house)
    lent = leave(house, 20)
    try:
        form = ASK | {"depth": "deep", "source_cap": "25"}
        response = visit("bob").post("/research", form)
        assert response.status_code == 402
        assert re.search(r"needs up to \d+ credits and the workspace has 20", text(response))
        assert kept(response)["question"] == QUESTION and kept(response)["depth"] == "deep"
        offer = re.search(r'name="use_smaller" value="(\w+:\d+)"', response.content.decode())
        assert offer is not None and "This would fit:" in text(response)
        assert runs_there(house) == before
        taken = visit("bob").post("/research", form | {"use_smaller": offer[1]})
        assert taken.status_code == 302
        with tenancy.in_workspace(house.cast.acme):
            inquiry = Inquiry.objects.get(pk=taken["Location"].split("/")[2])
            assert offer[1].startswith(f"{inquiry.depth}:") and inquiry.high <= 20
        for offer_made in ("deep:99999", "x:y", ":", "quick:"):
            assert visit("bob").post("/research", form | {"use_smaller": offer_made}).status_code == 422
    finally:
        give_back(house, lent)


def test_with_no_credit_at_all_there_is_a_sentence_and_no_offer(house: House, visit: Visit) -> None:
    lent = leave(house, 0)
    try:
        response = visit("bob").post("/research", ASK)
        assert response.status_code == 402
        assert "the workspace has 0" in text(response) and "use_smaller" not in response.content.decode()
    finally:
        give_back(house, lent)


def test_the_estimate_is_a_fragment_and_asks_nothing_of_an_empty_box(house: House, visit: Visit) -> None:
    bob = visit("bob")
    priced = bob.post("/research/estimate", ASK)
    assert priced.content.lstrip().startswith(b'<div class="estimate" id="estimate"')
    assert re.search(r"About \d+ to \d+ credits", text(priced))
    assert "HX-Request" in priced["Vary"] and priced["Cache-Control"] == "no-store"
    assert "appears here" in text(bob.post("/research/estimate", ASK | {"question": ""}))
    assert bob.get("/research/estimate").status_code == 405


def test_the_box_says_how_many_parts_each_depth_has(house: House, visit: Visit) -> None:
    said = text(visit("bob").get("/research"))
    words = {2: "two sub-questions", 4: "up to four", 6: "up to six"}
    for name, depth in rules.DEPTHS.items():
        assert f"{name.title()} {words[depth.sub_questions]}" in said
