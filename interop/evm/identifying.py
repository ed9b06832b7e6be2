"""Which contract stands at which address of somebody else's chain, found by asking the contracts themselves.

The registry names the market-wide contracts, the pool its reserves, the pool's storage their tokens, the oracle the
price feeds, and the EIP-1967 slot of a proxy its code. What a contract keeps in its code, its views tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.contracts.proxy import Proxied
from pooltwin.protocol.errors import selector_of
from pooltwin.protocol.evm_storage.layout import EIP1967_IMPLEMENTATION
from pooltwin.protocol.evm_storage.raw import Identity, slot_of
from pooltwin.protocol.evm_storage.table import layout_of
from pooltwin.protocol.machine.abi import calldata_of
from pooltwin.protocol.revisions import Revision

from .genesis import Account, AllocError

Answer = Callable[[Address, bytes], bytes | None]
"""What a contract answers to calldata; None where it reverts."""


class Questions:
    """Views asked of contracts whose code nobody knows."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def ask(self, where: Address, signature: str, kind: str = "address", *arguments: Any) -> Any:
        """Give the value that a view answers. None where it reverts, or answers something else."""
        answer = self._answer(where, calldata_of(signature, arguments))
        if answer is None or not answer:
            return None
        try:
            (value,) = decode([kind], answer)
        except (DecodingError, UnicodeDecodeError):
            return None
        return value


class Found(NamedTuple):
    """The contracts of a market: what is known of them by address, and which price feeds and tokens it has."""

    identities: dict[Address, Identity]
    pool: Address
    assets: tuple[Address, ...]
    feeds: tuple[Address, ...]
    updated: int
    """When a reserve was updated last (seconds)."""


_REVISIONS = ("POOL_REVISION()", "ATOKEN_REVISION()", "DEBT_TOKEN_REVISION()", "CONFIGURATOR_REVISION()", "REVISION()")

_VIEWS: dict[str, tuple[tuple[str, str], ...]] = {
    "code_revision": tuple((signature, "uint256") for signature in _REVISIONS),
    "provider": (("ADDRESSES_PROVIDER()", "address"), ("POOL_ADDRESSES_PROVIDER()", "address")),
    "rate_strategy": (("RESERVE_INTEREST_RATE_STRATEGY()", "address"),),
    "pool": (("POOL()", "address"), ("getPool()", "address")),
    "rewards_controller": (("REWARDS_CONTROLLER()", "address"), ("getIncentivesController()", "address")),
    "treasury": (("TREASURY()", "address"), ("RESERVE_TREASURY_ADDRESS()", "address")),
    "base_currency": (("BASE_CURRENCY()", "address"),),
    "base_currency_unit": (("BASE_CURRENCY_UNIT()", "uint256"),),
    "emission_manager": (("EMISSION_MANAGER()", "address"), ("getEmissionManager()", "address")),
    "optimal_usage_ratio": (("OPTIMAL_USAGE_RATIO()", "uint256"),),
    "base_variable_borrow_rate": (("getBaseVariableBorrowRate()", "uint256"),),
    "variable_rate_slope1": (("getVariableRateSlope1()", "uint256"),),
    "variable_rate_slope2": (("getVariableRateSlope2()", "uint256"),),
    "stable_rate_slope1": (("getStableRateSlope1()", "uint256"),),
    "stable_rate_slope2": (("getStableRateSlope2()", "uint256"),),
    "stable_rate_excess_offset": (("getStableRateExcessOffset()", "uint256"),),
    "optimal_stable_to_total_debt_ratio": (("OPTIMAL_STABLE_TO_TOTAL_DEBT_RATIO()", "uint256"),),
}
"""The views that tell what a contract keeps in its code; the first that answers is believed."""

_MAY_BE_ABSENT = {"rate_strategy": ZERO_ADDRESS, "treasury": ZERO_ADDRESS, "rewards_controller": ZERO_ADDRESS}
"""What earlier releases do not have."""

_OFFSET = "base_stable_rate_offset"
"""What no view tells by itself: the base stable rate less the first slope."""

VOTES, PACKED = "delegate(address)", "supply(bytes32)"
"""Functions by which an aToken that votes, and the pool of a rollup, are told."""


