"""Server-sent events of a run. A stream holds no database connection and makes no query of its own.

Viewers of the same run, in the same language and role, share a room. A hint on Redis makes the room look once
and hand what changed to all of them. Messages are numbered by the run's last event: who has seen the message before
gets the change, everybody else the whole state. Without Redis a room looks again every few seconds.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple

import redis
import redis.asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from apps.accounts import tenancy
from apps.accounts.actions import sessions
from apps.lib import htmx
from apps.lib.errors import NotFound
from apps.research import pages
from apps.research.queries import follow_ups, run_page

log = logging.getLogger(__name__)
CHANNEL = "footnote:moved"
HEARTBEAT = 15.0
# Hints of so many seconds go out together: a run moves several times in the twinkling of an eye.
GATHER = 0.01
LOOK_AGAIN = 10.0
# Who may not see the run any more is let go within so many seconds.
CHECK_AGAIN = 60.0
# A viewer that does not read is let go; its browser comes back and gets the whole state.
MOST_WAITING = 8


class Key(NamedTuple):
    """What a room shows, and as whom it may be seen."""

    kind: str  # runs, asks
    schema: str
    run: str
    language: str
    viewer: run_page.Viewer


class State(NamedTuple):
    """What a room shows. `change` leads here from the state numbered `before`; `whole` is there once it was needed."""

    seq: int
    event: Any
    ended: bool
    before: int = -1
    change: bytes = b""
    whole: bytes = b""


class Shown(NamedTuple):
    """What a stream shows: (number, whether it has ended, its state) of a run, and the template of its message."""

    read: Callable[..., tuple[int, bool, Any]]
    template: str


SHOWN = {
    "runs": Shown(run_page.event, "research/run_event.html"),
    "asks": Shown(follow_ups.event, "research/ask_event.html"),
}


@dataclass
class Room:
    """The viewers of one key."""

    viewers: set[asyncio.Queue[State]] = field(default_factory=set)
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    state: State | None = None
    keeper: asyncio.Task[None] | None = None


_rooms: dict[Key, Room] = {}
_looks: dict[Key, asyncio.Future[State]] = {}
_listener: asyncio.Task[None] | None = None
_hints: dict[tuple[str, str], None] = {}
_hinted = threading.Event()
_tell_lock = threading.Lock()
_teller: threading.Thread | None = None


def announce(*, workspace: str, run: str) -> None:
    """Hint that a run's timeline moved. Nobody depends on it and nobody waits for it."""
    global _teller
    with _tell_lock:
        _hints[workspace, run] = None
        if _teller is None or not _teller.is_alive():
            _teller = threading.Thread(target=_tell, name="hints", daemon=True)
            _teller.start()
    _hinted.set()


def _tell() -> None:
    """Publish what was hinted, a run once however often it moved meanwhile. Touches no database."""
    client = redis.Redis.from_url(_url(), socket_timeout=1, socket_connect_timeout=1)
    while True:
        _hinted.wait()
        time.sleep(GATHER)
        _hinted.clear()
        with _tell_lock:
            told = list(_hints)
            _hints.clear()
        for workspace, run in told:
            try:
                client.publish(CHANNEL, f"{workspace} {run}")
            except redis.RedisError:
                log.warning("no hint for %s", run)


def _url() -> str:
    return f"{settings.REDIS_URL.rsplit('/', 1)[0]}/1"


async def serve(scope: dict[str, Any], receive: Callable[[], Awaitable], send: Callable[..., Awaitable]) -> None:
    """Answer GET /live/runs/<run> as a stream of messages; 404 for strangers and for what is not there."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    parts = scope["path"].strip("/").split("/")
    if len(parts) != 3 or parts[0] != "live" or parts[1] not in SHOWN or scope["method"] != "GET":
        return await _plain(send, 404)
    key = await sync_to_async(_key, thread_sensitive=False)(headers, parts[1], parts[2])
    if key is None:
        return await _plain(send, 404)
    room = _rooms.get(key)
    try:
        # Who is in the room already has seen to it that the run exists.
        first = room.state if room and room.state else await _look_first(key)
    except NotFound:
        return await _plain(send, 404)
    await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
    stream = asyncio.ensure_future(_stream(key, first, _last_id(headers), send, headers))
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({stream, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in (stream, gone):
            each.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await each


STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


def _key(headers: dict[str, str], kind: str, run: str) -> Key | None:
    """Return the room that this visitor may enter, or None."""
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    try:
        host = headers.get("host", "").rsplit(":", 1)[0].lower()
        member = sessions.member_of(host=host, session=cookie.value if cookie else "")
        if member is None or not member.may("read"):
            return None
        with tenancy.in_workspace(member.schema):
            return Key(kind, member.schema, run, _language(headers), run_page.viewer(member, run))
    except NotFound:
        return None
    finally:
        tenancy.close()


def _language(headers: dict[str, str]) -> str:
    cookie = SimpleCookie(headers.get("cookie", "")).get(settings.LANGUAGE_COOKIE_NAME)
    known = dict(settings.LANGUAGES)
    if cookie and cookie.value in known:
        return cookie.value
    for part in headers.get("accept-language", "").split(","):
        code = part.split(";")[0].strip().lower().split("-")[0]
        if code in known:
            return code
    return settings.LANGUAGE_CODE


def _last_id(headers: dict[str, str]) -> int:
    given = headers.get("last-event-id", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else -1


async def _gone(receive: Callable[[], Awaitable]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _plain(send: Callable[..., Awaitable], status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"There is nothing here.\n"})


async def _stream(
    key: Key, first: State, seen: int, send: Callable[..., Awaitable], headers: dict[str, str]
) -> None:  # fmt: skip
    waiting: asyncio.Queue[State] = asyncio.Queue(maxsize=MOST_WAITING)
    room = _enter(key, waiting)
    checked = time.monotonic()
    try:
        # The room may have moved between our look and our entering it.
        state: State | None = max(filter(None, (first, room.state)), key=lambda known: known.seq)
        while time.monotonic() - checked < CHECK_AGAIN or await _may_stay(key, headers):
            checked = time.monotonic() if time.monotonic() - checked >= CHECK_AGAIN else checked
            if state is None:
                await send({"type": "http.response.body", "body": htmx.heartbeat(), "more_body": True})
            elif state.seq > seen:
                body = state.change if seen >= 0 and seen == state.before else await _whole(key, room, state)
                seen = state.seq
                await send({"type": "http.response.body", "body": body, "more_body": True})
            if state and state.ended:
                break
            state = await _next(waiting)
        done = htmx.message(None, ["done"], event="done")
        await send({"type": "http.response.body", "body": done, "more_body": False})
    finally:
        _leave(key, room, waiting)


async def _next(waiting: asyncio.Queue[State]) -> State | None:
    """Wait for the next state; None when it is time for a heartbeat."""
    try:
        return await asyncio.wait_for(waiting.get(), HEARTBEAT)
    except TimeoutError:
        return None


async def _may_stay(key: Key, headers: dict[str, str]) -> bool:
    """Look once more whether the viewer's session, role and sight of the run are what they were."""
    return await sync_to_async(_key, thread_sensitive=False)(headers, key.kind, key.run) == key


