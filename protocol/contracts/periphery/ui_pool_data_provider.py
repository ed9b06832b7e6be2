"""Views of a whole market, and of a user's whole position. Solidity: `UiPoolDataProviderV3`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ...address import ZERO_ADDRESS, Address
from ...errors import PANIC_INDEX, PANIC_OVERFLOW, Panic
from ...machine.function import view
from ...math.uint import MAX_UINT128
from ...state import bitmaps
from .asking import Asking

if TYPE_CHECKING:
    from ...chain import Chain

ETH_CURRENCY_UNIT = 10**18
MKR = "0x9f8f72aa9304c8b593d555f12ef6589cc3a579a2"
LAST_CATEGORY = 255
MOST_MISSING = 2
"""How many categories in a row may be missing before the search ends."""

RESERVE_DATA = (
    "(uint256),uint128,uint128,uint128,uint128,uint128,uint40,uint16,address,address,address,address,uint128,"
    "uint128,uint128"
)


class AggregatedReserveData(NamedTuple):
    """A reserve, its parameters and its price. Solidity: `IUiPoolDataProviderV3.AggregatedReserveData`."""

    underlying_asset: Address
    name: str
    symbol: str
    decimals: int
    base_ltv_as_collateral: int
    reserve_liquidation_threshold: int
    reserve_liquidation_bonus: int
    reserve_factor: int
    usage_as_collateral_enabled: bool
    borrowing_enabled: bool
    is_active: bool
    is_frozen: bool
    liquidity_index: int
    variable_borrow_index: int
    liquidity_rate: int
    variable_borrow_rate: int
    last_update_timestamp: int
    a_token_address: Address
    variable_debt_token_address: Address
    interest_rate_strategy_address: Address
    available_liquidity: int
    total_scaled_variable_debt: int
    price_in_market_reference_currency: int
    price_oracle: Address
    variable_rate_slope1: int
    variable_rate_slope2: int
    base_variable_borrow_rate: int
    optimal_usage_ratio: int
    is_paused: bool
    is_siloed_borrowing: bool
    accrued_to_treasury: int
    isolation_mode_total_debt: int
    flash_loan_enabled: bool
    debt_ceiling: int
    debt_ceiling_decimals: int
    borrow_cap: int
    supply_cap: int
    borrowable_in_isolation: bool
    virtual_underlying_balance: int
    deficit: int


UNTIL_RATES = (
    "address,string,string,uint256,uint256,uint256,uint256,uint256,bool,bool,bool,bool,uint128,uint128,uint128,uint128,"
    "uint40,address,address,address,uint256,uint256,uint256,address,uint256,uint256,uint256,uint256,bool,bool,uint128,"
)
FROM_ISOLATION = "uint128,bool,uint256,uint256,uint256,uint256,bool,"
RESERVE = f"({UNTIL_RATES}{FROM_ISOLATION}uint128,uint128)"
BASE_CURRENCY = "(uint256,int256,int256,uint8)"
CATEGORY = "(uint8,(uint16,uint16,uint16,uint128,bool,string,uint128,uint128))"


class BaseCurrencyInfo(NamedTuple):
    """Unit of prices, and the price of the network's own token. Solidity: `BaseCurrencyInfo`."""

    market_reference_currency_unit: int
    market_reference_currency_price_in_usd: int
    network_base_token_price_in_usd: int
    network_base_token_price_decimals: int


class EModeData(NamedTuple):
    """An e-mode category. Solidity: `DataTypes.EModeCategory`."""

    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    collateral_bitmap: int
    isolated: bool
    label: str
    borrowable_bitmap: int
    ltvzero_bitmap: int


class UserReserveData(NamedTuple):
    """A user's shares of one reserve. Solidity: `IUiPoolDataProviderV3.UserReserveData`."""

    underlying_asset: Address
    scaled_a_token_balance: int
    usage_as_collateral_enabled_on_user: bool
    scaled_variable_debt: int


