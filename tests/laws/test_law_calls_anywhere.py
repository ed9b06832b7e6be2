"""Calls are judged wherever they are made: through contracts, in multicalls and callbacks, as if made directly."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from pooltwin.invariants.catalogue import all_laws, law_called
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.hostile_token import make_hostile
from pooltwin.invariants.histories.router import batched, build_router, can_be_routed, multicalled, routed
from pooltwin.invariants.histories.temperaments import ADVERSARY, SOLITARY, weighed
from pooltwin.invariants.law import Kind, LawBroken, Subject, Verdict, equal, law
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.reading.step import ReserveChange, Step
from pooltwin.invariants.reference import EVERYTHING
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.errors import EmptyRevert, Revert
from pooltwin.protocol.machine.function import external

RELEASES = ("3.4", "3.5", "3.6", "3.7")
ETHER = 10**18


@law("MY-1", "Nobody supplies.", kind=Kind.STEP, subject=Subject.STEP, source="mine", on=("pool.supply",))
def nobody_supplies(step: Step) -> Verdict:
    return equal("shares minted", step.changes, {}) if step.ok else None


@law("MY-2", "Every step is listed.", kind=Kind.STEP, subject=Subject.STEP, source="mine", reverted=True)
def listed(step: Step) -> Verdict:
    SEEN.append(step.name if step.ok else f"{step.name} reverted")
    return True


@law("MY-3", "Reserves are listed.", kind=Kind.STEP, subject=Subject.RESERVE, source="mine")
def reserves_listed(change: ReserveChange) -> Verdict:
    SEEN.append((change.step.name, str(change), change.after.scaled_supply - change.before.scaled_supply))
    return True


@law("MY-4", "Views tell what is stored.", kind=Kind.STATE, subject=Subject.STEP, source="mine")
def views_are_of_now(step: Step) -> Verdict:
    homes = step.census.homes
    seen = [step.after.reserve(asset).scaled_supply for asset in homes]
    return equal("supplies seen, stored", seen, [home.a_token.scaled_supply for home in homes.values()])


SEEN: list[object] = []


def stage_of(revision="3.7"):
    SEEN.clear()
    stage = standard_history(revision).stage()
    build_router(stage)
    return stage


def watch(stage, *actions, laws=None, stop=True):
    """Perform actions under some laws, or all. Returns the monitor."""
    monitor = Monitor(stage.market, all_laws() if laws is None else laws, stop=stop, names=stage.names)
    with monitor:
        for action in actions:
            stage.perform(action)
    return monitor


def supply(who, symbol, amount, to=None):
    return Action(who, "pool", "supply", (symbol, amount, to or who, 0))


def withdraw(who, symbol, amount):
    return Action(who, "pool", "withdraw", (symbol, amount, who))


def borrow(who, symbol, amount):
    return Action(who, "pool", "borrow", (symbol, amount, 2, 0, who))


def loan(symbol, amount, *inside):
    return Action("alice", "pool", "flashLoanSimple", ("receiver", symbol, amount, b"", 0), inside)


# --- the same verdicts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", RELEASES)
def test_a_history_through_a_router_gets_the_verdicts_of_the_history_made_directly(revision):
    direct = stage_of(revision)
    adversary = Driver(direct, Chance(Random(11)), ADVERSARY)
    actions = []
    with Monitor(direct.market, all_laws()) as plainly:
        while len(actions) < 400:
            action = adversary.next()
            if direct.perform(action) is not None or not can_be_routed(action):  # of a function that there is
                actions.append(action)
    through = watch(stage_of(revision), *(routed(action, lenient=True) for action in actions))
    assert through.exercised() == plainly.exercised()
    assert through.deviated == plainly.deviated
    assert plainly.exercised()["SOL-16"] > 10


@pytest.mark.parametrize("revision", RELEASES)
def test_so_does_a_history_in_transactions_of_several_calls(revision):
    direct = stage_of(revision)
    adversary = Driver(direct, Chance(Random(12)), ADVERSARY)
    together, calls = [], []
    with Monitor(direct.market, all_laws()) as plainly:
        for number in range(400):
            action = adversary.next()
            performed = direct.perform(action)
            if can_be_routed(action):
                calls += [action] if performed is not None else []
            if calls and (len(calls) == 4 or number == 399 or not can_be_routed(action)):
                together.append(batched(calls, lenient=True))
                calls = []
            if not can_be_routed(action):
                together.append(action)
    stage = stage_of(revision)
    through = watch(stage, *together)
    assert stage.chain.digest() == direct.chain.digest()
    assert without_turns(through) == without_turns(plainly)


def without_turns(monitor):
    """Counts of the laws that do not take turns by the number of the transaction, as HF-5 does."""
    return {name: count for name, count in monitor.exercised().items() if name != "HF-5"}


def test_a_multicall_is_the_calls_it_makes():
    stage = stage_of()
    parts = (supply("heidi", "WETH", 10 * ETHER), borrow("heidi", "USDC", 10**9), withdraw("heidi", "WETH", ETHER))
    monitor = watch(stage, multicalled(stage, parts), laws=[*all_laws(), listed, reserves_listed])
    counts = monitor.exercised()
    assert [counts[name] for name in ("RND-1", "RND-2", "RND-3", "HF-6", "INF-1", "SOL-6")] == [1, 1, 1, 1, 3, 3]
    assert SEEN[::2] == ["pool.supply", "pool.borrow", "pool.withdraw"]
    assert SEEN[1::2] == [
        ("pool.supply", "WETH", 10 * ETHER),
        ("pool.borrow", "USDC", 0),
        ("pool.withdraw", "WETH", -ETHER),
    ]


def test_minting_to_the_treasury_in_a_multicall_makes_nobody_richer():
    stage = stage_of()
    setting = (borrow("alice", "WETH", 1_000 * ETHER), Action.wait(10**6), supply("bob", "WETH", ETHER))
    for action in setting:
        stage.perform(action)
    mint = Action("bob", "pool", "mintToTreasury", (("WETH",),))
    monitor = watch(stage, multicalled(stage, (supply("bob", "WETH", ETHER), mint)))
    assert monitor.exercised()["DEF-7"] == 1
    assert monitor.exercised()["INF-1"] == 2


# --- stories ---------------------------------------------------------------------------------------------------------


def test_a_law_that_breaks_inside_is_told_with_the_calls_around_it_once_the_transaction_is_over():
    stage = stage_of()
    actions = (supply("bob", "WETH", 7), withdraw("bob", "WETH", 5))
    with pytest.raises(
        LawBroken, match=r"^MY-1 broken at step 0, bob: Router.go > bob: pool.supply\(WETH, 7, bob, 0\)"
    ):
        watch(stage, batched(actions), laws=[nobody_supplies])
    assert stage.market.erc20("WETH").balance_of(stage.book["bob"]) == 10**9 * ETHER - 5_000 * ETHER - 2


def test_a_law_that_breaks_in_what_is_undone_afterwards_is_told_too():
    stage = stage_of()
    actions = (supply("bob", "WETH", 7), withdraw("bob", "WETH", EVERYTHING - 1))
    monitor = watch(stage, batched(actions), laws=[nobody_supplies], stop=False)
    assert [violation.call for violation in monitor.violations] == [
        "bob: Router.go > bob: pool.supply(WETH, 7, bob, 0) on pool, undone afterwards"
    ]
    with pytest.raises(LawBroken, match="undone afterwards"):
        watch(stage_of(), batched(actions), laws=[nobody_supplies])


def test_after_a_law_broke_inside_a_transaction_the_next_step_is_judged_as_ever():
    """What the rest of the transaction wrote was not looked at, and no view of before is kept."""
    stage = stage_of()
    with Monitor(stage.market, [*all_laws(), nobody_supplies, views_are_of_now], names=stage.names) as monitor:
        stage.perform(withdraw("bob", "USDC", 5))
        with pytest.raises(LawBroken):
            stage.perform(batched((supply("bob", "WETH", 7), withdraw("carol", "USDC", 10**6))))
        stage.perform(withdraw("carol", "WETH", ETHER))
    assert [violation.law.id for violation in monitor.violations] == ["MY-1"]


# --- where transactions are cut --------------------------------------------------------------------------------------


class Payload(ForeignContract):
    """Does what a test says."""

    KIND = "Payload"

    def __init__(self, chain, at, script):
        super().__init__(chain, at)
        self.script = script

    @external("run()")
    def run(self, *, sender):
        self.script(self.address)

    @external("attempt()")
    def attempt(self, *, sender):
        self.script(self.address)
        raise EmptyRevert("never mind")


def payload(stage, script, name="payload"):
    return stage.chain.deploy(lambda chain, at: Payload(chain, at, script), named_address(name))


def test_what_others_write_is_cut_where_the_market_is_called():
    """A transfer, a reverted call and a call are steps; nothing that the contract does itself is."""
    stage = stage_of()
    market, bob, weth = stage.market, stage.book["bob"], stage.market.asset("WETH")

    def script(own):
        market.erc20("WETH").transfer(market.a_token("WETH").address, 5, sender=bob)
        with pytest.raises(Revert):
            market.pool.withdraw(weth, 0, bob, sender=bob)
        market.pool.supply(weth, 7, bob, 0, sender=bob)

    contract = payload(stage, script)
    with Monitor(market, [*all_laws(), listed, reserves_listed]) as monitor:
        contract.run(sender=bob)
    assert SEEN == [
        "token.transfer",
        ("token.transfer", "WETH", 0),
        "pool.withdraw reverted",
        "pool.supply",
        ("pool.supply", "WETH", 7),
    ]
    assert monitor.steps == 1
    assert [monitor.exercised()[name] for name in ("SOL-7", "ACT-11", "SOL-10", "RND-1")] == [1, 1, 1, 1]


def test_what_laws_remember_of_what_came_before_is_no_trace_of_a_reverted_call():
    """The donation between calls makes SOL-1 remember, after the router was entered and before the call that fails."""
    stage = stage_of()
    make_hostile(stage, "WETH")
    monitor = Monitor(stage.market, all_laws(), names=stage.names)
    donation = Action("bob", "WETH", "transfer", ("aWETH", 5), inside=(withdraw("bob", "WETH", 0),))
    with monitor:
        stage.perform(routed(donation))
    assert monitor.memory["SOL-1", stage.book["WETH"]] is not None
    assert monitor.exercised()["ACT-11"] == 1


def test_an_underlying_token_that_calls_the_pool_hides_nothing():
    """Its hook is not in the pool's way: the calls it makes are steps, and the transfer is what is left of it."""
    stage = stage_of()
    make_hostile(stage, "WETH")
    hook = (withdraw("alice", "WETH", 3), supply("bob", "USDC", 11))
    action = Action("carol", "WETH", "transfer", ("aWETH", 5), hook)
    watch(stage, action, laws=[*all_laws(), listed, reserves_listed])
    names = [entry for entry in SEEN if isinstance(entry, str)]
    assert names == ["token.transfer", "pool.withdraw", "pool.supply"]
    assert ("pool.withdraw", "WETH", -3) in SEEN


