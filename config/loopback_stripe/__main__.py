"""`python -m config.loopback_stripe PORT [--home FOLDER]` serves the test Stripe on 127.0.0.1 until asked to stop."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import uvicorn

from .api import application


def main() -> None:
    """Serve on a port of this machine until asked to stop."""
    words = "A Stripe of this machine: no money moves."
    parser = argparse.ArgumentParser(prog="python -m config.loopback_stripe", description=words)
    parser.add_argument("port", type=int)
    kept = Path(os.environ["FOOTNOTE_HOME"]) / "stripe" if os.environ.get("FOOTNOTE_HOME") else None
    words = "a folder that keeps its state; that of FOOTNOTE_HOME where there is one, else nothing is kept"
    parser.add_argument("--home", type=Path, default=kept, help=words)
    given = parser.parse_args()
    uvicorn.run(
        application(given.home), host="127.0.0.1", port=given.port, log_level="warning", timeout_graceful_shutdown=2
    )


if __name__ == "__main__":
    main()
