"""Table of a replay's course: one row for every four hours, ours beside what was reported."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from ..formatting import amount, health_factor, percent, price, share
from ..units import BPS, PRICE_UNIT, WAD, moment
from .assumed import ceilings_met
from .result import ReplayResult, ReportedPoint, Step

NEAR_A_PEAK_WAD = WAD // 2_000
"""A reported peak is put beside our first utilisation within 0.05 percentage points of it."""


def plain_table(title: str) -> Table:
    """Make an empty table without vertical lines."""
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
        pad_edge=False,
    )


TIME = "\nUTC"
CLOSE, WHOLE, OURS, REPORTED, PEAK, USED = (
    *("close\nUSD", "health\nwhole", "trigger, USD\nours", "trigger, USD\nreported", "reported\npeak"),
    "WETH\nused",
)
LEFT_OUT_FIRST = (PEAK, WHOLE, CLOSE, REPORTED, OURS, USED)
"""What narrow terminals do without, in this order."""


def course_table(result: ReplayResult, without: Sequence[str] = ()) -> Table:
    """Make a row for the start and for every close; columns that would stay empty are left out."""
    table = plain_table("Every four hours, at the close")
    columns = {heading: cells for heading, cells in _columns(result).items() if any(cells) and heading not in without}
    for heading in columns:
        table.add_column(heading, justify="left" if heading == TIME else "right", no_wrap=True)
    for (window, _), *cells in zip(_candles(result), *columns.values(), strict=True):
        table.add_row(*cells, style="red" if (_worst(window) or WAD) < WAD else "")
    return table


def _columns(result: ReplayResult) -> dict[str, list[str]]:
    """Write all columns, by heading, a cell for every candle."""
    candles, peaks = _candles(result), _peak_rows(result)
    points = {point.time: point for point in result.reported.points}
    ends = [end for _, end in candles]
    last = [window[-1] for window, _ in candles]
    return {
        TIME: [f"{moment(end):%b %d %H:%M}" for end in ends],
        "low\nUSD": [price(min(step.price for step in window)) for window, _ in candles],
        CLOSE: [price(step.price) for step in last],
        "held\nWETH": [amount(step.position.weth, 18, 0) for step in last],
        "debt\nm USD": [f"{step.position.debt_base / PRICE_UNIT / 1e6:,.1f}" for step in last],
        "health\nworst": [health_factor(_worst(window)) for window, _ in candles],
        WHOLE: [health_factor(step.position.aggregate_health_factor) for step in last],
        OURS: [_our_band(step) for step in last],
        REPORTED: [_reported_band(points.get(end)) for end in ends],
        USED: [percent(step.reserve("WETH").utilisation_wad) for step in last],
        PEAK: [peaks.get(end, "") for end in ends],
        "WETH\nfree": [amount(step.withdrawable_weth, 18, 0) for step in last],
        "bare at\nprint": [_millions(max(s.uncovered_at_print_base for s in window)) for window, _ in candles],
        "bare\nleft": [_millions(max(step.uncovered_base for step in window)) for window, _ in candles],
        "\ncalls": [str(step.liquidation_count or "") for step in last],
    }


def _millions(base: int) -> str:
    return f"{base / PRICE_UNIT / 1e6:,.1f}" if base else ""


def _our_band(step: Step) -> str:
    return _band(step.position.lowest_trigger, step.position.highest_trigger, step.position.book_trigger)


def _reported_band(point: ReportedPoint | None) -> str:
    return _band(point.lowest_trigger, point.highest_trigger, point.main_trigger) if point else ""


def course_note(result: ReplayResult, without: Sequence[str] = ()) -> str:
    """Explain what the columns mean, and how far utilisation went."""
    highest = max(step.reserve("WETH").utilisation_wad for step in result.steps)
    peaks = " and ".join(share(bps) for bps in result.reported.utilisation_peaks_bps)
    met = " and ".join(share(bps) for bps in ceilings_met(result))
    bare = any(step.uncovered_at_print_base for step in result.steps)
    said = {
        "health: factor of the worst wallet at the worst print of the four hours, before anyone acted": True,
        "; and of the whole at the close": WHOLE not in without,
        ". trigger: liquidation price from the lowest to the highest wallet, in brackets of the whole": OURS
        not in without,
        "; reported ones likewise, in brackets where most wallets are": REPORTED not in without,
        f". WETH used: at most {percent(highest)} here. Reported peaks: {peaks}; when they were is not known": True,
        ", they stand where ours first comes near": PEAK not in without,
        f". Ours meets its ceilings of {met} by construction (utilisation_ceilings)": bool(met),
        ". WETH free: what lenders could take out": True,
        ". bare: debts beyond the collateral behind them, million USD, at the worst print before anyone acted, and left"
        " afterwards": bare,
        ". Wider terminals show more; --csv has every print": bool(without),
    }
    return "".join(sentence for sentence, told in said.items() if told) + "."


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
                rows[end] = share(bps)
                break
    return rows
