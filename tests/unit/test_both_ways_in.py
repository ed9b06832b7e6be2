"""Typed handles and raw calldata are two spellings of the same call."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.errors import InvalidAmount, NotModelledError, Revert

from .calls import Target, answer, call_of, crowded, targets, unmodelled
from .worlds import ALICE, ALL_REVISIONS, BOB, MAX, MODERN, WETH


def _last(chain: Chain) -> Any:
    """The receipt of the last transaction, even of a typed call."""
    assert chain.receipt is not None
    return chain.receipt


def _methods(contract: Any) -> Any:
    """Python names by selector; the shorter overloads are the same method with defaults."""
    names = {}
    for name in dir(type(contract)):
        member = getattr(type(contract), name)
        for function in getattr(member, "contract_functions", ()):
            names[function.selector] = name
    return names


def _typed(chain: Chain, target: Target, sender: Any, arguments: Any) -> Any:
    """Call by name. Returns what `answer` does."""
    contract = chain.at(target.address)
    method = getattr(contract, _methods(contract)[target.function.selector])
    style = chain.revision.error_style
    try:
        value = method(*arguments) if target.function.view else method(*arguments, sender=sender)
    except Revert as revert:
        return False, revert.data(style)
    except NotModelledError as error:
        return str(error)
    return True, target.function.encode_result(value)


def _check(typed: Chain, raw: Chain, target: Target, sender: Any, arguments: Any) -> None:
    """Call one by name and the other by calldata: same answer, same events, same state."""
    answered = answer(raw, sender, target, arguments)
    assert _typed(typed, target, sender, arguments) == answered
    if not target.function.view and not isinstance(answered, str):
        ours, theirs = _last(typed), _last(raw)
        assert ours.function.name == target.function.name
        assert [(log.address, log.event) for log in ours.logs] == [(log.address, log.event) for log in theirs.logs]
        assert (ours.revert and ours.revert.describe()) == (theirs.revert and theirs.revert.describe())
    assert typed.digest() == raw.digest()


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=150)
@given(data=st.data())
def test_typed_and_raw_calls_are_the_same(revision: str, data: st.DataObject) -> None:
    """Same answer, same events, same state. (An admin's calls through its own proxy are only known to the raw way.)"""
    typed, raw = crowded(revision).chain, crowded(revision).chain
    for _ in range(4):
        target = data.draw(st.sampled_from(targets(revision)))
        sender, arguments = data.draw(call_of(revision, target))
        if sender == getattr(raw.at(target.address), "proxy_admin", None):
            sender = ALICE
        _check(typed, raw, target, sender, arguments)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_code_of_another_kind_is_refused_either_way(revision: str) -> None:
    typed, raw = crowded(revision).chain, crowded(revision).chain
    for target, sender, arguments in unmodelled(revision):
        assert isinstance(answer(raw.fork(), sender, target, arguments), str)
        _check(typed, raw, target, sender, arguments)


@pytest.mark.parametrize("revision", MODERN)
def test_defaults_mean_the_caller(revision: str) -> None:
    market = crowded(revision)
    weth = market.asset("WETH")
    market.pool.supply(weth, WETH, sender=BOB)
    assert _last(market.chain).arguments == [weth, WETH, BOB, 0]
    market.pool.supply(weth, WETH, referral_code=7, sender=BOB)
    assert _last(market.chain).arguments == [weth, WETH, BOB, 7]
    market.pool.supply(asset=weth, amount=WETH, on_behalf_of=ALICE, sender=BOB)
    assert _last(market.chain).arguments == [weth, WETH, ALICE, 0]
    market.pool.withdraw(weth, MAX, sender=BOB)
    assert _last(market.chain).arguments == [weth, MAX, BOB]


def test_a_revert_reads_like_a_sentence() -> None:
    market = crowded("3.7")
    weth = market.asset("WETH")
    with pytest.raises(InvalidAmount) as caught:
        market.pool.supply(weth, 0, sender=ALICE)
    assert str(caught.value) == f"InvalidAmount() in PoolInstance.supply({weth}, 0, {ALICE}, 0) from {ALICE}"
    assert repr(market.chain.receipt) == f"<Receipt of supply: {caught.value}>"


MISUSE = [
    (
        lambda pool, weth: pool.supply(weth, -1, sender=ALICE),
        ValueError,
        "supply: argument 'amount': -1 is not a uint256",
    ),
    (lambda pool, weth: pool.supply(weth, 1.5, sender=ALICE), ValueError, "supply: argument 'amount': 1.5 is not"),
    (lambda pool, weth: pool.supply("weth", 1, sender=ALICE), ValueError, "supply: argument 'asset': 'weth' is not an"),
    (lambda pool, weth: pool.supply(weth, 1, ALICE, 2**16, sender=ALICE), ValueError, "'referral_code': 65536 is not"),
    (lambda pool, weth: pool.supply(weth, 1, sender="alice"), ValueError, "'alice' is not an address"),
    (lambda pool, weth: pool.supply(weth, sender=ALICE), TypeError, "supply: argument 'amount' is missing"),
    (lambda pool, weth: pool.supply(weth, 1, ALICE, 0, 5, sender=ALICE), TypeError, "takes 4 arguments, 5 given"),
    (lambda pool, weth: pool.supply(weth, 1, to=ALICE, sender=ALICE), TypeError, "no argument 'to'; it takes asset,"),
    (lambda pool, weth: pool.get_user_e_mode(1), ValueError, "getUserEMode: argument 'user': 1 is not an address"),
]


@pytest.mark.parametrize(("misuse", "error", "message"), MISUSE, ids=[message for *_, message in MISUSE])
def test_misuse_is_no_revert_and_changes_nothing(misuse: Any, error: Any, message: str) -> None:
    market = crowded("3.7")
    before = market.chain.digest()
    with pytest.raises(error) as caught:
        misuse(market.pool, market.asset("WETH"))
    assert not isinstance(caught.value, Revert)
    assert message in str(caught.value)
    assert market.chain.digest() == before
