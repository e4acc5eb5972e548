"""The files of a report: JSON by its schema, Markdown, HTML."""

from __future__ import annotations

import doctest
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.utils import translation
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from playwright.sync_api import Browser

from apps.accounts import tenancy
from apps.research.formats import html, markdown, pages, record
from apps.research.formats.typesetting import runs
from apps.research.queries import documents
from apps.research.queries.documents import Disagreement, ReportDocument, Section
from tests.conftest import Cast, make_cast
from tests.journeys import browsers
from tests.research.papers import Paper
from tests.research.test_run import start

SCHEMA = json.loads((Path(settings.BASE_DIR) / "docs" / "report.schema.json").read_text())
QUESTION = "When was the Harrow dam opened and how much water does it hold?"
HOSTILE = [
    "</p></main><script>alert(1)</script>",
    "<pdf:insertpdf src='/etc/passwd' /><img src=http://169.254.169.254/latest>",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "[l](javascript:alert(1)) ![x](http://x.test/y.png) **bold** `code` ~~gone~~ $x$",
    "# Heading",
    "1. One",
    "- dash",
    "{{ report.run }} {% include 'x' %}",
    '" onload="alert(1)',
    "NUL\x00 bell\x07 \u202etxt.exe \u2066 lone \ud800",
]
VOID = ("script", "img", "iframe", "link", "object", "form", "base", "audio", "video")


def hostile() -> ReportDocument:
    paper = Paper(HOSTILE[0], HOSTILE[1])
    said = []
    for text in HOSTILE:
        number = paper.source(text, text, where="javascript:alert(1)" if text is HOSTILE[2] else 'https://x.test/"><b>')
        said.append(paper.say(text, number))
    sections = [Section(text, (sentence,)) for text, sentence in zip(HOSTILE, said, strict=True)]
    return paper.report(said, sections, [Disagreement(HOSTILE[0], tuple(said[:4]))], HOSTILE, asked_by=HOSTILE[8])


def usual() -> ReportDocument:
    paper = Paper("How much did it cost?")
    first = paper.source("Report", "It cost 412 million. It was late.", "report.docx")
    second = paper.source("Review", "It cost 467 million.", "https://x.test/review", date(2018, 9, 5))
    paper.source("Minutes", "Nothing.", "minutes.txt", None)
    one, two = paper.say("It cost 412 million.", first), paper.say("It cost 467 million.", second)
    sure = paper.say("Both say millions.", first, second, quote="million", verdict="inferred")
    return paper.report(
        [two], [Section("What it cost", (one, two, sure))], [Disagreement("Cost", (two, one))], ["Who paid?"]
    )  # fmt: skip


def tree(body: bytes) -> html5lib.treebuilders.base.TreeBuilder:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(body.decode())


def test_a_real_run_gives_a_report_that_its_schema_describes(committed: Cast) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    with tenancy.in_workspace(committed.acme):
        value = json.loads(record.render(documents.load(start(committed, QUESTION))))
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)
    texts = {source["number"]: source["text"] for source in value["sources"]}
    cited = [citation for sentence in value["sentences"] for citation in sentence["citations"]]
    assert cited
    for citation in cited:
        assert texts[citation["source"]][citation["start"] : citation["end"]] == citation["quote"]
    assert all(source["where"] and source["title"] and source["text"] for source in value["sources"])


def test_the_schema_refuses_a_citation_without_a_source(committed: Cast) -> None:
    value = json.loads(record.render(usual()))
    value["versions"] = {"workflow": "1", "models": []}
    check = Draft202012Validator(SCHEMA)
    check.validate(value)
    del value["sentences"][0]["citations"][0]["source"]
    assert not check.is_valid(value)


def test_the_same_question_and_documents_give_the_same_bytes_times_and_ids_apart(committed: Cast) -> None:
    bodies = []
    for cast in (committed, make_cast("formats-again")):
        with tenancy.in_workspace(cast.acme):
            run = start(cast, QUESTION)
            body = record.render(documents.load(run)).decode()
        assert body.count(run) == 1
        body = re.sub(r'"(created_at|published_at|fetched_at)": "[^"]+"', r'"\1": "T"', body.replace(run, "RUN"))
        bodies.append(body)
    assert bodies[0] == bodies[1]
    for prefix in ("doc_", "dov_", "snp_", "src_", "task_", "tsk_", "call_"):
        assert prefix not in bodies[0]


