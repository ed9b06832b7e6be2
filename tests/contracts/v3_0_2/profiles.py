"""Events that only histories of v3.0.2 have: its own administration, the bridge, stable rates."""

from collections.abc import Mapping
from dataclasses import replace

from ..harness.evm import ZERO_ADDRESS
from ..harness.market import RECEIVER
from ..harness.releases import EMODE_OF_ASSET, EMODE_WITH_PRICE, STRATEGY_OF_ASSET, strategy_arguments, token_upgrade
from ..harness.world import MAX_UINT, WAD, Call, World
from ..histories.admin_calls import configure
from ..histories.history import PROFILES, Profile
from ..histories.scripts import Script, admin
from ..histories.user_calls import BORROW, VARIABLE, MakeCall, liquidity, solvent_user

STABLE = 1


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


def stable_rates(w: World) -> Call:
    """Stable-rate borrowing is enabled for an asset, rarely disabled."""
    return configure(w, "setReserveStableRateBorrowing(address,bool)", w.asset(), w.chance(0.9))


def borrow_stable(w: World) -> Call:
    """Borrow at a stable rate, around the quarter of the liquidity that may be taken so."""
    symbol = w.symbol()
    debtor, available = solvent_user(w)
    user = debtor if w.chance(0.8) else w.user()
    limit = min(w.to_amount(symbol, available), liquidity(w, symbol) // 4)
    if debtor != user:
        allowance = w.number(f"s{symbol}", "borrowAllowance(address,address)", debtor, user)
        limit = min(limit, allowance) if allowance else limit
    amount = limit if w.chance(0.3) else w.near(limit)
    return Call(user, "pool", BORROW, (w.recorder.address(symbol), amount, STABLE, w.rng.randrange(4), debtor))


def repay_stable(w: World) -> Call:
    """Repay stable debt around its amount, one's own or another's, with tokens or aTokens."""
    user = w.user()
    debtor = user if w.chance(0.7) else w.user()
    owing = w.holdings(debtor, "s")
    symbol = w.pick(owing) if owing else w.symbol()
    amount = w.near(w.balance(f"s{symbol}", debtor))
    asset = w.recorder.address(symbol)
    if w.chance(0.2):
        return Call(user, "pool", "repayWithATokens(address,uint256,uint256)", (asset, amount, STABLE))
    return Call(user, "pool", "repay(address,uint256,uint256,address)", (asset, amount, STABLE, debtor))


def swap_mode(w: World) -> Call:
    """A debtor wants another kind of rate."""
    user = w.user()
    mode = w.pick((STABLE, VARIABLE))
    owing = w.holdings(user, "s" if mode == STABLE else "v")
    symbol = w.pick(owing) if owing and w.chance(0.9) else w.symbol()
    mode = mode if w.chance(0.95) else w.pick((0, 3))
    return Call(user, "pool", "swapBorrowRateMode(address,uint256)", (w.recorder.address(symbol), mode))


def rebalance(w: World) -> Call:
    """Anybody may have a stable rate rebalanced."""
    user = w.user()
    owing = w.holdings(user, "s")
    asset = w.recorder.address(w.pick(owing)) if owing and w.chance(0.9) else w.asset()
    return Call(w.user(), "pool", "rebalanceStableBorrowRate(address,address)", (asset, user))


def flash_loan_to_stable_debt(w: World) -> Call:
    """A loan that stays as stable debt."""
    user, symbol = solvent_user(w)[0], w.symbol()
    amount = w.near(min(w.to_amount(symbol, w.account(user)[2]), liquidity(w, symbol) // 6))
    assets, signature = (
        [w.recorder.address(symbol)],
        "flashLoan(address,address[],uint256[],uint256[],address,bytes,uint16)",
    )
    return Call(user, "pool", signature, (RECEIVER, assets, [amount], [STABLE], user, b"", 0))


def liquidate_stable(w: World) -> Call | None:
    """Liquidate somebody unhealthy who has stable debt, by a little or by all that may be."""
    unhealthy = [user for user in w.users if w.holdings(user, "s") and w.account(user)[5] < WAD]
    if not unhealthy:
        return None
    borrower = w.pick(unhealthy)
    debt, backing = w.pick(w.holdings(borrower, "s")), w.holdings(borrower, "a")
    if not backing:
        return None
    amount = MAX_UINT if w.chance(0.5) else w.near(w.balance(f"s{debt}", borrower))
    assets = (w.recorder.address(w.pick(backing)), w.recorder.address(debt))
    signature = "liquidationCall(address,address,address,uint256,bool)"
    return Call(w.user(), "pool", signature, (*assets, borrower, amount, w.chance(0.3)))


def delegate_stable(w: World) -> Call:
    """Let somebody borrow at a stable rate on one's account, or try to move stable debt."""
    user, symbol = w.user(), w.symbol()
    amount = w.near(w.to_amount(symbol, w.account(user)[2]))
    signature = "approveDelegation(address,uint256)" if w.chance(0.9) else "transfer(address,uint256)"
    return Call(user, f"s{symbol}", signature, (w.user(), amount))


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
    stable_rates: 3,
    borrow_stable: 8,
    repay_stable: 5,
    swap_mode: 5,
    rebalance: 3,
    flash_loan_to_stable_debt: 1.5,
    liquidate_stable: 4,
    delegate_stable: 2,
    mint_unbacked: 3,
    back_unbacked: 2.5,
    bridge_terms: 1,
}


def stable_everywhere(w: World) -> None:
    """Stable rates are enabled for every asset that can be borrowed."""
    for symbol in w.symbols:
        signature = "setReserveStableRateBorrowing(address,bool)"
        admin(w, "configurator", signature, w.recorder.address(symbol), True)


def tight_market(w: World) -> None:
    """Stable debts taken while money is cheap, then nearly all is lent: lenders earn too little."""
    symbol, users = w.symbol(), [w.user() for _ in range(4)]
    asset = w.recorder.address(symbol)
    admin(w, "configurator", "setReserveStableRateBorrowing(address,bool)", asset, True)
    for user in users:
        w.send(Call(user, "pool", "setUserUseReserveAsCollateral(address,bool)", (asset, False)))
        amount = min(w.to_amount(symbol, w.account(user)[2]) // 2, liquidity(w, symbol) // 5)
        w.send(Call(user, "pool", BORROW, (asset, amount, STABLE, 0, user)))
    borrower, available = max(((user, w.account(user)[2]) for user in w.users), key=lambda pair: pair[1])
    left = min(w.to_amount(symbol, available), liquidity(w, symbol))
    w.send(Call(borrower, "pool", BORROW, (asset, left, VARIABLE, 0, borrower)))
    for user in users:
        w.send(Call(w.user(), "pool", "rebalanceStableBorrowRate(address,address)", (asset, user)))


SCRIPTS: Mapping[Script, float] = {
    found_bridge: 1,
    new_strategy: 2,
    newer_token: 1,
    stable_everywhere: 2,
    tight_market: 3,
}


def _with_its_own(profile: Profile) -> Profile:
    return replace(profile, calls=(*profile.calls, (2.5, CALLS)), scripts=(*profile.scripts, (0.3, SCRIPTS)))


PROFILES_V3_0_2 = {name: _with_its_own(profile) for name, profile in PROFILES.items()}
