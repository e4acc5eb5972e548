"""Budgets and habits of templates, styles and scripts, read from their files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Files that people keep, and mails, carry their own style.
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*.html")
    if not path.name.startswith(("pdf", "export")) and path.parent.name != "mail"
)  # fmt: skip
STYLE = (ROOT / "static/css/app.css").read_text()


def test_the_style_sheet_has_at_most_30_kilobytes_and_our_script_6() -> None:
    assert len(STYLE.encode()) <= 30_000
    assert (ROOT / "static/js/app.js").stat().st_size < 6_000


def test_the_style_sheet_knows_no_left_and_no_right() -> None:
    physical = re.findall(
        r"(?:margin|padding|border)-(?:left|right|top|bottom)|(?<![-\w])(?:left|right|top|bottom|width|height)\s*:",
        STYLE,
    )
    assert physical == []


def test_the_style_sheet_keeps_its_layers_in_order() -> None:
    named = re.findall(r"^@layer ([\w, ]+)", STYLE, flags=re.M)
    assert [part.strip() for part in named[0].split(",")] == [part.strip() for part in named[1:]]


def test_every_font_that_the_style_sheet_names_is_there_with_its_licence() -> None:
    fonts = re.findall(r"fonts/([\w-]+\.woff2)", STYLE)
    assert len(fonts) == 6
    for name in fonts:
        assert (ROOT / "static/fonts" / name).stat().st_size < 40_000
        family = re.sub(r"-(latin|latin-ext|arabic)\.woff2$", "", name)
        assert "SIL Open Font License" in (ROOT / f"static/fonts/LICENSE-{family}.txt").read_text()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_is_short_and_holds_no_inline_style_script_or_event(template: Path) -> None:
    text = template.read_text()
    assert len(text.splitlines()) < 120
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"\bhx-on\b|javascript:|\bjs:", text)


@pytest.mark.parametrize(
    "template", [path for path in TEMPLATES if path.name.startswith("_")], ids=lambda path: path.name
)
def test_a_fragment_has_the_id_of_its_file_on_its_root(template: Path) -> None:
    name = template.stem.removeprefix("_").replace("_", "-")
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", template.read_text())
    root = re.match(r"\s*<\w+[^>]*>", text)
    assert root is not None
    assert f'id="{name}"' in root[0]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_every_form_that_changes_something_carries_a_csrf_field(template: Path) -> None:
    text = template.read_text()
    forms = re.findall(r'<form\b[^>]*method="post".*?</form>', text, flags=re.S)
    assert all("csrf_token" in form for form in forms)


def test_no_text_shouts_or_sparkles() -> None:
    for template in TEMPLATES:
        for text in re.findall(r'translate "([^"]+)"', template.read_text()):
            assert "!" not in text, text
            assert not re.search(r"\bAI\b|magic|sparkle", text), text
