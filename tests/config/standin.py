"""A small program in the place of web, gate, worker or scheduler: it says what it was given and does as it is told.

    python standin.py NAME [PORT]

It answers /readyz on PORT, keeps a child of its own, and writes its environment to `<home>/NAME.env.json`.
Files in the home steer it: `NAME.dies` ends it with code 3, `NAME.deaf` lets it ignore SIGTERM,
`NAME.loses_its_port` lets it find its port taken, once.
"""

from __future__ import annotations

import errno
import http.server
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(os.environ["FOOTNOTE_HOME"])


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()


def write_end(name: str) -> None:
    with (HOME / "ends.txt").open("a") as stream:
        stream.write(f"{name}\n")


def main(name: str, port: str = "") -> None:
    if (HOME / f"{name}.dies").exists():
        print(f"{name} cannot go on: its settings are missing")
        sys.exit(3)
    if (HOME / f"{name}.loses_its_port").exists():
        (HOME / f"{name}.loses_its_port").unlink()
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (HOME / f"{name}.env.json").write_text(json.dumps({**os.environ, "CHILD": str(child.pid)}))
    print(f"{name} is up")

    def end(number: int, frame: object) -> None:
        if not (HOME / f"{name}.deaf").exists():
            write_end(name)
            os._exit(0)

    signal.signal(signal.SIGTERM, end)
    if port:
        http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Answer).serve_forever()
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
