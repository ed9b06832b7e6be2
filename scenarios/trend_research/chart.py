"""The replay as a picture of three panels: price and triggers, collateral and debt, lenders' slack."""

from __future__ import annotations

import importlib.util
import io
from datetime import datetime
from pathlib import Path
from typing import Any

from pooltwin.protocol.files import write_bytes

from ..units import PRICE_UNIT, WAD, moment
from .changes import what_if
from .result import ReplayResult, ReportedPoint, Step

INK, PRICE, TRIGGER, DEBT, GOOD, BAD = "#222222", "#1f4e9c", "#c0392b", "#b9770e", "#1e8449", "#c0392b"
SHOWN_RESERVES = {"WETH": "#1f4e9c", "USDT": "#1e8449", "USDC": "#b9770e"}


def can_draw() -> bool:
    """Tell whether matplotlib, an optional extra, is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def draw_chart(result: ReplayResult, path: Path) -> None:
    """Write the picture, whole or not at all. Raises OSError when the file cannot be written."""
    import matplotlib  # noqa: PLC0415 - an optional extra, not needed to replay

    matplotlib.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415

    figure, panels = pyplot.subplots(3, 1, figsize=(12, 13), sharex=True, height_ratios=(3, 2.2, 2.2))
    try:
        _price_panel(panels[0], result)
        _position_panel(panels[1], result)
        _slack_panel(panels[2], result)
        _time_axis(panels[2], result)
        figure.suptitle(_headline(result), fontsize=15, fontweight="bold", x=0.065, ha="left", color=INK)
        figure.tight_layout(rect=(0, 0, 1, 0.985), h_pad=2)
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=130, metadata={"Software": "pooltwin"})
    finally:
        pyplot.close(figure)
    write_bytes(path, picture.getvalue())


def _headline(result: ReplayResult) -> str:
    return f"Trend Research on Aave v{result.revision} Ethereum Core, 2–8 February 2026: {what_if(result.changed)}"


def _times(steps: tuple[Step, ...]) -> list[datetime]:
    return [moment(step.time) for step in steps]


def _dollars(value: int | None) -> float:
    return float("nan") if value is None else value / PRICE_UNIT


def _price_panel(panel: Any, result: ReplayResult) -> None:
    steps, times = result.steps, _times(result.steps)
    panel.plot(times, [_dollars(step.price) for step in steps], color=PRICE, linewidth=1.6, label="WETH price")
    lowest = [_dollars(step.position.lowest_trigger) for step in steps]
    highest = [_dollars(step.position.highest_trigger) for step in steps]
    panel.fill_between(times, lowest, highest, color=TRIGGER, alpha=0.18, linewidth=0, label="our wallets' triggers")
    book = [_dollars(step.position.book_trigger) for step in steps]
    panel.plot(times, book, color=TRIGGER, linewidth=1.4, label="our trigger of the whole")
    _reported_bands(panel, [point for point in result.reported.points if point.highest_trigger is not None])
    low = min(steps, key=lambda step: step.price)
    panel.annotate(
        f"low {low.price / PRICE_UNIT:,.2f}\n{moment(low.time):%b %d %H:%M}",
        (moment(low.time), _dollars(low.price)),
        xytext=(-92, -14),
        textcoords="offset points",
        fontsize=9,
        color=PRICE,
        arrowprops={"arrowstyle": "-", "color": PRICE, "linewidth": 0.8},
    )
    _mark_liquidations(panel, result)
    _finish(panel, "Price against liquidation price", "USD per WETH")
    panel.legend(loc="upper right", fontsize=9, frameon=False, ncols=2)


def _reported_bands(panel: Any, points: list[ReportedPoint]) -> None:
    for index, point in enumerate(points):
        low, high = _dollars(point.lowest_trigger), _dollars(point.highest_trigger)
        label = "reported triggers (bar), main one (dot)" if index == 0 else None
        where = moment(point.time)
        panel.plot(
            [where, where], [low, high], color=INK, linewidth=2.2, marker="_", markersize=10, label=label, clip_on=False
        )
        if point.main_trigger is not None:
            panel.plot([where], [_dollars(point.main_trigger)], color=INK, marker="o", markersize=5)


def _mark_liquidations(panel: Any, result: ReplayResult) -> None:
    prices = {step.time: _dollars(step.price) for step in result.steps}
    times = sorted({call.time for call in result.liquidations})
    if times:
        where = [moment(time) for time in times]
        panel.scatter(
            where, [prices[time] for time in times], color=BAD, marker="v", s=60, zorder=5, label="liquidations"
        )


def _position_panel(panel: Any, result: ReplayResult) -> None:
    times = _times(result.steps)
    weth = [step.position.weth / WAD / 1e3 for step in result.steps]
    debt = [step.position.debt_base / PRICE_UNIT / 1e6 for step in result.steps]
    panel.step(times, weth, where="post", color=PRICE, linewidth=1.8, label="collateral, thousand WETH (left)")
    right = panel.twinx()
    right.step(times, debt, where="post", color=DEBT, linewidth=1.8, label="debt, million USD (right)")
    points = result.reported.points
    panel.plot(
        [moment(point.time) for point in points],
        [point.weth / WAD / 1e3 for point in points],
        color=PRICE,
        marker="o",
        linestyle="none",
        markersize=6,
        markerfacecolor="white",
        label="reported holdings",
    )
    owing = [point for point in points if point.debt_base is not None]
    right.plot(
        [moment(point.time) for point in owing],
        [_dollars(point.debt_base) / 1e6 for point in owing],
        color=DEBT,
        marker="s",
        linestyle="none",
        markersize=6,
        markerfacecolor="white",
        label="reported debt",
    )
    panel.set_ylim(0, max(weth) * 1.12)
    right.set_ylim(0, max(debt) * 1.4)  # so that the two lines do not cover each other
    right.set_ylabel("million USD", color=DEBT)
    right.spines[["top", "left"]].set_visible(False)
    right.tick_params(colors=DEBT)
    _finish(panel, "Collateral and debt of the position", "thousand WETH")
    lines, labels = panel.get_legend_handles_labels()
    more_lines, more_labels = right.get_legend_handles_labels()
    panel.legend(lines + more_lines, labels + more_labels, loc="upper right", fontsize=9, frameon=False)


def _slack_panel(panel: Any, result: ReplayResult) -> None:
    times = _times(result.steps)
    for symbol, colour in SHOWN_RESERVES.items():
        balances = [step.reserve(symbol) for step in result.steps]
        slack = [balance.dollars(balance.slack_without_deficit) for balance in balances]
        panel.plot(times, slack, color=colour, linewidth=1.6, label=f"{symbol}")
    panel.axhline(0, color=INK, linewidth=1)
    lowest = min(balance.slack_without_deficit for step in result.steps for balance in step.reserves)
    said, colour = (
        ("never below zero: nobody is short", GOOD) if lowest >= 0 else ("below zero: lenders are short", BAD)
    )
    panel.text(0.99, 0.06, said, transform=panel.transAxes, ha="right", fontsize=10, color=colour)
    _finish(panel, "Lenders' slack: owed by borrowers + in the pool - owed to lenders, no deficit counted in", "USD")
    panel.legend(loc="upper left", fontsize=9, frameon=False, ncols=3)


def _finish(panel: Any, title: str, unit: str) -> None:
    panel.set_title(title, loc="left", fontsize=11.5, color=INK)
    panel.set_ylabel(unit)
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(axis="both", color="#dddddd", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.yaxis.set_major_formatter("{x:,.0f}")


def _time_axis(panel: Any, result: ReplayResult) -> None:
    from matplotlib import dates  # noqa: PLC0415

    panel.xaxis.set_major_locator(dates.DayLocator())  # type: ignore[no-untyped-call]
    panel.xaxis.set_major_formatter(dates.DateFormatter("%b %d"))  # type: ignore[no-untyped-call]
    panel.set_xlim(moment(result.steps[0].time), moment(result.steps[-1].time + 1))
    panel.set_xlabel("00:00 UTC")
