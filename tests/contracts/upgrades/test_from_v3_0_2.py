"""v3.0.2 upgraded: by the twin alone, and beside the real contracts of v3.2 where somebody has compiled them."""

import random
from pathlib import Path

import pytest
from pooltwin.protocol.errors import EmptyRevert
from pooltwin.protocol.evm_storage.raw import identities_of, known_keys, lift, storage_of
from pooltwin.protocol.market import Market
from pooltwin.protocol.releases.v3_0_2.e_modes import category_of
from pooltwin.protocol.saved_state import load, save
from pooltwin.protocol.state import bitmaps
from pooltwin.protocol.upgrades import UpgradeError, upgrade

from ..harness.artifacts import ArtifactSet, load_file
from ..harness.calldata import Arguments, encoded
from ..harness.evm import ZERO_ADDRESS
from ..harness.given import given_files
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, REFUSING_RECEIVER, SIGNERS, open_market
from ..harness.recorder import Recorder
from ..harness.world import World
from ..histories.history import PROFILES, act
from ..histories.run import Run, go_on
from ..v3_0_2.profiles import PROFILES_V3_0_2
from ..v3_0_2.tour import STABLES, Tour
from .from_v3_0_2 import make_ready, upgrade_both


def ready_to_upgrade(artifacts: ArtifactSet, profile: str, seed: int, steps: int) -> Run:
    """A market of v3.0.2 after some time, in lockstep, such as governance found it."""
    run = Run(artifacts, "3.0.2", PROFILES_V3_0_2[profile], seed, steps)
    run.recorder.place_receiver("refusing_receiver", "AlwaysFalseReceiver", REFUSING_RECEIVER)
    world = World(run.recorder, seed, ACCOUNTS, SIGNERS)
    for step in range(1, steps + 1):
        world.step = step
        world.run_due(everything=step == steps)
        act(world, run.profile)
    world.run_due(everything=True)
    make_ready(run.recorder)
    return run


@pytest.fixture(scope="session")
def artifacts_v3_2(request: pytest.FixtureRequest) -> ArtifactSet:
    """The contracts of v3.2, which are on no npm."""
    return load_file(given_files(request.config)["3.2"])


@pytest.mark.given("3.2")
@pytest.mark.parametrize(("profile", "seed"), [("prices", 1), ("admin", 2), ("hostile", 3), ("upgrades", 4)])
def test_both_sides_upgraded(
    artifacts_v3_0_2: ArtifactSet, artifacts_v3_2: ArtifactSet, profile: str, seed: int
) -> None:
    run = ready_to_upgrade(artifacts_v3_0_2, profile, seed, steps=150)
    upgrade_both(run.recorder, artifacts_v3_2)
    words = run.chain.compare_storage()
    ask_the_old_data_provider(run, artifacts_v3_0_2)
    run.profile = PROFILES[profile]
    go_on(run, run.chain, steps=200)
    print(f"\n{profile} {seed}: {run.chain.compared:,} calls, {words:,} words at the upgrade")


def ask_the_old_data_provider(run: Run, artifacts: ArtifactSet) -> None:
    """It is still there, and knows less."""
    addresses = run.recorder.addresses
    assets = [addresses[label.removeprefix("agg_")] for label in addresses if label.startswith("agg_")]
    arguments = Arguments(random.Random(0), ACCOUNTS, assets, list(addresses.values()))
    for signature, entry in artifacts["AaveProtocolDataProvider"].functions.items():
        for _ in range(12):
            data = encoded(signature, arguments.of(entry))
            run.chain.transact(ZERO_ADDRESS, addresses["old_data_provider"], data)


# --- the twin alone ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lived_in(artifacts_v3_0_2: ArtifactSet) -> Recorder:
    """A market of v3.0.2 with lenders, borrowers in e-mode and elsewhere, a frozen asset, and time gone by."""
    _, recorder = open_market(artifacts_v3_0_2, "3.0.2", 1, 1, in_lockstep_with("3.0.2"))
    Tour(recorder, ACCOUNTS).go()
    recorder.transact(ADMIN, "configurator", "setReserveFreeze(address,bool)", recorder.address("LINK"), True)
    recorder.chain.set_time(recorder.chain.timestamp + 86_400, recorder.chain.block_number + 7_200)
    return recorder


@pytest.fixture
def market(lived_in: Recorder) -> Market:
    """The twin of that market, for each test anew; nothing stands in the way of its upgrade any more."""
    chain = lived_in.chain
    assert isinstance(chain, LockstepChain)
    market = Market(chain.twin.fork(), lived_in.address("provider"))
    forget_prices(market)
    return market


