"""Every fault, and the few that are tried in every run of the tests."""

from .accrual import ACCRUAL
from .fault import Fault
from .lending import LENDING
from .liquidation import LIQUIDATIONS
from .own import OWN
from .tokens import TOKENS

FAULTS: tuple[Fault, ...] = (*LENDING, *LIQUIDATIONS, *ACCRUAL, *TOKENS, *OWN)

SAMPLE = ("M02", "M27", "M86", "M142", "F1", "F3")
"""Quick to compile and quick to be found: a rounding, a rate, a check left out, a contract of our own, a silent write
and a view that lies.
"""


def fault_named(identifier: str) -> Fault:
    """Find a fault by its id. Raises ValueError, with the ids there are, for an unknown one."""
    for fault in FAULTS:
        if fault.id == identifier:
            return fault
    raise ValueError(f"there is no fault {identifier!r}; there are {', '.join(map(str, FAULTS))}")
