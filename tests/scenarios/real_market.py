"""A market configuration built on the real v3.6 contracts, and the replay's calls run on it."""

from collections.abc import Iterable
from typing import Any

from pooltwin.protocol.market import Market
from pooltwin.protocol.models import EModeConfig, MarketConfig, ReserveConfig

from ..contracts.harness import market as harness
from ..contracts.harness.artifacts import ArtifactSet
from ..contracts.harness.evm import Outcome
from ..contracts.harness.readout import Reader
from ..contracts.harness.recorder import Recorder
from ..contracts.harness.releases import TREASURY

ADMIN = harness.ADMIN


class RealMarket:
    """The real contracts, configured like a twin, speaking the twin's addresses."""

    def __init__(self, artifacts: ArtifactSet, config: MarketConfig, twin: Market, time: int, number: int) -> None:
        self.recorder = Recorder(artifacts, ADMIN, time)
        self.recorder.chain.set_time(time, number)
        self.symbols = [reserve.symbol for reserve in config.reserves]
        harness.deploy_core(self.recorder)
        for reserve in config.reserves:
            self._list(reserve)
        for category in config.e_modes:
            self._define(category)
        self._configure("updateFlashloanPremium(uint128)", config.flash_loan_premium_bps)
        self.to_real = self._address_book(config, twin)
        self.to_twin = {real[2:]: ours[2:] for ours, real in self.to_real.items()}

    def _configure(self, signature: str, *arguments: Any) -> None:
        harness.must(self.recorder, ADMIN, "configurator", signature, *arguments)

    def _list(self, reserve: ReserveConfig) -> None:
        rates, threshold = reserve.rates, reserve.liquidation_threshold_bps
        collateral = (reserve.ltv_bps, threshold, reserve.liquidation_bonus_bps) if threshold else None
        harness.list_asset(
            self.recorder,
            harness.Asset(
                symbol=reserve.symbol,
                decimals=reserve.decimals,
                price=reserve.price,
                rates=(rates.optimal_usage_bps, rates.base_rate_bps, rates.slope1_bps, rates.slope2_bps),
                collateral=collateral,
                reserve_factor=reserve.reserve_factor_bps,
                protocol_fee=reserve.liquidation_protocol_fee_bps,
                flash_loans=reserve.flash_loan_enabled,
                seeded=0,
            ),
        )
        asset = self.recorder.address(reserve.symbol)
        self._configure("setSupplyCap(address,uint256)", asset, reserve.supply_cap)
        self._configure("setBorrowCap(address,uint256)", asset, reserve.borrow_cap)
        self._configure("setReserveBorrowing(address,bool)", asset, reserve.borrowing_enabled)
        self._configure("setBorrowableInIsolation(address,bool)", asset, reserve.borrowable_in_isolation)

    def _define(self, category: EModeConfig) -> None:
        limits = category.ltv_bps, category.liquidation_threshold_bps, category.liquidation_bonus_bps
        self._configure("setEModeCategory(uint8,uint16,uint16,uint16,string)", category.id, *limits, category.label)
        for name, symbols in (("Collateral", category.collateral), ("Borrowable", category.borrowable)):
            for symbol in symbols:
                signature = f"setAsset{name}InEMode(address,uint8,bool)"
                self._configure(signature, self.recorder.address(symbol), category.id, True)

    def _address_book(self, config: MarketConfig, twin: Market) -> dict[str, str]:
        address = self.recorder.address
        book = {twin.pool.address: address("pool"), twin.configurator.address: address("configurator")}
        book |= {twin.admin: ADMIN, str(config.addresses.treasury): TREASURY}
        for symbol in self.symbols:
            book[twin.asset(symbol)] = address(symbol)
            book[twin.a_token(symbol).address] = address(f"a{symbol}")
            book[twin.debt_token(symbol).address] = address(f"v{symbol}")
            book[twin.price_feed(symbol).address] = address(f"agg_{symbol}")
        return book

    def set_time(self, time: int, number: int) -> None:
        """Move the clock."""
        self.recorder.chain.set_time(time, number)

    def set_price(self, feed: str, answer: int) -> None:
        """Set a price at the feed with this address in the twin."""
        self.recorder.chain.set_price(self.to_real[feed], answer)

    def call(self, sender: str, to: str, signature: str, arguments: Iterable[Any]) -> Outcome:
        """Run a call of the twin's."""
        mapped = [self.to_real.get(value, value) if isinstance(value, str) else value for value in arguments]
        return self.recorder.transact(self.to_real.get(sender, sender), self.to_real[to], signature, *mapped)

    def twin_logs(self, outcome: Outcome) -> list[tuple[str, tuple[str, ...], str]]:
        """The events with the twin's addresses in place of the real ones."""
        return [
            (self._ours(log.address), tuple(self._ours(topic) for topic in log.topics), self._ours(log.data.hex()))
            for log in outcome.logs
        ]

    def _ours(self, hexadecimal: str) -> str:
        for real, twin in self.to_twin.items():
            hexadecimal = hexadecimal.replace(real, twin)
        return hexadecimal

    def state(self, users: list[str]) -> dict[str, Any]:
        """All reserves and these users, as the views show them, under the twin's addresses."""
        real_users = [self.to_real.get(user, user) for user in users]
        state = Reader(self.recorder.chain, self.recorder.addresses).state(self.symbols, real_users)
        state["users"] = dict(zip(users, state["users"].values(), strict=True))
        return state
