"""Interest rates as they were first: one immutable contract for each reserve, which looks into the aToken itself.

Solidity: `DefaultReserveInterestRateStrategy`, v3.0.2. All parameters and rates are rays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...address import Address
from ...errors import InvalidOptimalStableToTotalDebtRatio, InvalidOptimalUsageRatio
from ...machine.contract import Contract
from ...machine.function import view
from ...math.percentage import PERCENTAGE_FACTOR, percent_mul
from ...math.uint import add, sub
from ...math.wad_ray import RAY, ray_div, ray_mul, wad_to_ray
from .stable_rates import RateInputs

if TYPE_CHECKING:
    from ...chain import Chain

_RATE_INPUTS = "(uint256,uint256,uint256,uint256,uint256,uint256,uint256,address,address)"


class RateStrategyV302(Contract):
    """Two slopes with a kink for variable rates, the same for stable ones, dearer when much debt is stable."""

    KIND = "DefaultReserveInterestRateStrategy"
    IMMUTABLES = (
        "provider",
        "optimal_usage_ratio",
        "base_variable_borrow_rate",
        "variable_rate_slope1",
        "variable_rate_slope2",
        "stable_rate_slope1",
        "stable_rate_slope2",
        "base_stable_rate_offset",
        "stable_rate_excess_offset",
        "optimal_stable_to_total_debt_ratio",
    )
    __slots__ = IMMUTABLES

    chain: Chain

    provider: Address
    optimal_usage_ratio: int
    base_variable_borrow_rate: int
    variable_rate_slope1: int
    variable_rate_slope2: int
    stable_rate_slope1: int
    stable_rate_slope2: int
    base_stable_rate_offset: int
    stable_rate_excess_offset: int
    optimal_stable_to_total_debt_ratio: int

    def __init__(self, chain: Chain, at: Address, *parameters: object) -> None:
        """Raises InvalidOptimalUsageRatio, InvalidOptimalStableToTotalDebtRatio above one ray."""
        super().__init__(chain, at)
        self.initialise(**dict(zip(self.IMMUTABLES, parameters, strict=True)))
        if self.optimal_usage_ratio > RAY:
            raise InvalidOptimalUsageRatio()
        if self.optimal_stable_to_total_debt_ratio > RAY:
            raise InvalidOptimalStableToTotalDebtRatio()

    def rates(self, inputs: RateInputs) -> tuple[int, int, int]:
        """Liquidity rate, stable and variable borrow rate. Solidity: `calculateInterestRates`.

        Raises Panic(0x11) when more is taken than the aToken holds, unless nobody owes anything.
        """
        total_debt = add(inputs.total_stable_debt, inputs.total_variable_debt)
        base_stable_rate = self.get_base_stable_borrow_rate()
        borrow_usage = supply_usage = stable_share = 0
        if total_debt != 0:
            stable_share = ray_div(inputs.total_stable_debt, total_debt)
            held = self.chain.answering(inputs.reserve).balance_of(inputs.a_token)
            liquidity = sub(
                add(held, inputs.liquidity_added), inputs.liquidity_taken, "more is taken than the reserve holds"
            )
            liquidity_and_debt = add(liquidity, total_debt)
            borrow_usage = ray_div(total_debt, liquidity_and_debt)
            supply_usage = ray_div(total_debt, add(liquidity_and_debt, inputs.unbacked))
        stable = add(base_stable_rate, self._slope(borrow_usage, self.stable_rate_slope1, self.stable_rate_slope2))
        variable_slope = self._slope(borrow_usage, self.variable_rate_slope1, self.variable_rate_slope2)
        variable = add(self.base_variable_borrow_rate, variable_slope)
        if stable_share > self.optimal_stable_to_total_debt_ratio:
            above = sub(stable_share, self.optimal_stable_to_total_debt_ratio)
            excess = ray_div(above, RAY - self.optimal_stable_to_total_debt_ratio)
            stable = add(stable, ray_mul(self.stable_rate_excess_offset, excess))
        lenders_share = sub(
            PERCENTAGE_FACTOR, inputs.reserve_factor
        )  # the compiler puts this before what it applies to
        earned = ray_mul(_overall_borrow_rate(inputs, total_debt, variable), supply_usage)
        return percent_mul(earned, lenders_share), stable, variable

    def _slope(self, usage: int, below: int, above: int) -> int:
        """What usage adds to a rate."""
        if usage > self.optimal_usage_ratio:
            excess = ray_div(usage - self.optimal_usage_ratio, RAY - self.optimal_usage_ratio)
            return add(below, ray_mul(above, excess))
        return ray_div(ray_mul(below, usage), self.optimal_usage_ratio)

    @view(f"calculateInterestRates({_RATE_INPUTS})", "uint256,uint256,uint256")
    def calculate_interest_rates(
        self, params: tuple[int, int, int, int, int, int, int, Address, Address]
    ) -> tuple[int, int, int]:
        """Liquidity rate, stable and variable borrow rate for the struct `CalculateInterestRatesParams`."""
        return self.rates(RateInputs(*params))

    @view("OPTIMAL_USAGE_RATIO()", "uint256")
    def optimal_usage(self) -> int:
        """Where the kink is."""
        return self.optimal_usage_ratio

    @view("MAX_EXCESS_USAGE_RATIO()", "uint256")
    def max_excess_usage(self) -> int:
        """What is left above the kink."""
        return RAY - self.optimal_usage_ratio

    @view("OPTIMAL_STABLE_TO_TOTAL_DEBT_RATIO()", "uint256")
    def optimal_stable_share(self) -> int:
        """The share of stable debt above which it gets dearer."""
        return self.optimal_stable_to_total_debt_ratio

    @view("MAX_EXCESS_STABLE_TO_TOTAL_DEBT_RATIO()", "uint256")
    def max_excess_stable_share(self) -> int:
        """What is left above it."""
        return RAY - self.optimal_stable_to_total_debt_ratio

    @view("getBaseVariableBorrowRate()", "uint256")
    def get_base_variable_borrow_rate(self) -> int:
        """Variable rate at no utilisation."""
        return self.base_variable_borrow_rate

    @view("getMaxVariableBorrowRate()", "uint256")
    def get_max_variable_borrow_rate(self) -> int:
        """Variable rate at full utilisation."""
        return add(add(self.base_variable_borrow_rate, self.variable_rate_slope1), self.variable_rate_slope2)

    @view("getBaseStableBorrowRate()", "uint256")
    def get_base_stable_borrow_rate(self) -> int:
        """Stable rate at no utilisation."""
        return add(self.variable_rate_slope1, self.base_stable_rate_offset)

    @view("getVariableRateSlope1()", "uint256")
    def get_variable_rate_slope1(self) -> int:
        """Variable slope below the kink."""
        return self.variable_rate_slope1

    @view("getVariableRateSlope2()", "uint256")
    def get_variable_rate_slope2(self) -> int:
        """Variable slope above the kink."""
        return self.variable_rate_slope2

    @view("getStableRateSlope1()", "uint256")
    def get_stable_rate_slope1(self) -> int:
        """Stable slope below the kink."""
        return self.stable_rate_slope1

    @view("getStableRateSlope2()", "uint256")
    def get_stable_rate_slope2(self) -> int:
        """Stable slope above the kink."""
        return self.stable_rate_slope2

    @view("getStableRateExcessOffset()", "uint256")
    def get_stable_rate_excess_offset(self) -> int:
        """What is added to the stable rate when all debt is stable."""
        return self.stable_rate_excess_offset

    @view("ADDRESSES_PROVIDER()", "address")
    def addresses_provider(self) -> Address:
        """The registry of the market."""
        return self.provider


class FixedRateStrategyV302(RateStrategyV302):
    """The strategy of mainnet's GHO before v3.1: one borrow rate whatever is borrowed, nothing for lenders.

    Solidity: `GhoInterestRateStrategy`. What it says of kinks and slopes is zero.
    """

    KIND = "GhoInterestRateStrategy"
    __slots__ = ()

    def __init__(self, chain: Chain, at: Address, provider: Address, borrow_rate: int) -> None:
        super().__init__(chain, at, provider, 0, borrow_rate, *[0] * 7)

    def rates(self, inputs: RateInputs) -> tuple[int, int, int]:
        """Liquidity rate, stable and variable borrow rate: only the last is not zero."""
        return 0, 0, self.base_variable_borrow_rate

    @view("MAX_EXCESS_USAGE_RATIO()", "uint256")
    def max_excess_usage(self) -> int:
        """What is left above the kink: it says zero."""
        return 0

    @view("MAX_EXCESS_STABLE_TO_TOTAL_DEBT_RATIO()", "uint256")
    def max_excess_stable_share(self) -> int:
        """What is left above the share of stable debt: it says zero."""
        return 0


def _overall_borrow_rate(inputs: RateInputs, total_debt: int, variable_rate: int) -> int:
    """Both kinds of debt's rates, weighted. Rounding can move it off the only rate there is."""
    if total_debt == 0:
        return 0
    variable = ray_mul(wad_to_ray(inputs.total_variable_debt), variable_rate)
    stable = ray_mul(wad_to_ray(inputs.total_stable_debt), inputs.average_stable_borrow_rate)
    return ray_div(add(variable, stable), wad_to_ray(total_debt))
