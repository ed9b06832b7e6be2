"""A counterexample as the text of a Foundry test: one contract that needs no library, and of files only its state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pooltwin.protocol.address import Address

from .counterexample import (
    Answer,
    AnswerWord,
    Call,
    Check,
    Counterexample,
    LastCall,
    LastEvent,
    LastEventCount,
    Moment,
    Placing,
    StoredWord,
)
from .helpers import CHEATS, HELPERS, needed
from .spelling import INDENT, WIDTH, call, checksummed, comment, constants, hexes, string

BODY = INDENT * 2
CHEATCODES = "0x7109709ECfa91a80626fF3989D68f67F5b1DD12D"
LONG_DECIMAL = 10**30
"""Numbers from here on are words rather than amounts, and are written in hex."""


def solidity_of(example: Counterexample) -> str:
    """Write the test. It reads the state from a file beside it: run `forge` in its folder."""
    return "\n".join(_Writing(example).lines()) + "\n"


class _Writing:
    """A test in the making."""

    def __init__(self, example: Counterexample) -> None:
        self.example = example
        self.names = constants(example.labels, _addresses(example))
        self.now: Moment | None = None
        self.used: list[str] = []
        """Helpers that the body calls."""

    def lines(self) -> Iterator[str]:
        """Give the whole file, line by line."""
        body = [*self._story(), "", *self._checks()]
        labels = list(self._labels())
        helpers = needed(self.used)
        text = "\n".join([*self._set_up(), *body, *labels, *(HELPERS[name] for name in helpers)])
        yield "// SPDX-License-Identifier: UNLICENSED"
        yield "pragma solidity >=0.8.20;"
        yield ""
        for line in (self.example.title, *(("", *self.example.story) if self.example.story else ())):
            yield from comment(line)
        yield ""
        yield "interface Vm {"
        yield from _interface(text)
        yield "}"
        yield ""
        yield f"contract {self._title()}Test {{"
        yield from self._state(text)
        yield from ("", f"{INDENT}function setUp() public {{", *self._set_up(), f"{INDENT}}}")
        yield from ("", f"{INDENT}function test_{self.example.name}() public {{", *body, f"{INDENT}}}")
        for name in helpers:
            yield from ("", *HELPERS[name].split("\n"))
        if labels:
            yield from ("", f"{INDENT}function label() private {{", *labels, f"{INDENT}}}")
        yield "}"

    def _title(self) -> str:
        return "".join(part[:1].upper() + part[1:] for part in self.example.name.split("_"))

    def _state(self, text: str) -> Iterator[str]:
        yield f"{INDENT}Vm private constant VM = Vm({CHEATCODES});"
        if "REASON" in text:
            reason = self.example.reason
            yield from _constant("REASON", string(f"{reason} " if reason else ""))
        if self.names:
            yield ""
        for where, name in self.names.items():
            yield f"{INDENT}address private constant {name} = {checksummed(where)};"
        variables = [("ok", "bool"), ("answer", "bytes")] if "ok" in self._last_call_names(text) else []
        if variables:
            yield ""
            for name, kind in variables:
                yield f"{INDENT}{kind} private {name};"

    def _last_call_names(self, text: str) -> tuple[str, ...]:
        return ("ok", "answer") if "(ok, answer)" in text else ()

    def _set_up(self) -> Iterator[str]:
        yield from call("VM.loadAllocs", [string(state_file(self.example))])
        yield from call("VM.chainId", [str(self.example.chain_id)])
        yield from call("VM.warp", [str(self.example.start.time)])
        yield from call("VM.roll", [str(self.example.start.number)])
        if self.example.labels:
            yield from call("label", [])

    def _labels(self) -> Iterator[str]:
        for where, name in self.example.labels.items():
            yield from call("VM.label", [self._spelled(where), string(name)])

    def _spelled(self, where: Address) -> str:
        return self.names.get(where) or checksummed(where)

    # --- what happens -----------------------------------------------------------------------------------------------

    def _story(self) -> Iterator[str]:
        self.now = self.example.start
        last = self.example.last_call
        for at, step in enumerate(self.example.steps):
            for line in step.told:
                yield from (BODY + each for each in comment(line))
            yield from self._clock(step.at)
            if isinstance(step, Placing):
                yield from self._placing(step)
            elif isinstance(step, Call):
                yield from self._call(step, recorded=at == last and self._events_are_asked())

    def _clock(self, at: Moment) -> Iterator[str]:
        if self.now is None or at.time != self.now.time:
            yield from call("VM.warp", [str(at.time)])
        if self.now is None or at.number != self.now.number:
            yield from call("VM.roll", [str(at.number)])
        self.now = at

    def _placing(self, step: Placing) -> Iterator[str]:
        where = self._spelled(step.where)
        if step.code is not None:
            yield from call("VM.etch", [where, hexes(step.code)])
        for slot, word in step.words.items():
            yield from call(
                "VM.store", [where, f"bytes32(uint256({_number(slot)}))", f"bytes32(uint256({_number(word)}))"]
            )

    def _call(self, step: Call, *, recorded: bool) -> Iterator[str]:
        if recorded:
            yield from call("VM.recordLogs", [])
        data = hexes(step.data, selector=True)
        parties = [self._spelled(step.sender), self._spelled(step.to)]
        if step.value:
            yield from self._use("pay", [*parties, str(step.value), data])
        else:
            yield from self._use("send", [*parties, data])
        if step.ok is not None:
            named = step.told[0] if step.told else "a call"
            told = f"{named} {'reverts' if step.ok else 'succeeds'}, unlike in the story"
            yield from call("require", ["ok" if step.ok else "!ok", string(told)])

    def _events_are_asked(self) -> bool:
        return any(isinstance(check, LastEvent | LastEventCount) for check in self.example.checks)

    # --- what must hold ---------------------------------------------------------------------------------------------

    def _checks(self) -> Iterator[str]:
        if self._events_are_asked():
            yield f"{BODY}Vm.Log[] memory logs = VM.getRecordedLogs();"
        for check in self.example.checks:
            yield from self._check(check)

    def _check(self, check: Check) -> Iterator[str]:
        match check:
            case LastCall(answer=bytes() as answer):
                yield from self._use("answered", [_truth(check.ok), hexes(answer), string(check.told)])
            case LastCall():
                yield from self._use("demand", ["ok" if check.ok else "!ok", string(check.told)])
            case LastEventCount(count=count):
                yield from self._use("demand", [f"logs.length == {count}", string(check.told)])
            case LastEvent(place=place, emitter=emitter, topics=topics, data=data):
                parts = ["logs", str(place), self._spelled(emitter), hexes(b"".join(topics)), hexes(data)]
                yield from self._use("emitted", [*parts, string(check.told)])
            case Answer(to=to, data=data, ok=ok, answer=answer):
                asked = [self._spelled(to), hexes(data, selector=True)]
                yield from self._use("answers", [*asked, _truth(ok), hexes(answer), string(check.told)])
            case AnswerWord(to=to, data=data, place=place, word=word):
                asked = [self._spelled(to), hexes(data, selector=True)]
                yield from self._use("answersWord", [*asked, str(place), _number(word), string(check.told)])
            case StoredWord(where=where, slot=slot, word=word):
                parts = [self._spelled(where), _number(slot), _number(word)]
                yield from self._use("holds", [*parts, string(check.told)])

    def _use(self, helper: str, arguments: Sequence[str]) -> list[str]:
        self.used.append(helper)
        return call(helper, arguments)


def state_file(example: Counterexample) -> str:
    """Name the file of the state that the test begins with."""
    return f"{example.name}.alloc.json"


def _addresses(example: Counterexample) -> Iterator[Address]:
    """Give the addresses that the test names, people first as they act."""
    for step in example.steps:
        if isinstance(step, Call):
            yield step.sender
            yield step.to
        elif isinstance(step, Placing):
            yield step.where
    for check in example.checks:
        if isinstance(check, Answer | AnswerWord):
            yield check.to
        elif isinstance(check, StoredWord):
            yield check.where
        elif isinstance(check, LastEvent):
            yield check.emitter


def _interface(text: str) -> Iterator[str]:
    """Declare the cheat codes that a text calls."""
    for number, (name, declared) in enumerate((name, d) for name, d in CHEATS.items() if f"VM.{name}(" in text):
        if name == "getRecordedLogs" and number:
            yield ""
        yield from (f"{INDENT}{line}" if line else "" for line in declared.split("\n"))


def _constant(name: str, value: str) -> list[str]:
    """Declare a text; on two lines where one is too long."""
    line = f"{INDENT}string private constant {name} = {value};"
    return [line] if len(line) <= WIDTH else [f"{INDENT}string private constant {name} =", f"{BODY}{value};"]


def _number(number: int) -> str:
    return str(number) if number < LONG_DECIMAL else f"0x{number:064x}"


def _truth(value: bool) -> str:
    return "true" if value else "false"