def forget_prices(market: Market) -> None:
    """No category has a price of its own."""
    for category_id, category in market.pool.e_modes.items():
        if category.label:
            limits = (category.ltv, category.liquidation_threshold, category.liquidation_bonus)
            configure = market.configurator.set_priced_e_mode_category  # type: ignore[attr-defined]  # v3.0.2 only
            configure(category_id, *limits, ZERO_ADDRESS, category.label, sender=ADMIN)


def balances(market: Market) -> list[int]:
    """Read what everybody has and owes."""
    tokens = [token for symbol in market.assets for token in (market.a_token(symbol), market.debt_token(symbol))]
    return [token.balance_of(user) for token in tokens for user in ACCOUNTS]


def test_nobody_gains_or_loses_by_the_upgrade(market: Market) -> None:
    before = balances(market)
    strategies = {asset: market.pool.reserves[asset].interest_rate_strategy for asset in market.assets.values()}
    categories = {asset: category_of(market.pool.reserves[asset].configuration) for asset in strategies}
    upgrade(market, "3.2")
    pool = market.pool
    assert balances(market) == before
    assert (pool.pool_revision(), market.configurator.configurator_revision()) == (5, 4)
    for symbol, asset in market.assets.items():
        reserve = pool.reserves[asset]
        held = market.erc20(symbol).balance_of(reserve.a_token)
        assert 0 < reserve.virtual_underlying_balance <= held
        assert market.data_provider.get_virtual_underlying_balance(asset) == reserve.virtual_underlying_balance
        old = market.chain.at(strategies[asset])
        assert market.rate_strategy.models[asset].ray.variable_rate_slope2 == old.variable_rate_slope2
        for category_id in range(1, 5):
            e_mode, member = pool.e_modes[category_id], category_id == categories[asset]
            assert bitmaps.is_in_bitmap(e_mode.collateral_bitmap, reserve.id) is member
            assert bitmaps.is_in_bitmap(e_mode.borrowable_bitmap, reserve.id) is member
    assert set(categories.values()) > {0, STABLES}
    assert bitmaps.ltv(pool.reserves[market.asset("LINK")].configuration) == 0
    assert market.configurator.get_pending_ltv(market.asset("LINK")) == 0


def test_what_was_left_behind_still_answers(market: Market, lived_in: Recorder) -> None:
    usdt, old = market.asset("USDT"), market.chain.at(lived_in.address("data_provider"))
    upgrade(market, "3.2")
    assert old.get_reserve_e_mode_category(usdt) == STABLES
    assert old.get_reserve_tokens_addresses(usdt)[1] == ZERO_ADDRESS
    with pytest.raises(EmptyRevert):
        old.get_total_debt(usdt)


def test_life_goes_on_up_to_the_last_release(market: Market) -> None:
    for revision in ("3.2", "3.3", "3.4", "3.5", "3.6", "3.7"):
        upgrade(market, revision)
        asset, user = market.asset("USDC"), ACCOUNTS[0]
        market.pool.supply(asset, 10**7, user, sender=user)
        market.pool.borrow(asset, 10**6, sender=user)
        market.pool.repay(asset, 10**6, on_behalf_of=user, sender=user)
        market.pool.withdraw(market.asset("LINK"), 10**18, sender=user)  # frozen, so it has to go first
        market.chain.advance(3600, 300)


def test_an_upgraded_state_can_be_saved_and_stored_as_words(market: Market, tmp_path: Path) -> None:
    upgrade(market, "3.2")
    chain = market.chain
    save(chain, tmp_path / "state.json")
    assert load(tmp_path / "state.json").digest() == chain.digest()
    copy = lift(
        chain.revision,
        identities_of(chain),
        storage_of(chain),
        known_keys(chain),
        time=chain.time,
        number=chain.number,
        nonces=chain.nonces.written(),
        libraries=chain.libraries,
    )
    assert copy.digest() == chain.digest()


def test_it_can_be_undone(market: Market) -> None:
    before, snapshot = market.chain.digest(), market.chain.snapshot()
    upgrade(market, "3.2")
    assert market.chain.digest() != before
    market.chain.revert_to(snapshot)
    assert market.chain.digest() == before


def refuses(market: Market, reason: str) -> None:
    before = market.chain.digest()
    with pytest.raises(UpgradeError, match=reason):
        upgrade(market, "3.2")
    assert market.chain.digest() == before


def test_a_category_with_a_price_of_its_own_is_refused(lived_in: Recorder) -> None:
    chain = lived_in.chain
    assert isinstance(chain, LockstepChain)
    refuses(Market(chain.twin.fork(), lived_in.address("provider")), f"category {STABLES} has the price of")


def test_a_reserve_that_is_owed_more_than_it_owes_is_refused(market: Market) -> None:
    usdc = market.asset("USDC")
    market.debt_token("USDC").scaled_supply *= 10**6
    refuses(market, f"the liquidity of {usdc} cannot be counted: Panic")
