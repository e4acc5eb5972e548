"""Example values for every page and every state: rich, empty, failed, very long, right-to-left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.ui import contexts as c

NOW = datetime(2026, 11, 12, 9, 12, tzinfo=UTC)
QUESTION = "What does a heat pump retrofit cost in an apartment building, and what decides the price?"
ARABIC = "ما تكلفة تركيب مضخات الحرارة في المباني السكنية عام ٢٠٢٥، وما الذي يحدد السعر؟"
LONG = "Wärmepumpennachrüstungskostenvergleichsuntersuchung " * 6 + "https://example.org/" + "a" * 160
SHA = "9f2c41ab77d05e0c3b6a1188e2f04d5566aa90c1be7742d3f8e9a0b1c2d3e4f5"

STATES = (
    "queued",
    "running",
    "waiting_approval",
    "throttled",
    "failed",
    "cancelled",
    "rejected",
    "completed",
    "expired",
)


def question(key: str) -> str:
    """The question of the example `key`."""
    return {"arabic": ARABIC, "long": LONG}.get(key, QUESTION)


def bar(current: str) -> c.TopBar:
    """A top bar with three workspaces."""
    return c.TopBar(
        workspace="Ostrava Housing Cooperative",
        current=current,
        person="Mara Lindqvist",
        email="mara.lindqvist@example.org",
        credits=169,
        waiting=2,
        workspaces=(
            c.WorkspaceLink("Ostrava Housing Cooperative", "/research", "owner", current=True),
            c.WorkspaceLink("Lindqvist & Daughters, Energy Advice", "/research", "member"),
        ),
        chooser_url="/workspaces",
        logout_url="/logout",
        language_url="/language",
    )


def note(number: int, title: str, verdict: str = "sourced") -> c.Note:
    """A note of a source."""
    return c.Note(
        number=number,
        title=title,
        before="Across the 41 buildings surveyed the",
        quote="median installed price was 1,180 euros per kilowatt in 2025",
        after="with the lower quartile near 940",
        verdict=verdict,
        pairs=(
            c.Pair("Place", "page 14, characters 20,118–20,176"),
            c.Pair("Published", "March 2026"),
            c.Pair("Read", "12 November 2026, 09:12"),
            c.Pair("sha256", SHA[:12], mono=True),
        ),
        url="/documents",
        url_label="Open the snapshot",
    )


TITLES = (
    "Retrofit price survey 2025, city of Graz",
    "Annual report of the Ostrava Housing Cooperative",
    "Drilling permits and geology, regional office",
    "Heat networks and flats: a comparison of 41 buildings",
    "tariffs-2025.csv",
)


def section(key: str, title: str, first: int, *texts: tuple[str, str, int]) -> c.Section:
    """A section whose notes are numbered from `first`."""
    claims, notes, number = [], [], first
    for index, (text, verdict, count) in enumerate(texts):
        marks = tuple(c.Mark(number + step, TITLES[(number + step) % 5], first=True) for step in range(count))
        notes += [note(mark.number, mark.about, verdict) for mark in marks]
        claims.append(c.Claim(f"{key}-{index}", text, verdict, marks, opens=index == 4))
        number += count
    return c.Section(key, title, tuple(claims), tuple(notes))


SUMMARY = section(
    "summary",
    "Summary",
    1,
    (
        "A retrofit in an apartment building cost 1,180 euros per kilowatt in the median of 41 buildings in 2025.",
        "sourced",
        1,
    ),
    ("Half of the price is not the machine but the drilling, the cabinet and the new risers.", "sourced", 1),
    ("For a building of 24 flats this comes to about 142,000 euros before subsidies.", "calculated", 1),
    (
        "What decides the price is the temperature the radiators need, more than the size of the building.",
        "inferred",
        2,
    ),
)

SECTIONS = (
    section(
        "cost",
        "What was paid in 2025",
        6,
        ("The survey of Graz covers 41 buildings with 8 to 96 flats.", "sourced", 1),
        ("Its median is 1,180 euros per kilowatt installed, with quartiles at 940 and 1,460.", "sourced", 1),
        ("The cooperative in Ostrava paid 1,310 euros per kilowatt for its first four houses.", "sourced", 1),
        (
            "The two figures do not count the same things: the cooperative adds the new switch cabinet.",
            "contradicted",
            2,
        ),
        (
            "Air-source machines were 22 % cheaper to install than ground-source ones, and 31 % dearer to run.",
            "sourced",
            1,
        ),
        ("Prices fell by 6 % against 2024 in buildings that had bought together.", "unsupported", 0),
    ),
    section(
        "drivers",
        "What decides the price",
        12,
        ("Every ten degrees of flow temperature add about 14 % to the machine's price.", "sourced", 1),
        ("Where the radiators run at 45 °C, no flat needed a new radiator.", "sourced", 1),
        ("Permits for drilling took between three and eleven months.", "sourced", 1),
    ),
)

STEPS = (
    ("plan", "Plan", (), "model", 0, 1400, 2, "4 sub-questions, 9 searches"),
    ("search-1", "Search: price", ("plan",), "tool", 1400, 900, 1, "14 passages in 9 documents"),
    ("search-2", "Search: drivers", ("plan",), "tool", 1420, 1300, 1, "11 passages in 7 documents"),
    ("search-3", "Search: permits", ("plan",), "tool", 1430, 700, 1, "6 passages in 4 documents"),
    ("select", "Select", ("search-1", "search-2", "search-3"), "rule", 2730, 200, 0, "23 kept, 18 dropped"),
    ("collect", "Collect ×23", ("select",), "tool", 2940, 8200, 6, "23 snapshots, 4.1 MB"),
    ("summarize", "Summarise", ("collect",), "model", 11200, 14100, 9, "61 sentences tied to spans"),
    ("synthesize", "Synthesise", ("summarize",), "model", 25300, 9800, 6, "4 sections, 38 sentences"),
    ("verify", "Verify", ("synthesize",), "model", 35100, 6100, 4, "36 of 38 sourced"),
    ("approve", "Approve", ("verify",), "person", 41200, 8040000, 0, ""),
    ("index", "Index", ("approve",), "tool", 0, None, None, ""),
    ("publish", "Publish", ("index",), "tool", 0, None, None, ""),
)


def done(state: str) -> int:
    """How many steps are finished in `state`."""
    return {"queued": 0, "running": 6, "throttled": 5, "failed": 5, "cancelled": 6, "completed": 12}.get(state, 9)


def _step_state(index: int, state: str) -> str:
    finished = done(state)
    if index < finished:
        return "succeeded"
    if index > finished:
        return "cancelled" if state in ("cancelled", "rejected", "expired") else "pending"
    current = {
        "running": "running",
        "waiting_approval": "waiting",
        "throttled": "queued",
        "failed": "failed",
        "cancelled": "cancelled",
        "rejected": "cancelled",
        "expired": "cancelled",
    }
    return current.get(state, "pending")


def graph(state: str) -> c.RunGraph:
    """The graph in `state`."""
    subs = {"succeeded": "{:.1f} s · {} cr"}
    steps = []
    for index, (key, label, needs, _, _, took, paid, _) in enumerate(STEPS):
        own = _step_state(index, state)
        sub = subs.get(own, "").format((took or 900) / 1000, paid or 0) if key != "approve" else ""
        steps.append(
            c.Step(key, label, own, needs, sub or {"pending": "est. 2 cr", "waiting": "2 h 14 min"}.get(own, ""))
        )
    return c.RunGraph(tuple(steps), done(state))


def timeline(state: str) -> c.RunTimeline:
    """The timeline in `state`."""
    rows, total, paid = [], 0, 0
    for index, (key, label, _, by, start, took, cost, detail) in enumerate(STEPS):
        own = _step_state(index, state)
        if own not in ("succeeded", "running", "waiting", "failed"):
            continue
        took = 22000 if key == "approve" else took or 900
        rows.append(
            c.TimelineRow(
                key,
                label,
                by,
                own,
                start if index < 10 else 63200 + 900 * (index - 10),
                took,
                cost or 0,
                2 if cost else None,
                detail,
                attempts=3 if own == "failed" else 1,
                again=state == "completed" and key == "collect",
            )
        )
        total, paid = max(total, rows[-1].start_ms + took), paid + (cost or 0)
    return c.RunTimeline(tuple(rows), total, paid)


PLAN_LINES = (
    c.PlanLine("add", "Publish the report", "as a page, PDF, Markdown and JSON", 1),
    c.PlanLine("add", "Add 18 facts to the memory of this workspace", "each with its source", 4, note=3),
    c.PlanLine("change", "Replace 2 facts that newer documents contradict", "the old ones stay readable", 0),
)

NOTES = (
    c.Note(
        1,
        "How 31 credits were counted",
        pairs=(c.Pair("Model", "21"), c.Pair("Search", "3"), c.Pair("Fetch", "7")),
        url="/research",
        url_label="Open the ledger",
    ),
    c.Note(
        2,
        "One line of the ledger per call",
        "A call that is repeated after a crash returns its recorded result and costs nothing.",
    ),
    c.Note(
        3,
        "Why a person is asked",
        "Writing to memory needs an approval in this workspace.",
        pairs=(c.Pair("Rule", "memory.write, line 14", mono=True),),
    ),
    note(4, TITLES[0]),
    note(5, TITLES[3], "calculated"),
)


def approval(decided_by: str = "", may_decide: bool = True) -> c.ApprovalCard:
    """An approval that waits."""
    return c.ApprovalCard(
        public_id="apr_01JCK4",
        title="Approve the draft before anything is written",
        text=(
            "Footnote read 41 sources, kept 23 and wrote 38 sentences; 36 are sourced. "
            "If you approve, it does the three things below. Nothing has been written yet."
        ),
        lines=PLAN_LINES,
        asked_by="Mara Lindqvist",
        left_ms=597_600_000,
        expires_at=NOW + timedelta(days=7),
        release=5,
        note=3,
        decided_by=decided_by,
        may_decide=may_decide,
    )


def notice(key: str, state: str) -> c.RunNotice:
    """What matters in `state`."""
    reasons = {
        "failed": "The model's answer broke its contract three times at Collect",
        "completed": "38 sentences, 36 of them sourced, from 23 sources. 31 credits were charged and 5 came back.",
        "rejected": "The permits section is out of date.",
    }
    return c.RunNotice(
        public_id=key,
        state=state,
        approval=approval() if state == "waiting_approval" else None,
        reason=reasons.get(state, ""),
        throttled_until=NOW + timedelta(minutes=4) if state == "throttled" else None,
        resume_step=5 if state == "failed" else None,
        steps_done=4 if state == "failed" else 0,
        can_resume=state == "failed",
        decided_by="Jonas Berg" if state in ("rejected", "cancelled") else "",
        released=5,
        kept=23 if state == "failed" else 0,
    )


def facts(key: str, state: str) -> c.RunFacts:
    """The facts in `state`."""
    going = state in ("queued", "running", "waiting_approval", "throttled")
    return c.RunFacts(
        public_id=key,
        state=state,
        started_at=None if state == "queued" else NOW,
        took_ms=None if going else 64_000,
        credits=0 if state == "queued" else 31,
        held=36 if going else 0,
        mode="mock",
        depth="standard",
        by="Mara Lindqvist",
        version="research v3",
        cost_note=1,
        version_note=None,
        can_cancel=going,
        release=5,
        kept=None if state == "queued" else 23,
        read=None if state == "queued" else 41,
    )


def run(key: str) -> c.RunPage:
    """The run page; `key` is a state, or arabic, long or script."""
    state = key if key in STATES else "waiting_approval" if key in ("arabic", "long") else "running"
    going = state in ("queued", "running", "throttled")
    text = {"arabic": (ARABIC, "sourced", 2), "long": (LONG, "sourced", 2)}.get(key)
    sections = (section("d", "", 4, text),) if text else (SECTIONS[0],)
    empty = state in ("queued", "throttled")
    return c.RunPage(
        public_id=key,
        question=question(key),
        facts=facts(key, state),
        notice=notice(key, state),
        graph=graph(state),
        timeline=timeline(state),
        draft=c.RunDraft(() if empty else sections, is_final=state == "completed"),
        notes=NOTES,
        status={
            "running": "Step 7 of 12: Summarise. 6 steps are finished.",
            "queued": "The run starts when a worker is free.",
            "waiting_approval": "The run waits for a person.",
        }.get(state, ""),
        stream_url=f"/live/runs/{key}" if going else "",
    )
