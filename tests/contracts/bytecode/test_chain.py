"""Chains of bytecode: records say what the contracts wrote, laws see the contracts' views, copies go their own way."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest
from pooltwin.interop.evm.codes import answering_one_byte
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.interop.evm.fitting import UnfitError
from pooltwin.interop.evm.sweeping import REST, TURNS
from pooltwin.invariants import Monitor, all_laws, standard_history
from pooltwin.invariants.bytecode_law import EVERY_WORD_IS_EXPLAINED
from pooltwin.invariants.campaigns.probing import run_probes
from pooltwin.invariants.histories.action import Action, Stage
from pooltwin.invariants.histories.router import multicalled
from pooltwin.protocol import Market, Revert, named_address
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.evm_storage.layout import EIP1967_IMPLEMENTATION
from pooltwin.protocol.evm_storage.places import places_of
from pooltwin.protocol.revisions import Revision

from ..harness.artifacts import ArtifactSet

ALICE, BOB = named_address("alice"), named_address("bob")
SUPPLY = Action("alice", "pool", "supply", ("WETH", 10**18, "alice", 0))


@pytest.fixture(scope="module")
def engine(artifacts_v3_6: ArtifactSet) -> Revision:
    return bytecode_engine(artifacts_v3_6, "3.6")


@pytest.fixture(scope="module")
def staged(engine: Revision) -> Stage:
    return standard_history("3.6").stage(engine)


@pytest.fixture
def stage(staged: Stage) -> Iterator[Stage]:
    """The standard market on bytecode; whatever a test does is undone."""
    mark = staged.chain.snapshot()
    yield staged
    staged.chain.revert_to(mark)


@pytest.fixture(scope="module")
def twin() -> Stage:
    return standard_history("3.6").stage()


def shares_slot(stage: Stage, symbol: str, user: str) -> tuple[str, int]:
    """Where a user's shares of a reserve are stored."""
    a_token = stage.market.a_token(symbol)
    (bits,) = places_of(a_token).bits("scaled_balances", (user,), 0)
    return a_token.address, bits.slot


def test_a_market_is_deployed_by_calls_as_the_twin_deploys_it(stage: Stage, twin: Stage) -> None:
    assert stage.chain.digest() == twin.chain.digest()


def test_what_is_reverted_leaves_nothing_and_says_what_the_twin_says(stage: Stage, twin: Stage) -> None:
    reverts = []
    for each in (stage, twin):
        before = each.chain.digest()
        with pytest.raises(Revert) as caught:
            each.market.pool.borrow(each.book["WETH"], 10**30, 2, 0, ALICE, sender=ALICE)
        assert each.chain.digest() == before
        reverts.append((type(caught.value), str(caught.value), each.chain.receipt.return_data))
    assert reverts[0] == reverts[1]


def test_snapshots_and_time_are_undone_in_the_evm_too(stage: Stage) -> None:
    chain = stage.chain
    where, slot = shares_slot(stage, "WETH", ALICE)
    before = chain.digest(), chain.evm.storage(where, slot)
    mark = chain.snapshot()
    stage.perform(SUPPLY)
    chain.advance(86_400)
    stage.perform(SUPPLY)
    chain.revert_to(mark)
    assert (chain.digest(), chain.evm.storage(where, slot)) == before
    with chain.judging():
        assert stage.market.pool.get_reserve_normalized_income(stage.book["WETH"]) > 0


def test_a_fork_goes_its_own_way(stage: Stage) -> None:
    fork = stage.market.fork()
    before = stage.chain.digest()
    fork.pool.supply(stage.book["WETH"], 10**18, ALICE, 0, sender=ALICE)
    assert stage.chain.digest() == before != fork.chain.digest()
    stage.perform(SUPPLY)
    assert stage.chain.digest() == fork.chain.digest()


def test_prices_and_edits_by_hand_reach_the_contracts(stage: Stage) -> None:
    stage.market.set_price("WETH", 1_234_00000000)
    stage.market.a_token("WETH").scaled_balances[BOB] = 77
    with stage.chain.judging():
        assert stage.market.oracle.get_asset_price(stage.book["WETH"]) == 1_234_00000000
        assert stage.market.a_token("WETH").scaled_balance_of(BOB) == 77


