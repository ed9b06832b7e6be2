"""A market whose tokens tell a rewards controller of every change, and random calls of everything around it."""

from collections.abc import Sequence
from typing import Any

from ..harness.evm import ZERO_ADDRESS, calldata
from ..harness.market import ADMIN, UMBRELLA, must
from ..harness.recorder import Recorder
from ..harness.releases import REWARDS
from ..harness.world import MAX_UINT, Call, World
from ..histories.history import PROFILES, Profile
from ..histories.user_calls import MakeCall

EMISSIONS = "around EmissionManager"
STRATEGY = "around PullRewardsTransferStrategy"
IMPLEMENTATION = "around RewardsController"
PROXY = "InitializableImmutableAdminUpgradeabilityProxy"
CONFIG = "(uint88,uint256,uint32,address,address,address,address)"
REWARD_SYMBOLS = ("GUSD", "LINK", "USDC")
VAULT = ADMIN
KEEPER = UMBRELLA
"""The admin of the controller's proxy, who may not use it."""


def deploy_rewards(recorder: Recorder) -> None:
    """Deploy emission manager and controller, the latter behind a proxy, and a strategy that pays out of a vault."""
    manager = recorder.deploy(EMISSIONS, "EmissionManager", [ADMIN])
    implementation = recorder.deploy(IMPLEMENTATION, "RewardsController", [manager])
    proxy = recorder.deploy("rewards proxy", PROXY, [KEEPER])
    recorder.name(REWARDS, proxy)
    setup = calldata("initialize(address)", ZERO_ADDRESS)
    must(recorder, KEEPER, REWARDS, "initialize(address,bytes)", implementation, setup)
    recorder.deploy(STRATEGY, "PullRewardsTransferStrategy", [proxy, ADMIN, VAULT])
    must(recorder, ADMIN, EMISSIONS, "setRewardsController(address)", proxy)


def fill_vault(world: World) -> None:
    """Give the vault something to pay with, appoint the admins of rewards, and begin to give some."""
    recorder = world.recorder
    for symbol in REWARD_SYMBOLS:
        token = recorder.address(symbol)
        must(recorder, ADMIN, symbol, "mint(address,uint256)", VAULT, 10**6 * world.unit(symbol))
        must(recorder, VAULT, symbol, "approve(address,uint256)", recorder.address(STRATEGY), MAX_UINT)
        must(recorder, ADMIN, EMISSIONS, "setEmissionAdmin(address,address)", token, ADMIN)
    strategy, feed, end = recorder.address(STRATEGY), recorder.address("agg_LINK"), recorder.chain.timestamp + 10**8
    configs = [
        (10 ** world.rng.randrange(6, 17), 0, end, recorder.address(f"{kind}{symbol}"), reward, strategy, feed)
        for kind in "av"
        for symbol in world.symbols
        for reward in (recorder.address(world.pick(REWARD_SYMBOLS)), recorder.address("LINK"))
    ]
    must(recorder, ADMIN, EMISSIONS, f"configureAssets({CONFIG}[])", configs)


def _reward(w: World) -> str:
    return w.recorder.address(w.pick(REWARD_SYMBOLS)) if w.chance(0.95) else w.anyone()


def _asset(w: World) -> str:
    if w.chance(0.95):
        return w.recorder.address(f"{w.pick('av')}{w.symbol()}")
    return w.anyone()


def _assets(w: World) -> list[str]:
    if w.chance(0.3):
        return [w.recorder.address(f"{kind}{symbol}") for symbol in w.symbols for kind in "av"]
    return [_asset(w) for _ in range(w.rng.randrange(5))]


def _per_second(w: World) -> int:
    return w.pick((0, 1, 10**3, 10**12, 10**16, 2**60, w.rng.randrange(10**18), 2**88 - 1 if w.chance(0.1) else 7))


def _end(w: World) -> int:
    now = w.recorder.chain.timestamp
    return int(w.pick((0, now - 1, now, now + 1, now + 3600, now + 10**7, 2**32 - 1)))


def _admin(w: World) -> str:
    return ADMIN if w.chance(0.93) else w.user()


