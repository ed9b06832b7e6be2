"""The protocol broken on purpose, one fault at a time, and which law notices."""

from typing import TYPE_CHECKING

from pooltwin.protocol.lazy import lazily

if TYPE_CHECKING:
    from .catalogue import DEFAULT_BUDGET as DEFAULT_BUDGET
    from .catalogue import MUTANTS as MUTANTS
    from .catalogue import KillMatrix as KillMatrix
    from .catalogue import control as control
    from .catalogue import mutant_named as mutant_named
    from .catalogue import run_mutants as run_mutants
    from .mutant import Mutant as Mutant
    from .mutant import Patch as Patch
else:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            ".catalogue": ("DEFAULT_BUDGET", "MUTANTS", "KillMatrix", "control", "mutant_named", "run_mutants"),
            ".mutant": ("Mutant", "Patch"),
        },
    )