def test_a_reverted_attempt_leaves_no_view_of_what_it_saw():
    """The supply inside was looked at; the reserve is as before when the next call is."""
    stage = stage_of()
    market, bob = stage.market, stage.book["bob"]
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    inner = payload(stage, lambda own: market.pool.supply(weth, 10**21, bob, 0, sender=bob), "inner")

    def script(own):
        with pytest.raises(Revert):
            inner.attempt(sender=bob)
        market.pool.withdraw(usdc, 7, bob, sender=bob)

    contract = payload(stage, script)
    with Monitor(market, [*all_laws(), reserves_listed, views_are_of_now]) as monitor:
        contract.run(sender=bob)
        market.pool.withdraw(usdc, 7, bob, sender=bob)
    assert SEEN == [
        ("pool.supply", "WETH", 10**21),
        ("pool.withdraw", "USDC", -7),
        ("pool.withdraw", "USDC", -7),
    ]
    assert monitor.exercised()["RND-1"] == 1


def test_a_listing_that_is_undone_is_forgotten():
    stage = stage_of()
    market, admin, weth = stage.market, stage.book["admin"], stage.market.asset("WETH")
    rates = b"".join(value.to_bytes(32, "big") for value in (8000, 0, 400, 20_000))
    listing = ("aToken code", "debtToken code", "SPARE", "Spare", "aSPARE", "Spare debt", "debtSPARE", b"", rates)
    action = Action("admin", "configurator", "initReserves", ((listing,),))
    contract = payload(stage, lambda own: stage.call(action))
    with Monitor(market, [*all_laws(), listed], stop=False) as monitor:
        with pytest.raises(EmptyRevert, match="never mind"):
            contract.attempt(sender=admin)
        assert stage.book["SPARE"] not in monitor.census.homes
        market.pool.supply(weth, 7, admin, 0, sender=stage.book["bob"])
    assert SEEN == ["configurator.initReserves", "Payload.attempt reverted", "pool.supply"]
    assert monitor.violations == []


