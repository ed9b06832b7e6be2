"""Cuts a transaction into steps: each call of the market is one, wherever it was made, and what others wrote between.

Every write belongs to exactly one step. A call of the pool, a token of it or its configurator is a step as a whole,
whatever is called inside. A multicall, and any other contract, is none: its calls are, and what it wrote between them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.errors import Revert

from .frame import Frame


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """A kind of part of a transaction that is looked at, and which laws are asked of it."""

    about_the_call: bool
    """Are laws asked that look at certain calls?"""
    about_the_writes: bool
    """Are all others asked?"""


WHOLE = Part(about_the_call=True, about_the_writes=True)
"""A step that is a whole call."""
BETWEEN = Part(about_the_call=False, about_the_writes=True)
"""What a contract wrote between the calls that it made."""
AROUND = Part(about_the_call=True, about_the_writes=False)
"""A call whose insides were steps of their own."""
INSIDE = Part(about_the_call=True, about_the_writes=False)
"""A call made while another had left the market half-finished."""

Look = Callable[[Frame, int, Part], None]
"""Judges what was written since a position of the journal."""


class Cutter:
    """Follows the calls of a transaction and has each judged at its own end, when "after" is the present."""

    def __init__(self, chain: Chain, look: Look) -> None:
        self.chain = chain
        self.look = look
        self.first: Frame | None = None
        """The call that the transaction, if one is open, began with."""
        self.in_pieces = False
        """Were steps cut out of the transaction? If not, it is a step as a whole."""
        self.crashed = False
        """Did the last transaction end by a bug?"""
        self.calls: list[Frame] = []
        """The calls of the last transaction, at any depth, in the order in which they ended; none if nobody told."""
        self._from_outside = False
        """Is what comes next written from outside, as a price is by a test, and no doing of the call in progress?"""
        self._top: Frame | None = None
        self._cut = self._log_cut = 0

    def begin(
        self, contract: Any, function: Any, sender: Address, arguments: Sequence[Any], start: int, known: int
    ) -> Frame:
        """Open a frame. `start` is where a transaction's writes begin, `known` how many broken laws are known."""
        chain = self.chain
        if not chain.depth:
            frame = self.first = self._top = Frame(contract, function, sender, arguments, None)
            self.in_pieces, self._cut, self._log_cut, self.calls = False, start, 0, []
            self.crashed = self._from_outside = False
        else:
            parent = self._top
            frame = Frame(contract, function, sender, arguments, parent)
            if parent is not None and not frame.shielded:
                self._between(parent)
                self.in_pieces = True
            self._top = frame
        frame.known = known
        frame.start, frame.log_start = len(chain.journal.entries), len(chain.logs)  # after what laws remembered
        return frame

    def end(self, frame: Frame, value: Any, error: BaseException | None) -> None:
        """Close a frame and have it judged. What ended by a bug is not judged."""
        parent = self._top = frame.parent
        if error is not None and not isinstance(error, Revert):
            self._crash(frame)
            return
        frame.value, frame.revert = value, error
        self.calls.append(frame)
        if parent is None:
            if self.in_pieces and error is None:
                self._around(frame)
            return
        frame.emitted = self.chain.logs[frame.log_start :]
        if error is None:
            own = parent.shields and frame.sender == parent.contract.address  # as the permit of a supply
            if frame.reentered or not own:
                parent.reentered = parent.reentered or not parent.calls_back
        if frame.shielded:
            self._judge(frame, frame.start, INSIDE)
            return
        if error is not None or frame.shields or self._cut <= frame.start:
            self._judge(frame, frame.start, WHOLE)
        else:
            self._around(frame)
        self._cut_here()

    def write_from_outside(self) -> None:
        """Have what was written so far judged: what comes next is no doing of the call in progress."""
        frame = self._top
        if frame is not None and not frame.shields and not frame.shielded:
            self._between(frame)
            self.in_pieces = self._from_outside = True

    def _crash(self, frame: Frame) -> None:
        """Go on after what ended by a bug, which somebody may swallow."""
        if frame.parent is None:
            self.first, self.crashed = None, True
        elif not frame.shielded:
            self._cut_here()

    def finish(self) -> Frame | None:
        """Forget the transaction, but for its calls. Returns the call that it began with."""
        first, self.first = self.first, None
        if first is None:  # the chain told of none
            self.calls = []
        return first

    def _cut_here(self) -> None:
        self._cut, self._log_cut = len(self.chain.journal.entries), len(self.chain.logs)

    def _between(self, frame: Frame) -> None:
        chain = self.chain
        if len(chain.journal.entries) > self._cut:
            piece = frame.piece(chain.logs[self._log_cut :])
            piece.from_outside = self._from_outside
            self._judge(piece, self._cut, BETWEEN)
        self._from_outside = False
        self._cut, self._log_cut = len(chain.journal.entries), len(chain.logs)

    def _around(self, frame: Frame) -> None:
        self._between(frame)
        frame.emitted = self.chain.logs[frame.log_start :]
        self._judge(frame, frame.start, AROUND)

    def _judge(self, frame: Frame, start: int, part: Part) -> None:
        self.look(frame, start, part)
        above = self._top
        while above is not None and not above.looked:
            above.looked = True
            above = above.parent
