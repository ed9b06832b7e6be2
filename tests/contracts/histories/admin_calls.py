"""Random calls by those who run the market: risk parameters, pauses, roles, addresses, oracles."""

from typing import Any

from ..harness import releases
from ..harness.market import ADMIN
from ..harness.releases import rate_data
from ..harness.world import Call, World
from .user_calls import MakeCall

ROLES = ("PoolAdmin", "EmergencyAdmin", "RiskAdmin", "AssetListingAdmin", "FlashBorrower", "Bridge")
ROLE_IDS = ("POOL_ADMIN", "EMERGENCY_ADMIN", "RISK_ADMIN", "FLASH_BORROWER", "BRIDGE", "ASSET_LISTING_ADMIN")


def configure(w: World, signature: str, *arguments: Any) -> Call:
    """A call on the configurator, mostly by the admin."""
    return Call(_governor(w), "configurator", signature, arguments)


def collateral(w: World) -> Call:
    """Loan-to-value, threshold and bonus, mostly a valid set, sometimes no collateral at all."""
    threshold = w.rng.randrange(1, 9500)
    bonus = w.rng.randrange(10001, 10_000 * 10_000 // threshold + 1) if w.chance(0.9) else w.rng.randrange(10**4 + 2)
    limits = (w.rng.randrange(threshold + 1), threshold, min(bonus, 12_500 if w.chance(0.9) else 70_000))
    if w.chance(0.5):
        threshold = w.rng.randrange(6000, 9000)
        limits = (max(0, threshold - w.rng.randrange(600)), threshold, w.rng.randrange(10001, 11000))
    if w.chance(0.1):
        limits = w.pick(((0, 0, 0), (0, 0, 10500), (9000, 8000, 10500), (0, 8000, 10500), (8000, 9900, 10500)))
    return configure(w, "configureReserveAsCollateral(address,uint256,uint256,uint256)", w.asset(), *limits)


def flag(w: World) -> Call:
    """Switch something on a reserve; those that stop a market are mostly switched back on."""
    name, on = w.pick(
        (
            ("setReserveBorrowing", 0.8),
            ("setReserveFlashLoaning", 0.8),
            ("setReserveFreeze", 0.4),
            ("setReserveActive", 0.7),
            ("setReservePause", 0.25),
            ("setReserveLtvzero", 0.4),
            ("setBorrowableInIsolation", 0.7),
            ("setSiloedBorrowing", 0.3),
        )
    )
    return _supported(w, f"{name}(address,bool)", w.asset(), w.chance(on))


def pause_with_grace(w: World) -> Call:
    """Pause or unpause a reserve, with a grace period for liquidations."""
    grace = w.pick((0, 0, 1, 600, 14400, 14401, 2**40 - 1))
    return configure(w, "setReservePause(address,bool,uint40)", w.asset(), w.chance(0.25), grace)


def end_grace(w: World) -> Call:
    """Let liquidations begin again at once."""
    return configure(w, "disableLiquidationGracePeriod(address)", w.asset())


def cap(w: World) -> Call:
    """A supply or borrow cap around what is there, mostly none."""
    symbol = w.symbol()
    kind, prefix = w.pick((("setSupplyCap", "a"), ("setBorrowCap", "v")))
    whole = w.number(f"{prefix}{symbol}", "totalSupply()") // 10 ** w.decimals[symbol]
    amount = w.pick((0, 0, 0, whole, whole + 1, whole + 1000, 1, 2**36 - 1, 2**36))
    return configure(w, f"{kind}(address,uint256)", w.recorder.address(symbol), amount)


def percentage(w: World) -> Call:
    """Reserve factor or liquidation protocol fee, sometimes above the whole."""
    name = w.pick(("setReserveFactor", "setLiquidationProtocolFee"))
    return configure(w, f"{name}(address,uint256)", w.asset(), w.pick((0, 1, w.rng.randrange(10001), 10000, 10001)))


def flash_premium(w: World) -> Call:
    """The flash-loan premium."""
    value = w.pick((0, 5, 9, 100, w.rng.randrange(10001), 10000, 10001))
    return configure(w, w.pick(releases.flash_premiums(w.recorder))[0], value)


def rates(w: World) -> Call:
    """New interest-rate parameters, mostly valid, sometimes malformed."""
    base, low = w.rng.randrange(1000), w.rng.randrange(3000)
    curve = (w.rng.randrange(100, 9901), base, low, low + w.rng.randrange(40000))
    if w.chance(0.15):
        curve = w.pick(((99, 0, 1, 2), (9901, 0, 1, 2), (9000, 0, 5, 4), (9000, 0, 0, 100_001), (65536, 0, 1, 2)))
    data = rate_data(curve) if w.chance(0.96) else rate_data(curve)[: w.rng.randrange(128)]
    return configure(w, "setReserveInterestRateData(address,bytes)", w.asset(), data)


def debt_ceiling(w: World) -> Call:
    """An isolation debt ceiling (two decimals), mostly lifted again."""
    return _supported(
        w, "setDebtCeiling(address,uint256)", w.asset(), w.pick((0, 0, 1, 10**6, 10**9, 2**40 - 1, 2**40))
    )


def emode(w: World) -> Call:
    """Define or change an e-mode category."""
    threshold = w.rng.randrange(8000, 9700)
    limits = (threshold - w.rng.randrange(500), threshold, w.rng.randrange(10001, 10_000 * 10_000 // threshold + 2))
    if w.chance(0.15):
        limits = w.pick(((0, 9000, 10100), (9000, 0, 10100), (9500, 9000, 10100), (9000, 9500, 10000)))
    label = w.pick(("", "Stables", "ETH correlated", "a label of more than thirty-two bytes, for once"))
    category, isolated = w.pick((0, 1, 2, 3, 4, 255)), w.chance(0.3)
    signature, arguments = releases.emode(w.recorder, category, limits, label, isolated=isolated)
    return configure(w, signature, *arguments)


def emode_isolated(w: World) -> Call:
    """Make a category isolated, or not, in releases that know it."""
    return _supported(w, "setEModeCategoryIsolated(uint8,bool)", w.pick((1, 2, 3, 4)), w.chance(0.4))


def emode_asset(w: World) -> Call:
    """Take an asset in or out of a category."""
    name, on = w.pick((("Collateral", 0.85), ("Borrowable", 0.8), ("Ltvzero", 0.4)))
    category = w.pick((1, 1, 2, 2, 3, 3, 4, 0, 255))
    return configure(w, f"setAsset{name}InEMode(address,uint8,bool)", w.asset(), category, w.chance(on))


def drop_reserve(w: World) -> Call:
    """Delist a reserve: refused unless it is empty."""
    return _supported(w, "dropReserve(address)", w.asset())


def role(w: World) -> Call:
    """Give or take a role, or give one up; the admin keeps its own."""
    who = w.user() if w.chance(0.9) else w.sender()
    if w.chance(0.6):
        verb = "remove" if who != ADMIN and w.chance(0.5) else "add"
        return Call(_governor(w), "acl", f"{verb}{w.pick(ROLES)}(address)", (who,))
    role_id = _role_id(w)
    if who == ADMIN:
        return Call(ADMIN, "acl", "grantRole(bytes32,address)", (role_id, w.user()))
    if w.chance(0.3):
        return Call(who, "acl", "renounceRole(bytes32,address)", (role_id, who if w.chance(0.8) else w.user()))
    verb = w.pick(("grantRole", "revokeRole"))
    return Call(_governor(w), "acl", f"{verb}(bytes32,address)", (role_id, who))


def role_admin(w: World) -> Call:
    """Change who may give the flash-borrower or bridge role; the others stay with the admin."""
    roles = [w.read("acl", f"{name}_ROLE()", ["bytes32"]) for name in ("FLASH_BORROWER", "BRIDGE")]
    chosen = w.pick([values[0] for values in roles if values])
    admin_role = w.pick((bytes(32), _role_id(w), chosen))
    return Call(_governor(w), "acl", "setRoleAdmin(bytes32,bytes32)", (chosen, admin_role))


def rescue(w: World) -> Call:
    """Take out tokens that somebody sent to the pool or to an aToken by mistake."""
    target, token = w.pick(("pool", f"a{w.symbol()}", f"a{w.symbol()}")), w.symbol()
    amount = w.near(w.balance(token, w.recorder.address(target)))
    arguments = (w.recorder.address(token), w.user(), amount)
    return Call(_governor(w), target, "rescueTokens(address,address,uint256)", arguments)


def market_id(w: World) -> Call:
    """The name of the market."""
    name = w.pick(("", "Lab", "Lab II", "a market with a name of more than thirty-two bytes"))
    return Call(_governor(w), "provider", "setMarketId(string)", (name,))


def register(w: World) -> Call:
    """An entry in the addresses provider that nothing here reads."""
    name = w.pick(("ANYTHING", "INCENTIVES", "MOCK_STABLE_DEBT", ""))
    return Call(_governor(w), "provider", "setAddress(bytes32,address)", (name.encode().ljust(32, b"\0"), w.anyone()))


def same_implementation(w: World) -> Call:
    """An upgrade to an implementation that is no newer, or no contract: refused."""
    name, label = w.pick((("setPoolImpl", "pool_impl"), ("setPoolConfiguratorImpl", "conf_impl")))
    implementation = w.recorder.address(label) if w.chance(0.5) else w.user()
    return Call(_governor(w), "provider", f"{name}(address)", (implementation,))


def same_token_implementation(w: World) -> Call:
    """A token upgrade to an implementation that is no newer, or no contract: refused."""
    symbol, prefix = w.symbol(), w.pick("av")
    implementation = w.recorder.address(f"{prefix}token_impl") if w.chance(0.7) else w.user()
    names = (f"{prefix}{symbol}", f"{prefix}{symbol}")
    signature, upgrade = releases.token_upgrade(w.recorder, prefix, symbol, names, implementation)
    return configure(w, signature, upgrade)


def pool_pause(w: World) -> Call:
    """Unpause everything, with or without a grace period."""
    if w.chance(0.5):
        return configure(w, "setPoolPause(bool)", False)
    return configure(w, "setPoolPause(bool,uint40)", False, w.pick((0, 0, 60, 14401)))


def _governor(w: World) -> str:
    return ADMIN if w.chance(0.9) else w.sender()


def _supported(w: World, signature: str, *arguments: Any) -> Call:
    """The call on the configurator; in a release without it, a plain pause call instead."""
    if w.has("PoolConfiguratorInstance", signature):
        return configure(w, signature, *arguments)
    return configure(w, "setReservePause(address,bool)", w.asset(), False)


def _role_id(w: World) -> bytes:
    """A role other than the default admin's."""
    values = w.read("acl", f"{w.pick(ROLE_IDS)}_ROLE()", ["bytes32"])
    return values[0] if values and w.chance(0.95) else w.rng.randbytes(32)


ADMIN_CALLS: dict[MakeCall, float] = {
    collateral: 5,
    flag: 8,
    pause_with_grace: 3,
    end_grace: 1,
    cap: 5,
    percentage: 5,
    flash_premium: 1.5,
    rates: 4,
    debt_ceiling: 1.5,
    emode: 2,
    emode_isolated: 1.5,
    emode_asset: 5,
    drop_reserve: 0.7,
    role: 4,
    role_admin: 0.5,
    rescue: 2,
    market_id: 0.3,
    register: 0.5,
    same_implementation: 0.4,
    same_token_implementation: 0.8,
    pool_pause: 3,
}
