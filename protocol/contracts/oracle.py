"""Prices, with the base currency's 8 decimals: feeds, the oracle with its fallback, and (until v3.6) the sentinel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..address import ZERO_ADDRESS, Address
from ..errors import (
    CallerNotAssetListingOrPoolAdmin,
    CallerNotPoolAdmin,
    CallerNotRiskOrPoolAdmin,
    InconsistentParamsLength,
)
from ..events import (
    AnswerUpdated,
    AssetPriceUpdated,
    AssetSourceUpdated,
    BaseCurrencySet,
    EthPriceUpdated,
    FallbackOracleUpdated,
    GracePeriodUpdated,
    SequencerOracleUpdated,
)
from ..machine.coercion import amount
from ..machine.contract import Contract, ledger_of
from ..machine.function import COPIED, external, view
from ..math.uint import sub
from ..state.storage import Ledger
from .ownable import Ownable

if TYPE_CHECKING:
    from ..chain import Chain


class MockAggregator(Contract):
    """A price feed whose answer a test can set; it may be zero or negative. Solidity: `MockAggregator`."""

    KIND = "MockAggregator"
    STORAGE = {"answer": 0}
    __slots__ = ("answer",)

    chain: Chain

    answer: int

    def __init__(self, chain: Chain, at: Address, initial_answer: int) -> None:
        super().__init__(chain, at)
        self.initialise(answer=initial_answer)
        self.emit(AnswerUpdated(initial_answer, 0, chain.time))

    def set_answer(self, answer: int) -> None:
        """Change the price from outside, as if its storage were written. Raises ValueError for what is no int256."""
        number = amount(answer, "an int256")
        if not -(2**255) <= number < 2**255:
            raise ValueError(f"{answer!r} is not an int256")
        self.chain.begin_step()
        self.answer = number

    @view("latestAnswer()", "int256")
    def latest_answer(self) -> int:
        """The price."""
        return self.answer

    @view("_latestAnswer()", "int256")
    def latest_answer_storage(self) -> int:
        """The price, by its storage variable's getter."""
        return self.answer

    @view("getTokenType()", "uint256")
    def get_token_type(self) -> int:
        """Always 1."""
        return 1

    @view("decimals()", "uint8")
    def decimals(self) -> int:
        """Always 8."""
        return 8


class PriceOracle(Contract):
    """A table of prices anyone can write: Aave's fallback oracle for tests. Solidity: `PriceOracle`."""

    KIND = "PriceOracle"
    STORAGE = {"prices": ledger_of(0), "eth_usd_price": 0}
    __slots__ = ("eth_usd_price", "prices")

    chain: Chain

    prices: Ledger[Address, int]
    eth_usd_price: int

    def price_of(self, asset: Address) -> int:
        """The price; zero where none was written."""
        return self.prices[asset]

    @external("setAssetPrice(address,uint256)")
    def set_asset_price(self, asset: Address, price: int, *, sender: Address) -> None:
        """Write a price."""
        self.prices[asset] = price
        self.emit(AssetPriceUpdated(asset, price, self.chain.time))

    @external("setEthUsdPrice(uint256)")
    def set_eth_usd_price(self, price: int, *, sender: Address) -> None:
        """Write ether's price, which nothing reads."""
        self.eth_usd_price = price
        self.emit(EthPriceUpdated(price, self.chain.time))

    @view("getAssetPrice(address)", "uint256")
    def get_asset_price(self, asset: Address) -> int:
        """The price."""
        return self.prices[asset]

    @view("getEthUsdPrice()", "uint256")
    def get_eth_usd_price(self) -> int:
        """Ether's price."""
        return self.eth_usd_price


