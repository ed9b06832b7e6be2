"""The most that one step's roundings may give the users of a reserve, as the release rounds.

From v3.5 on that is nothing. Until v3.4 every conversion goes to the nearest: of x at an index i it makes half_up(x RAY
/ i) shares, so |shares * i - x RAY| <= i / 2, half a share. Figures are in units of 1 / RAY wei, which are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from pooltwin.protocol.events import BackUnbacked, Burn, FlashLoan, Mint, MintedToTreasury, ReserveDataUpdated

from ..reading.step import ReserveChange, ReserveView, Step
from ..reference import BPS, RAY, ceil, half_up
from .accrual import synced
from .stable_debts import GIFTS_LENT, index_with_gifts


def conversions(step: Step, asset: str) -> tuple[int, int]:
    """Count the conversions between amounts and shares in a step: of aTokens, and of debt.

    A `Mint` of nothing but interest is none: it comes of a transfer, which moves shares and makes none.
    """
    home = step.census.homes[asset]
    counts = {home.a_token.address: 0, home.debt_token.address: 0}
    for where, event in step.events:
        if where in counts:
            kind = type(event)
            counts[where] += kind is Burn or (kind is Mint and event.value != event.balance_increase)
    return counts[home.a_token.address], counts[home.debt_token.address]


class Shared(NamedTuple):
    """A premium, or a fee of the bridge, that was shared with lenders through the index."""

    amount: int
    """The lenders' part (wei)."""
    owed: int
    """What lenders and treasury were owed together (wei), each to the nearest."""
    shares: int
    """Their shares."""
    index_after: int
    """The liquidity index afterwards (ray)."""
    treasury_shares: int
    """The shares that the treasury got for its part."""
    lent: int
    """What the premium was paid for (wei); 0 for a fee of the bridge."""


class _Replay:
    """The supply, the treasury's shares and the index of a reserve, followed from event to event of a step."""

    def __init__(self, change: ReserveChange) -> None:
        before = change.before
        self.step, self.asset = change.step, change.after.asset
        self.a_token = self.step.census.homes[self.asset].a_token.address
        self.supply, self.accrued = before.scaled_supply, before.accrued
        updated = before.last_update != change.after.last_update
        self.index, self.due = (before.income, synced(before).due) if updated else (before.liquidity_index, 0)
        """The index as the step's first update leaves it, and the treasury's shares that this update adds."""
        pool = self.step.census.pool
        field = self.step.before.field
        premium_bps, fee_bps = field(pool, "flash_loan_premium_to_protocol"), field(pool, "bridge_protocol_fee")
        self.waiting = [
            *(
                (e.premium, premium_bps, e.amount)
                for e in self.step.events_of(FlashLoan)
                if e.asset == self.asset and e.premium
            ),
            *((e.fee, fee_bps, 0) for e in self.step.events_of(BackUnbacked) if e.reserve == self.asset),
        ]
        """What is to be shared, with the treasury's part (bps) and what was lent for it."""
        self.found: list[Shared] = []

    def follow(self, where: str, event: object) -> bool:
        """Take one event into account. Returns whether an index that it tells has its reason."""
        if where == self.a_token:
            self.supply += _shares_of(event)
        elif isinstance(event, MintedToTreasury) and event.reserve == self.asset:
            self.accrued = 0
        elif isinstance(event, ReserveDataUpdated) and event.reserve == self.asset:
            self.accrued, self.due = self.accrued + self.due, 0
            return event.liquidity_index == self.index or self._share(event.liquidity_index)
        elif isinstance(event, FlashLoan) and event.asset == self.asset and event.premium:
            self._share_what_moves_nothing(event.premium)
        return True

    def _share_what_moves_nothing(self, premium: int) -> None:
        """Share a premium too small to move the index when its loan is told: a later one may move it."""
        for paid in self.waiting:
            shared = self._shared(*paid) if paid[0] == premium else None
            if shared is not None and shared.index_after == self.index:
                self.waiting.remove(paid)
                self.found.append(shared)
                self.accrued += shared.treasury_shares
                return

    def _share(self, index: int) -> bool:
        """Find the premium that took the index there."""
        for paid in self.waiting:
            shared = self._shared(*paid)
            if shared is not None and shared.index_after == index:
                self.waiting.remove(paid)
                self.found.append(shared)
                self.index, self.accrued = index, self.accrued + shared.treasury_shares
                return True
        return False

    def explains_the_rest(self) -> bool:
        """Take what is left for premiums too small to move the index. Returns whether they are."""
        for paid in self.waiting:
            shared = self._shared(*paid)
            if shared is None or shared.index_after != self.index:
                return False
            self.found.append(shared)
            self.accrued += shared.treasury_shares
        return True

    def _shared(self, paid: int, treasury_bps: int, lent: int) -> Shared | None:
        to_treasury = half_up(paid, treasury_bps, BPS)
        amount = paid - to_treasury
        owed = half_up(self.supply, self.index, RAY) + half_up(self.accrued, self.index, RAY)
        if owed == 0:
            return None
        index = half_up(self.index, RAY + half_up(amount, RAY, owed), RAY)
        return Shared(amount, owed, self.supply + self.accrued, index, half_up(to_treasury, RAY, index), lent)


