"""The aToken as it was in v3.5. Solidity: `AToken`, `ATokenInstance`, v3.5."""

from __future__ import annotations

from typing import ClassVar

from ...contracts.a_token import AToken


class ATokenV35(AToken):
    """Lets no spender give up an allowance."""

    ABSENT: ClassVar[tuple[str, ...]] = ("renounceAllowance(address)",)
    __slots__ = ()
