"""Tour of v3.0.2 through everything that v3.2 decides otherwise, too rare to wait for in random histories."""

from typing import Any

from ..harness.evm import Outcome
from ..harness.market import ADMIN, MAX_UINT, RECEIVER, SUPPLY
from ..harness.recorder import Recorder
from ..harness.releases import EMODE_WITH_PRICE
from ..histories.user_calls import BORROW, SIGNED

PERMIT_SUPPLY = f"supplyWithPermit(address,uint256,address,uint16,{SIGNED}"
LIQUIDATE = "liquidationCall(address,address,address,uint256,bool)"
FLASH_LOAN_SIMPLE = "flashLoanSimple(address,address,uint256,bytes,uint16)"
FLASH_LOAN = "flashLoan(address,address[],uint256[],uint256[],address,bytes,uint16)"
STABLES = 2
"""The category whose price is USDC's; USDT and GUSD are in it."""


class Tour:
    """The steps, on a fresh standard market."""

    def __init__(self, recorder: Recorder, users: tuple[str, ...]) -> None:
        self.recorder = recorder
        self.alice, self.bob, self.carol, self.dave, self.newcomer = users[:5]

    def pool(self, sender: str, signature: str, *arguments: Any) -> Outcome:
        """A call on the pool."""
        return self.recorder.transact(sender, "pool", signature, *arguments)

    def go(self) -> None:
        """All steps."""
        self.modes()
        self.permits()
        self.recipients()
        self.repeated_flash_loan()
        self.used_up_supply()
        self.priced_category()
        self.tiny_transfer()

    def modes(self) -> None:
        """A stable rate is asked for, and debt of the stable kind repaid."""
        usdc = self.recorder.address("USDC")
        self.pool(self.alice, BORROW, usdc, 10**8, 2, 0, self.alice)
        self.pool(self.alice, BORROW, usdc, 10**8, 1, 0, self.alice)
        self.pool(self.alice, "repay(address,uint256,uint256,address)", usdc, 10**6, 1, self.alice)

    def permits(self) -> None:
        """A permit is nonsense, but the allowance is there."""
        arguments = (10**6, self.alice, 0, MAX_UINT, 27, bytes(32), bytes(32))
        self.pool(self.alice, PERMIT_SUPPLY, self.recorder.address("USDC"), *arguments)

    def recipients(self) -> None:
        """An aToken gets its own underlying."""
        usdc, where = self.recorder.address("USDC"), self.recorder.address("aUSDC")
        self.pool(self.alice, "withdraw(address,uint256,address)", usdc, 10**6, where)
        self.pool(self.alice, SUPPLY, usdc, 10**6, where, 0)

    def repeated_flash_loan(self) -> None:
        """One asset twice in a flash loan."""
        usdc = self.recorder.address("USDC")
        self.pool(self.alice, FLASH_LOAN, RECEIVER, [usdc, usdc], [10**6, 10**7], [0, 0], self.alice, b"", 0)

    def used_up_supply(self) -> None:
        """Aave's own tokens repay a debt that is larger than they are."""
        weth, usdc = self.recorder.address("WETH"), self.recorder.address("USDC")
        self.pool(self.newcomer, SUPPLY, weth, 10**21, self.newcomer, 0)
        self.pool(self.newcomer, SUPPLY, usdc, 10**8, self.newcomer, 0)
        self.pool(self.newcomer, BORROW, usdc, 10**9, 2, 0, self.newcomer)
        self.pool(self.newcomer, "repayWithATokens(address,uint256,uint256)", usdc, MAX_UINT, 2)

    def priced_category(self) -> None:
        """A category with a common price values debt by it when borrowed and when liquidated."""
        gusd, usdt = self.recorder.address("GUSD"), self.recorder.address("USDT")
        self.pool(self.bob, "setUserEMode(uint8)", STABLES)
        for symbol in ("WETH", "WSTETH", "USDC", "WBTC", "LINK", "DUST"):
            self.pool(self.bob, "withdraw(address,uint256,address)", self.recorder.address(symbol), MAX_UINT, self.bob)
        self.recorder.set_price("GUSD", 2 * 10**8)
        self.pool(self.bob, BORROW, gusd, 8 * 10**12, 2, 0, self.bob)
        limits = (7900, 7950, 10200)
        self.recorder.transact(
            ADMIN, "configurator", EMODE_WITH_PRICE, STABLES, *limits, self.recorder.address("USDC"), "tight"
        )
        for collateral in (usdt, gusd):
            self.pool(self.carol, LIQUIDATE, collateral, gusd, self.bob, 10**12, False)

    def tiny_transfer(self) -> None:
        """An index above two makes the smallest amount round to no shares; the recipient gets the collateral bit."""
        link = self.recorder.address("LINK")
        self.recorder.transact(ADMIN, "configurator", "updateFlashloanPremiumToProtocol(uint128)", 0)
        self.recorder.transact(ADMIN, "configurator", "updateFlashloanPremiumTotal(uint128)", 10_000)
        held = self.recorder.try_out(ADMIN, "LINK", "balanceOf(address)", self.recorder.address("aLINK")).ret
        for _ in range(2):
            amount = int.from_bytes(held, "big")
            self.pool(self.alice, FLASH_LOAN_SIMPLE, RECEIVER, link, amount, b"", 0)
        self.recorder.transact(self.dave, "aLINK", "transfer(address,uint256)", self.newcomer, 1)
        self.recorder.transact(self.dave, "aLINK", "transfer(address,uint256)", self.newcomer, 0)
