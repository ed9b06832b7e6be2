"""Generated books: totals to the smallest unit, shares of the largest, loans-to-value by class, refusals by name."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.fixtures import read_json
from pooltwin.protocol import named_address
from pooltwin.protocol.market_state.errors import StateError
from pooltwin.scenarios.books.book import Book
from pooltwin.scenarios.books.core import core_book, core_settings
from pooltwin.scenarios.books.dealing import dealt
from pooltwin.scenarios.books.errors import BookError
from pooltwin.scenarios.books.figures import MarketFigures, figures_of
from pooltwin.scenarios.books.generate import generate
from pooltwin.scenarios.books.integers import interpolated, roots, shuffled, telescoped, words
from pooltwin.scenarios.books.loans import repaired
from pooltwin.scenarios.books.placed import PlacedBook
from pooltwin.scenarios.books.sizes import weights_by_rank
from pooltwin.scenarios.trend_research.timeline import load_timeline
from pooltwin.scenarios.units import BPS, WAD, to_units

from .book_settings import changed_class, core_market, settings


@pytest.fixture(scope="module")
def book() -> Book:
    return generate(settings(), core_market())


@pytest.fixture(scope="module")
def figures() -> MarketFigures:
    return figures_of(core_market())


def values_of(book: Book, figures: MarketFigures) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Debt, collateral, and collateral times threshold of every account (base currency)."""
    debt, collateral, weighed = (np.zeros(book.accounts) for _ in range(3))
    for key, reserve in figures.reserves.items():
        column = book.supplied(key)
        worth = np.array([reserve.supply_value(shares) for shares in column.amounts()], dtype=float)
        threshold = np.array([figures.threshold(key, number) for number in range(256)]) / BPS
        collateral[column.accounts] += worth
        weighed[column.accounts] += worth * threshold[book.e_modes[column.accounts]]
        column = book.owed(key)
        debt[column.accounts] += np.array([reserve.debt_value(shares) for shares in column.amounts()], dtype=float)
    return debt, collateral, weighed


def test_every_total_is_met_to_the_smallest_unit(book: Book, figures: MarketFigures) -> None:
    totals = settings().totals
    assert isinstance(totals, dict)
    for key, reserve in figures.reserves.items():
        unit = Decimal(reserve.unit)
        assert Decimal(book.supplied(key).total) / unit == totals[key].supplied
        assert Decimal(book.owed(key).total) / unit == totals[key].borrowed


def test_equal_settings_make_equal_books_and_seeds_make_others(book: Book) -> None:
    assert generate(settings(), core_market()).digest() == book.digest()
    assert generate(settings(seed=1), core_market()).digest() != book.digest()


def test_the_digest_of_a_book_is_the_same_on_every_machine(book: Book) -> None:
    assert book.digest() == "5f9db8b8e33b5a09a53b7381c802cb9b8632297c42784659309dd7a97e231931"


@pytest.mark.parametrize(("accounts", "seed"), [(20_000, 0), (20_000, 1), (100_000, 2)])
def test_the_largest_have_the_shares_of_the_table(figures: MarketFigures, accounts: int, seed: int) -> None:
    book = generate(settings(accounts=accounts, seed=seed), core_market())
    debt = np.sort(values_of(book, figures)[0])[::-1]
    table = read_json("books/account-distribution.json")["share_of_debt_of_top"]
    for count, share in table.items():
        ours = debt[: int(count)].sum() / debt[:1000].sum()
        assert abs(ours - float(share)) < 0.01, f"the top {count} owe {ours:.4f}, in the table {share}"


def test_nobody_begins_below_the_lowest_health_factor(book: Book, figures: MarketFigures) -> None:
    debt, _, weighed = values_of(book, figures)
    owing = debt > 100_000  # a tenth of a cent: below, one unit of a token is a tenth of the debt
    assert (weighed[owing] / debt[owing]).min() >= 1.005 - 1e-6


def test_classes_have_the_health_factors_of_their_quantiles(book: Book, figures: MarketFigures) -> None:
    debt, collateral, _ = values_of(book, figures)
    for group in settings().borrowers:
        members = book.members(group.name)
        found = np.sort(debt[members] / collateral[members]) * BPS
        for before, after in zip(group.ltv_bps, group.ltv_bps[1:], strict=False):
            share = ((found > before[1]) & (found <= after[1])).mean()
            wanted = (after[0] - before[0]) / BPS
            assert abs(share - wanted) < 0.02 + 1 / len(members), (group.name, before, after, share)


