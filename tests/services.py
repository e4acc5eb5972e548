"""A pytest plugin, loaded before settings: Postgres and Redis of our own in a folder of their own.

With `-n 2` each of the two workers has its own; the process that only hands out the files needs none.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest

from config import embedded
from config.servers import marks, postgres

HANDS_OUT = "PYTEST_XDIST_WORKER" not in os.environ and any(each == "-n" for each in sys.argv)
HOME = Path(tempfile.mkdtemp(prefix="footnote-tests-"))
HOME.chmod(0o755)
os.environ["FOOTNOTE_HOME"] = str(HOME)
for name in ("FOOTNOTE_GATE_URL", "OPENAI_API_KEY", "AGENT_STEP_EXECUTION_MODE", "FOOTNOTE_PROCESS"):
    os.environ.pop(name, None)
# A process that is killed loses nothing without fsync either, only a machine that loses its power does.
with patch.dict(postgres.SETTINGS, fsync="off"):
    _services = None if HANDS_OUT else embedded.start(HOME)
if _services:
    os.environ["DATABASE_URL"] = _services.services.database_url
    os.environ["REDIS_URL"] = _services.services.redis_url


def restart_postgres() -> None:
    """Stop Postgres as a crash would, and start it again on the same port."""
    assert _services is not None
    marks.stop(_services.owned["postgres"], ((signal.SIGQUIT, 20),))
    _services.revive()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started and take the folder away."""
    if _services:
        _services.stop()
    shutil.rmtree(HOME, ignore_errors=True)
