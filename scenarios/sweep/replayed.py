"""The Trend Research replay as a study: its parameters in, the figures that lenders ask about out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from pooltwin.protocol.refusal import read_model

from ..trend_research.measurement import ReserveBalance
from ..trend_research.parameters import ReplayParameters
from ..trend_research.result import ReplayResult
from ..trend_research.run import replay
from .columns import LENDERS_LOST, Column, ColumnKind, Row

COLUMNS = (
    LENDERS_LOST,
    Column("deficit_usd_e8", ColumnKind.EXACT, "most bad debt written off, USD", "most", 8),
    Column("shortfall_usd_e8", ColumnKind.EXACT, "most claims with nothing against them, USD", "most", 8),
    Column("uncovered_worst_usd_e8", ColumnKind.EXACT, "most debt beyond collateral, USD", "most", 8),
    Column("uncovered_end_usd_e8", ColumnKind.EXACT, "debt beyond collateral, at the end, USD", "", 8),
    Column("health_factor_worst_wad", ColumnKind.EXACT, "lowest health factor at a print", "least", 18),
    Column("liquidation_calls", ColumnKind.COUNT, "most liquidation calls", "most"),
    Column("liquidated_weth_wei", ColumnKind.EXACT, "most WETH that liquidators received", "most", 18),
    Column("repaid_by_liquidators_usd_e8", ColumnKind.EXACT, "debt repaid by liquidators, USD", "", 8),
    Column("sold_weth_wei", ColumnKind.EXACT, "WETH that the owner sold", "", 18),
    Column("left_weth_wei", ColumnKind.EXACT, "WETH left to the owner", "", 18),
    Column("left_debt_usd_e8", ColumnKind.EXACT, "the owner's debt at the end, USD", "", 8),
    Column("returned_weth_wei", ColumnKind.EXACT, "WETH that others brought back", "", 18),
    Column("withdrawable_weth_least_wei", ColumnKind.EXACT, "least WETH that lenders could withdraw", "least", 18),
    Column("refusals", ColumnKind.COUNT, "most calls that the pool refused", "most"),
    Column("state_digest", ColumnKind.TEXT),
)


class TrendResearch:
    """The replay of February 2026."""

    seed_path = "seed" if "seed" in ReplayParameters.model_fields else ""

    def complete(self, parameters: str, _folder: Path) -> str:
        """Check parameters and write every default out. Raises ValueError."""
        return read_model(ReplayParameters, parameters).model_dump_json()

    def columns(self, _parameters: str) -> tuple[Column, ...]:
        """List the columns, the same for all parameters."""
        return COLUMNS

    def run(self, parameters: str) -> tuple[Row, str]:
        """Replay once."""
        result = replay(ReplayParameters.model_validate_json(parameters))
        return figures_of(result), result.digest()


def figures_of(result: ReplayResult) -> Row:
    """Read the figures of a replay's row. Dollars have 8 decimals, health factors 18; the last cut."""
    deficit = sum(
        _dollars(after, after.deficit - before.deficit)
        for before, after in zip(result.before, result.after, strict=True)
    )
    shortfall = sum(_dollars(after, max(0, -after.slack_without_deficit)) for after in result.after)
    factors = [step.worst_health_factor_at_print for step in result.steps]
    prices = {balance.symbol: balance for balance in result.after}
    last = result.steps[-1]
    return {
        LENDERS_LOST.name: deficit > 0 or shortfall > 0,
        "deficit_usd_e8": int(deficit),
        "shortfall_usd_e8": int(shortfall),
        "uncovered_worst_usd_e8": max(step.uncovered_base for step in result.steps),
        "uncovered_end_usd_e8": result.uncovered_base,
        "health_factor_worst_wad": min((factor for factor in factors if factor is not None), default=None),
        "liquidation_calls": len(result.liquidations),
        "liquidated_weth_wei": sum(call.received for call in result.liquidations if call.collateral_asset == "WETH"),
        "repaid_by_liquidators_usd_e8": int(
            sum(_dollars(prices[call.debt_asset], call.repaid) for call in result.liquidations)
        ),
        "sold_weth_wei": last.sold_weth,
        "left_weth_wei": last.position.weth,
        "left_debt_usd_e8": last.position.debt_base,
        "returned_weth_wei": last.returned_weth,
        "withdrawable_weth_least_wei": min(step.reserve("WETH").cash for step in result.steps),
        "refusals": len(result.refusals),
        "state_digest": result.state_digest,
    }


def _dollars(balance: ReserveBalance, amount: int) -> Fraction:
    """An amount of a reserve in dollars with 8 decimals, exact, at the price of the end."""
    return Fraction(amount * balance.price, 10**balance.decimals)


TREND_RESEARCH = TrendResearch()
