"""The steps of a run for people: labels, groups, times and credits, from tasks, events and calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.policy.queries import CallRow
from apps.research import pages, rules
from apps.runtime.queries import EventRow, TaskRow

# More instances of a step than this are shown as one group.
MOST_APART = 4
MOST_LETTERS = 18
# Tasks of two neighbouring columns stand side by side: each has its own column only.
MOST_BESIDE = 13
BY = {
    "plan": "model", "accept": "person", "search": "tool", "select": "rule", "collect": "tool", "summarize": "model",
    "synthesize": "model", "verify": "rule", "approve": "person", "index": "tool", "publish": "rule",
}  # fmt: skip
NEEDS = {
    "plan": (), "accept": ("plan",), "search": ("accept",), "select": ("search",), "collect": ("select",),
    "summarize": ("collect",), "synthesize": ("summarize",), "verify": ("synthesize",), "approve": ("verify",),
    "index": ("approve",), "publish": ("index",),
}  # fmt: skip
# The state of a group is the first of these that one of its tasks is in.
LOUDEST = ("failed", "running", "retrying", "waiting", "queued", "pending", "cancelled", "skipped", "succeeded")


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks shown as one line: all of a step, or a single one."""

    key: str
    step: str
    label: str
    tasks: tuple[TaskRow, ...]

    @property
    def state(self) -> str:
        """The loudest state among its tasks; skipped ones count as done."""
        states = {task.state for task in self.tasks}
        loudest = next(state for state in LOUDEST if state in states)
        return "succeeded" if loudest == "skipped" and "succeeded" in states else loudest


def groups(tasks: Sequence[TaskRow]) -> list[Group]:
    """Group the tasks of a run by step, in the order of the workflow."""
    by_step: dict[str, list[TaskRow]] = defaultdict(list)
    for task in tasks:
        by_step[task.step].append(task)
    found: list[Group] = []
    for step in rules.STEPS:
        rows = sorted(by_step.get(step, []), key=lambda task: task.position)
        if len(rows) > MOST_APART:
            found.append(Group(step, step, f"{_label(step)} ×{len(rows)}", tuple(rows)))
        else:
            found += [Group(row.key, step, _label(step, row), (row,)) for row in rows]
    return found


def apart(tasks: Sequence[TaskRow]) -> list[Group]:
    """Return every task as a line of its own, in the order of the workflow."""
    order = {step: place for place, step in enumerate(rules.STEPS)}
    rows = sorted(tasks, key=lambda task: (order.get(task.step, len(order)), task.position))
    return [Group(row.key, row.step, label(row), (row,)) for row in rows]


def _label(step: str, task: TaskRow | None = None) -> str:
    labels = {
        "plan": _("Plan"), "accept": _("Accept the plan"), "search": _("Search"), "select": _("Select"),
        "collect": _("Collect"), "summarize": _("Summarise"), "synthesize": _("Synthesise"), "verify": _("Verify"),
        "approve": _("Approve"), "index": _("Index"), "publish": _("Publish"),
    }  # fmt: skip
    about = ""
    if task is not None:
        about = task.input.get("query") or task.input.get("title") or task.input.get("sub_question") or ""
    return f"{labels[step]}: {about}"[:60] if about else labels[step]


def label(task: TaskRow) -> str:
    """Return the name of one task for people."""
    return _label(task.step, task)


def told(kind: str) -> str:
    """Say in words what kind of event happened."""
    said = {
        "task.started": _("Started"), "task.retrying": _("Failed, will be tried again"), "task.failed": _("Failed"),
        "task.waiting": _("Waits for a person"), "task.succeeded": _("Done"), "task.skipped": _("Left out"),
        "task.supplied": _("Supplied by a person"),
    }  # fmt: skip
    return said.get(kind, kind)


def graph(found: Sequence[Group], costs: dict[str, int]) -> pages.RunGraph:
    """Return the task graph of a run."""
    keys: dict[str, list[str]] = defaultdict(list)
    for group in found:
        keys[group.step].append(group.key)
    steps = []
    for group in found:
        needs = tuple(key for step in _present(group.step, keys) for key in keys[step])
        steps.append(pages.Step(group.key, _short(group), group.state, needs, _sub(group, costs)))
    return pages.RunGraph(tuple(steps), sum(group.state == "succeeded" for group in found))


def _short(group: Group) -> str:
    """A label that fits under its station: what is told apart, without the step's name."""
    told_apart = group.label.partition(": ")[2]
    label, most = told_apart or group.label, MOST_BESIDE if told_apart else MOST_LETTERS
    return label if len(label) <= most else f"{label[: most - 1].rstrip()}…"


def _present(step: str, keys: dict[str, list[str]]) -> tuple[str, ...]:
    """A need whose tasks are not there yet is replaced by what that one needs."""
    found: tuple[str, ...] = ()
    for need in NEEDS[step]:
        found += (need,) if keys.get(need) else _present(need, keys)
    return found


