"""A tape of a chain of bytecode: every message and every change from outside, as its EVM was told them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from pooltwin.interop.evm.actors import DRIVER, RUNNER, TABLE, kept_at
from pooltwin.interop.foundry.counterexample import Call, Moment, Placing, Step
from pooltwin.protocol.address import Address

STAND_INS = ("The next call needs this: code that stands in for those who act within it.",)


class Message(NamedTuple):
    """A transaction, and what came of it."""

    sender: Address
    to: Address
    data: bytes
    value: int
    outcome: Any


class Put(NamedTuple):
    """Code that was put at an address, or a word that was written, from outside."""

    where: Address
    code: bytes | None = None
    slot: int = 0
    word: int = 0


class Tape:
    """An EVM that keeps what it is told. Everything else it leaves to the one behind it."""

    def __init__(self, evm: Any) -> None:
        self.evm = evm
        self.told: list[Message | Put] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.evm, name)

    def message(self, sender: Address, to: Address, data: bytes, value: int = 0) -> Any:
        """Run a call and keep it."""
        outcome = self.evm.message(sender, to, data, value)
        self.told.append(Message(sender, to, data, value, outcome))
        return outcome

    def set_code(self, where: Address, code: bytes, *more: Any, **named: Any) -> None:
        """Put code at an address, and keep it."""
        self.evm.set_code(where, code, *more, **named)
        self.told.append(Put(where, code=code))

    def set_word(self, where: Address, slot: int, word: int) -> Any:
        """Write a word, and keep it."""
        done = self.evm.set_word(where, slot, word)
        self.told.append(Put(where, slot=slot, word=word))
        return done


@contextmanager
def taped(chain: Any) -> Iterator[Tape]:
    """Tape what a chain tells its EVM."""
    chain.bring_up_to_date()
    tape = Tape(chain.evm)
    chain.evm = tape
    try:
        yield tape
        chain.bring_up_to_date()
    finally:
        chain.evm = tape.evm


def last_message(told: Sequence[Message | Put]) -> Message | None:
    """Find the last transaction of a tape; None without any."""
    return next((each for each in reversed(told) if isinstance(each, Message)), None)


def steps_of(told: Sequence[Message | Put], at: Moment, words: tuple[str, ...]) -> Iterator[Step]:
    """Turn a piece of tape into steps; the `words` tell of them and stand above the transaction, if there is one.

    A contract sends its transactions itself, and needs nobody to speak for it, unless others act within: then it does.
    """
    sent_by_driver = {each.to for each in told if isinstance(each, Message) and each.sender == DRIVER}
    others_act = any(isinstance(each, Put) and each.where == RUNNER for each in told)
    spoken_for = set() if others_act else sent_by_driver
    kept = set(map(kept_at, spoken_for))
    about = words if not any(isinstance(each, Message) for each in told) else STAND_INS if others_act else ()
    for each in told:
        if isinstance(each, Message):
            sent = _as_sent(each) if each.to in spoken_for else each
            yield Call(at, sent.sender, sent.to, sent.data, sent.value, sent.outcome.ok, words)
            words = ()
        elif each.where in spoken_for or each.where in kept:
            continue
        elif each.code is not None:
            yield Placing(at, each.where, each.code, told=about)
            about = ()
        else:
            yield Placing(at, each.where, words={each.slot: each.word}, told=about)
            about = ()


def names_of_stand_ins(names: Mapping[Address, str]) -> dict[Address, str]:
    """Name those who make it possible that contracts send transactions and that people act within them."""
    kept = {kept_at(where): f"code of {name}" for where, name in names.items()}
    return {DRIVER: "driver", RUNNER: "runner", TABLE: "script", **kept}


def _as_sent(message: Message) -> Message:
    """Give a message as its sender made it: what the driver sends begins with a word that says to whom."""
    if message.sender != DRIVER:
        return message
    to, data = "0x" + message.data[12:32].hex(), message.data[32:]
    return Message(message.to, to, data, message.value, message.outcome)