class AaveOracle(Contract):
    """One feed an asset, and a fallback for what has none or answers nothing above zero. Solidity: `AaveOracle`."""

    KIND = "AaveOracle"
    STORAGE = {"sources": ledger_of(ZERO_ADDRESS), "fallback": ZERO_ADDRESS}
    IMMUTABLES = ("provider", "base_currency", "base_currency_unit")
    __slots__ = ("base_currency", "base_currency_unit", "fallback", "provider", "sources")

    chain: Chain

    provider: Address
    base_currency: Address
    base_currency_unit: int
    sources: Ledger[Address, Address]
    fallback: Address

    def __init__(
        self,
        chain: Chain,
        at: Address,
        provider: Address,
        assets: list[Address],
        sources: list[Address],
        fallback: Address,
        base_currency: Address,
        base_currency_unit: int,
    ) -> None:
        super().__init__(chain, at)
        self.initialise(provider=provider, base_currency=base_currency, base_currency_unit=base_currency_unit)
        self._set_fallback(fallback)
        self._set_sources(assets, sources)
        self.emit(BaseCurrencySet(base_currency, base_currency_unit))

    def price_of(self, asset: Address) -> int:
        """The price in base currency. Reverts without data when neither feed nor fallback answers."""
        if asset == self.base_currency:
            return self.base_currency_unit
        source = self.sources[asset]
        if source != ZERO_ADDRESS:
            answer: int = self.chain.answering(source).answer
            if answer > 0:
                return answer
        price: int = self.chain.answering(self.fallback).price_of(asset)
        return price

    def _only_asset_listing_or_pool_admins(self, sender: Address) -> None:
        acl = self.chain.at(self.chain.at(self.provider).acl_manager_address)
        if not (acl.is_asset_listing_admin_(sender) or acl.is_pool_admin_(sender)):
            raise CallerNotAssetListingOrPoolAdmin()

    def _set_sources(self, assets: list[Address], sources: list[Address]) -> None:
        if len(assets) != len(sources):
            raise InconsistentParamsLength()
        for asset, source in zip(assets, sources, strict=True):
            self.sources[asset] = source
            self.emit(AssetSourceUpdated(asset, source))

    def _set_fallback(self, fallback: Address) -> None:
        self.fallback = fallback
        self.emit(FallbackOracleUpdated(fallback))

    @external("setAssetSources(address[],address[])", lazy={0: COPIED, 1: COPIED})
    def set_asset_sources(self, assets: list[Address], sources: list[Address], *, sender: Address) -> None:
        """Assign feeds. Raises CallerNotAssetListingOrPoolAdmin, InconsistentParamsLength."""
        self._only_asset_listing_or_pool_admins(sender)
        self._set_sources(assets, sources)

    @external("setFallbackOracle(address)")
    def set_fallback_oracle(self, fallback_oracle: Address, *, sender: Address) -> None:
        """Choose the fallback. Raises CallerNotAssetListingOrPoolAdmin."""
        self._only_asset_listing_or_pool_admins(sender)
        self._set_fallback(fallback_oracle)

    @view("getAssetPrice(address)", "uint256")
    def get_asset_price(self, asset: Address) -> int:
        """The price in base currency."""
        return self.price_of(asset)

    @view("getAssetsPrices(address[])", "uint256[]", lazy={0: ()})
    def get_assets_prices(self, assets: list[Address]) -> list[int]:
        """Several prices in base currency."""
        return [self.price_of(asset) for asset in assets]

    @view("getSourceOfAsset(address)", "address")
    def get_source_of_asset(self, asset: Address) -> Address:
        """An asset's feed; zero for none."""
        return self.sources[asset]

    @view("getFallbackOracle()", "address")
    def get_fallback_oracle(self) -> Address:
        """The fallback; zero for none."""
        return self.fallback

    @view("BASE_CURRENCY()", "address")
    def base_currency_address(self) -> Address:
        """Zero for the US dollar."""
        return self.base_currency

    @view("BASE_CURRENCY_UNIT()", "uint256")
    def base_currency_one(self) -> int:
        """One of the base currency."""
        return self.base_currency_unit

    @view("ADDRESSES_PROVIDER()", "address")
    def addresses_provider(self) -> Address:
        """The registry of the market."""
        return self.provider