def _sub(group: Group, costs: dict[str, int]) -> str:
    took = _took(group)
    if group.state != "succeeded" or took is None or BY[group.step] == "person":
        return ""
    return _("%(seconds).1f s · %(credits)d cr") % {"seconds": took / 1000, "credits": costs.get(group.key, 0)}


def timeline(
    found: Sequence[Group], began: datetime | None, events: Sequence[EventRow], costs: dict[str, int]
) -> pages.RunTimeline:  # fmt: skip
    """Return the timeline of a run: what has begun, in order of its start."""
    rows = [
        _row(group, began, events, costs.get(group.key, 0))
        for group in found if began and any(task.started_at for task in group.tasks)
    ]  # fmt: skip
    total = max((row.start_ms + (row.took_ms or 0) for row in rows), default=0)
    return pages.RunTimeline(tuple(rows), total, sum(costs.values()))


def _row(group: Group, began: datetime, events: Sequence[EventRow], credits: int) -> pages.TimelineRow:
    start = min(task.started_at for task in group.tasks if task.started_at)
    by = BY[group.step]
    asked = any(e.kind in {"approval.accepted", "task.waiting"} and e.task == group.key for e in events)
    if by == "person" and not asked:
        by = "rule"
    return pages.TimelineRow(
        key=group.key, label=group.label, by=by, state=group.state,
        start_ms=max(0, round((start - began).total_seconds() * 1000)), took_ms=_took(group), credits=credits,
        note=1 if credits else None, detail=_detail(group, events), attempts=max(task.attempt for task in group.tasks),
    )  # fmt: skip


def _took(group: Group) -> int | None:
    started = [task.started_at for task in group.tasks if task.started_at]
    ended = [task.ended_at for task in group.tasks if task.ended_at]
    if not started or len(ended) < len(group.tasks):
        return None
    return max(0, round((max(ended) - min(started)).total_seconds() * 1000))


def _detail(group: Group, events: Sequence[EventRow]) -> str:
    """Say in a few words what came out, or what went wrong."""
    keys = {task.key for task in group.tasks}
    if error := next((t.error for t in group.tasks if t.state in {"failed", "retrying"} and t.error), None):
        return str(error.get("sentence", ""))[:200]
    own = [event for event in events if event.task in keys]
    if group.step in {"search", "collect"} and len(keys) > 1:
        return _many(group.step, own)
    for event in own:
        if words := _words(event):
            return words
    return ""


def _many(step: str, events: Sequence[EventRow]) -> str:
    if step == "search":
        hits = sum(event.body.get("hits", 0) for event in events if event.kind == "search.found")
        return ngettext("%(n)d hit", "%(n)d hits", hits) % {"n": hits}
    read = sum(event.kind == "source.read" for event in events)
    return ngettext("%(n)d source read", "%(n)d sources read", read) % {"n": read}


def _words(event: EventRow) -> str:
    body = event.body
    texts = {
        "plan.made": lambda: (
            ngettext("%(n)d sub-question", "%(n)d sub-questions", body["sub_questions"]) % {"n": body["sub_questions"]}
        ),
        "search.found": lambda: ngettext("%(n)d hit", "%(n)d hits", body["hits"]) % {"n": body["hits"]},
        "sources.selected": lambda: _("%(kept)d kept, %(dropped)d dropped") % body,
        "source.read": lambda: (
            ngettext("%(characters)d character", "%(characters)d characters", body["characters"]) % body
        ),
        "source.dropped": lambda: body["reason"],
        "summary.made": lambda: (
            ngettext("%(n)d sentence", "%(n)d sentences", body["sentences"]) % {"n": body["sentences"]}
        ),
        "draft.written": lambda: (
            ngettext("%(n)d sentence", "%(n)d sentences", body["sentences"]) % {"n": body["sentences"]}
        ),
        "draft.verified": lambda: _verified(body),
        "memory.indexed": lambda: ngettext("%(n)d fact", "%(n)d facts", body["facts"]) % {"n": body["facts"]},
    }
    make = texts.get(event.kind)
    return make() if make else ""


def _verified(counts: Mapping[str, int]) -> str:
    dropped = counts.get("dropped", 0)
    told = {"sourced": counts.get("sourced", 0), "all": sum(counts.values()) - dropped, "dropped": dropped}
    if dropped:
        return _("%(sourced)d of %(all)d sourced, %(dropped)d left out") % told
    return _("%(sourced)d of %(all)d sourced") % told


def credits_by_group(found: Sequence[Group], calls: Sequence[CallRow]) -> dict[str, int]:
    """Return the credits of the answered calls, by group."""
    of_task = {task.id: group.key for group in found for task in group.tasks}
    totals: dict[str, int] = defaultdict(int)
    for call in calls:
        if call.state == "done" and call.task in of_task:
            totals[of_task[call.task]] += call.credits
    return dict(totals)
