"""Example values for the pages around a run: asking, planning, reading, keeping."""

from __future__ import annotations

from datetime import timedelta

from tests.ui import contexts as c
from tests.ui.examples import (
    ARABIC,
    LONG,
    NOW,
    QUESTION,
    SECTIONS,
    SHA,
    STATES,
    SUMMARY,
    TITLES,
    done,
    question,
    section,
)


def plan(key: str) -> c.PlanPage:
    """The plan page; `short` does not fit the balance."""
    lines = (
        c.PlanLine("read", "Read 25 documents of this workspace", "4.1 MB, no page outside is fetched", None),
        c.PlanLine("read", "Search 9 times in them", "hybrid search, at most 24 sources kept", 3),
        c.PlanLine("add", "Write a draft of 4 sections", "every sentence tied to a span, then verified", 19),
        c.PlanLine("add", "Publish the report", "as a page, PDF, Markdown and JSON", 1),
        c.PlanLine(
            "add", "Add what was learned to the memory of this workspace", "about 18 facts, each with its source", 4, 2
        ),
        c.PlanLine("change", "Replace facts that newer documents contradict", "the old ones stay readable", 0),
        c.PlanLine("remove", "Withdraw the report of 3 March that this one replaces", "it stays in the audit log", 0),
        c.PlanLine("read", "Search the web", "", None, denied_by="web.search in mock mode"),
    )
    return c.PlanPage(
        public_id=key,
        question=question(key),
        lines=lines,
        subquestions=(
            c.SubQuestion(
                "What was paid per kilowatt in 2025?",
                ("heat pump retrofit price 2025", "installed cost per kilowatt", "Einbaukosten Mehrfamilienhaus"),
            ),
            c.SubQuestion(
                "Which part of the price is the machine?", ("share of drilling and cabinet", "cost breakdown")
            ),
            c.SubQuestion(
                "What raises or lowers the price?", ("flow temperature price", "radiator exchange", "joint purchase")
            ),
            c.SubQuestion("How long do permits take?", ("drilling permit duration",)),
        ),
        assumptions=(
            "“Apartment building” means at least six flats.",
            "Prices are in euros of 2025, without subsidies.",
        ),
        undo=(
            "Cancel at any step: what was not used comes back.",
            "The facts in memory can be forgotten with one button; the report can be withdrawn.",
        ),
        approval_points=()
        if key == "short"
        else ("Before the report is published and memory is written, for at most seven days.",),
        low=24,
        high=36,
        balance=12 if key == "short" else 200,
        adds=3,
        changes=1,
        removes=1,
        documents=25,
        depth="standard",
        mode="mock",
        source_cap=24,
        short_by=24 if key == "short" else 0,
        notes=(
            c.Note(
                1,
                "How the cost was estimated",
                "From the length of the documents and the last 20 runs of this depth.",
                pairs=(c.Pair("Per sub-question", "4–6"), c.Pair("Per source", "0–1")),
            ),
            c.Note(2, "What memory is", "Facts with their sources that later runs of this workspace may use."),
        ),
    )


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
        c.RunRow(
            state,
            QUESTION if index % 2 else samples[index % 3],
            state,
            NOW - timedelta(hours=7 * index),
            31 - index,
            "Mara Lindqvist" if index % 3 else "Jonas Berg",
            done(state),
            12,
            state == "completed",
        )
        for index, state in enumerate((*STATES, "planned"))
    ]
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
        documents=0 if key == "empty" else 25,
        balance=balance,
        granted=200,
        estimate=estimate("" if key == "empty" else QUESTION, "deep" if key == "short" else "standard", balance),
        run_list=run_list(key),
        notes=(
            c.Note(
                1,
                "What a credit is",
                "A credit pays for a fixed share of model, search and fetch work. A failed start costs nothing.",
            ),
            c.Note(
                2,
                "How the estimate is made",
                "From depth, sources and length of your documents. The upper end is held, the rest comes back.",
            ),
        ),
    )


def source(index: int, kept: bool = True) -> c.SourceRow:
    """A source."""
    reasons = (
        "Answers sub-questions 1 and 2; newest of three with the same table.",
        "Same table as source 1, two years older.",
        "Mentions heat pumps once, in a list of contents.",
    )
    return c.SourceRow(
        public_id=f"src_{index}",
        title=TITLES[index % 5],
        where=("surveys/graz-2025.pdf", "example.org/reports/2025/annual")[index % 2],
        url="https://example.org/reports/2025/annual" if index % 2 else "",
        reason=reasons[0 if kept else 1 + index % 2],
        before="Across the 41 buildings surveyed the" if kept else "",
        quote="median installed price was 1,180 euros per kilowatt in 2025" if kept else "",
        after="with the lower quartile near 940" if kept else "",
        published="March 2026",
        fetched_at=NOW,
        sha256=SHA,
        cited=(3, 1, 0)[index % 3],
        pages="page 14",
    )


