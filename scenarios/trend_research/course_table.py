"""Table of a replay's course: one row for every four hours, ours beside what was reported."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from ..formatting import amount, health_factor, percent, price
from ..units import BPS, PRICE_UNIT, WAD, moment
from .result import ReplayResult, ReportedPoint, Step

NEAR_A_PEAK_WAD = WAD // 2_000
"""A reported peak is put beside our first utilisation within 0.05 percentage points of it."""


def plain_table(title: str) -> Table:
    """Make an empty table without vertical lines."""
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))


def course_table(result: ReplayResult) -> Table:
    """Make a row for the start and for every close; columns that would stay empty are left out."""
    peaks, liquidations = _peak_rows(result), bool(result.liquidations)
    table = plain_table("Every four hours, at the close")
    table.add_column("\nUTC", no_wrap=True)
    headings = ["low\nUSD", "close\nUSD", "held\nWETH", "debt\nm USD", "health\nworst", "health\nwhole"]
    headings += ["trigger, USD\nours", "trigger, USD\nreported", "WETH\nused"]
    headings += ["reported\npeak"] * bool(peaks) + ["\ncalls"] * liquidations
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    points = {point.time: point for point in result.reported.points}
    for window, end in _candles(result):
        row = _row(window, end, points.get(end))
        row += [peaks.get(end, "")] * bool(peaks) + [str(window[-1].liquidation_count or "")] * liquidations
        table.add_row(*row, style="red" if (_worst(window) or WAD) < WAD else "")
    return table


def course_note(result: ReplayResult) -> str:
    """Explain what the columns mean, and how far utilisation went."""
    highest = max(step.reserve("WETH").utilisation_wad for step in result.steps)
    peaks = " and ".join(f"{bps / BPS:.2%}" for bps in result.reported.utilisation_peaks_bps)
    ceilings = (
        " Ours cannot pass its ceilings, which are those peaks: see utilisation_ceilings." if result.returns else ""
    )
    return (
        "health: factor of the worst wallet at the worst print of the four hours, before anyone acted; and of the whole"
        " at the close.\n"
        "trigger: liquidation price from the lowest to the highest wallet; in brackets ours of the whole, and the one"
        " reported for most wallets.\n"
        f"WETH used: at most {percent(highest)} here. Reported peaks: {peaks}; when they were is not known, they stand"
        f" where ours first comes near.{ceilings}"
    )


def _candles(result: ReplayResult) -> list[tuple[Sequence[Step], int]]:
    """Give the start, then the prints of every candle with its end, one second after its close."""
    candles: list[tuple[Sequence[Step], int]] = [(result.steps[:1], result.steps[0].time)]
    window: list[Step] = []
    for step in result.steps:
        window.append(step)
        if step.kind == "close":
            candles.append((window, step.time + 1))
            window = []
    return candles


def _row(window: Sequence[Step], end: int, reported: ReportedPoint | None) -> list[str]:
    """Write one candle: the worst of its prints, the state at its close, and a milestone that falls on its end."""
    last = window[-1]
    return [
        f"{moment(end):%b %d %H:%M}",
        price(min(step.price for step in window)),
        price(last.price),
        amount(last.position.weth, 18, 0),
        f"{last.position.debt_base / PRICE_UNIT / 1e6:,.1f}",
        health_factor(_worst(window)),
        health_factor(last.position.aggregate_health_factor),
        _band(last.position.lowest_trigger, last.position.highest_trigger, last.position.book_trigger),
        _band(reported.lowest_trigger, reported.highest_trigger, reported.main_trigger) if reported else "",
        percent(last.reserve("WETH").utilisation_wad),
    ]


def _worst(window: Sequence[Step]) -> int | None:
    worst = [step.worst_health_factor_at_print for step in window if step.worst_health_factor_at_print is not None]
    return min(worst, default=None)


def _band(low: int | None, high: int | None, middle: int | None) -> str:
    """Write lowest to highest wallet, and in brackets the whole book (ours) or where most are (reported)."""
    if low is None or high is None:
        return "–"
    main = f" ({amount(middle, 8, 0)})" if middle is not None else ""
    band = f"{amount(low, 8, 0)}-{amount(high, 8, 0)}{main}" if high - low >= PRICE_UNIT else amount(low, 8, 0)
    return band.replace(",", "")


def _peak_rows(result: ReplayResult) -> dict[int, str]:
    """Find the candle at which our utilisation first comes near each reported peak: its end, and the peak."""
    rows: dict[int, str] = {}
    for bps in result.reported.utilisation_peaks_bps:
        for window, end in _candles(result):
            distance = window[-1].reserve("WETH").utilisation_wad - bps * WAD // BPS
            if abs(distance) <= NEAR_A_PEAK_WAD:
                rows[end] = f"{bps / BPS:.2%}"
                break
    return rows
