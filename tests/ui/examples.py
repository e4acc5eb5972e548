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
    "queued", "running", "waiting_approval", "throttled", "failed", "cancelled", "rejected", "completed", "expired",
)  # fmt: skip


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
    "summary", "Summary", 1,
    ("A retrofit in an apartment building cost 1,180 euros per kilowatt in the median of 41 buildings in 2025.", "sourced", 1),
    ("Half of the price is not the machine but the drilling, the cabinet and the new risers.", "sourced", 1),
    ("For a building of 24 flats this comes to about 142,000 euros before subsidies.", "calculated", 1),
    ("What decides the price is the temperature the radiators need, more than the size of the building.", "inferred", 2),
)  # fmt: skip

SECTIONS = (
    section(
        "cost", "What was paid in 2025", 6,
        ("The survey of Graz covers 41 buildings with 8 to 96 flats.", "sourced", 1),
        ("Its median is 1,180 euros per kilowatt installed, with quartiles at 940 and 1,460.", "sourced", 1),
        ("The cooperative in Ostrava paid 1,310 euros per kilowatt for its first four houses.", "sourced", 1),
        ("The two figures do not count the same things: the cooperative adds the new switch cabinet.", "contradicted", 2),
        ("Air-source machines were 22 % cheaper to install than ground-source ones, and 31 % dearer to run.", "sourced", 1),
        ("Prices fell by 6 % against 2024 in buildings that had bought together.", "unsupported", 0),
    ),
    section(
        "drivers", "What decides the price", 12,
        ("Every ten degrees of flow temperature add about 14 % to the machine's price.", "sourced", 1),
        ("Where the radiators run at 45 °C, no flat needed a new radiator.", "sourced", 1),
        ("Permits for drilling took between three and eleven months.", "sourced", 1),
    ),
)  # fmt: skip

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


def _done(state: str) -> int:
    return {"queued": 0, "running": 6, "throttled": 5, "failed": 5, "cancelled": 6, "completed": 12}.get(state, 9)


def _step_state(index: int, state: str) -> str:
    done = _done(state)
    if index < done:
        return "succeeded"
    if index > done:
        return "cancelled" if state in ("cancelled", "rejected", "expired") else "pending"
    current = {
        "running": "running", "waiting_approval": "waiting", "throttled": "queued", "failed": "failed",
        "cancelled": "cancelled", "rejected": "cancelled", "expired": "cancelled",
    }  # fmt: skip
    return current.get(state, "pending")


def graph(state: str) -> c.RunGraph:
    """The graph in `state`."""
    subs = {"succeeded": "{:.1f} s · {} cr"}
    steps = []
    for index, (key, label, needs, _, _, took, paid, _) in enumerate(STEPS):
        own = _step_state(index, state)
        sub = subs.get(own, "").format((took or 900) / 1000, paid or 0) if key != "approve" else ""
        steps.append(c.Step(key, label, own, needs, sub or {"pending": "est. 2 cr", "waiting": "2 h 14 min"}.get(own, "")))
    return c.RunGraph(tuple(steps), _done(state))


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
                key, label, by, own, start if index < 10 else 63200 + 900 * (index - 10), took, cost or 0, 2 if cost else None, detail,
                attempts=3 if own == "failed" else 1, again=state == "completed" and key == "collect",
            )
        )  # fmt: skip
        total, paid = max(total, rows[-1].start_ms + took), paid + (cost or 0)
    return c.RunTimeline(tuple(rows), total, paid)


PLAN_LINES = (
    c.PlanLine("add", "Publish the report", "as a page, PDF, Markdown and JSON", 1),
    c.PlanLine("add", "Add 18 facts to the memory of this workspace", "each with its source", 4, note=3),
    c.PlanLine("change", "Replace 2 facts that newer documents contradict", "the old ones stay readable", 0),
)

