"""Views of whole markets and positions, beside the real ones: of lived-in markets, and for hostile calldata."""

from pathlib import Path

import pytest

from ..harness.given import Release
from ..harness.lockstep import LockstepChain, in_lockstep_with, sweep_views
from ..harness.market import ACCOUNTS, ADMIN, SIGNERS, SUPPLY, must, open_market
from ..harness.recorder import Recorder
from ..harness.world import MAX_UINT, World
from ..histories.history import PROFILES, live
from ..histories.user_calls import BORROW
from .around import AssaultAround, deploy_around

ZERO = "0x" + "00" * 20
SET_DATA_PROVIDER = "setPoolDataProvider(address)"
UI = "around UiPoolDataProviderV3"
LIQUIDATIONS = "around LiquidationDataProvider"


def opened(release: Release, seed: int = 1, steps: int = 1) -> tuple[Recorder, LockstepChain]:
    """The standard market in lockstep, with all views."""
    head, recorder = open_market(release.artifacts, release.revision, seed, steps, in_lockstep_with(release.revision))
    if steps > 1:
        live(recorder, head, PROFILES["admin"])
    deploy_around(recorder)
    assert isinstance(recorder.chain, LockstepChain)
    return recorder, recorder.chain


@pytest.mark.parametrize("seed", [51, 52])
def test_views_of_a_market_that_was_lived_in(release: Release, seed: int) -> None:
    recorder, chain = opened(release, seed, steps=120)
    if not recorder.try_out(ADMIN, "provider", "getPoolDataProvider()").ret.strip(b"\0"):
        recorder.transact(ADMIN, "provider", SET_DATA_PROVIDER, recorder.address("data_provider"))
    before = chain.compared
    for user in (*ACCOUNTS, ZERO):
        for signature in ("getUserReservesData(address,address)",):
            recorder.transact(user, UI, signature, recorder.address("provider"), user)
        recorder.transact(
            user,
            "around WalletBalanceProvider",
            "getUserWalletBalances(address,address)",
            recorder.address("provider"),
            user,
        )
    for signature in ("getReservesData(address)", "getEModes(address)", "getReservesList(address)"):
        recorder.transact(ADMIN, UI, signature, recorder.address("provider"))
    sweep_views(recorder)
    assert chain.compared - before > 500


def indebted(recorder: Recorder, seed: int) -> World:
    """Let some users borrow nearly all they may, large sums and small ones, two of them in an e-mode."""
    world = World(recorder, seed, ACCOUNTS[4:], SIGNERS)
    for number, user in enumerate(ACCOUNTS[4:]):
        for symbol in ("WETH", "WSTETH", "LINK"):
            amount = world.unit(symbol) * world.pick((1, 3, 40, 900)) * world.rng.randrange(900, 1000) // 1000
            must(recorder, user, "pool", SUPPLY, recorder.address(symbol), amount, user, 0)
        recorder.transact(user, "pool", "setUserEMode(uint8)", number % 2)
        for symbol in ("USDC", "WBTC", "WETH"):
            worth = world.account(user)[2] * world.rng.randrange(400, 999) // 1000
            borrowing = (recorder.address(symbol), world.to_amount(symbol, worth), 2, 0, user)
            recorder.transact(user, "pool", BORROW, *borrowing)
    return world


@pytest.mark.parametrize("seed", [53, 54])
def test_amounts_of_liquidations(release: Release, seed: int) -> None:
    if "LiquidationDataProvider" not in release.artifacts:
        pytest.skip(f"v{release.revision} has no LiquidationDataProvider")
    recorder, _ = opened(release)
    world = indebted(recorder, seed)
    signature = "getLiquidationInfo(address,address,address,uint256)"
    asked = liquidatable = 0
    for share in (97, 92, 85, 75, 60):
        for symbol in ("WETH", "WSTETH", "LINK"):
            recorder.set_price(symbol, world.prices[symbol] * share // 100)
        for user in world.users:
            for collateral in world.holdings(user, "a"):
                for debt in world.holdings(user, "v"):
                    pair = (user, recorder.address(collateral), recorder.address(debt))
                    for wanted in (MAX_UINT, world.balance(f"v{debt}", user) * world.rng.randrange(100) // 100):
                        answer = recorder.transact(ADMIN, LIQUIDATIONS, signature, *pair, wanted)
                        asked += 1
                        liquidatable += answer.ok and any(answer.ret[-128:])
    assert asked > 150
    assert liquidatable > 50


def test_a_market_without_a_data_provider_shows_nothing(release: Release) -> None:
    recorder, _ = opened(release)
    assert not recorder.transact(ADMIN, UI, "getReservesData(address)", recorder.address("provider")).ok
    must(recorder, ADMIN, "provider", SET_DATA_PROVIDER, recorder.address("data_provider"))
    answer = must(recorder, ADMIN, UI, "getReservesData(address)", recorder.address("provider"))
    assert len(answer) > 10_000


def test_a_strategy_that_refuses_shows_no_rates(release: Release) -> None:
    recorder, _ = opened(release)
    must(recorder, ADMIN, "provider", SET_DATA_PROVIDER, recorder.address("acl"))
    recorder.transact(ADMIN, UI, "getReservesData(address)", recorder.address("provider"))
    must(recorder, ADMIN, "provider", "setPriceOracle(address)", recorder.address("WETH"))
    assert not recorder.transact(ADMIN, UI, "getReservesData(address)", recorder.address("provider")).ok


def test_categories_up_to_the_last_id(release: Release) -> None:
    recorder, _ = opened(release)
    signature = next(
        name for name in recorder.chain.artifacts["PoolConfiguratorInstance"].functions if "setEMode" in name
    )
    tail = (True,) if signature.endswith("bool)") else ()
    for category in (*range(6, 256, 3), 255):
        recorder.transact(ADMIN, "configurator", signature, category, 9000, 9200, 10100, "c" * (category % 40), *tail)
        if category in (249, 252):
            must(recorder, ADMIN, UI, "getEModes(address)", recorder.address("provider"))
    assert not recorder.transact(ADMIN, UI, "getEModes(address)", recorder.address("provider")).ok


def test_hostile_calldata(release: Release, tmp_path: Path) -> None:
    assault = AssaultAround(release.artifacts, release.revision, seed=61)
    assault.run(1500, tmp_path)
    assert assault.chain.compared > 3000
