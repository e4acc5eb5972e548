"""Example values for the style guide: every component in every state that it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib.messages import ERROR, INFO
from django.contrib.messages.storage.base import Message

from apps.library.views.pages import DatasetLine, Deleted, Outcome, Room
from apps.research.pages import CallPreview, PlanTally

NOW = datetime(2026, 11, 12, 9, 12, tzinfo=UTC)
SHA = "9f2c41ab77d05e0c3b6a1188e2f04d5566aa90c1be7742d3f8e9a0b1c2d3e4f5"
QUESTION = "What does a heat pump retrofit cost in an apartment building?"
ARABIC = "ما تكلفة تركيب مضخات الحرارة في المباني السكنية؟"
STATES = (
    "planned queued running waiting_approval throttled retrying completed failed cancelled rejected expired skipped "
    "pending"
).split()
VERDICTS = ("sourced", "calculated", "inferred", "contradicted", "unsupported")


@dataclass(frozen=True, slots=True)
class Specimen:
    """A component (the name of its file) in a state. frame: what must stand around it: list, rows, svg, popover."""

    component: str
    state: str
    context: dict[str, Any] = field(default_factory=dict)
    frame: str = ""
    wide: bool = False


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name", help_text="Your organisation or the work it is for.")
    question = forms.CharField(label="Question", widget=forms.Textarea({"rows": 2}), required=False)
    depth = forms.ChoiceField(label="Depth", choices=[("quick", "Quick"), ("deep", "Deep")])
    mode = forms.ChoiceField(
        label="Mode", choices=[("mock", "Mock"), ("live", "Live")], widget=forms.RadioSelect, initial="mock"
    )
    approval = forms.BooleanField(label="Stop for a person before the report is published", required=False)


def specimens() -> tuple[Specimen, ...]:
    """Return every component in every state, in the order of the page."""
    return (
        *_frame(), *_words(), *_doubt(), *_forms(), *_deciding(), *_tables(), *_drawings(), *_overlays(), *_library(),
    )  # fmt: skip


def _frame() -> Iterator[Specimen]:
    bar = {
        "workspace": "Ostrava Housing Cooperative", "current": "research", "person": "Mara Lindqvist",
        "email": "mara.lindqvist@example.org", "credits": 169, "waiting": 2, "chooser_url": "#", "logout_url": "#",
        "workspaces": [
            {"name": "Ostrava Housing Cooperative", "url": "#", "current": True},
            {"name": "Lindqvist & Daughters, Energy Advice", "url": "#"},
        ],
    }  # fmt: skip
    yield Specimen("top_bar", "two approvals wait", {"bar": bar}, wide=True)
    yield Specimen(
        "top_bar", "nothing waits, datasets", {"bar": bar | {"waiting": 0, "current": "datasets"}}, wide=True
    )
    yield Specimen("workspace_switcher", "two workspaces", {"bar": bar})
    yield Specimen("workspace_switcher", "the only one", {"bar": bar | {"workspaces": []}})
    yield Specimen("brand", "", {"url": "#"})
    yield Specimen("theme_toggle", "")
    yield Specimen("language_form", "", {"url": "#"})
    yield Specimen("crumb", "two parts", {"parent": "Research", "parent_url": "#", "here": "run_01JCK4"})
    three = {"parent": "Datasets", "parent_url": "#", "above": "Survey of Graz", "above_url": "#", "here": "graz.pdf"}
    yield Specimen("crumb", "three parts", three)
    tabs = [
        {"label": "Kept", "url": "#", "current": True, "count": 23},
        {"label": "Dropped", "url": "#", "count": 18},
        {"label": "All", "url": "#", "count": None},
    ]
    yield Specimen("tabs", "with counts", {"tabs": tabs, "label": "Sources"})
    yield Specimen("pages", "both ways", {"newer_url": "#", "older_url": "#"})
    yield Specimen("pages", "the first", {"older_url": "#"})


def _words() -> Iterator[Specimen]:
    yield Specimen("fact", "plain", {"label": "Sources", "value": 23})
    yield Specimen("fact", "with its footnote", {"label": "Credits", "value": 31, "note": 1})
    for state in STATES:
        yield Specimen("state_pill", state, {"state": state})
    yield Specimen("state_pill", "bare", {"state": "running", "bare": True})
    yield Specimen("status_line", "running", {"state": "running", "text": "Step 7 of 12: Summarise.", "url": "#"})
    yield Specimen("status_line", "done", {"text": "The run has finished: 38 sentences, 36 of them sourced."})
    lost = "The connection was lost. Footnote is trying again; the run goes on without it."
    yield Specimen("status_line", "lost", {"state": "lost", "text": lost, "url": "#"})
    for tone, name, title in (
        ("", "info", "This page has moved"),
        ("ok", "circle-check", "The report is published"),
        ("warn", "triangle-alert", "3 credits are left"),
        ("bad", "circle-x", "The model's answer broke its contract three times"),
    ):
        context = {"tone": tone, "icon_name": name, "title": title, "text": "What was kept costs nothing again."}
        yield Specimen("notice", tone or "plain", context)
    calm = {"unconfirmed": False, "email_url": "#"}
    yield Specimen("flash", "a message", calm | {"messages": [Message(INFO, "The name was changed.")]})
    yield Specimen("flash", "an error", calm | {"messages": [Message(ERROR, "The link was used already.")]})
    undone = Message(INFO, "The run was deleted.", extra_tags="#")
    yield Specimen("flash", "with undo", calm | {"messages": [undone]})
    yield Specimen("flash", "an address to confirm", calm | {"messages": [], "unconfirmed": True})
    yield Specimen("flash", "none", calm | {"messages": []})
    empty = {"title": "No documents yet", "text": "Add the reports and tables that your questions are about."}
    yield Specimen("empty_state", "with a way out", empty | {"url": "#", "label": "Add documents"})
    yield Specimen("empty_state", "plain", empty)
    yield Specimen("skeleton", "after 300 ms")
    yield Specimen("code", "", {"label": "A call", "text": "curl -H 'Authorization: Bearer fn_…' /api/v1/runs"})
    lines = [("same", "depth: standard"), ("remove", "sources: 12"), ("add", "sources: 24")]
    yield Specimen("diff", "", {"lines": lines})


def _doubt() -> Iterator[Specimen]:
    yield Specimen("mark", "a source", {"number": 4, "about": "Survey of Graz"})
    quote = {"before": "Across the 41 buildings the", "quote": "median price was 1,180 euros", "after": "per kilowatt"}
    yield Specimen("quote", "in its context", quote)
    for verdict in VERDICTS:
        yield Specimen("verdict", verdict, {"verdict": verdict})
    note = {"number": 4, "title": "Retrofit price survey 2025", "verdict": "sourced", "url": "#", **quote}
    pairs = [{"label": "Place", "value": "page 14"}, {"label": "sha256", "value": SHA[:12], "mono": True}]
    yield Specimen("note", "of a source", {"note": note | {"pairs": pairs}, "back": True})
    cost = {"number": 1, "title": "How 31 credits were counted", "pairs": [{"label": "Model", "value": "21"}]}
    yield Specimen("note", "of a cost", {"note": cost})
    rule = {"number": 3, "title": "Why a person is asked", "text": "Writing to memory needs an approval."}
    yield Specimen("note", "of a decision", {"note": rule})
    claims = [
        {"public_id": v, "text": f"This sentence is {v}.", "verdict": v, "marks": [{"number": n}]}
        for n, v in enumerate(VERDICTS, 1)
    ]
    yield Specimen("claims", "every verdict", {"section": {"claims": claims}})
    yield Specimen("claims", "right to left", {"section": {"claims": [{"public_id": "ar", "text": ARABIC}]}})


def _forms() -> Iterator[Specimen]:
    for kind in ("", "pri", "danger", "quiet", "small"):
        context = {"label": "Reject and release 5 credits", "kind": kind, "type": "button"}
        yield Specimen("button", kind or "plain", context)
    yield Specimen("button", "with an icon", {"label": "Approve and continue", "kind": "pri", "icon_name": "check"})
    yield Specimen("button", "as a link", {"label": "Read the report", "url": "#"})
    filled, wrong = ExampleForm(prefix="example"), ExampleForm({}, prefix="example")
    for each in filled:
        yield Specimen("field", each.name, {"field": each})
    yield Specimen("field", "with an error", {"field": wrong["name"]})
    yield Specimen("error_summary", "three errors", {"form": wrong})
    yield Specimen("error_summary", "none", {"form": filled})


LINES = [
    {"kind": "read", "text": "Read 25 documents of this workspace", "detail": "4.1 MB"},
    {"kind": "add", "text": "Publish the report", "detail": "as a page, PDF, Markdown and JSON", "credits": 1},
    {"kind": "change", "text": "Replace 2 facts that newer documents contradict", "credits": 0, "note": 3},
    {"kind": "remove", "text": "Withdraw the report of 3 March", "detail": "it stays in the audit log", "credits": 0},
    {"kind": "read", "text": "Search the web", "denied_by": "web.search in mock mode"},
]


CALL = CallPreview(
    tool="web_search", agent="planner_retriever", verdict="deny", rule="no-water", line=4, own=True, scope="search",
    says="Nobody asks about water here.", touches="the query goes to the search provider", undo="nothing is changed",
    micro_dollars=2000,
)  # fmt: skip
TALLY = PlanTally(11, 7, 22, asks=1, denied=2, consequences=("A search that is denied is left out.",))


def _intending() -> Iterator[Specimen]:
    yield Specimen("plan_call", "denied", {"call": CALL})
    yield Specimen("plan_call", "denied, on a card", {"call": CALL, "brief": True})
    asks = replace(CALL, verdict="require_approval", approver="oversee", four_eyes=True, capability=True)
    yield Specimen("plan_call", "asks a person", {"call": asks})
    yield Specimen("plan_call", "allowed", {"call": replace(CALL, verdict="allow", says="", line=7, own=False)})
    yield Specimen("plan_tally", "a plan in one line", {"tally": TALLY})
    yield Specimen("plan_warning", "calls that will be denied", {"tally": TALLY})


def _deciding() -> Iterator[Specimen]:
    yield Specimen("plan_list", "every kind of line", {"lines": LINES})
    yield from _intending()
    card = {
        "public_id": "apr_01JCK4", "title": "Approve the draft before anything is written", "lines": LINES[1:3],
        "text": "Footnote read 41 sources, kept 23 and wrote 38 sentences.", "left_ms": 597_600_000, "release": 5,
        "expires_at": NOW + timedelta(days=7), "may_decide": True,
    }  # fmt: skip
    yield Specimen("approval_card", "may decide", {"approval": card})
    yield Specimen("approval_card", "may only read", {"approval": card | {"may_decide": False}})
    yield Specimen("approval_card", "already decided", {"approval": card | {"decided_by": "Jonas Berg"}})


def _tables() -> Iterator[Specimen]:
    heads = [("Document", ""), ("Kind", "tight"), ("Size", "num")]
    rows = [[("Survey of Graz", ""), ("PDF", "tight"), ("184 kB", "num")], [(ARABIC, ""), ("CSV", ""), ("2 kB", "num")]]
    yield Specimen("table", "two rows", {"label": "Documents", "heads": heads, "rows": rows})
    empty = {"label": "Documents", "heads": heads, "rows": [], "empty": "No document matches."}
    yield Specimen("table", "empty", empty)
    row = {"key": "plan", "label": "Plan", "by": "model", "state": "succeeded", "start_ms": 0, "took_ms": 1400,
           "credits": 2, "note": 2, "detail": "4 sub-questions, 9 searches", "attempts": 1}  # fmt: skip
    for state, more in (
        ("succeeded", {}),
        ("running", {"state": "running", "by": "tool", "start_ms": 2000}),
        ("waiting", {"state": "waiting", "by": "person", "start_ms": 5000, "took_ms": 8_040_000}),
        ("failed", {"state": "failed", "attempts": 3}),
        ("from the ledger", {"again": True, "by": "rule"}),
        ("queued", {"state": "queued", "took_ms": None, "credits": None}),
    ):
        yield Specimen("waterfall_row", state, {"row": row | more, "total_ms": 9000}, "rows")


def _drawings() -> Iterator[Specimen]:
    kinds = ("succeeded", "running", "waiting", "failed", "retrying", "skipped", "pending")
    steps = [
        {
            "key": f"s{n}",
            "label": kind.title(),
            "state": kind,
            "needs": [f"s{n - 1}"] if n else [],
            "sub": "1.4 s · 2 cr",
        }
        for n, kind in enumerate(kinds)
    ]
    graph = [_Step(step) for step in steps]
    yield Specimen("task_graph", "every state", {"steps": graph}, wide=True)
    yield Specimen("task_graph", "right to left", {"steps": graph, "rtl": True}, wide=True)
    yield Specimen("step_table", "the twin of the graph", {"steps": steps})
    place = {"x": "60", "y": "40", "icon_x": "53", "icon_y": "33", "label_y": "67", "sub_y": "82"}
    for step in steps[:4]:
        yield Specimen("station", str(step["state"]), {"at": place, "step": step}, "svg")
    meter = {"label": "Credits this month", "limit": 200, "slow": 75, "stop": 90}
    for state, used, tone in (("below 75 %", 96, ""), ("above 75 %", 160, "warn"), ("above 90 %", 188, "bad")):
        text = f"{used} of 200 credits are used."
        yield Specimen("meter", state, meter | {"used": used, "tone": tone, "figure": used, "text": text})
    yield Specimen("meter", "with a hold", meter | {"used": 80, "held": 36, "text": "80 used, 36 held."})
    yield Specimen("sparkline", "", {"values": [3, 5, 4, 8, 6, 9, 12], "label": "Runs a day, rising to 12"})


class _Step(dict[str, Any]):
    """A step whose parts are attributes too: the drawing reads those."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


