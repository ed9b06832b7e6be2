"""Random histories that reach into every corner of the protocol, seeded and fast: what the mutants are hunted with.

Nothing here knows a mutant. A walk makes the calls that anybody can make, at amounts on the edges, and brings positions
to the brink of liquidation and reserves to the brink of their caps, because that is where any fault shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from pooltwin.protocol.errors import Revert
from pooltwin.protocol.models import MarketConfig

from .action import Action, Stage
from .mutant_market import governance
from .reference import EVERYTHING, RAY

VARIABLE = 2
PEOPLE = ("alice", "bob", "carol", "dave", "erin")
_EXTREMES = (0, 1, 2, 3, 10**6, 2**64, 2**120 - 1, 2**120, 2**127, 2**128, EVERYTHING - 1, EVERYTHING)
_PARTS = ((1, 1), (1, 1), (1, 1), (1, 2), (9, 10), (1, 3), (1, 10), (1, 1_000), (1, 10**6), (1, 10**9), (2, 1))
_NUDGES = (0, 0, 0, 0, 1, -1, 2, -2)


class Walk:
    """An endless source of actions that fit the market as it stands."""

    def __init__(self, stage: Stage, config: MarketConfig, rng: Random) -> None:
        self.stage = stage
        self.rng = rng
        self.market = stage.market
        self.pool: Any = stage.market.pool
        self.symbols = [reserve.symbol for reserve in config.reserves]
        self.categories = [category.id for category in config.e_modes]
        self.assets = {symbol: stage.address_of(symbol) for symbol in self.symbols}
        self.listed_price = {reserve.symbol: reserve.price for reserve in config.reserves}
        makers = [(weight, maker) for maker, weight in _MAKERS.items()]
        self._weights = [weight for weight, _ in makers]
        self._makers = [maker for _, maker in makers]

    def actions(self) -> Iterator[Action]:
        """Actions without end; each is to be performed before the next is asked for."""
        while True:
            yield from self.rng.choices(self._makers, self._weights)[0](self)

    # --- looking ----------------------------------------------------------------------------------------------------

    def token(self, symbol: str) -> Any:
        """The underlying."""
        return self.stage.chain.at(self.assets[symbol])

    def reserve(self, symbol: str) -> Any:
        """The stored reserve."""
        return self.pool.reserves[self.assets[symbol]]

    def shares(self, symbol: str, who: str) -> int:
        """Scaled supply of a person."""
        token = self.stage.chain.at(self.reserve(symbol).a_token)
        return int(token.scaled_balances[self.stage.address_of(who)])

    def supplied(self, symbol: str, who: str) -> int:
        """Supply of a person."""
        return self.shares(symbol, who) * int(self.pool.income_of(self.assets[symbol])) // RAY

    def owed(self, symbol: str, who: str) -> int:
        """Debt of a person."""
        token = self.stage.chain.at(self.reserve(symbol).variable_debt_token)
        shares = token.scaled_balances[self.stage.address_of(who)]
        return -(-shares * int(self.pool.debt_index_of(self.assets[symbol])) // RAY)

    def wallet(self, symbol: str, who: str) -> int:
        """Underlying of a person."""
        return int(self.token(symbol).balances[self.stage.address_of(who)])

    def price(self, symbol: str) -> int:
        """The feed's answer."""
        return int(self.market.price_feed(symbol).answer)

    def unit(self, symbol: str) -> int:
        """One whole token."""
        return int(10 ** self.token(symbol).token_decimals)

    def account(self, who: str) -> Any:
        """The pool's view of a person; None without prices."""
        try:
            return self.pool.get_user_account_data(self.stage.address_of(who))
        except Revert:
            return None

    def credit(self, symbol: str, who: str) -> int:
        """What a person may borrow of an asset."""
        account, price = self.account(who), self.price(symbol)
        return account.available_borrows_base * self.unit(symbol) // price if account and price > 0 else 0

    def flags(self, who: str) -> int:
        """Borrow and collateral bits of a person."""
        return int(self.pool.users_config[self.stage.address_of(who)])

    # --- choosing ---------------------------------------------------------------------------------------------------

    def somebody(self) -> str:
        """Anybody."""
        return self.rng.choice(PEOPLE)

    def somebody_but(self, who: str) -> str:
        """Anybody else."""
        return self.rng.choice([name for name in PEOPLE if name != who])

    def asset(self) -> str:
        """Any asset."""
        return self.rng.choice(self.symbols)

    def about(self, amount: int) -> int:
        """An amount at, near, or a part of another; sometimes an extreme."""
        if self.rng.random() < 0.06:
            return self.rng.choice(_EXTREMES)
        numerator, denominator = self.rng.choice(_PARTS)
        return min(EVERYTHING, max(0, amount * numerator // denominator + self.rng.choice(_NUDGES)))

    def _pairs(self, measure: Callable[[str, str], int]) -> list[tuple[str, str]]:
        return [(who, symbol) for who in PEOPLE for symbol in self.symbols if measure(symbol, who)]

    def lender(self) -> tuple[str, str]:
        """Somebody with a supply, and of what."""
        return self.rng.choice(self._pairs(self.shares) or [(self.somebody(), self.asset())])

    def debtor(self) -> tuple[str, str]:
        """Somebody with a debt, and of what."""
        return self.rng.choice(self._pairs(self.owed) or [(self.somebody(), self.asset())])

    def collateral_of(self, who: str) -> str:
        """Something a person has put up; mostly what matters most."""
        flags = self.flags(who)
        found = [symbol for symbol in self.symbols if flags >> (2 * self.reserve(symbol).id) & 2]
        return self.rng.choice(found) if found else self.asset()

    def unhealthy(self) -> list[str]:
        """Everybody who could be liquidated."""
        found = []
        for who in PEOPLE:
            account = self.account(who) if self.flags(who) else None
            if account and account.health_factor < 10**18:
                found.append(who)
        return found

    # --- lending ----------------------------------------------------------------------------------------------------

    def supply(self) -> Iterator[Action]:
        """For oneself or another; often to the cap's last unit."""
        who, symbol = self.somebody(), self.asset()
        amount = self.about(self.rng.choice((self.unit(symbol) * 100, self.wallet(symbol, who), self._share(symbol))))
        if self.rng.random() < 0.15:
            amount = self._room_under_supply_cap(symbol) + self.rng.choice((0, 0, 1, -1))
        whom = who if self.rng.random() < 0.8 else self.somebody()
        yield _pool(who, "supply", symbol, max(0, amount), whom, 0)

    def _share(self, symbol: str) -> int:
        return -(-int(self.pool.income_of(self.assets[symbol])) // RAY)

    def _room_under_supply_cap(self, symbol: str) -> int:
        reserve = self.reserve(symbol)
        token = self.stage.chain.at(reserve.a_token)
        cap = (reserve.configuration >> 116 & 0xFFFFFFFFF) * self.unit(symbol)
        claims = (token.scaled_supply + reserve.accrued_to_treasury) * int(self.pool.income_of(self.assets[symbol]))
        return max(0, cap - claims // RAY)

    def withdraw(self) -> Iterator[Action]:
        """A part, all, or all the pool has."""
        who, symbol = self.lender()
        have, there = self.supplied(symbol, who), self.reserve(symbol).virtual_underlying_balance
        amount = self.rng.choice((self.about(have), self.about(have), self.about(min(have, there)), EVERYTHING))
        yield _pool(who, "withdraw", symbol, amount, self.rng.choice((who, who, self.somebody(), f"a{symbol}")))

    def transfer(self) -> Iterator[Action]:
        """aTokens, to another or to oneself, with an allowance or without."""
        who, symbol = self.lender()
        amount, to = self.about(self.supplied(symbol, who)), self.somebody()
        if self.rng.random() < 0.6:
            yield Action(who, f"a{symbol}", "transfer", (to, amount))
            return
        spender = self.somebody_but(who)
        allowance = self.rng.choice((amount, amount + 1, EVERYTHING, max(0, amount - 1), 2 * amount))
        yield Action(who, f"a{symbol}", "approve", (spender, min(EVERYTHING, allowance)))
        yield Action(spender, f"a{symbol}", "transferFrom", (who, to, amount))

    # --- borrowing --------------------------------------------------------------------------------------------------

    def borrow(self) -> Iterator[Action]:
        """Up to the credit, the liquidity or the cap."""
        who, symbol = self.somebody(), self.asset()
        there = self.reserve(symbol).virtual_underlying_balance
        credit = self.credit(symbol, who)
        amount = self.rng.choice((self.about(credit), self.about(min(credit, there)), self.about(there), credit // 2))
        if self.rng.random() < 0.05:
            amount = self._room_under_borrow_cap(symbol) + self.rng.choice((0, 1))
        yield _pool(who, "borrow", symbol, amount, VARIABLE, 0, who)

    def _room_under_borrow_cap(self, symbol: str) -> int:
        reserve = self.reserve(symbol)
        cap = (reserve.configuration >> 80 & 0xFFFFFFFFF) * self.unit(symbol)
        shares = self.stage.chain.at(reserve.variable_debt_token).scaled_supply
        return max(0, cap - -(-shares * int(self.pool.debt_index_of(self.assets[symbol])) // RAY))

    def borrow_for(self) -> Iterator[Action]:
        """In another's name, with a delegation of about the amount."""
        debtor, symbol = self.somebody(), self.asset()
        who, amount = self.somebody_but(debtor), self.about(self.credit(symbol, debtor) // 2)
        if self.rng.random() < 0.8:
            delegated = self.rng.choice((amount, amount, amount + 1, 2 * amount, max(0, amount - 1)))
            yield Action(debtor, f"debt{symbol}", "approveDelegation", (who, min(EVERYTHING, delegated)))
        yield _pool(who, "borrow", symbol, amount, VARIABLE, 0, debtor)

    def repay(self) -> Iterator[Action]:
        """One's own or another's debt, with tokens or aTokens."""
        debtor, symbol = self.debtor()
        amount = self.rng.choice((self.about(self.owed(symbol, debtor)), EVERYTHING))
        kind = self.rng.random()
        if kind < 0.6:
            yield _pool(debtor, "repay", symbol, amount, VARIABLE, debtor)
        elif kind < 0.75:
            yield _pool(self.somebody_but(debtor), "repay", symbol, amount, VARIABLE, debtor)
        else:
            if not self.shares(symbol, debtor):
                yield _pool(debtor, "supply", symbol, self.wallet(symbol, debtor) // 4, debtor, 0)
            yield _pool(debtor, "repayWithATokens", symbol, amount, VARIABLE)

    def dust(self) -> Iterator[Action]:
        """Leave a unit or two of a debt or a supply."""
        left = self.rng.choice((1, 2, 3))
        if self.rng.random() < 0.5:
            debtor, symbol = self.debtor()
            yield _pool(debtor, "repay", symbol, max(0, self.owed(symbol, debtor) - left), VARIABLE, debtor)
        else:
            who, symbol = self.lender()
            yield _pool(who, "withdraw", symbol, max(0, self.supplied(symbol, who) - left), who)

    # --- positions --------------------------------------------------------------------------------------------------

    def collateral(self) -> Iterator[Action]:
        """Switch a supply on or off as collateral, as oneself or as a manager."""
        who, symbol = self.lender()
        if self.rng.random() < 0.15:
            symbol = self.asset()
        on = self.rng.random() < 0.6
        if self.rng.random() < 0.8:
            yield _pool(who, "setUserUseReserveAsCollateral", symbol, on)
            return
        manager = self.somebody_but(who)
        yield _pool(who, "approvePositionManager", manager, self.rng.random() < 0.6)
        yield _pool(manager, "setUserUseReserveAsCollateralOnBehalfOf", symbol, on, who)

    def e_mode(self) -> Iterator[Action]:
        """Enter, change or leave a category; sometimes as a manager nobody appointed."""
        who, category = self.somebody(), self.rng.choice((*self.categories, 0))
        if self.rng.random() < 0.9:
            yield _pool(who, "setUserEMode", category)
        else:
            yield _pool(self.somebody_but(who), "setUserEModeOnBehalfOf", category, who)

    # --- liquidation ------------------------------------------------------------------------------------------------

    def brink(self) -> Iterator[Action]:
        """Bring a position's health to about one by the price of its collateral or of its debt."""
        who, owed = self.debtor()
        account = self.account(who)
        if not account or not 0 < account.health_factor < 2**200:
            return
        health = self.rng.choice((10**18, 10**18, 99 * 10**16, 96 * 10**16, 94 * 10**16, 80 * 10**16))
        if self.rng.random() < 0.5:
            symbol = self.collateral_of(who)
            price = self.price(symbol) * health // account.health_factor
        else:
            symbol = owed
            price = self.price(symbol) * account.health_factor // health
        yield Action.price(symbol, min(10**20, max(1, price + self.rng.choice((0, 1, -1)))))
        if self.rng.random() < 0.7:
            yield from self.liquidate()

    def crash(self) -> Iterator[Action]:
        """A collateral loses most of its worth; whoever owes against it is liquidated to the end."""
        who, _ = self.debtor()
        symbol = self.collateral_of(who)
        yield Action.price(symbol, max(1, self.price(symbol) // self.rng.choice((2, 3, 10, 50))))
        for _ in range(self.rng.choice((1, 2, 3))):
            yield from self.liquidate(everything=True)
        yield Action.price(symbol, self.listed_price[symbol])

    def liquidate(self, everything: bool = False) -> Iterator[Action]:
        """Somebody unhealthy if there is anybody, else anybody; often the same asset on both sides."""
        victims = self.unhealthy()
        victim = self.rng.choice(victims) if victims else self.debtor()[0]
        debts = [symbol for symbol in self.symbols if self.owed(symbol, victim)] or [self.asset()]
        collateral, debt = self.collateral_of(victim), self.rng.choice(debts)
        if collateral not in debts and self.rng.random() < 0.1:
            collateral = self.asset()
        owed = self.owed(debt, victim)
        amount = EVERYTHING if everything or self.rng.random() < 0.4 else self.about(owed)
        who = self.somebody_but(victim) if self.rng.random() < 0.95 else victim
        yield _pool(who, "liquidationCall", collateral, debt, victim, amount, self.rng.random() < 0.35)

    def same_asset(self) -> Iterator[Action]:
        """A position with one asset on both sides, long silence, and a liquidation."""
        who, symbol = self.somebody(), self.asset()
        yield _pool(who, "supply", symbol, self.wallet(symbol, who) // 3, who, 0)
        yield _pool(who, "borrow", symbol, self.credit(symbol, who), VARIABLE, 0, who)
        yield Action.wait(self.rng.choice((86_400, 30 * 86_400, 365 * 86_400)))
        for victim in self.unhealthy():
            if self.owed(symbol, victim):
                amount = self.rng.choice((EVERYTHING, self.about(self.owed(symbol, victim))))
                liquidator = self.somebody_but(victim)
                yield _pool(liquidator, "liquidationCall", symbol, symbol, victim, amount, self.rng.random() < 0.3)

    def cover(self) -> Iterator[Action]:
        """The umbrella covers bad debt; sometimes somebody else tries."""
        bad = [symbol for symbol in self.symbols if self.reserve(symbol).deficit]
        symbol = self.rng.choice(bad or self.symbols)
        deficit = self.reserve(symbol).deficit
        who = "umbrella" if self.rng.random() < 0.85 else self.somebody()
        if self.rng.random() < 0.5:
            yield _pool(who, "supply", symbol, self.about(deficit), who, 0)
        amount = self.rng.choice((self.about(deficit), EVERYTHING, self.supplied(symbol, who)))
        yield _pool(who, "eliminateReserveDeficit", symbol, amount)

    # --- flash loans ------------------------------------------------------------------------------------------------

    def flash(self) -> Iterator[Action]:
        """One asset, with whatever the receiver does in between."""
        who, symbol = self.somebody(), self.asset()
        amount = self.about(self.reserve(symbol).virtual_underlying_balance)
        arguments = ("receiver", symbol, amount, b"", 0)
        yield Action(who, "pool", "flashLoanSimple", arguments, self._inside(symbol, amount))

    def _inside(self, symbol: str, amount: int) -> tuple[Action, ...]:
        options = (
            _pool("receiver", "supply", symbol, amount // 2, "receiver", 0),
            _pool("receiver", "borrow", self.asset(), amount // 1_000, VARIABLE, 0, "receiver"),
            _pool("receiver", "withdraw", symbol, EVERYTHING, "receiver"),
            _pool("receiver", "mintToTreasury", tuple(self.symbols)),
            _pool("receiver", "flashLoanSimple", "receiver", self.asset(), amount // 3, b"", 0),
        )
        return tuple(self.rng.sample(options, self.rng.choice((0, 0, 1, 2, 3))))

    def flash_many(self) -> Iterator[Action]:
        """Several assets, perhaps one twice, some turned into debt."""
        who = self.somebody()
        symbols = tuple(self.rng.choice(self.symbols) for _ in range(self.rng.choice((1, 2, 3))))
        modes = tuple(self.rng.choice((0, 0, VARIABLE)) for _ in symbols)
        amounts = tuple(
            self.about(self.credit(symbol, who) if mode else self.reserve(symbol).virtual_underlying_balance // 2)
            for symbol, mode in zip(symbols, modes, strict=True)
        )
        inside = self._inside(symbols[0], amounts[0])
        yield Action(who, "pool", "flashLoan", ("receiver", symbols, amounts, modes, who, b"", 0), inside)

    # --- the world --------------------------------------------------------------------------------------------------

    def wait(self) -> Iterator[Action]:
        """Seconds to years."""
        yield Action.wait(self.rng.choice((1, 1, 12, 3_600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400)))

    def move_price(self) -> Iterator[Action]:
        """A little, a lot, or back to where it was listed; rarely to nothing or below."""
        symbol, kind = self.asset(), self.rng.random()
        price = self.price(symbol)
        if kind < 0.5:
            price = price * self.rng.choice((99, 101, 95, 105, 80, 125, 50, 200)) // 100
        elif kind < 0.93:
            price = self.listed_price[symbol]
        else:
            yield Action.price(symbol, self.rng.choice((0, -1, -(10**8))))
            yield from self.borrow()
            price = self.listed_price[symbol]
        yield Action.price(symbol, min(10**20, max(1, price)))

    def donate(self) -> Iterator[Action]:
        """Underlying straight to the aToken."""
        who, symbol = self.somebody(), self.asset()
        yield Action(who, symbol, "transfer", (f"a{symbol}", min(self.wallet(symbol, who), self.unit(symbol))))

    def mint(self) -> Iterator[Action]:
        """The treasury's shares; sometimes a person tries the tokens' own functions."""
        kind, who, symbol = self.rng.random(), self.somebody(), self.asset()
        if kind < 0.7:
            yield _pool(who, "mintToTreasury", tuple(self.symbols))
        elif kind < 0.85:
            yield Action(who, f"a{symbol}", "mint", (who, who, self.unit(symbol), RAY))
        else:
            yield Action(who, f"debt{symbol}", "transfer", (self.somebody_but(who), self.owed(symbol, who)))

    def enrich(self) -> Iterator[Action]:
        """New money, sometimes absurdly much."""
        who, symbol = self.somebody(), self.asset()
        amount = self.unit(symbol) * 1_000 if self.rng.random() < 0.97 else 2**121
        yield Action(self.token(symbol).owner_address, symbol, "mint", (who, amount))
        if amount > 2**120:
            yield _pool(who, "supply", symbol, amount, who, 0)

    def govern(self) -> Iterator[Action]:
        """A change of parameters, mostly by the admin, mostly undone soon after."""
        symbol = self.asset()
        category = self.rng.choice(self.categories or [1])
        choices = governance(self, symbol, category)
        function, arguments, back = self.rng.choice(choices)
        sender = "admin" if self.rng.random() < 0.93 else self.somebody()
        yield Action(sender, "configurator", function, arguments)
        if back is not None:
            for _ in range(self.rng.choice((0, 1, 3, 6))):
                maker = self.rng.choice((Walk.supply, Walk.borrow, Walk.withdraw, Walk.liquidate, Walk.transfer))
                yield from maker(self)
            if function == "setReservePause":
                yield from self.brink()
            yield Action("admin", "configurator", function, back)
            if function == "setReservePause":
                yield from self.brink()
            if function == "setReserveFreeze":
                yield Action("admin", "configurator", "setReserveLtvzero", (symbol, False))
                yield Action("admin", "configurator", "setAssetLtvzeroInEMode", (symbol, category, False))


def _pool(who: str, function: str, *arguments: Any) -> Action:
    return Action(who, "pool", function, arguments)


_MAKERS: dict[Callable[[Walk], Iterator[Action]], int] = {
    Walk.supply: 14,
    Walk.withdraw: 9,
    Walk.borrow: 14,
    Walk.borrow_for: 4,
    Walk.repay: 9,
    Walk.dust: 3,
    Walk.transfer: 6,
    Walk.collateral: 5,
    Walk.e_mode: 5,
    Walk.brink: 8,
    Walk.crash: 3,
    Walk.liquidate: 5,
    Walk.same_asset: 2,
    Walk.cover: 3,
    Walk.flash: 4,
    Walk.flash_many: 3,
    Walk.wait: 8,
    Walk.move_price: 5,
    Walk.donate: 1,
    Walk.mint: 3,
    Walk.enrich: 2,
    Walk.govern: 5,
}
