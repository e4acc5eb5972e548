"""Find what names or reaches a person: addresses, cards, accounts, telephones, national numbers.

Ours stand alone. Where presidio is installed (requirements/optional.in) its pattern recognisers look too; no model is
downloaded. Numbers are only taken where their check digits hold or a word beside them says what they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from apps.policy.guardrails import digits, outside
from apps.policy.guardrails.findings import Span

_EDGE, _END = r"(?<![\w.,-])", r"(?![\w-])(?![.,]\d)"
MOST_CHARACTERS = 500_000


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing: how it is written, what must hold of its letters and digits, which word must stand near it."""

    name: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = lambda bare: True
    near: re.Pattern[str] | None = None
    reach: int = 48


def _kind(
    name: str, pattern: str, holds: Callable[[str], bool] | None = None, near: str = "", flags: int = 0
) -> Kind:  # fmt: skip
    words = re.compile(rf"\b(?:{near})", re.IGNORECASE) if near else None
    return Kind(name, re.compile(_EDGE + pattern + _END, flags), holds or (lambda bare: True), words)


def _card(bare: str) -> bool:
    known = re.match(r"4|5[0-8]|2[2-7]|3[0-9]|6|1800|2131", bare)
    return bool(known) and len(set(bare)) > 1 and digits.luhn(bare)


def _telephone(bare: str) -> bool:
    return 8 <= len(bare.lstrip("+")) <= 15


def _us(bare: str) -> bool:
    return bare[:3] not in {"000", "666"} and bare[3:5] != "00" and bare[5:] != "0000"


_SAID = (
    r"tel\b|telephone|phone|fax|mobile|cell|call\b|text me|whatsapp|telefon|handy|mobil|téléphone|portable|teléfono"
    r"|móvil|number is|reach me|contact"
)
KINDS: tuple[Kind, ...] = (
    Kind("email", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}(?![\w-])")),
    _kind("iban", r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?", digits.iban, flags=re.IGNORECASE),
    _kind("card", r"\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7}|3\d{3}[ -]?\d{6}[ -]?\d{4,5}|\d{12,19}", _card),
    _kind("us_social_security", r"(?!9)\d{3}-\d{2}-\d{4}", _us),
    _kind("german_tax", r"\d{2}[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}", digits.german_tax, r"steuer|tax id|\bidnr|tin\b"),
    _kind("french_insurance", r"[12][ ]?\d{2}[ ]?\d{2}[ ]?(?:\d{2}|2[AB])[ ]?\d{3}[ ]?\d{3}[ ]?\d{2}", digits.french),
    _kind("spanish_id", r"(?:\d{8}|[XYZ]\d{7})-?[A-HJ-NP-TV-Z]", digits.spanish),
    _kind("italian_tax", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", digits.italian),
    _kind("dutch_bsn", r"\d{9}|\d{4}\.\d{2}\.\d{3}", digits.dutch, r"bsn|burgerservice|sofi"),
    _kind("polish_pesel", r"\d{11}", digits.polish, r"pesel"),
    _kind("british_insurance",
          r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]"),
    _kind("british_health", r"\d{3}[ -]?\d{3}[ -]?\d{4}", digits.british_health, r"nhs"),
    _kind("swedish_id", r"(?:19|20)?\d{6}[-+]\d{4}", lambda bare: digits.luhn(bare[-10:])),
    _kind("brazilian_cpf", r"\d{3}\.\d{3}\.\d{3}-\d{2}", digits.brazilian),
    _kind("indian_aadhaar", r"\d{4} \d{4} \d{4}|\d{12}", digits.indian, r"aadhaar|aadhar|uidai"),
    Kind("telephone", re.compile(
        r"(?<![\w.+])\+\d{1,3}[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){1,5}(?!\w)"), _telephone),
    _kind("telephone", r"\(?[2-9]\d{2}\)?[ .-]\d{3}[.-]\d{4}(?:x\d{1,6})?"),
    # Nine digits at least: eight written so are a day more often than a number to call.
    _kind("telephone", r"0\d{1,4}(?:[ .-]\d{2,4}){2,5}", lambda bare: 9 <= len(bare) <= 15),
    Kind("telephone", re.compile(r"(?<![\w.,])\(?\d{2,5}\)?(?:[ ./-]?\d{2,4}){1,5}(?![\w-])"),
         lambda bare: 7 <= len(bare) <= 15, re.compile(rf"\b(?:{_SAID})", re.IGNORECASE), 24),
)  # fmt: skip


@lru_cache(maxsize=1024)
def found(text: str) -> tuple[Span, ...]:
    """Return what names or reaches a person in a text, in reading order, without overlaps."""
    text = text[:MOST_CHARACTERS]
    spans = [span for kind in KINDS for span in _of(kind, text)]
    spans += outside.found(text)
    kept: list[Span] = []
    # The longest of what overlaps tells the most; KINDS breaks a tie: what its check digits prove comes first.
    for span in sorted(spans, key=lambda each: each.start - each.end):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return tuple(sorted(kept, key=lambda each: each.start))


def _of(kind: Kind, text: str) -> list[Span]:
    spans = []
    for match in kind.pattern.finditer(text):
        bare = re.sub(r"[ ().,/-]", "", match[0]) if kind.name != "email" else match[0]
        if kind.holds(bare) and (kind.near is None or _is_near(kind, text, match)):
            spans.append(Span(match.start(), match.end(), kind.name))
    return spans


def _is_near(kind: Kind, text: str, match: re.Match[str]) -> bool:
    assert kind.near is not None
    before = text[max(0, match.start() - kind.reach) : match.start()]
    return kind.near.search(before) is not None
