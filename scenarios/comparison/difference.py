"""Differences between a revision and its baseline: single calls, and what they add up to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pooltwin.invariants.law import Violation
from pooltwin.protocol.address import Address
from pooltwin.protocol.errors import ERC20InsufficientAllowance, ERC20InsufficientBalance, ErrorString, Revert
from pooltwin.protocol.market import Market
from pooltwin.protocol.math.wad_ray import RAY
from pooltwin.protocol.receipt import Receipt
from pooltwin.protocol.revisions import Revision

Progress = Callable[[int], None]
"""Told how many records have been played."""

Answer = Receipt | str | None
"""The receipt of a call; or a word why it cannot be asked, None where there is no such function."""

Names = Mapping[Address, str]
NAMELESS: tuple[Names, Names] = ({}, {})
_ADDRESS = re.compile("0x[0-9a-f]{40}(?![0-9a-f])")
MAX_EXAMPLES = 12
MAX_ALIKE = 3
"""How many examples there are of the same kind in the same thing."""
UNASKED = "not asked"
NO_FUNCTION = "no such function"
OTHER_WORDS = "a token's other words"
"""The kind of a difference between two texts in which a token, not the protocol, refuses the same."""


@dataclass(frozen=True, slots=True)
class CallDifference:
    """A call that came out differently than on the baseline."""

    line: int
    call: str
    kind: str
    what: str
    baseline: str
    here: str
    units: int | None
    """Here minus baseline, in the smallest unit, where both are numbers."""

    def is_like(self, other: CallDifference) -> bool:
        """Does another call differ in the same?"""
        return (self.kind, self.what) == (other.kind, other.what) and self.what != "outcome"


@dataclass(frozen=True, slots=True)
class ReserveTotals:
    """One reserve at the end of the history, in the asset's smallest unit."""

    symbol: str
    decimals: int
    price: int
    owed_to_lenders: int
    owed_to_treasury: int
    owed_by_borrowers: int
    in_the_pool: int
    deficit: int

    @property
    def slack(self) -> int:
        """Debts and cash of the pool, less what lenders and treasury are owed; deficits are not counted in."""
        return self.owed_by_borrowers + self.in_the_pool - self.owed_to_lenders - self.owed_to_treasury


MEASURES = ("owed_to_lenders", "owed_to_treasury", "owed_by_borrowers", "in_the_pool", "deficit", "slack")


class Change(NamedTuple):
    """All reserves before and after, both read by the same revision's views."""

    before: Sequence[ReserveTotals]
    after: Sequence[ReserveTotals]


@dataclass(slots=True)
class Worth:
    """The worth of what one function's calls did differently: how many, and how much in each reserve and measure."""

    calls: int = 0
    units: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, there: Change, here: Change) -> None:
        """Add what one call changed here beyond what it changed there."""
        before = Counter(self.units)
        for now, then, sign in ((here.after, here.before, 1), (there.after, there.before, -1)):
            for reserve, earlier in zip(now, then, strict=True):
                for measure in MEASURES:
                    change = getattr(reserve, measure) - getattr(earlier, measure)
                    self.units[reserve.symbol, measure] += sign * change
        self.calls += any(self.units[key] != before[key] for key in self.units)


@dataclass(slots=True)
class Branch:
    """The outcome of one revision living through the history."""

    revision: Revision
    counts: Counter[str] = field(default_factory=Counter)
    differences: list[CallDifference] = field(default_factory=list)
    totals: list[ReserveTotals] = field(default_factory=list)
    worth: dict[str, Worth] = field(default_factory=dict)
    """Call by call: what each function's calls did differently, summed up."""
    changes: list[str] = field(default_factory=list)
    """What of the history's market and setting the release lacks, or has otherwise."""
    wordings: list[CallDifference] = field(default_factory=list)
    """Calls that a token refuses on both in other words: no answers of the protocol."""
    watched: dict[str, Violation | None] | None = None
    """Where laws watch: each law that is asked of the release, and its first violation, if it broke."""
    succeeded: int = 0
    """How many calls succeeded."""

    def note_success(self, answer: Answer) -> None:
        """Count a call that succeeded."""
        self.succeeded += isinstance(answer, Receipt) and answer.ok

    def judge(
        self, line: int, call: Callable[[], str], reference: Answer, here: Answer, names: tuple[Names, Names] = NAMELESS
    ) -> None:
        """Count one call, and keep it as an example if it came out differently.

        Instead of a receipt there is a word why the call cannot be asked, or None where there is no such function. By
        `names`, the baseline's and those here, addresses are the same whose names are.
        """
        if not isinstance(reference, Receipt) or not isinstance(here, Receipt):
            why = reference if isinstance(here, Receipt) else here
            what = "only here" if isinstance(here, Receipt) else UNASKED
            there = " there" if isinstance(here, Receipt) else ""
            self.counts[f"{what}: {NO_FUNCTION if why in (None, NO_FUNCTION) else 'it cannot be said'}{there}"] += 1
            return
        difference = _call_difference(line, call, reference, here, names)
        self.counts[difference.kind if difference else "same"] += 1
        if difference is not None:
            kept = self.wordings if difference.kind == OTHER_WORDS else self.differences
            if len(kept) < MAX_EXAMPLES and sum(difference.is_like(other) for other in kept) < MAX_ALIKE:
                kept.append(difference)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole comparison; the first branch is the baseline."""

    path: Path
    recorded_revision: str
    calls: int
    branches: list[Branch]
    each_call: bool = False
    is_script: bool = False

    @property
    def in_vain(self) -> bool:
        """Did every call of a script revert on the baseline, or did it make none?"""
        return self.is_script and not self.branches[0].succeeded


Note = Callable[[str, str, object, object], CallDifference]
"""Makes a difference of its kind, of what differs, and of both values, the baseline's first."""


