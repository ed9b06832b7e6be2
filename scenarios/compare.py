"""One history on several revisions: where they part, by how much, and what it adds up to.

The history is a recording. Every revision lives through all of it; nothing is compared with what was recorded, only
with what the baseline does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pooltwin.protocol.address import ZERO_ADDRESS
from pooltwin.protocol.chain import Chain, Receipt
from pooltwin.protocol.decoding import describe_call
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.market import Market
from pooltwin.protocol.math.wad_ray import RAY
from pooltwin.protocol.playback import Playback
from pooltwin.protocol.recording import Call, Deployment, Header, PriceChange, Record, Recording
from pooltwin.protocol.revisions import Revision, revision_named

from .translation import Setting, translated_call, translated_deployment

Progress = Callable[[int], None]
"""Told how many records have been played."""

MAX_EXAMPLES = 12


@dataclass(frozen=True, slots=True)
class Parting:
    """A call that came out differently than on the baseline."""

    line: int
    call: str
    kind: str
    what: str
    baseline: str
    here: str
    difference: int | None
    """Here minus baseline, in the smallest unit, where both are numbers."""


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
        """What borrowers owe and the pool holds, less what lenders and treasury are owed; deficits not counted in."""
        return self.owed_by_borrowers + self.in_the_pool - self.owed_to_lenders - self.owed_to_treasury


MEASURES = ("owed_to_lenders", "owed_to_treasury", "owed_by_borrowers", "in_the_pool", "deficit", "slack")


class Change(NamedTuple):
    """All reserves before and after, both read by the same revision's views."""

    before: Sequence[ReserveTotals]
    after: Sequence[ReserveTotals]


@dataclass(slots=True)
class Worth:
    """What the calls of one function did differently: how many, and by how much in each reserve and measure."""

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
    """One revision living through the history."""

    revision: Revision
    playback: Playback
    counts: Counter[str] = field(default_factory=Counter)
    partings: list[Parting] = field(default_factory=list)
    totals: list[ReserveTotals] = field(default_factory=list)
    worth: dict[str, Worth] = field(default_factory=dict)
    """Call by call: what each function's calls did differently, summed up."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole comparison; the first branch is the baseline."""

    path: Path
    recorded_revision: str
    calls: int
    branches: list[Branch]
    each_call: bool


def compare(
    path: Path,
    revisions: Sequence[str],
    baseline: str | None = None,
    *,
    each_call: bool = False,
    progress: Progress = lambda _: None,
) -> Comparison:
    """Play a recording on several revisions. Raises RecordingError, and ValueError for an unknown revision.

    With `each_call` every call starts from the baseline's state.
    """
    recording = Recording(path)
    first = baseline or recording.header.revision
    names = [first, *(name for name in revisions if name != first)]
    branches = [Branch(revision, Playback(path, recording.header, revision)) for revision in map(revision_named, names)]
    if each_call:
        _require_common_state(branches)
    calls = 0
    for count, (line, record) in enumerate(recording, 1):
        calls += isinstance(record, Call)
        _play(branches, line, record, each_call)
        progress(count)
    for branch in branches:
        branch.totals = _totals(branch.playback.chain, recording.header)
    return Comparison(path, recording.header.revision, calls, branches, each_call)


def _require_common_state(branches: list[Branch]) -> None:
    """Raises ValueError when a revision could not go on from the baseline's state."""
    baseline, *others = (branch.revision for branch in branches)
    for other in others:
        if other.strategies_per_reserve is not baseline.strategies_per_reserve:
            raise ValueError(
                f"revision {other.name} cannot go on from the state of {baseline.name}: rate strategies, treasury and "
                "virtual balances moved with v3.4; compare these two without --each-call"
            )


def _play(branches: list[Branch], line: int, record: Record, each_call: bool) -> None:
    living = branches[:1] if each_call else branches
    match record:
        case Deployment():
            for branch in living:
                setting = Setting.of(branch.playback.header)
                branch.playback.deploy(line, translated_deployment(record, branch.revision, setting))
        case PriceChange():
            for branch in living:
                branch.playback.move_clock(record.t, record.n)
                branch.playback.change_price(line, record)
        case Call() if each_call:
            _play_from_same_state(branches, line, record)
        case Call():
            reference = _ask(branches[0], line, record)
            for branch in branches[1:]:
                _judge(branch, line, record, reference, _ask(branch, line, record))


