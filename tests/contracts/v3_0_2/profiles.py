"""Events that only histories of v3.0.2 have: its own administration, the bridge, what is left of stable rates.

Stable-rate borrowing itself stays disabled, so that mode 1 is refused wherever it is asked for.
"""

from collections.abc import Mapping
from dataclasses import replace

from ..harness.evm import ZERO_ADDRESS
from ..harness.releases import EMODE_OF_ASSET, EMODE_WITH_PRICE, STRATEGY_OF_ASSET, strategy_arguments, token_upgrade
from ..harness.world import Call, World
from ..histories.admin_calls import configure
from ..histories.history import PROFILES, Profile
from ..histories.scripts import Script, admin
from ..histories.user_calls import MakeCall


def emode_of_asset(w: World) -> Call:
    """An asset moves to another e-mode category, or out of all."""
    return configure(w, EMODE_OF_ASSET, w.asset(), w.pick((0, 1, 1, 2, 2, 3, 4, 255)))


def emode_with_price(w: World) -> Call:
    """A category changes, mostly its price source: none, that of an asset, rarely one without a price."""
    threshold = w.rng.randrange(9000, 9700)
    limits = (threshold - w.rng.randrange(400), threshold, w.rng.randrange(10001, 10_000 * 10_000 // threshold + 2))
    source = w.asset() if w.chance(0.6) else ZERO_ADDRESS
    category = w.pick((1, 1, 2, 2, 3, 4))
    return configure(w, EMODE_WITH_PRICE, category, *limits, source, w.pick(("", "priced together")))


def stable_rates_off(w: World) -> Call:
    """Stable-rate borrowing is disabled where it already is."""
    return configure(w, "setReserveStableRateBorrowing(address,bool)", w.asset(), False)


def swap_mode(w: World) -> Call:
    """A debtor wants another kind of rate."""
    arguments = (w.asset(), w.pick((1, 2, 2, 0, 3)))
    return Call(w.user(), "pool", "swapBorrowRateMode(address,uint256)", arguments)


def rebalance(w: World) -> Call:
    """Anybody may have a stable rate rebalanced; nobody has one."""
    return Call(w.user(), "pool", "rebalanceStableBorrowRate(address,address)", (w.asset(), w.user()))


def mint_unbacked(w: World) -> Call:
    """A bridge mints aTokens that nothing backs yet."""
    symbol = w.symbol()
    arguments = (w.recorder.address(symbol), w.worth(symbol) // 10, w.user(), w.rng.randrange(3))
    return Call(_bridge(w), "pool", "mintUnbacked(address,uint256,address,uint16)", arguments)


def back_unbacked(w: World) -> Call:
    """A bridge brings what backs them, and a fee."""
    symbol = w.symbol()
    amount = w.worth(symbol) // 10
    arguments = (w.recorder.address(symbol), amount, w.pick((0, amount // 1000, w.near(amount))))
    return Call(_bridge(w), "pool", "backUnbacked(address,uint256,uint256)", arguments)


def bridge_terms(w: World) -> Call:
    """The cap on unbacked aTokens of an asset, or the treasury's share of the bridge's fee."""
    if w.chance(0.3):
        return configure(w, "updateBridgeProtocolFee(uint256)", w.pick((0, 1000, 10000, 10001)))
    return configure(w, "setUnbackedMintCap(address,uint256)", w.asset(), w.pick((0, 1, 10**4, 10**7, 2**36)))


def _bridge(w: World) -> str:
    bridges = [user for user in w.users if w.number("acl", "isBridge(address)", user)]
    return w.pick(bridges) if bridges and w.chance(0.95) else w.user()


def found_bridge(w: World) -> None:
    """A user becomes a bridge, and an asset gets a cap for it."""
    admin(w, "acl", "addBridge(address)", w.user())
    admin(w, "configurator", "setUnbackedMintCap(address,uint256)", w.recorder.address(w.symbol()), 10**7)


def new_strategy(w: World) -> None:
    """A reserve gets another strategy; its rates change with its next event only."""
    symbol, number = w.symbol(), sum(label.startswith("new_irs") for label in w.recorder.addresses)
    rates = (w.rng.randrange(10001), w.rng.randrange(1000), w.rng.randrange(3000), w.rng.randrange(40000))
    stable = (w.rng.randrange(1000), w.rng.randrange(9000), w.rng.randrange(500), w.rng.randrange(900), 5000)
    arguments = strategy_arguments(w.recorder.address("provider"), rates, stable)
    strategy = w.recorder.deploy(f"new_irs{number}", STRATEGY_OF_ASSET, arguments)
    chosen = strategy if w.chance(0.95) else w.pick((ZERO_ADDRESS, w.user()))
    signature, asset = "setReserveInterestRateStrategyAddress(address,address)", w.recorder.address(symbol)
    if admin(w, "configurator", signature, asset, chosen).ok and chosen != strategy:
        w.later(3, lambda: admin(w, "configurator", signature, asset, strategy))


def newer_token(w: World) -> None:
    """A token goes to an implementation of a higher revision, the first time it is tried."""
    if "old_atoken_impl" not in w.recorder.addresses:
        return
    symbol, prefix = w.symbol(), w.pick("av")
    names = (f"{prefix}{symbol} renamed", f"{prefix}{symbol}2")
    implementation = w.recorder.address(f"old_{prefix}token_impl")
    signature, upgrade = token_upgrade(w.recorder, prefix, symbol, names, implementation)
    admin(w, "configurator", signature, upgrade)


CALLS: Mapping[MakeCall, float] = {
    emode_of_asset: 4,
    emode_with_price: 2,
    stable_rates_off: 0.5,
    swap_mode: 1.5,
    rebalance: 1.5,
    mint_unbacked: 3,
    back_unbacked: 2.5,
    bridge_terms: 1,
}
SCRIPTS: Mapping[Script, float] = {found_bridge: 1, new_strategy: 2, newer_token: 1}


def _with_its_own(profile: Profile) -> Profile:
    return replace(profile, calls=(*profile.calls, (2.5, CALLS)), scripts=(*profile.scripts, (0.3, SCRIPTS)))


PROFILES_V3_0_2 = {name: _with_its_own(profile) for name, profile in PROFILES.items()}
