"""The fixed cast: alice owns acme, bob is a researcher there, charlie is a stranger who owns globex."""

from __future__ import annotations

import itertools
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import translation
from xdist.scheduler import LoadScopeScheduling

from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from tests.journeys import stack
from tests.recycling import recycle

_proofs: list[tuple[str, int, str]] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--prove`: full counts instead of a fixed-seed sample."""
    parser.addoption("--prove", action="store_true", help="run every proof at its full count and print a table")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A page that was asked for in another language leaves it on in its thread; the next test begins in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether this is the full proof."""
    return request.config.getoption("--prove")


@pytest.fixture
def proof() -> Callable[[str, int, str], None]:
    """Note a line for the table of proofs: what was promised, how often it was tried, what came out."""
    return lambda promise, tries, result: _proofs.append((promise, tries, result))


ON_THE_STACK = ("tests/journeys/", "tests/ui/")
# Files of a folder that share what takes long to prepare.
TOGETHER = ("tests/tenancy/",)
LONG = (ON_THE_STACK, "tests/engine/", "tests/web/test_abuse.py", "tests/config/", ("tests/staff/", "tests/tenancy/"))


class Scheduling(LoadScopeScheduling):
    """Keep a file with one of the workers beside each other, and all that needs the stack of the journeys with one."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return next(
            (each for each in TOGETHER if path.startswith(each)), "stack" if path.startswith(ON_THE_STACK) else path
        )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """Hand the tests out by file."""
    return Scheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes long. Where this is no full proof, sample, always the same: one way of each journey, a few
    cases of what has many and starts processes.
    """
    items.sort(key=lambda item: (*(not item.nodeid.startswith(each) for each in LONG),))
    if config.getoption("--prove") or "::" in " ".join(config.args):
        return
    counts: Counter[str] = Counter()
    kept, left_out = [], []
    for item in sorted(items, key=lambda each: zlib.crc32(each.nodeid.encode())):
        if _other_way(item) or any(_is_enough(item, mark, end, counts) for mark, end in SAMPLES):
            left_out.append(item)
        else:
            kept.append(item)
    chosen = set(kept)
    items[:] = [item for item in items if item in chosen]
    config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop the stack of the journeys once this process has no more of them."""
    if item.nodeid.startswith(ON_THE_STACK) and not (nextitem and nextitem.nodeid.startswith(ON_THE_STACK)):
        stack.stop()


# What is counted for each mark: the test without its case, the file without the test.
SAMPLES = (("sample", "["), ("sample_of_file", "::"))


def _is_enough(item: pytest.Item, mark: str, end: str, counts: Counter[str]) -> bool:
    if (found := item.get_closest_marker(mark)) is None:
        return False
    counts[item.nodeid.partition(end)[0]] += 1
    return counts[item.nodeid.partition(end)[0]] > found.args[0]


def _other_way(item: pytest.Item) -> bool:
    way = getattr(item, "callspec", None) and item.callspec.id
    ways = {"with JavaScript": 0, "without JavaScript": 1}
    return way in ways and zlib.crc32(item.originalname.encode()) % 2 != ways[way]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the proofs of a worker to the process that prints the table."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["proofs"] = _proofs


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take the proofs of a worker that has ended."""
    _proofs.extend(tuple(line) for line in getattr(node, "workeroutput", {}).get("proofs", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of proofs."""
    if _proofs:
        terminalreporter.section("proofs")
        for promise, tries, result in _proofs:
            terminalreporter.line(f"{promise:<72} {tries:>6}  {result}")


PASSWORD = "correct horse battery"
numbers = itertools.count(1)


@dataclass(frozen=True)
class Cast:
    """Ids of people and schemas of workspaces."""

    alice: int
    bob: int
    charlie: int
    acme: str
    globex: str
    acme_host: str
    globex_host: str


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Prepare the one database of this session: really committed, rolled back per test."""
    with django_db_blocker.unblock():
        call_command("prepare", spare=2, verbosity=0)
        _ = _committed_cast()
    yield
    with django_db_blocker.unblock():
        connection.close()
        connection.close_pool()


def make_cast(name: str) -> Cast:
    """Make two workspaces with their people, committed; for tests that start workers."""
    people = {}
    for person in ("alice", "bob", "charlie"):
        with tenancy.as_platform("the cast of the tests"):
            from django.contrib.auth import get_user_model

            people[person] = (
                get_user_model().objects.create_user(f"{person}-{name}@example.test", PASSWORD, name=person.title()).pk
            )
    acme = workspaces.create(by=people["alice"], name="Acme", slug=f"acme-{name}")
    globex = workspaces.create(by=people["charlie"], name="Globex", slug=f"globex-{name}")
    workspaces.join(by=people["alice"], schema=acme.schema, email=f"bob-{name}@example.test", role="researcher")
    return Cast(
        people["alice"], people["bob"], people["charlie"], acme.schema, globex.schema, f"{acme.slug}.localhost",
        f"{globex.slug}.localhost",
    )  # fmt: skip


_session_cast: list[Cast] = []


def _committed_cast() -> Cast:
    if not _session_cast:
        _session_cast.append(make_cast("session"))
    return _session_cast[0]


@pytest.fixture
def cast(db: None) -> Cast:
    """The two workspaces of this session; what a test changes is rolled back."""
    return _session_cast[0]


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Cast]:
    """A fresh cast in a database that really commits: for workers, threads and processes."""
    with django_db_blocker.unblock():
        made = make_cast(f"t{next(numbers)}")
        yield made
        tenancy.close()
        for schema in (made.acme, made.globex):
            recycle(schema)
        tenancy.close()
