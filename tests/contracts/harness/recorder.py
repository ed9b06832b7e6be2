"""Recorder of everything that happens on a chain of real contracts, in the recordings' format."""

import gzip
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .artifacts import ArtifactSet
from .evm import Outcome, RealChain, calldata, library_order
from .readout import Reader
from .replay import Record, outcome_record

FORMAT = 1
MakeChain = Callable[[ArtifactSet, int, int], RealChain]
"""Artifacts, time and block number to a chain."""


class Recorder:
    """A chain with labelled contracts; every change of its state goes through here and leaves a record."""

    def __init__(self, artifacts: ArtifactSet, admin: str, timestamp: int, make_chain: MakeChain = RealChain) -> None:
        self.chain = make_chain(artifacts, timestamp, 1)
        self.admin = admin
        """Deploys every contract, so that their addresses follow from its nonce."""
        self.addresses: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        """What was deployed under each label."""
        self.records: list[Record] = []

    def name(self, label: str, address: str) -> None:
        """Give an address a label, by which it goes from now on."""
        self.addresses[label] = address
        self.labels[address] = label

    def alias(self, label: str, address: str) -> None:
        """A name for our own use: records go on showing the address, since no record explains the name."""
        self.addresses[label] = address

    def address(self, label_or_address: str) -> str:
        """The address behind a label; an address stays as it is."""
        return self.addresses.get(label_or_address, label_or_address)

    def deploy(self, label: str, kind: str, arguments: Sequence[Any]) -> str:
        """Create a contract, and before it the libraries it links that do not exist yet, each with its record."""
        for library in library_order(self.chain.artifacts, kind):
            if library not in self.chain.libraries:
                self.chain.libraries[library] = self._create(library, library, [])
        return self._create(label, kind, arguments)

    def place_receiver(self, label: str, kind: str, address: str) -> None:
        """Put a flash-loan receiver in place."""
        self.chain.place_receiver(address, kind)
        self._deployed(label, kind, address, [])

    def transact(self, sender: str, to: str, signature: str, *arguments: Any) -> Outcome:
        """Run one call; `to` is a label or an address."""
        return self.transact_raw(sender, to, signature, calldata(signature, *arguments))

    def transact_raw(self, sender: str, to: str, signature: str, data: bytes) -> Outcome:
        """Run one call with calldata of any kind; `signature` only says what it was meant to be."""
        address = self.address(to)
        self.chain.before_call(sender, address, data)
        outcome = self.chain.transact(sender, address, data)
        target = {"from": sender, "to": self.labels.get(address, address), "fn": signature}
        answer = outcome_record(outcome, self.labels)
        self.records.append({**self._time(), **target, "data": f"0x{data.hex()}", **answer})
        return outcome

    def try_out(self, sender: str, to: str, signature: str, *arguments: Any) -> Outcome:
        """Try out what a call would give; nothing changes, nothing is recorded."""
        return self.chain.call(sender, self.address(to), calldata(signature, *arguments))

    def set_price(self, symbol: str, value: int) -> None:
        """Make the feed `agg_<symbol>` answer this."""
        self.chain.set_price(self.addresses[f"agg_{symbol}"], value)
        self.records.append({**self._time(), "price": symbol, "value": str(value)})

    def record_state(self, reserves: Sequence[str], users: Sequence[str]) -> None:
        """Write down the full state of these reserves and accounts."""
        state = Reader(self.chain, self.addresses).state(reserves, users)
        self.records.append({"state": state})

    def write(self, path: Path, header: Record) -> None:
        """Write header and records as one compressed file, whole or not at all; same history, same bytes."""
        partial = path.with_name(f".{path.name}.partial")
        with open(partial, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as out:
            for record in [{"format": FORMAT, **header}, *self.records]:
                out.write(json.dumps(record, separators=(",", ":")).encode() + b"\n")
        os.replace(partial, path)

    def _time(self) -> Record:
        return {"t": self.chain.timestamp, "n": self.chain.block_number}

    def _create(self, label: str, kind: str, arguments: Sequence[Any]) -> str:
        address = self.chain.create(self.admin, kind, arguments)
        self._deployed(label, kind, address, arguments)
        return address

    def _deployed(self, label: str, kind: str, address: str, arguments: Sequence[Any]) -> None:
        self.name(label, address)
        self.kinds[label] = kind
        self.records.append({"deploy": label, "kind": kind, "address": address, "args": list(arguments)})
