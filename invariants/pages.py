"""`python -m pooltwin.invariants.pages` writes LAWS.md and COVERAGE.md anew, from the catalogue and the coverage."""

from __future__ import annotations

from pathlib import Path

from pooltwin.protocol.files import write_text

from .catalogue import catalogue_page
from .coverage import coverage_page

FOLDER = Path(__file__).resolve().parent
"""The folder of the checkout, also where an installation links to it."""


def write_pages(folder: Path = FOLDER) -> None:
    """Write both pages into a folder. Raises OSError."""
    write_text(folder / "LAWS.md", catalogue_page())
    write_text(folder / "COVERAGE.md", coverage_page())


if __name__ == "__main__":
    write_pages()