def configure(w: World) -> Call:
    """Start or change up to three distributions."""
    configs = []
    for _ in range(w.pick((0, 1, 1, 1, 2, 3))):
        strategy = w.recorder.address(STRATEGY) if w.chance(0.95) else w.anyone()
        feed = w.recorder.address(f"agg_{w.symbol()}") if w.chance(0.95) else w.anyone()
        configs.append((_per_second(w), w.rng.getrandbits(256), _end(w), _asset(w), _reward(w), strategy, feed))
    return Call(_admin(w), EMISSIONS, f"configureAssets({CONFIG}[])", (configs,))


def change_emission(w: World) -> Call:
    """Other amounts in a second."""
    rewards = [_reward(w) for _ in range(w.rng.randrange(3))]
    amounts = [_per_second(w) for _ in rewards]
    if w.chance(0.05):
        amounts.append(1)
    return Call(_admin(w), EMISSIONS, "setEmissionPerSecond(address,address[],uint88[])", (_asset(w), rewards, amounts))


def change_end(w: World) -> Call:
    """Another end."""
    return Call(_admin(w), EMISSIONS, "setDistributionEnd(address,address,uint32)", (_asset(w), _reward(w), _end(w)))


def appoint(w: World) -> Call:
    """A claimer, an admin of a reward, a strategy, a feed."""
    return Call(
        _admin(w),
        EMISSIONS,
        *w.pick(
            (
                ("setClaimer(address,address)", (w.user(), w.user())),
                ("setClaimer(address,address)", (w.user(), w.user())),
                ("setEmissionAdmin(address,address)", (_reward(w), ADMIN if w.chance(0.8) else w.user())),
                ("setTransferStrategy(address,address)", (_reward(w), w.recorder.address(STRATEGY))),
                ("setTransferStrategy(address,address)", (_reward(w), w.anyone()))
                if w.chance(0.1)
                else ("setRewardOracle(address,address)", (_reward(w), w.recorder.address("agg_LINK"))),
            )
        ),
    )


def claim(w: World) -> Call:
    """Claim some of a reward, or all of all, for oneself or another."""
    user, to, reward = w.user(), w.user() if w.chance(0.97) else ZERO_ADDRESS, _reward(w)
    amount = MAX_UINT if w.chance(0.4) else w.rng.randrange(10 ** w.rng.randrange(1, 26))
    assets = _assets(w)
    choices: Sequence[tuple[str, tuple[Any, ...]]] = (
        ("claimRewards(address[],uint256,address,address)", (assets, amount, to, reward)),
        ("claimRewardsToSelf(address[],uint256,address)", (assets, amount, reward)),
        ("claimAllRewards(address[],address)", (assets, to)),
        ("claimAllRewardsToSelf(address[])", (assets,)),
        ("claimRewardsOnBehalf(address[],uint256,address,address,address)", (assets, amount, w.user(), to, reward)),
        ("claimAllRewardsOnBehalf(address[],address,address)", (assets, w.user(), to)),
    )
    return Call(user, REWARDS, *w.pick(choices))


def as_token(w: World) -> Call:
    """Somebody who is no token says that a balance changes; or somebody who is no manager configures."""
    if w.chance(0.5):
        return Call(w.user(), REWARDS, "setClaimer(address,address)", (w.user(), w.user()))
    return Call(w.user(), REWARDS, "handleAction(address,uint256,uint256)", (w.user(), w.near(10**20), w.near(10**18)))


def owed(w: World) -> Call:
    """What somebody is owed."""
    choices: Sequence[tuple[str, tuple[Any, ...]]] = (
        ("getUserRewards(address[],address,address)", (_assets(w), w.user(), _reward(w))),
        ("getAllUserRewards(address[],address)", (_assets(w), w.user())),
        ("getAssetIndex(address,address)", (_asset(w), _reward(w))),
        ("getRewardsData(address,address)", (_asset(w), _reward(w))),
        ("getUserAccruedRewards(address,address)", (w.user(), _reward(w))),
    )
    return Call(w.user(), REWARDS, *w.pick(choices))


REWARD_CALLS: dict[MakeCall, float] = {
    configure: 1.5,
    change_emission: 1,
    change_end: 0.7,
    appoint: 1,
    claim: 6,
    as_token: 0.5,
    owed: 4,
}
USUAL = PROFILES["prices"]
REWARDED = Profile(calls=(*USUAL.calls, (12.0, REWARD_CALLS)), scripts=USUAL.scripts, careful=0.6, start=fill_vault)
"""Ordinary use of a market, and of its rewards."""
