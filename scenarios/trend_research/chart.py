"""Picture of the replay, 16:9, as PNG and SVG: what mattered, what was changed, and where it comes from."""

from __future__ import annotations

import importlib.util
import io
import textwrap
from pathlib import Path
from typing import Any

from pooltwin.protocol.files import write_bytes
from pooltwin.protocol.version import __version__

from . import panels
from .changes import what_if
from .result import ReplayResult

SIZE = (16, 9)
"""Inches; a slide's proportions."""

FORMATS = ("png", "svg")


def can_draw() -> bool:
    """Tell whether matplotlib, an optional extra, is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def draw_chart(result: ReplayResult, *paths: Path) -> None:
    """Write the picture to each path, in the format of its ending, each whole or not at all.

    The same result gives the same bytes. Raises OSError when a file cannot be written, and ValueError for an ending
    that is neither `.png` nor `.svg`.
    """
    formats = [path.suffix.lower().lstrip(".") for path in paths]
    for path, form in zip(paths, formats, strict=True):
        if form not in FORMATS:
            raise ValueError(f"{path}: a picture ends in .png or .svg")
    import matplotlib  # noqa: PLC0415 - an optional extra, not needed to replay

    matplotlib.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415

    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "pooltwin"}):
        figure = pyplot.figure(figsize=SIZE)
        try:
            _fill(figure, result)
            for path, form in zip(paths, formats, strict=True):
                write_bytes(path, _rendered(figure, form))
        finally:
            pyplot.close(figure)


def _rendered(figure: Any, form: str) -> bytes:
    picture = io.BytesIO()
    metadata = {"Software": "pooltwin"} if form == "png" else {"Creator": "pooltwin", "Date": None}
    figure.savefig(picture, format=form, dpi=120, metadata=metadata)
    return picture.getvalue()


def _fill(figure: Any, result: ReplayResult) -> None:
    """Lay out title, verdict, five panels and footer."""
    title, below = headline(result), subtitle(result)
    figure.text(0.045, 0.965, title, fontsize=16, fontweight="bold", color=panels.INK, va="top")
    figure.text(
        0.045, 0.925 - 0.03 * title.count("\n"), below, fontsize=11, color=panels.INK, va="top", linespacing=1.35
    )
    grid = figure.add_gridspec(
        2, 3, left=0.055, right=0.985, top=0.80, bottom=0.125, hspace=0.36, wspace=0.24, width_ratios=(1, 1, 1)
    )
    price, loss = figure.add_subplot(grid[0, :2]), figure.add_subplot(grid[0, 2])
    price.set_position([0.055, 0.52, 0.56, 0.29])
    loss.set_position([0.775, 0.52, 0.21, 0.29])
    below_left, middle, right = (figure.add_subplot(grid[1, column]) for column in range(3))
    panels.price_panel(price, result)
    panels.loss_panel(loss, result)
    panels.position_panel(below_left, result)
    panels.access_panel(middle, result)
    panels.uncovered_panel(right, result)
    for panel in (price, below_left, middle, right):
        panels.time_axis(panel, result)
    figure.text(0.045, 0.018, footer(result), fontsize=8.5, color=panels.GREY, va="bottom", linespacing=1.4)


def headline(result: ReplayResult) -> str:
    """Name what is shown, with everything that was changed; in as many lines as that takes."""
    title = f"Trend Research on Aave v{result.revision} Ethereum Core, 2–8 February 2026, {what_if(result.changed)}"
    return "\n".join(textwrap.wrap(title, 105))


def subtitle(result: ReplayResult) -> str:
    """Give the verdict's first sentences, in two lines at most."""
    lines = textwrap.wrap(" ".join(result.verdict[:2]), 170)
    return "\n".join(lines[:2] if len(lines) <= 2 else [lines[0], textwrap.shorten(lines[1], 166) + " …"])


def footer(result: ReplayResult) -> str:
    """Say that it is simulated, from which sources, and by what it can be made again."""
    said = sorted({point.source.split(",")[0].split(" via")[0].split(" (")[0] for point in result.reported.points})
    return (
        f"Simulated by pooltwin {__version__} on {result.market}. Dashed lines: assumed, or so by construction; dashed"
        " bars: explained by nothing that is reported.\n"
        f"Prices: exchange candles (Binance), not oracle prints. Reported: {', '.join(said)}. All sources and gaps:"
        " fixtures/SOURCES.md.\n"
        f"Result {result.digest()}, state {result.state_digest}"
    )
