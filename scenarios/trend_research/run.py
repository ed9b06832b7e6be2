"""Replay of the Trend Research unwind on an exact copy of Aave v3 Ethereum Core.

Every oracle print moves the clock and the prices; then liquidators act, then, at each close, the owner. What is
reported is read from the twin.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from pooltwin.fixtures import load_market

from ..units import BPS, WAD, timestamp, to_price, to_units
from .agents import Owner, WethReturners
from .assumed import assumed
from .changes import Change, changes, timeline_changed
from .liquidators import Liquidators
from .losses import reconcile
from .measurement import Debts, ReserveBalance, measure_debts, measure_market, measure_position, measure_reserve
from .parameters import ReplayParameters
from .prices import Print, price_path
from .result import ReplayResult, Reported, ReportedPoint, Step
from .timeline import Timeline, load_timeline
from .verdict import verdict
from .world import POSITION_DEBTS, World, build_world

MARKET = "ethereum-core-2026-02"
TOUCHED = ("WETH", *POSITION_DEBTS)
"""Reserves that the position touches, WETH first."""

ProgressCallback = Callable[[int, int], None]
"""Told how many of how many prints are done."""


def replay(
    parameters: ReplayParameters | None = None,
    progress: ProgressCallback | None = None,
    *,
    timeline: Timeline | None = None,
) -> ReplayResult:
    """Run the whole replay, on the shipped timeline or on another.

    Raises ValueError for parameters that contradict the timeline.
    """
    parameters = parameters or ReplayParameters()
    shipped = load_timeline()
    timeline = timeline or shipped
    path = price_path(timeline, parameters)
    world = build_world(load_market(MARKET), timeline, parameters)
    return _Replay(timeline, parameters, world, timeline_changed(timeline, shipped)).run(path, progress)


class _AtPrint(NamedTuple):
    """Measurements of the moment in which a price is new and nobody has acted yet."""

    worst_health_factor: int | None
    debts: Debts


class _Replay:
    """One run: the world, the agents and what was measured so far."""

    def __init__(
        self, timeline: Timeline, parameters: ReplayParameters, world: World, changed: tuple[Change, ...]
    ) -> None:
        self.changed = changed
        self.timeline = timeline
        self.parameters = parameters
        self.world = world
        self.returners = WethReturners(world, parameters)
        self.owner = Owner(world, parameters, self.returners)
        self.liquidators = Liquidators(world, parameters)
        self.steps: list[Step] = []

    def run(self, path: list[Print], progress: ProgressCallback | None) -> ReplayResult:
        before = measure_market(self.world)
        for done, point in enumerate(path, start=1):
            self._print(point)
            if progress:
                progress(done, len(path))
        return self._result(before, measure_market(self.world))

    def _print(self, point: Print) -> None:
        self.world.set_time(point.time)
        for symbol, price in point.prices.items():
            if price != self.world.price(symbol):
                self.world.market.set_price(symbol, price)
        at_print = self._at_print()
        self.liquidators.act()
        if self.parameters.sell and point.kind == "close":
            self.owner.act()
        self.steps.append(self._step(point, at_print))

    def _at_print(self) -> _AtPrint:
        """Measure before anyone acts."""
        return _AtPrint(measure_position(self.world).worst_health_factor, self._debts())

    def _debts(self) -> Debts:
        return measure_debts(self.world, self.world.borrowers)

    def _step(self, point: Print, at_print: _AtPrint) -> Step:
        reserves, debts = tuple(measure_reserve(self.world, symbol) for symbol in TOUCHED), self._debts()
        weth = reserves[0]
        worst = at_print.worst_health_factor
        return Step(
            time=point.time,
            kind=point.kind,
            reported_price=self.world.price("WETH"),
            raw_price=point.prices["WETH"],
            price_origin=point.origin,
            worst_health_factor_at_print=worst,
            gap_to_liquidation_bps=None if worst is None else (worst - WAD) * BPS // max(worst, 1),
            uncovered_at_print_base=at_print.debts.uncovered_base,
            liquidatable_at_print=at_print.debts.liquidatable,
            position=measure_position(self.world),
            reserves=reserves,
            uncovered_base=debts.uncovered_base,
            liquidatable=debts.liquidatable,
            withdrawable_weth=weth.cash,
            owed_weth=weth.owed_to_lenders,
            sold_weth=sum(sale.weth for sale in self.owner.sales),
            returned_weth=sum(returned.amount for returned in self.returners.returned),
            liquidation_count=len(self.liquidators.liquidations),
        )

    def _result(self, before: tuple[ReserveBalance, ...], after: tuple[ReserveBalance, ...]) -> ReplayResult:
        uncovered = self._debts().uncovered_base
        facts = ReplayResult(
            market=self.world.config.name,
            revision=self.world.config.revision,
            parameters=self.parameters,
            reported=_reported(self.timeline),
            steps=tuple(self.steps),
            before=before,
            after=after,
            uncovered_base=uncovered,
            sales=tuple(self.owner.sales),
            repayments=tuple(self.owner.repayments),
            returns=tuple(self.returners.returned),
            liquidations=tuple(self.liquidators.liquidations),
            declined=tuple(self.liquidators.declined),
            refusals=tuple(self.owner.refusals + self.liquidators.refusals),
            alternatives=(),
            lenders_lost=uncovered > 0
            or any(now.deficit > then.deficit for then, now in zip(before, after, strict=True)),
            changed=(*self.changed, *changes(self.parameters)),
            assumed=(),
            verdict=(),
            state_digest=self.world.market.chain.digest(),
        )
        return facts.model_copy(update={"verdict": verdict(facts), "assumed": assumed(facts)})


def _reported(timeline: Timeline) -> Reported:
    def price(dollars: Decimal | None) -> int | None:
        return None if dollars is None else to_price(dollars)

    return Reported(
        points=tuple(
            ReportedPoint(
                time=timestamp(milestone.time),
                weth=to_units(milestone.weth, 18),
                debt_base=price(milestone.debt_usd),
                lowest_trigger=price(milestone.liquidation_low_usd),
                highest_trigger=price(milestone.liquidation_high_usd),
                main_trigger=price(milestone.liquidation_main_usd),
                source=timeline.sources[milestone.source].who,
            )
            for milestone in timeline.milestones
        ),
        utilisation_peaks_bps=timeline.reported_utilisation_peaks_bps,
        average_sale_price=to_price(timeline.reported_sales.average_price_usd),
        losses=reconcile(timeline),
    )
