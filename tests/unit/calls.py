"""Every function of every contract, and arguments for it: some plausible, some extreme."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from eth_abi.grammar import ABIType, BasicType, TupleType, parse
from hypothesis import strategies as st
from pooltwin.protocol.address import ZERO_ADDRESS, Address, named_address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.acl_manager import POOL_ADMIN_ROLE
from pooltwin.protocol.contracts.addresses_provider import POOL
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.errors import NotModelledError, selector_of
from pooltwin.protocol.machine.abi import encode_values
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.machine.function import Function
from pooltwin.protocol.market import Market

from .numbers import MAX_UINT256, uints
from .worlds import ALICE, BOB, DOLLAR, RATES, USERS, lived_in

WETH9_AT = named_address("weth9")
FALLBACK_AT = named_address("fallback oracle")
SENTINEL_AT = named_address("sentinel")
SEQUENCER_AT = named_address("sequencer")
RECEIVER_AT = named_address("receiver")


class Target(NamedTuple):
    """One function of one contract."""

    kind: str
    address: Address
    function: Function

    def __str__(self) -> str:
        return f"{self.kind}.{self.function.signature}"


@cache
def _crowded(revision: str) -> Market:
    market = lived_in(revision)
    chain, admin = market.chain, market.admin
    construct("WETH9", chain, WETH9_AT, [])
    construct("PriceOracle", chain, FALLBACK_AT, [])
    construct("SequencerOracle", chain, SEQUENCER_AT, [admin])
    construct("PriceOracleSentinel", chain, SENTINEL_AT, [market.provider.address, SEQUENCER_AT, 3600])
    construct("AlwaysTrueReceiver", chain, RECEIVER_AT, [])
    chain.balances[ALICE] = 10**20
    for symbol in market.assets:
        token = market.erc20(symbol)
        token.mint(RECEIVER_AT, 10**24, sender=admin)
        token.approve(market.pool.address, MAX_UINT256, sender=RECEIVER_AT)
    market.acl_manager.add_flash_borrower(BOB, sender=admin)
    market.pool.supply(market.asset("WETH"), 10**18, market.umbrella, sender=ALICE)
    return market


def crowded(revision: str) -> Market:
    """A market a month old with one contract of every other kind beside it."""
    return _crowded(revision).fork()


@cache
def targets(revision: str) -> tuple[Target, ...]:
    """Every function there is, once for each kind of contract."""
    chain = _crowded(revision).chain
    by_kind: dict[str, Contract] = {}
    for address in sorted(chain.contracts):
        contract = chain.contracts[address]
        # Of proxied kinds take the proxy, which has storage, not the bare implementation.
        if contract is not None and getattr(contract, "proxy_admin", "proxied") != ZERO_ADDRESS:
            by_kind.setdefault(contract.KIND, contract)
    found = []
    for kind, contract in sorted(by_kind.items()):
        for _, function in sorted(type(contract).functions.items()):
            found.append(Target(kind, contract.address, function))
    return tuple(found)


def writers(revision: str) -> tuple[Target, ...]:
    """The functions that may change something."""
    return tuple(target for target in targets(revision) if not target.function.view)


class Arguments:
    """Strategies for arguments and senders that mean something on one market, and for ones that do not."""

    def __init__(self, market: Market) -> None:
        self.market = market
        parties = [*USERS, market.admin, market.umbrella, market.a_token("WETH").treasury, ZERO_ADDRESS]
        contracts = sorted(market.chain.contracts)
        assets = sorted(market.assets.values())
        self.addresses = st.one_of(
            st.sampled_from(assets), st.sampled_from(assets), st.sampled_from(parties), st.sampled_from(contracts)
        )
        callers = [market.pool.address, market.configurator.address, market.provider.address]
        callers += [market.a_token("WETH").address, market.umbrella]
        self.senders = st.one_of(
            st.just(market.admin), st.sampled_from(USERS), st.sampled_from(callers), st.sampled_from(parties)
        )
        rates = (RATES.optimal_usage_bps, RATES.base_rate_bps, RATES.slope1_bps, RATES.slope2_bps)
        supply = market.pool.find(selector_of("supply(address,uint256,address,uint16)"))
        self.byte_strings = st.one_of(
            st.just(b""),
            st.binary(max_size=70),
            st.just(encode_values(("uint16", "uint32", "uint32", "uint32"), rates)),
            st.just(supply.calldata([assets[0], 1000, ALICE, 0])),
        )

    def of(self, function: Function) -> st.SearchStrategy[tuple[Any, ...]]:
        """Arguments for a function."""
        return st.tuples(*[self._value(parse(kind)) for kind in function.kinds])

    def _value(self, kind: ABIType) -> st.SearchStrategy[Any]:
        if kind.is_array:
            return st.lists(self._value(kind.item_type), max_size=2)
        if isinstance(kind, TupleType):
            return st.tuples(*[self._value(component) for component in kind.components])
        assert isinstance(kind, BasicType)
        match kind.base, kind.sub:
            case "uint", bits:
                return self._number(2**bits - 1)
            case "int", _:
                return st.sampled_from([0, 1, -1, DOLLAR, 2**255 - 1, -(2**255)])
            case "bool", _:
                return st.booleans()
            case "address", _:
                return self.addresses
            case "bytes", None:
                return self.byte_strings
            case "bytes", size:
                words = [bytes(size), POOL, POOL_ADMIN_ROLE, b"\xff" * size]
                return st.sampled_from([word[:size] for word in words])
        return st.sampled_from(["", "Label", "é\n"])

    @staticmethod
    def _number(maximum: int) -> st.SearchStrategy[int]:
        small = st.sampled_from([n for n in (0, 1, 2, 3, 27, 100, 5_000, 10_000, 10_500, 65_535) if n <= maximum])
        amounts = st.sampled_from([n for n in (10**6, 10**9, 10**18, 5 * 10**20, 2**128, maximum) if n <= maximum])
        return st.one_of(small, amounts, uints(maximum))


@cache
def arguments_for(revision: str) -> Arguments:
    """Strategies for the crowded market of a revision."""
    return Arguments(_crowded(revision))


@cache
def call_of(revision: str, target: Target) -> st.SearchStrategy[tuple[Address, tuple[Any, ...]]]:
    """A sender and arguments for a function."""
    arguments = arguments_for(revision)
    return st.tuples(arguments.senders, arguments.of(target.function))


def unmodelled(revision: str) -> list[tuple[Target, Address, tuple[Any, ...]]]:
    """Calls, with their sender, that put code of another kind behind each kind of proxy: the twin answers none."""
    market = _crowded(revision)
    arguments: dict[str, tuple[Any, ...]] = {
        "setPoolImpl": (RECEIVER_AT,),
        "setPoolConfiguratorImpl": (RECEIVER_AT,),
        "setAddressAsProxy": (POOL, RECEIVER_AT),
    }
    found = []
    for target in writers(revision):
        name = target.function.name
        if name in ("updateAToken", "updateVariableDebtToken"):
            around = target.function.kinds[0].partition("string")[0].count("address") - 1
            update = (market.asset("WETH"), *[ZERO_ADDRESS] * around, "Label", "LBL", RECEIVER_AT, b"")
            arguments[name] = (update,)
        if name in arguments:
            found.append((target, market.admin, arguments[name]))
    return found


def answer(chain: Chain, sender: Address, target: Target, arguments: tuple[Any, ...]) -> tuple[bool, bytes] | str:
    """Transact: success and return or revert data, or in words what the twin does not model, which changes nothing."""
    before = chain.digest()
    try:
        receipt = chain.transact(sender, target.address, target.function.calldata(arguments))
    except NotModelledError as error:
        assert chain.digest() == before
        return str(error)
    return receipt.ok, receipt.return_data