class Identifying:
    """The search for the contracts of one market, from its registry on."""

    def __init__(self, accounts: Mapping[Address, Account], questions: Questions, revision: Revision) -> None:
        self.accounts = accounts
        self.questions = questions
        self.revision = revision
        self.found: dict[Address, Identity] = {}

    def registry(self) -> Address:
        """Find the only registry of a market. Raises AllocError where there is none, or more than one."""
        candidates = [where for where, account in self.accounts.items() if account.code and self._is_registry(where)]
        if len(candidates) != 1:
            named = f": {', '.join(sorted(candidates))}" if candidates else ""
            raise AllocError(f"there are {len(candidates)} registries of markets, say which is meant{named}")
        return candidates[0]

    def _registry_of(self, where: Address) -> Address:
        """The registry at an address, or that of the pool there."""
        for each in (where, self.questions.ask(where, "ADDRESSES_PROVIDER()") if self._has_code(where) else None):
            if each is not None and self._has_code(each) and self._is_registry(each):
                return each
        raise AllocError(f"{where}: no registry of a market (PoolAddressesProvider), and no pool that names one")

    def _is_registry(self, where: Address) -> bool:
        code = self.accounts[where].code
        if any(selector_of(name) not in code for name in ("getMarketId()", "getPoolConfigurator()", "getACLManager()")):
            return False
        return self._has_code(self.questions.ask(where, "getPool()"))

    def market(self, provider: Address) -> Found:
        """Identify what belongs to a market, told by its registry or its pool.

        Raises AllocError, naming the address, for what is neither, and for what the market does not have.
        """
        provider = self._registry_of(provider)
        self.found[provider] = Identity("PoolAddressesProvider", {})
        ask = self.questions.ask
        pool, configurator = ask(provider, "getPool()"), ask(provider, "getPoolConfigurator()")
        oracle = ask(provider, "getPriceOracle()")
        self._proxy(pool, self._kind_of_pool(pool), provider)
        self._proxy(configurator, "PoolConfiguratorInstance", provider)
        self._plain(ask(provider, "getACLManager()"), "ACLManager")
        self._plain(oracle, "AaveOracle")
        self._fallback(oracle)
        self._optional(ask(provider, "getPoolDataProvider()"), "AaveProtocolDataProvider")
        self._sentinel(ask(provider, "getPriceOracleSentinel()"))
        strategy = ask(pool, "RESERVE_INTEREST_RATE_STRATEGY()")
        self._optional(strategy, "DefaultReserveInterestRateStrategyV2")
        assets = tuple(ask(pool, "getReservesList()", "address[]") or ())
        feeds = []
        for asset in assets:
            self._tokens(pool, configurator, asset)
            feed = ask(oracle, "getSourceOfAsset(address)", "address", asset)
            if self._has_code(feed):
                feeds.append(feed)
        updated = (self._number(pool, "last_update_timestamp", asset) for asset in assets)
        return Found(self.found, pool, assets, tuple(dict.fromkeys(feeds)), max(updated, default=0))

    # --- one contract -----------------------------------------------------------------------------------------------

    def _has_code(self, where: Address | None) -> bool:
        return where is not None and where in self.accounts and bool(self.accounts[where].code)

    def _plain(self, where: Address | None, kind: str) -> None:
        """Identify a contract without a proxy. Raises AllocError where there is no code."""
        if where is None or not self._has_code(where):
            raise AllocError(f"{where}: there is no code of the market's {kind}")
        if where not in self.found:
            self.found[where] = Identity(self._code(kind), self._immutables(where, kind))

    def _optional(self, where: Address | None, kind: str) -> None:
        if self._has_code(where):
            self._plain(where, kind)

    def _proxy(self, where: Address | None, kind: str, admin: Address) -> None:
        """Identify a proxy and the code behind it. Raises AllocError for what is no proxy of that admin."""
        if where is None or not self._has_code(where):
            raise AllocError(f"{where}: there is no code of the market's {kind}")
        implementation = self.implementation(where)
        if not self._has_code(implementation):
            raise AllocError(f"{where}: no proxy: its EIP-1967 slot names no code of a {kind}")
        if bytes.fromhex(admin[2:]) not in self.accounts[where].code:
            raise AllocError(f"{where}: the proxy of {kind} is not administered by {admin}")
        self._plain(implementation, kind)
        immutables = {**self.found[implementation].immutables, "proxy_admin": admin}
        self.found[where] = Identity(self._code(kind), immutables)
        self.found[implementation].immutables.setdefault("proxy_admin", ZERO_ADDRESS)

    def implementation(self, where: Address) -> Address:
        """Give the code that a proxy names in its EIP-1967 slot."""
        return f"0x{self.accounts[where].storage.get(EIP1967_IMPLEMENTATION, 0):040x}"

    def _code(self, kind: str) -> str:
        cls = self.revision.contracts.get(kind)
        if cls is None:
            raise AllocError(f"release {self.revision.name} has no {kind}")
        return str(cls.code())

    def _immutables(self, where: Address, kind: str) -> dict[str, Any]:
        """Ask for what the contract keeps in its code. Raises AllocError for what it does not tell."""
        cls = self.revision.contracts[kind]
        told: dict[str, Any] = {}
        for name in cls.IMMUTABLES:
            if name in cls.ASSUMED or name == _OFFSET:
                continue
            answers = (self.questions.ask(where, *view) for view in _VIEWS.get(name, ()))
            value = next((answer for answer in answers if answer is not None), _MAY_BE_ABSENT.get(name))
            if value is None and name == "code_revision":
                value = self._revision_of(cls)
            if value is None and name == "pool":
                value = self.questions.ask(told["provider"], "getPool()")
            if value is None:
                raise AllocError(f"{where}: the {kind} tells no {name}: it is not the code of this kind")
            told[name] = value
        if _OFFSET in cls.IMMUTABLES:
            base = self.questions.ask(where, "getBaseStableBorrowRate()", "uint256")
            told[_OFFSET] = base - told["variable_rate_slope1"]
        return told

    def _revision_of(self, cls: type[Any]) -> int:
        """The revision of code that does not tell it: the release's."""
        return int(self.revision.pool_revision) if issubclass(cls, Proxied) else 0

    # --- reserves ---------------------------------------------------------------------------------------------------

    def _tokens(self, pool: Address, configurator: Address, asset: Address) -> None:
        """Identify the tokens of a reserve, and its own strategy where it has one."""
        for member, kind in _TOKENS.items():
            token = self._member(pool, member, asset)
            if token is None or token == ZERO_ADDRESS:
                continue
            implementation = self.implementation(token) if self._has_code(token) else ZERO_ADDRESS
            votes = kind == "ATokenInstance" and self._has(implementation, VOTES)
            self._proxy(token, "ATokenWithDelegationInstance" if votes else kind, configurator)
        strategy = self._member(pool, "interest_rate_strategy", asset)
        if self._has_code(strategy):
            kind = "DefaultReserveInterestRateStrategy"
            self._plain(strategy, kind if self.revision.stable_rates else f"{kind}V2")

    def _member(self, pool: Address, member: str, asset: Address) -> Address | None:
        """Read an address of a reserve's record in the pool's storage; None where the release has none there."""
        number = self._read(pool, member, asset)
        return None if number is None else f"0x{number & (1 << 160) - 1:040x}"

    def _number(self, pool: Address, member: str, asset: Address) -> int:
        """Read a time of a reserve's record, of 40 bits; zero where the release has none there."""
        return (self._read(pool, member, asset) or 0) & (1 << 40) - 1

    def _read(self, pool: Address, member: str, asset: Address) -> int | None:
        """Read the word of a member of a reserve's record, shifted to it."""
        for variable in layout_of(self.found[pool].kind, self.revision):
            if variable.name == f"reserves.{member}":
                return self.accounts[pool].storage.get(slot_of(variable, (asset,)), 0) >> 8 * variable.offset
        return None

    def _kind_of_pool(self, pool: Address | None) -> str:
        packed = self._has_code(pool) and pool is not None and self._has(self.implementation(pool), PACKED)
        return "L2PoolInstance" if packed else "PoolInstance"

    def _has(self, where: Address, signature: str) -> bool:
        """Does code have a function? By its selector, as the compiler puts it into the table."""
        return self._has_code(where) and selector_of(signature) in self.accounts[where].code

    def _fallback(self, oracle: Address) -> None:
        fallback = self.questions.ask(oracle, "getFallbackOracle()")
        if self._has_code(fallback):
            self._plain(fallback, "PriceOracle")

    def _sentinel(self, where: Address | None) -> None:
        if self._has_code(where) and where is not None:
            self._plain(where, "PriceOracleSentinel")
            self._optional(self.questions.ask(where, "getSequencerOracle()"), "SequencerOracle")


_TOKENS = {
    "a_token": "ATokenInstance",
    "stable_debt_token": "StableDebtToken",
    "variable_debt_token": "VariableDebtTokenInstance",
}


def addresses_in(accounts: Mapping[Address, Account]) -> Iterator[Address]:
    """Every account, and every word of storage that looks like one: what mappings may have as keys."""
    yield from accounts
    for account in accounts.values():
        for word in account.storage.values():
            if 1 << 64 <= word < 1 << 160:
                yield f"0x{word:040x}"
