"""The variable debt token as it was in v3.0.2. Solidity: `VariableDebtToken`, v3.0.2."""

from __future__ import annotations

from ..v3_3.debt_token import VariableDebtTokenV33


class VariableDebtTokenV302(VariableDebtTokenV33):
    """Differs in the number that its mock gives."""

    MOCK_REVISION = 3
    __slots__ = ()
