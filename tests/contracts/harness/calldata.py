"""Random calldata for any function of any contract: well formed, and broken in every way a caller can think of."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from .artifacts import ArtifactSet
from .evm import ZERO_ADDRESS, argument_types, selector
from .recorder import Recorder
from .releases import STRATEGY_OF_ASSET
from .world import EDGES, PROXY_ADMIN_CALLS, TOKEN_KINDS, token_kind

KINDS = {
    "pool": "PoolInstance",
    "pool_impl": "PoolInstance",
    "configurator": "PoolConfiguratorInstance",
    "conf_impl": "PoolConfiguratorInstance",
    "acl": "ACLManager",
    "provider": "PoolAddressesProvider",
    "oracle": "AaveOracle",
    "data_provider": "AaveProtocolDataProvider",
    "irs": "DefaultReserveInterestRateStrategyV2",
    "atoken_impl": "ATokenInstance",
    "vtoken_impl": "VariableDebtTokenInstance",
    "stoken_impl": "StableDebtToken",
    "sentinel": "PriceOracleSentinel",
    "sequencer": "SequencerOracle",
    "fallback_oracle": "PriceOracle",
    "weth9": "WETH9",
}
"""Labels of contracts, and what they are; those of reserves carry the reserve's symbol."""

AROUND = "around "
"""What the labels of contracts around a market begin with; what they are is what was deployed there."""

PROXIES = ("pool", "configurator")
PROXIED_TOKENS = (
    *("ATokenInstance", "ATokenWithDelegationInstance", "SettableMockAToken"),
    "VariableDebtTokenInstance",
)
ROLES = ("POOL_ADMIN", "EMERGENCY_ADMIN", "RISK_ADMIN", "FLASH_BORROWER", "ASSET_LISTING_ADMIN")
NAMES = (
    bytes(32),
    *(keccak(text=role) for role in ROLES),
    *(name.ljust(32, b"\0") for name in (b"POOL", b"POOL_CONFIGURATOR", b"PRICE_ORACLE", b"ACL_ADMIN", b"UMBRELLA")),
)
INTERFACES = ("01ffc9a7", "7965db0b", "ffffffff")
ODD_WORDS = (0, 1, 2, 4, 31, 32, 33, 64, 96, 128, 160, 256, 2**16, 2**32, 2**64 - 1, 2**64, 2**128, 2**255, 2**256 - 1)
"""Where offsets and lengths go wrong."""
PRECOMPILED = tuple(f"0x{number:040x}" for number in range(1, 12))
"""Contracts that are part of the EVM, and the first address that is none any more."""
UNMODELLED = ("setReserveStableRateBorrowing(address,bool)",)
"""What no history may do: stable-rate borrowing, of v3.0.2 and v3.1 only, stays disabled."""


