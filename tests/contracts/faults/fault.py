"""A fault: edits of the sources or small contracts of our own, and the mutant of the project that is the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pooltwin.invariants.mutants import Mutant, mutant_named

from .edits import Edit

REVISION = "3.6"
"""The release whose sources are published."""


@dataclass(frozen=True)
class Fault:
    """One fault in Solidity. Its mutant has the same id, or is given where the catalogue has none."""

    id: str
    subject: str
    edits: tuple[Edit, ...] = ()
    contracts: Mapping[str, str] = field(default_factory=dict)
    """Contracts of our own, called `Faulty`, by the name of the contract that each replaces and inherits from."""
    own: Mutant | None = None

    def __str__(self) -> str:
        return self.id

    @property
    def mutant(self) -> Mutant:
        """The same fault in the twin of v3.6."""
        return self.own or replace(mutant_named(self.id), revision=REVISION)

    @property
    def change(self) -> str:
        """The fault in words."""
        return self.mutant.change