def test_the_twin_tells_of_accounts_what_the_book_tells(figures: MarketFigures) -> None:
    market = core_market()
    book = generate(settings(), market)
    placed = PlacedBook.place(market, book)
    sample = range(0, book.accounts, 37)
    for number, who in zip(sample, placed.materialise(sample), strict=True):
        told = market.pool.get_user_account_data(who)
        collateral = debt = weighed = 0
        for key, reserve in figures.reserves.items():
            place = book.supplied(key).entries(np.array([number])).get(number)
            if place is not None and book.collateral[key][place[0]]:
                worth = place[1] * reserve.price // reserve.unit
                collateral += worth
                weighed += worth * figures.threshold(key, int(book.e_modes[number]))
            debt += -(-book.owed(key).amount(number) * reserve.price // reserve.unit)
        assert (told.total_collateral_base, told.total_debt_base) == (collateral, debt)
        if debt:
            assert abs(Fraction(told.health_factor, WAD) - Fraction(weighed, BPS * debt)) < Fraction(1, 10**8)


def test_named_accounts_have_what_is_said_of_them(book: Book) -> None:
    (one,) = settings().named
    assert book.name(0) == one.name
    assert book.owed("WETH").amount(0) == int(one.borrowed["WETH"] * WAD)
    assert book.supplied("weETH").amount(0) == int(one.supplied["weETH"] * WAD)


# --- refusals ---------------------------------------------------------------------------------------------------------


def refusal(**changed: object) -> str:
    with pytest.raises(BookError) as refused:
        generate(settings(**changed), core_market())
    return str(refused.value)


def test_a_level_that_no_collateral_bears_is_refused_with_reserve_and_class() -> None:
    steep = changed_class("stablecoins on ETH", ltv_bps=[[0, 8500], [10_000, 9000]])
    with pytest.raises(BookError, match=r"WETH: .* accounts of 'stablecoins on ETH' owe more than this collateral"):
        generate(steep, core_market())


def test_more_collateral_than_is_supplied_is_refused_with_reserve_and_classes() -> None:
    with pytest.raises(BookError, match=r"LINK: borrowers need .* are supplied; needed by 'stablecoins on others'"):
        generate(
            changed_class("stablecoins on others", collateral={"LINK": 1}, ltv_bps=[[0, 500], [10_000, 600]]),
            core_market(),
        )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"collateral": {"GHO": 1}}, "GHO: no collateral, but 'sUSDe loops' has it as one"),
        ({"collateral": {"XYZ": 1}}, "sUSDe loops: 'XYZ' is no reserve"),
        ({"debts": {"WETH": 1}}, "WETH: cannot be borrowed in e-mode 2, but 'sUSDe loops' owes it"),
        ({"e_mode": 99}, "sUSDe loops: the market has no e-mode category 99"),
        ({"share": 0}, "USDC: 'sUSDe loops' owes to 2 reserves, but has only 0 accounts"),
    ],
)
def test_a_class_that_the_market_does_not_allow_is_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(BookError) as refused:
        generate(changed_class("sUSDe loops", **changed), core_market())
    assert said in str(refused.value)


def test_totals_are_refused_where_nobody_has_a_part() -> None:
    totals = {"WETH": {"supplied": "10", "borrowed": "1"}}
    one = {
        "name": "only",
        "share": 1,
        "collateral": {"WETH": 1},
        "debts": {"USDC": 1},
        "ltv_bps": [[0, 1], [10_000, 2]],
    }
    assert "WETH: 1000000000000000000 shares are owed, but no class" in refusal(
        totals=totals, borrowers=[one], named=[]
    )
    nobody = {"name": "lenders", "share": 1, "supplies": {"WETH": 1}}
    assert "no class lends a part of it" in refusal(lenders=[nobody])


# --- the pieces -------------------------------------------------------------------------------------------------------


@given(st.integers(0, 2**100), st.lists(st.integers(0, 2**60), min_size=1, max_size=40))
def test_telescoped_parts_sum_to_the_total_and_are_within_one_of_their_share(total: int, weights: list[int]) -> None:
    if not any(weights):
        return
    parts = telescoped(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(st.lists(st.integers(0, 2**62 - 1), min_size=1, max_size=50))
def test_roots_are_whole_and_rounded_down(squares: list[int]) -> None:
    for square, root in zip(squares, roots(np.array(squares, dtype=np.uint64)).tolist(), strict=True):
        assert root**2 <= square < (root + 1) ** 2


def test_random_words_are_those_of_splitmix64() -> None:
    start = words(3, "a", 5).tolist()
    assert start == words(3, "a", 9).tolist()[:5]
    assert start != words(3, "b", 5).tolist()
    assert start[0] == 11340777865498364546
    assert sorted(shuffled(3, "a", 50).tolist()) == list(range(50))


@given(st.integers(1, 3000))
def test_weights_fall_and_meet_their_knots(count: int) -> None:
    knots = ((1, 100), (10, 350), (100, 700), (1000, 1000))
    weights = weights_by_rank(knots, count)
    assert len(weights) == count
    assert (weights[1:] <= weights[:-1]).all()
    assert weights[-1] >= 1
    if count >= 1000:
        for rank, together in knots:
            share = Fraction(int(weights[:rank].sum()), int(weights[:1000].sum()))
            assert abs(share - Fraction(together, 1000)) < Fraction(1, 10_000)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.integers(1, 2**40))
