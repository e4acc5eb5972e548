"""Where things stand in a drawing: pure arithmetic, no markup and no words.

A graph is laid out as a railway map: a column for each depth, a station for each node, one curve for each need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RADIUS = 12
HEAD = 18
FOOT = 48


@dataclass(frozen=True)
class Place:
    """Centre of one node, in pixels; its label stands `above` it where lines leave it downwards."""

    key: str
    x: int
    y: int
    above: bool


@dataclass(frozen=True)
class Edge:
    """One need, drawn from `start` to `end` as an SVG path."""

    start: str
    end: str
    path: str


@dataclass(frozen=True)
class Drawing:
    """A laid-out graph; `width` and `height` in pixels."""

    width: int
    height: int
    places: tuple[Place, ...]
    edges: tuple[Edge, ...]


def depths(needs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Tell how many steps must come before each node.

    Raises ValueError for a circle; a need that is no node counts for nothing.

    >>> depths({"plan": [], "search": ["plan"], "read": ["search", "plan"]})
    {'plan': 0, 'search': 1, 'read': 2}
    """
    found: dict[str, int] = {}
    while len(found) < len(needs):
        ready = [
            key
            for key, before in needs.items()
            if key not in found and all(one in found for one in before if one in needs)
        ]
        if not ready:
            raise ValueError("The steps need each other in a circle.")
        found |= {key: max((found[one] + 1 for one in needs[key] if one in needs), default=0) for key in ready}
    return {key: found[key] for key in needs}


def lay_out(needs: Mapping[str, Sequence[str]], *, rtl: bool = False, room: int = 900, row: int = 82) -> Drawing:
    """Place every node of `needs` (key -> keys it waits for) and draw a curve for every need.

    `room` is the width we hope for in pixels: columns are 84 to 140 wide, so a long chain may be wider.
    With `rtl` the first column stands at the right. Raises ValueError for a circle.
    """
    depth = depths(needs)
    columns = _columns(needs, depth)
    column = min(140, max(84, room // max(1, len(columns))))
    tallest = max((len(keys) for keys in columns), default=0)
    head = FOOT if tallest > 1 else HEAD
    width, height = column * len(columns), head + max(0, tallest - 1) * row + FOOT
    spots: dict[tuple[str, int], tuple[int, int]] = {}
    for index, keys in enumerate(columns):
        x = column * index + column // 2
        top = head + (tallest - len(keys)) * row // 2
        for line, key in enumerate(keys):
            spots[key, index] = (width - x if rtl else x, top + line * row)
    middle = head + (tallest - 1) * row // 2
    places = tuple(Place(key, x, y, above=y < middle) for key in needs for x, y in [spots[key, depth[key]]])
    edges = tuple(
        Edge(start, end, _path(start, end, depth, spots))
        for end, before in needs.items()
        for start in before
        if start in needs
    )
    return Drawing(width, height, places, edges)


def _lane(start: str, end: str) -> str:
    return f"{start}\0{end}"


def _columns(needs: Mapping[str, Sequence[str]], depth: Mapping[str, int]) -> list[list[str]]:
    """Order each column by the mean height of what its nodes come from; a long need gets a lane of its own."""
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    origins: dict[str, list[str]] = {}
    for key in needs:
        columns[depth[key]].append(key)
        for start in needs[key]:
            if start not in needs:
                continue
            lane = _lane(start, key)
            for index in range(depth[start] + 1, depth[key]):
                columns[index].append(lane)
            far = depth[key] - depth[start] > 1
            origins.setdefault(key, []).append(lane if far else start)
            origins.setdefault(lane, []).append(start)
    for index in range(1, len(columns)):
        above = {key: line for line, key in enumerate(columns[index - 1])}
        centre = (len(columns[index - 1]) - 1) / 2

        def height(key: str, above: dict[str, int] = above, centre: float = centre) -> float:
            lines = [above[key]] if key in above else [above.get(one, centre) for one in origins.get(key, [])]
            return sum(lines) / len(lines) if lines else centre

        columns[index].sort(key=height)
    return columns


def _path(start: str, end: str, depth: Mapping[str, int], spots: Mapping[tuple[str, int], tuple[int, int]]) -> str:
    """Draw from the edge of one station through its lane to the edge of the next."""
    stops = [spots[start, depth[start]]]
    stops += [spots[_lane(start, end), index] for index in range(depth[start] + 1, depth[end])]
    stops.append(spots[end, depth[end]])
    way = 1 if stops[-1][0] >= stops[0][0] else -1
    (x, y), path = stops[0], ""
    x += way * RADIUS
    path = f"M{x} {y}"
    for index, (to_x, to_y) in enumerate(stops[1:], start=1):
        if index == len(stops) - 1:
            to_x -= way * RADIUS
        middle = (x + to_x) // 2
        path += f"L{to_x} {to_y}" if to_y == y else f"C{middle} {y} {middle} {to_y} {to_x} {to_y}"
        x, y = to_x, to_y
    return path


def share(part: float, whole: float) -> str:
    """Give `part` of `whole` as a CSS percentage between 0 and 100, with a point whatever the language.

    >>> share(1, 8), share(3, 0), share(9, 8)
    ('12.5%', '0%', '100%')
    """
    if whole <= 0:
        return "0%"
    return f"{max(0.0, min(100.0, 100 * part / whole)):.2f}".rstrip("0").rstrip(".") + "%"


def stretch(start: float, length: float, whole: float, *, least: float = 0.6) -> tuple[str, str]:
    """Give start and width of a bar as percentages; a bar is at least `least` per cent wide and never leaves its track.

    >>> stretch(0, 0, 1000), stretch(990, 50, 1000)
    (('0%', '0.6%'), ('99%', '1%'))
    """
    whole = max(whole, 1)
    first = max(0.0, min(100.0 - least, 100 * start / whole))
    wide = min(100.0 - first, max(least, 100 * length / whole))
    return share(first, 100), share(wide, 100)


def points(values: Sequence[float], *, width: int = 96, height: int = 20) -> str:
    """Turn `values` into the points of an SVG polyline, the largest at the top.

    >>> points([0, 5, 10], width=10, height=10)
    '0,10 5,5 10,0'
    """
    if not values:
        return ""
    low, high = min(values), max(values)
    step = width / max(1, len(values) - 1)
    span = (high - low) or 1
    return " ".join(f"{step * i:g},{height - height * (one - low) / span:g}" for i, one in enumerate(values))
