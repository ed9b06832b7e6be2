"""What a monitor does in the midst of a transaction: prices that move, bugs, nested monitors, listings, snapshots."""

from __future__ import annotations

import pytest
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.histories.hostile_token import make_hostile
from pooltwin.invariants.histories.router import build_router
from pooltwin.invariants.law import Kind, Subject, Verdict, equal, law
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.reading.step import Step
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.errors import EmptyRevert, Revert
from pooltwin.protocol.machine.function import external

ETHER = 10**18
DOLLARS = 10**6
SEEN: list[str] = []


@law("MY-1", "Every step is listed.", kind=Kind.STEP, subject=Subject.STEP, source="mine", reverted=True)
def listed(step: Step) -> Verdict:
    SEEN.append(step.name if step.ok else f"{step.name} reverted")
    return True


@law("MY-2", "Nobody supplies.", kind=Kind.STEP, subject=Subject.STEP, source="mine", on=("pool.supply",))
def nobody_supplies(step: Step) -> Verdict:
    return equal("shares minted", step.changes, {}) if step.ok else None


class Script(ForeignContract):
    """Does what a test says, in a transaction or in the callback of a loan."""

    KIND = "Script"

    def __init__(self, chain, at, script):
        super().__init__(chain, at)
        self.script = script

    @external("run()")
    def run(self, *, sender):
        self.script()

    @external("attempt()")
    def attempt(self, *, sender):
        self.script()
        raise EmptyRevert("never mind")

    def on_flash_loan_simple(self, *_):
        self.script()
        return True


class CrashError(Exception):
    """What no contract of the market raises."""


def stage_of(revision="3.7"):
    SEEN.clear()
    stage = standard_history(revision).stage()
    build_router(stage)
    return stage


def script_on(stage, script, name="script"):
    """A contract with tokens and approvals, that does what is said."""
    where = named_address(name)
    contract = stage.chain.deploy(lambda chain, at: Script(chain, at, script), where)
    stage.book[name] = where
    for symbol in ("WETH", "USDC"):
        stage.market.fund(symbol, where, 10**24)
    return contract


def in_debt(stage, dollars):
    """Heidi owes so much against ten WETH, which are worth 20,000."""
    for action in (
        Action("heidi", "pool", "supply", ("WETH", 10 * ETHER, "heidi", 0)),
        Action("heidi", "pool", "borrow", ("USDC", dollars * DOLLARS, 2, 0, "heidi")),
    ):
        assert stage.perform(action).ok


def watching(stage, *more, stop=True):
    return Monitor(stage.market, [*all_laws(), *more], names=stage.names, stop=stop)


# --- prices that move inside ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ["3.5", "3.6", "3.7"])
@pytest.mark.parametrize("asset", ["WETH", "USDC"])
@pytest.mark.parametrize("price", [1_000, 1_640])
def test_a_price_that_falls_in_the_callback_of_a_loan_is_nobodys_doing(revision, asset, price):
    """HF-1, HF-3, HF-5 and HF-10 speak of fixed prices, ORA-2 of the call itself; the loan's sums are judged."""
    stage = stage_of(revision)
    market, heidi = stage.market, stage.book["heidi"]
    in_debt(stage, 15_000)
    weth, usdc = market.asset("WETH"), market.asset("USDC")

    def script():
        market.pool.supply(usdc, 7, heidi, 0, sender=named_address("script"))
        market.set_price("WETH", price * 10**8)
        market.pool.liquidation_call(weth, usdc, heidi, 10**9, False, sender=named_address("script"))
        market.pool.supply(weth, 7, heidi, 0, sender=named_address("script"))

    contract = script_on(stage, script)
    with watching(stage) as monitor:
        market.pool.flash_loan_simple(contract.address, market.asset(asset), 10**6, b"", 0, sender=stage.book["alice"])
    assert monitor.violations == []
    assert monitor.exercised()["LIQ-3"] == 1
    assert monitor.exercised()["FLG-1"] >= 1  # the loan itself was looked at, over all that it did
    assert monitor.exercised()["SOL-2"] >= 1


def test_a_price_that_moves_between_calls_of_a_transaction_is_a_step_of_its_own():
    stage = stage_of()
    market, heidi = stage.market, stage.book["heidi"]
    in_debt(stage, 15_000)
    weth, usdc, bob = market.asset("WETH"), market.asset("USDC"), stage.book["bob"]

    def script():
        market.pool.supply(weth, 7, heidi, 0, sender=bob)
        market.set_price("WETH", 1_000 * 10**8)
        market.pool.liquidation_call(weth, usdc, heidi, 10**9, False, sender=bob)

    contract = script_on(stage, script)
    with watching(stage, listed) as monitor:
        contract.run(sender=bob)
    assert SEEN == ["pool.supply", "price", "pool.liquidationCall"]
    assert monitor.violations == []
    assert monitor.exercised()["ORA-1"] == 1
    assert monitor.exercised()["HF-10"] >= 1


