"""The process that draws a PDF: `child.py MEMORY_BYTES CPU_SECONDS < page.html > report.pdf`.

It limits itself before it imports a library, opens no connection, starts no program and writes no file. Its reply is
a PDF, or a sentence on stderr and exit code 1.
"""

from __future__ import annotations

import io
import logging
import os
import resource
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
MOST_BYTES = 8_000_000  # of our HTML: about 6,000 sentences, a minute of work
_REFUSED = (
    *("socket.", "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn"),
    *("os.remove", "os.rename", "os.mkdir", "ctypes."),
)


def _places() -> set[str]:
    """Where Python, its packages and our fonts are, links resolved: the hook compares resolved paths."""
    return {os.path.realpath(place) for place in (sys.prefix, sys.base_prefix, str(ROOT / "apps"))}


_READABLE = tuple(f"{Path(place)}{os.sep}" for place in _places())


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """Set hard limits on memory, CPU seconds, written files and core dumps of this process."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(refuse)


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse what drawing has no need of: connections, programs, files outside Python and the fonts.

    Raises PermissionError.
    """
    if event.startswith(_REFUSED):
        raise PermissionError(event)
    if event == "open" and not isinstance(arguments[0], int):  # a number is a file that is open already
        path = os.path.realpath(os.fsdecode(arguments[0]))  # type: ignore[arg-type]
        if not path.startswith(_READABLE):
            raise PermissionError(f"open {path}")


def main(memory_bytes: str, cpu_seconds: str) -> int:
    """Draw what comes by stdin; return the exit code."""
    limit(int(memory_bytes), int(cpu_seconds))
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(ROOT))
    logging.disable(logging.CRITICAL)
    try:
        page = sys.stdin.buffer.read(MOST_BYTES + 1)
        if len(page) > MOST_BYTES:
            raise ValueError(f"the document is larger than {MOST_BYTES} bytes")
        body = draw(page.decode(), seconds=float(cpu_seconds))
    except MemoryError:
        sys.stderr.write("out of memory")
        return 1
    except Exception as error:  # the library raises anything at all; the reader gets one line
        sys.stderr.write(f"{type(error).__name__}: {error}")
        return 1
    sys.stdout.buffer.write(body)
    return 0


def draw(page: str, *, seconds: float) -> bytes:
    """Return the page as PDF bytes, the same for the same page. Raises whatever the library does."""
    from reportlab import rl_config
    from xhtml2pdf.config.resources import ResourceAccessPolicy
    from xhtml2pdf.document import pisaDocument

    from apps.research.formats.typesetting import contents, faces, headings, lines, markup

    rl_config.invariant = 1
    coverage = faces.Coverage()
    contents.install(coverage.family)
    headings.install()
    lines.install()
    nothing = ResourceAccessPolicy.server(
        None, allow_remote=False, allowed_hosts=frozenset(), max_resource_bytes=0, max_local_bytes=0,
        max_image_pixels=0, max_resources=0, max_total_bytes=0, max_fetch_seconds=0.001, max_depth=40,
        max_render_seconds=seconds, max_document_bytes=MOST_BYTES,
    )  # fmt: skip
    out = io.BytesIO()
    title, page = markup.take_title(page)
    page = markup.prepare(page, coverage.family)
    done = pisaDocument(page, dest=out, resource_policy=nothing, context_meta={"title": title}, capacity=MOST_BYTES)
    if done.err:
        raise ValueError("the page could not be drawn")
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
