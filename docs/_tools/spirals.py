"""The page about liquidation spirals: its text, and the table of boundaries, made of the shipped markets.

`python docs/_tools/spirals.py` writes `docs/explanation/spirals.md`; a test holds the two together.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from pooltwin.fixtures import load_market, market_names
from pooltwin.scenarios.spirals import SpiralRow, spiral_rows

PAGE = Path(__file__).parents[1] / "explanation" / "spirals.md"
HEAD = """\
# Where liquidation makes it worse

A liquidation is meant to bring an account back to health. It does so only above a boundary. Whoever repays debt
worth *x* takes collateral worth *x*(1+*b*), where *b* is the bonus. That moves the ratio of collateral to debt away
from 1+*b*: up if it was above, down if it was below. The health factor is the liquidation threshold LT times that
ratio, so the boundary lies at

HF = LT(1+*b*)

Above it each call raises the health factor; below it each call lowers it, and the next call finds the account in a
worse state, until the collateral is gone and debt is left that nobody will pay. The work *Toxic Liquidation
Spirals* (arXiv 2212.07306) names such a threshold; the formula is derived here. `tests/interop/test_spirals.py`
holds it on every collateral and category of eight real markets, on releases from v3.0.2 to v3.7: a position a
thousandth below the boundary gets worse by every amount that the pool lets repay, one a thousandth above it better.

How much time is there? Between a health factor of 1, where an account can be liquidated, and the boundary lies the
*runway*: the fall of the collateral against the debt in which liquidators can still save the lenders. It ends
before the collateral is worth less than the debt, which is the last column. WETH can fall by 12.85% after the first
call became possible; from then on liquidating harms, though the collateral is worth more than the debt until it has
fallen by 17%.

An account with several collaterals has the boundary of what is seized from it, with the threshold that it has on
average.
"""
FOOT = """
This page is made by `python docs/_tools/spirals.py`; in Python, `pooltwin.scenarios.spiral_rows` lists the boundaries
of any market.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_table(name) for name in market_names()) + FOOT


def _table(name: str) -> str:
    head = "| collateral | LT | bonus | boundary LT(1+b) | runway | fall to insolvency |\n|---|"
    return f"\n## {name}\n\n{head}{5 * '---:|'}\n" + "".join(map(_row, spiral_rows(load_market(name))))


def _row(row: SpiralRow) -> str:
    where = f"e-mode {row.category}, {row.where}: {', '.join(row.collateral)}" if row.category else row.where
    threshold, bonus = Fraction(row.liquidation_threshold_bps, 10_000), Fraction(row.liquidation_bonus_bps, 10_000) - 1
    shares = " | ".join(_percent(share) for share in (threshold, bonus))
    falls = " | ".join(_percent(fall) for fall in (row.runway, row.to_insolvency))
    return f"| {where} | {shares} | {_exact(row.threshold, 6)} | {falls} |\n"


def _percent(share: Fraction) -> str:
    return f"{_exact(share * 100, 4)}%"


def _exact(number: Fraction, places: int) -> str:
    """A number with as many decimals as it has; those of basis points have few."""
    scaled = number * 10**places
    if scaled.denominator != 1:
        raise ValueError(f"{number} has more than {places} decimals")
    text = f"{int(scaled):0{places + 1}}"
    return f"{text[:-places]}.{text[-places:]}".rstrip("0").rstrip(".")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
