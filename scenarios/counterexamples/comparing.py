"""Comparison of contracts with the release that they come from: every difference becomes a check with its answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pooltwin.interop.evm.accounts import accounts_of
from pooltwin.interop.foundry.counterexample import (
    Answer,
    AnswerWord,
    Check,
    LastCall,
    LastEvent,
    LastEventCount,
    StoredWord,
)
from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.evm_storage.raw import contract_storage
from pooltwin.protocol.recordings.decoding import describe_logs, describe_return

from .asking import Question
from .naming import variables_at
from .taping import Message

WORD = 32
_ADDRESS = re.compile("0x[0-9a-f]{40}(?![0-9a-f])")
Event = tuple[Address, tuple[bytes, ...], bytes]


@dataclass
class Seen:
    """The figures of one side after a step."""

    call: tuple[bool, bytes] | None
    """Of the last call, whether it succeeded, and what it answered; None where no call was made."""
    events: tuple[Event, ...]
    answers: dict[Question, tuple[bool, bytes]]
    words: dict[Address, dict[int, int]] = field(default_factory=dict)


def seen_of_bytecode(chain: Any, message: Message | None, asked: Sequence[Question]) -> Seen:
    """Look at a chain of bytecode after a step, as the bytecode itself answers."""
    answers = {}
    for question in asked:
        outcome = chain.evm.ask(question.to, question.data)
        answers[question] = (outcome.ok, bytes(outcome.data))
    words = {where: dict(account.storage) for where, account in accounts_of(chain).items()}
    if message is None:
        return Seen(None, (), answers, words)
    outcome = message.outcome
    events = tuple((where, tuple(map(_bytes, topics)), bytes(data)) for where, topics, data in outcome.logs)
    return Seen((outcome.ok, bytes(outcome.data)), events if outcome.ok else (), answers, words)


def _bytes(topic: Any) -> bytes:
    return bytes.fromhex(topic.removeprefix("0x")) if isinstance(topic, str) else bytes(topic)


def seen_of_twin(chain: Chain, receipt: Any, asked: Sequence[Question]) -> Seen:
    """Look at a twin after a step."""
    answers = {}
    for question in asked:
        answer = chain.call(ZERO_ADDRESS, question.to, question.data)
        answers[question] = (answer.ok, answer.return_data)
    words = dict(_words(chain))
    if receipt is None:
        return Seen(None, (), answers, words)
    events = tuple((log.address, tuple(log.topics), bytes(log.data)) for log in receipt.logs)
    return Seen((receipt.ok, receipt.return_data), events, answers, words)


def _words(chain: Chain) -> Iterator[tuple[Address, dict[int, int]]]:
    for where, contract in chain.contracts.items():
        if contract is not None:
            try:
                yield where, contract_storage(contract)
            except ValueError:
                continue  # a stand-in for a token: its words are not the token's


class Comparison:
    """The differences between bytecode and the release that it comes from, as checks that only the release passes."""

    def __init__(self, twin: Chain, names: Mapping[Address, str]) -> None:
        """`twin` is one of the release that is compared with: it knows how words are called."""
        self.twin = twin
        self.names = names

    def checks(self, code: Seen, parent: Seen, function: Any = None) -> list[Check]:
        """List every difference as a check; `function` is the one last called. Empty where there is none."""
        return [
            *self._call(code, parent, function),
            *self._answers(code, parent),
            *self._events(code, parent),
            *self._words(code, parent),
        ]

    def _told(self, text: str) -> str:
        return f"On v{self.twin.revision.release} {text}."

    def _with_names(self, text: str) -> str:
        return _ADDRESS.sub(lambda found: self.names.get(found[0], found[0]), text)

    def _call(self, code: Seen, parent: Seen, function: Any) -> Iterator[Check]:
        if code.call is None or parent.call is None or code.call == parent.call:
            return
        ok, answer = parent.call
        if ok != code.call[0] and ok:
            yield LastCall(ok, None, self._told("the last call succeeds"))
        else:
            shown = " ".join(describe_return(ok, answer, function).split())
            shown = shown.removeprefix("reverted: ").removeprefix("ok, returned ")
            yield LastCall(ok, answer, self._told(f"the last call {'answers' if ok else 'reverts with'} {shown}"))

    def _events(self, code: Seen, parent: Seen) -> Iterator[Check]:
        for place, event in enumerate(parent.events):
            if code.events[place : place + 1] != (event,):
                emitter, topics, data = event
                topic_texts = tuple("0x" + topic.hex() for topic in topics)
                shown = " ".join(describe_logs([(emitter, topic_texts, "0x" + data.hex())]).split())
                told = self._told(f"event {place} of the last call is {self._with_names(shown)}")
                yield LastEvent(place, *event, told)
        if len(code.events) != len(parent.events):
            counted = len(parent.events) or "no"
            yield LastEventCount(len(parent.events), self._told(f"the last call emits {counted} events"))

    def _answers(self, code: Seen, parent: Seen) -> Iterator[Check]:
        for question, wanted in parent.answers.items():
            got = code.answers.get(question)
            if got == wanted or got is None:
                continue
            ok, answer = wanted
            if ok and got[0] and len(answer) == len(got[1]) and (question.is_single or len(answer) == WORD):
                yield from self._single(question, answer, got[1])
            else:
                shown = f"answers 0x{answer.hex()}" if ok else "reverts"
                yield Answer(question.to, question.data, ok, answer, self._told(f"{question.told} {shown}"))

    def _single(self, question: Question, answer: bytes, got: bytes) -> Iterator[Check]:
        for place in range(len(answer) // WORD):
            word, other = answer[place * WORD :][:WORD], got[place * WORD :][:WORD]
            if word != other:
                field_of = f".{question.fields[place]}" if place < len(question.fields) else ""
                number = int.from_bytes(word, "big")
                told = self._told(f"{question.told}{field_of} is {number}")
                yield AnswerWord(question.to, question.data, place, number, told)

    def _words(self, code: Seen, parent: Seen) -> Iterator[Check]:
        """Compare the words that the release knows; what else the code stores is its own affair."""
        for where, known in parent.words.items():
            held = code.words.get(where, {})
            for slot in sorted(known.keys() | held.keys()):
                if known.get(slot, 0) != held.get(slot, 0) and slot in known:
                    named = variables_at(self.twin, where, slot, self.names)
                    told = f"{named} of {self.names.get(where, where)} is another word in storage"
                    yield StoredWord(where, slot, known[slot], self._told(told))


def holds(check: Check, seen: Seen) -> bool:
    """Tell whether a check would pass on a side."""
    match check:
        case LastCall(ok=ok, answer=None):
            return seen.call is not None and seen.call[0] == ok
        case LastCall(ok=ok, answer=answer):
            return seen.call == (ok, answer)
        case LastEvent(place=place, emitter=emitter, topics=topics, data=data):
            return seen.events[place : place + 1] == ((emitter, topics, data),)
        case LastEventCount(count=count):
            return len(seen.events) == count
        case StoredWord(where=where, slot=slot, word=word):
            return seen.words.get(where, {}).get(slot, 0) == word
        case Answer(ok=ok, answer=answer):
            return _answered(check, seen) == (ok, answer)
        case AnswerWord(place=place, word=word):
            did, got = _answered(check, seen)
            return did and int.from_bytes(got[place * WORD :][:WORD], "big") == word
    return False


def _answered(check: Answer | AnswerWord, seen: Seen) -> tuple[bool, bytes]:
    found = (answer for asked, answer in seen.answers.items() if (asked.to, asked.data) == (check.to, check.data))
    return next(found, (False, b""))