def report(key: str) -> c.ReportPage:
    """The report; `nothing` found no answer."""
    nothing = key == "nothing"
    sections = () if nothing else SECTIONS
    summary = (
        c.Section("summary", "", (c.Claim("s0", "None of the 25 documents answers the question.", "calculated"),))
        if nothing
        else SUMMARY
    )
    if key in ("arabic", "long"):
        summary = section("summary", "", 1, (question(key), "sourced", 2), (question(key), "inferred", 1))
    return c.ReportPage(
        public_id=key,
        question=question(key),
        title=question(key)
        if key in ("arabic", "long")
        else "Heat pumps in apartment buildings: what they cost and why",
        published_at=NOW,
        by="Mara Lindqvist",
        credits=31,
        sentences=38,
        sourced=0 if nothing else 36,
        summary=summary,
        sections=sections,
        disagreements=()
        if nothing
        else (
            c.Disagreement(
                "Price per kilowatt, installed, 2025",
                (
                    c.Side(
                        "1,180 €",
                        "Median installed price of 41 buildings, without the switch cabinet.",
                        TITLES[0],
                        c.Mark(6, TITLES[0]),
                        "March 2026",
                    ),
                    c.Side(
                        "1,310 €",
                        "Average of our first four houses, switch cabinet included.",
                        TITLES[1],
                        c.Mark(9, TITLES[1]),
                        "January 2026",
                    ),
                ),
            ),
            c.Disagreement(
                "Time for a drilling permit",
                (
                    c.Side("3–11 months", "Measured over 62 applications.", TITLES[2], c.Mark(14, TITLES[2]), "2025"),
                    c.Side("6 weeks", "Stated on the regional office's page.", TITLES[4], c.Mark(13, TITLES[4])),
                ),
            ),
        ),
        unanswered=(
            c.Unanswered(
                "What do the machines cost to maintain after ten years?",
                "Two documents name maintenance; neither gives a figure.",
            ),
            c.Unanswered("Which subsidies will apply in 2027?", "No document is newer than March 2026."),
        ),
        sources=() if nothing else tuple(source(index) for index in range(5)),
        downloads=(
            c.Download("PDF", "/research/completed/report.pdf", "file-text", 184_320),
            c.Download("Markdown", "/research/completed/report.md", "file-code", 21_004),
            c.Download("JSON", "/research/completed/report.json", "braces", 96_412),
        ),
        approved_by="" if nothing else "Jonas Berg",
    )


def sources(key: str, show: str) -> c.SourcesPage:
    """Kept and dropped; `nothing` kept none."""
    kept = () if key == "nothing" else tuple(source(index) for index in range(5))
    return c.SourcesPage(key, question(key), kept, tuple(source(index, False) for index in range(4)), show)


def documents(key: str) -> c.DocumentsPage:
    """The documents; `empty` has none, `rejected` had three bad files."""
    if key == "empty":
        return c.DocumentsPage()
    rows = tuple(
        c.DocumentLine(
            f"doc_{index}",
            ARABIC if index == 3 else TITLES[index % 5],
            "surveys/graz-retrofit-prices-2025-final-version.pdf",
            ("PDF", "HTML", "CSV", "DOCX", "Markdown")[index % 5],
            184_320 * (index + 1),
            NOW,
            "Mara Lindqvist",
            SHA,
            14 if index % 2 else None,
            2_310 * (index + 1),
        )
        for index in range(9)
    )
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
            c.ApprovalRow(
                "waiting_approval",
                QUESTION,
                "Approve the draft before anything is written",
                "Mara Lindqvist",
                NOW,
                597_600_000,
                36,
            ),
            c.ApprovalRow(
                "arabic", ARABIC, "Approve the draft before anything is written", "ليلى حداد", NOW, 3_600_000, 28
            ),
        )
    )


def workspaces(key: str) -> c.WorkspacesPage:
    """The chooser."""
    if key == "empty":
        return c.WorkspacesPage("mara.lindqvist@example.org")
    links = (
        c.Choice("Ostrava Housing Cooperative", "/research", "owner", runs=42, last_run_at=NOW),
        c.Choice("Lindqvist & Daughters, Energy Advice", "/research", "member"),
        c.Choice("جمعية الإسكان", "/research", "viewer", runs=1, last_run_at=NOW),
    )
    return c.WorkspacesPage("mara.lindqvist@example.org", links, ("North Shore",))
