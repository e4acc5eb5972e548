"""The PDF: what stands in it, where its links lead, what it refuses, how long it takes."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation
from pypdf import PdfReader

from apps.research.formats import pdf
from apps.research.queries.documents import Disagreement, ReportDocument, Section
from tests.research.papers import MADE, Paper
from tests.research.test_formats import HOSTILE, hostile, usual

pytestmark = pytest.mark.sample_of_file(5)

ARABIC = "بلغت تكلفة الخط الشمالي 467 مليون كرونة."
SCRIPTS = {
    "Greek": "Η γέφυρα άνοιξε στις 4 Μαΐου.",
    "Cyrillic": "Плотина была открыта 4 мая.",
    "Japanese": "北環状線の建設費は四億六千七百万クローネだった。",
    "Chinese": "北环线的建设费用为四亿克朗。",
    "Korean": "북부 순환선의 건설비는 사억 크로네였다.",
    "Hebrew": "הקו הצפוני עלה 467 מיליון כתר.",
    "Vietnamese": "Tuyến vòng phía Bắc tiêu tốn 467 triệu.",
    "Czech": "Příliš žluťoučký kůň úpěl ďábelské ódy.",
}


def many(sentences: int) -> ReportDocument:
    paper = Paper("A long report")
    texts = [f"Pipe number {n} of the heat network was laid between two streets of the old town." for n in range(250)]
    for n in range(0, 250, 10):
        paper.source(f"Document {n}", " ".join(texts[n : n + 10]), f"https://x.test/{n}/" + "long-name-" * 12)
    said = [paper.say(texts[n % 250], n % 250 // 10 + 1) for n in range(sentences)]
    sections = [Section(f"Section {n}", tuple(said[n : n + 15])) for n in range(0, sentences, 15)]
    return paper.report(said[:4], sections, [Disagreement("Streets", tuple(said[:3]))], ["Who paid?"] * 10)


def of(*texts: str) -> ReportDocument:
    paper = Paper(texts[0])
    said = [paper.say(text, paper.source(text, text)) for text in texts]
    return paper.report(said, [Section(text, (one,)) for text, one in zip(texts, said, strict=True)])


@cache
def read(body: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(body))


def words(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def links(reader: PdfReader) -> list[tuple[int, Any]]:
    """Return (page, target) of every link: a URI, or (page, height) of an inner one. Pages from 0."""
    number = {page.indirect_reference.idnum: index for index, page in enumerate(reader.pages)}
    found: list[tuple[int, Any]] = []
    for index, page in enumerate(reader.pages):
        for reference in page.get("/Annots", ()):
            link = reference.get_object()
            if "/Dest" in link:
                found.append((index, number[link["/Dest"][0].idnum]))
            else:
                found.append((index, link["/A"]["/URI"]))
    return found


def pieces(reader: PdfReader, page: int) -> list[tuple[str, str]]:
    """Return (text, font) in the order in which they stand on the lines, from the left."""
    found: list[tuple[str, str]] = []

    def visit(text: str, _current: object, _matrix: object, font: dict[str, str] | None, _size: float) -> None:
        if text.strip():
            found.append((text.strip(), str(font["/BaseFont"]).split("+")[-1] if font else ""))

    reader.pages[page].extract_text(visitor_text=visit)
    return found


def test_a_usual_report_has_all_its_parts() -> None:
    report = usual()
    reader = read(pdf.render(report))
    cover = reader.pages[0].extract_text()
    for part in ("How much did it cost?", "2026-11-22 09:47 UTC", "Alice", "Bob", "2 cited of 3 read", "7 credits"):
        assert part in cover
    assert "6: 5 sourced, 1 inferred" in " ".join(cover.split())
    text = words(reader)
    for part in ("Summary", "What it cost", "Sources disagree", "Not answered", "Who paid?", "Footnotes", "inferred"):
        assert part in text
    for source in report.sources:
        assert source.sha256 in text and source.where in text
    assert "2018-09-05" in text and "not cited" in text


def test_pages_are_numbered_and_the_contents_are_right() -> None:
    reader = read(pdf.render(many(120)))
    count = len(reader.pages)
    for index, page in enumerate(reader.pages):
        if index:
            lines = " ".join(page.extract_text().split())
            assert f"{index + 1} / {count}" in lines and "A long report" in lines
    outline = {entry["/Title"]: reader.get_destination_page_number(entry) for entry in reader.outline}  # type: ignore[call-overload,arg-type]
    assert len(outline) == 8 + 5
    contents = reader.pages[1].extract_text().split("\n")
    for title, page in outline.items():
        at = contents.index(title)
        assert contents[at - 1].strip() == str(page + 1), title
    targets = [target for page, target in links(reader) if page == 1]
    assert targets[: len(outline)] == list(outline.values())


def test_footnotes_lead_to_their_note_and_back() -> None:
    reader = read(pdf.render(many(60)))
    found = links(reader)
    notes = next(reader.get_destination_page_number(e) for e in reader.outline if e["/Title"] == "Footnotes")  # type: ignore[index,arg-type]
    inner = [link for link in found if isinstance(link[1], int)]
    forth = [link for link in inner if link[0] < notes <= link[1]]
    back = [link for link in inner if link[0] > notes > link[1]]
    assert len(forth) > 50 and len(back) > 70
    # A line of the contents each, a numeral per citation, three links per note: back twice, and to its source.
    assert len(inner) == 9 + (4 + 60 + 3) + 3 * 60
    urls = [target for _, target in found if isinstance(target, str)]
    assert urls and all(url.startswith("https://x.test/") for url in urls)


def test_the_file_says_what_it_is() -> None:
    reader = read(pdf.render(usual()))
    about = reader.metadata
    assert about is not None
    assert (about.title, about.author, about.subject) == ("How much did it cost?", "Alice", "How much did it cost?")
    assert about.creation_date == MADE
    assert reader.root_object["/Lang"] == "en"
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    with translation.override("de"):
        assert read(pdf.render(usual())).root_object["/Lang"] == "de"


def test_the_same_report_gives_the_same_bytes() -> None:
    report = of(ARABIC, *SCRIPTS.values())
    assert pdf.render(report) == pdf.render(report)


def test_every_script_is_drawn_by_a_face_that_has_it() -> None:
    reader = read(pdf.render(of(*SCRIPTS.values())))
    text = words(reader)
    for script in ("Greek", "Cyrillic", "Japanese", "Chinese", "Korean", "Vietnamese", "Czech"):
        assert SCRIPTS[script].split()[-1] in text, script
    assert "[…]" not in text
    fonts = {font["/BaseFont"]: font for page in reader.pages for font in _fonts(page)}
    drawn = [name for name in fonts if "Footnote" in name]
    assert len(drawn) >= 9
    assert set(fonts) - set(drawn) <= {"/Helvetica"}  # named by anchors, draws nothing
    assert all("/FontFile2" in fonts[name]["/FontDescriptor"] for name in drawn)
    used = {font for index in range(len(reader.pages)) for _, font in pieces(reader, index)}
    assert not [font for font in used if not font.startswith("Footnote")]


def _fonts(page: Any) -> list[Any]:
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


def test_arabic_and_hebrew_stand_in_visual_order_and_on_the_right() -> None:
    reader = read(pdf.render(of(ARABIC, SCRIPTS["Hebrew"], "English.")))
    line = [text for text, _ in pieces(reader, 1)]
    # From the left: mark, full stop, "million crowns", 467, "the North Loop cost", letters joined.
    arabic = ["1", ".", "\ufee3\ufee0\ufef4\ufeee\ufee5 \ufedb\ufeae\ufeed\ufee7\ufe94", "467"]
    at = next(i for i in range(len(line)) if line[i : i + 4] == arabic)
    assert line[at + 4].startswith("\ufe91\ufee0\ufed0\ufe96 ")
    hebrew = [".", "מיליון כתר", "467", "הקו הצפוני עלה"]
    assert any(line[i : i + 4] == hebrew for i in range(len(line)))


def test_what_no_font_has_becomes_something_harmless() -> None:
    reader = read(pdf.render(of("It works \U0001f389\U0001f469\u200d\U0001f469 fine.", "The \u0939\u093f\u0928 word.")))
    text = words(reader)
    assert "It works fine." in text
    assert "The […] word." in text
    assert "cannot draw" in text
    assert "cannot draw" not in words(read(pdf.render(usual())))


def test_hostile_text_is_drawn_as_text() -> None:
    reader = read(pdf.render(hostile()))
    text = words(reader)
    for part in ("<script>alert(1)</script>", "<pdf:insertpdf src='/etc/passwd' />", "&lt;b&gt;", "{{ report.run }}"):
        assert part in text
    assert "root:" not in text
    uris = {target for _, target in links(reader) if isinstance(target, str)}
    assert uris == {"https://x.test/%22%3E%3Cb%3E"}
    assert reader.metadata is not None and reader.metadata.title == HOSTILE[0]


def test_the_child_fetches_nothing_and_reads_no_file() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        here = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        page = (
            f"<html><head><link rel=stylesheet href={here}.css><style>@import url({here}.css);"
            f"@font-face{{font-family:x;src:url({here}.ttf)}} @font-face{{font-family:y;src:url(file:///etc/passwd)}}"
            f"body{{background-image:url({here}.png)}}</style></head><body><p>Still here.</p><img src='{here}.png'>"
            f"<img src='/etc/hostname'><pdf:insertpdf src='{here}.pdf'></pdf:insertpdf></body></html>"
        )
        reader = read(pdf.draw(page, made_at=MADE))
        with pytest.raises(TimeoutError):
            server.accept()
    assert words(reader) == "Still here."
    assert not reader.pages[0].images


@pytest.mark.parametrize("limits", [{"memory_bytes": 50 << 20}, {"wall_seconds": 0.05}])
def test_a_limit_ends_the_child_with_a_sentence(limits: dict[str, Any]) -> None:
    with pytest.raises(pdf.NotDrawn, match="could not be drawn"):
        pdf.draw("<p>Text</p>", made_at=MADE, **limits)


def test_a_page_that_never_ends_is_refused() -> None:
    with pytest.raises(pdf.NotDrawn, match="document"):
        pdf.draw("<p>" + "x " * 7_000_000 + "</p>", made_at=MADE)


def test_an_unanswered_question_and_a_draft_are_drawn_too() -> None:
    paper = Paper("What is the airspeed of a swallow?")
    paper.source("Minutes", "Nothing.")
    text = words(read(pdf.render(paper.report(gaps=["Airspeed"], state="draft", published_at=None, approved_by=""))))
    assert "The one source that was read does not answer this question." in text and "Draft" in text
    assert "Approved by" not in text
    assert "Not answered" not in text
    assert "No source was read, so nothing answers this question." in words(read(pdf.render(Paper("What?").report())))


def test_long_words_stay_within_the_page() -> None:
    reader = read(pdf.render(of("Wide", "W" * 900, "https://x.test/" + "a/" * 400, "北" * 400)))
    lines = "\n".join(page.extract_text() for page in reader.pages).split("\n")
    widest = {letter: max(line.count(letter) for line in lines) for letter in ("W", "a/", "北")}
    assert widest["W"] < 48 and widest["a/"] < 60 and widest["北"] < 46
    assert sum(line.count("W") for line in lines) > 1800


def test_the_child_starts_lean_and_a_long_report_ends_in_time() -> None:
    names = "faces, contents, headings, lines, markup, child"
    code = f"import sys; from apps.research.formats.typesetting import {names}; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
    started = time.monotonic()
    reader = read(pdf.render(many(300)))
    assert len(reader.pages) > 20
    assert time.monotonic() - started < 30  # about 2 s on a quiet machine


def test_the_fonts_are_small_and_licensed() -> None:
    folder = Path(settings.BASE_DIR) / "apps/research/formats/typesetting/fonts"
    assert sum(path.stat().st_size for path in folder.glob("*.ttf")) < 2_500_000
    licence = (folder / "LICENSE.txt").read_text()
    for path in folder.glob("*.ttf"):
        assert path.stem in licence
