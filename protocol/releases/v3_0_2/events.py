"""Events that only v3.0.2 and v3.1 have. They are declared like those in `events`."""

from __future__ import annotations

from typing import NamedTuple

from ...address import Address
from ...events import event


@event("ReserveStableRateBorrowing(address indexed, bool)")
class ReserveStableRateBorrowing(NamedTuple):
    """Stable rates were enabled or disabled."""

    asset: Address
    enabled: bool


@event("EModeAssetCategoryChanged(address indexed, uint8, uint8)")
class EModeAssetCategoryChanged(NamedTuple):
    """An asset went to another e-mode category."""

    asset: Address
    old_category_id: int
    new_category_id: int


@event("StableDebtTokenUpgraded(address indexed, address indexed, address indexed)")
class StableDebtTokenUpgraded(NamedTuple):
    """A stable debt token has new code."""

    asset: Address
    proxy: Address
    implementation: Address


@event("SwapBorrowRateMode(address indexed, address indexed, uint8)")
class SwapBorrowRateMode(NamedTuple):
    """A debtor's whole debt of a kind became one of the other kind; the mode is that of before."""

    asset: Address
    user: Address
    interest_rate_mode: int


@event("RebalanceStableBorrowRate(address indexed, address indexed)")
class RebalanceStableBorrowRate(NamedTuple):
    """A stable debt costs the present rate from now on."""

    asset: Address
    user: Address


@event("Mint(address indexed, address indexed, uint256, uint256, uint256, uint256, uint256, uint256)")
class StableMint(NamedTuple):
    """Stable debt grew: by a borrow and by interest since the debtor's last change. Solidity: `Mint`."""

    user: Address
    on_behalf_of: Address
    amount: int
    current_balance: int
    balance_increase: int
    new_rate: int
    average_stable_rate: int
    new_total_supply: int


@event("Burn(address indexed, uint256, uint256, uint256, uint256, uint256)")
class StableBurn(NamedTuple):
    """Stable debt was repaid, by more than the interest since the debtor's last change. Solidity: `Burn`."""

    from_: Address
    amount: int
    current_balance: int
    balance_increase: int
    average_stable_rate: int
    new_total_supply: int