def test_a_price_moved_by_whom_a_call_calls_is_none_of_the_calls_doing():
    stage = stage_of()
    market, bob = stage.market, stage.book["bob"]
    in_debt(stage, 15_000)
    make_hostile(stage, "USDC")
    mover = script_on(stage, lambda: market.set_price("WETH", 1_000 * 10**8), "mover")
    action = Action("bob", "pool", "supply", ("USDC", 7, "heidi", 0), (Action("bob", mover.address, "run"),))
    with watching(stage) as monitor:
        assert stage.perform(action).ok
        assert market.price_feed("WETH").answer == 1_000 * 10**8
        market.pool.liquidation_call(
            market.asset("WETH"), market.asset("USDC"), stage.book["heidi"], 10**9, False, sender=bob
        )
    assert monitor.violations == []


# --- what ends by a bug -----------------------------------------------------------------------------------------------


def crash(market, bob):
    market.erc20("WETH").transfer(market.a_token("WETH").address, 5, sender=bob)
    market.pool.supply(market.asset("USDC"), 11, bob, 0, sender=bob)
    raise CrashError("in the script")


def test_what_ends_by_a_bug_is_not_judged_and_the_bug_is_what_is_raised():
    stage = stage_of()
    market, bob = stage.market, stage.book["bob"]
    contract = script_on(stage, lambda: crash(market, bob))
    before = stage.chain.digest()
    with watching(stage, listed) as monitor:
        with pytest.raises(CrashError):
            contract.run(sender=bob)
        assert SEEN == ["token.transfer", "pool.supply"]  # both ended before the bug
        assert stage.chain.digest() == before
        market.pool.supply(market.asset("WETH"), 7, bob, 0, sender=bob)
        assert SEEN[2:] == ["pool.supply"]
    assert monitor.violations == []
    assert monitor.exercised()["SOL-6"] == 3


def test_who_swallows_a_bug_goes_on_from_where_it_was_undone():
    """What the crashed call wrote is gone, and the journal is shorter than when it was judged."""
    stage = stage_of()
    market, bob = stage.market, stage.book["bob"]
    inner = script_on(stage, lambda: crash(market, bob), "inner")

    def script():
        with pytest.raises(CrashError):
            inner.run(sender=bob)
        market.erc20("WETH").transfer(market.a_token("WETH").address, 5, sender=bob)
        market.pool.supply(market.asset("WETH"), 7, bob, 0, sender=bob)

    contract = script_on(stage, script)
    with watching(stage, listed) as monitor:
        contract.run(sender=bob)
    assert SEEN == ["token.transfer", "pool.supply", "token.transfer", "pool.supply"]
    assert monitor.violations == []
    assert monitor.exercised()["SOL-7"] == 2


def test_a_law_that_broke_before_a_bug_is_kept_and_the_next_transaction_is_judged():
    stage = stage_of()
    market, bob = stage.market, stage.book["bob"]
    contract = script_on(stage, lambda: crash(market, bob))
    with watching(stage, nobody_supplies, listed) as monitor:
        with pytest.raises(CrashError):
            contract.run(sender=bob)
        market.pool.withdraw(market.asset("WETH"), 7, bob, sender=bob)
    (violation,) = monitor.violations
    assert violation.law.id == "MY-2"
    assert violation.call.endswith("undone afterwards")
    assert SEEN[-1] == "pool.withdraw"


# --- re-entrance that is undone ---------------------------------------------------------------------------------------


def test_a_call_inside_that_is_undone_with_what_called_it_leaves_the_call_alone():
    """The supply inside succeeded, but in an attempt that did not."""
    stage = stage_of()
    market, carol = stage.market, stage.book["carol"]
    make_hostile(stage, "WETH")
    inner = script_on(stage, lambda: market.pool.supply(market.asset("USDC"), 5, carol, 0, sender=carol), "inner")
    action = Action("bob", "pool", "supply", ("WETH", 7, "bob", 0), (Action("carol", inner.address, "attempt"),))
    with watching(stage) as monitor:
        assert stage.perform(action).ok
    assert (monitor.exercised()["SOL-6"], monitor.exercised()["INF-1"]) == (1, 1)


# --- who watches ------------------------------------------------------------------------------------------------------


def test_watching_begins_and_ends_between_transactions():
    stage = stage_of()
    market, bob = stage.market, stage.book["bob"]
    refusals = []

    def script():
        other = watching(stage)
        for attempt in (other.attach, monitor.detach, monitor.looking_away().__enter__):
            with pytest.raises(RuntimeError, match="inside a transaction a monitor cannot") as caught:
                attempt()
            refusals.append(str(caught.value))
        market.pool.supply(market.asset("WETH"), 7, bob, 0, sender=bob)

    contract = script_on(stage, script)
    monitor = watching(stage)
    with monitor:
        contract.run(sender=bob)
    assert len(refusals) == 3
    assert monitor.exercised()["RND-1"] == 1
    assert stage.chain.watcher is None


