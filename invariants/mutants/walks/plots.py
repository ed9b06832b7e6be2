"""What can happen to people and markets: liquidations, crashes, flash loans, time, prices, governance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...histories.action import Action
from ...reference import EVERYTHING, RAY
from .lenders import (
    borrow,
    borrow_for,
    change_mode_at_the_limit,
    collateral,
    dust,
    e_mode,
    repay,
    supply,
    take_another_collateral,
    transfer,
    withdraw,
)
from .market import SPARES, governance, rate_data
from .positions import exhaust, flood, modest
from .walk import VARIABLE, Plot, Walk, pool_call

# --- liquidation ------------------------------------------------------------------------------------------------


def brink(walk: Walk) -> Iterator[Action]:
    """Bring a position's health to about one by the price of its collateral or of its debt."""
    who, owed = walk.debtor()
    account = walk.account(who)
    if not account or not 0 < account.health_factor < 2**200:
        return
    symbol = walk.collateral_of(who)
    bonus = walk.reserve(symbol).configuration >> 32 & 0xFFFF
    exhausted = account.current_liquidation_threshold * bonus * 10**10  # collateral is worth debt plus bonus
    health = walk.rng.choice((10**18, 995 * 10**15, 96 * 10**16, 95 * 10**16, 80 * 10**16, exhausted)) or 10**18
    if walk.rng.random() < 0.5:
        price = walk.price(symbol) * health // account.health_factor
    else:
        symbol, price = owed, walk.price(owed) * account.health_factor // health
    yield walk.price_move(symbol, price + walk.rng.choice((0, 1, -1)))
    if walk.rng.random() < 0.7:
        yield from liquidate(walk, victim=who)


