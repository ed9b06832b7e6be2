"""Scene of the corners: the market in which they are acted out, and short words for what happens there."""

from collections.abc import Callable
from typing import Any, NamedTuple

from eth_abi.abi import decode

from ..harness.artifacts import ArtifactSet
from ..harness.evm import ZERO_ADDRESS, Outcome
from ..harness.market import (
    ADMIN,
    MAX_UINT,
    SUPPLY,
    USERS,
    Asset,
    BeforeTokens,
    build_market,
    list_asset,
    must,
    nothing,
)
from ..harness.recorder import MakeChain, Recorder
from ..histories.user_calls import BORROW, VARIABLE
from ..histories.usurped import CONFIGURATOR_ID, SET_ADDRESS

WHALE = USERS[0]
"""Supplied some of every asset before the first corner."""
USE = "setUserUseReserveAsCollateral(address,bool)"
LIQUIDATE = "liquidationCall(address,address,address,uint256,bool)"
SET_CONFIGURATION = "setConfiguration(address,(uint256))"
HIGH = Asset("HIGH", 6, 10**8, (100, 30_000, 1_000, 10_000), (5000, 6000, 10500), 1000, 0, True, 0)
"""Bears so much interest that in a few months both its indexes exceed two: one wei is then less than half a share."""
HIGH_SUPPLY, HIGH_DEBT = 10 * 10**6, 9 * 10**6
MONTHS = 120 * 86_400


class Bits(NamedTuple):
    """A field of the configuration word."""

    first: int
    width: int


LTV, THRESHOLD = Bits(0, 16), Bits(16, 16)
FROZEN, BORROWABLE_IN_ISOLATION, SILOED, VIRTUAL_ACCOUNTING = Bits(57, 1), Bits(61, 1), Bits(62, 1), Bits(252, 1)
DEBT_CEILING, UNBACKED_MINT_CAP = Bits(212, 40), Bits(176, 36)


