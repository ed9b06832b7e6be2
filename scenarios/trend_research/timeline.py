"""Timeline of the event: what sources say about positions, prices and liquidity, validated."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pooltwin import fixtures
from pooltwin.protocol.refusal import MalformedError, read_model
from pydantic import Field, model_validator

from ..units import Exact, Frozen

KLINE = timedelta(hours=4)


class Source(Frozen):
    """Source of a figure: who said it and where."""

    who: str
    where: tuple[str, ...] = Field(strict=False)


class Milestone(Frozen):
    """Milestone: the position as a source reports it at a moment. What it does not report is None."""

    time: datetime
    weth: Decimal
    debt_usd: Decimal | None
    liquidation_low_usd: Decimal | None
    liquidation_high_usd: Decimal | None
    liquidation_main_usd: Decimal | None
    implied_price_usd: Decimal | None
    source: str
    status: str
    note: str


class WethReserve(Frozen):
    """The WETH reserve shortly before the start: totals in whole tokens, and the raw storage they come from."""

    supplied: Decimal
    available: Decimal
    source: str
    status: str
    scaled_supply_raw: Exact
    liquidity_index_ray: Exact
    variable_borrow_index_ray: Exact
    available_raw: Exact
    deficit_raw: Exact
    accrued_to_treasury_scaled_raw: Exact
    borrow_rate_ray: Exact
    liquidity_rate_ray: Exact
    note: str


class ReserveLevel(Frozen):
    """Level of a reserve: how much there was to take, and which share of the supply is lent out."""

    symbol: str
    available_raw: Exact
    available_source: str
    available_status: str
    utilisation_bps: Annotated[int, Field(ge=0, lt=10_000)]
    utilisation_status: str


class PriceRatio(Frozen):
    """The price of an asset as a multiple, with 18 decimals, of another asset's."""

    per_unit_raw: Exact
    base: str
    status: str
    source: tuple[str, ...] = Field(strict=False)


class Kline(Frozen):
    """Four hours of exchange trading, from `start` on."""

    start: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal

    @model_validator(mode="after")
    def _inside_its_range(self) -> Self:
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise ValueError(f"kline of {self.start}: open and close are not between low and high")
        return self


class DailyPrice(Frozen):
    """Open and close of a UTC day."""

    date: date
    open: Decimal
    close: Decimal


class ReportedSales(Frozen):
    """Sum of the sales as a tracker reports it."""

    average_price_usd: Decimal
    eth: Decimal
    average_cost_usd: Decimal
    loss_usd: Decimal
    source: str
    status: str
    note: str


class Lot(Frozen):
    """Some ETH and the price of one."""

    eth: Annotated[Decimal, Field(gt=0)]
    usd: Annotated[Decimal, Field(gt=0)]


class ReportedLoss(Frozen):
    """Loss that somebody published, with what was bought and what it was sold (or valued) at as far as that is said."""

    usd: Decimal
    source: str
    stage: Literal["while selling", "closed", "unknown"]
    bought: tuple[Lot, ...] = Field(strict=False)
    sold: tuple[Lot, ...] = Field(strict=False)
    note: str

    @model_validator(mode="after")
    def _balanced(self) -> Self:
        bought, sold = sum(lot.eth for lot in self.bought), sum(lot.eth for lot in self.sold)
        if bought != sold:
            raise ValueError(f"a loss on {bought} ETH bought and {sold} ETH sold")
        return self


class ReportedTriggers(Frozen):
    """Liquidation prices printed on a day, in no order that we could attribute to wallets."""

    date: date
    triggers_usd: tuple[Decimal, ...] = Field(strict=False)
    source: str
    note: str


class Timeline(Frozen):
    """Everything recorded about the event. Times are UTC; milestones and klines are in order."""

    title: str
    about: str
    sources: dict[str, Source]
    wallet_count: int
    wallet_count_source: str
    liquidation_threshold_bps: int
    milestones: tuple[Milestone, ...] = Field(strict=False, min_length=2)
    weth_reserve: WethReserve
    reported_utilisation_peaks_bps: tuple[int, ...] = Field(strict=False)
    reported_utilisation_source: str
    reported_utilisation_note: str
    other_reserves: tuple[ReserveLevel, ...] = Field(strict=False)
    price_ratios: dict[str, PriceRatio]
    eth_klines_4h: tuple[Kline, ...] = Field(strict=False, min_length=1)
    eth_klines_source: str
    daily_prices: dict[str, tuple[DailyPrice, ...]] = Field(strict=False)
    daily_prices_source: str
    reported_sales: ReportedSales
    reported_exit: Lot
    """All that was sold and its average price, as one tracker reports both."""
    reported_exit_source: str
    reported_losses: tuple[ReportedLoss, ...] = Field(strict=False)
    other_reported_triggers: tuple[ReportedTriggers, ...] = Field(strict=False)

    @model_validator(mode="after")
    def _in_order_and_sourced(self) -> Self:
        times = [milestone.time for milestone in self.milestones]
        if times != sorted(set(times)):
            raise ValueError("the milestones are not in order of time")
        for earlier, later in pairwise(self.eth_klines_4h):
            if later.start - earlier.start != KLINE:
                raise ValueError(f"there is no kline of four hours after {earlier.start}")
        for source in self._named_sources():
            if source not in self.sources:
                raise ValueError(f"source {source!r} is named but not listed")
        return self

    def _named_sources(self) -> list[str]:
        named = [self.wallet_count_source, self.weth_reserve.source, self.reported_utilisation_source]
        named += [
            self.reported_exit_source,
            self.eth_klines_source,
            self.daily_prices_source,
            self.reported_sales.source,
        ]
        named += [milestone.source for milestone in self.milestones]
        named += [loss.source for loss in self.reported_losses]
        named += [level.available_source for level in self.other_reserves]
        named += [source for ratio in self.price_ratios.values() for source in ratio.source]
        return named + [triggers.source for triggers in self.other_reported_triggers]

    @property
    def start(self) -> datetime:
        """The first milestone: the position as first seen."""
        return self.milestones[0].time

    @property
    def end(self) -> datetime:
        """The last milestone."""
        return self.milestones[-1].time

    def klines(self) -> tuple[Kline, ...]:
        """The klines between the first and the last milestone. Raises ValueError when they do not cover that time."""
        inside = tuple(kline for kline in self.eth_klines_4h if self.start <= kline.start < self.end)
        if not inside or inside[0].start != self.start or inside[-1].start + KLINE != self.end:
            raise ValueError(f"the klines do not cover the time from {self.start} to {self.end}")
        return inside


def load_timeline(name: str = "trend-research") -> Timeline:
    """A shipped timeline, validated. Raises `FixtureError` naming the file and the place."""
    text = fixtures.scenario_text(name)
    try:
        return read_model(Timeline, text)
    except MalformedError as error:
        raise fixtures.FixtureError(f"fixtures/scenarios/{name}.json is not a timeline: {error}") from error
