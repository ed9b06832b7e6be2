"""Markets of running states whose underlying is somebody's own token: read by its views, created by its words."""

import warnings
from pathlib import Path
from typing import Any

import pytest
from pooltwin.interop import AllocWarning
from pooltwin.interop.evm.codes import CodeError
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.interop.evm.given_token import GivenToken
from pooltwin.invariants.campaigns.campaign import EpisodeRun
from pooltwin.invariants.standard import history_from
from pooltwin.protocol.address import named_address
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import Revision

from ..harness.artifacts import ArtifactSet
from .acted import ALICE, BOB, chain_of, episode, lived_in
from .own_tokens import account_of, answer
from .test_given import alloc_of, taken

STRAY = 2**200
"""A slot in which no test token has anything."""
IMPLEMENTATION = named_address("code of a token")
UNIT = 10**18


@pytest.fixture(scope="module")
def engine(artifacts_v3_6: ArtifactSet) -> Revision:
    return bytecode_engine(artifacts_v3_6, "3.6")


@pytest.fixture(scope="module")
def market(engine: Revision) -> Market:
    return lived_in("3.6", engine)


@pytest.fixture(scope="module")
def first(market: Market) -> str:
    """The address of the first asset."""
    return next(iter(market.assets.values()))


def with_token(market: Market, where: str, name: str) -> dict[str, Any]:
    """The market's state with one of our tokens in the place of an asset, whose holders have what they had."""
    alloc = alloc_of(market)
    alloc[where] = account_of(name, where, dict(market.chain.at(where).balances.written()), market.chain.time)
    return alloc


def played(market: Market, path: Path, steps: int = 120) -> EpisodeRun:
    """An episode with all laws that begins where a market is."""
    market.save(path)
    return episode(history_from(path, engine=market.chain.revision), steps, market.chain.revision)


def test_a_token_of_unknown_code_is_any_token(
    market: Market, first: str, artifacts_v3_6: ArtifactSet, tmp_path: Path
) -> None:
    """The same code, once known and once not, for it has a word that nothing explains: all else is the same."""
    alloc = alloc_of(market)
    known = taken(market, alloc, artifacts=artifacts_v3_6)
    alloc[first]["storage"][hex(STRAY)] = "0x1"
    unknown = taken(market, alloc, artifacts=artifacts_v3_6)
    assert isinstance(unknown.chain.at(first), GivenToken)
    one, other = (played(each, tmp_path / f"{number}.json") for number, each in enumerate((known, unknown)))
    assert other.actions == one.actions
    assert [str(each.violation) for each in other.findings] == [str(each.violation) for each in one.findings] == []
    for where, contract in chain_of(one).contracts.items():
        there = chain_of(other).contracts[where]
        if where == first:
            assert dict(there.balances.written()) == dict(contract.balances.written())
            assert there.supply == contract.supply
            assert {pair: left for pair, left in there.allowances.items() if left} == {
                pair: left for pair, left in contract.allowances.items() if left
            }
        else:
            assert there.dump() == contract.dump()


@pytest.mark.parametrize("name", ["Silent", "Barring"])
@pytest.mark.parametrize("behind_a_proxy", [False, True])
def test_others_tokens_pass_every_law(
    market: Market,
    first: str,
    artifacts_v3_6: ArtifactSet,
    tmp_path: Path,
    name: str,
    behind_a_proxy: bool,
) -> None:
    """Without return values, with another thing in a balance's word; records are what the bytecode answers."""
    alloc = with_token(market, first, name)
    if behind_a_proxy:
        alloc[IMPLEMENTATION] = {"code": alloc[first]["code"], "nonce": "0x1"}
        alloc[first]["code"] = f"0x363d3d373d3d3d363d73{IMPLEMENTATION[2:]}5af43d82803e903d91602b57fd5bf3"
    again = taken(market, alloc, artifacts=artifacts_v3_6)
    run = played(again, tmp_path / "state.json")
    assert run.findings == []
    chain, token = chain_of(run), chain_of(run).at(first)
    assert sum(run.tally.succeeded.values()) > 30
    end = alloc_of(run.stage.market)
    for account, balance in token.balances.items():
        assert answer(end, first, chain.time, "balanceOf(address)", account) == balance
    for (owner, spender), left in token.allowances.items():
        assert answer(end, first, chain.time, "allowance(address,address)", owner, spender) == left
    assert answer(end, first, chain.time, "totalSupply()") == token.supply


def test_a_fee_on_transfers_breaks_the_laws_of_bookkeeping(
    market: Market, first: str, artifacts_v3_6: ArtifactSet, tmp_path: Path
) -> None:
    again = taken(market, with_token(market, first, "Costly"), artifacts=artifacts_v3_6)
    again.save(tmp_path / "state.json")
    history = history_from(tmp_path / "state.json", engine=again.chain.revision)
    found = {finding.law for finding in episode(history, 120, again.chain.revision).findings}
    assert {"SOL-6", "INF-1"} <= found


