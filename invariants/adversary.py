"""Random actions that mean harm: edge amounts, positions at their limit, prices that move against them.

Everything is drawn from one seeded source and from the state, so the same seed on the same market gives the same
history. Amounts are written into the action as numbers: a history replays without this module.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from pooltwin.protocol.address import Address
from pooltwin.protocol.errors import Revert

from .action import RECEIVER, SPARE, Action, Stage
from .law import release
from .reference import EVERYTHING, RAY, WAD

T = TypeVar("T")
Maker = Callable[["Adversary"], "Action | None"]

DAY = 86_400
VARIABLE = 2


def always(action: Action) -> Maker:
    """An action that is already known, as part of a plot."""
    return lambda _: action


class Adversary:
    """Draws the next action of a history."""

    def __init__(self, stage: Stage, rng: Random) -> None:
        self.stage = stage
        self.rng = rng
        self.people: tuple[str, ...] = tuple(stage.actors)
        self.start_prices: dict[str, int] = {}
        self.plot: deque[Maker] = deque()
        """What is to happen next, one after the other, reckoned when its turn comes."""
        self.learn()

    def learn(self) -> None:
        """Read the list of assets; again after a listing."""
        market = self.stage.market
        self.pool: Any = market.pool
        self.chain = market.chain
        self.listed: int = self.pool.reserves_count
        self.symbols = list(market.assets)
        contracts, reserves = self.chain.contracts, self.pool.reserves
        self.assets: dict[str, Address] = market.assets
        self.reserves = {symbol: reserves[asset] for symbol, asset in self.assets.items()}
        self.a_tokens = {symbol: contracts[reserve.a_token] for symbol, reserve in self.reserves.items()}
        self.debt_tokens = {symbol: contracts[reserve.variable_debt_token] for symbol, reserve in self.reserves.items()}
        for symbol in self.symbols:
            self.start_prices.setdefault(symbol, max(1, self.price(symbol)))

    def next(self) -> Action:
        """The next action: one that was planned, or a new one."""
        if self.pool.reserves_count != self.listed:
            self.learn()
        for _ in range(20):
            make = self.plot.popleft() if self.plot else self.pick_weighted()
            action = make(self)
            if action is not None:
                return action
        return Action.wait(12)

    def pick_weighted(self) -> Maker:
        """One of the makers, by weight."""
        return self.rng.choices(MAKERS, cum_weights=WEIGHTS)[0]

    # --- chance ------------------------------------------------------------------------------------------------------

    def chance(self, probability: float) -> bool:
        """True that often."""
        return self.rng.random() < probability

    def pick(self, items: Sequence[T]) -> T:
        """One of them."""
        return items[int(self.rng.random() * len(items))]

    def person(self) -> str:
        """Somebody."""
        return self.pick(self.people)

    def symbol(self) -> str:
        """Some asset."""
        return self.pick(self.symbols)

    def near(self, amount: int) -> int:
        """An amount around a limit: at it, a wei aside, a part of it, an edge of the integers."""
        roll = self.rng.random()
        if roll < 0.35:
            return int(amount * self.rng.random())
        if roll < 0.75:
            return min(EVERYTHING, max(0, amount + self.pick((0, 0, 0, -1, 1, -2, 2))))
        if roll < 0.9:
            return self.pick((1, 2, 3, amount // 2, amount // 3, 10**6))
        return self.pick((EVERYTHING, EVERYTHING, 0, 1, min(2 * amount, EVERYTHING), 2**128, EVERYTHING - 1))

    # --- looking at the state ----------------------------------------------------------------------------------------

    def where(self, who: str) -> Address:
        """Somebody's address."""
        return self.stage.book[who]

    def price(self, symbol: str) -> int:
        """An asset's price; 0 where there is none."""
        try:
            price: int = self.stage.market.oracle.price_of(self.assets[symbol])
        except Revert:
            return 0
        return price

    def within_news(self, symbol: str, price: int) -> int:
        """A price within a factor of fifty of the present one, where there is one."""
        present = self.price(symbol)
        return max(1, min(max(price, -(-present // 50)), present * 50) if present > 0 else price)

    def unit(self, symbol: str) -> int:
        """One whole token."""
        return int(10 ** (self.reserves[symbol].configuration >> 48 & 0xFF))

    def supplied(self, symbol: str, who: str) -> int:
        """Somebody's aTokens, about."""
        shares: int = self.a_tokens[symbol].scaled_balances[self.where(who)]
        return shares * self.pool.income_of(self.assets[symbol]) // RAY if shares else 0

    def owed(self, symbol: str, who: str) -> int:
        """Somebody's debt."""
        shares: int = self.debt_tokens[symbol].scaled_balances[self.where(who)]
        return -(-shares * self.pool.debt_index_of(self.assets[symbol]) // RAY) if shares else 0

    def held_by(self, who: str, *, debt: bool = False) -> list[str]:
        """The assets somebody supplies or owes."""
        tokens = self.debt_tokens if debt else self.a_tokens
        where = self.where(who)
        return [symbol for symbol in self.symbols if tokens[symbol].scaled_balances[where]]

    def account(self, who: str) -> tuple[int, ...]:
        """Collateral, debt, available borrows, threshold, LTV, health factor; zeros where there is no price."""
        try:
            return tuple(self.pool.get_user_account_data(self.where(who)))
        except Revert:
            return (0, 0, 0, 0, 0, EVERYTHING)

    def amount_for(self, symbol: str, base: int) -> int:
        """How much of an asset some base currency is."""
        return base * self.unit(symbol) // max(1, self.price(symbol))

    def borrowable(self, who: str) -> str:
        """Mostly an asset that somebody's category lets them borrow."""
        number = self.pool.users_e_mode[self.where(who)]
        if number == 0 or self.chance(0.1):
            return self.symbol()
        bitmap = self.pool.e_modes[number].borrowable_bitmap
        some = [symbol for symbol, reserve in self.reserves.items() if bitmap >> reserve.id & 1]
        return self.pick(some or self.symbols)

    def flagged(self, who: str) -> list[str]:
        """The assets somebody has as collateral."""
        word = self.pool.users_config[self.where(who)]
        return [symbol for symbol, reserve in self.reserves.items() if word >> 2 * reserve.id & 2]

    def with_tokens(self, who: str, symbol: str, amount: int, call: Action) -> Action:
        """A call, after a gift where the caller cannot pay for it."""
        if self.chain.contracts[self.assets[symbol]].balances[self.where(who)] >= amount:
            return call
        self.plot.appendleft(lambda _: call)
        return Action("admin", symbol, "mint", (who, 2 * amount))

    def debtors(self) -> list[str]:
        """Who owes anything."""
        return [who for who in self.people if self.held_by(who, debt=True)]

    def unhealthy(self) -> list[str]:
        """Who can be liquidated."""
        return [who for who in self.debtors() if self.account(who)[5] < WAD]


# --- lending --------------------------------------------------------------------------------------------------------


def supply(a: Adversary) -> Action:
    """Supply, mostly for oneself."""
    who, symbol = a.person(), a.symbol()
    amount = a.amount_for(symbol, int(10 ** (8 + 7 * a.rng.random())))
    if a.chance(0.15):
        amount = a.pick((0, 1, 2, 3, amount + 1, 10**6, 2**120))
    beneficiary = who if a.chance(0.85) else a.pick((*a.people, "umbrella", f"a{symbol}", RECEIVER))
    call = Action(who, "pool", a.pick(("supply", "supply", "deposit")), (symbol, amount, beneficiary, 0))
    return a.with_tokens(who, symbol, amount, call) if amount < 2**110 else call


def withdraw(a: Adversary) -> Action | None:
    """Withdraw around the balance or the liquidity."""
    who = a.person()
    held = a.held_by(who)
    symbol = a.pick(held) if held and a.chance(0.95) else a.symbol()
    limit = a.supplied(symbol, who)
    if a.chance(0.3):
        limit = min(limit, a.reserves[symbol].virtual_underlying_balance)
    to = who if a.chance(0.9) else a.pick((*a.people, f"a{symbol}", RECEIVER, "nobody"))
    return Action(who, "pool", "withdraw", (symbol, EVERYTHING if a.chance(0.2) else a.near(limit), to))


def borrow(a: Adversary) -> Action | None:
    """Borrow around the limit, one's own or a delegator's."""
    debtor = a.person()
    available, symbol = a.account(debtor)[2], a.borrowable(debtor)
    if available == 0 and a.chance(0.8):
        return enough_collateral(a, debtor)
    limit = min(a.amount_for(symbol, available), a.reserves[symbol].virtual_underlying_balance)
    amount = limit if a.chance(0.25) else a.near(limit) if a.chance(0.6) else int(limit * a.rng.random() * 0.5)
    who = debtor
    if a.chance(0.12):
        who = a.person()
        if who != debtor and a.chance(0.8):
            target = f"debt{symbol}"
            a.plot.append(lambda _: Action(who, "pool", "borrow", (symbol, amount, VARIABLE, 0, debtor)))
            return Action(debtor, target, "approveDelegation", (who, a.near(amount)))
    mode = VARIABLE if a.chance(0.98) else a.pick((0, 1, 3))
    return Action(who, "pool", "borrow", (symbol, amount, mode, 0, debtor))


def enough_collateral(a: Adversary, who: str) -> Action:
    """Somebody who cannot borrow supplies, switches collateral on, or leaves the category."""
    roll = a.rng.random()
    if roll < 0.15:
        return Action(who, "pool", "setUserEMode", (0,))
    held = a.held_by(who)
    if held and roll < 0.4:
        return Action(who, "pool", "setUserUseReserveAsCollateral", (a.pick(held), True))
    symbol = a.symbol()
    return Action(who, "pool", "supply", (symbol, a.amount_for(symbol, int(10 ** (9 + 5 * a.rng.random()))), who, 0))


def repay(a: Adversary) -> Action | None:
    """Repay around the debt, one's own or another's."""
    debtor = a.person()
    owed = a.held_by(debtor, debt=True)
    symbol = a.pick(owed) if owed and a.chance(0.95) else a.symbol()
    who = debtor if a.chance(0.8) else a.person()
    return Action(who, "pool", "repay", (symbol, a.near(a.owed(symbol, debtor)), VARIABLE, debtor))


def repay_with_a_tokens(a: Adversary) -> Action | None:
    """Burn aTokens against debt."""
    who = a.person()
    both = [symbol for symbol in a.held_by(who, debt=True) if a.supplied(symbol, who)]
    if not both and a.chance(0.9):
        return None
    symbol = a.pick(both) if both else a.symbol()
    limit = min(a.owed(symbol, who), a.supplied(symbol, who))
    return Action(who, "pool", "repayWithATokens", (symbol, a.near(limit), VARIABLE))


def use_as_collateral(a: Adversary) -> Action:
    """Enable or disable collateral, now and then as somebody's manager."""
    who = a.person()
    held = a.held_by(who)
    symbol = a.pick(held) if held and a.chance(0.95) else a.symbol()
    if a.chance(0.15):
        return Action(a.person(), "pool", "setUserUseReserveAsCollateralOnBehalfOf", (symbol, a.chance(0.5), who))
    return Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, a.chance(0.6)))


def set_e_mode(a: Adversary) -> Action:
    """Enter, change or leave a category, now and then as somebody's manager."""
    category = a.pick((0, 0, 1, 1, 2, 2, 3, 4, 4, 5))
    if a.chance(0.15):
        return Action(a.person(), "pool", "setUserEModeOnBehalfOf", (category, a.person()))
    return Action(a.person(), "pool", "setUserEMode", (category,))


def e_mode_position(a: Adversary) -> Action:
    """Somebody empties their position, enters a category and borrows to its limit against its collateral."""
    who = a.person()
    number, collateral, debt = a.pick(
        (
            (1, "WETH", "WSTETH"),
            (1, "WSTETH", "WETH"),
            (2, "USDC", "GUSD"),
            (3, "WSTETH", "USDC"),
            (4, "GUSD", "WETH"),
            (4, "GUSD", "LINK"),
        )
    )
    if collateral not in a.symbols or debt not in a.symbols:
        return supply(a)
    for symbol in a.held_by(who, debt=True):
        a.plot.append(always(Action(who, "pool", "repay", (symbol, EVERYTHING, VARIABLE, who))))
    for symbol in a.held_by(who):
        a.plot.append(always(Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, False))))
    a.plot.append(lambda _: Action(who, "pool", "setUserEMode", (number,)))
    worth = int(10 ** (10 + 4 * a.rng.random()))
    a.plot.append(lambda b: Action(who, "pool", "supply", (collateral, b.amount_for(collateral, worth), who, 0)))
    a.plot.append(lambda _: Action(who, "pool", "setUserUseReserveAsCollateral", (collateral, True)))
    a.plot.append(lambda b: to_the_limit(b, who, debt))
    if a.chance(0.6):
        a.plot.append(lambda b: push_under(b, who, a.pick((0.999, 0.98, 0.9, 0.5))))
        a.plot.extend([liquidate] * a.rng.randrange(1, 4))
    return Action.wait(a.pick((1, 12, 3600)))


def to_the_limit(a: Adversary, who: str, symbol: str) -> Action:
    """Borrow all that the account data say is available, or a base unit more or less."""
    available = a.account(who)[2]
    if available < 100:
        return enough_collateral(a, who)
    base = available + a.pick((0, 0, -1, 1, -2))
    amount = max(1, min(a.amount_for(symbol, max(0, base)), a.reserves[symbol].virtual_underlying_balance))
    return Action(who, "pool", "borrow", (symbol, amount, VARIABLE, 0, who))


def transfer(a: Adversary) -> Action | None:
    """Send aTokens, to others, oneself, contracts."""
    who = a.person()
    held = a.held_by(who)
    if not held:
        return None
    symbol = a.pick(held)
    to = a.pick((*a.people, *a.people, who, "umbrella", f"a{symbol}", "treasury", "nobody"))
    amount = a.near(a.supplied(symbol, who))
    if a.chance(0.25):
        spender = a.person()
        if a.chance(0.7):
            call = Action(spender, f"a{symbol}", "transferFrom", (who, to, amount))
            a.plot.append(lambda _: call)
            return Action(who, f"a{symbol}", "approve", (spender, a.near(amount)))
        return Action(spender, f"a{symbol}", "transferFrom", (who, to, amount))
    return Action(who, f"a{symbol}", "transfer", (to, amount))


def manage(a: Adversary) -> Action:
    """Appoint, dismiss or renounce a position manager."""
    if a.chance(0.3):
        return Action(a.person(), "pool", "renouncePositionManagerRole", (a.person(),))
    return Action(a.person(), "pool", "approvePositionManager", (a.person(), a.chance(0.8)))


def donate(a: Adversary) -> Action:
    """Send underlying to the aToken, to the pool, or to somebody."""
    symbol = a.symbol()
    amount = a.amount_for(symbol, int(10 ** (14 * a.rng.random()))) + 1
    return Action(a.person(), symbol, "transfer", (a.pick((f"a{symbol}", f"a{symbol}", "pool", a.person())), amount))


# --- liquidation and bad debt ---------------------------------------------------------------------------------------


def liquidate(a: Adversary) -> Action | None:
    """Liquidate somebody who can be, now and then somebody who cannot."""
    unhealthy = a.unhealthy()
    if not unhealthy and a.chance(0.95):
        return None
    borrower = a.pick(unhealthy) if unhealthy else a.person()
    collateral, debts = a.flagged(borrower), a.held_by(borrower, debt=True)
    if a.chance(0.03):
        collateral = a.held_by(borrower)
    if not collateral or not debts:
        return None
    debt = a.pick(debts)
    both = [symbol for symbol in debts if symbol in collateral]
    seized = a.pick(both) if both and a.chance(0.4) else a.pick(collateral)
    if both and a.chance(0.3):
        debt = seized = a.pick(both)
    amount = EVERYTHING if a.chance(0.45) else a.near(a.owed(debt, borrower))
    who = a.pick([person for person in a.people if person != borrower]) if a.chance(0.98) else borrower
    call = Action(who, "pool", "liquidationCall", (seized, debt, borrower, amount, a.chance(0.45)))
    return a.with_tokens(who, debt, min(amount, a.owed(debt, borrower)), call)


def squeeze(a: Adversary) -> Action | None:
    """Somebody borrows to the limit; then a price moves until the position can be liquidated."""
    who = a.person()
    symbol = a.borrowable(who)
    if a.chance(0.4):
        worth = int(10 ** (9 + 5 * a.rng.random()))
        collateral = a.symbol()
        a.plot.append(lambda b: Action(who, "pool", "supply", (collateral, b.amount_for(collateral, worth), who, 0)))
        if a.chance(0.4):
            a.plot.append(lambda b: to_the_limit(b, who, collateral))
    a.plot.append(lambda b: to_the_limit(b, who, symbol))
    if a.chance(0.3):
        a.plot.append(lambda _: Action.wait(a.rng.randrange(1, 60 * DAY)))
    a.plot.append(lambda b: push_under(b, who, b.pick((0.999, 0.97, 0.94, 0.8, 0.5, 0.05))))
    a.plot.extend([liquidate] * a.rng.randrange(1, 5))
    if a.chance(0.5):
        a.plot.append(calm_down)
    return a.plot.popleft()(a)


def push_under(a: Adversary, who: str, target: float) -> Action | None:
    """Lower the price of one of somebody's collaterals so that the HF becomes about `target`."""
    health = a.account(who)[5]
    held = [symbol for symbol in a.held_by(who) if a.price(symbol) > 0]
    if not held or health >= 10 * WAD:
        return None
    owed = a.held_by(who, debt=True)
    only = [symbol for symbol in held if symbol not in owed]
    symbol = a.pick(only or held)
    price = a.price(symbol) * int(target * 10**6) * WAD // (10**6 * max(1, health))
    return Action.price(symbol, a.within_news(symbol, min(price, a.start_prices[symbol] * 20)))


def calm_down(a: Adversary) -> Action | None:
    """A price returns to where it began."""
    away = [symbol for symbol in a.symbols if a.price(symbol) != a.start_prices[symbol]]
    if not away:
        return None
    symbol = a.pick(away)
    return Action.price(symbol, a.within_news(symbol, a.start_prices[symbol]))


def move_price(a: Adversary) -> Action:
    """A price moves by some percent, now and then to nothing."""
    symbol = a.symbol()
    if a.chance(0.02):
        a.plot.extend([_any_user_call] * 3)
        a.plot.append(lambda b: Action.price(symbol, b.start_prices[symbol]))
        return Action.price(symbol, a.pick((0, 0, -1)))
    if a.chance(0.4):
        return calm_down(a) or Action.wait(1)
    if a.price(symbol) == 0:
        return Action.wait(1)
    factor = a.rng.randrange(600, 1500)
    wanted = max(1, a.price(symbol) * factor // 1000)
    start = a.start_prices[symbol]
    return Action.price(symbol, a.within_news(symbol, min(max(wanted, start // 20), start * 20)))


def _any_user_call(a: Adversary) -> Action | None:
    return a.pick(USER_MAKERS)(a)


def cover(a: Adversary) -> Action | None:
    """The umbrella, or somebody else, covers a deficit."""
    short = [symbol for symbol, reserve in a.reserves.items() if reserve.deficit]
    if not short and a.chance(0.9):
        return None
    symbol = a.pick(short) if short else a.symbol()
    amount = a.near(a.reserves[symbol].deficit)
    who = "umbrella" if a.chance(0.95) else a.person()
    if a.supplied(symbol, "umbrella") < amount < 2**100 and a.chance(0.8):
        call = Action(who, "pool", "eliminateReserveDeficit", (symbol, amount))
        a.plot.append(lambda _: call)
        return Action("umbrella", "pool", "supply", (symbol, amount + a.pick((0, 1, 2)), "umbrella", 0))
    return Action(who, "pool", "eliminateReserveDeficit", (symbol, amount))


def mint_to_treasury(a: Adversary) -> Action:
    """Mint what has accrued, for some assets, now and then twice."""
    some = [a.symbol() for _ in range(a.rng.randrange(1, 4))]
    return Action(a.person(), "pool", "mintToTreasury", (tuple(some),))


# --- flash loans ----------------------------------------------------------------------------------------------------


def flash_loan_simple(a: Adversary) -> Action:
    """Lend an asset for an instant, in which the receiver may do anything."""
    symbol = a.symbol()
    amount = a.near(a.reserves[symbol].virtual_underlying_balance) if a.chance(0.5) else a.unit(symbol)
    inside = _inside(a, symbol) if a.chance(0.6) else ()
    return Action(a.person(), "pool", "flashLoanSimple", (RECEIVER, symbol, amount, b"", 0), inside)


def flash_loan(a: Adversary) -> Action:
    """Lend several assets, some kept as debt."""
    symbols = a.rng.sample(a.symbols, a.rng.randrange(1, min(4, len(a.symbols) + 1)))
    if a.chance(0.05):
        symbols.append(symbols[0])
    who = a.person()
    modes = tuple(0 if a.chance(0.75) else VARIABLE for _ in symbols)
    limit = a.account(who)[2] // (2 * len(symbols))
    amounts = tuple(
        int(a.reserves[symbol].virtual_underlying_balance * a.rng.random())
        if mode == 0
        else min(a.near(a.amount_for(symbol, limit)), a.reserves[symbol].virtual_underlying_balance)
        for symbol, mode in zip(symbols, modes, strict=True)
    )
    inside = _inside(a, symbols[0]) if a.chance(0.5) else ()
    return Action(who, "pool", "flashLoan", (RECEIVER, tuple(symbols), amounts, modes, who, b"", 0), inside)


def _inside(a: Adversary, symbol: str) -> tuple[Action, ...]:
    """What a receiver does before it pays back: use the same reserve, the pool at large, or the tokens."""
    unit = a.unit(symbol)
    amount = a.rng.randrange(1, 100 * unit)
    own = (
        Action(RECEIVER, "pool", "supply", (symbol, amount, RECEIVER, 0)),
        Action(RECEIVER, "pool", "withdraw", (symbol, a.pick((amount, EVERYTHING, 1)), RECEIVER)),
        Action(RECEIVER, "pool", "borrow", (symbol, amount // 4, VARIABLE, 0, RECEIVER)),
        Action(RECEIVER, "pool", "repay", (symbol, EVERYTHING, VARIABLE, RECEIVER)),
        Action(RECEIVER, symbol, "transfer", (f"a{symbol}", amount)),
        Action(RECEIVER, "pool", "mintToTreasury", ((symbol,),)),
        Action(RECEIVER, "pool", "flashLoanSimple", (RECEIVER, a.symbol(), amount, b"", 0)),
        Action(RECEIVER, f"a{symbol}", "transfer", (a.person(), 1)),
    )
    actions: list[Action] = []
    for _ in range(a.rng.randrange(1, 4)):
        other = _any_user_call(a) if a.chance(0.3) else None
        actions.append(other if other is not None and other.target == "pool" else a.pick(own))
    return tuple(actions)


# --- time, governance, hostility ------------------------------------------------------------------------------------


def wait(a: Adversary) -> Action:
    """A block, an hour, a day, rarely a year."""
    roll = a.rng.random()
    if roll < 0.6:
        return Action.wait(a.pick((1, 2, 12, 12, 12, 24)))
    if roll < 0.9:
        return Action.wait(a.rng.randrange(1, DAY))
    if roll < 0.99:
        return Action.wait(a.rng.randrange(DAY, 20 * DAY))
    return Action.wait(a.rng.randrange(20 * DAY, 365 * DAY))


def govern(a: Adversary) -> Action:
    """The admin, or now and then somebody without a role, changes a setting."""
    who = "admin" if a.chance(0.95) else a.person()
    function, arguments = a.pick(SETTINGS)(a)
    return Action(who, "configurator", function, arguments)


Setting = tuple[str, tuple[Any, ...]]


def _freeze(a: Adversary) -> Setting:
    symbol = a.symbol()
    frozen = bool(a.reserves[symbol].configuration >> 57 & 1)
    freeze = not frozen if a.chance(0.95) else frozen
    if freeze:
        a.plot.append(lambda _: _any_user_call(a))
        a.plot.append(lambda _: Action("admin", "configurator", "setReserveFreeze", (symbol, False)))
        a.plot.append(lambda _: Action("admin", "configurator", "setReserveLtvzero", (symbol, False)))
    return "setReserveFreeze", (symbol, freeze)


def _pause(a: Adversary) -> Setting:
    symbol = a.symbol()
    grace = a.pick((0, 0, 1, 3600, 14_400, 14_401))
    a.plot.extend([_any_user_call] * a.rng.randrange(4))
    a.plot.append(lambda _: Action("admin", "configurator", "setReservePause", (symbol, False, grace)))
    a.plot.extend([liquidate] * a.rng.randrange(2))
    return "setReservePause", (symbol, True, 0)


def _ltv_zero(a: Adversary) -> Setting:
    symbol = a.symbol()
    a.plot.extend([_any_user_call] * a.rng.randrange(4))
    a.plot.append(lambda _: Action("admin", "configurator", "setReserveLtvzero", (symbol, False)))
    return "setReserveLtvzero", (symbol, True)


def _ltv_zero_in_category(a: Adversary) -> Setting:
    symbol, number, on = a.symbol(), a.rng.randrange(1, 5), a.chance(0.5)
    if on:
        a.plot.extend([_any_user_call] * a.rng.randrange(4))
        a.plot.append(lambda _: Action("admin", "configurator", "setAssetLtvzeroInEMode", (symbol, number, False)))
    return "setAssetLtvzeroInEMode", (symbol, number, on)


def _caps(a: Adversary) -> Setting:
    symbol = a.symbol()
    token = a.pick((a.a_tokens, a.debt_tokens))[symbol]
    total = token.total_supply() // a.unit(symbol)
    function = "setSupplyCap" if token is a.a_tokens[symbol] else "setBorrowCap"
    a.plot.extend([_any_user_call] * a.rng.randrange(4))
    if a.chance(0.6):
        a.plot.append(lambda _: at_the_cap(a, symbol, supply_side=function == "setSupplyCap"))
    a.plot.append(lambda _: Action("admin", "configurator", function, (symbol, 0)))
    return function, (symbol, a.pick((total, total + 1, total - 1, total + 10, 1, 2**36)) if total else 1)


def at_the_cap(a: Adversary, symbol: str, *, supply_side: bool) -> Action | None:
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


def _collateral_parameters(a: Adversary) -> Setting:
    symbol = a.symbol()
    config = a.reserves[symbol].configuration
    threshold, bonus = config >> 16 & 0xFFFF, config >> 32 & 0xFFFF
    if threshold == 0 and a.chance(0.9):
        return "setReserveBorrowing", (symbol, True)
    threshold = min(9000, max(1000, threshold + a.rng.randrange(-200, 200)))
    ltv = a.pick((0, threshold, threshold - 300, threshold + 1, config & 0xFFFF))
    return "configureReserveAsCollateral", (symbol, ltv, threshold, a.pick((bonus, 10500, 10100, 11000, 10000)))


def _rates(a: Adversary) -> Setting:
    optimal = a.rng.randrange(100, 9901)
    slope1 = a.rng.randrange(0, 2000)
    slope2 = slope1 + a.rng.randrange(0, 30_000)
    data = b"".join(value.to_bytes(32, "big") for value in (optimal, a.rng.randrange(0, 300), slope1, slope2))
    return "setReserveInterestRateData", (a.symbol(), data)


def _category(a: Adversary) -> Setting:
    number, threshold = a.rng.randrange(1, 6), a.rng.randrange(8000, 9600)
    parameters: tuple[Any, ...] = (
        number,
        threshold - a.rng.randrange(0, 300),
        threshold,
        a.rng.randrange(10000, 10400),
    )
    isolated = (a.chance(0.3),) if a.chain.revision.isolated_e_modes else ()
    return "setEModeCategory", (*parameters, "changed", *isolated)


def _list_spare(a: Adversary) -> Setting:
    """List the spare token, with a price and a first supply; a second listing is refused."""
    if release(a.chain.revision.name) < (3, 4):  # its listings name a strategy each
        return "setPoolPause", (False,)
    price = a.pick(a.symbols)
    rates = b"".join(value.to_bytes(32, "big") for value in (8000, 0, 400, 20_000))
    listing = ("aToken code", "debtToken code", SPARE, "Spare", "aSPARE", "Spare debt", "debtSPARE", b"", rates)
    a.plot.append(lambda _: Action("admin", "oracle", "setAssetSources", ((SPARE,), (f"{price} feed",))))
    a.plot.append(lambda b: b.with_tokens(b.people[0], SPARE, 1, approve_spare(b)) if SPARE in b.symbols else None)
    return "initReserves", ((listing,),)


def approve_spare(a: Adversary) -> Action:
    """The first person lets the pool move the spare token."""
    return Action(a.people[0], SPARE, "approve", ("pool", EVERYTHING))


SETTINGS: tuple[Callable[[Adversary], Setting], ...] = (
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


def attack(a: Adversary) -> Action:
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


USER_MAKERS: tuple[Maker, ...] = (
    supply,
    withdraw,
    withdraw,
    borrow,
    borrow,
    repay,
    repay_with_a_tokens,
    use_as_collateral,
    set_e_mode,
    transfer,
)

_WEIGHTED: tuple[tuple[Maker, float], ...] = (
    (supply, 11),
    (withdraw, 11),
    (borrow, 14),
    (repay, 8),
    (repay_with_a_tokens, 4),
    (use_as_collateral, 5),
    (set_e_mode, 3),
    (e_mode_position, 1),
    (transfer, 7),
    (manage, 1),
    (donate, 2),
    (liquidate, 6),
    (squeeze, 3),
    (move_price, 4),
    (cover, 2),
    (mint_to_treasury, 2),
    (flash_loan_simple, 3),
    (flash_loan, 2),
    (wait, 16),
    (govern, 5),
    (attack, 1),
)
MAKERS = tuple(maker for maker, _ in _WEIGHTED)
WEIGHTS = tuple(sum(weight for _, weight in _WEIGHTED[: index + 1]) for index in range(len(_WEIGHTED)))
