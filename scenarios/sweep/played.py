"""Scenario files as a study: each run is a scenario with other values at some places.

The parameters of a run are the scenario with every default written out, and under `beside` what the scenario needs
that is not in it: the files that it names, as text, and digests of the modules of agents of one's own. So a run can be
done anywhere, and its key changes with any of that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pooltwin.fixtures.shipped import is_path
from pooltwin.protocol.files import reason_of
from pooltwin.protocol.refusal import read_model

from ..files.result import ScenarioResult
from ..files.run import run_scenario
from ..files.scenario import Scenario
from .columns import LENDERS_LOST, Cell, Column, ColumnKind, Row
from .study import BESIDE, digest_of_module

LARGEST_FILE = 1_000_000
"""Bytes. Every run of a sweep carries the files that its scenario names."""
COLUMNS = (
    LENDERS_LOST,
    Column("lenders_loss_usd_e8", ColumnKind.EXACT, "most lost by lenders, USD", "most", 8),
    Column("written_off_usd_e8", ColumnKind.EXACT, "most bad debt written off, USD", "most", 8),
    Column("uncovered_at_print_worst_usd_e8", ColumnKind.EXACT, "most debt uncovered at a print, USD", "most", 8),
    Column("uncovered_end_usd_e8", ColumnKind.EXACT, "", "", 8),
    Column("liquidatable_at_print_most", ColumnKind.COUNT, "most accounts liquidatable at a print", "most"),
    Column("liquidation_calls", ColumnKind.COUNT, "most liquidation calls", "most"),
    Column("liquidated_accounts", ColumnKind.COUNT),
    Column("repaid_by_liquidators_usd_e8", ColumnKind.EXACT, "most repaid by liquidators, USD", "most", 8),
    Column("received_by_liquidators_usd_e8", ColumnKind.EXACT, "", "", 8),
    Column("withdrawable_share_least_wad", ColumnKind.EXACT, "least part withdrawable of a reserve", "least", 18),
    Column("calls", ColumnKind.COUNT),
    Column("refusals", ColumnKind.COUNT, "most calls that were refused", "most"),
    Column("laws_broken", ColumnKind.COUNT, "most laws broken", "most"),
    Column("state_digest", ColumnKind.TEXT),
)


class Played:
    """A scenario file, played."""

    seed_path = "seed"

    def complete(self, parameters: str, folder: Path) -> str:
        """Check a scenario, write every default out, and add what it needs. Raises ValueError."""
        data = json.loads(parameters)
        if isinstance(data, dict):
            data.pop(BESIDE, None)
        whole = read_model(Scenario, json.dumps(data)).complete()
        beside = {
            "files": {name: _text_of(folder / name, name) for name in sorted(set(_files_in(whole)))},
            "code": {kind: digest_of_module(kind) for agent in whole["agents"] if ":" in (kind := str(agent["kind"]))},
        }
        return json.dumps({**whole, BESIDE: beside})

    def columns(self, parameters: str) -> tuple[Column, ...]:
        """List the columns: those of all scenarios, and the lowest price of each asset whose price moves."""
        return (*COLUMNS, *(Column(_lowest(asset), ColumnKind.EXACT) for asset in json.loads(parameters)["prices"]))

    def run(self, parameters: str) -> tuple[Row, str]:
        """Play once, with the files that it needs in a folder of their own for as long as that takes."""
        data = json.loads(parameters)
        beside = data.pop(BESIDE)
        with TemporaryDirectory(prefix="pooltwin-sweep-") as name:
            places = {}
            for number, (file, text) in enumerate(beside["files"].items()):
                place = Path(name) / f"{number}{Path(file).suffix}"
                place.write_text(text, encoding="utf-8")
                places[file] = str(place)
            scenario = read_model(Scenario, json.dumps(_with_files_at(data, places)))
            result = run_scenario(scenario, Path(name))
        return figures_of(result), result.digest()


def figures_of(result: ScenarioResult) -> Row:
    """Read the figures of a run's row. Dollars have 8 decimals."""
    rows, record, tightest = result.record.rows, result.record, result.tightest
    lowest: dict[str, Cell] = {
        _lowest(asset): min(
            *(row.prices[asset][1] for row in rows if asset in row.prices),
            *(each.reported for each in record.prints if each.asset == asset),
            10**30,
        )
        for asset in result.scenario.prices
    }
    return {
        LENDERS_LOST.name: result.lenders_lost,
        "lenders_loss_usd_e8": result.last.lenders_loss_base,
        "written_off_usd_e8": sum(each.amount_base for each in record.written_off),
        "uncovered_at_print_worst_usd_e8": max(row.uncovered_at_print_base for row in rows),
        "uncovered_end_usd_e8": result.last.uncovered_base,
        "liquidatable_at_print_most": max(row.liquidatable_at_print for row in rows),
        "liquidation_calls": len(record.liquidations),
        "liquidated_accounts": len({call.borrower for call in record.liquidations}),
        "repaid_by_liquidators_usd_e8": sum(call.repaid_base for call in record.liquidations),
        "received_by_liquidators_usd_e8": sum(call.received_base for call in record.liquidations),
        "withdrawable_share_least_wad": None if tightest is None else tightest.share_wad,
        "calls": len(record.calls),
        "refusals": len(record.refusals),
        "laws_broken": None if result.laws.when == "off" else len(result.laws.broken),
        "state_digest": result.state_digest,
        **lowest,
    }


def _lowest(asset: str) -> str:
    return f"lowest_price_{asset}_usd_e8"


def _files_in(scenario: Mapping[str, Any]) -> Iterator[str]:
    """List the files that a scenario names: its market's, and those of paths."""
    market = scenario["market"]
    if isinstance(market, str) and is_path(market):
        yield market
    for prices in scenario["prices"].values():
        if prices["path"].get("file") is not None:
            yield prices["path"]["file"]


def _with_files_at(scenario: dict[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    """Give a scenario that names the same files where they are now."""
    market = scenario["market"]
    moved = {
        asset: {**prices, "path": {**prices["path"], "file": places[prices["path"]["file"]]}}
        if prices["path"].get("file") is not None
        else prices
        for asset, prices in scenario["prices"].items()
    }
    return {**scenario, "market": places.get(market, market) if isinstance(market, str) else market, "prices": moved}


def _text_of(path: Path, name: str) -> str:
    try:
        told = path.stat()
        text = _text_as_it_is(path, told.st_mtime_ns, told.st_size)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{name}: {reason_of(error)}") from None
    if len(text) > LARGEST_FILE:
        raise ValueError(f"{name}: has {len(text):,} characters; a sweep takes files of up to {LARGEST_FILE:,}")
    return text


@lru_cache(maxsize=64)
def _text_as_it_is(path: Path, _changed_at: int, _size: int) -> str:
    """Read a file once for all runs of a plan, and again when it has changed."""
    return path.read_text(encoding="utf-8")


SCENARIO = Played()
