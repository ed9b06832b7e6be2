"""Views of rewards as they were in v3.6. Solidity: `UiIncentiveDataProviderV3`, v3.6."""

from __future__ import annotations

from ...address import Address
from ...contracts.periphery.ui_incentive_data_provider import UiIncentiveDataProvider


class UiIncentiveDataProviderV36(UiIncentiveDataProvider):
    """Shows the aToken's controller for the debt too."""

    __slots__ = ()

    def controller_shown_for_debt(self, of_lender: Address, of_borrower: Address) -> Address:
        """The controller that a user's debt shows: the aToken's."""
        return of_lender
