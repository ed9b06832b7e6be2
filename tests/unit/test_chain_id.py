"""A chain whose id changes: whose domain each token signs for, in every release, and what is written down of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pooltwin.protocol import load, save
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.contracts.signatures import domain_separator
from pooltwin.protocol.errors import ErrorString, InvalidSignature, Revert
from pooltwin.protocol.evm_storage.raw import Identity, identities_of, storage_of
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import revision_named

from .signing import Wallet
from .worlds import ALICE, ALL_REVISIONS, BOB, MAX, ZERO, fresh, lifted

HOME, FORK = 1, 31_337
WALLET = Wallet("signer")


@pytest.fixture(params=ALL_REVISIONS)
def market(request: pytest.FixtureRequest) -> Market:
    """A market of every release."""
    return fresh(request.param)


def tokens(market: Market) -> list[Any]:
    """An underlying, its aToken and its debt token."""
    return [market.erc20("WETH"), market.a_token("WETH"), market.debt_token("WETH")]


def domain_of(token: Any, chain_id: int) -> bytes:
    return domain_separator(token.name(), chain_id, token.address)


def test_reserve_tokens_go_with_the_chain_and_test_tokens_stay(market: Market) -> None:
    for chain_id in (FORK, 7, HOME):
        market.chain.set_chain_id(chain_id)
        underlying, *own = tokens(market)
        assert underlying.domain_separator() == domain_of(underlying, HOME)
        assert [token.domain_separator() for token in own] == [domain_of(token, chain_id) for token in own]


def test_signatures_for_the_right_chain_are_believed(market: Market) -> None:
    market.chain.set_chain_id(FORK)
    underlying, a_token, debt_token = tokens(market)
    for token, right, wrong, error in ((underlying, HOME, FORK, ErrorString), (a_token, FORK, HOME, InvalidSignature)):
        terms = (token.name(), token.address, BOB, 5, 0, MAX)
        with pytest.raises(error):
            token.permit(WALLET.address, BOB, 5, MAX, *WALLET.permit(*terms, chain_id=wrong), sender=BOB)
        token.permit(WALLET.address, BOB, 5, MAX, *WALLET.permit(*terms, chain_id=right), sender=BOB)
        assert token.allowance(WALLET.address, BOB) == 5
    terms = (debt_token.name(), debt_token.address, BOB, 5, 0, MAX)
    with pytest.raises(InvalidSignature):
        debt_token.delegation_with_sig(
            WALLET.address, BOB, 5, MAX, *WALLET.delegation(*terms, chain_id=HOME), sender=BOB
        )
    debt_token.delegation_with_sig(WALLET.address, BOB, 5, MAX, *WALLET.delegation(*terms, chain_id=FORK), sender=BOB)
    assert debt_token.borrow_allowance(WALLET.address, BOB) == 5


def listed(market: Market, symbol: str, a_token: str, debt_token: str) -> Any:
    """The aToken of another asset, with these implementations."""
    underlying = f"0x{int.from_bytes(symbol.encode(), 'big'):040x}"
    construct("TestnetERC20", market.chain, underlying, [symbol, symbol, 6, market.admin])
    rates = b"".join(word.to_bytes(32, "big") for word in (8000, 0, 400, 6000))
    names = (f"a{symbol}", f"a{symbol}", f"v{symbol}", f"v{symbol}")
    entry: tuple[Any, ...] = (a_token, debt_token, underlying, *names, b"", rates)
    configurator = market.configurator
    strategy = market.rate_strategy.address
    if market.chain.revision.stable_rates:
        stable = market.stable_debt_token("WETH").implementation
        owners = (market.a_token("WETH").treasury, ZERO)
        entry = (a_token, stable, debt_token, 6, strategy, underlying, *owners, *names, f"s{symbol}", f"s{symbol}", b"")
        configurator.init_reserves_with_strategies([entry], sender=market.admin)
    elif market.chain.revision.strategies_per_reserve:
        entry = (
            a_token,
            debt_token,
            True,
            strategy,
            underlying,
            market.a_token("WETH").treasury,
            ZERO,
            *names,
            b"",
            rates,
        )
        configurator.init_reserves_with_strategies([entry], sender=market.admin)
    else:
        configurator.init_reserves([entry], sender=market.admin)
    return market.chain.at(market.pool.reserves[underlying].a_token)


def with_old_and_new_code(market: Market) -> tuple[Any, Any]:
    """A market on a fork, where an asset got tokens of code from home, and another got code of the fork's own."""
    market.chain.set_chain_id(FORK)
    old_code = [token.implementation for token in tokens(market)[1:]]
    settings = [market.pool.address, ZERO, market.a_token("WETH").treasury]
    if not market.chain.revision.tokens_name_their_treasury:
        settings = settings[:1]
    new_code = [f"0x{number:040x}" for number in (0xA0, 0xB0)]
    construct("ATokenInstance", market.chain, new_code[0], settings)
    construct("VariableDebtTokenInstance", market.chain, new_code[1], settings[:2])
    return listed(market, "OLD", *old_code), listed(market, "NEW", *new_code)


