"""Tour through everything that stable rates do, too rare to wait for in random histories."""

from typing import Any

from ..harness.evm import Outcome
from ..harness.market import ADMIN, MAX_UINT, RECEIVER, SUPPLY
from ..harness.recorder import Recorder
from ..histories.user_calls import BORROW, VARIABLE
from .profiles import STABLE

REPAY = "repay(address,uint256,uint256,address)"
SWAP = "swapBorrowRateMode(address,uint256)"
REBALANCE = "rebalanceStableBorrowRate(address,address)"
LIQUIDATE = "liquidationCall(address,address,address,uint256,bool)"
FLASH_LOAN = "flashLoan(address,address[],uint256[],uint256[],address,bytes,uint16)"
ENABLE = "setReserveStableRateBorrowing(address,bool)"
MILLION = 10**12
"""A million GUSD, which has six decimals and no LTV, so that nobody's own supply stands in the way."""
MONTH = 30 * 86_400


class StableTour:
    """The steps, on a fresh standard market. Outcomes are kept by name."""

    def __init__(self, recorder: Recorder, users: tuple[str, ...]) -> None:
        self.recorder = recorder
        self.alice, self.bob, self.carol, self.dave, self.newcomer = users[:5]
        self.gusd = recorder.address("GUSD")
        self.outcomes: dict[str, Outcome] = {}

    def pool(self, name: str, sender: str, signature: str, *arguments: Any) -> None:
        """A call on the pool."""
        self.outcomes[name] = self.recorder.transact(sender, "pool", signature, *arguments)

    def admin(self, name: str, signature: str, *arguments: Any) -> None:
        """A call of the admin on the configurator."""
        self.outcomes[name] = self.recorder.transact(ADMIN, "configurator", signature, *arguments)

    def wait(self, seconds: int) -> None:
        """Time passes."""
        chain = self.recorder.chain
        chain.set_time(chain.timestamp + seconds, chain.block_number + seconds // 12)

    def go(self) -> None:
        """All steps."""
        self.refusals()
        self.borrowing()
        self.rebalancing()
        self.swapping()
        self.repaying()
        self.liquidating()
        self.leaving()

    def refusals(self) -> None:
        """Not enabled; enabled where nothing may be borrowed; disabled while stable rates are enabled; too much."""
        usdc = self.recorder.address("USDC")
        self.pool("31 not enabled", self.alice, BORROW, self.gusd, MILLION, STABLE, 0, self.alice)
        self.admin("borrowing off", "setReserveBorrowing(address,bool)", usdc, False)
        self.admin("30 borrowing is off", ENABLE, usdc, True)
        self.admin("borrowing on", "setReserveBorrowing(address,bool)", usdc, True)
        for symbol in ("GUSD", "USDC"):
            self.admin(f"enabled {symbol}", ENABLE, self.recorder.address(symbol), True)
        self.admin("88 stable rates are on", "setReserveBorrowing(address,bool)", usdc, False)
        self.pool("38 more than a quarter", self.alice, BORROW, self.gusd, 10 * MILLION + 1, STABLE, 0, self.alice)
        self.pool("37 backed by itself", self.alice, BORROW, usdc, MILLION, STABLE, 0, self.alice)
        self.pool("rebalance nothing", self.alice, REBALANCE, self.gusd, self.bob)

    def borrowing(self) -> None:
        """Three take stable debts while money is cheap, one of them twice, one for somebody else, one by a loan."""
        self.pool("borrow", self.alice, BORROW, self.gusd, 9 * MILLION, STABLE, 7, self.alice)
        self.wait(86_400)
        self.pool("borrow more", self.alice, BORROW, self.gusd, MILLION, STABLE, 0, self.alice)
        self.pool("borrow too", self.bob, BORROW, self.gusd, 7 * MILLION, STABLE, 0, self.bob)
        self.pool("44 lenders earn enough", self.dave, REBALANCE, self.gusd, self.bob)
        delegate = "approveDelegation(address,uint256)"
        self.outcomes["delegate"] = self.recorder.transact(self.carol, "sGUSD", delegate, self.newcomer, 5 * MILLION)
        self.pool("borrow for", self.newcomer, BORROW, self.gusd, 4 * MILLION, STABLE, 0, self.carol)
        self.pool("beyond the delegation", self.newcomer, BORROW, self.gusd, 2 * MILLION, STABLE, 0, self.carol)
        self.admin("loans on", "setReserveFlashLoaning(address,bool)", self.gusd, True)
        loan = (RECEIVER, [self.gusd], [MILLION], [STABLE], self.dave, b"", 0)
        self.pool("loan becomes debt", self.dave, FLASH_LOAN, *loan)
        self.admin("cap", "setBorrowCap(address,uint256)", self.gusd, 24 * 10**6)
        self.pool("50 stable debt counts", self.dave, BORROW, self.gusd, 3 * MILLION, VARIABLE, 0, self.dave)
        self.admin("no cap", "setBorrowCap(address,uint256)", self.gusd, 0)

    def rebalancing(self) -> None:
        """Nearly all is lent at once, and time passes: stable debts cost too little, and are rebalanced."""
        self.pool("borrow the rest", self.dave, BORROW, self.gusd, 17 * MILLION, VARIABLE, 0, self.dave)
        self.wait(MONTH)
        self.pool("rebalance", self.newcomer, REBALANCE, self.gusd, self.alice)
        self.pool("rebalance again", self.newcomer, REBALANCE, self.gusd, self.alice)
        self.pool("rebalance no debt", self.newcomer, REBALANCE, self.gusd, self.newcomer)

    def swapping(self) -> None:
        """Each way, with debt of both kinds, and with none of the kind."""
        self.pool("to stable", self.dave, SWAP, self.gusd, VARIABLE)
        self.wait(3_600)
        self.pool("to variable", self.alice, SWAP, self.gusd, STABLE)
        self.pool("41 no stable debt", self.alice, SWAP, self.gusd, STABLE)
        self.pool("42 no variable debt", self.bob, SWAP, self.gusd, VARIABLE)
        self.pool("33 no mode", self.bob, SWAP, self.gusd, 0)
        self.pool("borrow both", self.bob, BORROW, self.gusd, MILLION // 10, VARIABLE, 0, self.bob)

    def repaying(self) -> None:
        """Less than the interest, some, all, with aTokens, for another, and of a kind that is not owed."""
        self.wait(MONTH)
        self.pool("repay a unit", self.bob, REPAY, self.gusd, 1, STABLE, self.bob)
        self.pool("repay some", self.carol, REPAY, self.gusd, MILLION, STABLE, self.bob)
        self.pool("40 everything of another", self.carol, REPAY, self.gusd, MAX_UINT, STABLE, self.bob)
        self.pool("39 not owed", self.alice, REPAY, self.gusd, MILLION, STABLE, self.alice)
        with_a_tokens = "repayWithATokens(address,uint256,uint256)"
        self.pool("repay with aTokens", self.carol, with_a_tokens, self.gusd, MAX_UINT, STABLE)

    def liquidating(self) -> None:
        """Somebody with both kinds of debt goes under: the variable debt is burned first, then stable debt."""
        weth = self.recorder.address("WETH")
        self.recorder.set_price("GUSD", 12 * 10**8)
        for name, amount in (("liquidate variable", MILLION // 100), ("liquidate both", MILLION)):
            self.pool(name, self.carol, LIQUIDATE, weth, self.gusd, self.bob, amount, False)
        self.recorder.set_price("GUSD", 10**8)

    def leaving(self) -> None:
        """All debts are repaid, the last as well; an asset with stable debt cannot be dropped."""
        self.admin("55 stable debt", "dropReserve(address)", self.gusd)
        self.wait(MONTH)
        for user in (self.alice, self.bob, self.dave):
            self.pool(f"supply {user}", user, SUPPLY, self.gusd, 1, user, 0)
            for mode in (STABLE, VARIABLE):
                self.pool(f"leave {user} {mode}", user, REPAY, self.gusd, MAX_UINT, mode, user)
        self.pool("mint to treasury", self.alice, "mintToTreasury(address[])", [self.gusd])
        self.admin("disabled", ENABLE, self.gusd, False)
