"""Play one recording on several revisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pooltwin.protocol.market import Market
from pooltwin.protocol.receipt import Receipt
from pooltwin.protocol.recordings.decoding import describe_call
from pooltwin.protocol.recordings.playback import Playback
from pooltwin.protocol.recordings.recording import Call, Deployment, PriceChange, Record, Recording
from pooltwin.protocol.revisions import Revision

from .difference import Branch, Change, Progress, Worth, totals_of
from .translation import Setting, translated_call, translated_deployment


@dataclass(slots=True)
class Life:
    """One revision living through the recording."""

    branch: Branch
    playback: Playback

    @property
    def market(self) -> Market:
        """The market at this moment."""
        return Market(self.playback.chain, self.playback.header.addresses["provider"])


def play_recording(
    recording: Recording, revisions: Sequence[Revision], each_call: bool, progress: Progress
) -> tuple[int, list[Branch]]:
    """Play every record on every revision; the first is the baseline. Returns the number of calls, and what came of it.

    Raises RecordingError, and ValueError for a revision that cannot go on from the baseline's state.
    """
    path, header = recording.path, recording.header
    lives = [Life(Branch(revision), Playback(path, header, revision)) for revision in revisions]
    if each_call:
        _require_common_state(lives)
    calls = 0
    for count, (line, record) in enumerate(recording, 1):
        calls += isinstance(record, Call)
        _play(lives, line, record, each_call)
        progress(count)
    for life in lives:
        life.branch.totals = totals_of(life.market)
    return calls, [life.branch for life in lives]


def _require_common_state(lives: list[Life]) -> None:
    """Check that every revision can go on from the baseline's state. Raises ValueError for one that cannot."""
    baseline, *others = (life.branch.revision for life in lives)
    for other in others:
        if other.strategies_per_reserve is not baseline.strategies_per_reserve:
            raise ValueError(
                f"revision {other.name} cannot go on from the state of {baseline.name}: rate strategies, treasury and "
                "virtual balances moved with v3.4; compare these two without --each-call"
            )


def _play(lives: list[Life], line: int, record: Record, each_call: bool) -> None:
    living = lives[:1] if each_call else lives
    match record:
        case Deployment():
            for life in living:
                setting = Setting.of(life.playback.header)
                life.playback.deploy(line, translated_deployment(record, life.branch.revision, setting))
        case PriceChange():
            for life in living:
                life.playback.move_clock(record.t, record.n)
                life.playback.change_price(line, record)
        case Call() if each_call:
            _play_from_same_state(lives, line, record)
        case Call():
            reference = _ask(lives[0], line, record)
            for life in lives[1:]:
                _judge(lives[0], life, line, record, reference, _ask(life, line, record))


def _play_from_same_state(lives: list[Life], line: int, record: Call) -> None:
    """Make the call on a fork of the baseline's state for each revision."""
    baseline, *others = lives
    header = baseline.playback.header
    baseline.playback.move_clock(record.t, record.n)
    if baseline.playback.chain.contracts[header.addresses["pool"]] is None:  # the market is still being set up
        _ask(baseline, line, record)
        return
    for life in others:
        life.playback.chain = baseline.playback.chain.fork()
        life.playback.chain.set_revision(life.branch.revision)
    before_there = totals_of(baseline.market)
    reference = _ask(baseline, line, record)
    there = Change(before_there, totals_of(baseline.market))
    for life in others:
        before_here = totals_of(life.market)
        here = _ask(life, line, record)
        _judge(baseline, life, line, record, reference, here)
        if here is not None and there.before and len(there.before) == len(there.after):
            name = record.fn.partition("(")[0]
            change = Change(before_here, totals_of(life.market))
            life.branch.worth.setdefault(name, Worth()).add(there, change)


def _ask(life: Life, line: int, record: Call) -> Receipt | None:
    """Make one call. Returns its receipt, or None where the revision has no such function."""
    playback = life.playback
    playback.move_clock(record.t, record.n)
    to = playback.address_of(line, record.to)
    contract = playback.chain.contracts[to]
    data: bytes | None = bytes.fromhex(record.data[2:])
    if contract is not None and data is not None:
        data = translated_call(contract, data, Setting.of(playback.header))
    return None if data is None else playback.chain.transact(record.sender, to, data)


def _judge(
    baseline: Life, life: Life, line: int, record: Call, reference: Receipt | None, here: Receipt | None
) -> None:
    playback = life.playback
    data = bytes.fromhex(record.data[2:])

    def call() -> str:
        to = playback.address_of(line, record.to)
        return f"{record.to}.{describe_call(playback.chain, to, data, record.fn)}"

    life.branch.judge(line, call, reference, here, (baseline.playback.labels, playback.labels))
