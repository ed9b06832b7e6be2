"""A liquidator's contract for flash loans: borrow the debt, liquidate, sell the collateral, pay back, in one call.

The venue stands outside the chain. Its side of the trade waits at an address of its own: the contract hands over the
collateral and takes the proceeds that were quoted, all within the loan's callback. If anything fails, nothing happened.
"""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.errors import EmptyRevert
from pooltwin.protocol.machine.function import external
from pooltwin.protocol.market import Market
from pooltwin.protocol.math.uint import MAX_UINT256

COUNTERPARTY = named_address("the other side of flash liquidators' sales")
"""Where the venue's money waits for the collateral."""
ADDRESS_BYTES, WORD_BYTES = 20, 32


class FlashLiquidator(ForeignContract):
    """Liquidates for its owner without money of its own."""

    KIND = "FlashLiquidator"

    def __init__(self, chain: Chain, at: Address, pool: Address, owner: Address) -> None:
        super().__init__(chain, at)
        self.pool, self.owner = pool, owner

    @external("liquidate(address,address,address,uint256,uint256,uint256)", "uint256")
    def liquidate(
        self,
        collateral: Address,
        debt: Address,
        user: Address,
        loan: int,
        amount: int,
        proceeds: int,
        *,
        sender: Address,
    ) -> int:
        """Liquidate with a loan, sell what was seized for `proceeds` of the debt's asset, and send the owner the rest.

        `amount` is what the pool is asked to cover; the loan must be what it then takes.
        """
        if sender != self.owner:
            raise EmptyRevert("only the owner may")
        pool, token = self.chain.at(self.pool), self.chain.at(debt)
        told = b"".join(bytes.fromhex(where[2:]) for where in (collateral, user))
        told += b"".join(number.to_bytes(WORD_BYTES, "big") for number in (amount, proceeds))
        token.approve(self.pool, MAX_UINT256, sender=self.address)
        pool.flash_loan_simple(self.address, debt, loan, told, 0, sender=self.address)
        gain: int = token.balance_of(self.address)
        token.transfer(self.owner, gain, sender=self.address)
        return gain

    def on_flash_loan_simple(
        self, pool: Address, asset: Address, amount: int, premium: int, initiator: Address, params: bytes
    ) -> bool:
        """Liquidate with what was lent and sell what was seized; the pool takes loan and premium back itself."""
        if pool != self.pool or initiator != self.address:
            raise EmptyRevert("a loan that nobody here asked for")
        collateral, user, covered, proceeds = _told(params)
        if proceeds < amount + premium:
            raise EmptyRevert("the sale would not pay the loan back")
        seized: Any = self.chain.at(collateral)
        self.chain.at(pool).liquidation_call(collateral, asset, user, covered, False, sender=self.address)
        seized.transfer(COUNTERPARTY, seized.balance_of(self.address), sender=self.address)
        self.chain.at(asset).transfer_from(COUNTERPARTY, self.address, proceeds, sender=self.address)
        return True


def _told(params: bytes) -> tuple[Address, Address, int, int]:
    """Read what `liquidate` has written for the callback."""
    user_at, numbers_at = ADDRESS_BYTES, 2 * ADDRESS_BYTES
    numbers = params[numbers_at : numbers_at + WORD_BYTES], params[numbers_at + WORD_BYTES :]
    collateral, user = f"0x{params[:user_at].hex()}", f"0x{params[user_at:numbers_at].hex()}"
    return collateral, user, int.from_bytes(numbers[0], "big"), int.from_bytes(numbers[1], "big")


def contract_address(owner: Address) -> Address:
    """Tell where an owner's contract is, or will be."""
    return named_address(f"flash liquidator of {owner}")


def flash_liquidator(market: Market, owner: Address) -> FlashLiquidator:
    """Get an owner's contract, deployed when it is first asked for."""
    where = contract_address(owner)
    contract = market.chain.contracts[where]
    if contract is None:
        pool = market.pool.address
        contract = market.chain.deploy(lambda chain, at: FlashLiquidator(chain, at, pool, owner), where)
    liquidator: FlashLiquidator = contract
    return liquidator


def offer(market: Market, contract: FlashLiquidator, debt: str, proceeds: int) -> None:
    """Lay the venue's money ready for one sale, which the contract may take."""
    market.fund(debt, COUNTERPARTY, proceeds)
    market.erc20(debt).approve(contract.address, proceeds, sender=COUNTERPARTY)


def premium_of(market: Market, amount: int) -> int:
    """Compute the pool's premium on a flash loan, by the rounding of its release."""
    pool = market.pool
    return pool.revision.flash_premium_percent_mul(amount, pool.flash_loan_premium)
