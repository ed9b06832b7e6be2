"""Flash loans to Python receivers that may call back in, and multicall."""

from collections.abc import Callable
from typing import Any

import pytest
from pooltwin.protocol import errors
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.errors import EmptyRevert, Panic, Revert, selector_of
from pooltwin.protocol.events import FlashLoan
from pooltwin.protocol.machine.abi import encode_values
from pooltwin.protocol.market import Market

from .worlds import (
    ALICE,
    BOB,
    CAROL,
    MAX,
    MODERN,
    NOBODY,
    RAY,
    USDC,
    WETH,
    ZERO,
    changes,
    events_of,
    fresh,
    has_modern_test_token,
    rate_changes,
    rates_of,
    refused,
)

PREMIUM_BPS = 5


@pytest.fixture(params=MODERN)
def market(request: Any) -> Market:
    """Bob lends 100 WETH and 100,000 USDC."""
    market = fresh(request.param)
    market.pool.supply(market.asset("WETH"), 100 * WETH, sender=BOB)
    market.pool.supply(market.asset("USDC"), 100_000 * USDC, sender=BOB)
    return market


def _receiver(market: Market, callback: Callable[..., bool], name: str = "receiver") -> str:
    receiver = market.flash_loan_receiver(name, callback)
    for symbol in ("WETH", "USDC"):
        market.fund(symbol, receiver, 10**18)
    return receiver


def _true(*_: Any) -> bool:
    return True


def test_a_simple_loan(market: Market) -> None:
    """The receiver sees what it was promised; the premium, all of it, waits for the treasury as shares."""
    seen_inside: list[Any] = []

    def callback(*arguments: Any) -> bool:
        seen_inside.append((*arguments, market.erc20("WETH").balance_of(receiver)))
        return True

    receiver = _receiver(market, callback)
    weth, amount, premium = market.asset("WETH"), 10 * WETH, 10 * WETH * PREMIUM_BPS // 10_000
    with changes(market) as seen:
        market.pool.flash_loan_simple(receiver, weth, amount, b"hello", 3, sender=ALICE)
    assert seen_inside == [([weth], [amount], [premium], ALICE, b"hello", 10**18 + amount)]
    spent = {} if has_modern_test_token(market) else {f"WETH.allowances[{receiver}, pool]": -amount - premium}
    assert seen == {
        f"WETH.balances[{receiver}]": -premium,
        "WETH.balances[aWETH]": premium,
        **spent,
        "pool.reserves[WETH].accrued_to_treasury": premium,
        "pool.reserves[WETH].virtual_underlying_balance": premium,
    }
    assert events_of(market)[-1] == FlashLoan(receiver, ALICE, weth, amount, 0, premium, 3)


def test_the_premium_rounds_up(market: Market) -> None:
    premiums: list[int] = []

    def callback(_assets: Any, _amounts: Any, given: list[int], *_: Any) -> bool:
        premiums.extend(given)
        return True

    receiver = _receiver(market, callback)
    for amount in (1, 1_999, 2_000, 2_001):
        market.pool.flash_loan_simple(receiver, market.asset("USDC"), amount, sender=ALICE)
    assert premiums == [1, 1, 1, 2]


def test_nothing_borrowed_is_still_a_loan(market: Market) -> None:
    receiver = _receiver(market, _true)
    market.pool.flash_loan_simple(receiver, market.asset("USDC"), 0, sender=ALICE)
    assert events_of(market)[-1] == FlashLoan(receiver, ALICE, market.asset("USDC"), 0, 0, 0, 0)
    with changes(market) as seen:
        market.pool.flash_loan(receiver, [], [], [], sender=ALICE)
    assert seen == {}


