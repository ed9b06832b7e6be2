"""A position's health over price moves as a picture for a slide."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path
from typing import Any

from pooltwin.protocol.files import write_bytes

from ..formatting import health_factor
from ..units import PRICE_UNIT, WAD
from .figures import Figures

INK, LINE, DANGER, QUIET = "#222222", "#1f4e9c", "#c0392b", "#777777"
FORMATS = (".png", ".svg")


def check_chart(path: Path) -> None:
    """Refuse a picture that cannot be drawn. Raises ValueError, naming the format or the library that is missing."""
    if path.suffix.lower() not in FORMATS:
        raise ValueError(f"--chart {path}: a picture ends in {' or '.join(FORMATS)}")
    if importlib.util.find_spec("matplotlib") is None:
        raise ValueError("--chart needs matplotlib: pip install 'pooltwin[scenarios]'")


def draw_position(figures: Figures, title: str, footer: str, path: Path) -> None:
    """Write the picture, 16:9, as PNG or SVG, whole or not at all. Raises OSError."""
    import matplotlib  # noqa: PLC0415 - an optional extra

    matplotlib.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415

    figure, panel = pyplot.subplots(figsize=(12.8, 7.2))
    try:
        _draw(panel, figures)
        figure.text(0.06, 0.945, title, fontsize=21, fontweight="bold", color=INK, ha="left", va="top")
        figure.text(0.06, 0.885, _subtitle(figures), fontsize=15, color=INK, ha="left", va="top")
        figure.text(0.06, 0.03, footer, fontsize=11, color=QUIET, ha="left")
        figure.subplots_adjust(left=0.08, right=0.97, top=0.78, bottom=0.17)
        picture = io.BytesIO()
        kind = path.suffix.lower()[1:]
        figure.savefig(picture, format=kind, dpi=150, metadata={"Software": "pooltwin"} if kind == "png" else None)
    finally:
        pyplot.close(figure)
    write_bytes(path, picture.getvalue())


def _subtitle(figures: Figures) -> str:
    if figures.health.health_factor is None:
        return "no debt: no price liquidates it"
    side = next((side for side in figures.sides if side.name == figures.moved), None)
    price = side.liquidation_price if side else None
    told = f"health factor {health_factor(figures.health.health_factor)}"
    if price is None:
        return f"{told}; no price of {figures.moved} liquidates it"
    if price.always:
        return f"{told}; it can be liquidated at any price of {figures.moved}"
    where = "and above" if price.rises else "and below"
    return f"{told}; liquidated with {figures.moved} at {price / PRICE_UNIT:,.2f} {where}"


def _draw(panel: Any, figures: Figures) -> None:
    seen = [(move.price, move.health) for move in figures.moves]
    points = [
        (price / PRICE_UNIT, health.health_factor / WAD)
        for price, health in seen
        if health is not None and health.health_factor is not None
    ]
    panel.set_xlabel(f"price of {figures.moved}, USD", fontsize=15)
    panel.set_ylabel("health factor", fontsize=15)
    panel.tick_params(labelsize=13)
    panel.xaxis.set_major_formatter("{x:,.6g}" if seen[-1][0] < 10 * PRICE_UNIT else "{x:,.0f}")
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(color="#dddddd", linewidth=0.8)
    if not points:
        panel.text(0.5, 0.5, "no debt", transform=panel.transAxes, fontsize=26, color=QUIET, ha="center")
        return
    panel.plot([price for price, _ in points], [factor for _, factor in points], color=LINE, linewidth=3)
    low, high = min(factor for _, factor in points), max(factor for _, factor in points)
    bottom, top = max(0.0, min(low, 1.0) - 0.1), max(high, 1.0) + 0.15
    panel.set_ylim(bottom, top)
    panel.axhspan(bottom, 1, color=DANGER, alpha=0.08, linewidth=0)
    panel.axhline(1, color=DANGER, linewidth=2)
    panel.annotate(
        "liquidated below 1", (0.99, 1), xycoords=panel.get_yaxis_transform(),
        xytext=(0, -6), textcoords="offset points", fontsize=14, color=DANGER, ha="right", va="top",
    )  # fmt: skip
    present = next(move for move in figures.moves if move.percent == 0)
    if present.health is not None and present.health.health_factor is not None:
        where = (present.price / PRICE_UNIT, present.health.health_factor / WAD)
        panel.plot(*where, marker="o", markersize=11, color=LINE)
        told = f"given: {where[0]:,.2f}"
        panel.annotate(told, where, xytext=(-14, 16), textcoords="offset points", fontsize=14, color=LINE, ha="right")
