"""Plots of positions measured in dollars: legs about 2,000, leftovers about 1,000, healths just above 0.95 and one."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from ...reference import BPS, EVERYTHING, WAD
from ..action import Action
from ..driver import VARIABLE, Driver, Plot
from ..moves.governing import by_admin
from ..moves.lending import borrow
from ..moves.pressing import NO_DEBT
from .positions import hindered, released, start_anew

Legs = Sequence[tuple[str, int]]
"""Assets, each with what it is worth in dollars."""


def _dollars(d: Driver, symbol: str, dollars: int) -> int:
    return d.amount_for(symbol, dollars * 10**8)


def _measured(d: Driver, who: str, backing: Legs, debts: Legs, health: int) -> Plot:
    """Put up collateral, owe debts, and move the price of the first debt until the HF is `health` (bps)."""
    for symbol, dollars in backing:
        amount = _dollars(d, symbol, dollars)
        yield from d.with_tokens(who, symbol, amount, Action(who, "pool", "supply", (symbol, amount, who, 0)))
    for symbol, dollars in debts:
        yield Action(who, "pool", "borrow", (symbol, _dollars(d, symbol, dollars), VARIABLE, 0, who))
    yield from _at_health(d, who, debts[0][0], health)


def _at_health(d: Driver, who: str, debt: str, health: int) -> Plot:
    """Move the price of somebody's debt until the HF is `health` (bps), others' debts and collateral counted."""
    collateral, owed, _, threshold, _, now = d.account(who)
    if not 0 < now < NO_DEBT:
        return
    here = d.owed(debt, who) * d.price(debt) // d.unit(debt)
    wanted = collateral * threshold // health - (owed - here)  # what this debt has to be worth
    if here > 0 < wanted and debt not in d.supplies_of(who):
        yield Action.price(debt, d.within_news(debt, d.price(debt) * wanted // here))


def countable(d: Driver, symbols: Sequence[str]) -> list[str]:
    """Select the assets with a price of which thousands of dollars are an amount that a pool can hold for years."""
    return [symbol for symbol in symbols if d.price(symbol) > 0 and d.amount_for(symbol, 10**12) < 2**100]


def _assets(d: Driver, backing: int, debts: int) -> tuple[list[str], list[str]]:
    """Pick so many assets that lend, and so many others; empty lists where there are not enough."""
    lending = countable(d, d.lending_power())
    if len(lending) < backing:
        return [], []
    first = d.chance.some(lending, backing)
    others = [symbol for symbol in countable(d, d.symbols) if symbol not in first and d.liquidity(symbol)]
    return (first, d.chance.some(others, debts)) if len(others) >= debts else ([], [])


def emptied(d: Driver) -> Generator[Action, None, str]:
    """Find somebody without a position, or empty somebody's. Returns who; nobody, "", where that could not be done."""
    free = [who for who in d.people if not d.flags(who) and not _category_of(d, who)]
    if free:
        return d.pick(free)
    who = d.person()
    yield from start_anew(d, who)
    return "" if d.flags(who) else who


def _liquidated(d: Driver, who: str, seized: str, debt: str, amount: int) -> Plot:
    liquidator = d.somebody_but(who)
    call = Action(liquidator, "pool", "liquidationCall", (seized, debt, who, amount, d.happens(0.2)))
    yield from d.with_tokens(liquidator, debt, min(amount, d.owed(debt, who)), call)


def _restored(d: Driver, *symbols: str) -> Plot:
    for symbol in symbols:
        if d.price(symbol) != d.start_prices[symbol]:
            yield Action.price(symbol, d.within_news(symbol, d.start_prices[symbol]))


def small_collateral(d: Driver) -> Plot:
    """Owe a little more than 2,000 dollars against two collaterals, one of them smaller; liquidate that one."""
    who = yield from emptied(d)
    assets, debts = _assets(d, 2, 1)
    if not who or not debts:
        return
    first = assets[0]
    backing = [(first, d.pick((1_250, 1_500, 1_950, 1_990))), (assets[1], d.pick((2_000, 2_500)))]
    for symbol, dollars in backing:
        amount = _dollars(d, symbol, dollars)
        yield from d.with_tokens(who, symbol, amount, Action(who, "pool", "supply", (symbol, amount, who, 0)))
    yield Action(who, "pool", "borrow", (debts[0], d.credit(debts[0], who), VARIABLE, 0, who))
    yield from _at_health(d, who, debts[0], d.pick((9_510, 9_700, 9_900)))
    yield from _liquidated(d, who, first, debts[0], EVERYTHING)
    yield from _restored(d, *debts)


