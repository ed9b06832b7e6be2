"""Scans beside the twin: whatever the state, of each account what the pool's own view says, on every release."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.temperaments import ADVERSARY
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.address import named_address
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import NEWEST
from pooltwin.scenarios.scan.results import FIELDS
from pooltwin.scenarios.scan.scan import Scan

from ..unit.calls import crowded
from ..unit.planted import plant
from ..unit.worlds import ALICE, ALL_REVISIONS, DOLLAR, lived_in

WAD = 10**18


def view(market: Market, user: str) -> Any:
    """What the pool's own view says of an account; None where it reverts."""
    try:
        return market.pool.get_user_account_data(user)
    except Revert:
        return None


def assert_as_viewed(scan: Scan, market: Market, asked: Callable[[], tuple[Any, Any, Any]] | None = None) -> None:
    """Compare everything that a scan tells with the views of single accounts."""
    table, factors, (found,) = asked() if asked else (scan.account_data(), scan.health_factors(), scan.liquidatable())
    wanted = [view(market, user) for user in scan.accounts]
    assert list(table) == wanted
    assert factors.exact().tolist() == table.health.exact().tolist() == [each and each.health_factor for each in wanted]
    below = [each is not None and each.health_factor < WAD for each in wanted]
    assert found.mask.tolist() == factors.below().tolist() == below
    assert found.fails.tolist() == np.flatnonzero(table.fails).tolist()


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=25)
@given(data=st.data())
def test_whatever_the_state_a_scan_says_what_the_views_say(revision: str, data: st.DataObject) -> None:
    market = crowded(revision)
    plant(market, data)
    scan = Scan.of(market)
    assert set(scan.accounts) == set(market.accounts())
    assert_as_viewed(scan, market)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=15)
@given(data=st.data())
def test_at_other_prices_and_later_a_scan_says_what_the_views_will_say(revision: str, data: st.DataObject) -> None:
    market = crowded(revision)
    plant(market, data)
    scan = Scan.of(market)
    moved = data.draw(st.dictionaries(st.sampled_from(sorted(market.assets)), st.integers(0, 3 * 10**13), max_size=3))
    later = market.chain.time + data.draw(st.sampled_from([0, 12, 10**5, 10**8]))
    moved = {key: price for key, price in moved.items() if price}
    asked = (
        scan.account_data(moved, later),
        scan.health_factors(moved, later),
        scan.liquidatable([moved], later),
    )
    for key, price in moved.items():
        market.set_price(key, price)
    market.chain.advance(later - market.chain.time)
    assert_as_viewed(scan, market, lambda: asked)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_along_a_campaign_of_the_adversary(revision: str) -> None:
    """One scan, refreshed as things happen: listings, liquidations, stable debts, e-modes, governance, snapshots."""
    stage = standard_history(revision).stage()
    driver, market = Driver(stage, Chance(Random(7)), ADVERSARY), stage.market
    scan, read = Scan.of(market), 0
    for step in range(1, 601):
        stage.perform(driver.next())
        driver.learn()
        if step % 40 == 0:
            read += scan.refresh()
            here = set(market.accounts())
            assert here <= set(scan.accounts)
            assert_as_viewed(scan, market)
    assert read


# --- crowds, so that the fast path is what answers --------------------------------------------------------------------


