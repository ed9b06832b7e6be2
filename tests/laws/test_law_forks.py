"""Laws on forks: judged by what the fork declares, deviations with reasons, and ids and calls that must exist."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.catalogue import all_laws, law_called
from pooltwin.invariants.choice import chosen, engine_at, laws_at, with_own
from pooltwin.invariants.law import Kind, Law, LawBroken, Subject, equal, law
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.rules import rules_declared_by, rules_of
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.contracts.pool import Pool
from pooltwin.protocol.errors import MustNotLeaveDust
from pooltwin.protocol.machine.function import external
from pooltwin.protocol.revisions import NEWEST, REVISIONS, revision_named

from tests.unit.test_forks import FORK

ALICE, BOB = named_address("alice"), named_address("bob")
EVERYTHING = 2**256 - 1


def held(statement: str, on: tuple[str, ...]) -> Law:
    """A law that always holds."""

    @law(statement, "It holds.", kind=Kind.STEP, subject=Subject.STEP, source="test", on=on)
    def holds(_step: Any) -> Any:
        return True

    return holds


def liquidated(engine: Any, laws: Any = (), **how: Any) -> Monitor:
    """A large position, a little below health 1, is liquidated by as much as the engine lets; with laws watching."""
    stage = standard_history(engine.release).stage(engine)
    market = stage.market
    with Monitor(market, laws or all_laws(), stop=False, names=stage.names, **how) as monitor:
        market.fund("USDC", BOB, 10**12)
        market.set_price("WETH", 2_000 * 10**8)
        victim = named_address("victim")
        market.fund("WETH", victim, 10 * 10**18)
        market.pool.supply(market.asset("WETH"), 10 * 10**18, sender=victim)
        market.pool.borrow(market.asset("USDC"), 15_000 * 10**6, sender=victim)
        market.set_price("WETH", 1_800 * 10**8)
        health = market.pool.get_user_account_data(victim).health_factor
        assert 95 * 10**16 < health < engine.health_factor_liquidation_threshold, health
        with suppress(MustNotLeaveDust):
            market.pool.liquidation_call(market.asset("WETH"), market.asset("USDC"), victim, EVERYTHING, sender=BOB)
    return monitor


def broken(monitor: Monitor) -> set[str]:
    return {violation.law.id for violation in monitor.violations}


# --- figures of the record that a fork declares -----------------------------------------------------------------------


@pytest.mark.parametrize("release", list(REVISIONS))
def test_a_release_is_judged_by_what_is_written_down_and_says_the_same(release: str) -> None:
    record, rules = revision_named(release), rules_of(release)
    assert rules_declared_by(record) is rules
    assert (rules.close_factor, rules.close_factor_health, rules.health_threshold, rules.large, rules.leftover) == (
        record.close_factor,
        record.close_factor_health_factor_threshold,
        record.health_factor_liquidation_threshold,
        record.min_base_for_close_factor,
        record.min_leftover_base,
    )


DECISIONS = {
    "close_factor": 6_000,
    "close_factor_health_factor_threshold": 99 * 10**16,
    "health_factor_liquidation_threshold": 102 * 10**16,
    "min_base_for_close_factor": 10**8 * 10**8,
    "liquidation_bonus": lambda _pool, _run: 10_700,
}


def _stating_its_bonus(name: str) -> dict[str, Any]:
    return {"stated_bonus": lambda _before, _asset, _borrower: 10_700} if name == "liquidation_bonus" else {}


@pytest.mark.parametrize("name", DECISIONS)
def test_a_fork_is_judged_by_the_figures_that_it_declares(name: str) -> None:
    fork = NEWEST.forked("myfork", **{name: DECISIONS[name]}, **_stating_its_bonus(name))
    monitor = liquidated(fork)
    assert broken(monitor) == set()
    assert monitor.exercised()["LIQ-3"] == 1


@pytest.mark.parametrize("name", ["close_factor", "min_base_for_close_factor", "liquidation_bonus"])
def test_a_fault_declares_nothing(name: str) -> None:
    """The same decisions without a name of their own: a release that is broken."""
    assert broken(liquidated(replace(NEWEST, **{name: DECISIONS[name]}))) & {"LIQ-3", "LIQ-5", "LIQ-7"}


@pytest.mark.parametrize("name", ["close_factor", "min_base_for_close_factor", "liquidation_bonus"])
def test_a_fork_is_held_to_its_release_where_that_is_asked_for(name: str) -> None:
    fork = NEWEST.forked("myfork", **{name: DECISIONS[name]}, **_stating_its_bonus(name))
    assert broken(liquidated(fork, judged_by=NEWEST.name)) & {"LIQ-3", "LIQ-5", "LIQ-7"}


def test_a_fork_with_a_fault_is_judged_by_the_fork() -> None:
    fork = NEWEST.forked("myfork", close_factor=6_000)
    faulty = replace(fork, close_factor=7_000)
    assert broken(liquidated(faulty)) == set()
    assert "LIQ-3" in broken(liquidated(faulty, declared=fork))
    assert broken(liquidated(fork, declared=fork)) == set()


def test_a_bonus_that_is_not_stated_breaks_laws() -> None:
    fork = NEWEST.forked("myfork", liquidation_bonus=lambda _pool, _run: 10_700)
    assert {"LIQ-5", "LIQ-7"} <= broken(liquidated(fork))


def test_laws_watch_a_fork_with_storage_of_its_own() -> None:
    monitor = liquidated(FORK)
    assert broken(monitor) == set()
    assert len([law for law, count in monitor.exercised().items() if count]) > 50


# --- deviations -------------------------------------------------------------------------------------------------------

WHY = "a liquidator may repay all of a debt"


def test_a_declared_deviation_is_excused_and_counted() -> None:
    fork = NEWEST.forked("myfork", liquidation_bonus=lambda *_: 10_700, deviates={"LIQ-5": WHY, "LIQ-7": WHY})
    monitor = liquidated(fork)
    assert not broken(monitor) & {"LIQ-5", "LIQ-7"}
    counts = {each.id: count for each, count in zip(monitor.laws, monitor.deviated, strict=True)}
    assert counts["LIQ-5"] == counts["LIQ-7"] == 1
    assert monitor.deviations.reason_of(law_called("LIQ-5")) == WHY
    assert {"LIQ-5", "LIQ-7"} <= broken(liquidated(fork, strict=True))


@pytest.mark.parametrize(
    ("deviates", "message"),
    [
        ({"LIQ-33": WHY}, "myfork deviates from 'LIQ-33', which no law is called; did you mean 'LIQ-3'?"),
        ({"LIQ-3": ""}, "myfork deviates from LIQ-3 without a reason"),
    ],
)
def test_a_deviation_that_makes_no_sense_is_refused(deviates: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        liquidated(NEWEST.forked("myfork", deviates=deviates))


def test_a_fork_may_deviate_from_a_law_of_its_own() -> None:
    own = held("OWN-1", ())
    monitor = liquidated(NEWEST.forked("myfork", deviates={"OWN-1": WHY}), [own])
    assert monitor.deviations.reason_of(own) == WHY


# --- calls that laws look at ------------------------------------------------------------------------------------------


class ForkPool(Pool):
    """A pool with a function that no release has."""

    __slots__ = ()

    @external("ringTheBell()")
    def ring_the_bell(self, *, sender: str) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("pool.liquidationCall", "pool.liquidationCall"),
        ("pool.liquidation_call", "pool.liquidationCall"),
        ("configurator.set_e_mode_category_without_isolation", "configurator.setEModeCategory"),
        ("aToken.transfer_from", "aToken.transferFrom"),
        ("pool.mintUnbacked", "pool.mintUnbacked"),
        ("pool.ring_the_bell", "pool.ringTheBell"),
        ("vault.deposit", "vault.deposit"),
        ("Oracle.refresh", "Oracle.refresh"),
        ("time", "time"),
        ("price", "price"),
    ],
)
def test_calls_are_named_in_either_spelling(written: str, meant: str) -> None:
    assert held("OWN-1", (written,)).on == (meant,)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("pool.suply", "OWN-1: on='pool.suply' is no call: no release has a function 'suply' there; did you mean "),
        ("pool.nonsense", "'pool.nonsense' is no call"),
        ("supply", "'supply' is no name of a call, like 'pool.supply'"),
        ("pool.", "'pool.' is no name of a call"),
        ("a_token.transfer", "'a_token.transfer' is no call: did you mean 'aToken.transfer'?"),
        ("Pool.supply", "'Pool.supply' is no call: did you mean 'pool.supply'?"),
        ("PoolInstance.supply", "did you mean 'pool.supply'?"),
        ("variableDebtToken.approveDelegation", "did you mean 'debtToken.approveDelegation'?"),
    ],
)
def test_a_call_that_there_is_not_is_refused(written: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        held("OWN-1", (written,))


def test_a_contract_of_ones_own_may_be_called_as_the_markets_are() -> None:
    class Erc20(ForeignContract):
        KIND = "Erc20"

    assert held("OWN-1", ("Erc20.transfer",)).on == ("Erc20.transfer",)
    assert Erc20.KIND == "Erc20"


def test_one_call_alone_is_a_list_of_one() -> None:
    assert held("OWN-1", "pool.supply").on == ("pool.supply",)  # type: ignore[arg-type]  # the point


def test_a_law_in_pythons_spelling_is_asked() -> None:
    monitor = liquidated(NEWEST, [held("OWN-1", ("pool.liquidation_call",))])
    assert monitor.exercised() == {"OWN-1": 1}


# --- ids and import paths ---------------------------------------------------------------------------------------------


def test_laws_are_chosen_by_id_as_objects_and_by_path() -> None:
    own = held("OWN-1", ())
    assert chosen(()) == all_laws()
    assert [each.id for each in chosen(("LIQ-3", own))] == ["LIQ-3", "OWN-1"]
    assert [each.id for each in chosen(("OWN-1",), own=(own,))] == ["OWN-1"]
    assert {each.id for each in all_laws()} - {each.id for each in chosen((), without=("LIQ-3",))} == {"LIQ-3"}
    assert chosen((), own=(own,))[-1] is own
    by_path = "pooltwin.invariants.laws.liquidation_limits:no_dust_is_left"
    assert [each.id for each in chosen((by_path, "LIQ-3"))] == ["LIQ-3", "LIQ-4"]


@pytest.mark.parametrize("where", [{"asked": ("LIQ-33",)}, {"asked": (), "without": ("LIQ-33",)}])
def test_an_id_that_no_law_has_is_refused(where: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no law is called 'LIQ-33'; did you mean 'LIQ-3'"):
        chosen(**where)


def test_ids_are_compared_without_regard_to_case() -> None:
    with pytest.raises(ValueError, match="no law is called 'liq-3'; did you mean 'LIQ-3'"):
        chosen(("liq-3",))


def test_one_id_alone_is_a_list_of_one() -> None:
    options = CampaignOptions(standard_history(), steps=1, laws="LIQ-3", without="LIQ-4")  # type: ignore[arg-type]
    assert [each.id for each in options.chosen_laws()] == ["LIQ-3"]


def test_a_monitor_takes_laws_by_id_and_by_path_too() -> None:
    by_path = "pooltwin.invariants.laws.liquidation_limits:no_dust_is_left"
    monitor = liquidated(NEWEST, ["LIQ-3", by_path, held("OWN-1", ("pool.supply",))])
    assert [each.id for each in monitor.laws] == ["LIQ-3", "LIQ-4", "OWN-1"]
    with pytest.raises(ValueError, match="no law is called 'LIQ-33'; did you mean 'LIQ-3'"):
        liquidated(NEWEST, ["LIQ-33"])


@pytest.mark.parametrize("how", [{"laws": (5,)}, {"own_laws": (5,)}, {"laws": (None, "LIQ-3")}])
def test_what_is_no_law_is_refused(how: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is no law: expected a law, its id, or its import path"):
        CampaignOptions(standard_history(), steps=1, **how).chosen_laws()
    with pytest.raises(ValueError, match="is no law"):
        liquidated(NEWEST, [5])


def test_who_judges_is_told_by_name() -> None:
    with pytest.raises(ValueError, match=r"<fork mine of v3\.7: close_factor=6000> is not the name of a release"):
        liquidated(NEWEST, [], judged_by=NEWEST.forked("mine", close_factor=6_000))


def test_addresses_that_a_law_compares_are_told_by_name() -> None:
    @law("OWN-1", "Nobody calls.", kind=Kind.STEP, subject=Subject.STEP, source="test", on=("pool.supply",))
    def by_bob(step: Any) -> Any:
        return equal("caller, bob", step.sender, BOB)

    stage = standard_history().stage()
    watched = Monitor(stage.market, [by_bob], names=stage.names)
    with pytest.raises(LawBroken, match="caller, bob must be equal: alice against bob"), watched:
        stage.market.pool.supply(stage.market.asset("WETH"), 10**18, sender=ALICE)


def test_two_laws_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="two laws are called LIQ-3"):
        with_own((held("LIQ-3", ()),))


def test_what_is_imported_must_be_an_engine_or_a_law() -> None:
    assert engine_at("pooltwin.protocol.revisions:NEWEST") is NEWEST
    found = laws_at("pooltwin.invariants.laws.liquidation_limits:close_factor_binds_and_allows")
    assert found == [law_called("LIQ-3")]
    with pytest.raises(ValueError, match=r"is 'pooltwin\.protocol\.revisions' .str., not the record of an engine"):
        engine_at("pooltwin.protocol.revisions:__name__")
    with pytest.raises(ValueError, match="not a law or a list of laws"):
        laws_at("pooltwin.invariants.catalogue:GROUPS")


def test_a_monitor_stops_on_a_fork_too() -> None:
    stage = standard_history().stage(NEWEST.forked("myfork", execute_supply=lambda *_: None))
    with pytest.raises(LawBroken), Monitor(stage.market, all_laws(), names=stage.names):
        stage.market.pool.supply(stage.market.asset("WETH"), 10**18, sender=ALICE)


def test_a_bug_of_a_fork_is_told_as_it_is() -> None:
    """It ends the run, undone; no law judges what did not happen."""

    def supply(*_: Any) -> None:
        raise TypeError("a slip of the fork")

    stage = standard_history().stage()
    market = stage.market
    with Monitor(market, all_laws(), names=stage.names) as monitor:
        market.chain.set_revision(NEWEST.forked("myfork", execute_supply=supply))
        before = market.chain.digest()
        with pytest.raises(TypeError, match="a slip of the fork"):
            market.pool.supply(market.asset("WETH"), 10**18, sender=ALICE)
        assert market.chain.digest() == before
        market.pool.withdraw(market.asset("WETH"), 1, sender=ALICE)
    assert monitor.violations == []