def _overlays() -> Iterator[Specimen]:
    dialog = {"id": "dialog", "title": "Leave without saving?", "text": "The plan has 2 changes.", "close": "Stay"}
    yield Specimen("dialog", "open it", dialog, "popover")
    yield Specimen("popover", "open it", {}, "popover")
    yield Specimen("palette", "open it", {}, "popover")


def _library() -> Iterator[Specimen]:
    room = Room("PDF, HTML, Markdown, text, CSV, DOCX, XLSX", ".pdf", 25_000_000, 120, 500, 8_294_400, 5_000_000_000)
    full = Room("PDF", ".pdf", 25_000_000, 500, 500, 8_294_400, 5_000_000_000)
    outcomes = {
        "refused": Outcome("refused", "quarterly.docx", "The file holds macros; save it without them."),
        "added": Outcome("added", "graz-2025.pdf", url="#"),
        "added, with a remark": Outcome("added", ARABIC, url="#", warnings=("2 of 40 pages could not be read.",)),
        "a new version": Outcome("version", "tariffs-2025.csv", url="#", number=4),
        "known": Outcome("known", "tariffs-2025.csv", url="#"),
    }
    line = DatasetLine("ds_1", "Survey of Graz", "", 31, 4_100_000, NOW, "Mara Lindqvist")
    box = {"room": room, "dataset": "ds_1"}
    yield Specimen("upload_box", "many files", box)
    yield Specimen("upload_box", "a choice of datasets", {"room": room, "datasets": [line]})
    yield Specimen("upload_box", "a new version", box | {"document": "doc_1"})
    yield Specimen("upload_box", "full, after an upload", {**box, "room": full, "outcomes": tuple(outcomes.values())})
    for state, outcome in outcomes.items():
        yield Specimen("outcome", state, {"outcome": outcome}, "list")
    gone = Deleted("old-survey.pdf", NOW, "#")
    yield Specimen("deleted", "one may be restored", {"rows": [gone, Deleted("notes.md", NOW, "", False)]})
    yield Specimen("undo", "just now", {"gone": gone})
