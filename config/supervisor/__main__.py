"""Serve Footnote from the command line.

python -m config.supervisor run
python -m config.supervisor demo [--oneshot]
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from config.servers import state
from config.servers.errors import CannotStart, CommandFailed

from .console import Console
from .programs import Programs, command, footnote_programs
from .stack import Stopped, Supervisor

ASKS_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(
    arguments: list[str] | None = None,
    programs: Programs = footnote_programs,
    command: Callable[..., tuple[str, ...]] = command,
) -> int:
    """Serve until asked to stop; return 0, 1 when one of our commands failed, 2 when it could not start."""
    parser = argparse.ArgumentParser(prog="python -m config.supervisor", description="Run all of Footnote.")
    orders = parser.add_subparsers(dest="order", required=True)
    orders.add_parser("run", help="services and programs, until Ctrl-C")
    demo = orders.add_parser("demo", help="the same, with a seeded workspace and one question researched")
    demo.add_argument("--oneshot", action="store_true", help="end after the report")
    chosen = parser.parse_args(arguments)
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    supervisor = Supervisor(state.default_home(), programs, Console(), command, demo=chosen.order == "demo")
    _listen(supervisor)
    oneshot = getattr(chosen, "oneshot", False) or os.environ.get("ONESHOT") == "1"
    return _serve(supervisor, demo=chosen.order == "demo", oneshot=chosen.order == "demo" and oneshot)


def _serve(supervisor: Supervisor, *, demo: bool, oneshot: bool) -> int:
    console = supervisor.console
    try:
        _start(supervisor, demo=demo)
        if oneshot:
            return 0
        console.say(f"\nFootnote answers at {supervisor.stack.web_url}  (Ctrl-C stops it)\n")
        while True:
            supervisor.wait(1)
    except (Stopped, KeyboardInterrupt):
        # Asked to stop while it served: that is success. Before a one-shot had its report, it is not.
        return 130 if oneshot else 0
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1 if isinstance(problem, CommandFailed) else 2
    finally:
        for number in ASKS_TO_STOP:
            signal.signal(number, signal.SIG_IGN)
        supervisor.close()


def _start(supervisor: Supervisor, *, demo: bool) -> None:
    console = supervisor.console
    with console.step("Starting Postgres and Redis"):
        supervisor.open()
    with console.step("Preparing the database"):
        supervisor.run("prepare")
    if demo:
        with console.step("Seeding a workspace"):
            supervisor.run("seed_demo")
    with console.step("Starting web, gate, worker and scheduler"):
        supervisor.launch()
    if demo:
        with console.step("Adding a server of tools"):
            supervisor.run("demo_tools", supervisor.tools_url)
        with console.step("Putting plans on sale, in test mode"):
            supervisor.run("sync_plans")
        with console.step("Researching one question"):
            supervisor.run("demo_run")
        with console.step("Writing the public site"):
            supervisor.run("seed_site", "--marketer", "marketer@demo.example", "--password", "footnote-demo")
        console.say("\nHow long each part took:")
        console.table()


def _listen(supervisor: Supervisor) -> None:
    def ask(number: int, frame: FrameType | None) -> None:
        if supervisor.stop_asked:
            raise KeyboardInterrupt
        supervisor.stop_asked = True

    for number in ASKS_TO_STOP:
        # Started by nohup, a program is meant to outlive its terminal.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, ask)


if __name__ == "__main__":
    sys.exit(main())
