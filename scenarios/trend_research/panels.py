"""Panels of the replay's picture: price, loss, worth against debt, what lenders could withdraw, uncovered debt.

Full lines are read from the twin or reported by a source; dashed ones are assumed, or hold by construction.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from ..units import BPS, PRICE_UNIT, WAD, moment
from .result import ReplayResult, ReportedPoint, Step
from .waterfall import SHOWN, reported_entries, waterfall

INK, GREY, BLUE, RED, OCHRE, GREEN = "#222222", "#8a8a8a", "#1f4e9c", "#c0392b", "#b9770e", "#1e8449"
SMALL = 9.5
DASHED = (0, (4, 3))
LARGEST_MARK = 260
"""Area of the largest liquidation's mark, in square points; the others in proportion to their worth."""


def dollars(value: int | None) -> float:
    """Dollars of a value with 8 decimals; not a number for none, which leaves a gap in a line."""
    return float("nan") if value is None else value / PRICE_UNIT


def times(steps: tuple[Step, ...]) -> list[datetime]:
    """Moments of the steps."""
    return [moment(step.time) for step in steps]


def price_panel(panel: Any, result: ReplayResult) -> None:
    """Draw the price against the wallets' triggers, reported ones as bars; liquidations as marks sized by worth."""
    steps = result.steps
    panel.plot(
        times(steps), [dollars(step.price) for step in steps], color=BLUE, linewidth=1.7, label="WETH, pool's price"
    )
    if any(step.raw_price != step.reported_price for step in steps):
        raw = [dollars(step.raw_price) for step in steps]
        panel.plot(times(steps), raw, color=BLUE, linewidth=1, linestyle=DASHED, label="WETH, market outside")
    known = [point.time for point in result.reported.points if point.debt_base]
    reported = tuple(step for step in steps if not known or step.time <= known[-1])
    later = steps[len(reported) - 1 :] if reported else steps
    _triggers(panel, reported, "-", "our triggers, highest to lowest")
    _triggers(panel, later, DASHED, "the same, no debt reported: assumed")
    _reported_bands(panel, [point for point in result.reported.points if point.highest_trigger is not None])
    _mark_liquidations(panel, result)
    low = min(steps, key=lambda step: step.price)
    panel.set_ylim(*_price_limits(result))
    panel.annotate(
        f"low {dollars(low.price):,.2f}, {moment(low.time):%b %d %H:%M}",
        (moment(low.time), dollars(low.price)),
        xytext=(10, 4),
        textcoords="offset points",
        fontsize=SMALL,
        color=BLUE,
    )
    finish(panel, "Price against liquidation prices", "USD per WETH")
    panel.legend(loc="upper left", fontsize=SMALL, frameon=False, ncols=2)


def _price_limits(result: ReplayResult) -> tuple[float, float]:
    """Limits of the price axis: room for every price and reported trigger; triggers near zero fall off the panel."""
    shown = [dollars(price) for step in result.steps for price in (step.reported_price, step.raw_price)]
    shown += [dollars(point.lowest_trigger) for point in result.reported.points if point.lowest_trigger is not None]
    low, high = min(shown), max(shown)
    return low - (high - low) * 0.1, high + (high - low) * 0.42


def _triggers(panel: Any, steps: tuple[Step, ...], style: Any, label: str) -> None:
    owing = [step for step in steps if step.position.highest_trigger is not None]
    if not owing:
        return
    lowest = [dollars(step.position.lowest_trigger) for step in owing]
    highest = [dollars(step.position.highest_trigger) for step in owing]
    where = [moment(step.time) for step in owing]
    if style == "-":
        panel.fill_between(where, lowest, highest, color=RED, alpha=0.16, linewidth=0, label=label)
        return
    panel.plot(where, highest, color=RED, linewidth=1.2, linestyle=style, label=label)
    panel.plot(where, lowest, color=RED, linewidth=1.2, linestyle=style)