NOTES = (
    c.Note(1, "How 31 credits were counted", pairs=(c.Pair("Model", "21"), c.Pair("Search", "3"), c.Pair("Fetch", "7")),
           url="/research", url_label="Open the ledger"),
    c.Note(2, "One line of the ledger per call", "A call that is repeated after a crash returns its recorded result and costs nothing."),
    c.Note(3, "Why a person is asked", "Writing to memory needs an approval in this workspace.",
           pairs=(c.Pair("Rule", "memory.write, line 14", mono=True),)),
    note(4, TITLES[0]),
    note(5, TITLES[3], "calculated"),
)  # fmt: skip


def approval(decided_by: str = "", may_decide: bool = True) -> c.ApprovalCard:
    """An approval that waits."""
    return c.ApprovalCard(
        public_id="apr_01JCK4",
        title="Approve the draft before anything is written",
        text="Footnote read 41 sources, kept 23 and wrote 38 sentences; 36 are sourced. If you approve, it does the three things below. Nothing has been written yet.",
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
        public_id=key, state=state, started_at=None if state == "queued" else NOW, took_ms=None if going else 64_000,
        credits=0 if state == "queued" else 31, held=36 if going else 0, mode="mock", depth="standard",
        by="Mara Lindqvist", version="research v3", cost_note=1, version_note=None, can_cancel=going, release=5,
        kept=None if state == "queued" else 23, read=None if state == "queued" else 41,
    )  # fmt: skip


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
        status={"running": "Step 7 of 12: Summarise. 6 steps are finished.", "queued": "The run starts when a worker is free.",
                "waiting_approval": "The run waits for a person."}.get(state, ""),
        stream_url=f"/live/runs/{key}" if going else "",
    )  # fmt: skip


def plan(key: str) -> c.PlanPage:
    """The plan page; `short` does not fit the balance."""
    lines = (
        c.PlanLine("read", "Read 25 documents of this workspace", "4.1 MB, no page outside is fetched", None),
        c.PlanLine("read", "Search 9 times in them", "hybrid search, at most 24 sources kept", 3),
        c.PlanLine("add", "Write a draft of 4 sections", "every sentence tied to a span, then verified", 19),
        c.PlanLine("add", "Publish the report", "as a page, PDF, Markdown and JSON", 1),
        c.PlanLine("add", "Add what was learned to the memory of this workspace", "about 18 facts, each with its source", 4, 2),
        c.PlanLine("change", "Replace facts that newer documents contradict", "the old ones stay readable", 0),
        c.PlanLine("remove", "Withdraw the report of 3 March that this one replaces", "it stays in the audit log", 0),
        c.PlanLine("read", "Search the web", "", None, denied_by="web.search in mock mode"),
    )
    return c.PlanPage(
        public_id=key, question=question(key), lines=lines,
        subquestions=(
            c.SubQuestion("What was paid per kilowatt in 2025?", ("heat pump retrofit price 2025", "installed cost per kilowatt", "Einbaukosten Mehrfamilienhaus")),
            c.SubQuestion("Which part of the price is the machine?", ("share of drilling and cabinet", "cost breakdown")),
            c.SubQuestion("What raises or lowers the price?", ("flow temperature price", "radiator exchange", "joint purchase")),
            c.SubQuestion("How long do permits take?", ("drilling permit duration",)),
        ),
        assumptions=("“Apartment building” means at least six flats.", "Prices are in euros of 2025, without subsidies."),
        undo=("Cancel at any step: what was not used comes back.", "The facts in memory can be forgotten with one button; the report can be withdrawn."),
        approval_points=() if key == "short" else ("Before the report is published and memory is written, for at most seven days.",),
        low=24, high=36, balance=12 if key == "short" else 200, adds=3, changes=1, removes=1, documents=25, depth="standard", mode="mock",
        source_cap=24, short_by=24 if key == "short" else 0,
        notes=(c.Note(1, "How the cost was estimated", "From the length of the documents and the last 20 runs of this depth.",
                      pairs=(c.Pair("Per sub-question", "4–6"), c.Pair("Per source", "0–1"))),
               c.Note(2, "What memory is", "Facts with their sources that later runs of this workspace may use.")),
    )  # fmt: skip


