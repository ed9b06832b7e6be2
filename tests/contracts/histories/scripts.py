"""Random events of more than one call: price moves, broken oracles, new reserves, changes of guard."""

import itertools
import math
from collections.abc import Callable
from typing import Any

from ..harness.evm import ZERO_ADDRESS, Outcome
from ..harness.market import ADMIN, MAX_UINT, SUPPLY, WHOLE_TOKENS_EACH
from ..harness.releases import init_reserves, listing, rate_data
from ..harness.world import WAD, Call, World
from . import user_calls

Script = Callable[[World], None]

OWNERSHIP = "transferOwnership(address)"
SOURCES = "setAssetSources(address[],address[])"
MAX_RESERVES = 128
EMODE_ASSET = "setAsset{}InEMode(address,uint8,bool)"
USE = "setUserUseReserveAsCollateral(address,bool)"


def admin(w: World, to: str, signature: str, *arguments: Any) -> Outcome:
    """A call by the admin."""
    return w.send(Call(ADMIN, to, signature, arguments))


def price_drift(w: World) -> None:
    """One price moves by some percent."""
    symbol = w.symbol()
    factor = math.exp(w.rng.gauss(0, w.pick((0.005, 0.05, 0.3))))
    w.set_price(symbol, min(2**255 - 1, max(1, int(max(1, w.prices[symbol]) * factor))))


def price_return(w: World) -> None:
    """Prices come back to normal."""
    for symbol in w.symbols:
        if w.prices[symbol] != w.normal_prices[symbol] and w.chance(0.7):
            w.set_price(symbol, w.normal_prices[symbol])


def price_shock(w: World) -> None:
    """Prices move so that some debtor's health factor lands where liquidation rules change, and it is liquidated."""
    debtors = [user for user in w.users if 0 < w.account(user)[5] < 20 * WAD]
    if not debtors:
        price_drift(w)
        return
    debtor = w.pick(debtors)
    target = w.pick((1.000001, 0.999999, 0.98, 0.9501, 0.9499, 0.9, 0.7, 0.4, 0.1, 0.01))
    _move_health(w, debtor, target)
    for _ in range(w.rng.randrange(4)):
        w.seek(user_calls.liquidate, 4)
    if w.chance(0.5):
        w.later(w.rng.randrange(1, 15), lambda: price_return(w))


def _move_health(w: World, debtor: str, target: float) -> None:
    """Lower what backs the debtor, or raise what it owes, by what is missing to the target."""
    factor = target / (w.account(debtor)[5] / WAD)
    owed = w.holdings(debtor, "v")
    if owed and w.chance(0.3):
        moved, factor = owed, 1 / factor
    else:
        moved = [symbol for symbol in w.holdings(debtor, "a") if symbol not in owed]
    for symbol in moved:
        w.set_price(symbol, min(2**120, max(1, int(max(1, w.prices[symbol]) * factor))))


def price_broken(w: World) -> None:
    """A feed answers something absurd for a few steps."""
    symbol = w.symbol()
    w.set_price(symbol, w.pick((0, -1, -(2**255), 1, 2**64, 2**128, 2**255 - 1)))
    w.later(w.rng.randrange(2, 6), lambda: w.set_price(symbol, w.normal_prices[symbol]))


def source_lost(w: World) -> None:
    """An asset loses its price feed for a few steps; sometimes the lists do not match and nothing happens."""
    symbol = w.symbol()
    asset, feed = w.recorder.address(symbol), w.recorder.address(f"agg_{symbol}")
    if w.chance(0.2):
        admin(w, "oracle", SOURCES, [asset, asset], [feed])
        return
    admin(w, "oracle", SOURCES, [asset], [w.pick((ZERO_ADDRESS, w.user(), w.recorder.address(symbol)))])
    w.later(w.rng.randrange(1, 5), lambda: admin(w, "oracle", SOURCES, [asset], [feed]))


def fallback_oracle(w: World) -> None:
    """A second oracle that answers where the feeds do not; it can itself be missing or know no price."""
    if "fallback_oracle" not in w.recorder.addresses:
        w.recorder.deploy("fallback_oracle", "PriceOracle", [])
    for symbol in w.symbols:
        if w.chance(0.5):
            price = w.pick((w.normal_prices[symbol], w.normal_prices[symbol] + 1, 0))
            arguments = (w.recorder.address(symbol), price)
            w.send(Call(w.user(), "fallback_oracle", "setAssetPrice(address,uint256)", arguments))
    oracle = w.pick((w.recorder.address("fallback_oracle"),) * 3 + (ZERO_ADDRESS, w.user()))
    admin(w, "oracle", "setFallbackOracle(address)", oracle)


