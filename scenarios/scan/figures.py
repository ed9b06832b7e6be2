"""The six figures of every account, exactly as `getUserAccountData` tells them.

Sums of values fit into 64 bits. Of sums weighted by basis points only the lower 64 bits are kept, and a float beside
them: a quotient is estimated by floats, off by one at most, and the remainder that the lower bits give corrects it. The
health factor is `(W * 10**14 + half) / D`, in two such steps. Accounts beyond those bounds are asked of the rule.

The estimate: a weighted sum of n terms as a float is off by less than (n + 2) parts of 2**53, the quotient by one more.
So a quotient below 2**44 is off by less than 131 * 2**-9 for 128 collaterals. The second step has a remainder below D,
rounded once, a factor that is exact, and one division: less than 3 * 10**14 / 2**53, which is 0.04.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from pooltwin.protocol.contracts.pool_storage import UserAccountData
from pooltwin.protocol.math.uint import MAX_UINT256

from .layout import Bench, Layout, places_of
from .numeric import Array, Floats, Mask, Words, np
from .rule import told
from .terms import Terms
from .values import CHUNK, Moment, Values

_SUM_LIMIT = np.uint64(1 << 61)
_CONVERTIBLE = float(1 << 62)
_STEP = 10**14
_ONE_WORD = np.uint64(2**64 // _STEP)
_BPS = np.uint64(10_000)


class Tables(NamedTuple):
    """Tables of what collateral of each kind counts for."""

    thresholds: Words
    ltvs: Words
    counts: Words


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures by place, as words of 64 bits; what does not fit is in `beyond`, None where the view reverts."""

    collateral: Words
    debt: Words
    borrows: Words
    threshold: Words
    ltv: Words
    health_low: Words
    health_high: Words
    owes: Mask
    """Whether there is a debt worth a unit of base currency; else the health factor is 2**256 - 1, and no word."""
    beyond: dict[int, UserAccountData | None]
    """By place, the accounts that the rule itself was asked about."""


class _Sums(NamedTuple):
    """Sums over some accounts: values, and values times basis points by their lower 64 bits and as floats."""

    collateral: Words
    weighted: Words
    weighted_float: Floats
    credit: Words
    credit_float: Floats
    debt: Words


def tables_of(layout: Layout, terms: Terms) -> Tables:
    """Look up what each kind of position counts for."""
    weights = [terms.weights[kind.category, layout.segments[kind.segment].reserve_id] for kind in layout.kinds]
    return Tables(
        np.array([weight.threshold for weight in weights], np.uint64),
        np.array([weight.ltv for weight in weights], np.uint64),
        np.array([weight.counts for weight in weights], np.uint64),
    )


def figures_of(layout: Layout, terms: Terms, moment: Moment, values: Values, *, credit: bool = True) -> Figures:
    """Compute the figures of all accounts; without `credit`, no loan to value and nothing that may be borrowed."""
    accounts = len(layout.row_at)
    collateral, debt, borrows, threshold, ltv, low, high = (np.zeros(accounts, np.uint64) for _ in range(7))
    owes, odd = np.zeros(accounts, np.bool_), np.zeros(accounts, np.bool_)
    figures = Figures(collateral, debt, borrows, threshold, ltv, low, high, owes, {})
    if not terms.is_released:
        return _all_by_rule(figures, layout, moment)
    tables = tables_of(layout, terms)
    for bench in layout.benches:
        if not bench.collaterals and not bench.debts:
            continue
        for start in range(bench.start, bench.end, CHUNK):
            end = min(bench.end, start + CHUNK)
            sums = _sums(layout, tables, bench, values, start, end, credit)
            odd[start:end] = _fill(figures, sums, terms, start, end, credit)
    _ask(figures, odd_places(layout, moment, values, odd), layout, moment)
    return figures


def _ask(figures: Figures, places: Array, layout: Layout, moment: Moment) -> None:
    """Ask the rule about some accounts, by place, which ascend."""
    for place, held in layout.walk(places):
        holdings = [layout.holding(*each) for each in held]
        _put(figures, place, told(moment.stand, holdings, layout.category(place)))


def _all_by_rule(figures: Figures, layout: Layout, moment: Moment) -> Figures:
    _ask(figures, np.arange(len(layout.row_at)), layout, moment)
    return figures


def odd_places(layout: Layout, moment: Moment, values: Values | None, odd: Mask) -> Array:
    """List the places that only the rule itself can tell: those that are odd, and those with a position that is."""
    odd[layout.odd] = True
    if moment.forsaken:
        odd |= np.isin(layout.columns.e_modes[layout.row_at], sorted(moment.forsaken))
    beyond = _untold(layout, moment) if values is None else np.flatnonzero(values.beyond)
    odd[places_of(layout.benches, layout.seats[beyond])] = True
    return np.flatnonzero(odd)


def _untold(layout: Layout, moment: Moment) -> Array:
    """List the positions in segments that only the rule can tell."""
    untold = [
        np.arange(segment.start, segment.end)
        for segment, worth in zip(layout.segments, moment.worths, strict=True)
        if worth is None
    ]
    return np.concatenate([np.zeros(0, np.int64), *untold])


