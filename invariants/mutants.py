"""Faults that the laws must catch: the catalogue, and the run that says which law kills which.

A law suite is as good as the mutants it kills without being shown the reference. Each mutant is engaged in turn, the
same seeded histories are played on the broken engine, and the first step at which each law fails is noted.
"""

from __future__ import annotations

from .mutant import Mutant
from .mutant_bad_debt import BAD_DEBT
from .mutant_flash_loan import FLASH_LOANS
from .mutant_governance import GOVERNANCE
from .mutant_interest import INTEREST
from .mutant_lending import LENDING
from .mutant_liquidation import LIQUIDATION
from .mutant_permissions import PERMISSIONS
from .mutant_token import TOKENS

MUTANTS: tuple[Mutant, ...] = tuple(
    sorted(
        (*LENDING, *PERMISSIONS, *INTEREST, *FLASH_LOANS, *LIQUIDATION, *BAD_DEBT, *TOKENS, *GOVERNANCE),
        key=lambda mutant: (int(mutant.id.strip("Mab")), mutant.id),
    )
)


def mutant_named(identifier: str) -> Mutant:
    """Raises ValueError, naming the nearest ids there are, for any other."""
    for mutant in MUTANTS:
        if mutant.id == identifier:
            return mutant
    raise ValueError(f"there is no mutant {identifier!r}; there are {MUTANTS[0].id} to {MUTANTS[-1].id}")
