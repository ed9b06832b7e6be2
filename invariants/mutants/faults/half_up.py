"""Faults in releases that round to the nearest, v3.2 to v3.4, and in what is known of a release."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pooltwin.protocol.contracts.a_token import AToken
from pooltwin.protocol.contracts.rate_strategy import RateStrategy
from pooltwin.protocol.errors import ReserveFrozen
from pooltwin.protocol.math.percentage import percent_mul_ceil
from pooltwin.protocol.math.uint import MAX_UINT256
from pooltwin.protocol.math.wad_ray import RAY, ray_div, ray_div_ceil, ray_div_floor, ray_mul
from pooltwin.protocol.releases.v3_3 import flash_loan as shared_premiums
from pooltwin.protocol.releases.v3_4 import lending, token_rules
from pooltwin.protocol.releases.v3_4.validation import a_token_supply
from pooltwin.protocol.releases.v3_6 import liquidation as last_by_amount
from pooltwin.protocol.state import bitmaps

from ..mutant import Mutant, Patch, during, nothing

# --- conversions ------------------------------------------------------------------------------------------------------


def _converting(function: Callable[..., Any], faulty: Callable[[int, int], int]) -> Callable[..., Any]:
    """Convert amounts to shares by a faulty rule while a function runs, in its tokens alone."""
    return during(function, Patch(token_rules, "ray_div", faulty))


def _three_shares_more(amount: int, index: int) -> int:
    return ray_div(amount, index) + 3


def _a_share_less(amount: int, index: int) -> int:
    shares = ray_div(amount, index)
    return shares - 1 if shares > 1 else shares


def _burn_debt_up(token: Any, from_: str, amount: int, index: int) -> Any:
    """Burn debt rounded up, at most what there is."""
    owed = token.scaled_balances[from_]
    burn = _converting(token_rules.burn_debt, lambda value, at: min(ray_div_ceil(value, at), owed))
    return burn(token, from_, amount, index)


def _withdraw_all_but_a_unit(pool: Any, user: str, asset: str, amount: int, to: str) -> int:
    balance = pool.chain.at(pool.reserves[asset].a_token).balance_of(user)
    everything = amount == MAX_UINT256 and balance > 1
    return lending.execute_withdraw(pool, user, asset, balance - 1 if everything else amount, to)


def _mint_at_the_old_index(a_token: AToken, user: str, to: str, amount: int, index: int) -> bool:
    """Mint at half the growth since the first ray, so too many shares."""
    return token_rules.mint_amount(a_token, user, to, amount, (index + RAY) // 2)


def _withdraw_of_what_is_not_frozen(pool: Any, user: str, asset: str, amount: int, to: str) -> int:
    if bitmaps.is_frozen(pool.reserves[asset].configuration):
        raise ReserveFrozen()
    return lending.execute_withdraw(pool, user, asset, amount, to)


CONVERSIONS = (
    Mutant(
        "M200",
        "supply mints shares rounded up, where all goes to the nearest",
        "own: a rounding on the wrong side, in v3.4",
        ("RND-1",),
        decisions={"execute_supply": _converting(lending.execute_supply, ray_div_ceil)},
        revision="3.4",
    ),
    Mutant(
        "M201",
        "withdraw burns shares rounded down, where all goes to the nearest",
        "zkLend 2025-02-12, in v3.2",
        ("RND-2", "INF-1", "TOK-9"),
        decisions={"execute_withdraw": _converting(lending.execute_withdraw, ray_div_floor)},
        revision="3.2",
    ),
    Mutant(
        "M202",
        "withdraw burns a share too few",
        "own: the theft of half a share, doubled, in v3.3",
        ("INF-5", "INF-1", "TOK-9"),
        decisions={"execute_withdraw": _converting(lending.execute_withdraw, _a_share_less)},
        revision="3.3",
    ),
    Mutant(
        "M203",
        "borrow mints debt rounded down, where all goes to the nearest",
        "own: a rounding on the wrong side, in v3.2",
        ("RND-3",),
        decisions={"execute_borrow": _converting(lending.execute_borrow, ray_div_floor)},
        revision="3.2",
    ),
    Mutant(
        "M204",
        "repay burns debt rounded up, where all goes to the nearest",
        "own: a rounding on the wrong side, in v3.4",
        ("RND-4",),
        (Patch(lending, "burn_debt", _burn_debt_up),),
        revision="3.4",
    ),
    Mutant(
        "M205",
        "a transfer moves shares rounded down, where all goes to the nearest",
        "own: a rounding on the wrong side, in v3.4",
        ("RND-7",),
        decisions={"transfer_a_tokens": _converting(token_rules.transfer, ray_div_floor)},
        revision="3.4",
    ),
    Mutant(
        "M206",
        "withdrawing everything leaves a unit behind",
        "own: as M45, in v3.4",
        ("RND-2", "RND-14"),
        decisions={"execute_withdraw": _withdraw_all_but_a_unit},
        revision="3.4",
    ),
    Mutant(
        "M207",
        "a supply mints three shares too many",
        "own: in v3.4",
        ("RND-8", "RND-1", "RND-10", "RND-12"),
        decisions={"execute_supply": _converting(lending.execute_supply, _three_shares_more)},
        revision="3.4",
    ),
    Mutant(
        "M208",
        "a borrow mints a share of debt too few",
        "own: in v3.3",
        ("RND-9", "RND-3", "RND-11"),
        decisions={"execute_borrow": _converting(lending.execute_borrow, _a_share_less)},
        revision="3.3",
    ),
    Mutant(
        "M209",
        "a supply is converted at an index that lags behind",
        "own: the index of the last update, in v3.4",
        ("TOK-9", "SOL-2", "INF-5"),
        (Patch(lending, "mint_amount", _mint_at_the_old_index),),
        revision="3.4",
    ),
    Mutant(
        "M210",
        "a frozen reserve lets nobody out",
        "own: freezing is about coming in, in v3.4",
        ("SOL-10",),
        decisions={"execute_withdraw": _withdraw_of_what_is_not_frozen},
        revision="3.4",
    ),
)

# --- interest and premiums --------------------------------------------------------------------------------------------


def _share_twice(pool: Any, stored: Any, cache: Any, amount: int) -> None:
    shared_premiums.cumulate_to_liquidity_index(stored, cache, _owed(pool, stored, cache), 2 * amount)


def _share_with_lenders_alone(pool: Any, stored: Any, cache: Any, amount: int) -> None:
    """Divide by what lenders have, though the treasury's shares grow with the index too."""
    supply = a_token_supply(pool, stored)
    if supply:
        shared_premiums.cumulate_to_liquidity_index(stored, cache, supply, amount)


