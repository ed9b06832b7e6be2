"""Read what several commands take in the same form."""

from __future__ import annotations

import os


def names_in(text: str) -> tuple[str, ...]:
    """Split a comma-separated list of names, leaving out what is empty."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def processes_for(number: int) -> int:
    """Give the number of processes that is meant; 0 stands for one a core."""
    return number or os.cpu_count() or 1
