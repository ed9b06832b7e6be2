"""Interest rates by utilisation: two slopes with a kink. Solidity: `DefaultReserveInterestRateStrategyV2`.

Parameters are stored in basis points and used in rays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from eth_abi.grammar import parse

from ..address import ZERO_ADDRESS, Address
from ..errors import (
    CallerNotPoolConfigurator,
    InvalidAddressesProvider,
    InvalidMaxRate,
    InvalidOptimalUsageRatio,
    Slope2MustBeGteSlope1,
    ZeroAddressNotValid,
)
from ..events import RateDataUpdate
from ..machine.abi import decode_arguments, decoder_of
from ..machine.contract import Contract, ledger_of
from ..machine.function import external, view
from ..machine.lazy_calldata import struct_of
from ..math.percentage import PERCENTAGE_FACTOR, percent_mul
from ..math.uint import add, sub
from ..math.wad_ray import RAY, ray_div, ray_mul
from ..state.storage import Ledger

if TYPE_CHECKING:
    from ..chain import Chain

BPS_TO_RAY = 10**23
MAX_BORROW_RATE_BPS = 100_000
MIN_OPTIMAL_POINT_BPS = 100
MAX_OPTIMAL_POINT_BPS = 9_900

RATE_DATA_TYPE = "(uint16,uint32,uint32,uint32)"
_RATE_DATA_DECODER = decoder_of(parse(RATE_DATA_TYPE))


class RateData(NamedTuple):
    """Solidity: `InterestRateData` (bps) or `InterestRateDataRay`."""

    optimal_usage_ratio: int
    base_variable_borrow_rate: int
    variable_rate_slope1: int
    variable_rate_slope2: int


class RateInputs(NamedTuple):
    """Solidity: `DataTypes.CalculateInterestRatesParams`."""

    unbacked: int
    liquidity_added: int
    liquidity_taken: int
    total_debt: int
    reserve_factor: int
    reserve: Address
    using_virtual_balance: bool
    virtual_underlying_balance: int


class RateModel(NamedTuple):
    """A reserve's parameters: as stored, in basis points, and as used, in rays."""

    bps: RateData
    ray: RateData


def rate_model(bps: RateData) -> RateModel:
    """The parameters in both units."""
    return RateModel(bps, RateData(*[value * BPS_TO_RAY for value in bps]))


NO_PARAMETERS = rate_model(RateData(0, 0, 0, 0))


