"""Files that mean harm are refused with the reason; those that only look like it are read."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from apps.library.extraction import child
from apps.library.extraction.limits import parse_apart
from apps.library.extraction.text import Unreadable, extract
from tests.library import hostile as h

ROOT = Path(__file__).resolve().parents[2]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
PACKAGER = OLE + "\x01Ole10Native".encode("utf-16-le")
JAR = h.with_parts(h.word(), {})


def stored_bomb(name: str = "word/document.xml") -> bytes:
    return h.with_parts(h.word(), {name: b"<a>" + b" " * 60_000_000 + b"</a>"})


REFUSED = {
    # bombs
    "a document of sixty megabytes of nothing": (stored_bomb(), "a.docx", "bomb"),
    "a sheet of sixty megabytes of nothing": (
        h.with_parts(h.sheet(), {"xl/worksheets/sheet1.xml": b"<a>" + b" " * 60_000_000}), "a.xlsx", "bomb",
    ),
    "an image part that unpacks to far more": (stored_bomb("word/media/image1.png"), "a.docx", "bomb"),
    "ten thousand parts": (
        h.with_parts(h.word(), {f"word/p{n}.xml": b"<a/>" for n in range(10_000)}), "a.docx", "bomb",
    ),
    "parts that share their bytes": (h.overlapping(), "a.docx", "bomb"),
    "an archive inside": (h.with_parts(h.word(), {"word/inner.zip": b"PK\x03\x04"}), "a.docx", "bomb"),
    "entities in the text": (h.entities(h.word(), "word/document.xml"), "a.docx", "entities"),
    "entities in UTF-16": (h.entities(h.word(), "word/document.xml", "utf-16"), "a.docx", "entities"),
    "entities in the properties": (h.entities(h.word(), "docProps/core.xml"), "a.docx", "entities"),
    "entities in a sheet": (h.entities(h.sheet(), "xl/worksheets/sheet1.xml"), "a.xlsx", "entities"),
    # macros and what runs
    "a macro in a document": (h.with_parts(h.word(), {"word/vbaProject.bin": OLE}), "a.docx", "macros"),
    "a macro in a workbook": (h.with_parts(h.sheet(), {"xl/vbaProject.bin": OLE}), "a.xlsx", "macros"),
    "a macro in capitals": (h.with_parts(h.sheet(), {"XL/VBAPROJECT.BIN": OLE}), "a.xlsx", "macros"),
    "a macro of Excel 4": (h.with_parts(h.sheet(), {"xl/macrosheets/sheet1.xml": b"<a/>"}), "a.xlsx", "macros"),
    "a macro document renamed": (
        h.changed(h.word(), "[Content_Types].xml", lambda body: body.replace(
            b"wordprocessingml.document.main", b"ms-word.document.macroEnabled.main")), "a.docx", "macros",
    ),
    "an active control": (h.with_parts(h.word(), {"word/activeX/activeX1.xml": b"<a/>"}), "a.docx", "macros"),
    "a macro document by name": (h.word(), "a.docm", "macros"),
    "a macro workbook by name": (h.sheet(), "a.xlsm", "macros"),
    "a program packed into a document": (
        h.with_parts(h.word(), {"word/embeddings/oleObject1.bin": PACKAGER}), "a.docx", "active",
    ),
    "a template from elsewhere": (h.related("attachedTemplate", "http://203.0.113.9/t.dotm"), "a.docx", "active"),
    "an object from elsewhere": (h.related("oleObject", "http://203.0.113.9/o"), "a.docx", "active"),
    "a frame from elsewhere": (h.related("frame", "http://203.0.113.9/f"), "a.docx", "active"),
    "a program started by a field": (h.field("DDEAUTO cmd.exe /k calc"), "a.docx", "active"),
    "a program started by a field cut up": (h.field("DD", "EAU", "TO cmd x"), "a.docx", "active"),
    "a PDF with a script on opening": (h.pdf_with(h.on_open("JavaScript", JS="app.alert(1)")), "a.pdf", "active"),
    "a PDF with a script on a page": (h.pdf_with(h.on_page("JavaScript", JS="app.alert(1)")), "a.pdf", "active"),
    "a PDF with a named script": (h.pdf_with(h.named("app.alert(1)")), "a.pdf", "active"),
    "a PDF with a script in a packed object": (
        h.pdf_with(h.on_open("JavaScript", JS="x"), packed=True), "a.pdf", "active",
    ),
    "a PDF that starts a program on opening": (h.pdf_with(h.on_open("Launch", F="cmd.exe")), "a.pdf", "active"),
    "a PDF that starts a program in a packed object": (h.pdf_with(h.on_open("Launch"), packed=True), "a.pdf", "active"),
    "a PDF that starts a program on a click": (h.pdf_with(h.on_click("Launch", F="cmd.exe")), "a.pdf", "active"),
    "a PDF whose names are written in digits": (
        h.pdf_with(h.on_open("Launch", F="cmd.exe")).replace(b"/Launch", b"/L#61unch"), "a.pdf", "active",
    ),
    "a PDF with a program attached": (h.pdf_with(h.carrying("setup.exe", b"MZ\x90\x00")), "a.pdf", "active"),
    "a PDF with a program by another name": (h.pdf_with(h.carrying("a.txt", b"MZ\x90\x00\x03")), "a.pdf", "active"),
    # two things at once
    "a PDF and a ZIP": (h.pdf() + JAR, "a.pdf", "polyglot"),
    "a PDF with a page before it": (h.SCRIPT + h.pdf(), "a.pdf", "polyglot"),
    "a page with a PDF behind it": (b"<html>" + h.SCRIPT + h.pdf(), "a.html", "polyglot"),
    "a PDF with a page in its first lines": (
        h.pdf().replace(b"%PDF-1.3\n", b"%PDF-1.3\n%" + h.SCRIPT + b"\n"), "a.pdf", "polyglot",
    ),
    "a PDF with a page behind it": (h.pdf() + h.SCRIPT, "a.pdf", "polyglot"),
    "a PDF with a program behind it": (h.pdf() + b"\x7fELF\x02\x01\x01", "a.pdf", "polyglot"),
    "a text and a ZIP": (b"Some words about the gate.\n" * 9_000 + JAR, "a.txt", "polyglot"),
    "a page and a ZIP": (b"<html><p>Some words about it.</p></html>" + JAR, "a.html", "polyglot"),
    "a document with a page behind it": (h.word() + h.SCRIPT, "a.docx", "polyglot"),
    "a document with a page in its comment": (
        h.word()[:-2] + struct.pack("<H", len(h.SCRIPT)) + h.SCRIPT, "a.docx", "polyglot",
    ),
    "an image and a script": (b"GIF89a=1;alert(1)//", "a.txt", "mislabelled"),
    "an image and a script, called one": (b"GIF89a=1;alert(1)//", "a.js", "active"),
    "a text whose end is a program": (b"Some words about the gate.\n" * 9_000 + bytes(range(32)) * 2_000, "a.txt",
                                      "mislabelled"),
    # what the name says
    "a page called PDF": (b"<!doctype html><html><body><p>Words about it.</p></body></html>", "a.pdf", "mislabelled"),
    "a text called a document": (b"Words about the gate and its keeper.", "a.docx", "mislabelled"),
    "a program by name": (b"echo format c:", "run.bat", "active"),
    "a page of a script host": (b"<html><p>words</p></html>", "a.hta", "active"),
    "an image that runs scripts": (b"<svg xmlns='x'><script>1</script></svg>", "a.svg", "active"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_means_harm_is_refused_with_its_reason(name: str) -> None:
    body, filename, reason = REFUSED[name]
    with pytest.raises(Unreadable) as caught:
        extract(body, name=filename)
    assert caught.value.reason == reason
    assert caught.value.sentence.endswith(".")


def duplicated() -> bytes:
    buffer = io.BytesIO(h.word())
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("word/document.xml", b"<other/>")
    return buffer.getvalue()


def test_an_archive_that_two_programs_would_read_differently_is_refused() -> None:
    with pytest.raises(Unreadable) as caught:
        extract(duplicated(), name="a.docx")
    assert caught.value.reason == "polyglot"


READ = {
    "a document": (h.word(), "a.docx", ""),
    "a workbook": (h.sheet(), "a.xlsx", ""),
    "a PDF": (h.pdf(), "a.pdf", ""),
    "a PDF after a byte order mark": (b"\xef\xbb\xbf\n" + h.pdf(), "a.pdf", ""),
    "a PDF with padding behind it": (h.pdf() + b"\x00" * 600 + b"\r\n", "a.pdf", ""),
    "a PDF with a table attached": (h.pdf_with(h.carrying("data.csv", b"a,b\n1,2\n")), "a.pdf", "attached"),
    "a PDF with a script in a field": (h.pdf_with(h.on_click("JavaScript", JS="AFNumber()")), "a.pdf", "fields"),
    "a PDF that speaks of scripts": (h.pdf("Use /JavaScript and /Launch with care, says the manual."), "a.pdf", ""),
    "a text that speaks of PDF": (b"A file begins with %PDF-1.7 and ends with its end mark.", "a.txt", ""),
    "a document with links": (h.related("hyperlink", "https://example.org/"), "a.docx", ""),
    "a document with an equation": (
        h.with_parts(h.word(), {"word/embeddings/oleObject1.bin": OLE}), "a.docx", "embedded",
    ),
    "a document with a page number": (h.field("PAGE"), "a.docx", ""),
    "a workbook with padding behind it": (h.sheet() + b"\x00" * 40, "a.xlsx", ""),
    "a page that defines entities, which pages ignore": (
        b"<!DOCTYPE html [<!ENTITY a 'haha'>]><html><body><p>Words about &a; the gate.</p></body></html>", "a.html", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_only_looks_like_harm_is_read_and_what_was_left_out_is_said(name: str) -> None:
    body, filename, warning = READ[name]
    read = extract(body, name=filename)
    assert len(read.text) > 20
    assert warning in " ".join(read.warnings)
    assert bool(read.warnings) == bool(warning)


CHILD = """
import sys; sys.path.insert(0, {root!r})
from apps.library.extraction import child
child.limit(1 << 30, 5)
{lines}
"""


def in_the_child(lines: str) -> str:
    """Run a few lines behind the child's limits and return what they print."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", CHILD.format(root=str(ROOT), lines=lines)],
        capture_output=True, text=True, timeout=60, check=False, cwd="/",
    )  # fmt: skip
    return done.stdout.strip() + done.stderr.strip().splitlines()[-1] if done.stderr else done.stdout.strip()


