"""Bulk reads: whatever the state, they say of each account what its own view says, on every release."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.errors import EmptyRevert, Revert
from pooltwin.protocol.logic.terms import AccountData
from pooltwin.protocol.market import Market
from pooltwin.protocol.math.uint import MAX_UINT256
from pooltwin.protocol.reads.changes import ChangedKeys
from pooltwin.protocol.reads.present import PoolNow
from pooltwin.protocol.reads.weights import Weights, weigh
from pooltwin.protocol.revisions import NEWEST, revision_named
from pooltwin.protocol.upgrades import upgrade

from .calls import answer, call_of, crowded, writers
from .planted import plant
from .worlds import ALICE, ALL_REVISIONS, BOB, CAROL, DOLLAR, NOBODY, USDC, USERS, fresh, lived_in

WAD = 10**18
SYMBOLS = ("WETH", "USDC", "DAI", "WBTC")
STABLE_RATES = [name for name in ALL_REVISIONS if revision_named(name).stable_rates]


def seen(read: Callable[[], Any]) -> Any:
    """What a read answers, or how it reverts."""
    try:
        return read()
    except Revert as revert:
        return type(revert), str(revert)


def assert_as_viewed(market: Market, *limits: int) -> None:
    """Compare every bulk read with the views of single accounts."""
    single = {user: seen(lambda user=user: market.pool.get_user_account_data(user)) for user in market.accounts()}
    reverts = [data for data in single.values() if type(data) is tuple]
    if reverts:
        assert seen(market.account_data) == seen(market.health_factors) == reverts[0]
    sound = {user: data for user, data in single.items() if type(data) is not tuple}
    assert market.account_data(sound) == sound
    factors = {user: data.health_factor for user, data in sound.items()}
    assert market.health_factors(sound) == factors
    for limit in limits:
        wanted = {user: factor for user, factor in factors.items() if factor < limit}
        found = seen(lambda limit=limit: market.health_factors(below=limit))
        assert found == wanted or found in reverts
        assert market.health_factors(sound, below=limit) == wanted


# --- states of every kind ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=40)
@given(data=st.data())
def test_whatever_the_state_bulk_reads_say_what_the_views_say(revision: str, data: st.DataObject) -> None:
    market = crowded(revision)
    assert_as_viewed(market, WAD)  # so that what follows is learnt from the journal
    for _ in range(2):
        plant(market, data)
        assert_as_viewed(market, WAD, data.draw(st.integers(0, 3 * WAD)), MAX_UINT256)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=40)
@given(data=st.data())
def test_whatever_happens_in_between(revision: str, data: st.DataObject) -> None:
    """Calls of every kind, time, prices, snapshots that are come back to: the next read knows."""
    market, snapshots = crowded(revision), []
    pool = market.pool
    for _ in range(12):
        match data.draw(st.integers(0, 6)):
            case 0:
                snapshots.append(market.chain.snapshot())
            case 1 if snapshots:
                market.chain.revert_to(snapshots.pop())
            case 2:
                symbol, price = data.draw(st.sampled_from(SYMBOLS)), data.draw(st.integers(1, 10**13))
                seen(lambda symbol=symbol, price=price: market.set_price(symbol, price))
            case 3:
                market.chain.advance(data.draw(st.integers(0, 10**6)))
            case 4:
                user, asset = (
                    data.draw(st.sampled_from(USERS)),
                    data.draw(st.sampled_from(sorted(market.assets.values()))),
                )
                amount = data.draw(st.integers(1, 10**20))
                seen(lambda user=user, asset=asset, amount=amount: market.pool.borrow(asset, amount, sender=user))
            case _:
                target = data.draw(st.sampled_from(writers(revision)))
                answer(market.chain, *_arguments(revision, target, data))
        assume(market.pool is pool)  # the registry may come to name what is no pool, and has no accounts
        if data.draw(st.booleans()):
            assert_as_viewed(market, WAD, 2 * WAD)
    assert_as_viewed(market, WAD, 2 * WAD)


def _arguments(revision: str, target: Any, data: st.DataObject) -> tuple[Address, Any, tuple[Any, ...]]:
    sender, arguments = data.draw(call_of(revision, target))
    return sender, target, arguments


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_the_limit_is_met_to_the_unit(revision: str) -> None:
    """Many borrowers of all sizes, and limits that are one's health factor, or one more."""
    market = lived_in(revision)
    pool = market.pool
    weth, usdc = (market.asset(symbol) for symbol in ("WETH", "USDC"))
    flags = 2 << 2 * pool.reserves[weth].id | 1 << 2 * pool.reserves[usdc].id
    for number in range(200):
        user = named_address(f"borrower {number}")
        pool.users_config[user] = flags
        market.a_token("WETH").scaled_balances[user] = 10 ** (number % 25) + 7 * number
        market.debt_token("USDC").scaled_balances[user] = 1 + 10 ** (number % 25) * (1_000 + number) // 10**12
    for price in (2_000 * DOLLAR, 1_234_56789012, 700 * DOLLAR):
        market.set_price("WETH", price)
        factors = market.health_factors()
        for factor in {*list(factors.values())[::17], WAD}:
            for limit in (factor, min(factor + 1, MAX_UINT256)):
                wanted = {user: other for user, other in factors.items() if other < limit}
                assert market.health_factors(below=limit) == wanted


