"""What a person waits for: a run admitted through every middleware, a page's weight and its first paint, viewers."""

from __future__ import annotations

import http.client
import os
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from playwright.sync_api import Page

from apps.accounts import tenancy
from apps.billing.actions import credits
from apps.lib import ids
from apps.research.actions import setup
from apps.runtime import rules as states
from tests.bench.measures import family, quantile, row, session_of, start, until
from tests.journeys.browsers import chromium

CONNECTIONS, EACH = 16, 12
QUESTION = "What did the North Loop cost?"


def admission(stack: Any) -> Iterator[str]:
    """A question sent as a form by 16 connections at once, against a bare view that inserts and enqueues."""
    settings.AGENT_STEP_EXECUTION_MODE = "dramatiq"
    place = setup.workspace(slug="bench-admit")
    port = int(stack.web_url.rsplit(":", 1)[1])
    with tenancy.in_workspace(place.schema):
        until(start(place.owner), states.ENDED)
        credits.grant(by=None, workspace=place.schema, credits=100_000, key=ids.new("grant"))
    session = session_of(place.owner)
    host = {"Host": f"bench-admit.localhost:{port}"}
    page = http.client.HTTPConnection("127.0.0.1", port)
    page.request("GET", "/research", headers=host | {"Cookie": f"footnote_session={session}"})
    answer = page.getresponse()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())
    cookie = re.search(r"footnote_csrf=([^;]+)", answer.headers.get("Set-Cookie", ""))
    assert token and cookie, answer.status
    form = {
        "question": QUESTION, "scope": "all", "depth": "quick", "source_cap": "3", "mode": "mock", "approval": "on",
        "csrfmiddlewaretoken": token[1],
    }  # fmt: skip
    own = host | {"Cookie": f"footnote_session={session}; footnote_csrf={cookie[1]}"}
    with _paused(stack):
        ours = _together(port, "/research", form, own)
    with _bare(place.schema) as bare_port:
        _together(bare_port, "/admit", {"question": QUESTION}, {})
        floor = _together(bare_port, "/admit", {"question": QUESTION}, {})
    ratio = statistics.median(ours) / statistics.median(floor)
    figures = f"p50 {quantile(ours, 0.5):.0f} ms, p95 {quantile(ours, 0.95):.0f} ms"
    yield row(f"a run admitted, {CONNECTIONS} connections, {len(ours)} runs", figures, "goal p95 < 100 ms")
    figures = f"p50 {quantile(floor, 0.5):.0f} ms, p95 {quantile(floor, 0.95):.0f} ms, ratio {ratio:.1f}"
    yield row("  a bare view that inserts and enqueues, in the same way", figures, "reported")


def _together(port: int, path: str, form: dict[str, str], headers: dict[str, str]) -> list[float]:
    body, took = urlencode(form), []
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | headers

    def send() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(EACH):
            began = time.perf_counter()
            line.request("POST", path, body, headers)
            answer = line.getresponse()
            answer.read()
            took.append((time.perf_counter() - began) * 1000)
            assert answer.status == 302, answer.status

    threads = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


@contextmanager
def _paused(stack: Any) -> Iterator[None]:
    """Stop worker, gate and scheduler meanwhile: what they do with the runs is not admission."""
    others = [each for name in ("worker", "gate", "scheduler") for each in family(stack.pids[name])]
    for pid in others:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in others:
            os.kill(pid, signal.SIGCONT)


class _bare:
    """The bare server, while the block runs."""

    def __init__(self, schema: str) -> None:
        self.schema = schema

    def __enter__(self) -> int:
        with tenancy.acting(self.schema, "owner"), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, body text)")
            cursor.execute("SELECT session_user")
            user = cursor.fetchone()[0]
            cursor.execute(f'GRANT USAGE ON SCHEMA "{self.schema}" TO "{user}"')
            cursor.execute(f'GRANT ALL ON bare TO "{user}"; GRANT ALL ON bare_id_seq TO "{user}"')
        environment = os.environ | {
            "BARE_DATABASE": settings.DATABASE_URL, "BARE_SCHEMA": self.schema, "BARE_REDIS": settings.REDIS_URL,
        }  # fmt: skip
        command = [sys.executable, "-m", "uvicorn", "tests.bench.bare:application", "--port", "18790"]
        self.server = subprocess.Popen([*command, "--no-access-log", "--log-level", "warning"], env=environment)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                http.client.HTTPConnection("127.0.0.1", 18790, timeout=1).request("GET", "/")
                return 18790
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the bare server did not start")

    def __exit__(self, *_: object) -> None:
        self.server.terminate()
        self.server.wait(10)


def paint(stack: Any) -> Iterator[str]:
    """Weight of each page on a first visit, and when its largest part is painted; cold cache, loopback."""
    settings.AGENT_STEP_EXECUTION_MODE = "dramatiq"
    place = setup.workspace(slug="bench-paint")
    port = int(stack.web_url.rsplit(":", 1)[1])
    with tenancy.in_workspace(place.schema):
        run = start(place.owner)
        until(run, states.ENDED)
        waiting = start(place.owner, points=("plan",))
        until(waiting, {"waiting_approval"})
    pages = {
        "research": "/research", "new": "/research/new", "plan": f"/research/{waiting}/plan", "run": f"/research/{run}",
        "report": f"/research/{run}/report", "ask": f"/research/{run}/ask", "sources": f"/research/{run}/sources",
        "inspect": f"/research/{run}/inspect", "approvals": "/approvals", "datasets": "/datasets",
        "notices": "/notices",
    }  # fmt: skip
    session = session_of(place.owner)
    with chromium() as browser:
        for name, path in pages.items():
            context = browser.new_context()
            host = "bench-paint.localhost"
            context.add_cookies([{"name": "footnote_session", "value": session, "domain": host, "path": "/"}])
            weight, painted = _visit(context.new_page(), f"http://{host}:{port}{path}")
            context.close()
            yield row(f"page {name}: weight cold, largest paint", f"{weight / 1000:.0f} kB, {painted:.0f} ms",
                      "goal ≤ 100 kB, < 500 ms")  # fmt: skip


def _visit(page: Page, url: str) -> tuple[int, float]:
    sizes: list[int] = []
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(url)
    page.wait_for_timeout(700)
    painted = page.evaluate(
        """() => new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
            .observe({type: "largest-contentful-paint", buffered: true}))"""
    )
    return sum(sizes), float(painted)


MEASURES: dict[str, Callable[[Any], Iterator[str]]] = {"admission": admission, "paint": paint}
