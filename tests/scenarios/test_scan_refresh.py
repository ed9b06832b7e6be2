"""Scans kept up to date by the journal, and scans of books and of plain columns."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.protocol.address import named_address
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.market import Market
from pooltwin.protocol.upgrades import upgrade
from pooltwin.scenarios.books.book import Book
from pooltwin.scenarios.books.columns import Column
from pooltwin.scenarios.scan.columns import Columns, of_pool
from pooltwin.scenarios.scan.scan import Scan
from pooltwin.scenarios.scan.touched import Touched

from ..unit.calls import crowded
from ..unit.planted import plant
from ..unit.worlds import ALICE, ALL_REVISIONS, BOB, DOLLAR, USDC, USERS, WETH, lived_in
from .test_scan import assert_as_viewed


def many(revision: str, people: int = 400, beginning: Callable[[str], Market] = lived_in) -> Market:
    """A market with so many accounts that a few that are touched are few."""
    market = beginning(revision)
    for number in range(people):
        user = named_address(f"one of many {number}")
        market.pool.users_config[user] = 6
        market.a_token("WETH").scaled_balances[user] = 10**18 + number
        market.debt_token("USDC").scaled_balances[user] = 10**9 + number
    return market


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=8)
@given(data=st.data())
def test_whatever_happens_in_between(revision: str, data: st.DataObject) -> None:
    """Calls, prices, time, snapshots that are come back to, planted states: a refreshed scan knows."""
    market, snapshots = many(revision, beginning=crowded), []
    scan = Scan.of(market)
    for _ in range(6):
        match data.draw(st.integers(0, 5)):
            case 0:
                snapshots.append(market.chain.snapshot())
            case 1 if snapshots:
                market.chain.revert_to(snapshots.pop())
            case 2:
                market.set_price(data.draw(st.sampled_from(("WETH", "USDC"))), data.draw(st.integers(1, 10**13)))
            case 3:
                market.chain.advance(data.draw(st.integers(0, 10**6)))
            case 4:
                user = data.draw(st.sampled_from(USERS))
                with suppress(Revert):
                    market.fund("WETH", user, 10**18)
                    market.pool.supply(market.asset("WETH"), 10**18, sender=user)
            case _:
                plant(market, data)
        if data.draw(st.booleans()):
            scan.refresh()
            assert_as_viewed(scan, market)
    scan.refresh()
    assert_as_viewed(scan, market)


def test_only_those_who_were_touched_are_read_again() -> None:
    market = many("3.7")
    scan = Scan.of(market)
    accounts = list(scan.accounts)
    assert scan.refresh() == 0
    newcomer = named_address("a newcomer")
    for user in (ALICE, newcomer):
        market.fund("WETH", user, WETH)
        market.pool.supply(market.asset("WETH"), WETH, sender=user)
    market.chain.advance(60)
    market.set_price("WETH", 1_234 * DOLLAR)
    assert scan.refresh() == 2
    assert list(scan.accounts) == [*accounts, newcomer]
    assert scan.prices["WETH"] == 1_234 * DOLLAR
    assert scan.time == market.chain.time
    assert_as_viewed(scan, market)
    market.pool.withdraw(market.asset("WETH"), WETH, BOB, sender=newcomer)
    assert scan.refresh() == 2
    assert_as_viewed(scan, market)


def test_all_are_read_anew_where_the_journal_cannot_tell() -> None:
    market = many("3.7")
    scan = Scan.of(market)
    market.debt_token("USDC").scaled_balances.load({named_address(f"loaded {n}"): 10**9 for n in range(99)})
    market.pool.users_config.load({named_address(f"loaded {n}"): 4 for n in range(99)})
    assert scan.refresh() == len(market.accounts()) == len(scan)
    assert_as_viewed(scan, market)
    for number in range(100):
        market.a_token("WETH").scaled_balances[named_address(f"one of many {number}")] += 1
    assert scan.refresh() == len(scan)
    assert_as_viewed(scan, market)


@pytest.mark.parametrize("new", ALL_REVISIONS[1:])
def test_an_upgrade_in_between(new: str) -> None:
    market = many(ALL_REVISIONS[0], 50)
    scan = Scan.of(market)
    upgrade(market, new)
    scan.refresh()
    assert_as_viewed(scan, market)
    market.set_price("WETH", 1_100 * DOLLAR)
    scan.refresh()
    assert_as_viewed(scan, market)


def test_a_category_that_gets_a_price_of_its_own() -> None:
    """Until v3.0.2: whose price counts for an account changes, so everything is laid out anew."""
    market = many("3.0.2")
    market.pool.users_e_mode[BOB] = 1
    scan = Scan.of(market)
    category: Any = market.pool.e_modes[1]
    category.price_source = market.asset("WETH")
    assert scan.refresh() == len(scan)
    assert_as_viewed(scan, market)
    category.price_source = named_address("no feed at all")
    scan.refresh()
    assert scan.account_data().fails[list(scan.accounts).index(BOB)]
    assert_as_viewed(scan, market)


def test_a_deaf_watcher_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    market = many("3.7")
    scan = Scan.of(market)
    monkeypatch.setattr(Touched, "taken", lambda touched, pool: set())
    market.debt_token("USDC").scaled_balances[ALICE] *= 2
    scan.refresh()
    with pytest.raises(AssertionError):
        assert_as_viewed(scan, market)


def test_a_picture_stays_as_it_was() -> None:
    market = many("3.7", 20)
    before, scan = market.fork(), Scan.of(market)
    market.set_price("WETH", DOLLAR)
    market.chain.advance(10**6)
    market.pool.e_modes[1].liquidation_threshold = 1
    market.fund("USDC", ALICE, 10 * USDC)
    market.pool.repay(market.asset("USDC"), 10 * USDC, sender=ALICE)
    assert_as_viewed(scan, before)


# --- books and plain columns ------------------------------------------------------------------------------------------


def book_of(market: Market) -> Book:
    """All accounts of a market as a book."""
    accounts, pool = market.accounts(), market.pool
    numbers = range(len(accounts))
    supplied, owed, collateral = {}, {}, {}
    for key, asset in market.assets.items():
        bit = 2 * pool.reserves[asset].id
        supplied[key] = Column.of(numbers, [market.a_token(key).scaled_balances[user] for user in accounts])
        held = [accounts[number] for number in supplied[key].accounts.tolist()]
        collateral[key] = np.array([bool(pool.users_config[user] >> bit & 2) for user in held], np.bool_)
        debts = [
            market.debt_token(key).scaled_balances[user] if pool.users_config[user] >> bit & 1 else 0
            for user in accounts
        ]
        owed[key] = Column.of(numbers, debts)
    modes = np.array([pool.users_e_mode[user] for user in accounts], np.uint8)
    named = {number: (f"account {number}", account) for number, account in enumerate(accounts)}
    return Book("all", len(accounts), tuple(market.assets), supplied, owed, collateral, modes, named=named)


@pytest.mark.parametrize("revision", ["3.2", "3.4", "3.7"])
def test_a_book_is_scanned_as_its_accounts_would_be(revision: str) -> None:
    market = many(revision, 60)
    market.pool.users_e_mode[BOB] = 1
    scan = Scan.of(market, book_of(market))
    assert list(scan.accounts) == market.accounts()
    assert scan.accounts[:2] == market.accounts()[:2]
    assert_as_viewed(scan, market)
    market.set_price("WETH", 900 * DOLLAR)
    market.chain.advance(10_000)
    assert scan.refresh() == 0
    assert_as_viewed(scan, market)


def test_a_book_of_another_market_is_refused() -> None:
    market = many("3.7", 5)
    book = book_of(market)
    renamed = replace(
        book,
        reserves=("OTHER",),
        supplied_scaled={"OTHER": book.supplied("WETH")},
        collateral={"OTHER": book.collateral["WETH"]},
    )
    with pytest.raises(ValueError, match="the book has accounts in OTHER, which the market does not list"):
        Scan.of(market, renamed)


def test_plain_columns_are_scanned() -> None:
    market = many("3.7", 30)
    columns = of_pool(market.pool)
    scan = Scan(market, Columns(columns.e_modes, columns.sides, columns.accounts))
    assert_as_viewed(scan, market)
    assert len(Scan(market, of_pool(market.pool, [ALICE]))) == 1


def test_a_market_without_accounts() -> None:
    market = lived_in("3.7")
    scan = Scan(market, of_pool(market.pool, []))
    assert len(scan) == len(scan.account_data()) == len(scan.health_factors()) == 0
    assert scan.liquidatable()[0].count == 0
    assert len(scan.liquidation_prices("WETH").ways) == 0
