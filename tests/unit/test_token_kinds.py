"""Tokens as they behave: what each kind does, how a pool fares with it on every release, and which laws that breaks."""

import json
import pickle
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

import pytest
from pooltwin.invariants import Monitor, all_laws
from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.contracts.tokens import CODE_OF_TOKENS, STAND_INS
from pooltwin.protocol.errors import EmptyRevert, ErrorString, Revert
from pooltwin.protocol.events import Approval, Transfer
from pooltwin.protocol.evm_storage.raw import storage_of
from pooltwin.protocol.market import Market
from pooltwin.protocol.market_state.adding import Adding
from pooltwin.protocol.market_state.errors import InexpressibleError, StateError
from pooltwin.protocol.models import MarketConfig, ReserveConfig, TokenKind
from pooltwin.protocol.models.state import AccountReserveState, AccountState

from .worlds import ALICE, ALL_REVISIONS, BOB, CAROL, DAVE, DOLLAR, FROM_V3_2, MAX, RATES, USDC

NO_APPROVAL, NO_RETURN, FEE, REBASING = KINDS = (
    "no approval event",
    "no return value",
    "fee on transfer",
    "rebasing",
)
on_every_release = pytest.mark.parametrize("revision", ALL_REVISIONS)
of_every_kind = pytest.mark.parametrize("kind", KINDS)


def config(kind: Any, revision: str) -> MarketConfig:
    """One reserve of a kind, and a test token."""
    usual: dict[str, Any] = {
        "decimals": 6,
        "price": DOLLAR,
        "rates": RATES,
        "ltv_bps": 7_500,
        "liquidation_threshold_bps": 7_800,
        "liquidation_bonus_bps": 10_500,
        "reserve_factor_bps": 1_000,
    }
    reserves = (ReserveConfig(symbol="TKN", token_kind=kind, **usual), ReserveConfig(symbol="DAI", **usual))
    return MarketConfig(name="kinds", revision=revision, reserves=reserves)


def deployed(kind: str, revision: str) -> Market:
    """A market with one reserve of a kind, where Alice and Bob have a million of both tokens."""
    market = Market.deploy(config(kind, revision))
    for who in (ALICE, BOB):
        for symbol in market.assets:
            market.fund(symbol, who, 10**6 * USDC)
    return market


def lend(market: Market, at: str) -> None:
    """Supply, borrow, withdraw, repay, take a flash loan: all succeed."""
    pool, token, dai = market.pool, market.asset("TKN"), market.asset("DAI")
    pool.supply(token, 100_000 * USDC, sender=ALICE)
    pool.supply(dai, 100_000 * USDC, sender=BOB)
    market.chain.advance(3_600)
    pool.borrow(token, 10_000 * USDC, sender=BOB)
    market.chain.advance(86_400)
    pool.withdraw(token, 1_000 * USDC, sender=ALICE)
    pool.repay(token, 5_000 * USDC, sender=BOB)
    receiver = market.flash_loan_receiver(at, lambda *_: True)
    market.fund("TKN", receiver, 1_000 * USDC)
    pool.flash_loan_simple(receiver, token, 1_000 * USDC, sender=ALICE)
    pool.withdraw(token, 100 * USDC, sender=ALICE)


def broken(market: Market, *steps: Any) -> set[str]:
    """The laws that steps break."""
    with Monitor(market, all_laws(), stop=False) as monitor:
        for step in steps:
            step()
    return {violation.law.id for violation in monitor.violations}


