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
    Column("uncovered_at_print_worst_usd_e8", ColumnKind.EXACT, "most debt uncovered at a print, USD", "most", 8),
    Column("uncovered_worst_usd_e8", ColumnKind.EXACT, "", "", 8),
    Column("uncovered_end_usd_e8", ColumnKind.EXACT, "most debt uncovered at the end, USD", "most", 8),
    Column("health_factor_worst_wad", ColumnKind.EXACT, "lowest health factor at a print", "least", 18),
    Column("gap_to_liquidation_least_bps", ColumnKind.COUNT),
    Column("liquidatable_at_print_most", ColumnKind.COUNT),
    Column("reported_price_lowest_usd_e8", ColumnKind.EXACT, "lowest price of the pool, USD", "least", 8),
    Column("liquidation_calls", ColumnKind.COUNT, "most liquidation calls", "most"),
    Column("liquidations_declined", ColumnKind.COUNT, "most liquidations declined", "most"),
    Column("liquidated_weth_wei", ColumnKind.EXACT, "most WETH that liquidators received", "most", 18),
    Column("repaid_by_liquidators_usd_e8", ColumnKind.EXACT, "", "", 8),
    Column("sold_weth_wei", ColumnKind.EXACT, "", "", 18),
    Column("left_weth_wei", ColumnKind.EXACT, "", "", 18),
    Column("left_debt_usd_e8", ColumnKind.EXACT, "", "", 8),
    Column("returned_weth_wei", ColumnKind.EXACT, "", "", 18),
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
    gaps = [step.gap_to_liquidation_bps for step in result.steps]
    factors = [step.worst_health_factor_at_print for step in result.steps]
    prices = {balance.symbol: balance for balance in result.after}
    last = result.steps[-1]
    return {
        LENDERS_LOST.name: result.lenders_lost,
        "deficit_usd_e8": int(deficit),
        "uncovered_at_print_worst_usd_e8": max(step.uncovered_at_print_base for step in result.steps),
        "uncovered_worst_usd_e8": max(step.uncovered_base for step in result.steps),
        "uncovered_end_usd_e8": result.uncovered_base,
        "health_factor_worst_wad": min((factor for factor in factors if factor is not None), default=None),
        "gap_to_liquidation_least_bps": min((gap for gap in gaps if gap is not None), default=None),
        "liquidatable_at_print_most": max(step.liquidatable_at_print for step in result.steps),
        "reported_price_lowest_usd_e8": min(step.reported_price for step in result.steps),
        "liquidation_calls": len(result.liquidations),
        "liquidations_declined": len(result.declined),
        "liquidated_weth_wei": sum(call.received for call in result.liquidations if call.collateral_asset == "WETH"),
        "repaid_by_liquidators_usd_e8": int(
            sum(_dollars(prices[call.debt_asset], call.repaid) for call in result.liquidations)
        ),
        "sold_weth_wei": last.sold_weth,
        "left_weth_wei": last.position.weth,
        "left_debt_usd_e8": last.position.debt_base,
        "returned_weth_wei": last.returned_weth,
        "withdrawable_weth_least_wei": min(step.withdrawable_weth for step in result.steps),
        "refusals": len(result.refusals),
        "state_digest": result.state_digest,
    }


def _dollars(balance: ReserveBalance, amount: int) -> Fraction:
    """An amount of a reserve in dollars with 8 decimals, exact, at the price of the end."""
    return Fraction(amount * balance.price, 10**balance.decimals)


TREND_RESEARCH = TrendResearch()