def test_several_assets_one_kept_as_debt(market: Market) -> None:
    receiver = _receiver(market, _true)
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    market.pool.supply(weth, 10 * WETH, sender=ALICE)
    rates = rates_of(market, "USDC")
    with changes(market) as seen:
        market.pool.flash_loan(receiver, [weth, usdc], [WETH, 1_000 * USDC], [0, 2], sender=ALICE)
    premium = WETH * PREMIUM_BPS // 10_000
    seen.pop(f"WETH.allowances[{receiver}, pool]", None)
    assert seen == {
        f"WETH.balances[{receiver}]": -premium,
        "WETH.balances[aWETH]": premium,
        "pool.reserves[WETH].accrued_to_treasury": premium,
        "pool.reserves[WETH].virtual_underlying_balance": premium,
        f"USDC.balances[{receiver}]": 1_000 * USDC,
        "USDC.balances[aUSDC]": -1_000 * USDC,
        "debtUSDC.scaled_balances[alice]": 1_000 * USDC,
        "debtUSDC.previous_indexes[alice]": RAY,
        "debtUSDC.scaled_supply": 1_000 * USDC,
        "pool.reserves[USDC].virtual_underlying_balance": -1_000 * USDC,
        "pool.users_config[alice]": 0b100,
        **rate_changes(market, "USDC", rates, debt=1_000 * USDC, liquidity=99_000 * USDC),
    }
    loans = [event for event in events_of(market) if isinstance(event, FlashLoan)]
    assert loans == [
        FlashLoan(receiver, ALICE, weth, WETH, 0, premium, 0),
        FlashLoan(receiver, ALICE, usdc, 1_000 * USDC, 2, 0, 0),
    ]


def test_flash_borrowers_pay_nothing_but_for_simple_loans(market: Market) -> None:
    market.acl_manager.add_flash_borrower(CAROL, sender=market.admin)
    receiver = _receiver(market, _true)
    weth = market.asset("WETH")
    market.pool.flash_loan(receiver, [weth], [WETH], [0], sender=CAROL)
    assert events_of(market)[-1].premium == 0
    market.pool.flash_loan_simple(receiver, weth, WETH, sender=CAROL)
    assert events_of(market)[-1].premium == WETH * PREMIUM_BPS // 10_000


def test_loans_that_are_refused(market: Market) -> None:
    weth, usdc, pool = market.asset("WETH"), market.asset("USDC"), market.pool
    receiver = _receiver(market, _true)
    inconsistent = errors.InconsistentFlashloanParams
    refused(market, inconsistent, lambda: pool.flash_loan(receiver, [weth], [], [0], sender=ALICE))
    refused(market, inconsistent, lambda: pool.flash_loan(receiver, [weth, weth], [1, 1], [0, 0], sender=ALICE))
    refused(market, Panic, lambda: pool.flash_loan(receiver, [weth], [1], [], sender=ALICE))
    refused(market, Panic, lambda: pool.flash_loan(receiver, [weth], [1], [3], sender=ALICE))
    no_such_rate = errors.InvalidInterestRateModeSelected
    refused(market, no_such_rate, lambda: pool.flash_loan(receiver, [weth], [1], [1], sender=ALICE))
    refused(market, errors.InvalidAmount, lambda: pool.flash_loan_simple(receiver, weth, 100 * WETH + 1, sender=ALICE))
    refused(market, errors.InvalidAmount, lambda: pool.flash_loan_simple(receiver, weth, MAX, sender=ALICE))
    refused(market, Revert, lambda: pool.flash_loan_simple(receiver, NOBODY, 1, sender=ALICE))
    refused(market, EmptyRevert, lambda: pool.flash_loan_simple(NOBODY, weth, 1, sender=ALICE))
    refused(market, EmptyRevert, lambda: pool.flash_loan_simple(market.oracle.address, weth, 1, sender=ALICE))
    without_collateral = errors.LtvValidationFailed
    refused(market, without_collateral, lambda: pool.flash_loan(receiver, [usdc], [1], [2], sender=ALICE))
    undelegated = errors.InsufficientBorrowAllowance
    refused(market, undelegated, lambda: pool.flash_loan(receiver, [usdc], [1], [2], BOB, sender=ALICE))


def test_switched_off_paused_and_frozen(market: Market) -> None:
    weth, configurator, admin = market.asset("WETH"), market.configurator, market.admin
    receiver = _receiver(market, _true)

    def lend() -> None:
        market.pool.flash_loan_simple(receiver, weth, WETH, sender=ALICE)

    configurator.set_reserve_freeze(weth, True, sender=admin)
    lend()  # a frozen reserve still lends for an instant
    configurator.set_reserve_pause(weth, True, sender=admin)
    refused(market, errors.ReservePaused, lend)
    configurator.set_reserve_pause(weth, False, sender=admin)
    configurator.set_reserve_flash_loaning(weth, False, sender=admin)
    refused(market, errors.FlashloanDisabled, lend)


