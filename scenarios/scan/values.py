"""Value positions in base currency, exactly: shares times index, rounded, times price, rounded.

Two ways, by how much one unit of the token is worth. Where it is worth next to nothing, as a wei, the two roundings
together move the value by less than that, so the value is one product of the shares, and only where its fraction lies
that near an integer it may be another. Where it is worth more, as a unit of a token with 6 decimals, the balance is
made first, and its value in integers. Positions that may be another are computed by Python's integers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from pooltwin.protocol.address import Address
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.math.wad_ray import RAY

from .fixed_point import BITS, ONE, Factor, Shares, by_price, factor_of, multiply, unsure
from .layout import Layout, Segment
from .numeric import Array, Mask, Words, np
from .rule import Stand
from .terms import Rounding, Terms

CHUNK = 1 << 13
VALUE_BITS = 57
"""Values below 2**57, so that 128 of them are below 2**64: 1.4 billion dollars."""
FINE = Fraction(1, 32)
"""A unit of a token worth less than so much of the base currency is worth next to nothing."""
_DECIMALS = 9
_PRICE_LIMIT = 1 << 64


class Worth(NamedTuple):
    """The figures that make values of the shares in one segment."""

    growth: int
    """The index of the side (ray)."""
    price: int
    decimals: int
    is_debt: bool
    rounding: Rounding
    """From shares to units of the token."""

    @property
    def up(self) -> bool:
        """Whether the value is rounded up, as it is where the balance is."""
        return self.rounding is Rounding.UP

    @property
    def unit(self) -> Fraction:
        """The worth of one unit of the token in base currency."""
        return Fraction(self.price, 10**self.decimals)

    @property
    def share(self) -> Fraction:
        """The worth of one share in base currency, nothing rounded."""
        return Fraction(self.growth * self.price, RAY * 10**self.decimals)


@dataclass(frozen=True, eq=False)
class Moment:
    """A market at a time and at prices; `worths` has one entry for each segment, None where only the rule can tell."""

    stand: Stand
    worths: tuple[Worth | None, ...]
    forsaken: frozenset[int]
    """Categories whose common price the oracle does not tell: the rule fails for all in them. Until v3.0.2."""


def moment_of(layout: Layout, terms: Terms, stand: Stand) -> Moment:
    """Make ready what a scan needs at a time and at prices."""
    worths = tuple(_worth(segment, terms, stand) for segment in layout.segments)
    prices = stand.oracle
    return Moment(
        stand, worths, frozenset(category for category, source in terms.sources.items() if prices[source] is None)
    )


def price_at(segment: Segment, terms: Terms, prices: Mapping[Address, int | None]) -> int | None:
    """Find the price that counts for a segment; None where the oracle does not tell it."""
    common = prices[terms.sources[segment.category]] if segment.category else 0
    return common or prices[terms.reserves[segment.reserve_id].asset]


def _worth(segment: Segment, terms: Terms, stand: Stand) -> Worth | None:
    reserve = terms.reserves[segment.reserve_id]
    record = stand.reserves[reserve.asset]
    price = price_at(segment, terms, stand.oracle)
    index = record.variable_borrow_index if segment.is_debt else record.liquidity_index
    rounding = terms.debt_rounding if segment.is_debt else terms.supply_rounding
    if (
        price is None
        or rounding is None
        or price >= _PRICE_LIMIT
        or index >= ONE * RAY
        or record.last_update_timestamp != stand.time
        or 10**reserve.decimals != reserve.unit
        or (rounding is Rounding.UP) != (segment.is_debt and terms.debt_value_up)
    ):
        return None
    worth = Worth(index, price, reserve.decimals, segment.is_debt, rounding)
    return worth if worth.unit <= FINE or reserve.decimals <= _DECIMALS else None


# --- all positions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Values:
    """The value of each position (base currency), and where it could not be told."""

    values: Words
    beyond: Mask
    """Positions worth too much, or that fail: their accounts are left to the rule."""
    python: int
    """How many positions were left to Python's integers."""


