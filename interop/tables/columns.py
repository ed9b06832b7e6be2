"""Columns of a table, wherever it comes from: a CSV or Parquet file, pandas, polars, PyArrow, or a list of mappings."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from .errors import TableError

MOST_NAMES = 30


@dataclass(frozen=True)
class Columns:
    """The cells of a table, column by column; None where there is nothing. Rows are counted from 1."""

    name: str
    """What messages call the table."""
    count: int
    cells: Mapping[str, list[Any]]


def columns_of(table: Any) -> Columns:
    """Read a table whole. Raises TableError for a file that is none, and TypeError for something else."""
    if isinstance(table, str | Path):
        return _of_file(Path(table))
    if hasattr(table, "column_names") and hasattr(table, "column"):
        return _of_arrow(table, "the table")
    if hasattr(table, "get_column") and hasattr(table, "columns"):  # polars
        return _checked("the table", {str(name): table.get_column(name).to_list() for name in table.columns})
    if hasattr(table, "notna") and hasattr(table, "columns"):  # pandas
        whole = table.astype(object).where(table.notna(), None)
        return _checked("the table", {str(name): whole[name].tolist() for name in table.columns})
    if isinstance(table, Iterable) and not isinstance(table, Mapping | bytes):
        return _of_mappings(table)
    raise TypeError(
        f"{type(table).__name__} is no table: give the path of a CSV or Parquet file, a DataFrame, a PyArrow table or "
        "a list of mappings"
    )


def _checked(name: str, cells: dict[str, list[Any]]) -> Columns:
    lengths = {len(column) for column in cells.values()}
    if len(lengths) > 1:
        raise TableError(name, ["its columns are not equally long"])
    return Columns(name, lengths.pop() if lengths else 0, cells)


def _of_file(path: Path) -> Columns:
    if path.suffix.lower() == ".parquet":
        return _of_parquet(path)
    if path.suffix.lower() == ".csv":
        return _of_csv(path)
    raise TableError(str(path), [f"a table is a file that ends in .csv or .parquet, not in {path.suffix!r}"])


def _of_csv(path: Path) -> Columns:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(str(path), [f"it cannot be read: {error}"]) from None
    faults = [f"column {name!r} is there twice" for name in dict.fromkeys(header) if header.count(name) > 1]
    while rows and not rows[-1]:
        del rows[-1]  # empty lines at the end
    faults += [
        f"row {number} has {len(row)} cells, the header {len(header)}"
        for number, row in enumerate(rows, 1)
        if len(row) != len(header)
    ]
    if faults or not header:
        raise TableError(str(path), faults or ["it is empty: it has no header"])
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in header]
    return _checked(str(path), dict(zip(header, columns, strict=True)))


def _of_parquet(path: Path) -> Columns:
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise TableError(
            str(path), ["reading Parquet needs pyarrow, which is not installed: pip install 'pooltwin[tables]'"]
        ) from None
    try:
        return _of_arrow(parquet.read_table(path), str(path))
    except (OSError, arrow.ArrowException) as error:
        raise TableError(str(path), [f"it cannot be read: {error}"]) from None


def _of_arrow(table: Any, name: str) -> Columns:
    return _checked(name, {column: table.column(column).to_pylist() for column in table.column_names})


def _of_mappings(rows: Iterable[Any]) -> Columns:
    taken = list(rows)
    names: dict[str, None] = {}
    for number, row in enumerate(taken, 1):
        if not isinstance(row, Mapping):
            raise TableError("the table", [f"row {number} is {row!r:.60}, not a mapping from columns to cells"])
        names.update(dict.fromkeys(row))
    return Columns("the table", len(taken), {name: [row.get(name) for row in taken] for name in names})
