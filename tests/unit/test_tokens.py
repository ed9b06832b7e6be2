"""Tokens: aTokens and debt tokens, signatures, the test token in both its spellings, WETH9, rescue."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import Any

import pytest
from hypothesis import given
from pooltwin.protocol import errors
from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.erc20 import WETH9
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.errors import EmptyRevert, ErrorString, Panic, Revert
from pooltwin.protocol.events import Approval, BalanceTransfer, Deposit, Transfer, Withdrawal
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import REVISIONS

from .numbers import uints
from .signing import ORDER, Wallet, malleable
from .worlds import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    MAX,
    MODERN,
    RAY,
    USDC,
    WETH,
    ZERO,
    changes,
    events_of,
    fresh,
    has_modern_test_token,
    lived_in,
    refused,
)

FOREVER = 2**40
WALLET = Wallet("signer")


@pytest.fixture(params=MODERN)
def market(request: Any) -> Market:
    """A market a month old."""
    return lived_in(request.param)


# --- aTokens ----------------------------------------------------------------------------------------------------------


def test_a_transfer_takes_shares_rounded_up(market: Market) -> None:
    a_token, dai = market.a_token("DAI"), market.asset("DAI")
    index = market.pool.get_reserve_normalized_income(dai)
    assert index > RAY
    shares = ceil(Fraction(1_000 * WETH * RAY, index))
    before = a_token.previous_indexes[BOB]
    with changes(market) as seen:
        assert a_token.transfer(DAVE, 1_000 * WETH, sender=BOB)
    assert seen == {
        "aDAI.scaled_balances[bob]": -shares,
        "aDAI.scaled_balances[dave]": shares,
        "aDAI.previous_indexes[bob]": index - before,
        "aDAI.previous_indexes[dave]": index,
    }
    assert events_of(market)[-2:] == [
        Transfer(BOB, DAVE, 1_000 * WETH),
        BalanceTransfer(BOB, DAVE, shares, index),
    ]


def test_transfers_of_collateral_keep_the_sender_healthy(market: Market) -> None:
    a_token = market.a_token("WETH")
    unhealthy = errors.HealthFactorLowerThanLiquidationThreshold
    refused(market, unhealthy, lambda: a_token.transfer(BOB, a_token.balance_of(ALICE), sender=ALICE))
    a_token.transfer(BOB, WETH, sender=ALICE)
    refused(market, Panic, lambda: a_token.transfer(BOB, 1_000 * WETH, sender=ALICE))
    cast = errors.SafeCastOverflowedUintDowncast
    refused(market, cast, lambda: a_token.transfer(BOB, 2**120, sender=ALICE))
    refused(market, Revert, lambda: a_token.transfer(BOB, MAX, sender=ALICE))


def test_sending_everything_ends_collateral_and_the_recipient_gets_no_flag(market: Market) -> None:
    a_token = market.a_token("WBTC")
    market.pool.supply(market.asset("WBTC"), 10**8, sender=DAVE)
    with changes(market) as seen:
        a_token.transfer(BOB, 10**8, sender=DAVE)
    assert seen["pool.users_config[dave]"] == -(2 << 6)
    assert "pool.users_config[bob]" not in seen


def test_transfers_to_oneself_and_of_nothing(market: Market) -> None:
    a_token = market.a_token("DAI")
    for recipient, amount in ((BOB, 5), (CAROL, 0)):
        scaled = a_token.scaled_balances[BOB]
        a_token.transfer(recipient, amount, sender=BOB)
        assert a_token.scaled_balances[BOB] == scaled


@given(amount=uints(10**24))
def test_allowances_pay_for_the_exact_loss(amount: int) -> None:
    """What is asked must be allowed; what is spent is what the owner lost, which rounding may make a unit more."""
    market = lived_in("3.7")
    a_token = market.a_token("DAI")
    a_token.approve(CAROL, amount, sender=BOB)
    had = a_token.balance_of(BOB)
    try:
        a_token.transfer_from(BOB, DAVE, amount, sender=CAROL)
    except Panic:
        assert amount > had
        return
    lost = had - a_token.balance_of(BOB)
    assert amount <= lost <= amount + 2
    assert a_token.allowance(BOB, CAROL) == amount - min(amount, lost) == 0


def test_allowances_of_a_tokens(market: Market) -> None:
    a_token = market.a_token("DAI")
    a_token.approve(CAROL, MAX, sender=BOB)
    a_token.transfer_from(BOB, DAVE, 5, sender=CAROL)
    assert a_token.allowance(BOB, CAROL) == MAX  # infinite stays infinite
    refused(market, Panic, lambda: a_token.increase_allowance(CAROL, 1, sender=BOB))
    a_token.decrease_allowance(CAROL, MAX - 3, sender=BOB)
    refused(market, errors.ERC20InsufficientAllowance, lambda: a_token.transfer_from(BOB, DAVE, 4, sender=CAROL))
    refused(market, Panic, lambda: a_token.decrease_allowance(CAROL, 4, sender=BOB))
    a_token.renounce_allowance(BOB, sender=CAROL)
    assert a_token.allowance(BOB, CAROL) == 0


def test_balances_are_shares_times_the_index(market: Market) -> None:
    for symbol in market.assets:
        a_token, debt, asset = market.a_token(symbol), market.debt_token(symbol), market.asset(symbol)
        income = market.pool.get_reserve_normalized_income(asset)
        owed = market.pool.get_reserve_normalized_variable_debt(asset)
        for user in (ALICE, BOB, CAROL, DAVE):
            assert a_token.balance_of(user) == floor(Fraction(a_token.scaled_balance_of(user) * income, RAY))
            assert debt.balance_of(user) == ceil(Fraction(debt.scaled_balance_of(user) * owed, RAY))
        assert a_token.total_supply() == floor(Fraction(a_token.scaled_total_supply() * income, RAY))
        assert a_token.get_scaled_user_balance_and_supply(BOB) == (
            a_token.scaled_balances[BOB],
            a_token.scaled_supply,
        )


def test_only_the_pool_mints_and_burns(market: Market) -> None:
    a_token, debt = market.a_token("DAI"), market.debt_token("DAI")
    calls: list[Callable[[], Any]] = [
        lambda: a_token.mint(BOB, BOB, 1, RAY, sender=market.admin),
        lambda: a_token.burn(BOB, BOB, 1, 1, RAY, sender=market.admin),
        lambda: a_token.mint_to_treasury(1, RAY, sender=market.admin),
        lambda: a_token.transfer_on_liquidation(BOB, CAROL, 1, 1, RAY, sender=market.admin),
        lambda: a_token.transfer_underlying_to(BOB, 1, sender=market.admin),
        lambda: debt.mint(BOB, BOB, 1, 1, RAY, sender=market.admin),
        lambda: debt.burn(BOB, 1, RAY, sender=market.admin),
    ]
    for call in calls:
        refused(market, errors.CallerMustBePool, call)
    finalize = market.pool.finalize_transfer
    asset = market.asset("DAI")
    refused(market, errors.CallerNotAToken, lambda: finalize(asset, BOB, CAROL, 1, 1, sender=market.admin))


def test_debt_does_not_move(market: Market) -> None:
    debt = market.debt_token("DAI")
    calls: list[Callable[[], Any]] = [
        lambda: debt.transfer(BOB, 1, sender=ALICE),
        lambda: debt.transfer_from(ALICE, BOB, 1, sender=ALICE),
        lambda: debt.approve(BOB, 1, sender=ALICE),
        lambda: debt.increase_allowance(BOB, 1, sender=ALICE),
        lambda: debt.decrease_allowance(BOB, 1, sender=ALICE),
        lambda: debt.renounce_allowance(BOB, sender=ALICE),
        lambda: debt.allowance(ALICE, BOB),
    ]
    for call in calls:
        refused(market, errors.OperationNotSupported, call)


# --- rescue -----------------------------------------------------------------------------------------------------------


def test_rescue(market: Market) -> None:
    usdc, admin = market.erc20("USDC"), market.admin
    a_token, pool = market.a_token("WETH"), market.pool
    usdc.transfer(a_token.address, 5, sender=BOB)
    usdc.transfer(pool.address, 7, sender=BOB)
    for holder, label, amount in ((a_token, "aWETH", 5), (pool, "pool", 7)):
        rescue: Any = holder.rescue_tokens
        with changes(market) as seen:
            rescue(usdc.address, DAVE, amount, sender=admin)
        assert seen == {f"USDC.balances[{label}]": -amount, "USDC.balances[dave]": amount}
        refused(market, errors.CallerNotPoolAdmin, lambda: rescue(usdc.address, DAVE, 0, sender=BOB))  # noqa: B023
        refused(market, Revert, lambda: rescue(usdc.address, DAVE, 1, sender=admin))  # noqa: B023 - nothing left
        refused(market, ErrorString, lambda: rescue(named_address("nothing"), DAVE, 1, sender=admin))  # noqa: B023
    weth = market.asset("WETH")
    refused(market, errors.UnderlyingCannotBeRescued, lambda: a_token.rescue_tokens(weth, DAVE, 1, sender=admin))


# --- signatures -------------------------------------------------------------------------------------------------------


def _permit_of(market: Market, symbol: str, of_a_token: bool) -> tuple[Any, str]:
    token: Any = market.a_token(symbol) if of_a_token else market.erc20(symbol)
    return token, token.name()


@pytest.mark.parametrize("of_a_token", [False, True])
def test_permits(market: Market, of_a_token: bool) -> None:
    token, name = _permit_of(market, "USDC", of_a_token)
    signature = WALLET.permit(name, token.address, BOB, 77, 0, FOREVER)
    label = "aUSDC" if of_a_token else "USDC"
    with changes(market) as seen:
        token.permit(WALLET.address, BOB, 77, FOREVER, *signature, sender=CAROL)
    assert seen == {f"{label}.allowances[{WALLET.address}, bob]": 77, f"{label}.nonces_used[{WALLET.address}]": 1}
    assert market.chain.receipt is not None
    assert market.chain.receipt.events == [Approval(WALLET.address, BOB, 77)]
    assert token.nonces(WALLET.address) == 1


@pytest.mark.parametrize("of_a_token", [False, True])
def test_permits_that_are_refused(market: Market, of_a_token: bool) -> None:
    token, name = _permit_of(market, "USDC", of_a_token)
    now, owner = market.chain.time, WALLET.address

    def signed(**changed: Any) -> Any:
        given = {"spender": BOB, "value": 77, "nonce": 0, "deadline": now, "token": token.address} | changed
        return WALLET.permit(name, **given)

    def permit(signature: Any, owner: str = owner, deadline: int = now, value: int = 77) -> Callable[[], Any]:
        return lambda: token.permit(owner, BOB, value, deadline, *signature, sender=CAROL)

    wrong = errors.InvalidSignature if of_a_token else ErrorString
    late = errors.InvalidExpiration if of_a_token else ErrorString
    nobody = errors.ZeroAddressNotValid if of_a_token else ErrorString
    refused(market, wrong, permit(signed(value=78)))
    refused(market, wrong, permit(signed(spender=CAROL)))
    refused(market, wrong, permit(signed(nonce=1)))
    refused(market, wrong, permit(signed(deadline=now + 1)))
    refused(market, wrong, permit(signed(token=DAVE)))
    refused(market, wrong, permit(signed(chain_id=2)))
    refused(market, wrong, permit(signed(), owner=ALICE))
    refused(market, late, permit(signed(deadline=now - 1), deadline=now - 1))
    refused(market, nobody, permit(signed(), owner=ZERO))
    v, r, s = signed()
    refused(market, errors.ECDSAInvalidSignatureS, permit(malleable((v, r, s))))
    refused(market, errors.ECDSAInvalidSignature, permit((26, r, s)))
    refused(market, errors.ECDSAInvalidSignature, permit((27, bytes(32), s)))
    refused(market, errors.ECDSAInvalidSignature, permit((27, ORDER.to_bytes(32, "big"), s)))
    permit(signed())()
    refused(market, wrong, permit(signed()))  # used


def test_delegation_by_signature(market: Market) -> None:
    debt = market.debt_token("USDC")
    now, owner = market.chain.time, WALLET.address

    def delegate(value: int = 5, signed_value: int = 5, deadline: int = now, owner: str = owner) -> None:
        signature = WALLET.delegation(debt.name(), debt.address, BOB, signed_value, debt.nonces(owner), deadline)
        debt.delegation_with_sig(owner, BOB, value, deadline, *signature, sender=CAROL)

    with changes(market) as seen:
        delegate()
    assert seen == {f"debtUSDC.borrow_allowances[{owner}, bob]": 5, f"debtUSDC.nonces_used[{owner}]": 1}
    refused(market, errors.InvalidSignature, lambda: delegate(value=6))
    refused(market, errors.InvalidSignature, lambda: delegate(owner=ALICE))
    refused(market, errors.InvalidExpiration, lambda: delegate(deadline=now - 1))
    refused(market, errors.ZeroAddressNotValid, lambda: delegate(owner=ZERO))
    delegate(9, 9)
    assert debt.borrow_allowance(owner, BOB) == 9
    debt.renounce_delegation(owner, sender=BOB)
    assert debt.borrow_allowance(owner, BOB) == 0


def test_supply_and_repay_with_permit(market: Market) -> None:
    pool, usdc, owner = market.pool, market.erc20("USDC"), WALLET.address
    usdc.mint(owner, 1_000 * USDC, sender=market.admin)
    signature = WALLET.permit("USDC", usdc.address, pool.address, 600 * USDC, 0, FOREVER)
    pool.supply_with_permit(usdc.address, 600 * USDC, owner, 0, FOREVER, *signature, sender=owner)
    assert market.a_token("USDC").balance_of(owner) in (600 * USDC, 600 * USDC - 1)
    pool.borrow(usdc.address, 100 * USDC, sender=owner)
    signature = WALLET.permit("USDC", usdc.address, pool.address, 100 * USDC, 1, FOREVER)
    repaid = pool.repay_with_permit(usdc.address, 100 * USDC, 2, owner, FOREVER, *signature, sender=owner)
    assert repaid == 100 * USDC


def test_a_permit_that_fails_does_not_matter_if_the_allowance_is_there(market: Market) -> None:
    usdc = market.asset("USDC")
    nonsense = (FOREVER, 27, bytes(32), bytes(32))
    market.pool.supply_with_permit(usdc, USDC, BOB, 0, *nonsense, sender=BOB)
    market.erc20("USDC").approve(market.pool.address, 0, sender=BOB)
    refused(market, Revert, lambda: market.pool.supply_with_permit(usdc, USDC, BOB, 0, *nonsense, sender=BOB))
    nowhere = named_address("nowhere")
    refused(market, EmptyRevert, lambda: market.pool.supply_with_permit(nowhere, 1, BOB, 0, *nonsense, sender=BOB))


# --- the test token ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", MODERN)
def test_the_underlying_token_in_its_two_spellings(revision: str) -> None:
    market = fresh(revision)
    token: Any = market.erc20("WETH")
    modern = has_modern_test_token(market)
    had = token.balance_of(ALICE)

    def says(custom: type[Revert], text: str, call: Callable[[], Any]) -> None:
        revert = refused(market, custom if modern else ErrorString, call)
        assert modern or str(revert).startswith(f"Error({text!r})")

    says(
        errors.ERC20InsufficientBalance,
        "ERC20: transfer amount exceeds balance",
        lambda: token.transfer(BOB, had + 1, sender=ALICE),
    )
    says(
        errors.ERC20InvalidReceiver,
        "ERC20: transfer to the zero address",
        lambda: token.transfer(ZERO, 1, sender=ALICE),
    )
    says(
        errors.ERC20InvalidSender,
        "ERC20: transfer from the zero address",
        lambda: token.transfer(BOB, 0, sender=ZERO),
    )
    says(errors.ERC20InvalidSpender, "ERC20: approve to the zero address", lambda: token.approve(ZERO, 1, sender=ALICE))
    says(
        errors.ERC20InvalidApprover, "ERC20: approve from the zero address", lambda: token.approve(BOB, 1, sender=ZERO)
    )
    says(
        errors.ERC20InvalidReceiver, "ERC20: mint to the zero address", lambda: token.mint(ZERO, 1, sender=market.admin)
    )
    says(errors.OwnableUnauthorizedAccount, "Ownable: caller is not the owner", lambda: token.mint(BOB, 1, sender=BOB))
    says(
        errors.ERC20InsufficientAllowance,
        "ERC20: transfer amount exceeds allowance",
        lambda: token.transfer_from(ALICE, BOB, 1, sender=CAROL),
    )
    too_much = Panic if modern else EmptyRevert
    refused(market, too_much, lambda: token.mint(BOB, MAX, sender=market.admin))
    token.approve(CAROL, MAX, sender=ALICE)
    token.transfer_from(ALICE, BOB, 5, sender=CAROL)
    assert token.allowance(ALICE, CAROL) == (MAX if modern else MAX - 5)
    if not modern:
        token.increase_allowance(CAROL, 5, sender=ALICE)
        refused(market, EmptyRevert, lambda: token.increase_allowance(CAROL, 1, sender=ALICE))
        token.decrease_allowance(CAROL, MAX, sender=ALICE)
        refused(market, ErrorString, lambda: token.decrease_allowance(CAROL, 1, sender=ALICE))


@pytest.mark.parametrize("revision", REVISIONS)
def test_until_v3_4_nothing_is_worth_nothing_whatever_the_index(revision: str) -> None:
    """The bytecode says so where the index, at a rate no market has, overflows; found in lockstep on planted rates."""
    market, early = lived_in(revision), revision <= "3.4"
    usdc = market.asset("USDC")
    reserve = market.pool.reserves[usdc]
    reserve.current_variable_borrow_rate = reserve.current_liquidity_rate = 2**128 - 1
    market.debt_token("USDC").scaled_balances[ALICE] = 0
    a_token = market.a_token("USDC")
    a_token.scaled_supply = 0
    reserve.liquidity_index = 2**128 - 1
    market.chain.advance(10**9)
    asked: list[Callable[[], Any]] = [
        lambda: market.debt_token("USDC").balance_of(ALICE),
        a_token.total_supply,
        lambda: market.chain.revision.a_token_supply(market.pool, reserve),
        lambda: market.pool.get_user_account_data(CAROL).total_debt_base,
    ]
    market.pool.users_config[CAROL] = 1 << 2 * reserve.id
    for ask in asked:
        if early:
            assert ask() == 0
        else:
            refused(market, EmptyRevert, ask)


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_supply_of_shares_does_not_overflow(revision: str) -> None:
    """Balances of 120 bits never add up to so much; found in lockstep on planted supplies."""
    market = lived_in(revision)
    usdc = market.asset("USDC")
    market.pool.supply(usdc, USDC, sender=BOB)
    a_token, supplied = market.a_token("USDC"), market.a_token("USDC").scaled_supply
    a_token.scaled_supply = MAX
    refused(market, Panic, lambda: market.pool.supply(usdc, USDC, sender=BOB))
    a_token.scaled_supply = supplied
    market.debt_token("USDC").scaled_supply = MAX
    refused(market, Panic, lambda: market.pool.borrow(usdc, 1, sender=ALICE))


# --- WETH9 ------------------------------------------------------------------------------------------------------------


def test_weth9() -> None:
    market = fresh("3.7")
    chain, where = market.chain, named_address("weth9")
    weth9: WETH9 = construct("WETH9", chain, where, [])
    chain.balances[ALICE] = 100
    deposit = weth9.find(bytes.fromhex("d0e30db0")).calldata([])
    receipt = chain.transact(ALICE, where, deposit, value=60)
    assert receipt.events == [Deposit(ALICE, 60)]
    assert chain.transact(ALICE, where, b"", value=10).events == [Deposit(ALICE, 10)]
    assert (weth9.balance_of(ALICE), weth9.total_supply(), chain.balances[ALICE]) == (70, 70, 30)
    weth9.withdraw(25, sender=ALICE)
    assert chain.receipt is not None
    assert chain.receipt.events == [Withdrawal(ALICE, 25)]
    assert (weth9.balance_of(ALICE), weth9.total_supply(), chain.balances[ALICE]) == (45, 45, 55)
    refused(market, EmptyRevert, lambda: weth9.withdraw(46, sender=ALICE))
    weth9.balances[CAROL] = 46  # more than there is ether: no calls lead there, and the ether does not either
    refused(market, EmptyRevert, lambda: weth9.withdraw(46, sender=CAROL))
    weth9.balances[CAROL] = 0
    refused(market, EmptyRevert, lambda: weth9.transfer(BOB, 46, sender=ALICE))
    weth9.transfer(BOB, 5, sender=ALICE)
    refused(market, EmptyRevert, lambda: weth9.transfer_from(BOB, CAROL, 1, sender=CAROL))
    weth9.approve(CAROL, 3, sender=BOB)
    weth9.transfer_from(BOB, CAROL, 2, sender=CAROL)
    weth9.approve(DAVE, MAX, sender=BOB)
    weth9.transfer_from(BOB, DAVE, 1, sender=DAVE)
    assert (weth9.allowance(BOB, CAROL), weth9.allowance(BOB, DAVE)) == (1, MAX)
    assert [weth9.balance_of(user) for user in (ALICE, BOB, CAROL, DAVE)] == [40, 2, 2, 1]
    assert (weth9.name(), weth9.symbol(), weth9.decimals()) == ("Wrapped Ether", "WETH", 18)
    withdraw = weth9.find(bytes.fromhex("2e1a7d4d")).calldata([0])
    assert isinstance(chain.transact(ALICE, where, withdraw, value=1).revert, EmptyRevert)  # it takes no ether
    assert chain.balances[ALICE] == 55