def test_a_setting_changed_between_two_calls_of_one_transaction_begins_a_new_block():
    """HF-10 speaks of blocks in which governance rests."""
    stage = stage_of()
    for action in (supply("heidi", "WETH", 10 * ETHER), borrow("heidi", "USDC", 15_000 * 10**6)):
        stage.perform(action)
    lower = Action("admin", "configurator", "configureReserveAsCollateral", ("WETH", 5_000, 6_000, 10_500))
    liquidate = Action("grace", "pool", "liquidationCall", ("WETH", "USDC", "heidi", 10**9, False))
    monitor = watch(stage, batched((supply("heidi", "WETH", 1), lower, liquidate)))
    assert stage.chain.receipt.ok
    assert monitor.exercised()["HF-10"] > 1
    assert monitor.exercised()["LIQ-3"] == 1


# --- calls inside a call that has not ended --------------------------------------------------------------------------


def test_in_a_callback_laws_of_calls_are_asked_and_those_of_reserves_wait():
    stage = stage_of()
    laws = [*all_laws(), reserves_listed]
    monitor = watch(stage, loan("WETH", 10 * ETHER, supply("bob", "WETH", 7), withdraw("bob", "WETH", 7)), laws=laws)
    counts = monitor.exercised()
    assert (counts["RND-1"], counts["RND-2"]) == (1, 1)
    assert SEEN == [("pool.flashLoanSimple", "WETH", 0)]