class RateStrategy(Contract):
    """One contract for all reserves of a pool."""

    KIND = "DefaultReserveInterestRateStrategyV2"
    STORAGE = {"models": ledger_of(NO_PARAMETERS)}
    IMMUTABLES = ("provider",)
    __slots__ = ("models", "provider")

    chain: Chain

    provider: Address
    models: Ledger[Address, RateModel]

    def __init__(self, chain: Chain, at: Address, provider: Address) -> None:
        if provider == ZERO_ADDRESS:
            raise InvalidAddressesProvider()
        super().__init__(chain, at)
        self.initialise(provider=provider)

    def after_load(self) -> None:
        self.models.load(
            {asset: RateModel(RateData(*bps), RateData(*ray)) for asset, (bps, ray) in self.models.items()}
        )

    def rates_for(
        self,
        asset: Address,
        *,
        unbacked: int,
        added: int,
        taken: int,
        total_debt: int,
        reserve_factor: int,
        virtual_balance: int,
        has_virtual_balance: bool,
    ) -> tuple[int, int]:
        """Liquidity rate and variable borrow rate (ray). `unbacked`, the deficit, lowers only the first.

        Raises Panic(0x11) when more is taken than there is, unless nobody owes anything.
        Solidity: `calculateInterestRates`.
        """
        parameters = self.models[asset].ray
        rate = parameters.base_variable_borrow_rate
        if total_debt == 0 or not has_virtual_balance:
            return 0, rate
        liquidity_and_debt = add(
            sub(add(virtual_balance, added), taken, "more is taken than the reserve holds"), total_debt
        )
        borrow_usage = ray_div(total_debt, liquidity_and_debt)
        supply_usage = ray_div(total_debt, add(liquidity_and_debt, unbacked))
        optimal = parameters.optimal_usage_ratio
        if borrow_usage > optimal:
            excess = ray_div(borrow_usage - optimal, RAY - optimal)
            rate += parameters.variable_rate_slope1 + ray_mul(parameters.variable_rate_slope2, excess)
        else:
            rate += ray_div(ray_mul(parameters.variable_rate_slope1, borrow_usage), optimal)
        return percent_mul(ray_mul(rate, supply_usage), sub(PERCENTAGE_FACTOR, reserve_factor)), rate

    def only_pool_configurator(self, sender: Address) -> None:
        """Raises CallerNotPoolConfigurator."""
        if sender != self.chain.at(self.provider).pool_configurator_address:
            raise CallerNotPoolConfigurator()

    def set_encoded(self, asset: Address, rate_data: bytes) -> None:
        """Set ABI-encoded parameters. Reverts without data when they do not decode."""
        decoded = decode_arguments([(_RATE_DATA_DECODER, 0)], 128, rate_data)[0]
        self.set_parameters(asset, RateData(*decoded))

    def set_parameters(self, asset: Address, bps: RateData) -> None:
        """Raises ZeroAddressNotValid, InvalidOptimalUsageRatio, Slope2MustBeGteSlope1, InvalidMaxRate."""
        if asset == ZERO_ADDRESS:
            raise ZeroAddressNotValid()
        if not MIN_OPTIMAL_POINT_BPS <= bps.optimal_usage_ratio <= MAX_OPTIMAL_POINT_BPS:
            raise InvalidOptimalUsageRatio()
        if bps.variable_rate_slope1 > bps.variable_rate_slope2:
            raise Slope2MustBeGteSlope1()
        if bps.base_variable_borrow_rate + bps.variable_rate_slope1 + bps.variable_rate_slope2 > MAX_BORROW_RATE_BPS:
            raise InvalidMaxRate()
        self.models[asset] = rate_model(bps)
        self.emit(RateDataUpdate(asset, *bps))

    @external("setInterestRateParams(address,bytes)")
    def set_interest_rate_params(self, reserve: Address, rate_data: bytes, *, sender: Address) -> None:
        """For the configurator. Raises CallerNotPoolConfigurator."""
        self.only_pool_configurator(sender)
        self.set_encoded(reserve, rate_data)

    @external(f"setInterestRateParams(address,{RATE_DATA_TYPE})", lazy={1: RateData._fields})
    def set_interest_rate_params_struct(
        self, reserve: Address, rate_data: tuple[int, int, int, int], *, sender: Address
    ) -> None:
        """For the configurator. Raises CallerNotPoolConfigurator."""
        self.only_pool_configurator(sender)
        data = struct_of(RateData, rate_data)
        self.set_parameters(reserve, RateData(*[getattr(data, name) for name in RateData._fields]))

    @view(
        "calculateInterestRates((uint256,uint256,uint256,uint256,uint256,address,bool,uint256))",
        "uint256,uint256",
        lazy={0: RateInputs._fields},
    )
    def calculate_interest_rates(self, params: tuple[int, int, int, int, int, Address, bool, int]) -> tuple[int, int]:
        """Liquidity rate and variable borrow rate (ray) for the struct `CalculateInterestRatesParams`."""
        inputs = struct_of(RateInputs, params)
        return self.rates_for(
            inputs.reserve,
            unbacked=inputs.unbacked,
            added=inputs.liquidity_added,
            taken=inputs.liquidity_taken,
            total_debt=inputs.total_debt,
            reserve_factor=inputs.reserve_factor,
            virtual_balance=inputs.virtual_underlying_balance,
            has_virtual_balance=not self.chain.revision.virtual_balance_optional or inputs.using_virtual_balance,
        )

    @view("getInterestRateData(address)", "(uint256,uint256,uint256,uint256)")
    def get_interest_rate_data(self, reserve: Address) -> RateData:
        """The parameters in rays."""
        return self.models[reserve].ray

    @view("getInterestRateDataBps(address)", RATE_DATA_TYPE)
    def get_interest_rate_data_bps(self, reserve: Address) -> RateData:
        """The parameters in basis points."""
        return self.models[reserve].bps

    @view("getOptimalUsageRatio(address)", "uint256")
    def get_optimal_usage_ratio(self, reserve: Address) -> int:
        """Where the kink is (ray)."""
        return self.models[reserve].ray.optimal_usage_ratio

    @view("getVariableRateSlope1(address)", "uint256")
    def get_variable_rate_slope1(self, reserve: Address) -> int:
        """Slope below the kink (ray)."""
        return self.models[reserve].ray.variable_rate_slope1

    @view("getVariableRateSlope2(address)", "uint256")
    def get_variable_rate_slope2(self, reserve: Address) -> int:
        """Slope above the kink (ray)."""
        return self.models[reserve].ray.variable_rate_slope2

    @view("getBaseVariableBorrowRate(address)", "uint256")
    def get_base_variable_borrow_rate(self, reserve: Address) -> int:
        """Rate at no utilisation (ray)."""
        return self.models[reserve].ray.base_variable_borrow_rate

    @view("getMaxVariableBorrowRate(address)", "uint256")
    def get_max_variable_borrow_rate(self, reserve: Address) -> int:
        """Rate at full utilisation (ray)."""
        parameters = self.models[reserve].ray
        return parameters.base_variable_borrow_rate + parameters.variable_rate_slope1 + parameters.variable_rate_slope2

    @view("MAX_BORROW_RATE()", "uint256")
    def max_borrow_rate(self) -> int:
        """1000% in basis points."""
        return MAX_BORROW_RATE_BPS

    @view("MIN_OPTIMAL_POINT()", "uint256")
    def min_optimal_point(self) -> int:
        """1% in basis points."""
        return MIN_OPTIMAL_POINT_BPS

    @view("MAX_OPTIMAL_POINT()", "uint256")
    def max_optimal_point(self) -> int:
        """99% in basis points."""
        return MAX_OPTIMAL_POINT_BPS

    @view("ADDRESSES_PROVIDER()", "address")
    def addresses_provider(self) -> Address:
        """The registry of the market."""
        return self.provider
