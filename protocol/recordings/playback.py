"""A twin that does what a recording says, without asking what came out of it."""

from __future__ import annotations

from pathlib import Path

from ..address import Address
from ..chain import Chain
from ..contracts.oracle import MockAggregator
from ..contracts.registry import construct
from ..errors import Revert
from ..revisions import Revision
from .recording import Deployment, Header, PriceChange, RecordingError


class Playback:
    """The chain of a recording's header under a revision, not necessarily the recorded one."""

    def __init__(self, path: Path, header: Header, revision: Revision) -> None:
        self.path = path
        self.header = header
        self.chain = Chain(revision, time=0, number=0, chain_id=header.chainId)
        self.addresses = dict(header.addresses)
        self.labels = {address: label for label, address in header.addresses.items()}

    def address_of(self, line: int, label: str) -> Address:
        """The address behind a label; an address stays as it is. Raises RecordingError for an unknown label."""
        if label.startswith("0x"):
            return label
        if label not in self.addresses:
            raise RecordingError(f"{self.path}, line {line}: nothing is known by the label {label!r}")
        return self.addresses[label]

    def deploy(self, line: int, record: Deployment) -> None:
        """Create a contract. Raises RecordingError when the twin has none of the kind or its constructor refuses."""
        self.addresses.setdefault(record.deploy, record.address)
        self.labels.setdefault(record.address, record.deploy)
        try:
            construct(record.kind, self.chain, record.address, record.args)
        except (ValueError, TypeError, Revert) as error:
            raise RecordingError(f"{self.path}, line {line}: {record.deploy} cannot be deployed: {error}") from None

    def move_clock(self, timestamp: int, number: int) -> None:
        """Let time pass up to a block."""
        if (timestamp, number) != (self.chain.time, self.chain.number):
            self.chain.set_time(timestamp, number)

    def change_price(self, line: int, record: PriceChange) -> None:
        """Set a feed's answer. Raises RecordingError for an asset without a feed or a value that is no int256."""
        feed = self.chain.contracts[self.address_of(line, f"agg_{record.price}")]
        if not isinstance(feed, MockAggregator):
            raise RecordingError(f"{self.path}, line {line}: there is no price feed of {record.price}")
        try:
            feed.set_answer(int(record.value))
        except ValueError as error:
            raise RecordingError(f"{self.path}, line {line}: price: {error}") from None
