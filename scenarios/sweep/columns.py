"""Columns of the table of a sweep: names that carry units, and types that keep every integer exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

Cell = int | bool | str | None
"""One figure of one run."""
Row = Mapping[str, Cell]
"""All figures of one run, by the names of their columns."""


class ColumnKind(Enum):
    """Types of columns, in Parquet and CSV."""

    COUNT = "count"
    """An integer of 64 bits: counts and seconds."""
    EXACT = "exact"
    """An integer of up to 38 digits, as decimal128(38, 0): amounts in the smallest unit, dollars with 8 decimals."""
    FLAG = "flag"
    TEXT = "text"


class CellError(ValueError):
    """A figure that its column cannot hold exactly. Names column and figure."""


@dataclass(frozen=True)
class Column:
    """One column of a sweep's table."""

    name: str
    """With its unit at the end, as `uncovered_worst_usd_e8`."""
    kind: ColumnKind
    told: str = ""
    """How the summary calls its extreme, with the unit shown: "most bad debt written off, USD"."""
    extreme: Literal["", "least", "most"] = ""
    """Which end of it the sweep's summary names, if any."""
    unit: int = 0
    """How many decimals a figure has when it is shown to people."""

    def checked(self, cell: Cell) -> Cell:
        """Give a figure back if the column holds it exactly. Raises CellError."""
        if cell is None:
            return None
        if self.kind is ColumnKind.FLAG or self.kind is ColumnKind.TEXT:
            if type(cell) is not (bool if self.kind is ColumnKind.FLAG else str):
                raise CellError(f"{self.name}: {cell!r} is no {self.kind.value}")
            return cell
        if type(cell) is not int:
            raise CellError(f"{self.name}: {cell!r} is no integer")
        most = 2**63 - 1 if self.kind is ColumnKind.COUNT else 10**38 - 1
        if abs(cell) > most:
            raise CellError(f"{self.name}: {cell} is beyond {most}, the most that its column holds")
        return cell


KEY = Column("key", ColumnKind.TEXT)
ERROR = Column("error", ColumnKind.TEXT)
RESULT_DIGEST = Column("result_digest", ColumnKind.TEXT)
LENDERS_LOST = Column("lenders_lost", ColumnKind.FLAG)
"""Every study has this one: its summary counts the runs in which lenders lost."""


def checked_row(columns: tuple[Column, ...], row: Row) -> dict[str, Cell]:
    """Give a run's figures in the order of the columns. Raises CellError for one too many, too few or too large."""
    names = [column.name for column in columns]
    if set(row) != set(names):
        missing, strange = sorted(set(names) - set(row)), sorted(set(row) - set(names))
        raise CellError(f"a run's figures are not its columns: missing {missing}, not expected {strange}")
    return {column.name: column.checked(row[column.name]) for column in columns}
