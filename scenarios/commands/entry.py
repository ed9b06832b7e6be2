"""Start of the command line, so small that Ctrl-C is answered in one line from the beginning."""

from __future__ import annotations

import sys

STOPPED = 130
"""The exit status after Ctrl-C; `terminal`, which has it too, is not loaded yet."""


def main() -> None:
    """Load the commands and run the one that is asked for. Ends with status 130 after Ctrl-C, loaded or not."""
    try:
        from .main import main as run
    except KeyboardInterrupt:
        print("stopped by Ctrl-C", file=sys.stderr)
        sys.exit(STOPPED)
    run()
