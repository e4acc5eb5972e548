"""Names as people and attackers write them: each becomes a name that can be stored, shown and saved again."""

from __future__ import annotations

import unicodedata

import pytest

from apps.library.rules import MOST_NAME, cut_pages, file_name

NAUGHTY = [
    "", " ", ".", "..", "...", "/", "//", "\\", "~", "-", "--help", "-rf", "CON", "nul.txt", "aux.md",
    "../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\fakepath\\a.txt", "a/b/c.txt", "a\\b.txt",
    "a\x00b.txt", "a\x00.exe.txt", "\x07bell.txt", "a\nb.txt", "a\r\nSet-Cookie: x.txt", "a\tb.txt", "\x1b[31mr.txt",
    "invoice\u202efdp.exe.txt", "\u202dabc.txt", "\u2066a\u2069.txt", "\u200f\u200e.txt", "a\u200bb.txt", "\ufeffa.txt",
    "\u00ada.txt", "\u2028a.txt", "\U000e0041tag.txt", "\u3164.txt", "\ud800lone.txt", "a\udfff.txt", "a\ufffe.txt",
    "<script>alert(1)</script>.txt", "\"><img src=x onerror=alert(1)>.txt", "' OR 1=1 --.txt", "'; DROP TABLE x;.txt",
    "{{ 7*7 }}.txt", "{% csrf_token %}.txt", "${7*7}.txt", "$(reboot).txt", "`id`.txt", "%s%n%x.txt", "%00.txt",
    "a.txt;.exe", "a;filename=b.txt", "a\";filename=\"b.txt", "a%22.txt", "=cmd|'/c calc'!A0.csv", "@SUM(1).csv",
    "héllo.txt", "he\u0301llo.txt", "Ünïcödé.txt", "日本語のファイル.txt", "عربى.txt", "ملف\u200cها.txt", "हिन्दी.txt",
    "😀👩‍👩‍👧‍👦.txt", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘.txt", "ﷺ.txt", "a" + "\u0301" * 400 + ".txt",
    "a" * 300, "a" * 300 + ".txt", "日" * 300 + ".txt", "a." + "b" * 300, "." + "a" * 300, "a" * 5000 + ".pdf",
    ".htaccess", ".a", "a.", "a ", " a", "a..txt", "  many   spaces  .txt", "undefined", "null", "NaN", "true", "0",
]  # fmt: skip


@pytest.mark.parametrize("raw", NAUGHTY, ids=range(len(NAUGHTY)))
def test_a_name_becomes_one_that_can_be_stored_shown_and_saved(raw: str) -> None:
    made = file_name(raw)
    assert len(made.name) <= MOST_NAME
    assert not set(made.name) & {"/", "\\", "\n", "\r", "\t", "\x00"}
    made.name.encode()  # Postgres and the header of a download take it
    kinds = {unicodedata.category(letter) for letter in made.name}
    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
    assert {c for c in made.name if unicodedata.category(c) == "Cf"} <= {"\u200c", "\u200d"}
    assert made.name == made.name.strip()
    assert file_name(raw) == made


def test_there_are_more_than_sixty_of_them() -> None:
    assert len(set(NAUGHTY)) > 60


def test_a_name_that_reads_backwards_loses_what_turns_it() -> None:
    assert file_name("invoice\u202efdp.txt") == ("invoicefdp.txt", True, False)


def test_a_long_name_keeps_its_suffix() -> None:
    made = file_name("a" * 300 + ".txt")
    assert (len(made.name), made.name[-6:], made.cut) == (255, "a….txt", True)


@pytest.mark.parametrize(
    "name", ["héllo.txt", "日本語.txt", "ملف\u200cها.txt", "👩‍👩‍👧.txt", ".gitignore", "a b (1).txt"]
)
def test_an_honest_name_stays_as_it_is(name: str) -> None:
    assert file_name(name) == (name, False, False)


def test_the_pages_of_a_text_are_the_text() -> None:
    text = "".join(f"Paragraph {n} is about the gate and its keeper.\n\n" for n in range(900)) + "x" * 20_000
    pages = cut_pages(text)
    assert "".join(text[page.start : page.end] for page in pages) == text
    assert max(page.end - page.start for page in pages) <= 6_000
    assert text[: pages[0].end].endswith("\n\n")
    assert cut_pages("") == ()
