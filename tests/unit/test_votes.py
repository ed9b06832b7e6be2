"""ATokens that carry votes: shares vote, power follows them, and the laws do not mind."""

from __future__ import annotations

import pytest
from eth_keys.datatypes import PrivateKey
from pooltwin.invariants import all_laws
from pooltwin.invariants.monitor import Monitor
from pooltwin.protocol.contracts.a_token_with_delegation import DELEGATE_TYPEHASH, ATokenWithDelegation
from pooltwin.protocol.contracts.signatures import struct_digest
from pooltwin.protocol.errors import Panic, Revert
from pooltwin.protocol.logic import governance_power as power
from pooltwin.protocol.market import Market
from pooltwin.protocol.upgrades.upgrade import upgrade

from .worlds import ALICE, BOB, CAROL, MAX, MODERN, WETH, config, lifted

UNIT = power.POWER_SCALE_FACTOR


def voting(revision: str = "3.7") -> Market:
    """The usual market, in which the aToken of WETH votes and Alice and Bob have a million."""
    usual = config(revision)
    reserves = (usual.reserves[0].model_copy(update={"a_token_votes": True}), *usual.reserves[1:])
    market = Market.deploy(usual.model_copy(update={"reserves": reserves}))
    for user in (ALICE, BOB):
        market.fund("WETH", user, 10**6 * WETH)
    return market


def token_of(market: Market) -> ATokenWithDelegation:
    token = market.a_token("WETH")
    assert isinstance(token, ATokenWithDelegation)
    return token


@pytest.mark.parametrize("revision", MODERN)
def test_power_follows_shares(revision: str) -> None:
    market = voting(revision)
    pool, weth, token = market.pool, market.asset("WETH"), token_of(market)
    with Monitor(market, all_laws()) as monitor:
        pool.supply(weth, 10 * WETH, sender=ALICE)
        token.delegate(CAROL, sender=ALICE)
        token.delegate_by_type(ALICE, power.PROPOSITION, sender=ALICE)
        assert token.get_delegates(ALICE) == (CAROL, "0x" + "00" * 20)
        pool.supply(weth, 5 * WETH, sender=ALICE)
        token.transfer(BOB, WETH, sender=ALICE)
        pool.withdraw(weth, 2 * WETH, sender=ALICE)
    assert not monitor.violations
    assert token.get_powers_current(ALICE) == (0, 12 * WETH)
    assert token.get_powers_current(CAROL) == (12 * WETH, 0)
    assert token.get_powers_current(BOB) == (WETH, WETH)
    pool.withdraw(weth, MAX, sender=ALICE)
    assert token.get_powers_current(CAROL) == (0, 0)
    assert lifted(market.chain).digest() == market.chain.digest() == market.fork().chain.digest()


def test_votes_given_away_by_signature() -> None:
    market = voting()
    token, key = token_of(market), PrivateKey(b"\x07" * 32)
    signer, deadline = key.public_key.to_address(), market.chain.time
    market.pool.supply(market.asset("WETH"), WETH, signer, sender=ALICE)
    words = (DELEGATE_TYPEHASH, signer, BOB, 0, deadline)
    signature = key.sign_msg_hash(struct_digest(token.domain_separator(), *words))
    r, s = (number.to_bytes(32, "big") for number in (signature.r, signature.s))
    token.meta_delegate(signer, BOB, deadline, signature.v + 27, r, s, sender=CAROL)
    assert token.get_powers_current(BOB) == (WETH, WETH)
    with pytest.raises(Revert, match="InvalidSignature"):
        token.meta_delegate(signer, BOB, deadline, signature.v + 27, r, s, sender=CAROL)
    market.chain.advance(1)
    with pytest.raises(Revert, match="InvalidExpiration"):
        token.meta_delegate(signer, BOB, deadline, signature.v + 27, r, s, sender=CAROL)


def test_modes_and_moved_power() -> None:
    assert [power.changed_mode(mode, power.VOTING, True) for mode in range(4)] == [1, 1, 3, 3]
    assert [power.changed_mode(mode, power.PROPOSITION, False) for mode in range(4)] == [0, 1, 0, 1]
    assert [power.is_delegated(2, kind) for kind in power.KINDS] == [False, True]
    assert power.moved_power(7, 3 * UNIT + 5, 9 * UNIT - 1) == 7 - 3 + 8
    with pytest.raises(Panic):
        power.moved_power(1, 2 * UNIT, 0)
    with pytest.raises(Panic):
        power.moved_power(2**72 - 1, 0, UNIT)
    with pytest.raises(Revert, match="SafeCast"):
        power.moved_power(0, 0, 2**72 * UNIT)


def test_an_upgrade_keeps_votes() -> None:
    market = voting("3.6")
    market.pool.supply(market.asset("WETH"), WETH, sender=ALICE)
    token_of(market).delegate(BOB, sender=ALICE)
    upgrade(market, "3.7")
    assert token_of(market).get_powers_current(BOB) == (WETH, WETH)


def test_older_releases_have_none() -> None:
    with pytest.raises(ValueError, match=r"reserve WETH: a_token_votes is True, which revision 3\.5 lacks"):
        voting("3.5")
