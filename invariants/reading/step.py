"""One step of a history as laws see it: before, call, receipt, after.

A step is a call of the market, made directly or inside a transaction, what anything else wrote between such calls, the
passing of time, or a move of a price.

`before` is read through the undo journal, which holds the old value of every place the step wrote and of no other; so
looking at the past copies nothing, and what a step touched is known without searching.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.contracts.pool_storage import UserAccountData
from pooltwin.protocol.receipt import Receipt
from pooltwin.protocol.recordings.decoding import show

from ..reference import EVERYTHING
from .census import Census
from .changes import Changes, changed_places, read_changes
from .frame import Frame
from .moment import Moment
from .once import once
from .position import AccountSums, Holding, NoPriceError, Position, weigh
from .seen import Seen
from .views import CategoryView, ReserveView

_NO_CHANGES: Changes = {}
TIME_PASSES = "time"
PRICE_MOVES = "price"


class ReserveChange(NamedTuple):
    """A reserve that a step touched."""

    step: Step
    before: ReserveView
    after: ReserveView

    def __str__(self) -> str:
        return str(self.after.symbol)


class UserChange(NamedTuple):
    """A user whose balances, bits or category a step touched."""

    step: Step
    before: Position
    after: Position

    def __str__(self) -> str:
        return self.step.census.name_of(self.after.user)


class CategoryChange(NamedTuple):
    """An e-mode category that a step touched."""

    step: Step
    before: CategoryView
    after: CategoryView

    def __str__(self) -> str:
        return f"category {self.after.id}"


class Step:
    """One step: a call, what was written between calls, the passing of time or a move of a price.

    `name` is the contract and its Solidity function, as "pool.supply", or "time" or "price". `receipt` is that of the
    transaction, or the frame of a call inside one, which has the same fields.
    """

    def __init__(
        self,
        census: Census,
        number: int,
        name: str,
        receipt: Receipt | Frame | None,
        changes: Changes,
        seen: Seen,
    ) -> None:
        """`seen` is what was seen before the step, of which what the step touched is taken out."""
        self.census = census
        self.number = number
        self.name = name
        self.receipt = receipt
        self.changes = changes
        self.touched, self._users = census.touched(changes)
        """The reserves whose struct, tokens or token balances were written, and the users who were touched."""
        # What the step left alone was before it as it is after; what it touched was as it was last seen.
        own = seen.take(self.touched, self._users) if changes else None
        then, now = _time_before(census, changes), census.chain.time
        self.before = Moment(census, changes, then, seen, own)
        self.after = Moment(census, _NO_CHANGES, now, seen)
        self.same_time = then == now
        """Did no time pass in this step? (Every call.)"""
        self.ok = receipt is None or receipt.revert is None
        self.memory: dict[Any, Any] = {}
        self._accounts: dict[Address, UserAccountData] = {}
        self._indexes_asked = False
        self.calm_since = 0
        """The number of the last look before this one at which time, a price or a setting had moved."""
        self.reentered = False
        """Did other calls take effect inside this one, which is no flash loan, by somebody whom it called?"""

    @property
    def contract(self) -> Any:
        """The contract that was called; None, when no call was made."""
        return self.receipt.contract if self.receipt is not None else None

    @property
    def sender(self) -> Address:
        """The caller; nobody, when no call was made."""
        return self.receipt.sender if self.receipt is not None else ZERO_ADDRESS

    @once
    def arguments(self) -> tuple[Any, ...]:
        """The call's arguments in the order of its signature."""
        return tuple(self.receipt.arguments) if self.receipt is not None else ()

    @property
    def value(self) -> Any:
        """The value that the call returned."""
        return self.receipt.value if self.receipt is not None else None

    @once
    def events(self) -> list[tuple[Address, Any]]:
        """The events with their emitters, in order."""
        return self.receipt.emitted if self.receipt is not None else []

    @once
    def _events_by_kind(self) -> dict[type[Any], list[Any]]:
        found: dict[type[Any], list[Any]] = {}
        for _, event in self.events:
            found.setdefault(type(event), []).append(event)
        return found

    def events_of(self, kind: type[Any]) -> Iterator[Any]:
        """Go through the events of one kind."""
        return iter(self._events_by_kind.get(kind, ()))

    @once
    def restless(self) -> bool:
        """Did a price, a setting of a touched reserve or an e-mode category move in this step, whoever moved it?"""
        return self.census.is_restless(self.changes, self.touched)

    @once
    def changed_places(self) -> set[int]:
        """The identities of records and ledgers in which something is another than before the step."""
        return changed_places(self.changes)

    @once
    def changed_reserves(self) -> list[Address]:
        """The touched reserves of whose struct, tokens or token balances something is another than before."""
        changed = {self.census.asset_at.get(place) for place in self.changed_places}
        return [asset for asset in self.touched if asset in changed]

    def account_of(self, user: Address) -> UserAccountData:
        """Read what the pool reports of a user after the step. Raises Revert where it reports nothing."""
        account = self._accounts.get(user)
        if account is None:
            account = self._accounts[user] = self.census.pool.get_user_account_data(user)
        return account

    def indexes_of(self, asset: Address) -> tuple[int, int]:
        """Read what the pool reports as a reserve's normalised income and debt. Raises Revert where it reports none."""
        pool = self.census.pool
        income_of, debt_of = pool.get_reserve_normalized_income, pool.get_reserve_normalized_variable_debt
        if not self._indexes_asked:
            self._indexes_asked = True
            self.census.chain.will_ask((income_of, debt_of), self.reserves)
        return income_of(asset), debt_of(asset)

    @once
    def reserves(self) -> dict[Address, ReserveChange]:
        """The touched reserves; all of them after time has passed."""
        assets: Iterable[Address]
        assets = self.touched if self.same_time else self.census.homes
        return {asset: ReserveChange(self, self.before.reserve(asset), self.after.reserve(asset)) for asset in assets}

    @once
    def users(self) -> dict[Address, UserChange]:
        """The touched users."""
        before, after = self.before.position, self.after.position
        return {user: UserChange(self, before(user), after(user)) for user in self._users}

    @once
    def categories(self) -> dict[int, CategoryChange]:
        """The touched e-mode categories."""
        if not self.restless:
            return {}
        touched = self.census.touched_categories(self.changes)
        return {
            number: CategoryChange(self, self.before.category(number), self.after.category(number))
            for number in touched
        }

    def __str__(self) -> str:
        if self.receipt is None:
            return self.name
        contract, name_of = self.receipt.contract, self.census.name_of
        where = f" on {name_of(contract.address)}" if contract is not None else ""
        arguments = ", ".join(_shown(value, self.census) for value in self.arguments)
        outcome = "" if self.ok else f", reverted: {self.receipt.revert}"
        if isinstance(self.receipt, Frame) and self.receipt.from_outside:
            return " > ".join((*self._made_inside(), self.name))
        told = f"{name_of(self.sender)}: {self.name}({arguments}){where}{outcome}"
        return " > ".join((*self._made_inside(), told))

    def _made_inside(self) -> list[str]:
        """Name the calls that this one was made inside of."""
        if not isinstance(self.receipt, Frame):
            return []
        census = self.census
        return [
            f"{census.name_of(frame.sender)}: {census.call_name(frame.contract, frame.function)}"
            for frame in self.receipt.above()
        ]


def _shown(value: Any, census: Census) -> str:
    """Write a value with names for addresses."""
    if isinstance(value, str) and value.startswith("0x"):
        return "nobody" if value == ZERO_ADDRESS else census.name_of(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_shown(member, census) for member in value) + "]"
    return "everything" if value == EVERYTHING else show(value)


def _time_before(census: Census, changes: Changes) -> int:
    written = changes.get(id(census.chain))
    time: int = written[1].get("time", census.chain.time) if written else census.chain.time
    return time


__all__ = [
    "AccountSums",
    "CategoryChange",
    "CategoryView",
    "Changes",
    "Holding",
    "Moment",
    "NoPriceError",
    "Position",
    "ReserveChange",
    "ReserveView",
    "Step",
    "UserChange",
    "read_changes",
    "weigh",
]