def test_most_accounts_are_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two thousand borrowers, those far from the limit are left alone, though prices moved and time passed."""
    market = lived_in("3.7")
    pool, weth, usdc = market.pool, market.asset("WETH"), market.asset("USDC")
    for number in range(2_000):
        user = named_address(f"borrower {number}")
        pool.users_config[user] = 2 << 2 * pool.reserves[weth].id | 1 << 2 * pool.reserves[usdc].id
        market.a_token("WETH").scaled_balances[user] = 10**18 + number * 10**15
        market.debt_token("USDC").scaled_balances[user] = 10**9
    before = market.health_factors()
    market.chain.advance(3600)
    market.set_price("WETH", 700 * DOLLAR)
    asked: list[int] = []
    rule = NEWEST.account_data
    market.chain.revision = replace(NEWEST, account_data=lambda *which: asked.append(1) or rule(*which))  # type: ignore[func-returns-value]
    monkeypatch.setattr("pooltwin.protocol.reads.accounts.is_read_as_released", lambda _: True)
    found = market.health_factors(below=WAD)
    assert 500 < len(found) < 1_500
    assert len(before) > 2_000
    assert len(asked) < len(found) + 100


def _deaf(_changes: ChangedKeys, _position: int) -> None:
    """Reads nothing in the journal."""


def _too_light(now: PoolNow, category_id: int, reserve_id: int, limit: int) -> Weights | None:
    weights = weigh(now, category_id, reserve_id, limit)
    return weights and weights._replace(debt=weights.debt * 99 // 100)


@pytest.mark.parametrize(("place", "fault"), [("changes.ChangedKeys._note", _deaf), ("borrowers.weigh", _too_light)])
def test_faults_are_noticed(place: str, fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a deaf journal, and with debts weighed too light, somebody who can be liquidated is missed."""
    monkeypatch.setattr(f"pooltwin.protocol.reads.{place}", fault)
    market = lived_in("3.7")
    assert_as_viewed(market, WAD)
    market.debt_token("USDC").scaled_balances[ALICE] *= 2
    market.set_price("WETH", market.price_feed("WETH").answer * WAD // market.health_factors()[ALICE] - 10**6)
    assert WAD * 99 // 100 < market.health_factors()[ALICE] < WAD
    with pytest.raises(AssertionError):
        assert_as_viewed(market, WAD)


def test_what_was_loaded_from_outside_is_noticed() -> None:
    market = lived_in("3.7")
    assert market.health_factors(below=WAD) == {}
    pool, usdc = market.pool, market.asset("USDC")
    new = [named_address(f"loaded {number}") for number in range(9)]
    pool.users_config.load(dict.fromkeys(new, 1 << 2 * pool.reserves[usdc].id))
    market.debt_token("USDC").scaled_balances.load(dict.fromkeys(new, 10**9))
    assert market.health_factors(below=WAD) == dict.fromkeys(sorted(new), 0)


@pytest.mark.parametrize("new", ALL_REVISIONS[1:])
def test_an_upgrade_in_between(new: str) -> None:
    market = lived_in(ALL_REVISIONS[0])
    assert_as_viewed(market, WAD)
    upgrade(market, new)
    assert_as_viewed(market, WAD)
    market.set_price("WETH", 1_100 * DOLLAR)
    assert market.health_factors(below=WAD)
    assert_as_viewed(market, WAD)


# --- forks of the protocol --------------------------------------------------------------------------------------------


def _halved(pool: Any, user: Address, category_id: int) -> AccountData:
    account = NEWEST.account_data(pool, user, category_id)
    return account._replace(health_factor=account.health_factor // 2)


def test_the_rule_of_a_fork_is_asked_as_it_stands() -> None:
    market = lived_in("3.7")
    plain = market.health_factors()
    market.chain.set_revision(NEWEST.forked("halved", account_data=_halved))
    assert market.health_factors() == {user: factor // 2 for user, factor in plain.items()}
    limit = plain[ALICE] // 2 + 1
    assert market.health_factors(below=limit)[ALICE] == plain[ALICE] // 2
    assert_as_viewed(market, WAD, limit)


class GenerousPool(NEWEST.contracts["PoolInstance"]):  # type: ignore[misc]  # a class found by its name
    """Tells everybody twice the health factor."""

    __slots__ = ()

    def get_user_account_data(self, user: Address) -> Any:
        account = super().get_user_account_data(user)
        return account._replace(health_factor=min(2 * account.health_factor, MAX_UINT256))


def test_the_view_of_a_fork_is_asked_as_it_stands() -> None:
    market = lived_in("3.7")
    plain = market.health_factors()
    market.chain.set_revision(NEWEST.forked("generous", contracts=[GenerousPool]))
    assert market.health_factors()[ALICE] == 2 * plain[ALICE]
    assert_as_viewed(market, WAD, 2 * plain[ALICE] + 1)


# --- prices that are not there ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_without_a_price_bulk_reads_revert_as_the_views_do(revision: str) -> None:
    market = lived_in(revision)
    market.set_price("WBTC", 0)
    with pytest.raises(EmptyRevert):
        market.pool.get_user_account_data(CAROL)
    with pytest.raises(EmptyRevert):
        market.health_factors()
    with pytest.raises(EmptyRevert):
        market.health_factors(below=WAD)
    without = [user for user in market.accounts() if user != CAROL]
    assert len(market.health_factors(without)) == len(without)


# --- who, and what they have ------------------------------------------------------------------------------------------


def test_accounts_are_all_who_hold_anything_in_order() -> None:
    market = lived_in("3.7")
    everybody = market.accounts()
    assert everybody == sorted({ALICE, BOB, CAROL, *(account for account in everybody if account not in USERS)})
    market.pool.users_config[NOBODY] = 2
    assert market.accounts() == sorted([*everybody, NOBODY])
    market.pool.users_config[NOBODY] = 0
    market.a_token("WETH").scaled_balances[NOBODY] = 1
    assert NOBODY in market.accounts()
    market.a_token("WETH").scaled_balances[NOBODY] = 0
    market.debt_token("WETH").scaled_balances[NOBODY] = 1
    assert NOBODY in market.accounts()
    market.debt_token("WETH").scaled_balances[NOBODY] = 0
    assert market.accounts() == everybody


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_positions_are_what_tokens_and_flags_say(revision: str) -> None:
    market = lived_in(revision)
    rows = market.positions()
    assert [(row.account, market.pool.reserves[row.asset].id) for row in rows] == sorted(
        (row.account, market.pool.reserves[row.asset].id) for row in rows
    )
    assert {row.account for row in rows} == set(market.accounts())
    for row in rows:
        a_token, debt_token = market.a_token(row.reserve), market.debt_token(row.reserve)
        assert row.asset == market.asset(row.reserve)
        assert row.scaled_supply == a_token.scaled_balances[row.account]
        assert row.supply == a_token.balance_of(row.account)
        assert row.scaled_debt == debt_token.scaled_balances[row.account]
        assert row.debt == debt_token.balance_of(row.account)
        assert row.stable_debt == 0
        (flags,) = market.pool.get_user_configuration(row.account)
        flag = flags >> 2 * market.pool.reserves[row.asset].id & 3
        assert (row.is_borrowed, row.is_collateral) == (flag & 1 == 1, flag & 2 == 2)
        assert row.e_mode == market.pool.get_user_e_mode(row.account)
    assert market.positions([CAROL, ALICE]) == [row for user in (CAROL, ALICE) for row in rows if row.account == user]
    assert market.positions([NOBODY]) == []


@pytest.mark.parametrize("revision", STABLE_RATES)
def test_stable_debt_is_told_with_its_interest(revision: str) -> None:
    market = lived_in(revision)
    stable = market.stable_debt_token("USDC")
    stable.scaled_balances[BOB], stable.previous_indexes[BOB] = 1_000 * USDC, 10**26
    stable.timestamps[BOB] = market.chain.time - 10**6
    (row,) = [row for row in market.positions([BOB]) if row.reserve == "USDC"]
    assert row.stable_debt == stable.balance_of(BOB) > 1_000 * USDC


def test_a_token_of_a_fork_is_asked_itself() -> None:
    class Doubled(NEWEST.contracts["ATokenInstance"]):  # type: ignore[misc]  # a class found by its name
        """Shows twice what there is."""

        __slots__ = ()

        def balance_of(self, user: Address) -> Any:
            return 2 * super().balance_of(user)

    market = lived_in("3.7")
    before = market.positions([BOB])
    market.chain.set_revision(NEWEST.forked("doubled", contracts=[Doubled]))
    assert [row.supply for row in market.positions([BOB])] == [2 * row.supply for row in before]


def test_one_account_in_place_of_several_is_refused() -> None:
    market = fresh("3.7")
    with pytest.raises(TypeError, match="is one account: expected several"):
        market.health_factors(ALICE)
    with pytest.raises(ValueError, match="'alice' is not an address"):
        market.positions(["alice"])
    with pytest.raises(ValueError, match=r"1\.0 is not a health factor \(wad\)"):
        market.health_factors(below=1.0)  # type: ignore[arg-type]


def test_reading_leaves_the_state_and_its_digest() -> None:
    market = lived_in("3.7")
    before = market.chain.digest()
    market.positions()
    market.account_data()
    market.health_factors(below=2 * WAD)
    assert market.chain.digest() == before