def test_every_group_is_dealt_as_many_as_it_has_room_for(counts: list[int], target: int) -> None:
    weights = np.sort(np.arange(1, sum(counts) + 1, dtype=np.int64) ** 2)[::-1]
    groups = dealt(weights, [target + number for number in range(len(counts))], counts)
    assert np.bincount(groups, minlength=len(counts)).tolist() == counts


LEVELS = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=60)


@given(LEVELS)
def test_a_repair_swaps_levels_and_leaves_nobody_above_who_was_not(pairs: list[tuple[int, int]]) -> None:
    given_levels = np.array([level for level, _ in pairs], dtype=np.int64)
    limits = np.array([limit for _, limit in pairs], dtype=np.int64)
    kept, above = repaired(given_levels, limits)
    assert sorted(kept.tolist()) == sorted(given_levels.tolist())
    assert above == (kept > limits).sum() <= (given_levels > limits).sum()
    assert not ((kept > limits) & (given_levels <= limits)).any()


def test_a_line_goes_through_its_knots() -> None:
    assert interpolated(((0, 10), (4, 30), (10, 30)), np.array([0, 10, 40, 70, 100]), 10).tolist() == [
        100,
        150,
        300,
        300,
        300,
    ]


# --- the book of the replay -------------------------------------------------------------------------------------------


def core_totals() -> tuple[dict[str, int], dict[str, int]]:
    """What everybody has but an account with 618,246 WETH and 939M dollars of debt, in units."""
    market, totals = core_market(), core_settings().totals
    assert isinstance(totals, dict)
    decimals = {key: market.erc20(key).decimals() for key in totals}
    supplied = {key: to_units(total.supplied, decimals[key]) for key, total in totals.items()}
    borrowed = {key: to_units(total.borrowed, decimals[key]) for key, total in totals.items()}
    supplied["WETH"] -= 618_246 * WAD
    borrowed["USDC"] -= 400_000_000 * 10**6
    borrowed["USDT"] -= 539_000_000 * 10**6
    return supplied, borrowed


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("stable_ltv_bps", [8500, 10_000])
def test_the_book_of_the_replay_meets_what_is_left_of_the_totals(seed: int, stable_ltv_bps: int) -> None:
    supplied, borrowed = core_totals()
    made = core_book(
        core_market(),
        supplied=supplied,
        borrowed=borrowed,
        seed=seed,
        accounts=2000,
        stable_ltv_bps=stable_ltv_bps,
    )
    assert {key: made.supplied(key).total for key in made.reserves} == supplied
    assert {key: made.owed(key).total for key in made.reserves} == borrowed


def test_the_book_of_the_replay_refuses_a_reserve_that_is_not_listed() -> None:
    with pytest.raises(BookError, match="totals: 'XYZ' is no reserve"):
        core_book(core_market(), supplied={"XYZ": 1}, borrowed={})


def test_the_shipped_totals_are_those_of_the_timeline() -> None:
    timeline, (supplied, borrowed) = load_timeline(), core_totals()
    supplied["WETH"] += 618_246 * WAD
    borrowed["USDC"] += 400_000_000 * 10**6
    borrowed["USDT"] += 539_000_000 * 10**6
    assert supplied["WETH"] == to_units(timeline.weth_reserve.supplied, 18)
    assert supplied["WETH"] - borrowed["WETH"] == to_units(timeline.weth_reserve.available, 18)
    for level in timeline.other_reserves:
        total = level.available_raw * BPS // (BPS - level.utilisation_bps)
        assert (supplied[level.symbol], borrowed[level.symbol]) == (total, total - level.available_raw)


def test_the_book_of_the_replay_borrows_what_its_wallet_has_supplied_before() -> None:
    market, (supplied, borrowed) = core_market(), core_totals()
    book = core_book(market, supplied=supplied, borrowed=borrowed, accounts=2000)
    with pytest.raises(StateError, match="WETH: 152428000000000000000000 more is borrowed than is supplied"):
        PlacedBook.place(market, book)
    wallet, whole = named_address("wallet"), 618_246 * WAD
    market.fund("WETH", wallet, whole)
    market.erc20("WETH").approve(market.pool.address, whole, sender=wallet)
    market.pool.supply(market.asset("WETH"), whole, wallet, 0, sender=wallet)
    PlacedBook.place(market, book)
    assert market.pool.get_virtual_underlying_balance(market.asset("WETH")) == 465_818 * WAD
    for key, millions in (("USDC", 400), ("USDT", 539)):
        market.pool.borrow(market.asset(key), millions * 10**12, 2, 0, wallet, sender=wallet)
    for level in load_timeline().other_reserves:
        assert market.pool.get_virtual_underlying_balance(market.asset(level.symbol)) == level.available_raw