def _enter(key: Key, waiting: asyncio.Queue[State]) -> Room:
    global _listener
    room = _rooms.setdefault(key, Room())
    room.viewers.add(waiting)
    if room.keeper is None:
        room.keeper = asyncio.create_task(_keep(key, room))
    if _listener is None or _listener.done():
        _listener = asyncio.create_task(_listen())
    # Whoever joins makes the room look once: a hint may have come while it was being entered.
    room.moved.set()
    return room


def _leave(key: Key, room: Room, waiting: asyncio.Queue[State]) -> None:
    room.viewers.discard(waiting)
    if not room.viewers and _rooms.get(key) is room:
        del _rooms[key]
        if room.keeper:
            room.keeper.cancel()


async def _keep(key: Key, room: Room) -> None:
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(room.moved.wait(), LOOK_AGAIN)
        room.moved.clear()
        try:
            state = await _look(key, room.state)
        except Exception:
            log.warning("a room could not look at its run", exc_info=True)
            await asyncio.sleep(1)
            room.moved.set()
            continue
        if room.state is None or state.seq > room.state.seq:
            room.state = state
            for waiting in list(room.viewers):
                if waiting.full():
                    waiting.get_nowait()
                waiting.put_nowait(state)


async def _listen() -> None:
    while True:
        try:
            client = redis.asyncio.Redis.from_url(_url())
            async with client, client.pubsub() as hints:
                await hints.subscribe(CHANNEL)
                async for hint in hints.listen():
                    if hint["type"] == "message":
                        schema, _space, run = hint["data"].decode().partition(" ")
                        _rouse(schema, run)
        except (redis.RedisError, OSError):
            await asyncio.sleep(1)


def _rouse(schema: str, run: str) -> None:
    for key, room in _rooms.items():
        # A follow-up question is a run of its own, `<run>.<number>`, and is shown with its run.
        if key.schema == schema and key.run == run.partition(".")[0]:
            room.moved.set()


async def _look_first(key: Key) -> State:
    """Look for all who come at once and find nobody there: one look is enough for those with the same key."""
    look = _looks.get(key)
    if look is None:
        look = _looks[key] = asyncio.ensure_future(_look(key))
        look.add_done_callback(lambda _: _looks.pop(key, None))
    return await asyncio.shield(look)


async def _look(key: Key, before: State | None = None) -> State:
    return await sync_to_async(_read, thread_sensitive=False)(key, before)


def _read(key: Key, before: State | None) -> State:
    """Look at a run once, in a thread that is told its workspace and gives its connection back."""
    try:
        with tenancy.in_workspace(key.schema), translation.override(key.language):
            seq, ended, event = SHOWN[key.kind].read(run=key.run, viewer=key.viewer)
            if before is None or seq <= before.seq:
                return State(seq, event, ended)
            return State(seq, event, ended, before.seq, _message(key, seq, _changed(before.event, event)))
    finally:
        tenancy.close()


def _changed(before: Any, now: Any) -> Any:
    """Leave out of an event what the event before it showed already."""
    if not isinstance(now, pages.RunEvent):
        return now
    names = [part.name for part in fields(now) if part.name != "status"]
    same: dict[str, Any] = {name: None for name in names if getattr(before, name) == getattr(now, name)}
    return replace(now, **same)


def _message(key: Key, seq: int, event: Any) -> bytes:
    return htmx.message(seq, [render_to_string(SHOWN[key.kind].template, {"event": event})])


async def _whole(key: Key, room: Room, state: State) -> bytes:
    """Return the whole state as a message; rendered once for all who need it."""
    if room.state is not None and room.state.seq == state.seq and room.state.whole:
        return room.state.whole
    whole = await sync_to_async(_render, thread_sensitive=False)(key, state)
    if room.state is not None and room.state.seq == state.seq:
        room.state = room.state._replace(whole=whole)
    return whole


def _render(key: Key, state: State) -> bytes:
    with translation.override(key.language):
        return _message(key, state.seq, state.event)


async def close() -> None:
    """Let every viewer go, when the server stops."""
    for task in [room.keeper for room in _rooms.values()] + [_listener]:
        if task:
            task.cancel()
