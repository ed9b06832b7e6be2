"""Course, liquidations, sales and reserves of a replay as CSV files, in tokens and dollars as people write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from pooltwin.protocol.files import write_text

from ..units import MAX_UINT, WAD, from_units, moment
from .measurement import ReserveBalance
from .result import ReplayResult, Step

Row = Mapping[str, object]


def write_csv(result: ReplayResult, directory: Path) -> tuple[Path, ...]:
    """Write `course.csv`, `liquidations.csv`, `sales.csv` and `reserves.csv`, each whole or not at all.

    Makes the directory. Amounts are exact decimals in whole tokens or dollars, as the names of the columns say. A file
    without rows has its headings. Raises OSError when one cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    tables = {
        "course.csv": [course_row(step) for step in result.steps],
        "liquidations.csv": liquidation_rows(result),
        "sales.csv": sale_rows(result),
        "reserves.csv": reserve_rows(result),
    }
    for name, rows in tables.items():
        write_text(directory / name, _csv(rows, HEADINGS.get(name, ())))
    return tuple(directory / name for name in tables)


HEADINGS = {
    "liquidations.csv": (
        *("time_utc", "account", "health_factor_before", "debt_asset", "repaid", "repaid_usd", "collateral_asset"),
        *("seized", "seized_usd", "received", "received_usd", "received_as_a_tokens", "profit_usd", "deficits"),
    ),
    "sales.csv": ("time_utc", "wallet", "weth", "market_price_usd", "proceeds_usd", "average_price_usd"),
}
"""Headings of files that may have no rows."""


def _csv(rows: Iterable[Row], headings: Iterable[str]) -> str:
    rows = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0] if rows else headings), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _time(seconds: int) -> str:
    return f"{moment(seconds):%Y-%m-%dT%H:%M:%SZ}"


def _plain(value: Decimal) -> str:
    return f"{value:f}"


def _usd(base: int | None) -> str:
    return "" if base is None else _plain(from_units(base, 8))


def _tokens(units: int, decimals: int = 18) -> str:
    return _plain(from_units(units, decimals))


def _factor(wad: int | None) -> str:
    return "" if wad is None or wad == MAX_UINT else _tokens(wad)


def _percent(wad: int) -> str:
    return _plain(from_units(wad, 16))


def _worth(units: int, decimals: int, price: int) -> str:
    """An amount in dollars at a price, cut to 8 decimals."""
    return _usd(units * price // 10**decimals)


def course_row(step: Step) -> Row:
    """Write one print: prices, the position, what lenders could take out, what was uncovered."""
    position, weth = step.position, step.reserve("WETH")
    return {
        "time_utc": _time(step.time),
        "print": step.kind,
        "price_origin": step.price_origin,
        "weth_usd": _usd(step.reported_price),
        "weth_usd_raw": _usd(step.raw_price),
        "position_weth": _tokens(position.weth),
        "position_debt_usd": _usd(position.debt_base),
        "worst_health_factor_at_print": _factor(step.worst_health_factor_at_print),
        "gap_to_liquidation_percent": ""
        if step.gap_to_liquidation_bps is None
        else _plain(from_units(step.gap_to_liquidation_bps, 2)),
        "lowest_trigger_usd": _usd(position.lowest_trigger),
        "highest_trigger_usd": _usd(position.highest_trigger),
        "whole_trigger_usd": _usd(position.book_trigger),
        "liquidatable_accounts_at_print": step.liquidatable_at_print,
        "liquidatable_accounts": step.liquidatable,
        "uncovered_usd_at_print": _usd(step.uncovered_at_print_base),
        "uncovered_usd": _usd(step.uncovered_base),
        "withdrawable_weth": _tokens(step.withdrawable_weth),
        "withdrawable_usd": _worth(step.withdrawable_weth, 18, weth.price),
        "owed_to_lenders_weth": _tokens(step.owed_weth),
        "utilisation_percent": _percent(weth.utilisation_wad),
        "sold_weth": _tokens(step.sold_weth),
        "brought_back_weth": _tokens(step.returned_weth),
        "liquidation_calls": step.liquidation_count,
    }


def liquidation_rows(result: ReplayResult) -> list[Row]:
    """Write every liquidation: who, what was repaid and received, in tokens and dollars at the prices of the call."""
    decimals = {balance.symbol: balance.decimals for balance in result.after}
    return [
        {
            "time_utc": _time(call.time),
            "account": call.account,
            "health_factor_before": _factor(call.health_factor_before),
            "debt_asset": call.debt_asset,
            "repaid": _tokens(call.repaid, decimals[call.debt_asset]),
            "repaid_usd": _worth(call.repaid, decimals[call.debt_asset], call.debt_price),
            "collateral_asset": call.collateral_asset,
            "seized": _tokens(call.seized, decimals[call.collateral_asset]),
            "seized_usd": _worth(call.seized, decimals[call.collateral_asset], call.collateral_price),
            "received": _tokens(call.received, decimals[call.collateral_asset]),
            "received_usd": _worth(call.received, decimals[call.collateral_asset], call.collateral_price),
            "received_as_a_tokens": call.received_a_tokens,
            "profit_usd": _usd(call.profit_base),
            "deficits": "; ".join(
                f"{_tokens(amount, decimals[symbol])} {symbol}" for symbol, amount in call.deficits_created.items()
            ),
        }
        for call in result.liquidations
    ]


def sale_rows(result: ReplayResult) -> list[Row]:
    """Write every sale of the owner."""
    return [
        {
            "time_utc": _time(sale.time),
            "wallet": sale.wallet,
            "weth": _tokens(sale.weth),
            "market_price_usd": _usd(sale.price),
            "proceeds_usd": _usd(sale.proceeds_base),
            "average_price_usd": _usd(sale.proceeds_base * WAD // sale.weth),
        }
        for sale in result.sales
    ]


def reserve_rows(result: ReplayResult) -> list[Row]:
    """Write both sides of every reserve before and after, in tokens and in dollars at the prices of the moment."""
    sides = (("before", result.before), ("after", result.after))
    return [_reserve_row(when, balance) for when, balances in sides for balance in balances]


def _reserve_row(when: str, balance: ReserveBalance) -> Row:
    amounts = {
        "owed_to_lenders": balance.owed_to_lenders,
        "owed_by_borrowers": balance.owed_by_borrowers,
        "in_the_pool": balance.cash,
        "surplus": balance.slack_without_deficit,
        "deficit": balance.deficit,
    }
    row: dict[str, object] = {"when": when, "reserve": balance.symbol, "price_usd": _usd(balance.price)}
    row |= {name: _tokens(units, balance.decimals) for name, units in amounts.items()}
    row |= {f"{name}_usd": _worth(units, balance.decimals, balance.price) for name, units in amounts.items()}
    return row | {"utilisation_percent": _percent(balance.utilisation_wad)}
