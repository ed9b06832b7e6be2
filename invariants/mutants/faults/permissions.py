"""Faults in what may be done at all: e-mode, caps, frozen and paused reserves, empty amounts."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.contracts.variable_debt_token import VariableDebtToken
from pooltwin.protocol.errors import ReservePaused, SupplyCapExceeded
from pooltwin.protocol.logic import borrow, generic, supply, validation
from pooltwin.protocol.logic.reserve import unit_of
from pooltwin.protocol.math.token_math import a_token_balance
from pooltwin.protocol.math.uint import MAX_UINT256
from pooltwin.protocol.releases.v3_5 import validation as v3_5
from pooltwin.protocol.state import bitmaps

from ..mutant import Mutant, Patch, nothing

# --- e-mode -----------------------------------------------------------------------------------------------------------


class _WithModeOf:
    """The pool as it looks when everybody is in the e-mode of one user."""

    def __init__(self, pool: Any, user: str) -> None:
        self._pool = pool
        self._mode = pool.users_e_mode[user]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    @property
    def users_e_mode(self) -> Any:
        return self

    def __getitem__(self, _user: str) -> int:
        mode: int = self._mode
        return mode


def _borrow_in_callers_mode(pool: Any, user: str, *args: Any, **kwargs: Any) -> None:
    borrow.execute_borrow(_WithModeOf(pool, user), user, *args, **kwargs)  # type: ignore[arg-type]  # quacks


def _ltv_ignoring_ltv_zero(reserve: Any, category: Any, category_id: int) -> int:
    inside = bitmaps.is_in_bitmap(category.collateral_bitmap, reserve.id)
    if category_id != 0 and category.isolated and not inside:
        return 0
    return int(category.ltv) if category_id != 0 and inside else reserve.configuration & 0xFFFF


def _ltv_ignoring_isolation(reserve: Any, category: Any, category_id: int) -> int:
    inside = bitmaps.is_in_bitmap(category.collateral_bitmap, reserve.id)
    return generic.user_ltv(reserve, category, category_id if inside else 0)


def _ltv_of_category_for_all(reserve: Any, category: Any, category_id: int) -> int:
    return int(category.ltv) if category_id != 0 else reserve.configuration & 0xFFFF


E_MODES = (
    Mutant(
        "M09",
        "changing e-mode skips the health check",
        "PeckShield PVE-010 and its kind",
        ("EMD-3", "HF-2"),
        (Patch(supply, "validate_health_factor", nothing),),
    ),
    Mutant(
        "M39",
        "a borrow on behalf is judged by the caller's e-mode",
        "Trail of Bits 7, PeckShield PVE-007",
        ("EMD-2", "HF-6"),
        decisions={"execute_borrow": _borrow_in_callers_mode},
    ),
    Mutant(
        "M40a",
        "an asset that is ltv-zero in its category still lends",
        "v3.6 rules",
        ("EMD-8", "EMD-7"),
        decisions={"user_ltv": _ltv_ignoring_ltv_zero},
    ),
    Mutant(
        "M40b",
        "an isolated category lends against assets outside it",
        "v3.7 rules",
        ("EMD-5",),
        decisions={"user_ltv": _ltv_ignoring_isolation},
    ),
    Mutant(
        "M53",
        "changing e-mode asks neither whether debts may be borrowed nor whether collateral lends there",
        "own, after PVE-007",
        ("EMD-3",),
        decisions={"validate_set_user_e_mode": nothing},
    ),
    Mutant(
        "M139",
        "changing e-mode does not ask whether the collateral lends there",
        "v3.5 and before",
        ("EMD-3",),
        decisions={"validate_set_user_e_mode": v3_5.validate_set_user_e_mode},
    ),
    Mutant(
        "M54",
        "a category's LTV applies to assets outside it",
        "own",
        ("EMD-4", "HF-6"),
        decisions={"user_ltv": _ltv_of_category_for_all},
    ),
)


# --- activity and caps ------------------------------------------------------------------------------------------------


def _supply_strictly_below_cap(cache: Any, reserve: Any, scaled: int, on_behalf_of: str) -> None:
    validation.validate_supply(cache, reserve, scaled, on_behalf_of)
    cap = bitmaps.supply_cap(cache.configuration)
    shares = cache.a_token.scaled_supply + scaled + reserve.accrued_to_treasury
    if cap and a_token_balance(shares, cache.next_liquidity_index) == cap * unit_of(cache.configuration):
        raise SupplyCapExceeded()


def _without_bit(configuration: int, bit: int) -> int:
    return configuration & ~(1 << bit)


def _supply_although_frozen(cache: Any, reserve: Any, scaled: int, on_behalf_of: str) -> None:
    kept, cache.configuration = cache.configuration, _without_bit(cache.configuration, 57)
    validation.validate_supply(cache, reserve, scaled, on_behalf_of)
    cache.configuration = kept


def _supply_without_cap(cache: Any, reserve: Any, scaled: int, on_behalf_of: str) -> None:
    kept, cache.configuration = cache.configuration, bitmaps.with_supply_cap(cache.configuration, 0)
    validation.validate_supply(cache, reserve, scaled, on_behalf_of)
    cache.configuration = kept


def _borrow_without_cap(pool: Any, reserve: Any, cache: Any, *args: Any) -> None:
    kept, cache.configuration = cache.configuration, bitmaps.with_borrow_cap(cache.configuration, 0)
    validation.validate_borrow(pool, reserve, cache, *args)
    cache.configuration = kept


def _withdraw_although_paused(cache: Any, scaled: int, balance: int) -> None:
    kept, cache.configuration = cache.configuration, _without_bit(cache.configuration, 60)
    validation.validate_withdraw(cache, scaled, balance)
    cache.configuration = kept


def _supply_cap_on_withdraw(cache: Any, scaled: int, balance: int) -> None:
    """Stop exits too when a cap has been outgrown."""
    validation.validate_withdraw(cache, scaled, balance)
    cap = bitmaps.supply_cap(cache.configuration) * unit_of(cache.configuration)
    if cap and a_token_balance(cache.a_token.scaled_supply, cache.next_liquidity_index) > cap:
        raise SupplyCapExceeded()


def _transfer_although_paused(pool: Any, *args: Any) -> None:
    try:
        supply.execute_finalize_transfer(pool, *args)
    except ReservePaused:
        return


def _repay_nothing_is_fine(cache: Any, user: str, on_behalf_of: str, amount: int, mode: int, debt: int) -> None:
    validation.validate_repay(cache, user, on_behalf_of, amount or 1, mode, debt)


def _borrow_any_amount(pool: Any, reserve: Any) -> int:
    del pool, reserve
    return MAX_UINT256


def _collateral_although_refused(pool: Any, user: str, asset: str, on: bool) -> None:
    if on and pool.chain.at(pool.reserves[asset].a_token).scaled_balances[user] == 0:
        supply.set_using_as_collateral(pool, pool.reserves[asset], asset, user, True)
        return
    supply.execute_use_reserve_as_collateral(pool, user, asset, on)


def _burn_or_not(token: VariableDebtToken, from_: str, scaled: int, index: int) -> tuple[bool, int]:
    if scaled == 0:
        return False, token.scaled_supply
    return _debt_burn(token, from_, scaled, index)


_debt_burn = VariableDebtToken.pool_burn

ACTIVITY = (
    Mutant(
        "M37",
        "the supply cap is compared strictly: filling it to the last unit is refused",
        "OpenZeppelin L07",
        ("CAP-3",),
        (Patch(supply, "validate_supply", _supply_strictly_below_cap),),
    ),
    Mutant("M55", "no supply cap", "own", ("CAP-1",), (Patch(supply, "validate_supply", _supply_without_cap),)),
    Mutant("M56", "no borrow cap", "own", ("CAP-2",), (Patch(borrow, "validate_borrow", _borrow_without_cap),)),
    Mutant(
        "M57",
        "a frozen reserve takes supplies",
        "own: the activity table",
        ("ACT-6",),
        (Patch(supply, "validate_supply", _supply_although_frozen),),
    ),
    Mutant(
        "M58",
        "a paused reserve pays out",
        "own: the activity table",
        ("ACT-6",),
        (Patch(supply, "validate_withdraw", _withdraw_although_paused),),
    ),
    Mutant(
        "M59",
        "interest above the supply cap stops withdrawals",
        "own: a cap meant for entries that also guards exits",
        ("CAP-5", "SOL-10"),
        (Patch(supply, "validate_withdraw", _supply_cap_on_withdraw),),
    ),
    Mutant(
        "M60",
        "aTokens of a paused reserve can be transferred",
        "own: the activity table",
        ("TOK-7", "ACT-6"),
        decisions={"execute_finalize_transfer": _transfer_although_paused},
    ),
    Mutant(
        "M61",
        "a repayment of nothing is accepted",
        "own",
        ("ACT-10",),
        (
            Patch(borrow, "validate_repay", _repay_nothing_is_fine),
            Patch(VariableDebtToken, "pool_burn", _burn_or_not),
        ),
    ),
    Mutant(
        "M62",
        "more can be borrowed than was supplied, and flash loans need no supply either",
        "own: liquidity that is not the lenders'",
        ("INF-3",),
        decisions={"a_token_supply": _borrow_any_amount},
    ),
    Mutant(
        "M63",
        "an asset can be enabled as collateral without a balance",
        "own",
        ("FLG-2",),
        decisions={"execute_use_reserve_as_collateral": _collateral_although_refused},
    ),
)


PERMISSIONS = (*E_MODES, *ACTIVITY)
