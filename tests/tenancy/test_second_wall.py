"""The application is fooled: a stranger passes for an owner of acme. What Postgres knows of the roles must hold."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection, transaction

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.postgres import base
from apps.research.models.inquiry import InquirySet
from tests.tenancy import addresses
from tests.tenancy.addresses import Address
from tests.tenancy.crawling import Judge, Visitor, read
from tests.tenancy.planting import World
from tests.tenancy.test_canaries import crawled


@dataclass
class Fooled:
    """The application's checks, switched off while a stranger asks; `wide`: the platform's role is theirs too."""

    role: str
    wide: bool
    inside: bool = False
    asked: int = 0
    refused: int = 0
    real: Callable[..., str] = field(default=base.role_of)

    def role_of(self, database: str, schema: str, acting: str) -> str:
        """Return globex's role wherever acme's would act; in `wide` for every query after the membership check."""
        if self.inside and (acting in {"member", "gate"} or self.wide):
            self.asked += 1
            return self.role + ("_g" if acting == "gate" else "")
        return self.real(database, schema, acting)


@pytest.fixture(params=[True, False], ids=["the-role-alone", "the-platform-beside-it"])
def fooled(world: World, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Fooled]:
    """Let everybody be a member and see every run; let every query of acme act with globex's role."""
    found = Fooled(world.spaces["glob"].schema, request.param)
    member = accounts.member

    def anybody(schema: str, person: int) -> accounts.Member:
        was, found.inside = found.inside, False
        real = member(schema, person)
        found.inside = True if was or real is None else was
        return real or accounts.Member(person, "x", "x@example.test", "owner", "x", "x", schema, frozenset())

    monkeypatch.setattr(base, "role_of", found.role_of)
    monkeypatch.setattr(accounts, "member", anybody)
    monkeypatch.setattr(InquirySet, "open_to", lambda self, *args: self.all())
    yield found
    found.inside = False
    tenancy.connection.search_path_set_schemas = None


def ask(visitor: Visitor, fooled: Fooled, method: str, path: str, **more: Any) -> str:
    """Return what a fooled application answers; the connection forgets its role afterwards."""
    fooled.inside = False
    tenancy.connection.search_path_set_schemas = None
    answer = getattr(visitor.client, method.lower())(path, **more)
    said = read(answer)
    fooled.refused += answer.status_code >= 500
    fooled.inside = False
    tenancy.connection.search_path_set_schemas = None
    tenancy.connection.act(schema=tenancy.PUBLIC, acting="platform")
    visitor.client.cookies = SimpleCookie(visitor.kept)
    return said


def test_with_the_membership_check_off_postgres_refuses_what_is_anothers(
    world: World, fooled: Fooled, full: bool, proof: Callable[[str, int, str], None]
) -> None:  # fmt: skip
    judge, crawl, glob = Judge.of(world), crawled(world, 5), world.spaces["glob"]
    acme = world.spaces["acme"]
    stranger = Visitor("alice", acme.host, "acme", "glob", glob.people["alice"])
    found = [each for each in addresses.every(world) if each.conf == settings.ROOT_URLCONF
             and each.path not in ("/leave", "/settings/general/close")]  # fmt: skip
    chosen = found if full else every_pattern(found, crawl.pick, 40)
    leaks: list[str] = []
    for address in chosen:
        for method in ("GET", "POST"):
            form = crawl.form() if method == "POST" else {}
            said = ask(stranger, fooled, method, address.path, **({"data": form} if form else {}))
            there = {one for one in judge.found(said) if one[0] == "acme" and one[2] not in f"{address.path}{form}"}
            leaks += [f"{method} {address.path}: {one}" for one in there]
    how = "the role alone" if fooled.wide else "beside it the platform's"
    proof(f"canaries without the application's checks ({how})", 2 * len(chosen),
          f"{len(leaks)} leaks, {fooled.refused} errors")  # fmt: skip
    assert leaks == []
    assert fooled.asked > 0
    assert fooled.refused > 0, "the stranger was never where Postgres had to refuse"


def every_pattern(found: list[Address], pick: random.Random, more: int) -> list[Address]:
    """Return one address of each pattern, and some more."""
    shuffled = pick.sample(found, len(found))
    one = {address.pattern: address for address in shuffled}
    return [*one.values(), *shuffled[:more]]


def test_without_the_second_wall_the_same_crawl_leaks(world: World, fooled: Fooled) -> None:
    """The proof can fail: with acme's own role the fooled application shows acme's runs."""
    fooled.role = world.spaces["acme"].schema
    stranger = Visitor("alice", world.spaces["acme"].host, "acme", "glob", world.spaces["glob"].people["alice"])
    fooled.wide = False
    said = ask(stranger, fooled, "GET", "/research")
    assert any(one[0] == "acme" and one[1] == "work" for one in Judge.of(world).found(said)), said[:300]


def tables(schema: str) -> list[str]:
    """List the tables of a schema."""
    with tenancy.as_platform("a test reads the catalogue"), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        return [row[0] for row in cursor.fetchall()]