def test_receivers_that_refuse_do_not_pay_or_are_not_there(market: Market) -> None:
    weth, pool = market.asset("WETH"), market.pool
    no = _receiver(market, lambda *_: False, "no")
    refused(market, errors.InvalidFlashloanExecutorReturn, lambda: pool.flash_loan_simple(no, weth, 1, sender=ALICE))
    refused(market, errors.InvalidFlashloanExecutorReturn, lambda: pool.flash_loan(no, [weth], [1], [0], sender=ALICE))
    poor = market.flash_loan_receiver("poor", _true)
    refused(market, Revert, lambda: pool.flash_loan_simple(poor, weth, WETH, sender=ALICE))
    construct("AlwaysFalseReceiver", market.chain, NOBODY, [])
    error = errors.InvalidFlashloanExecutorReturn
    refused(market, error, lambda: pool.flash_loan_simple(NOBODY, weth, 1, sender=ALICE))


def test_what_a_receiver_raises_is_what_the_caller_gets(market: Market) -> None:
    def callback(*_: Any) -> bool:
        raise errors.RawRevert(b"\1\2\3")

    receiver = _receiver(market, callback)
    data = market.pool.find(selector_of("flashLoanSimple(address,address,uint256,bytes,uint16)"))
    calldata = data.calldata([receiver, market.asset("WETH"), 1, b"", 0])
    receipt = market.chain.transact(ALICE, market.pool.address, calldata)
    assert (receipt.ok, receipt.return_data) == (False, b"\1\2\3")


# --- calling back in --------------------------------------------------------------------------------------------------


def test_borrowed_money_can_be_supplied_and_withdrawn_again(market: Market) -> None:
    """The reserve is the same storage inside and outside of the loan."""
    weth, pool = market.asset("WETH"), market.pool

    def callback(_assets: Any, amounts: list[int], *_: Any) -> bool:
        assert pool.get_virtual_underlying_balance(weth) == 100 * WETH - amounts[0]
        pool.supply(weth, amounts[0], sender=receiver)
        assert pool.get_virtual_underlying_balance(weth) == 100 * WETH
        pool.withdraw(weth, MAX, sender=receiver)
        return True

    receiver = _receiver(market, callback)
    premium = 50 * WETH * PREMIUM_BPS // 10_000
    market.fund("WETH", receiver, premium)
    with changes(market) as seen:
        pool.flash_loan_simple(receiver, weth, 50 * WETH, sender=ALICE)
    assert seen["pool.reserves[WETH].virtual_underlying_balance"] == premium
    assert "aWETH.scaled_supply" not in seen
    kinds = [type(event).__name__ for event in events_of(market)]
    assert kinds.index("Supply") < kinds.index("Withdraw") < kinds.index("FlashLoan")


def test_a_loan_inside_a_loan(market: Market) -> None:
    weth, usdc, pool = market.asset("WETH"), market.asset("USDC"), market.pool
    inner = _receiver(market, _true, "inner")

    def callback(*_: Any) -> bool:
        pool.flash_loan_simple(inner, usdc, 1_000 * USDC, sender=outer)
        return True

    outer = _receiver(market, callback, "outer")
    pool.flash_loan_simple(outer, weth, WETH, sender=ALICE)
    loans = [event for event in events_of(market) if isinstance(event, FlashLoan)]
    assert [(loan.target, loan.initiator, loan.asset) for loan in loans] == [(inner, outer, usdc), (outer, ALICE, weth)]