def run_list(key: str) -> c.RunList:
    """The run list; `empty` has none."""
    samples = (
        "What does a heat pump retrofit cost in an apartment building?",
        "Which of our houses need new radiators before 2030?",
        "Where do the drilling permits and the survey contradict each other?",
    )
    if key == "empty":
        return c.RunList(samples=samples)
    rows = [
        c.RunRow(state, QUESTION if index % 2 else samples[index % 3], state, NOW - timedelta(hours=7 * index), 31 - index,
                 "Mara Lindqvist" if index % 3 else "Jonas Berg", _done(state), 12, state == "completed")
        for index, state in enumerate((*STATES, "planned"))
    ]  # fmt: skip
    rows.insert(2, c.RunRow("arabic", ARABIC, "completed", NOW, 28, "ليلى حداد", 12, 12, True))
    rows.insert(3, c.RunRow("long", LONG, "running", NOW, 3, "Mara Lindqvist", 3, 12))
    return c.RunList(tuple(rows), older_url="?before=run_01")


def estimate(question_text: str = "", depth: str = "standard", balance: int = 200) -> c.Estimate:
    """A band that grows with depth, so that typing changes it."""
    if not question_text.strip():
        return c.Estimate("empty", balance=balance)
    low, high = {"quick": (9, 14), "standard": (24, 36), "deep": (180, 260)}.get(depth, (24, 36))
    if high <= balance:
        return c.Estimate("fits", low, high, balance)
    return c.Estimate("short", low, high, balance, high - balance, c.SmallerPlan("standard", 24, 24, 36))


def inquiries(key: str = "full") -> c.InquiriesPage:
    """The page with the ask box."""
    balance = 12 if key == "short" else 169
    return c.InquiriesPage(
        documents=0 if key == "empty" else 25, balance=balance, granted=200,
        estimate=estimate("" if key == "empty" else QUESTION, "deep" if key == "short" else "standard", balance),
        run_list=run_list(key),
        notes=(c.Note(1, "What a credit is", "A credit pays for a fixed share of model, search and fetch work. A failed start costs nothing."),
               c.Note(2, "How the estimate is made", "From depth, number of sources and the length of your documents. The upper end is held, the rest comes back.")),
    )  # fmt: skip


def source(index: int, kept: bool = True) -> c.SourceRow:
    """A source."""
    reasons = ("Answers sub-questions 1 and 2; newest of three with the same table.", "Same table as source 1, two years older.",
               "Mentions heat pumps once, in a list of contents.")  # fmt: skip
    return c.SourceRow(
        public_id=f"src_{index}", title=TITLES[index % 5], where=("surveys/graz-2025.pdf", "example.org/reports/2025/annual")[index % 2],
        url="https://example.org/reports/2025/annual" if index % 2 else "", reason=reasons[0 if kept else 1 + index % 2],
        before="Across the 41 buildings surveyed the" if kept else "", quote="median installed price was 1,180 euros per kilowatt in 2025" if kept else "",
        after="with the lower quartile near 940" if kept else "", published="March 2026", fetched_at=NOW, sha256=SHA, cited=(3, 1, 0)[index % 3],
        pages="page 14",
    )  # fmt: skip


