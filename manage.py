#!/usr/bin/env python
"""Django's command line for Footnote."""

import sys

from config.commandline import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
