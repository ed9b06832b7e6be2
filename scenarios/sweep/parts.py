"""The table of a sweep on disk: a Parquet part for each finished chunk, written whole, and the table made of them.

A part is named by the keys that it holds, so whoever finishes the same chunk writes the same file. Nothing in a part or
in the table tells when or by whom it was made.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from pooltwin.protocol.files import write_bytes, write_text

from .columns import ERROR, KEY, RESULT_DIGEST, Cell, Column, ColumnKind
from .file import FORMAT
from .study import SweepError

PARTS, TABLE, CSV = "parts", "table.parquet", "table.csv"
MOST_ROWS_OF_CSV = 10_000
"""A table of fewer rows is also written as CSV."""
REMOVE = "remove it, and its runs are done again"
DIGITS = 38
"""The widest decimal that DuckDB and polars read."""


def arrow() -> Any:
    """Import pyarrow with its Parquet. Raises SweepError where it is not installed."""
    try:
        import_module("pyarrow.parquet")
    except ImportError:
        raise SweepError("a sweep writes Parquet and needs pyarrow: pip install 'pooltwin[sweep]'") from None
    return import_module("pyarrow")


class Store:
    """The parts of one sweep: those of its folder that hold runs of its plan."""

    def __init__(self, folder: Path, columns: tuple[Column, ...]) -> None:
        self.folder = folder
        self.columns = columns

    def write_part(self, rows: Sequence[Mapping[str, Cell]]) -> Path:
        """Write the rows of a finished chunk as one part. Raises OSError."""
        parts = self.folder / PARTS
        parts.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256("".join(sorted(str(row[KEY.name]) for row in rows)).encode()).hexdigest()[:32]
        path = parts / f"{name}.parquet"
        write_bytes(path, self._bytes_of(self._table_of(sorted(rows, key=lambda row: str(row[KEY.name])))))
        return path

    def read_parts(self, keys: Iterable[str]) -> dict[str, dict[str, Cell]]:
        """Read the rows of these keys, from whatever parts there are.

        Raises SweepError for a file that is no part, and for one run with two results.
        """
        wanted, found, places = set(keys), dict[str, dict[str, Cell]](), dict[str, Path]()
        for path in sorted((self.folder / PARTS).glob("*.parquet")):
            for row in self._rows_of(path, wanted):
                key = str(row[KEY.name])
                if key in found and row != found[key]:
                    raise SweepError(
                        f"one run has two results: {key} has result_digest {found[key][RESULT_DIGEST.name]} in "
                        f"{places[key]} and {row[RESULT_DIGEST.name]} in {path}; remove the part that is wrong"
                    )
                found[key], places[key] = row, path
        return found

    def write_table(self, rows: Iterable[Mapping[str, Cell]]) -> tuple[Path, ...]:
        """Write the whole table, sorted by key, and as CSV too where it is short. Returns what was written."""
        whole = sorted(rows, key=lambda row: str(row[KEY.name]))
        table, text = self.folder / TABLE, self.folder / CSV
        write_bytes(table, self._bytes_of(self._table_of(whole)))
        if len(whole) >= MOST_ROWS_OF_CSV:
            text.unlink(missing_ok=True)
            return (table,)
        write_text(text, self._csv_of(whole))
        return table, text

    def _schema(self) -> Any:
        pa = arrow()
        types = {
            ColumnKind.COUNT: pa.int64(),
            ColumnKind.EXACT: pa.decimal128(DIGITS, 0),
            ColumnKind.FLAG: pa.bool_(),
            ColumnKind.TEXT: pa.string(),
        }
        fields = [pa.field(column.name, types[column.kind]) for column in self.columns]
        return pa.schema(fields, metadata={"format": FORMAT})

    def _table_of(self, rows: Sequence[Mapping[str, Cell]]) -> Any:
        schema = self._schema()
        arrays = [[_stored(column, row[column.name]) for row in rows] for column in self.columns]
        pa = arrow()
        return pa.table([pa.array(cells, field.type) for cells, field in zip(arrays, schema, strict=True)], schema)

    def _bytes_of(self, table: Any) -> bytes:
        content = BytesIO()
        arrow().parquet.write_table(table, content, compression="zstd")
        return content.getvalue()

    def _rows_of(self, path: Path, wanted: set[str]) -> Iterator[dict[str, Cell]]:
        pa = arrow()
        try:
            held = pa.parquet.read_table(path, columns=[KEY.name]).column(KEY.name).to_pylist()
            if wanted.isdisjoint(held):
                return
            table = pa.parquet.read_table(path, columns=[column.name for column in self.columns])
        except (pa.ArrowException, KeyError, OSError) as error:
            reason = str(error).partition("\n")[0]
            raise SweepError(f"{path} is no part of a sweep ({reason}); {REMOVE}") from error
        if table.schema != self._schema():
            raise SweepError(f"{path} has other columns than this sweep; {REMOVE}")
        for row in table.to_pylist():
            if row[KEY.name] in wanted:
                yield {name: int(cell) if isinstance(cell, Decimal) else cell for name, cell in row.items()}

    def _csv_of(self, rows: Sequence[Mapping[str, Cell]]) -> str:
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([column.name for column in self.columns])
        writer.writerows([written(row[column.name]) for column in self.columns] for row in rows)
        return text.getvalue()


def failed(row: Mapping[str, Cell]) -> bool:
    """Tell whether a row is that of a run that failed."""
    return row[ERROR.name] is not None


def _stored(column: Column, cell: Cell) -> Any:
    return Decimal(cell) if column.kind is ColumnKind.EXACT and cell is not None else cell


def written(cell: Cell) -> str:
    """Write a cell as CSV has it: nothing for None, true and false as in JSON, integers whole."""
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
