"""Tokens of the plan in words: how many are included, used and beyond it, and what those beyond cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from apps.billing import overage, rules
from apps.billing.overage import Standing


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote to a figure."""

    number: int
    title: str
    text: str
    url: str = ""
    url_label: str = ""


@dataclass(frozen=True, slots=True)
class Tier:
    """What 1,000 tokens of a tier cost, and where it ends."""

    upto: str
    price: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """The standing of a period, its money in dollars, and the footnote that says how it comes about."""

    now: Standing
    cost: str
    note: Note


def block(workspace: str, *, number: int) -> Tokens | None:
    """Return the tokens of a workspace's plan for a page; None where nothing is sold. number: of the footnote."""
    now = overage.standing(workspace)
    if now is None:
        return None
    return Tokens(now, dollars([now.micro_dollars])[0], Note(number, _("Tokens beyond the plan"), _words(now)))


def tiers(found: rules.Tiers) -> list[Tier]:
    """Put tiers in words, the first one first."""
    prices = dollars([rate for _until, rate in found])
    return [
        Tier(
            _("More than that") if until is None else _("Up to %(tokens)s") % {"tokens": _number(until)}, price
        )
        for (until, _rate), price in zip(found, prices, strict=True)
    ]  # fmt: skip


def _words(now: Standing) -> str:
    span = _("Tokens that models read and wrote from %(since)s to %(until)s; the plan includes %(included)s of them.")
    span %= {
        "since": date_format(now.since, "j F Y H:i"), "until": date_format(now.until, "j F Y H:i"),
        "included": _number(now.included),
    }  # fmt: skip
    if not now.billed:
        return f"{span} {_('Those beyond are not billed: this plan, or this trial, asks nothing for them.')}"
    by_tier = "; ".join(f"{each.upto}: {each.price}" for each in tiers(now.tiers))
    more = _("1,000 of those beyond cost, by tier, %(tiers)s. They stand on the invoice at the end of the period, each "
             "tier in whole cents.") % {"tiers": by_tier}  # fmt: skip
    return f"{span} {more}"


def dollars(figures: Sequence[int]) -> list[str]:
    """Write micro-dollars as dollars, exactly, all with as many places as the one that needs most; two at least."""
    places = max((_places(each) for each in figures), default=2)
    return [f"${number_format(Decimal(each) / 1_000_000, decimal_pos=places, force_grouping=True)}" for each in figures]


def _places(micro_dollars: int) -> int:
    return next(places for places in range(2, 7) if micro_dollars % 10 ** (6 - places) == 0)


def _number(figure: int) -> str:
    return number_format(figure, force_grouping=True)