def oracle_lost(w: World) -> None:
    """The market has a wrong price oracle, or none, for a few steps."""
    oracle = w.recorder.address("oracle")
    admin(w, "provider", "setPriceOracle(address)", w.pick((ZERO_ADDRESS, w.user(), w.recorder.address("acl"))))
    w.later(w.rng.randrange(1, 4), lambda: admin(w, "provider", "setPriceOracle(address)", oracle))


def data_provider(w: World) -> None:
    """The data provider, by which the configurator asks for supplies and debts, is set, or is lost for a while."""
    signature, provider = "setPoolDataProvider(address)", w.recorder.address("data_provider")
    if w.chance(0.3):
        admin(w, "provider", signature, w.pick((ZERO_ADDRESS, w.user())))
        w.later(w.rng.randrange(2, 10), lambda: admin(w, "provider", signature, provider))
    else:
        admin(w, "provider", signature, provider)


def sentinel(w: World) -> None:
    """A sequencer sentinel that forbids borrowing and liquidation for a while, where the release has one."""
    if "PriceOracleSentinel" not in w.recorder.chain.artifacts:
        admin(w, "provider", "setPriceOracleSentinel(address)", w.user())
        return
    if "sentinel" not in w.recorder.addresses:
        sequencer = w.recorder.deploy("sequencer", "SequencerOracle", [ADMIN])
        w.recorder.deploy("sentinel", "PriceOracleSentinel", [w.recorder.address("provider"), sequencer, 3600])
    admin(w, "provider", "setPriceOracleSentinel(address)", w.recorder.address("sentinel"))
    since = w.recorder.chain.timestamp - w.pick((-1, 0, 3600, 3601, 10**6))
    admin(w, "sequencer", "setAnswer(bool,uint256)", w.chance(0.5), since)
    w.send(Call(w.sender(), "sentinel", "setGracePeriod(uint256)", (w.pick((0, 60, 3600, 86400)),)))
    if w.chance(0.1):
        w.send(Call(w.sender(), "sentinel", "setSequencerOracle(address)", (w.user(),)))
        admin(w, "sentinel", "setSequencerOracle(address)", w.recorder.address("sequencer"))
    lift = w.pick((w.recorder.address("sentinel"), ZERO_ADDRESS, ZERO_ADDRESS))
    w.later(w.rng.randrange(2, 20), lambda: _lift_sentinel(w, lift))


def _lift_sentinel(w: World, lift: str) -> None:
    admin(w, "sequencer", "setAnswer(bool,uint256)", False, 0)
    admin(w, "provider", "setPriceOracleSentinel(address)", lift)


def pause_all(w: World) -> None:
    """Everything stands still for a few steps."""
    with_grace = w.has("PoolConfiguratorInstance", "setPoolPause(bool,uint40)")
    if w.chance(0.5) or not with_grace:
        admin(w, "configurator", "setPoolPause(bool)", True)
    else:
        admin(w, "configurator", "setPoolPause(bool,uint40)", True, 600)
    grace = w.pick((0, 0, 600, 14400))
    unpause = ("setPoolPause(bool,uint40)", False, grace) if with_grace else ("setPoolPause(bool)", False)
    w.later(w.rng.randrange(2, 6), lambda: admin(w, "configurator", *unpause))


def change_owner(w: World) -> None:
    """The provider or a token has another owner for a few steps."""
    target, guest = w.pick(("provider", w.symbol())), w.user()
    admin(w, target, OWNERSHIP, guest)
    admin(w, target, OWNERSHIP, w.pick((ZERO_ADDRESS, guest)))
    if target == "provider":
        w.send(Call(guest, target, "setMarketId(string)", ("guest",)))
    else:
        w.send(Call(guest, target, "mint(address,uint256)", (w.user(), w.worth(target))))
        w.send(Call(guest, target, "mint(uint256)", (w.worth(target),)))
    back = Call(guest, target, OWNERSHIP, (ADMIN,))
    w.later(w.rng.randrange(1, 5), lambda: w.send(back))