def test_code_remembers_the_chain_it_was_built_for(market: Market) -> None:
    """The domain in storage is that of the day on which the proxy was set up, and counts where the code is at home."""
    old, new = with_old_and_new_code(market)
    assert [old.domain_separator(), new.domain_separator()] == [domain_of(old, FORK), domain_of(new, FORK)]
    market.chain.set_chain_id(HOME)
    assert [old.domain_separator(), new.domain_separator()] == [domain_of(old, FORK), domain_of(new, HOME)]


# --- what is written down ---------------------------------------------------------------------------------------------


def test_states_at_home_say_nothing_of_chains(market: Market) -> None:
    """Digests and files are what they were before tokens remembered anything."""
    _, *contracts = [json.loads(line) for line in market.chain.state_lines()]
    assert not any("built_for" in entry["fields"] for entry in contracts)
    kinds = {"ATokenInstance", "VariableDebtTokenInstance"}
    kinds |= {"StableDebtToken"} if market.chain.revision.stable_rates else set()
    assert {entry["kind"].partition("@")[0] for entry in contracts if "domain" in entry["fields"]} == kinds


@pytest.mark.parametrize("chain_id", [HOME, FORK])
def test_files_forks_and_storage_keep_it(market: Market, tmp_path: Path, chain_id: int) -> None:
    old, new = with_old_and_new_code(market)
    market.chain.set_chain_id(chain_id)
    chain = market.chain
    save(chain, tmp_path / "state")
    loaded = load(tmp_path / "state")
    copies = (loaded, chain.fork(), lifted(chain))
    for copy in copies:
        assert copy.digest() == chain.digest()
        for token in (*tokens(market), old, new):
            assert copy.at(token.address).domain_separator() == token.domain_separator()
        copy.set_chain_id(FORK + HOME - chain_id)
        assert copy.at(old.address).domain_separator() == domain_of(old, FORK)
    assert storage_of(lifted(chain)) == storage_of(chain)


@pytest.mark.parametrize("chain_id", [HOME, FORK])
def test_storage_is_taken_without_a_word_of_where_code_was_built(market: Market, chain_id: int) -> None:
    """Then a stored domain of another chain's tells that the code is from there."""
    market.chain.set_chain_id(chain_id)
    identities = {
        where: Identity(kind, {name: value for name, value in immutables.items() if name != "built_for"})
        for where, (kind, immutables) in identities_of(market.chain).items()
    }
    copy = lifted(market.chain, identities=identities)
    for token in tokens(market):
        assert copy.at(token.address).domain_separator() == token.domain_separator()


def test_a_change_of_the_id_is_undone_with_everything_else() -> None:
    chain = fresh("3.7").chain
    digest, mark = chain.digest(), chain.snapshot()
    chain.set_chain_id(FORK)
    assert chain.digest() != digest
    chain.revert_to(mark)
    assert (chain.chain_id, chain.digest()) == (HOME, digest)


@pytest.mark.parametrize("chain_id", [0, -1, True, "1"])
def test_what_is_no_chain_id_is_refused(chain_id: Any) -> None:
    with pytest.raises(ValueError, match="is not a chain id"):
        fresh("3.7").chain.set_chain_id(chain_id)


def test_v3_0_2_has_it_in_all_three_tokens() -> None:
    chain = Chain(revision_named("3.0.2"), time=1)
    for kind in ("ATokenInstance", "VariableDebtTokenInstance", "StableDebtToken"):
        token = construct(kind, chain, f"0x{len(kind):040x}", [ALICE])
        assert token.domain_separator() == bytes(32)
        chain.set_chain_id(FORK)
        assert token.domain_separator() == domain_of(token, FORK)
        with pytest.raises(Revert):
            token.initialise_metadata(BOB, ALICE, 6, "t", "t")
        chain.set_chain_id(HOME)
