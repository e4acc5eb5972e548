"""What is measured. Each function yields lines: a name, figures, the goal."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from pydantic import BaseModel

from apps.accounts import schemas, tenancy
from apps.accounts.actions import sessions, workspaces
from apps.lib import ids
from apps.research.actions import folders, reports, runs, setup
from apps.runtime import actions, queries, workflow
from apps.runtime import rules as states
from apps.runtime.workflow import Done, Step, Workflow

ROUNDS = 150


class Page(BaseModel):
    text: str


def _step(context: Any) -> Done:
    return Done(Page(text="x" * 1000))


SIX = workflow.register(
    Workflow(
        "six", "1",
        tuple(Step(f"s{n}", "analyst", _step, Page, needs=(f"s{n - 1}",) if n else ()) for n in range(6)),
    )
)  # fmt: skip


def row(name: str, figures: str, goal: str) -> str:
    """Return one line of the table."""
    return f"{name:<58} {figures:<52} {goal}"


def quantile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def engine(stack: Any) -> Iterator[str]:
    """A 6-step run with admission and claim, against six bare commits on the same connection."""
    settings.AGENT_STEP_EXECUTION_MODE = "inline"
    place = setup.workspace(slug="bench-engine")

    def six_steps() -> None:
        run = ids.new("run")
        actions.admit(by=place.owner, run=run, name="six", input={})
        actions.drive()

    def six_commits() -> None:
        for _ in range(6):
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO bench (body) VALUES (%s)", ["x" * 1000])

    with tenancy.acting(place.schema, "owner"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench (id bigserial PRIMARY KEY, body text)")
        cursor.execute(f'GRANT ALL ON bench TO "{place.schema}"; GRANT ALL ON bench_id_seq TO "{place.schema}"')
    with tenancy.in_workspace(place.schema):
        for _ in range(20):
            six_steps(), six_commits()
        pairs = [(_timed(six_steps), _timed(six_commits)) for _ in range(ROUNDS)]
        cpu = time.process_time()
        before = _fsyncs()
        for _ in range(50):
            six_steps()
        cpu, syncs = (time.process_time() - cpu) / 50, (_fsyncs() - before) / 50
    run, floor = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    yield row("6-step run with admission and claim / six bare commits",
              f"{ratio:.2f} ({run * 1000:.2f} ms / {floor * 1000:.2f} ms)", "goal ≤ 2.5")  # fmt: skip
    yield row("  WAL fsyncs a run, client CPU a run", f"{syncs:.1f}, {cpu * 1000:.2f} ms", "reported")
    yield from _alternating(place.schema, six_commits)


def _fsyncs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT coalesce(sum(fsyncs), 0) FROM pg_stat_io WHERE object = 'wal'")
        return int(cursor.fetchone()[0])


def _alternating(home: str, six_commits: Callable[[], None]) -> Iterator[str]:
    """The same run in 50 workspaces in turn; the floor is measured after each turn, where it was measured before."""
    places = [setup.workspace(slug=f"bench-{n}") for n in range(50)]
    times, floors = [], []
    for turn in range(5):
        for place in places:
            with tenancy.in_workspace(place.schema):
                began = time.perf_counter()
                run = ids.new("run")
                actions.admit(by=place.owner, run=run, name="six", input={})
                actions.drive()
                if turn:
                    times.append(time.perf_counter() - began)
        with tenancy.in_workspace(home):
            floors += [_timed(six_commits) for _ in places]
    median, floor = statistics.median(times), statistics.median(floors)
    yield row("the same, alternating 50 workspaces / six bare commits",
              f"{median / floor:.2f} ({median * 1000:.2f} ms)", "goal ≤ 4")  # fmt: skip


def workspace(stack: Any) -> Iterator[str]:
    """A new workspace: its schema made from nothing, and taken from the spare ones."""
    made = [_timed(lambda: schemas.make()) for _ in range(5)]
    schemas.stock(5)
    owner = workspaces.person(email="bench@example.test")
    taken = [
        _timed(lambda n=n: workspaces.create(by=owner, name="Bench", slug=f"bench-new-{n}")) for n in range(5)
    ]  # fmt: skip
    yield row("a workspace's schema from nothing", f"median {statistics.median(made):.2f} s", "goal < 1 s")
    yield row("a new workspace with a spare schema", f"median {statistics.median(taken) * 1000:.0f} ms", "reported")


def doorbell(stack: Any) -> Iterator[str]:
    """From admission to the start of the first task in an idle worker process."""
    settings.AGENT_STEP_EXECUTION_MODE = "dramatiq"
    place = setup.workspace(slug="bench-bell")
    waits = []
    with tenancy.in_workspace(place.schema):
        for _ in range(60):
            run = start(place.owner, points=("plan",))
            until(run, {"waiting_approval"})
            events = queries.events(run)
            began = next(e.at for e in events if e.kind == "run.queued")
            started = next(e.at for e in events if e.kind == "task.started")
            waits.append((started - began).total_seconds() * 1000)
            actions.cancel(by=place.owner, run=run)
            time.sleep(0.05)
    yield row("idle enqueue to start", f"p50 {quantile(waits, 0.5):.1f} ms, p95 {quantile(waits, 0.95):.1f} ms",
              "goal p95 ≤ 25 ms")  # fmt: skip


def start(owner: int, *, points: tuple[str, ...] = (), question: str = "What did the North Loop cost?") -> str:
    samples = Path(settings.BASE_DIR) / "samples" / "library"
    if not runs.documents_of():
        folders.read(by=owner, folder=samples, tell=lambda _line: None)
    from apps.billing.actions import credits

    credits.grant(by=None, workspace=tenancy.current(), credits=100, key=ids.new("grant"))
    request = runs.Request(question=question, documents=runs.documents_of(), approval_points=points)
    return runs.start(by=owner, request=request)


def until(run: str, wanted: set[str] | frozenset[str], *, seconds: float = 60) -> str:
    deadline = time.monotonic() + seconds
    while (state := queries.run(run).state) not in wanted and time.monotonic() < deadline:
        time.sleep(0.02)
    return state


def session_of(person: int) -> str:
    """Sign a person in, and return the key of their session."""
    session = SessionStore()
    with tenancy.as_platform("a benchmark signs in"):
        user = get_user_model().objects.get(pk=person)
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session[sessions.KEY] = sessions.begin(by=person, schema=tenancy.current())
        session.create()
    return str(session.session_key)


def streams(stack: Any, *, viewers: int = 200) -> Iterator[str]:
    """From an event's time to its arrival at 200 streams of the same run."""
    settings.AGENT_STEP_EXECUTION_MODE = "dramatiq"
    place = setup.workspace(slug=f"bench-live-{viewers}")
    port = int(stack.web_url.rsplit(":", 1)[1])
    with tenancy.in_workspace(place.schema):
        session = session_of(place.owner)
        run = start(place.owner, points=("plan",))
        until(run, {"waiting_approval"})
        seen = asyncio.run(_watch(port, session, place, run, viewers))
        at: dict[int, datetime] = {event.seq: event.at for event in queries.events(run)}
    late = [(when - at[seq].timestamp()) * 1000 for seq, when in seen if seq in at]
    yield row(f"event to browser, {viewers} streams, {len(late)} messages",
              f"p50 {quantile(late, 0.5):.0f} ms, p95 {quantile(late, 0.95):.0f} ms", "goal p95 ≤ 150 ms")  # fmt: skip


