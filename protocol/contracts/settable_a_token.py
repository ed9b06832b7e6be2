"""A stand-in aToken for tests of tokens alone: anybody writes its balances, and moves them at any index.

Solidity: `MockAToken` of `mocks/tokens`, from v3.4 on. Another mock of that name, of `mocks/upgradeability`, is a plain
aToken under a number of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..address import ZERO_ADDRESS, Address
from ..machine.function import external
from ..math.token_math import a_token_transfer_scaled
from ..math.uint import MAX_UINT120, MAX_UINT128, to_uint120
from .a_token import AToken

if TYPE_CHECKING:
    from ..chain import Chain


class SettableAToken(AToken):
    """An aToken whose revision is one above the release's, so that a token of the release can become one."""

    KIND = "SettableMockAToken"
    __slots__ = ()

    def __init__(
        self,
        chain: Chain,
        at: Address,
        pool: Address,
        rewards_controller: Address = ZERO_ADDRESS,
        treasury: Address = ZERO_ADDRESS,
        *,
        code_revision: int | None = None,
        built_for: int | None = None,
    ) -> None:
        own = chain.revision.token_revision + 1 if code_revision is None else code_revision
        super().__init__(chain, at, pool, rewards_controller, treasury, code_revision=own, built_for=built_for)

    @external("setStorage(address,address,uint256,uint256,uint256)")
    def set_storage(
        self, alice: Address, bob: Address, index: int, alice_scaled: int, bob_scaled: int, *, sender: Address
    ) -> None:
        """Write two users' shares and the index (ray) of their last change, cut to what storage holds.

        All shares together stay what they were.
        """
        for user in (alice, bob):
            self.previous_indexes[user] = index & MAX_UINT128
        self.scaled_balances[alice] = alice_scaled & MAX_UINT120
        self.scaled_balances[bob] = bob_scaled & MAX_UINT120

    @external("transferWithIndex(address,address,uint256,uint256)")
    def transfer_with_index(self, from_: Address, to: Address, amount: int, index: int, *, sender: Address) -> None:
        """Move what `amount` is worth at an index (ray); nobody is asked, the pool neither."""
        self.move_at_index(sender, from_, to, amount, index)

    def move_at_index(self, operator: Address, from_: Address, to: Address, amount: int, index: int) -> None:
        """Turn the amount into shares, rounded up, and move them. From v3.5 on."""
        scaled = to_uint120(a_token_transfer_scaled(amount, index))
        self.move_shares(operator, from_, to, amount, scaled, index)
