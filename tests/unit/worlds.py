"""Small markets to test on, and the difference that a call makes to the whole state of one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from math import floor
from typing import Any

import pytest
from pooltwin.protocol.address import ZERO_ADDRESS, Address, named_address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.events import Approval
from pooltwin.protocol.evm_storage.raw import identities_of, known_keys, lift, storage_of
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import EModeConfig, MarketConfig, RateParameters, ReserveConfig
from pooltwin.protocol.revisions import REVISIONS

ALICE, BOB, CAROL, DAVE = USERS = [named_address(name) for name in ("alice", "bob", "carol", "dave")]
NOBODY = named_address("nobody")
NAMES = dict(zip(USERS, ("alice", "bob", "carol", "dave"), strict=True))
ALL_REVISIONS = list(REVISIONS)
FROM_V3_2 = ALL_REVISIONS[1:]
MODERN = ["3.6", "3.7"]
RAY = 10**27
MAX = 2**256 - 1
ZERO = ZERO_ADDRESS

WETH, USDC, WBTC = 10**18, 10**6, 10**8
DOLLAR = 10**8

RATES = RateParameters(optimal_usage_bps=8_000, base_rate_bps=100, slope1_bps=400, slope2_bps=6_000)


def config(revision: str) -> MarketConfig:
    """Four assets, two of them stable, and a category for the stable ones."""
    usual: dict[str, Any] = {
        "rates": RATES,
        "liquidation_bonus_bps": 10_500,
        "liquidation_protocol_fee_bps": 1_000,
        "reserve_factor_bps": 1_000,
    }
    return MarketConfig(
        name="test",
        revision=revision,
        reserves=(
            ReserveConfig(
                symbol="WETH",
                decimals=18,
                price=2_000 * DOLLAR,
                ltv_bps=8_000,
                liquidation_threshold_bps=8_250,
                **usual,
            ),
            ReserveConfig(
                symbol="USDC", decimals=6, price=DOLLAR, ltv_bps=7_500, liquidation_threshold_bps=7_800, **usual
            ),
            ReserveConfig(
                symbol="DAI", decimals=18, price=DOLLAR, ltv_bps=7_500, liquidation_threshold_bps=7_800, **usual
            ),
            ReserveConfig(
                symbol="WBTC",
                decimals=8,
                price=50_000 * DOLLAR,
                ltv_bps=7_000,
                liquidation_threshold_bps=7_500,
                **usual,
            ),
        ),
        e_modes=(
            EModeConfig(
                id=1,
                label="Stable",
                ltv_bps=9_000,
                liquidation_threshold_bps=9_300,
                liquidation_bonus_bps=10_100,
                collateral=("USDC", "DAI"),
                borrowable=("USDC", "DAI"),
            ),
        ),
    )


@cache
def _deployed(revision: str) -> Market:
    market = Market.deploy(config(revision))
    for user in USERS:
        for symbol in market.assets:
            market.fund(symbol, user, 10**6 * 10 ** market.erc20(symbol).decimals())
    return market


def fresh(revision: str) -> Market:
    """A market where everybody has a million of everything and nobody has done anything."""
    return _deployed(revision).fork()


@cache
def _lived_in(revision: str) -> Market:
    market = fresh(revision)
    weth, usdc, dai, wbtc = (market.asset(symbol) for symbol in ("WETH", "USDC", "DAI", "WBTC"))
    pool = market.pool
    pool.supply(weth, 100 * WETH, sender=ALICE)
    pool.supply(usdc, 500_000 * USDC, sender=BOB)
    pool.supply(dai, 500_000 * WETH, sender=BOB)
    pool.supply(wbtc, 10 * WBTC, sender=CAROL)
    market.chain.advance(3600, 300)
    pool.borrow(usdc, 100_000 * USDC, sender=ALICE)
    pool.borrow(dai, 20_000 * WETH, sender=ALICE)
    market.chain.advance(30 * 86_400, 200_000)
    pool.borrow(weth, 20 * WETH, sender=CAROL)
    market.chain.advance(86_400, 7_000)
    return market


def lived_in(revision: str) -> Market:
    """A market a month old: Alice owes stablecoins against WETH, Carol WETH against WBTC, Bob only lends."""
    return _lived_in(revision).fork()


def lifted(chain: Chain, storage: Any = None, known: Any = None, identities: Any = None) -> Chain:
    """A twin of the chain made of its storage, as words; of what is given instead, where it is given."""
    return lift(
        chain.revision,
        identities or identities_of(chain),
        storage_of(chain) if storage is None else storage,
        known or known_keys(chain),
        time=chain.time,
        number=chain.number,
        chain_id=chain.chain_id,
        nonces=chain.nonces.written(),
        balances=chain.balances.written(),
        libraries=chain.libraries,
    )


# --- what a call changes --------------------------------------------------------------------------------------------


def flat(market: Market) -> dict[str, Any]:
    """The whole state as one dictionary from readable paths to values; what was never written is left out."""
    names = _names(market)
    state: dict[str, Any] = {}
    heading, *contracts = (json.loads(line) for line in market.chain.state_lines())
    for name in ("time", "number"):
        state[name] = heading[name]
    for name in ("nonces", "balances"):
        state.update({f"{name}[{names.get(key, key)}]": value for key, value in heading[name]})
    for contract in contracts:
        label = names.get(contract["address"], contract["address"])
        for field, value in contract["fields"].items():
            _flatten(state, names, f"{label}.{field}", value)
    return state


def _names(market: Market) -> dict[Address, str]:
    names = dict(NAMES)
    for symbol, asset in market.assets.items():
        names[asset] = symbol
        names[market.a_token(symbol).address] = f"a{symbol}"
        names[market.debt_token(symbol).address] = f"debt{symbol}"
        names[market.oracle.sources[asset]] = f"feed{symbol}"
    names[market.pool.address] = "pool"
    names[market.configurator.address] = "configurator"
    names[market.oracle.address] = "oracle"
    names[market.provider.address] = "provider"
    names[market.acl_manager.address] = "acl"
    names[market.rate_strategy.address] = "strategy"
    names[market.a_token("WETH").treasury] = "treasury"
    names[market.umbrella] = "umbrella"
    names[market.admin] = "admin"
    return names


def _flatten(state: dict[str, Any], names: dict[Address, str], path: str, value: Any) -> None:
    if isinstance(value, dict) and "ledger" in value:
        for key, entry in value["ledger"]:
            state[f"{path}[{_key(names, key)}]"] = entry
    elif isinstance(value, dict) and "records" in value:
        for key, fields in value["records"]:
            for name, entry in fields.items():
                if entry or name in ("a_token", "variable_debt_token"):
                    state[f"{path}[{_key(names, key)}].{name}"] = entry
    elif value:
        state[path] = value


def _key(names: dict[Address, str], key: Any) -> str:
    if isinstance(key, list):
        return ", ".join(_key(names, part) for part in key)
    return names.get(key, str(key)) if isinstance(key, str) else str(key)


class Changes(dict[str, Any]):
    """What changed: for numbers by how much, for everything else to what."""


def left_in(market: Market, symbol: str) -> int:
    """What the pool can pay out; gifts are part of it until v3.0.2, but here nobody makes any."""
    return market.erc20(symbol).balance_of(market.a_token(symbol).address)


@contextmanager
def changes(market: Market) -> Iterator[Changes]:
    """Collects how the whole state differs behind the block from how it was before."""
    before = flat(market)
    seen = Changes()
    yield seen
    after = flat(market)
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path, 0), after.get(path, 0)
        if old != new:
            numbers = type(old) is int and type(new) is int
            seen[path] = new - old if numbers else new


def refused(market: Market, error: type[Revert], call: Callable[[], Any]) -> Revert:
    """Insists that a call reverts in a certain way and changes nothing. Returns the revert."""
    with changes(market) as seen, pytest.raises(error) as caught:
        call()
    assert seen == {}
    return caught.value


def events_of(market: Market) -> list[Any]:
    """The events of the last transaction, but for those of allowances being spent."""
    assert market.chain.receipt is not None
    return [event for event in market.chain.receipt.events if not isinstance(event, Approval)]


def has_modern_test_token(market: Market) -> bool:
    """Is the release's test token built on OpenZeppelin 5.1 (custom errors) and not on an old copy (strings)?"""
    modern: bool = market.chain.revision.contracts["TestnetERC20"].MODERN
    return modern


