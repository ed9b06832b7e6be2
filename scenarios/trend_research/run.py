"""Replay of the Trend Research unwind on an exact copy of Aave v3 Ethereum Core.

Every oracle print moves the clock and the prices; then liquidators act, then, at each close, the owner. What is
reported is read from the twin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from heapq import heappop, heappush
from typing import NamedTuple

from pooltwin.fixtures import load_market

from ..units import BPS, PRICE_UNIT, WAD, timestamp, to_price, to_units
from .agents import Owner, WethReturners
from .assumed import assumed
from .changes import Change, changes, timeline_changed
from .liquidators import Liquidators
from .losses import reconcile
from .measurement import Debts, ReserveBalance, measure_debts, measure_market, measure_position, measure_reserve
from .parameters import ReplayParameters
from .prices import Kind, Origin, Print, price_path, prices_at
from .reported_liquidations import reported_liquidations
from .result import ReplayResult, Reported, ReportedPoint, Step
from .timeline import Timeline, load_timeline
from .verdict import verdict
from .weth_market import WethMarket, added_back
from .world import POSITION_DEBTS, SECONDS_A_BLOCK, World, build_world

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
    without = {}
    if parameters.weth_depth_usd is not None:
        recorded = [(point.time, point.weth_usd) for point in path if point.origin == "recorded"]
        without = added_back(recorded, real_sales_of(timeline, parameters), parameters)
    world = build_world(load_market(MARKET), timeline, parameters)
    return _Replay(timeline, parameters, world, without, timeline_changed(timeline, shipped)).run(path, progress)


def real_sales_of(timeline: Timeline, parameters: ReplayParameters | None = None) -> dict[int, int]:
    """Tell what was really sold by second, in wei of WETH: what the owner sells as reported, on recorded prices.

    What liquidators receive of the same background then is taken for what was really liquidated.
    """
    kept = {} if parameters is None else {name: getattr(parameters, name) for name in BACKGROUND}
    reported = ReplayParameters(weth_depth_usd=None).model_copy(update=kept)
    key = timeline.model_dump_json(), reported.model_dump_json()
    if key not in _real_sales:
        world = build_world(load_market(MARKET), timeline, reported)
        run = _Replay(timeline, reported, world, {}, ())
        run.play(price_path(timeline, reported), measures=False)
        _real_sales.clear()
        _real_sales[key] = run.sold_by_second()
    return _real_sales[key]


BACKGROUND = ("background", "book_accounts", "book_seed", "book_stable_ltv_bps", "eth_backed_share_bps")
"""Parameters that say who everybody else is."""

_real_sales: dict[tuple[str, str], dict[int, int]] = {}
"""The last answer: several replays in a row ask the same."""


class _AtPrint(NamedTuple):
    """Measurements of the moment in which a price is new and nobody has acted yet."""

    point: Print
    origin: Origin
    worst_health_factor: int | None
    debts: Debts


class _Phase(IntEnum):
    """Order of what happens in one second."""

    PRINT = 0
    LIQUIDATORS = 1
    OWNER = 2


class _Event(NamedTuple):
    """Something that is due."""

    time: int
    phase: _Phase
    number: int
    point: Print | None
    """Of a print; None where the oracle follows the market."""


class _Replay:
    """One run: the world, the agents and what was measured so far."""

    def __init__(
        self,
        timeline: Timeline,
        parameters: ReplayParameters,
        world: World,
        without_real_sales: Mapping[int, Fraction],
        changed: tuple[Change, ...],
    ) -> None:
        self.changed = changed
        self.timeline = timeline
        self.parameters = parameters
        self.world = world
        now = world.market.chain.time
        self.outside = WethMarket(parameters, Fraction(world.price("WETH"), PRICE_UNIT), now)
        self.without_real_sales = without_real_sales
        self.returners = WethReturners(world, parameters)
        self.owner = Owner(world, parameters, self.returners, self.outside)
        self.liquidators = Liquidators(world, parameters, self.outside)
        self.steps: list[Step] = []
        self.at_print: _AtPrint | None = None
        self.due: list[_Event] = []

    def run(self, path: list[Print], progress: ProgressCallback | None) -> ReplayResult:
        before = measure_market(self.world)
        self.play(path, progress)
        return self._result(before, measure_market(self.world))

    def play(self, path: list[Print], progress: ProgressCallback | None = None, *, measures: bool = True) -> None:
        """Let everything happen that is due; without measuring it is quicker."""
        self.measures = measures
        self.due = [_Event(point.time, _Phase.PRINT, number, point) for number, point in enumerate(path)]
        done = 0
        while self.due:
            event = heappop(self.due)
            if event.point is None and event.phase is _Phase.PRINT and not self._follows(event.time):
                continue
            if event.phase is _Phase.PRINT:
                self._finish()
            self._move_to(event.time)
            {_Phase.PRINT: self._print, _Phase.LIQUIDATORS: self._liquidate, _Phase.OWNER: self._sell}[event.phase](
                event
            )
            if progress and event.point is not None:
                done += 1
                progress(done, len(path))
        self._finish()

    def sold_by_second(self) -> dict[int, int]:
        """Add up what the owner sold and liquidators received, in wei of WETH, as far as it is sold for dollars."""
        sold = [(sale.time, sale.weth) for sale in self.owner.sales]
        ether = self.world.ether
        sold += [
            (call.time, call.received * ether[call.collateral_asset] // WAD)
            for call in self.liquidators.liquidations
            if call.collateral_asset in ether and call.debt_asset not in ether
        ]
        total: dict[int, int] = {}
        for time, weth in sorted(sold):
            total[time] = total.get(time, 0) + weth
        return total

    def _push(self, time: int, phase: _Phase) -> None:
        """Let something be due, once."""
        if not any(event.time == time and event.phase is phase for event in self.due):
            heappush(self.due, _Event(time, phase, -1, None))

    def _move_to(self, time: int) -> None:
        self.world.set_time(time)
        self.outside.move_to(time)

    def _follows(self, time: int) -> bool:
        """See whether the market has another price for the oracle; what was really sold as well does not move it."""
        self.outside.move_to(time)
        if time in self.without_real_sales:
            self.outside.reprice(self.outside.raw, self.without_real_sales[time])
        return not (self.outside.is_as_it_was or self.outside.price_base == self.world.price("WETH"))

    def _print(self, event: _Event) -> None:
        """Let the oracle say a price, measure what it meets, and call whom it concerns."""
        point, origin = self._point(event)
        for symbol, price in point.prices.items():
            if price != self.world.price(symbol):
                self.world.market.set_price(symbol, price)
        self.world.look()
        if self.measures:
            worst = measure_position(self.world).worst_health_factor
            self.at_print = _AtPrint(point, origin, worst, self._debts())
        self._push(event.time + self.parameters.liquidator_latency_blocks * SECONDS_A_BLOCK, _Phase.LIQUIDATORS)
        if point.kind == "close":
            self._push(event.time, _Phase.OWNER)

    def _point(self, event: _Event) -> tuple[Print, Origin]:
        """Give what the oracle prints: the recorded price, or that of the market with what the replay sold."""
        point = event.point
        if point is None:
            return self._by_market(event.time, "follow"), "simulated"
        outside = None if point.origin == "invented" else self.without_real_sales.get(point.time, point.weth_usd)
        self.outside.reprice(point.weth_usd, outside)
        if self.outside.is_as_it_was:
            return point, point.origin
        return self._by_market(event.time, point.kind), "simulated" if self.outside.is_pushed else "added back"

    def _by_market(self, time: int, kind: Kind) -> Print:
        """Make a print of the price of the market."""
        weth = Fraction(self.outside.price_base, PRICE_UNIT)
        return Print(time, kind, prices_at(self.timeline, time, weth), "simulated", weth)

    def _liquidate(self, event: _Event) -> None:
        """Let liquidators act; if they moved the market, the oracle follows in the next block, and they look again."""
        sold = len(self.liquidators.disposals)
        self.liquidators.act(self.world.near)
        if self.outside.has_depth and len(self.liquidators.disposals) > sold:
            self._push(event.time + SECONDS_A_BLOCK, _Phase.PRINT)

    def _sell(self, _: _Event) -> None:
        if self.parameters.sell:
            self.owner.act()

    def _debts(self) -> Debts:
        return measure_debts(self.world, self.world.near)

    def _finish(self) -> None:
        """Measure what everything that followed a print left."""
        if self.at_print is not None:
            self.steps.append(self._step(self.at_print))
            self.at_print = None

    def _step(self, at_print: _AtPrint) -> Step:
        reserves, debts = tuple(measure_reserve(self.world, symbol) for symbol in TOUCHED), self._debts()
        weth, worst = reserves[0], at_print.worst_health_factor
        return Step(
            time=at_print.point.time,
            kind=at_print.point.kind,
            reported_price=self.world.price("WETH"),
            raw_price=to_price(self.outside.raw),
            added_back_price=to_price(self.outside.outside),
            price_origin=at_print.origin,
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
            sold_by_liquidators_weth=sum(disposal.weth for disposal in self.liquidators.disposals),
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
            disposals=tuple(self.liquidators.disposals),
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
        liquidations=reported_liquidations(),
        losses=reconcile(timeline),
    )