def _shares_of(event: object) -> int:
    """Tell how many shares an event of an aToken made, fewer than none if it burned them."""
    if isinstance(event, Mint):
        return half_up(event.value - event.balance_increase, RAY, event.index_ray)
    if isinstance(event, Burn):
        return -half_up(event.value + event.balance_increase, RAY, event.index_ray)
    return 0


def premiums_shared(change: ReserveChange) -> tuple[Shared, ...] | None:
    """Find what the step shared with lenders through the index, by the formula of v3.0.2 to v3.3.

    The lenders' part p of a premium takes L to half_up(L (RAY + half_up(p RAY / T))), with T what lenders and treasury
    are owed. None where the index moved otherwise.
    """
    before, after, step = change.before, change.after, change.step
    shares = step.census.own_rules.premiums_raise_the_index and before.last_update != 0
    if not shares or not (any(step.events_of(FlashLoan)) or any(step.events_of(BackUnbacked))):
        return () if after.liquidity_index in (before.liquidity_index, before.income) else None
    replay = _Replay(change)
    if not all(replay.follow(where, event) for where, event in step.events) or replay.index != after.liquidity_index:
        return None
    return tuple(replay.found) if replay.explains_the_rest() else None


def remember_gifts_lent(change: ReserveChange) -> None:
    """Remember by how much premiums for loans of what nobody owned raised the liquidity index. v3.0.2.

    There a loan may be as large as what the aToken holds, gifts included, however little lenders own. A premium of
    which the part p is for gifts makes at most 1 + p / T + 1 / RAY of the index, the roundings counted in. What was
    given before the step is the slack that it found; what is given or taken inside the step counts for nothing.
    """
    given = synced(change.before).slack if any(change.step.events_of(FlashLoan)) else 0
    if given <= 0:
        return
    memory, key = change.step.memory, (GIFTS_LENT, change.after.asset)
    for shared in premiums_shared(change) or ():
        part = min(given, shared.lent)
        given -= part  # loans inside loans find what is left
        if part:
            paid = ceil(shared.amount, part, shared.lent)
            grown = (shared.owed + paid) * RAY + shared.owed
            memory[key] = ceil(memory[key] or RAY, grown, shared.owed * RAY)


def premium_shares(change: ReserveChange) -> int:
    """Reckon the treasury's shares of the premiums paid in this step, as the release rounds and divides them."""
    step = change.step
    if step.census.own_rules.premiums_raise_the_index:
        return sum(shared.treasury_shares for shared in premiums_shared(change) or ())
    return whole_premium_shares(change)


def whole_premium_shares(change: ReserveChange) -> int:
    """Reckon the shares that the premiums paid in this step make, all of them."""
    after, step = change.after, change.step
    return sum(
        after.rules.down(event.premium, RAY, after.liquidity_index)
        for event in step.events_of(FlashLoan)
        if event.asset == after.asset and event.interest_rate_mode == 0
    )


def premium_gain(change: ReserveChange, *, treasury: bool) -> int:
    """Bound what lenders may gain by premiums beyond what was paid; with `treasury`, lenders and treasury together.

    L' is rounded to the nearest once and its growth g once: with N shares, N (L' - L) <= N L g / RAY + N / 2, and g <=
    p RAY / T + 1 / 2. T is less than a wei short of N L / RAY, so N L p / T <= RAY p + RAY p / T. In sum, beyond the
    RAY p that are paid: RAY p / T + N (L / RAY + 1) / 2. The treasury's own part is half a share too much at most.
    """
    rules = change.step.census.rules
    if rules.debts_round_up:
        return 0
    if not rules.premiums_raise_the_index:
        loans = sum(1 for event in change.step.events_of(FlashLoan) if event.asset == change.after.asset)
        return loans * half_a_share(change.step, change.after) if treasury else 0
    gain = 0
    for shared in premiums_shared(change) or ():
        gain += RAY * shared.amount // shared.owed + shared.shares * (shared.index_after // RAY + 2) // 2 + RAY
        gain += half_a_share(change.step, change.after) if treasury else 0
    return gain


def half_a_share(step: Step, view: ReserveView) -> int:
    """Value half a share, as it is or as interest alone has made it, whichever is less.

    Interest takes the liquidity index no higher than the debt index B, or what stable debts paid beyond it; IDX-15
    allows for twice of it. So half an honest share is B / RAY wei at most. In v3.0.2 premiums for loans of gifts are
    counted in.
    """
    return min((view.income + 1) // 2, index_with_gifts(step, view))


Price = Callable[[Step, ReserveView], int]


def rounding_gain(change: ReserveChange, share: Price = half_a_share) -> int:
    """Bound what conversions may give the users of a reserve: `share` for each of aTokens, B / 2 for each of debt."""
    if change.step.census.rules.debts_round_up:
        return 0
    of_shares, of_debt = conversions(change.step, change.after.asset)
    debt_index = max(change.before.debt_index, change.after.borrow_index)
    return of_shares * share(change.step, change.after) + of_debt * ((debt_index + 1) // 2)