def test_markdown_numbers_every_footnote_once_and_uses_each() -> None:
    text = markdown.render(usual()).decode()
    told = re.findall(r"^\[\^(\d+)\]: ", text, re.M)
    used = re.findall(r"\[\^(\d+)\](?!:)", text)
    assert told == ["1", "2", "3", "4"] and set(used) == set(told)
    assert "Both say millions.[^3][^4] *(inferred)*" in text
    assert "## Sources disagree" in text and "- Who paid?" in text
    for source in usual().sources:
        assert source.sha256 in text


def test_hostile_text_stays_text_in_markdown() -> None:
    text = markdown.render(hostile()).decode()
    drawn = MarkdownIt("commonmark", {"html": True}).enable("strikethrough").render(text)
    found = tree(f"<!doctype html><html><head><title>x</title></head><body>{drawn}</body></html>".encode())
    allowed = {"html", "head", "title", "body", "h1", "h2", "p", "ul", "ol", "li", "strong", "em", "code"}
    assert {element.tag for element in found.iter()} <= allowed
    words = " ".join("".join(found.itertext()).split())
    for harmless in (HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[3], "# Heading", "1. One", "- dash"):
        assert words.count(harmless) >= 3, harmless
    assert "\x00" not in text and "\u202e" not in text


def test_hostile_text_stays_text_in_html() -> None:
    found = tree(html.render(hostile()))
    assert not [element for element in found.iter() if element.tag in VOID]
    assert not [name for element in found.iter() for name in element.attrib if name.startswith("on")]
    for element in found.iter("a"):
        assert element.attrib["href"].startswith(("#", "https://x.test/"))
    words = " ".join("".join(found.itertext()).split())
    for text in HOSTILE[:9]:
        assert words.count(text) >= 3, text


def test_html_is_valid_and_its_links_lead_both_ways() -> None:
    found = tree(html.render(usual()))
    ids = [element.attrib["id"] for element in found.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    links = [element.attrib["href"] for element in found.iter("a")]
    for link in links:
        assert link == "https://x.test/review" or link[1:] in ids, link
    for number in range(1, 5):
        assert f"#note-{number}" in links and f"#mark-{number}" in links


def test_a_paragraph_has_one_direction_and_at_most_four_sentences_and_a_table_row_none_beside_it() -> None:
    paper = Paper()
    english, arabic = "The North Loop was opened.", "افتتح الخط الشمالي في 3 مايو 2016."
    source = paper.source("Both", f"{english} {arabic}")
    row = "The North Loop"
    said = [paper.say(text, source) for text in [*[english] * 6, arabic, english, row, row, english]]
    found = pages.paragraphs(said)
    assert [len(lines) for lines in found] == [4, 2, 1, 1, 1, 1, 1]
    assert found[2][0].text == arabic and found[4][0].text == row
    body = html.render(paper.report(said)).decode()
    assert f'<p dir="auto">{arabic}' in body


def test_the_words_around_a_report_are_translated() -> None:
    with translation.override("de"):
        body = html.render(usual()).decode()
    assert '<html lang="de"' in body and "Quellen" in body


def test_examples_in_the_docstrings_hold() -> None:
    for module in (runs, markdown):
        result = doctest.testmod(module)
        assert result.attempted and not result.failed


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browsers.chromium() as started:
        yield started


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (1200, "dark"), (320, "dark")])
def test_html_asks_for_nothing_and_axe_finds_nothing(
    chromium: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    asked = []
    for name, report in {"usual": usual(), "hostile": hostile()}.items():
        path = tmp_path / f"{name}.html"
        path.write_bytes(html.render(report))
        page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.close()
    assert len(asked) == 2 and all(url.startswith("file:") for url in asked)
