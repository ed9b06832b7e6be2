"""Faults of the environment: prices and tokens that lie. The pool does what it should, and the laws about it hold."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.oracle import AaveOracle, PriceOracle
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.models import MarketConfig

from ...histories import ground
from ...histories.action import Stage
from ...histories.bridged_token import Bridged
from ...histories.capped_feed import CappedFeed
from ..mutant import Mutant, Patch, bodies_of, nothing

_furnish = ground.furnish
_capped = CappedFeed.capped
_price_of = AaveOracle.price_of
_write = next(function.body for function in PriceOracle.functions.values() if function.name == "setAssetPrice")


def _time_in_full(_feed: CappedFeed, _wanted: int, _before: int, _start: int, now: int, _ratio: int) -> int:
    """Date the snapshot as if it held the whole ratio, of which it holds a part."""
    return now


def _ratio_alone(feed: CappedFeed, answer: int) -> int:
    """Answer the ratio without the price that it multiplies, from the first move of the snapshot on."""
    if feed.snapshot_time == feed.started or answer <= 0:
        return _capped(feed, answer)
    return feed.ratio() // 10**10


def _fall_back_on_the_first(oracle: Any, asset: str) -> int:
    """Answer with the first asset's price where a feed does not answer."""
    source = oracle.chain.contracts[oracle.sources[asset]]
    if source is not None and source.answer <= 0:
        return _price_of(oracle, next(iter(oracle.sources)))
    return _price_of(oracle, asset)


def _furnish_with_a_fallback(stage: Stage, config: MarketConfig) -> None:
    _furnish(stage, config)
    fallback = construct("PriceOracle", stage.chain, named_address("wrong fallback"), [])
    for reserve in config.reserves:
        fallback.set_asset_price(stage.address_of(reserve.handle), reserve.price, sender=stage.market.admin)
    stage.market.oracle.set_fallback_oracle(fallback.address, sender=stage.market.admin)


def _write_18_decimals(oracle: Any, asset: str, price: int, **who: Any) -> None:
    """Write a price with the decimals of ether."""
    _write(oracle, asset, price * 10**10, **who)


ENVIRONMENT = (
    Mutant(
        "E1",
        "a cap's snapshot takes the time of the whole ratio and only the part of it that a step allows",
        "CAPO, 2026-03-10: wstETH priced 2.85% low, 10,938 wstETH of 34 accounts liquidated",
        ("ORA-3",),
        (Patch(CappedFeed, "time_of", _time_in_full),),
    ),
    Mutant(
        "E2",
        "a feed answers the ratio and leaves out the price it is a ratio of",
        "Moonwell, 2026-02-15: cbETH priced at $1.12, $1.78M of bad debt",
        ("ORA-5",),
        (Patch(CappedFeed, "capped", _ratio_alone),),
    ),
    Mutant(
        "E3",
        "a bridged token is minted without anything being locked for it",
        "rsETH, 2026-04-18: 89,567 unbacked rsETH supplied, WETH and wstETH borrowed to the last",
        ("ORA-6",),
        (Patch(Bridged, "lock", nothing),),
    ),
    Mutant(
        "E4",
        "where a feed does not answer above zero, another asset's answers",
        "a wrong fallback",
        ("ORA-1",),
        (Patch(AaveOracle, "price_of", _fall_back_on_the_first),),
    ),
    Mutant(
        "E5",
        "the fallback answers with 18 decimals instead of 8",
        "a wrong fallback",
        ("ORA-5",),
        (
            Patch(ground, "furnish", _furnish_with_a_fallback),
            *bodies_of(PriceOracle, "setAssetPrice", _write_18_decimals),
        ),
    ),
)