def _share_a_thousandfold(pool: Any, stored: Any, cache: Any, amount: int) -> None:
    """Divide by whole tokens that count a thousand."""
    shared_premiums.cumulate_to_liquidity_index(stored, cache, _owed(pool, stored, cache) // 1_000, amount)


def _owed(pool: Any, stored: Any, cache: Any) -> int:
    owed_to_treasury = ray_mul(stored.accrued_to_treasury, cache.next_liquidity_index)
    return a_token_supply(pool, stored) + owed_to_treasury


def _rates_without_reserve_factor(strategy: RateStrategy, asset: str, **figures: Any) -> tuple[int, int]:
    return _rates_for(strategy, asset, **{**figures, "reserve_factor": 0})


_rates_for = RateStrategy.rates_for


def _accrue_twice(stored: Any, cache: Any) -> None:
    lending.accrue_to_treasury(stored, cache)
    lending.accrue_to_treasury(stored, cache)


INTEREST = (
    Mutant(
        "M211",
        "a flash loan's premium is rounded up, where all goes to the nearest",
        "own: in v3.4",
        ("RND-5",),
        decisions={"flash_premium_percent_mul": percent_mul_ceil},
        revision="3.4",
    ),
    Mutant(
        "M212",
        "the lenders' part of a premium raises the index twice as much",
        "own: in v3.3, where premiums raise it by right",
        ("IDX-5", "IDX-2", "IDX-10", "SOL-2"),
        (Patch(shared_premiums, "share_with_lenders", _share_twice),),
        revision="3.3",
    ),
    Mutant(
        "M213",
        "a premium is divided by what lenders have, without the treasury's shares",
        "aave-v3-core #730: the treasury's shares grow with the index too, in v3.2",
        ("IDX-5", "IDX-2", "IDX-10"),
        (Patch(shared_premiums, "share_with_lenders", _share_with_lenders_alone),),
        revision="3.2",
    ),
    Mutant(
        "M214",
        "a premium raises the index a thousandfold",
        "HopeLend 2023-10-18, Radiant 2024-01-02: a share that becomes precious, in v3.2",
        ("IDX-15", "IDX-5"),
        (Patch(shared_premiums, "share_with_lenders", _share_a_thousandfold),),
        revision="3.2",
    ),
    Mutant(
        "M215",
        "the treasury's shares of interest are rounded down, where all goes to the nearest",
        "own: in v3.4",
        ("RND-6", "DEF-8"),
        decisions={"accrue_to_treasury": during(lending.accrue_to_treasury, Patch(lending, "ray_div", ray_div_floor))},
        revision="3.4",
    ),
    Mutant(
        "M216",
        "the treasury is credited twice for all interest",
        "own: in v3.4",
        ("RND-6", "DEF-8", "SOL-2", "SOL-1"),
        decisions={"accrue_to_treasury": _accrue_twice},
        revision="3.4",
    ),
    Mutant(
        "M217",
        "lenders are promised the treasury's share too",
        "own: the reserve factor left out of the liquidity rate, in v3.4",
        ("SOL-3", "SOL-4", "RAT-1"),
        (Patch(RateStrategy, "rates_for", _rates_without_reserve_factor),),
        revision="3.4",
    ),
)

# --- beyond what is known of a release --------------------------------------------------------------------------------


def _never(*_: Any) -> bool:
    return False


_seize_and_leave_the_bit = during(
    last_by_amount.release_by_amount, Patch(last_by_amount, "set_using_as_collateral", nothing)
)


def _open_three_times(pool: Any, run: Any) -> None:
    """Accrue a same-asset liquidation's interest three times, where the release does it twice."""
    stale = run.debt_reserve.last_update_timestamp != pool.chain.time
    last_by_amount.open_caches_together(pool, run)
    if run.debt_asset == run.collateral_asset and stale:
        pool.revision.accrue_to_treasury(run.debt_reserve, run.debt_cache)


KNOWN = (
    Mutant(
        "M218",
        "the borrow bit stays though all of a debt is paid",
        "own: in v3.3, where it stays if a part was paid and rounding took the rest",
        ("FLG-1",),
        (Patch(lending, "set_borrowing", nothing),),
        revision="3.3",
    ),
    Mutant(
        "M219",
        "the collateral bit stays though everything is withdrawn",
        "own: in v3.4, where it stays if a part was withdrawn and rounding took the rest",
        ("FLG-2",),
        decisions={
            "execute_withdraw": during(lending.execute_withdraw, Patch(lending, "set_using_as_collateral", nothing))
        },
        revision="3.4",
    ),
    Mutant(
        "M220",
        "the collateral bit stays though everything is seized",
        "own: in v3.6, where it stays if rounding the shares took the last",
        ("LIQ-11", "FLG-2"),
        decisions={"release_seized_collateral": _seize_and_leave_the_bit},
        revision="3.6",
    ),
    Mutant(
        "M221",
        "a same-asset liquidation credits the treasury three times",
        "own: in v3.6, which credits it twice",
        ("DEF-8", "RND-6", "LIQ-12", "DEF-9", "SOL-2", "SOL-1"),
        decisions={"open_liquidation_caches": _open_three_times},
        revision="3.6",
    ),
)

HALF_UP = (*CONVERSIONS, *INTEREST, *KNOWN)
