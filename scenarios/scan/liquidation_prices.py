"""The price at which each account can be liquidated, of one asset or of several that move together, to the unit.

An asset on one side of a position has a closed form. Let a collateral with threshold t and balance b, of a token with
unit u, be worth `b * p // u` at the price p: the account is healthy from the lowest p on at which that is
`ceil((10**4 * D - W) / t)`, W and D being of the rest. A debt worth `ceil(b * p / u)` may be worth `W // 10**4 - D` at
most. Where an asset stands on both sides, where several move, or where an average in whole basis points counts, the
price is searched among the integers, by bounds of the health factor over ranges of prices: it need not move one way
only, as roundings make it jump.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

from pooltwin.protocol.address import Address
from pooltwin.protocol.answers.health import Scale
from pooltwin.protocol.answers.search import highest, last
from pooltwin.protocol.errors import EmptyRevert, Revert

from .layout import Kind, Layout
from .numeric import Array, Mask, np
from .rule import SOMEBODY, Stand
from .terms import Terms

TOP = 1 << 128
"""The highest price that is looked at where prices are searched."""
_BPS = 10_000
_EQUIVALENT = 2 * 10**18
"""Debts below which a health factor below 1 is a weighted sum below 10**4 times the debt."""


class Way(IntEnum):
    """The way in which a price decides over an account."""

    NEVER = 0
    """It cannot be liquidated at any price, or is not asked: without debt, or without the asset while healthy."""
    FALLS = 1
    """It can be liquidated one unit below its price, and not at it, nor above."""
    RISES = 2
    """It can be liquidated one unit above its price, and not at it, nor below."""
    ALWAYS = 3
    """It can be liquidated at every price."""
    FAILS = 4
    """Its view reverts."""


class Answer(NamedTuple):
    """One account's answer."""

    way: Way
    price: int | None = None


@dataclass(frozen=True, eq=False)
class LiquidationPrices:
    """The last safe price of each account: at it the account is healthy, one unit further it can be liquidated."""

    accounts: Sequence[Address]
    lead: str
    """Whose price it is; others that move with it stand in the same ratio as now, rounded down."""
    ways: Array
    """What the price does to each account, as a `Way`."""
    prices: Array
    """The price with 8 decimals as a Python integer, None where there is none (dtype object)."""
    searched: int
    """How many accounts have no closed form."""

    @property
    def can_be(self) -> Mask:
        """Of each account, whether there is a price at which it can be liquidated."""
        found: Mask = np.isin(self.ways, (Way.FALLS, Way.RISES, Way.ALWAYS))
        return found


class _Moved(NamedTuple):
    """A position whose price moves: worth `balance * price // unit`, at `price = lead * numerator // denominator`."""

    threshold: int
    """Of a debt 10000."""
    balance: int
    unit: int
    numerator: int
    denominator: int

    def price(self, lead: int) -> int:
        """The price of the asset when the lead has this one."""
        return lead * self.numerator // self.denominator


class _Fixed(NamedTuple):
    """A position whose price stands still."""

    threshold: int
    value: int


