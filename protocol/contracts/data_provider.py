"""Read-only summaries of a market. Solidity: `AaveProtocolDataProvider`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..address import ZERO_ADDRESS, Address
from ..errors import NotModelledError, ZeroAddressNotValid
from ..logic.precompiled import PrecompiledContract
from ..logic.reserve import keeps_virtual_balance
from ..machine.contract import Contract
from ..machine.function import view
from ..state import bitmaps

if TYPE_CHECKING:
    from ..chain import Chain

MKR = "0x9f8f72aa9304c8b593d555f12ef6589cc3a579a2"
ETH = "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
_SYMBOLS = {MKR: "MKR", ETH: "ETH"}  # tokens whose own symbol is no string


def pool_at(chain: Chain, where: Address) -> Any:
    """The pool at an address. Raises NotModelledError for a precompiled contract, whose answers may look like one's."""
    pool = chain.answering(where)
    if isinstance(pool, PrecompiledContract):
        raise NotModelledError(f"the precompiled contract {where} as a pool")
    return pool


class DataProvider(Contract):
    """Asks the pool and its tokens."""

    KIND = "AaveProtocolDataProvider"
    IMMUTABLES = ("provider", "pool")
    __slots__ = ("pool", "provider")

    chain: Chain

    provider: Address
    pool: Address

    def __init__(self, chain: Chain, at: Address, provider: Address) -> None:
        super().__init__(chain, at)
        pool = chain.at(provider).get_pool()
        self.check_pool(pool)
        self.initialise(provider=provider, pool=pool)

    @staticmethod
    def check_pool(pool: Address) -> None:
        """Raises ZeroAddressNotValid: the contract remembers the pool it was made for."""
        if pool == ZERO_ADDRESS:
            raise ZeroAddressNotValid()

    def _pool(self) -> Any:
        return pool_at(self.chain, self.pool)

    def _configuration(self, asset: Address) -> int:
        configuration: int = self._pool().reserves[asset].configuration
        return configuration

    def a_token_total_supply(self, asset: Address) -> int:
        """For the configurator: all claims on a reserve. Reverts without data for an unlisted asset."""
        supply: int = self.chain.at(self._pool().reserves[asset].a_token).total_supply()
        return supply

    def total_debt(self, asset: Address) -> int:
        """For the configurator: all debt to a reserve. Reverts without data for an unlisted asset."""
        debt: int = self.chain.at(self._pool().reserves[asset].variable_debt_token).total_supply()
        return debt

    @view("ADDRESSES_PROVIDER()", "address")
    def addresses_provider(self) -> Address:
        """The registry of the market."""
        return self.provider

    @view("POOL()", "address")
    def pool_address(self) -> Address:
        """The pool."""
        return self.pool

    @view("getAllReservesTokens()", "(string,address)[]")
    def get_all_reserves_tokens(self) -> list[tuple[str, Address]]:
        """Symbol and address of every listed asset."""
        return [
            (_SYMBOLS.get(asset) or self.chain.at(asset).symbol(), asset) for asset in self._pool().get_reserves_list()
        ]

    @view("getAllATokens()", "(string,address)[]")
    def get_all_a_tokens(self) -> list[tuple[str, Address]]:
        """Symbol and address of every aToken."""
        pool = self._pool()
        a_tokens = [pool.reserves[asset].a_token for asset in pool.get_reserves_list()]
        return [(self.chain.at(a_token).symbol(), a_token) for a_token in a_tokens]

    @view(
        "getReserveConfigurationData(address)",
        "uint256,uint256,uint256,uint256,uint256,bool,bool,bool,bool,bool",
    )
    def get_reserve_configuration_data(
        self, asset: Address
    ) -> tuple[int, int, int, int, int, bool, bool, bool, bool, bool]:
        """Decimals, LTV, threshold, bonus, reserve factor, collateral, borrowing, stable (never), active, frozen.

        Blind to assets that are collateral in e-mode only.
        """
        config = self._configuration(asset)
        threshold = bitmaps.liquidation_threshold(config)
        return (
            bitmaps.decimals(config),
            bitmaps.ltv(config),
            threshold,
            bitmaps.liquidation_bonus(config),
            bitmaps.reserve_factor(config),
            threshold != 0,
            bitmaps.is_borrowing_enabled(config),
            False,
            bitmaps.is_active(config),
            bitmaps.is_frozen(config),
        )

    @view("getReserveCaps(address)", "uint256,uint256")
    def get_reserve_caps(self, asset: Address) -> tuple[int, int]:
        """Borrow cap and supply cap in whole tokens."""
        config = self._configuration(asset)
        return bitmaps.borrow_cap(config), bitmaps.supply_cap(config)

    @view("getPaused(address)", "bool")
    def get_paused(self, asset: Address) -> bool:
        """Is the reserve paused?"""
        return bitmaps.is_paused(self._configuration(asset))

    @view("getSiloedBorrowing(address)", "bool")
    def get_siloed_borrowing(self, asset: Address) -> bool:
        """Is the asset siloed? Never."""
        return False

    @view("getLiquidationProtocolFee(address)", "uint256")
    def get_liquidation_protocol_fee(self, asset: Address) -> int:
        """The treasury's share of the liquidation bonus (bps)."""
        return bitmaps.liquidation_protocol_fee(self._configuration(asset))

    @view("getUnbackedMintCap(address)", "uint256")
    def get_unbacked_mint_cap(self, asset: Address) -> int:
        """How much a bridge may mint ahead: there is none."""
        return 0

    @view("getDebtCeiling(address)", "uint256")
    def get_debt_ceiling(self, asset: Address) -> int:
        """The debt ceiling in cents: there is none."""
        return 0

    @view("getDebtCeilingDecimals()", "uint256")
    def get_debt_ceiling_decimals(self) -> int:
        """Two."""
        return bitmaps.DEBT_CEILING_DECIMALS

    @view(
        "getReserveData(address)",
        "uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint40",
    )
    def get_reserve_data(self, asset: Address) -> tuple[int, ...]:
        """Unbacked, accrued to treasury, aToken supply, stable debt (0), debt, rates, two zeros, indexes, time."""
        return self.reserve_data(asset)

    def reserve_data(self, asset: Address) -> tuple[int, ...]:
        """The figures of a reserve."""
        reserve = self._pool().reserves[asset]
        return (
            reserve.unbacked,
            reserve.accrued_to_treasury,
            self.chain.at(reserve.a_token).total_supply(),
            0,
            self.chain.at(reserve.variable_debt_token).total_supply(),
            reserve.current_liquidity_rate,
            reserve.current_variable_borrow_rate,
            0,
            0,
            reserve.liquidity_index,
            reserve.variable_borrow_index,
            reserve.last_update_timestamp,
        )

    @view("getATokenTotalSupply(address)", "uint256")
    def get_a_token_total_supply(self, asset: Address) -> int:
        """All claims on the reserve in underlying units."""
        return self.a_token_total_supply(asset)

    @view("getTotalDebt(address)", "uint256")
    def get_total_debt(self, asset: Address) -> int:
        """All debt to the reserve in underlying units."""
        return self.total_debt(asset)

    @view(
        "getUserReserveData(address,address)",
        "uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint40,bool",
    )
    def get_user_reserve_data(
        self, asset: Address, user: Address
    ) -> tuple[int, int, int, int, int, int, int, int, bool]:
        """Claim, stable debt (0), debt, stable principal (0), scaled debt, stable rate (0), rate, 0, collateral bit."""
        pool = self._pool()
        reserve = pool.reserves[asset]
        a_token = self.chain.at(reserve.a_token)
        claim = a_token.balance_of(user)
        debt_token = self.chain.at(reserve.variable_debt_token)
        return (
            claim,
            0,
            debt_token.balance_of(user),
            0,
            debt_token.scaled_balances[user],
            0,
            reserve.current_liquidity_rate,
            0,
            bitmaps.is_using_as_collateral(pool.users_config[user], reserve.id),
        )

    @view("getReserveTokensAddresses(address)", "address,address,address")
    def get_reserve_tokens_addresses(self, asset: Address) -> tuple[Address, Address, Address]:
        """aToken, stable debt token (zero), variable debt token."""
        reserve = self._pool().reserves[asset]
        return reserve.a_token, ZERO_ADDRESS, reserve.variable_debt_token

    @view("getInterestRateStrategyAddress(address)", "address")
    def get_interest_rate_strategy_address(self, asset: Address) -> Address:
        """The reserve's rate strategy."""
        pool = self._pool()
        strategy: Address = pool.strategy_of(pool.reserves[asset])
        return strategy

    @view("getFlashLoanEnabled(address)", "bool")
    def get_flash_loan_enabled(self, asset: Address) -> bool:
        """May the asset be flash-borrowed?"""
        return bitmaps.is_flash_loan_enabled(self._configuration(asset))

    @view("getIsVirtualAccActive(address)", "bool")
    def get_is_virtual_acc_active(self, asset: Address) -> bool:
        """Always, from v3.4 on."""
        return keeps_virtual_balance(self._pool(), self._configuration(asset))

    @view("getVirtualUnderlyingBalance(address)", "uint256")
    def get_virtual_underlying_balance(self, asset: Address) -> int:
        """The liquidity the pool knows of."""
        balance: int = self._pool().reserves[asset].virtual_underlying_balance
        return balance

    @view("getReserveDeficit(address)", "uint256")
    def get_reserve_deficit(self, asset: Address) -> int:
        """Bad debt not yet covered."""
        deficit: int = self._pool().reserves[asset].deficit
        return deficit
