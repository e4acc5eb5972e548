"""Our own Postgres and Redis: they start, keep what they were told, and stop with whoever started them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config import embedded
from config.servers import marks, state
from config.servers.errors import CannotStart
from tests.config.serving import REPOSITORY, ask, clean_environment, lives, wait_until

pytestmark = pytest.mark.sample_of_file(6)

OWNER = "import sys, time; from config import embedded; embedded.start(); print('up', flush=True); time.sleep(600)"


@pytest.fixture
def running(laid_out: Path, home: Path) -> Iterator[embedded.EmbeddedServices]:
    with embedded.start(home) as services:
        yield services


def start_owner(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", OWNER]
    owner = subprocess.Popen(command, cwd=REPOSITORY, env=clean_environment(home), stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "up\n"
    owner.stdout.close()
    return owner


def run_order(home: Path, order: str, *prefix: str) -> subprocess.CompletedProcess[str]:
    command = [*prefix, sys.executable, "-m", "config.embedded", order]
    return subprocess.run(
        command, cwd=REPOSITORY, env=clean_environment(home), capture_output=True, text=True, check=False
    )


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().split()[0])


def remember(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [word])


def test_a_first_start_gives_a_database_with_vectors_that_keeps_its_promises(home):
    with embedded.start(home) as first:
        _check_promises(first.services.database_url)


def _check_promises(url: str) -> None:
    assert ask(url, "SELECT '[1,2]'::vector <-> '[1,5]'::vector") == 3
    assert ask(url, "SHOW fsync") == "on"
    assert ask(url, "SHOW timezone") == "UTC"
    assert ask(url, "SHOW server_encoding") == "UTF8"
    assert int(str(ask(url, "SHOW max_connections"))) >= 200
    assert ask(url, "SELECT lower('ÄÖÜ')") == "äöü"


def test_the_products_role_may_create_roles_and_is_no_superuser(running):
    wanted = "SELECT rolcanlogin AND rolcreaterole AND NOT rolinherit AND NOT rolsuper AND NOT rolbypassrls"
    assert ask(running.services.database_url, f"{wanted} FROM pg_roles WHERE rolname = current_user") is True
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    assert ask(running.services.database_url, owner) == "footnote"


def test_a_database_made_later_has_vectors_too(running):
    url = running.services.database_url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE later")
    later = f"{url.rpartition('/')[0]}/later"
    assert ask(later, "SELECT count(*) FROM pg_extension WHERE extname = 'vector'") == 1


@pytest.mark.sample(2)
@pytest.mark.parametrize("login", ["postgres", "postgres:", "postgres:postgres", "footnote", "footnote:wrong"])
def test_nobody_gets_in_without_the_password(running, login):
    address = running.services.database_url.partition("@")[2]
    with pytest.raises(psycopg.OperationalError):
        ask(f"postgresql://{login}@{address}", "SELECT 1")


def test_redis_wants_its_password_appends_and_never_evicts(running):
    url = running.services.redis_url
    with pytest.raises(redis.AuthenticationError), redis.Redis.from_url(f"redis://{url.partition('@')[2]}") as stranger:
        stranger.ping()
    with redis.Redis.from_url(url, decode_responses=True) as ours:
        assert ours.config_get("appendonly")["appendonly"] == "yes"
        assert ours.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"


def test_both_listen_on_this_machine_only(running, home):
    for name in ("postgres", "redis"):
        port = json.loads((home / "services.json").read_text())[name]["port"]
        rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        listening = {row[1] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port}
        assert listening == {f"0100007F:{port:04X}"}
    assert not list(home.rglob(".s.PGSQL*"))


def test_passwords_are_for_the_owners_eyes_only(running, home):
    password = running.services.database_url.split(":")[2].partition("@")[0]
    secret = [path for path in home.rglob("*") if path.is_file() and path.suffix in (".json", ".conf", ".log")]
    assert home / "services.json" in secret
    assert {path.stat().st_mode & 0o077 for path in secret} == {0}
    assert home.stat().st_mode & 0o077 == 0
    shown = [Path(f"/proc/{mark.pid}/cmdline").read_text() for mark in running.owned.values()]
    assert len(shown) == 2
    assert not [line for line in shown if password in line or "requirepass" in line]


def test_a_second_start_finds_the_rows_of_the_first_on_the_same_ports(home):
    with embedded.start(home) as first:
        remember(first.services.database_url, "first")
        with redis.Redis.from_url(first.services.redis_url) as broker:
            broker.set("kept", "too")
    assert embedded.read_state(home) is None
    with embedded.start(home) as second:
        assert second.services == first.services
        assert ask(second.services.database_url, "SELECT word FROM kept") == "first"
        with redis.Redis.from_url(second.services.redis_url) as broker:
            assert broker.get("kept") == b"too"


def test_a_guest_attaches_and_leaves_the_services_running(running, home):
    with embedded.start(home) as guest:
        assert guest.services == running.services
        assert guest.owned == {}
    assert embedded.read_state(home) == running.services
    assert ask(running.services.database_url, "SELECT 1") == 1


def test_services_end_with_a_killed_owner_and_the_next_start_takes_over(laid_out, home):
    owner = start_owner(home)
    kept = embedded.read_state(home)
    assert kept is not None
    remember(kept.database_url, "before the crash")
    broker = state.read(home / "services.json")["redis"]["mark"]["pid"]
    server = postmaster(home)
    owner.kill()
    owner.wait()
    wait_until(lambda: not lives(server) and not lives(broker))
    with embedded.start(home) as taken_over:
        assert ask(taken_over.services.database_url, "SELECT word FROM kept") == "before the crash"


def test_a_server_that_outlived_its_owner_is_stopped_and_started_anew(laid_out, home):
    up = run_order(home, "up")
    assert up.returncode == 0, up.stderr
    kept = state.read(home / "services.json")
    # As if a killed program had owned them, on a system that does not end children with their parent.
    state.write(home / "services.json", kept | {"owner": {"pid": 1, "began": "another boot"}})
    before = postmaster(home)
    with embedded.start(home) as taken_over:
        assert not lives(before)
        assert set(taken_over.owned) == {"postgres", "redis"}
        assert ask(taken_over.services.database_url, "SELECT 1") == 1


def test_rows_survive_when_owner_and_server_are_killed_at_once(laid_out, home):
    owner = start_owner(home)
    kept = embedded.read_state(home)
    assert kept is not None
    remember(kept.database_url, "committed")
    server = postmaster(home)
    os.kill(server, signal.SIGKILL)
    owner.kill()
    owner.wait()
    wait_until(lambda: embedded.read_state(home) is None)
    with embedded.start(home) as again:
        assert ask(again.services.database_url, "SELECT word FROM kept") == "committed"


def test_a_pid_file_whose_number_now_belongs_to_somebody_else_is_no_obstacle(laid_out, home):
    embedded.start(home).stop()
    neighbour = subprocess.Popen(["sleep", "60"])
    try:
        lines = f"{neighbour.pid}\n{home}/postgres\n1\n5432\n\n127.0.0.1\n 1 1\nready   \n"
        (home / "postgres" / "postmaster.pid").write_text(lines)
        with embedded.start(home) as services:
            assert ask(services.services.database_url, "SELECT 1") == 1
        assert neighbour.poll() is None
    finally:
        neighbour.kill()
        neighbour.wait()


def test_a_reused_number_in_the_state_file_is_neither_believed_nor_stopped(laid_out, home):
    embedded.start(home).stop()
    neighbour = subprocess.Popen(["sleep", "60"])
    try:
        kept = state.read(home / "services.json")
        for name in embedded.SERVERS:
            kept[name]["mark"] = {"pid": neighbour.pid, "began": "another boot"}
        state.write(home / "services.json", kept)
        assert embedded.read_state(home) is None
        embedded.start(home).stop()
        assert neighbour.poll() is None
    finally:
        neighbour.kill()
        neighbour.wait()


@pytest.mark.sample(1)
@pytest.mark.parametrize("damage", ["", "{", "[]", "gone"])
def test_a_lost_state_file_costs_new_passwords_and_no_rows(home, damage):
    with embedded.start(home) as before:
        remember(before.services.database_url, "still here")
    if damage == "gone":
        (home / "services.json").unlink()
    else:
        (home / "services.json").write_text(damage)
    with embedded.start(home) as after:
        assert after.services.database_url != before.services.database_url
        assert ask(after.services.database_url, "SELECT word FROM kept") == "still here"


def test_an_interrupted_first_start_leaves_nothing_in_the_way(home):
    (home / "postgres.new" / "base").mkdir(parents=True)
    (home / "postgres.new" / "PG_VERSION").write_text("18\n")
    with embedded.start(home) as services:
        assert ask(services.services.database_url, "SELECT 1") == 1


def test_a_taken_port_is_left_to_its_owner(laid_out, home):
    embedded.start(home).stop()
    port = json.loads((home / "services.json").read_text())["postgres"]["port"]
    with socket.create_server(("127.0.0.1", port)), embedded.start(home) as services:
        assert f":{port}/" not in services.services.database_url
        assert ask(services.services.database_url, "SELECT 1") == 1


def test_a_port_taken_between_choosing_and_binding_is_no_failure(home, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as neighbour:
        port = neighbour.getsockname()[1]
        answers = iter([port, embedded.free_port(), port, embedded.free_port()])
        monkeypatch.setattr(embedded, "free_port", lambda preferred=None: next(answers))
        with embedded.start(home) as services:
            assert f":{port}/" not in services.services.database_url + services.services.redis_url
            assert ask(services.services.database_url, "SELECT 1") == 1


def test_a_server_that_falls_over_comes_back_on_its_port(running):
    remember(running.services.database_url, "kept")
    fallen = running.owned["postgres"]
    os.kill(fallen.pid, signal.SIGKILL)
    wait_until(lambda: not marks.is_alive(fallen))
    assert running.revive() == ("postgres",)
    assert ask(running.services.database_url, "SELECT word FROM kept") == "kept"
    assert running.revive() == ()


def test_a_server_whose_port_was_taken_meanwhile_says_so_instead_of_moving(running):
    fallen = running.owned["redis"]
    port = int(running.services.redis_url.rpartition(":")[2].partition("/")[0])
    marks.stop(fallen, ((signal.SIGTERM, 10),))
    with socket.create_server(("127.0.0.1", port)), pytest.raises(CannotStart, match=f"port {port} is taken"):
        running.revive()


def test_a_session_that_outlives_its_killed_server_is_waited_for(laid_out, home):
    straggler = subprocess.Popen(["sleep", "1.5"], cwd=home / "postgres")
    lines = f"{straggler.pid}\n{home}/postgres\n1\n5432\n\n127.0.0.1\n 1 1\nready   \n"
    (home / "postgres" / "postmaster.pid").write_text(lines)
    with embedded.start(home) as services:
        assert straggler.poll() == 0
        assert ask(services.services.database_url, "SELECT 1") == 1


def test_urls_in_the_environment_keep_the_embedded_servers_down(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")
    with embedded.start(home) as half:
        assert half.services.started == ("redis",)
        assert half.services.database_url == "postgresql://somewhere/else"
        assert not (home / "postgres").exists()
    monkeypatch.setenv("REDIS_URL", "redis://somewhere/0")
    with embedded.start(home) as none:
        assert none.services == embedded.Services("postgresql://somewhere/else", "redis://somewhere/0", ())
        assert none.owned == {}


def test_the_command_line_leaves_services_running_until_told(home):
    up = run_order(home, "up")
    assert up.returncode == 0, up.stderr
    url = up.stdout.splitlines()[0].removeprefix("DATABASE_URL=")
    assert ask(url, "SELECT 1") == 1
    assert run_order(home, "status").stdout == up.stdout
    server = postmaster(home)
    assert run_order(home, "down").stdout == "Stopped.\n"
    assert not lives(server)
    assert run_order(home, "down").stdout == "Nothing was running.\n"
    assert "Nothing runs" in run_order(home, "status").stdout


def test_down_refuses_while_somebody_lives_on_the_services(running, home):
    refused = run_order(home, "down")
    assert refused.returncode == 2
    assert f"process {os.getpid()}" in refused.stderr
    assert ask(running.services.database_url, "SELECT 1") == 1


def test_ten_starts_at_once_make_one_instance(laid_out, home):
    code = "from config import embedded; e = embedded.start(); print(len(e.owned), flush=True); input(); e.stop()"
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=REPOSITORY,
            env=clean_environment(home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(10)
    ]
    owned = [each.stdout.readline() for each in starts]
    for each in starts:
        each.communicate("\n", timeout=30)
    assert sorted(owned) == ["0\n"] * 9 + ["2\n"]
    assert [each.returncode for each in starts] == [0] * 10


def test_a_home_that_cannot_be_used_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    answer = run_order(tmp_path / "file" / "home", "up")
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "cannot be used" in answer.stderr


@pytest.mark.sample(1)
@pytest.mark.parametrize(("megabytes", "clue"), [(1, "disk is full"), (30, "disk is full"), (55, "disk is full")])
def test_a_full_disk_is_one_sentence(tmp_path, megabytes, clue):
    script = f'mount -t tmpfs -o size={megabytes}m none "$FOOTNOTE_HOME" && exec "$@"'
    (tmp_path / "small").mkdir()
    small = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh")
    answer = run_order(tmp_path / "small", "up", *small)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert clue in answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr


def test_a_read_only_disk_is_one_sentence(tmp_path):
    script = 'mount -t tmpfs -o ro none "$FOOTNOTE_HOME" && exec "$@"'
    (tmp_path / "fixed").mkdir()
    fixed = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh")
    answer = run_order(tmp_path / "fixed", "up", *fixed)
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert "read-only" in answer.stderr


def test_root_without_a_way_to_be_somebody_else_is_one_sentence(tmp_path):
    # Root in a user namespace of its own, so that this holds for whoever runs the tests.
    bare = ("unshare", "--user", "--map-root-user", "env", f"PATH={tmp_path}")
    answer = run_order(tmp_path / "home", "up", *bare)
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert "neither unshare nor setpriv" in answer.stderr


def test_a_missing_wheel_is_one_sentence(home, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CannotStart, match="make setup"):
        embedded.start(home)


def test_it_imports_without_django():
    code = "import sys, config.embedded, config.supervisor.stack; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode == 0