def _reported_bands(panel: Any, points: list[ReportedPoint]) -> None:
    for index, point in enumerate(points):
        label = "reported triggers (bar), main one (dot)" if index == 0 else None
        where, ends = moment(point.time), [dollars(point.lowest_trigger), dollars(point.highest_trigger)]
        panel.plot([where, where], ends, color=INK, linewidth=2, marker="_", markersize=9, label=label, clip_on=False)
        if point.main_trigger is not None:
            panel.plot([where], [dollars(point.main_trigger)], color=INK, marker="o", markersize=4.5)


def _mark_liquidations(panel: Any, result: ReplayResult) -> None:
    worth: dict[int, float] = {}
    for call in result.liquidations:
        if call.collateral_asset == "WETH":
            worth[call.time] = worth.get(call.time, 0.0) + call.seized / WAD * dollars(call.collateral_price)
    if worth:
        prices = {step.time: dollars(step.price) for step in result.steps}
        panel.scatter(
            [moment(time) for time in worth],
            [prices[time] for time in worth],
            s=[LARGEST_MARK * max(value / max(worth.values()), 0.1) for value in worth.values()],
            color=RED,
            marker="v",
            alpha=0.8,
            zorder=5,
            linewidths=0,
        )
        said = f"liquidations by size, {sum(worth.values()) / 1e6:,.0f}m USD of WETH seized"
        panel.plot([], [], color=RED, marker="v", linestyle="none", markersize=7, label=said)


class Bar(NamedTuple):
    """One bar of the loss panel, in millions of dollars; a hollow one is explained by nothing reported."""

    name: str
    start: float
    size: float
    colour: str
    hollow: bool = False


def _loss_bars(result: ReplayResult) -> list[Bar]:
    """The firm's loss part by part from the highest reported entry, all of it, and what was published."""
    bars, total = [], 0.0
    for entry in reported_entries(result)[-1:]:
        for part in waterfall(result, Fraction(entry, PRICE_UNIT)):
            if abs(part.dollars) >= SHOWN:
                size = float(part.dollars) / 1e6
                bars.append(Bar(part.name, total, size, RED if size >= 0 else GREEN))
                total += size
        bars.append(Bar(f"all, entry {dollars(entry):,.0f}", 0.0, total, INK))
    for loss in result.reported.losses:
        size = dollars(loss.published_base) / 1e6
        bars.append(Bar(f"published {size:,.0f}m", 0.0, size, GREY, hollow=not loss.agrees))
    return bars


def loss_panel(panel: Any, result: ReplayResult) -> None:
    """Draw the firm's loss part by part with a total, beside what was published."""
    bars = _loss_bars(result)
    for index, bar in enumerate(bars):
        panel.barh(
            index,
            bar.size,
            left=bar.start,
            color="none" if bar.hollow else bar.colour,
            edgecolor=bar.colour,
            height=0.62,
            linestyle="--" if bar.hollow else "-",
        )
        panel.annotate(
            f"{bar.size:,.0f}" if abs(bar.size) >= 10 else f"{bar.size:,.1f}",
            (max(bar.start, bar.start + bar.size), index),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
        )
    panel.set_yticks(range(len(bars)), [bar.name for bar in bars], fontsize=SMALL)
    panel.invert_yaxis()
    panel.set_xlim(0, max(bar.start + bar.size for bar in bars) * 1.14)
    finish(panel, "The firm's loss, million USD", "", grid="x")
    panel.xaxis.set_major_formatter("{x:,.0f}")


def position_panel(panel: Any, result: ReplayResult) -> None:
    """Draw collateral and debt of the position on one axis, in dollars."""
    steps, points = result.steps, result.reported.points
    panel.step(
        times(steps),
        [dollars(step.position.collateral_base) / 1e6 for step in steps],
        where="post",
        color=BLUE,
        linewidth=1.7,
        label="collateral",
    )
    panel.step(
        times(steps),
        [dollars(step.position.debt_base) / 1e6 for step in steps],
        where="post",
        color=OCHRE,
        linewidth=1.7,
        label="debt",
    )
    owing = [point for point in points if point.debt_base is not None]
    panel.plot(
        [moment(point.time) for point in owing],
        [dollars(point.debt_base) / 1e6 for point in owing],
        color=OCHRE,
        marker="s",
        linestyle="none",
        markersize=6,
        markerfacecolor="white",
        clip_on=False,
        label="debt, reported",
    )
    panel.set_ylim(0)
    finish(panel, "Collateral and debt of the position", "million USD")
    panel.legend(loc="upper right", fontsize=SMALL, frameon=False)


