"""Tags for templates: icons, drawings, durations, sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol

from django import template
from django.template.context import RequestContext
from django.utils import numberformat
from django.utils.formats import date_format, get_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language_info, gettext, ngettext
from lucide.templatetags.lucide import lucide

from apps.lib import drawing

register = template.Library()

THEMES = ("light", "dark")


class Node(Protocol):
    """What the map needs of a step."""

    key: str
    needs: Sequence[str]


@cache
def _icon(name: str, size: int, css: str) -> SafeString:
    more = {"class": css} if css else {}
    return mark_safe(lucide(name, size=size, aria_hidden="true", focusable="false", **more))


@register.simple_tag
def icon(name: str, size: int = 16, css: str = "") -> SafeString:
    """Draw the lucide icon `name` at 16 or 20 px, hidden from screen readers."""
    return _icon(str(name), int(size), str(css))


@register.simple_tag(takes_context=True)
def theme(context: RequestContext) -> str:
    """Give the theme that the visitor chose, or nothing."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request is not None else ""
    return chosen if chosen in THEMES else ""


@register.simple_tag
def own_name(code: str) -> str:
    """Give a language's name in that language."""
    return str(get_language_info(code)["name_local"])


@register.simple_tag
def draw_map(steps: Iterable[Node], rtl: bool = False) -> dict[str, Any]:
    """Lay out `steps`; give width, height, the edges with their state, and each step with its place."""
    every = list(steps)
    by_key = {step.key: step for step in every}
    plan = drawing.lay_out({step.key: step.needs for step in every}, rtl=bool(rtl))
    return {
        "width": str(plan.width),
        "height": str(plan.height),
        "edges": [{"path": edge.path, "from": by_key[edge.start]} for edge in plan.edges],
        "stations": [
            {
                "step": by_key[place.key],
                "x": str(place.x),
                "y": str(place.y),
                "icon_x": str(place.x - 7),
                "icon_y": str(place.y - 7),
                "label_y": str(place.y + (-30 if place.above else 27)),
                "sub_y": str(place.y + (-16 if place.above else 42)),
            }
            for place in plan.places
        ],
    }


@register.simple_tag
def draw_bar(start: float, length: float, whole: float) -> dict[str, str]:
    """Give x and width of a bar as percentages."""
    x, width = drawing.stretch(start, length, whole)
    return {"x": x, "width": width}


@register.simple_tag
def share(part: float, whole: float) -> str:
    """Give `part` of `whole` as a percentage for SVG."""
    return drawing.share(part, whole)


@register.simple_tag
def points(values: Sequence[float]) -> str:
    """Give the points of a sparkline, 96 by 20."""
    return drawing.points(values)


def _when(value: datetime | None, pattern: str) -> str:
    return date_format(localtime(value), pattern) if value else ""


@register.filter
def day(value: datetime | date | None) -> str:
    """Write a date, or the day of an aware time, local to the reader."""
    # Translators: a day, in the letters of Django's date filter.
    letters = gettext("j M Y")
    if isinstance(value, date) and not isinstance(value, datetime):
        return date_format(value, letters)
    return _when(value, letters)


@register.filter
def moment(value: datetime | None) -> str:
    """Write day and time of an aware time, local to the reader."""
    # Translators: a day and a time, in the letters of Django's date filter.
    return _when(value, gettext("j M Y, H:i"))


@register.filter
def clock(value: datetime | None) -> str:
    """Write the time of day of an aware time, local to the reader."""
    return _when(value, "H:i")


def _decimal(value: float, places: int) -> str:
    return str(numberformat.format(round(value, places), get_format("DECIMAL_SEPARATOR"), places))


@register.filter
def duration(milliseconds: int | None) -> str:
    """Say a length of time shortly: 0.4 s, 38 s, 2 min 5 s, 3 h 12 min, 6 d 21 h."""
    if milliseconds is None:
        return ""
    seconds = int(milliseconds) / 1000
    if seconds < 10:
        return gettext("%(n)s s") % {"n": _decimal(seconds, 1)}
    whole = round(seconds)
    if whole < 60:
        return gettext("%(n)s s") % {"n": whole}
    if whole < 3600:
        return gettext("%(m)s min %(s)s s") % {"m": whole // 60, "s": whole % 60}
    if whole < 86400:
        return gettext("%(h)s h %(m)s min") % {"h": whole // 3600, "m": whole % 3600 // 60}
    return gettext("%(d)s d %(h)s h") % {"d": whole // 86400, "h": whole % 86400 // 3600}


@register.filter
def credits(amount: int | None) -> str:
    """Say an amount of credits in words."""
    return ngettext("%(n)s credit", "%(n)s credits", int(amount or 0)) % {"n": int(amount or 0)}


@register.filter
def size(count: int | None) -> str:
    """Say a number of bytes shortly, in decimal units."""
    amount = float(count or 0)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{_decimal(amount, 0 if unit == 'B' or amount >= 10 else 1)} {unit}"
        amount /= 1000
    return f"{_decimal(amount, 1)} GB"


@register.filter
def short_hash(digest: str | None) -> str:
    """Give the first eight digits of a hash."""
    return (digest or "")[:8]
