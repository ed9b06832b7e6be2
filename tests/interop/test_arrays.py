"""Columns for NumPy, Arrow and pandas: every integer comes back as it was."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.interop import as_arrow, as_columns, as_numpy, as_pandas

from tests.unit.worlds import lived_in

ACCOUNTS = st.dictionaries(
    st.text("0123456789abcdef", min_size=1),
    st.one_of(st.integers(0, 2**63 - 1), st.integers(0, 10**76 - 1), st.integers(0, 2**256 - 1)),
    max_size=6,
)


@given(ACCOUNTS)
def test_no_digit_is_lost(factors: dict[str, int]) -> None:
    values = list(factors.values())
    assert as_numpy(factors)["health_factor"].tolist() == values
    assert as_pandas(factors)["health_factor"].tolist() == values
    assert [int(value) for value in as_arrow(factors)["health_factor"].to_pylist()] == values


@pytest.mark.parametrize(
    ("value", "dtype", "arrow"),
    [
        (2**63 - 1, "int64", "int64"),
        (2**63, "object", "decimal256(76, 0)"),
        (10**76, "object", "string"),
        (True, "bool", "bool"),
    ],
)
def test_the_narrowest_type_that_keeps_all_is_taken(value: Any, dtype: str, arrow: str) -> None:
    rows = [{"amount": value}, {"amount": type(value)(0)}]
    assert str(as_numpy(rows)["amount"].dtype) == dtype
    assert str(as_arrow(rows).schema.field("amount").type) == arrow


def test_positions_of_a_market() -> None:
    rows = lived_in("3.7").positions()
    columns = as_columns(rows)
    for made in (as_numpy(rows), as_arrow(rows).to_pydict(), as_pandas(rows)):
        assert [int(value) for value in made["supply"]] == columns["supply"] == [row.supply for row in rows]
        assert list(made["account"]) == [row.account for row in rows]
        assert list(made["is_collateral"]) == [row.is_collateral for row in rows]


class _Row(NamedTuple):
    one: int


def test_rows_with_different_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="row 1 has the columns two, not one"):
        as_columns([_Row(1), {"two": 2}])
    assert as_columns([]) == {}


@pytest.mark.parametrize(("make", "library"), [(as_numpy, "numpy"), (as_arrow, "pyarrow"), (as_pandas, "pandas")])
def test_a_library_that_is_absent_is_named(make: Any, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(ImportError, match=f"{library} is needed for this: pip install {library}"):
        make({"a": 1})
