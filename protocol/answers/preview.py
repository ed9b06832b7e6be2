"""A call played and undone: what it answers, what it emits, and whom it would have left how healthy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..address import ZERO_ADDRESS, Address, address
from ..chain import Chain
from ..contracts.pool import Pool
from ..errors import Revert
from ..events import Log
from ..machine.watcher import Watcher
from ..receipt import Receipt
from .health import Health, health_of
from .undone import Twin, undone

ADDRESS_LENGTH = 42


@dataclass(frozen=True)
class Preview:
    """The outcome of calls that were undone.

    `before` and `after` give the health of each account concerned; None of one whose position the pool cannot tell.
    """

    value: Any
    """The result of the last call; None when it reverted."""
    revert: Revert | None
    receipts: tuple[Receipt, ...]
    """One for each transaction, in order."""
    before: Mapping[Address, Health | None]
    after: Mapping[Address, Health | None]

    @property
    def ok(self) -> bool:
        """Would it take effect?"""
        return self.revert is None

    @property
    def logs(self) -> list[Log]:
        """All events in order, with the addresses that emitted them; a transaction that reverted has none."""
        return [log for receipt in self.receipts for log in receipt.logs]

    @property
    def events(self) -> list[Any]:
        """All events in order."""
        return [event for receipt in self.receipts for event in receipt.events]


class _Listener(Watcher):
    """Keeps the receipt of every transaction."""

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []

    def transaction_ended(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)

    def before_step(self) -> None: ...
    def step_begun(self) -> None: ...
    def time_passed(self) -> None: ...
    def state_reverted(self) -> None: ...

    def call_begun(self, contract: Any, function: Any, sender: str, arguments: Sequence[Any]) -> None: ...
    def call_ended(self, begun: Any, value: Any, error: BaseException | None) -> None: ...


def preview(twin: Twin, call: Callable[[], Any], accounts: Iterable[Address] = ()) -> Preview:
    """Play `call`, a function without arguments that calls the market however it likes, and undo all of it.

    It may make several transactions, set prices and move the clock. A Revert ends it and is part of the answer, and so
    is the revert of a raw transaction if the call returns its receipt; any other exception is raised. Raises
    RuntimeError inside a transaction.
    """
    asked = [address(account) for account in accounts]
    listener, value, revert = _Listener(), None, None
    with undone(twin.chain, listener):
        try:
            value = call()
        except Revert as refusal:
            revert = refusal
        if isinstance(value, Receipt):
            value, revert = value.value, value.revert
        twin.chain.watcher = None
        named = _people(twin.chain, listener.receipts)
        held = {account: twin.pool.users_config[account] for account in named}
        after = {account: health_of(twin.pool, account) for account in (*asked, *named)}
    concerned = [*asked, *(who for who in named if _is_concerned(twin.pool, who, held[who], listener.receipts))]
    before = {account: health_of(twin.pool, account) for account in concerned}
    after = {account: after[account] for account in before}
    return Preview(value, revert, tuple(listener.receipts), MappingProxyType(before), MappingProxyType(after))


def _is_concerned(pool: Pool, who: Address, flags_after: int, receipts: Iterable[Receipt]) -> bool:
    has_position = flags_after or pool.users_config[who]
    return bool(has_position) or any(receipt.sender == who for receipt in receipts)


def _people(chain: Chain, receipts: Iterable[Receipt]) -> list[Address]:
    """Everybody whom the calls or their events name and who is no contract of the market."""
    found: dict[Address, None] = {}
    for receipt in receipts:
        for value in (receipt.sender, receipt.arguments, *receipt.events):
            found.update(dict.fromkeys(_addresses(value)))
    tokens = {where for where, contract in chain.contracts.items() if contract is not None}
    return [who for who in found if who not in tokens and who != ZERO_ADDRESS]


def _addresses(value: Any) -> Iterator[Address]:
    if isinstance(value, str):
        if len(value) == ADDRESS_LENGTH and value.startswith("0x"):
            yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _addresses(item)
