"""The hand of an agent: everything it can do, with what came of it. Refusals are told, never raised."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.events.pool import LiquidationCall

from ..draws import Draws
from ..units import MAX_UINT, PRICE_UNIT
from ..venues.venue import NotEnoughDepthError
from .outcome import Liquidated, Outcome, Refusal
from .outside import Outside
from .record import Call, Funding, Note, Purchase, Sale
from .words import Attempt, refusal_of, shown

EVERYTHING = MAX_UINT
"""As the amount of a withdrawal, a repayment or a liquidation: all there is."""


class Hand:
    """Acts for one account. Assets are named by their keys; amounts are in the smallest unit."""

    def __init__(self, world: Outside, name: str, where: Address) -> None:
        """Act in a world under a name, which the draws follow from."""
        self.world, self.name, self.address = world, name, where
        self.draws = Draws(world.seed, name)
        """Chance of its own: nobody else's draws move these."""
        self.dollars = Fraction(0)
        """Dollars in the purse, from sales and from outside."""
        self.changed = False
        """Has it changed the pool since its act began?"""
        self._approved: set[str] = set()

    # --- reading ----------------------------------------------------------------------------------------------------

    def balance(self, asset: str) -> int:
        """Read what is in the wallet."""
        return self.world.balance(asset, self.address)

    def supplied(self, asset: str) -> int:
        """Read what is supplied, with interest to now."""
        return self.world.supplied(asset, self.address)

    def debt(self, asset: str) -> int:
        """Read what is owed, with interest to now."""
        return self.world.debt(asset, self.address)

    @property
    def health_factor(self) -> int:
        """The health factor (wad); 2**256 - 1 without debt."""
        return self.world.health_factor(self.address)

    # --- the pool ---------------------------------------------------------------------------------------------------

    def supply(self, asset: str, amount: int) -> Outcome:
        """Supply from the wallet."""
        where, pool = self.world.market.asset(asset), self.world.market.pool
        return self._pay(
            "supply",
            {"asset": asset, "amount": amount},
            lambda: pool.supply(where, amount, sender=self.address),
            Attempt(self.address, asset, amount, pays=asset),
        )

    def withdraw(self, asset: str, amount: int = EVERYTHING) -> Outcome:
        """Withdraw to the wallet; everything unless an amount is given. The value is what came."""
        where, pool = self.world.market.asset(asset), self.world.market.pool
        wanted = self.supplied(asset) if amount == EVERYTHING else amount
        return self._do(
            "withdraw",
            {"asset": asset, "amount": amount},
            lambda: pool.withdraw(where, amount, sender=self.address),
            Attempt(self.address, asset, wanted, takes=True),
        )

    def borrow(self, asset: str, amount: int) -> Outcome:
        """Borrow to the wallet at the variable rate."""
        where, pool = self.world.market.asset(asset), self.world.market.pool
        return self._do(
            "borrow",
            {"asset": asset, "amount": amount},
            lambda: pool.borrow(where, amount, sender=self.address),
            Attempt(self.address, asset, amount, takes=True),
        )

    def repay(self, asset: str, amount: int = EVERYTHING) -> Outcome:
        """Repay from the wallet; the whole debt unless an amount is given. The value is what was paid."""
        where, pool = self.world.market.asset(asset), self.world.market.pool
        return self._pay(
            "repay",
            {"asset": asset, "amount": amount},
            lambda: pool.repay(where, amount, sender=self.address),
            Attempt(self.address, asset, self._own(asset, amount), pays=asset),
        )

    def set_collateral(self, asset: str, used: bool) -> Outcome:
        """Use one's supply of an asset as collateral, or no longer."""
        where, pool = self.world.market.asset(asset), self.world.market.pool
        return self._do(
            "set_collateral",
            {"asset": asset, "used": used},
            lambda: pool.set_user_use_reserve_as_collateral(where, used, sender=self.address),
            Attempt(self.address, asset),
        )

    def set_e_mode(self, category: int) -> Outcome:
        """Enter an e-mode category, or leave it with 0."""
        pool = self.world.market.pool
        return self._do(
            "set_e_mode",
            {"category": category},
            lambda: pool.set_user_e_mode(category, sender=self.address),
            Attempt(self.address),
        )

    def liquidate(
        self, borrower: Address, collateral: str, debt: str, amount: int = EVERYTHING, *, a_tokens: bool = False
    ) -> Outcome:
        """Repay debt of a borrower from the wallet, and take collateral with the bonus, or aTokens of it.

        The pool takes no more than it allows to be liquidated. The value is a `Liquidated`.
        """
        market, me = self.world.market, self.address
        taken = market.a_token(collateral) if a_tokens else market.erc20(collateral)

        def call() -> Liquidated:
            held = int(taken.balance_of(me))
            assets = market.asset(collateral), market.asset(debt)
            market.pool.liquidation_call(*assets, borrower, amount, a_tokens, sender=me)
            repaid = _repaid(market.chain.receipt)
            back = repaid if collateral == debt and not a_tokens else 0
            return Liquidated(repaid, int(taken.balance_of(me)) - held + back)

        arguments = {"borrower": borrower, "collateral": collateral, "debt": debt, "amount": amount}
        return self._pay(
            "liquidate",
            {**arguments, "a_tokens": a_tokens},
            call,
            Attempt(me, collateral, pays=debt, debt=debt),
        )

    def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Outcome:
        """Call any function of a contract of the market, as `me.call(world.market.pool.renounce..., user)`.

        The sender is the agent unless `sender=` names another, as a guardian the market's admin.
        """
        sender = named.pop("sender", self.address)
        contract = getattr(function, "__self__", None)
        name = f"{getattr(contract, 'KIND', '')}.{getattr(function, '__name__', function)}"
        told = {str(number): each for number, each in enumerate(arguments)} | named
        if sender != self.address:
            told["sender"] = sender
        return self._do(name, told, lambda: function(*arguments, sender=sender, **named), Attempt(sender))

    # --- money ------------------------------------------------------------------------------------------------------

    def fund(self, asset: str, amount: int) -> None:
        """Take in money from outside the market, which the record says."""
        self.world.market.fund(asset, self.address, amount)
        self._approved.add(asset)
        self._note(Funding(*self._when(), asset, amount))

    def fund_dollars(self, dollars: Fraction | int) -> None:
        """Take in dollars from outside, which the record says; they buy at venues."""
        self.dollars += dollars
        self._note(Funding(*self._when(), "", _base(Fraction(dollars))))

    def sell(self, asset: str, amount: int, *, into: str = "") -> Outcome:
        """Sell from the wallet at the asset's venue, for dollars or into another asset at its outside price.

        The value is what came: units of the asset, or dollars as a Fraction.
        """
        world = self.world
        arguments = {"asset": asset, "amount": amount, "into": into}
        venue, token = world.venue(asset), world.market.erc20(asset)

        def call() -> int | Fraction:
            token.transfer(_venue_address(asset), amount, sender=self.address)
            proceeds = venue.sell(amount)
            world.sold.add(asset)
            received: int | Fraction = proceeds
            if into:
                received = world.units(into, proceeds)
                world.market.fund(into, self.address, received)
                self._approved.add(into)
            else:
                self.dollars += proceeds
            noted = received if isinstance(received, int) else _base(received)
            self._note(Sale(*self._when(), asset, amount, _base(proceeds), into, noted))
            return received

        return self._do("sell", arguments, call, Attempt(self.address, asset, amount, pays=asset), at_pool=False)

    def buy(self, asset: str, amount: int, *, paying: str = "") -> Outcome:
        """Buy to the wallet at the asset's venue, with dollars or with another asset at its outside price.

        The value is what was paid: units of the asset, or dollars as a Fraction.
        """
        world, venue = self.world, self.world.venue(asset)
        arguments = {"asset": asset, "amount": amount, "paying": paying}
        try:
            cost = venue.cost(amount)
        except NotEnoughDepthError as error:
            return self._tell(
                "buy", arguments, Outcome(False, refusal=Refusal(f"not so much {asset} is to be had", str(error)))
            )
        if not paying and cost > self.dollars:
            words = (
                f"not enough dollars: {shown(_base(self.dollars), 8)} are there, {shown(-_base(-cost), 8)} are asked"
            )
            return self._tell("buy", arguments, Outcome(False, refusal=Refusal(words, "the purse")))

        def call() -> int | Fraction:
            paid: int | Fraction = cost
            if paying:
                paid = -world.units(paying, -cost)
                world.market.erc20(paying).transfer(_venue_address(paying), paid, sender=self.address)
            else:
                self.dollars -= cost
            venue.buy(amount)
            world.sold.add(asset)
            world.market.fund(asset, self.address, amount)
            self._approved.add(asset)
            noted = paid if isinstance(paid, int) else -_base(-paid)
            self._note(Purchase(*self._when(), asset, amount, -_base(-cost), paying, noted))
            return paid

        return self._do("buy", arguments, call, Attempt(self.address, asset, pays=paying), at_pool=False)

    def note(self, what: str, **figures: Any) -> None:
        """Put figures of one's own into the record, as `me.note("liquidation", profit_base=12)`: integers and text."""
        self._note(Note(*self._when(), what, figures))

    # --- how it is done ---------------------------------------------------------------------------------------------

    def _own(self, asset: str, amount: int) -> int:
        """Tell what an amount asks of the wallet: "everything" asks for the whole debt."""
        return self.debt(asset) if amount == EVERYTHING else amount

    def _pay(self, name: str, arguments: dict[str, Any], call: Callable[[], Any], attempt: Attempt) -> Outcome:
        """Make a call for which the pool takes an asset, which it is allowed to from the first call that it takes."""
        asset = attempt.pays
        if asset in self._approved:
            return self._do(name, arguments, call, attempt)
        chain = self.world.market.chain
        mark = chain.snapshot()
        self.world.market.fund(asset, self.address, 0)
        outcome = self._do(name, arguments, call, attempt)
        if outcome.ok:
            chain.release(mark)
            self._approved.add(asset)
        else:
            chain.revert_to(mark)
        return outcome

    def _do(
        self,
        name: str,
        arguments: dict[str, Any],
        call: Callable[[], Any],
        attempt: Attempt,
        *,
        at_pool: bool = True,
    ) -> Outcome:
        chain = self.world.market.chain
        try:
            value = call()
        except Revert as revert:
            return self._tell(name, arguments, Outcome(False, refusal=refusal_of(self.world, attempt, revert)))
        self.changed |= at_pool
        events = chain.receipt.events if at_pool and chain.receipt is not None else ()
        return self._tell(name, arguments, Outcome(True, value, events=tuple(events)))

    def _tell(self, name: str, arguments: dict[str, Any], outcome: Outcome) -> Outcome:
        refusal = outcome.refusal
        words, reason = ("", "") if refusal is None else (refusal.words, refusal.reason)
        self._note(Call(*self._when(), name, arguments, outcome.ok, outcome.value, words, reason))
        return outcome

    def _note(self, entry: Call | Funding | Note | Purchase | Sale) -> None:
        self.world.record.entries.append(entry)

    def _when(self) -> tuple[int, int, str]:
        chain = self.world.market.chain
        return chain.time, chain.number, self.name


def _repaid(receipt: Any) -> int:
    return next((int(event.debt_to_cover) for event in receipt.events if isinstance(event, LiquidationCall)), 0)


def _no(words: str, reason: str) -> Outcome:
    return Outcome(False, refusal=Refusal(words, reason))


def _venue_address(asset: str) -> Address:
    return named_address(f"venue of {asset}")


def _base(dollars: Fraction) -> int:
    """Dollars with 8 decimals, rounded down."""
    scaled = dollars * PRICE_UNIT
    return scaled.numerator // scaled.denominator
