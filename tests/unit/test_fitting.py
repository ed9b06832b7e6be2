"""A market on another release: what the release lacks is left out and said, and nothing else is changed."""

from __future__ import annotations

import pytest
from pooltwin.fixtures import load_market
from pooltwin.invariants.standard import standard_config
from pooltwin.protocol import Market
from pooltwin.protocol.fitting import fitted
from pooltwin.protocol.lacking import complaints
from pooltwin.protocol.revisions import NEWEST, REVISIONS

CONFIGS = {
    "real": load_market("ethereum-core-2026-02"),
    "newest": standard_config(),
    "oldest": standard_config(next(iter(REVISIONS))),
    "isolating": standard_config("3.5").model_copy(
        update={
            "reserves": tuple(
                reserve.model_copy(update={"debt_ceiling": 10**8 if reserve.symbol == "WETH" else 0})
                for reserve in standard_config("3.5").reserves
            )
        }
    ),
}
UNTOUCHED = ("symbol", "decimals", "price", "rates", "ltv_bps", "liquidation_threshold_bps", "liquidation_bonus_bps")


@pytest.mark.parametrize("release", REVISIONS)
@pytest.mark.parametrize("name", CONFIGS)
def test_every_release_builds_it_and_nothing_else_is_changed(name: str, release: str) -> None:
    """No refusal is pleased by changing another field, as a threshold that makes a collateral."""
    config, record = CONFIGS[name], REVISIONS[release]
    built, changes = fitted(config, record)
    assert (built.revision, complaints(built, record)) == (release, [])
    assert bool(changes) == bool(complaints(config, record))
    assert len(Market.deploy(built).assets) == len(config.reserves)
    for asked, here in zip(config.reserves, built.reserves, strict=True):
        assert all(getattr(asked, field) == getattr(here, field) for field in UNTOUCHED)
    limits = {each.id: (each.label, each.ltv_bps, each.liquidation_threshold_bps) for each in config.e_modes}
    assert all(limits[each.id] == (each.label, each.ltv_bps, each.liquidation_threshold_bps) for each in built.e_modes)
    plain = {"rate_strategy": None}
    assert built.addresses.model_copy(update=plain) == config.addresses.model_copy(update=plain)


def test_an_asset_of_several_categories_stays_in_the_first() -> None:
    built, changes = fitted(CONFIGS["real"], REVISIONS["3.0.2"])
    first = built.e_modes[0]
    assert (first.id, {"WETH", "wstETH", "weETH"} <= {*first.collateral, *first.borrowable}) == (1, True)
    assert changes[0].startswith("without addresses.rate_strategy (0x")
    assert changes[-1].startswith("without e-mode categories 8, 10, ")
    members = [member for category in built.e_modes for member in {*category.collateral, *category.borrowable}]
    assert len(members) == len(set(members))


def test_what_is_said_names_field_and_whose_it_is() -> None:
    assert fitted(CONFIGS["real"], NEWEST).changes == ("USDC, DAI, USDT, USDe without borrowable_in_isolation",)
    assert fitted(CONFIGS["isolating"], NEWEST).changes == ("WETH without debt_ceiling",)


def test_what_cannot_be_left_out_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pooltwin.protocol.fitting.complaints", lambda config, release: ["chain_id: odd"])
    with pytest.raises(ValueError, match="chain_id: odd"):
        fitted(CONFIGS["newest"], NEWEST)