class Prices:
    """Computes the liquidation price of accounts, one after the other."""

    def __init__(self, layout: Layout, terms: Terms, stand: Stand, moving: Sequence[Address]) -> None:
        self.layout, self.terms, self.stand, self.moving = layout, terms, stand, frozenset(moving)
        self.lead, self.lead_price = moving[0], stand.oracle[moving[0]] or 0
        self.value: Callable[[int, int, int], int] = terms.revision.debt_value
        self.searched = 0

    def concerned(self) -> Array:
        """List the places of accounts that owe something and have something whose price moves."""
        moved = np.array([self._address(kind) in self.moving for kind in self.layout.kinds], np.bool_)
        found = [np.zeros(0, np.int64)]
        for bench in self.layout.benches:
            if bench.debts:
                has = np.zeros(bench.size, np.bool_)
                for number in range(bench.collaterals + bench.debts):
                    has |= moved[self.layout.kind_at[bench.slot(number, bench.start, bench.end)]]
                found.append(np.flatnonzero(has) + bench.start)
        return np.concatenate(found)

    def _address(self, kind: Kind) -> Address:
        """Find whose price counts for a kind of position."""
        segment = self.layout.segments[kind.segment]
        if segment.category:
            source = self.terms.sources[segment.category]
            if self.stand.oracle[source]:
                return source
        return self.terms.reserves[segment.reserve_id].asset

    def answers(self) -> Iterator[tuple[int, Answer]]:
        """Tell the answer of each account that is concerned, by place."""
        for place, held in self.layout.walk(self.concerned()):
            try:
                yield place, self._answer(self.layout.category(place), held)
            except Revert:
                yield place, Answer(Way.FAILS)

    def _answer(self, category: int, held: Sequence[tuple[Kind, int, int]]) -> Answer:
        if category in self.terms.sources:
            self._price(self.terms.sources[category])
        covers: list[_Fixed] = []
        owes: list[_Fixed] = []
        moved_covers: list[_Moved] = []
        moved_owes: list[_Moved] = []
        for kind, position, shares in held:
            segment = self.layout.segments[kind.segment]
            reserve = self.terms.reserves[segment.reserve_id]
            where = self._address(kind)
            price, unit = self._price(where), reserve.unit
            balance = self._balance(kind, position, shares)
            weight = self.terms.weights[category, segment.reserve_id]
            if not segment.is_debt and not weight.counts:
                continue
            threshold = _BPS if segment.is_debt else weight.threshold
            if where in self.moving and balance:
                numerator, denominator = (1, 1) if where == self.lead else (price, self.lead_price)
                moved = _Moved(threshold, balance, unit, numerator, denominator)
                (moved_owes if segment.is_debt else moved_covers).append(moved)
            else:
                value = self.value(balance, price, unit) if segment.is_debt else balance * price // unit
                (owes if segment.is_debt else covers).append(_Fixed(threshold, value))
        whole = _Position(covers, owes, moved_covers, moved_owes, self.value, self.terms)
        answer = whole.closed_form()
        if answer is None:
            self.searched += 1
            answer = whole.searched()
        return answer

    def _price(self, where: Address) -> int:
        price = self.stand.oracle[where]
        if price is None:
            raise EmptyRevert("no price")
        return price

    def _balance(self, kind: Kind, position: int, shares: int) -> int:
        """Give the balance of a position in units of its token, debts at stable rates included."""
        segment, revision = self.layout.segments[kind.segment], self.terms.revision
        record = self.stand.reserves[self.terms.reserves[segment.reserve_id].asset]
        if record.last_update_timestamp != self.stand.time and (shares or not self.terms.from_average):
            raise EmptyRevert("the index overflows")
        if not segment.is_debt:
            return int(revision.a_token_balance(shares, record.liquidity_index)) if shares else 0
        balance = int(revision.debt_balance(shares, record.variable_borrow_index)) if shares else 0
        if position in self.layout.stable:
            self.stand.put([self.layout.holding(kind, position, shares)])
            balance += int(self.stand.contracts[record.stable_debt_token].balance_of(SOMEBODY))
        return balance