class SequencerOracle(Ownable):
    """Says since when the sequencer has been up or down, as its owner sets it. Solidity: `SequencerOracle`."""

    KIND = "SequencerOracle"
    STORAGE = {**Ownable.STORAGE, "is_down": False, "changed_at": 0}
    __slots__ = ("changed_at", "is_down")

    is_down: bool
    changed_at: int

    @external("setAnswer(bool,uint256)")
    def set_answer(self, is_down: bool, timestamp: int, *, sender: Address) -> None:
        """Report the sequencer down or up since a time."""
        self.only_owner(sender)
        self.is_down = is_down
        self.changed_at = timestamp

    @view("latestRoundData()", "uint80,int256,uint256,uint256,uint80")
    def latest_round_data(self) -> tuple[int, int, int, int, int]:
        """Answer 1 means down; the third figure is since when."""
        return 0, int(self.is_down), self.changed_at, 0, 0


class PriceOracleSentinel(Contract):
    """Stops borrowing and mild liquidations while the sequencer is down or fresh. Solidity: `PriceOracleSentinel`."""

    KIND = "PriceOracleSentinel"
    STORAGE = {"sequencer_oracle": ZERO_ADDRESS, "grace_period": 0}
    IMMUTABLES = ("provider",)
    __slots__ = ("grace_period", "provider", "sequencer_oracle")

    chain: Chain

    provider: Address
    sequencer_oracle: Address
    grace_period: int

    def __init__(self, chain: Chain, at: Address, provider: Address, oracle: Address, grace_period: int) -> None:
        super().__init__(chain, at)
        self.initialise(provider=provider, sequencer_oracle=oracle, grace_period=grace_period)

    def _acl(self) -> Any:
        return self.chain.at(self.chain.at(self.provider).acl_manager_address)

    def _is_up_and_grace_period_passed(self) -> bool:
        _, answer, started_at, _, _ = self.chain.at(self.sequencer_oracle).latest_round_data()
        return answer == 0 and sub(self.chain.time, started_at) > self.grace_period

    @view("isBorrowAllowed()", "bool")
    def is_borrow_allowed(self) -> bool:
        """Up, and for longer than the grace period."""
        return self._is_up_and_grace_period_passed()

    @view("isLiquidationAllowed()", "bool")
    def is_liquidation_allowed(self) -> bool:
        """Up, and for longer than the grace period."""
        return self._is_up_and_grace_period_passed()

    @external("setSequencerOracle(address)")
    def set_sequencer_oracle(self, oracle: Address, *, sender: Address) -> None:
        """Raises CallerNotPoolAdmin."""
        if not self._acl().is_pool_admin_(sender):
            raise CallerNotPoolAdmin()
        self.sequencer_oracle = oracle
        self.emit(SequencerOracleUpdated(oracle))

    @external("setGracePeriod(uint256)")
    def set_grace_period(self, grace_period: int, *, sender: Address) -> None:
        """Raises CallerNotRiskOrPoolAdmin."""
        acl = self._acl()
        if not (acl.is_risk_admin_(sender) or acl.is_pool_admin_(sender)):
            raise CallerNotRiskOrPoolAdmin()
        self.grace_period = grace_period
        self.emit(GracePeriodUpdated(grace_period))

    @view("getSequencerOracle()", "address")
    def get_sequencer_oracle(self) -> Address:
        """Where the sequencer's state comes from."""
        return self.sequencer_oracle

    @view("getGracePeriod()", "uint256")
    def get_grace_period(self) -> int:
        """Seconds after the sequencer's return."""
        return self.grace_period

    @view("ADDRESSES_PROVIDER()", "address")
    def addresses_provider(self) -> Address:
        """The registry of the market."""
        return self.provider