@pytest.mark.parametrize(
    "lines",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.fork()",
        "import os; os.system('true')",
        "import os; os.execv('/bin/true', ['true'])",
    ],
)
def test_the_child_opens_no_connection_and_starts_no_program(lines: str) -> None:
    assert "PermissionError" in in_the_child(lines)


def test_the_child_writes_no_file_and_takes_no_more_memory_than_allowed() -> None:
    assert "File too large" in in_the_child("open('/dev/shm/footnote-test', 'w').write('x' * 9000)")
    assert "MemoryError" in in_the_child("b'x' * (2 << 30)")


def test_the_child_has_no_network_below_python_either_where_the_machine_allows_it() -> None:
    seen = in_the_child("print(sorted(line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line))")
    namespaces = subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode == 0
    assert seen == "['lo']" if namespaces else "lo" in seen


def test_the_child_of_root_gives_its_rights_up_where_others_may_read_the_parsers() -> None:
    from importlib.util import find_spec

    paths = [child.__file__, os.__file__, find_spec("pypdf").origin]
    others = all(Path(part).stat().st_mode & 0o005 for path in paths for part in [path, *Path(path).parents])
    assert in_the_child("import os; print(os.geteuid() == 0)") == str(os.geteuid() == 0 and not others)


def test_a_text_that_would_not_be_stored_is_not_sent_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "MOST_TEXT", 10)
    assert child.parse("html", b"<html><p>More than ten characters.</p></html>", "a.html") == {"reason": "limits"}


def test_a_bomb_is_told_before_it_is_unpacked() -> None:
    """The limit of memory is far below what it unpacks to."""
    with pytest.raises(Unreadable) as caught:
        parse_apart("docx", stored_bomb(), name="a.docx", memory_bytes=300_000_000)
    assert caught.value.reason == "bomb"
