"""Runs alone: HTML on stdin, PDF on stdout. Opens no address and no file but the fonts beside the project."""

import io
import sys


def main() -> int:
    from xhtml2pdf import pisa

    out = io.BytesIO()
    result = pisa.CreatePDF(sys.stdin.buffer.read().decode(), dest=out, encoding="utf-8")
    if result.err:
        return 1
    sys.stdout.buffer.write(out.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
