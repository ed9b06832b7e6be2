"""World of a random history: the market, who is in it, and how to choose."""

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from eth_abi.abi import decode

from .evm import ZERO_ADDRESS, Outcome
from .market import ADMIN, ASSETS, RECEIVER, UMBRELLA, reserve_tokens
from .recorder import Recorder
from .releases import REWARDS, TREASURY, has
from .signing import Signer

Item = TypeVar("Item")
WAD = 10**18
MAX_UINT = 2**256 - 1
KINDS = {
    "pool": "PoolInstance",
    "configurator": "PoolConfiguratorInstance",
    "acl": "ACLManager",
    "provider": "PoolAddressesProvider",
    "oracle": "AaveOracle",
    "data_provider": "AaveProtocolDataProvider",
    "irs": "DefaultReserveInterestRateStrategyV2",
}
PROXY_ADMIN_CALLS = (
    "admin()",
    "implementation()",
    "upgradeTo(address)",
    "upgradeToAndCall(address,bytes)",
    "initialize(address)",
)
"""Functions of the proxies, which no implementation has."""
TOKEN_KINDS = {"a": "ATokenInstance", "v": "VariableDebtTokenInstance", "s": "StableDebtToken"}
EDGES = (0, 1, 2, 2**120 - 1, 2**120, 2**127, 2**128 - 1, 2**128, 2**255, MAX_UINT - 1, MAX_UINT)


def token_kind(recorder: Recorder, label: str) -> str:
    """The contract behind the label of a reserve's token: aTokens are what their first code is."""
    return recorder.kinds["atoken_impl"] if label[0] == "a" else TOKEN_KINDS[label[0]]


class Call(NamedTuple):
    """One transaction to be sent; `to` is a label or an address."""

    sender: str
    to: str
    signature: str
    arguments: tuple[Any, ...]


