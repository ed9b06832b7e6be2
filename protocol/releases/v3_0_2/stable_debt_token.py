"""The stable debt token of a reserve: each debt grows at the rate that it was taken at.

Solidity: `StableDebtToken`, v3.0.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from ...address import ZERO_ADDRESS, Address
from ...contracts.scaled_token import ScaledToken
from ...events import Transfer
from ...machine.contract import ledger_of
from ...machine.function import external, view
from ...math.uint import add, add128, sub, to_uint128
from ...math.wad_ray import RAY, ray_div, ray_mul, wad_to_ray
from ...state.storage import Ledger
from ..v3_3.debt_token import VariableDebtTokenV33
from .events import StableBurn, StableMint

if TYPE_CHECKING:
    from ...chain import Chain


class SupplyData(NamedTuple):
    """All stable debt of a reserve, without interest since the last change and with it, and its average rate (ray)."""

    principal: int
    total: int
    average_rate: int
    last_change: int


class StableDebtToken(VariableDebtTokenV33):
    """Delegation and names are as in the variable debt token.

    `scaled_balances` and `scaled_supply` hold principals, in underlying units, and `previous_indexes` each debtor's
    rate (ray): the contract has the same places for them.
    """

    KIND = "StableDebtToken"
    STORAGE = {
        **VariableDebtTokenV33.STORAGE,
        "timestamps": ledger_of(0),
        "average_stable_rate": 0,
        "total_supply_timestamp": 0,
    }
    ABSENT: ClassVar[tuple[str, ...]] = (
        "scaledBalanceOf(address)",
        "scaledTotalSupply()",
        "getScaledUserBalanceAndSupply(address)",
        "getPreviousIndex(address)",
        "burn(address,uint256,uint256)",
    )
    __slots__ = ("average_stable_rate", "timestamps", "total_supply_timestamp")

    timestamps: Ledger[Address, int]
    """When each debtor's principal last changed."""
    average_stable_rate: int
    total_supply_timestamp: int
    """When any principal last changed."""

    def __init__(
        self,
        chain: Chain,
        at: Address,
        pool: Address,
        rewards_controller: Address = ZERO_ADDRESS,
        *,
        code_revision: int | None = None,
        built_for: int | None = None,
    ) -> None:
        ScaledToken.__init__(self, chain, at, "STABLE_DEBT_TOKEN_IMPL", code_revision, built_for)
        self.initialise(pool=pool, rewards_controller=rewards_controller)

    # --- for the pool -----------------------------------------------------------------------------------------------

    def pool_mint_stable(self, user: Address, on_behalf_of: Address, amount: int, rate: int) -> tuple[bool, int, int]:
        """Add debt at a rate (ray). Returns whether there was none, all debt, and its average rate. Solidity: `mint`.

        A debtor who had some has it all at the average of both rates from now on.
        """
        if user != on_behalf_of:
            allowed = self.borrow_allowances[on_behalf_of, user]
            left = sub(allowed, amount, "more is borrowed than the delegation covers")
            self.set_borrow_allowance(on_behalf_of, user, left)
        balance, increase = self._balance_and_increase(on_behalf_of)
        supply_before, average = self.total_supply(), self.average_stable_rate
        supply = self.scaled_supply = add(supply_before, amount)
        amount_in_ray = wad_to_ray(amount)
        owed = add(ray_mul(self.previous_indexes[on_behalf_of], wad_to_ray(balance)), ray_mul(amount_in_ray, rate))
        next_rate = ray_div(owed, wad_to_ray(add(balance, amount)))
        self.previous_indexes[on_behalf_of] = to_uint128(next_rate)
        self.timestamps[on_behalf_of] = self.total_supply_timestamp = self.chain.time
        weighed = add(ray_mul(average, wad_to_ray(supply_before)), ray_mul(rate, amount_in_ray))
        average = self.average_stable_rate = to_uint128(ray_div(weighed, wad_to_ray(supply)))
        minted = add(amount, increase)
        self._grow(on_behalf_of, minted, supply_before)
        self.emit(StableMint(user, on_behalf_of, minted, balance, increase, next_rate, average, supply))
        return balance == 0, supply, average

    def pool_burn_stable(self, from_: Address, amount: int) -> tuple[int, int]:
        """Take debt away. Returns all that is left, and its average rate (ray). Solidity: `burn`.

        As all debt and each debtor's grow by themselves, the last to repay may owe more than there is.
        """
        balance, increase = self._balance_and_increase(from_)
        supply_before, rate = self.total_supply(), self.previous_indexes[from_]
        supply, average = self._supply_without(amount, supply_before, rate)
        if amount == balance:
            self.previous_indexes[from_] = 0
            self.timestamps[from_] = 0
        else:
            self.timestamps[from_] = self.chain.time
        self.total_supply_timestamp = self.chain.time
        if increase > amount:
            minted = increase - amount
            self._grow(from_, minted, supply_before)
            self.emit(StableMint(from_, from_, minted, balance, increase, rate, average, supply))
        else:
            burned = amount - increase
            self._shrink(from_, burned, supply_before)
            self.emit(StableBurn(from_, burned, balance, increase, average, supply))
        return supply, average

    def _supply_without(self, amount: int, supply_before: int, rate: int) -> tuple[int, int]:
        """Write what is left of all debt, and its average rate; the supply returned may be more than is written."""
        if supply_before <= amount:
            self.average_stable_rate = self.scaled_supply = 0
            return 0, 0
        supply = self.scaled_supply = supply_before - amount
        whole = ray_mul(self.average_stable_rate, wad_to_ray(supply_before))
        part = ray_mul(rate, wad_to_ray(amount))
        if part >= whole:
            self.average_stable_rate = self.scaled_supply = 0
            return supply, 0
        average = self.average_stable_rate = to_uint128(ray_div(whole - part, wad_to_ray(supply)))
        return supply, average

    def _balance_and_increase(self, user: Address) -> tuple[int, int]:
        """A debt now, and its interest since the last change. Solidity: `_calculateBalanceIncrease`."""
        balance = self.balance_of(user)
        return balance, sub(balance, self.scaled_balances[user])

    def _grow(self, user: Address, amount: int, supply_before: int) -> None:
        before = self.scaled_balances[user]
        self.scaled_balances[user] = add128(before, to_uint128(amount))
        self.reward(user, supply_before, before)
        self.emit(Transfer(ZERO_ADDRESS, user, amount))

    def _shrink(self, user: Address, amount: int, supply_before: int) -> None:
        before = self.scaled_balances[user]
        self.scaled_balances[user] = sub(before, to_uint128(amount), "more is burned than the account has")
        self.reward(user, supply_before, before)
        self.emit(Transfer(user, ZERO_ADDRESS, amount))

    def _grown(self, principal: int, rate: int, since: int) -> int:
        """A principal with interest, compounded from then to now."""
        if principal == 0:
            return 0
        elapsed = sub(self.chain.time, since)
        return ray_mul(principal, self.chain.revision.compounded_interest(rate, elapsed) if elapsed else RAY)

    @external("mint(address,address,uint256,uint256)", "bool,uint256,uint256")
    def mint_amount(
        self, user: Address, on_behalf_of: Address, amount: int, rate: int, *, sender: Address
    ) -> tuple[bool, int, int]:
        """For the pool. Raises CallerMustBePool."""
        self.only_pool(sender)
        return self.pool_mint_stable(user, on_behalf_of, amount, rate)

    @external("burn(address,uint256)", "uint256,uint256")
    def burn_stable(self, from_: Address, amount: int, *, sender: Address) -> tuple[int, int]:
        """For the pool. Raises CallerMustBePool."""
        self.only_pool(sender)
        return self.pool_burn_stable(from_, amount)

    # --- views ------------------------------------------------------------------------------------------------------

    @view("balanceOf(address)", "uint256")
    def balance_of(self, user: Address) -> int:
        """A user's debt in underlying units, with interest to now."""
        return self._grown(self.scaled_balances[user], self.previous_indexes[user], self.timestamps[user])

    @view("principalBalanceOf(address)", "uint256")
    def principal_balance_of(self, user: Address) -> int:
        """A user's debt in underlying units, as of its last change."""
        return self.scaled_balances[user]

    @view("totalSupply()", "uint256")
    def total_supply(self) -> int:
        """All debt in underlying units, with interest to now at the average rate."""
        return self._grown(self.scaled_supply, self.average_stable_rate, self.total_supply_timestamp)

    @view("getAverageStableRate()", "uint256")
    def get_average_stable_rate(self) -> int:
        """The average rate (ray) of all debt."""
        return self.average_stable_rate

    @view("getSupplyData()", "uint256,uint256,uint256,uint40")
    def get_supply_data(self) -> SupplyData:
        """Principal, debt, average rate and time of the last change."""
        return SupplyData(
            self.scaled_supply, self.total_supply(), self.average_stable_rate, self.total_supply_timestamp
        )

    @view("getTotalSupplyAndAvgRate()", "uint256,uint256")
    def get_total_supply_and_avg_rate(self) -> tuple[int, int]:
        """Debt and average rate."""
        return self.total_supply(), self.average_stable_rate

    @view("getTotalSupplyLastUpdated()", "uint40")
    def get_total_supply_last_updated(self) -> int:
        """When any principal last changed."""
        return self.total_supply_timestamp

    @view("getUserLastUpdated(address)", "uint40")
    def get_user_last_updated(self, user: Address) -> int:
        """When the user's principal last changed; 0 without debt."""
        return self.timestamps[user]

    @view("getUserStableRate(address)", "uint256")
    def get_user_stable_rate(self, user: Address) -> int:
        """The user's rate (ray); 0 without debt."""
        return self.previous_indexes[user]
