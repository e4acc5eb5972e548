"""A stream asks the database when its run moves: once for all its viewers, and never while it only waits."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.db.backends.utils import CursorWrapper
from django.test import Client

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.library.actions import documents as library
from apps.library.actions.documents import Upload
from apps.research import streams
from apps.research.actions import runs
from apps.runtime import actions as runtime
from tests.conftest import Cast

ACTS = "act"


class Queries:
    """Counts the queries of all threads but the one that makes the run move."""

    def __init__(self) -> None:
        self.made: Counter[str] = Counter()

    def note(self) -> None:
        """Count one, by thread."""
        self.made["moves" if threading.current_thread().name.startswith(ACTS) else "streams"] += 1

    def take(self) -> int:
        """Return what streams asked since the last time."""
        return self.made.pop("streams", 0)


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> Iterator[Queries]:
    """Every query of this process, whatever its thread and connection."""
    count, execute = Queries(), CursorWrapper.execute

    def counted(self: CursorWrapper, *args: object, **kwargs: object) -> object:
        count.note()
        return execute(self, *args, **kwargs)

    monkeypatch.setattr(CursorWrapper, "execute", counted)
    return count


class Viewer:
    """One browser with an open stream."""

    def __init__(self, host: str, session: str, run: str) -> None:
        headers = [(b"host", host.encode()), (b"cookie", f"footnote_session={session}".encode())]
        self.scope = {"type": "http", "method": "GET", "path": f"/live/runs/{run}", "headers": headers}
        self.heard: list[bytes] = []
        self.moved = asyncio.Event()
        self._gone = asyncio.Event()

    async def watch(self) -> None:
        """Read until the stream ends or this viewer leaves."""
        await streams.serve(self.scope, self._receive, self._send)

    def leave(self) -> None:
        """Close the browser."""
        self._gone.set()

    async def _receive(self) -> dict[str, str]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, object]) -> None:
        body = message.get("body", b"")
        if isinstance(body, bytes) and body.startswith(b"id:"):
            self.heard.append(body)
            self.moved.set()


def waiting_run(cast: Cast) -> tuple[str, str, str]:
    """Start a run that waits for its plan; return it with a session of alice and the approval's host."""
    client = Client()
    with tenancy.as_platform("a test signs in"):
        client.force_login(get_user_model().objects.get(pk=cast.alice))
    with tenancy.in_workspace(cast.acme):
        added, _rejected = library.add(by=cast.alice, uploads=[Upload("dam.md", b"# Dam\n\nIt was opened in 1974.")])
        request = runs.Request(question="When was the dam opened?", documents=tuple(row.version for row in added))
        run = runs.start(by=cast.alice, request=request)
        runtime.drive()
    tenancy.close()
    return run, client.cookies["footnote_session"].value, cast.acme_host


class NosyViewer(Viewer):
    """What must not be: a viewer whose every message asks the database."""

    async def _send(self, message: dict[str, object]) -> None:
        await asyncio.to_thread(self._look)
        await super()._send(message)

    def _look(self) -> None:
        accounts.workspace_of_slug("none")
        tenancy.close()


async def ask_while_it_moves(
    cast: Cast, viewers: int, queries: Queries, kind: type[Viewer] = Viewer
) -> tuple[int, int]:
    """Return the queries that streams made while nothing happened, and while the run was cancelled."""
    loop = asyncio.get_running_loop()
    run, session, host = await asyncio.to_thread(waiting_run, cast)
    watching = [kind(host, session, run) for _ in range(viewers)]
    tasks = [asyncio.create_task(viewer.watch()) for viewer in watching]
    await asyncio.wait_for(asyncio.gather(*(viewer.moved.wait() for viewer in watching)), 20)
    await asyncio.sleep(0.7)
    queries.take()
    await asyncio.sleep(0.5)
    idle = queries.take()

    def move() -> None:
        thread = threading.current_thread()
        before, thread.name = thread.name, ACTS
        with tenancy.in_workspace(cast.acme):
            runs.cancel(by=cast.alice, run=run)
        tenancy.close()
        thread.name = before

    await loop.run_in_executor(None, move)
    await asyncio.wait_for(asyncio.gather(*tasks), 20)
    assert all(b"cancelled" in viewer.heard[-1].lower() for viewer in watching)
    await streams.close()
    return idle, queries.take()


def test_many_viewers_of_a_run_cost_the_queries_of_one(committed: Cast, queries: Queries) -> None:
    idle, one = asyncio.run(ask_while_it_moves(committed, 1, queries))
    assert idle == 0 and one > 0
    idle, many = asyncio.run(ask_while_it_moves(committed, 12, queries))
    assert idle == 0
    assert many == one


def test_a_viewer_that_asks_for_itself_is_noticed(committed: Cast, queries: Queries) -> None:
    _idle, one = asyncio.run(ask_while_it_moves(committed, 1, queries, NosyViewer))
    _idle, many = asyncio.run(ask_while_it_moves(committed, 4, queries, NosyViewer))
    assert many > one


def test_a_stream_is_for_members_of_its_own_workspace(committed: Cast) -> None:
    run, session, host = waiting_run(committed)

    async def status(host: str, session: str, run: str) -> int:
        statuses: list[int] = []
        viewer = Viewer(host, session, run)

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                statuses.append(int(str(message["status"])))
                viewer.leave()

        await streams.serve(viewer.scope, viewer._receive, send)
        await streams.close()
        return statuses[0]

    assert asyncio.run(status(host, session, run)) == 200
    assert asyncio.run(status(host, "", run)) == 404
    assert asyncio.run(status(host, session[::-1], run)) == 404
    assert asyncio.run(status(committed.globex_host, session, run)) == 404
    assert asyncio.run(status(host, session, "run_nothing")) == 404
