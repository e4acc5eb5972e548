#!/usr/bin/env python
"""Ask /readyz of an address for 200: `health.py http://127.0.0.1:8000`. The answer is the exit code."""

import os
import sys
import urllib.request


def main(origin: str) -> int:
    """Return 0 when it is ready, 1 when not."""
    # The host is checked by the application: a probe has to name one it serves.
    headers = {"Host": os.environ.get("FOOTNOTE_APEX_HOST", "localhost")}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(f"{origin}/readyz", headers=headers), timeout=4) as answer:
            return 0 if answer.status == 200 else 1
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
