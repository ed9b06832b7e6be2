"""Record of a run: everything that was done and measured, as data in the order in which it happened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple, Self


class Call(NamedTuple):
    """One call of an agent, taken or refused."""

    time: int
    block: int
    agent: str
    function: str
    arguments: dict[str, Any]
    """By name; assets by their keys, amounts in the smallest unit."""
    ok: bool
    value: Any
    words: str
    """The refusal in words; empty where it was taken."""
    reason: str
    """The raw reason of a refusal."""


class Sale(NamedTuple):
    """One sale at a venue."""

    time: int
    block: int
    agent: str
    asset: str
    amount: int
    proceeds_base: int
    """Dollars with 8 decimals, rounded down."""
    into: str
    """The asset that the proceeds were taken in; empty for dollars."""
    received: int
    """In its smallest unit; of dollars, with 8 decimals."""


class Purchase(NamedTuple):
    """One purchase at a venue."""

    time: int
    block: int
    agent: str
    asset: str
    amount: int
    cost_base: int
    """Dollars with 8 decimals, rounded up."""
    paying: str
    """The asset that was paid with; empty for dollars."""
    paid: int


class Funding(NamedTuple):
    """Money that came to an agent from outside the market."""

    time: int
    block: int
    agent: str
    asset: str
    """Empty for dollars."""
    amount: int


class Print(NamedTuple):
    """One price: outside, and as the pool has it. Noted at every print, and when a price outside has moved by a basis
    point or more since it was last noted."""

    time: int
    block: int
    asset: str
    raw: int
    """8 decimals, rounded down."""
    reported: int
    """What the pool goes by, 8 decimals."""
    is_print: bool
    """Was the pool told at this moment?"""


class Note(NamedTuple):
    """Something an agent says of itself, as what a liquidation brought it."""

    time: int
    block: int
    agent: str
    what: str
    figures: dict[str, Any]
    """By name, with the unit in it: integers, text, True and False, and lists and dictionaries of them."""


class Liquidation(NamedTuple):
    """One liquidation that took effect, whoever called and by whichever way."""

    time: int
    block: int
    liquidator: str
    """The agent's name, or the address of somebody who is none."""
    borrower: str
    collateral: str
    debt: str
    repaid: int
    received: int
    """Of the collateral, by the liquidator; the protocol's fee is not in it."""
    repaid_base: int
    """At the pool's price of the moment, 8 decimals, rounded down."""
    received_base: int
    a_tokens: bool
    """Was it received as aTokens?"""


class WrittenOff(NamedTuple):
    """One bad debt that became a deficit: from v3.3 on."""

    time: int
    block: int
    borrower: str
    asset: str
    amount: int
    amount_base: int
    """At the pool's price of the moment, 8 decimals, rounded down."""


class ReserveState(NamedTuple):
    """One reserve at one moment, in the smallest unit of its asset."""

    owed_to_lenders: int
    """All aTokens, with interest to now; what is the treasury's and not minted yet is not in it."""
    withdrawable: int
    """What can be withdrawn or borrowed at once: the virtual balance."""
    owed_by_borrowers: int
    utilisation_wad: int
    """Debt in debt and what can be withdrawn."""
    deficit: int
    """Bad debt that nobody owes any more."""


class Row(NamedTuple):
    """One row of measurements. Dollars have 8 decimals."""

    time: int
    block: int
    prices: dict[str, tuple[int, int]]
    """By asset with a path: the price outside and the pool's, 8 decimals."""
    worth: dict[str, int]
    """By reserve, the pool's price, 8 decimals; 0 where it has none."""
    reserves: dict[str, ReserveState]
    liquidatable_at_print: int
    """Accounts with a health factor below 1 before anyone acted: the most at any print since the last row."""
    uncovered_at_print_base: int
    """Debt beyond the collateral behind it, account by account, before anyone acted: the most at any print since the
    last row."""
    liquidatable: int
    """The same accounts at the end of the block."""
    uncovered_base: int
    """The same debt at the end of the block."""
    lenders_loss_base: int
    """What lenders have lost since the start: new deficits, and debts with no collateral left, at the pool's prices."""


Entry = Call | Sale | Purchase | Funding | Note | Print | Row | Liquidation | WrittenOff
KINDS: dict[type[Any], str] = {
    Call: "call",
    Sale: "sale",
    Purchase: "purchase",
    Funding: "funding",
    Note: "note",
    Print: "print",
    Row: "row",
    Liquidation: "liquidation",
    WrittenOff: "written off",
}
"""What each kind of entry is called in a file."""


@dataclass(slots=True)
class Record:
    """Everything that happened, in order."""

    entries: list[Entry] = field(default_factory=list)

    def of(self, kind: type[Any]) -> Iterator[Any]:
        """Iterate over the entries of one kind, as `record.of(Call)`."""
        return (entry for entry in self.entries if type(entry) is kind)

    @property
    def calls(self) -> list[Call]:
        """All calls, taken and refused."""
        return list(self.of(Call))

    @property
    def refusals(self) -> list[Call]:
        """The calls that were refused."""
        return [call for call in self.calls if not call.ok]

    @property
    def sales(self) -> list[Sale]:
        """All sales."""
        return list(self.of(Sale))

    @property
    def purchases(self) -> list[Purchase]:
        """All purchases."""
        return list(self.of(Purchase))

    @property
    def fundings(self) -> list[Funding]:
        """All money from outside."""
        return list(self.of(Funding))

    def notes(self, what: str) -> list[Note]:
        """All notes of one kind, as `record.notes("liquidation")`."""
        return [note for note in self.of(Note) if note.what == what]

    @property
    def prints(self) -> list[Print]:
        """All prices."""
        return list(self.of(Print))

    @property
    def liquidations(self) -> list[Liquidation]:
        """All liquidations."""
        return list(self.of(Liquidation))

    @property
    def written_off(self) -> list[WrittenOff]:
        """All bad debts that became deficits."""
        return list(self.of(WrittenOff))

    @property
    def rows(self) -> list[Row]:
        """All measurements."""
        return list(self.of(Row))

    def copy(self) -> Self:
        """Copy it: what follows is added to the copy only."""
        return type(self)(list(self.entries))

    def lines(self) -> Iterator[str]:
        """Write each entry as one line of JSON, with its kind; integers as strings, since readers keep 53 bits."""
        for entry in self.entries:
            yield json.dumps({"kind": KINDS[type(entry)], **plain(entry)}, separators=(",", ":"), ensure_ascii=False)

    def digest(self) -> str:
        """Hash it (SHA-256): equal records have equal digests on any machine."""
        total = sha256()
        for line in self.lines():
            total.update(line.encode() + b"\n")
        return total.hexdigest()


def plain(value: Any) -> Any:
    """Write a value as JSON data: integers as strings, bytes as hexadecimal text."""
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int):
        return str(int(value))
    if hasattr(value, "_asdict"):
        return {key: plain(each) for key, each in value._asdict().items()}
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
