"""`python -m shapetrace` is the command `shapetrace`."""

from __future__ import annotations

import sys

from shapetrace.cli import main

if __name__ == "__main__":
    sys.exit(main())