def crowd(stack: Any) -> Iterator[str]:
    """The same with a thousand viewers of one run."""
    yield from streams(stack, viewers=1000)


async def _watch(port: int, session: str, place: Any, run: str, viewers: int) -> list[tuple[int, float]]:
    seen: list[tuple[int, float]] = []
    ready = asyncio.Semaphore(0)

    async def view() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET /live/runs/{run} HTTP/1.1\r\nHost: bench-live-{viewers}.localhost:{port}\r\n"
            f"Cookie: footnote_session={session}\r\n\r\n".encode()
        )
        status = await reader.readline()
        assert b"200" in status, status
        first = True
        while line := await reader.readline():
            if line.startswith(b"id: "):
                if first:
                    first = False
                    ready.release()
                else:
                    seen.append((int(line[4:]), time.time()))
            if line.startswith(b"event: done"):
                break
        writer.close()

    tasks = [asyncio.create_task(view()) for _ in range(viewers)]
    async with asyncio.timeout(120):
        for _ in range(viewers):
            await ready.acquire()
    await asyncio.to_thread(_accept, place, run)
    await asyncio.wait(tasks, timeout=60)
    return seen


def _accept(place: Any, run: str) -> None:
    try:
        with tenancy.in_workspace(place.schema):
            runs.decide(by=place.owner, run=run, verdict="accept")
    finally:
        tenancy.close()


def report(stack: Any) -> Iterator[str]:
    """One full report with a 0 ms model: wall time, and what each process used."""
    settings.AGENT_STEP_EXECUTION_MODE = "dramatiq"
    place = setup.workspace(slug="bench-report")
    with tenancy.in_workspace(place.schema):
        until(start(place.owner), states.ENDED)
        before = {name: _cpu(pid) for name, pid in stack.pids.items()}
        walls = []
        for _ in range(5):
            began = time.perf_counter()
            run = start(place.owner)
            assert until(run, states.ENDED) == "completed"
            walls.append(time.perf_counter() - began)
        pdf = _timed(lambda: reports.RENDER["pdf"](reports.documents.load(run)))
    wall = f"wall median {statistics.median(walls):.2f} s"
    yield row("a full report of the sample library, 0 ms model", wall, "reported")
    yield row("  its PDF", f"{pdf:.2f} s", "reported")
    for name, pid in stack.pids.items():
        cpu = (_cpu(pid) - before[name]) / 5
        yield row(f"  {name}", f"CPU {cpu * 1000:.0f} ms a run, peak memory {_peak(pid) / 1024:.0f} MB", "reported")


def family(pid: int) -> list[int]:
    found = [pid]
    for other in os.listdir("/proc"):
        if other.isdigit():
            with suppress(OSError, ValueError):
                parent = int(Path(f"/proc/{other}/stat").read_text().rpartition(") ")[2].split()[1])
                if parent == pid:
                    found += family(int(other))
    return found


def _cpu(pid: int) -> float:
    ticks = 0
    for one in family(pid):
        with suppress(OSError):
            ticks += sum(int(v) for v in Path(f"/proc/{one}/stat").read_text().rpartition(") ")[2].split()[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _peak(pid: int) -> int:
    most = 0
    for one in family(pid):
        with suppress(OSError):
            for line in Path(f"/proc/{one}/status").read_text().splitlines():
                if line.startswith("VmHWM"):
                    most = max(most, int(line.split()[1]))
    return most
