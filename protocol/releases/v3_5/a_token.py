"""The aToken as it was in v3.5. Solidity: `AToken`, `ATokenInstance`, v3.5."""

from __future__ import annotations

from typing import ClassVar

from ...contracts.a_token import AToken
from ...contracts.settable_a_token import SettableAToken


class ATokenV35(AToken):
    """Lets no spender give up an allowance."""

    ABSENT: ClassVar[tuple[str, ...]] = ("renounceAllowance(address)",)
    __slots__ = ()


class SettableATokenV35(SettableAToken, ATokenV35):
    """The same with balances that anybody writes."""

    __slots__ = ()