def change_acl(w: World) -> None:
    """The provider points to another ACL manager or admin for a few steps."""
    name, usual = w.pick((("setACLManager", w.recorder.address("acl")), ("setACLAdmin", ADMIN)))
    admin(w, "provider", f"{name}(address)", w.pick((ZERO_ADDRESS, w.user(), w.recorder.address("oracle"))))
    w.later(w.rng.randrange(1, 3), lambda: admin(w, "provider", f"{name}(address)", usual))


def new_reserve(w: World) -> None:
    """A token is listed in the middle of things, mostly configured, sometimes isolated or siloed."""
    symbol = f"NEW{1 + sum(label.startswith('NEW') for label in w.decimals)}"
    decimals = w.pick((6, 8, 18, 18, 27, 5, 0))
    price = w.pick((1, 10**8, 123456789, 10**12))
    w.decimals[symbol], w.prices[symbol], w.normal_prices[symbol] = decimals, price, price
    token = w.recorder.deploy(symbol, "TestnetERC20", [symbol, f"{symbol} token", decimals, ADMIN])
    feed = w.recorder.deploy(f"agg_{symbol}", "MockAggregator", [price])
    w.unlisted.append(symbol)
    for user in w.users:
        admin(w, symbol, "mint(address,uint256)", user, WHOLE_TOKENS_EACH * 10**decimals)
        w.send(Call(user, symbol, "approve(address,uint256)", (w.recorder.address("pool"), MAX_UINT)))
    admin(w, "oracle", SOURCES, [token], [feed])
    if w.chance(0.85):
        list_token(w, symbol)
    if w.chance(0.2) and symbol in w.symbols:
        drop_and_relist(w)


def list_token(w: World, symbol: str) -> None:
    """List a deployed token and set it up before anybody uses it."""
    rates = (w.rng.randrange(100, 9901), w.rng.randrange(300), w.rng.randrange(1000), w.rng.randrange(1000, 30000))
    if not admin(w, "configurator", init_reserves(w.recorder), [listing(w.recorder, symbol, rates)]).ok:
        return
    w.listed(symbol)
    w.unlisted.remove(symbol)
    token = w.recorder.address(symbol)
    switches = (("setReserveBorrowing", 0.9), ("setReserveFlashLoaning", 0.8), ("setReserveActive", 0.9))
    for name, probability in switches:
        admin(w, "configurator", f"{name}(address,bool)", token, w.chance(probability))
    threshold = w.rng.randrange(5000, 8500)
    limits = (threshold - w.rng.randrange(400), threshold, w.rng.randrange(10001, 11000))
    admin(w, "configurator", "configureReserveAsCollateral(address,uint256,uint256,uint256)", token, *limits)
    admin(w, "configurator", "setReserveFactor(address,uint256)", token, w.rng.randrange(10001))
    if w.chance(0.3) and w.has("PoolConfiguratorInstance", "setSiloedBorrowing(address,bool)"):
        admin(w, "configurator", "setSiloedBorrowing(address,bool)", token, True)
    if w.chance(0.5) and w.has("PoolConfiguratorInstance", "setDebtCeiling(address,uint256)"):
        admin(w, "configurator", "setDebtCeiling(address,uint256)", token, w.pick((10**3, 10**7, 10**9)))
        _isolated_positions(w, symbol)


def _isolated_positions(w: World, symbol: str) -> None:
    """Users without debt keep this asset as their only collateral and borrow against it."""
    for stable in ("USDC", "USDT", "GUSD"):
        admin(w, "configurator", "setBorrowableInIsolation(address,bool)", w.recorder.address(stable), True)
    free = [user for user in w.users if w.account(user)[1] == 0]
    for user in free[:3]:
        for held in w.holdings(user, "a"):
            w.send(Call(user, "pool", USE, (w.recorder.address(held), False)))
        token = w.recorder.address(symbol)
        w.send(Call(user, "pool", SUPPLY, (token, w.worth(symbol), user, 0)))
        w.send(Call(user, "pool", USE, (token, True)))
        for debt in ("USDC", "USDT", "GUSD", "WETH"):
            amount = w.near(w.to_amount(debt, w.account(user)[2]))
            w.send(Call(user, "pool", user_calls.BORROW, (w.recorder.address(debt), amount, 2, 0, user)))