def column(schema: str, table: str) -> str:
    """Return the name of some column of a table."""
    with tenancy.as_platform("a test reads the catalogue"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute a JOIN pg_class c ON a.attrelid = c.oid JOIN pg_namespace n "
            "ON c.relnamespace = n.oid WHERE nspname = %s AND relname = %s AND attnum > 0 AND NOT attisdropped "
            "ORDER BY attnum LIMIT 1", [schema, table],
        )  # fmt: skip
        return cursor.fetchone()[0]


def run_as(schema: str, sql: str, *, gate: bool, path: str = "") -> tuple[int, str] | None:
    """Return (rows, what they say) of a statement under a workspace's role, taken back; None where it is refused."""
    try:
        with tenancy.in_workspace(schema, gate=gate), transaction.atomic(), connection.cursor() as cursor:
            if path:
                cursor.execute(f'SET LOCAL search_path = "{path}", public')
            cursor.execute(sql)
            said = str(cursor.fetchall()) if cursor.description else ""
            count = cursor.rowcount
            transaction.set_rollback(True)
            return count, said
    except Error:
        return None
    finally:
        tenancy.connection.search_path_set_schemas = None


@pytest.mark.parametrize("gate", [False, True], ids=["member", "gate"])
def test_no_statement_of_another_workspace_reaches_a_table_of_acme(
    world: World, gate: bool, proof: Callable[[str, int, str], None]
) -> None:  # fmt: skip
    acme, glob = world.spaces["acme"].schema, world.spaces["glob"].schema
    tried = 0
    for table in tables(acme):
        name = column(acme, table)
        for sql in (
            f'SELECT * FROM "{acme}"."{table}"', f'DELETE FROM "{acme}"."{table}"', f'TRUNCATE "{acme}"."{table}"',
            f'UPDATE "{acme}"."{table}" SET "{name}" = "{name}"', f'LOCK TABLE "{acme}"."{table}"',
            f'INSERT INTO "{acme}"."{table}" ("{name}") SELECT "{name}" FROM "{acme}"."{table}"',
            f'COPY "{acme}"."{table}" TO STDOUT',
        ):  # fmt: skip
            assert run_as(glob, sql, gate=gate) is None, sql
            tried += 1
        # The wrong schema in the path: a table of the other workspace without naming it.
        assert run_as(glob, f'SELECT * FROM "{table}"', gate=gate, path=acme) is None, table
        tried += 1
    proof(f"acme's tables by name and by search path, {'gate' if gate else 'member'} of globex", tried, "all refused")


@pytest.mark.parametrize("gate", [False, True], ids=["member", "gate"])
def test_a_forgotten_filter_on_a_shared_table_shows_and_changes_no_row_of_another(
    world: World, gate: bool, proof: Callable[[str, int, str], None]
) -> None:  # fmt: skip
    acme, glob, judge = world.spaces["acme"].schema, world.spaces["glob"].schema, Judge.of(world)
    open_, tried = [], 0
    for table in tables("public"):
        found = run_as(glob, f'SELECT * FROM public."{table}"', gate=gate)
        tried += 1
        if found is None:
            continue
        open_.append(table)
        assert acme not in found[1], table
        assert {one[0] for one in judge.found(found[1])} <= {"glob"}, table
        key = settings.WORKSPACE_KEYED_TABLES.get(table)
        if key is None:
            continue
        for sql in (f'UPDATE public."{table}" SET "{key}" = "{key}" WHERE "{key}" <> %s',
                    f'DELETE FROM public."{table}" WHERE "{key}" <> %s'):  # fmt: skip
            changed = run_as(glob, sql.replace("%s", f"'{glob}'"), gate=gate)
            assert changed is None or changed[0] == 0, sql
            tried += 1
        moved = run_as(glob, f'UPDATE public."{table}" SET "{key}" = \'{acme}\'', gate=gate)
        assert moved is None or moved[0] == 0, f"{table}: a row was handed to acme"
        tried += 1
    proof(f"shared tables without a filter, {'gate' if gate else 'member'} of globex", tried,
          f"0 foreign rows; {len(open_)} tables may be read at all")  # fmt: skip
    assert set(open_) <= set(settings.WORKSPACE_KEYED_TABLES) | READ_BY_ALL, open_
    for table in READ_BY_ALL:
        for sql in (f'DELETE FROM public."{table}"', f'UPDATE public."{table}" SET {column("public", table)} = NULL'):
            assert run_as(glob, sql, gate=gate) is None, sql


# No row of these belongs to any workspace: every one may read them, and none may write.
READ_BY_ALL = {"django_content_type", *settings.WORKSPACE_READABLE_TABLES}


@pytest.mark.parametrize("view", ["pg_stats", "pg_stat_activity", "pg_prepared_statements", "pg_cursors", "pg_locks"])
def test_the_catalogue_tells_nothing_of_what_stands_in_rows(world: World, view: str) -> None:
    acme, glob = world.spaces["acme"], world.spaces["glob"]
    params = tenancy.connection.get_connection_params()
    dsn = {key: params[key] for key in ("dbname", "user", "password", "host", "port") if params.get(key)}
    with psycopg.connect(**dsn) as other:
        other.execute("SELECT 'kvacmeworkspokenzz'")  # somebody else's last statement
        found = run_as(glob.schema, f"SELECT * FROM {view}", gate=False)
    assert found is not None
    assert "kvacme" not in found[1], view
    assert acme.schema  # the name itself is no secret: it is random and opens nothing
    cache.clear()
