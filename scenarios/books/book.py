"""A book: all accounts of a market, as columns of scaled balances. Accounts are numbers from 0 up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.models.state import AccountReserveState, AccountState

from .columns import EMPTY, Column, Flags, sha256_of


@dataclass(frozen=True, eq=False)
class Book:
    """Accounts by the thousand: what each has supplied and owes, in shares, by key of the reserve.

    Addresses and names are made when they are asked for.
    """

    title: str
    accounts: int
    """How many accounts there are; they are numbered from 0."""
    reserves: tuple[str, ...]
    """Keys of reserves, in the order of the market's list."""
    supplied_scaled: Mapping[str, Column]
    debt_scaled: Mapping[str, Column]
    collateral: Mapping[str, Flags]
    """By key, whether each supply of `supplied_scaled` is collateral, in the same order."""
    e_modes: NDArray[np.uint8]
    """The e-mode category of each account; 0 for none."""
    class_names: tuple[str, ...] = ("account",)
    classes: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    """The class of each account, as a place in `class_names`."""
    named: Mapping[int, tuple[str, Address]] = field(default_factory=dict)
    """Names and addresses of accounts that have their own."""

    def __post_init__(self) -> None:
        if not len(self.classes):
            object.__setattr__(self, "classes", np.zeros(self.accounts, np.uint8))

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Hand out the same book: nothing in it ever changes."""
        return self

    def name(self, account: int) -> str:
        """Name an account: its own name, or its class and number."""
        own = self.named.get(account)
        return own[0] if own is not None else f"{self.class_names[int(self.classes[account])]} {account}"

    def address(self, account: int) -> Address:
        """Address an account: its own address, or one that follows from the book's title and its number."""
        own = self.named.get(account)
        return own[1] if own is not None else named_address(f"book {self.title}: {account}")

    def supplied(self, symbol: str) -> Column:
        """Get what is supplied to a reserve; an empty column where nobody supplies."""
        return self.supplied_scaled.get(symbol, EMPTY)

    def owed(self, symbol: str) -> Column:
        """Get what is owed to a reserve; an empty column where nobody owes."""
        return self.debt_scaled.get(symbol, EMPTY)

    def state(self, account: int) -> AccountState:
        """Make the state of one account, as a market takes it. Raises IndexError for a number that no account has."""
        return self.states([account])[account]

    def states(self, accounts: Iterable[int]) -> dict[int, AccountState]:
        """Make the states of some accounts. Raises IndexError for a number that no account has."""
        numbers = np.array(list(dict.fromkeys(accounts)), dtype=np.int64)
        strange = numbers[(numbers < 0) | (numbers >= self.accounts)]
        if len(strange):
            raise IndexError(f"there is no account {int(strange[0])}: the book has {self.accounts}")
        own: dict[int, dict[str, AccountReserveState]] = {number: {} for number in numbers.tolist()}
        for key in self.reserves:
            supplies, debts = self.supplied(key).entries(numbers), self.owed(key).entries(numbers)
            for number in {**supplies, **debts}:
                place, supply = supplies.get(number, (-1, 0))
                own[number][key] = AccountReserveState(
                    scaled_supply=supply,
                    scaled_variable_debt=debts.get(number, (-1, 0))[1],
                    collateral=place >= 0 and bool(self.collateral[key][place]),
                )
        return {number: AccountState(e_mode=int(self.e_modes[number]), reserves=there) for number, there in own.items()}

    def members(self, name: str) -> NDArray[np.int64]:
        """List the accounts of a class. Raises ValueError for a class that the book does not have."""
        if name not in self.class_names:
            raise ValueError(f"there is no class {name!r}; there are {', '.join(self.class_names)}")
        return np.flatnonzero(self.classes == self.class_names.index(name)).astype(np.int64)

    def digest(self) -> str:
        """Hash the whole book (SHA-256): equal on every machine for equal books."""
        texts = [self.title, *self.reserves, "", *self.class_names, ""]
        texts += [f"{number} {name} {where}" for number, (name, where) in sorted(self.named.items())]
        hashed = sha256_of(text.encode() for text in texts)
        for key in self.reserves:
            self.supplied(key).feed(hashed)
            self.owed(key).feed(hashed)
            hashed.update(self.collateral[key].tobytes() if key in self.collateral else b"")
        hashed.update(self.e_modes.tobytes())
        hashed.update(self.classes.tobytes())
        return str(hashed.hexdigest())
