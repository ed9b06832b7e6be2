"""Time, governance, and calls that must be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..histories.action import SPARE, Action
from ..law import release
from ..reference import EVERYTHING, RAY
from .hostile_moves import liquidate
from .lending_moves import any_user_call
from .schemer import DAY, VARIABLE, Schemer


def wait(a: Schemer) -> Action:
    """A block, an hour, a day, rarely a year."""
    roll = a.rng.random()
    if roll < 0.6:
        return Action.wait(a.pick((1, 2, 12, 12, 12, 24)))
    if roll < 0.9:
        return Action.wait(a.rng.randrange(1, DAY))
    if roll < 0.99:
        return Action.wait(a.rng.randrange(DAY, 20 * DAY))
    return Action.wait(a.rng.randrange(20 * DAY, 365 * DAY))


def govern(a: Schemer) -> Action:
    """The admin, or now and then somebody without a role, changes a setting."""
    who = "admin" if a.chance(0.95) else a.person()
    function, arguments = a.pick(SETTINGS)(a)
    return Action(who, "configurator", function, arguments)


Setting = tuple[str, tuple[Any, ...]]


def _freeze(a: Schemer) -> Setting:
    symbol = a.symbol()
    frozen = bool(a.reserves[symbol].configuration >> 57 & 1)
    freeze = not frozen if a.chance(0.95) else frozen
    if freeze:
        a.plot.append(lambda _: any_user_call(a))
        a.plot.append(lambda _: Action("admin", "configurator", "setReserveFreeze", (symbol, False)))
        a.plot.append(lambda _: Action("admin", "configurator", "setReserveLtvzero", (symbol, False)))
    return "setReserveFreeze", (symbol, freeze)


def _pause(a: Schemer) -> Setting:
    symbol = a.symbol()
    grace = a.pick((0, 0, 1, 3600, 14_400, 14_401))
    a.plot.extend([any_user_call] * a.rng.randrange(4))
    a.plot.append(lambda _: Action("admin", "configurator", "setReservePause", (symbol, False, grace)))
    a.plot.extend([liquidate] * a.rng.randrange(2))
    return "setReservePause", (symbol, True, 0)


def _ltv_zero(a: Schemer) -> Setting:
    symbol = a.symbol()
    a.plot.extend([any_user_call] * a.rng.randrange(4))
    a.plot.append(lambda _: Action("admin", "configurator", "setReserveLtvzero", (symbol, False)))
    return "setReserveLtvzero", (symbol, True)


def _ltv_zero_in_category(a: Schemer) -> Setting:
    symbol, number, on = a.symbol(), a.rng.randrange(1, 5), a.chance(0.5)
    if on:
        a.plot.extend([any_user_call] * a.rng.randrange(4))
        a.plot.append(lambda _: Action("admin", "configurator", "setAssetLtvzeroInEMode", (symbol, number, False)))
    return "setAssetLtvzeroInEMode", (symbol, number, on)


def _caps(a: Schemer) -> Setting:
    symbol = a.symbol()
    token = a.pick((a.a_tokens, a.debt_tokens))[symbol]
    total = token.total_supply() // a.unit(symbol)
    function = "setSupplyCap" if token is a.a_tokens[symbol] else "setBorrowCap"
    a.plot.extend([any_user_call] * a.rng.randrange(4))
    if a.chance(0.6):
        a.plot.append(lambda _: at_the_cap(a, symbol, supply_side=function == "setSupplyCap"))
    a.plot.append(lambda _: Action("admin", "configurator", function, (symbol, 0)))
    return function, (symbol, a.pick((total, total + 1, total - 1, total + 10, 1, 2**36)) if total else 1)


def at_the_cap(a: Schemer, symbol: str, *, supply_side: bool) -> Action | None:
    """A supply or borrow that ends on the cap, or a wei aside."""
    config, unit, who = a.reserves[symbol].configuration, a.unit(symbol), a.person()
    if supply_side:
        cap, total = config >> 116 & 0xFFFFFFFFF, a.a_tokens[symbol].total_supply()
        accrued = a.reserves[symbol].accrued_to_treasury * a.pool.income_of(a.assets[symbol]) // RAY
        amount = cap * unit - total - accrued + a.pick((0, 1, -1, 2))
        return Action(who, "pool", "supply", (symbol, amount, who, 0)) if 0 < amount < 10**9 * unit else None
    cap, total = config >> 80 & 0xFFFFFFFFF, a.debt_tokens[symbol].total_supply()
    amount = cap * unit - total + a.pick((0, 1, -1))
    return Action(who, "pool", "borrow", (symbol, amount, VARIABLE, 0, who)) if amount > 0 else None


def _collateral_parameters(a: Schemer) -> Setting:
    symbol = a.symbol()
    config = a.reserves[symbol].configuration
    threshold, bonus = config >> 16 & 0xFFFF, config >> 32 & 0xFFFF
    if threshold == 0 and a.chance(0.9):
        return "setReserveBorrowing", (symbol, True)
    threshold = min(9000, max(1000, threshold + a.rng.randrange(-200, 200)))
    ltv = a.pick((0, threshold, threshold - 300, threshold + 1, config & 0xFFFF))
    return "configureReserveAsCollateral", (symbol, ltv, threshold, a.pick((bonus, 10500, 10100, 11000, 10000)))


def _rates(a: Schemer) -> Setting:
    optimal = a.rng.randrange(100, 9901)
    slope1 = a.rng.randrange(0, 2000)
    slope2 = slope1 + a.rng.randrange(0, 30_000)
    data = b"".join(value.to_bytes(32, "big") for value in (optimal, a.rng.randrange(0, 300), slope1, slope2))
    return "setReserveInterestRateData", (a.symbol(), data)


def _category(a: Schemer) -> Setting:
    number, threshold = a.rng.randrange(1, 6), a.rng.randrange(8000, 9600)
    parameters: tuple[Any, ...] = (
        number,
        threshold - a.rng.randrange(0, 300),
        threshold,
        a.rng.randrange(10000, 10400),
    )
    isolated = (a.chance(0.3),) if a.chain.revision.isolated_e_modes else ()
    return "setEModeCategory", (*parameters, "changed", *isolated)


def _list_spare(a: Schemer) -> Setting:
    """List the spare token, with a price and a first supply; a second listing is refused."""
    if release(a.chain.revision.name) < (3, 4):  # its listings name a strategy each
        return "setPoolPause", (False,)
    price = a.pick(a.symbols)
    rates = b"".join(value.to_bytes(32, "big") for value in (8000, 0, 400, 20_000))
    listing = ("aToken code", "debtToken code", SPARE, "Spare", "aSPARE", "Spare debt", "debtSPARE", b"", rates)
    a.plot.append(lambda _: Action("admin", "oracle", "setAssetSources", ((SPARE,), (f"{price} feed",))))
    a.plot.append(lambda b: b.with_tokens(b.people[0], SPARE, 1, approve_spare(b)) if SPARE in b.symbols else None)
    return "initReserves", ((listing,),)


def approve_spare(a: Schemer) -> Action:
    """The first person lets the pool move the spare token."""
    return Action(a.people[0], SPARE, "approve", ("pool", EVERYTHING))


SETTINGS: tuple[Callable[[Schemer], Setting], ...] = (
    _freeze,
    _freeze,
    _pause,
    _pause,
    _ltv_zero,
    _ltv_zero_in_category,
    _caps,
    _caps,
    _collateral_parameters,
    _rates,
    _category,
    _list_spare,
    lambda a: ("setReserveFactor", (a.symbol(), a.pick((0, 1, 500, 2000, 5000, 9999, 10_000, 10_001)))),
    lambda a: ("setReserveFactor", (a.symbol(), a.rng.randrange(0, 4000))),
    lambda a: ("setLiquidationProtocolFee", (a.symbol(), a.pick((0, 1, 1000, 3333, 10_000)))),
    lambda a: ("setReserveBorrowing", (a.symbol(), a.chance(0.8))),
    lambda a: ("setReserveFlashLoaning", (a.symbol(), a.chance(0.8))),
    lambda a: ("setReserveActive", (a.symbol(), a.chance(0.7))),
    lambda a: ("setPoolPause", (False, a.pick((0, 60, 14_400)))),
    lambda a: ("disableLiquidationGracePeriod", (a.symbol(),)),
    lambda a: ("updateFlashloanPremium", (a.pick((0, 1, 5, 9, 100, 10_001)),)),
    lambda a: ("setAssetCollateralInEMode", (a.symbol(), a.rng.randrange(1, 6), a.chance(0.8))),
    lambda a: ("setAssetBorrowableInEMode", (a.symbol(), a.rng.randrange(1, 6), a.chance(0.8))),
    lambda a: ("setEModeCategoryIsolated", (a.rng.randrange(1, 5), a.chance(0.4))),
)


def attack(a: Schemer) -> Action:
    """A call that must be refused: somebody else's entry point."""
    symbol, who = a.symbol(), a.person()
    return a.pick(
        (
            Action(who, f"debt{symbol}", "transfer", (a.person(), 1)),
            Action(who, f"debt{symbol}", "transferFrom", (a.person(), who, 1)),
            Action(who, f"debt{symbol}", "approve", (a.person(), 1)),
            Action(who, f"debt{symbol}", "increaseAllowance", (a.person(), 1)),
            Action(who, f"a{symbol}", "mint", (who, who, 10**18, RAY)),
            Action(who, f"a{symbol}", "burn", (a.person(), who, 1, 1, RAY)),
            Action(who, f"a{symbol}", "transferUnderlyingTo", (who, 1)),
            Action(who, f"a{symbol}", "transferOnLiquidation", (a.person(), who, 1, 1, RAY)),
            Action(who, f"debt{symbol}", "burn", (who, 1, RAY)),
            Action(who, "pool", "setConfiguration", (symbol, (0,))),
            Action(who, "pool", "setLiquidationGracePeriod", (symbol, 2**39)),
            Action(who, "pool", "syncIndexesState", (symbol,)),
            Action(who, "pool", "updateFlashloanPremium", (0,)),
            Action(who, "pool", "finalizeTransfer", (symbol, a.person(), who, 1, 1)),
            Action(who, "pool", "rescueTokens", (symbol, who, 1)),
        )
    )