class Scene:
    """A market under way, everything in it recorded. Indexes stand still unless a corner waits."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.actors: list[str] = []
        self._usurper = self.actor()

    # Who and what

    def actor(self, **tokens: int) -> str:
        """A new account with so much of each token, the pool being allowed to take it."""
        account = "0x" + f"{0xC000 + len(self.actors):04x}" * 10
        self.actors.append(account)
        for symbol, amount in tokens.items():
            self.must(ADMIN, symbol, "mint(address,uint256)", account, amount)
            self.must(account, symbol, "approve(address,uint256)", self.address("pool"), MAX_UINT)
        return account

    def supplier(self, **tokens: int) -> str:
        """A new account that has supplied so much of each token."""
        account = self.actor(**tokens)
        for symbol, amount in tokens.items():
            self.supply(account, symbol, amount)
        return account

    def address(self, label: str) -> str:
        """The address behind a label."""
        return self.recorder.address(label)

    # Reading, without a trace

    def number(self, to: str, signature: str, *arguments: Any) -> int:
        """Read the number that a view returns. Raises ValueError if it reverts."""
        outcome = self.recorder.try_out(ZERO_ADDRESS, to, signature, *arguments)
        if not outcome.ok:
            raise ValueError(f"{to}.{signature} reverted with 0x{outcome.ret.hex()}")
        (value,) = decode(["uint256"], outcome.ret)
        return int(value)

    def balance(self, label: str, account: str) -> int:
        """`balanceOf` on a token, aToken or debt token."""
        return self.number(label, "balanceOf(address)", account)

    def configuration(self, symbol: str) -> int:
        """A reserve's configuration word."""
        return self.number("pool", "getConfiguration(address)", self.address(symbol))

    # Acting, on the record

    def call(self, sender: str, to: str, signature: str, *arguments: Any) -> Outcome:
        """One call, whatever comes of it."""
        return self.recorder.transact(sender, to, signature, *arguments)

    def must(self, sender: str, to: str, signature: str, *arguments: Any) -> bytes:
        """One call that works in every release. Raises ValueError if it reverts."""
        return must(self.recorder, sender, to, signature, *arguments)

    def look(self, to: str, signature: str, *arguments: Any) -> None:
        """Record what a view answers."""
        self.call(WHALE, to, signature, *arguments)

    def look_at_position(self, account: str) -> None:
        """Record what an account has, owes and may borrow."""
        self.look("pool", "getUserAccountData(address)", account)

    def look_at_reserve(self, symbol: str) -> None:
        """Indexes, rates and what the treasury is owed."""
        self.look("pool", "getReserveData(address)", self.address(symbol))

    def look_at_flags(self, *accounts: str) -> None:
        """Record which reserves these accounts use, and how."""
        for account in accounts:
            self.look("pool", "getUserConfiguration(address)", account)

    def supply(self, account: str, symbol: str, amount: int, on_behalf_of: str = "") -> None:
        """Supply for oneself or another."""
        self.must(account, "pool", SUPPLY, self.address(symbol), amount, on_behalf_of or account, 0)

    def borrow(self, account: str, symbol: str, amount: int, on_behalf_of: str = "") -> Outcome:
        """Borrow for oneself or another, if that is possible."""
        return self.call(account, "pool", BORROW, self.address(symbol), amount, VARIABLE, 0, on_behalf_of or account)

    def repay(self, account: str, symbol: str, amount: int) -> Outcome:
        """Repay one's own debt, if that is possible."""
        repay = "repay(address,uint256,uint256,address)"
        return self.call(account, "pool", repay, self.address(symbol), amount, VARIABLE, account)

    def use(self, account: str, symbol: str, on: bool) -> Outcome:
        """Have a supply as collateral or not, if that is possible."""
        return self.call(account, "pool", USE, self.address(symbol), on)

    def enter(self, account: str, category: int) -> Outcome:
        """Go into an e-mode category, if that is possible."""
        return self.call(account, "pool", "setUserEMode(uint8)", category)

    def liquidate(self, borrower: str, collateral: str, debt: str, amount: int = MAX_UINT) -> Outcome:
        """Liquidate for underlying from a new account, as much as possible unless told how much."""
        liquidator = self.actor(**{debt: min(amount, self.balance(f"v{debt}", borrower))})
        arguments = (self.address(collateral), self.address(debt), borrower, amount, False)
        return self.call(liquidator, "pool", LIQUIDATE, *arguments)

    def wait(self, seconds: int) -> None:
        """Interest accrues."""
        chain = self.recorder.chain
        chain.set_time(chain.timestamp + seconds, chain.block_number + 1)

    # Settings

    def setting(self, symbol: str, signature: str, value: int | bool, bits: Bits) -> None:
        """A setting of a reserve by the configurator; where that cannot be done, into the configuration itself."""
        self.call(ADMIN, "configurator", signature, self.address(symbol), value)
        if self.configuration(symbol) >> bits.first & (1 << bits.width) - 1 != value:
            self.rewrite(symbol, int(value), bits)

    def rewrite(self, symbol: str, value: int, *bits: Bits) -> None:
        """Write fields of the configuration word, past all checks of the configurator."""
        word = self.configuration(symbol)
        for field in bits:
            word = word & ~(((1 << field.width) - 1) << field.first) | value << field.first
        self.usurp(("pool", SET_CONFIGURATION, self.address(symbol), (word,)))

    def usurp(self, *calls: tuple[Any, ...]) -> None:
        """Make calls that only the configurator may make: while they take, somebody else is registered as that."""
        self.must(ADMIN, "provider", SET_ADDRESS, CONFIGURATOR_ID, self._usurper)
        for to, signature, *arguments in calls:
            self.must(self._usurper, to, signature, *arguments)
        self.must(ADMIN, "provider", SET_ADDRESS, CONFIGURATOR_ID, self.address("configurator"))


Corner = Callable[[Scene], None]


def open_scene(
    artifacts: ArtifactSet,
    make_chain: MakeChain,
    make_scene: type[Scene] = Scene,
    pool_kind: str = "PoolInstance",
    before_tokens: BeforeTokens = nothing,
) -> Scene:
    """The standard market with one supplier, and a reserve whose indexes have grown."""
    recorder = build_market(artifacts, (WHALE,), make_chain, pool_kind, before_tokens)
    list_asset(recorder, HIGH)
    scene = make_scene(recorder)
    scene.must(ADMIN, "provider", "setPoolDataProvider(address)", scene.address("data_provider"))
    scene.must(ADMIN, "HIGH", "mint(address,uint256)", WHALE, HIGH_SUPPLY)
    scene.must(WHALE, "HIGH", "approve(address,uint256)", scene.address("pool"), HIGH_SUPPLY)
    scene.supply(WHALE, "HIGH", HIGH_SUPPLY)
    scene.borrow(WHALE, "HIGH", HIGH_DEBT)
    scene.wait(MONTHS)
    return scene