def _call_difference(
    line: int, call: Callable[[], str], reference: Receipt, here: Receipt, names: tuple[Names, Names]
) -> CallDifference | None:
    """Find the first thing in which two receipts of one call differ."""

    def note(kind: str, what: str, there: object, ours: object) -> CallDifference:
        units = ours - there if isinstance(there, int) and isinstance(ours, int) else None
        told, theirs, mine = _named(call(), names[0]), _named(str(there), names[0]), _named(str(ours), names[1])
        return CallDifference(line, told, kind, what, theirs, mine, units)

    if reference.ok != here.ok:
        kind = "succeeds only here" if here.ok else "fails only here"
        return note(kind, "outcome", _outcome(reference), _outcome(here))
    if not here.ok:
        if type(reference.revert) is type(here.revert):
            return None
        kind = OTHER_WORDS if _is_of_a_token(reference) and _is_of_a_token(here) else "other error"
        return note(kind, "error", _outcome(reference), _outcome(here))
    if reference.value != here.value:
        return note("other amounts", "return value", reference.value, here.value)
    return _event_difference(note, reference, here, names)


def _named(text: str, names: Names) -> str:
    """Write names in the place of the addresses that have one."""
    return _ADDRESS.sub(lambda found: names.get(found[0], found[0]), text)


def _is_of_a_token(receipt: Receipt) -> bool:
    """Is it the refusal of an ERC-20 token to move what is not there or not allowed?"""
    revert = receipt.revert
    return isinstance(revert, ERC20InsufficientBalance | ERC20InsufficientAllowance) or (
        isinstance(revert, ErrorString) and revert.message.startswith("ERC20:")
    )


def _outcome(receipt: Receipt) -> str:
    return "ok" if receipt.revert is None else receipt.revert.describe()


def _event_difference(
    note: Note, reference: Receipt, here: Receipt, names: tuple[Names, Names]
) -> CallDifference | None:
    left, right = _comparable(reference), _comparable(here)
    names_left, names_right = [type(event).__name__ for event in left], [type(event).__name__ for event in right]
    if names_left != names_right:
        return note("other events", "events", ", ".join(names_left), ", ".join(names_right))
    for one, other in zip(left, right, strict=True):
        for name, value, theirs in zip(one._fields, one, other, strict=True):
            if value != theirs and not (value in names[0] and names[0][value] == names[1].get(theirs)):
                return note("other amounts", f"{type(one).__name__}.{name}", value, theirs)
    return None


_ALLOWANCE_EVENTS = ("Approval", "BorrowAllowanceDelegated")


def _comparable(receipt: Receipt) -> list[Any]:
    """Leave out the events of allowances, which come and go with token versions and move nothing."""
    return [event for event in receipt.events if type(event).__name__ not in _ALLOWANCE_EVENTS]


def totals_of(market: Market) -> list[ReserveTotals]:
    """Read the totals of every listed reserve at this moment."""
    return [_reserve_totals(market, symbol, asset) for symbol, asset in market.assets.items()]


def _reserve_totals(market: Market, symbol: str, asset: Address) -> ReserveTotals:
    reserve = market.pool.reserves[asset]
    a_token, debt_token = market.chain.at(reserve.a_token), market.chain.at(reserve.variable_debt_token)
    owed_to_treasury = a_token.balance_of(a_token.treasury)
    try:
        price = market.oracle.price_of(asset)
    except Revert:
        price = 0
    release = market.chain.revision
    held = market.chain.at(asset).balance_of(a_token.address)
    stable = market.stable_debt_token(symbol).total_supply() if release.stable_rates else 0
    return ReserveTotals(
        symbol=symbol,
        decimals=market.chain.at(asset).decimals(),
        price=price,
        owed_to_lenders=a_token.total_supply() - owed_to_treasury,
        owed_to_treasury=owed_to_treasury + reserve.accrued_to_treasury * market.pool.income_of(asset) // RAY,
        owed_by_borrowers=debt_token.total_supply() + stable,
        in_the_pool=reserve.virtual_underlying_balance if release.virtual_balances else held,
        deficit=reserve.deficit,
    )