def test_a_law_of_calls_that_breaks_in_a_callback_is_told_with_the_loan():
    with pytest.raises(LawBroken, match=r"alice: pool.flashLoanSimple > bob: pool.supply\(WETH, 7"):
        watch(stage_of(), loan("WETH", ETHER, supply("bob", "WETH", 7)), laws=[nobody_supplies])


@pytest.mark.parametrize(
    "inside",
    [
        Action("carol", "WETH", "transfer", ("aWETH", 5)),
        Action("carol", "aUSDC", "transfer", ("dave", 5)),
        supply("carol", "USDC", 5),
        withdraw("carol", "WETH", ETHER),
    ],
    ids=str,
)
def test_what_one_call_does_alone_is_not_asked_of_one_that_was_reentered(inside):
    """A donation is re-entrance too."""
    stage = stage_of()
    make_hostile(stage, "WETH")
    action = supply("bob", "WETH", 7)
    alone = Action(action.sender, action.target, action.function, action.arguments, (inside,))
    monitor = watch(stage, alone)
    counts = monitor.exercised()
    assert counts["SOL-16"] == (1 if inside.target == "pool" else 0)  # of the call inside, not of the one around it
    assert (counts["SOL-6"], counts["INF-1"]) == (0, 0)
    assert counts["SOL-2"] >= 1
    assert counts["TOK-10"] >= 1


def test_a_call_inside_that_reverts_leaves_the_call_alone():
    stage = stage_of()
    make_hostile(stage, "WETH")
    action = Action("bob", "pool", "supply", ("WETH", 7, "bob", 0), (withdraw("carol", "WETH", 0),))
    counts = watch(stage, action).exercised()
    assert (counts["SOL-16"], counts["SOL-6"], counts["RND-1"]) == (1, 1, 1)


# --- laws that said too much ------------------------------------------------------------------------------------------


def test_a_liquidation_in_the_callback_of_a_loan_of_one_asset_may_leave_its_borrower_worse():
    stage = stage_of()
    setting = (
        supply("heidi", "WETH", 10 * ETHER),
        borrow("heidi", "USDC", 15_000 * 10**6),
        Action.price("WETH", 1_550 * 10**8),
    )
    for action in setting:
        stage.perform(action)
    liquidate = Action("grace", "pool", "liquidationCall", ("WETH", "USDC", "heidi", 10**9, False))
    monitor = watch(stage, loan("USDC", 10**9, liquidate))
    assert monitor.exercised()["LIQ-3"] == 1


