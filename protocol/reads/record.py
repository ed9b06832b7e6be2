"""A record of the events of a run, kept while it lasts and told as one table for each kind of event."""

from __future__ import annotations

from types import TracebackType
from typing import Any, NamedTuple, Self

from ..address import Address


class Happened(NamedTuple):
    """One event of a run, with when and where it was emitted."""

    time: int
    """Seconds."""
    block: int
    transaction: int
    """The number of the transaction in the run, from 1; those that revert are counted and have no events."""
    address: Address
    contract: str
    """The kind of the contract, as "PoolInstance"."""
    event: Any


COLUMNS = Happened._fields[:-1]


class EventRecord:
    """Keeps the events of a chain from where its `with` begins to where it ends.

    A revert to a snapshot drops what it undoes. A fork has a record of its own, if it is asked for one. Transactions
    that are only tried, as `chain.call`, leave nothing.
    """

    def __init__(self, chain: Any) -> None:
        self._chain = chain
        self.rows: list[Happened] = []
        self.transactions = 0

    def __enter__(self) -> Self:
        self._chain.recorders = (*self._chain.recorders, self)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._chain.recorders = tuple(recorder for recorder in self._chain.recorders if recorder is not self)

    def transaction_opened(self) -> None:
        """Count a transaction."""
        self._chain.journal.entries.append((self, "transactions", self.transactions))
        self.transactions += 1

    def keep(self, logs: list[tuple[Address, Any]]) -> None:
        """Keep the events of a transaction that took effect."""
        chain = self._chain
        chain.journal.entries.append((self, "rows", len(self.rows)))
        time, number, contracts = chain.time, chain.number, chain.contracts
        self.rows += [
            Happened(time, number, self.transactions, where, contracts[where].KIND, event) for where, event in logs
        ]

    def restore(self, name: str, old: int) -> None:
        """Forget what is undone: the journal says how much there was before."""
        if name == "rows":
            del self.rows[old:]
        else:
            self.transactions = old

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Tell the events as one table for each kind, by its name: a list of rows, each a dictionary by column.

        The first columns are time, block, transaction, address and contract; then come the event's own. One of these
        that has the name of a first column begins with `event_`.
        """
        tables: dict[str, list[dict[str, Any]]] = {}
        for happened in self.rows:
            event = happened.event
            own = {f"event_{name}" if name in COLUMNS else name: value for name, value in event._asdict().items()}
            row = dict(zip(COLUMNS, happened, strict=False)) | own
            tables.setdefault(type(event).__name__, []).append(row)
        return tables
