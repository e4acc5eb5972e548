"""Why a sentence is not simply sourced, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.research.queries.documents import Sentence


def why(sentence: Sentence) -> str:
    """Return what stands beside a sentence: its verdict and what it hangs on; "" where it is sourced."""
    if sentence.verdict == "sourced":
        return ""
    if sentence.verdict == "calculated":
        return _("calculated: %(working)s") % {"working": sentence.working} if sentence.working else _("calculated")
    if sentence.verdict == "inferred":
        return _("inferred")
    told = _contradicts(sentence) if sentence.verdict == "contradicted" else _unsupported(sentence)
    return told % {"detail": sentence.detail}


def _contradicts(sentence: Sentence) -> str:
    return {
        "number": _("contradicted: the source gives another figure than “%(detail)s”"),
        "date": _("contradicted: the source gives another date than “%(detail)s”"),
        "unit": _("contradicted: the source measures “%(detail)s” differently"),
        "negation": _("contradicted: one of the two denies what the other says"),
        "opposite": _("contradicted: the source says the opposite of “%(detail)s”"),
    }.get(sentence.reason, _("contradicted"))


def _unsupported(sentence: Sentence) -> str:
    return {
        "quote": _("not supported: it cites nothing"),
        "number": _("not supported: “%(detail)s” does not stand in what it cites"),
        "date": _("not supported: “%(detail)s” does not stand in what it cites"),
        "unit": _("not supported: “%(detail)s” does not stand in what it cites"),
        "name": _("not supported: “%(detail)s” is not named in what it cites"),
        "words": _("not supported: what it cites says little of it"),
    }.get(sentence.reason, _("not supported"))
