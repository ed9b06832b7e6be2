"""The variable debt token as it was in v3.5. Solidity: `VariableDebtToken`, `VariableDebtTokenInstance`, v3.5."""

from __future__ import annotations

from typing import ClassVar

from ...contracts.variable_debt_token import VariableDebtToken


class VariableDebtTokenV35(VariableDebtToken):
    """Lets no delegatee give up a delegation."""

    ABSENT: ClassVar[tuple[str, ...]] = ("renounceDelegation(address)", "renounceAllowance(address)")
    __slots__ = ()
