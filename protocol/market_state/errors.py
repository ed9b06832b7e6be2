"""Errors of markets: a state that does not fit, one that cannot be deployed, one that no configuration describes."""

from __future__ import annotations

from collections.abc import Sequence

SHOWN = 20
"""How many faults a message lists; all of them are in `faults`."""


def listed(faults: Sequence[str]) -> str:
    """Faults line by line, the first of them."""
    more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
    return "\n".join(f"  {line}" for line in (*faults[:SHOWN], *more))


class StateError(ValueError):
    """A state that does not fit together, or not its market; `faults` says where and why, account and asset named."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(f"the state has {count}:\n{listed(self.faults)}")


class StateWarning(UserWarning):
    """A state that can be loaded and yet looks wrong: more can be claimed of a reserve than there is."""


class DeploymentError(ValueError):
    """A market that compiled contracts refuse to become: one reverts while it is deployed. Names which, and how."""


class InexpressibleError(ValueError):
    """A market has something that no configuration says; `faults` names the contracts and their fields."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "no configuration says everything about this market; Market.save keeps all of it. What is left over:\n"
            f"{listed(self.faults)}"
        )