class World:
    """The state of a history in the making; all choices come from one seeded source."""

    def __init__(self, recorder: Recorder, seed: int, users: Sequence[str], signers: Sequence[Signer]) -> None:
        self.recorder = recorder
        self.rng = random.Random(seed)
        self.users = tuple(users)
        self.signers = {signer.address: signer for signer in signers}
        self.symbols = [asset.symbol for asset in ASSETS]
        self.decimals = {asset.symbol: asset.decimals for asset in ASSETS}
        self.prices = {asset.symbol: asset.price for asset in ASSETS}
        self.normal_prices = dict(self.prices)
        self.unlisted: list[str] = []
        """Labels of deployed tokens that are not listed."""
        self.step = 0
        self._later: list[tuple[int, Callable[[], object]]] = []

    def listed(self, symbol: str) -> None:
        """A token that came later is now a reserve."""
        self.symbols.append(symbol)
        for prefix, address in reserve_tokens(self.recorder, symbol).items():
            self.recorder.alias(f"{prefix}{symbol}", address)

    # Choosing

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.rng.random() < probability

    def pick(self, items: Sequence[Item]) -> Item:
        """One of them."""
        return items[self.rng.randrange(len(items))]

    def user(self) -> str:
        """One of the ordinary accounts."""
        return self.pick(self.users)

    def anyone(self) -> str:
        """Any address at all: users mostly, then contracts, special accounts, zero."""
        if self.chance(0.6):
            return self.user()
        special = [ADMIN, TREASURY, UMBRELLA, RECEIVER, ZERO_ADDRESS, "0x" + "99" * 20]
        return self.pick([*special, *self.recorder.addresses.values()])

    def sender(self) -> str:
        """Any account that can send transactions, with or without rights."""
        return self.user() if self.chance(0.7) else self.pick([ADMIN, TREASURY, UMBRELLA, "0x" + "99" * 20])

    def symbol(self) -> str:
        """A listed asset."""
        return self.pick(self.symbols)

    def asset(self) -> str:
        """An asset's address: rarely an unlisted token or no token at all."""
        if self.chance(0.97):
            return self.recorder.address(self.symbol())
        if self.unlisted and self.chance(0.5):
            return self.recorder.address(self.pick(self.unlisted))
        return self.anyone()

    def near(self, amount: int) -> int:
        """An amount at, around or below another, or at the edges of what an integer holds."""
        roll = self.rng.random()
        if roll < 0.45:
            return min(MAX_UINT, amount * self.rng.randrange(10**9) // 10**9)
        if roll < 0.75:
            return min(MAX_UINT, max(0, amount + self.pick((-1, 0, 0, 0, 1, 2))))
        if roll < 0.85:
            return MAX_UINT
        if roll < 0.93:
            return self.pick((1, 2, 3, 10, 1000))
        return self.pick(EDGES)

    def within(self, amount: int) -> int:
        """Mostly an amount up to another, sometimes any amount `near` it."""
        return self.rng.randrange(amount + 1) if amount and self.chance(0.8) else self.near(amount)

    def unit(self, symbol: str) -> int:
        """One whole token."""
        return int(10 ** self.decimals[symbol])

    def worth(self, symbol: str) -> int:
        """An amount of a token worth ten cents to three million dollars at its normal price."""
        dollars = 10.0 ** self.rng.uniform(-1, 6.5)
        return int(dollars * 10**8) * self.unit(symbol) // self.normal_prices[symbol]

    # Reading (nothing is recorded)

    def read(self, to: str, signature: str, types: Sequence[str], *arguments: Any) -> tuple[Any, ...] | None:
        """Read what a view returns; None if it reverts or gives nothing."""
        outcome = self.recorder.try_out(ZERO_ADDRESS, to, signature, *arguments)
        return tuple(decode(list(types), outcome.ret)) if outcome.ok and outcome.ret else None

    def number(self, to: str, signature: str, *arguments: Any) -> int:
        """A view's number, zero if it gives none."""
        values = self.read(to, signature, ["uint256"], *arguments)
        return 0 if values is None else int(values[0])

    def balance(self, label: str, account: str) -> int:
        """`balanceOf` on a token, aToken or debt token."""
        return self.number(label, "balanceOf(address)", account)

    def account(self, user: str) -> tuple[int, ...]:
        """`getUserAccountData`: collateral, debt, available (base currency), threshold, ltv, health factor."""
        values = self.read("pool", "getUserAccountData(address)", ["uint256"] * 6, user)
        return (0, 0, 0, 0, 0, MAX_UINT) if values is None else values

    def has(self, contract: str, signature: str) -> bool:
        """Tell whether this release's contract has a function."""
        return has(self.recorder.chain.artifacts, contract, signature)

    def kind(self, label: str) -> str:
        """The contract behind a label of the market, or of a token of one of its reserves."""
        if label == "pool":
            return self.recorder.kinds["pool_impl"]
        if label in KINDS:
            return KINDS[label]
        if label == REWARDS:
            return "RewardsController"
        if label in self.recorder.kinds and label not in self.symbols and label[1:] not in self.symbols:
            return self.recorder.kinds[label]
        return token_kind(self.recorder, label) if label[1:] in self.symbols else "TestnetERC20"

    def supports(self, call: Call) -> bool:
        """Tell whether this release has the function that a call on a contract of the market is for."""
        return self.has(self.kind(call.to), call.signature)

    def holdings(self, user: str, prefix: str) -> list[str]:
        """The assets of which an account has aTokens ("a"), or debt, variable ("v") or stable ("s")."""
        return [symbol for symbol in self.symbols if self.balance(f"{prefix}{symbol}", user)]

    def to_amount(self, symbol: str, base: int) -> int:
        """Base-currency value to token amount at the current price, as far as an integer holds it."""
        return min(MAX_UINT, base * self.unit(symbol) // max(1, self.prices[symbol]))

    # Acting

    def send(self, call: Call) -> Outcome:
        """Send a transaction and record it."""
        return self.recorder.transact(call.sender, call.to, call.signature, *call.arguments)

    def succeeds(self, call: Call) -> bool:
        """Tell whether a call would go through now."""
        return self.recorder.try_out(call.sender, call.to, call.signature, *call.arguments).ok

    def seek(self, make: Callable[["World"], Call | None], tries: int) -> Outcome | None:
        """Send the first of up to `tries` random calls that would go through, else the last one all the same."""
        call = None
        for _ in range(tries):
            made = make(self)
            if made is None or (made.signature not in PROXY_ADMIN_CALLS and not self.supports(made)):
                continue
            call = made
            if tries > 1 and self.succeeds(call):
                break
        return None if call is None else self.send(call)

    def set_price(self, symbol: str, value: int) -> None:
        """A new answer of a price feed."""
        self.prices[symbol] = value
        self.recorder.set_price(symbol, value)

    def later(self, steps: int, action: Callable[[], object]) -> None:
        """Do something some steps from now, typically to put right what was just broken."""
        self._later.append((self.step + steps, action))

    def run_due(self, *, everything: bool = False) -> None:
        """Do what is due, or, at the end, all that is still open."""
        due = [entry for entry in self._later if everything or entry[0] <= self.step]
        self._later = [entry for entry in self._later if entry not in due]
        for _, action in due:
            action()
