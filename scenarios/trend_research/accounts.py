"""Accounts of the replay."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from pooltwin.protocol.address import Address, named_address


@dataclass
class Account:
    """Account of somebody with a position."""

    name: str
    address: Address = field(init=False)

    def __post_init__(self) -> None:
        self.address = named_address(f"trend-research replay: {self.name}")

    @classmethod
    def at(cls, name: str, address: Address) -> Self:
        """Name an account that has an address of its own."""
        account = cls(name)
        account.address = address
        return account
