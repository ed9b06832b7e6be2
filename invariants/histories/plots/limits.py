"""Plots at the limits of settings: caps to the unit, parameters at their bounds, states of a reserve, widths, feeds."""

from __future__ import annotations

from ...reference import BPS, EVERYTHING, RAY
from ..action import Action
from ..driver import DAY, VARIABLE, Driver, Plot
from ..listing import listing
from ..moves.governing import by_admin, rate_data
from ..moves.lending import any_user_call
from ..moves.pressing import NO_DEBT, liquidate_one
from ..outfit import BRIDGED, FALLBACK, SPARE, SPARES
from .measured import countable, emptied
from .positions import hindered, released

RATES = rate_data(8_000, 0, 400, 20_000)


def fill_the_supply_cap(d: Driver) -> Plot:
    """Cap a supply just above what it is, fill it to the unit, try a unit more, and leave once interest is above it."""
    symbol, who = d.symbol(), d.person()
    unit, before = d.unit(symbol), d.caps(symbol)[0]
    claims = -(-d.a_tokens[symbol].total_supply() // unit) + d.between(0, 2)
    accrued = d.reserves[symbol].accrued_to_treasury * d.pool.income_of(d.assets[symbol]) // (RAY * unit)
    yield by_admin("setSupplyCap", symbol, claims + accrued)
    for more in (d.pick((0, 0, -1)), 1):
        amount = d.supply_room(symbol) + more
        if amount > 0:
            yield from d.with_tokens(who, symbol, amount, Action(who, "pool", "supply", (symbol, amount, who, 0)))
    if d.happens(0.5):
        yield Action.wait(d.pick((12, DAY)))
    else:
        yield by_admin("setSupplyCap", symbol, max(1, claims // 2))
    held = d.supplied(symbol, who)
    yield Action(who, "pool", "withdraw", (symbol, max(1, held // d.pick((1, 2, 1_000))), who))
    yield by_admin("setSupplyCap", symbol, before)


def fill_the_borrow_cap(d: Driver) -> Plot:
    """Cap a debt just above what it is, borrow to the unit, and try a unit more."""
    symbol = d.symbol()
    unit, before = d.unit(symbol), d.caps(symbol)[1]
    room = unit - d.debt_tokens[symbol].total_supply() % unit
    able = [who for who in d.people if d.credit(symbol, who) > room and symbol in _borrowable(d, who)]
    if not able or d.liquidity(symbol) <= room:
        return
    who = d.pick(able)
    yield by_admin("setBorrowCap", symbol, -(-d.debt_tokens[symbol].total_supply() // unit))
    for more in (d.pick((0, 0, -1)), 1):
        amount = d.borrow_room(symbol) + more
        if amount > 0:
            yield Action(who, "pool", "borrow", (symbol, amount, VARIABLE, 0, who))
    yield by_admin("setBorrowCap", symbol, before)


def _borrowable(d: Driver, who: str) -> list[str]:
    number = d.pool.users_e_mode[d.where(who)]
    return d.within(d.pool.e_modes[number].borrowable_bitmap) if number else d.symbols


def parameters_at_the_limit(d: Driver) -> Plot:
    """Set threshold and bonus so that a liquidation leaves just nothing, try a basis point more, and set them back."""
    numbers = d.categories()
    if numbers and d.happens(0.5):
        yield from _category_at_the_limit(d, d.pick(numbers))
        return
    symbol = d.pick(d.lending_power())
    ltv, threshold, bonus = d.reserves[symbol].configuration & 0xFFFF, d.threshold(symbol), d.bonus(symbol)
    if not threshold:
        return
    most = BPS * BPS // threshold
    for changed in (most, most + d.pick((2, 500))):
        yield by_admin("configureReserveAsCollateral", symbol, d.pick((ltv, threshold)), threshold, changed)
    yield by_admin("configureReserveAsCollateral", symbol, ltv, threshold, bonus)


def _category_at_the_limit(d: Driver, number: int) -> Plot:
    category = d.pool.e_modes[number]
    ltv, threshold, bonus = category.ltv, category.liquidation_threshold, category.liquidation_bonus
    isolated = (bool(category.isolated),) if d.chain.revision.isolated_e_modes else ()
    most = BPS * BPS // threshold
    for parameters in (
        (threshold, threshold, most),
        (ltv, threshold, most + d.pick((2, 500))),
        (ltv, threshold, bonus),
    ):
        yield by_admin("setEModeCategory", number, *parameters, "changed", *isolated)


def stand_still(d: Driver) -> Plot:
    """Freeze, pause or switch off a reserve, try all that is done with one, and set it back."""
    symbol, who = d.symbol(), d.person()
    how = d.pick(("frozen", "frozen", "paused", "off"))
    lender = d.pick([other for other in d.people if d.supplied(symbol, other)] or d.people)
    yield from hindered(d, symbol, how)
    amount = d.amount_for(symbol, 10**8) or 1
    yield from d.with_tokens(who, symbol, amount, Action(who, "pool", "supply", (symbol, amount, who, 0)))
    yield Action(lender, "pool", "withdraw", (symbol, max(1, d.supplied(symbol, lender) // 1_000), lender))
    yield Action(lender, f"a{symbol}", "transfer", (who, max(1, d.supplied(symbol, lender) // 1_000)))
    borrower = d.borrower()
    yield Action(borrower, "pool", "borrow", (symbol, amount, VARIABLE, 0, borrower))
    for debtor in d.unhealthy()[:2]:
        yield from liquidate_one(d, debtor)
    yield Action(who, "pool", "mintToTreasury", ((symbol, d.symbol()),))
    yield from released(d, symbol, how)


def liquidate_frozen(d: Driver) -> Plot:
    """Make a debtor mildly unhealthy, and liquidate while the debt's reserve, or the collateral's, is frozen."""
    who = d.pick(d.debtors() or d.people)
    backing, debts, health = d.collaterals_of(who), d.debts_of(who), d.health(who)
    if not backing or not debts or not 0 < health < NO_DEBT:
        return
    seized, debt = d.pick(backing), d.pick(debts)
    frozen = d.pick((seized, debt))
    yield from hindered(d, frozen, "frozen")
    yield Action.price(debt, d.within_news(debt, d.price(debt) * 2))
    yield Action.price(seized, d.within_news(seized, d.price(seized) // 2))
    yield Action(d.somebody_but(who), "pool", "liquidationCall", (seized, debt, who, EVERYTHING, d.happens(0.5)))
    yield from released(d, frozen, "frozen")
    for symbol in (seized, debt):
        yield Action.price(symbol, d.within_news(symbol, d.start_prices[symbol]))


def after_the_grace(d: Driver) -> Plot:
    """Pause a reserve, end the pause with a grace, and liquidate in its last second and in the next."""
    sick = d.unhealthy()
    who = d.pick(sick or d.debtors() or d.people)
    backing, debts = d.collaterals_of(who), d.debts_of(who)
    if not backing or not debts:
        return
    seized, debt = d.pick(backing), d.pick(debts)
    paused, grace = d.pick((seized, debt)), d.pick((60, 3_600, 14_400))
    if not sick and 0 < d.health(who) < NO_DEBT:
        yield Action.price(seized, d.within_news(seized, d.price(seized) // 3))
    yield by_admin("setReservePause", paused, True, 0)
    yield by_admin("setReservePause", paused, False, grace)
    for seconds in (grace - d.pick((0, 0, 1)), 1, 12):
        yield Action.wait(seconds)
        arguments = (seized, debt, who, d.owed(debt, who) // 10 + 1, d.happens(0.5))
        yield Action(d.somebody_but(who), "pool", "liquidationCall", arguments)
    yield Action.price(seized, d.within_news(seized, d.start_prices[seized]))


def widest_balance(d: Driver) -> Plot:
    """Supply about as many units as a balance holds, of the asset whose unit is worth least; then take them out."""
    who = d.person()
    symbol = min(d.symbols, key=lambda symbol: d.price(symbol) * 10**30 // d.unit(symbol))
    own = d.shares(symbol, who)
    amount = d.pick((2**119 + 1, max(1, 2**120 - 1 - own), 2**120, 2**121, 2**129))
    yield Action("admin", symbol, "mint", (who, amount))
    yield Action(who, "pool", "supply", (symbol, amount, who, 0))
    yield Action(who, "pool", "withdraw", (symbol, EVERYTHING, who))


def dead_feed(d: Driver) -> Plot:
    """Give the oracle a fallback, let a feed die, and go on by the fallback's price."""
    symbol = d.symbol()
    price = d.price(symbol)
    if not price:
        return
    sources = d.stage.market.oracle.sources
    for other in d.symbols:  # several assets may have the feed that dies
        if sources[d.assets[other]] == sources[d.assets[symbol]]:
            yield Action("admin", FALLBACK, "setAssetPrice", (other, price))
    yield Action("admin", "oracle", "setFallbackOracle", (FALLBACK,))
    yield Action.price(symbol, 0)
    for _ in range(2):
        yield from any_user_call(d)
    yield Action.price(symbol, price)
    yield Action("admin", "oracle", "setFallbackOracle", ("nobody",))


def from_a_bridge(d: Driver) -> Plot:
    """List a token that a bridge mints, and have it mint some more, which is supplied."""
    who = d.person()
    yield from _listed(d, BRIDGED)
    if BRIDGED in d.symbols:
        amount = d.unit(BRIDGED) * d.between(1, 1_000)
        yield Action("admin", BRIDGED, "mint", (who, amount))
        yield Action(who, BRIDGED, "approve", ("pool", EVERYTHING))
        yield Action(who, "pool", "supply", (BRIDGED, amount, who, 0))


def _listed(d: Driver, symbol: str) -> Plot:
    """List a token of the outfit with a price, where it is not listed."""
    if symbol not in d.symbols:
        source = f"{d.pick([other for other in d.symbols if d.price(other)] or d.symbols)} feed"
        yield by_admin("initReserves", (listing(d.stage, symbol, RATES),))
        yield Action("admin", "oracle", "setAssetSources", ((symbol,), (source,)))


def fill_the_gaps(d: Driver) -> Plot:
    """List two tokens, drop both, list one in the places that are empty, and drop it again, where a release can."""
    if not d.stage.offers("configurator", "dropReserve"):
        return
    for symbol in SPARES:
        yield from _listed(d, symbol)
    for symbol in SPARES:
        yield by_admin("dropReserve", symbol)
    yield from _listed(d, SPARES[0])
    yield by_admin("dropReserve", SPARES[0])


def trap(d: Driver) -> Plot:
    """Make collateral of a token that calls back, and borrow against it while it is on its way out."""
    yield from _listed(d, SPARE)
    if SPARE not in d.symbols:
        return
    if not d.threshold(SPARE):
        yield by_admin("configureReserveAsCollateral", SPARE, 7_000, 7_500, 10_500)
        yield by_admin("setReserveBorrowing", SPARE, True)
    who = (yield from emptied(d)) or d.person()
    amount = 1_000 * d.unit(SPARE)
    if d.supplied(SPARE, who) < amount:
        yield Action("admin", SPARE, "mint", (who, amount))
        yield Action(who, SPARE, "approve", ("pool", EVERYTHING))
        yield Action(who, "pool", "supply", (SPARE, amount, who, 0))
    yield Action(who, "pool", "setUserUseReserveAsCollateral", (SPARE, True))
    debt = d.pick((SPARE, d.borrowable(who)))
    for part_of_credit in (20, d.pick((1, 2))):  # the first may be, the second must not
        loan = d.credit(debt, who) // part_of_credit
        inside = (Action(who, "pool", "borrow", (debt, loan, VARIABLE, 0, who)),)
        amount = d.supplied(SPARE, who) * d.pick((9, 5)) // 10
        yield Action(who, "pool", "withdraw", (SPARE, amount, who), inside)


def take_out_what_lends_nothing(d: Driver) -> Plot:
    """Take an asset's LTV in a category away, then take it out of the collateral, and set both back."""
    numbers = [number for number in d.categories() if d.within(d.pool.e_modes[number].collateral_bitmap)]
    if not numbers:
        return
    number = d.pick(numbers)
    category = d.pool.e_modes[number]
    symbol = d.pick(d.within(category.collateral_bitmap))
    lends_nothing = bool(category.ltvzero_bitmap >> d.reserves[symbol].id & 1)
    for function, on in (
        ("setAssetLtvzeroInEMode", True),
        ("setAssetCollateralInEMode", False),
        ("setAssetCollateralInEMode", True),
        ("setAssetLtvzeroInEMode", lends_nothing),
    ):
        yield by_admin(function, symbol, number, on)


def isolate_late(d: Driver) -> Plot:
    """Isolate a category in which somebody has both kinds of collateral, or only the wrong one; lend, and set back."""
    numbers = [number for number in d.categories() if d.within(d.pool.e_modes[number].collateral_bitmap)]
    who = yield from emptied(d)
    if not numbers or not who:
        return
    number = d.pick(numbers)
    category = d.pool.e_modes[number]
    inside, isolated = d.within(category.collateral_bitmap), bool(category.isolated)
    outside = [symbol for symbol in countable(d, d.lending_power()) if symbol not in inside]
    if isolated:
        yield by_admin("setEModeCategoryIsolated", number, False)
    yield Action(who, "pool", "setUserEMode", (number,))
    chosen = [*d.chance.some(outside, min(1, len(outside))), *(inside[:1] if d.happens(0.7) else [])]
    for symbol in chosen:
        yield Action(who, "pool", "supply", (symbol, d.amount_for(symbol, 10**12), who, 0))
    yield by_admin("setEModeCategoryIsolated", number, True)
    debt = d.pick(d.within(category.borrowable_bitmap) or d.symbols)
    for symbol in chosen:
        yield Action(who, "pool", "supply", (symbol, d.amount_for(symbol, 10**10), who, 0))
    yield Action(who, "pool", "borrow", (debt, d.credit(debt, who), VARIABLE, 0, who))
    if not isolated:
        yield by_admin("setEModeCategoryIsolated", number, False)