class _Position:
    """A position as a function of the lead's price."""

    def __init__(
        self,
        covers: Sequence[_Fixed],
        owes: Sequence[_Fixed],
        moved_covers: Sequence[_Moved],
        moved_owes: Sequence[_Moved],
        debt_value: Callable[[int, int, int], int],
        terms: Terms,
    ) -> None:
        self.covers, self.moved_covers, self.moved_owes = covers, moved_covers, moved_owes
        thresholds = [each.threshold for each in covers] + [each.threshold for each in moved_covers]
        self.scale = Scale(thresholds, from_average=terms.from_average)
        self.owed = sum(each.value for each in owes)
        self.weighted = sum(each.threshold * each.value for each in covers)
        self.debt_value, self.terms = debt_value, terms
        self.rounds_up = terms.debt_value_up

    def closed_form(self) -> Answer | None:
        """Tell the answer where one asset moves on one side; None where there is no closed form."""
        if not self.moved_covers and not self.moved_owes:
            return Answer(Way.ALWAYS if self.is_liquidatable(1) else Way.NEVER)
        if not self.moved_covers and len(self.moved_owes) == 1:
            return self._of_a_debt(self.moved_owes[0])
        if self.moved_owes or len(self.moved_covers) != 1 or self.owed >= _EQUIVALENT:
            return None
        if self.owed == 0:
            return Answer(Way.NEVER)
        moved, need = self.moved_covers[0], _BPS * self.owed
        if moved.numerator != moved.denominator or not moved.threshold:
            return None
        if self.terms.from_average:
            if any(each.value for each in self.covers):
                return None
            need -= _BPS // 2
        value = -((self.weighted - need) // moved.threshold)
        price = -(-value * moved.unit // moved.balance)
        return Answer(Way.FALLS, price) if price > 1 else Answer(Way.NEVER)

    def _of_a_debt(self, moved: _Moved) -> Answer | None:
        if moved.numerator != moved.denominator:
            return None
        if self.terms.from_average:
            scale = Scale([each.threshold for each in self.covers], from_average=True)
            values = [each.value for each in self.covers]
            most = (sum(values) * scale.average(values) + _BPS // 2) // _BPS - self.owed
        else:
            most = self.weighted // _BPS - self.owed
        if max(most, 0) + self.owed >= _EQUIVALENT:
            return None
        if most < 0:
            return Answer(Way.ALWAYS)
        if self.rounds_up:
            price = most * moved.unit // moved.balance
        else:
            price = -(-(most + 1) * moved.unit // moved.balance) - 1
        return Answer(Way.RISES, price) if price else Answer(Way.ALWAYS)

    # --- among the integers -------------------------------------------------------------------------------------------

    def values(self, price: int) -> list[int]:
        """List what each collateral is worth, at a price of the lead."""
        moved = [each.balance * each.price(price) // each.unit for each in self.moved_covers]
        return [each.value for each in self.covers] + moved

    def debt(self, price: int) -> int:
        """Tell what is owed, at a price of the lead."""
        return self.owed + sum(self.debt_value(each.balance, each.price(price), each.unit) for each in self.moved_owes)

    def is_liquidatable(self, price: int) -> bool:
        """Tell whether the health factor is below 1 at a price of the lead."""
        return self.scale.factor(self.values(price), self.debt(price)) < self.terms.threshold

    def is_healthy_between(self, low: int, high: int) -> bool:
        """Tell whether it is surely not below 1 at any price from one to another."""
        least, most = self.values(low), self.values(high)
        return self.scale.at_least(least, most, self.debt(high)) >= self.terms.threshold

    def searched(self) -> Answer:
        """Search the last safe price."""
        if not self.terms.from_average and not self.moved_owes:
            return self._of_collaterals()
        if self._a_rise_hurts():
            low, high = self._window(rises=True)
            found = highest(
                -high, -low, lambda price: self.is_liquidatable(-price), lambda a, b: self.is_healthy_between(-b, -a)
            )
            if found is None:
                return Answer(Way.NEVER)
            return Answer(Way.RISES, -found - 1) if found < -1 else Answer(Way.ALWAYS)
        low, high = self._window(rises=False)
        found = highest(low, high, self.is_liquidatable, self.is_healthy_between)
        if found is None:
            return Answer(Way.NEVER)
        return Answer(Way.FALLS, found + 1) if found < TOP else Answer(Way.ALWAYS)

    def _of_collaterals(self) -> Answer:
        """Halve the range: what several collaterals are worth together only rises with the price."""
        need = Fraction(_BPS * self.owed - self.weighted)
        slope = sum((each.threshold * _growth(each) for each in self.moved_covers), Fraction())
        guess = min(TOP, int(need / slope)) if slope else TOP
        found = last(1, TOP, self.is_liquidatable, guess)
        if found < 1:
            return Answer(Way.NEVER)
        return Answer(Way.FALLS, found + 1) if found < TOP else Answer(Way.ALWAYS)

    def _a_rise_hurts(self) -> bool:
        """Tell whether what is owed grows faster with the price, in proportion, than what covers it."""
        cover_growth = sum((each.threshold * _growth(each) for each in self.moved_covers), Fraction())
        owed_growth = sum((_growth(each) for each in self.moved_owes), Fraction())
        return owed_growth * self.weighted > cover_growth * self.owed

    def _window(self, rises: bool) -> tuple[int, int]:
        """Bound the prices among which the first that liquidates lies, seen from the safe side.

        Nothing rounded, W - 10**4 D is a line in the price; roundings move it by less than `off`.
        """
        moved: list[_Moved] = [*self.moved_covers, *self.moved_owes]
        off = sum((each.threshold * (1 + Fraction(each.balance, each.unit)) for each in moved), Fraction(_BPS))
        slope = sum((each.threshold * _growth(each) for each in self.moved_covers), Fraction())
        slope -= sum((_BPS * _growth(each) for each in self.moved_owes), Fraction())
        level = Fraction(self.weighted - _BPS * self.owed)
        if self.owed >= _EQUIVALENT or (slope <= 0 if not rises else slope >= 0):
            return 1, TOP
        lost = Fraction()
        if self.terms.from_average:  # an average in whole basis points loses less than the collateral's worth of them
            lost = Fraction(sum(each.value for each in self.covers))
            slope_lost = slope - sum((_growth(each) for each in self.moved_covers), Fraction())
        else:
            slope_lost = slope
        return self._ends(level, slope, slope_lost, lost, off, rises)

    def _ends(
        self, level: Fraction, slope: Fraction, slope_lost: Fraction, lost: Fraction, off: Fraction, rises: bool
    ) -> tuple[int, int]:
        """Find where the line is surely safe, and where it is surely not."""
        if (slope_lost >= 0) if rises else (slope_lost <= 0):
            return 1, TOP
        safe = (off - level + lost) / slope_lost
        lost_for_sure = (-off - level) / slope
        if rises:
            low, high = int(safe // 1), int(-(-lost_for_sure // 1))
        else:
            low, high = int(lost_for_sure // 1), int(-(-safe // 1))
        low, high = max(1, min(low, TOP)), min(TOP, max(high, 1))
        return (low, high) if low <= high else (1, TOP)


def _growth(moved: _Moved) -> Fraction:
    return Fraction(moved.balance * moved.numerator, moved.unit * moved.denominator)


def found_prices(
    layout: Layout, terms: Terms, stand: Stand, moving: Sequence[Address], below: Mask, fails: Sequence[int]
) -> tuple[Array, Array, int]:
    """Tell ways and prices by place, and how many were searched; `below` are those who can be liquidated now."""
    ways = np.where(below, np.uint8(Way.ALWAYS), np.uint8(Way.NEVER))
    ways[list(fails)] = Way.FAILS
    found = np.full(len(below), None, object)
    prices = Prices(layout, terms, stand, moving)
    for place, answer in prices.answers():
        ways[place], found[place] = answer
    return ways, found, prices.searched