def rebase(market: Market, percent: int) -> None:
    """Raise or cut the total."""
    token: Any = market.erc20("TKN")
    token.rebase(token.total_supply() * percent // 100, sender=market.admin)


def events(market: Market, cls: type) -> list[Any]:
    """The last transaction's events of a class that the token emitted."""
    receipt, token = market.chain.receipt, market.asset("TKN")
    assert receipt is not None
    return [log.event for log in receipt.logs if log.address == token and isinstance(log.event, cls)]


def test_every_kind_has_its_code() -> None:
    assert set(get_args(TokenKind)) == CODE_OF_TOKENS.keys()
    assert {cls.KIND for cls in STAND_INS} <= set(CODE_OF_TOKENS.values())


# --- the pool and the laws --------------------------------------------------------------------------------------------


@on_every_release
@pytest.mark.parametrize("kind", [NO_APPROVAL, NO_RETURN, REBASING])
def test_every_law_is_silent_where_the_pool_gets_what_it_counts(kind: str, revision: str) -> None:
    market = deployed(kind, revision)
    assert broken(market, lambda: lend(market, "receiver")) == set()


OLDEST, LATER = "3.0.2-3.0.2", "3.2-3.7"
"""Before the pool counted what it holds, and since."""


def by_release(*always: str, revision: str, **also: str) -> set[str]:
    """Laws: those of every release, and those whose span ("first-last") has the release."""
    found = set(always)
    for law, span in also.items():
        first, last = span.split("-")
        if ALL_REVISIONS.index(first) <= ALL_REVISIONS.index(revision) <= ALL_REVISIONS.index(last):
            found.add(law.replace("_", "-"))
    return found


@on_every_release
def test_a_fee_on_transfers_breaks_just_these_laws(revision: str) -> None:
    market = deployed(FEE, revision)
    assert broken(market, lambda: lend(market, "receiver")) == by_release(
        "INF-1",
        revision=revision,
        SOL_1=OLDEST,
        SOL_2=OLDEST,
        SOL_5=LATER,
        SOL_6=LATER,
        INF_5="3.0.2-3.4",
        DEF_10="3.4-3.7",
    )
    held, claims = market.erc20("TKN").balance_of(market.a_token("TKN").address), market.a_token("TKN").total_supply()
    assert held + market.debt_token("TKN").total_supply() < claims  # lenders lose


@on_every_release
def test_a_cut_of_the_total_breaks_just_these_laws(revision: str) -> None:
    market = deployed(REBASING, revision)
    lend(market, "receiver")
    assert broken(market, lambda: rebase(market, 90)) == by_release(
        "SOL-13", revision=revision, SOL_1=OLDEST, SOL_2=OLDEST, SOL_5=LATER
    )


@on_every_release
def test_a_raised_total_breaks_no_law(revision: str) -> None:
    market = deployed(REBASING, revision)
    lend(market, "receiver")
    assert broken(market, lambda: rebase(market, 110)) == set()


@on_every_release
def test_after_a_raise_transfers_round_against_the_pool(revision: str) -> None:
    market = deployed(REBASING, revision)
    lend(market, "receiver")
    rebase(market, 110)
    assert broken(market, lambda: lend(market, "another")) == by_release(
        "INF-1", revision=revision, SOL_6=LATER, INF_5="3.0.2-3.4"
    )


# --- each kind --------------------------------------------------------------------------------------------------------


@on_every_release
def test_a_pull_logs_no_approval_and_spends_any_allowance(revision: str) -> None:
    market = deployed(NO_APPROVAL, revision)
    token = market.erc20("TKN")
    market.pool.supply(token.address, 10, sender=ALICE)
    assert events(market, Approval) == []
    assert events(market, Transfer) == [Transfer(ALICE, market.a_token("TKN").address, 10)]
    assert token.allowance(ALICE, market.pool.address) == MAX - 10
    token.approve(BOB, 5, sender=ALICE)
    assert events(market, Approval) == [Approval(ALICE, BOB, 5)]


SHUT_OUT = "Blacklistable: account is blacklisted"


@on_every_release
def test_who_is_blacklisted_neither_sends_nor_receives_nor_spends(revision: str) -> None:
    market = deployed(NO_APPROVAL, revision)
    token: Any = market.erc20("TKN")
    pool, where = market.pool, token.address
    pool.supply(where, 100 * USDC, sender=ALICE)
    with pytest.raises(ErrorString, match="caller is not the blacklister"):
        token.blacklist(ALICE, sender=BOB)
    token.approve(BOB, 5, sender=CAROL)
    token.approve(ALICE, 5, sender=BOB)
    token.blacklist(ALICE, sender=market.admin)
    assert [token.is_blacklisted(who) for who in (ALICE, BOB)] == [True, False]
    for call in (
        lambda: pool.supply(where, 1, sender=ALICE),
        lambda: pool.withdraw(where, 1, sender=ALICE),
        lambda: token.transfer(BOB, 0, sender=ALICE),
        lambda: token.transfer(ALICE, 0, sender=BOB),
        lambda: token.transfer_from(BOB, CAROL, 0, sender=ALICE),
        lambda: token.approve(BOB, 1, sender=ALICE),
        lambda: token.approve(ALICE, 1, sender=BOB),
        lambda: token.mint(ALICE, 1, sender=market.admin),
    ):
        with pytest.raises(ErrorString, match=SHUT_OUT):
            call()
    pool.withdraw(where, 1, BOB, sender=ALICE)  # somebody else may get what is hers
    token.un_blacklist(ALICE, sender=market.admin)
    pool.withdraw(where, 1, sender=ALICE)


@on_every_release
def test_transfers_and_approvals_return_no_data(revision: str) -> None:
    market = deployed(NO_RETURN, revision)
    token: Any = market.erc20("TKN")
    for name, arguments, sender in (
        ("transfer", [BOB, 1], ALICE),
        ("transferFrom", [ALICE, BOB, 0], DAVE),
        ("approve", [BOB, 1], CAROL),
    ):
        function = next(function for function in token.functions.values() if function.name == name)
        receipt = market.chain.transact(sender, token.address, function.calldata(arguments))
        assert (receipt.ok, receipt.return_data) == (True, b"")
    assert token.transfer(BOB, 1, sender=ALICE) is None
    assert not {"permit", "nonces"} & {function.name for function in token.functions.values()}


def test_an_allowance_is_changed_by_way_of_zero() -> None:
    market = deployed(NO_RETURN, ALL_REVISIONS[-1])
    token = market.erc20("TKN")
    token.approve(market.pool.address, 0, sender=ALICE)
    token.approve(market.pool.address, 5, sender=ALICE)
    with pytest.raises(EmptyRevert):
        token.approve(market.pool.address, 6, sender=ALICE)
    market.fund("TKN", ALICE, 1)
    assert token.allowance(ALICE, market.pool.address) == MAX


@on_every_release
def test_a_blacklisted_sender_alone_is_refused(revision: str) -> None:
    market = deployed(NO_RETURN, revision)
    token: Any = market.erc20("TKN")
    market.pool.supply(token.address, 100 * USDC, sender=ALICE)
    with pytest.raises(EmptyRevert):
        token.add_black_list(ALICE, sender=BOB)
    token.add_black_list(ALICE, sender=market.admin)
    assert token.get_black_list_status(ALICE)
    with pytest.raises(EmptyRevert):
        market.pool.supply(token.address, 1, sender=ALICE)
    market.pool.withdraw(token.address, 1, sender=ALICE)
    token.remove_black_list(ALICE, sender=market.admin)
    market.pool.supply(token.address, 1, sender=ALICE)


def test_a_fee_that_is_set_goes_to_the_owner() -> None:
    market = deployed(NO_RETURN, ALL_REVISIONS[-1])
    token: Any = market.erc20("TKN")
    for fee in ((20, 1), (1, 50)):
        with pytest.raises(EmptyRevert):
            token.set_params(*fee, sender=market.admin)
    token.set_params(10, 2, sender=market.admin)
    assert (token.basis_points_rate(), token.maximum_fee()) == (10, 2 * USDC)
    token.transfer(CAROL, 1_000 * USDC, sender=ALICE)
    assert token.balance_of(CAROL) == 999 * USDC
    token.transfer(CAROL, 10_000 * USDC, sender=ALICE)
    assert events(market, Transfer) == [Transfer(ALICE, market.admin, 2 * USDC), Transfer(ALICE, CAROL, 9_998 * USDC)]


def test_a_fee_on_transfers_is_burnt() -> None:
    market = deployed(FEE, ALL_REVISIONS[-1])
    token: Any = market.erc20("TKN")
    supply = token.total_supply()
    token.transfer(CAROL, 1_000, sender=ALICE)
    assert (token.balance_of(CAROL), token.total_supply(), token.fee()) == (990, supply - 10, 100)
    token.set_fee(0, sender=market.admin)
    token.transfer(DAVE, 990, sender=CAROL)
    assert token.balance_of(DAVE) == 990
    with pytest.raises(Revert):
        token.transfer(ALICE, 991, sender=DAVE)
    with pytest.raises(ErrorString):
        token.set_fee(10_001, sender=market.admin)


def test_balances_follow_the_total_and_its_shares_stay() -> None:
    market = deployed(REBASING, ALL_REVISIONS[-1])
    token: Any = market.erc20("TKN")
    before = market.chain.digest()
    moment = market.chain.snapshot()
    rebase(market, 50)
    assert token.balance_of(ALICE) == 500_000 * USDC
    assert token.shares_of(ALICE) == 10**6 * USDC
    token.transfer(CAROL, 7, sender=ALICE)
    assert (token.balance_of(CAROL), token.shares_of(CAROL)) == (7, 14)
    token.mint(DAVE, 10, sender=market.admin)
    assert (token.balance_of(DAVE), token.shares_of(DAVE)) == (10, 20)
    holders = token.shares.written().values()
    assert sum(holders) == token.get_total_shares()
    assert sum(token.balances.written().values()) <= token.total_supply()
    market.chain.revert_to(moment)
    assert market.chain.digest() == before


# --- what keeps a market ----------------------------------------------------------------------------------------------


def unusual(market: Market, kind: str) -> None:
    """Change what only this kind stores."""
    token: Any = market.erc20("TKN")
    {
        NO_APPROVAL: lambda: token.blacklist(CAROL, sender=market.admin),
        NO_RETURN: lambda: token.add_black_list(CAROL, sender=market.admin),
        FEE: lambda: token.set_fee(50, sender=market.admin),
        REBASING: lambda: rebase(market, 120),
    }[kind]()


@on_every_release
@of_every_kind
def test_saved_pickled_copied_and_forked_markets_are_the_same(kind: str, revision: str, tmp_path: Path) -> None:
    market = deployed(kind, revision)
    market.pool.supply(market.asset("TKN"), 10**6, sender=ALICE)
    unusual(market, kind)
    market.save(tmp_path / "state.json")
    for copy in (
        Market.load(tmp_path / "state.json"),
        pickle.loads(pickle.dumps(market)),
        deepcopy(market),
        market.fork(),
    ):
        assert copy.chain.digest() == market.chain.digest()
        copy.pool.withdraw(copy.asset("TKN"), 10, sender=ALICE)
        assert copy.chain.digest() != market.chain.digest()


@on_every_release
@of_every_kind
def test_a_configuration_says_all_or_refuses_in_words(kind: str, revision: str) -> None:
    market = deployed(kind, revision)
    if kind != FEE:  # of which the pool counts more than it holds, which no state may say
        market.pool.supply(market.asset("TKN"), 10**6, sender=ALICE)
    taken = MarketConfig.model_validate(json.loads(market.config().model_dump_json()))
    assert taken.reserves[0].token_kind == kind
    assert Market.deploy(taken).chain.digest() == market.chain.digest()
    unusual(market, kind)
    with pytest.raises(InexpressibleError, match=market.asset("TKN")):
        market.config()


@pytest.mark.parametrize("revision", FROM_V3_2)
def test_a_pool_that_counts_more_than_it_holds_is_no_configuration(revision: str) -> None:
    market = deployed(FEE, revision)
    market.pool.supply(market.asset("TKN"), 10**6, sender=ALICE)
    with pytest.raises(InexpressibleError, match="virtual_underlying_balance 1000000 is more"):
        market.config()


def added(market: Market, who: Address) -> None:
    """Add an account with five tokens."""
    account = AccountState(reserves={"TKN": AccountReserveState(tokens=5)})
    adding = Adding(market.chain, market.provider.address, market.assets)
    adding.add({who: account}, lender=None, out_of=None)


@on_every_release
def test_accounts_are_added_until_a_rebase(revision: str) -> None:
    market = deployed(REBASING, revision)
    token: Any = market.erc20("TKN")
    added(market, CAROL)
    assert (token.balance_of(CAROL), token.shares_of(CAROL)) == (5, 5)
    assert sum(token.shares.written().values()) == token.get_total_shares() == token.total_supply()
    rebase(market, 50)
    with pytest.raises(StateError, match="TKN: its token was rebased"):
        added(market, DAVE)


@of_every_kind
def test_the_storage_of_the_evm_has_no_place_for_them(kind: str) -> None:
    with pytest.raises(ValueError, match=f"{CODE_OF_TOKENS[kind]} stands for a token"):
        storage_of(deployed(kind, ALL_REVISIONS[-1]).chain)


@of_every_kind
def test_the_parties_of_any_token_are_checked(kind: str) -> None:
    market = deployed(kind, ALL_REVISIONS[-1])
    token: Any = market.erc20("TKN")
    zero: Address = "0x" + "0" * 40
    if kind != NO_RETURN:
        for call in (lambda: token.transfer(zero, 1, sender=ALICE), lambda: token.approve(zero, 1, sender=ALICE)):
            with pytest.raises(Revert):
                call()
    with pytest.raises(Revert):
        token.transfer(BOB, MAX, sender=ALICE)
    with pytest.raises(Revert):
        token.transfer_from(ALICE, BOB, 1, sender=CAROL)
    with pytest.raises(Revert):
        token.mint(BOB, 1, sender=BOB)
    assert construct(token.KIND, market.chain, CAROL, ["N", "S", 9, DAVE]).owner() == DAVE