def test_snapshots_and_forks_keep_tokens_apart(market: Market, first: str) -> None:
    again = taken(market, with_token(market, first, "Silent"))
    chain, token = again.chain, again.chain.at(first)
    digest, before = chain.digest(), token.balances[BOB]
    moment, branch = chain.snapshot(), again.fork()
    token.mint(BOB, 7 * UNIT, sender=ALICE)
    token.transfer(BOB, UNIT, sender=ALICE)
    assert token.balances[BOB] == before + 8 * UNIT
    chain.revert_to(moment)
    assert chain.digest() == branch.chain.digest() == digest
    token.transfer(BOB, UNIT, sender=ALICE)
    branch.chain.at(first).transfer(BOB, UNIT, sender=ALICE)
    assert chain.digest() == branch.chain.digest() != digest
    assert chain.unexplained_words() == branch.chain.unexplained_words() == []


@pytest.mark.parametrize("name", ["Silent", "Costly", "Barring", "Turned", "Seeded"])
def test_tokens_are_made_wherever_balances_lie(market: Market, first: str, name: str) -> None:
    again = taken(market, with_token(market, first, name))
    token, chain = again.chain.at(first), again.chain
    before, total = token.balances[BOB], token.supply
    token.mint(BOB, 5 * UNIT, sender=BOB)
    assert token.balances[BOB] - before == token.supply - total == 5 * UNIT
    assert answer(alloc_of(again), first, chain.time, "balanceOf(address)", BOB) == token.balances[BOB]
    token.transfer(ALICE, before + 5 * UNIT, sender=BOB)
    assert token.balances[BOB] == 0
    assert chain.unexplained_words() == []


def test_laws_ask_the_token_itself(market: Market, first: str) -> None:
    again = taken(market, with_token(market, first, "Silent"))
    token = again.chain.at(first)
    token.balances[BOB] += 1
    with again.chain.judging():
        assert token.balance_of(BOB) == token.balances[BOB] - 1


def test_balances_that_grow_are_read_again(market: Market, first: str) -> None:
    with pytest.warns(AllocWarning, match=f"{first}: where GROW keeps shares is found"):
        again = taken(market, with_token(market, first, "Growing"))
    token = again.chain.at(first)
    before = token.balances[ALICE]
    again.chain.advance(10**6)
    token.transfer(BOB, 1, sender=ALICE)
    assert token.balances[ALICE] > before


@pytest.mark.filterwarnings("ignore::pooltwin.interop.AllocWarning")
@pytest.mark.parametrize("name", ["Growing", "Pooled"])
@pytest.mark.parametrize("amount", [1, 7, 10**9 + 1, 5 * UNIT, 10**9 * UNIT])
def test_shares_are_given_of_tokens_that_rebase(market: Market, first: str, name: str, amount: int) -> None:
    """To a few units; the total rises with them, and nobody else has more or less."""
    again = taken(market, with_token(market, first, name))
    token, chain = again.chain.at(first), again.chain
    other, mine, total = token.balances[ALICE], token.balances[BOB], token.supply
    token.mint(BOB, amount, sender=BOB)
    assert abs(token.balances[BOB] - mine - amount) <= 4
    assert abs(token.supply - total - amount) <= 4
    assert abs(token.balances[ALICE] - other) <= 1
    assert answer(alloc_of(again), first, chain.time, "balanceOf(address)", BOB) == token.balances[BOB]
    assert chain.unexplained_words() == []
    token.transfer(ALICE, token.balances[BOB], sender=BOB)
    assert token.balances[BOB] <= 4


@pytest.mark.filterwarnings("ignore::pooltwin.interop.AllocWarning")
@pytest.mark.parametrize("name", ["Growing", "Pooled"])
def test_a_saved_state_of_shares_opens_as_it_was(
    market: Market, first: str, artifacts_v3_6: ArtifactSet, name: str, tmp_path: Path
) -> None:
    again = taken(market, with_token(market, first, name), artifacts=artifacts_v3_6)
    again.chain.at(first).mint(BOB, 3 * UNIT, sender=BOB)
    run = played(again, tmp_path / "state.json", 40)
    assert sum(run.tally.succeeded.values()) > 10
    token, chain = chain_of(run).at(first), chain_of(run)
    end = alloc_of(run.stage.market)
    for account, balance in token.balances.items():
        assert abs(answer(end, first, chain.time, "balanceOf(address)", account) - balance) <= 4


def test_where_balances_are_not_found_nobody_is_given_any(market: Market, first: str, tmp_path: Path) -> None:
    with pytest.warns(AllocWarning, match=f"{first}: where DATE keeps its balances is not found"):
        again = taken(market, with_token(market, first, "Dated"))
    token = again.chain.at(first)
    with pytest.raises(Revert):
        token.mint(ALICE, 1, sender=ALICE)
    token.balances[BOB] += UNIT
    again.save(tmp_path / "state.json")
    history = history_from(tmp_path / "state.json", engine=again.chain.revision)
    with pytest.raises(CodeError, match=f"{first}: the balance of {BOB} is .* and cannot be made"):
        history.stage(again.chain.revision)


def test_a_known_token_warns_of_nothing(market: Market) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not any(
            isinstance(each, GivenToken) for each in taken(market, alloc_of(market)).chain.contracts.values()
        )
