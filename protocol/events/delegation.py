"""Events of votes that are given away."""

from __future__ import annotations

from typing import NamedTuple

from ..address import Address
from .declaration import event


@event("DelegateChanged(address indexed, address indexed, uint8)")
class DelegateChanged(NamedTuple):
    delegator: Address
    delegatee: Address
    delegation_type: int
