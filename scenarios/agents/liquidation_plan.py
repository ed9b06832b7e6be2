"""Plans of a liquidator: which collateral for which debt, how much, with whose money, and what is left of it.

A plan is made on the state of the moment and changes nothing. Whoever carries it out at once gets what it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from pooltwin.protocol.address import Address
from pooltwin.protocol.errors import Revert

from ..engine.world import World
from ..units import BPS, MAX_UINT
from .amount_search import BestAmount, Cost, Limits, best_amount
from .flash_liquidator import premium_of
from .liquidation_terms import LiquidationTerms, Seizure
from .liquidator_settings import LiquidatorSettings, Way
from .two_calls import best_two_calls


@dataclass(frozen=True)
class PlannedCall:
    """One call to the pool."""

    amount: int
    """The amount that it asks for, in the debt's asset; 2**256 - 1 for all that the pool allows."""
    seizure: Seizure


@dataclass(frozen=True)
class Plan:
    """A liquidation worth doing, or not."""

    borrower: Address
    collateral: str
    debt: str
    way: Way
    a_tokens: bool
    calls: tuple[PlannedCall, ...]
    gross: Fraction
    """Dollars: what the venue pays, less what is repaid and the flash loan's premium."""
    gas: Fraction
    """Dollars that the calls cost."""
    owed: int
    """What the borrower owes of the debt's asset."""
    health_factor: int
    """The borrower's, before (wad)."""

    @property
    def profit(self) -> Fraction:
        """Dollars left after gas, before the bid."""
        return self.gross - self.gas

    @property
    def repaid(self) -> int:
        """All that is repaid, in the debt's asset."""
        return sum(call.seizure.repaid for call in self.calls)

    @property
    def received(self) -> int:
        """All that is received, in the collateral's asset."""
        return sum(call.seizure.received for call in self.calls)


class Planner:
    """Plans for one liquidator, at one moment."""

    def __init__(self, world: World, settings: LiquidatorSettings, address: Address) -> None:
        """Look at the world for a liquidator with these settings at this address."""
        self.world, self.settings, self.address = world, settings, address
        self.gas = settings.gas_at(world.time - world.first_time)

    def best(self, borrower: Address) -> Plan | None:
        """Find the plan that leaves most; None where none leaves more than the minimum after the bid."""
        kept = Fraction(BPS - self.settings.bid_bps, BPS)
        plans = [plan for plan in self.all(borrower) if self._is_worth_it(plan.profit * kept)]
        return max(plans, key=lambda plan: plan.profit, default=None)

    def _is_worth_it(self, profit: Fraction) -> bool:
        return profit > Fraction(self.settings.minimum_profit_usd)

    def all(self, borrower: Address) -> Iterator[Plan]:
        """Make the best plan of each pair of assets and each kind of money, profitable or not."""
        for collateral, debt in self._pairs(borrower):
            try:
                terms = LiquidationTerms(self.world.market, borrower, collateral, debt)
            except Revert:  # an asset without a price: nobody can liquidate this pair
                continue
            for way in self.settings.ways:
                plan = self._in_cash_or_a_tokens(terms, way)
                if plan is not None:
                    yield plan

    def _pairs(self, borrower: Address) -> list[tuple[str, str]]:
        rows = self.world.market.positions([borrower])
        supplies = {row.reserve: row.supply for row in rows if row.is_collateral and row.supply}
        debts = {row.reserve: row.debt + row.stable_debt for row in rows if row.debt + row.stable_debt}
        if self.settings.pairs == "largest":
            supplies, debts = self._largest(supplies), self._largest(debts)
        return [(collateral, debt) for collateral in supplies for debt in debts if self.world.raw_price(debt)]

    def _largest(self, amounts: dict[str, int]) -> dict[str, int]:
        """Leave the asset of which most is there by worth at the pool's prices, the first of equals."""
        largest = max(amounts, key=lambda asset: self._worth(asset, amounts[asset]), default=None)
        return {} if largest is None else {largest: amounts[largest]}

    def _worth(self, asset: str, amount: int) -> Fraction:
        try:
            return self.world.value(asset, amount)
        except Revert:  # it has no price
            return Fraction(0)

    def _in_cash_or_a_tokens(self, terms: LiquidationTerms, way: Way) -> Plan | None:
        """Plan to take the collateral out of the pool, or what the settings say of too little cash there."""
        cash, choice = self.world.cash(terms.collateral), self.settings.short_of_cash
        if choice == "part":
            return self._plan(terms, way, most_received=cash)
        plan = self._plan(terms, way)
        if plan is None or plan.received <= cash:
            return plan
        return self._plan(terms, way, a_tokens=True) if choice == "a tokens" and way != "flash loan" else None

    def _plan(
        self, terms: LiquidationTerms, way: Way, *, most_received: int | None = None, a_tokens: bool = False
    ) -> Plan | None:
        cost, limits = self.cost(terms.debt, way), Limits(self._most(terms.debt, way), most_received)
        venue, worth = self.world.venue(terms.collateral), Fraction(self.settings.a_token_worth_bps, BPS)

        def proceeds(amount: int) -> Fraction:
            return venue.quote(amount) * worth if a_tokens else venue.quote(amount)

        one = best_amount(terms, proceeds, cost, limits)
        calls: tuple[PlannedCall, ...] = () if one is None else (_call(one),)
        gross = Fraction(0) if one is None else one.profit
        if self.settings.strategy == "two calls" and not a_tokens:
            two = best_two_calls(self.world.market, terms, proceeds, cost, limits)
            if two is not None and (not calls or two.profit - self.gas > gross):
                calls = (PlannedCall(two.first.repaid, two.first), _call(two.second))
                gross = two.profit
        if not calls:
            return None
        gas = self.gas * len(calls)
        pair = terms.borrower, terms.collateral, terms.debt
        return Plan(*pair, way, a_tokens, calls, gross, gas, terms.owed, terms.health_factor)

    def cost(self, debt: str, way: Way) -> Cost:
        """Tell what repaying costs in dollars, at the outside price, with the premium if it is lent."""
        unit = self.world.raw_price(debt) / 10 ** self.world.decimals(debt)
        if way != "flash loan":
            return Cost(lambda amount: amount * unit, unit)
        market = self.world.market
        rate = unit * (1 + Fraction(market.pool.flash_loan_premium, BPS))
        return Cost(lambda amount: (amount + premium_of(market, amount)) * unit, rate, rounding=unit)

    def _most(self, debt: str, way: Way) -> int | None:
        """The most that can be repaid: what is in the wallet, or what the pool has to lend."""
        if way == "own":
            return self.world.balance(debt, self.address)
        return self.world.cash(debt) if way == "flash loan" else None


def _call(best: BestAmount) -> PlannedCall:
    return PlannedCall(MAX_UINT if best.is_all else best.seizure.repaid, best.seizure)
