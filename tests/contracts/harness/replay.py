"""Replay of a recorded history on the real contracts compiled here, every record compared.

That a recording made elsewhere comes out the same, addresses, revert data and logs included, is the evidence that the
bytecode compiled here is the bytecode it was recorded from.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from .artifacts import ArtifactSet
from .evm import RECEIVER_CODES, Outcome, RealChain
from .readout import Reader

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"
Record = dict[str, Any]


class DifferenceError(Exception):
    """The real contracts gave something else than the recording says; the message shows both."""


def read_records(path: Path) -> Iterator[Record]:
    """The records of a recording, header first."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


class Replay:
    """A chain that re-runs one recording."""

    def __init__(self, artifacts: ArtifactSet, header: Record) -> None:
        self.chain = RealChain(artifacts, timestamp=0, block_number=0)
        self.header = header
        self.addresses: dict[str, str] = dict(header["addresses"])
        self.compared: dict[str, int] = {"deploy": 0, "tx": 0, "price": 0, "state": 0}
        """How many records of each kind came out the same (a price is only set)."""

    def step(self, record: Record, place: str) -> None:
        """Run one record. Raises DifferenceError, starting with `place`."""
        kind = next((k for k in ("deploy", "price", "state") if k in record), "tx")
        expected, actual = getattr(self, f"_{kind}")(record)
        if expected != actual:
            raise DifferenceError(f"{place}: {_first_difference(expected, actual)}\nrecord: {json.dumps(record)[:600]}")
        self.compared[kind] += 1

    def _deploy(self, record: Record) -> tuple[Any, Any]:
        kind, address = record["kind"], record["address"]
        self.addresses[record["deploy"]] = address
        if kind in RECEIVER_CODES:
            self.chain.place_receiver(address, kind)
            return address, address
        arguments = record["args"]
        if kind in self.chain.artifacts.libraries:
            self.chain.libraries[kind] = created = self.chain.create(self._creator(record), kind, arguments)
        elif self._libraries_recorded(kind):
            created = self.chain.create(self._creator(record), kind, arguments)
        else:
            created = self.chain.deploy(self._creator(record), kind, arguments)
        return address, created

    def _creator(self, record: Record) -> str:
        return str(record.get("from", self.header["admin"]))

    def _libraries_recorded(self, kind: str) -> bool:
        """Tell whether the history deployed this contract's libraries in records of their own."""
        return all(name in self.addresses for name in self.chain.artifacts[kind].links)

    def _tx(self, record: Record) -> tuple[Any, Any]:
        self.chain.set_time(record["t"], record["n"])
        to = self.addresses.get(str(record["to"]), str(record["to"]))
        outcome = self.chain.transact(record["from"], to, bytes.fromhex(record["data"][2:]))
        logs = [[self.addresses.get(emitter, emitter), *rest] for emitter, *rest in record["logs"]]
        expected = {"ok": record["ok"], "ret": record["ret"], "logs": logs}
        return expected, outcome_record(outcome, {})

    def _price(self, record: Record) -> tuple[Any, Any]:
        self.chain.set_time(record["t"], record["n"])
        self.chain.set_price(self.addresses[f"agg_{record['price']}"], int(record["value"]))
        return None, None

    def _state(self, record: Record) -> tuple[Any, Any]:
        state = record["state"]
        self.chain.set_time(state["t"], self.chain.block_number)
        reader = Reader(self.chain, self.addresses)
        return state, reader.state(list(state["reserves"]), list(state["users"]))


def outcome_record(outcome: Outcome, labels: Mapping[str, str]) -> Record:
    """The part of a transaction record that the chain answered; emitters by their label, if `labels` has one."""
    logs = [[labels.get(log.address, log.address), list(log.topics), f"0x{log.data.hex()}"] for log in outcome.logs]
    return {"ok": outcome.ok, "ret": f"0x{outcome.ret.hex()}", "logs": logs}


def replay(path: Path, artifacts: ArtifactSet, limit: int | None = None) -> Replay:
    """Re-run a recording, or its first `limit` records, and stop at the first difference (DifferenceError)."""
    records = read_records(path)
    run = Replay(artifacts, next(records))
    for number, record in enumerate(islice(records, limit), start=1):
        run.step(record, f"{path.name}, record {number}")
    return run


def _first_difference(expected: Any, actual: Any, path: str = "") -> str:
    """Find where two JSON values first differ, and show both sides there."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in [*expected, *(k for k in actual if k not in expected)]:
            if expected.get(key) != actual.get(key):
                return _first_difference(expected.get(key), actual.get(key), f"{path}.{key}")
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, pair in enumerate(zip(expected, actual, strict=True)):
            if pair[0] != pair[1]:
                return _first_difference(*pair, f"{path}[{index}]")
    return f"{path or 'value'}: recorded {expected!r}, the contracts give {actual!r}"
