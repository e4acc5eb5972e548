"""Start a stack on a home of its own and measure it: engine, doorbell, streams, a report, a workspace.

python -m tests.bench [engine workspace doorbell streams crowd admission paint report budgets record decisions]
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from config.supervisor.stack import stack

NAMES = ("engine", "workspace", "doorbell", "streams", "crowd", "admission", "paint", "report", "budgets", "record",
         "decisions")  # fmt: skip


def main() -> int:
    """Run the benchmarks named, or all."""
    chosen = tuple(name for name in sys.argv[1:] if name in NAMES) or NAMES
    for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
        os.environ |= {"FOOTNOTE_HOME": folder, "FOOTNOTE_WEB_PORT": "18700", "FOOTNOTE_LOG_LEVEL": "WARNING"}
        with stack(Path(folder)) as supervisor:
            os.environ |= supervisor.environment("command")
            import django

            django.setup()
            from tests.bench import budgets, decisions, measures, pages, record

            for name in chosen:
                found = pages.MEASURES | budgets.MEASURES | record.MEASURES | decisions.MEASURES
                for line in found.get(name, getattr(measures, name, None))(supervisor.stack):
                    sys.stdout.write(f"{line}\n")
                    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
