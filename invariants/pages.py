"""`python -m pooltwin.invariants.pages` writes LAWS.md and COVERAGE.md anew, from the catalogue and the coverage."""

from __future__ import annotations

from pathlib import Path

from pooltwin.protocol.files import write_text

from .catalogue import catalogue_page
from .coverage import coverage_page
from .rewards import REWARD_LAWS
from .vaults import VAULT_LAWS
from .votes import VOTE_LAWS

FOLDER = Path(__file__).resolve().parent
"""The folder of the checkout, also where an installation links to it."""


APART = {
    "ERC-4626 vaults (`VAULT_LAWS`)": VAULT_LAWS,
    "rewards (`REWARD_LAWS`)": REWARD_LAWS,
    "aTokens that vote (`VOTE_LAWS`)": VOTE_LAWS,
}
"""The sets of laws that are given to monitors and campaigns beside the catalogue."""


def laws_page() -> str:
    """Write all laws as a Markdown page."""
    return catalogue_page(APART)


def write_pages(folder: Path = FOLDER) -> None:
    """Write both pages into a folder. Raises OSError."""
    write_text(folder / "LAWS.md", laws_page())
    write_text(folder / "COVERAGE.md", coverage_page())


if __name__ == "__main__":
    write_pages()
