"""Icons, lengths of time, sizes and places in templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.test import RequestFactory, override_settings
from django.utils import translation

from apps.lib.templatetags import footnote


def draw(text: str, **context: object) -> str:
    """Render `text` with our tags."""
    return Template("{% load footnote %}" + text).render(Context(context))


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0.0 s"),
        (440, "0.4 s"),
        (38_000, "38 s"),
        (59_700, "1 min 0 s"),
        (125_000, "2 min 5 s"),
        (11_520_000, "3 h 12 min"),
        (594_000_000, "6 d 21 h"),
        (None, ""),
    ],
)
def test_a_length_of_time_is_short(milliseconds: int | None, text: str) -> None:
    with translation.override("en"):
        assert footnote.duration(milliseconds) == text


def test_numbers_follow_the_language() -> None:
    with translation.override("de"):
        assert footnote.duration(1400).startswith("1,4")
        assert footnote.size(1_240_000) == "1,2 MB"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (4_096, "4.1 kB"), (184_320, "184 kB"), (5_000_000_000, "5.0 GB")]
)
def test_a_size_is_short(count: int, text: str) -> None:
    with translation.override("en"):
        assert footnote.size(count) == text


@override_settings(TIME_ZONE="UTC", USE_TZ=True)
def test_a_moment_is_unambiguous() -> None:
    with translation.override("en"):
        assert footnote.moment(datetime(2026, 11, 12, 9, 5, tzinfo=UTC)) == "12 Nov 2026, 09:05"
        assert footnote.moment(None) == ""


def test_an_icon_is_hidden_from_screen_readers_and_an_unknown_one_is_an_error() -> None:
    svg = draw('{% icon "check" 20 "ok" %}')
    assert svg.startswith("<svg")
    assert 'aria-hidden="true"' in svg
    assert 'width="20"' in svg
    assert 'class="ok"' in svg
    with pytest.raises(Exception, match="does not exist"):
        draw('{% icon "no-such-icon" %}')


def test_only_the_two_themes_leave_the_cookie() -> None:
    request = RequestFactory().get("/")
    for sent, kept in (("dark", "dark"), ("light", "light"), ('"><script>', ""), ("", "")):
        request.COOKIES["theme"] = sent
        assert draw("{% theme %}", request=request) == kept
    assert draw("{% theme %}") == ""


def test_drawings_use_a_point_in_every_language() -> None:
    with translation.override("de"):
        assert draw("{% share 1 3 %}") == "33.33%"
        assert draw("{% points values %}", values=[1, 2, 4]).count(",") == 3


@dataclass(frozen=True)
class Step:
    """A step for the map."""

    key: str
    needs: tuple[str, ...] = ()


def test_the_map_gives_every_step_a_place() -> None:
    found = footnote.draw_map([Step("a"), Step("b", ("a",))])
    assert [at["step"].key for at in found["stations"]] == ["a", "b"]
    assert found["edges"][0]["from"].key == "a"