def test_views_are_the_contracts_while_laws_ask_and_else_the_records(stage: Stage) -> None:
    oracle, asset = stage.market.oracle, stage.book["WETH"]
    price, code = oracle.get_asset_price(asset), stage.chain.evm.code(oracle.address)
    stage.chain.evm.set_code(oracle.address, answering_one_byte(7))
    try:
        with stage.chain.judging():
            assert oracle.get_asset_price(asset) == 7
        assert oracle.get_asset_price(asset) == price != 7
    finally:
        stage.chain.evm.set_code(oracle.address, code)


def test_answers_of_views_are_remembered_until_something_is_written_or_time_passes(stage: Stage) -> None:
    pool, asset = stage.market.pool, stage.book["WETH"]
    stage.perform(SUPPLY)
    with stage.chain.judging():
        first = pool.get_reserve_normalized_variable_debt(asset), pool.get_user_account_data(ALICE)
        assert first == (pool.get_reserve_normalized_variable_debt(asset), pool.get_user_account_data(ALICE))
    stage.market.set_price("WETH", 3_000_00000000)
    with stage.chain.judging():
        assert pool.get_user_account_data(ALICE) != first[1]


def test_a_silent_write_to_a_bystander_is_seen_in_the_next_step_that_touches_the_contract(stage: Stage) -> None:
    stage.perform(Action("bob", "pool", "supply", ("WETH", 10**18, "bob", 0)))
    where, slot = shares_slot(stage, "WETH", BOB)
    word = stage.chain.evm.storage(where, slot)
    stage.chain.evm.set_word(where, slot, word - 1)
    stage.perform(SUPPLY)
    assert stage.market.a_token("WETH").scaled_balances[BOB] == (word - 1) % 2**120


def test_a_silent_write_elsewhere_is_seen_within_some_steps(stage: Stage) -> None:
    stage.perform(Action("bob", "pool", "supply", ("WETH", 10**18, "bob", 0)))
    where, slot = shares_slot(stage, "WETH", BOB)
    word = stage.chain.evm.storage(where, slot)
    stage.chain.evm.set_word(where, slot, word - 1)
    for _ in range(TURNS):
        stage.perform(Action("alice", "pool", "supply", ("USDC", 10**6, "alice", 0)))
    assert stage.market.a_token("WETH").scaled_balances[BOB] == (word - 1) % 2**120


def category_slot(stage: Stage, category_id: int) -> tuple[str, int]:
    """Where the LTV of an e-mode category is stored."""
    pool = stage.market.pool
    (bits,) = places_of(pool).bits("e_modes.ltv", (category_id,), 0)
    return pool.address, bits.slot


@pytest.mark.parametrize(
    ("step", "times"),
    [
        (Action("admin", "configurator", "setReserveFactor", ("WETH", 1_500)), 1),
        (Action("alice", "pool", "supply", ("USDC", 10**6, "alice", 0)), REST),
    ],
    ids=["a call of governance that touches the contract", "some other steps"],
)
def test_a_silent_write_of_what_governance_writes_is_seen_after(stage: Stage, step: Action, times: int) -> None:
    category_id = next(iter(stage.market.pool.e_modes))
    where, slot = category_slot(stage, category_id)
    stage.chain.evm.set_word(where, slot, stage.chain.evm.storage(where, slot) ^ 1)
    seen = stage.market.pool.e_modes[category_id].ltv
    for _ in range(times):
        assert stage.perform(step).ok
    assert stage.market.pool.e_modes[category_id].ltv == seen ^ 1


def test_a_silent_write_of_what_no_step_may_make_is_told_when_all_words_are_compared(stage: Stage) -> None:
    """A user names the number of a category that does not exist: only governance could have made one."""
    where, slot = category_slot(stage, 77)
    stage.chain.evm.set_word(where, slot, 8_000)
    stage.perform(Action("alice", "pool", "setUserEMode", (77,)))
    for _ in range(REST):
        stage.perform(Action("alice", "pool", "supply", ("USDC", 10**6, "alice", 77)))
    assert 77 not in stage.market.pool.e_modes
    (word,) = stage.chain.unexplained_words()
    assert (word.where, word.slot, word.word) == (where, slot, 8_000)
    assert "77, which nothing named" in str(word)
    assert stage.market.pool.e_modes[77].ltv == 8_000