def failed_listing(w: World) -> None:
    """A listing that must be refused as a whole: a bad second entry undoes a good first one."""
    rates, recorder = (9000, 0, 100, 1000), w.recorder
    fresh = w.pick(w.unlisted or w.symbols)
    good, again = listing(recorder, fresh, rates), listing(recorder, w.symbol(), rates)
    bad_rates = listing(recorder, fresh, rates, data=w.pick((rate_data((50, 0, 1, 2)), b"", bytes(96))))
    no_token = listing(recorder, fresh, rates, token=w.pick((ZERO_ADDRESS, w.user(), recorder.address("pool"))))
    no_implementation = listing(recorder, fresh, rates, prefix=w.user())
    lists: tuple[list[tuple[Any, ...]], ...]
    lists = ([again], [good, again], [bad_rates], [no_token], [no_implementation], [good, bad_rates], [])
    sender = ADMIN if w.chance(0.9) else w.sender()
    w.send(Call(sender, "configurator", init_reserves(recorder), (w.pick(lists),)))


def drop_and_relist(w: World) -> None:
    """An unused reserve is dropped; its place in the list is free for the next one."""
    if not w.has("PoolConfiguratorInstance", "dropReserve(address)"):
        return
    for symbol in [s for s in w.symbols if s.startswith("NEW")]:
        if admin(w, "configurator", "dropReserve(address)", w.recorder.address(symbol)).ok:
            w.symbols.remove(symbol)
            w.unlisted.append(symbol)
    if w.unlisted and w.chance(0.7):
        list_token(w, w.pick(w.unlisted))


def relist(w: World) -> None:
    """A deployed but unlisted token is listed."""
    if w.unlisted:
        list_token(w, w.pick(w.unlisted))
    else:
        failed_listing(w)


def fill_up(w: World) -> None:
    """The list of reserves gets full, mostly with reserves nobody uses; those in use are at its end."""
    for _ in range(7):
        _list_fillers(w, 16)
    for _ in range(5):
        new_reserve(w)
    while len(_reserves(w)) < MAX_RESERVES:
        _list_fillers(w, 1)
    _list_fillers(w, 1)
    for category, symbol in itertools.product((1, 2), w.symbols[-3:]):
        admin(w, "configurator", EMODE_ASSET.format("Collateral"), w.recorder.address(symbol), category, True)
        admin(w, "configurator", EMODE_ASSET.format("Borrowable"), w.recorder.address(symbol), category, True)


def _reserves(w: World) -> tuple[str, ...]:
    values = w.read("pool", "getReservesList()", ["address[]"])
    return values[0] if values else ()


def _list_fillers(w: World, count: int) -> None:
    """Deploy some tokens and list them in one call."""
    first = sum(label.startswith("FILL") for label in w.recorder.addresses)
    symbols = [f"FILL{first + number}" for number in range(count)]
    for symbol in symbols:
        w.recorder.deploy(symbol, "TestnetERC20", [symbol, symbol, 18, ADMIN])
    admin(
        w,
        "configurator",
        init_reserves(w.recorder),
        [listing(w.recorder, symbol, (9000, 0, 100, 1000)) for symbol in symbols],
    )


def last_will(w: World) -> None:
    """At the very end, owners leave for good; what follows only shows that nobody can act for them."""
    targets = ["provider", *w.symbols[:2]]
    for target in targets:
        w.send(Call(w.user(), target, "renounceOwnership()", ()))
        admin(w, target, "renounceOwnership()")
    admin(w, "provider", "setMarketId(string)", "nobody")
    admin(w, w.symbols[0], "mint(address,uint256)", w.user(), 1)
    role = w.read("acl", "POOL_ADMIN_ROLE()", ["bytes32"])
    if role is not None:
        admin(w, "acl", "renounceRole(bytes32,address)", role[0], ADMIN)
        admin(w, "configurator", "updateFlashloanPremium(uint128)", 7)
        admin(w, "acl", "renounceRole(bytes32,address)", bytes(32), ADMIN)
        admin(w, "acl", "addPoolAdmin(address)", ADMIN)


PRICE_SCRIPTS: dict[Script, float] = {price_drift: 4, price_shock: 4, price_return: 1.5, price_broken: 0.3}
ADMIN_SCRIPTS: dict[Script, float] = {
    source_lost: 0.5,
    fallback_oracle: 0.5,
    oracle_lost: 0.3,
    data_provider: 1,
    sentinel: 1,
    pause_all: 0.5,
    change_owner: 0.5,
    change_acl: 0.3,
    new_reserve: 0.8,
    failed_listing: 0.7,
    drop_and_relist: 0.5,
    relist: 0.5,
}