def repay_while_sick(walk: Walk) -> Iterator[Action]:
    """Somebody unhealthy repays a little with aTokens, or tries to take something out."""
    victims = walk.unhealthy()
    if not victims:
        yield from brink(walk)
        return
    who = walk.rng.choice(victims)
    both = [symbol for symbol in walk.symbols if walk.owed(symbol, who)]
    symbol = walk.rng.choice(both) if both else walk.asset()
    if not walk.shares(symbol, who):
        yield pool_call(who, "supply", symbol, max(1, walk.owed(symbol, who) // 10), who, 0)
        yield pool_call(who, "setUserUseReserveAsCollateral", symbol, True)
    amount = max(1, walk.owed(symbol, who) // walk.rng.choice((2, 20, 1_000)))
    yield pool_call(who, "repayWithATokens", symbol, amount, VARIABLE)


def crash(walk: Walk) -> Iterator[Action]:
    """A collateral loses most of its worth; whoever owes against it is liquidated to the end, often while frozen."""
    who, owed = walk.debtor()
    symbol = walk.collateral_of(who)
    frozen = walk.rng.random() < 0.2
    if frozen:
        yield Action("admin", "configurator", "setReserveFreeze", (owed, True))
    yield walk.price_move(symbol, walk.price(symbol) // walk.rng.choice((2, 3, 10, 50)))
    for _ in range(walk.rng.choice((1, 2, 3))):
        yield from liquidate(walk, everything=True, victim=who)
    yield walk.price_move(symbol, walk.listed_price[symbol])
    if frozen:
        yield Action("admin", "configurator", "setReserveFreeze", (owed, False))
        yield Action("admin", "configurator", "setReserveLtvzero", (owed, False))
    if walk.reserve(owed).deficit or walk.rng.random() < 0.3:
        yield from cover(walk)


def liquidate(walk: Walk, everything: bool = False, victim: str = "") -> Iterator[Action]:
    """Somebody unhealthy if there is anybody, else anybody; often the same asset on both sides."""
    victims = [victim] if victim else walk.unhealthy()
    victim = walk.rng.choice(victims) if victims else walk.debtor()[0]
    debts = [symbol for symbol in walk.symbols if walk.owed(symbol, victim)] or [walk.asset()]
    collateral, debt = walk.collateral_of(victim), walk.rng.choice(debts)
    if walk.rng.random() < 0.15:  # perhaps a supply that was never put up
        collateral = walk.rng.choice([symbol for symbol in walk.symbols if walk.shares(symbol, victim)] or [collateral])
    elif collateral in debts and walk.rng.random() < 0.5:
        debt = collateral
    amount = EVERYTHING if everything or walk.rng.random() < 0.4 else walk.about(walk.owed(debt, victim))
    who = walk.somebody_but(victim) if walk.rng.random() < 0.93 else victim
    yield pool_call(who, "liquidationCall", collateral, debt, victim, amount, walk.rng.random() < 0.35)


def same_asset(walk: Walk) -> Iterator[Action]:
    """A position with one asset on both sides, long silence, and a liquidation."""
    who = walk.somebody()
    lending = [symbol for symbol in walk.symbols if walk.reserve(symbol).configuration & 0xFFFF]
    symbol = walk.rng.choice(lending or walk.symbols)
    yield pool_call(who, "supply", symbol, walk.wallet(symbol, who) // 3, who, 0)
    yield pool_call(who, "borrow", symbol, walk.credit(symbol, who) * 99 // 100, VARIABLE, 0, who)
    yield Action.wait(walk.rng.choice((30 * 86_400, 365 * 86_400, 3 * 365 * 86_400)))
    if walk.owed(symbol, who):
        amount = walk.rng.choice((EVERYTHING, walk.about(walk.owed(symbol, who))))
        a_tokens = walk.rng.random() < 0.3
        yield pool_call(walk.somebody_but(who), "liquidationCall", symbol, symbol, who, amount, a_tokens)


def cover(walk: Walk) -> Iterator[Action]:
    """The umbrella covers bad debt, perhaps with all it has; sometimes somebody else tries."""
    bad = [symbol for symbol in walk.symbols if walk.reserve(symbol).deficit]
    symbol = walk.rng.choice(bad or walk.symbols)
    deficit = walk.reserve(symbol).deficit
    who = "umbrella" if walk.rng.random() < 0.85 else walk.somebody()
    if deficit > 1 and walk.rng.random() < 0.3:
        yield pool_call(who, "withdraw", symbol, EVERYTHING, who)
        yield pool_call(who, "supply", symbol, deficit // 2, who, 0)
        yield pool_call(who, "eliminateReserveDeficit", symbol, walk.supplied(symbol, who))
        return
    if walk.rng.random() < 0.5:
        yield pool_call(who, "supply", symbol, walk.about(deficit), who, 0)
    if walk.rng.random() < 0.1:
        yield pool_call(who, "borrow", walk.asset(), walk.credit(symbol, who) // 100, VARIABLE, 0, who)
    amount = walk.rng.choice((walk.about(deficit), EVERYTHING, walk.supplied(symbol, who)))
    yield pool_call(who, "eliminateReserveDeficit", symbol, amount)


def flash(walk: Walk) -> Iterator[Action]:
    """One asset, with whatever the receiver does in between."""
    who, symbol = walk.somebody(), walk.asset()
    amount = walk.about(walk.reserve(symbol).virtual_underlying_balance)
    arguments = ("receiver", symbol, amount, b"", 0)
    yield Action(who, "pool", "flashLoanSimple", arguments, _inside(walk, symbol, amount))


def _inside(walk: Walk, symbol: str, amount: int) -> tuple[Action, ...]:
    options = (
        pool_call("receiver", "supply", symbol, amount // 2, "receiver", 0),
        pool_call("receiver", "borrow", walk.asset(), amount // 1_000, VARIABLE, 0, "receiver"),
        pool_call("receiver", "withdraw", symbol, EVERYTHING, "receiver"),
        pool_call("receiver", "mintToTreasury", tuple(walk.symbols)),
        pool_call("receiver", "flashLoanSimple", "receiver", walk.asset(), amount // 3, b"", 0),
    )
    return tuple(walk.rng.sample(options, walk.rng.choice((0, 0, 1, 2, 3))))


def flash_many(walk: Walk) -> Iterator[Action]:
    """Several assets, perhaps one twice, some turned into debt."""
    who = walk.somebody()
    symbols = tuple(walk.rng.choice(walk.symbols) for _ in range(walk.rng.choice((1, 2, 3))))
    modes = tuple(walk.rng.choice((0, 0, VARIABLE)) for _ in symbols)
    amounts = tuple(
        walk.about(walk.credit(symbol, who) if mode else walk.reserve(symbol).virtual_underlying_balance // 2)
        for symbol, mode in zip(symbols, modes, strict=True)
    )
    inside = _inside(walk, symbols[0], amounts[0])
    yield Action(who, "pool", "flashLoan", ("receiver", symbols, amounts, modes, who, b"", 0), inside)


# --- the world --------------------------------------------------------------------------------------------------


def wait(walk: Walk) -> Iterator[Action]:
    """Seconds to years."""
    yield Action.wait(walk.rng.choice((1, 1, 12, 3_600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400)))


def move_price(walk: Walk) -> Iterator[Action]:
    """A little, a lot, or back to where it was listed; rarely to nothing or below."""
    symbol, kind = walk.asset(), walk.rng.random()
    price = walk.price(symbol)
    if kind < 0.5:
        price = price * walk.rng.choice((99, 101, 95, 105, 80, 125, 50, 200)) // 100
    elif kind < 0.93:
        price = walk.listed_price[symbol]
    else:
        yield Action.price(symbol, walk.rng.choice((0, -1, -(10**8))))
        yield from borrow(walk)
        price = walk.listed_price[symbol]
    yield walk.price_move(symbol, price)


def donate(walk: Walk) -> Iterator[Action]:
    """Underlying straight to the aToken."""
    who, symbol = walk.somebody(), walk.asset()
    yield Action(who, symbol, "transfer", (f"a{symbol}", min(walk.wallet(symbol, who), walk.unit(symbol))))


def mint(walk: Walk) -> Iterator[Action]:
    """The treasury's shares; sometimes a person tries the tokens' own functions."""
    kind, who, symbol = walk.rng.random(), walk.somebody(), walk.asset()
    if kind < 0.7:
        yield pool_call(who, "mintToTreasury", tuple(walk.symbols))
    elif kind < 0.85:
        yield Action(who, f"a{symbol}", "mint", (who, who, walk.unit(symbol), RAY))
    else:
        yield Action(who, f"debt{symbol}", "transfer", (walk.somebody_but(who), walk.owed(symbol, who)))


def enrich(walk: Walk) -> Iterator[Action]:
    """New money; in a world of dust, sometimes absurdly much."""
    who, symbol = walk.somebody(), walk.asset()
    amount = walk.rng.choice((2**121, 2**129)) if walk.dust and walk.rng.random() < 0.4 else walk.unit(symbol) * 1_000
    yield Action(walk.token(symbol).owner_address, symbol, "mint", (who, amount))
    if amount > 2**120:
        yield pool_call(who, "supply", symbol, amount, who, 0)


def ambush(walk: Walk) -> Iterator[Action]:
    """A withdrawal of a token that calls back, with something done in between."""
    if not walk.hostile:
        return
    who = walk.somebody()
    symbol = walk.rng.choice(walk.hostile)
    if not walk.shares(symbol, who):
        yield pool_call(who, "supply", symbol, walk.wallet(symbol, who) // 10, who, 0)
    yield pool_call(who, "setUserUseReserveAsCollateral", symbol, True)
    credit = walk.credit(symbol, who)
    inside = (pool_call(who, "borrow", symbol, credit * walk.rng.choice((10, 5)) // 10, VARIABLE, 0, who),)
    part = walk.supplied(symbol, who) * walk.rng.choice((9, 5)) // 10
    yield Action(who, "pool", "withdraw", (symbol, walk.rng.choice((part, part, EVERYTHING)), who), inside)


def relist(walk: Walk) -> Iterator[Action]:
    """List assets that nobody uses; where the release can drop them again, drop all and list one."""
    for symbol in SPARES:
        yield Action("admin", "configurator", "initReserves", ((_listing(walk, symbol),),))
    if walk.stage.chain.revision.isolation_mode:
        for symbol in SPARES:
            yield Action("admin", "configurator", "dropReserve", (symbol,))
        yield Action("admin", "configurator", "initReserves", ((_listing(walk, SPARES[0]),),))


def _listing(walk: Walk, symbol: str) -> tuple[Any, ...]:
    reserve, chain = walk.reserve(walk.symbols[0]), walk.stage.chain
    implementations = chain.at(reserve.a_token).implementation, chain.at(reserve.variable_debt_token).implementation
    where = walk.stage.book[symbol]
    return (*implementations, where, "a", "a", "v", "v", b"", rate_data(walk.rng))


def govern(walk: Walk) -> Iterator[Action]:
    """A change of parameters, mostly by the admin, mostly undone soon after, with people busy in between."""
    walk.focus = symbol = walk.asset()
    category = walk.rng.choice(walk.categories or [1])
    function, arguments, back = walk.rng.choice(governance(walk, symbol, category))
    sender = "admin" if walk.rng.random() < 0.93 else walk.somebody()
    yield Action(sender, "configurator", function, arguments)
    if back is None:
        return
    if function in ("setReserveLtvzero", "setReserveFreeze", "setAssetLtvzeroInEMode"):
        for _ in range(4):
            yield from take_another_collateral(walk)
    for _ in range(walk.rng.choice((0, 1, 3, 6))):
        yield from walk.rng.choice(_BUSY)(walk)
    if function == "setAssetLtvzeroInEMode":
        yield Action("admin", "configurator", "setAssetCollateralInEMode", (symbol, category, False))
        yield Action("admin", "configurator", "setAssetCollateralInEMode", (symbol, category, True))
    yield Action("admin", "configurator", function, back)
    if function == "setReservePause":
        yield from brink(walk)
    if function == "setReserveFreeze":
        yield Action("admin", "configurator", "setReserveLtvzero", (symbol, False))
        yield Action("admin", "configurator", "setAssetLtvzeroInEMode", (symbol, category, False))


_BUSY: tuple[Plot, ...] = (supply, supply, borrow, withdraw, liquidate, transfer, take_another_collateral, brink)

PLOTS: dict[Plot, int] = {
    supply: 14,
    withdraw: 8,
    borrow: 14,
    borrow_for: 5,
    repay: 9,
    dust: 3,
    transfer: 6,
    collateral: 5,
    e_mode: 4,
    change_mode_at_the_limit: 3,
    take_another_collateral: 3,
    brink: 9,
    repay_while_sick: 3,
    modest: 2,
    exhaust: 4,
    flood: 2,
    crash: 4,
    liquidate: 4,
    same_asset: 3,
    cover: 3,
    flash: 4,
    flash_many: 3,
    wait: 7,
    move_price: 4,
    donate: 1,
    mint: 3,
    enrich: 2,
    ambush: 4,
    relist: 2,
    govern: 8,
}