def test_a_credit_to_nobody_known_is_told_and_breaks_the_law_of_bytecode(stage: Stage) -> None:
    chain = stage.chain
    with Monitor(stage.market, [EVERY_WORD_IS_EXPLAINED], stop=False, names=stage.names) as monitor:
        assert run_probes(monitor, "1") == []
        assert monitor.exercised() == {"EVM-1": 1}
        where, slot = shares_slot(stage, "WETH", named_address("nobody knows me"))
        chain.evm.set_word(where, slot, 10**18)
        (word,) = chain.unexplained_words()
        assert (word.where, word.slot, word.word, word.contract) == (where, slot, 10**18, "ATokenInstance")
        assert "under a key that nobody named" in str(word)
        (violation,) = run_probes(monitor, "2")
    assert violation.law.id == "EVM-1"
    assert f"{slot:#x}" in str(violation)
    chain.evm.set_word(where, slot, 0)


def test_a_variable_of_ones_own_is_told_by_what_lies_next_to_it(stage: Stage) -> None:
    pool = stage.market.pool.address
    stage.chain.evm.set_word(pool, 61, 5)
    (word,) = stage.chain.unexplained_words()
    assert (word.contract, word.slot, word.word) == ("PoolInstance", 61, 5)
    assert word.near == "1 word behind position_managers"
    fork = stage.chain.fork()
    assert fork.evm.storage(pool, 61) == 5
    stage.chain.evm.set_word(pool, 61, 0)


def test_a_proxy_that_points_elsewhere_takes_over_what_the_new_code_says(stage: Stage) -> None:
    market, new, treasury = stage.market, named_address("other code"), named_address("other treasury")
    token, asset = market.a_token("WETH"), stage.book["WETH"]
    construct("ATokenInstance", stage.chain, new, [token.pool, token.rewards_controller, treasury])
    stage.chain.evm.set_word(token.address, EIP1967_IMPLEMENTATION, int(new, 16))
    for _ in range(REST):  # nothing touches the token
        market.configurator.set_reserve_factor(asset, 1_500, sender=market.admin)
    assert (market.a_token("WETH").implementation, market.a_token("WETH").treasury) == (new, treasury)
    with stage.chain.judging():
        assert market.a_token("WETH").reserve_treasury_address() == treasury


def test_calls_inside_others_are_not_judged_as_one_alone(stage: Stage) -> None:
    calls = [SUPPLY, Action("alice", "pool", "withdraw", ("WETH", 10**17, "alice"))]
    with Monitor(stage.market, all_laws(), names=stage.names) as monitor:
        receipt = stage.perform(multicalled(stage, calls))
        assert receipt is not None
        assert receipt.ok
        assert receipt.calls_unwatched
        plain = stage.perform(SUPPLY)
    assert plain is not None
    assert not plain.calls_unwatched
    assert monitor.violations == []


def test_raw_calls_and_their_receipts_are_as_on_the_twin(stage: Stage, twin: Stage) -> None:
    ends = []
    for each in (stage, twin):
        pool = each.market.pool
        receipts = [
            each.chain.transact(ALICE, pool.address, each.calldata(SUPPLY)),
            each.chain.call(ALICE, pool.address, each.calldata(SUPPLY)),
            each.chain.transact(ALICE, pool.address, b"\x01\x02\x03\x04"),
            each.chain.transact(ALICE, BOB, b"\x01"),
        ]
        ends.append([(one.ok, one.return_data, one.logs) for one in receipts] + [each.chain.digest()])
    assert ends[0] == ends[1]


def test_what_cannot_be_is_refused_in_words(stage: Stage, engine: Revision) -> None:
    with pytest.raises(TypeError, match="stays in its process"):
        pickle.dumps(stage.chain)
    with pytest.raises(UnfitError, match="has no Nonsense"):
        engine.machine.artifact("Nonsense")
    with pytest.raises(ValueError, match="wei of ether"):
        stage.chain.transact(ALICE, BOB, b"", value=1)
    with pytest.raises(NotImplementedError, match="keeps its chain id"):
        stage.chain.set_chain_id(5)
    market: Market = stage.market
    with pytest.raises(TypeError, match="Python, which bytecode cannot call"):
        market.flash_loan_receiver("taker", lambda *_: True)


def test_a_record_of_bytecode_keeps_its_contracts_on_the_way_to_another_process(engine: Revision) -> None:
    copy = pickle.loads(pickle.dumps(engine))
    assert copy.machine is not engine.machine
    assert copy.machine.release == "3.6"
    assert copy.machine.artifact("PoolInstance") == engine.machine.artifact("PoolInstance")
