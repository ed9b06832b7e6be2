"""Books in markets: only those who act are there, and totals, indexes and rates are those of the whole book."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.interop import TableError, load_accounts
from pooltwin.invariants import Monitor, all_laws
from pooltwin.protocol import Market, named_address
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.fitting import fitted
from pooltwin.protocol.market_state.errors import StateError
from pooltwin.protocol.revisions import revision_named
from pooltwin.scenarios.books.book import Book
from pooltwin.scenarios.books.config import LoadedBook, ShippedBook
from pooltwin.scenarios.books.errors import BookError
from pooltwin.scenarios.books.generate import generate
from pooltwin.scenarios.books.load import load_book, make_book
from pooltwin.scenarios.books.placed import PlacedBook
from pooltwin.scenarios.books.shipped import book_settings as read_settings
from pooltwin.scenarios.units import WAD

from . import book_settings

DAY = 86_400
BYSTANDER = named_address("bystander")
ROWS = """\
account,asset,supplied,borrowed,collateral,e_mode
0x0101010101010101010101010101010101010101,WETH,10,,true,1
0x0101010101010101010101010101010101010101,USDC,,9000,,
0x0202020202020202020202020202020202020202,USDC,50000,,false,
0x0303030303030303030303030303030303030303,WETH,5.5,,true,
"""


def figures(market: Market) -> dict[str, tuple[int, ...]]:
    """Totals, liquidity, indexes and rates of every reserve."""
    pool = market.pool
    return {
        key: (
            market.a_token(key).scaled_total_supply(),
            market.debt_token(key).scaled_total_supply(),
            pool.get_virtual_underlying_balance(asset),
            pool.get_reserve_normalized_income(asset),
            pool.get_reserve_normalized_variable_debt(asset),
            pool.reserves[asset].current_liquidity_rate,
            pool.reserves[asset].current_variable_borrow_rate,
            market.erc20(key).total_supply(),
        )
        for key, asset in market.assets.items()
    }


@pytest.fixture(scope="module")
def placed() -> PlacedBook:
    market = book_settings.core_market()
    return PlacedBook.place(market, generate(book_settings.settings(accounts=1000), market))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 1000), max_size=12), max_size=4), st.integers(0, 30))
def test_accounts_that_enter_change_no_total_and_no_rate(
    placed: PlacedBook, groups: list[list[int]], days: int
) -> None:
    market, untouched = placed.market.fork(), placed.market.fork()
    here = placed.fork(market)
    market.chain.set_time(market.chain.time + days * DAY, market.chain.number + days)
    before, book = figures(market), placed.book.digest()
    for group in groups:
        where = here.materialise(group)
        for number, who in zip(group, where, strict=True):
            assert who == placed.book.address(number)
            for key in placed.book.reserves:
                assert market.a_token(key).scaled_balance_of(who) == placed.book.supplied(key).amount(number)
                assert market.debt_token(key).scaled_balance_of(who) == placed.book.owed(key).amount(number)
    assert figures(market) == before
    assert here.inside == {number for group in groups for number in group}
    assert placed.inside == set()
    assert placed.book.digest() == book
    later = market.chain.time + DAY
    for branch in (market, untouched):  # and what comes later is as it would have been
        branch.chain.set_time(later, 1000)
        branch.fund("WETH", BYSTANDER, 10**18)
        branch.erc20("WETH").approve(branch.pool.address, 10**18, sender=BYSTANDER)
        branch.pool.supply(branch.asset("WETH"), 10**18, BYSTANDER, 0, sender=BYSTANDER)
    assert figures(market) == figures(untouched)


def test_the_order_of_entering_does_not_matter(placed: PlacedBook) -> None:
    digests = set()
    for groups in ([[1, 2, 3]], [[3], [1, 2]], [[2, 2], [], [1, 3, 1]]):
        here = placed.fork(placed.market.fork())
        for group in groups:
            here.materialise(group)
        digests.add(here.market.chain.digest())
    assert len(digests) == 1


def test_an_account_that_left_does_not_enter_again(placed: PlacedBook) -> None:
    here = placed.fork(placed.market.fork())
    lender = int(placed.book.members("lenders")[0])
    (who,) = here.materialise([lender])
    (key,) = placed.book.state(lender).reserves
    here.market.pool.withdraw(here.market.asset(key), 2**256 - 1, who, sender=who)
    here.materialise([lender])
    assert here.market.a_token(key).scaled_balance_of(who) == 0


@pytest.mark.parametrize("revision", ["3.2", "3.4", "3.6", "3.7"])
@settings(max_examples=4, deadline=None)
@given(
    st.lists(st.integers(40, 110), min_size=16, max_size=16),
    st.integers(0, 400),
    st.sampled_from((WAD // 2, WAD, WAD * 11 // 10)),
)
def test_everybody_below_a_limit_enters_and_hardly_anybody_else(
    placed: PlacedBook, revision: str, moves: list[int], days: int, limit: int
) -> None:
    config, _ = fitted(book_settings.core(), revision_named(revision))
    market = Market.deploy(config)
    here = PlacedBook.place(market, placed.book)
    market.chain.set_time(market.chain.time + days * DAY, market.chain.number + days)
    for symbol, percent in zip(market.assets, moves, strict=True):
        market.set_price(symbol, market.oracle.get_asset_price(market.asset(symbol)) * percent // 100)
    everybody = here.fork(market.fork())
    entered = set(here.enter_below(limit))
    everybody.materialise(range(placed.book.accounts))
    below = set(everybody.market.health_factors(below=limit))
    assert below <= entered
    assert len(entered - below) <= 5
    assert here.enter_below(limit) == []


def test_nobody_slips_through_at_the_very_price_that_liquidates(placed: PlacedBook) -> None:
    members = placed.book.members("stablecoins on ETH")[::12].tolist()
    alone = placed.fork(placed.market.fork())
    for number, who in zip(members, alone.materialise(members), strict=True):
        told = alone.market.liquidation_price(who, "WETH")
        assert told is not None
        for price in (told, told + 1):
            here = placed.fork(placed.market.fork())
            here.market.set_price("WETH", price)
            entered = here.enter_below()
            assert who in entered or price > told, placed.book.name(number)
            assert (who in here.market.health_factors(below=WAD)) == (price <= told)


def test_the_rest_cannot_be_liquidated(placed: PlacedBook) -> None:
    market, stranger = placed.market.fork(), named_address("liquidator")
    market.fund("USDC", stranger, 10**12)
    pool, assets = market.pool, market.assets
    market.erc20("USDC").approve(pool.address, 2**256 - 1, sender=stranger)
    with pytest.raises(Revert):
        pool.liquidation_call(assets["WETH"], assets["USDC"], placed.rest, 10**6, False, sender=stranger)


def test_a_monitor_watches_on_when_accounts_enter(placed: PlacedBook) -> None:
    here = placed.fork(placed.market.fork())
    lender = placed.book.members("lenders")[0]
    with Monitor(here.market, all_laws()) as monitor:
        (who,) = here.materialise([lender])
        assert here.market.chain.watcher is monitor
        (key,) = placed.book.state(int(lender)).reserves
        here.market.pool.withdraw(here.market.asset(key), 1000, who, sender=who)
        here.materialise(range(20))
        here.market.chain.set_time(here.market.chain.time + DAY, here.market.chain.number + 1)
        here.market.pool.withdraw(here.market.asset(key), 1000, who, sender=who)
    assert monitor.violations == []
    assert sum(monitor.exercised().values()) > 100


def test_a_copy_of_a_placed_book_has_the_same_book_and_another_count(placed: PlacedBook) -> None:
    here = placed.fork(placed.market.fork())
    copy = deepcopy(here, {id(here.market): (fork := here.market.fork())})
    copy.materialise([5])
    assert copy.market is fork
    assert copy.book is here.book
    assert (here.inside, copy.inside) == (set(), {5})


def test_a_book_is_refused_where_it_does_not_fit(placed: PlacedBook) -> None:
    book = placed.book
    strange = Book("x", 1, ("XYZ",), {}, {}, {}, book.e_modes[:1])
    with pytest.raises(BookError, match="'XYZ' is no reserve of the market"):
        PlacedBook.place(book_settings.core_market(), strange)
    only_debts = Book("x", book.accounts, book.reserves, {}, book.debt_scaled, {}, book.e_modes)
    with pytest.raises(StateError, match="more is borrowed than is supplied"):
        PlacedBook.place(book_settings.core_market(), only_debts)
    with pytest.raises(IndexError, match="there is no account 1001"):
        placed.fork(placed.market.fork()).materialise([1001])


def test_what_somebody_has_already_becomes_a_book() -> None:
    market = book_settings.core_market()
    first = generate(book_settings.settings(accounts=500), market)
    rest = PlacedBook.place(market, first).rest
    again = generate(book_settings.settings(accounts=500, totals="market", out_of=rest), market)
    assert again.digest() == first.digest()
    before = figures(market)
    PlacedBook.place(market, again, out_of=rest).materialise(range(501))
    assert figures(market) == before
    assert all(market.a_token(key).scaled_balance_of(rest) == 0 for key in market.assets)


def test_a_loaded_book_has_what_the_table_says(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text(ROWS)
    market = book_settings.core_market()
    book = make_book(LoadedBook(path="accounts.csv", title="table"), market, folder=tmp_path)
    assert (book.accounts, book.address(1)) == (3, "0x" + "02" * 20)
    placed = PlacedBook.place(market, book)
    placed.materialise(range(3))
    loaded = book_settings.core_market()
    load_accounts(loaded, tmp_path / "accounts.csv")
    for number in range(3):
        who = book.address(number)
        assert market.pool.get_user_account_data(who) == loaded.pool.get_user_account_data(who)
        assert market.pool.get_user_e_mode(who) == loaded.pool.get_user_e_mode(who)


def test_a_table_with_a_wrong_cell_is_refused_with_its_place() -> None:
    rows = [{"account": named_address("a"), "asset": "WETH", "supplied": "-1", "collateral": "yes"}]
    with pytest.raises(TableError, match="row 1, column supplied: '-1' is not an amount"):
        load_book(rows, book_settings.core_market())


def test_a_shipped_book_is_named_with_another_size_and_seed(tmp_path: Path) -> None:
    market = book_settings.core_market()
    wanted = generate(book_settings.settings(accounts=1500, seed=3), market).digest()
    config = ShippedBook(name=book_settings.MARKET, accounts=1500, seed=3)
    assert make_book(config, market).digest() == wanted
    (tmp_path / "book.json").write_text(config.model_dump_json())
    for named in (str(tmp_path / "book.json"), book_settings.MARKET):
        again = read_settings(named, accounts=1500, seed=3)
        assert make_book(again, market).digest() == wanted
    with pytest.raises(BookError, match="there is no book 'mine'; there are: ethereum-core-2026-02"):
        make_book(ShippedBook(name="mine"), market)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1, 2]", "is no book"),
        ('{"kind": "generated", "accounts": 5}', "sizes"),
        ('{"kind": "borrowed"}', "kind"),
        ('{"kind": "loaded", "path": "a.csv", "amounts": "ounces"}', "amounts"),
    ],
)
def test_settings_that_are_none_are_refused_with_file_and_field(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "book.json").write_text(text)
    with pytest.raises(BookError) as refused:
        read_settings(str(tmp_path / "book.json"))
    assert "book.json" in str(refused.value)
    assert said in str(refused.value)
