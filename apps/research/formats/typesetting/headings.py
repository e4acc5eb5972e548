"""A heading stays with the lines under it.

ReportLab keeps a heading with the whole paragraph that follows and moves both, which leaves half a page empty. Here
it moves only when the heading and the first lines of what follows find no room.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.platypus.flowables import CondPageBreak, Flowable
from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc, PmlParagraph

LINES = 36  # points: two lines and the space after them
MOST = 420  # points: what is larger than this would not find room on the next page either


class Room(CondPageBreak):
    """Breaks the page unless there is room for headings and the beginning of what follows."""

    def __init__(self, headings: Sequence[Flowable], following: Sequence[Flowable]) -> None:
        super().__init__(0)
        self.headings, self.following = headings, following

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Take no space, or end the page."""
        least = sum(self._height(one, width) for one in self.headings)
        for one in self.following:
            most = LINES if isinstance(one, PmlParagraph) else MOST
            least += min(self._height(one, width), most)
        self.height = min(least, MOST)
        size: tuple[float, float] = super().wrap(width, height)
        return size

    def _height(self, one: Flowable, width: float) -> float:
        before, after = one.getSpaceBefore(), one.getSpaceAfter()
        return float(one.wrapOn(self.canv, width, 10_000)[1] + before + after)


def install() -> None:
    """Make xhtml2pdf keep headings our way."""
    PmlBaseDoc.handle_keepWithNext = _keep


def _keep(self: PmlBaseDoc, flowables: list[Any]) -> None:
    count = next((i for i, one in enumerate(flowables) if not one.getKeepWithNext()), len(flowables))
    if not count:
        return
    undo = getattr(self, "_multiBuildEdits", None)
    for one in flowables[:count]:
        if undo:  # the next pass over the story asks again; the rest of a split heading knows it from its style
            own = hasattr(one, "keepWithNext")
            undo((setattr, one, "keepWithNext", one.keepWithNext) if own else (delattr, one, "keepWithNext"))
        one.keepWithNext = 0
    flowables.insert(0, Room(flowables[:count], flowables[count : count + 1]))
