"""Columns for tools that work on arrays: 64-bit integers where all fit, otherwise a type that keeps every digit.

A column of integers beyond 64 bits is one of Python integers (dtype object) in NumPy and pandas; in Arrow it is a
decimal of 76 digits, and a column of decimal strings where even that is too narrow, as for the health factor
2**256 - 1. Nothing is ever rounded to a float.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

INT64 = range(-(2**63), 2**63)
DECIMAL = range(-(10**76) + 1, 10**76)


def as_columns(rows: Iterable[Any] | Mapping[str, int]) -> dict[str, list[Any]]:
    """Turn rows into columns: named tuples, dictionaries with equal keys, or what `health_factors` returns.

    Raises ValueError for dictionaries with different keys.
    """
    if isinstance(rows, Mapping):
        return {"account": list(rows), "health_factor": list(rows.values())}
    listed: list[Any] = list(rows)
    read = [row if isinstance(row, Mapping) else row._asdict() for row in listed]
    names = list(read[0]) if read else []
    for number, row in enumerate(read):
        if list(row) != names:
            raise ValueError(f"row {number} has the columns {', '.join(row)}, not {', '.join(names)}")
    return {name: [row[name] for row in read] for name in names}


def as_numpy(rows: Iterable[Any] | Mapping[str, int]) -> dict[str, Any]:
    """Make a NumPy array of each column. Raises ImportError, saying what to install, without NumPy."""
    numpy = _needed("numpy")
    return {name: numpy.array(values, dtype=_dtype(values)) for name, values in as_columns(rows).items()}


def as_pandas(rows: Iterable[Any] | Mapping[str, int]) -> Any:
    """Make a DataFrame. Raises ImportError, saying what to install, without pandas."""
    return _needed("pandas").DataFrame(as_numpy(rows))


def as_arrow(rows: Iterable[Any] | Mapping[str, int]) -> Any:
    """Make an Arrow table. Raises ImportError, saying what to install, without pyarrow."""
    arrow = _needed("pyarrow")
    return arrow.table({name: _arrow_column(arrow, values) for name, values in as_columns(rows).items()})


def _integers(values: list[Any]) -> bool:
    return bool(values) and all(type(value) is int for value in values)


def _dtype(values: list[Any]) -> str:
    if values and all(type(value) is bool for value in values):
        return "bool"
    return "int64" if _integers(values) and all(value in INT64 for value in values) else "object"


def _arrow_column(arrow: Any, values: list[Any]) -> Any:
    if not _integers(values) or all(value in INT64 for value in values):
        return arrow.array(values)
    if all(value in DECIMAL for value in values):
        return arrow.array([str(value) for value in values]).cast(arrow.decimal256(76, 0))
    return arrow.array([str(value) for value in values])


def _needed(library: str) -> Any:
    try:
        return import_module(library)
    except ImportError:
        raise ImportError(f"{library} is needed for this: pip install {library}") from None