def crowd(revision: str, people: int = 1_500) -> Market:
    """Many accounts of all sizes in all reserves, near health factor 1."""
    market, chance = lived_in(revision), Random(11)
    pool = market.pool
    for number in range(people):
        user, size = named_address(f"one of many {number}"), 10 ** chance.uniform(-2, 7)
        pool.users_config[user] = chance.randrange(256)
        pool.users_e_mode[user] = chance.choice((0, 0, 0, 1))
        for key in market.assets:
            unit = 10 ** market.erc20(key).decimals() / market.price_feed(key).answer * DOLLAR
            market.a_token(key).scaled_balances[user] = int(size * unit * chance.uniform(0.2, 2))
            market.debt_token(key).scaled_balances[user] = int(size * unit * chance.uniform(0.1, 1.5))
    market.chain.advance(12_345)
    return market


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_of_a_crowd_nearly_all_are_told_by_arrays(revision: str) -> None:
    market = crowd(revision)
    scan = Scan.of(market)
    assert_as_viewed(scan, market)
    table, (found,) = scan.account_data(), scan.liquidatable()
    assert table.by_rule < 10
    assert table.in_python < 20
    assert found.odd == 0
    assert 300 < found.count < 1_200
    assert found.addresses() == [user for user, factor in market.health_factors(below=WAD).items()]
    grid = [{"WETH": f"-{percent}%"} for percent in range(0, 100, 10)]
    for shock, one in zip(grid, scan.liquidatable(grid), strict=True):
        assert one.mask.tolist() == scan.health_factors(shock).below().tolist()
        assert one.prices["WETH"] == market.price_feed("WETH").answer * (100 - int(shock["WETH"][1:-1])) // 100
    columns = table.columns()
    assert columns["account"].tolist() == list(scan.accounts)
    assert columns["total_debt_base"].dtype == np.int64
    assert columns["health_factor"].dtype == object
    assert [tuple(row) for row in zip(*(columns[name].tolist() for name in FIELDS), strict=True)] == list(table)


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("values.FINE", Fraction(0)),
        ("figures._STEP", 10**13),
        ("values._Machine._at_once", lambda machine, shares: (shares.words(), np.zeros(0, np.int64))),
        ("below._BPS", 9_000),
        ("terms._rounding", lambda multiply: None),
    ],
)
def test_faults_are_noticed(place: str, fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An arithmetic that is wrong tells something wrong; one that is only slower is seen by its counts."""
    market = crowd("3.7", 200)
    monkeypatch.setattr(f"pooltwin.scenarios.scan.{place}", fault)

    def check() -> None:
        scan = Scan.of(market)
        assert_as_viewed(scan, market)
        assert scan.account_data().by_rule < 10
        assert scan.liquidatable()[0].odd == 0

    with pytest.raises(AssertionError):
        check()


# --- forks ------------------------------------------------------------------------------------------------------------


def test_the_rule_of_a_fork_is_asked_as_it_stands() -> None:
    market = crowd("3.7", 100)

    def halved(pool: Any, user: str, category_id: int) -> Any:
        account = NEWEST.account_data(pool, user, category_id)
        return account._replace(health_factor=account.health_factor // 2)

    market.chain.set_revision(NEWEST.forked("halved", account_data=halved))
    scan = Scan.of(market)
    assert_as_viewed(scan, market)
    assert scan.account_data().by_rule == len(scan)
    with pytest.raises(ValueError, match="rule of a fork's own"):
        scan.liquidation_prices("WETH")


class _GenerousPool(NEWEST.contracts["PoolInstance"]):  # type: ignore[misc]  # a class found by its name
    """Tells everybody twice the health factor."""

    __slots__ = ()

    def get_user_account_data(self, user: str) -> Any:
        return super().get_user_account_data(user)


def test_the_view_of_a_fork_is_refused() -> None:
    market = lived_in("3.7")
    market.chain.set_revision(NEWEST.forked("generous", contracts=[_GenerousPool]))
    with pytest.raises(ValueError, match="in a way of its own"):
        Scan.of(market)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda scan: scan.account_data({"WTH": 1}), "'WTH' is not listed"),
        (lambda scan: scan.account_data({"WETH": -1}), "WETH: -1 is below zero"),
        (lambda scan: scan.account_data({"WETH": "20"}, time=5), "time: 5 is no second from"),
        (lambda scan: scan.account_data({"WETH": "-120%"}), "WETH: '-120%' is not a percentage from -100% on"),
        (lambda scan: scan.account_data({"WETH": "low"}), "WETH: 'low' is no percentage"),
        (lambda scan: scan.account_data({"WETH": True}), "WETH: True is no price"),
        (lambda scan: scan.account_data({"WETH": Fraction(-1, 2)}), "WETH: the factor -1/2 is below zero"),
        (lambda scan: scan.liquidation_prices([]), "name at least one asset"),
        (lambda scan: scan.liquidation_prices("WTH"), "'WTH' is not listed"),
        (lambda scan: scan.liquidation_prices(["WETH", "WETH"]), "WETH is named twice"),
    ],
)
def test_what_cannot_be_is_refused(ask: Callable[[Scan], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ask(Scan.of(lived_in("3.7")))


def test_there_is_no_other_column() -> None:
    table = Scan.of(lived_in("3.7")).account_data()
    with pytest.raises(KeyError, match="total_debt_base"):
        table.column("debt")
    assert table[list(table.accounts).index(ALICE)] == view(lived_in("3.7"), ALICE)