def report(key: str) -> c.ReportPage:
    """The report; `nothing` found no answer."""
    nothing = key == "nothing"
    sections = () if nothing else SECTIONS
    summary = c.Section("summary", "", (c.Claim("s0", "None of the 25 documents answers the question.", "calculated"),)) if nothing else SUMMARY
    if key in ("arabic", "long"):
        summary = section("summary", "", 1, (question(key), "sourced", 2), (question(key), "inferred", 1))
    return c.ReportPage(
        public_id=key, question=question(key), title=question(key) if key in ("arabic", "long") else "Heat pumps in apartment buildings: what they cost and why",
        published_at=NOW, by="Mara Lindqvist", credits=31, sentences=38, sourced=0 if nothing else 36, summary=summary, sections=sections,
        disagreements=() if nothing else (
            c.Disagreement("Price per kilowatt, installed, 2025", (
                c.Side("1,180 €", "Median installed price of 41 buildings, without the switch cabinet.", TITLES[0], c.Mark(6, TITLES[0]), "March 2026"),
                c.Side("1,310 €", "Average of our first four houses, switch cabinet included.", TITLES[1], c.Mark(9, TITLES[1]), "January 2026"))),
            c.Disagreement("Time for a drilling permit", (
                c.Side("3–11 months", "Measured over 62 applications.", TITLES[2], c.Mark(14, TITLES[2]), "2025"),
                c.Side("6 weeks", "Stated on the regional office's page.", TITLES[4], c.Mark(13, TITLES[4])))),
        ),
        unanswered=(c.Unanswered("What do the machines cost to maintain after ten years?", "Two documents name maintenance; neither gives a figure."),
                    c.Unanswered("Which subsidies will apply in 2027?", "No document is newer than March 2026.")),
        sources=() if nothing else tuple(source(index) for index in range(5)),
        downloads=(c.Download("PDF", "/research/completed/report.pdf", "file-text", 184_320),
                   c.Download("Markdown", "/research/completed/report.md", "file-code", 21_004),
                   c.Download("JSON", "/research/completed/report.json", "braces", 96_412)),
        approved_by="" if nothing else "Jonas Berg",
    )  # fmt: skip


def sources(key: str, show: str) -> c.SourcesPage:
    """Kept and dropped; `nothing` kept none."""
    kept = () if key == "nothing" else tuple(source(index) for index in range(5))
    return c.SourcesPage(key, question(key), kept, tuple(source(index, False) for index in range(4)), show)


def documents(key: str) -> c.DocumentsPage:
    """The documents; `empty` has none, `rejected` had three bad files."""
    if key == "empty":
        return c.DocumentsPage()
    rows = tuple(
        c.DocumentRow(f"doc_{index}", ARABIC if index == 3 else TITLES[index % 5], "surveys/graz-retrofit-prices-2025-final-version.pdf",
                      ("PDF", "HTML", "CSV", "DOCX", "Markdown")[index % 5], 184_320 * (index + 1), NOW, "Mara Lindqvist", SHA, 14 if index % 2 else None)
        for index in range(9)
    )  # fmt: skip
    rejected = (
        c.RejectedFile("minutes-2019.pdf", "The file is encrypted. Save it without a password and add it again."),
        c.RejectedFile("photo.docx", "The file says DOCX but is a JPEG picture."),
        c.RejectedFile("empty.txt", "The file has no text."),
    )
    return c.DocumentsPage(rows, rejected if key == "rejected" else (), 6 if key == "rejected" else 0, 8_294_400)


def approvals(key: str) -> c.ApprovalsPage:
    """The inbox; `empty` has nothing."""
    if key == "empty":
        return c.ApprovalsPage()
    return c.ApprovalsPage(
        (
            c.ApprovalRow("waiting_approval", QUESTION, "Approve the draft before anything is written", "Mara Lindqvist", NOW, 597_600_000, 36),
            c.ApprovalRow("arabic", ARABIC, "Approve the draft before anything is written", "ليلى حداد", NOW, 3_600_000, 28),
        )
    )  # fmt: skip


def workspaces(key: str) -> c.WorkspacesPage:
    """The chooser."""
    if key == "empty":
        return c.WorkspacesPage("mara.lindqvist@example.org")
    links = (
        c.WorkspaceLink("Ostrava Housing Cooperative", "/research", "owner", runs=42, last_run_at=NOW),
        c.WorkspaceLink("Lindqvist & Daughters, Energy Advice", "/research", "member"),
        c.WorkspaceLink("جمعية الإسكان", "/research", "viewer", runs=1, last_run_at=NOW),
    )
    return c.WorkspacesPage("mara.lindqvist@example.org", links, ("North Shore",))