def small_debt(d: Driver) -> Plot:
    """Owe a little less than 2,000 dollars of one asset, and less of another; liquidate the first."""
    who = yield from emptied(d)
    backing, debts = _assets(d, 1, 2)
    if not who or not debts:
        return
    legs = [(debts[0], d.pick((1_500, 1_800))), (debts[1], d.pick((300, 1_000)))]
    yield from _measured(d, who, [(backing[0], 2 * sum(dollars for _, dollars in legs))], legs, 9_900)
    yield from _to_health_by_collateral(d, who, backing[0], d.pick((9_510, 9_700, 9_990)))
    yield from _liquidated(d, who, backing[0], debts[0], d.pick((EVERYTHING, EVERYTHING, d.owed(debts[0], who) // 2)))
    yield from _restored(d, *debts, *backing)


def _to_health_by_collateral(d: Driver, who: str, symbol: str, health: int) -> Plot:
    """Move the price of somebody's only collateral until the HF is `health` (bps)."""
    now = d.health(who)
    if 0 < now < NO_DEBT:
        price = d.price(symbol) * health * WAD // (BPS * now)
        yield Action.price(symbol, d.within_news(symbol, price))


def large_legs(d: Driver) -> Plot:
    """Owe some thousand dollars of two assets, at a health about 0.95 or one; liquidate half, all, or all but dust."""
    who = yield from emptied(d)
    backing, debts = _assets(d, 1, 2)
    if not who or not debts:
        return
    legs = [(debts[0], d.pick((2_050, 2_100, 5_000))), (debts[1], d.pick((1_950, 2_000, 500)))]
    whole = sum(dollars for _, dollars in legs)
    yield from _measured(d, who, [(backing[0], 2 * whole)], legs, 9_900)
    yield from _to_health_by_collateral(d, who, backing[0], d.pick((9_450, 9_499, 9_501, 9_550, 9_950)))
    owed, dust = d.owed(debts[0], who), _dollars(d, debts[0], d.pick((920, 980, 1_020, 1_080)))
    yield from _liquidated(d, who, backing[0], debts[0], d.pick((EVERYTHING, max(1, owed - dust))))
    yield from _restored(d, *debts, *backing)


def bad_debt_beside(d: Driver) -> Plot:
    """Leave bad debt in several reserves, one of which is frozen, paused or not active."""
    who = yield from emptied(d)
    backing, debts = _assets(d, 1, 3)
    if not who or not debts:
        return
    debts.sort(key=lambda symbol: int(d.reserves[symbol].id))
    first, *others = debts
    yield from _measured(d, who, [(backing[0], 10_000)], [(symbol, 1_200) for symbol in debts], 10_000)
    how = d.pick(("frozen", "frozen", "paused", "off"))
    yield from hindered(d, first, how)
    yield Action.price(backing[0], d.within_news(backing[0], d.price(backing[0]) // d.pick((3, 10))))
    for debt in others:
        yield from _liquidated(d, who, backing[0], debt, EVERYTHING)
    yield from released(d, first, how)
    yield from _restored(d, *backing, *debts)


def indebted_coverer(d: Driver) -> Plot:
    """Have the umbrella borrow, and cover a deficit; then repay, and cover it again."""
    short = [symbol for symbol in d.symbols if d.deficit(symbol)]
    if not short:
        yield from bad_debt_beside(d)
        return
    symbol = d.pick(short)
    other = d.pick([other for other in countable(d, d.lending_power()) if other != symbol] or d.symbols)
    part = max(1, d.deficit(symbol) // d.pick((1, 3)))
    yield Action("umbrella", "pool", "supply", (symbol, 2 * part + 2, "umbrella", 0))
    yield Action("umbrella", "pool", "supply", (other, _dollars(d, other, 1_000), "umbrella", 0))
    yield Action("umbrella", "pool", "borrow", (other, _dollars(d, other, 100), VARIABLE, 0, "umbrella"))
    yield Action("umbrella", "pool", "eliminateReserveDeficit", (symbol, part))
    yield Action("umbrella", "pool", "repay", (other, EVERYTHING, VARIABLE, "umbrella"))
    yield Action("umbrella", "pool", "eliminateReserveDeficit", (symbol, part))


# --- healths about one ----------------------------------------------------------------------------------------------


def threshold_for(d: Driver, symbol: str, number: int) -> int:
    """Give the liquidation threshold (bps) of an asset in a category; 0 for none."""
    category = d.pool.e_modes[number] if number else None
    if category is not None and category.collateral_bitmap >> d.reserves[symbol].id & 1:
        return int(category.liquidation_threshold)
    return d.threshold(symbol)


def down_to_one(d: Driver) -> Plot:
    """Take of a healthy debtor's collateral as much as leaves a health of one, or hardly less: in each way there is."""
    healthy = [who for who in d.debtors() if WAD < d.health(who) < NO_DEBT]
    if not healthy:
        yield from borrow(d)
        return
    who = d.pick(healthy)
    total, owed, _, threshold, _, _ = d.account(who)
    lending = [symbol for symbol in d.collaterals_of(who) if threshold_for(d, symbol, _category_of(d, who))]
    if not lending:
        return
    symbol = d.pick(lending)
    spare = (total * threshold - owed * BPS) // threshold_for(d, symbol, _category_of(d, who))
    amount = d.amount_for(symbol, spare) * d.pick((995, 999, 999, 1_001)) // 1_000
    if amount <= 0:
        return
    yield d.pick(
        (
            Action(who, "pool", "withdraw", (symbol, amount, who)),
            Action(who, f"a{symbol}", "transfer", (d.somebody_but(who), amount)),
        )
    )


def _category_of(d: Driver, who: str) -> int:
    return int(d.pool.users_e_mode[d.where(who)])


def _brought_to(d: Driver, who: str, symbol: str, health: int) -> Plot:
    """Move the price of a collateral until the HF is `health` (bps), other collateral counted."""
    total, owed, _, threshold, _, _ = d.account(who)
    here = d.supplied(symbol, who) * d.price(symbol) // d.unit(symbol)
    share = here * threshold_for(d, symbol, _category_of(d, who))
    wanted = owed * health - (total * threshold - share)
    if share > 0 < wanted and symbol not in d.debts_of(who):
        yield Action.price(symbol, d.within_news(symbol, d.price(symbol) * wanted // share))


def give_up_at_one(d: Driver) -> Plot:
    """At a health hardly above one, or below, switch a small collateral off, or burn a few aTokens against the debt."""
    who = yield from emptied(d)
    backing, debts = _assets(d, 1, 1)
    if not who or not debts:
        return
    main, debt = backing[0], debts[0]
    small = d.pick([symbol for symbol in countable(d, d.lending_power()) if symbol not in (main, debt)] or [debt])
    yield from _measured(d, who, [(main, 10_000), (small, 10)], [(debt, 4_000)], 15_000)
    yield Action(who, "pool", "supply", (debt, _dollars(d, debt, 50), who, 0))
    yield from _brought_to(d, who, main, d.pick((10_030, 10_050, 9_990)))
    part = max(1, d.supplied(debt, who) // d.pick((2, 10)))
    yield d.pick(
        (
            Action(who, "pool", "setUserUseReserveAsCollateral", (small, False)),
            Action(who, "pool", "repayWithATokens", (debt, part, VARIABLE)),
            Action(who, "pool", "repayWithATokens", (debt, part, VARIABLE)),
        )
    )
    yield from _restored(d, main, debt)


def switch_at_one(d: Driver) -> Plot:
    """Enter or leave a category with a debt that makes the health one in the end, or hardly less."""
    who = yield from emptied(d)
    numbers = [number for number in d.categories() if _pairs(d, number)]
    if not who or not numbers:
        return
    number = d.pick(numbers)
    collateral, debt = d.pick(_pairs(d, number))
    enters = d.happens(0.5) and d.threshold(collateral) > 0
    if not enters:
        yield Action(who, "pool", "setUserEMode", (number,))
    yield Action(who, "pool", "supply", (collateral, _dollars(d, collateral, 10_000), who, 0))
    yield Action(who, "pool", "setUserUseReserveAsCollateral", (collateral, True))
    yield Action(who, "pool", "borrow", (debt, _dollars(d, debt, 5_000), VARIABLE, 0, who))
    inside, outside = threshold_for(d, collateral, number), d.threshold(collateral)
    now, then = (outside, inside) if enters else (inside, outside)
    if then:
        yield from _brought_to(d, who, collateral, d.pick((10_010, 10_040, 9_990)) * now // then)
    yield Action(who, "pool", "setUserEMode", (number if enters else 0,))
    yield from _restored(d, collateral)


def _pairs(d: Driver, number: int) -> list[tuple[str, str]]:
    """List what a category lends against, with what it lends, where both have prices."""
    category = d.pool.e_modes[number]
    backing, debts = d.within(category.collateral_bitmap), d.within(category.borrowable_bitmap)
    priced = countable(d, d.symbols)
    return [(one, other) for one in backing for other in debts if one != other and one in priced and other in priced]


def borrow_to_the_threshold(d: Driver) -> Plot:
    """Let an asset lend up to its threshold, and borrow all of it; then set the LTV back."""
    who = yield from emptied(d)
    backing, debts = _assets(d, 1, 1)
    if not who or not debts:
        return
    symbol = backing[0]
    ltv, threshold, bonus = d.reserves[symbol].configuration & 0xFFFF, d.threshold(symbol), d.bonus(symbol)
    yield by_admin("configureReserveAsCollateral", symbol, threshold, threshold, bonus)
    yield Action(who, "pool", "supply", (symbol, _dollars(d, symbol, 10_000), who, 0))
    yield Action(who, "pool", "borrow", (debts[0], max(0, d.credit(debts[0], who) - d.pick((0, 1))), VARIABLE, 0, who))
    yield by_admin("configureReserveAsCollateral", symbol, ltv, threshold, bonus)