def _sums(layout: Layout, tables: Tables, bench: Bench, values: Values, start: int, end: int, credit: bool) -> _Sums:
    size = end - start
    collateral, weighted, owed, lent = (np.zeros(size, np.uint64) for _ in range(4))
    weighted_float, lent_float = np.zeros(size), np.zeros(size)
    all_count = bool(tables.counts.all())
    for number in bench.slots(debts=False):
        seats = bench.slot(number, start, end)
        kinds = layout.kind_at[seats]
        value = values.values.take(layout.position_at[seats])
        if not all_count:
            value *= tables.counts.take(kinds)
        collateral += value
        near = value.astype(np.float64)
        threshold = tables.thresholds.take(kinds)
        weighted_float += near * threshold.astype(np.float64)
        threshold *= value
        weighted += threshold
        if credit:
            ltv = tables.ltvs.take(kinds)
            lent_float += near * ltv.astype(np.float64)
            ltv *= value
            lent += ltv
    for number in bench.slots(debts=True):
        owed += values.values.take(layout.position_at[bench.slot(number, start, end)])
    return _Sums(collateral, weighted, weighted_float, lent, lent_float, owed)


def _fill(figures: Figures, sums: _Sums, terms: Terms, start: int, end: int, credit: bool) -> Mask:
    """Write the figures of some accounts. Returns which of them are beyond what fits."""
    part = slice(start, end)
    collateral, debt = sums.collateral, sums.debt
    odd: Mask = (collateral >= _SUM_LIMIT) | (debt >= _SUM_LIMIT)
    figures.collateral[part], figures.debt[part] = collateral, debt
    divisor = np.maximum(collateral, np.uint64(1))
    threshold, _ = _divide(sums.weighted, sums.weighted_float, divisor)
    figures.threshold[part] = threshold
    if credit:
        ltv, _ = _divide(sums.credit, sums.credit_float, divisor)
        figures.ltv[part] = ltv
        limit = _percent(collateral, ltv, terms.credit_half_up)
        figures.borrows[part] = np.where(limit > debt, limit - debt, np.uint64(0))
    if debt.any():
        owes = debt > 0
        figures.owes[part] = owes
        divisor, half = np.maximum(debt, np.uint64(1)), debt >> np.uint64(1)
        if terms.from_average:
            covered = _percent(collateral, threshold, half_up=True)
            low, high, too_high = _ratio(covered, covered.astype(np.float64), divisor, (10**9, 10**9), half)
        else:
            steps, half = (_STEP,), half // _BPS
            low, high, too_high = _ratio(sums.weighted, sums.weighted_float, divisor, steps, half)
        figures.health_low[part], figures.health_high[part] = low * owes, high * owes
        odd |= too_high & owes
    return odd


def _percent(amounts: Words, bps: Words, half_up: bool) -> Words:
    """Multiply by basis points, rounded down or half up; exact below 2**61."""
    tens = amounts // _BPS
    rest = (amounts - tens * _BPS) * bps
    if half_up:
        rest += _BPS >> np.uint64(1)
    return tens * bps + rest // _BPS


def _divide(low: Words, near: Floats, divisor: Words) -> tuple[Words, Words]:
    """Divide numbers given by their lower 64 bits and as floats. Returns quotients, below 2**44, and remainders."""
    quotient = np.minimum(near / divisor.astype(np.float64), _CONVERTIBLE).astype(np.uint64)
    rest = (low - quotient * divisor).view(np.int64)
    signed = divisor.view(np.int64)
    less = rest < 0
    quotient -= less
    rest += signed * less
    more = rest >= signed
    quotient += more
    rest -= signed * more
    return quotient, rest.view(np.uint64)


def _ratio(low: Words, near: Floats, divisor: Words, steps: tuple[int, ...], half: Words) -> tuple[Words, Words, Mask]:
    """Divide times all steps, after adding `half`, which is less than the divisor.

    Returns the two words of the quotients, and which of them are beyond what an estimate can tell.
    """
    whole, rest = _divide(low, near, divisor)
    too_high: Mask = whole >= np.uint64(1 << 43)
    part = np.zeros_like(whole)
    for step in steps:
        digit, rest = _divide(rest * np.uint64(step), rest.astype(np.float64) * float(step), divisor)
        part = part * np.uint64(step) + digit
    part += rest + half >= divisor
    scale = prod(steps)
    lower, upper = whole * np.uint64(scale) + part, np.zeros_like(whole)
    large = np.flatnonzero(whole >= np.uint64(2**64 // scale))
    if len(large):
        lower[large], upper[large] = _wide(whole[large], scale, part[large])
    return lower, upper, too_high


def _wide(whole: Words, scale: int, part: Words) -> tuple[Words, Words]:
    """Compute `whole * scale + part` as two words, for factors below 2**64."""
    mask, half_word = np.uint64(2**32 - 1), np.uint64(32)
    a0, a1 = whole & mask, whole >> half_word
    b0, b1 = np.uint64(scale & 2**32 - 1), np.uint64(scale >> 32)
    middle = (a0 * b0 >> half_word) + (a0 * b1 & mask) + (a1 * b0 & mask)
    upper = a1 * b1 + (a0 * b1 >> half_word) + (a1 * b0 >> half_word) + (middle >> half_word)
    lower = whole * np.uint64(scale) + part
    return lower, upper + (lower < part)


def _put(figures: Figures, place: int, account: UserAccountData | None) -> None:
    """Write what the rule told of an account: as words where it fits."""
    figures.beyond[place] = account
    data = account or UserAccountData(0, 0, 0, 0, 0, MAX_UINT256)
    columns = (figures.collateral, figures.debt, figures.borrows, figures.threshold, figures.ltv)
    for column, number in zip(columns, data, strict=False):
        column[place] = number if number < 1 << 64 else 0
    factor = data.health_factor if data.health_factor < 1 << 128 else 0
    figures.health_low[place], figures.health_high[place] = factor % (1 << 64), factor >> 64
    figures.owes[place] = data.health_factor != MAX_UINT256
