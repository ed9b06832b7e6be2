"""Forms of calls that differ between v3.0.2 and v3.7; the artifacts decide which one is right, not a number."""

from typing import Any

from eth_abi.abi import encode

from .artifacts import ArtifactSet
from .evm import ZERO_ADDRESS
from .recorder import Recorder

Rates = tuple[int, int, int, int]
"""Optimal usage, base rate, slope below, slope above, in basis points."""

TREASURY = "0x" + "7e" * 20
REWARDS = "around rewards"
"""The label of the rewards controller, in markets that have one."""
INIT_RESERVES = "initReserves((address,address,address,string,string,string,string,bytes,bytes)[])"
INIT_RESERVES_BEFORE_V3_4 = (
    "initReserves((address,address,bool,address,address,address,address,string,string,string,string,bytes,bytes)[])"
)
INIT_RESERVES_WITH_STABLE_DEBT = (
    "initReserves((address,address,address,uint8,address,address,address,address"
    ",string,string,string,string,string,string,bytes)[])"
)
EMODE = "setEModeCategory(uint8,uint16,uint16,uint16,string)"
EMODE_WITH_PRICE = "setEModeCategory(uint8,uint16,uint16,uint16,address,string)"
EMODE_OF_ASSET = "setAssetEModeCategory(address,uint8)"
STRATEGY_OF_ASSET = "DefaultReserveInterestRateStrategy"
"""A contract for each reserve, before v3.1; later one serves all."""
STABLE_RATES = (50, 7500, 100, 800, 2000)
"""Slopes below and above, base offset, excess offset, optimal share of stable debt; nobody borrows at these rates."""


def has(artifacts: ArtifactSet, kind: str, signature: str) -> bool:
    """Tell whether a release's contract has a function."""
    return kind in artifacts and signature in artifacts[kind].functions


def constructor_arguments(artifacts: ArtifactSet, kind: str, arguments: list[Any]) -> list[Any]:
    """Take as many of the newest release's constructor arguments as this release has."""
    return arguments[: len(artifacts[kind].constructor_types)]


def init_reserves(recorder: Recorder) -> str:
    """The signature of `initReserves`."""
    known = (INIT_RESERVES, INIT_RESERVES_BEFORE_V3_4, INIT_RESERVES_WITH_STABLE_DEBT)
    return next(s for s in known if has(recorder.chain.artifacts, "PoolConfiguratorInstance", s))


def strategy_arguments(provider: str, rates: Rates, stable: tuple[int, ...] = STABLE_RATES) -> list[Any]:
    """Make the arguments of a reserve's own strategy: the provider, then everything in ray."""
    return [provider, *(rate * 10**23 for rate in (*rates, *stable))]


def rate_data(rates: Rates) -> bytes:
    """Interest-rate parameters as the configurator takes them."""
    return encode(["uint256"] * 4, list(rates))


def listing(recorder: Recorder, symbol: str, rates: Rates, *, prefix: str = "", **wrong: Any) -> tuple[Any, ...]:
    """Make what `initReserves` takes for the token deployed under `symbol`.

    The implementations are those labelled `<prefix>atoken_impl` and `<prefix>vtoken_impl`, or the `prefix` itself if
    it is an address; `data=` and `token=` replace the encoded rates and the token, to make the listing wrong. Where
    every reserve has its own strategy, it is deployed now unless it is there already.
    """
    implementations = tuple(recorder.addresses.get(f"{prefix}{kind}token_impl", prefix) for kind in "av")
    underlying = wrong.get("token", recorder.address(symbol))
    names = (f"a{symbol}", f"a{symbol}", f"v{symbol}", f"v{symbol}", b"")
    last = wrong.get("data", rate_data(rates))
    signature = init_reserves(recorder)
    owners = (TREASURY, recorder.addresses.get(REWARDS, ZERO_ADDRESS))
    if signature == INIT_RESERVES_WITH_STABLE_DEBT:
        a_token, debt_token = implementations
        stable = (recorder.addresses["stoken_impl"], debt_token)
        tail = (_decimals(recorder, underlying), _own_strategy(recorder, symbol, rates), underlying)
        return (a_token, *stable, *tail, *owners, *names[:4], f"s{symbol}", f"s{symbol}", b"")
    if signature == INIT_RESERVES:
        return (*implementations, underlying, *names, last)
    return (*implementations, True, recorder.address("irs"), underlying, *owners, *names, last)


def _decimals(recorder: Recorder, token: str) -> int:
    """A token's decimals; 18 if it is none."""
    outcome = recorder.try_out(ZERO_ADDRESS, token, "decimals()")
    decimals = int.from_bytes(outcome.ret, "big") if outcome.ok and len(outcome.ret) == 32 else 18
    return decimals if decimals < 2**8 else 18


def _own_strategy(recorder: Recorder, symbol: str, rates: Rates) -> str:
    label = f"irs_{symbol}"
    if label not in recorder.addresses:
        recorder.deploy(label, STRATEGY_OF_ASSET, strategy_arguments(recorder.address("provider"), rates))
    return recorder.address(label)


def emode(
    recorder: Recorder,
    category: int,
    limits: tuple[int, int, int],
    label: str,
    *,
    isolated: bool,
    price_source: str = ZERO_ADDRESS,
) -> tuple[str, tuple[Any, ...]]:
    """The call that defines an e-mode category; what the release does not know, flag or price source, is dropped.

    Limits: loan-to-value, threshold and bonus in basis points.
    """
    if has(recorder.chain.artifacts, "PoolConfiguratorInstance", EMODE_WITH_PRICE):
        return EMODE_WITH_PRICE, (category, *limits, price_source, label)
    if has(recorder.chain.artifacts, "PoolConfiguratorInstance", EMODE):
        return EMODE, (category, *limits, label)
    return EMODE.replace("string", "string,bool"), (category, *limits, label, isolated)


def flash_premiums(recorder: Recorder) -> list[tuple[str, int]]:
    """The calls that set the usual flash-loan premium: five basis points, or nine and 4% of that to the protocol."""
    if has(recorder.chain.artifacts, "PoolConfiguratorInstance", "updateFlashloanPremium(uint128)"):
        return [("updateFlashloanPremium(uint128)", 5)]
    return [("updateFlashloanPremiumTotal(uint128)", 9), ("updateFlashloanPremiumToProtocol(uint128)", 400)]


def token_upgrade(
    recorder: Recorder, prefix: str, symbol: str, names: tuple[str, str], implementation: str
) -> tuple[str, tuple[Any, ...]]:
    """The call that upgrades an aToken ("a") or a debt token ("v")."""
    name = "updateAToken" if prefix == "a" else "updateVariableDebtToken"
    asset, tail = recorder.address(symbol), (*names, implementation, b"")
    modern = f"{name}((address,string,string,address,bytes))"
    if has(recorder.chain.artifacts, "PoolConfiguratorInstance", modern):
        return modern, (asset, *tail)
    treasury, types = ((TREASURY,), "address,address,address") if prefix == "a" else ((), "address,address")
    return f"{name}(({types},string,string,address,bytes))", (asset, *treasury, ZERO_ADDRESS, *tail)