def test_a_caught_revert_leaves_no_trace(market: Market) -> None:
    weth, pool = market.asset("WETH"), market.pool

    def callback(*_: Any) -> bool:
        pool.borrow(market.asset("USDC"), 80_000 * USDC, sender=BOB)
        logs = list(market.chain.logs)
        with pytest.raises(Panic):  # the debt is there already when the liquidity turns out not to be
            pool.borrow(market.asset("USDC"), 20_001 * USDC, sender=BOB)
        assert market.chain.logs == logs
        return True

    receiver = _receiver(market, callback)
    pool.set_user_use_reserve_as_collateral(weth, True, sender=BOB)
    with changes(market) as seen:
        pool.flash_loan_simple(receiver, weth, WETH, sender=ALICE)
    assert seen["debtUSDC.scaled_balances[bob]"] == 80_000 * USDC
    assert [type(event).__name__ for event in events_of(market)].count("Borrow") == 1


def test_a_whole_liquidation_with_borrowed_money(market: Market) -> None:
    weth, usdc, pool = market.asset("WETH"), market.asset("USDC"), market.pool
    pool.supply(weth, 10 * WETH, sender=ALICE)
    pool.borrow(usdc, 15_000 * USDC, sender=ALICE)
    market.set_price("WETH", 1_700 * 10**8)

    def callback(*_: Any) -> bool:
        pool.liquidation_call(weth, usdc, ALICE, MAX, sender=receiver)
        return True

    receiver = _receiver(market, callback)
    market.fund("USDC", receiver, 100 * USDC)
    pool.flash_loan_simple(receiver, usdc, 15_000 * USDC, sender=CAROL)
    assert pool.get_user_account_data(ALICE).total_debt_base == 0
    assert market.erc20("WETH").balance_of(receiver) > 9 * WETH


def test_the_callers_of_a_receiver_see_its_address(market: Market) -> None:
    """What a receiver does, it does as itself: it owns what it supplies."""
    weth = market.asset("WETH")

    def callback(*_: Any) -> bool:
        market.pool.supply(weth, 5, sender=receiver)
        return True

    receiver = _receiver(market, callback)
    market.pool.flash_loan_simple(receiver, weth, WETH, sender=ALICE)
    assert market.a_token("WETH").balance_of(receiver) == 5
    assert market.a_token("WETH").balance_of(ALICE) == 0


# --- multicall --------------------------------------------------------------------------------------------------------


def _calldata(market: Market, signature: str, *arguments: Any) -> bytes:
    return market.pool.find(selector_of(signature)).calldata(arguments)


SUPPLY = "supply(address,uint256,address,uint16)"
WITHDRAW = "withdraw(address,uint256,address)"


def test_multicall_returns_what_each_call_returns(market: Market) -> None:
    weth = market.asset("WETH")
    calls = [
        _calldata(market, SUPPLY, weth, 10 * WETH, ALICE, 0),
        _calldata(market, WITHDRAW, weth, 4 * WETH, ALICE),
        _calldata(market, "getUserEMode(address)", ALICE),
    ]
    results = market.pool.multicall(calls, sender=ALICE)
    assert results == [b"", encode_values(("uint256",), (4 * WETH,)), bytes(32)]
    assert market.a_token("WETH").balance_of(ALICE) == 6 * WETH
    assert market.pool.multicall([], sender=ALICE) == []


def test_multicall_is_all_or_nothing(market: Market) -> None:
    weth = market.asset("WETH")
    good = _calldata(market, SUPPLY, weth, WETH, ALICE, 0)
    refused(
        market,
        errors.InvalidAmount,
        lambda: market.pool.multicall([good, _calldata(market, SUPPLY, weth, 0, ALICE, 0)], sender=ALICE),
    )
    unlisted = _calldata(market, SUPPLY, ZERO, 1, ALICE, 0)
    refused(market, errors.FailedCall, lambda: market.pool.multicall([good, unlisted], sender=ALICE))
    refused(market, errors.FailedCall, lambda: market.pool.multicall([good, b"\1\2\3\4"], sender=ALICE))
    refused(market, errors.FailedCall, lambda: market.pool.multicall([b""], sender=ALICE))


def test_multicall_inside_multicall(market: Market) -> None:
    weth = market.asset("WETH")
    inner = _calldata(market, "multicall(bytes[])", [_calldata(market, SUPPLY, weth, WETH, ALICE, 0)] * 2)
    market.pool.multicall([inner, inner], sender=ALICE)
    assert market.a_token("WETH").balance_of(ALICE) == 4 * WETH
