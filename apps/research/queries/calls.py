"""A single call that waits for a person: what it is, why it stopped, and exactly what it carries."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from apps.policy.decisions import rulebook
from apps.policy.queries import ApprovalRow
from apps.policy.registry import switches, wording
from apps.research.pages.approvals import CallAsked
from apps.research.pages.shared import CallPreview, PlanLine

MOST_SHOWN, MOST_ROWS = 400, 12
# More is read, not edited, on a page.
MOST_EDITED = 100_000


def is_call(row: ApprovalRow) -> bool:
    """Tell whether an approval is about a single call."""
    return "tool" in row.subject


def card(row: ApprovalRow, mode: str) -> tuple[str, str, tuple[PlanLine, ...]]:
    """Return what an approval of a call says on a card: a title, a sentence, lines. mode: of its run."""
    tool = str(row.subject.get("tool", row.name))
    told = {"tool": tool, "version": row.subject.get("version", "")}
    once = _("Let the run use %(tool)s, version %(version)s, once") % told
    call = preview(row, mode)
    line = PlanLine("change", once, credits=_credits(row), call=call)
    exactly = [PlanLine("change", name, said) for name, said in _arguments(row.subject.get("arguments"))]
    text = _("The call is put down until somebody decides. It costs nothing. The yes is for exactly these arguments.")
    return _("Let a step use %(tool)s") % told, text, (line, *exactly)


def preview(row: ApprovalRow, mode: str) -> CallPreview:
    """Return the rule that asked and what the tool touches, as it was when it was asked."""
    subject = row.subject
    tool = switches.resolve(str(subject.get("tool", "")))
    said = wording.of(tool) if tool else None
    rule = str(subject.get("rule", ""))
    dollars: int | None = tool.micro_dollars if tool and mode == "live" else 0
    if tool and tool.scope == "model" and mode == "live":
        dollars = None
    return CallPreview(
        tool=str(subject.get("tool", "")), agent="", verdict="require_approval", rule=rule,
        says=str(subject.get("says", "")), line=int(subject.get("line") or 0), own=rule not in _shipped(),
        approver=row.approver_role, four_eyes=bool(subject.get("four_eyes")), micro_dollars=dollars,
        scope=tool.scope if tool else "", touches=said.touches if said else "", undo=said.undo if said else "",
    )  # fmt: skip


def asked(row: ApprovalRow, *, typed: str | None = None, problem: str = "") -> CallAsked | None:
    """Return a call's arguments as its approver reads and edits them; None where the approval is about no call.

    typed: what was sent and refused, with what is wrong with it.
    """
    if not is_call(row):
        return None
    exactly = written(row.subject.get("arguments", {}))
    edited = row.edited.get("arguments") if row.edited else None
    return CallAsked(
        exactly=exactly, edited=written(edited) if edited is not None else "",
        typed=exactly if typed is None else typed, problem=problem,
        may_edit=len(exactly) <= MOST_EDITED, version=str(row.subject.get("version", "")),
        definition=str(row.subject.get("definition", "")), policies=int((row.subject.get("policies") or [0])[0]),
    )  # fmt: skip


def written(arguments: Any) -> str:
    """Write arguments as JSON that a person can read and change."""
    return json.dumps(arguments, ensure_ascii=False, indent=2)


def _credits(row: ApprovalRow) -> int | None:
    tool = switches.resolve(str(row.subject.get("tool", "")))
    try:
        return tool.credits(row.subject.get("arguments", {})) if tool else None
    except (KeyError, TypeError):
        return None


def _shipped() -> frozenset[str]:
    return frozenset(each.id for each in rulebook.shipped())


def _arguments(given: Any) -> list[tuple[str, str]]:
    """Return arguments as they are read on a card: each cut to a few lines."""
    if not isinstance(given, dict):
        return []
    said = [(name, x if isinstance(x, str) else json.dumps(x, ensure_ascii=False)) for name, x in given.items()]
    return [
        (name, text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…") for name, text in said[:MOST_ROWS]
    ]  # fmt: skip
