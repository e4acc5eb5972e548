"""Ask a program of ours whether it is ready."""

from __future__ import annotations

import urllib.request

# No proxy from the environment: the question goes to this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(port: int, seconds: float = 3.0) -> bool:
    """Say whether /readyz on a port of this machine answers 200 within `seconds`."""
    question = urllib.request.Request(f"http://127.0.0.1:{port}/readyz", headers={"Host": f"localhost:{port}"})
    try:
        with _opener.open(question, timeout=seconds) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False
