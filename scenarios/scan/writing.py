"""A scan as a file: one row for each account, CSV or Parquet, written whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from pooltwin.protocol.files import write_bytes, written_whole

from .numeric import Array
from .results import AccountTable
from .risk import ShockRow

KINDS = (".csv", ".parquet")
_ROWS = 1 << 14


def check_kind(path: Path) -> None:
    """Refuse a file that is neither CSV nor Parquet by its name. Raises ValueError."""
    if path.suffix.lower() not in KINDS:
        raise ValueError(f"{path}: accounts are written as .csv or .parquet")


def write_accounts(path: Path, table: AccountTable, shocks: Sequence[ShockRow]) -> None:
    """Write the figures of all accounts, and of each shock who can be liquidated.

    Integers are written whole; where the view reverts, nothing. Raises ValueError for another kind of file, OSError,
    and ImportError for Parquet without pyarrow.
    """
    check_kind(path)
    columns = {**table.columns(), **{f"liquidatable: {row.name}": row.found.mask for row in shocks}}
    if path.suffix.lower() == ".csv":
        _write_csv(path, columns)
    else:
        write_bytes(path, _parquet(columns))


def _write_csv(path: Path, columns: dict[str, Array]) -> None:
    with written_whole(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for start in range(0, len(columns["account"]), _ROWS):
            parts = [column[start : start + _ROWS].tolist() for column in columns.values()]
            writer.writerows(
                ["" if cell is None else str(cell).lower() if isinstance(cell, bool) else cell for cell in row]
                for row in zip(*parts, strict=True)
            )


def _parquet(columns: dict[str, Array]) -> bytes:
    arrow, parquet = _needed("pyarrow"), _needed("pyarrow.parquet")
    table = arrow.table({name: _arrow_column(arrow, column) for name, column in columns.items()})
    written = BytesIO()
    parquet.write_table(table, written)
    return written.getvalue()


def _arrow_column(arrow: Any, column: Array) -> Any:
    """Make a column: 64-bit integers where all fit, else decimal strings, as a health factor of 2**256 - 1 needs."""
    if column.dtype != object:
        return arrow.array(column)
    return arrow.array([None if cell is None else str(cell) for cell in column.tolist()], arrow.string())


def _needed(library: str) -> Any:
    try:
        return import_module(library)
    except ImportError:
        raise ImportError("pyarrow is needed for Parquet: pip install 'pooltwin[tables]'") from None