@dataclass(frozen=True)
class Target:
    """A contract and what can be called on it."""

    label: str
    address: str
    kind: str
    functions: tuple[tuple[str, Mapping[str, Any]], ...]
    """Signature and ABI entry of each."""

    def views(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The functions that change nothing."""
        return [function for function in self.functions if is_view(function[1])]


def is_view(entry: Mapping[str, Any]) -> bool:
    """Does the function change nothing?"""
    return entry["stateMutability"] in ("view", "pure")


def targets(recorder: Recorder) -> list[Target]:
    """Every contract of a market that has a label."""
    artifacts = recorder.chain.artifacts
    found = []
    for label, address in recorder.addresses.items():
        kind = kind_of(artifacts, recorder, label)
        if kind is not None:
            proxied = label in PROXIES or kind in PROXIED_TOKENS
            own = [entry for entry in artifacts[kind].functions.items() if entry[0] not in UNMODELLED]
            functions = [*own, *(_PROXY_FUNCTIONS if proxied else ())]
            found.append(Target(label, address, kind, tuple(functions)))
    return found


def kind_of(artifacts: ArtifactSet, recorder: Recorder, label: str) -> str | None:
    """The contract behind a label, None for an account without functions."""
    if label == "pool":
        return recorder.kinds["pool_impl"]
    if label == "atoken_impl":
        return recorder.kinds[label]
    if label in KINDS:
        return KINDS[label]
    if label.startswith(AROUND):
        return recorder.kinds.get(label, "RewardsController")
    if label.startswith("irs_"):
        return STRATEGY_OF_ASSET
    if label.startswith("agg_"):
        return "MockAggregator"
    if f"agg_{label}" in recorder.addresses:
        return "TestnetERC20"
    if f"agg_{label[1:]}" in recorder.addresses:
        return token_kind(recorder, label) if label[0] in TOKEN_KINDS else None
    return None


_PROXY_FUNCTIONS = tuple(
    (
        signature,
        {
            "inputs": [{"name": "", "type": kind} for kind in argument_types(signature)],
            "stateMutability": "nonpayable",
        },
    )
    for signature in PROXY_ADMIN_CALLS
)


class Arguments:
    """Random arguments that mean something on one market, or are at the edges of their type."""

    def __init__(self, rng: random.Random, accounts: Sequence[str], assets: Sequence[str], others: Sequence[str]):
        self.rng = rng
        self.accounts, self.assets = list(accounts), list(assets)
        self.others = [*others, ZERO_ADDRESS, "0x" + "99" * 20, *PRECOMPILED]

    def of(self, entry: Mapping[str, Any]) -> list[Any]:
        """Arguments for a function."""
        return [self.value(parameter) for parameter in entry["inputs"]]

    def value(self, parameter: Mapping[str, Any]) -> Any:
        """A value of one parameter's type."""
        kind, rng = str(parameter["type"]), self.rng
        if kind.endswith("[]"):
            return [self.value({**parameter, "type": kind[:-2]}) for _ in range(rng.randrange(4))]
        if kind == "tuple":
            return tuple(self.value(component) for component in parameter["components"])
        if kind == "address":
            roll = rng.random()
            return rng.choice(self.assets if roll < 0.45 else self.accounts if roll < 0.85 else self.others)
        if kind == "bool":
            return rng.random() < 0.5
        if kind.startswith("uint"):
            return self._unsigned(int(kind[4:]))
        if kind == "string":
            return rng.choice(("", "a", "thirty-two bytes or more, so that it needs a word of its own"))
        return self._bytes(kind)

    def _unsigned(self, bits: int) -> int:
        rng, top = self.rng, (1 << bits) - 1
        roll = rng.random()
        if roll < 0.35:
            return rng.randrange(min(top, 12) + 1)
        if roll < 0.7:
            return min(top, int(10 ** rng.randrange(2, 25)))
        edges = [top, *(edge for edge in EDGES if edge < top)]
        return rng.choice(edges) if roll < 0.85 else rng.getrandbits(bits)

    def _bytes(self, kind: str) -> bytes:
        rng = self.rng
        if kind == "bytes32":
            return rng.choice(NAMES) if rng.random() < 0.8 else rng.randbytes(32)
        if kind == "bytes4":
            return bytes.fromhex(rng.choice(INTERFACES))
        if kind != "bytes":
            return rng.randbytes(int(kind[5:]))
        rates = encode(["uint256"] * 4, [rng.choice((100, 9000)), rng.randrange(500), rng.randrange(900), 5000])
        return rng.choice((b"", rates, rng.randbytes(rng.choice((1, 4, 31, 32, 128)))))


def encoded(signature: str, arguments: Sequence[Any]) -> bytes:
    """A call."""
    return selector(signature) + encode(argument_types(signature), list(arguments))


Mutation = Callable[[random.Random, bytearray], bytes]


def truncated(rng: random.Random, data: bytearray) -> bytes:
    """Cut short anywhere."""
    return bytes(data[: rng.randrange(len(data) + 1)])


def overlong(rng: random.Random, data: bytearray) -> bytes:
    """Followed by bytes that nobody asked for."""
    return bytes(data) + rng.randbytes(rng.randrange(1, 100))


def dirty(rng: random.Random, data: bytearray) -> bytes:
    """A word whose first byte is not zero: padding, mostly."""
    if len(data) > 4:
        data[4 + 32 * rng.randrange((len(data) - 4) // 32)] = rng.randrange(1, 256)
    return bytes(data)


def bit_flipped(rng: random.Random, data: bytearray) -> bytes:
    """One bit of the arguments turned over."""
    if len(data) > 4:
        data[rng.randrange(4, len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def odd_word(rng: random.Random, data: bytearray) -> bytes:
    """A word, perhaps an offset or a length, replaced by one that leads astray."""
    if len(data) > 4:
        at = 4 + 32 * rng.randrange((len(data) - 4) // 32)
        word = rng.choice(ODD_WORDS) if rng.random() < 0.7 else len(data) - rng.randrange(64)
        data[at : at + 32] = (word % 2**256).to_bytes(32, "big")
    return bytes(data)


def unknown_selector(rng: random.Random, data: bytearray) -> bytes:
    """Another function's name, or nobody's."""
    data[:4] = rng.randbytes(4)
    return bytes(data)


def garbage(rng: random.Random, data: bytearray) -> bytes:
    """A known selector, then noise."""
    return bytes(data[:4]) + rng.randbytes(rng.randrange(200))


MUTATIONS: tuple[Mutation, ...] = (truncated, overlong, dirty, bit_flipped, odd_word, unknown_selector, garbage)