def test_who_watches_again_knows_nothing_of_what_happened_meanwhile():
    """The second monitor's steps, a price among them, are not the first one's, and nothing that it remembers holds."""
    stage = stage_of()
    market, bob, heidi = stage.market, stage.book["bob"], stage.book["heidi"]
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    with watching(stage, listed) as first:
        in_debt(stage, 15_000)
        with Monitor(market, all_laws()) as second:
            market.pool.supply(weth, 10**21, bob, 0, sender=bob)
            market.set_price("WETH", 1_700 * 10**8)
            market.pool.repay(usdc, 5, 2, heidi, sender=heidi)
            stage.perform(Action.wait(10**6))
            market.pool.supply(weth, 10**21, bob, 0, sender=bob)
        SEEN.clear()
        market.pool.liquidation_call(weth, usdc, heidi, 10**9, False, sender=bob)
    assert SEEN == ["pool.liquidationCall"]
    assert (first.violations, second.violations) == ([], [])
    assert first.exercised()["LIQ-3"] == 1


# --- what is new, and what is undone ----------------------------------------------------------------------------------

RATES = b"".join(value.to_bytes(32, "big") for value in (8000, 0, 400, 20_000))
LISTING = Action(
    "admin",
    "configurator",
    "initReserves",
    ((("aToken code", "debtToken code", "SPARE", "Spare", "aSPARE", "Spare debt", "debtSPARE", b"", RATES),),),
)


def use_the_new_asset(stage):
    """Bob supplies some of the asset that was just listed."""
    market, bob, spare = stage.market, stage.book["bob"], stage.book["SPARE"]
    market.configurator.set_reserve_active(spare, True, sender=market.admin)
    market.fund("SPARE", bob, 10**21)
    market.pool.supply(spare, 10**20, bob, 0, sender=bob)
    market.pool.withdraw(spare, 10**19, bob, sender=bob)


def test_an_asset_listed_inside_a_transaction_is_judged_in_the_same_transaction():
    """Its tokens are contracts created in the midst of it."""
    stage = stage_of()

    def script():
        stage.call(LISTING)
        use_the_new_asset(stage)

    contract = script_on(stage, script)
    with watching(stage, listed) as monitor:
        contract.run(sender=stage.book["admin"])
        stage.perform(Action.wait(100))
        assert stage.book["SPARE"] in monitor.census.homes
    assert SEEN[0] == "configurator.initReserves"
    assert SEEN[-3:] == ["pool.supply", "pool.withdraw", "time"]
    assert monitor.violations == []
    assert (monitor.exercised()["RND-1"], monitor.exercised()["RND-2"]) == (1, 1)


def test_no_contract_is_put_at_an_address_inside_a_transaction():
    stage = stage_of()
    market, bob = stage.market, stage.book["bob"]

    def script():
        with pytest.raises(RuntimeError, match="inside a transaction a contract cannot"):
            script_on(stage, lambda: None, "another")
        with pytest.raises(RuntimeError, match="inside a transaction no snapshot"):
            stage.chain.snapshot()
        market.pool.supply(market.asset("WETH"), 7, bob, 0, sender=bob)

    contract = script_on(stage, script)
    with watching(stage) as monitor:
        contract.run(sender=bob)
    assert monitor.violations == []
    assert monitor.exercised()["RND-1"] == 1


@pytest.mark.parametrize("listed_before", [False, True])
def test_a_listing_that_a_snapshot_undoes_is_forgotten(listed_before):
    """And one that was there before it is kept."""
    stage = stage_of()
    market, bob = stage.market, stage.book["bob"]
    with watching(stage) as monitor:
        if listed_before:
            stage.perform(LISTING)
        snapshot = stage.chain.snapshot()
        if not listed_before:
            stage.perform(LISTING)
        use_the_new_asset(stage)
        assert stage.book["SPARE"] in monitor.census.homes
        stage.chain.revert_to(snapshot)
        assert (stage.book["SPARE"] in monitor.census.homes) == listed_before
        stage.perform(Action.wait(100))
        market.pool.supply(market.asset("WETH"), 7, bob, 0, sender=bob)
        if not listed_before:
            stage.perform(LISTING)
            use_the_new_asset(stage)
    assert monitor.violations == []


def test_memory_is_undone_with_the_call_that_made_a_law_remember():
    """HF-10 remembers in the journal that somebody was healthy; an attempt that is undone teaches it nothing."""
    stage = stage_of()
    market, bob, heidi = stage.market, stage.book["bob"], stage.book["heidi"]
    in_debt(stage, 15_000)
    inner = script_on(stage, lambda: market.pool.supply(market.asset("WETH"), 7, heidi, 0, sender=bob), "inner")

    def script():
        with pytest.raises(Revert):
            inner.attempt(sender=bob)
        remembered.append(monitor.memory["HF-10", heidi])
        market.pool.supply(market.asset("WETH"), 7, heidi, 0, sender=bob)
        remembered.append(monitor.memory["HF-10", heidi])

    remembered: list[object] = []
    contract = script_on(stage, script)
    with watching(stage) as monitor:
        contract.run(sender=bob)
    assert remembered[0] is None
    assert remembered[1] is not None
    assert monitor.exercised()["HF-10"] == 2
