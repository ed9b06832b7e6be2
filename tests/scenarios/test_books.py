"""Books of accounts: columns of shares, exact to the last unit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.protocol import named_address
from pooltwin.scenarios.books.book import Book
from pooltwin.scenarios.books.columns import Column

AMOUNTS = st.dictionaries(st.integers(0, 1000), st.integers(0, 2**128 - 1), max_size=30)


@given(AMOUNTS)
def test_a_column_keeps_every_digit(amounts: dict[int, int]) -> None:
    column = Column.of(list(amounts), amounts.values())
    kept = {account: amount for account, amount in sorted(amounts.items()) if amount}
    assert dict(zip(column.accounts.tolist(), column.amounts(), strict=True)) == kept
    assert column.total == sum(amounts.values())
    assert all(column.amount(account) == amounts.get(account, 0) for account in range(1001))


@pytest.mark.parametrize(
    ("accounts", "amounts", "said"),
    [([1, 1], [2, 3], "account 1 is there twice"), ([1], [2**128], "no amount"), ([1], [-1], "-1 is no amount")],
)
def test_a_column_refuses_what_it_cannot_hold(accounts: list[int], amounts: list[int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Column.of(accounts, amounts)


def a_book(**changed: Column) -> Book:
    supplied = {"WETH": Column.of([0, 2], [5, 7])} | changed
    flags = {"WETH": np.array([True, False])}
    return Book(
        "small", 3, ("WETH", "USDC"), supplied, {"USDC": Column.of([1], [9])}, flags, np.array([0, 1, 0], np.uint8)
    )


def test_a_book_tells_one_account() -> None:
    book = a_book()
    assert book.state(0).reserves["WETH"].collateral
    assert not book.state(2).reserves["WETH"].collateral
    assert book.state(1).e_mode == 1
    assert book.state(1).reserves["USDC"].scaled_variable_debt == 9
    assert book.address(1) == named_address("book small: 1")
    with pytest.raises(IndexError, match="there is no account 3"):
        book.state(3)


def test_the_digest_of_a_book_tells_books_apart() -> None:
    assert a_book().digest() == a_book().digest()
    assert a_book().digest() != a_book(WETH=Column.of([0, 2], [5, 8])).digest()
