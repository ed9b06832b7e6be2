"""Replaying a recorded history on the twin, comparing everything.

Success, return and revert data and the logs of each transaction, and each full read-out of the state. The first
difference ends the replay: after it, nothing means anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..revisions import revision_named
from .decoding import describe_call, describe_logs, describe_return
from .playback import Playback
from .readout import read_out
from .recording import Call, Checksums, Deployment, PriceChange, Record, Recording, RecordingError, StateReadOut

Progress = Callable[[int], None]
"""Told how many records have been replayed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The point where twin and recording part: the place, and both sides in words."""

    line: int
    place: str
    recorded: str
    twin: str


@dataclass(slots=True)
class Verification:
    """How a replay went."""

    path: Path
    revision: str
    calls: int = 0
    states: int = 0
    records: int = 0
    difference: Difference | None = None

    @property
    def ok(self) -> bool:
        """Did twin and recording agree to the end?"""
        return self.difference is None


class Replay(Playback):
    """A twin that lives through a recording, record by record, and is compared with it."""

    def __init__(self, recording: Recording) -> None:
        header = recording.header
        try:
            revision = revision_named(header.revision)
        except ValueError as error:
            raise RecordingError(f"{recording.path}, line 1: {error}") from None
        super().__init__(recording.path, header, revision)
        self.last_block = (-1, -1)
        self.known_senders = {
            *header.users,
            *header.addresses.values(),
            header.admin,
            header.treasury,
            header.umbrella,
            header.receiver,
        }

    def apply(self, line: int, record: Record) -> Difference | None:
        """Do what the record says and compare what comes out."""
        match record:
            case Call():
                return self._call(line, record)
            case PriceChange():
                return self._price(line, record)
            case StateReadOut():
                return self._state(line, record)
            case Deployment():
                return self._deploy(line, record)

    def _deploy(self, line: int, record: Deployment) -> Difference | None:
        expected = self.addresses.get(record.deploy, record.address)
        if record.address != expected:
            return Difference(line, f"address of {record.deploy}", record.address, expected)
        self.deploy(line, record)
        return None

    def _move_clock(self, line: int, timestamp: int, number: int) -> Difference | None:
        last = self.last_block
        moved = number > last[0] and timestamp >= last[1]
        if ((number, timestamp) != last and not moved) or timestamp < self.chain.time:
            then, now = f"block {number} at {timestamp}", f"block {last[0]} at {last[1]} was the last"
            return Difference(line, "time", then, now)
        self.last_block = (number, timestamp)
        self.move_clock(timestamp, number)
        return None

    def _price(self, line: int, record: PriceChange) -> Difference | None:
        difference = self._move_clock(line, record.t, record.n)
        if difference is None:
            self.change_price(line, record)
        return difference

    def _call(self, line: int, record: Call) -> Difference | None:
        if record.sender not in self.known_senders:
            return Difference(line, "sender", record.sender, "an account that the header names")
        difference = self._move_clock(line, record.t, record.n)
        if difference is not None:
            return difference
        to = self.address_of(line, record.to)
        data = bytes.fromhex(record.data[2:])
        receipt = self.chain.transact(record.sender, to, data)
        where = f"{record.to}.{describe_call(self.chain, to, data, record.fn)} from {record.sender}"
        if receipt.function is not None and record.fn not in (receipt.function.signature, "anything()"):
            return Difference(line, f"function of {where}", record.fn, receipt.function.signature)
        returned = receipt.return_data
        if receipt.ok != record.ok or "0x" + returned.hex() != record.ret:
            return Difference(
                line,
                f"outcome of {where}",
                describe_return(record.ok, bytes.fromhex(record.ret[2:]), receipt.function),
                describe_return(receipt.ok, returned, receipt.function),
            )
        recorded = [(self.address_of(line, label), topics, data) for label, topics, data in record.logs]
        logs = [
            (log.address, tuple("0x" + topic.hex() for topic in log.topics), "0x" + log.data.hex())
            for log in receipt.logs
        ]
        if logs != recorded:
            return _logs_difference(line, where, self._labelled(recorded), self._labelled(logs))
        return None

    def _labelled(self, logs: list[Any]) -> list[Any]:
        return [(self.labels.get(where, where), topics, data) for where, topics, data in logs]

    def _state(self, line: int, record: StateReadOut) -> Difference | None:
        assets = {symbol: self.address_of(line, symbol) for symbol in self.header.reserves}
        if record.state.t < self.chain.time:
            return Difference(line, "time of the state", str(record.state.t), str(self.chain.time))
        self.chain.set_time(record.state.t)
        users = list(record.state.users)
        if not set(self.header.users) <= set(users) <= self.known_senders:
            return Difference(line, "users of the state", ", ".join(users), ", ".join(self.header.users))
        twin = read_out(self.chain, self.address_of(line, "provider"), assets, users)
        path = _first_difference(record.state.model_dump(), twin)
        if path is None:
            return None
        place, recorded, ours = path
        return Difference(line, f"state.{place}", recorded, ours)


def _first_difference(recorded: Any, twin: Any, place: str = "") -> tuple[str, str, str] | None:
    if isinstance(recorded, dict) and isinstance(twin, dict) and recorded.keys() == twin.keys():
        for key, value in recorded.items():
            found = _first_difference(value, twin[key], f"{place}.{key}" if place else key)
            if found is not None:
                return found
        return None
    if isinstance(recorded, list) and isinstance(twin, list) and len(recorded) == len(twin):
        for index, (left, right) in enumerate(zip(recorded, twin, strict=True)):
            found = _first_difference(left, right, f"{place}[{index}]")
            if found is not None:
                return found
        return None
    return None if recorded == twin else (place, _keys_or_value(recorded), _keys_or_value(twin))


def _keys_or_value(value: Any) -> str:
    if isinstance(value, dict):
        return "fields " + ", ".join(value)
    return "null" if value is None else str(value)


def _logs_difference(line: int, where: str, recorded: list[Any], twin: list[Any]) -> Difference:
    for index, (left, right) in enumerate(zip(recorded, twin, strict=False)):
        if left != right:
            return Difference(line, f"log {index} of {where}", describe_logs([left]), describe_logs([right]))
    missing = min(len(recorded), len(twin))
    return Difference(
        line,
        f"logs of {where}: {len(recorded)} recorded, {len(twin)} in the twin",
        describe_logs(recorded[missing:]) or "no further log",
        describe_logs(twin[missing:]) or "no further log",
    )


def verify(
    path: Path, progress: Progress = lambda _: None, *, known: Mapping[str, Checksums] = MappingProxyType({})
) -> Verification:
    """Replay a recording to its end or to the first difference. Raises RecordingError for what is no recording.

    One of which only the header or only the rest is `known` has been edited: that is a difference too.
    """
    recording = Recording(path)
    replay = Replay(recording)
    result = Verification(path, recording.header.revision)
    for line, record in recording:
        result.difference = replay.apply(line, record)
        result.records += 1
        result.calls += isinstance(record, Call)
        result.states += isinstance(record, StateReadOut)
        progress(result.records)
        if result.difference is not None:
            return result
    result.difference = _edited(recording.checksums(), known)
    return result


def _edited(found: Checksums, known: Mapping[str, Checksums]) -> Difference | None:
    for name, original in known.items():
        if found.header == original.header and found.body != original.body:
            return Difference(2, f"text of {name}: the recording has been edited", found.body, original.body)
        if found.body == original.body and found.header != original.header:
            return Difference(1, f"header of {name}: the recording has been edited", found.header, original.header)
    return None
