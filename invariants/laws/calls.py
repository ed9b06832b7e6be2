"""The calls that laws speak of, by groups, and what their arguments mean."""

from __future__ import annotations

from pooltwin.protocol.address import Address

from ..reading.step import Step
from ..reference import EVERYTHING

SUPPLY = ("pool.supply", "pool.deposit", "pool.supplyWithPermit")
WITHDRAW = ("pool.withdraw",)
BORROW = ("pool.borrow",)
REPAY = ("pool.repay", "pool.repayWithPermit")
REPAY_WITH_ATOKENS = ("pool.repayWithATokens",)
FLASH = ("pool.flashLoan", "pool.flashLoanSimple")
LIQUIDATE = ("pool.liquidationCall",)
COVER = ("pool.eliminateReserveDeficit",)
TRANSFER = ("aToken.transfer", "aToken.transferFrom")
COLLATERAL = ("pool.setUserUseReserveAsCollateral", "pool.setUserUseReserveAsCollateralOnBehalfOf")
E_MODE = ("pool.setUserEMode", "pool.setUserEModeOnBehalfOf")
MINT_TO_TREASURY = ("pool.mintToTreasury",)
SWAP = ("pool.swapBorrowRateMode",)
REBALANCE = ("pool.rebalanceStableBorrowRate",)
TOKEN_MOVES = ("token.transfer", "token.transferFrom", "token.mint")

SIMPLE = (*SUPPLY, *WITHDRAW, *BORROW, *REPAY, *REPAY_WITH_ATOKENS)
"""Lending and borrowing, one operation a call."""
USER_CALLS = frozenset(
    (*SIMPLE, *FLASH, *LIQUIDATE, *COVER, *TRANSFER, *COLLATERAL, *E_MODE, *MINT_TO_TREASURY, *SWAP, *REBALANCE)
)
"""What anybody may do: everything but governance, prices and time."""


def credited(step: Step) -> Address:
    """Tell whose position a simple call is about: who is supplied for, who owes, who withdraws."""
    arguments = step.arguments
    if step.name in SUPPLY:
        return str(arguments[2])
    if step.name in BORROW:
        return str(arguments[4])
    if step.name in REPAY:
        return str(arguments[3])
    return step.sender


def asset_of(step: Step) -> Address:
    """Tell which reserve a call is about."""
    if step.name in TRANSFER and step.receipt is not None:
        return str(step.receipt.contract.underlying) if step.receipt.contract is not None else ""
    return str(step.arguments[0])


def only_counts(step: Step, asset: Address) -> bool:
    """Did nothing change of an isolated reserve but what is counted against its debt ceiling? Until v3.6.

    A borrow against it, and its repayment, name another reserve.
    """
    reserve = step.census.homes[asset].reserve
    if not step.before.reserve(asset).debt_ceiling:
        return False
    places = {place for place in step.changed_places if step.census.asset_at.get(place) == asset}
    written = step.changes.get(id(reserve), (reserve, {}))[1]
    fields = {name for name, old in written.items() if getattr(reserve, name) != old}
    return places == {id(reserve)} and fields == {"isolation_mode_total_debt"}


def transfer_parties(step: Step) -> tuple[Address, Address, int]:
    """Read sender, recipient and amount of an aToken transfer."""
    if step.name == "aToken.transfer":
        to, amount = step.arguments
        return step.sender, to, amount
    owner, to, amount = step.arguments
    return owner, to, amount


def user_of_flags(step: Step) -> Address:
    """Tell whose e-mode or collateral bit a call sets."""
    return str(step.arguments[-1]) if step.name.endswith("OnBehalfOf") else step.sender


def taken_from(step: Step) -> Address:
    """Tell whose collateral or credit a call takes from, or judges anew."""
    if step.name in (*E_MODE, *COLLATERAL):
        return user_of_flags(step)
    if step.name in TRANSFER:
        return transfer_parties(step)[0]
    return credited(step)


def is_everything(amount: int) -> bool:
    """Does an amount stand for all there is? 2**256 - 1 does."""
    return amount == EVERYTHING
