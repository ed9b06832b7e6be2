"""The rsETH attacker's eight positions, to the wei; and the run on WETH that followed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pooltwin.fixtures import read_json
from pooltwin.protocol import Market, named_address
from pooltwin.protocol.errors import Panic
from pooltwin.protocol.models.state import AccountReserveState, AccountState, MarketState, ReserveState
from pooltwin.scenarios.books.generate import generate
from pooltwin.scenarios.books.placed import PlacedBook
from pooltwin.scenarios.exits.exits import exits_of
from pooltwin.scenarios.units import RAY, WAD, to_units

from .book_settings import core, core_market, settings

EVENT: dict[str, Any] = read_json("books/rseth-2026-04.json")
E_MODE = 3
CENT = Decimal("0.01")


def positions(market: str) -> list[dict[str, Any]]:
    return [one for one in EVENT["positions"] if one["market"] == market]


def index_of(borrowed: Decimal, shares: int) -> int:
    """The debt index (ray) at which shares owe what was reported."""
    return int(borrowed * WAD * RAY / shares)


def loaded(market: str, debt_index: int) -> Market:
    """The positions of one market, as their shares are stored, at a debt index; somebody lent what they owe."""
    accounts, lent = {}, 0
    for one in positions(market):
        shares = int(one["scaled_weth_debt"])
        own = {"WETH": AccountReserveState(scaled_variable_debt=shares)}
        if one["rseth"] is not None:
            own["rsETH"] = AccountReserveState(scaled_supply=to_units(Decimal(one["rseth"]), 18), collateral=True)
        accounts[one["account"]] = AccountState(e_mode=E_MODE, reserves=own)
        lent += 2 * shares
    accounts[named_address("lender")] = AccountState(reserves={"WETH": AccountReserveState(scaled_supply=lent)})
    state = MarketState(
        time=1_776_530_000, accounts=accounts, reserves={"WETH": ReserveState(variable_borrow_index=debt_index)}
    )
    return Market.deploy(core().model_copy(update={"state": state}))


def test_there_are_eight_positions_and_their_shares_are_whole_wei() -> None:
    assert (len(EVENT["positions"]), len(positions("Ethereum Core")), len(positions("Arbitrum"))) == (8, 2, 6)
    assert len({(one["market"], one["account"]) for one in EVENT["positions"]}) == 8


def test_the_core_positions_owe_what_was_reported() -> None:
    reported = EVENT["reported"]
    large, small = positions("Ethereum Core")
    index = index_of(Decimal(reported["core_largest_weth_borrowed"]), int(large["scaled_weth_debt"]))
    market = loaded("Ethereum Core", index)
    debts = {}
    for one in (large, small):
        shares = int(one["scaled_weth_debt"])
        assert market.debt_token("WETH").scaled_balance_of(one["account"]) == shares
        debts[one["account"]] = market.debt_token("WETH").balance_of(one["account"])
        assert debts[one["account"]] == -(-shares * index // RAY)
    total = Decimal(reported["core_weth_borrowed"])
    assert abs(Decimal(sum(debts.values())) / WAD - total) < CENT  # the index of one gives the other: 393.92
    assert market.debt_token("WETH").total_supply() - sum(debts.values()) in (0, -1)


def test_the_arbitrum_positions_owe_what_was_reported_to_the_wei_of_their_shares() -> None:
    reported, own = Decimal(EVENT["reported"]["arbitrum_weth_borrowed"]), positions("Arbitrum")
    shares = [int(one["scaled_weth_debt"]) for one in own]
    market = loaded("Arbitrum", index := index_of(reported, sum(shares)))
    for one, held in zip(own, shares, strict=True):
        assert market.debt_token("WETH").balance_of(one["account"]) == -(-held * index // RAY)
    assert abs(Decimal(int(market.debt_token("WETH").total_supply())) / WAD - reported) < CENT


def test_the_largest_position_had_a_health_factor_of_1_0217() -> None:
    (large, _), reported = positions("Ethereum Core"), EVENT["reported"]
    borrowed = Decimal(reported["core_largest_weth_borrowed"])
    market = loaded("Ethereum Core", index_of(borrowed, int(large["scaled_weth_debt"])))
    factor = Decimal(market.pool.get_user_account_data(large["account"]).health_factor) / WAD
    assert round(factor, 4) == Decimal("1.0217")
    low, high = map(Decimal, reported["health_factors"])
    assert low <= factor <= high


@pytest.fixture(scope="module")
def robbed() -> tuple[Market, PlacedBook]:
    """Core with a whole book, and the largest position opened by calls: five draws against 53,000 rsETH."""
    market = core_market()
    placed = PlacedBook.place(market, generate(settings(), market))
    thief, pool = positions("Ethereum Core")[0]["account"], market.pool
    market.fund("rsETH", thief, 53_000 * WAD)
    market.erc20("rsETH").approve(pool.address, 53_000 * WAD, sender=thief)
    pool.supply(market.asset("rsETH"), 53_000 * WAD, thief, 0, sender=thief)
    pool.set_user_e_mode(E_MODE, sender=thief)
    whole = to_units(Decimal(EVENT["reported"]["core_largest_weth_borrowed"]), 18)
    for number in range(5):
        part = whole // 5 if number < 4 else whole - 4 * (whole // 5)
        pool.borrow(market.asset("WETH"), part, 2, 0, thief, sender=thief)
    factor = Decimal(pool.get_user_account_data(thief).health_factor) / WAD
    assert round(factor, 4) == Decimal("1.0217")
    return market, placed


def test_a_lender_takes_the_rest_and_the_next_withdrawal_reverts(robbed: tuple[Market, PlacedBook]) -> None:
    market, placed = robbed
    market = market.fork()
    left = market.pool.get_virtual_underlying_balance(market.asset("WETH"))
    assert left == to_units(Decimal("413377.42"), 18)
    market.pool.withdraw(market.asset("WETH"), left, placed.rest, sender=placed.rest)
    number = next(one for one in placed.book.members("lenders").tolist() if placed.book.supplied("WETH").amount(one))
    (lender,) = placed.fork(market).materialise([number])
    with pytest.raises(Panic) as refused:
        market.pool.withdraw(market.asset("WETH"), 1, lender, sender=lender)
    assert refused.value.code == 0x11


def test_exits_tell_of_that_run_what_the_pool_does(robbed: tuple[Market, PlacedBook]) -> None:
    market, placed = robbed
    told = exits_of(market, "WETH", placed=placed)
    assert told.bound.cash == to_units(Decimal("413377.42"), 18)
    assert told.bound.most == told.bound.cash < told.bound.free
    assert told.queue.paid <= told.bound.most
    assert told.bound.most - told.queue.paid <= 2
    assert {turn.limit for turn in told.queue.waiting} == {"liquidity"}
    assert 1 <= len(told.closers) < 20
    assert sum(one.free for one in told.closers) >= told.bound.cash > sum(one.free for one in told.closers[:-1])
