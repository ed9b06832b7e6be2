"""The common part of a reserve's tokens in v3.3: a rewards controller that the pool admin can replace.

Solidity: `IncentivizedERC20`, v3.3.
"""

from __future__ import annotations

from typing import ClassVar

from ...address import Address
from ...contracts.scaled_token import ScaledToken
from ...machine.function import external


class ReplaceableController(ScaledToken):
    """Keeps the rewards controller in storage."""

    ABSENT: ClassVar[tuple[str, ...]] = ("REWARDS_CONTROLLER()",)
    __slots__ = ()

    @external("setIncentivesController(address)")
    def set_incentives_controller(self, controller: Address, *, sender: Address) -> None:
        """Another rewards controller. Raises CallerNotPoolAdmin."""
        self.only_pool_admin(sender)
        self.rewards_controller = controller
