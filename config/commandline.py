"""Django's command line; for commands that need the whole machinery, it is started around them."""

from __future__ import annotations

import os
import sys

from config.servers import state
from config.servers.errors import CannotStart
from config.supervisor.record import running

# What a command needs beside itself. Nothing is started where a stack of this home runs already.
NEEDS = {"research": ("worker", "scheduler", "gate")}


def main(words: list[str]) -> int:
    """Run one command; return its exit code: 2 with one sentence where something could not be started."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    needs = NEEDS.get(words[1]) if len(words) > 1 else None
    if not needs or {"-h", "--help"} & set(words):
        return _execute(words)
    home = state.default_home()
    try:
        if stack := running(home):
            os.environ |= {"FOOTNOTE_GATE_URL": stack.gate_url, "FOOTNOTE_PUBLIC_ORIGIN": stack.web_url}
            os.environ |= {"DATABASE_URL": stack.services.database_url, "REDIS_URL": stack.services.redis_url}
            os.environ.setdefault("AGENT_STEP_EXECUTION_MODE", "dramatiq")
            return _execute(words)
        return _with_own_stack(words, needs)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped before anything was started.\n")
        return 130
    except CannotStart as problem:
        sys.stderr.write(f"{problem}\n")
        return 2


def _with_own_stack(words: list[str], needs: tuple[str, ...]) -> int:
    from config.supervisor.stack import stack

    sys.stderr.write("Starting Postgres, Redis, the gate and a worker …\n")
    sys.stderr.flush()
    with stack(only=needs) as supervisor:
        os.environ |= supervisor.environment("command")
        return _execute(words)


def _execute(words: list[str]) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(words)
    return 0
