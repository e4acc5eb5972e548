"""The supervisor's command line with stand-ins for its programs and commands."""

from __future__ import annotations

import sys
from pathlib import Path

from config.supervisor.__main__ import main
from config.supervisor.programs import Ports, Program

STANDIN = str(Path(__file__).with_name("standin.py"))
COMMAND = """
import pathlib, os, sys
name = sys.argv[1]
print(f"{name}: done what was asked")
sys.exit(4 if pathlib.Path(os.environ["FOOTNOTE_HOME"], f"{name}.dies").exists() else 0)
"""


def programs(ports: Ports) -> tuple[Program, ...]:
    """Return four stand-ins, stopped in the order of the real ones."""
    python = sys.executable
    return (
        Program("web", (python, STANDIN, "web", str(ports.web)), ports.web, patience=1.0),
        Program("worker", (python, STANDIN, "worker"), patience=1.0),
        Program("scheduler", (python, STANDIN, "scheduler"), patience=1.0, steady=False),
        Program("gate", (python, STANDIN, "gate", str(ports.gate)), ports.gate, patience=1.0),
    )


def command(*words: str) -> tuple[str, ...]:
    """Return a command that says its name and does nothing."""
    return (sys.executable, "-c", COMMAND, *words)


if __name__ == "__main__":
    sys.exit(main(None, programs, command))