class UiPoolDataProvider(Asking):
    """Views only; each is given the market's registry, which must know a data provider."""

    KIND = "UiPoolDataProviderV3"
    IMMUTABLES = ("network_token_feed", "reference_currency_feed")
    __slots__ = ("network_token_feed", "reference_currency_feed")

    network_token_feed: Address
    reference_currency_feed: Address

    def __init__(
        self, chain: Chain, at: Address, network_token_feed: Address, reference_currency_feed: Address
    ) -> None:
        super().__init__(chain, at)
        self.initialise(network_token_feed=network_token_feed, reference_currency_feed=reference_currency_feed)

    # --- one reserve ------------------------------------------------------------------------------------------------

    def aggregated(self, pool: Address, oracle: Address, data_provider: Address, asset: Address) -> dict[str, Any]:
        """The fields of a reserve by name, asked for in the contract's order."""
        base = self.ask(pool, "getReserveData(address)", f"({RESERVE_DATA})", asset)
        (configuration,), a_token, debt_token, strategy = base[0], base[8], base[10], base[11]
        fields = self._state(base, asset)
        fields["price_in_market_reference_currency"] = self.ask(oracle, "getAssetPrice(address)", "uint256", asset)
        fields["price_oracle"] = self.ask(oracle, "getSourceOfAsset(address)", "address", asset)
        fields["available_liquidity"] = self.ask(asset, "balanceOf(address)", "uint256", a_token)
        fields["total_scaled_variable_debt"] = self.ask(debt_token, "scaledTotalSupply()", "uint256")
        fields["symbol"], fields["name"] = self._names(asset)
        fields |= _parameters(configuration)
        fields |= self._rates(strategy, asset)
        fields |= self.since(pool, asset)
        fields |= self.isolation(configuration, base, data_provider)
        fields["flash_loan_enabled"] = self._flash_loan_enabled(data_provider, asset)
        fields |= self.balances(pool, data_provider, asset)
        return fields

    @staticmethod
    def _state(base: tuple[Any, ...], asset: Address) -> dict[str, Any]:
        return {
            "underlying_asset": asset,
            "liquidity_index": base[1],
            "liquidity_rate": base[2],
            "variable_borrow_index": base[3],
            "variable_borrow_rate": base[4],
            "last_update_timestamp": base[6],
            "a_token_address": base[8],
            "variable_debt_token_address": base[10],
            "interest_rate_strategy_address": base[11],
            "accrued_to_treasury": base[12],
        }

    def _names(self, asset: Address) -> tuple[str, str]:
        """Symbol and name; those of one old token are words."""
        if asset == MKR:
            symbol, name = (self.ask(asset, f"{what}()", "bytes32") for what in ("symbol", "name"))
            return _text(symbol), _text(name)
        symbol, name = (self.ask(asset, f"{what}()", "string") for what in ("symbol", "name"))
        return symbol, name

    def _rates(self, strategy: Address, asset: Address) -> dict[str, int]:
        """The parameters of the rate strategy in rays; zeros where it refuses to answer."""
        answer = self.attempt(
            strategy, "getInterestRateData(address)", "(uint256,uint256,uint256,uint256)", (0, 0, 0, 0), asset
        )
        names = ("optimal_usage_ratio", "base_variable_borrow_rate", "variable_rate_slope1", "variable_rate_slope2")
        return dict(zip(names, answer, strict=True))

    def since(self, pool: Address, asset: Address) -> dict[str, Any]:
        """The deficit."""
        deficit: int = self.ask(pool, "getReserveDeficit(address)", "uint256", asset)
        return {"deficit": deficit & MAX_UINT128}

    def isolation(self, configuration: int, base: tuple[Any, ...], data_provider: Address) -> dict[str, Any]:
        """Nothing of isolation mode and siloed borrowing."""
        return {
            "debt_ceiling": 0,
            "debt_ceiling_decimals": 0,
            "is_siloed_borrowing": False,
            "isolation_mode_total_debt": 0,
            "borrowable_in_isolation": False,
        }

    def _flash_loan_enabled(self, data_provider: Address, asset: Address) -> bool:
        enabled: bool = self.attempt(data_provider, "getFlashLoanEnabled(address)", "bool", True, asset)
        return enabled

    def balances(self, pool: Address, data_provider: Address, asset: Address) -> dict[str, Any]:
        """The liquidity the pool knows of."""
        return {"virtual_underlying_balance": self.ask(pool, "getVirtualUnderlyingBalance(address)", "uint128", asset)}

    # --- the market -------------------------------------------------------------------------------------------------

    def all_reserves(self, provider: Address) -> tuple[list[dict[str, Any]], BaseCurrencyInfo]:
        """The fields of every reserve, and the base currency."""
        oracle = self.ask(provider, "getPriceOracle()", "address")
        pool = self.ask(provider, "getPool()", "address")
        data_provider = self.ask(provider, "getPoolDataProvider()", "address")
        assets = self.ask(pool, "getReservesList()", "address[]")
        reserves = [self.aggregated(pool, oracle, data_provider, asset) for asset in assets]
        return reserves, self._base_currency(oracle)

    def _base_currency(self, oracle: Address) -> BaseCurrencyInfo:
        price = self.ask(self.network_token_feed, "latestAnswer()", "int256")
        decimals = self.ask(self.network_token_feed, "decimals()", "uint8")
        unit = self.attempt(oracle, "BASE_CURRENCY_UNIT()", "uint256", None)
        if unit is not None:
            return BaseCurrencyInfo(unit, _signed(unit), price, decimals)
        reference = self.ask(self.reference_currency_feed, "latestAnswer()", "int256")
        return BaseCurrencyInfo(ETH_CURRENCY_UNIT, reference, price, decimals)

    def categories(self, provider: Address) -> list[tuple[int, dict[str, Any]]]:
        """The e-mode categories by id; three missing in a row end the search."""
        pool = self.ask(provider, "getPool()", "address")
        found, missing = [], 0
        for category_id in range(1, LAST_CATEGORY + 1):
            limits = self.ask(pool, "getEModeCategoryCollateralConfig(uint8)", "(uint16,uint16,uint16)", category_id)
            if limits[1] != 0:
                found.append((category_id, self._category(pool, category_id, limits)))
                missing = 0
            else:
                missing += 1
            if missing > MOST_MISSING:
                return found
        raise Panic(PANIC_OVERFLOW, "the counter of categories ends at 255")

    def _category(self, pool: Address, category_id: int, limits: tuple[int, int, int]) -> dict[str, Any]:
        extras = self.extras(pool, category_id)
        return {
            "ltv": limits[0],
            "liquidation_threshold": limits[1],
            "liquidation_bonus": limits[2],
            "label": self.ask(pool, "getEModeCategoryLabel(uint8)", "string", category_id),
            "collateral_bitmap": self.ask(pool, "getEModeCategoryCollateralBitmap(uint8)", "uint128", category_id),
            "borrowable_bitmap": self.ask(pool, "getEModeCategoryBorrowableBitmap(uint8)", "uint128", category_id),
            **extras,
        }

    def extras(self, pool: Address, category_id: int) -> dict[str, Any]:
        """Fields of a category that older pools do not know."""
        zeros = self.attempt(pool, "getEModeCategoryLtvzeroBitmap(uint8)", "uint128", 0, category_id)
        return {
            "ltvzero_bitmap": zeros,
            "isolated": self.attempt(pool, "getIsEModeCategoryIsolated(uint8)", "bool", False, category_id),
        }

    # --- the interface ----------------------------------------------------------------------------------------------

    @view("getReservesList(address)", "address[]")
    def get_reserves_list(self, provider: Address) -> list[Address]:
        """The listed assets."""
        assets: list[Address] = self.ask(self.ask(provider, "getPool()", "address"), "getReservesList()", "address[]")
        return assets

    @view("getReservesData(address)", f"{RESERVE}[],{BASE_CURRENCY}")
    def get_reserves_data(self, provider: Address) -> tuple[list[AggregatedReserveData], BaseCurrencyInfo]:
        """Every reserve as it is stored, not projected to now, and what prices are in."""
        reserves, base = self.all_reserves(provider)
        return [AggregatedReserveData(**fields) for fields in reserves], base

    @view("getEModes(address)", f"{CATEGORY}[]")
    def get_e_modes(self, provider: Address) -> list[tuple[int, EModeData]]:
        """The e-mode categories with their ids. Raises Panic(0x11) where one of the last three ids is taken."""
        return [(category_id, EModeData(**fields)) for category_id, fields in self.categories(provider)]

    @view("getUserReservesData(address,address)", "(address,uint256,bool,uint256)[],uint8")
    def get_user_reserves_data(self, provider: Address, user: Address) -> tuple[list[UserReserveData], int]:
        """A user's shares and debt of every reserve, and the e-mode. Raises Panic(0x32) for the zero address.

        Flags are looked up by the place in the list: where a reserve was dropped, the later ones show others' flags.
        """
        pool = self.ask(provider, "getPool()", "address")
        assets = self.ask(pool, "getReservesList()", "address[]")
        (flags,) = self.ask(pool, "getUserConfiguration(address)", "(uint256)", user)
        category: int = self.ask(pool, "getUserEMode(address)", "uint256", user) & 0xFF
        return [self._of_user(pool, number, asset, user, flags) for number, asset in enumerate(assets)], category

    def _of_user(self, pool: Address, number: int, asset: Address, user: Address, flags: int) -> UserReserveData:
        base = self.ask(pool, "getReserveData(address)", f"({RESERVE_DATA})", asset)
        if user == ZERO_ADDRESS:
            raise Panic(PANIC_INDEX)
        shares = self.ask(base[8], "scaledBalanceOf(address)", "uint256", user)
        debt = 0
        if bitmaps.is_borrowing(flags, number):
            debt = self.ask(base[10], "scaledBalanceOf(address)", "uint256", user)
        return UserReserveData(asset, shares, bitmaps.is_using_as_collateral(flags, number), debt)

    @view("bytes32ToString(bytes32)", "string")
    def bytes32_to_string(self, word: bytes) -> str:
        """The text in a word, up to the first zero byte."""
        return _text(word)

    @view("networkBaseTokenPriceInUsdProxyAggregator()", "address")
    def network_base_token_price_in_usd_proxy_aggregator(self) -> Address:
        """The feed of the network's own token."""
        return self.network_token_feed

    @view("marketReferenceCurrencyPriceInUsdProxyAggregator()", "address")
    def market_reference_currency_price_in_usd_proxy_aggregator(self) -> Address:
        """The feed of what prices are in, for an oracle that knows no unit."""
        return self.reference_currency_feed

    @view("ETH_CURRENCY_UNIT()", "uint256")
    def eth_currency_unit(self) -> int:
        """The unit of prices in ether."""
        return ETH_CURRENCY_UNIT

    @view("MKR_ADDRESS()", "address")
    def mkr_address(self) -> Address:
        """The token whose name is a word."""
        return MKR


def _parameters(configuration: int) -> dict[str, Any]:
    """A reserve's parameters and flags out of its packed configuration."""
    ltv = bitmaps.ltv(configuration)
    return {
        "base_ltv_as_collateral": ltv,
        "reserve_liquidation_threshold": bitmaps.liquidation_threshold(configuration),
        "reserve_liquidation_bonus": bitmaps.liquidation_bonus(configuration),
        "decimals": bitmaps.decimals(configuration),
        "reserve_factor": bitmaps.reserve_factor(configuration),
        "usage_as_collateral_enabled": ltv != 0,
        "is_active": bitmaps.is_active(configuration),
        "is_frozen": bitmaps.is_frozen(configuration),
        "borrowing_enabled": bitmaps.is_borrowing_enabled(configuration),
        "is_paused": bitmaps.is_paused(configuration),
        "borrow_cap": bitmaps.borrow_cap(configuration),
        "supply_cap": bitmaps.supply_cap(configuration),
    }


def _text(word: bytes) -> str:
    return word.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _signed(number: int) -> int:
    return number - (1 << 256) if number >> 255 else number
