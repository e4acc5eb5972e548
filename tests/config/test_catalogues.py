"""Six languages, whole: nothing untranslated, nothing fuzzy, no placeholder lost, and compiled as it is written."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

import polib
import pytest

from tests.messages import ROOT, messages

LANGUAGES = ("de", "es", "fr", "ja", "ar")
FORMS = {"de": 2, "es": 3, "fr": 2, "ja": 1, "ar": 6}
_PLACEHOLDER = re.compile(r"%\(\w+\)[-+ #0-9.]*[sdrf]|%[sdrf]|%%|\{\w*\}|</?\w+[^<>]*>")


@lru_cache
def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))


def translated(language: str) -> dict[tuple[str, str], polib.POEntry]:
    return {
        (entry.msgctxt or "", entry.msgid): entry for entry in catalogue(language) if not entry.obsolete
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    known = translated(language)
    missing = [
        f"{place}: {message.text[:80]}"
        for message, place in messages().items()
        if (entry := known.get((message.context, message.text))) is None or not entry.translated()
    ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fuzzy_and_every_plural_form_is_there(language: str) -> None:
    entries = [entry for entry in catalogue(language) if not entry.obsolete]
    assert [entry.msgid for entry in entries if entry.fuzzy] == []
    plurals = [entry for entry in entries if entry.msgid_plural]
    assert plurals
    assert [e.msgid for e in plurals if len([v for v in e.msgstr_plural.values() if v]) != FORMS[language]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_placeholder_or_tag_is_lost(language: str) -> None:
    wrong = []
    for entry in catalogue(language):
        for said in [entry.msgstr] if not entry.msgid_plural else entry.msgstr_plural.values():
            # One form may leave the number out, as "one day" does.
            sources = [Counter(_PLACEHOLDER.findall(text)) for text in (entry.msgid, entry.msgid_plural) if text]
            given = Counter(_PLACEHOLDER.findall(said))
            fits = given in sources or (entry.msgid_plural and all(given <= source for source in sources[-1:]))
            if said and not entry.obsolete and not fits:
                wrong.append(f"{entry.msgid[:60]!r} → {said[:60]!r}")
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    compiled = polib.mofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.mo"))
    kept = {(entry.msgctxt or "", entry.msgid): (entry.msgstr, entry.msgstr_plural) for entry in compiled}
    for key, entry in translated(language).items():
        if entry.translated() and entry.msgid:
            assert kept.get(key) == (entry.msgstr, entry.msgstr_plural), key