def spent(market: Market, symbol: str, user: str, amount: int) -> dict[str, int]:
    """The old test token spends even an infinite allowance, the new one does not."""
    return {} if has_modern_test_token(market) else {f"{symbol}.allowances[{user}, pool]": -amount}


# --- references -----------------------------------------------------------------------------------------------------


def half_up(value: Fraction) -> int:
    """Rounded to the nearest integer, halves up."""
    return floor(value + Fraction(1, 2))


def reference_rates(debt: int, liquidity: int, deficit: int = 0, reserve_factor_bps: int = 1_000) -> tuple[int, int]:
    """Liquidity and borrow rate (ray) by the two-slope curve `RATES`, each step rounded half up."""
    bps = RAY // 10_000
    base, slope1, slope2 = RATES.base_rate_bps * bps, RATES.slope1_bps * bps, RATES.slope2_bps * bps
    optimal = RATES.optimal_usage_bps * bps
    if debt == 0:
        return 0, base
    usage = half_up(Fraction(debt * RAY, debt + liquidity))
    supply_usage = half_up(Fraction(debt * RAY, debt + liquidity + deficit))
    if usage > optimal:
        excess = half_up(Fraction((usage - optimal) * RAY, RAY - optimal))
        rate = base + slope1 + half_up(Fraction(slope2 * excess, RAY))
    else:
        rate = base + half_up(Fraction(half_up(Fraction(slope1 * usage, RAY)) * RAY, optimal))
    gross = half_up(Fraction(rate * supply_usage, RAY))
    return half_up(Fraction(gross * (10_000 - reserve_factor_bps), 10_000)), rate


def rate_changes(market: Market, symbol: str, before: tuple[int, int], debt: int, liquidity: int) -> dict[str, int]:
    """The entries of `changes` for the rates of a reserve that has this debt and liquidity now."""
    new = reference_rates(debt, liquidity)
    paths = (f"pool.reserves[{symbol}].{name}" for name in ("current_liquidity_rate", "current_variable_borrow_rate"))
    return {path: after - old for path, old, after in zip(paths, before, new, strict=True) if after != old}


def rates_of(market: Market, symbol: str) -> tuple[int, int]:
    """The rates stored now."""
    reserve = market.pool.reserves[market.asset(symbol)]
    return reserve.current_liquidity_rate, reserve.current_variable_borrow_rate
