"""Moves of governance, and calls that must be refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ...reference import EVERYTHING, RAY
from ..action import Action
from ..driver import VARIABLE, Driver, Plot
from ..listing import listing
from ..outfit import SPARE
from .lending import busy, take_another_collateral
from .pressing import brink, liquidate


@dataclass(frozen=True)
class Change:
    """A call to the configurator, and what follows: users go on for a while, and mostly it is taken back."""

    function: str
    arguments: tuple[Any, ...]
    then: Iterable[Action] = ()


def govern(d: Driver) -> Plot:
    """Change a setting, as the admin or now and then as somebody without a role."""
    who = "admin" if d.happens(0.95) else d.person()
    change = d.pick(FIRST_CHANGES if d.one_category_each else CHANGES)(d)
    yield Action(who, "configurator", change.function, change.arguments)
    yield from change.then


def by_admin(function: str, *arguments: Any) -> Action:
    """Make a call of the admin to the configurator."""
    return Action("admin", "configurator", function, arguments)


def _changed(d: Driver) -> str:
    """The asset that a change is about, and much of what follows with it."""
    symbol = d.symbol()
    if d.temperament.faithful:
        d.focus = symbol
    return symbol


def _rounds(d: Driver) -> int:
    return d.between(0, d.temperament.rounds)


def _with_users(d: Driver, rounds: int, *back: Action) -> Plot:
    """Users are busy, some with what the change is most likely to concern, and then the change is taken back."""
    if d.happens(d.temperament.care):
        rounds += d.between(1, d.temperament.rounds)
        for _ in range(4):
            yield from take_another_collateral(d)
    yield from busy(d, rounds)
    yield from back


def _freeze(d: Driver) -> Change:
    symbol = _changed(d)
    frozen = bool(d.reserves[symbol].configuration >> 57 & 1)
    freeze = not frozen if d.happens(0.95) else frozen
    back = by_admin("setReserveFreeze", symbol, False), by_admin("setReserveLtvzero", symbol, False)
    return Change("setReserveFreeze", (symbol, freeze), _with_users(d, 1, *back) if freeze else ())


def _pause(d: Driver) -> Change:
    symbol = _changed(d)
    grace, rounds, attempts = d.pick((0, 0, 1, 3600, 14_400, 14_401)), _rounds(d), d.between(0, 2)

    def then() -> Plot:
        yield from _with_users(d, rounds, by_admin("setReservePause", symbol, False, *_grace(d, grace)))
        for _ in range(attempts):
            yield from liquidate(d)
        if d.happens(d.temperament.care):
            yield from brink(d)

    return Change("setReservePause", (symbol, True, *_grace(d, 0)), then())


def _grace(d: Driver, seconds: int) -> tuple[int, ...]:
    """The grace that an end of a pause grants from liquidations; none is named until v3.0.2."""
    return () if d.one_category_each else (seconds,)


def _ltv_zero(d: Driver) -> Change:
    symbol = _changed(d)
    then = _with_users(d, _rounds(d), by_admin("setReserveLtvzero", symbol, False))
    return Change("setReserveLtvzero", (symbol, True), then)


def _ltv_zero_in_category(d: Driver) -> Change:
    symbol, number, on = _changed(d), d.category(range(1, 5)), d.happens(0.5)
    if d.edge(0.7):
        symbol = d.pick(d.collateral_in(number) or [symbol])
    back = by_admin("setAssetLtvzeroInEMode", symbol, number, False)
    leaving = [by_admin("setAssetCollateralInEMode", symbol, number, inside) for inside in (False, True)]
    then = _with_users(d, _rounds(d), *(leaving if d.temperament.edges else ()), back) if on else ()
    return Change("setAssetLtvzeroInEMode", (symbol, number, on), then)


def _caps(d: Driver) -> Change:
    symbol = _changed(d)
    token = d.pick((d.a_tokens, d.debt_tokens))[symbol]
    total, supply_side = token.total_supply() // d.unit(symbol), token is d.a_tokens[symbol]
    function = "setSupplyCap" if supply_side else "setBorrowCap"
    rounds, full = _rounds(d), d.happens(0.6)
    before = d.caps(symbol)[0 if supply_side else 1] if d.temperament.edges else 0
    cap = d.pick((total, total + 1, total - 1, total + 10, 1, 2**36)) if total else 1

    def then() -> Plot:
        yield from _with_users(d, rounds)
        if full:
            yield from _at_the_cap(d, symbol, supply_side=supply_side)
        yield by_admin(function, symbol, before)

    return Change(function, (symbol, cap), then())


def _at_the_cap(d: Driver, symbol: str, *, supply_side: bool) -> Plot:
    """Supply or borrow up to the cap, or to a unit or two aside."""
    (supply_cap, borrow_cap), unit, who = d.caps(symbol), d.unit(symbol), d.person()
    if supply_side:
        accrued = d.reserves[symbol].accrued_to_treasury * d.pool.income_of(d.assets[symbol]) // RAY
        amount = supply_cap * unit - d.a_tokens[symbol].total_supply() - accrued + d.pick((0, 1, -1, 2))
        if 0 < amount < 10**9 * unit:
            yield Action(who, "pool", "supply", (symbol, amount, who, 0))
        return
    amount = borrow_cap * unit - d.debt_tokens[symbol].total_supply() + d.pick((0, 1, -1))
    if amount > 0:
        yield Action(who, "pool", "borrow", (symbol, amount, VARIABLE, 0, who))


def _collateral_parameters(d: Driver) -> Change:
    symbol = d.symbol()
    threshold, bonus = d.threshold(symbol), d.bonus(symbol)
    if threshold == 0 and d.happens(0.9):
        return Change("setReserveBorrowing", (symbol, True))
    threshold = min(9000, max(1000, threshold + d.between(-200, 200)))
    ltv = d.pick((0, threshold, threshold - 300, threshold + 1, d.reserves[symbol].configuration & 0xFFFF))
    arguments = (symbol, ltv, threshold, d.pick((bonus, 10500, 10100, 11000, 10000)))
    return Change("configureReserveAsCollateral", arguments)


def rate_data(*values: int) -> bytes:
    """Encode rate parameters for the strategy: optimal usage, base rate and both slopes, in bps."""
    return b"".join(value.to_bytes(32, "big") for value in values)


def _rates(d: Driver) -> Change:
    optimal = d.between(100, 9901)
    slope1 = d.between(0, 2000)
    slope2 = slope1 + d.between(0, 30_000)
    data = rate_data(optimal, d.between(0, 300), slope1, slope2)
    return Change("setReserveInterestRateData", (d.symbol(), data))


def _category(d: Driver) -> Change:
    number, threshold = d.category(range(1, 6)), d.between(8000, 9600)
    parameters = (number, threshold - d.between(0, 300), threshold, d.between(10000, 10400) + 1_000 * d.edge(0.3))
    if d.one_category_each:
        source = d.pick(("nobody", *d.borrowable_in(number)))
        return Change("setEModeCategory", (*parameters, source, "changed"))
    isolated = (d.happens(0.3),) if d.chain.revision.isolated_e_modes else ()
    return Change("setEModeCategory", (*parameters, "changed", *isolated))


def _list_spare(d: Driver) -> Change:
    """List the spare token, with a price and a first supply; a second listing is refused."""
    price = d.pick(d.symbols)
    arguments = ((listing(d.stage, SPARE, rate_data(8000, 0, 400, 20_000)),),)

    def then() -> Plot:
        yield Action("admin", "oracle", "setAssetSources", ((SPARE,), (f"{price} feed",)))
        if SPARE in d.symbols:
            approval = Action(d.people[0], SPARE, "approve", ("pool", EVERYTHING))
            yield from d.with_tokens(d.people[0], SPARE, 1, approval)

    return Change("initReserves", arguments, then())


_SETTINGS: tuple[Callable[[Driver], Change], ...] = (
    lambda d: Change("setReserveFactor", (d.symbol(), d.pick((0, 1, 500, 2000, 5000, 9999, 10_000, 10_001)))),
    lambda d: Change("setReserveFactor", (d.symbol(), d.between(0, 4000))),
    lambda d: Change("setLiquidationProtocolFee", (d.symbol(), d.pick((0, 1, 1000, 3333, 10_000)))),
    lambda d: Change("setReserveBorrowing", (d.symbol(), d.happens(0.8))),
    lambda d: Change("setReserveFlashLoaning", (d.symbol(), d.happens(0.8))),
    lambda d: Change("setReserveActive", (d.symbol(), d.happens(0.7))),
)
"""Settings of one reserve that every release has."""

CHANGES: tuple[Callable[[Driver], Change], ...] = (
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
    *_SETTINGS,
    lambda d: Change("setPoolPause", (False, d.pick((0, 60, 14_400)))),
    lambda d: Change("disableLiquidationGracePeriod", (d.symbol(),)),
    lambda d: Change("updateFlashloanPremium", (d.pick((0, 1, 5, 9, 100, 10_001)),)),
    lambda d: Change("setAssetCollateralInEMode", (d.symbol(), d.category(range(1, 6)), d.happens(0.8))),
    lambda d: Change("setAssetBorrowableInEMode", (d.symbol(), d.category(range(1, 6)), d.happens(0.8))),
    lambda d: Change("setEModeCategoryIsolated", (d.category(range(1, 5)), d.happens(0.4))),
)
"""What governance changes; one is as likely as another."""

FIRST_CHANGES: tuple[Callable[[Driver], Change], ...] = (
    _freeze,
    _freeze,
    _pause,
    _pause,
    _caps,
    _caps,
    _collateral_parameters,
    _category,
    _list_spare,
    *_SETTINGS,
    lambda d: Change("setPoolPause", (d.happens(0.01),)),
    lambda d: Change("updateFlashloanPremiumTotal", (d.pick((0, 1, 5, 9, 100, 10_001)),)),
    lambda d: Change("updateFlashloanPremiumToProtocol", (d.pick((0, 0, 400, 3333, 10_000, 10_001)),)),
    lambda d: Change("setAssetEModeCategory", (d.symbol(), d.category(range(5)))),
)
"""The same in the first release, which lacks many of them and has some of its own."""


def attack(d: Driver) -> Plot:
    """Make a call that must be refused: through somebody else's entry point."""
    symbol, who = d.symbol(), d.person()
    if d.edge(0.5):
        who = d.debtor()
        symbol = d.pick(d.debts_of(who) or d.symbols)
    yield d.pick(
        (
            Action(who, f"debt{symbol}", "transfer", (d.person(), 1)),
            Action(who, f"debt{symbol}", "transferFrom", (d.person(), who, 1)),
            Action(who, f"debt{symbol}", "approve", (d.person(), 1)),
            Action(who, f"debt{symbol}", "increaseAllowance", (d.person(), 1)),
            Action(who, f"a{symbol}", "mint", (who, who, 10**18, RAY)),
            Action(who, f"a{symbol}", "burn", (d.person(), who, 1, 1, RAY)),
            Action(who, f"a{symbol}", "transferUnderlyingTo", (who, 1)),
            Action(who, f"a{symbol}", "transferOnLiquidation", (d.person(), who, 1, 1, RAY)),
            Action(who, f"debt{symbol}", "burn", (who, 1, RAY)),
            Action(who, "pool", "setConfiguration", (symbol, (0,))),
            Action(who, "pool", "setLiquidationGracePeriod", (symbol, 2**39)),
            Action(who, "pool", "syncIndexesState", (symbol,)),
            Action(who, "pool", "updateFlashloanPremium", (0,)),
            Action(who, "pool", "finalizeTransfer", (symbol, d.person(), who, 1, 1)),
            Action(who, "pool", "rescueTokens", (symbol, who, 1)),
        )
    )
