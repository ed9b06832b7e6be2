"""Laws of isolated collateral: silent on what Aave released, on every release that has some; each hears its fault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pooltwin.invariants import (
    ISOLATION_LAWS,
    CampaignOptions,
    CampaignResult,
    SetupError,
    history_from,
    isolated_history,
    run_campaign,
    standard_history,
    with_isolation,
)
from pooltwin.protocol.releases.v3_6 import isolation
from pooltwin.protocol.revisions import REVISIONS, Revision, revision_named
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner

RELEASES = [name for name, release in REVISIONS.items() if release.isolation_mode]
LAWS = {law.id: law for law in ISOLATION_LAWS}
OTHERS = ("IDX-9", "SOL-16")
"""Laws that leave the reserves alone which a call does not name."""


def attacked(revision: str, steps: int, laws: tuple[Any, ...] = (), **faults: Any) -> CampaignResult:
    engine: Revision | None = replace(revision_named(revision), **faults) if faults else None
    without = tuple(identifier for identifier in LAWS if laws and identifier not in laws)
    history = isolated_history(revision)
    return run_campaign(CampaignOptions(history, seed=7, steps=steps, laws=laws, without=without, engine=engine))


def counted_without_ceiling(pool: Any, configuration: int, user: str, amount: int) -> None:
    """Ask neither for the ceiling nor whether the asset is approved."""
    found = isolation.isolated_collateral(pool, pool.users_config[user])
    if found is not None:
        total = pool.reserves[found[0]].isolation_mode_total_debt
        total += isolation.isolated_debt_units(configuration, amount)
        isolation.set_isolated_debt(pool, found[0], total)


def not_counted(*_: Any) -> None:
    """Leave what is repaid counted."""


def counted_with_a_deficit(pool: Any, configuration: int, user: str, amount: int) -> None:
    """Count, and write something else of the collateral's reserve."""
    found = isolation.isolated_collateral(pool, pool.users_config[user])
    isolation.increase_isolated_debt(pool, configuration, user, amount)
    if found is not None:
        pool.reserves[found[0]].deficit += 1


FAULTS: dict[str, dict[str, Any]] = {
    "ISO-1": {"increase_isolated_debt": counted_without_ceiling},
    "ISO-2": {"reduce_isolated_debt": not_counted},
    "ISO-3": {"increase_isolated_debt": counted_without_ceiling},
    "ISO-4": {"may_collateralise": lambda *_: True},
}


@pytest.mark.parametrize("revision", RELEASES)
def test_no_law_breaks_on_what_was_released(revision: str) -> None:
    """All laws: those of isolated collateral are asked besides the catalogue's, by the market's own configuration."""
    result = attacked(revision, 700)
    assert not result.findings, result.findings[0].violation
    assert all(result.tally.exercised[identifier] > 20 for identifier in LAWS)
    assert result.tally.errors["pool.borrow DebtCeilingExceeded"] > 10


def test_every_law_has_a_fault() -> None:
    assert list(FAULTS) == list(LAWS)


@pytest.mark.parametrize("identifier", FAULTS)
def test_each_law_hears_its_fault(identifier: str) -> None:
    result = attacked("3.6", 500, (identifier,), **FAULTS[identifier])
    assert [finding.law for finding in result.findings] == [identifier]


@pytest.mark.parametrize("identifier", OTHERS)
def test_nothing_but_the_count_may_change_of_the_collateral_s_reserve(identifier: str) -> None:
    assert not attacked("3.6", 300, (identifier,)).findings
    result = attacked("3.6", 300, (identifier,), increase_isolated_debt=counted_with_a_deficit)
    assert [finding.law for finding in result.findings] == [identifier]


def test_a_market_without_isolated_collateral_has_nothing_to_say() -> None:
    options = CampaignOptions(standard_history("3.6"), steps=100)
    assert not any(law.id in LAWS for law in options.chosen_laws())
    result = run_campaign(replace(options, laws=ISOLATION_LAWS))
    assert not any(result.tally.exercised[identifier] for identifier in ("ISO-1", "ISO-3", "ISO-4"))
    with pytest.raises(SetupError, match="with_isolation"):
        standard_history("3.6").with_setups(with_isolation).stage()


def test_a_saved_market_is_asked_too(tmp_path: Path) -> None:
    isolated_history("3.5").opening.market().save(tmp_path / "state.json")
    options = CampaignOptions(history_from(tmp_path / "state.json"), steps=10)
    assert {law.id for law in options.chosen_laws()} >= LAWS.keys()


def test_a_command_attacks_such_a_market() -> None:
    told = ("fuzz", "--market", "isolated", "-n", "100", "--laws", ",".join(LAWS))
    done = CliRunner().invoke(app, told)
    assert done.exit_code == 0, done.output
    assert "ISO-4" in done.output
    refused = CliRunner().invoke(app, [*told, "--revision", "3.7"])
    assert refused.exit_code == 2
    (line,) = refused.output.splitlines()
    assert line.startswith("error: ")
    assert "isolat" in line or "debt_ceiling" in line
