"""The laws over recordings: a history of the real contracts, replayed and verified, with every law watching.

Two ways to count. Every *step* is judged as in a campaign: whatever a law's subject it touched, and after time has
passed every reserve. And every *read-out* of the recording is taken as a state by itself, in which the laws that speak
of states are asked of every reserve and every user, solvency with zero tolerance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.market import Market
from pooltwin.protocol.recordings.recording import Record, Recording, RecordingError, StateReadOut
from pooltwin.protocol.recordings.verification import Replay

from .campaigns.probing import run_probes
from .catalogue import all_laws
from .law import Law, Violation
from .monitor import Monitor
from .reading.moment import Moment
from .reading.position import NoPriceError
from .reading.views import ReserveView
from .reference import RAY, ceil, floor
from .worth import Minor

Progress = Callable[[int], None]


@dataclass(slots=True)
class LawCount:
    """The count of one law over a recording: how often it was put to the test, and how it fared."""

    law: Law
    checks: int = 0
    violations: int = 0
    deviations: int = 0
    """Of the violations, those that are known of the release."""
    worst: Violation | None = None
    """The one whose two figures are furthest apart; the first, where they are no numbers."""
    minor: Minor = field(default_factory=Minor)
    """What broke by less than counts."""

    def note(self, violation: Violation) -> None:
        """Count a violation."""
        self.violations += 1
        self.deviations += violation.known
        if self.worst is None or _gap(violation) > _gap(self.worst):
            self.worst = violation

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        worst = f"{self.worst.where}: {self.worst.verdict}" if self.worst is not None else ""
        return {"checks": self.checks, "violations": self.violations, "known": self.deviations, "worst": worst}


def _gap(violation: Violation) -> int:
    left, right = violation.verdict.left, violation.verdict.right
    return abs(left - right) if type(left) is int and type(right) is int else 0


@dataclass(slots=True)
class ReadOuts:
    """The laws of states over the read-outs of a recording."""

    reserves: int = 0
    """Reserve states looked at."""
    users: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    """By law, as `READINGS` names them."""
    worst_slack: int = 0
    """The lowest slack in base currency, 0 where none was negative."""
    worst_slack_in_words: str = ""


@dataclass(slots=True)
class Judgement:
    """The judgement of the laws on a recording."""

    path: Path
    revision: str
    judged_by: str
    steps: int
    laws: list[LawCount]
    read_outs: ReadOuts
    in_vain: bool = False
    """Did every call of it revert?"""

    @property
    def unknown(self) -> list[LawCount]:
        """Laws broken although nothing is known of the release that would break them."""
        return [count for count in self.laws if count.violations > count.deviations]

    def to_json(self) -> dict[str, Any]:
        """What broke, and the read-outs, as JSON data."""
        states = self.read_outs
        return {
            "steps": self.steps,
            "broken": {count.law.id: count.to_json() for count in self.laws if count.violations},
            "states": {"reserves": states.reserves, "users": states.users, **states.failures},
            "worst slack": states.worst_slack_in_words,
        }


def judge_recording(
    path: Path,
    *,
    judged_by: str = "",
    laws: Sequence[Law] | None = None,
    worth_at_least: int = 0,
    progress: Progress = lambda _: None,
) -> Judgement:
    """Replay a recording with the laws of its release, or of `judged_by`, watching from when its assets are listed.

    `laws` are those that may be asked, the whole catalogue unless given. What breaks by less than `worth_at_least` in
    base currency (8 decimals) is counted apart.
    Raises RecordingError for what is no recording, and where the twin and the recording part: laws about a history
    that did not happen would say nothing.
    """
    recording = Recording(path)
    replay = Replay(recording)
    monitor: Monitor | None = None
    read_outs = ReadOuts(failures=dict.fromkeys(READINGS, 0))
    for number, (line, record) in enumerate(recording, 1):
        if monitor is None:
            monitor = _monitor_of(replay, judged_by, all_laws() if laws is None else laws, worth_at_least)
        _apply(replay, line, record)
        if monitor is not None:
            monitor.settle()
            if isinstance(record, StateReadOut):
                read(read_outs, monitor, [*record.state.users])
                run_probes(monitor, f"{path.name}/{line}")
        progress(number)
    if monitor is None:
        raise RecordingError(f"{path}: the assets of its header are never listed")
    monitor.detach()
    return judged(path, monitor, read_outs, judged_by)


def _apply(replay: Replay, line: int, record: Record) -> None:
    difference = replay.apply(line, record)
    if difference is not None:
        raise RecordingError(
            f"{replay.path}, line {line}: twin and recording part at {difference.place}: "
            f"{difference.recorded} recorded, {difference.twin} in the twin"
        )


def _monitor_of(replay: Replay, judged_by: str, laws: Sequence[Law], worth_at_least: int) -> Monitor | None:
    """Make a watching monitor, once every asset of the header is listed."""
    header = replay.header
    provider = replay.chain.contracts[header.addresses["provider"]]
    if provider is None or header.addresses["pool"] not in provider.addresses.values():
        return None
    market = Market(replay.chain, header.addresses["provider"])
    if market.pool.reserves_count < len(header.reserves):
        return None
    names = {where: label for label, where in header.addresses.items()}
    names.update({user: f"user {number}" for number, user in enumerate(header.users)})
    names.update({header.admin: "admin", header.treasury: "treasury", header.umbrella: "umbrella"})
    monitor = Monitor(
        market, laws, stop=False, strict=True, names=names, judged_by=judged_by, worth_at_least=worth_at_least
    )
    return monitor.attach()


def judged(path: Path, monitor: Monitor, read_outs: ReadOuts, judged_by: str) -> Judgement:
    """Sum up what a monitor has seen."""
    revision = monitor.chain.revision.name
    exercised = monitor.exercised()
    counts = {law.id: LawCount(law, exercised[law.id]) for law in monitor.laws}
    for identifier, minor in monitor.minor.items():
        counts[identifier].minor = minor
    for violation in monitor.violations:
        counts[violation.law.id].note(violation)
    return Judgement(path, revision, judged_by or revision, monitor.steps, list(counts.values()), read_outs)


# --- states by themselves ---------------------------------------------------------------------------------------------


def read(into: ReadOuts, monitor: Monitor, users: list[Address]) -> None:
    """Ask the laws of states about every reserve and some users as they are now."""
    now = Moment(monitor.census, {}, monitor.chain.time)
    for asset in monitor.census.homes:
        view = now.reserve(asset)
        into.reserves += 1
        for name, failures in _reserve_failures(monitor, view):
            into.failures[name] += failures
        _note_slack(into, view, _price_of(now, asset))
    for user in users:
        into.users += 1
        holdings = now.position(user).holdings
        into.failures["FLG-1"] += sum(holding.borrow_bit != holding.owes for holding in holdings)
        into.failures["FLG-2"] += sum(holding.collateral_bit and not holding.scaled_supply for holding in holdings)


READINGS = {
    "SOL-1": "slack not below zero, without any bound",
    "SOL-5": "underlying held, at least the virtual balance",
    "SOL-8": "scaled balances and debts, counted over everybody, those of the tokens",
    "IDX-1": "stored indexes at least one ray",
    "RAT-2": "lenders promised no more than borrowers pay, at the last update",
    "FLG-1": "borrow bit, where something is owed and only there",
    "FLG-2": "collateral bit, only where there are aTokens",
}
"""What is asked of each state, by law."""


def _reserve_failures(monitor: Monitor, view: ReserveView) -> Iterator[tuple[str, int]]:
    home = monitor.census.homes[view.asset]
    yield "SOL-1", view.slack < 0
    yield "SOL-5", view.underlying < view.virtual
    sums = sum(home.a_balances.values()), sum(home.debt_balances.values())
    yield "SOL-8", sums != (view.scaled_supply, view.scaled_debt)
    yield "IDX-1", min(view.liquidity_index, view.borrow_index) < RAY
    yield "RAT-2", view.scaled_debt != 0 and promised_too_much(view)


def promised_too_much(view: ReserveView) -> bool:
    """Are lenders promised too much? RAT-2 at the indexes of the last update, with its bound."""
    claims = floor(view.scaled_supply + view.accrued, view.liquidity_index, RAY)
    debt = ceil(view.scaled_debt, view.borrow_index, RAY)
    return view.liquidity_rate * claims > view.borrow_rate * (debt + 3) + 6 * claims


def _price_of(now: Moment, asset: Address) -> int:
    try:
        return now.price(asset)
    except NoPriceError:
        return 0


def _note_slack(into: ReadOuts, view: ReserveView, price: int) -> None:
    worth = view.slack * price // view.unit
    if view.slack < 0 and (not into.worst_slack_in_words or worth < into.worst_slack):
        into.worst_slack = worth
        into.worst_slack_in_words = amount_in_words(view.slack, view.unit, view.symbol)


def amount_in_words(amount: int, unit: int, symbol: str) -> str:
    """Write an amount as "-6,684.7 LINK", or in wei where it is less than a tenth of a token."""
    if abs(amount) * 10 < unit:
        return f"{amount:,} wei of {symbol}"
    tenths = abs(amount) * 10 // unit
    return f"{'-' if amount < 0 else ''}{tenths // 10:,}.{tenths % 10} {symbol}"
