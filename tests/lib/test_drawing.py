"""Where things stand in a drawing."""

from __future__ import annotations

import doctest
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.lib import drawing

CHAIN = {"plan": [], "a": ["plan"], "b": ["plan"], "c": ["plan"], "select": ["a", "b", "c"], "end": ["select", "plan"]}


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    """A graph without a circle: a node needs only earlier ones."""
    count = draw(st.integers(0, 14))
    return {
        f"n{index}": draw(st.lists(st.sampled_from([f"n{one}" for one in range(index)]), unique=True, max_size=4))
        if index
        else []
        for index in range(count)
    }


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(drawing).failed == 0


@settings(max_examples=200, deadline=None)
@given(graphs(), st.booleans())
def test_nodes_never_cover_each_other_stand_inside_and_after_what_they_need(
    needs: dict[str, list[str]], rtl: bool
) -> None:
    plan = drawing.lay_out(needs, rtl=rtl)
    spots = {place.key: (place.x, place.y) for place in plan.places}
    assert list(spots) == list(needs)
    assert len(set(spots.values())) == len(spots)
    for x, y in spots.values():
        assert drawing.RADIUS <= x <= plan.width - drawing.RADIUS
        assert drawing.RADIUS <= y <= plan.height - drawing.RADIUS
    for edge in plan.edges:
        ahead = spots[edge.end][0] - spots[edge.start][0]
        assert (ahead < 0) if rtl else (ahead > 0)
    assert len(plan.edges) == sum(len(before) for before in needs.values())


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_right_to_left_is_the_mirror_image(needs: dict[str, list[str]]) -> None:
    one, other = drawing.lay_out(needs), drawing.lay_out(needs, rtl=True)
    assert [(one.width - place.x, place.y) for place in one.places] == [(place.x, place.y) for place in other.places]


def test_a_line_that_skips_columns_passes_beside_the_stations_between() -> None:
    plan = drawing.lay_out(CHAIN)
    skipping = next(edge for edge in plan.edges if (edge.start, edge.end) == ("plan", "end"))
    heights = {place.key: place.y for place in plan.places}
    stops = [int(y) for y in re.findall(r"[LC][\d ]*? (\d+)(?=[LC]|$)", skipping.path)]
    assert heights["select"] not in stops[:-1]


def test_a_need_that_is_no_node_counts_for_nothing() -> None:
    assert drawing.lay_out({"a": ["gone"]}).edges == ()


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="circle"):
        drawing.lay_out({"a": ["b"], "b": ["a"]})


def test_an_empty_graph_has_no_width() -> None:
    plan = drawing.lay_out({})
    assert plan.width == 0
    assert plan.places == ()


@given(st.floats(-10, 5e9), st.floats(-10, 5e9), st.floats(-10, 5e9))
def test_a_bar_never_leaves_its_track(start: float, length: float, whole: float) -> None:
    x, width = (float(part.rstrip("%")) for part in drawing.stretch(start, length, whole))
    assert 0 <= x <= 100
    assert width > 0
    assert x + width <= 100.02
