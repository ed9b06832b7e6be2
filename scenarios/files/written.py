"""A run as files: one JSON document with everything, and tables of comma-separated values in tokens and dollars."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pooltwin.protocol.files import write_text, written_whole
from pooltwin.protocol.version import __version__

from ..engine.record import Call, Liquidation, Print, Row, Sale, plain
from ..units import PRICE_UNIT, from_units, moment
from .assumed import assumed, changed
from .result import ScenarioResult
from .verdict import verdict

FORMAT = "pooltwin scenario result 1"
TABLES = ("reserves", "prices", "calls", "sales", "liquidations")


def summary(result: ScenarioResult) -> dict[str, Any]:
    """Tell a run as data, without its record."""
    laws = result.laws
    return {
        "format": FORMAT,
        "version": __version__,
        "scenario": result.scenario.complete(),
        "set": [list(line) for line in changed(result)],
        "market": result.market,
        "revision": result.revision,
        "lenders_lost": result.lenders_lost,
        "verdict": list(verdict(result)),
        "assumed": list(assumed(result)),
        "laws": {
            "asked": laws.when,
            "tested": laws.tested,
            "broken": [{"id": law.id, "count": law.count, "told": law.told} for law in laws.broken],
        },
        "first": plain(result.first),
        "last": plain(result.last),
        "digest": result.digest(),
        "state_digest": result.state_digest,
    }


def write_result(result: ScenarioResult, path: Path) -> None:
    """Write a run with its whole record as JSON, an entry of the record a line. Raises OSError."""
    head = json.dumps(summary(result), indent=2, ensure_ascii=False).removesuffix("\n}")
    with written_whole(path) as file:
        file.write(f'{head},\n  "record": [')
        for number, line in enumerate(result.record.lines()):
            file.write(f"{',' if number else ''}\n    {line}")
        file.write("\n  ]\n}\n")


def write_tables(result: ScenarioResult, folder: Path, stem: str) -> list[Path]:
    """Write the tables of a run, each whole. Returns the files. Raises OSError."""
    made = {
        "reserves": _reserves(result),
        "prices": _prices(result),
        "calls": _calls(result),
        "sales": _sales(result),
        "liquidations": _liquidations(result),
    }
    paths = []
    for name, rows in made.items():
        paths.append(folder / f"{stem}.{name}.csv")
        write_text(paths[-1], _text(rows))
    return paths


def _text(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _when(entry: Row | Print | Call | Sale | Liquidation) -> tuple[str, int]:
    return f"{moment(entry.time):%Y-%m-%dT%H:%M:%SZ}", entry.block


def _usd(base: int) -> str:
    return f"{from_units(base, 8):f}"


def _reserves(result: ScenarioResult) -> Iterator[Iterable[Any]]:
    """One line for each row of measurements and reserve."""
    yield (
        *("time", "block", "reserve", "owed_to_lenders", "withdrawable", "owed_by_borrowers", "utilisation"),
        *("deficit", "price_usd", "owed_to_lenders_usd", "deficit_usd", "liquidatable_at_print"),
        *("uncovered_at_print_usd", "liquidatable", "uncovered_usd", "lenders_loss_usd"),
    )
    for row in result.record.rows:
        whole = (
            *(row.liquidatable_at_print, _usd(row.uncovered_at_print_base)),
            *(row.liquidatable, _usd(row.uncovered_base), _usd(row.lenders_loss_base)),
        )
        for asset, state in row.reserves.items():
            tokens = _Tokens(result, asset)
            worth = row.worth[asset]
            yield (
                *_when(row),
                asset,
                *(tokens(state.owed_to_lenders), tokens(state.withdrawable), tokens(state.owed_by_borrowers)),
                f"{from_units(state.utilisation_wad, 18):f}",
                tokens(state.deficit),
                _usd(worth),
                *(tokens.usd(state.owed_to_lenders, worth), tokens.usd(state.deficit, worth)),
                *whole,
            )


class _Tokens:
    """Writes amounts of one asset."""

    def __init__(self, result: ScenarioResult, asset: str) -> None:
        self.decimals = result.decimals[asset]

    def __call__(self, units: int) -> str:
        """Write an amount in whole tokens, exactly."""
        return f"{from_units(units, self.decimals):f}"

    def usd(self, units: int, price: int) -> str:
        """Write what an amount is worth, in dollars to the cent, rounded down."""
        return f"{from_units(units * price * 100 // (10**self.decimals * PRICE_UNIT), 2):f}"


def _prices(result: ScenarioResult) -> Iterator[Iterable[Any]]:
    yield "time", "block", "asset", "outside_usd", "pool_usd", "printed"
    for each in result.record.prints:
        yield (*_when(each), each.asset, _usd(each.raw), _usd(each.reported), int(each.is_print))


def _calls(result: ScenarioResult) -> Iterator[Iterable[Any]]:
    yield "time", "block", "agent", "function", "arguments", "taken", "refusal", "reason"
    for call in result.record.calls:
        arguments = json.dumps(plain(call.arguments), ensure_ascii=False)
        yield (*_when(call), call.agent, call.function, arguments, int(call.ok), call.words, call.reason)


def _sales(result: ScenarioResult) -> Iterator[Iterable[Any]]:
    yield "time", "block", "agent", "asset", "amount", "proceeds_usd", "into", "received"
    for sale in result.record.sales:
        received = _Tokens(result, sale.into)(sale.received) if sale.into else _usd(sale.received)
        amount = _Tokens(result, sale.asset)(sale.amount)
        yield (*_when(sale), sale.agent, sale.asset, amount, _usd(sale.proceeds_base), sale.into or "USD", received)


def _liquidations(result: ScenarioResult) -> Iterator[Iterable[Any]]:
    yield (
        *("time", "block", "liquidator", "borrower", "collateral", "debt", "repaid", "received"),
        *("repaid_usd", "received_usd", "a_tokens"),
    )
    for each in result.record.liquidations:
        yield (
            *_when(each),
            *(each.liquidator, each.borrower, each.collateral, each.debt),
            *(_Tokens(result, each.debt)(each.repaid), _Tokens(result, each.collateral)(each.received)),
            *(_usd(each.repaid_base), _usd(each.received_base), int(each.a_tokens)),
        )