def access_panel(panel: Any, result: ReplayResult) -> None:
    """Draw what lenders of WETH could withdraw at once against what they were owed, on a logarithmic axis."""
    steps = result.steps
    cash = [max(step.withdrawable_weth, WAD) / WAD / 1e3 for step in steps]
    owed = [step.owed_weth / WAD / 1e3 for step in steps]
    panel.plot(times(steps), owed, color=INK, linewidth=1.4, label="owed to lenders")
    panel.step(times(steps), cash, where="post", color=GREEN, linewidth=1.7, label="withdrawable at once")
    if result.returns:
        ceilings = result.parameters.utilisation_ceilings
        floors = [_floor(step, [c.bps for c in ceilings if c.since.timestamp() <= step.time]) for step in steps]
        panel.step(
            times(steps),
            floors,
            where="post",
            color=GREEN,
            linewidth=1.1,
            linestyle=DASHED,
            label="where others refill, by construction",
        )
    panel.set_yscale("log")
    panel.yaxis.set_major_formatter("{x:,g}")
    finish(panel, "WETH: withdrawable against owed to lenders", "thousand WETH, logarithmic")
    panel.legend(loc="lower left", fontsize=SMALL, frameon=False)


def _floor(step: Step, reached: list[int]) -> float:
    """Compute the free WETH at which others bring some back: the ceiling of utilisation in force, in thousand WETH."""
    if not reached:
        return float("nan")
    debt = step.reserve("WETH").owed_by_borrowers
    return debt * (BPS - reached[-1]) / reached[-1] / WAD / 1e3


def uncovered_panel(panel: Any, result: ReplayResult) -> None:
    """Draw debt beyond collateral at each print before anyone acted, and after; all accounts together."""
    steps = result.steps
    at_print = [dollars(step.uncovered_at_print_base) / 1e6 for step in steps]
    after = [dollars(step.uncovered_base) / 1e6 for step in steps]
    panel.step(times(steps), at_print, where="post", color=RED, linewidth=1.2, label="at the print, before anyone acts")
    panel.fill_between(times(steps), after, step="post", color=RED, alpha=0.35, linewidth=0, label="after")
    worst = max(at_print)
    panel.set_ylim(0, worst * 1.25 if worst else 1)
    if not worst:
        panel.set_yticks([0])
        panel.text(0.5, 0.5, "none at any print", transform=panel.transAxes, ha="center", color=GREEN, fontsize=11)
    finish(panel, "Uncovered debt: beyond the collateral behind it", "million USD")
    panel.legend(loc="upper left", fontsize=SMALL, frameon=False)


def finish(panel: Any, title: str, unit: str, grid: str = "both") -> None:
    """Give a panel its title, unit and grid."""
    panel.set_title(title, loc="left", fontsize=11.5, color=INK)
    panel.set_ylabel(unit)
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(axis=grid, color="#dddddd", linewidth=0.6)
    panel.set_axisbelow(True)
    if grid == "both" and panel.get_yscale() == "linear":
        panel.yaxis.set_major_formatter("{x:,.0f}")


def time_axis(panel: Any, result: ReplayResult) -> None:
    """Mark the days at 00:00 UTC."""
    from matplotlib import dates  # noqa: PLC0415 - an optional extra, not needed to replay

    panel.xaxis.set_major_locator(dates.DayLocator())  # type: ignore[no-untyped-call]
    panel.xaxis.set_major_formatter(dates.DateFormatter("%b %d"))  # type: ignore[no-untyped-call]
    panel.set_xlim(moment(result.steps[0].time), moment(result.steps[-1].time + 1))
