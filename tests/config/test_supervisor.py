"""One supervisor a home: it starts everything, keeps it up, and stops it and nothing else."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import embedded
from config.servers.errors import AlreadyServed, CannotStart
from config.supervisor import stack as stacks
from config.supervisor.programs import Ports, Program, footnote_programs
from config.supervisor.stack import Supervisor, running, stack
from tests.config.serving import PROVIDER_KEYS, REPOSITORY, clean_environment, lives, wait_until
from tests.config.standin_supervisor import STANDIN, command, programs

pytestmark = pytest.mark.sample_of_file(6)

NAMES = ("web", "gate", "worker", "scheduler")


def everything(served) -> dict[str, int]:
    """Return the number of every process that a supervisor answers for."""
    kept = json.loads((served.home / "services.json").read_text())
    found = {name: kept[name]["mark"]["pid"] for name in ("postgres", "redis")}
    for name in NAMES:
        environment = served.environment(name)
        found[f"child of {name}"] = int(environment["CHILD"])
        found[name] = json.loads((served.home / "stack.json").read_text())["pids"][name]
    return found


@pytest.fixture(autouse=True)
def home(laid_out: Path) -> Path:
    """Every test here starts from a database that is laid out."""
    return laid_out


@pytest.fixture
def served(serve):
    return serve("run").await_serving()


def test_it_stops_all_it_started_in_order_and_nothing_else(served):
    neighbour = subprocess.Popen(["sleep", "60"])
    pids = everything(served)
    assert all(lives(pid) for pid in pids.values())
    assert served.end(signal.SIGTERM) == 0
    assert [name for name, pid in pids.items() if lives(pid)] == []
    assert (served.home / "ends.txt").read_text().split() == ["web", "worker", "scheduler", "gate"]
    said = re.findall(r"^Stopping (\w+)", served.text(), re.MULTILINE)
    assert said == ["web", "worker", "scheduler", "gate", "Redis", "Postgres"]
    assert neighbour.poll() is None
    neighbour.kill()
    neighbour.wait()


@pytest.mark.sample(1)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_any_polite_signal_ends_it_with_success(served, number):
    pids = everything(served)
    assert served.end(number) == 0
    assert not any(lives(pid) for pid in pids.values())


def test_a_signal_while_it_starts_stops_what_there_is(serve, home):
    served = serve("run").await_text("Starting Postgres")
    assert served.end(signal.SIGTERM) == 0
    assert embedded.read_state(home) is None
    assert not (home / "web.env.json").exists()


def test_programs_that_hear_nothing_are_killed_after_their_deadline(serve, home):
    for name in NAMES:
        (home / f"{name}.deaf").touch()
    served = serve("run").await_serving()
    pids = everything(served)
    began = time.monotonic()
    assert served.end() == 0
    assert time.monotonic() - began < 15
    assert not any(lives(pid) for pid in pids.values())


def test_nothing_outlives_a_killed_supervisor_and_the_next_one_takes_over(serve, home):
    (home / "worker.deaf").touch()
    first = serve("run").await_serving()
    pids = everything(first)
    first.child.kill()
    first.child.wait()
    assert running(home) is None
    deaf = {"worker", "child of worker", "child of web", "child of gate", "child of scheduler"}
    wait_until(lambda: not any(lives(pid) for name, pid in pids.items() if name not in deaf))
    assert lives(pids["worker"])
    second = serve("run").await_serving()
    assert [name for name, pid in pids.items() if lives(pid)] == []
    now = running(home)
    assert now is not None
    assert now.supervisor == second.child.pid
    assert set(now.pids) == set(NAMES)


def test_a_program_that_ends_is_started_again_without_its_old_children(served):
    before = everything(served)
    os.kill(before["worker"], signal.SIGKILL)
    wait_until(lambda: "worker ended with code -9; starting it again in 0.5 s" in served.text())
    wait_until(lambda: served.environment("worker")["CHILD"] != str(before["child of worker"]))
    wait_until(lambda: everything(served)["worker"] != before["worker"])
    after = everything(served)
    assert lives(after["worker"])
    assert not lives(before["child of worker"])
    assert {name: after[name] for name in ("web", "gate", "postgres")} == {
        name: before[name] for name in ("web", "gate", "postgres")
    }


def test_the_pause_before_another_try_doubles(served):
    (served.home / "scheduler.dies").touch()
    os.kill(everything(served)["scheduler"], signal.SIGKILL)
    served.await_text("scheduler ended with code 3; starting it again in 2 s")
    pauses = re.findall(r"scheduler ended .* again in ([\d.]+) s", served.text())
    assert pauses == ["0.5", "1", "2"]
    assert served.child.poll() is None


def test_services_that_fall_over_come_back_under_the_same_url(served):
    before = everything(served)
    url = served.environment("web")["DATABASE_URL"]
    for name in ("postgres", "redis"):
        os.kill(before[name], signal.SIGKILL)
    wait_until(lambda: not lives(before["redis"]) and embedded.read_state(served.home) is not None)
    now = embedded.read_state(served.home)
    assert now is not None
    assert now.database_url == url


def test_provider_keys_and_the_signing_key_reach_the_gate_only(served):
    given = {name: served.environment(name) for name in NAMES}
    for key in (*PROVIDER_KEYS, "FOOTNOTE_TOKEN_KEY", "FOOTNOTE_CREDENTIAL_KEYS"):
        assert [name for name in NAMES if key in given[name]] == ["gate"], key
    assert given["gate"]["FOOTNOTE_TOKEN_KEY"].startswith("-----BEGIN PRIVATE KEY-----")
    assert [name for name in NAMES if "FOOTNOTE_AUDIT_KEY" in given[name]] == ["scheduler"]
    assert [name for name in NAMES if "FOOTNOTE_TOTP_KEYS" in given[name]] == ["web"]
    assert [name for name in NAMES if "FOOTNOTE_WORKLOAD_SECRET" in given[name]] == ["gate", "worker", "scheduler"]
    assert [name for name in NAMES if "SECRET_KEY" in given[name]] == ["web", "worker", "scheduler"]
    assert len({given[name]["SECRET_KEY"] for name in ("web", "worker", "scheduler")}) == 1


def test_every_program_knows_where_the_others_are(served):
    for name in NAMES:
        given = served.environment(name)
        assert given["FOOTNOTE_PROCESS"] == name
        assert given["FOOTNOTE_GATE_URL"].startswith("http://127.0.0.1:")
        assert given["FOOTNOTE_HOME"] == str(served.home)
        assert given["AGENT_STEP_EXECUTION_MODE"] == "dramatiq"
        assert given["DJANGO_SETTINGS_MODULE"] == "config.settings.dev"
        assert embedded.read_state(served.home) == embedded.Services(
            given["DATABASE_URL"], given["REDIS_URL"], ("postgres", "redis")
        )


def test_secrets_are_made_once_and_readable_by_their_owner_only(serve, home):
    serve("run").await_serving().end()
    kept = (home / "secrets.json").read_text()
    assert (home / "secrets.json").stat().st_mode & 0o077 == 0
    serve("run").await_serving().end()
    assert (home / "secrets.json").read_text() == kept


def test_what_programs_print_is_shown_with_their_name_and_kept_in_a_log(served):
    for name in NAMES:
        assert f"{name:<9} | {name} is up" in served.text()
        assert f"{name} is up" in (served.home / "log" / f"{name}.log").read_text()


def test_a_second_supervisor_of_the_same_home_says_who_serves_it(served, serve):
    second = serve("run")
    assert second.child.wait(20) == 2
    said = second.text()
    url = running(served.home).web_url
    assert f"already served by process {served.child.pid} ({url})" in said
    assert "Traceback" not in said
    assert all(lives(pid) for pid in everything(served).values())


def test_two_homes_side_by_side_share_nothing(served, serve, tmp_path):
    other = serve("run", at=tmp_path / "other home").await_serving()
    one, two = running(served.home), running(other.home)
    assert one is not None
    assert two is not None
    assert {one.web_url, one.gate_url, *one.services.__dict__.values()}.isdisjoint(
        {two.web_url, two.gate_url, two.services.database_url, two.services.redis_url}
    )
    assert other.end() == 0
    assert all(lives(pid) for pid in everything(served).values())


def test_a_taken_web_port_is_passed_over_and_the_new_one_is_printed(serve):
    with socket.create_server(("127.0.0.1", 0)) as neighbour:
        port = neighbour.getsockname()[1]
        served = serve("run", FOOTNOTE_WEB_PORT=str(port)).await_serving()
        url = running(served.home).web_url
        assert url != f"http://localhost:{port}"
        assert f"Footnote answers at {url} " in served.text()


def test_a_neighbour_that_takes_the_port_meanwhile_is_not_taken_for_ours(home, monkeypatch):
    neighbour = subprocess.Popen(
        [sys.executable, STANDIN, "neighbour", str(port := embedded.free_port())],
        env=clean_environment(home.parent),
    )
    try:
        wait_until((home.parent / "neighbour.env.json").exists)
        real, asked = embedded.free_port, []

        def free_port(preferred: int | None = None, *, attempts: int = 1) -> int:
            asked.append(preferred)
            return port if len(asked) == 1 else real(preferred, attempts=attempts)

        monkeypatch.setattr(embedded, "free_port", free_port)
        with stack(home, only=("web",), programs=programs, prepare=False) as supervisor:
            assert supervisor.ports.web != port
            assert supervisor.stack.web_url == f"http://localhost:{supervisor.ports.web}"
        assert neighbour.poll() is None
    finally:
        os.kill(int(json.loads((home.parent / "neighbour.env.json").read_text())["CHILD"]), signal.SIGKILL)
        neighbour.kill()
        neighbour.wait()


def test_a_neighbour_that_had_the_port_for_a_moment_only_ends_nothing(serve, home):
    (home / "web.loses_its_port").touch()
    served = serve("run").await_serving()
    assert not (home / "web.loses_its_port").exists()
    assert served.text().count("Address already in use") == 1


def test_a_program_that_cannot_start_is_shown_with_the_end_of_its_log(serve, home):
    (home / "gate.dies").touch()
    served = serve("run")
    assert served.child.wait(40) == 2
    assert "gate ended with code 3" in served.text()
    assert "its settings are missing" in served.text()
    assert "Traceback" not in served.text()
    assert embedded.read_state(home) is None


def test_a_scheduler_that_gives_way_does_not_keep_the_rest_from_starting(serve, home):
    (home / "scheduler.dies").touch()
    served = serve("run").await_serving()
    served.await_text("scheduler ended with code 3; starting it again")


@pytest.mark.sample(1)
@pytest.mark.parametrize("failing", ["prepare", "seed_demo", "demo_tools", "demo_run"])
def test_a_demo_whose_command_fails_ends_with_failure_and_stops_everything(serve, home, failing):
    (home / f"{failing}.dies").touch()
    served = serve("demo", "--oneshot")
    assert served.child.wait(40) == 1
    assert f"{failing} ended with code 4" in served.text()
    assert embedded.read_state(home) is None
    assert running(home) is None


@pytest.mark.sample(1)
@pytest.mark.parametrize(("words", "extra"), [(("--oneshot",), {}), ((), {"ONESHOT": "1"})])
def test_a_oneshot_demo_ends_after_the_report_with_a_table_of_times(serve, home, words, extra):
    served = serve("demo", *words, **extra)
    assert served.child.wait(40) == 0
    text = served.text()
    order = ["Starting Postgres", "prepare: done", "seed_demo: done", "web is ready", "demo_tools: done",
             "demo_run: done", "together"]  # fmt: skip
    assert [text.index(each) for each in order] == sorted(text.index(each) for each in order)
    assert embedded.read_state(home) is None


def test_a_demo_keeps_serving_and_run_takes_no_notice_of_oneshot(serve, tmp_path):
    demo = serve("demo").await_serving()
    assert demo.child.poll() is None
    demo.end()
    run = serve("run", at=tmp_path / "other", ONESHOT="1").await_serving()
    assert run.child.poll() is None
    assert "demo_run" not in run.text()


def test_a_stack_in_process_starts_what_is_named_and_stops_it(home, capfd):
    with stack(home, only=("gate",), programs=programs, prepare=False) as supervisor:
        now = running(home)
        assert now == supervisor.stack
        assert (list(now.pids), now.web_url) == (["gate"], "")
        pid = now.pids["gate"]
        assert lives(pid)
    assert running(home) is None
    assert not lives(pid)
    assert capfd.readouterr().out == ""


def test_a_stack_in_process_prepares_the_database_first(home):
    supervisor = Supervisor(home, programs, command=command)
    supervisor.open()
    supervisor.run("prepare")
    supervisor.close()
    assert "prepare: done" in (home / "log" / "prepare.log").read_text()


def test_a_stack_in_process_gives_way_to_a_living_supervisor(served):
    with pytest.raises(AlreadyServed, match=str(served.child.pid)), stack(served.home, programs=programs):
        pass
    assert all(lives(pid) for pid in everything(served).values())


def test_a_stack_that_fails_to_start_leaves_nothing(home):
    def hopeless(ports: Ports) -> tuple[Program, ...]:
        return (Program("web", (sys.executable, "-c", "raise SystemExit('no such settings')"), ports.web),)

    with pytest.raises(CannotStart, match="no such settings"), stack(home, programs=hopeless, prepare=False):
        pass
    assert embedded.read_state(home) is None


def test_a_program_that_never_answers_is_given_up_in_the_end(home, monkeypatch):
    monkeypatch.setattr(stacks, "READY_SECONDS", 0.5)

    def mute(ports: Ports) -> tuple[Program, ...]:
        return (Program("web", (sys.executable, "-c", "import time; time.sleep(60)"), ports.web, patience=1),)

    with pytest.raises(CannotStart, match=r"web: not ready after"), stack(home, programs=mute, prepare=False):
        pass


def test_the_real_programs_are_named_as_the_supervisor_stops_them():
    real = footnote_programs(Ports(8000, 9000))
    assert [each.name for each in real] == ["web", "worker", "scheduler", "gate"]
    assert [each.port for each in real] == [8000, None, None, 9000]
    assert [each.name for each in real if not each.steady] == ["scheduler"]


def test_the_command_line_explains_itself():
    answer = subprocess.run(
        [sys.executable, "-m", "config.supervisor"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert "run" in answer.stderr
    assert Path(STANDIN).exists()