@pytest.mark.parametrize("revision", ["3.5", "3.6", "3.7"])
def test_who_clears_a_bit_in_a_callback_has_chosen(revision):
    """FLG-10 remembers it for FLG-9, although the loan touches another reserve."""
    stage = stage_of(revision)
    off = Action("heidi", "pool", "setUserUseReserveAsCollateral", ("WETH", False))
    watch(stage, Action("alice", "aWETH", "transfer", ("heidi", ETHER)))
    on = Action("heidi", "pool", "setUserUseReserveAsCollateral", ("WETH", True))
    laws = [law_called("FLG-9"), law_called("FLG-10")]
    monitor = watch(stage, on, loan("USDC", 10**6, off), supply("heidi", "WETH", ETHER), laws=laws)
    assert monitor.violations == []
    assert sum(monitor.deviated) == 0


def test_supplies_of_v3_4_round_to_the_nearest_where_borrows_are_compared_with_them():
    """INF-3: the supply of an index above one ray may be a wei more than it is rounded down."""
    stage = stage_of("3.4")
    stage.perform(borrow("alice", "GUSD", 10**13))
    stage.perform(Action.wait(10**7))
    token, pool, gusd = stage.market.a_token("GUSD"), stage.market.pool, stage.market.asset("GUSD")
    for seconds in range(200):
        exact = token.scaled_supply * pool.get_reserve_normalized_income(gusd)
        if exact % 10**27 * 2 >= 10**27:
            break
        stage.perform(Action.wait(seconds + 1))
    most = token.total_supply()
    assert most * 10**27 > exact
    monitor = watch(stage, Action("alice", "pool", "flashLoanSimple", ("receiver", "GUSD", most, b"", 0)))
    assert monitor.violations == []


# --- contracts in campaigns ------------------------------------------------------------------------------------------

OF_CONTRACTS = replace(SOLITARY, weights={**SOLITARY.weights, **weighed(route=30, multicall=20, reenter=40)})


@pytest.mark.parametrize("hostile", [False, True], ids=["", "tokens that call back"])
@pytest.mark.parametrize("revision", RELEASES)
def test_no_law_breaks_however_calls_are_nested(revision, hostile):
    stage = stage_of(revision)
    if hostile:
        make_hostile(stage, "WETH")
    driver = Driver(stage, Chance(Random(f"nested {revision}")), OF_CONTRACTS)
    outcomes: Counter[str] = Counter()
    with Monitor(stage.market, all_laws(), names=stage.names) as monitor:
        for _ in range(600):
            action = driver.next()
            receipt = stage.perform(action)
            kind = "inside" if action.inside and action.target == "pool" else action.function
            outcomes[kind] += receipt is not None and receipt.ok
    assert monitor.violations == []
    assert min(outcomes["go"], outcomes["multicall"], outcomes["inside"]) > 10


def test_the_adversary_has_contracts_and_he_who_hunts_defects_has_not():
    contracts = weighed(route=1, multicall=1, reenter=1).keys()
    assert contracts <= ADVERSARY.weights.keys()
    assert not contracts & SOLITARY.weights.keys()


def test_the_token_that_governance_may_list_calls_back():
    stage = stage_of()
    inside = Action("bob", "pool", "supply", ("WETH", 7, "bob", 0))
    stage.perform(Action("admin", "SPARE", "mint", ("alice", 5)))
    with Monitor(stage.market, [listed]):
        stage.perform(Action("alice", "SPARE", "transfer", ("bob", 1), (inside,)))
    assert SEEN == ["token.transfer", "pool.supply"]


def test_a_history_that_names_the_router_finds_it():
    action = Action(
        "alice", "pool", "flashLoanSimple", ("receiver", "WETH", 5, b"", 0), (batched([supply("bob", "WETH", 7)]),)
    )
    history = standard_history().with_actions([action])
    stage = history.stage()
    (receipt,) = history.replay(stage)
    assert receipt.ok
    assert stage.market.a_token("WETH").scaled_balances[stage.book["bob"]] == 5_000 * ETHER + 7