def values_of(layout: Layout, terms: Terms, moment: Moment) -> Values:
    """Compute the value of every position."""
    total = len(layout.seats)
    values, beyond, python = np.zeros(total, np.uint64), np.zeros(total, np.bool_), 0
    for segment, worth in zip(layout.segments, moment.worths, strict=True):
        if worth is None:
            beyond[segment.start : segment.end] = True
            continue
        if worth.price == 0:
            continue
        machine = _Machine(worth)
        for start in range(segment.start, segment.end, CHUNK):
            end = min(segment.end, start + CHUNK)
            shares = layout.shares.part(start, end)
            found, doubtful, too_much = machine(shares)
            values[start:end] = found
            if too_much is not None:
                beyond[start:end] = too_much
            if len(doubtful):
                python += len(doubtful)
                for position, value in zip(doubtful.tolist(), _exactly(shares, doubtful, worth, terms), strict=True):
                    values[start + position] = 0 if value is None else value
                    beyond[start + position] = value is None
    for position in layout.too_large:
        beyond[position] = True
    return Values(values, beyond, python)


def _exactly(shares: Shares, at: Array, worth: Worth, terms: Terms) -> Iterator[int | None]:
    """Compute the values of some positions in Python's integers; None where the fast path cannot hold them."""
    revision = terms.revision
    unit = 10**worth.decimals
    balance_of = revision.debt_balance if worth.is_debt else revision.a_token_balance
    for amount in shares.integers(at):
        try:
            balance = balance_of(amount, worth.growth)
            value = revision.debt_value(balance, worth.price, unit) if worth.is_debt else balance * worth.price // unit
        except Revert:
            yield None
            continue
        yield value if value < 1 << VALUE_BITS else None


class _Machine:
    """Makes values of shares in one segment: called, it gives values, doubtful positions, and those worth too much."""

    def __init__(self, worth: Worth) -> None:
        self.worth = worth
        self.is_fine = worth.unit <= FINE
        self.is_ceiling = worth.rounding is Rounding.UP
        self.limit = int(Fraction(1 << VALUE_BITS) / worth.share) if worth.growth else 1 << 3 * BITS
        factor = factor_of(worth.share if self.is_fine else Fraction(worth.growth, RAY))
        assert factor is not None, "the share of a fine unit and an index are in range"
        self.factor: Factor = factor
        nearness = worth.unit if worth.rounding is not Rounding.HALF_UP else worth.unit / 2
        self.nearness = -int(-nearness * ONE // 1)

    def __call__(self, shares: Shares) -> tuple[Words, Array, Mask | None]:
        too_much = _from(shares, self.limit)
        if self.is_fine:
            values, doubtful = self._at_once(shares)
        elif shares.high is not None:
            values, doubtful = self._in_two(Shares(shares.low, shares.middle, None))
            too_much = shares.high > 0 if too_much is None else too_much | (shares.high > 0)
        else:
            values, doubtful = self._in_two(shares)
        return values, doubtful, too_much

    def _at_once(self, shares: Shares) -> tuple[Words, Array]:
        values, fraction = multiply(shares, self.factor)
        if self.is_ceiling:
            doubtful = unsure(fraction, shares.high, 1, self.nearness)
            values += np.uint64(1)
        elif self.worth.rounding is Rounding.HALF_UP:
            doubtful = unsure(fraction, shares.high, self.nearness, self.nearness)
        else:
            doubtful = unsure(fraction, shares.high, self.nearness, 0)
        return values, doubtful

    def _in_two(self, shares: Shares) -> tuple[Words, Array]:
        if self.factor.is_integer and self.worth.growth % RAY == 0:
            balances, doubtful = shares.words() * np.uint64(self.factor.whole), np.zeros(0, np.int64)
        else:
            balances, fraction = multiply(shares, self.factor, self.worth.rounding is Rounding.HALF_UP)
            doubtful = unsure(fraction, None, int(self.is_ceiling), 0)
            if self.is_ceiling:
                balances += np.uint64(1)
        return by_price(balances, self.worth.price, self.worth.decimals, self.worth.up), doubtful


def _from(shares: Shares, limit: int) -> Mask | None:
    """Find shares that may be of a limit or more; None where there are surely none."""
    high, middle = limit >> 2 * BITS, limit >> BITS
    if high:
        found = None if shares.high is None else shares.high >= np.uint32(min(high, ONE))
    else:
        found = shares.middle >= np.uint32(middle)
        if shares.high is not None:
            found |= shares.high > 0
    return found if found is not None and found.any() else None
