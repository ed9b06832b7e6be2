"""A counterexample as plain data: a state, what happens in it, and what must hold at the end. No law is known here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pooltwin.protocol.address import Address, address

from ..evm.genesis import Account

WORD = 1 << 256


class CounterexampleError(ValueError):
    """A counterexample that cannot be written: names the place and the value."""


@dataclass(frozen=True)
class Moment:
    """A block in which something happens."""

    time: int
    """In seconds since 1970."""
    number: int


@dataclass(frozen=True)
class Call:
    """A transaction."""

    at: Moment
    sender: Address
    to: Address
    data: bytes
    value: int = 0
    """Ether that goes with it, in wei."""
    ok: bool | None = None
    """Must it succeed, or revert? None: whatever comes of it."""
    told: tuple[str, ...] = ()
    """What happens, in words: lines of a comment."""


@dataclass(frozen=True)
class Placing:
    """A change from outside: code that is put at an address, words that are written to its storage."""

    at: Moment
    where: Address
    code: bytes | None = None
    """None: the code stays."""
    words: Mapping[int, int] = field(default_factory=dict)
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """The passing of time, where nothing else tells of it."""

    at: Moment
    told: tuple[str, ...] = ()


Step = Call | Placing | Waiting


@dataclass(frozen=True)
class LastCall:
    """A check of the last call: whether it succeeded and, where an answer is given, what it answered."""

    ok: bool
    answer: bytes | None
    told: str
    """What should have been, in words."""


@dataclass(frozen=True)
class LastEvent:
    """A check of the last call: one of the events that it emitted, by its place from 0."""

    place: int
    emitter: Address
    topics: tuple[bytes, ...]
    data: bytes
    told: str


@dataclass(frozen=True)
class LastEventCount:
    """A check of the last call: how many events it emitted."""

    count: int
    told: str


@dataclass(frozen=True)
class Answer:
    """A check of a view: a static call at the end, and what it answers."""

    to: Address
    data: bytes
    ok: bool
    answer: bytes
    told: str


@dataclass(frozen=True)
class AnswerWord:
    """A check of one word of what a view answers at the end."""

    to: Address
    data: bytes
    place: int
    """Which word, from 0."""
    word: int
    told: str


@dataclass(frozen=True)
class StoredWord:
    """A check of a word of storage at the end."""

    where: Address
    slot: int
    word: int
    told: str


OfLastCall = LastCall | LastEvent | LastEventCount
Check = OfLastCall | Answer | AnswerWord | StoredWord


@dataclass(frozen=True)
class Counterexample:
    """A state, what happens in it, and what must hold at the end."""

    name: str
    """Of the files, in letters, digits and underscores."""
    title: str
    """What is wrong, in one line."""
    alloc: Mapping[Address, Account]
    """The state before the first step."""
    start: Moment
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    reason: str = ""
    """What every failure says first."""
    story: tuple[str, ...] = ()
    """Lines that tell more, above everything."""
    labels: Mapping[Address, str] = field(default_factory=dict)
    """Names of addresses."""
    chain_id: int = 1

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or not self.name.isascii():
            raise CounterexampleError(f"name: {self.name!r} is not made of letters, digits and underscores")
        if not self.checks:
            raise CounterexampleError(f"{self.name}: nothing is checked, so nothing could fail")
        if any(isinstance(check, OfLastCall) for check in self.checks) and self.last_call is None:
            raise CounterexampleError(f"{self.name}: a check asks for the last call, and no call is made")
        for where, account in self.alloc.items():
            _check_account(where, account)

    @property
    def last_call(self) -> int | None:
        """The place of the last call among the steps; None if there is no call."""
        return next((at for at in reversed(range(len(self.steps))) if isinstance(self.steps[at], Call)), None)


def _check_account(where: Address, account: Account) -> None:
    try:
        address(where)
    except ValueError as error:
        raise CounterexampleError(f"alloc: {error}") from None
    for slot, word in account.storage.items():
        if not (0 <= slot < WORD and 0 <= word < WORD):
            raise CounterexampleError(f"alloc, {where}: word {word!r} at slot {slot!r} is not of 256 bits")
    if not (0 <= account.nonce < 1 << 64 and 0 <= account.balance < WORD):
        raise CounterexampleError(
            f"alloc, {where}: nonce {account.nonce!r} or balance {account.balance!r} is too large"
        )