def _play_from_same_state(branches: list[Branch], line: int, record: Call) -> None:
    """Each revision makes the call on a fork of the baseline's state."""
    baseline, *others = branches
    header = baseline.playback.header
    baseline.playback.move_clock(record.t, record.n)
    if baseline.playback.chain.contracts[header.addresses["pool"]] is None:  # the market is still being set up
        _ask(baseline, line, record)
        return
    for branch in others:
        branch.playback.chain = baseline.playback.chain.fork()
        branch.playback.chain.revision = branch.revision
    before_there = _totals(baseline.playback.chain, header)
    reference = _ask(baseline, line, record)
    there = Change(before_there, _totals(baseline.playback.chain, header))
    for branch in others:
        before_here = _totals(branch.playback.chain, header)
        here = _ask(branch, line, record)
        _judge(branch, line, record, reference, here)
        if here is not None and there.before and len(there.before) == len(there.after):
            name = record.fn.partition("(")[0]
            change = Change(before_here, _totals(branch.playback.chain, header))
            branch.worth.setdefault(name, Worth()).add(there, change)


def _ask(branch: Branch, line: int, record: Call) -> Receipt | None:
    """The call's receipt; None where the revision has no such function."""
    playback = branch.playback
    playback.move_clock(record.t, record.n)
    to = playback.address_of(line, record.to)
    contract = playback.chain.contracts[to]
    data: bytes | None = bytes.fromhex(record.data[2:])
    if contract is not None and data is not None:
        data = translated_call(contract, branch.revision, data, Setting.of(playback.header))
    return None if data is None else playback.chain.transact(record.sender, to, data)


def _judge(branch: Branch, line: int, record: Call, reference: Receipt | None, here: Receipt | None) -> None:
    if reference is None or here is None:
        branch.counts["not asked: no such function" if here is None else "only here: no such function there"] += 1
        return
    parting = _parting(branch, line, record, reference, here)
    branch.counts[parting.kind if parting else "same"] += 1
    if parting is not None and len(branch.partings) < MAX_EXAMPLES:
        branch.partings.append(parting)


def _parting(branch: Branch, line: int, record: Call, reference: Receipt, here: Receipt) -> Parting | None:
    data = bytes.fromhex(record.data[2:])
    to = branch.playback.address_of(line, record.to)
    call = f"{record.to}.{describe_call(branch.playback.chain, to, data, record.fn)}"

    def parting(kind: str, what: str, left: object, right: object) -> Parting:
        both = isinstance(left, int) and isinstance(right, int)
        difference = int(right) - int(left) if both else None  # type: ignore[call-overload]
        return Parting(line, call, kind, what, str(left), str(right), difference)

    if reference.ok != here.ok:
        kind = "succeeds only here" if here.ok else "fails only here"
        return parting(kind, "outcome", _outcome(reference), _outcome(here))
    if not here.ok:
        same = type(reference.revert) is type(here.revert)
        return None if same else parting("other error", "error", _outcome(reference), _outcome(here))
    if reference.value != here.value:
        return parting("other amounts", "return value", reference.value, here.value)
    return _events_part(parting, reference, here)


def _outcome(receipt: Receipt) -> str:
    return "ok" if receipt.revert is None else receipt.revert.describe()


def _events_part(
    parting: Callable[[str, str, object, object], Parting], reference: Receipt, here: Receipt
) -> Parting | None:
    left, right = _comparable(reference), _comparable(here)
    names_left, names_right = [type(event).__name__ for event in left], [type(event).__name__ for event in right]
    if names_left != names_right:
        return parting("other events", "events", ", ".join(names_left), ", ".join(names_right))
    for one, other in zip(left, right, strict=True):
        for name, value, theirs in zip(one._fields, one, other, strict=True):
            if value != theirs:
                return parting("other amounts", f"{type(one).__name__}.{name}", value, theirs)
    return None


_ALLOWANCE_EVENTS = ("Approval", "BorrowAllowanceDelegated")


def _comparable(receipt: Receipt) -> list[Any]:
    """Events but those of allowances, which come and go with token versions and move nothing."""
    return [event for event in receipt.events if type(event).__name__ not in _ALLOWANCE_EVENTS]


def _totals(chain: Chain, header: Header) -> list[ReserveTotals]:
    market = Market(chain, header.addresses["provider"])
    listed = [
        symbol for symbol in header.reserves if market.pool.reserves[header.addresses[symbol]].a_token != ZERO_ADDRESS
    ]
    return [_reserve_totals(market, symbol, header) for symbol in listed]


def _reserve_totals(market: Market, symbol: str, header: Header) -> ReserveTotals:
    asset = header.addresses[symbol]
    reserve = market.pool.reserves[asset]
    a_token, debt_token = market.chain.at(reserve.a_token), market.chain.at(reserve.variable_debt_token)
    treasury = a_token.balance_of(header.treasury)
    try:
        price = market.oracle.price_of(asset)
    except Revert:
        price = 0
    return ReserveTotals(
        symbol=symbol,
        decimals=market.chain.at(asset).decimals(),
        price=price,
        owed_to_lenders=a_token.total_supply() - treasury,
        owed_to_treasury=treasury + reserve.accrued_to_treasury * market.pool.income_of(asset) // RAY,
        owed_by_borrowers=debt_token.total_supply(),
        in_the_pool=reserve.virtual_underlying_balance,
        deficit=reserve.deficit,
    )
